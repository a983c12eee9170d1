//! IPv4 options: a list of kind, length, data behind the fixed header.
//!
//! Obeys RFC 791 section 3.1 ("Options") and RFC 1122 section 3.2.1.8.
//!
//! ```text
//! +--------+  +--------+--------+--------  -  -+
//! |  kind  |  |  kind  | length |     data     |
//! +--------+  +--------+--------+--------  -  -+
//!   0 and 1      all others; length counts the whole option
//! ```
//!
//! ```
//! use wire::options::{Options, Ipv4Option};
//! let mut options = Options::new(&[1, 7, 7, 4, 10, 0, 0, 1, 0, 0, 0, 0]);
//! assert_eq!(options.next(), Some(Ok(Ipv4Option { kind: 1, data: &[] })));
//! assert_eq!(options.next(), Some(Ok(Ipv4Option { kind: 7, data: &[4, 10, 0, 0, 1] })));
//! assert_eq!(options.next(), None); // kind 0 ends the list
//! ```

use crate::reader::Reader;
use crate::{Problem, WireError};

/// Kind that ends the list; what follows is padding.
pub const END: u8 = 0;
/// Kind that fills one byte, to bring the next option to a boundary.
pub const NO_OPERATION: u8 = 1;
/// Kind of "record route", RFC 791 section 3.1.
pub const RECORD_ROUTE: u8 = 7;

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv4Option<'a> {
    /// Copied flag, class and number in one byte.
    pub kind: u8,
    /// What follows kind and length.
    pub data: &'a [u8],
}

impl Ipv4Option<'_> {
    /// Whether a router that cuts the packet into fragments copies it into each (RFC 791 section 3.1).
    #[must_use]
    pub fn is_copied(&self) -> bool {
        self.kind & 0x80 != 0
    }
}

/// Walks the options of a header; the first error ends the walk.
#[derive(Debug, Clone)]
pub struct Options<'a>(Reader<'a>);

impl<'a> Options<'a> {
    /// The options in `bytes`, as [`crate::ipv4::Ipv4::parse`] gives them.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    fn option(&mut self) -> Result<Option<Ipv4Option<'a>>, WireError> {
        let Some(kind) = self.0.u8() else { return Ok(None) };
        if kind == END {
            return Ok(None);
        }
        if kind == NO_OPERATION {
            return Ok(Some(Ipv4Option { kind, data: &[] }));
        }
        let start = self.0.consumed() - 1;
        let wrong = |problem| WireError { header: "IPv4 option", field: "length", byte: start + 1, problem };
        let have = self.0.rest().len() + 1;
        let len = usize::from(self.0.u8().ok_or(wrong(Problem::TooShort { need: 2, have }))?);
        let data = len.checked_sub(2).ok_or(wrong(Problem::TooSmall { value: len, least: 2 }))?;
        let data = self.0.take(data).ok_or(wrong(Problem::TooShort { need: len, have }))?;
        Ok(Some(Ipv4Option { kind, data }))
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<Ipv4Option<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.option().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = Reader::new(&[]);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_beyond_the_header_is_an_error_once() {
        let mut options = Options::new(&[1, 7, 40, 4]);
        assert!(options.next().unwrap().is_ok());
        let error = options.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "IPv4 option, byte 2: length says 40 bytes, 3 are there");
        assert_eq!(options.next(), None);
    }

    #[test]
    fn length_that_does_not_count_itself_ends_the_walk() {
        assert!(Options::new(&[7, 0, 7, 0]).next().unwrap().is_err());
        assert!(Options::new(&[7]).next().unwrap().is_err());
    }
}
