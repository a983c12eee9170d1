//! Lab 7: the longest prefix, and one step of a router (RFC 1812 section 5.2).

mod scenario;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected};
use host::lab::Value;
use std::net::Ipv4Addr;
use wire::icmp;
use wire::ipv4::{self, Ipv4};

const LONGEST: &str =
    "RFC 1812 section 5.2.4.3: of the rows that match, the one with the longest prefix; only its bits count";
const HOP: &str =
    "RFC 1812 section 5.2.4.2: on a link of the router the next hop is the destination, else it is the row's router";
const TTL: &str =
    "RFC 1812 section 5.3.1: one is taken from the TTL, and a packet for which nothing is left goes no further";
const OWN: &str = "RFC 1812 section 5.3.1: a packet for the router itself is taken, whatever its TTL";
const SEALED: &str = "RFC 1812 section 5.2.2: the checksum is right on the way out; all header words sum to ffff";
const BROKEN: &str = "RFC 1812 section 5.2.2: a packet whose checksum is wrong is discarded, and nobody is told";
const VALID: &str = "RFC 1812 section 5.2.2: version 4, a header of 20 bytes at least, a total length not below it and not above what came";
const NO_ROUTE: &str = "RFC 1812 section 5.2.7.1: without a route, unreachable, code 0: the network";
const NO_ERROR: &str =
    "RFC 1812 section 4.3.2.7: no error about an ICMP error, a later fragment, or what was for many or from nobody";
const TOO_BIG: &str =
    "RFC 791 section 2.3 and RFC 1191 section 4: longer than the MTU and not to be cut, unreachable, code 4";
const FITS: &str = "RFC 791 section 3.2: what is as long as the MTU fits, and what may be cut is not refused";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "longest-prefix" => longest_prefix(draw),
        "forward" => forward(draw),
        "ttl" => ttl(draw),
        "checksum" => checksum(draw),
        "no-route" => no_route(draw),
        "too-big" => too_big(draw),
        "as-a-router" => return Some(vec![Part::CasesBeside(scenario::forwarded, scenario::traffic)]),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
struct Row {
    net: u32,
    prefix: u8,
    via: Option<Ipv4Addr>,
    interface: usize,
}

impl Row {
    fn fits(&self, dst: u32) -> bool {
        (0..self.prefix).all(|bit| (self.net ^ dst) >> (31 - bit) & 1 == 0)
    }

    fn text(&self) -> Value {
        let via = self.via.map(|via| format!(" via {via}")).unwrap_or_default();
        format!("{}/{}{via} on {}", Ipv4Addr::from(self.net), self.prefix, self.interface).as_str().into()
    }
}

/// The row that is right, found in another way: all prefixes from the longest on.
fn right(rows: &[Row], dst: u32) -> Option<usize> {
    (0..=32).rev().find_map(|prefix| rows.iter().position(|row| row.prefix == prefix && row.fits(dst)))
}

fn table(rows: &[Row]) -> (&'static str, Value) {
    ("routes", Value::List(rows.iter().map(Row::text).collect()))
}

fn lookup(rows: &[Row], dst: u32) -> Ask {
    Ask {
        function: "lookup",
        arguments: vec![table(rows), ("dst", Ipv4Addr::from(dst).into())],
        expected: Expected::Is(right(rows, dst).into()),
        why: LONGEST,
    }
}

/// The bits of an address that a prefix leaves to the hosts.
fn host_part(prefix: u8) -> u32 {
    u32::MAX.checked_shr(prefix.into()).unwrap_or(0)
}

fn longest_prefix(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..30 {
        let dst = u32::from(draw.address());
        let row = |draw: &mut Draw, net: u32, prefix: u8| {
            let via = (draw.byte() & 1 == 1).then(|| draw.address());
            Row { net, prefix, via, interface: draw.index(4) }
        };
        // Nested around one address: each is half of the one before it, with and without bits in the host part.
        let clean = |prefix: u8| dst & !host_part(prefix);
        let short = 8 + draw.byte() % 8;
        let nested: Vec<Row> = [short, short + 4, short + 9].map(|prefix| row(&mut draw, clean(prefix), prefix)).into();
        asks.push(lookup(nested.get(..1).unwrap_or_default(), dst));
        asks.push(lookup(&nested, dst));
        let backwards: Vec<Row> = nested.iter().rev().copied().collect();
        asks.push(lookup(&backwards, dst));
        let away = dst ^ (1 << (31 - (short + 5)));
        asks.push(lookup(&nested, away));
        // Nothing fits; and then a default.
        let far = dst ^ 1 << 31;
        asks.push(lookup(&nested, far));
        let default = row(&mut draw, 0, 0);
        let with_default = [&[default][..], &nested].concat();
        asks.push(lookup(&with_default, far));
        asks.push(lookup(&with_default, dst));
        let equals: Vec<Row> = nested.iter().chain(&nested).copied().collect();
        asks.push(lookup(&equals, dst));
        let bits: Vec<Row> = nested.iter().map(|row| Row { net: dst ^ 1, ..*row }).collect();
        asks.push(lookup(&bits, dst));
        // A table as long as they come, in no order.
        let mut long: Vec<Row> = (0..(round + 1) * 5 / 3)
            .map(|_| {
                let (bit, prefix) = (draw.below(31), draw.byte() % 33);
                row(&mut draw, dst ^ 1 << bit, prefix)
            })
            .collect();
        for at in (1..long.len()).rev() {
            long.swap(at, draw.index(at + 1));
        }
        asks.push(lookup(&long, dst));
    }
    asks
}

/// A router with two links and a default route, and a packet that passes through it.
struct Passing {
    rows: Vec<Row>,
    own: [Ipv4Addr; 2],
    mtu: [u16; 2],
    header: Ipv4,
}

impl Passing {
    /// By a row of the table: on the link of interface 1, or behind its router.
    fn drawn(draw: &mut Draw, is_on_link: bool) -> Self {
        let own = [draw.address(), draw.address()];
        let gateway = Ipv4Addr::from(u32::from(own[1]) ^ 2);
        let link = |own: Ipv4Addr, interface| Row { net: u32::from(own) & !0xff, prefix: 24, via: None, interface };
        let mut rows = vec![link(own[0], 0), link(own[1], 1)];
        let behind = draw.address();
        rows.push(Row { net: 0, prefix: 0, via: Some(Ipv4Addr::from(u32::from(own[0]) ^ 3)), interface: 0 });
        rows.push(Row { net: u32::from(behind) & !0xff, prefix: 24, via: Some(gateway), interface: 1 });
        let destination = if is_on_link { Ipv4Addr::from(u32::from(own[1]) ^ 4) } else { behind };
        let header = Ipv4 {
            ttl: 2 + draw.byte() % 250,
            identification: draw.word(),
            ..Ipv4::new(draw.address(), destination, ipv4::UDP)
        };
        Self { rows, own, mtu: [1500, 1500], header }
    }

    fn ask(&self, function: &'static str, packet: Vec<u8>, expected: Expected, why: &'static str) -> Ask {
        let own = self.own.iter().map(|own| (*own).into()).collect();
        let mtu = self.mtu.iter().map(|mtu| (*mtu).into()).collect();
        let arguments = vec![
            table(&self.rows),
            ("own", Value::List(own)),
            ("interface", 0_u8.into()),
            ("mtu", Value::List(mtu)),
            ("packet", packet.into()),
        ];
        Ask { function, arguments, expected, why }
    }

    /// Where the packet leaves, and for whom.
    fn leaves(&self) -> Expected {
        let row = right(&self.rows, self.header.destination.into()).and_then(|row| self.rows.get(row));
        let Some(row) = row else { return Expected::Malformed };
        let next_hop = row.via.unwrap_or(self.header.destination);
        Expected::Is(Value::record("Forward", [("interface", row.interface.into()), ("next_hop", next_hop.into())]))
    }
}

fn error(kind: u8, code: u8) -> Expected {
    Expected::Is(Value::record("Error", [("kind", kind.into()), ("code", code.into())]))
}

fn only(name: &str) -> Expected {
    Expected::Is(Value::record(name, []))
}

fn forward(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..20 {
        let passing = Passing::drawn(&mut draw, round % 2 == 0);
        let packet = passing.header.packet(&draw.bytes(round));
        asks.push(passing.ask("step", packet, passing.leaves(), HOP));
    }
    asks
}

fn ttl(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for ttl in [64, 2, 1, 0, 3, 255, 100] {
        let passing = Passing::drawn(&mut draw, ttl % 2 == 0);
        let data = draw.bytes(8);
        let header = Ipv4 { ttl, ..passing.header };
        let expected = match ttl {
            0 | 1 => error(icmp::TIME_EXCEEDED, 0),
            _ => Expected::Is(Value::record("Forward", [("ttl", (ttl - 1).into())])),
        };
        asks.push(passing.ask("step: ttl", header.packet(&data), expected, TTL));
        for own in passing.own {
            let header = Ipv4 { destination: own, ..header };
            asks.push(passing.ask("step", header.packet(&data), only("Local"), OWN));
        }
    }
    asks
}

/// A packet with options of no effect, as many words as said.
fn with_options(header: &Ipv4, words: usize, payload: &[u8]) -> Vec<u8> {
    let options = vec![1; words * 4];
    [&header.sealed(&options, payload.len()).bytes(), &options[..], payload].concat()
}

fn checksum(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..24 {
        let passing = Passing::drawn(&mut draw, round % 2 == 0);
        let data = draw.bytes(round);
        let right = || Expected::Is(Value::Word(0xffff));
        asks.push(passing.ask("step: header sums to", passing.header.packet(&data), right(), SEALED));
        // A checksum of ff.. has no room for what the TTL gives it: found by counting up the identification.
        let full = (0..=u16::MAX)
            .map(|identification| Ipv4 { identification, ..passing.header }.sealed(&[], data.len()))
            .find(|header| (0xff00..0xffff).contains(&header.checksum));
        if let Some(full) = full {
            asks.push(passing.ask("step: header sums to", full.packet(&data), right(), SEALED));
        }
        let options = with_options(&passing.header, 1 + round % 10, &data);
        asks.push(passing.ask("step: header sums to", options, right(), SEALED));
        let sealed = passing.header.sealed(&[], data.len());
        let broken = Ipv4 { checksum: sealed.checksum ^ 1 << draw.below(16), ..sealed };
        asks.push(passing.ask("step", [&broken.bytes()[..], &data].concat(), only("Drop"), BROKEN));
        // Whose checksum is right, and who is wrong all the same.
        let lies = [
            Ipv4 { version: 6, ..sealed },
            Ipv4 { ihl: 4, ..sealed },
            Ipv4 { total_length: 19, ..sealed },
            Ipv4 { total_length: sealed.total_length + 1, ..sealed },
        ];
        for lie in lies {
            let lie = Ipv4 { checksum: lie.sum(&[]), ..lie };
            asks.push(passing.ask("step", [&lie.bytes()[..], &data].concat(), only("Drop"), VALID));
        }
    }
    asks
}

fn no_route(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for _ in 0..6 {
        let mut passing = Passing::drawn(&mut draw, true);
        let near = passing.header;
        let data = draw.bytes(16);
        asks.push(passing.ask("step", near.packet(&data), passing.leaves(), HOP));
        passing.rows.retain(|row| row.via.is_none());
        let far = Ipv4 { destination: Ipv4Addr::from(u32::from(near.destination) ^ 1 << 9), ..near };
        let nowhere = right(&passing.rows, far.destination.into()).is_none();
        let far = if nowhere { far } else { Ipv4 { destination: Ipv4Addr::new(198, 51, 100, 7), ..far } };
        let (told, silent) = (error(icmp::UNREACHABLE, 0), only("Drop"));
        let mut ask = |header: Ipv4, data: &[u8], is_told: bool| {
            let (expected, why) = if is_told { (&told, NO_ROUTE) } else { (&silent, NO_ERROR) };
            asks.push(passing.ask("step", header.packet(data), expected.clone(), why));
        };
        ask(far, &data, true);
        ask(Ipv4 { more_fragments: true, ..far }, &data, true);
        // Of the 13 bits of an offset, the lowest and the lowest of the upper byte alone are one, too.
        for fragment_offset in [1, 256, 1 + draw.word() % 8000] {
            ask(Ipv4 { fragment_offset, ..far }, &data, false);
        }
        let icmp = Ipv4 { protocol: ipv4::ICMP, ..far };
        ask(icmp, &icmp::echo_request(1, 1, &data), true);
        ask(icmp, &icmp::echo_reply(icmp::Echo { identifier: 1, sequence: 1 }, &data), true);
        let errors =
            [icmp::UNREACHABLE, icmp::SOURCE_QUENCH, icmp::TIME_EXCEEDED, icmp::PARAMETER_PROBLEM, icmp::REDIRECT];
        for kind in errors {
            ask(icmp, &icmp::message(kind, 0, [0; 4], &far.packet(&data)), false);
        }
        for many in [Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 9)] {
            ask(Ipv4 { destination: many, ..far }, &data, false);
        }
        for nobody in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST, Ipv4Addr::new(224, 0, 0, 5)] {
            ask(Ipv4 { source: nobody, ..far }, &data, false);
        }
        ask(Ipv4 { source: Ipv4Addr::new(223, 255, 255, 1), ..far }, &data, true);
    }
    asks
}

fn too_big(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for mtu in [1500, 1400, 576, 68] {
        let passing = Passing { mtu: [9000, mtu], ..Passing::drawn(&mut draw, mtu % 8 == 0) };
        for (length, dont_fragment) in [(mtu, true), (mtu + 1, true), (mtu + 1, false), (mtu, false), (mtu + 100, true)]
        {
            let header = Ipv4 { dont_fragment, ..passing.header };
            let packet = header.packet(&draw.bytes(usize::from(length) - 20));
            let is_refused = dont_fragment && length > mtu;
            let expected = if is_refused { error(icmp::UNREACHABLE, 4) } else { passing.leaves() };
            asks.push(passing.ask("step", packet, expected, if is_refused { TOO_BIG } else { FITS }));
        }
        // A later fragment may be cut again: the bit beside the flags is of its offset.
        let fragment = Ipv4 { fragment_offset: 256, ..passing.header };
        let packet = fragment.packet(&draw.bytes(usize::from(mtu) - 19));
        asks.push(passing.ask("step", packet, passing.leaves(), FITS));
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn checksums_that_carry_are_among_those_asked() {
        let asks = checksum(Draw::new(SEED, "checksum"));
        let full = asks.iter().filter(|ask| {
            let Some((_, Value::Bytes(packet))) = ask.arguments.last() else { panic!("{ask:?}") };
            packet[10] == 0xff
        });
        assert!(full.count() >= 24);
    }

    #[test]
    fn every_packet_that_should_leave_has_a_row() {
        let asks = [forward, no_route, too_big].map(|asks| asks(Draw::new(SEED, "x"))).concat();
        assert!(!asks.iter().any(|ask| matches!(ask.expected, Expected::Malformed)));
    }
}
