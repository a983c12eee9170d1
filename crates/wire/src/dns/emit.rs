//! Bytes from a message, with names that stood before told by pointers.
//!
//! Obeys RFC 1035 section 4.1.4, and RFC 3597 section 4: names in the data of types that came later are never compressed.

use super::name::Name;
use std::collections::BTreeMap;

/// The first byte that no pointer reaches: it has 14 bits.
const OUT_OF_REACH: usize = 0x4000;

/// Collects the bytes of a message.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    bytes: Vec<u8>,
    /// Where the ends of names stand, as they are without compression.
    ///
    /// They are compared byte by byte, so that a pointer never changes the case of a letter.
    places: BTreeMap<Vec<u8>, u16>,
}

impl Emitter {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// A name, with a pointer instead of the longest end of it that stands somewhere before.
    pub(super) fn compressed(&mut self, name: &Name) {
        let mut rest = name.wire();
        for label in name.labels() {
            if let Some(place) = self.places.get(rest) {
                let pointer = 0xc000 | place;
                return self.put(&pointer.to_be_bytes());
            }
            let place = u16::try_from(self.bytes.len()).ok().filter(|place| usize::from(*place) < OUT_OF_REACH);
            self.places.extend(place.map(|place| (rest.to_vec(), place)));
            let (first, behind) = rest.split_at_checked(label.len() + 1).unwrap_or((rest, &[]));
            self.bytes.extend_from_slice(first);
            rest = behind;
        }
        self.bytes.push(0);
    }

    /// What `emit` emits, behind its length in two bytes. More than 65,535 bytes get a length that is cut to its 16 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
    pub(super) fn counted(&mut self, emit: impl FnOnce(&mut Self)) {
        let at = self.bytes.len();
        self.put(&[0, 0]);
        emit(self);
        let len = (self.bytes.len() - at - 2) as u16;
        if let Some(place) = self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = len.to_be_bytes();
        }
    }
}
