//! For who writes labs: a new one, and how much the checks of a lab notice.
//!
//! | to read | is |
//! |---|---|
//! | `new` | a lab from a template |
//! | `mutants` | small changes to a solution, one at a time |
//! | `notes` | those that no check notices, and why that is right |

pub(crate) mod mutants;
pub(crate) mod new;
pub(crate) mod notes;
