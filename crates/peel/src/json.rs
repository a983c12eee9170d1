//! Packets as JSON objects; docs/json.md tells their fields.

use crate::capture::{Direction, Record};
use crate::line;
use crate::time::Clock;
use cli::escape;
use serde::Serialize;
use wire::dissect::{self, Dissection, Fields, Protocol};

/// What is told.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// The end of the capture, or of what can be read of it.
    Summary(Summary),
}

/// A packet.
#[derive(Debug, Serialize)]
pub struct Packet<'a> {
    number: u64,
    at_ns: Option<i64>,
    time: Option<String>,
    interface: Option<&'a str>,
    direction: Option<&'static str>,
    link: u32,
    captured_bytes: usize,
    original_bytes: u32,
    comment: Option<&'a str>,
    summary: String,
    problems: Vec<Problem>,
    layers: Vec<Layer>,
}

#[derive(Debug, Serialize)]
struct Problem {
    layer: usize,
    byte: usize,
    field: &'static str,
    problem: String,
}

#[derive(Debug, Serialize)]
struct Layer {
    protocol: &'static str,
    quoted: bool,
    byte: usize,
    bytes: usize,
    payload_bytes: usize,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    label: &'static str,
    bit: usize,
    bits: usize,
    value: Value,
    shown: String,
    meaning: String,
    rfc: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
}

/// A number, or bytes in hexadecimal.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Value {
    Number(u64),
    Bytes(String),
}

/// How it ended.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Packets of the capture, as far as it was read.
    pub packets: u64,
    /// Those that were shown.
    pub shown: u64,
    /// The byte at which the file could not be read any further.
    pub fault_byte: Option<u64>,
    /// Why.
    pub fault: Option<String>,
}

impl<'a> Packet<'a> {
    /// The object of a packet; `dated`: its time is one of the calendar.
    #[must_use]
    pub fn of(record: &'a Record<'_>, packet: Option<&Dissection<'_>>, clock: &Clock, dated: bool) -> Self {
        let mut summary = String::new();
        line::said(&mut summary, record, packet);
        let problems = packet.map(Dissection::problems).unwrap_or_default().iter().map(|problem| Problem {
            layer: problem.layer,
            byte: problem.byte,
            field: problem.field(),
            problem: problem.to_string(),
        });
        Self {
            number: record.number,
            at_ns: clock.since_first(record),
            time: record.packet.at.filter(|_| dated).map(crate::stamp::Stamp::rfc3339),
            interface: record.interface.name.as_deref(),
            direction: record.packet.direction.map(|direction| match direction {
                Direction::In => "in",
                Direction::Out => "out",
            }),
            link: record.interface.link,
            captured_bytes: record.packet.bytes.len(),
            original_bytes: record.packet.original_len,
            comment: record.packet.comment.as_deref(),
            summary: escape(&summary),
            problems: problems.collect(),
            layers: packet.map_or(vec![], |packet| packet.layers().map(|layer| self::layer(layer)).collect()),
        }
    }
}

fn layer(layer: dissect::Layer<'_>) -> Layer {
    let header = if layer.protocol() == Protocol::Data { layer.payload() } else { layer.header() };
    Layer {
        protocol: layer.protocol().name(),
        quoted: layer.is_quoted(),
        byte: header.start,
        bytes: header.len(),
        payload_bytes: if layer.protocol() == Protocol::Data { 0 } else { layer.payload().len() },
        fields: fields(layer.fields()),
    }
}

fn fields(fields: Fields<'_>) -> Vec<Field> {
    let field = |field: dissect::Field<'_>| Field {
        name: field.name(),
        label: field.label(),
        bit: field.bits().start,
        bits: field.bits().len(),
        value: match field.value() {
            dissect::Value::Number(number) => Value::Number(number),
            dissect::Value::Bytes(bytes) => Value::Bytes(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        },
        shown: field.shown(),
        meaning: field.meaning(),
        rfc: field.rfc(),
        fields: self::fields(field.fields()),
    };
    fields.map(field).collect()
}
