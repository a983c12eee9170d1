//! Lab 19: write the bodies of these functions. `cargo lab check 19` says how far you are, `cargo lab hint 19` helps.
//!
//! All numbers have their high byte first. What comes from the network may be anything: take bytes with `get`, `split_first` or
//! `split_at_checked`, which answer `None` beyond the end, and not with `[…]`, which panics there.

use crate::sha256::hmac;
use host::lab::{Lab, LabError};

/// A record, as it stands in the stream of one direction.
pub struct Record<'a> {
    /// 20 change_cipher_spec, 21 alert, 22 handshake, 23 application data.
    pub content_type: u8,
    pub fragment: &'a [u8],
}

/// The record at the beginning of `stream`, and how many bytes of the stream it takes; `None`: the rest of it is still to come.
///
/// Malformed is: a type that is not one of the four, a fragment of more than 16,640 bytes. Both as soon as it can be seen.
pub fn record(stream: &[u8]) -> Lab<Option<(Record<'_>, usize)>> {
    Err(LabError::NotYet)
}

/// A handshake message.
pub struct Message {
    /// 1 ClientHello, 2 ServerHello, 11 Certificate …
    pub msg_type: u8,
    /// What is behind the four bytes of its header.
    pub body: Vec<u8>,
}

/// Handshake messages out of the fragments of records: a message may go over several, and a fragment may hold several.
pub struct Messages {
    /// What came of a message that is not whole yet. Another type that has a default will do as well; it is empty at first.
    pub held: Vec<u8>,
}

impl Messages {
    /// The fragment of the next handshake record: the messages that are whole now.
    ///
    /// Malformed is: an empty fragment, a message of more than 65,536 bytes behind its header, as soon as its length is there.
    pub fn arrive(&mut self, fragment: &[u8]) -> Lab<Vec<Message>> {
        Err(LabError::NotYet)
    }
}

/// An extension: its type, and its data.
pub type Extension<'a> = (u16, &'a [u8]);

/// What a client says first.
pub struct ClientHello<'a> {
    pub legacy_version: u16,
    pub random: &'a [u8],
    pub session_id: &'a [u8],
    pub cipher_suites: Vec<u16>,
    /// In their order.
    pub extensions: Vec<Extension<'a>>,
}

/// Reads the body of a ClientHello. It may end where the extensions would begin.
///
/// Malformed is: what ends too early, or has anything behind its end; a session ID of more than 32 bytes; no cipher suite, or
/// half of one; no compression method; two extensions of one type.
pub fn client_hello(body: &[u8]) -> Lab<ClientHello<'_>> {
    Err(LabError::NotYet)
}

/// The host that a client asks for in the extension server_name (0); `None`: it names none.
///
/// Malformed is: lengths that do not agree, an empty list, two names of type host_name (0), a host name that is empty or has
/// bytes other than those of ASCII that can be seen. What names of other types hold is no matter.
pub fn server_name(extensions: &[Extension]) -> Lab<Option<String>> {
    Err(LabError::NotYet)
}

/// The versions that a client offers, in its order: those of the extension supported_versions (43), or `legacy_version` where
/// there is no such extension. Values of GREASE are no versions.
///
/// Malformed is: an empty list, half a version, a length that does not agree.
pub fn versions(legacy_version: u16, extensions: &[Extension]) -> Lab<Vec<u16>> {
    Err(LabError::NotYet)
}

/// `base` to the power of `exponent`, modulo `modulus`, which is at least 2.
pub fn power(base: u32, exponent: u32, modulus: u32) -> Lab<u32> {
    Err(LabError::NotYet)
}

/// The number that both ends have in the end: from the one that the other has published, and one's own secret.
///
/// Malformed is a public number that is not above 1 and below `modulus` - 1.
pub fn shared(public: u32, secret: u32, modulus: u32) -> Lab<u32> {
    Err(LabError::NotYet)
}

/// What an eavesdropper does: the smallest secret from 1 on that leads from `base` to `public`; `None`: below `modulus` there
/// is none. The numbers are small ones.
pub fn crack(base: u32, modulus: u32, public: u32) -> Lab<Option<u32>> {
    Err(LabError::NotYet)
}

/// HKDF-Expand with SHA-256: `length` bytes from a key and what they are for. `hmac(key, message)` is handed out.
///
/// Malformed is more than 255 blocks of 32 bytes.
pub fn expand(key: &[u8], info: &[u8], length: usize) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// HKDF-Expand-Label of TLS 1.3: `expand`, with the struct HkdfLabel as what the bytes are for. `label` is without `tls13 `.
pub fn expand_label(secret: &[u8], label: &str, context: &[u8], length: u16) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// The nonce of a record: the IV of its direction, and the record's number, counted from 0 since the key is in use.
pub fn nonce(iv: [u8; 12], sequence: u64) -> Lab<[u8; 12]> {
    Err(LabError::NotYet)
}

/// What an opened record holds: its true content type, and its content. The type stands behind the content, and behind it
/// there may be zeros.
///
/// Malformed is what has nothing but zeros.
pub fn inner(plaintext: &[u8]) -> Lab<(u8, &[u8])> {
    Err(LabError::NotYet)
}
