//! A handshake that this side begins, and what may end it.
//!
//! Obeys RFC 9293 section 3.5. RFC 5461 section 4.1: an ICMP error ends a connection that is not established yet, as Linux does
//! it, and not one that is.

use super::options::{Role, Wishes};
use super::stream::Stream;
use super::{Handle, cannot, open};
use crate::endpoint::{Kind, reason, target};
use crate::kernel::Kernel;
use crate::permission;
use host::{Error, IcmpError, Opt, Result, Time};
use rustix::event::PollFlags;
use rustix::io::Errno;
use socket2::Socket;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use wire::icmp::UNREACHABLE;

/// Opens a connection to `to`.
///
/// With [`Opt::FastOpen`] and a cookie of that peer, nothing has been sent when this returns: the first write is what leaves in
/// the SYN.
///
/// # Errors
/// `Refused`, `Unreachable`, `TimedOut` and `Reset`, as the handshake ended; `NoRoute` and `AddressInUse` if it could not begin;
/// those of the options.
pub(crate) fn connect(kernel: &Rc<Kernel>, to: SocketAddr, options: &[Opt], until: Time) -> Result<Stream> {
    let at = target(Some(to), Kind::Tcp)?;
    let socket = open()?;
    let wishes = Wishes::tell(&socket, Role::Connects, options)?;
    if wishes.fast_open {
        fast_open(&socket)?;
    }
    if let Some(source) = wishes.source {
        port_at_connect(&socket);
        socket.bind(&source.into()).map_err(|error| no_source(&error, source.into()))?;
    }
    let handle = Handle::new(kernel, socket);
    match handle.socket.connect(&at.into()) {
        Ok(()) => {}
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INPROGRESS) => {
            if !handle.wait(PollFlags::OUT, until)? {
                return Err(Error::TimedOut);
            }
            let ended = handle.socket.take_error().map_err(|error| cannot("look at", &error))?;
            if let Some(error) = ended {
                return Err(end_of_handshake(&error, icmp_error(&handle), to));
            }
        }
        Err(error) => return Err(no_beginning(&error, to, &wishes)),
    }
    let mut stream = Stream::new(handle, to, true);
    stream.settle(&wishes)?;
    Ok(stream)
}

/// Data in the SYN, with `connect` and `write` as they are: tcp(7), `TCP_FASTOPEN_CONNECT`.
#[cfg(target_os = "linux")]
fn fast_open(socket: &Socket) -> Result<()> {
    crate::message::set(socket, libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT, 1).map_err(|error| {
        Error::Other(match Errno::from_io_error(&error) {
            Some(Errno::OPNOTSUPP) => "Fast Open is switched off for connections that this machine opens: \
                                       net.ipv4.tcp_fastopen has no bit 1 (1 lets clients, 2 servers, 3 both)"
                .into(),
            _ => format!("cannot set TCP_FASTOPEN_CONNECT: {}", reason(&error)),
        })
    })
}

#[cfg(not(target_os = "linux"))]
fn fast_open(_: &Socket) -> Result<()> {
    crate::options::lacks(Kind::Tcp, &Opt::FastOpen(true))
}

/// Lets the port be chosen when the peer is known: ip(7), `IP_BIND_ADDRESS_NO_PORT`. Else each connection from a given address
/// takes a port away from all others. Where the system has no such thing, that is how it is.
fn port_at_connect(socket: &Socket) {
    #[cfg(target_os = "linux")]
    let _ = crate::message::set(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1);
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

/// The ICMP error that ended the handshake, if one did.
///
/// Linux queues it for whoever asks, from 5.9 on. `IP_RECVERR`, which other sockets need for that, is not set: it would let such
/// an error end the connection later too.
#[cfg(target_os = "linux")]
fn icmp_error(handle: &Handle) -> Option<IcmpError> {
    let mut buffer = handle.kernel.buffer.borrow_mut();
    let flags = libc::MSG_DONTWAIT | libc::MSG_ERRQUEUE;
    let received = crate::received::receive(&handle.socket, flags, &mut buffer).ok()?;
    received.error?.meaning(|| match handle.local().ip() {
        std::net::IpAddr::V4(own) => Some(own),
        std::net::IpAddr::V6(_) => None,
    })
}

#[cfg(not(target_os = "linux"))]
fn icmp_error(_: &Handle) -> Option<IcmpError> {
    None
}

/// How a handshake ended, by the socket's error and the ICMP error behind it.
fn end_of_handshake(error: &io::Error, icmp: Option<IcmpError>, to: SocketAddr) -> Error {
    match (Errno::from_io_error(error), icmp) {
        (_, Some(IcmpError { by, kind: UNREACHABLE, code, .. })) => Error::Unreachable { by: Some(by), code },
        (_, Some(IcmpError { by, kind, code, .. })) => {
            Error::Other(format!("{by} answers our SYN to {to} with an ICMP error of type {kind} code {code}"))
        }
        (Some(error), None) => broken(error).unwrap_or_else(|| refusal(error, to)),
        (None, None) => Error::Other(format!("cannot connect to {to}: {}", reason(error))),
    }
}

/// What ended a connection, or an attempt at one, if the network did.
pub(super) fn broken(error: Errno) -> Option<Error> {
    Some(match error {
        Errno::CONNREFUSED => Error::Refused,
        Errno::CONNRESET | Errno::PIPE => Error::Reset,
        Errno::TIMEDOUT => Error::TimedOut,
        Errno::NETUNREACH => Error::Unreachable { by: None, code: 0 },
        Errno::HOSTUNREACH => Error::Unreachable { by: None, code: 1 },
        _ => return None,
    })
}

/// Why a handshake did not even begin.
fn no_beginning(error: &io::Error, to: SocketAddr, wishes: &Wishes) -> Error {
    match Errno::from_io_error(error) {
        // A route of type "blackhole" is an invalid argument to it.
        Some(Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::INVAL) => Error::NoRoute(to.ip()),
        Some(Errno::ADDRINUSE) => Error::AddressInUse(wishes.source()),
        // Ports too: 65,535 towards one port of one peer at the most, and for those that are chosen by the system far fewer.
        Some(Errno::ADDRNOTAVAIL) if wishes.source().port() == 0 => {
            Error::Other(format!("cannot connect to {to}: no port is free{}", port_range()))
        }
        Some(Errno::ADDRNOTAVAIL) => Error::AddressInUse(wishes.source()),
        Some(error) => broken(error).unwrap_or_else(|| refusal(error, to)),
        None => Error::Other(format!("cannot connect to {to}: {}", reason(error))),
    }
}

fn refusal(error: Errno, to: SocketAddr) -> Error {
    Error::Other(match error {
        Errno::ACCESS => {
            format!("cannot connect to {to}: it is a broadcast address, or a route of this machine forbids it")
        }
        Errno::PERM => format!("cannot connect to {to}: a firewall of this machine forbids it"),
        error => format!("cannot connect to {to}: {}", reason(&error.into())),
    })
}

#[cfg(target_os = "linux")]
fn port_range() -> String {
    let range = permission::setting("/proc/sys/net/ipv4/ip_local_port_range");
    format!(" of those that the sysctl net.ipv4.ip_local_port_range allows, {range}")
}

#[cfg(not(target_os = "linux"))]
fn port_range() -> String {
    String::new()
}

/// Why a socket cannot send from `source`.
pub(super) fn no_source(error: &io::Error, source: SocketAddr) -> Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => Error::AddressInUse(source),
        io::ErrorKind::AddrNotAvailable => Error::Other(format!("{} is no address of this machine", source.ip())),
        io::ErrorKind::PermissionDenied => permission::bind_port(source.port()),
        _ => cannot("bind", error),
    }
}
