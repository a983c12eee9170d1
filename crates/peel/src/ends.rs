//! Who sends a packet, and to whom.

use std::net::IpAddr;
use wire::Mac;
use wire::arp::Arp;
use wire::dissect::{Dissection, Layer, Protocol};
use wire::ethernet::Ethernet;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::ipv6::extension::Fragment;

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
                Protocol::Ipv4 | Protocol::Ipv6 => {
                    ends.addresses = ends.addresses.or(Network::of(packet, layer).map(|ip| ip.addresses));
                }
                Protocol::Udp | Protocol::Tcp => ends.ports = ends.ports.or(ports(header)),
                _ => {}
            }
        }
        ends
    }
}

/// What the IP headers of either version tell in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// Sender and receiver.
    pub(crate) addresses: [IpAddr; 2],
    /// The time to live, or hop limit.
    pub(crate) ttl: u8,
    /// What the packet's fragments have in common; IPv6 has it in fragments only.
    pub(crate) identification: Option<u32>,
    /// Where a fragment begins, in units of 8 bytes; `None`: it is no fragment.
    pub(crate) fragment: Option<u16>,
}

impl Network {
    /// That of the packet itself.
    pub(crate) fn of_packet<'d>(packet: &'d Dissection<'_>) -> Option<(Self, Layer<'d>)> {
        let layer = packet.layers().find(|layer| is_ip(*layer) && !layer.is_quoted())?;
        Some((Self::of(packet, layer)?, layer))
    }

    /// That of the packet that an ICMP error quotes.
    pub(crate) fn quoted(packet: &Dissection<'_>) -> Option<Self> {
        Self::of(packet, packet.layers().find(|layer| is_ip(*layer) && layer.is_quoted())?)
    }

    fn of(packet: &Dissection<'_>, layer: Layer<'_>) -> Option<Self> {
        if layer.protocol() == Protocol::Ipv4 {
            let (ip, _) = Ipv4::take(header(packet, layer)).ok()?;
            return Some(Self {
                addresses: [ip.source.into(), ip.destination.into()],
                ttl: ip.ttl,
                identification: Some(ip.identification.into()),
                fragment: (!ip.is_whole()).then_some(ip.fragment_offset),
            });
        }
        let (ip, _) = Ipv6::take(header(packet, layer)).ok()?;
        let fragment = packet
            .layers()
            .find(|other| other.protocol() == Protocol::Ipv6Fragment && other.is_quoted() == layer.is_quoted());
        let fragment = fragment.and_then(|layer| Fragment::take(header(packet, layer)).ok()).map(|(it, _)| it);
        Some(Self {
            addresses: [ip.source.into(), ip.destination.into()],
            ttl: ip.hop_limit,
            identification: fragment.map(|it| it.identification),
            fragment: fragment.filter(|it| it.more_fragments || it.fragment_offset > 0).map(|it| it.fragment_offset),
        })
    }
}

fn is_ip(layer: Layer<'_>) -> bool {
    matches!(layer.protocol(), Protocol::Ipv4 | Protocol::Ipv6)
}

/// The bytes of a layer's header.
#[must_use]
pub fn header<'a>(packet: &Dissection<'a>, layer: Layer<'_>) -> &'a [u8] {
    packet.bytes().get(layer.header()).unwrap_or_default()
}

/// The bytes that a layer carries.
#[must_use]
pub fn payload<'a>(packet: &Dissection<'a>, layer: Layer<'_>) -> &'a [u8] {
    packet.bytes().get(layer.payload()).unwrap_or_default()
}

fn ports(header: &[u8]) -> Option<[u16; 2]> {
    let [a, b, c, d] = *header.first_chunk()?;
    Some([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
}
