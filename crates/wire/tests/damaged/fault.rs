//! One fault in a valid frame.

use crate::packets::{Layer, Rng, Sample};
use crate::seal;

/// The kinds of faults.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    FlippedBit,
    RandomByte,
    LyingIhl,
    LyingTotalLength,
    LyingUdpLength,
    LyingOptionLength,
    LyingDataOffset,
    LyingTcpOptionLength,
    LyingQuoteLength,
    LyingObjectLength,
    SwappedType,
    Truncated,
    Extended,
    RandomTail,
}

impl Fault {
    pub(crate) const ALL: [Fault; 14] = [
        Fault::FlippedBit,
        Fault::RandomByte,
        Fault::LyingIhl,
        Fault::LyingTotalLength,
        Fault::LyingUdpLength,
        Fault::LyingOptionLength,
        Fault::LyingDataOffset,
        Fault::LyingTcpOptionLength,
        Fault::LyingQuoteLength,
        Fault::LyingObjectLength,
        Fault::SwappedType,
        Fault::Truncated,
        Fault::Extended,
        Fault::RandomTail,
    ];
}

/// `valid` with one fault of a kind that it can have, and with checksums that hide it. In a checksum itself there is no such
/// fault.
pub(crate) fn damaged(valid: &Sample, rng: &mut Rng) -> (Fault, Vec<u8>) {
    loop {
        let fault = rng.pick(&Fault::ALL);
        let mut bytes = valid.bytes.clone();
        if apply(fault, valid, &mut bytes, rng).is_some() {
            seal::frame(&mut bytes);
            if bytes != valid.bytes {
                return (fault, bytes);
            }
        }
    }
}

/// Does it; `None` where there is nothing to do it to.
fn apply(fault: Fault, valid: &Sample, bytes: &mut Vec<u8>, rng: &mut Rng) -> Option<()> {
    match fault {
        Fault::FlippedBit => {
            let at = rng.below(bytes.len());
            bytes[at] ^= 1 << rng.below(8);
        }
        Fault::RandomByte => {
            let at = rng.below(bytes.len());
            bytes[at] = rng.u8();
        }
        Fault::LyingIhl => {
            let at = any(valid, Layer::Ipv4, rng)?;
            *bytes.get_mut(at)? = 0x40 | (rng.u8() % 16);
        }
        Fault::LyingTotalLength => {
            let at = any(valid, Layer::Ipv4, rng)? + 2;
            lie(bytes.get_mut(at..at + 2)?, rng);
        }
        Fault::LyingUdpLength => {
            let at = any(valid, Layer::Udp, rng)? + 4;
            lie(bytes.get_mut(at..at + 2)?, rng);
        }
        Fault::LyingOptionLength => lie_in_options(any(valid, Layer::Options, rng)?, bytes, rng)?,
        Fault::LyingDataOffset => {
            let at = any(valid, Layer::Tcp, rng)? + 12;
            *bytes.get_mut(at)? = rng.u8();
        }
        Fault::LyingTcpOptionLength => lie_in_options(any(valid, Layer::TcpOptions, rng)?, bytes, rng)?,
        Fault::LyingQuoteLength => {
            any(valid, Layer::Extensions, rng)?;
            let at = any(valid, Layer::Icmp, rng)? + 5;
            *bytes.get_mut(at)? = rng.pick(&[0, 1, 31, 32, 33, 34, 255]);
        }
        Fault::LyingObjectLength => {
            let at = any(valid, Layer::Extensions, rng)? + 4;
            lie(bytes.get_mut(at..at + 2)?, rng);
        }
        Fault::SwappedType => swap(valid, bytes, rng)?,
        Fault::Truncated => bytes.truncate(rng.below(bytes.len())),
        Fault::Extended => bytes.extend(rng.bytes(64)),
        Fault::RandomTail => {
            let at = rng.below(bytes.len());
            bytes.truncate(at);
            bytes.extend(rng.bytes(valid.bytes.len() - at));
        }
    }
    Some(())
}

/// The length of the first option that has one.
fn lie_in_options(at: usize, bytes: &mut [u8], rng: &mut Rng) -> Option<()> {
    // Past the fillers of one byte.
    let at = (at..at + 40).find(|at| bytes.get(*at).is_some_and(|kind| *kind > 1))? + 1;
    *bytes.get_mut(at)? = rng.pick(&[0, 1, 2, 3, 10, 39, 40, 41, 255]);
    Some(())
}

/// The type field of one of the headers, to one that is known or to any.
fn swap(valid: &Sample, bytes: &mut [u8], rng: &mut Rng) -> Option<()> {
    let (layer, at) = rng.pick(&valid.layers);
    let ethertype = rng.pick(&[0x0800, 0x0806, 0x8100, 0x86dd, 0x0000]);
    match layer {
        Layer::Ethernet => bytes.get_mut(at + 12..at + 14)?.copy_from_slice(&u16::to_be_bytes(ethertype)),
        Layer::Tag => bytes.get_mut(at + 2..at + 4)?.copy_from_slice(&u16::to_be_bytes(ethertype)),
        Layer::Arp => *bytes.get_mut(at + rng.below(8))? = rng.u8() % 10,
        Layer::Ipv4 => *bytes.get_mut(at + 9)? = rng.pick(&[1, 6, 17, 253]),
        Layer::Icmp => *bytes.get_mut(at)? = rng.pick(&[0, 3, 5, 8, 11, 12, 13, 255]),
        // Class and sub-type of the first object.
        Layer::Extensions => *bytes.get_mut(at + 6 + rng.below(2))? = rng.pick(&[1, 2, 3, 0x0f, 0x4f, 0xff]),
        Layer::TcpOptions => *bytes.get_mut(at)? = rng.pick(&[0, 1, 2, 3, 4, 5, 8, 34, 254]),
        Layer::Options | Layer::Udp | Layer::Tcp => return None,
    }
    Some(())
}

/// Where a layer of this kind begins, an outer or a quoted one.
fn any(valid: &Sample, wanted: Layer, rng: &mut Rng) -> Option<usize> {
    let places: Vec<usize> = valid.layers.iter().filter(|(layer, _)| *layer == wanted).map(|(_, at)| *at).collect();
    (!places.is_empty()).then(|| rng.pick(&places))
}

/// A length a little or much off, or at an edge.
fn lie(field: &mut [u8], rng: &mut Rng) {
    let honest = u16::from_be_bytes([field[0], field[1]]);
    let off = 1 + rng.u16() % 12;
    let lie = match rng.below(8) {
        0 => 0,
        1 => 0xffff,
        2 => rng.u16(),
        3 => rng.u16() % 30,
        4 | 5 => honest.wrapping_sub(off),
        _ => honest.wrapping_add(off),
    };
    field.copy_from_slice(&lie.to_be_bytes());
}
