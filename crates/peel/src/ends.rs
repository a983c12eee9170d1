//! Who sends a packet, and to whom.

use std::net::{IpAddr, Ipv4Addr};
use wire::Mac;
use wire::arp::Arp;
use wire::dissect::{Dissection, Layer, Protocol};
use wire::ethernet::Ethernet;

/// Both ends of a packet, the sender first, as far as its headers tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ends {
    /// The stations on the link.
    pub macs: Option<[Mac; 2]>,
    /// The IP addresses; of an ARP packet, whose it is and whom it asks for.
    pub addresses: Option<[IpAddr; 2]>,
    /// The ports, where TCP or UDP is in it and this is no later fragment.
    pub ports: Option<[u16; 2]>,
}

impl Ends {
    /// Those of the packet itself.
    #[must_use]
    pub fn of(packet: &Dissection<'_>) -> Self {
        Self::among(packet, false)
    }

    /// Those of the packet that an ICMP error quotes.
    #[must_use]
    pub fn quoted(packet: &Dissection<'_>) -> Self {
        Self::among(packet, true)
    }

    fn among(packet: &Dissection<'_>, quoted: bool) -> Self {
        let mut ends = Self::default();
        for layer in packet.layers().filter(|layer| layer.is_quoted() == quoted) {
            let header = header(packet, layer);
            match layer.protocol() {
                Protocol::Ethernet => {
                    ends.macs = ends.macs.or(Ethernet::take(header).ok().map(|(it, _)| [it.source, it.destination]));
                }
                Protocol::Arp => {
                    let arp = Arp::parse(header).ok().map(|(it, _)| [it.sender.into(), it.target.into()]);
                    ends.addresses = ends.addresses.or(arp);
                }
                Protocol::Ipv4 => ends.addresses = ends.addresses.or(pair::<4, Ipv4Addr>(header, 12)),
                Protocol::Udp | Protocol::Tcp => ends.ports = ends.ports.or(ports(header)),
                _ => {}
            }
        }
        ends
    }

    /// The same packet's, as the other end sends it back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            macs: self.macs.map(|[from, to]| [to, from]),
            addresses: self.addresses.map(|[from, to]| [to, from]),
            ports: self.ports.map(|[from, to]| [to, from]),
        }
    }
}

/// The bytes of a layer's header.
pub(crate) fn header<'a>(packet: &Dissection<'a>, layer: Layer<'_>) -> &'a [u8] {
    packet.bytes().get(layer.header()).unwrap_or_default()
}

/// Two addresses of `N` bytes side by side.
fn pair<const N: usize, A: From<[u8; N]> + Into<IpAddr>>(header: &[u8], at: usize) -> Option<[IpAddr; 2]> {
    let one = |at| header.get(at..).and_then(|rest| rest.first_chunk::<N>()).map(|octets| A::from(*octets).into());
    Some([one(at)?, one(at + N)?])
}

fn ports(header: &[u8]) -> Option<[u16; 2]> {
    let [a, b, c, d] = *header.first_chunk()?;
    Some([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
}
