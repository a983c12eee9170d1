//! Tests that need something of the machine: a program, root, network namespaces.
//!
//! A test target with `harness = false` says what it needs and names its tests. Where the need is not met, each test is listed as
//! ignored with the reason in its name, so that nobody takes a skip for a success. Whoever knows that the need is met, as CI
//! does, says so in the environment (`FIRSTHOP_REQUIRE=live,tshark`), and a skip becomes a failure.
//!
//! ```no_run
//! use needs::{Failed, Net, Program, test};
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     needs::live(&["ping"]).run([test("neighbour_answers", neighbour_answers)])
//! }
//!
//! fn neighbour_answers() -> Result<(), Failed> {
//!     let net = Net::row(&["a", "b"]).build()?;
//!     net.at("a", Program::new("ping").words("-c 1 10.77.1.2")).succeed()?;
//!     Ok(())
//! }
//! ```
//!
//! Packets leave no namespace of [`Net`], and namespaces and programs end with the test that made them.

pub mod captures;
pub mod document;
pub mod nats;
mod need;
mod net;
mod program;
mod public_copy;
pub mod transcript;
pub mod tshark;

pub use libtest_mimic::Failed;
pub use need::{Need, Test, live, programs, test};
pub use net::{Net, Row};
pub use program::{Ended, Program, Running};
pub use public_copy::PublicCopy;
