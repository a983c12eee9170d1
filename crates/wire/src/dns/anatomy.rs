//! Where each field of a message stands, and where each pointer points.
//!
//! What the parser reads it can note, field by field: for who wants to show the bytes of a message and not only its meaning.

use super::cursor::Wrong;
use super::{Message, Name};
use crate::WireError;
use crate::fields::Field;
use std::ops::Range;

/// A message's bytes, told field by field; as far as they could be read, if it is none.
#[derive(Debug, Clone)]
pub struct Anatomy {
    /// The fields in their order, those inside of another behind it.
    pub parts: Vec<Part>,
    /// The compression pointers in their order: those that stand in a field, not those that are met when one is followed.
    pub pointers: Vec<Pointer>,
    /// How many bytes the message has, or how many could be read. What is behind them belongs to no field.
    pub end: usize,
    /// The message, or why it is none.
    pub message: Result<Message, WireError>,
    /// The same error with its row.
    pub(crate) wrong: Option<Wrong>,
    /// How many questions and records could be read.
    pub(crate) entries: usize,
}

/// A field at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is. The row's own place is that within its header, or 0.
    pub row: &'static Field,
    /// Its bits, counted from the start of the message.
    pub bits: Range<usize>,
    /// How many of the parts behind it stand inside of it.
    pub parts: usize,
}

/// A compression pointer, RFC 1035 section 4.1.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The byte at which its two bytes stand.
    pub at: usize,
    /// The byte to which it points.
    pub to: usize,
    /// The name that stands there.
    pub name: Name,
}

impl Anatomy {
    /// Takes `bytes` apart, which may be no message.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        super::message::anatomy(bytes)
    }
}
