//! A message of the name system.

use crate::dissect::Layer;
use crate::dissect::rows::message_start;
use crate::dns::{Header, Message, Opcode, Rcode, Type};
use std::fmt::{self, Formatter};

/// So many records of an answer are told.
const MOST: usize = 3;

/// ` DNS question 0x1234 A www.example.com`, ` DNS answer 0x1234 A www.example.com: A 203.0.113.10`.
pub(super) fn dns(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let bytes = layer.bytes().get(message_start(layer) - layer.header().start..).unwrap_or_default();
    let Ok((header, _)) = Header::take(bytes) else { return f.write_str(" DNS, cut short") };
    f.write_str(" DNS ")?;
    if header.opcode != Opcode::QUERY.0 {
        write!(f, "{} ", Opcode(header.opcode))?;
    }
    write!(f, "{} {:#06x}", if header.qr { "answer" } else { "question" }, header.id)?;
    for question in layer.fields().filter(|field| field.name() == "question") {
        let (qname, qtype) = (question.inside("qname").unwrap_or_default(), question.number_inside("qtype"));
        match qtype.and_then(|qtype| u16::try_from(qtype).ok()) {
            Some(qtype) => write!(f, " {} {}", Type(qtype), bare(&qname))?,
            None => write!(f, " {}", bare(&qname))?,
        }
    }
    match Message::parse(bytes) {
        Err(_) => f.write_str(", not readable to its end"),
        Ok((message, _)) if header.qr => outcome(f, &message),
        Ok(_) => Ok(()),
    }
}

/// What was answered: an error, records, or whom else to ask.
fn outcome(f: &mut Formatter<'_>, message: &Message) -> fmt::Result {
    let rcode = message.rcode();
    if rcode != Rcode::NOERROR {
        write!(f, ": {rcode}")?;
    }
    for (number, record) in message.answers.iter().take(MOST).enumerate() {
        let before = if number == 0 { ": " } else { ", " };
        let data = record.rdata.to_string();
        write!(f, "{before}{} {}", record.rrtype(), data.get(..MOST_DATA).unwrap_or(&data))?;
    }
    match message.answers.len().checked_sub(MOST) {
        Some(more @ 1..) => write!(f, " and {more} more")?,
        _ if !message.answers.is_empty() || rcode != Rcode::NOERROR || message.header.tc => {}
        _ => match message.authorities.iter().find(|record| record.rrtype() == Type::NS) {
            Some(ns) if !message.header.aa => write!(f, ": ask the servers of {}", bare(&ns.name.to_string()))?,
            _ => f.write_str(": no such record")?,
        },
    }
    if message.header.tc { f.write_str(", cut off") } else { Ok(()) }
}

/// No more characters of a record's data are told.
const MOST_DATA: usize = 60;

/// A name without the dot at its end, but for the root's.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(name)
}
