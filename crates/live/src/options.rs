//! Options of sockets, by their names here and in the system.

use crate::endpoint::Kind;
use crate::message;
use host::{Error, Opt, Result};
use socket2::Socket;
use std::io;

/// Makes a socket tell what it knows of each message: arrival time, TTL, ICMP errors.
///
/// Linux begins to stamp packets a moment after the first socket asked for it. What arrives before that is stamped when it
/// is read.
#[cfg(target_os = "linux")]
pub(crate) fn tell_all(socket: &Socket, kind: Kind) -> io::Result<()> {
    message::set(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
    if kind.queues_errors() {
        message::set(socket, libc::IPPROTO_IP, libc::IP_RECVERR, 1)?;
    }
    // To the others the TTL comes in the IP header if at all, and saying it twice would take a hundredth of a flood's time.
    if matches!(kind, Kind::Udp | Kind::Ping { identifier: None }) {
        message::set(socket, libc::IPPROTO_IP, libc::IP_RECVTTL, 1)?;
    }
    Ok(())
}

/// Makes a socket tell what it knows of each message: arrival time and TTL.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tell_all(socket: &Socket, _: Kind) -> io::Result<()> {
    message::set(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMP, 1)?;
    message::set(socket, libc::IPPROTO_IP, libc::IP_RECVTTL, 1)
}

/// socket(7) does not tell of it, and libc has it for one system only; RFC 1122 section 4.1.3.4 lets a program choose.
#[cfg(target_os = "linux")]
const SO_NO_CHECK: libc::c_int = 11;

/// Sets one option of an open socket.
///
/// # Errors
/// `Unsupported` for what a socket of this kind lacks; the rest as the options say.
pub(crate) fn set(socket: &Socket, kind: Kind, option: &Opt) -> Result<()> {
    let result = match (kind, option) {
        (_, Opt::RecvBuffer(bytes)) => socket.set_recv_buffer_size(size(*bytes)),
        (_, Opt::SendBuffer(bytes)) => socket.set_send_buffer_size(size(*bytes)),
        #[cfg(target_os = "linux")]
        (Kind::Link, Opt::Outgoing(on)) => {
            message::set(socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, i32::from(!*on))
        }
        // A link socket is one interface's, and what a raw socket sends says the rest in its own header.
        #[cfg(target_os = "linux")]
        (Kind::Link, _) => return lacks(kind, option),
        #[cfg(target_os = "linux")]
        (_, Opt::Interface(name)) => return bind_to(socket, name),
        #[cfg(target_os = "linux")]
        (Kind::Raw, _) => return lacks(kind, option),
        // To set that for groups too is an error for TCP, which has none.
        (Kind::Tcp, Opt::Ttl(ttl)) => socket.set_ttl_v4(u32::from(*ttl)),
        (_, Opt::Ttl(ttl)) => {
            socket.set_ttl_v4(u32::from(*ttl)).and_then(|()| socket.set_multicast_ttl_v4(u32::from(*ttl)))
        }
        (_, Opt::Tos(tos)) => socket.set_tos_v4(u32::from(*tos)),
        #[cfg(target_os = "linux")]
        (_, Opt::DontFragment(whole)) => dont_fragment(socket, *whole),
        #[cfg(target_os = "linux")]
        (Kind::Udp, Opt::Checksum(on)) => message::set(socket, libc::SOL_SOCKET, SO_NO_CHECK, i32::from(!*on)),
        (Kind::Udp | Kind::Tcp, Opt::ReuseAddress(reuse)) => socket.set_reuse_address(*reuse),
        (Kind::Udp | Kind::Tcp, Opt::ReusePort(reuse)) => socket.set_reuse_port(*reuse),
        _ => return lacks(kind, option),
    };
    result.map_err(|error| Error::Other(format!("cannot set {}: {error}", option.name())))
}

pub(crate) fn lacks(kind: Kind, option: &Opt) -> Result<()> {
    host::unsupported(format!("option {}", option.name()), kind.of_this_machine())
}

fn size(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// `DO` sets the bit and refuses what is longer than the path's MTU, as far as it is known; `DONT` clears the bit, so that
/// this machine and routers may fragment. If nobody asks, Linux sets the bit on what fits and fragments the rest.
#[cfg(target_os = "linux")]
fn dont_fragment(socket: &Socket, whole: bool) -> io::Result<()> {
    use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};
    let mode = if whole { Ipv4PathMtuDiscovery::DO } else { Ipv4PathMtuDiscovery::DONT };
    Ok(set_ip_mtu_discover(socket, mode)?)
}

/// Sends what the interface takes, whatever was heard of narrower links on the way: ip(7), `IP_PMTUDISC_PROBE`. A program that
/// measures the way would else hear this machine's memory of its last measurement.
#[cfg(target_os = "linux")]
pub(crate) fn forget_path_mtus(socket: &Socket) -> io::Result<()> {
    use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};
    Ok(set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::PROBE)?)
}

/// Sends and receives on the interface `name` only.
#[cfg(target_os = "linux")]
fn bind_to(socket: &Socket, name: &str) -> Result<()> {
    use crate::{interfaces, permission};
    // The kernel would cut a name that is too long, and bind to an interface that nobody named.
    let index = interfaces::named(name)?.index;
    socket.bind_device_by_index_v4(std::num::NonZeroU32::new(index)).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => permission::bind_to_interface(),
        _ => Error::Other(format!("cannot bind to interface \"{name}\": {error}")),
    })
}
