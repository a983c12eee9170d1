//! Options of TCP sockets, by their names here and in the system: tcp(7), socket(7).

use crate::endpoint::{Kind, reason, target};
use crate::options::{self, lacks};
use host::{Error, Nagle, Opt, Result};
use socket2::{Socket, TcpKeepalive};
use std::net::{SocketAddr, SocketAddrV4};

/// What Linux takes for `TCP_MAXSEG`.
#[cfg(target_os = "linux")]
const SEGMENT_SIZES: std::ops::RangeInclusive<u16> = 88..=32_767;

/// Which end of a handshake a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It sends the SYN.
    Connects,
    /// It waits for SYNs.
    Listens,
}

/// What the options of a new socket ask for that the kernel is not told at once, or never.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    /// The address and port to send from.
    pub(super) source: Option<SocketAddrV4>,
    /// How many connections may wait to be accepted; `None`: as many as the system allows.
    pub(super) backlog: Option<u16>,
    /// Whether data may travel in the SYN.
    pub(super) fast_open: bool,
    /// What a connection is told once it is open. `TCP_QUICKACK` switched off before the SYN would hold back the handshake's own
    /// last ACK, and what a listener holds of these its connections do not inherit.
    pub(super) once_open: Vec<Opt>,
}

impl Wishes {
    /// Tells a new socket its options, and keeps those that come later.
    ///
    /// # Errors
    /// `Unsupported` for what a TCP socket of this system lacks, and the rest as [`set`].
    pub(super) fn tell(socket: &Socket, role: Role, options: &[Opt]) -> Result<Self> {
        let mut wishes = Self::default();
        for option in options {
            match (role, option) {
                (Role::Connects, Opt::Source(at)) => wishes.source = Some(target(Some(*at), Kind::Tcp)?),
                (Role::Listens, Opt::Backlog(connections)) => wishes.backlog = Some(*connections),
                (_, Opt::FastOpen(on)) => wishes.fast_open = *on,
                (_, Opt::QuickAck(_) | Opt::MsgMore(_) | Opt::Cork(_)) => {
                    check(option)?;
                    wishes.once_open.push(option.clone());
                }
                _ => set(socket, option)?,
            }
        }
        Ok(wishes)
    }

    /// The address to send from, for error messages.
    pub(super) fn source(&self) -> SocketAddr {
        self.source.unwrap_or(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0)).into()
    }
}

/// Whether this system has an option at all.
fn check(option: &Opt) -> Result<()> {
    match option {
        Opt::QuickAck(true) | Opt::MsgMore(true) | Opt::Cork(true) if !cfg!(target_os = "linux") => {
            lacks(Kind::Tcp, option)
        }
        _ => Ok(()),
    }
}

/// Sets one option of a TCP socket that the kernel keeps.
///
/// # Errors
/// `Unsupported` for what a TCP socket of this system lacks; `NoPermission`; a value that the kernel does not take.
pub(super) fn set(socket: &Socket, option: &Opt) -> Result<()> {
    let result = match option {
        Opt::NoDelay(on) => socket.set_tcp_nodelay(*on),
        Opt::Nagle(rule) => return nagle(socket, *rule),
        Opt::Linger(time) => socket.set_linger(*time),
        Opt::KeepAlive(None) => socket.set_keepalive(false),
        Opt::KeepAlive(Some(idle)) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(*idle)),
        Opt::Record(false) => Ok(()),
        Opt::Record(true) => return host::unsupported("record of what left when and why", "this machine"),
        #[cfg(target_os = "linux")]
        Opt::KeepAliveInterval(..)
        | Opt::KeepAliveProbes(_)
        | Opt::Cork(_)
        | Opt::QuickAck(_)
        | Opt::UserTimeout(_)
        | Opt::MaxSegment(_)
        | Opt::Congestion(_) => return linux(socket, option),
        other => return options::set(socket, Kind::Tcp, other),
    };
    told(result, option)
}

fn told(result: std::io::Result<()>, option: &Opt) -> Result<()> {
    result
        .map_err(|error| Error::Other(format!("a TCP socket does not take this {}: {}", option.name(), reason(&error))))
}

/// Options that are Linux' own, or that other systems have by halves.
#[cfg(target_os = "linux")]
fn linux(socket: &Socket, option: &Opt) -> Result<()> {
    let result = match option {
        // Switched on, these count from the socket's birth: they do not switch on the probes by themselves.
        Opt::KeepAliveInterval(time) => rustix::net::sockopt::set_tcp_keepintvl(socket, *time).map_err(Into::into),
        Opt::KeepAliveProbes(probes) => {
            rustix::net::sockopt::set_tcp_keepcnt(socket, u32::from(*probes)).map_err(Into::into)
        }
        Opt::Cork(on) => socket.set_tcp_cork(*on),
        Opt::QuickAck(on) => socket.set_tcp_quickack(*on),
        // No time at all would be the kernel's own timeout, which is none of the meanings of this option.
        Opt::UserTimeout(time) => socket.set_tcp_user_timeout(Some((*time).max(std::time::Duration::from_millis(1)))),
        Opt::MaxSegment(bytes) if !SEGMENT_SIZES.contains(bytes) => {
            let (least, most) = (SEGMENT_SIZES.start(), SEGMENT_SIZES.end());
            return Err(Error::Other(format!("a segment of {bytes} bytes: {least} to {most} are allowed")));
        }
        Opt::MaxSegment(bytes) => socket.set_tcp_mss(u32::from(*bytes)),
        Opt::Congestion(name) => return congestion(socket, name),
        other => return lacks(Kind::Tcp, other),
    };
    told(result, option)
}

/// Which rule holds small segments back.
#[cfg(target_os = "linux")]
fn nagle(socket: &Socket, rule: Nagle) -> Result<()> {
    match rule {
        Nagle::Off => told(socket.set_tcp_nodelay(true), &Opt::Nagle(rule)),
        Nagle::Minshall => told(socket.set_tcp_nodelay(false), &Opt::Nagle(rule)),
        Nagle::Rfc896 => {
            host::unsupported("rule of Nagle's but Minshall's (RFC 9293 appendix A.3), on or off", "Linux")
        }
    }
}

/// Which rule holds small segments back: whose it is that one gets for not asking, the system does not say.
#[cfg(not(target_os = "linux"))]
fn nagle(socket: &Socket, rule: Nagle) -> Result<()> {
    match rule {
        Nagle::Off => told(socket.set_tcp_nodelay(true), &Opt::Nagle(rule)),
        Nagle::Minshall | Nagle::Rfc896 => lacks(Kind::Tcp, &Opt::Nagle(rule)),
    }
}

#[cfg(target_os = "linux")]
fn congestion(socket: &Socket, name: &str) -> Result<()> {
    use crate::permission;
    use std::io::ErrorKind;
    socket.set_tcp_congestion(name.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let known = permission::setting("/proc/sys/net/ipv4/tcp_available_congestion_control");
            let what = format!("congestion control '{}', but {known}", name.escape_debug());
            Error::Unsupported { what: what.into(), world: "this machine's Linux".into() }
        }
        ErrorKind::PermissionDenied => permission::congestion_control(name),
        _ => Error::Other(format!("cannot set congestion control '{}': {}", name.escape_debug(), reason(&error))),
    })
}
