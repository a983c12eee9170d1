//! DNS: what names and records show. Their rows are those of [`crate::dns`].

use super::{Field, Row, row};
use crate::dissect::Layer;
use crate::dns;
use crate::fields::Show::{Bytes, Dec};
use std::ops::Range;

/// What stands before a message in a stream.
pub(in crate::dissect) static DNS_LENGTH: Row = row("message_length", "Length", Dec);
/// What stands behind an error in a message.
pub(in crate::dissect) static DNS_UNREAD: Row = row("unread", "Not Read", Bytes);

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    let (message, bytes) = place(field);
    if let Some(text) = dns::text_of(message, field.row(), bytes.clone()) {
        return Some(text);
    }
    let last = field.fields().last()?;
    match (field.name(), last.name()) {
        (_, "root" | "pointer") => dns::name_of(message, bytes),
        ("string" | "tag" | "alpn_id", _) => Some(field.inside("text").unwrap_or_else(|| "\"\"".into())),
        _ => None,
    }
}

/// The message of a field, and the bytes of the field in it.
fn place<'d>(field: &Field<'d>) -> (&'d [u8], Range<usize>) {
    let layer = field.layer();
    let start = message_start(layer);
    let bytes = layer.bytes().get(start - layer.header().start..).unwrap_or_default();
    let Range { start: from, end } = field.bytes();
    (bytes, from.saturating_sub(start)..end.saturating_sub(start))
}

/// Where the message of a layer begins: behind its length in a stream.
pub(in crate::dissect) fn message_start(layer: Layer<'_>) -> usize {
    let first = layer.fields().next().filter(|field| field.name() == DNS_LENGTH.name);
    first.map_or(layer.header().start, |length| length.bytes().end)
}
