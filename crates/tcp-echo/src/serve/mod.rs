//! `tcp-echo serve`: many connections at once, and how each ended.
//!
//! Sockets that share a port (`SO_REUSEPORT`) are workers, each with a queue of its own. What happens when one joins or leaves is
//! seen with two terminals, and a client that comes from the same ports again and again:
//!
//! ```console
//! $ tcp-echo serve --port 7007 --reuseport 2
//! $ tcp-echo serve --port 7007 --reuseport 1
//! ```
//!
//! From the second one's start on, it has a third of all pairs of ends, and half of them have another worker than before; once it
//! has gone, all are back where they were. What waits in the queue of one that is killed is broken off (RST); on Ctrl-C it is
//! accepted, echoed and closed (FIN).
//!
//! The order to read in: `connection` (one of them: what came is sent back), [`engine`] (all of them in one loop), `threads`
//! (several such loops at one port), `reach` (who can get there, and who is there already). The rest shows it.

mod connection;
pub mod engine;
pub(crate) mod flags;
mod json;
mod reach;
mod text;
mod threads;

use crate::explain::Explained;
use crate::flags::Serve;
use cli::{Failure, Output, Session, Verdict};
use engine::{End, Ended, Event, Options};
use host::Error;
use text::Sharing;

/// Runs `tcp-echo serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let lives = session.out.explains() && !flags.quiet;
    let options = flags::options(flags, lives)?;
    let sharing = match (flags.listening.threads, flags.listening.reuseport) {
        (Some(threads), _) => Sharing::Threads(threads.into()),
        (None, Some(sockets)) => Sharing::Sockets(sockets.into()),
        (None, None) => Sharing::None,
    };
    if flags.listening.threads.is_some() && session.probes.is_some() {
        return Err(Failure::said("in a simulated network a program is one thread")
            .hint("--threads is for this machine, without --net"));
    }
    let (out, quiet) = (&mut session.out, flags.quiet);
    let mut drawn = lives.then(|| Explained::new(session.probes.is_some()));
    let mut hear = |event: &Event| match (event, &mut drawn) {
        (Event::Stepped { peer, step }, Some(drawn)) => drawn.show(out, *peer, step),
        _ => hear(out, quiet, (&options, sharing), event),
    };
    let summary = match sharing {
        Sharing::Threads(threads) => threads::serve(session.host, threads, &options, &mut hear),
        Sharing::None | Sharing::Sockets(_) => engine::serve(session.host, &options, &mut hear),
    };
    let summary = summary.map_err(|failure| match failure {
        Failure::Host(Error::AddressInUse(_)) => reach::taken(session.host, &options),
        Failure::Host(error) => reach::not_opened(error, session.host, &options),
        failure => failure,
    })?;
    match session.out.is_json() {
        true => session.out.json(&json::summary(&summary))?,
        false => session.out.line(&text::statistics(&summary, sharing))?,
    }
    if sharing.workers() > 1 && summary.connections() > 0 {
        session.out.note(
            "the kernel chooses by a hash of both addresses and both ports: a pair of them always goes to the same worker, until \
             one joins or leaves",
        );
    }
    if summary.ended == Ended::Idle {
        session.out.note("nothing more will happen in this network");
    }
    let wanted = u64::from(flags.count.unwrap_or(1));
    Ok(if summary.connections() >= wanted { Verdict::Yes } else { Verdict::No })
}

/// Shows an event.
fn hear(out: &mut Output, quiet: bool, of: (&Options, Sharing), event: &Event) -> Result<(), Failure> {
    if quiet && *event != Event::Start {
        return Ok(());
    }
    let (options, sharing) = of;
    if out.is_json() {
        json::line(event, options, sharing).map_or(Ok(()), |line| out.json(&line))?;
    } else {
        text::line(event, options, sharing).map_or(Ok(()), |line| out.line(&line))?;
    }
    if let Event::Closed { end: End::Failed(Error::Reset), .. } = event {
        out.note(
            "a RST ends a connection at once: what was not read or not sent by then is lost (RFC 9293 section 3.5.2)",
        );
    }
    Ok(())
}
