//! TLS: what messages and extensions show. Their rows are those of [`crate::tls`].

use super::{Field, Row, row};
use crate::fields::Show::{Bytes, Dec};

/// A message in a record.
pub(in crate::dissect) static TLS_HANDSHAKE: Row = row("handshake", "Handshake", Bytes);
/// A record that nobody on the path can read.
pub(in crate::dissect) static TLS_ENCRYPTED: Row = row("encrypted_record", "Encrypted Record", Bytes);
/// What a record says that changes keys.
pub(in crate::dissect) static TLS_CIPHER_SPEC: Row = row("change_cipher_spec", "Change Cipher Spec", Dec);
/// The beginning of what goes on elsewhere.
pub(in crate::dissect) static TLS_GOES_ON: Row = row("goes_on", "Goes On", Bytes);
/// What stands behind an error in a message.
pub(in crate::dissect) static TLS_UNREAD: Row = row("unread", "Not Read", Bytes);

/// What an extension has inside, in the order in which it is looked for.
const SAID: [&str; 6] = ["host_name", "protocol", "version", "psk_mode", "group", "scheme"];

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    match field.name() {
        "handshake" => {
            Some(field.inside("msg_type").map_or_else(|| "a message".into(), |kind| name(&kind).to_string()))
        }
        "extension" => {
            let kind = field.inside("extension_type")?;
            let said = SAID.iter().map(|said| without_numbers(field, said)).find(|said| !said.is_empty());
            Some(match said {
                Some(said) => format!("{} {said}", name(&kind)),
                None => name(&kind).to_string(),
            })
        }
        "certificate_entry" => Some(format!("{} bytes", field.inside("certificate_length")?)),
        _ => None,
    }
}

/// `23 secp256r1` without its number, which is there if there is no name.
fn name(shown: &str) -> &str {
    shown.split_once(' ').map_or(shown, |(_, name)| name)
}

/// What all fields of this name inside of it show, without their numbers.
fn without_numbers(field: &Field<'_>, inside: &str) -> String {
    let all = field.fields().filter(|field| field.name() == inside);
    let shown = all.map(|field| match field.value_name() {
        Some(name) => name.to_string(),
        None => field.shown(),
    });
    shown.collect::<Vec<_>>().join(", ")
}
