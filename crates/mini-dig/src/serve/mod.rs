//! `mini-dig serve`: name servers of one's own, at which any client can be pointed.
//!
//! Without a zone file they are those of the simulated network `names`, each at an address of the loopback: the root, two
//! top-level domains, and the servers of zones below, so that a walk from the root down can be watched on this machine, by
//! this program or by another.
//!
//! ```console
//! $ mini-dig serve
//! $ mini-dig @127.53.0.1 -p 5300 www.example.com +trace
//! $ dig @127.53.0.1 -p 5300 www.example.com
//! ```
//!
//! What a server answers is `names::Server`'s to say. Obeys RFC 1035 section 4.2 (datagrams, and messages behind their lengths
//! in a stream), RFC 7766 section 6 (connections that stay open, and end when they are idle).
//!
//! The order to read in: `twin` (the servers of a network at other addresses), `files` (zone files), `engine` (one loop
//! over all sockets), `connection` (questions in a stream). The rest is flags, lines of text and JSON.
//!
//! Leaves out: transfers, updates, signing; IPv6.

mod connection;
pub mod engine;
mod files;
pub(crate) mod flags;
mod json;
mod text;
mod twin;

use cli::{Failure, Output, Session, Verdict};
use engine::{Door, Ended, Event, Options};
use flags::Serve;
use host::Error;

/// Runs `mini-dig serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    if session.out.explains() {
        return Err(
            Failure::said("serve does not draw messages").hint("the one who asks does: mini-dig @SERVER NAME -e")
        );
    }
    let is_simulated = session.probes.is_some();
    if flags.zones.is_empty() && is_simulated {
        return Err(Failure::said("no zone to serve in this network, which has name servers of its own").hint(
            "name a zone file, or leave --net out: the servers of the network 'names' are then at addresses of this machine",
        ));
    }
    let of_files = [("--bind", flags.bind.is_some()), ("--origin", flags.origin.is_some())];
    if let Some((option, _)) = of_files.into_iter().find(|(_, given)| *given && flags.zones.is_empty()) {
        return Err(Failure::said(format!("{option} is for zone files, and none is named"))
            .hint("name one, as in mini-dig serve example.com.zone"));
    }
    let (doors, twin) = match flags.zones.is_empty() {
        true => twin::doors(flags.port)?,
        false => (files::doors(flags, is_simulated)?, vec![]),
    };
    let options = Options {
        most: usize::try_from(flags.max_connections).unwrap_or(usize::MAX),
        idle_timeout: flags.idle_timeout,
        count: flags.count,
        deadline: flags.deadline,
    };
    let (out, quiet) = (&mut session.out, flags.quiet);
    let summary = engine::serve(session.host, &doors, &options, &mut |event| match event {
        Event::Start => started(out, &doors, &twin, is_simulated),
        _ if quiet => Ok(()),
        event => hear(out, &doors, event),
    });
    let summary = summary.map_err(|failure| not_opened(failure, flags, is_simulated))?;
    match session.out.is_json() {
        true => session.out.json(&json::summary(&summary))?,
        false => session.out.line(&text::statistics(&summary, &doors))?,
    }
    if summary.ended == Ended::Idle {
        session.out.note("nothing more will happen in this network");
    }
    let wanted = u64::from(flags.count.unwrap_or(1));
    Ok(if summary.queries() >= wanted { Verdict::Yes } else { Verdict::No })
}

/// Says who is where.
fn started(out: &mut Output, doors: &[Door], twin: &[twin::Changed], is_simulated: bool) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&json::start(doors));
    }
    // In a simulated network there is no other terminal.
    let to_try = if is_simulated { vec![] } else { text::to_try(doors, !twin.is_empty()) };
    text::start(doors, twin).iter().chain(&to_try).try_for_each(|line| out.line(line))?;
    out.line("")?;
    out.flush()
}

fn hear(out: &mut Output, doors: &[Door], event: &Event<'_>) -> Result<(), Failure> {
    if out.is_json() {
        return json::line(event, doors).map_or(Ok(()), |line| out.json(&line));
    }
    text::line(event, doors).map_or(Ok(()), |line| out.line(&line))
}

/// What to do where a port or an address is not to be had.
fn not_opened(failure: Failure, flags: &Serve, is_simulated: bool) -> Failure {
    match failure {
        Failure::Host(Error::AddressInUse(at)) => {
            let said = Failure::said(format!("{at} is in use already"));
            let port = at.port();
            match is_simulated {
                true => said.hint("take another port with -p"),
                false => said.hint(format!(
                    "`ss -lntup 'sport = :{port}'` names the program that has it; take another port with -p"
                )),
            }
        }
        Failure::Host(error @ Error::NoPermission { .. }) if flags.port < 1024 => {
            Failure::Host(error).hint("take a port from 1024 on with -p, as in -p 5300, or run it as root")
        }
        // Linux has all of 127.0.0.0/8 at once, other systems 127.0.0.1 alone.
        Failure::Host(error @ Error::Other(_)) if flags.zones.is_empty() => Failure::Host(error).hint(
            "give this machine the addresses 127.53.0.1 to 127.53.0.7, as in `ifconfig lo0 alias 127.53.0.1`, or serve a zone \
             file of your own at --bind 127.0.0.1",
        ),
        Failure::Host(error @ Error::Other(_)) => {
            Failure::Host(error).hint("--bind, or what stands before a file, is an address of this host")
        }
        failure => failure,
    }
}
