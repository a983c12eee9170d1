//! What [`wire::tls`] promises for any bytes: no panic, no lie about places, and no more memory than it says.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be, and builds messages byte by byte"
)]

#[allow(dead_code, reason = "a packet of a stranger is for other tests")]
mod generate;
#[path = "../packets/rng.rs"]
#[allow(dead_code, reason = "others draw more")]
mod rng;

use rng::Rng;
use wire::dissect::{LinkType, dissect};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::tls::{
    Anatomy, HEADER, Handshake, MOST_FRAGMENT, MOST_MESSAGE, Part, Reassembler, RecordHeader, Records, Version,
};

/// How many streams are damaged: fewer where each takes longer.
const STREAMS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

#[test]
fn every_message_is_read_and_every_byte_of_it_is_in_one_field() {
    for seed in 0..20_000 {
        let mut rng = Rng::new(seed);
        for version in [Version::TLS_1_2, Version::TLS_1_3] {
            let message = match rng.below(4) {
                0 => generate::client_hello(&mut rng),
                1 => generate::server_hello(&mut rng),
                _ => generate::another(&mut rng, version == Version::TLS_1_3),
            };
            let anatomy = Anatomy::of(&message, version);
            let read = anatomy.message.as_ref().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert_eq!((read.kind().0, anatomy.end), (message[0], message.len()), "seed {seed}");
            assert_eq!(filled(&anatomy.parts, 0), message.len(), "seed {seed}");
        }
    }
}

#[test]
fn no_stream_is_read_with_a_panic_with_a_lie_or_without_bound() {
    let (mut messages, mut errors) = (0, 0);
    for seed in 0..STREAMS {
        let mut rng = Rng::new(seed);
        let stream = damaged(stream(&mut rng), &mut rng);
        let mut records = Records::default();
        let mut reassembler = Reassembler::default();
        for piece in stream.chunks(1 + rng.below(700)) {
            records.push(piece);
            assert!(records.pending() < RecordHeader::LEN + MOST_FRAGMENT + piece.len(), "seed {seed}");
            while let Ok(Some(record)) = records.next_record() {
                let whole = reassembler.push(&record.fragment).unwrap_or_default();
                assert!(reassembler.pending() < MOST_MESSAGE, "seed {seed}");
                for message in whole {
                    messages += 1;
                    errors += check(&message, seed);
                }
            }
        }
        if seed % 8 == 0 {
            segment(&stream, seed);
        }
    }
    assert!(messages > STREAMS / 2, "damage leaves messages to be read: {messages}");
    assert!(errors > STREAMS / 20, "and it is met: {errors}");
}

/// Reads a message as both versions have it; how many of these are none.
fn check(message: &[u8], seed: u64) -> u64 {
    let mut errors = 0;
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let anatomy = Anatomy::of(message, version);
        assert!(anatomy.end <= message.len(), "seed {seed}");
        assert_eq!(filled(&anatomy.parts, 0), anatomy.end, "seed {seed}");
        assert_eq!(anatomy.message, Handshake::parse(message, version), "seed {seed}");
        match anatomy.message {
            Ok(read) => read.extensions().iter().for_each(|extension| {
                let text = extension.to_string();
                assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "seed {seed}: {text}");
            }),
            Err(error) => {
                errors += 1;
                assert!(error.byte <= message.len(), "seed {seed}: {error}");
            }
        }
    }
    errors
}

/// What a segment with these bytes is told as, however they are cut.
fn segment(stream: &[u8], seed: u64) {
    let [client, server] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(std::net::Ipv4Addr::from);
    let segment = Tcp::new(50_000, 443).segment(client.into(), server.into(), &[], &stream[..stream.len().min(1460)]);
    let packet = Ipv4::new(client, server, ipv4::TCP).packet(&segment);
    let dissection = dissect(&packet, LinkType::RawIp);
    for byte in 0..packet.len() {
        assert!(dissection.field_at(byte).is_some(), "seed {seed}, byte {byte}");
    }
    for field in dissection.layers().flat_map(wire::dissect::Layer::fields) {
        assert!(!field.meaning().is_empty(), "seed {seed}");
    }
    assert!(dissection.summary().to_string().is_ascii(), "seed {seed}");
}

/// A handshake of one end: messages in records, cut at other places than these.
fn stream(rng: &mut Rng) -> Vec<u8> {
    let is_13 = rng.once_in(2);
    let mut messages = if rng.once_in(2) { generate::client_hello(rng) } else { generate::server_hello(rng) };
    for _ in 0..rng.below(4) {
        messages.extend(generate::another(rng, is_13));
    }
    let size = if rng.once_in(2) { messages.len() } else { 1 + rng.below(messages.len()) };
    messages.chunks(size).flat_map(|fragment| generate::record(22, 0x0303, fragment)).collect()
}

/// One fault, or a few: flipped bits, lengths that lie, bytes that are missing or too many. Some streams stay as they are.
fn damaged(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..rng.pick(&[0, 1, 1, 1, 2, 4]) {
        let at = rng.below(bytes.len());
        match rng.below(6) {
            0 | 1 => bytes[at] ^= 1 << rng.below(8),
            2 => bytes[at] = rng.pick(&[0, 1, 0x7f, 0xff]),
            3 => bytes.truncate(at.max(RecordHeader::LEN + HEADER)),
            4 => bytes.insert(at, rng.u8()),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// How many bytes the leaves fill, from `from` on and without gaps or doubles.
fn filled(parts: &[Part], from: usize) -> usize {
    let (mut at, mut number) = (from, 0);
    while let Some(part) = parts.get(number) {
        assert_eq!(part.bytes.start, at, "{part:?}");
        if part.parts > 0 {
            let end = filled(&parts[number + 1..=number + part.parts], at);
            assert_eq!(end, part.bytes.end, "{part:?}");
        }
        at = part.bytes.end;
        number += 1 + part.parts;
    }
    at
}
