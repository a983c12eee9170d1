//! A resource record: a name, and something that is known of it for a time.
//!
//! Obeys RFC 1035 section 4.1.3 and RFC 2181 section 8 (the time to live).

use super::cursor::{Cursor, Wrong};
use super::emit::Emitter;
use super::name::Name;
use super::numbers::{CLASSES, Class, Opcode, TYPES, Type};
use super::rdata::Rdata;
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec, Flag, Hex, Named};
use crate::fields::row;
use std::fmt;

/// One record. Its type is that of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Of what something is known.
    pub name: Name,
    /// The class.
    pub class: Class,
    /// For how many seconds it may be kept. RFC 2181 section 8: "a minimum value of 0, and a maximum value of 2147483647".
    pub ttl: u32,
    /// What is known.
    pub rdata: Rdata,
}

pub(crate) static NAME: Field = row("name", "NAME", Bytes);
static TYPE: Field = row("type", "TYPE", Named(TYPES));
static CLASS: Field = row("class", "CLASS", Named(CLASSES));
static TTL: Field = row("ttl", "TTL", Dec);
static PAYLOAD_SIZE: Field = row("payload_size", "UDP Payload Size", Dec);
static EXTENDED_RCODE: Field = row("extended_rcode", "EXTENDED-RCODE", Dec);
static VERSION: Field = row("version", "VERSION", Dec);
static DNSSEC_OK: Field = row("dnssec_ok", "DO", Flag);
static Z: Field = row("z", "Z", Hex);
static RDLENGTH: Field = row("rdlength", "RDLENGTH", Dec);

impl Record {
    /// A record of the Internet.
    #[must_use]
    pub fn new(name: Name, ttl: u32, rdata: Rdata) -> Self {
        Self { name, class: Class::IN, ttl, rdata }
    }

    /// The type.
    #[must_use]
    pub fn rrtype(&self) -> Type {
        self.rdata.rrtype()
    }

    pub(super) fn read(cursor: &mut Cursor<'_>, opcode: Opcode) -> Result<Self, Wrong> {
        let name = cursor.name(&NAME)?;
        let rrtype = Type(cursor.u16(&TYPE)?);
        let (class, ttl) = if rrtype == Type::OPT {
            // RFC 6891 section 6.1.2: class and time to live of this one are something else.
            let class = cursor.u16(&PAYLOAD_SIZE)?;
            let [high, version] = [cursor.u8(&EXTENDED_RCODE)?, cursor.u8(&VERSION)?];
            let [a, b] = cursor.bit_and_rest(&DNSSEC_OK, &Z)?.to_be_bytes();
            (class, u32::from_be_bytes([high, version, a, b]))
        } else {
            (cursor.u16(&CLASS)?, cursor.u32(&TTL)?)
        };
        let len = usize::from(cursor.u16(&RDLENGTH)?);
        // RFC 2136 section 2.4: what an update deletes or asks for has no data, whatever its type.
        let is_bare = len == 0 && opcode == Opcode::UPDATE;
        let rdata = cursor.counted(&RDLENGTH, len, |cursor| match is_bare {
            true => Ok(Rdata::Unknown(rrtype, vec![])),
            false => Rdata::read(rrtype, cursor),
        })?;
        Ok(Self { name, class: Class(class), ttl, rdata })
    }

    pub(super) fn emit(&self, to: &mut Emitter) {
        to.compressed(&self.name);
        to.put(&self.rrtype().0.to_be_bytes());
        to.put(&self.class.0.to_be_bytes());
        to.put(&self.ttl.to_be_bytes());
        to.counted(|to| self.rdata.emit(to));
    }
}

impl fmt::Display for Record {
    /// As in a master file, with a tab between the fields: `www.example.com.\t300\tIN\tA\t203.0.113.10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, class, ttl, rdata } = self;
        write!(f, "{name}\t{ttl}\t{class}\t{}\t{rdata}", self.rrtype())
    }
}
