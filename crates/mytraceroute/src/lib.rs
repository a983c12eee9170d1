//! `mytraceroute` shows the routers on the way to a host, how far each is in time, and what keeps a packet from going on.
//!
//! ```console
//! $ mytraceroute --net routers server
//! ```
//!
//! Every router takes one from a packet's time to live, and must say so to its sender where nothing is left (RFC 791 section 3.2,
//! RFC 1812 section 5.3.1). So packets with too little of it make one router after the other speak.
//!
//! The order to read in: [`probe`] (the bytes that leave), [`answer`] (what comes back of them), [`hop`] (what silence means),
//! [`tracer`] (which probe leaves next; no socket, no clock), [`trace`] (the loop over any [`host::Host`]). Two further questions
//! have loops of their own: [`multipath`] (all ways at once) and [`mtu`] (how long a packet may be). The rest is the command line.
//!
//! Leaves out: IPv6; names of routers; source routes.

pub mod answer;
pub mod circle;
mod explain;
mod flags;
pub mod foreign;
pub mod hop;
mod json;
pub mod mtu;
pub mod multipath;
mod patience;
pub mod probe;
mod report;
pub mod sockets;
mod text;
pub mod told;
pub mod trace;
pub mod tracer;
mod words;

pub use flags::Mytraceroute;

use cli::{Failure, Session, Show, Tool, Verdict, World};
use flags::Question;
use report::Report;

impl Tool for Mytraceroute {
    const NAME: &'static str = "mytraceroute";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        self.answer(session).map_err(|failure| match failure {
            Failure::Host(host::Error::TooLong { most, .. }) => {
                failure.hint(format!("`-s {most}` fits the first link; --mtu finds what fits the whole way"))
            }
            failure => failure,
        })
    }
}

impl Mytraceroute {
    fn answer(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        let call = self.call(session)?;
        let mut report = Report::new(&mut session.out, self.target(), &call);
        let host = &mut *session.host;
        let reached = match call.question {
            Question::Way(flows) => {
                let tell = &mut |event: &trace::Event<'_>| report.hear(event);
                let trace = trace::trace(host, call.plan, &call.sending, flows, tell)?;
                let reached = report.finish(host, &trace)?;
                match trace.failed {
                    Some(error) => return Err(error.into()),
                    None => reached,
                }
            }
            Question::Ways => {
                let tell = &mut |event: &multipath::Event<'_>| report.hear_ways(event);
                let ways = multipath::trace(host, call.plan, &call.sending, tell)?;
                report.finish_ways(host, &ways)?
            }
            Question::Mtu => {
                let tell = &mut |event: &mtu::Event<'_>| report.hear_mtu(event);
                let way = mtu::trace(host, call.plan, &call.sending, tell)?;
                report.finish_mtu(host, &way)?
            }
        };
        Ok(if reached { Verdict::Yes } else { Verdict::No })
    }
}
