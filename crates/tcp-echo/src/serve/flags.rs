//! The command line of `serve`: where it listens, and how many it serves.

use super::engine::{Listening, Options};
use crate::flags::Serve;
use cli::Failure;
use host::Opt;
use std::net::Ipv4Addr;

const LISTENING: &str = "Where it listens";
const LIMITS: &str = "Limits";

/// So many connections are open at once, unless told otherwise.
const MOST_CONNECTIONS: u32 = 10_000;
/// More sockets at one port than this are no experiment that somebody wanted.
const MOST_WORKERS: u16 = 1024;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Listen {
    /// Only at this address of the host: 127.0.0.1 is reached from this host
    /// alone, 0.0.0.0 is all addresses [default: 0.0.0.0]
    #[arg(long, value_name = "ADDRESS", help_heading = LISTENING, default_value = "0.0.0.0", hide_default_value = true,
          value_parser = address)]
    pub(crate) bind: Ipv4Addr,
    /// Share the port (`SO_REUSEPORT`): so many sockets of this program listen
    /// at it, and other programs of this user may join
    #[arg(long, value_name = "N", help_heading = LISTENING, value_parser = cli::whole(1..=MOST_WORKERS))]
    pub(crate) reuseport: Option<u16>,
    /// So many threads, each with a socket of its own that shares the port
    #[arg(long, value_name = "N", help_heading = LISTENING, conflicts_with_all = ["reuseport", "count"],
          value_parser = cli::whole(1..=MOST_WORKERS))]
    pub(crate) threads: Option<u16>,
    /// Let so many connections wait to be accepted [default: as many as the
    /// host lets]
    #[arg(long, value_name = "N", help_heading = LISTENING, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) backlog: Option<u16>,

    /// Have so many connections open at once; the next ones wait to be accepted
    #[arg(long, value_name = "N", help_heading = LIMITS, default_value_t = MOST_CONNECTIONS,
          value_parser = cli::whole(1..=1_000_000_u32))]
    pub(crate) max_connections: u32,
}

/// What is asked for.
pub(crate) fn options(flags: &Serve, lives: bool) -> Result<Options, Failure> {
    let Listen { bind, reuseport, threads, backlog, max_connections } = flags.listening;
    let threads = usize::from(threads.unwrap_or(1));
    let most = usize::try_from(max_connections).unwrap_or(usize::MAX);
    if most < threads {
        let error = format!("{threads} threads cannot have {most} connections open at once");
        return Err(Failure::said(error).hint("each has one at least: raise --max-connections"));
    }
    let shares = reuseport.is_some() || flags.listening.threads.is_some();
    let told = [shares.then_some(Opt::ReusePort(true)), backlog.map(Opt::Backlog)];
    Ok(Options {
        port: flags.port,
        listening: Listening {
            address: bind,
            workers: usize::from(reuseport.unwrap_or(1)),
            options: told.into_iter().flatten().collect(),
            most: most / threads,
        },
        reads: flags.reads.and_then(|size| usize::try_from(size).ok()),
        answer: flags.answer.and_then(|size| usize::try_from(size).ok()),
        idle_timeout: flags.idle_timeout,
        abort_after: flags.abort_after,
        manners: flags.behave.manners(),
        count: flags.count,
        deadline: flags.deadline,
        lives,
    })
}

/// An IPv4 address.
fn address(text: &str) -> Result<Ipv4Addr, cli::NotANumber> {
    text.parse().map_err(|_| cli::NotANumber {
        sentence: format!("takes an IPv4 address, as in 127.0.0.1, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}
