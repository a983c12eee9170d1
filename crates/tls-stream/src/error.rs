//! What can go wrong with a TLS connection, each in a sentence: what was wanted, and what came.

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};
use std::fmt;
use std::path::PathBuf;

/// What a call of this crate answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a TLS connection did not come about, or broke.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The host could not carry it.
    Host(host::Error),
    /// The connection ended without `close_notify`.
    Closed {
        /// Whether that was in the handshake.
        handshake: bool,
        /// How many bytes had come, of records as they travel.
        received: u64,
    },
    /// What came is no TLS.
    NotTls {
        /// What it began with.
        began: Vec<u8>,
    },
    /// A certificate is not believed.
    Certificate(CertificateError),
    /// The other side gave up, and said why.
    Alert(AlertDescription),
    /// Anything else that rustls says.
    Tls(rustls::Error),
    /// There is nobody to trust.
    Roots {
        /// In this file; `None`: on this system.
        file: Option<PathBuf>,
        /// Why.
        reason: String,
    },
    /// Neither a host's name nor an address.
    NoName(String),
}

impl Error {
    /// What rustls says, where `began` is what came first.
    pub(crate) fn of(error: rustls::Error, began: &[u8]) -> Self {
        match error {
            rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge,
            ) if !is_record(began) => Self::NotTls { began: began.to_vec() },
            rustls::Error::InvalidCertificate(error) => Self::Certificate(error),
            rustls::Error::AlertReceived(alert) => Self::Alert(alert),
            error => Self::Tls(error),
        }
    }

    /// What can be done about it, where something can.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let said = match self {
            Self::NotTls { .. } => "is it the right port? the service there may speak without TLS",
            Self::Certificate(CertificateError::UnknownIssuer) => {
                "who knows and trusts that authority can name a file with its certificate"
            }
            Self::Certificate(CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName) => {
                "say by which name the server is known, if it is by one of these"
            }
            Self::Certificate(
                CertificateError::ExpiredContext { .. } | CertificateError::NotValidYetContext { .. },
            ) => "its owner has to renew it, unless the clock here is wrong",
            Self::Roots { file: Some(_), .. } => {
                "name a file of certificates in PEM, between BEGIN CERTIFICATE and END CERTIFICATE"
            }
            Self::Roots { file: None, .. } => "install the package ca-certificates, or name a file of certificates",
            Self::NoName(_) => "write it as in dns.example.com or 192.0.2.53",
            _ => return None,
        };
        Some(said.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(error) => error.fmt(f),
            Self::Closed { handshake: true, received: 0 } => {
                f.write_str("the server closed the connection in the TLS handshake, without a word")
            }
            Self::Closed { handshake: true, received } => {
                write!(f, "the server closed the connection in the TLS handshake, after {received} bytes")
            }
            Self::Closed { handshake: false, .. } => f.write_str(
                "the connection ended without TLS' close_notify: what came may have been cut by somebody on the way",
            ),
            Self::NotTls { began } => {
                let text: String = String::from_utf8_lossy(began).chars().take(16).collect();
                write!(f, "what came is not TLS: it begins with '{}'", text.escape_debug())
            }
            Self::Certificate(error) => certificate(error, f),
            Self::Alert(alert) => {
                let name = format!("{alert:?}");
                write!(f, "the server ended the TLS handshake with the alert {} ({})", spelt(&name), u8::from(*alert))
            }
            Self::Tls(rustls::Error::PeerIncompatible(why)) => incompatible(why, f),
            Self::Tls(error) => write!(f, "TLS failed: {error}"),
            Self::Roots { file: Some(file), reason } => {
                write!(f, "cannot trust those in '{}': {reason}", file.display().to_string().escape_debug())
            }
            Self::Roots { file: None, reason } => write!(f, "this system has no certificates to trust: {reason}"),
            Self::NoName(text) => {
                write!(f, "'{}' is neither a host's name nor an address", text.escape_debug())
            }
        }
    }
}

fn certificate(error: &CertificateError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<String> = presented.iter().map(|name| bare(name)).collect();
            let names = if names.is_empty() { "no name at all".into() } else { names.join(", ") };
            write!(f, "the server's certificate is not for {}: it is for {names}", shown(expected))
        }
        CertificateError::ExpiredContext { time, not_after } => {
            write!(f, "the server's certificate expired on {}, and here it is {}", date(*not_after), date(*time))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            write!(f, "the server's certificate begins on {}, and here it is {}", date(*not_before), date(*time))
        }
        CertificateError::UnknownIssuer => {
            f.write_str("the server's certificate is signed by an authority that is not trusted here")
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            f.write_str("the server's certificate is signed by itself, and is not trusted here")
        }
        error => write!(f, "the server's certificate is not believed: {error}"),
    }
}

fn incompatible(why: &PeerIncompatible, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match why {
        PeerIncompatible::ServerDoesNotSupportTls12Or13 => {
            f.write_str("the server speaks only versions of TLS that are not offered: 1.3 and 1.2 were")
        }
        PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            f.write_str("the server chose a version of TLS that was not offered")
        }
        why => write!(f, "the server and this client have no TLS in common: {why:?}"),
    }
}

/// `DnsName("www.example.com")`, `IpAddress(192.0.2.53)`: what stands within.
fn bare(name: &str) -> String {
    let within = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    within.trim_matches('"').escape_debug().to_string()
}

fn shown(name: &ServerName<'_>) -> String {
    name.to_str().escape_debug().to_string()
}

/// `HandshakeFailure` as RFC 8446 section 6 spells it: `handshake_failure`.
fn spelt(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words.replace("c_a", "ca").replace("p_s_k", "psk")
}

/// Whether these bytes begin as a TLS record does: RFC 8446 section 5.1, a type from 20 to 24 and the version 3.
fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, 3, ..])
}

/// The day of `time`, as in 2026-01-01, by the Gregorian calendar.
fn date(time: UnixTime) -> String {
    // Years are counted from 1 March, so that a leap day is the last one: era of 400 years, year in it, day in that.
    let days = time.as_secs() / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year}-{month:02}-{of_month:02}")
}

impl std::error::Error for Error {}

impl From<host::Error> for Error {
    fn from(error: host::Error) -> Self {
        Self::Host(error)
    }
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        Self::of(error, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn day_is_that_of_the_calendar() {
        let day = |seconds| date(UnixTime::since_unix_epoch(Duration::from_secs(seconds)));
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_767_225_599), "2025-12-31");
        assert_eq!(day(1_767_225_600), "2026-01-01");
        assert_eq!(day(4_107_542_400), "2100-03-01");
    }

    #[test]
    fn alert_is_spelt_as_in_the_rfc() {
        assert_eq!(spelt("HandshakeFailure"), "handshake_failure");
        assert_eq!(spelt("UnknownCA"), "unknown_ca");
        assert_eq!(spelt("UnknownPSKIdentity"), "unknown_psk_identity");
        assert_eq!(spelt("NoApplicationProtocol"), "no_application_protocol");
    }

    #[test]
    fn what_is_no_record_is_shown_by_its_beginning() {
        let error = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        let told = Error::of(error.clone(), b"HTTP/1.1 400 Bad Request\r\n");
        assert_eq!(told.to_string(), "what came is not TLS: it begins with 'HTTP/1.1 400 Bad'");
        assert!(matches!(Error::of(error, &[22, 3, 3]), Error::Tls(_)), "a record with something wrong inside");
    }
}
