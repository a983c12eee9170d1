//! Handshake messages out of the fragments of records.
//!
//! RFC 8446 section 5.1: "Handshake messages MAY be coalesced into a single `TLSPlaintext` record or fragmented across several
//! records". So the two are cut at different places.

use super::handshake::HEADER;
use crate::reader::Reader;
use std::fmt;

/// The longest message that is put together, in bytes: a length of 24 bits could say 16 MiB, and chains of certificates have some KiB.
pub const MOST_MESSAGE: usize = 1 << 17;

/// Puts messages together. It holds less than the longest message and one fragment.
#[derive(Debug, Clone, Default)]
pub struct Reassembler {
    pending: Vec<u8>,
}

/// A message that is longer than [`MOST_MESSAGE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// How long it says that it is, in bytes.
    pub length: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a handshake message that says {} bytes, and {MOST_MESSAGE} is the most", self.length)
    }
}

impl std::error::Error for TooLong {}

impl Reassembler {
    /// Adds a fragment, and gives the messages that are complete with it, header included.
    ///
    /// # Errors
    /// A message that is too long; what was held is given up.
    pub fn push(&mut self, fragment: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        self.pending.extend_from_slice(fragment);
        let mut messages = vec![];
        let mut rest = Reader::new(&self.pending);
        let over = loop {
            let mut next = rest;
            let Some([_, a, b, c]) = next.array::<HEADER>() else { break None };
            let length = HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
            if length > MOST_MESSAGE {
                break Some(TooLong { length });
            }
            let Some(message) = rest.take(length) else { break None };
            messages.push(message.to_vec());
        };
        let done = rest.consumed();
        if let Some(over) = over {
            self.pending = vec![];
            return Err(over);
        }
        self.pending.drain(..done);
        Ok(messages)
    }

    /// How many bytes wait for the rest of their message.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_fragments_are_cut_at_different_places() {
        let mut reassembler = Reassembler::default();
        // Two and a half in the first, the rest alone in the second.
        let finished = [20, 0, 0, 2, 7, 8];
        let first = reassembler.push(&[finished.as_slice(), &[14, 0, 0, 0], &[11, 0, 0]].concat()).unwrap();
        assert_eq!(first, [finished.to_vec(), vec![14, 0, 0, 0]]);
        assert_eq!(reassembler.pending(), 3);
        assert_eq!(reassembler.push(&[1, 9]).unwrap(), [vec![11, 0, 0, 1, 9]]);
        assert_eq!(reassembler.pending(), 0);
    }

    #[test]
    fn message_that_says_more_than_the_most_is_refused_before_it_is_collected() {
        let mut reassembler = Reassembler::default();
        assert_eq!(reassembler.push(&[11, 0xff, 0xff, 0xff, 0]), Err(TooLong { length: 0x100_0003 }));
        assert_eq!(reassembler.pending(), 0);
    }
}
