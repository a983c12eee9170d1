//! Lab 6: traceroute (RFC 792 pages 4 and 6, RFC 1812 section 4.3.2.3, RFC 4884).

mod chain;
mod scenario;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, Place};
use crate::check::case::Case;
use host::lab::Value;
use std::net::Ipv4Addr;
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

const FIGURE: &str =
    "RFC 791 section 3.1 and RFC 768: total length 28, UDP length 8, both checksums, the probe's port as destination";
const QUOTED: &str = "RFC 792 page 6: a time exceeded quotes the header and 64 bits more of the packet it is about";
const NOT_OURS: &str = "RFC 792: the quote says whose packet it was, by source, destination, protocol and ports";
const NO_ERROR: &str = "RFC 792: only types 3 and 11 are about a probe";
const INTACT: &str = "RFC 792 page 6: the checksum covers the whole message; what does not sum up is nobody's";
const REFUSED: &str = "RFC 792 page 4: code 3 is a port where nobody listens, and any other code a refusal on the way";
const OPTIONS: &str = "RFC 791 section 3.1: the quoted header has a length of its own";
const LONGER: &str =
    "RFC 1812 section 4.3.2.3: a router may quote more; RFC 4884 section 4: extensions stand behind 128 bytes";
const SHORT: &str = "RFC 792 page 6: without 64 bits behind the header there are no ports, and nobody's probe";
const SILENCE: &str = "a probe without an answer in its second is a star";
const EACH: &str = "each probe has a port of its own, and the quote says which probe an answer is about";

/// The port that the stub has all probes leave from.
const SOURCE_PORT: u16 = 45_678;
/// The port of the first probe, as the handed-out `main.rs` sets it.
const FIRST_PORT: u16 = 33_434;

/// A probe's packet.
const LAYOUT: &[Place] = &[
    Place("version and IHL", 0, 1),
    Place("type of service", 1, 1),
    Place("total length", 2, 2),
    Place("identification", 4, 2),
    Place("flags and fragment offset", 6, 2),
    Place("time to live", 8, 1),
    Place("protocol", 9, 1),
    Place("header checksum", 10, 2),
    Place("source address", 12, 4),
    Place("destination address", 16, 4),
    Place("source port", 20, 2),
    Place("destination port", 22, 2),
    Place("UDP length", 24, 2),
    Place("UDP checksum", 26, 2),
];

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    Some(match check {
        "probe" => vec![Part::Asks(probes(draw))],
        "straight" | "silent-hop" | "balanced" => vec![Part::Cases(scenario::answers)],
        "stops" => vec![Part::Asks(refusals(draw)), Part::Cases(scenario::answers)],
        "foreign" => vec![Part::Asks(foreign(draw)), Part::Cases(scenario::answers)],
        "late" => vec![Part::Cases(scenario::answers_to_ports_of_their_own)],
        "quotes" => vec![Part::Asks(quotes(draw))],
        _ => return None,
    })
}

/// Paths of a length, with a hop that says nothing, that nobody has seen.
pub(super) fn made(check: &str) -> &'static [fn(&mut Draw) -> Case] {
    match check {
        "straight" => &[chain::straight],
        "silent-hop" => &[chain::silent_hop],
        "stops" => &[chain::dead_end],
        _ => &[],
    }
}

/// A probe that is under way, and a router on its way.
struct Probe {
    src: Ipv4Addr,
    dst: Ipv4Addr,
    router: Ipv4Addr,
    port: u16,
}

impl Probe {
    fn drawn(draw: &mut Draw) -> Self {
        let port = FIRST_PORT + draw.word() % 90;
        Self { src: draw.address(), dst: draw.address(), router: draw.address(), port }
    }

    fn datagram(&self) -> Vec<u8> {
        Udp::new(SOURCE_PORT, self.port).datagram(self.src.into(), self.dst.into(), &[])
    }

    /// The packet as it is when its time is over.
    fn header(&self) -> Ipv4 {
        Ipv4 { ttl: 1, ..Ipv4::new(self.src, self.dst, ipv4::UDP) }
    }

    /// What a message from `by` to this host looks like.
    fn from(&self, by: Ipv4Addr, message: &[u8]) -> Vec<u8> {
        Ipv4 { ttl: 61, ..Ipv4::new(by, self.src, ipv4::ICMP) }.packet(message)
    }

    /// The time exceeded of the router, about what is quoted.
    fn exceeded(&self, quote: &[u8]) -> Vec<u8> {
        self.from(self.router, &icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], quote))
    }

    fn ask(&self, packet: Vec<u8>, expected: Expected, why: &'static str) -> Ask {
        let arguments = vec![("packet", packet.into()), ("src", self.src.into()), ("dst", self.dst.into())];
        Ask { function: "answer", arguments, expected, why }
    }

    fn says(&self, what: &str, by: Ipv4Addr) -> Expected {
        Expected::Is(Value::record(what, [("port", self.port.into()), ("by", by.into())]))
    }
}

fn none() -> Expected {
    Expected::IsOrMalformed(Value::Nothing)
}

fn probes(mut draw: Draw) -> Vec<Ask> {
    let ask = |ttl: u8| {
        let probe = Probe::drawn(&mut draw);
        let packet = Ipv4 { ttl, ..probe.header() }.packet(&probe.datagram());
        let arguments = vec![
            ("src", probe.src.into()),
            ("dst", probe.dst.into()),
            ("ttl", ttl.into()),
            ("port", probe.port.into()),
        ];
        Ask { function: "probe", arguments, expected: Expected::Bytes(packet, LAYOUT), why: FIGURE }
    };
    (1..=30).chain([64, 255]).map(ask).collect()
}

fn refusals(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for code in [13, 0, 1, 2, 4, 9, 10] {
        let probe = Probe::drawn(&mut draw);
        let quote = probe.header().packet(&probe.datagram());
        let unreachable = |by, code| probe.from(by, &icmp::message(icmp::UNREACHABLE, code, [0; 4], &quote));
        let said = [("port", probe.port.into()), ("by", probe.router.into()), ("code", code.into())];
        let refused = Expected::Is(Value::record("Refused", said));
        asks.push(probe.ask(unreachable(probe.router, code), refused, REFUSED));
        asks.push(probe.ask(unreachable(probe.dst, 3), probe.says("Arrived", probe.dst), REFUSED));
    }
    asks
}

fn foreign(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for _ in 0..6 {
        let probe = Probe::drawn(&mut draw);
        let (header, datagram) = (probe.header(), probe.datagram());
        let right = header.packet(&datagram);
        asks.push(probe.ask(probe.exceeded(&right), probe.says("Hop", probe.router), QUOTED));
        let arrived = probe.from(probe.dst, &icmp::message(icmp::UNREACHABLE, 3, [0; 4], &right));
        asks.push(probe.ask(arrived, probe.says("Arrived", probe.dst), QUOTED));

        let other = |address: Ipv4Addr, draw: &mut Draw| Ipv4Addr::from(u32::from(address) ^ 1 << draw.below(32));
        let other_host = Ipv4 { source: other(probe.src, &mut draw), ..header }.packet(&datagram);
        let elsewhere = Ipv4 { destination: other(probe.dst, &mut draw), ..header }.packet(&datagram);
        let other_program = Udp::new(SOURCE_PORT ^ 1 << draw.below(16), probe.port);
        let other_program = header.packet(&other_program.datagram(probe.src.into(), probe.dst.into(), &[]));
        let tcp = Tcp::new(SOURCE_PORT, probe.port).segment(probe.src.into(), probe.dst.into(), &[], &[]);
        let tcp = Ipv4 { protocol: ipv4::TCP, ..header }.packet(&tcp);
        let quotes = [elsewhere, other_host, other_program, tcp];
        asks.extend(quotes.map(|quote| probe.ask(probe.exceeded(&quote), none(), NOT_OURS)));

        let echo = probe.from(probe.dst, &icmp::message(icmp::ECHO_REPLY, 0, [0; 4], &right));
        let redirect = probe.from(probe.router, &icmp::message(icmp::REDIRECT, 1, [0; 4], &right));
        // The time to put fragments together was over, which no router on the way says.
        let reassembly = probe.from(probe.router, &icmp::message(icmp::TIME_EXCEEDED, 1, [0; 4], &right));
        asks.extend([echo, redirect, reassembly].map(|packet| probe.ask(packet, none(), NO_ERROR)));
        let udp = Ipv4::new(probe.router, probe.src, ipv4::UDP);
        let udp = udp.packet(&icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], &right));
        asks.push(probe.ask(udp, none(), NO_ERROR));
        let mut broken = icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], &right);
        let at = 2 + draw.index(broken.len() - 2);
        broken.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << draw.below(8));
        asks.push(probe.ask(probe.from(probe.router, &broken), none(), INTACT));
    }
    asks
}

fn quotes(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for _ in 0..3 {
        let probe = Probe::drawn(&mut draw);
        let (header, datagram) = (probe.header(), probe.datagram());
        let whole = header.packet(&datagram);
        asks.push(probe.ask(probe.exceeded(&whole), probe.says("Hop", probe.router), QUOTED));
        for words in [1, 2, 10] {
            let options = vec![1; words * 4];
            let quote = [&header.sealed(&options, datagram.len()).bytes(), &options[..], &datagram].concat();
            asks.push(probe.ask(probe.exceeded(&quote), probe.says("Hop", probe.router), OPTIONS));
        }
        // 128 bytes of a longer packet, and behind them a stack of one label: a header of four bytes and an object of eight.
        let longer = header.sealed(&[], 500).bytes();
        let mut quote = [&longer[..], &datagram].concat();
        quote.resize(128, 0xa5);
        asks.push(probe.ask(probe.exceeded(&quote), probe.says("Hop", probe.router), LONGER));
        let label = [0x00, 0x08, 0x01, 0x01, 0x03, 0xe8, 0x41, 0x01];
        let mut structure = [&[0x20, 0, 0, 0][..], &label].concat();
        let sum = wire::checksum::Checksum::default().add(&structure).finish().to_be_bytes();
        structure.iter_mut().skip(2).zip(sum).for_each(|(byte, new)| *byte = new);
        let quote = [quote, structure].concat();
        let extended = icmp::message(icmp::TIME_EXCEEDED, 0, [0, 32, 0, 0], &quote);
        asks.push(probe.ask(probe.from(probe.router, &extended), probe.says("Hop", probe.router), LONGER));

        for length in 0..28 {
            let quote: Vec<u8> = whole.iter().take(length).copied().collect();
            asks.push(probe.ask(probe.exceeded(&quote), none(), SHORT));
        }
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn each_check_has_something_to_take_and_two_have_more_to_leave() {
        let counted = |asks: Vec<Ask>| {
            let taken = asks.iter().filter(|ask| !matches!(ask.expected, Expected::IsOrMalformed(_))).count();
            (taken, asks.len() - taken)
        };
        assert_eq!(counted(probes(Draw::new(SEED, "probe"))), (32, 0));
        assert_eq!(counted(refusals(Draw::new(SEED, "stops"))), (14, 0));
        assert_eq!(counted(foreign(Draw::new(SEED, "foreign"))), (12, 54));
        assert_eq!(counted(quotes(Draw::new(SEED, "quotes"))), (18, 84));
    }
}
