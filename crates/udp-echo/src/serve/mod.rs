//! `udp-echo serve`: several sockets at once, and which of them each datagram is for.
//!
//! The host decides whose a datagram is, by what its sockets are bound to ([`door`]); the program hears only of its
//! own. Where several sockets say the same (`--reuseport`), it chooses by a hash of the sender's address and port and
//! its own: all datagrams of a sender come to one of them. So what this shows is the host's decision, with the reason
//! that there can be for it. The order to read in: [`door`], [`engine`].

pub mod door;
pub mod engine;
mod explain;
mod json;
mod report;
mod text;

use crate::flags::Serve;
use cli::{Failure, Session, Verdict};
use host::Error;
use report::Report;

/// Runs `udp-echo serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let doors = door::doors(&flags.port.0, &flags.bind, &flags.peer, flags.reuseport);
    let options = engine::Options {
        count: flags.count,
        deadline: flags.deadline,
        buffer: flags.buffer.map_or(usize::from(u16::MAX), usize::from),
        told: flags.told.options(),
    };
    let is_simulated = session.probes.is_some();
    let mut report = Report::new(&mut session.out, flags.quiet);
    let summary = engine::serve(session.host, doors, &options, &mut |doors, event| report.hear(doors, event));
    let summary = summary.map_err(|failure| match failure {
        Failure::Host(Error::AddressInUse(at)) => Failure::said(format!(
            "port {} of this host is in use already",
            at.port()
        ))
        .hint(way_out(at.port(), is_simulated, flags.reuseport.is_some())),
        failure => failure,
    })?;
    let count = u64::from(flags.count.unwrap_or(1));
    report.finish(&summary)?;
    Ok(if summary.received >= count { Verdict::Yes } else { Verdict::No })
}

/// What to do where a port is taken.
fn way_out(port: u16, is_simulated: bool, shares: bool) -> String {
    let look = format!("`ss -lunp 'sport = :{port}'` names the program that has it");
    match (is_simulated, shares) {
        (true, _) => "take another one with --port".into(),
        (false, false) => format!("{look}; take another one with --port, or share it (--reuseport at both)"),
        (false, true) => format!("{look}; sharing it takes --reuseport at both, by one user"),
    }
}
