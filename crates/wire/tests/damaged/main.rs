//! Two million frames with one fault each: no panic, no answer that contradicts its input, no fault in a checksum unnoticed.
//!
//! Each damaged frame gets its checksums mended before it is parsed, so that the parsers meet the fault itself.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

mod fault;
mod fragments;
#[path = "../packets/mod.rs"]
mod packets;
mod seal;
mod walk;

use fault::Fault;
use packets::{Layer, Rng, Sample};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use walk::{Walk, walk};

const FRAMES: u64 = 250_000;
const FAULTS_EACH: u64 = 8;

/// Walks `bytes`; whatever goes wrong there is told with what is needed to see it again.
fn walked(bytes: &[u8], seed: u64, what: &str) -> Walk {
    catch_unwind(AssertUnwindSafe(|| walk(bytes))).unwrap_or_else(|_| {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("seed {seed}, {what}, the frame was {}", hex.join(" "))
    })
}

#[derive(Default, Clone, Copy)]
struct Count {
    frames: u64,
    innermost: u64,
    refused: u64,
}

#[test]
fn damaged_frame_neither_stops_a_parser_nor_makes_it_lie() {
    let mut counts = [Count::default(); Fault::ALL.len()];
    for seed in 0..FRAMES {
        let mut rng = Rng::new(seed);
        let valid = packets::frame(&mut rng);
        let whole = walked(&valid.bytes, seed, "valid");
        assert_eq!(whole.error, None, "seed {seed}: a valid frame is refused");
        assert!(whole.is_intact, "seed {seed}: a valid frame has a wrong checksum");
        let mut sealed = valid.bytes.clone();
        seal::frame(&mut sealed);
        assert_eq!(sealed, valid.bytes, "seed {seed}: a valid frame had something to mend");
        for _ in 0..FAULTS_EACH {
            let (fault, bytes) = fault::damaged(&valid, &mut rng);
            let walk = walked(&bytes, seed, &format!("{fault:?}"));
            assert!(walk.is_intact, "seed {seed}, {fault:?}: a mended checksum is called wrong");
            let count = &mut counts[fault as usize];
            count.frames += 1;
            count.innermost += u64::from(walk.met.starts_with(&whole.met));
            count.refused += u64::from(walk.error.is_some());
        }
    }
    let sum = |of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>();
    let (frames, innermost, refused) = (sum(|c| c.frames), sum(|c| c.innermost), sum(|c| c.refused));
    for (fault, count) in Fault::ALL.iter().zip(counts) {
        println!(
            "{fault:?}: {} frames, {} met the innermost parser, {} refused",
            count.frames, count.innermost, count.refused
        );
    }
    let told =
        format!("parsed {frames} damaged frames: {innermost} met the innermost parser, {refused} were refused\n");
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(frames >= 2_000_000 && 3 * innermost >= frames, "{told}");
    assert!(counts.iter().all(|count| count.frames > 10_000), "each fault has its turn");
}

/// The bytes of a frame that a checksum covers, without those that decide what is covered: IHL, UDP's length and checksum.
fn covered(frame: &Sample) -> Vec<usize> {
    let mut layers = frame.layers.iter().skip_while(|(layer, _)| *layer != Layer::Ipv4);
    let Some(&(_, ip)) = layers.next() else { return vec![] };
    let header = ip + usize::from(frame.bytes[ip] & 15) * 4;
    let end = ip + usize::from(u16::from_be_bytes([frame.bytes[ip + 2], frame.bytes[ip + 3]]));
    let mut covered: Vec<usize> = (ip + 1..header).collect();
    match layers.find(|(layer, _)| *layer != Layer::Options) {
        Some(&(Layer::Icmp | Layer::Tcp, message)) => covered.extend(message..end),
        Some(&(Layer::Udp, udp)) if frame.bytes[udp + 6..udp + 8] != [0, 0] => {
            covered.extend((udp..udp + 4).chain(udp + 8..end));
        }
        _ => {}
    }
    covered
}

#[test]
fn one_flipped_bit_under_a_checksum_is_noticed() {
    for seed in 0..50_000 {
        let mut rng = Rng::new(seed);
        let mut frame = packets::frame(&mut rng);
        let covered = covered(&frame);
        for _ in 0..covered.len().min(4) {
            let (at, bit) = (rng.pick(&covered), 1 << rng.below(8));
            frame.bytes[at] ^= bit;
            let walk = walked(&frame.bytes, seed, "flipped bit");
            assert!(walk.error.is_some() || !walk.is_intact, "seed {seed}: byte {at} was changed and nobody saw it");
            frame.bytes[at] ^= bit;
        }
    }
}

#[test]
fn any_bytes_at_all_are_walked_to_an_end() {
    for seed in 0..200_000 {
        let mut rng = Rng::new(seed);
        let len = rng.below(120);
        let mut bytes = rng.bytes(len);
        // Half of them begin as IPv4 in Ethernet, or they would all end at the EtherType.
        if let (Some(front), true) = (bytes.get_mut(12..15), seed % 2 == 0) {
            front.copy_from_slice(&[0x08, 0x00, 0x40 | (rng.u8() % 16)]);
        }
        walked(&bytes, seed, "random bytes");
    }
}
