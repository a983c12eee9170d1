//! Lab 8: the user datagram (RFC 768), and which socket it is for.

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, PSEUDO_HEADER, UDP};
use host::lab::Value;
use std::net::{Ipv4Addr, SocketAddrV4};
use wire::udp::Udp;

const FIGURE: &str = "RFC 768, Format: source port, destination port, length, checksum, each of 16 bits";
const LENGTH: &str = "RFC 768, Length: the bytes of header and data, so 8 at least; what is behind them is no data";
const PSEUDO: &str = "RFC 768, Checksum: source address, destination address, zero, protocol 17, UDP length";
const COVERED: &str =
    "RFC 768: the length of header and data; the complement of the sum over pseudo header, header and data";
const ALL_ONES: &str = "RFC 768, Checksum: if the computed checksum is zero, it is transmitted as all ones";
const RIGHT: &str =
    "RFC 1071 section 1: what came as it was sent sums to all ones, checksum included; RFC 768 says over what";
const NO_CHECKSUM: &str = "RFC 768, Checksum: all zero means that the transmitter generated no checksum";
const ADDRESS: &str = "RFC 1122 section 4.1.3.5: a socket has a port, and an address that may be left unspecified";
const PEER: &str =
    "no RFC: what `connect` does; a connected socket gets what its peer sends, before all others, and no more";
const NEWEST: &str = "no RFC: among equal sockets Linux takes the one that was bound last";
const IN_USE: &str =
    "no RFC: EADDRINUSE on Linux, if the port is the same and the addresses meet, but for SO_REUSEADDR at both";
const UNREACHABLE: &str =
    "RFC 1122 section 4.1.3.1: nobody listens at the port, so Port Unreachable, ICMP type 3, code 3";
const SILENT: &str = "RFC 1122 section 4.1.3.4: a datagram whose checksum is wrong is discarded in silence";
const CUT: &str = "RFC 768, Length: more is said than came, or less than a header; there is no port to answer for";
const NO_ERROR: &str = "RFC 1122 section 3.2.2: no error about what was for many hosts, nor to what is no single host";

const ANY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "parse" => parse(draw),
        "length" => length(draw),
        "pseudo-header" => pseudo_header(draw),
        "emit" => emit(draw),
        "zero" => zero(draw),
        "intact" => intact(draw),
        "no-checksum" => no_checksum(draw),
        "specific" => specific(draw),
        "connected" => connected(draw),
        "newest" => newest(draw),
        "bind" => bind(draw),
        "closed" => closed(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

/// A datagram between two ends that are drawn.
struct Sample {
    from: SocketAddrV4,
    to: SocketAddrV4,
    payload: Vec<u8>,
}

impl Sample {
    fn draw(draw: &mut Draw, length: usize) -> Self {
        Self { from: end(draw), to: end(draw), payload: draw.bytes(length) }
    }

    fn datagram(&self) -> Vec<u8> {
        let (source, destination) = ((*self.from.ip()).into(), (*self.to.ip()).into());
        Udp::new(self.from.port(), self.to.port()).datagram(source, destination, &self.payload)
    }

    /// The same with a last word more, which makes the checksum come out as zero.
    fn summing_to_zero(mut self) -> Self {
        self.payload.truncate(self.payload.len() & !1);
        self.payload.extend([0, 0]);
        // What is missing is what the checksum would be; put among the data, it leaves nothing.
        if let Some(&[high, low]) = self.datagram().get(6..8)
            && let Some(last) = self.payload.last_chunk_mut::<2>()
        {
            *last = [high, low];
        }
        self
    }
}

fn end(draw: &mut Draw) -> SocketAddrV4 {
    SocketAddrV4::new(draw.address(), draw.word().max(1))
}

fn text(end: SocketAddrV4) -> Value {
    end.to_string().as_str().into()
}

/// These bytes in the place of those at `at`.
fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.iter_mut().skip(at).zip(new).for_each(|(byte, new)| *byte = *new);
    bytes
}

fn parsed(bytes: Vec<u8>, sample: &Sample, why: &'static str) -> Ask {
    let record = Value::record(
        "datagram",
        [
            ("src_port", sample.from.port().into()),
            ("dst_port", sample.to.port().into()),
            ("payload", sample.payload.clone().into()),
        ],
    );
    Ask { function: "parse", arguments: vec![("bytes", bytes.into())], expected: Expected::Is(record), why }
}

fn malformed(bytes: Vec<u8>) -> Ask {
    Ask { function: "parse", arguments: vec![("bytes", bytes.into())], expected: Expected::Malformed, why: LENGTH }
}

fn parse(mut draw: Draw) -> Vec<Ask> {
    let lengths = (0..=16).chain([100, 512, 1472]);
    let samples = lengths.map(|length| Sample::draw(&mut draw, length));
    samples.map(|sample| parsed(sample.datagram(), &sample, FIGURE)).collect()
}

fn length(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for size in [0, 1, 4, 17, 100] {
        let sample = Sample::draw(&mut draw, size);
        let whole = sample.datagram();
        asks.push(parsed([&whole[..], &draw.bytes(1 + size)].concat(), &sample, LENGTH));
        let total = u16::try_from(whole.len()).unwrap_or(u16::MAX);
        let beyond = total + 1 + u16::from(draw.byte());
        let lies = [0, 7, 1 + total % 7, total + 1, beyond, u16::MAX];
        asks.extend(lies.map(|lie| malformed(with(&whole, 4, &lie.to_be_bytes()))));
        // Cut at each byte of the header, and somewhere behind it.
        asks.extend((0..8).map(|cut| malformed(whole.iter().take(cut).copied().collect())));
        if size > 0 {
            asks.push(malformed(whole.iter().take(8 + draw.index(size)).copied().collect()));
        }
    }
    asks
}

fn pseudo_header(mut draw: Draw) -> Vec<Ask> {
    let lengths = [8, 9, 255, 256, 1480, u16::MAX].into_iter().chain((0..20).map(|_| draw.word().max(8)));
    let lengths: Vec<u16> = lengths.collect();
    let ask = |length: u16| {
        let (source, destination) = (draw.address(), draw.address());
        let bytes =
            [&source.octets()[..], &destination.octets(), &[0, wire::ipv4::UDP], &length.to_be_bytes()].concat();
        Ask {
            function: "pseudo_header",
            arguments: vec![("src", source.into()), ("dst", destination.into()), ("length", length.into())],
            expected: Expected::Bytes(bytes, PSEUDO_HEADER),
            why: PSEUDO,
        }
    };
    lengths.into_iter().map(ask).collect()
}

fn emitted(sample: &Sample, why: &'static str) -> Ask {
    Ask {
        function: "emit",
        arguments: vec![
            ("src", text(sample.from)),
            ("dst", text(sample.to)),
            ("payload", sample.payload.clone().into()),
        ],
        expected: Expected::Bytes(sample.datagram(), UDP),
        why,
    }
}

fn emit(mut draw: Draw) -> Vec<Ask> {
    let lengths = (0..=24).chain([100, 555, 1471, 1472, 65_507]);
    lengths.map(|length| emitted(&Sample::draw(&mut draw, length), COVERED)).collect()
}

fn zero(mut draw: Draw) -> Vec<Ask> {
    let lengths = [0, 2, 4, 10, 100, 1000];
    let samples = lengths.map(|length| Sample::draw(&mut draw, length).summing_to_zero());
    samples.iter().map(|sample| emitted(sample, ALL_ONES)).collect()
}

fn verified(sample: &Sample, bytes: Vec<u8>, right: bool, why: &'static str) -> Ask {
    Ask {
        function: "intact",
        arguments: vec![
            ("src", (*sample.from.ip()).into()),
            ("dst", (*sample.to.ip()).into()),
            ("bytes", bytes.into()),
        ],
        expected: Expected::Is(right.into()),
        why,
    }
}

fn intact(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in (0..=16).chain([101, 1472]) {
        let sample = Sample::draw(&mut draw, length);
        let right = sample.datagram();
        asks.push(verified(&sample, right.clone(), true, RIGHT));
        let (at, bit) = (draw.index(right.len()), draw.below(8));
        let flipped = right.get(at).map_or(0, |byte| byte ^ 1 << bit);
        asks.push(verified(&sample, with(&right, at, &[flipped]), false, RIGHT));
        // It came to another host: nothing in the datagram itself says so.
        let elsewhere = SocketAddrV4::new((sample.to.ip().to_bits() ^ 1 << draw.below(32)).into(), sample.to.port());
        asks.push(verified(&Sample { to: elsewhere, ..sample }, right, false, RIGHT));
    }
    // All ones in the field: what is sent for zero. It sums up as any other checksum does.
    for length in [0, 10, 100] {
        let sample = Sample::draw(&mut draw, length).summing_to_zero();
        asks.push(verified(&sample, sample.datagram(), true, ALL_ONES));
    }
    asks
}

fn no_checksum(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in (0..=8).chain([555]) {
        let sample = Sample::draw(&mut draw, length);
        asks.push(verified(&sample, with(&sample.datagram(), 6, &[0, 0]), true, NO_CHECKSUM));
        // Half a zero is no zero.
        let half = with(&sample.datagram(), 6 + draw.index(2), &[0]);
        let is_right = half == sample.datagram();
        asks.push(verified(&sample, half, is_right, NO_CHECKSUM));
    }
    asks
}

/// A socket as the learner's program is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Socket {
    local: SocketAddrV4,
    peer: Option<SocketAddrV4>,
    reuse: bool,
}

impl Socket {
    fn bound(address: Ipv4Addr, port: u16) -> Self {
        Self { local: SocketAddrV4::new(address, port), peer: None, reuse: true }
    }

    fn connected(address: Ipv4Addr, port: u16, peer: SocketAddrV4) -> Self {
        Self { peer: Some(peer), ..Self::bound(address, port) }
    }

    fn value(&self) -> Value {
        let peer = self.peer.map_or(Value::Nothing, text);
        Value::record("socket", [("local", text(self.local)), ("peer", peer), ("reuse", self.reuse.into())])
    }
}

fn values(sockets: &[Socket]) -> Value {
    sockets.iter().map(Socket::value).collect::<Vec<_>>().into()
}

/// Which socket it is for: by what each must be, from the strictest to the most general, the newest first.
fn owner(sockets: &[Socket], from: SocketAddrV4, to: SocketAddrV4) -> Option<usize> {
    let any = SocketAddrV4::new(ANY, to.port());
    let ways = [(to, Some(from)), (to, None), (any, None)];
    ways.into_iter()
        .find_map(|(local, peer)| sockets.iter().rposition(|socket| socket.local == local && socket.peer == peer))
}

fn found(sockets: &[Socket], from: SocketAddrV4, to: SocketAddrV4, why: &'static str) -> Ask {
    Ask {
        function: "find",
        arguments: vec![("sockets", values(sockets)), ("from", text(from)), ("to", text(to))],
        expected: Expected::Is(owner(sockets, from, to).into()),
        why,
    }
}

/// Another address than `this`.
fn other(draw: &mut Draw, this: Ipv4Addr) -> Ipv4Addr {
    Some(draw.address()).filter(|other| *other != this).unwrap_or(Ipv4Addr::LOCALHOST)
}

/// Another port than `this`, and not 0.
fn other_port(draw: &mut Draw, this: u16) -> u16 {
    let drawn = draw.word().max(1);
    if drawn == this { 1 + this % 1000 } else { drawn }
}

fn specific(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..20 {
        let (from, to) = (end(&mut draw), end(&mut draw));
        let (here, port) = (*to.ip(), to.port());
        let right = Socket::bound(here, port);
        let any = Socket::bound(ANY, port);
        let elsewhere = Socket::bound(other(&mut draw, here), port);
        let next_door = Socket::bound(here, other_port(&mut draw, port));
        let tables: [&[Socket]; 10] = [
            &[right],
            &[any],
            &[],
            &[next_door],
            &[elsewhere],
            &[any, right],
            &[right, any],
            &[elsewhere, any],
            &[next_door, elsewhere, right],
            &[right, elsewhere, any, next_door],
        ];
        // All of them at first, then one at a time with others around it that are drawn.
        if round == 0 {
            asks.extend(tables.map(|table| found(table, from, to, ADDRESS)));
        }
        let mut table = tables.get(draw.index(tables.len())).map_or(vec![], |table| table.to_vec());
        for _ in 0..draw.index(4) {
            let stranger = Socket::bound(draw.address(), other_port(&mut draw, port));
            table.insert(draw.index(table.len() + 1), stranger);
        }
        asks.push(found(&table, from, to, ADDRESS));
    }
    asks
}

fn connected(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for _ in 0..8 {
        let (from, to) = (end(&mut draw), end(&mut draw));
        let (here, port) = (*to.ip(), to.port());
        let another = SocketAddrV4::new(other(&mut draw, *from.ip()), from.port());
        let another_port = SocketAddrV4::new(*from.ip(), other_port(&mut draw, from.port()));
        let right = Socket::connected(here, port, from);
        let (bound, any) = (Socket::bound(here, port), Socket::bound(ANY, port));
        let (theirs, sibling) = (Socket::connected(here, port, another), Socket::connected(here, port, another_port));
        let tables: [&[Socket]; 12] = [
            &[right],
            &[theirs],
            &[sibling],
            &[right, bound],
            &[bound, right],
            &[right, any],
            &[any, right],
            &[any, theirs],
            &[bound, sibling],
            &[theirs, right, sibling],
            &[right, theirs, bound, any],
            &[any, bound, sibling, right],
        ];
        asks.extend(tables.map(|table| found(table, from, to, PEER)));
    }
    asks
}

fn newest(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for count in [2, 3, 2, 5, 8] {
        let (from, to) = (end(&mut draw), end(&mut draw));
        let (here, port) = (*to.ip(), to.port());
        let groups = [Socket::bound(here, port), Socket::bound(ANY, port), Socket::connected(here, port, from)];
        for equal in groups {
            let mut table = vec![equal; count];
            asks.push(found(&table, from, to, NEWEST));
            table.push(Socket::bound(draw.address(), other_port(&mut draw, port)));
            asks.push(found(&table, from, to, NEWEST));
        }
    }
    asks
}

fn bind(mut draw: Draw) -> Vec<Ask> {
    let ask = |sockets: &[Socket], new: SocketAddrV4, reuse: bool| {
        let is_in_the_way = |old: &&Socket| {
            let meet = *old.local.ip() == ANY || *new.ip() == ANY || old.local.ip() == new.ip();
            old.local.port() == new.port() && meet && !(old.reuse && reuse)
        };
        let free = sockets.iter().find(is_in_the_way).is_none();
        Ask {
            function: "may_bind",
            arguments: vec![("sockets", values(sockets)), ("local", text(new)), ("reuse", reuse.into())],
            expected: Expected::Is(free.into()),
            why: IN_USE,
        }
    };
    let mut asks = vec![];
    for _ in 0..6 {
        let new = end(&mut draw);
        let (here, port) = (*new.ip(), new.port());
        let any = SocketAddrV4::new(ANY, port);
        let peer = end(&mut draw);
        let plain = |address| Socket { reuse: false, ..Socket::bound(address, port) };
        let next_door = Socket::bound(here, other_port(&mut draw, port));
        asks.push(ask(&[], new, false));
        asks.push(ask(&[plain(here)], new, false));
        asks.push(ask(&[Socket { reuse: false, ..next_door }], new, false));
        asks.push(ask(&[plain(other(&mut draw, here))], new, false));
        asks.push(ask(&[plain(ANY)], new, false));
        asks.push(ask(&[plain(here)], any, false));
        asks.push(ask(&[plain(ANY)], any, false));
        asks.push(ask(&[Socket { peer: Some(peer), ..plain(here) }], new, false));
        asks.push(ask(&[Socket::bound(here, port)], new, true));
        asks.push(ask(&[Socket::bound(here, port)], new, false));
        asks.push(ask(&[plain(here)], new, true));
        asks.push(ask(&[Socket::bound(ANY, port)], new, true));
        // The second one is in the way.
        asks.push(ask(&[next_door, Socket::bound(here, port), plain(ANY)], new, true));
    }
    asks
}

fn closed(mut draw: Draw) -> Vec<Ask> {
    let ask = |sockets: &[Socket], sample: &Sample, bytes: Vec<u8>, expected: Value, why| Ask {
        function: "receive",
        arguments: vec![
            ("sockets", values(sockets)),
            ("src", (*sample.from.ip()).into()),
            ("dst", (*sample.to.ip()).into()),
            ("bytes", bytes.into()),
        ],
        expected: Expected::Is(expected),
        why,
    };
    let unreachable = || Value::record("Error", [("kind", 3_u8.into()), ("code", 3_u8.into())]);
    let dropped = || Value::record("Drop", []);
    let mut asks = vec![];
    for length in [0, 1, 5, 20, 100] {
        let sample = Sample::draw(&mut draw, length);
        let (here, port) = (*sample.to.ip(), sample.to.port());
        let (bound, any) = (Socket::bound(here, port), Socket::bound(ANY, port));
        let next_door = Socket::bound(here, other_port(&mut draw, port));
        let theirs = Socket::connected(here, port, end(&mut draw));
        let delivered = |socket: usize, sample: &Sample| {
            let fields =
                [("socket", socket.into()), ("from", text(sample.from)), ("payload", sample.payload.clone().into())];
            Value::record("Deliver", fields)
        };
        let whole = sample.datagram();
        asks.push(ask(&[bound], &sample, whole.clone(), delivered(0, &sample), ADDRESS));
        asks.push(ask(&[next_door, any], &sample, whole.clone(), delivered(1, &sample), ADDRESS));
        asks.push(ask(&[], &sample, whole.clone(), unreachable(), UNREACHABLE));
        asks.push(ask(&[next_door], &sample, whole.clone(), unreachable(), UNREACHABLE));
        asks.push(ask(&[theirs], &sample, whole.clone(), unreachable(), UNREACHABLE));
        asks.push(ask(&[], &sample, with(&whole, 6, &[0, 0]), unreachable(), NO_CHECKSUM));
        // Damaged: in silence, whether somebody listens or not.
        let bad = whole.get(6).map_or(0, |byte| byte ^ 0x55);
        asks.push(ask(&[bound], &sample, with(&whole, 6, &[bad, 1]), dropped(), SILENT));
        asks.push(ask(&[], &sample, with(&whole, 6, &[bad, 1]), dropped(), SILENT));
        asks.push(ask(&[], &sample, whole.iter().take(7).copied().collect(), dropped(), CUT));
        let group = Ipv4Addr::from_bits(0xe000_0000 | u32::from(draw.word()));
        for many in [Ipv4Addr::BROADCAST, group] {
            let to = SocketAddrV4::new(many, port);
            let sample = Sample { to, payload: sample.payload.clone(), ..sample };
            asks.push(ask(&[], &sample, sample.datagram(), dropped(), NO_ERROR));
            asks.push(ask(&[any], &sample, sample.datagram(), delivered(0, &sample), ADDRESS));
        }
        for nobody in [ANY, Ipv4Addr::BROADCAST, group, Ipv4Addr::new(240, 0, 0, 1)] {
            let from = SocketAddrV4::new(nobody, sample.from.port());
            let sample = Sample { from, payload: sample.payload.clone(), ..sample };
            asks.push(ask(&[], &sample, sample.datagram(), dropped(), NO_ERROR));
        }
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn datagrams_that_sum_to_zero_have_all_ones_in_their_field() {
        let mut draw = Draw::new(SEED, "zero");
        for length in 0..40 {
            let datagram = Sample::draw(&mut draw, length).summing_to_zero().datagram();
            assert_eq!(datagram[6..8], [0xff, 0xff], "{length}");
        }
        // And none of those that are asked before.
        let asks = emit(Draw::new(SEED, "emit"));
        let is_zero = |ask: &&Ask| matches!(&ask.expected, Expected::Bytes(bytes, _) if bytes[6..8] == [0xff, 0xff]);
        assert_eq!(asks.iter().filter(is_zero).count(), 0);
    }

    /// As Linux 6.18 delivered them on its loopback interface.
    #[test]
    fn sockets_are_chosen_as_linux_chooses_them() {
        let here = Ipv4Addr::LOCALHOST;
        let (to, from) = (SocketAddrV4::new(here, 40_111), SocketAddrV4::new(here, 40_112));
        let bound = Socket::bound(here, 40_111);
        let any = Socket::bound(ANY, 40_111);
        let connected = Socket::connected(here, 40_111, from);
        let stranger = SocketAddrV4::new(here, 40_113);
        assert_eq!(owner(&[any, bound], from, to), Some(1));
        assert_eq!(owner(&[bound, any], from, to), Some(0));
        assert_eq!(owner(&[bound, bound, bound], from, to), Some(2));
        assert_eq!(owner(&[any, any, any], from, to), Some(2));
        assert_eq!(owner(&[connected, bound], from, to), Some(0));
        assert_eq!(owner(&[connected, any], from, to), Some(0));
        assert_eq!(owner(&[connected, connected], from, to), Some(1));
        assert_eq!(owner(&[connected], stranger, to), None);
        assert_eq!(owner(&[any, bound], from, SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), 40_111)), Some(0));
    }
}
