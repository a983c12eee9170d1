//! What is asked: a name, and a type and class of records.
//!
//! Obeys RFC 1035 section 4.1.2.

use super::cursor::{Cursor, Wrong};
use super::emit::Emitter;
use super::name::Name;
use super::numbers::{CLASSES, Class, TYPES, Type};
use crate::fields::Field;
use crate::fields::Show::{Bytes, Named};
use crate::fields::row;
use std::fmt;

/// An entry of the question section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name.
    pub qname: Name,
    /// The type of records: one, or [`Type::ANY`] and its like.
    pub qtype: Type,
    /// The class.
    pub qclass: Class,
}

pub(crate) static QNAME: Field = row("qname", "QNAME", Bytes);
static QTYPE: Field = row("qtype", "QTYPE", Named(TYPES));
static QCLASS: Field = row("qclass", "QCLASS", Named(CLASSES));

impl Question {
    /// For records of the Internet.
    #[must_use]
    pub fn new(qname: Name, qtype: Type) -> Self {
        Self { qname, qtype, qclass: Class::IN }
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        Ok(Self { qname: cursor.name(&QNAME)?, qtype: Type(cursor.u16(&QTYPE)?), qclass: Class(cursor.u16(&QCLASS)?) })
    }

    pub(super) fn emit(&self, to: &mut Emitter) {
        to.compressed(&self.qname);
        to.put(&self.qtype.0.to_be_bytes());
        to.put(&self.qclass.0.to_be_bytes());
    }
}

impl fmt::Display for Question {
    /// As in dig's question section, without its padding: `www.example.com. IN A`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { qname, qtype, qclass } = self;
        write!(f, "{qname} {qclass} {qtype}")
    }
}
