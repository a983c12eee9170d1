//! Messages with a fault or a few, at places that their own anatomy names.

use crate::rng::Rng;
use wire::dns::Anatomy;

/// What numbers of types, classes and lengths are met in the wild, and at their edges.
const NUMBERS: &[u64] =
    &[0, 1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 43, 46, 47, 48, 50, 63, 64, 65, 128, 192, 250, 255, 257, 0xffff];

/// `original` with one fault, or a few; `other` is another message.
pub(crate) fn mutant(original: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..rng.pick(&[1, 1, 1, 2, 4]) {
        match rng.below(12) {
            0 => {
                let at = rng.below(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.below(8);
                }
            }
            1 => bytes.truncate(rng.below(bytes.len() + 1)),
            2 => {
                let (at, from) = (rng.below(bytes.len() + 1), rng.below(other.len()));
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            3 => {
                // A pointer, to anywhere in the message.
                let (at, to) = (rng.below(bytes.len() + 1), rng.below(bytes.len() + 8));
                let pointer = (0xc000 | to as u16).to_be_bytes();
                for (byte, new) in bytes.iter_mut().skip(at).zip(pointer) {
                    *byte = new;
                }
            }
            _ => lie(&mut bytes, rng),
        }
    }
    bytes
}

/// Another number in a field that has no fields inside.
fn lie(bytes: &mut [u8], rng: &mut Rng) {
    let anatomy = Anatomy::of(bytes);
    // Of the counts in the header, a message has eight fields at least; lies about them end most messages.
    let leaves: Vec<_> =
        anatomy.parts.iter().filter(|part| part.parts == 0 && part.bits.len().is_multiple_of(8)).collect();
    if leaves.is_empty() {
        return;
    }
    let part = leaves[rng.below(leaves.len())];
    let at = part.bits.start / 8..part.bits.end / 8;
    let field = &mut bytes[at];
    if field.len() > 8 {
        field[0] = rng.u8();
        return;
    }
    let value = field.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let value = match rng.below(4) {
        0 => rng.pick(NUMBERS),
        1 => value.wrapping_add(1 + rng.below(3) as u64),
        2 => value.wrapping_sub(1 + rng.below(3) as u64),
        _ => rng.next(),
    };
    let new = value.to_be_bytes();
    let from = new.len() - field.len();
    field.copy_from_slice(&new[from..]);
}

/// A message that is cheap to send and dear to read: many records whose names follow one chain of pointers, which ends in the
/// root, in labels, or where it must not.
pub(crate) fn bomb(rng: &mut Rng) -> Vec<u8> {
    let pointer = |to: usize| (0xc000 | to as u16).to_be_bytes();
    let mut bytes = vec![0; 12];
    // A record of a type that nobody has, with the chain as its data.
    let end = rng.pick(&[
        b"\0".as_slice(),
        b"\x03www\0",
        b"\x01a\x01b\x01c\0",
        b"\xc0\x00",
        b"\xc0\xff",
        b"\x40\0",
        b"\x3fx",
    ]);
    let links = 1 + rng.below(rng.clone().pick(&[20, 120, 160, 4000]));
    bytes.extend([0, 0xff, 0x00, 0, 1, 0, 0, 0, 0]);
    bytes.extend(((end.len() + 2 * links) as u16).to_be_bytes());
    let (mut to, mut places) = (bytes.len(), vec![]);
    bytes.extend(end);
    for _ in 0..links {
        places.push(bytes.len());
        bytes.extend(pointer(to));
        to = bytes.len() - 2;
    }
    let names = 1 + rng.below(1500);
    for _ in 0..names {
        let place = if rng.once_in(2) { to } else { rng.pick(&places) };
        bytes.extend(pointer(place));
        bytes.extend([0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1]);
    }
    bytes[6..8].copy_from_slice(&(names as u16 + 1).to_be_bytes());
    bytes
}
