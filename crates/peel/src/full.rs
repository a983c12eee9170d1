//! A packet in full: every layer, and of every field its byte, its bytes, its value, what it means and where that stands.
//!
//! ```text
//! IPv4, bytes 14 to 33, RFC 791 section 3.1
//!   14  4.                 version 4
//!   14  .5                 header length 5: 20 bytes, so no options
//!   15  000000..           DSCP 0: no special treatment (RFC 2474 section 3)
//! ```

use crate::capture::{Direction, Record};
use crate::line;
use crate::stamp::Seconds;
use crate::time::Clock;
use crate::wrap::wrapped;
use cli::{Failure, Output, escape, style};
use std::collections::BTreeMap;
use wire::dissect::{Dissection, Field, Fields, Layer, Protocol};

const WIDTH: usize = 80;
/// So many bytes of a field stand in a line.
const BYTES: usize = 6;
/// How wide they are.
const BYTES_WIDTH: usize = 3 * BYTES - 1;

/// Shows all there is to say of a packet.
///
/// # Errors
/// Those of the output.
pub fn show(
    out: &mut Output,
    record: &Record<'_>,
    packet: Option<&Dissection<'_>>,
    clock: &Clock,
) -> Result<(), Failure> {
    head(out, record, packet, clock)?;
    let Some(packet) = packet else {
        out.line("")?;
        return dump(out, 0, record.packet.bytes);
    };
    for layer in packet.layers() {
        out.line("")?;
        self::layer(out, packet, layer)?;
    }
    if !packet.problems().is_empty() {
        out.line("")?;
        out.line("problems")?;
        for problem in packet.problems() {
            let lines = wrapped(&format!("byte {}: {}", problem.byte, escape(&problem.to_string())), WIDTH - 4);
            for (number, line) in lines.iter().enumerate() {
                let mark = if number == 0 { "!" } else { " " };
                out.line(&out.paint(style::WARNING, &format!("  {mark} {line}")))?;
            }
        }
    }
    Ok(())
}

/// What holds for the packet as a whole.
fn head(
    out: &mut Output,
    record: &Record<'_>,
    packet: Option<&Dissection<'_>>,
    clock: &Clock,
) -> Result<(), Failure> {
    let captured = record.packet.bytes.len();
    let len = match record.packet.original_len as usize {
        original if original > captured => format!("{captured} of {original} bytes"),
        _ => format!("{captured} bytes"),
    };
    let name = record.interface.name.as_deref().map(escape);
    let place = match (record.packet.direction, name) {
        (None, None) => String::new(),
        (None, Some(name)) => format!(", on {name}"),
        (Some(Direction::In), name) => format!(", received{}", name.map_or(String::new(), |name| format!(" on {name}"))),
        (Some(Direction::Out), name) => format!(", sent{}", name.map_or(String::new(), |name| format!(" on {name}"))),
    };
    out.line(&format!("packet {}: {len}{place}", record.number))?;
    let mut said = String::new();
    line::said(&mut said, record, packet);
    wrapped(&escape(&said), WIDTH).iter().try_for_each(|line| out.line(line))?;
    if let (Some(at), Some(since)) = (record.packet.at, clock.since_first(record)) {
        let at = at.rfc3339();
        let at = at.replace('T', " ").replace('Z', " UTC");
        out.line(&format!("{} s after the first packet, at {at}", Seconds(since, 9)))?;
    }
    if let Some(comment) = &record.packet.comment {
        out.line(&out.paint(style::NOTE, &format!("# {}", escape(comment))))?;
    }
    Ok(())
}

fn layer(out: &mut Output, packet: &Dissection<'_>, layer: Layer<'_>) -> Result<(), Failure> {
    let quoted = if layer.is_quoted() { ", quoted" } else { "" };
    if layer.protocol() == Protocol::Data {
        let range = layer.payload();
        out.line(&format!("{}{quoted}, {}", layer.protocol(), bytes(&range)))?;
        return dump(out, range.start, packet.bytes().get(range).unwrap_or_default());
    }
    let source = source(layer);
    let by = if source.is_empty() { String::new() } else { format!(", {source}") };
    out.line(&format!("{}{quoted}, {}{by}", layer.protocol(), bytes(&layer.header())))?;
    fields(out, packet, layer.fields(), source, 0)
}

/// The document that most fields of the layer are told in.
fn source(layer: Layer<'_>) -> &'static str {
    let mut count = BTreeMap::new();
    for field in layer.fields() {
        *count.entry(field.rfc()).or_insert(0) += 1;
    }
    count.into_iter().max_by_key(|(_, count)| *count).map_or("", |(source, _)| source)
}

fn bytes(range: &std::ops::Range<usize>) -> String {
    match range.len() {
        0 => "no bytes".into(),
        1 => format!("byte {}", range.start),
        _ => format!("bytes {} to {}", range.start, range.end - 1),
    }
}

/// Fields, those within others further to the right.
fn fields(
    out: &mut Output,
    packet: &Dissection<'_>,
    fields: Fields<'_>,
    source: &str,
    depth: usize,
) -> Result<(), Failure> {
    for field in fields {
        self::field(out, packet, &field, source, depth)?;
        self::fields(out, packet, field.fields(), source, depth + 1)?;
    }
    Ok(())
}

fn field(
    out: &mut Output,
    packet: &Dissection<'_>,
    field: &Field<'_>,
    source: &str,
    depth: usize,
) -> Result<(), Failure> {
    const LEFT: usize = 6 + 2 + BYTES_WIDTH + 2;
    let mut meaning = escape(&field.meaning());
    if field.rfc() != source && !field.rfc().is_empty() {
        meaning += &format!(" ({})", field.rfc());
    }
    let indent = 2 * depth;
    let meaning = wrapped(&meaning, WIDTH - LEFT - indent);
    // The bytes of what has fields inside stand there.
    let raw = if field.fields().next().is_some() { vec![] } else { raw(packet.bytes(), field) };
    for number in 0..meaning.len().max(raw.len()) {
        let part = |of: &[String]| of.get(number).cloned().unwrap_or_default();
        let at = if number == 0 { field.bytes().start.to_string() } else { String::new() };
        let mark = if number == 0 && field.problems().next().is_some() { "!" } else { " " };
        let line = format!("{mark}{at:>5}  {:BYTES_WIDTH$}  {:indent$}{}", part(&raw), "", part(&meaning));
        let line = line.trim_end();
        out.line(&if mark == "!" { out.paint(style::WARNING, line) } else { line.to_string() })?;
    }
    Ok(())
}

/// The bytes of a field in hexadecimal; of one that is no whole number of bytes its bits, with dots for those of its neighbours.
fn raw(packet: &[u8], field: &Field<'_>) -> Vec<String> {
    let bytes = packet.get(field.bytes()).unwrap_or_default();
    let bits = field.bits();
    if bits.start.is_multiple_of(8) && bits.end.is_multiple_of(8) {
        return bytes.chunks(BYTES).map(hex).collect();
    }
    let nibble = |half: usize| match bits.start / 4..bits.end / 4 {
        within if within.contains(&half) => packet.get(half / 2).map_or(' ', |byte| digit(byte >> (4 * (1 - half % 2)))),
        _ => '.',
    };
    if bits.start.is_multiple_of(4) && bits.end.is_multiple_of(4) {
        let halves = |byte: usize| [nibble(2 * byte), nibble(2 * byte + 1)].iter().collect::<String>();
        let all: Vec<String> = field.bytes().map(halves).collect();
        return all.chunks(BYTES).map(|some| some.join(" ")).collect();
    }
    let bit = |bit: usize| match packet.get(bit / 8) {
        Some(byte) if bits.contains(&bit) => if byte >> (7 - bit % 8) & 1 == 1 { '1' } else { '0' },
        _ => '.',
    };
    let all: Vec<String> = field.bytes().map(|byte| (byte * 8..byte * 8 + 8).map(bit).collect()).collect();
    all.chunks(BYTES_WIDTH / 9 + 1).map(|some| some.join(" ")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble & 0xf), 16).unwrap_or('?')
}

/// Bytes that have no meaning here, with the characters that they may be.
fn dump(out: &mut Output, start: usize, bytes: &[u8]) -> Result<(), Failure> {
    const ROW: usize = 16;
    for (number, row) in bytes.chunks(ROW).enumerate() {
        let text: String = row.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' }).collect();
        out.line(&format!(" {:>5}  {:47}  {text}", start + number * ROW, hex(row)))?;
    }
    Ok(())
}
