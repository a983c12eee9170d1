//! Messages in a stream: each behind its length.
//!
//! Obeys RFC 1035 section 4.2.2: "prefixed with a two byte length field which gives the message length, excluding the two
//! byte length field."
//!
//! ```
//! use wire::dns::framing::{framed, next_message};
//!
//! let stream = [framed(b"first"), framed(b"second")].concat();
//! assert_eq!(next_message(&stream), Some((&b"first"[..], &stream[7..])));
//! assert_eq!(next_message(&stream[..6]), None); // more is to come
//! ```

use crate::reader::Reader;

/// The bytes of the length.
pub const LENGTH: usize = 2;

/// A message behind its length. One of more than 65,535 bytes gets a length that is cut to its 16 bits.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
pub fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

/// The first message of a stream, and what follows it; `None` as long as not all of it is there.
#[must_use]
pub fn next_message(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(stream);
    let len = reader.u16()?;
    let message = reader.take(len.into())?;
    Some((message, reader.rest()))
}
