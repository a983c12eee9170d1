//! What a run does, after everything was checked that can be checked before the first datagram.

use super::engine::Options;
use super::line::Way;
use crate::datagram::MOST;
use crate::flags::{ECHO, Send};
use crate::words::{About, HEADERS};
use cli::{Failure, Session};
use host::{Error, Host, Interface, Opt, Route};
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// The least interval for those who may not flood: as iputils' ping.
const LEAST_INTERVAL: Duration = Duration::from_millis(2);
/// RFC 791 section 3.1: what every host can receive, in bytes. Links that take less are rare.
const EVERYWHERE: usize = 576;
/// The longest datagram that is read whole.
const WHOLE: usize = u16::MAX as usize;

pub(crate) struct Plan {
    /// The target as it was typed, without its port, safe to print.
    pub(crate) target: String,
    pub(crate) to: SocketAddrV4,
    pub(crate) from: SocketAddrV4,
    /// Whether the socket is bound to that address, and not to the port alone.
    pub(crate) bound: bool,
    pub(crate) way: Way,
    pub(crate) options: Options,
    pub(crate) socket: Vec<Opt>,
    /// Whether datagrams leave in one piece or not at all.
    pub(crate) uncut: bool,
    pub(crate) next_hop: Option<IpAddr>,
    /// The longest packet that leaves in one piece, bytes, where the host tells.
    pub(crate) first_link: Option<usize>,
    /// Whether the count is that of a simulated run to which none was given.
    pub(crate) count_is_usual: bool,
}

impl Plan {
    pub(crate) fn of(flags: &Send, session: &mut Session<'_>) -> Result<Self, Failure> {
        let sizes = flags.sizes.0.clone();
        let is_simulated = session.probes.is_some();
        let usual = session.probes.filter(|_| flags.deadline.is_none() && sizes.len() == 1);
        // A list is sent once, unless somebody says how often.
        let list = u32::try_from(sizes.len()).ok().filter(|sizes| *sizes > 1);
        let count = flags.count.or(list).or(usual);
        let interval = interval(flags, session.privileged, count)?;
        let host = &mut *session.host;
        let (name, port) = cli::name_and_port(&flags.target, ECHO)?;
        let target = cli::ipv4_of(host, name)?;
        cli::one_host(host, target, "udp-echo")?;
        let route = host.route(target.into())?;
        let way = match flags.source {
            Some(source) => spoofed(host, source, is_simulated)?,
            None if flags.connect => Way::Connected,
            None => Way::Unconnected,
        };
        let IpAddr::V4(own) = route.source else { return Err(Error::NoRoute(route.source).into()) };
        let socket = [
            flags.reuseport.then_some(Opt::ReusePort(true)),
            flags.df.then_some(Opt::DontFragment(true)),
            flags.no_checksum.then_some(Opt::Checksum(false)),
        ];
        Ok(Self {
            target: cli::escape(name),
            to: SocketAddrV4::new(target, port),
            from: SocketAddrV4::new(flags.bind.unwrap_or(own), flags.sport.unwrap_or(0)),
            bound: flags.bind.is_some(),
            way,
            options: Options {
                count,
                interval,
                ping_pong: flags.ping_pong,
                wait: flags.wait,
                deadline: flags.deadline,
                sizes,
                buffer: flags.buffer.map_or(WHOLE, usize::from),
            },
            socket: socket.into_iter().flatten().chain(flags.told.options()).collect(),
            uncut: flags.df || flags.source.is_some(),
            next_hop: Some(route.next_hop),
            first_link: first_link(host, &route, target),
            count_is_usual: flags.count.is_none() && list.is_none() && usual.is_some(),
        })
    }

    /// What an error about a datagram with so many bytes of data is about.
    pub(crate) fn about(&self, size: usize) -> About {
        About {
            target: Some(((*self.to.ip()).into(), self.to.port())),
            own: Some((*self.from.ip()).into()),
            next_hop: self.next_hop,
            size,
        }
    }

    /// The most bytes of data that a datagram of this run has; `most`: longer ones do not count.
    pub(crate) fn longest(&self, most: usize) -> usize {
        self.options.sizes.iter().copied().filter(|size| *size <= most).max().unwrap_or(0)
    }

    /// Whether datagrams are so long that a router may drop them and not say so.
    pub(crate) fn might_vanish(&self) -> bool {
        self.uncut && self.longest(MOST) + HEADERS > EVERYWHERE
    }

    /// The fewest.
    pub(crate) fn shortest(&self) -> usize {
        self.options.sizes.iter().copied().min().unwrap_or(0)
    }
}

/// From one datagram to the next; who may not flood is told the least.
fn interval(flags: &Send, privileged: bool, count: Option<u32>) -> Result<Duration, Failure> {
    if flags.ping_pong && count.is_none() {
        return Err(Failure::said("--ping-pong never pauses, and without -c there is no last datagram")
            .hint("say how many with -c, as in `--ping-pong -c 1000`"));
    }
    // One at a time, however fast, floods nobody.
    if flags.ping_pong {
        return Ok(Duration::ZERO);
    }
    let interval = match (flags.rate, flags.interval) {
        (Some(rate), _) => Duration::from_secs(1) / rate,
        (None, interval) => interval.unwrap_or(Duration::from_secs(1)),
    };
    if interval.is_zero() && count.is_none() {
        return Err(Failure::said("-i 0 sends all at once, and without -c there is no last one")
            .hint("say how many with -c, as in `-i 0 -c 10`"));
    }
    if privileged || interval >= LEAST_INTERVAL {
        return Ok(interval);
    }
    let least = LEAST_INTERVAL.as_secs_f64();
    Err(Failure::said(format!("less than {least} s from one datagram to the next is a flood, which is for root")).hint(
        format!("`-i {least}` or `--rate 500` is allowed; in a simulated network, with `--net NAME`, any pace is"),
    ))
}

/// Whether datagrams may go under this name.
fn spoofed(host: &mut dyn Host, source: Ipv4Addr, is_simulated: bool) -> Result<Way, Failure> {
    if !is_simulated {
        return Err(Failure::said("--source sends under another host's name, and does so in simulated networks only")
            .hint(
                "add `--net NAME` (`--net list` shows them); real networks drop such datagrams where they enter, or \
                 should: RFC 2827",
            ));
    }
    let own = host.interfaces()?.into_iter().flat_map(|interface| interface.addresses);
    if own.into_iter().any(|(address, _)| address == IpAddr::V4(source)) {
        return Err(Failure::said(format!("{source} is this host's own address, which is no false name"))
            .hint("leave --source out, or give the address of another host"));
    }
    if source.is_unspecified() || source.is_loopback() || source.is_multicast() || source.is_broadcast() {
        return Err(Failure::said(format!("no host has the address {source}, so nobody would get the answers"))
            .hint("give the address of another host"));
    }
    Ok(Way::Spoofed(source))
}

/// The MTU of the interface by which datagrams leave; none for an address of this host's own, to which nothing leaves.
fn first_link(host: &mut dyn Host, route: &Route, target: Ipv4Addr) -> Option<usize> {
    if route.source == IpAddr::V4(target) {
        return None;
    }
    let interfaces = host.interfaces().ok()?;
    let mtu = |interface: &Interface| usize::try_from(interface.mtu).ok().filter(|mtu| *mtu > 0);
    interfaces.iter().find(|interface| interface.name == route.interface).and_then(mtu)
}
