//! Link sockets: whole Ethernet frames of one interface, packet(7).
//!
//! The interface is not made promiscuous: a network card may keep back what is for others, a virtual one hands over all.
//! Frames that this machine itself sends are not received, unless an option asks for them. The kernel takes an 802.1Q tag out of a frame; it is put back.

use crate::endpoint::{Endpoint, Kind};
use crate::kernel::Kernel;
use crate::received::Received;
use crate::{interfaces, message, permission};
use host::{Error, Opt, Packet, Packets, Result, SocketId, Time};
use socket2::{Domain, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use wire::ethernet::{Ethernet, TAG, Tag};

/// Bytes of the two addresses, behind which a tag stands.
const ADDRESSES_LEN: usize = 12;

/// A socket for the frames of one interface.
pub(crate) struct Link {
    endpoint: Endpoint,
    /// The longest frame, bytes.
    longest: usize,
}

/// Opens a socket for all frames that `interface` receives.
///
/// # Errors
/// `NoSuchInterface`; `NoPermission`; a sentence if the interface is down or its frames are not Ethernet's.
pub(crate) fn open(kernel: &Rc<Kernel>, interface: &str) -> Result<Link> {
    let known = interfaces::named(interface)?;
    // Frames of the loopback have an Ethernet header as well, of zeros.
    if known.interface.mac.is_none() && !known.loopback {
        return Err(Error::Other(format!(
            "interface \"{interface}\" has no Ethernet address, and so no Ethernet frames"
        )));
    }
    if !known.switched_on {
        return Err(Error::Other(format!("interface \"{interface}\" is down")));
    }
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => permission::open_link(),
        _ => Error::Other(format!("cannot open a link socket on \"{interface}\": {error}")),
    };
    // Of no protocol until it is bound, or frames of other interfaces would lie in it already.
    let socket = socket2::Socket::new(Domain::PACKET, Type::RAW, None).map_err(failed)?;
    message::set(&socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1).map_err(failed)?;
    message::set(&socket, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1).map_err(failed)?;
    let endpoint = Endpoint::new(kernel, socket, Kind::Link)?;
    message::bind_to_interface(&endpoint.socket, known.index.cast_signed()).map_err(failed)?;
    let mtu = usize::try_from(known.interface.mtu).unwrap_or(usize::MAX);
    Ok(Link { endpoint, longest: mtu.saturating_add(Ethernet::LEN) })
}

impl host::Socket for Link {
    fn id(&self) -> SocketId {
        self.endpoint.id
    }

    fn local(&self) -> SocketAddr {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.endpoint.set(&option)
    }
}

impl Packets for Link {
    /// Sends one frame as given, from the destination's address on; `to` is not looked at.
    fn send(&mut self, _to: Option<SocketAddr>, frame: &[u8]) -> Result<()> {
        if frame.len() < Ethernet::LEN {
            return Err(Error::Other(format!(
                "a frame has {} bytes at least, and this {}",
                Ethernet::LEN,
                frame.len()
            )));
        }
        // An interface sends a tag in addition to what its MTU allows.
        let tagged = Ethernet::take(frame).is_ok_and(|(header, _)| header.ethertype == TAG);
        let most = self.longest + if tagged { Tag::LEN } else { 0 };
        self.endpoint.send(None, frame, || Some(most))
    }

    fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        self.endpoint.recv(until, |received, bytes, at| {
            let bytes = with_tag(received, bytes);
            Some(Packet { at, from: None, ttl: None, bytes, error: None })
        })
    }
}

/// The frame as it was on the wire.
fn with_tag(received: &Received, bytes: &[u8]) -> Vec<u8> {
    match (received.tag, bytes.split_at_checked(ADDRESSES_LEN)) {
        (Some(tag), Some((addresses, rest))) => [addresses, &tag, rest].concat(),
        _ => bytes.to_vec(),
    }
}
