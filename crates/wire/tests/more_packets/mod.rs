//! Valid packets of what `packets` has none: IPv6 with extension headers, ICMPv6, DHCP, DNS, TLS, the rest of ICMP, frames of IEEE 802.3,
//! and cooked captures. The same for the same seed.

mod dhcp;
mod dns;
mod http;
mod icmpv6;
#[path = "../dns/generate.rs"]
mod messages;
#[path = "../tls/generate.rs"]
#[allow(dead_code, reason = "a segment has no message that only keys open")]
mod records;
#[allow(dead_code, reason = "only what is told of single messages asks for them")]
pub(crate) mod ssh;
mod tls;

use crate::packets::{self, Rng};
use std::net::{Ipv4Addr, Ipv6Addr};
use wire::Mac;
use wire::dissect::LinkType;
use wire::ethernet::{self, Ethernet};
use wire::icmp::{self, AddressMask, Echo, RouterAdvertisement, RouterEntry, Timestamp};
use wire::ipv4::{self, Ipv4};
use wire::ipv6::extension::{self, Ah, Esp, Fragment, Ipv6Option, Routing};
use wire::ipv6::{self, Ipv6};
use wire::linux_cooked::{LinuxCooked, LinuxCooked2};
use wire::tcp::Tcp;
use wire::udp::Udp;

/// A packet, and what its first byte belongs to.
pub(crate) struct Captured {
    pub(crate) link: LinkType,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn captured(rng: &mut Rng) -> Captured {
    let (ethertype, packet) = match rng.below(10) {
        8 => (ethernet::IPV4, dns::packet(rng)),
        9 if rng.once_in(2) => (ethernet::IPV4, tls::packet(rng)),
        9 if rng.once_in(2) => (ethernet::IPV4, http::packet(rng)),
        9 if rng.once_in(2) => (ethernet::IPV4, ssh::packet(rng)),
        0 => (ethernet::IPV4, dhcp::packet(rng)),
        1 => (ethernet::IPV4, query(rng)),
        // A frame of IEEE 802.3: its type is the length of what follows.
        2 if rng.once_in(4) => {
            let len = 3 + rng.below(60);
            return Captured { link: LinkType::Ethernet, bytes: frame(rng, len as u16, &rng.clone().bytes(len)) };
        }
        _ => (ethernet::IPV6, ipv6(rng)),
    };
    match rng.below(7) {
        0 => Captured { link: LinkType::RawIp, bytes: packet },
        // Families by their numbers, in the order of bytes of a small machine.
        3 => {
            let family: u32 = if ethertype == ethernet::IPV4 { 2 } else { 30 };
            Captured { link: LinkType::Loopback, bytes: [&family.to_le_bytes(), &packet[..]].concat() }
        }
        1 => Captured { link: LinkType::LinuxCooked, bytes: cooked(rng, ethertype, &packet) },
        2 => Captured { link: LinkType::LinuxCooked2, bytes: cooked2(rng, ethertype, &packet) },
        _ => Captured { link: LinkType::Ethernet, bytes: frame(rng, ethertype, &packet) },
    }
}

fn mac(rng: &mut Rng) -> Mac {
    Mac([2, rng.u8(), rng.u8(), rng.u8(), rng.u8(), rng.u8()])
}

fn address(rng: &mut Rng) -> Ipv4Addr {
    Ipv4Addr::new(10 + rng.u8() % 100, rng.u8(), rng.u8(), rng.u8())
}

fn address6(rng: &mut Rng) -> Ipv6Addr {
    let last = rng.u16();
    match rng.below(3) {
        0 => Ipv6Addr::new(0xfe80, 0, 0, 0, rng.u16(), rng.u16(), rng.u16(), last),
        1 => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last),
        _ => Ipv6Addr::new(0x2001, 0xdb8, rng.u16(), rng.u16(), rng.u16(), rng.u16(), rng.u16(), last),
    }
}

fn frame(rng: &mut Rng, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    Ethernet { destination: mac(rng), source: mac(rng), ethertype }.frame(payload)
}

fn cooked(rng: &mut Rng, protocol: u16, packet: &[u8]) -> Vec<u8> {
    let Mac([a, b, c, d, e, f]) = mac(rng);
    let header = LinuxCooked {
        packet_type: rng.u16() % 5,
        hardware_type: 1,
        address_length: 6,
        address: [a, b, c, d, e, f, 0, 0],
        protocol,
    };
    [&header.bytes(), packet].concat()
}

fn cooked2(rng: &mut Rng, protocol: u16, packet: &[u8]) -> Vec<u8> {
    let Mac([a, b, c, d, e, f]) = mac(rng);
    let header = LinuxCooked2 {
        protocol,
        reserved: 0,
        interface_index: 1 + u32::from(rng.u8()),
        hardware_type: 1,
        packet_type: rng.u8() % 5,
        address_length: 6,
        address: [a, b, c, d, e, f, 0, 0],
    };
    [&header.bytes(), packet].concat()
}

/// An ICMP message that `packets` has none of.
fn query(rng: &mut Rng) -> Vec<u8> {
    let (identifier, sequence) = (rng.u16(), rng.u16());
    let number = rng.next() as u32;
    let message = match rng.below(5) {
        0 => {
            let body = Timestamp { identifier, sequence, originate: number, receive: number / 2, transmit: number / 3 };
            of(rng.pick(&[icmp::TIMESTAMP_REQUEST, icmp::TIMESTAMP_REPLY]), &body.bytes())
        }
        1 => {
            let body = AddressMask { identifier, sequence, address_mask: Ipv4Addr::new(255, 255, rng.u8(), 0) };
            of(rng.pick(&[icmp::ADDRESS_MASK_REQUEST, icmp::ADDRESS_MASK_REPLY]), &body.bytes())
        }
        2 => {
            let addresses = rng.u8() % 4;
            let mut body = RouterAdvertisement { addresses, entry_size: 2, lifetime: rng.u16() }.bytes().to_vec();
            for _ in 0..addresses {
                body.extend(RouterEntry { router: address(rng), preference: number >> 1 }.bytes());
            }
            of(icmp::ROUTER_ADVERTISEMENT, &body)
        }
        3 => of(icmp::ROUTER_SOLICITATION, &[0; 4]),
        _ => {
            let quoted = Ipv4::new(address(rng), address(rng), packets::EXPERIMENT).packet(&rng.clone().bytes(8));
            of(icmp::SOURCE_QUENCH, &[&[0; 4], &quoted[..]].concat())
        }
    };
    Ipv4::new(address(rng), address(rng), ipv4::ICMP).packet(&message)
}

/// A message of this type; the body has more than its second word.
fn of(kind: u8, body: &[u8]) -> Vec<u8> {
    let (word, rest) = body.split_first_chunk().expect("a body has a word");
    icmp::message(kind, 0, *word, rest)
}

fn ipv6(rng: &mut Rng) -> Vec<u8> {
    let (source, mut destination) = (address6(rng), address6(rng));
    let dscp = rng.u8() % 64;
    let (flow_label, hop_limit, ecn) = (rng.next() as u32 >> 12, rng.u8().max(1), rng.u8() % 4);
    // From the inside out: the last extension header is made first. Its destination is where the packet ends.
    let fragment = rng.once_in(8).then(|| rng.pick(&[(true, 0), (true, 100), (false, 100), (false, 0)]));
    let (mut next_header, mut payload) = match fragment {
        Some((more_fragments, fragment_offset)) => {
            let (next_header, mut payload) = upper(rng, source, destination);
            if more_fragments {
                payload.truncate(payload.len() / 8 * 8);
            }
            let header = Fragment {
                next_header,
                reserved: 0,
                fragment_offset,
                reserved2: 0,
                more_fragments,
                identification: rng.next() as u32,
            };
            (extension::FRAGMENT, [&header.bytes()[..], &payload].concat())
        }
        None => upper(rng, source, destination),
    };
    if rng.once_in(8) {
        let proof = 12;
        let header = Ah {
            next_header,
            payload_len: (12 + proof) / 4 - 2,
            reserved: 0,
            spi: 0x100 + u32::from(rng.u8()),
            sequence_number: rng.next() as u32,
        };
        payload = [&header.bytes()[..], &rng.bytes(proof.into()), &payload].concat();
        next_header = extension::AH;
    }
    if rng.once_in(6) {
        payload = [options(rng, next_header), payload].concat();
        next_header = extension::DESTINATION_OPTIONS;
    }
    if rng.once_in(8) {
        // The first address to go by is in the header, the last one is the packet's destination.
        let by = [address6(rng), destination];
        let header = Routing { next_header, length: 4, routing_type: 0, segments_left: 2 };
        let addresses: Vec<u8> = by.iter().flat_map(Ipv6Addr::octets).collect();
        payload = [&header.bytes()[..], &[0; 4], &addresses, &payload].concat();
        next_header = extension::ROUTING;
        destination = address6(rng);
    }
    if rng.once_in(6) {
        payload = [options(rng, next_header), payload].concat();
        next_header = extension::HOP_BY_HOP;
    }
    let header = Ipv6 { dscp, ecn, flow_label, hop_limit, ..Ipv6::new(source, destination, next_header) };
    header.packet(&payload)
}

fn options(rng: &mut Rng, next_header: u8) -> Vec<u8> {
    let data = rng.bytes(12);
    let list: Vec<Ipv6Option<'_>> = (0..rng.below(3))
        .map(|_| match rng.below(2) {
            0 => Ipv6Option { kind: 5, data: &[0, 0] },
            // For experiments, RFC 3692.
            _ => Ipv6Option { kind: 0x1e, data: &data[..rng.below(13)] },
        })
        .collect();
    extension::options(next_header, &list)
}

/// What a packet is for.
fn upper(rng: &mut Rng, source: Ipv6Addr, destination: Ipv6Addr) -> (u8, Vec<u8>) {
    let len = rng.below(64);
    let data = rng.bytes(len);
    match rng.below(10) {
        0 | 1 => {
            let udp = Udp::new(rng.u16() | 0x8000, rng.u16() | 0x8000);
            (ipv6::UDP, udp.datagram(source.into(), destination.into(), &data))
        }
        2 | 3 => {
            let tcp = Tcp {
                sequence_number: rng.next() as u32,
                acknowledgment_number: rng.next() as u32,
                ack: true,
                psh: rng.once_in(2),
                window: rng.u16(),
                ..Tcp::new(rng.u16() | 0x8000, rng.u16() | 0x8000)
            };
            (ipv6::TCP, tcp.segment(source.into(), destination.into(), &[1, 1, 1, 0], &data))
        }
        4 => {
            let header = Esp { spi: 0x100 + u32::from(rng.u8()), sequence_number: rng.next() as u32 };
            (extension::ESP, [&header.bytes()[..], &rng.bytes(24)].concat())
        }
        // Behind "nothing" there may be bytes, to be ignored.
        5 if rng.once_in(2) => (ipv6::NO_NEXT_HEADER, vec![0; 4]),
        5 => (packets::EXPERIMENT, data),
        _ => (ipv6::ICMPV6, icmpv6::message(rng, source, destination)),
    }
}

/// A packet that errors quote: no error, and without extension headers.
fn quotable(rng: &mut Rng) -> Vec<u8> {
    let (source, destination) = (address6(rng), address6(rng));
    let data = rng.bytes(8);
    let (next_header, payload) = match rng.below(3) {
        0 => (ipv6::UDP, Udp::new(rng.u16() | 0x8000, 33434).datagram(source.into(), destination.into(), &data)),
        1 => (ipv6::TCP, Tcp::new(rng.u16() | 0x8000, 0x8000).segment(source.into(), destination.into(), &[], &data)),
        _ => {
            let echo = Echo { identifier: rng.u16(), sequence: rng.u16() };
            let body = [&echo.bytes()[..], &data].concat();
            (ipv6::ICMPV6, wire::icmpv6::message(source, destination, wire::icmpv6::ECHO_REQUEST, 0, &body))
        }
    };
    Ipv6::new(source, destination, next_header).packet(&payload)
}
