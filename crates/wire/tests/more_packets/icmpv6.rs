//! ICMPv6 messages of all types that have a table.

use super::{Rng, address6, mac, quotable};
use std::net::Ipv6Addr;
use wire::extensions::{self, LabelStackEntry, Object};
use wire::icmp::Echo;
use wire::icmpv6::options::{
    DNS_SERVER, DnsServers, LinkLayerAddress, MTU, MtuOption, PREFIX_INFORMATION, PrefixInformation, REDIRECTED_HEADER,
    RedirectedHeader, SOURCE, TARGET,
};
use wire::icmpv6::{
    self, Error, NeighborAdvertisement, NeighborSolicitation, PacketTooBig, ParameterProblem, Redirect,
    RouterAdvertisement, RouterSolicitation,
};

pub(super) fn message(rng: &mut Rng, source: Ipv6Addr, destination: Ipv6Addr) -> Vec<u8> {
    let (target, reserved) = (address6(rng), 0);
    let (kind, code, body) = match rng.below(11) {
        0 | 1 => {
            let echo = Echo { identifier: rng.u16(), sequence: rng.u16() };
            let kind = rng.pick(&[icmpv6::ECHO_REQUEST, icmpv6::ECHO_REPLY]);
            (kind, 0, [&echo.bytes()[..], &rng.bytes(16)].concat())
        }
        2 => {
            let code = rng.u8() % 7;
            (icmpv6::UNREACHABLE, code, error(rng))
        }
        3 => {
            let code = rng.u8() % 2;
            (icmpv6::TIME_EXCEEDED, code, error(rng))
        }
        4 => {
            let word = PacketTooBig { mtu: 1280 + u32::from(rng.u8()) };
            (icmpv6::PACKET_TOO_BIG, 0, [&word.bytes()[..], &quotable(rng)].concat())
        }
        5 => {
            let word = ParameterProblem { pointer: u32::from(rng.u8() % 40) };
            (icmpv6::PARAMETER_PROBLEM, rng.u8() % 3, [&word.bytes()[..], &quotable(rng)].concat())
        }
        6 => {
            let body = RouterSolicitation { reserved }.bytes();
            (icmpv6::ROUTER_SOLICITATION, 0, [&body[..], &station(rng, SOURCE)].concat())
        }
        7 => (icmpv6::ROUTER_ADVERTISEMENT, 0, advertisement(rng)),
        8 => {
            let body = NeighborSolicitation { reserved, target }.bytes();
            (icmpv6::NEIGHBOR_SOLICITATION, 0, [&body[..], &station(rng, SOURCE)].concat())
        }
        9 => {
            let (router, solicited, overrides) = (rng.once_in(2), rng.once_in(2), rng.once_in(2));
            let body = NeighborAdvertisement { router, solicited, overrides, reserved, target }.bytes();
            (icmpv6::NEIGHBOR_ADVERTISEMENT, 0, [&body[..], &station(rng, TARGET)].concat())
        }
        _ => {
            let body = Redirect { reserved, target, destination: address6(rng) }.bytes();
            let mut packet = quotable(rng);
            packet.resize(packet.len().next_multiple_of(8), 0);
            let length = 1 + (packet.len() / 8) as u8;
            let header = RedirectedHeader { kind: REDIRECTED_HEADER, length, reserved: [0; 6] }.bytes();
            (icmpv6::REDIRECT, 0, [&body[..], &station(rng, TARGET), &header, &packet].concat())
        }
    };
    icmpv6::message(source, destination, kind, code, &body)
}

/// The body of an error with a quote, and now and then with extensions.
fn error(rng: &mut Rng) -> Vec<u8> {
    let mut quote = quotable(rng);
    if rng.once_in(2) {
        return [&Error { length: 0, unused: 0 }.bytes()[..], &quote].concat();
    }
    quote.resize(128, 0);
    let entry =
        LabelStackEntry { label: 16 + u32::from(rng.u8()), traffic_class: 0, bottom_of_stack: true, ttl: rng.u8() };
    let structure = extensions::structure(&[Object::LabelStack(vec![entry])]);
    [&Error { length: 16, unused: 0 }.bytes()[..], &quote, &structure].concat()
}

fn station(rng: &mut Rng, kind: u8) -> Vec<u8> {
    LinkLayerAddress { kind, length: 1, address: mac(rng) }.bytes().to_vec()
}

fn advertisement(rng: &mut Rng) -> Vec<u8> {
    let body = RouterAdvertisement {
        cur_hop_limit: rng.u8(),
        managed: rng.once_in(2),
        other: rng.once_in(2),
        home_agent: rng.once_in(4),
        preference: rng.pick(&[0, 1, 3]),
        reserved: 0,
        router_lifetime: rng.u16(),
        reachable_time: rng.next() as u32,
        retrans_timer: rng.next() as u32,
    };
    let prefix = PrefixInformation {
        kind: PREFIX_INFORMATION,
        length: 4,
        prefix_length: 64,
        on_link: rng.once_in(2),
        autonomous: rng.once_in(2),
        router_address: rng.once_in(4),
        reserved: 0,
        valid_lifetime: rng.next() as u32,
        preferred_lifetime: rng.next() as u32,
        reserved2: 0,
        prefix: Ipv6Addr::new(0x2001, 0xdb8, rng.u16(), rng.u16(), 0, 0, 0, 0),
    };
    let mtu = MtuOption { kind: MTU, length: 1, reserved: 0, mtu: 1280 + u32::from(rng.u8()) };
    let servers = DnsServers { kind: DNS_SERVER, length: 5, reserved: 0, lifetime: rng.next() as u32 };
    let addresses = [address6(rng).octets(), address6(rng).octets()].concat();
    let mut bytes = [&body.bytes()[..], &prefix.bytes()].concat();
    if rng.once_in(2) {
        bytes.extend(mtu.bytes());
    }
    if rng.once_in(2) {
        bytes.extend([&servers.bytes()[..], &addresses].concat());
    }
    bytes.extend(station(rng, SOURCE));
    bytes
}
