//! The heart of `serve`: waits for all clients at once.

use super::connection::{End, Open, Served};
use crate::secrets::Collector;
use host::{Error, Host, Interest, Opt, Result, Time};
use rustls::{ServerConfig, ServerConnection};
use seeded_tls::Session;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

/// So many clients are served at once; the next ones wait in the host's queue.
const MOST_OPEN: usize = 64;

/// How to serve, and how long.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// Where.
    pub(super) at: SocketAddrV4,
    /// How long a client has, from its first byte to its last.
    pub(super) timeout: Duration,
    /// After how many clients to end; `None`: never.
    pub(super) count: Option<u32>,
    /// When to end, after the start.
    pub(super) deadline: Option<Duration>,
}

/// Why the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// So many clients came.
    Count,
    /// Its time was over.
    Deadline,
    /// Ctrl-C; in a network of several programs, the end of the first one.
    Interrupted,
    /// Nothing will happen any more in this simulated network.
    Idle,
}

/// What happened.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// The socket is open.
    Start,
    /// A client came, and has gone.
    Served(&'a Served),
}

/// Listens, serves whoever comes, and tells of it.
///
/// # Errors
/// What the host says of the socket, and what `tell` fails with. What becomes of single clients is nobody's failure.
pub(super) fn serve<E: From<Error>>(
    host: &mut dyn Host,
    config: &ServerConfig,
    options: &Options,
    tell: &mut dyn FnMut(&Event<'_>) -> std::result::Result<(), E>,
) -> std::result::Result<(Ended, Duration), E> {
    // Connections that this side closed first linger here (TIME-WAIT) and must not keep the next run away.
    let mut listener = host.listen_tcp(options.at.into(), &[Opt::ReuseAddress(true)])?;
    let start = host.now();
    tell(&Event::Start)?;
    let until = options.deadline.map_or(Time::NEVER, |deadline| start + deadline);
    let most = options.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
    let (mut open, mut accepted): (Vec<Open>, usize) = (vec![], 0);
    let ended = loop {
        if accepted >= most && open.is_empty() {
            break Ended::Count;
        }
        let may_accept = open.len() < MOST_OPEN && accepted < most;
        let mut interests: Vec<Interest> = open.iter().map(Open::interest).collect();
        interests.extend(may_accept.then(|| Interest::read(listener.id())));
        let first = open.iter().map(|open| open.until).min().unwrap_or(Time::NEVER);
        let ready = match host.wait(&interests, until.min(first)) {
            Ok(ready) => ready,
            Err(Error::Interrupted) => break Ended::Interrupted,
            Err(Error::Idle) => break Ended::Idle,
            Err(error) => return Err(error.into()),
        };
        let now = host.now();
        for index in ready {
            if let Some(open) = open.get_mut(index) {
                open.turn(now);
            } else if let Some(stream) = accept(&mut *listener, now)? {
                accepted += 1;
                let secrets = Arc::new(Collector::default());
                let end = end(host, now, config, Arc::<Collector>::clone(&secrets))?;
                open.push(Open::new(stream, end, secrets, now + options.timeout));
            }
        }
        for late in open.iter_mut().filter(|open| !open.is_over && open.until <= now) {
            late.time_out();
        }
        for over in open.extract_if(.., |open| open.is_over) {
            tell(&Event::Served(&over.served))?;
        }
        if now >= until {
            break Ended::Deadline;
        }
    };
    for mut rest in open {
        rest.time_out();
        tell(&Event::Served(&rest.served))?;
    }
    Ok((ended, host.now() - start))
}

fn accept(listener: &mut dyn host::Listener, now: Time) -> Result<Option<Box<dyn host::Stream>>> {
    match listener.accept(now) {
        // It may be said to be ready for who has gone already.
        Err(Error::Interrupted | Error::Idle | Error::Gone | Error::Reset) => Ok(None),
        other => other,
    }
}

/// A server's end of a connection, with chance from where this host has it. Its secrets are told apart from those of others.
fn end(host: &mut dyn Host, now: Time, config: &ServerConfig, secrets: Arc<Collector>) -> Result<End> {
    let mut config = config.clone();
    config.key_log = secrets;
    let config = Arc::new(config);
    let failed = |error: rustls::Error| Error::Other(error.to_string());
    Ok(match host.seed() {
        Some(seed) => End::Seeded(Box::new(Session::server(&seed, now, config).map_err(failed)?)),
        None => End::Live(Box::new(ServerConnection::new(config).map_err(failed)?.into())),
    })
}
