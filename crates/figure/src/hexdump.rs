//! The annotated hexdump: bytes, eight a row, and beside them their fields. Pointing at either, tapping or tabbing to it lights up
//! both, and the field's meaning comes to stand above.
//!
//! HTML and CSS (`:has()`) alone. Where a browser lacks it, colours and list remain; on paper, each meaning stands by its field. The
//! list is what a screen reader reads, and the bytes are hidden from it.

mod entry;

use crate::Caption;
use crate::canvas::Escaped;
use crate::style::{self, For};
use entry::Entry;
use std::fmt::Write;
use wire::dissect::Dissection;

/// Bytes a row: so many fit a phone.
const COLUMNS: usize = 8;
/// More bytes are not shown; how many there are is said.
const MOST_BYTES: usize = 192;

const INVITATION: &str = "Point at a byte or a line: its partner lights up, and its meaning appears here.";

/// Draws the bytes of a packet and their fields.
#[must_use]
pub fn hexdump(caption: &Caption, dissection: &Dissection<'_>) -> String {
    let bytes = dissection.bytes();
    let shown = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let mut entries = entry::entries(dissection);
    entries.retain(|entry| entry.bytes.start < shown.len());

    let mut body = format!("<p class=\"p\" aria-hidden=\"true\">{INVITATION}</p>\n<pre aria-hidden=\"true\">");
    for (row, line) in shown.chunks(COLUMNS).enumerate() {
        dump(&mut body, row * COLUMNS, line, &entries);
    }
    body.truncate(body.trim_end().len());
    body += "</pre>\n<ol>\n";
    for (number, entry) in entries.iter().enumerate() {
        let _ = writeln!(
            body,
            "<li class=\"b{number} {}\" tabindex=\"0\"><i class=\"m\">{}</i> {} <strong>{}</strong> <span class=\"s\">{}</span></li>",
            entry.hue.name(),
            entry.place(),
            Escaped(&entry.label),
            Escaped(&entry.value),
            Escaped(&entry.meaning)
        );
    }
    body += "</ol>\n";
    if shown.len() < bytes.len() {
        let _ = writeln!(body, "<p>{} more bytes follow.</p>", bytes.len() - shown.len());
    }
    let id = caption.id();
    let told = caption.description(&format!("{} bytes: {}.", bytes.len(), dissection.summary()));
    format!(
        "<div class=\"fh fhx\" role=\"group\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\">\n\
         <style>{}{}</style>\n<span id=\"{id}-t\" hidden=\"\">{}</span><span id=\"{id}-d\" hidden=\"\">{}</span>\n{body}</div>\n",
        style::sheet(For::Hexdump, &body),
        lights(entries.len()),
        Escaped(caption.title()),
        Escaped(&told)
    )
}

/// One row: where it begins, the bytes, and what of them is text.
fn dump(body: &mut String, start: usize, line: &[u8], entries: &[Entry]) {
    let _ = write!(body, "<i>{start:3}</i>  ");
    let mut text = String::new();
    let end = start + line.len();
    let mut at = start;
    while at < end {
        let found = entries.iter().enumerate().find(|(_, entry)| entry.bytes.contains(&at));
        let (class, stop) = match found {
            Some((number, entry)) => (format!("b{number} {}", entry.hue.name()), entry.bytes.end.min(end)),
            None => (String::new(), end),
        };
        let bytes = line.get(at - start..stop - start).unwrap_or_default();
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = write!(body, "<b class=\"{class}\" tabindex=\"-1\">{}</b> ", hex.join(" "));
        let readable: String = bytes
            .iter()
            .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
            .collect();
        let _ = write!(text, "<b class=\"{class}\">{}</b>", Escaped(&readable));
        at = stop;
    }
    let _ = writeln!(body, "{:width$} {text}", "", width = 3 * (COLUMNS - line.len()));
}

/// For each entry: whatever points at a part of it lights up all parts.
///
/// The focus counts where nothing is pointed at, so that a click leaves no second light; and always where it came by the keyboard.
fn lights(entries: usize) -> String {
    let selectors: Vec<String> = (0..entries)
        .map(|n| format!(".fhx:has(.b{n}:hover,.b{n}:focus-visible) .b{n},.fhx:not(:hover):has(.b{n}:focus) .b{n}"))
        .collect();
    if selectors.is_empty() {
        return String::new();
    }
    format!("{}{{background:var(--fh-ink);color:var(--fh-bg);--o:var(--fh-bg);--l:none}}", selectors.join(","))
}
