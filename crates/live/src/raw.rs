//! Raw sockets: whole IPv4 packets of one protocol, raw(7).
//!
//! A packet is sent as it is given, but for four fields of which Linux has its own opinion (raw(7), "`IP_HDRINCL`"): the header
//! checksum and the total length are always filled in, the identification if it is zero, the source if it is 0.0.0.0. What is
//! longer than the interface's MTU is not fragmented but refused, whatever the kernel heard of links farther on; what meets a full queue is lost without a word.
//!
//! A copy of each packet of the protocol that comes to this machine is received, whichever program it is meant for, after the
//! kernel has put fragments together. The kernel has checked the IP header's checksum, but not what is in the packet. ICMP
//! errors are packets of protocol 1.

use crate::endpoint::{Endpoint, Kind, target};
use crate::kernel::Kernel;
use crate::{options, permission, route};
use host::{Error, Opt, Packet, Packets, Result, SocketId, Time};
use socket2::{Domain, Protocol, Type};
use std::net::SocketAddr;
use std::rc::Rc;
use wire::ipv4::{Ipv4, MAX_PACKET};

/// A socket for whole IPv4 packets.
pub(crate) struct Raw(Endpoint);

/// Opens a socket for whole IPv4 packets of `protocol`.
///
/// # Errors
/// `NoPermission`.
pub(crate) fn open(kernel: &Rc<Kernel>, protocol: u8) -> Result<Raw> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => permission::open_raw(),
        _ => Error::Other(format!("cannot open a raw socket for protocol {protocol}: {error}")),
    };
    let protocol = Some(Protocol::from(i32::from(protocol)));
    let socket = socket2::Socket::new(Domain::IPV4, Type::RAW, protocol).map_err(failed)?;
    socket.set_header_included_v4(true).map_err(failed)?;
    options::forget_path_mtus(&socket).map_err(failed)?;
    Ok(Raw(Endpoint::new(kernel, socket, Kind::Raw)?))
}

impl host::Socket for Raw {
    fn id(&self) -> SocketId {
        self.0.id
    }

    fn local(&self) -> SocketAddr {
        self.0.bound_to()
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.0.set(&option)
    }
}

impl Packets for Raw {
    /// Sends one packet. The way is chosen by `to`, or by the packet's destination if that is `None`.
    fn send(&mut self, to: Option<SocketAddr>, packet: &[u8]) -> Result<()> {
        let (header, ..) = Ipv4::split(packet)
            .map_err(|error| Error::Other(format!("a raw socket sends whole IPv4 packets: {error}")))?;
        let to = target(to.or(Some((header.destination, 0).into())), Kind::Raw)?;
        let most = || route::longest_packet(&self.0.socket, *to.ip(), false).map(|mtu| mtu.min(MAX_PACKET));
        self.0.send(Some(to), packet, most)
    }

    fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        self.0.recv(until, |received, bytes, at| {
            let ttl = Ipv4::split(bytes).ok().map(|(header, ..)| header.ttl);
            Some(Packet { at, from: received.from, ttl, bytes: bytes.to_vec(), error: None })
        })
    }
}
