//! Lends a host to a program in a process of its own: the world's end of [`host::lent`].
//!
//! A learner's program, or another tool in the same run, is started with one end of a socket pair as its standard input. What it
//! asks there goes to a [`host::Carrier`] — a node of a simulated network, or this machine — and the answers go back, in turns.
//! Whatever the program does, [`serve()`] comes to an end, by one of the budgets in [`Budget`], and says which in [`End`].
//!
//! ```text
//!             stdin: the line          call              a node
//!   program ───────────────────► serve ─────► Carrier ─► of a network
//!             stdout, stderr       │ budgets
//!           ───────────────────►   └► End
//! ```
//!
//! **What it printed comes before what it asks next.** Each time a message comes in, the pipes are emptied first. So the lines of
//! several programs in one run have one order, the same every time.
//!
//! The clock of the machine is read here for two budgets only, silence and wall clock; nothing of it reaches the program.

mod budget;
mod end;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod serve;
mod stream;

pub use budget::Budget;
pub use end::{End, Limit};
#[cfg(unix)]
pub use process::Start;
#[cfg(unix)]
pub use serve::{Ended, Examiner, Work, serve};
pub use stream::Stream;
