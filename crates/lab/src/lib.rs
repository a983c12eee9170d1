//! The course runner: `cargo lab`.
//!
//! A lab is a folder in `labs/`: a file that the learner writes, a program that is handed out around it, and a `lab.toml` with the
//! checks. `cargo lab check 03` builds that program, runs it in a process of its own on a host that is lent to it, and compares
//! what it answers and tells with what is right; the first difference is shown field by field.
//!
//! | to read | is |
//! |---|---|
//! | `lab`, `curriculum`, `checkout` | what a lab is, and where |
//! | `workshop` | from a learner's file to a program |
//! | `boxed` | the box it runs in |
//! | `check` | putting it to the test |
//! | `grade` | the same for a class: submissions, compiler in a box, results |
//! | `subjects` | what each lab is asked, and the right answers |
//! | `progress` | what was done so far, in one file |
//! | `handout` | a copy for a class, without solutions |
//! | `dev` | for authors: new labs, mutants of solutions, and notes on them |
//! | `commands` | the command line |
//!
//! Nothing that decides is ever in the learner's process: it gets questions and packets, and gives answers and packets.
//!
//! Leaves out: systems without Unix sockets.

#![cfg(unix)]

mod boxed;
mod check;
mod checkout;
mod commands;
mod curriculum;
mod dev;
mod fail;
mod grade;
mod handout;
mod lab;
mod progress;
mod subjects;
mod workshop;

pub use boxed::{Layers, enter_if_asked};
pub use check::{Judged, Outcome, Report, judge};
pub use checkout::Checkout;
pub use commands::{main, test};
pub use lab::Lab;
pub use workshop::{NotBuilt, Workshop};
