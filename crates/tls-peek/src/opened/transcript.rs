//! All handshake messages so far, as one text: what a Finished vouches for.
//!
//! Obeys RFC 8446 section 4.4.1.

use crate::schedule::Algorithms;
use ring::digest;

/// The type of what stands for the first `ClientHello` behind a `HelloRetryRequest`, RFC 8446 section 4.4.1.
const MESSAGE_HASH: u8 = 254;

#[derive(Debug, Default)]
pub(super) struct Transcript(Vec<u8>);

impl Transcript {
    pub(super) fn add(&mut self, message: &[u8]) {
        self.0.extend_from_slice(message);
    }

    /// What was said so far becomes a message of its hash.
    ///
    /// RFC 8446 section 4.4.1: "the value of `ClientHello1` is replaced with a special synthetic handshake message".
    pub(super) fn restart(&mut self, algorithms: Option<Algorithms>) {
        let Some(algorithms) = algorithms else { return };
        let hash = self.hash(algorithms);
        let len = u8::try_from(hash.len()).unwrap_or(u8::MAX);
        self.0 = [&[MESSAGE_HASH, 0, 0, len][..], &hash].concat();
    }

    pub(super) fn hash(&self, algorithms: Algorithms) -> Vec<u8> {
        digest::digest(algorithms.digest, &self.0).as_ref().to_vec()
    }
}
