//! `tcp-echo serve`: many connections at once, and how each ended.

pub mod engine;
mod json;
mod text;

use crate::explain::Explained;
use crate::flags::Serve;
use cli::{Failure, Output, Session, Verdict};
use engine::{End, Ended, Event, Options};
use host::{Error, Host};

/// Runs `tcp-echo serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let options = Options {
        port: flags.port,
        reads: flags.reads.and_then(|size| usize::try_from(size).ok()),
        answer: flags.answer.and_then(|size| usize::try_from(size).ok()),
        idle_timeout: flags.idle_timeout,
        abort_after: flags.abort_after,
        manners: flags.behave.manners(),
        count: flags.count,
        deadline: flags.deadline,
        lives: session.out.explains() && !flags.quiet,
    };
    let (out, quiet) = (&mut session.out, flags.quiet);
    let mut drawn = options.lives.then(Explained::new);
    let mut hear = |event: &Event| match (event, &mut drawn) {
        (Event::Stepped { peer, step }, Some(drawn)) => drawn.show(out, *peer, step),
        _ => hear(out, quiet, flags.port, event),
    };
    let summary = engine::serve(session.host, &options, &mut hear).map_err(|failure| match failure {
        Failure::Host(Error::AddressInUse(at)) => taken(session.host, at.port()),
        failure => failure,
    })?;
    match session.out.is_json() {
        true => session.out.json(&json::summary(&summary))?,
        false => session.out.line(&text::statistics(&summary))?,
    }
    if summary.ended == Ended::Idle {
        session.out.note("nothing more will happen in this network");
    }
    let wanted = u64::from(flags.count.unwrap_or(1));
    Ok(if summary.connections >= wanted { Verdict::Yes } else { Verdict::No })
}

/// Why a port is not to be had, with who may have it, where the host shows that.
fn taken(host: &mut dyn Host, port: u16) -> Failure {
    let sockets = host.tcp_sockets(port).unwrap_or_default();
    let who = sockets.first().map(|first| match (first.peer, first.user) {
        (None, Some(user)) => format!("user {user} listens at {}, and `ss -tlnp` names the program; ", first.local),
        _ => format!("nobody listens there, but a connection of it is in {}; ", first.state),
    });
    Failure::said(format!("port {port} of this host is in use already"))
        .hint(format!("{}take another one with --port", who.unwrap_or_default()))
}

/// Shows an event.
fn hear(out: &mut Output, quiet: bool, port: u16, event: &Event) -> Result<(), Failure> {
    if quiet && *event != Event::Start {
        return Ok(());
    }
    if out.is_json() {
        json::line(event, port).map_or(Ok(()), |line| out.json(&line))?;
    } else {
        text::line(event, port).map_or(Ok(()), |line| out.line(&line))?;
    }
    if let Event::Closed { end: End::Failed(Error::Reset), .. } = event {
        out.note(
            "a RST ends a connection at once: what was not read or not sent by then is lost (RFC 9293 section 3.5.2)",
        );
    }
    Ok(())
}
