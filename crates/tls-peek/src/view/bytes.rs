//! Each message, byte by byte.

use crate::opened::{Message, Opened};
use crate::words;
use cli::{Failure, Output, style};
use std::fmt::Write;
use wire::tls::{Anatomy, Part, Version};

/// So many bytes of a field are shown: half a line of a hexdump.
const MOST: usize = 8;

pub(super) fn print(opened: &Opened, out: &mut Output) -> Result<(), Failure> {
    for (from, number, message) in opened.messages() {
        out.line("")?;
        let title = format!("record {}, {from}: {}, {} bytes", number + 1, words::name(message), message.bytes.len());
        out.line(&out.paint(style::TITLE, &title))?;
        let version = opened.version.unwrap_or(Version::TLS_1_3);
        fields(message, version).iter().try_for_each(|line| out.line(line))?;
    }
    Ok(())
}

/// A line for each field: where it stands, its bytes, what it is called and shows.
fn fields(message: &Message, version: Version) -> Vec<String> {
    let anatomy = Anatomy::of(&message.bytes, version);
    let mut lines = vec![];
    // Behind which part each of the fields around ends.
    let mut around: Vec<usize> = vec![];
    for (number, part) in anatomy.parts.iter().enumerate() {
        around.retain(|end| number < *end);
        let indent = "  ".repeat(around.len());
        let bytes = message.bytes.get(part.bytes.clone()).unwrap_or_default();
        if part.parts > 0 {
            lines.push(format!("{:>5}  {:<24} {indent}{}", part.bytes.start, "", part.row.label));
            around.push(number + 1 + part.parts);
        } else {
            lines.push(format!("{:>5}  {:<24} {indent}{}", part.bytes.start, hex(bytes), told(part, bytes)));
        }
    }
    if let Err(error) = anatomy.message {
        lines.push(format!("{:>5}  {error}", anatomy.end));
    }
    lines
}

fn told(part: &Part, bytes: &[u8]) -> String {
    let label = part.row.label;
    match shown(part, bytes) {
        Some(shown) => format!("{label} {shown}"),
        None => format!("{label} ({} bytes)", bytes.len()),
    }
}

/// What a field shows beyond its bytes.
fn shown(part: &Part, bytes: &[u8]) -> Option<String> {
    use wire::fields::{Field, Show};
    match part.row.show {
        Show::Bytes => None,
        Show::Text => Some(part.row.shown_bytes(bytes)),
        _ => {
            let value = bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
            Some(Field { bits: bytes.len() * 8, ..*part.row }.shown(value))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(MOST) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x} ");
    }
    if bytes.len() > MOST { text + ".." } else { text }
}
