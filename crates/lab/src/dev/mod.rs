//! For who writes labs: how much the checks of a lab notice.
//!
//! | to read | is |
//! |---|---|
//! | `mutants` | small changes to a solution, one at a time |
//! | `notes` | those that no check notices, and why that is right |

pub(crate) mod mutants;
pub(crate) mod notes;
