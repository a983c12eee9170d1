//! Transport Layer Security: records, handshake messages, alerts. What is protected stays closed here: this module has no keys.
//!
//! Obeys RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 5077 (tickets of TLS 1.2), and the documents of the extensions that are cited in `tls/extension.rs`.
//!
//! ```text
//! stream    ...type version length fragment | type version length fragment...      records, RFC 8446 section 5.1
//! fragments           \___ message ___|___ message, first half    second half ___/  messages, cut elsewhere
//! message             type length body                                             RFC 8446 section 4
//! ```
//!
//! ```
//! use wire::tls::{Anatomy, Handshake, Reassembler, Records, Version};
//!
//! // A ClientHello of the least that it can be: one suite, no extension.
//! let mut hello = vec![1, 0, 0, 41, 3, 3];
//! hello.extend([7; 32]);
//! hello.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
//! let stream = [&[22, 3, 1, 0, 45][..], &hello].concat();
//!
//! let mut records = Records::default();
//! records.push(&stream);
//! let record = records.next_record()?.unwrap();
//! let messages = Reassembler::default().push(&record.fragment)?;
//! let Handshake::ClientHello(read) = Handshake::parse(&messages[0], Version::TLS_1_3)? else { unreachable!() };
//! assert_eq!(read.cipher_suites[0].to_string(), "TLS_AES_128_GCM_SHA256");
//!
//! // And where it stands.
//! let anatomy = Anatomy::of(&hello, Version::TLS_1_3);
//! let suite = anatomy.parts.iter().find(|part| part.row.name == "cipher_suite").unwrap();
//! assert_eq!(suite.bytes, 41..43);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order to read in: [`Record`], [`Reassembler`], [`Handshake`], [`Extension`], [`Alert`], and the tables of their numbers;
//! `tls/cursor.rs` says how lengths are kept within lengths, and [`Anatomy`] tells where each field stands.
//!
//! Leaves out: to write messages; to open records (`tls-peek` does); what is in a certificate, which is X.509.

mod alert;
mod anatomy;
mod cursor;
mod extension;
mod handshake;
mod numbers;
mod reassembler;
mod record;

pub use alert::{Alert, AlertFields};
pub use anatomy::{Anatomy, Part};
pub use extension::{Content, Extension, KeyShare, PskIdentity};
pub use handshake::{
    Certificate, CertificateEntry, CertificateRequest, ClientHello, HEADER, Handshake, NewSessionTicket, RETRY_RANDOM,
    ServerHello, ServerKeyExchange,
};
pub use numbers::{
    AlertDescription, AlertLevel, CipherSuite, ContentType, ExtensionType, Group, HandshakeType, PskMode,
    SignatureScheme, Version, is_grease,
};
pub use reassembler::{MOST_MESSAGE, Reassembler, TooLong};
pub use record::{MOST_FRAGMENT, MOST_PLAINTEXT, NotTls, Record, RecordHeader, Records};

/// The port of HTTPS, RFC 9110 section 4.2.2.
pub const HTTPS_PORT: u16 = 443;
/// The port of DNS over TLS, RFC 7858 section 3.1.
pub const DNS_PORT: u16 = 853;
