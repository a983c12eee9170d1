//! A line a packet: its number, its time, what it says, and what is odd about it.
//!
//! ```text
//!    1  0.000000  ARP who has 192.168.1.100? tell 192.168.1.3
//!    2  0.001000  192.168.1.3 > 192.168.10.3 ICMP echo request 1  # lost on the way
//! ```

use crate::capture::Record;
use crate::marks::{is_lost, matters};
use crate::time::Clock;
use cli::{Output, escape, style};
use std::fmt::Write;
use wire::dissect::Dissection;

/// Writes the line of a packet, without its end, behind `text`.
pub fn write(
    text: &mut String,
    record: &Record<'_>,
    packet: Option<&Dissection<'_>>,
    clock: &Clock,
    out: &Output,
) {
    let start = text.len();
    // To write to a string cannot fail.
    let _ = write!(text, "{:>4}  ", record.number);
    clock.write(record, text);
    text.push_str("  ");
    if let (Some(name), 2..) = (&record.interface.name, record.interfaces) {
        let _ = write!(text, "{name}  ");
    }
    said(text, record, packet);
    made_safe(text, start);
    if let Some(packet) = packet {
        let mut problems = packet.problems().iter().filter(|problem| out.verbose() || matters(problem));
        if let Some(first) = problems.next() {
            let first = escape(&first.to_string());
            let more = match problems.count() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let _ = write!(text, "  {}", out.paint(style::WARNING, &format!("! {first}{more}")));
        }
    }
    if let Some(comment) = &record.packet.comment {
        let style = if is_lost(record) { style::WARNING } else { style::NOTE };
        let _ = write!(text, "  {}", out.paint(style, &format!("# {}", escape(comment))));
    }
}

/// Writes what the packet says, in a few words.
pub(crate) fn said(text: &mut String, record: &Record<'_>, packet: Option<&Dissection<'_>>) {
    let _ = match packet {
        Some(packet) => write!(text, "{}", packet.summary()),
        None => write!(text, "link type {}, {} bytes", record.interface.link, record.packet.bytes.len()),
    };
}

/// Escapes what stands behind `start`. Nearly always there is nothing to escape.
fn made_safe(text: &mut String, start: usize) {
    let is_plain = |written: &str| written.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if let Some(safe) = text.get(start..).filter(|written| !is_plain(written)).map(escape) {
        text.truncate(start);
        text.push_str(&safe);
    }
}
