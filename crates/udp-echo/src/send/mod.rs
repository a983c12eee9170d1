//! `udp-echo send`: datagrams leave, and each is told what became of it.
//!
//! The order to read in: `line` (how they leave), [`engine`] (the loop), `table` (what is awaited). The rest shows it.

pub mod engine;
mod explain;
mod json;
pub mod line;
mod plan;
mod report;
mod table;
mod text;

use crate::flags::Send;
use cli::{Failure, Session, Verdict};
use host::Error;
pub(crate) use json::nanos;
use plan::Plan;
use report::Report;

/// Runs `udp-echo send`.
pub(crate) fn run(flags: &Send, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let plan = Plan::of(flags, session)?;
    let line = line::Line::open(session.host, plan.way, (plan.from, plan.to), plan.bound, &plan.socket);
    let mut line = line.map_err(|error| match error {
        Error::AddressInUse(at) => Failure::said(format!("port {} of this host is in use already", at.port()))
            .hint("take another --sport, or leave it out for one that is free"),
        error => error.into(),
    })?;
    let mut report = Report::new(&mut session.out, flags, &plan);
    let summary = engine::send(session.host, &mut line, &plan.options, &mut |line, event| report.hear(line, event))?;
    report.finish(session.host, &summary)?;
    Ok(if summary.received > 0 { Verdict::Yes } else { Verdict::No })
}
