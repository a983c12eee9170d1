//! Lab 17: a packet's ends with their checksums (RFC 3022 section 4), and the table of a NAT.

mod scenario;
mod scripts;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, IPV4, Place};
use host::lab::Value;
use std::net::{Ipv4Addr, SocketAddrV4};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

const ENDS: &str = "RFC 3022 section 2.2: the address in the IP header, and the port at the same end behind it";
const HEADER: &str =
    "RFC 3022 section 4.1: the IP header's checksum covers the addresses; all header words sum to ffff";
const PSEUDO: &str =
    "RFC 3022 section 4.1: the checksum of TCP and UDP covers the port, and both addresses by the pseudo-header";
const KEPT: &str = "RFC 1624 section 3: a checksum is mended by the words that changed; one that was wrong stays wrong";
const NONE: &str = "RFC 768: a UDP checksum of zero says that there is none, so none is made";
const ALL_ONES: &str = "RFC 768: a UDP checksum that comes out as zero is sent as all ones";
const PLAIN_ZERO: &str = "RFC 9293 section 3.1: zero is a checksum of TCP like any other";
const QUERY: &str = "RFC 5508 section 3.1: the identifier is what a port is; RFC 792: ICMP has no pseudo-header";
const QUOTE: &str =
    "RFC 5508 section 4.2: to the inside address, with the quoted packet as it was when it left, checksums and all";
const SHORT: &str = "RFC 791 section 3.1: nothing lies behind the last byte; say Malformed";
const PROTOCOL: &str = "only TCP, UDP and ICMP are translated here; say Malformed of others";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "ends" => ends(draw),
        "header-sum" => header_sum(draw),
        "checksum" => checksum(draw),
        "udp-zero" => udp_zero(draw),
        "identifier" => identifier(draw),
        "quoted" => quoted(draw),
        "short" => short(draw),
        "as-the-nat" => return Some(vec![Part::CasesBeside(scenario::translated, scenario::traffic)]),
        table => scripts::asks(table, draw)?,
    };
    Some(vec![Part::Asks(asks)])
}

fn end(draw: &mut Draw) -> SocketAddrV4 {
    SocketAddrV4::new(draw.address(), 1 + draw.word() % 65_000)
}

/// A packet of TCP or UDP between two ends, and what makes another of it.
#[derive(Debug, Clone)]
struct Sent {
    protocol: u8,
    source: SocketAddrV4,
    destination: SocketAddrV4,
    options: Vec<u8>,
    data: Vec<u8>,
    identification: u16,
    ttl: u8,
}

impl Sent {
    fn drawn(draw: &mut Draw, protocol: u8, len: usize) -> Self {
        Self {
            protocol,
            source: end(draw),
            destination: end(draw),
            options: vec![],
            data: draw.bytes(len),
            identification: draw.word(),
            ttl: 2 + draw.byte() % 250,
        }
    }

    fn with(&self, is_source: bool, new: SocketAddrV4) -> Self {
        let (source, destination) = if is_source { (new, self.destination) } else { (self.source, new) };
        Self { source, destination, ..self.clone() }
    }

    fn packet(&self) -> Vec<u8> {
        let (source, destination) = ((*self.source.ip()).into(), (*self.destination.ip()).into());
        let body = match self.protocol {
            ipv4::TCP => {
                let tcp = Tcp { ack: true, ..Tcp::new(self.source.port(), self.destination.port()) };
                tcp.segment(source, destination, &[], &self.data)
            }
            _ => Udp::new(self.source.port(), self.destination.port()).datagram(source, destination, &self.data),
        };
        let header = Ipv4 {
            identification: self.identification,
            ttl: self.ttl,
            ihl: 5 + u8::try_from(self.options.len() / 4).unwrap_or(0),
            ..Ipv4::new(*self.source.ip(), *self.destination.ip(), self.protocol)
        };
        let header = header.sealed(&self.options, body.len());
        [&header.bytes()[..], &self.options, &body].concat()
    }
}

fn set(function: &'static str, packet: Vec<u8>, is_source: bool, new: SocketAddrV4) -> Ask {
    let end = if is_source { "Source" } else { "Destination" };
    let arguments =
        vec![("packet", packet.into()), ("end", Value::Text(end.into())), ("new", Value::Text(new.to_string()))];
    Ask { function, arguments, expected: Expected::Malformed, why: ENDS }
}

/// A packet of either protocol, without and with options, and another end for it: the source, and the destination.
fn passing(draw: &mut Draw, rounds: usize, take: &mut dyn FnMut(Sent, bool, SocketAddrV4)) {
    for round in 0..rounds {
        for protocol in [ipv4::UDP, ipv4::TCP] {
            let mut sent = Sent::drawn(draw, protocol, round);
            // Of the options, the one that says nothing: RFC 791 section 3.1.
            sent.options = vec![1; round % 3 * 4];
            for is_source in [true, false] {
                take(sent.clone(), is_source, end(draw));
            }
        }
    }
}

fn ends(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    passing(&mut draw, 12, &mut |sent, is_source, new| {
        asks.push(ends_of(&sent, is_source, new));
    });
    asks
}

fn ends_of(sent: &Sent, is_source: bool, new: SocketAddrV4) -> Ask {
    let after = sent.with(is_source, new);
    let fields = [("source", after.source), ("destination", after.destination)];
    let expected = Value::record("packet", fields.map(|(name, end)| (name, Value::Text(end.to_string()))));
    Ask { expected: Expected::Is(expected), ..set("set_end: ends", sent.packet(), is_source, new) }
}

fn header_sum(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    passing(&mut draw, 40, &mut |sent, is_source, new| {
        let ask = set("set_end: header sums to", sent.packet(), is_source, new);
        asks.push(Ask { expected: Expected::Is(Value::Word(0xffff)), why: HEADER, ..ask });
    });
    asks
}

/// The checksum of TCP or UDP in a packet, and where it stands.
fn sum_of(packet: &[u8]) -> (usize, u16) {
    let header = packet.first().map_or(0, |first| usize::from(first & 15) * 4);
    let at = header + if packet.get(9) == Some(&ipv4::TCP) { 16 } else { 6 };
    let word = packet.get(at..at + 2).map_or(0, |word| word.iter().fold(0, |word, byte| word << 8 | u16::from(*byte)));
    (at, word)
}

fn checksum(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    passing(&mut draw, 40, &mut |sent, is_source, new| {
        let expected = sum_of(&sent.with(is_source, new).packet()).1;
        // Zero is a check of its own.
        if expected == 0 || expected == 0xffff {
            return;
        }
        let mut packet = sent.packet();
        let ask = |packet, why| Ask {
            expected: Expected::Is(Value::Word(expected)),
            why,
            ..set("set_end: checksum", packet, is_source, new)
        };
        asks.push(ask(packet.clone(), PSEUDO));
        // On its way a bit of the data fell over: its receiver must still see that.
        if let Some(last) = packet.last_mut().filter(|_| !sent.data.is_empty()) {
            *last ^= 1;
            asks.push(ask(packet, KEPT));
        }
    });
    asks
}

fn udp_zero(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..8 {
        let is_source = round % 2 == 0;
        let sent = Sent::drawn(&mut draw, ipv4::UDP, 2 + round);
        let new = end(&mut draw);
        let ask = |packet, expected, why| Ask {
            expected: Expected::Is(Value::Word(expected)),
            why,
            ..set("set_end: checksum", packet, is_source, new)
        };
        // One that has a checksum, as a control, and the same without.
        let packet = sent.packet();
        asks.push(ask(packet.clone(), sum_of(&sent.with(is_source, new).packet()).1, PSEUDO));
        let mut without = packet;
        let at = sum_of(&without).0;
        if let Some(place) = without.get_mut(at..at + 2) {
            place.fill(0);
        }
        asks.push(ask(without, 0, NONE));
        // One whose checksum comes out as zero: a word of the data is what it takes.
        for (protocol, expected, why) in [(ipv4::UDP, 0xffff, ALL_ONES), (ipv4::TCP, 0, PLAIN_ZERO)] {
            let mut built = Sent { protocol, ..sent.clone() };
            if let Some(word) = built.data.get_mut(..2) {
                word.fill(0);
            }
            let sum = sum_of(&built.with(is_source, new).packet()).1;
            if let Some(word) = built.data.get_mut(..2) {
                word.copy_from_slice(&sum.to_be_bytes());
            }
            let before = sum_of(&built.packet()).1;
            if before != 0 && before != 0xffff {
                asks.push(ask(built.packet(), expected, why));
            }
        }
    }
    asks
}

fn identifier(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..20 {
        let (is_source, new) = (round % 2 == 0, end(&mut draw));
        let (from, to, data) = (draw.address(), draw.address(), draw.bytes(round));
        let (identification, sequence, identifier) = (draw.word(), draw.word(), draw.word());
        let packet = |from, to, identifier| {
            let request = icmp::echo_request(identifier, sequence, &data);
            let reply = icmp::echo_reply(icmp::Echo { identifier, sequence }, &data);
            let message = if is_source { request } else { reply };
            Ipv4 { identification, ..Ipv4::new(from, to, ipv4::ICMP) }.packet(&message)
        };
        let expected = if is_source { packet(*new.ip(), to, new.port()) } else { packet(from, *new.ip(), new.port()) };
        let ask = set("set_end", packet(from, to, identifier), is_source, new);
        asks.push(Ask { expected: Expected::Bytes(expected, ECHOED), why: QUERY, ..ask });
    }
    asks
}

/// An ICMP query in an IPv4 packet without options.
const ECHOED: &[Place] = &[
    Place("header checksum", 10, 2),
    Place("source address", 12, 4),
    Place("destination address", 16, 4),
    Place("type and code", 20, 2),
    Place("ICMP checksum", 22, 2),
    Place("identifier", 24, 2),
    Place("sequence number", 26, 2),
];

/// An ICMP error in an IPv4 packet without options, and what it quotes.
const QUOTED: &[Place] = &[
    Place("header checksum", 10, 2),
    Place("source address", 12, 4),
    Place("destination address", 16, 4),
    Place("type and code", 20, 2),
    Place("quoted header checksum", 38, 2),
    Place("quoted source address", 40, 4),
    Place("quoted destination address", 44, 4),
    Place("quoted source port", 48, 2),
    Place("quoted destination port", 50, 2),
    Place("quoted length", 52, 2),
    Place("quoted checksum", 54, 2),
    Place("ICMP checksum", 22, 2),
];

fn quoted(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..24 {
        let (inside, router, identification) = (end(&mut draw), draw.address(), draw.word());
        let protocol = if round % 3 == 2 { ipv4::TCP } else { ipv4::UDP };
        let mut sent = Sent::drawn(&mut draw, protocol, 8);
        // With options in the quote its fields are elsewhere; then the layout has no names for them.
        sent.options = vec![1; if round % 4 == 3 { 8 } else { 0 }];
        let quote = 20 + sent.options.len() + if round % 2 == 0 { 8 } else { 28 };
        let error = |sent: &Sent, to| {
            let packet = sent.packet();
            let message = icmp::message(11, 0, [0; 4], packet.get(..quote).unwrap_or(&packet));
            Ipv4 { identification, ..Ipv4::new(router, to, ipv4::ICMP) }.packet(&message)
        };
        let before = error(&sent, *sent.source.ip());
        let after = error(&sent.with(true, inside), *inside.ip());
        let layout = if sent.options.is_empty() { QUOTED } else { IPV4 };
        asks.push(Ask {
            function: "set_quoted",
            arguments: vec![("packet", before.into()), ("inside", Value::Text(inside.to_string()))],
            expected: Expected::Bytes(after, layout),
            why: QUOTE,
        });
    }
    asks
}

fn short(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for protocol in [ipv4::UDP, ipv4::TCP] {
        let new = end(&mut draw);
        let mut sent = Sent::drawn(&mut draw, protocol, 0);
        for options in [0, 4] {
            sent.options = vec![1; options];
            let packet = sent.packet();
            let needed = sum_of(&packet).0 + 2;
            asks.push(ends_of(&sent, true, new));
            for len in (0..needed).rev() {
                let cut = packet.get(..len).unwrap_or_default().to_vec();
                asks.push(Ask { why: SHORT, ..set("set_end", cut, true, new) });
            }
            // A header that is shorter than a header can be, and something else behind it.
            for (at, byte, why) in [(0, 0x44, SHORT), (0, 0x40, SHORT), (9, 47, PROTOCOL), (9, 0, PROTOCOL)] {
                let mut odd = packet.clone();
                if let Some(place) = odd.get_mut(at) {
                    *place = byte;
                }
                asks.push(Ask { why, ..set("set_end", odd, true, new) });
            }
        }
    }
    asks
}

/// An address that stands for others outside.
fn public(draw: &mut Draw) -> Ipv4Addr {
    draw.address()
}
