//! A set of types as bits: which records a name has.
//!
//! Obeys RFC 4034 section 4.1.2: 256 windows of 256 types, each with the bytes that it needs.

use super::table::{Names, RowType};
use super::words::Words;
use crate::Problem;
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::dns::numbers::Type;
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec};
use crate::fields::row;
use std::collections::{BTreeMap, BTreeSet};

/// The types of records that a name has, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeBitMaps(pub BTreeSet<Type>);

/// The most bytes of a window: 256 bits.
const MOST_BITMAP: u8 = 32;

static WINDOW: Field = row("window", "Window Block", Dec);
static LENGTH: Field = row("bitmap_length", "Bitmap Length", Dec);
pub(in crate::dns) static BITMAP: Field = row("bitmap", "Bitmap", Bytes);

impl RowType for TypeBitMaps {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.group(row, |cursor| {
            let mut types = BTreeSet::new();
            let mut last = None;
            while cursor.left() > 0 {
                let at = cursor.at();
                let window = cursor.u8(&WINDOW)?;
                // RFC 4034 section 4.1.2: "Blocks are present in the NSEC RR RDATA in increasing numerical order."
                if let Some(last) = last.replace(window).filter(|last| *last >= window) {
                    let problem = Problem::Order { value: window.into(), after: last.into() };
                    return Err(Cursor::error(&WINDOW, at, problem));
                }
                let length = cursor.u8(&LENGTH)?;
                // The same section: "Bitmap Length (from 1 to 32)".
                let problem = match length {
                    0 => Some(Problem::TooSmall { value: 0, least: 1 }),
                    33.. => Some(Problem::TooLarge { value: length.into(), most: MOST_BITMAP.into() }),
                    _ => None,
                };
                if let Some(problem) = problem {
                    return Err(Cursor::error(&LENGTH, at + 1, problem));
                }
                let bitmap = cursor.bytes(&BITMAP, length.into())?;
                types.extend(types_of(window, bitmap));
            }
            Ok(Self(types))
        })
    }

    fn emit(&self, to: &mut Emitter, _: Names) {
        let mut windows: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        for kind in &self.0 {
            let [window, low] = kind.0.to_be_bytes();
            let bitmap = windows.entry(window).or_default();
            let byte = usize::from(low / 8);
            bitmap.resize(bitmap.len().max(byte + 1), 0);
            if let Some(byte) = bitmap.get_mut(byte) {
                *byte |= 0x80 >> (low % 8);
            }
        }
        for (window, bitmap) in windows {
            to.put(&[window]);
            super::field::put_counted(to, &bitmap);
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
    fn of_text(words: &mut Words<'_>, _: &'static Field) -> Result<Self, String> {
        let types = std::iter::from_fn(|| words.next_word()).map(|word| word.raw.parse::<Type>());
        types.collect::<Result<_, _>>().map(Self).map_err(|error| error.to_string())
    }
}

/// The types whose bits are set.
fn types_of(window: u8, bitmap: &[u8]) -> impl Iterator<Item = Type> {
    let bits = bitmap.iter().flat_map(|byte| (0..8).map(move |bit| byte & 0x80 >> bit != 0));
    bits.zip(0u8..=u8::MAX).filter_map(move |(is_set, low)| is_set.then_some(Type(u16::from_be_bytes([window, low]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::rdata::Rdata;

    #[test]
    fn bits_are_those_of_the_rfc() {
        // RFC 4034 section 4.3's own example: alfa.example.com. NSEC host.example.com. (A MX RRSIG NSEC TYPE1234).
        let mut data = b"\x04host\x07example\x03com\0\x00\x06\x40\x01\x00\x00\x00\x03\x04\x1b".to_vec();
        data.extend([0; 26]);
        data.push(0x20);
        let nsec = Rdata::read(Type::NSEC, &mut Cursor::new(&data)).unwrap();
        assert_eq!(nsec.to_string(), "host.example.com. A MX RRSIG NSEC TYPE1234");
        let mut emitter = Emitter::default();
        nsec.emit(&mut emitter);
        assert_eq!(emitter.finish(), data);
    }

    #[test]
    fn windows_ascend_and_have_bits() {
        let told = |data: &[u8]| Rdata::read(Type::NSEC, &mut Cursor::new(data)).unwrap_err().to_string();
        assert_eq!(told(&[0, 1, 1, 1, 0, 1, 1]), "DNS, byte 4: window is 0, and comes after 1");
        assert_eq!(told(&[0, 0, 0]), "DNS, byte 2: bitmap_length says 0 bytes, 1 is the least");
        assert_eq!(told(&[0, 0, 33]), "DNS, byte 2: bitmap_length says 33 bytes, 32 is the most");
        assert_eq!(told(&[0, 0, 2, 1]), "DNS, byte 3: bitmap needs 2 bytes, 1 are there");
    }
}
