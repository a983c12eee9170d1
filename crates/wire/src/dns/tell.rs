//! What a part of a message says, for who has only its place: a name with what its pointer leads to, a record in one line.

use super::cursor::{Cursor, POINTER};
use super::edns::{Edns, EdnsOption};
use super::header::Header;
use super::numbers::Opcode;
use super::question::Question;
use super::rdata::{HashedName, Rdata, RowType, Salt, Time, TypeBitMaps, param};
use super::record::Record;
use crate::fields::Field;
use std::ops::Range;

/// No more characters of a record are told.
const MOST: usize = 120;

/// What the names of rows begin with that are the data of a type; the type follows.
const RDATA: &str = "rdata_";

/// The text of the field of this row, which has these bytes of a message; `None` where its own bytes say it best, or say nothing.
pub(crate) fn text_of(message: &[u8], row: &'static Field, bytes: Range<usize>) -> Option<String> {
    let cursor = &mut Cursor::within(message, bytes);
    let text = match row.name {
        "pointer" => {
            let name = cursor.name(row).ok()?;
            let [high, low] = *message.get(cursor.at() - 2..)?.first_chunk()?;
            format!("byte {}: {name}", u16::from_be_bytes([high & 0x3f, low]))
        }
        "question" => Question::read(cursor).ok()?.to_string(),
        "answer" | "authority" | "additional" => {
            let (header, _) = Header::take(message).ok()?;
            let record = Record::read(cursor, Opcode(header.opcode)).ok()?;
            match Edns::of(&record) {
                Some(edns) => format!("EDNS: {edns}"),
                None => record.to_string().replace('\t', " "),
            }
        }
        "option" => EdnsOption::read(cursor).ok()?.to_string(),
        "svc_param" => param(cursor).ok()?.text(),
        "type_bit_maps" => TypeBitMaps::read(cursor, row).ok()?.text(),
        "salt" => Salt::read(cursor, row).ok()?.text(),
        "next_hashed" => HashedName::read(cursor, row).ok()?.text(),
        name if name.starts_with(RDATA) => {
            let rrtype = name.get(RDATA.len()..)?.parse().ok()?;
            Rdata::read(rrtype, cursor).ok()?.to_string()
        }
        "expiration" | "inception" => Time::read(cursor, row).ok()?.to_string(),
        _ => return None,
    };
    Some(match text.get(..MOST) {
        Some(beginning) if text.len() > MOST => format!("{beginning} ..."),
        _ => text,
    })
}

/// The name that these bytes of a message are, with what its pointer leads to.
pub(crate) fn name_of(message: &[u8], bytes: Range<usize>) -> Option<String> {
    Cursor::within(message, bytes).name(&POINTER).ok().map(|name| name.to_string())
}
