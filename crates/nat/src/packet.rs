//! What a translator must know of a packet, and where it stands.

use crate::rewrite::Place;
use crate::{Protocol, Reason};
use std::net::SocketAddrV4;
use wire::icmp;
use wire::ipv4::Ipv4;

/// What kind of packet it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// TCP or UDP.
    Ported,
    /// An ICMP query: RFC 5508 section 2.
    Query,
    /// The answer to one.
    Answer,
    /// An ICMP error.
    Error,
    /// A fragment that is not the first: it has no ports.
    LaterFragment,
}

/// A packet, looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    /// Of ICMP, both ends have the identifier as their port.
    pub(crate) source: SocketAddrV4,
    pub(crate) destination: SocketAddrV4,
    /// Of TCP.
    pub(crate) flags: u8,
    /// Of a fragment, what it has in common with the others of its packet: RFC 791 section 2.3.
    pub(crate) identification: u16,
    pub(crate) more_fragments: bool,
    /// How long the packet is, without what fills up its frame.
    pub(crate) len: usize,
}

impl Look {
    /// # Errors
    /// What cannot be translated, and why.
    #[inline]
    pub(crate) fn at(packet: &[u8]) -> Result<Self, Reason> {
        let (header, _, payload, trailer) = Ipv4::parse(packet).map_err(|_| Reason::Malformed)?;
        let protocol = Protocol::numbered(header.protocol).ok_or(Reason::Protocol)?;
        let len = packet.len() - trailer.len();
        let place = Place { start: 0, transport: len - payload.len(), protocol };
        let look = |kind, ports: [u16; 2], flags| Self {
            kind,
            place,
            source: SocketAddrV4::new(header.source, ports[0]),
            destination: SocketAddrV4::new(header.destination, ports[1]),
            flags,
            identification: header.identification,
            more_fragments: header.more_fragments,
            len,
        };
        if header.fragment_offset != 0 {
            return Ok(look(Kind::LaterFragment, [0, 0], 0));
        }
        match protocol {
            Protocol::Tcp => {
                // With less than all of the header here (RFC 1858 section 3) there is nothing to decide by.
                let tcp = payload.first_chunk::<20>().ok_or(Reason::Malformed)?;
                Ok(look(Kind::Ported, ports(tcp), tcp[13]))
            }
            Protocol::Udp => {
                let udp = payload.first_chunk::<8>().ok_or(Reason::Malformed)?;
                Ok(look(Kind::Ported, ports(udp), 0))
            }
            Protocol::Icmp => {
                let message = payload.first_chunk::<8>().ok_or(Reason::Malformed)?;
                let identifier = u16::from_be_bytes([message[4], message[5]]);
                let kind = icmp_kind(message[0]).ok_or(Reason::IcmpType)?;
                Ok(look(kind, [identifier; 2], 0))
            }
        }
    }

    /// A packet that an ICMP error quotes, from `start` of `packet` on, as much of it as is there.
    ///
    /// # Errors
    /// When it is no packet, or cut before its ports.
    pub(crate) fn quoted(packet: &[u8], start: usize) -> Result<Self, Reason> {
        let quote = packet.get(start..).ok_or(Reason::Malformed)?;
        let (header, options, rest) = Ipv4::split(quote).map_err(|_| Reason::Malformed)?;
        // RFC 5508 section 4.1, REQ-3: "If the IP checksum of the embedded packet fails to validate, the NAT SHOULD
        // silently drop the Error packet". Section 4.1 also has that its transport checksum is nobody's business.
        if !Ipv4::is_intact(quote) {
            return Err(Reason::Checksum);
        }
        let protocol = Protocol::numbered(header.protocol).ok_or(Reason::Protocol)?;
        if header.fragment_offset != 0 {
            return Err(Reason::NoMapping);
        }
        // RFC 792: the header and the first 64 bits of what it carries.
        let first = rest.first_chunk::<8>().ok_or(Reason::Malformed)?;
        let (kind, ports) = match protocol {
            Protocol::Icmp => {
                let kind = icmp_kind(first[0]).filter(|kind| *kind != Kind::Error).ok_or(Reason::NoMapping)?;
                (kind, [u16::from_be_bytes([first[4], first[5]]); 2])
            }
            _ => (Kind::Ported, ports(first)),
        };
        Ok(Self {
            kind,
            place: Place { start, transport: start + Ipv4::LEN + options.len(), protocol },
            source: SocketAddrV4::new(header.source, ports[0]),
            destination: SocketAddrV4::new(header.destination, ports[1]),
            flags: 0,
            identification: header.identification,
            more_fragments: header.more_fragments,
            len: packet.len(),
        })
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.place.protocol
    }
}

#[inline]
fn ports<const N: usize>(header: &[u8; N]) -> [u16; 2] {
    match header.first_chunk::<4>() {
        Some([a, b, c, d]) => [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
        None => [0, 0],
    }
}

/// Echo and timestamp are queries; RFC 792 has both. Redirects are for one link, and source quench is for nobody.
fn icmp_kind(kind: u8) -> Option<Kind> {
    match kind {
        icmp::ECHO_REQUEST | 13 => Some(Kind::Query),
        icmp::ECHO_REPLY | 14 => Some(Kind::Answer),
        icmp::UNREACHABLE | icmp::TIME_EXCEEDED | icmp::PARAMETER_PROBLEM => Some(Kind::Error),
        _ => None,
    }
}
