//! UDP sockets.
//!
//! ICMP errors about datagrams sent are received like datagrams, as RFC 1122 section 4.1.3.3 demands; on systems other than
//! Linux an unconnected socket is not told of them.

use crate::endpoint::{Endpoint, Kind, target};
use crate::kernel::Kernel;
use crate::{permission, route};
use host::{Error, Opt, Packet, Packets, Result, SocketId, Time};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use wire::ipv4::Ipv4;
use wire::udp::Udp as Header;

/// A socket for UDP datagrams.
pub(crate) struct Udp {
    endpoint: Endpoint,
    local: SocketAddr,
    /// Whom it is connected to.
    peer: Option<SocketAddr>,
}

/// Opens a UDP socket at `at`; port 0 takes a free one.
///
/// # Errors
/// `AddressInUse`; `NoPermission` for a low port; those of the options.
pub(crate) fn bind(kernel: &Rc<Kernel>, at: SocketAddr, options: &[Opt]) -> Result<Udp> {
    let to = target(Some(at), Kind::Udp)?;
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AddrInUse => Error::AddressInUse(at),
        ErrorKind::AddrNotAvailable => Error::Other(format!("{} is no address of this machine", at.ip())),
        ErrorKind::PermissionDenied => permission::bind_port(at.port()),
        _ => Error::Other(format!("cannot open a UDP socket at {at}: {error}")),
    };
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).map_err(failed)?;
    let endpoint = Endpoint::new(kernel, socket, Kind::Udp)?;
    let mut peer = None;
    for option in options {
        match option {
            Opt::Peer(to) => peer = Some(*to),
            option => endpoint.set(option)?,
        }
    }
    endpoint.socket.bind(&to.into()).map_err(failed)?;
    if let Some(peer) = peer {
        connect(&endpoint, peer)?;
    }
    let local = endpoint.bound_to();
    Ok(Udp { endpoint, local, peer })
}

/// Connects a socket. Nothing is sent: the system notes the peer, and chooses an address if none was bound.
fn connect(endpoint: &Endpoint, peer: SocketAddr) -> Result<()> {
    let to = target(Some(peer), Kind::Udp)?;
    endpoint.socket.connect(&to.into()).map_err(|error| match error.kind() {
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Error::NoRoute(peer.ip()),
        _ => Error::Other(format!("cannot connect a UDP socket to {peer}: {error}")),
    })
}

impl host::Socket for Udp {
    fn id(&self) -> SocketId {
        self.endpoint.id
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.endpoint.set(&option)
    }
}

impl Packets for Udp {
    fn send(&mut self, to: Option<SocketAddr>, payload: &[u8]) -> Result<()> {
        let at = target(to.or(self.peer), Kind::Udp)?;
        let most = || {
            Some(route::longest_packet(&self.endpoint.socket, *at.ip(), true)?.saturating_sub(Ipv4::LEN + Header::LEN))
        };
        // A connected socket knows where to, and systems other than Linux refuse to hear it again.
        let to = to.filter(|to| Some(*to) != self.peer).map(|_| at);
        self.endpoint.send(to, payload, most)
    }

    fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        self.endpoint.recv(until, |received, bytes, at| {
            Some(Packet { at, from: received.from, ttl: received.ttl, bytes: bytes.to_vec(), error: None })
        })
    }
}
