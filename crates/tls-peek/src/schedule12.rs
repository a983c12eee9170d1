//! From the master secret to the bytes of a record: TLS 1.2.
//!
//! Obeys RFC 5246 section 5 (PRF), section 6.2.3.3 (records) and section 6.3 (keys), RFC 5288 section 3 (AES-GCM: eight bytes of the
//! nonce travel with the record), RFC 7905 section 2 (ChaCha20-Poly1305: none does).

use crate::schedule::{Algorithms, NONCE, nonce, open};
use crate::{Both, Side};
use ring::{aead, hmac};
use wire::tls::RecordHeader;

/// Bytes of a GCM nonce that stand in the record.
const EXPLICIT: usize = 8;
/// Bytes of the code at a record's end.
const TAG: usize = 16;

/// `P_hash` of RFC 5246 section 5: as many bytes as wanted, from a secret and a seed with a label.
#[must_use]
pub fn prf(algorithms: &Algorithms, secret: &[u8], label: &str, seed: &[u8], len: usize) -> Vec<u8> {
    let key = hmac::Key::new(algorithms.hmac, secret);
    let seed = [label.as_bytes(), seed].concat();
    let mut a = hmac::sign(&key, &seed);
    let mut out = vec![];
    while out.len() < len {
        out.extend_from_slice(hmac::sign(&key, &[a.as_ref(), &seed].concat()).as_ref());
        a = hmac::sign(&key, a.as_ref());
    }
    out.truncate(len);
    out
}

/// What records of one direction are sealed with.
#[derive(Debug, Clone)]
pub struct Keys12 {
    /// The suite's.
    pub algorithms: Algorithms,
    /// The key.
    pub key: Vec<u8>,
    /// The part of the nonce that is not told.
    pub iv: Vec<u8>,
    /// How many records were opened with it.
    pub sequence: u64,
}

impl Keys12 {
    /// RFC 5246 section 6.3: both directions' keys, cut from one block.
    #[must_use]
    pub fn of(algorithms: Algorithms, master: &[u8], client_random: &[u8], server_random: &[u8]) -> Both<Self> {
        let (key, iv) = (algorithms.key_len(), if is_gcm(&algorithms) { NONCE - EXPLICIT } else { NONCE });
        let seed = [server_random, client_random].concat();
        let block = prf(&algorithms, master, "key expansion", &seed, 2 * (key + iv));
        let part = |from: usize, len: usize| block.get(from..from + len).unwrap_or_default().to_vec();
        let keys = |side: usize| Self {
            algorithms,
            key: part(side * key, key),
            iv: part(2 * key + side * iv, iv),
            sequence: 0,
        };
        Both { client: keys(0), server: keys(1) }
    }

    /// Opens the next record: its nonce and what it says. `None` if it does not open, and then nothing is counted.
    pub fn open(&mut self, header: &RecordHeader, fragment: &[u8]) -> Option<([u8; NONCE], Vec<u8>)> {
        let (nonce, sealed) = if is_gcm(&self.algorithms) {
            let (explicit, sealed) = fragment.split_at_checked(EXPLICIT)?;
            (*[&self.iv, explicit].concat().first_chunk()?, sealed)
        } else {
            (nonce(&self.iv, self.sequence), fragment)
        };
        // RFC 5246 section 6.2.3.3: seq_num + TLSCompressed.type + TLSCompressed.version + TLSCompressed.length
        let length = u16::try_from(sealed.len().checked_sub(TAG)?).ok()?;
        let header = RecordHeader { length, ..*header };
        let vouched = [&self.sequence.to_be_bytes()[..], &header.bytes()].concat();
        let content = open(self.algorithms.aead, &self.key, nonce, &vouched, sealed)?;
        self.sequence += 1;
        Some((nonce, content))
    }
}

/// RFC 5246 section 7.4.9: the twelve bytes of an end's Finished.
#[must_use]
pub fn verify_data(algorithms: &Algorithms, master: &[u8], from: Side, transcript_hash: &[u8]) -> Vec<u8> {
    prf(algorithms, master, &format!("{from} finished"), transcript_hash, 12)
}

fn is_gcm(algorithms: &Algorithms) -> bool {
    algorithms.aead != &aead::CHACHA20_POLY1305
}
