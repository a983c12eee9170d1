//! A record: what all of TLS travels in, and what stays legible of it for everybody.
//!
//! Obeys RFC 8446 section 5.1 and section 5.2, RFC 5246 section 6.2.
//!
//! ```text
#![doc = include_str!("record.txt")]
//! ```

use super::numbers::{CONTENT_TYPES, ContentType, VERSIONS};
use crate::fields::Show::{Dec, Named, NamedHex};
use crate::header;
use std::fmt;

header! {
    /// What stands before each fragment.
    RecordHeader, "TLS", 5 bytes;
     8 content_type:   u8,  "Content Type",   Named(CONTENT_TYPES);
    16 legacy_version: u16, "Legacy Version", NamedHex(VERSIONS);
    16 length:         u16, "Length",         Dec;
}

/// The most bytes of a fragment that nobody protects. RFC 8446 section 5.1: "The length MUST NOT exceed 2^14 bytes."
pub const MOST_PLAINTEXT: usize = 1 << 14;
/// The most bytes of a fragment at all. RFC 5246 section 6.2.3: "The length MUST NOT exceed 2^14 + 2048."; TLS 1.3 allows 256.
pub const MOST_FRAGMENT: usize = MOST_PLAINTEXT + 2048;

impl RecordHeader {
    /// Whether a record may begin so: a content type that there is, major version 3, and not too long.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        ContentType(self.content_type).name().is_some()
            && self.legacy_version >> 8 == 3
            && self.legacy_version & 0xff <= 4
            && usize::from(self.length) <= MOST_FRAGMENT
    }
}

/// One record of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where its header begins, in bytes from the start of the stream.
    pub at: u64,
    /// The header.
    pub header: RecordHeader,
    /// What it carries: as it is, or protected.
    pub fragment: Vec<u8>,
}

/// Cuts a stream into its records. What is no TLS ends it.
///
/// It holds no more than one record that is not there as a whole, and what was pushed and not yet taken.
#[derive(Debug, Clone, Default)]
pub struct Records {
    at: u64,
    pending: Vec<u8>,
    /// How much of that is taken already.
    taken: usize,
    is_over: bool,
}

/// Why a stream is no TLS: what stands where a record should begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTls {
    /// Where, in bytes from the start of the stream.
    pub at: u64,
    /// What stands there: up to 16 bytes.
    pub begins: Vec<u8>,
}

impl fmt::Display for NotTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, begins } = self;
        write!(f, "no TLS record begins at byte {at}: there stands \"{}\"", crate::text::escaped(begins))
    }
}

impl std::error::Error for NotTls {}

impl Records {
    /// Adds bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.drain(..self.taken);
        self.taken = 0;
        if !self.is_over {
            self.pending.extend_from_slice(bytes);
        }
    }

    /// How many bytes wait for the rest of their record.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len() - self.taken
    }

    /// The next record that is there as a whole.
    ///
    /// # Errors
    /// Once, when what comes next is no record; then there is no other.
    pub fn next_record(&mut self) -> Result<Option<Record>, NotTls> {
        let pending = self.pending.get(self.taken..).unwrap_or_default();
        let Ok((header, rest)) = RecordHeader::take(pending) else { return Ok(None) };
        if !header.is_plausible() {
            let begins = pending.iter().take(16).copied().collect();
            *self = Self { at: self.at, is_over: true, ..Self::default() };
            return Err(NotTls { at: self.at, begins });
        }
        let Some(fragment) = rest.get(..usize::from(header.length)) else { return Ok(None) };
        let record = Record { at: self.at, header, fragment: fragment.to_vec() };
        let len = RecordHeader::LEN + record.fragment.len();
        self.taken += len;
        self.at += len as u64;
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("tls/record", include_str!("record.txt"), RecordHeader::FIELDS);
    }

    #[test]
    fn records_are_cut_wherever_the_stream_is_cut() {
        let stream = [b"\x16\x03\x01\0\x02ab".as_slice(), b"\x17\x03\x03\0\0", b"\x15\x03\x03\0\x01c"].concat();
        let mut records = Records::default();
        let mut found = vec![];
        for byte in &stream {
            records.push(&[*byte]);
            while let Some(record) = records.next_record().unwrap() {
                found.push((record.at, record.header.content_type, record.fragment));
            }
        }
        assert_eq!(found, [(0, 22, b"ab".to_vec()), (7, 23, vec![]), (12, 21, b"c".to_vec())]);
        assert_eq!(records.pending(), 0);
    }

    #[test]
    fn what_is_no_record_is_told_once_with_its_beginning() {
        let mut records = Records::default();
        records.push(b"\x15\x03\x03\0\0HTTP/1.1 400 Bad Request\r\n");
        assert!(records.next_record().unwrap().is_some());
        let told = records.next_record().unwrap_err().to_string();
        assert_eq!(told, "no TLS record begins at byte 5: there stands \"HTTP/1.1 400 Bad\"");
        assert_eq!((records.next_record(), records.pending()), (Ok(None), 0));
    }
}
