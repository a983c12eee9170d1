//! One or more faults in a valid packet, at places that its own tree names.

use crate::more_packets::Captured;
use crate::packets::Rng;
use std::ops::Range;
use wire::dissect::{Field, Layer, Verdict, dissect};

/// A packet that is no longer valid, and the length that a capture tells of it.
pub(crate) struct Mutant {
    pub(crate) bytes: Vec<u8>,
    pub(crate) original_len: usize,
}

/// What numbers of types and lengths are met in the wild, and at their edges.
const NUMBERS: &[u64] =
    &[0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 17, 43, 44, 50, 51, 58, 60, 0x0800, 0x0806, 0x8100, 0x86dd, 255, 0xffff];

/// A valid packet, and the bits and the number of each of its fields that have none inside.
pub(crate) struct Original {
    pub(crate) packet: Captured,
    leaves: Vec<(Range<usize>, u64)>,
}

impl Original {
    pub(crate) fn new(packet: Captured) -> Self {
        let mut leaves = vec![];
        let dissection = dissect(&packet.bytes, packet.link);
        dissection.layers().flat_map(Layer::fields).for_each(|field| collect(&field, &mut leaves));
        Self { packet, leaves }
    }
}

/// `original` with one fault, or a few; half of the time with its checksums mended, so that nothing is dropped for them.
pub(crate) fn mutant(original: &Original, other: &Captured, rng: &mut Rng) -> Mutant {
    let packet = &original.packet;
    let mut bytes = packet.bytes.clone();
    let mut more = 0;
    for _ in 0..rng.pick(&[1, 1, 1, 2, 4]) {
        match rng.below(10) {
            0 => {
                let at = rng.below(bytes.len());
                bytes[at] ^= 1 << rng.below(8);
            }
            1..7 => lie(original, &mut bytes, rng),
            7 => bytes.truncate(1 + rng.below(bytes.len())),
            8 => {
                // The tail of another packet.
                let (at, from) = (rng.below(bytes.len()), rng.below(other.bytes.len()));
                bytes.truncate(at);
                bytes.extend(&other.bytes[from..]);
            }
            _ => more = rng.below(2000),
        }
        if bytes.is_empty() {
            bytes.push(rng.u8());
        }
    }
    if rng.once_in(2) {
        mend(packet, &mut bytes);
    }
    let original_len = bytes.len() + more;
    Mutant { bytes, original_len }
}

/// Another number in a field, or other bytes.
fn lie(original: &Original, bytes: &mut [u8], rng: &mut Rng) {
    let (bits, value) = original.leaves[rng.below(original.leaves.len())].clone();
    let value = match rng.below(4) {
        0 => rng.pick(NUMBERS),
        1 => value.wrapping_add(1 + rng.below(9) as u64),
        2 => value.wrapping_sub(1 + rng.below(9) as u64),
        _ => rng.next(),
    };
    put(bytes, bits, value);
}

fn collect(field: &Field<'_>, leaves: &mut Vec<(Range<usize>, u64)>) {
    if field.fields().next().is_none() {
        leaves.push((field.bits(), field.number()));
    }
    field.fields().for_each(|field| collect(&field, leaves));
}

/// The low bits of `value`, as far as there are such bits in `bytes`; at the end of a long field only.
fn put(bytes: &mut [u8], bits: Range<usize>, value: u64) {
    let end = bytes.len() * 8;
    for (number, bit) in bits.rev().enumerate().take(64).filter(|(_, bit)| *bit < end) {
        let (byte, mask) = (bit / 8, 0x80 >> (bit % 8));
        bytes[byte] = bytes[byte] & !mask | if value >> number & 1 == 1 { mask } else { 0 };
    }
}

/// Puts in each checksum what a receiver would compute. The outermost decides nothing about the others, so once is enough.
fn mend(packet: &Captured, bytes: &mut [u8]) {
    let dissection = dissect(bytes, packet.link);
    let right: Vec<(Range<usize>, u64)> = dissection
        .layers()
        .filter_map(|layer| match layer.checksum() {
            Verdict::Wrong(right) => Some((layer.field("checksum")?.bits(), right.into())),
            _ => None,
        })
        .collect();
    right.into_iter().for_each(|(bits, right)| put(bytes, bits, right));
}
