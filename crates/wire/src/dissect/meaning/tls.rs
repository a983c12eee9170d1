//! TLS.

use super::{Field, counted};
use crate::tls::{Alert, AlertDescription, AlertLevel, ContentType};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown, bytes) = (field.number(), field.shown(), field.bytes().len());
    Some(match (field.within().unwrap_or_default(), field.name()) {
        ("", "content_type") => format!("content type {value}: {}", content(value)),
        ("", "legacy_version") => {
            let name = field.value_name().unwrap_or("a version that there is not");
            format!("legacy version {name}: for old boxes on the way; what is spoken stands in the hello")
        }
        ("", "length") => format!("length {value}: bytes of this record that follow"),
        ("", "encrypted_record") => format!("{}, sealed: only the two ends can read them", counted(bytes, "byte")),
        ("", "change_cipher_spec") => {
            "change_cipher_spec: from here on keys are used (in TLS 1.3 it means nothing, and calms old boxes)".into()
        }
        ("", "level") => format!("level {}", field.value_name().unwrap_or(&shown)),
        ("", "description") => description(value, &shown),
        (_, "handshake") => format!("{shown}, a message of {}", counted(bytes, "byte")),
        (_, "goes_on") => format!("{}: the rest is in another record or segment", counted(bytes, "byte")),
        (_, "unread") => format!("{}: not read, for what stands before is wrong", counted(bytes, "byte")),
        (_, "msg_type") => format!("handshake type {value}: {}", field.value_name().unwrap_or("unknown")),
        ("handshake", "length") => format!("length {value}: bytes of this message that follow"),
        ("handshake", "legacy_version") => {
            let name = field.value_name().unwrap_or("a version that there is not");
            format!("legacy version {name}: TLS 1.3 is chosen in an extension, supported_versions")
        }
        (_, "random") => "random: 32 bytes that never come again".into(),
        (_, "session_id") => "session ID: in TLS 1.3 only there so that it looks like TLS 1.2".into(),
        (_, "cipher_suite") => format!("cipher suite {}", field.value_name().unwrap_or(&shown)),
        (_, "compression_method") => format!("compression method {value}: none"),
        (_, "extension") => format!("extension {shown}"),
        ("extension", "host_name") => {
            format!("host name {shown}: whom the client wants to speak with, for all to read")
        }
        ("extension", "protocol") => format!("protocol {shown}: what may be spoken inside"),
        ("extension", "key_exchange") => format!("key exchange: a public key of {}", counted(bytes, "byte")),
        ("extension", "identity") => format!("identity: a ticket of {}", counted(bytes, "byte")),
        ("extension", "binder") => "binder: the proof that the sender has the key of the ticket".into(),
        (_, "certificate") => format!("certificate: {} of X.509", counted(bytes, "byte")),
        (_, "signature") => format!("signature of {}", counted(bytes, "byte")),
        (_, "public") => format!("public key of {}", counted(bytes, "byte")),
        _ => return None,
    })
}

fn content(value: u64) -> &'static str {
    match u8::try_from(value).map(ContentType) {
        Ok(ContentType::CHANGE_CIPHER_SPEC) => "change_cipher_spec",
        Ok(ContentType::ALERT) => "an alert",
        Ok(ContentType::HANDSHAKE) => "handshake messages",
        Ok(ContentType::APPLICATION_DATA) => "application data, or in TLS 1.3 anything that is sealed",
        Ok(ContentType::HEARTBEAT) => "a heartbeat",
        _ => "unknown",
    }
}

fn description(value: u64, shown: &str) -> String {
    let description = u8::try_from(value).map_or(AlertDescription(u8::MAX), AlertDescription);
    let words = Alert { level: AlertLevel::FATAL, description }.words();
    format!("description {shown}: {words}")
}
