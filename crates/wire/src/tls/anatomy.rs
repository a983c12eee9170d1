//! Where each field of a message stands: for who wants to show its bytes and not only its meaning.

use super::Handshake;
use super::cursor::{Cursor, Wrong};
use super::numbers::Version;
use crate::WireError;
use crate::fields::Field;
use std::ops::Range;

/// A handshake message's bytes, told field by field; as far as they could be read, if it is none.
#[derive(Debug, Clone)]
pub struct Anatomy {
    /// The fields in their order, those inside of another behind it.
    pub parts: Vec<Part>,
    /// How many bytes could be read. What is behind them belongs to no field.
    pub end: usize,
    /// The message, or why it is none.
    pub message: Result<Handshake, WireError>,
    /// The same error with its row.
    pub(crate) wrong: Option<Wrong>,
}

/// A field at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub row: &'static Field,
    /// Its bytes, counted from the start of the message.
    pub bytes: Range<usize>,
    /// How many of the parts behind it stand inside of it.
    pub parts: usize,
}

impl Anatomy {
    /// Takes one message apart, header included, as `version` has it; or the beginning of one.
    #[must_use]
    pub fn of(message: &[u8], version: Version) -> Self {
        let mut cursor = Cursor::noting(message);
        let read = Handshake::read(&mut cursor, version);
        cursor.told(read)
    }
}
