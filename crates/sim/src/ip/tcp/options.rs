//! What a program may ask of its TCP sockets, before the SYN and later.

use super::super::Stack;
use super::super::calls::{no, v4};
use super::super::sockets::Sending;
use super::ends::Ends;
use super::{Entry, HEADERS, Owner};
use host::{Error, Nagle, Opt, Result, Time};
use std::net::Ipv4Addr;
use std::time::Duration;
use tcp::{Config, Connection, Keepalive};

/// What Linux takes for `TCP_MAXSEG`.
const SEGMENT_SIZES: std::ops::RangeInclusive<u16> = 88..=32_767;
/// How many connections wait to be accepted unless the program says otherwise.
const BACKLOG: u16 = 128;
/// RFC 7323 section 2.3: no window is larger than 2^30 bytes, and no buffer need be.
const MOST_BUFFERED: usize = 1 << 30;
/// The MTU towards this host itself: the longest IP packet.
const LOOPBACK_MTU: u16 = u16::MAX;

/// What the options of a new socket ask for.
#[derive(Debug, Clone)]
pub(super) struct Wishes {
    config: Config,
    pub(super) sending: Sending,
    /// The largest segment to announce, if it is to be less than what the interface allows.
    mss: Option<u16>,
    /// The port to connect from; 0: any.
    pub(super) port: u16,
    /// Whether to bind although old connections linger at the port.
    pub(super) reuse: bool,
    pub(super) backlog: usize,
    abort_on_close: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            config: Config::default(),
            // RFC 1191 section 3: all of a host's segments have DF, since that is how it finds out what fits.
            sending: Sending { dont_fragment: true, ..Sending::default() },
            mss: None,
            port: 0,
            reuse: false,
            backlog: BACKLOG.into(),
            abort_on_close: false,
        }
    }
}

impl Wishes {
    /// A connection with these manners.
    pub(super) fn entry(&self, ends: Ends, connection: Connection, owner: Owner, config: &Config) -> Entry {
        Entry {
            ends,
            connection,
            owner,
            sending: self.sending,
            answers: false,
            send_buffer: config.send_buffer,
            abort_on_close: self.abort_on_close,
            path_mtu: 0,
            trouble: None,
            wake: Time::NEVER,
            untold: vec![],
        }
    }
}

impl Stack {
    /// What these options ask for.
    pub(super) fn wishes(&self, options: &[Opt]) -> Result<Wishes> {
        let mut wishes = Wishes::default();
        options.iter().try_for_each(|option| self.wish(&mut wishes, option))?;
        Ok(wishes)
    }

    pub(super) fn wish(&self, wishes: &mut Wishes, option: &Opt) -> Result<()> {
        let config = &mut wishes.config;
        let bytes = |bytes: &u32| usize::try_from(*bytes).unwrap_or(MOST_BUFFERED).min(MOST_BUFFERED);
        match option {
            Opt::Record(on) => config.record = *on,
            Opt::NoDelay(on) => config.nagle = if *on { Nagle::Off } else { Config::default().nagle },
            Opt::Nagle(rule) => config.nagle = *rule,
            Opt::Cork(on) => config.cork = *on,
            Opt::QuickAck(on) => config.quick_acks = if *on { Config::default().quick_acks } else { 0 },
            Opt::AckDelay(delay) => config.ack_delay = *delay,
            Opt::SendBuffer(size) => config.send_buffer = bytes(size),
            Opt::RecvBuffer(size) => config.receive_buffer = bytes(size),
            Opt::UserTimeout(timeout) => config.user_timeout = *timeout,
            Opt::KeepAlive(idle) => config.keepalive = keepalive(*idle),
            Opt::KeepAliveInterval(interval) => {
                config.keepalive.iter_mut().for_each(|alive| alive.interval = *interval);
            }
            Opt::KeepAliveProbes(probes) => {
                config.keepalive.iter_mut().for_each(|alive| alive.probes = u32::from(*probes));
            }
            Opt::MaxSegment(mss) if SEGMENT_SIZES.contains(mss) => wishes.mss = Some(*mss),
            Opt::MaxSegment(mss) => {
                let (least, most) = (SEGMENT_SIZES.start(), SEGMENT_SIZES.end());
                return Err(Error::Other(format!("a segment of {mss} bytes: {least} to {most} are allowed")));
            }
            Opt::Linger(time) => wishes.abort_on_close = aborts(*time)?,
            Opt::ReuseAddress(on) => wishes.reuse = *on,
            Opt::Backlog(connections) => wishes.backlog = usize::from(*connections).max(1),
            Opt::Source(at) => {
                wishes.port = at.port();
                if !v4(at.ip())?.is_unspecified() {
                    self.set(&mut wishes.sending, option)?;
                }
            }
            Opt::Congestion(name) if name == "reno" => {}
            Opt::Congestion(name) => return no(format!("congestion control '{}', only reno", name.escape_debug())),
            Opt::FastOpen(false) | Opt::ReusePort(false) | Opt::MsgMore(false) => {}
            Opt::Ttl(_) | Opt::Tos(_) | Opt::DontFragment(_) | Opt::Interface(_) => {
                self.set(&mut wishes.sending, option)?;
            }
            _ => return no(format!("option {} for TCP sockets", option.name())),
        }
        Ok(())
    }

    /// Changes an option of a connection.
    pub(super) fn change(&self, entry: &mut Entry, option: &Opt) -> Result<()> {
        let connection = &mut entry.connection;
        match option {
            Opt::NoDelay(on) => connection.set_nagle(if *on { Nagle::Off } else { Config::default().nagle }),
            Opt::Nagle(rule) => connection.set_nagle(*rule),
            Opt::Cork(on) => connection.set_cork(*on),
            Opt::QuickAck(on) => connection.set_quick_ack(*on),
            Opt::AckDelay(delay) => connection.set_ack_delay(*delay),
            Opt::UserTimeout(timeout) => connection.set_user_timeout(*timeout),
            Opt::KeepAlive(idle) => connection.set_keepalive(keepalive(*idle)),
            Opt::Linger(time) => entry.abort_on_close = aborts(*time)?,
            Opt::Ttl(_) | Opt::Tos(_) | Opt::DontFragment(_) => self.set(&mut entry.sending, option)?,
            _ => return no(format!("option {} for TCP connections that are open", option.name())),
        }
        Ok(())
    }

    /// The manners of a connection to `peer`.
    ///
    /// RFC 9293 section 3.7.1: the segment size to announce is the MTU of the interface less the fixed headers of IP and TCP.
    pub(super) fn config_towards(&self, peer: Ipv4Addr, wishes: &Wishes) -> Config {
        let by_link = self.link_mtu(peer, wishes.sending).saturating_sub(HEADERS);
        let mss = wishes.mss.map_or(by_link, |mss| mss.min(by_link));
        Config { mss, ..wishes.config.clone() }
    }

    /// The longest packet that leaves for `peer`; 576 where no way is known, as RFC 9293 section 3.7.1 has it.
    pub(super) fn link_mtu(&self, peer: Ipv4Addr, sending: Sending) -> u16 {
        if self.is_own(peer) {
            return LOOPBACK_MTU;
        }
        let by = sending.interface.or_else(|| self.routes.lookup(peer).map(|hop| hop.interface));
        by.and_then(|by| self.interfaces.get(by)).map_or(576, |interface| interface.mtu)
    }
}

fn keepalive(idle: Option<Duration>) -> Option<Keepalive> {
    idle.map(|idle| Keepalive { idle, ..Keepalive::default() })
}

/// `SO_LINGER`: without it, closing goes on in the background; with no time at all, it breaks off. To wait for the other side is
/// for the program: half-close and read to the end.
fn aborts(linger: Option<Duration>) -> Result<bool> {
    match linger {
        None => Ok(false),
        Some(Duration::ZERO) => Ok(true),
        Some(_) => no("closing that waits; finish, then read to the end"),
    }
}
