//! The third carrier: a host that is lent to a program in a process of its own.
//!
//! The program finds the line to its host at its standard input: a Unix socket that it inherits, so there is no number of a
//! descriptor to agree on and no `unsafe` on either side. `FIRSTHOP_HOST=stdin` in its environment says so. The other end, with
//! all budgets, is the crate `lend`.
//!
//! What goes over the line are messages, in turns: the program asks, the world answers, and time moves only while the program
//! waits. [`Host::now`](crate::Host::now) is no message.
//!
//! ```text
//! program to world    u32 length | u8 kind | body           kind 0 hello: u16 version
//!                                                                1 call: a `Call`
//!                                                                2 next question, please
//!                                                                3 answer: a `Value`, or why there is none
//! world to program    u32 length | u64 time | u8 kind | body     0 welcome: u8 role
//!                                                                1 reply: a `Reply`, or an `Error`
//!                                                                2 question: one, or none any more
//!                                                                3 noted
//! ```
//!
//! Numbers are little-endian; the length counts what follows it, 1 to [`MAX_MESSAGE`] bytes. The first message is hello, the last
//! one [`Call::Exit`](crate::Call::Exit), which is how a program takes its leave. How each type is written: `types` and `coding`.

mod coding;
mod message;
#[cfg(unix)]
mod program;
mod types;

pub use coding::Garbled;
pub use message::{Ask, MAX_MESSAGE, Role, Tell, VERSION, framed, length};
#[cfg(unix)]
pub use program::{Lent, on_standard_input};

/// The variable that says where a program's host is.
pub const VARIABLE: &str = "FIRSTHOP_HOST";
/// Its value for "at the other end of standard input".
pub const STDIN: &str = "stdin";
/// The most bytes that one call takes or brings: what is longer goes in several calls.
pub const MOST_BYTES: usize = 1 << 16;
