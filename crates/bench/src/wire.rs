//! The wire crate against smoltcp, etherparse and `pnet_packet`.

mod by_etherparse;
mod by_pnet;
mod by_smoltcp;
mod by_us;
mod checksum;

use crate::pair::{Pair, pair};
use crate::table::{Group, Row, range};
use std::hint::black_box;
use std::net::Ipv4Addr;

pub(crate) use checksum::CHECKSUM;

/// Whole frames, taken apart and put together.
pub(crate) const PACKETS: Group = Group {
    name: "wire",
    title: "wire: Ethernet, IPv4 and UDP, TCP or ICMP echo",
    about: "Parse: from the frame's bytes to addresses, ports or identifier and sequence number (TCP: and its two numbers and the\n\
            window), and the payload. Verified: the same with all checksums checked. Emit: from these to the frame's bytes, payload copied and all checksums computed,\n\
            into a buffer that is there already. Times are of one frame.",
    rows: packets,
};

/// What lies in the IPv4 packet.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Transport {
    Udp,
    Tcp,
    Icmp,
}

impl Transport {
    /// The length of its header, in bytes.
    fn header_len(self) -> usize {
        if self == Self::Tcp { 20 } else { 8 }
    }
}

/// What every library must find in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Parsed<'a> {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    /// The source port, or the identifier.
    first: u16,
    /// The destination port, or the sequence number.
    second: u16,
    stream: Stream,
    payload: &'a [u8],
}

/// What a TCP header says beside its ports; zero in others.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Stream {
    sequence: u32,
    acknowledgment: u32,
    window: u16,
}

/// What every library must make a frame of.
#[derive(Debug, Clone, Copy)]
struct Question<'a> {
    source_mac: [u8; 6],
    destination_mac: [u8; 6],
    ttl: u8,
    transport: Transport,
    parsed: Parsed<'a>,
}

type Parse = fn(&[u8]) -> Option<Parsed<'_>>;
type Emit = fn(&mut [u8], &Question<'_>) -> Option<()>;

/// A library.
struct Peer {
    name: &'static str,
    parse: Parse,
    parse_verified: Parse,
    emit: Emit,
    /// How much of its time we may need for a frame of so many bytes, where that was promised.
    bar: fn(usize) -> Option<f64>,
}

const PEERS: [Peer; 3] = [
    Peer {
        name: "smoltcp",
        parse: by_smoltcp::parse,
        parse_verified: by_smoltcp::parse_verified,
        emit: by_smoltcp::emit,
        bar: |size| Some(if size == 64 { 1.25 } else { 1.1 }),
    },
    Peer {
        name: "etherparse",
        parse: by_etherparse::parse,
        parse_verified: by_etherparse::parse_verified,
        emit: by_etherparse::emit,
        bar: |_| None,
    },
    Peer {
        name: "pnet_packet",
        parse: by_pnet::parse,
        parse_verified: by_pnet::parse_verified,
        emit: by_pnet::emit,
        bar: |_| None,
    },
];

fn packets() -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for transport in [Transport::Udp, Transport::Tcp, Transport::Icmp] {
        let stream = match transport {
            Transport::Tcp => Stream { sequence: 0x1234_5678, acknowledgment: 0x9abc_def0, window: 64_240 },
            _ => Stream::default(),
        };
        for size in [64, 1500] {
            let len = size - 14 - 20 - transport.header_len();
            let payload: Vec<u8> = (0u8..=255).cycle().map(|byte| byte.wrapping_mul(7)).take(len).collect();
            let question = Question {
                source_mac: [2, 0, 0, 0, 0, 1],
                destination_mac: [2, 0, 0, 0, 0, 2],
                ttl: 64,
                transport,
                parsed: Parsed {
                    source: Ipv4Addr::new(10, 0, 0, 1),
                    destination: Ipv4Addr::new(10, 0, 0, 2),
                    first: 1000,
                    second: 7,
                    stream,
                    payload: &payload,
                },
            };
            let mut frame = vec![0; size];
            by_us::emit(&mut frame, &question).ok_or("we cannot emit")?;
            PEERS.iter().try_for_each(|peer| agree(peer, &question, &frame))?;
            for peer in &PEERS {
                let pair = parsing(by_us::parse, peer.parse, &frame);
                rows.push(row(transport, size, "parse", peer, pair));
            }
            for peer in &PEERS {
                let pair = parsing(by_us::parse_verified, peer.parse_verified, &frame);
                rows.push(row(transport, size, "parse, verified", peer, pair));
            }
            for peer in &PEERS {
                let pair = emitting(by_us::emit, peer.emit, &question, size);
                rows.push(row(transport, size, "emit", peer, pair));
            }
        }
    }
    Ok(rows)
}

fn parsing(ours: Parse, theirs: Parse, frame: &[u8]) -> Pair {
    pair(|| ours(black_box(frame)), || theirs(black_box(frame)))
}

fn emitting(ours: Emit, theirs: Emit, question: &Question<'_>, size: usize) -> Pair {
    let (mut one, mut other) = (vec![0; size], vec![0; size]);
    pair(|| ours(black_box(&mut one), black_box(question)), || theirs(black_box(&mut other), black_box(question)))
}

/// Both find the same in the frame, see a flipped bit, and emit the same bytes; else nothing here is worth a clock.
fn agree(peer: &Peer, question: &Question<'_>, frame: &[u8]) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{} and we {what} {:?} otherwise", peer.name, question.transport));
    let parsers = [by_us::parse, by_us::parse_verified, peer.parse, peer.parse_verified];
    if parsers.iter().any(|parse| parse(frame) != Some(question.parsed)) {
        return wrong("parse");
    }
    // The TTL, and the last byte of the payload.
    for at in [22, frame.len() - 1] {
        let mut flipped = frame.to_vec();
        flipped.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
        if [by_us::parse_verified, peer.parse_verified].iter().any(|parse| parse(&flipped).is_some()) {
            return wrong("verify");
        }
    }
    let mut theirs = vec![0; frame.len()];
    if (peer.emit)(&mut theirs, question).is_none() || theirs != frame {
        return wrong("emit");
    }
    Ok(())
}

fn row(transport: Transport, size: usize, work: &str, peer: &Peer, pair: Pair) -> Row {
    let transport = match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Icmp => "ICMP",
    };
    let bar = (peer.bar)(size);
    Row {
        what: format!("{transport}, {size} B, {work}"),
        ours: format!("{:.1} ns", pair.ours),
        peer: format!("{} {:.1} ns", peer.name, pair.theirs),
        ratio: range(pair.ratio),
        bar: bar.map_or(String::new(), |bar| format!("≤ {bar} × time")),
        reached: bar.map(|bar| pair.ratio.median <= bar),
    }
}
