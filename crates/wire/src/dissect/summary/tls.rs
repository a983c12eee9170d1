//! The records of a segment.

use crate::dissect::{Dissection, Field, Layer, Protocol};
use std::fmt::{self, Formatter};

/// ` TLS ClientHello www.example.com`, ` TLS ServerHello, change_cipher_spec, application_data (815 bytes)`.
pub(super) fn tls(f: &mut Formatter<'_>, dissection: &Dissection<'_>) -> fmt::Result {
    let mut before = " TLS ";
    for layer in dissection.layers().filter(|layer| layer.protocol() == Protocol::Tls && !layer.is_quoted()) {
        let messages = layer.fields().filter(|field| field.name() == "handshake");
        let mut is_legible = false;
        for message in messages {
            write!(f, "{before}{}", message.shown())?;
            if let Some(name) = host_name(message) {
                write!(f, " {name}")?;
            }
            (before, is_legible) = (", ", true);
        }
        if !is_legible {
            f.write_str(before)?;
            record(f, layer)?;
        }
        before = ", ";
    }
    Ok(())
}

/// A record in which no message is legible.
fn record(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let kind = layer.field("content_type").and_then(|kind| kind.value_name()).unwrap_or("record");
    let length = layer.field("length").map_or(0, |length| length.number());
    match layer.field("description") {
        Some(description) => write!(f, "alert {}", description.value_name().unwrap_or("unknown")),
        None if layer.field("change_cipher_spec").is_some() => f.write_str(kind),
        None => write!(f, "{kind} ({length} bytes)"),
    }
}

/// Whom a `ClientHello` asks for.
fn host_name(message: Field<'_>) -> Option<String> {
    let extensions = message.fields().filter(|field| field.name() == "extension");
    extensions
        .flat_map(|extension| extension.fields())
        .find(|field| field.name() == "host_name")
        .map(|name| name.shown())
}
