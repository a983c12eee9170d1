//! Alerts: why an end gives up, or that it says goodbye.
//!
//! Obeys RFC 8446 section 6.

use super::numbers::{ALERT_DESCRIPTIONS, ALERT_LEVELS, AlertDescription, AlertLevel};
use crate::fields::Show::Named;
use crate::header;
use std::fmt;

header! {
    /// The two bytes of an alert.
    AlertFields, "TLS alert", 2 bytes;
    8 level:       u8, "Level",       Named(ALERT_LEVELS);
    8 description: u8, "Description", Named(ALERT_DESCRIPTIONS);
}

/// An alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Warning or fatal.
    pub level: AlertLevel,
    /// What it is about.
    pub description: AlertDescription,
}

impl Alert {
    /// The two bytes of an alert; `None` if there are fewer, or more, as in one that is protected.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let AlertFields { level, description } = AlertFields::read(bytes.as_array()?);
        Some(Self { level: AlertLevel(level), description: AlertDescription(description) })
    }

    /// What it says, for people.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.description {
            AlertDescription::CLOSE_NOTIFY => "that was all: nothing more will be sent",
            AlertDescription::UNEXPECTED_MESSAGE => "a message came that has no place here",
            AlertDescription::BAD_RECORD_MAC => {
                "a record does not open with the key: it was changed, or the keys differ"
            }
            AlertDescription::RECORD_OVERFLOW => "a record is longer than any may be",
            AlertDescription::HANDSHAKE_FAILURE => "nothing that was offered will do",
            AlertDescription::BAD_CERTIFICATE => "the certificate is broken, or not for this name",
            AlertDescription::UNSUPPORTED_CERTIFICATE => "a certificate of this kind will not do",
            AlertDescription::CERTIFICATE_REVOKED => "the certificate was called back by who signed it",
            AlertDescription::CERTIFICATE_EXPIRED => "the certificate has expired, or is not valid yet",
            AlertDescription::CERTIFICATE_UNKNOWN => "something else is wrong with the certificate",
            AlertDescription::ILLEGAL_PARAMETER => "a value that nobody may send",
            AlertDescription::UNKNOWN_CA => "nobody who is trusted signed the certificate",
            AlertDescription::ACCESS_DENIED => "the certificate is valid, and not allowed in",
            AlertDescription::DECODE_ERROR => "a message cannot be read to its end",
            AlertDescription::DECRYPT_ERROR => "a signature or a Finished does not fit what was said before",
            AlertDescription::PROTOCOL_VERSION => "no version that both speak",
            AlertDescription::INSUFFICIENT_SECURITY => "nothing that was offered is strong enough",
            AlertDescription::INTERNAL_ERROR => "an error of the sender's own",
            AlertDescription::INAPPROPRIATE_FALLBACK => "a lower version than both speak: somebody meddles",
            AlertDescription::USER_CANCELED => "the handshake is given up for another reason",
            AlertDescription::NO_RENEGOTIATION => "no second handshake in this connection",
            AlertDescription::MISSING_EXTENSION => "an extension is missing that there must be",
            AlertDescription::UNSUPPORTED_EXTENSION => "an extension that was not asked for",
            AlertDescription::UNRECOGNIZED_NAME => "no server of this name is here",
            AlertDescription::UNKNOWN_PSK_IDENTITY => "nobody knows this pre-shared key",
            AlertDescription::CERTIFICATE_REQUIRED => "the client must show a certificate",
            AlertDescription::NO_APPLICATION_PROTOCOL => "no application protocol that both speak",
            _ => "what it means is not known here",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} alert {}", self.level, self.description)
    }
}
