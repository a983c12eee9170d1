//! What the tools of this course share at the command line.
//!
//! A tool declares its own options, embeds [`World`] (in which network it runs) and [`Show`] (how its output looks), and says in
//! [`Tool::run`] what it does. [`main`] does the rest: wrong calls in two lines, `--net list`, opening the simulated network or
//! this machine, captures, Ctrl-C, a closed pipe, exit codes.
//!
//! ```no_run
//! use cli::{Failure, Session, Show, Tool, Verdict, World};
//! use std::process::ExitCode;
//!
//! /// Say which way packets to a host would go.
//! #[derive(clap::Parser)]
//! struct Which {
//!     /// A node's name or an IPv4 address
//!     target: String,
//!     #[command(flatten)]
//!     world: World,
//!     #[command(flatten)]
//!     show: Show,
//! }
//!
//! impl Tool for Which {
//!     const NAME: &'static str = "which-way";
//!
//!     fn world(&self) -> &World {
//!         &self.world
//!     }
//!
//!     fn show(&self) -> &Show {
//!         &self.show
//!     }
//!
//!     fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
//!         let target = cli::ipv4_of(session.host, &self.target)?;
//!         let route = session.host.route(target.into())?;
//!         session.out.line(&format!("{target} over {}", cli::escape(&route.interface)))?;
//!         Ok(Verdict::Yes)
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     cli::main::<Which>()
//! }
//! ```
//!
//! # Manners
//!
//! | exit | meaning |
//! |---|---|
//! | 0 | the question was answered yes: [`Verdict::Yes`] |
//! | 1 | it ran, but no: [`Verdict::No`] |
//! | 2 | it could not run: [`Failure`] |
//! | more | it ran, but no, for a reason that somebody asked to be told: [`Verdict::Because`] |
//!
//! Standard output carries results only; `error:`, `hint:` and `note:` go to standard error. With `--json`, standard output
//! carries one JSON object a line and nothing else. With `--explain`, a tool draws what it sends and receives: [`explain`].

mod also;
mod colour;
mod escape;
pub mod explain;
mod failure;
mod fragments;
mod nearest;
mod numbers;
mod output;
mod record;
mod statistics;
mod target;
mod tool;
mod usage;
mod world;

pub use colour::{Colour, style};
pub use escape::{escape, escape_bytes};
pub use failure::{Failure, reason};
pub use fragments::fragments;
pub use nearest::nearest;
pub use numbers::{NotANumber, seconds, seconds_above_zero, whole};
pub use output::{Collected, Output, Show};
pub use sim::Kind;
pub use statistics::{RoundTrips, RttSummary, milliseconds, percent, three_digits};
pub use target::{ipv4_of, name_and_port, one_host};
pub use tool::{PROBES, PROBES_NOTE, Session, Tool, Verdict, fail, main, on_a_host};
pub use world::World;
