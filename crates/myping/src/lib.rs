//! `myping` asks a host by ICMP echo whether it is there, and tells what became of each request.
//!
//! ```console
//! $ myping --net routers -c 3 server
//! ```
//!
//! Obeys RFC 792 page 14 (echo), RFC 1122 section 3.2.2.6 (what a reply must return) and sections 3.2.2.1 and 3.2.2.4 (errors),
//! RFC 1812 section 5.2.7.1 (what routers mean by them).
//!
//! The order to read in: [`request`] (the bytes that leave), [`answer`] (whether a message that comes is ours), [`engine`] (the
//! loop between them, over any [`host::Host`]). The rest is the command line: flags, lines of text or JSON, errors in words.
//!
//! Leaves out: IPv6; several targets; groups and broadcast; IP options (record route, timestamps).

pub mod answer;
pub mod engine;
mod explain;
mod flags;
mod json;
mod report;
pub mod request;
mod table;
mod text;
mod words;

pub use flags::Myping;

use cli::{Failure, Session, Show, Tool, Verdict, World};
use report::{Report, Style};
use std::io::{self, IsTerminal};

impl Tool for Myping {
    const NAME: &'static str = "myping";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        let plan = self.plan(session)?;
        // Dots that are taken back are for people who watch, and in a simulated run there is nothing to watch.
        let watched = session.probes.is_none() && io::stdout().is_terminal();
        let style = match session.out.is_json() {
            _ if self.quiet => Style::Quiet,
            _ if self.show.explains() => Style::Lines,
            true => Style::Lines,
            false if self.flood && watched => Style::Dots,
            false if self.flood => Style::Quiet,
            false => Style::Lines,
        };
        let mut report = Report::new(&mut session.out, self, style, &plan);
        let summary = engine::ping(session.host, plan.target, &plan.options, &mut |event| report.hear(event))?;
        report.finish(session.host, &summary)?;
        let enough = match (plan.options.deadline, plan.options.count) {
            (Some(_), Some(count)) => summary.received >= count,
            _ => summary.received > 0,
        };
        Ok(if enough { Verdict::Yes } else { Verdict::No })
    }
}
