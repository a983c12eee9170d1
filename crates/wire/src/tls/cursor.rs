//! A cursor over a message: it reads fields by their rows, and notes where each stood.
//!
//! What a length counts is read within its bounds ([`Cursor::counted`]). Where fewer bytes are there than it counts, those are read
//! all the same, so that the beginning of a message tells what it can; then the length is named as what is wrong.

use super::anatomy::{Anatomy, Part};
use super::handshake::Handshake;
use crate::fields::Field;
use crate::{Problem, WireError};
use std::fmt;

/// What a message is called in errors.
const TITLE: &str = "TLS";

/// Reads from `at` up to `end`.
pub(super) struct Cursor<'m> {
    message: &'m [u8],
    at: usize,
    end: usize,
    /// What was noted, if anybody wants to know.
    notes: Option<Vec<Part>>,
}

/// What is wrong, and with which field; a [`WireError`] has only its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrong {
    pub(crate) row: &'static Field,
    pub(crate) byte: usize,
    pub(crate) problem: Problem,
}

impl From<Wrong> for WireError {
    fn from(Wrong { row, byte, problem }: Wrong) -> Self {
        WireError { header: TITLE, field: row.name, byte, problem }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WireError::from(*self).fmt(f)
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// How many bytes a length takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    One = 1,
    Two = 2,
    Three = 3,
}

impl<'m> Cursor<'m> {
    pub(super) fn new(message: &'m [u8]) -> Self {
        Self { message, at: 0, end: message.len(), notes: None }
    }

    /// One that notes the place of each field.
    pub(super) fn noting(message: &'m [u8]) -> Self {
        Self { notes: Some(vec![]), ..Self::new(message) }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// What it noted of a message that was read, or of the part that could be read.
    pub(super) fn told(self, message: Result<Handshake>) -> Anatomy {
        let wrong = message.as_ref().err().copied();
        let parts = self.notes.unwrap_or_default();
        Anatomy { parts, end: self.at, message: message.map_err(WireError::from), wrong }
    }

    /// The next byte, which stays there.
    pub(super) fn peek(&self) -> Option<u8> {
        self.message.get(self.at..self.end)?.first().copied()
    }

    /// The next `len` bytes.
    pub(super) fn bytes(&mut self, row: &'static Field, len: usize) -> Result<&'m [u8]> {
        let (from, have) = (self.at, self.left());
        let taken = self.message.get(from..from + len.min(have)).filter(|taken| taken.len() == len);
        let problem = Problem::Missing { need: len, have };
        let taken = taken.ok_or(Wrong { row, byte: from, problem })?;
        self.at += len;
        self.note(row, from..self.at);
        Ok(taken)
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self, row: &'static Field) -> Result<&'m [u8]> {
        self.bytes(row, self.left())
    }

    /// A number of `N` bytes.
    fn number<const N: usize>(&mut self, row: &'static Field) -> Result<u32> {
        let bytes = self.bytes(row, N)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    pub(super) fn u8(&mut self, row: &'static Field) -> Result<u8> {
        self.number::<1>(row).map(|number| number.to_be_bytes()[3])
    }

    pub(super) fn u16(&mut self, row: &'static Field) -> Result<u16> {
        let [_, _, high, low] = self.number::<2>(row)?.to_be_bytes();
        Ok(u16::from_be_bytes([high, low]))
    }

    pub(super) fn u32(&mut self, row: &'static Field) -> Result<u32> {
        self.number::<4>(row)
    }

    pub(super) fn octets<const N: usize>(&mut self, row: &'static Field) -> Result<[u8; N]> {
        let mut octets = [0; N];
        octets.copy_from_slice(self.bytes(row, N)?);
        Ok(octets)
    }

    /// A field with fields inside, which `read` reads.
    pub(super) fn group<T>(&mut self, row: &'static Field, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let from = self.at;
        let number = self.notes.as_mut().map(|parts| {
            parts.push(Part { row, bytes: from..from, parts: 0 });
            parts.len()
        });
        let value = read(self);
        if let (Some(parts), Some(number)) = (&mut self.notes, number) {
            let inside = parts.len() - number;
            match parts.get_mut(number - 1) {
                Some(part) if self.at > from => (part.bytes.end, part.parts) = (self.at, inside),
                _ => parts.truncate(number - 1),
            }
        }
        value
    }

    /// A length, and what `read` reads of as many bytes behind it, which must be all of them.
    pub(super) fn counted<T>(
        &mut self,
        width: Width,
        row: &'static Field,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let place = self.at;
        let len = match width {
            Width::One => self.number::<1>(row)?,
            Width::Two => self.number::<2>(row)?,
            Width::Three => self.number::<3>(row)?,
        } as usize;
        let (from, have, around) = (self.at, self.left(), self.end);
        self.end = from + len.min(have);
        let value = read(self);
        if len > have {
            self.end = around;
            return Err(Wrong { row, byte: place, problem: Problem::TooShort { need: len, have } });
        }
        let value = value?;
        self.end(row)?;
        self.end = around;
        Ok(value)
    }

    /// A length, and so many bytes.
    pub(super) fn opaque(&mut self, width: Width, length: &'static Field, row: &'static Field) -> Result<Vec<u8>> {
        self.counted(width, length, |cursor| cursor.rest(row)).map(<[u8]>::to_vec)
    }

    /// A length, and what `read` reads again and again, until nothing is left.
    pub(super) fn list<T>(
        &mut self,
        width: Width,
        row: &'static Field,
        mut read: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.counted(width, row, |cursor| {
            let mut list = vec![];
            while cursor.left() > 0 {
                list.push(read(cursor)?);
            }
            Ok(list)
        })
    }

    /// Nothing may be left; `row` is what ended before it should, or had more inside than it should.
    pub(super) fn end(&self, row: &'static Field) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            left => {
                let problem = Problem::Unexpected { value: (self.at + left) as u64, expected: self.at as u64 };
                Err(Wrong { row, byte: self.at, problem })
            }
        }
    }

    fn note(&mut self, row: &'static Field, bytes: std::ops::Range<usize>) {
        if let Some(parts) = &mut self.notes
            && !bytes.is_empty()
        {
            parts.push(Part { row, bytes, parts: 0 });
        }
    }
}
