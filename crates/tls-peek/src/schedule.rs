//! From a secret to a key, and from a key to the bytes of a record: TLS 1.3.
//!
//! Obeys RFC 8446 section 5.2 and section 5.3 (records), section 7.1 and section 7.3 (keys); RFC 5869 is what HKDF is.
//!
//! ```text
//! traffic secret --HKDF-Expand-Label "key"--> key ----------------------------.
//!                \-HKDF-Expand-Label "iv"---> iv  --XOR sequence number--> nonce --> AEAD open --> plaintext | type | zeros
//! ```

use ring::{aead, digest, hkdf, hmac};
use wire::tls::{CipherSuite, ContentType, RecordHeader};

/// Bytes of a nonce, in all suites that are opened here.
pub const NONCE: usize = 12;

/// What a cipher suite of TLS 1.3 is made of; the same algorithms serve those of TLS 1.2.
#[derive(Debug, Clone, Copy)]
pub struct Algorithms {
    /// Which suite.
    pub suite: CipherSuite,
    pub(crate) aead: &'static aead::Algorithm,
    pub(crate) digest: &'static digest::Algorithm,
    hkdf: hkdf::Algorithm,
    pub(crate) hmac: hmac::Algorithm,
}

impl Algorithms {
    /// Those of a suite; `None` if it cannot be opened here.
    #[must_use]
    pub fn of(suite: CipherSuite) -> Option<Self> {
        let sha256 = (&digest::SHA256, hkdf::HKDF_SHA256, hmac::HMAC_SHA256);
        let sha384 = (&digest::SHA384, hkdf::HKDF_SHA384, hmac::HMAC_SHA384);
        let (aead, (digest, hkdf, hmac)) = match suite {
            CipherSuite::AES_128_GCM_SHA256
            | CipherSuite::ECDHE_RSA_AES_128_GCM_SHA256
            | CipherSuite::ECDHE_ECDSA_AES_128_GCM_SHA256
            | CipherSuite::RSA_AES_128_GCM_SHA256
            | CipherSuite::DHE_RSA_AES_128_GCM_SHA256 => (&aead::AES_128_GCM, sha256),
            CipherSuite::AES_256_GCM_SHA384
            | CipherSuite::ECDHE_RSA_AES_256_GCM_SHA384
            | CipherSuite::ECDHE_ECDSA_AES_256_GCM_SHA384
            | CipherSuite::RSA_AES_256_GCM_SHA384
            | CipherSuite::DHE_RSA_AES_256_GCM_SHA384 => (&aead::AES_256_GCM, sha384),
            CipherSuite::CHACHA20_POLY1305_SHA256
            | CipherSuite::ECDHE_RSA_CHACHA20_POLY1305
            | CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305
            | CipherSuite::DHE_RSA_CHACHA20_POLY1305 => (&aead::CHACHA20_POLY1305, sha256),
            _ => return None,
        };
        Some(Self { suite, aead, digest, hkdf, hmac })
    }

    /// Bytes of its hash, and of its secrets.
    #[must_use]
    pub fn hash_len(&self) -> usize {
        self.digest.output_len()
    }

    /// Bytes of its keys.
    #[must_use]
    pub fn key_len(&self) -> usize {
        self.aead.key_len()
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label of RFC 8446 section 7.1: `len` bytes from a secret, for one purpose.
#[must_use]
pub fn expand_label(algorithms: &Algorithms, secret: &[u8], label: &str, context: &[u8], len: usize) -> Vec<u8> {
    // struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; } HkdfLabel;
    let label = [b"tls13 ", label.as_bytes()].concat();
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let length = u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes();
    let info = [&length[..], &[byte(label.len())], &label, &[byte(context.len())], context];
    let mut out = vec![0; len];
    let secret = hkdf::Prk::new_less_safe(algorithms.hkdf, secret);
    // It fails only for more than 255 hashes of bytes.
    let filled = secret.expand(&info, Length(len)).and_then(|okm| okm.fill(&mut out));
    debug_assert!(filled.is_ok(), "no label asks for so many bytes");
    out
}

/// What records of one direction are sealed with, from one secret.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The suite's.
    pub algorithms: Algorithms,
    /// The traffic secret that all else comes from.
    pub secret: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
    /// What the sequence number is mixed into.
    pub iv: Vec<u8>,
    /// How many records were opened with it.
    pub sequence: u64,
}

/// A record that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plaintext {
    /// The number of the record since the key changed.
    pub sequence: u64,
    /// What makes this record differ from all others under the key.
    pub nonce: [u8; NONCE],
    /// What was said, without type and padding.
    pub content: Vec<u8>,
    /// What it is: the record itself says `application_data`.
    pub content_type: ContentType,
    /// Zeros behind the type.
    pub padding: usize,
}

impl Keys {
    /// RFC 8446 section 7.3: key and iv of a traffic secret.
    #[must_use]
    pub fn of(algorithms: Algorithms, secret: &[u8]) -> Self {
        let expand = |label, len| expand_label(&algorithms, secret, label, &[], len);
        let (key, iv) = (expand("key", algorithms.key_len()), expand("iv", NONCE));
        Self { algorithms, secret: secret.to_vec(), key, iv, sequence: 0 }
    }

    /// RFC 8446 section 7.2: the keys behind a `KeyUpdate`.
    #[must_use]
    pub fn next(&self) -> Self {
        let secret = expand_label(&self.algorithms, &self.secret, "traffic upd", &[], self.algorithms.hash_len());
        Self::of(self.algorithms, &secret)
    }

    /// RFC 8446 section 5.3: the iv with the sequence number over its last eight bytes.
    #[must_use]
    pub fn nonce(&self) -> [u8; NONCE] {
        nonce(&self.iv, self.sequence)
    }

    /// RFC 8446 section 4.4.4: the key of Finished messages.
    #[must_use]
    pub fn finished_key(&self) -> Vec<u8> {
        expand_label(&self.algorithms, &self.secret, "finished", &[], self.algorithms.hash_len())
    }

    /// RFC 8446 section 4.4.4: the code over all messages before, of which the hash is given.
    #[must_use]
    pub fn verify_data(&self, transcript_hash: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(self.algorithms.hmac, &self.finished_key());
        hmac::sign(&key, transcript_hash).as_ref().to_vec()
    }

    /// RFC 8446 section 5.2: opens the next record; `None` if it does not open, and then nothing is counted.
    pub fn open(&mut self, header: &RecordHeader, fragment: &[u8]) -> Option<Plaintext> {
        let nonce = self.nonce();
        let mut inner = open(self.algorithms.aead, &self.key, nonce, &header.bytes(), fragment)?;
        let len = inner.len();
        let end = inner.iter().rposition(|byte| *byte != 0)?;
        let content_type = ContentType(*inner.get(end)?);
        inner.truncate(end);
        let plaintext =
            Plaintext { sequence: self.sequence, nonce, content: inner, content_type, padding: len - end - 1 };
        self.sequence += 1;
        Some(plaintext)
    }
}

/// The iv with the sequence number over its last eight bytes.
pub(crate) fn nonce(iv: &[u8], sequence: u64) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    for (byte, from) in nonce.iter_mut().zip(iv) {
        *byte = *from;
    }
    for (byte, mixed) in nonce.iter_mut().rev().zip(sequence.to_be_bytes().iter().rev()) {
        *byte ^= mixed;
    }
    nonce
}

/// Opens what an AEAD sealed; `None` if it, the key, the nonce or what it vouches for beside was changed.
pub(crate) fn open(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    nonce: [u8; NONCE],
    vouched: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, key).ok()?);
    let mut bytes = sealed.to_vec();
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    let opened = key.open_in_place(nonce, aead::Aad::from(vouched), &mut bytes).ok()?;
    Some(opened.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_number_lies_over_the_end_of_the_iv() {
        assert_eq!(nonce(&[0xff; NONCE], 0x0102), [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xfe, 0xfd]);
    }
}
