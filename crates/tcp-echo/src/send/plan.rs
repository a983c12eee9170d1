//! What a run does, after everything was checked that can be checked before the first segment.

use super::engine::Options;
use crate::flags::{ECHO, Send};
use cli::{Failure, Session};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

pub(crate) struct Plan {
    /// The target as it was typed, without its port, safe to print.
    pub(crate) target: String,
    pub(crate) to: SocketAddr,
    /// The address that it leaves with.
    pub(crate) own: IpAddr,
    pub(crate) options: Options,
    /// Whether the states of both ends are shown at the end.
    pub(crate) draws_states: bool,
    /// Whether the network is a simulated one.
    pub(crate) is_simulated: bool,
    /// Whether the count is that of a simulated run to which none was given.
    pub(crate) count_is_usual: bool,
}

impl Plan {
    pub(crate) fn of(flags: &Send, session: &mut Session<'_>) -> Result<Self, Failure> {
        let usual = session.probes.filter(|_| flags.deadline.is_none());
        let count = flags.count.or(usual);
        if flags.half_close && count.is_none() {
            return Err(Failure::said(
                "--half-close closes behind the last request, and without -c there is no last one",
            )
            .hint("say how many with -c, as in `--half-close -c 1`"));
        }
        let (name, port) = cli::name_and_port(&flags.target, ECHO)?;
        let target = cli::ipv4_of(session.host, name)?;
        cli::one_host(session.host, target, "tcp-echo")?;
        let own = flags.bind.map_or(session.host.route(target.into())?.source, IpAddr::from);
        Ok(Self {
            own,
            target: cli::escape(name),
            to: SocketAddr::from((target, port)),
            options: Options {
                writes: flags.writes.0.clone(),
                count,
                interval: flags.interval.unwrap_or(Duration::from_secs(1)),
                wait: flags.wait,
                deadline: flags.deadline,
                source: SocketAddr::from((flags.bind.unwrap_or(Ipv4Addr::UNSPECIFIED), flags.sport.unwrap_or(0))),
                half_close: flags.half_close,
                abort: flags.abort,
                manners: flags.manners(),
                msg_more: flags.msg_more,
                asks_why: !flags.quiet,
                states: flags.states || session.out.explains(),
            },
            draws_states: flags.states,
            is_simulated: session.probes.is_some(),
            count_is_usual: flags.count.is_none() && usual.is_some(),
        })
    }
}
