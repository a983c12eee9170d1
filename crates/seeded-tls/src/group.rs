//! The key exchange with X25519: RFC 7748 section 5, in TLS by RFC 8446 section 7.4.2.

use crate::chance;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};
use x25519_dalek::{PublicKey, StaticSecret};

/// X25519, whose secret is drawn from what is lent.
#[derive(Debug)]
pub(crate) struct X25519;

/// A key exchange that waits for the other side's share.
struct Exchange {
    secret: StaticSecret,
    share: PublicKey,
}

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut secret = [0; 32];
        chance::fill(&mut secret)?;
        let secret = StaticSecret::from(secret);
        Ok(Box::new(Exchange { share: PublicKey::from(&secret), secret }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        let theirs: [u8; 32] = theirs.try_into().map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(theirs));
        // RFC 8446 section 7.4.2: "implementations MUST check whether the computed Diffie-Hellman shared secret is the
        // all-zero value and abort if so".
        if !shared.was_contributory() {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        Ok(SharedSecret::from(shared.as_bytes().as_slice()))
    }

    fn pub_key(&self) -> &[u8] {
        self.share.as_bytes()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;
    use host::{Seed, Time};

    #[expect(clippy::disallowed_methods, reason = "a test is its own simulated network")]
    fn started(byte: u8) -> Box<dyn ActiveKeyExchange> {
        Chance::of(&Seed::of_simulation([byte; 32])).lend(Time::START, || X25519.start().unwrap())
    }

    #[test]
    fn both_ends_have_the_same_secret_and_a_share_is_the_seeds() {
        let (one, other) = (started(1), started(2));
        let (share, others) = (one.pub_key().to_vec(), other.pub_key().to_vec());
        assert_eq!(share, started(1).pub_key());
        assert_ne!(share, others);
        let (here, there) = (one.complete(&others).unwrap(), other.complete(&share).unwrap());
        assert_eq!(here.secret_bytes(), there.secret_bytes());
    }

    #[test]
    fn share_of_another_length_or_of_small_order_is_refused() {
        for share in [&[9; 31][..], &[9; 33], &[0; 32]] {
            let refused = started(1).complete(share).err();
            assert_eq!(refused, Some(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare)));
        }
    }

    #[test]
    fn no_exchange_begins_where_no_chance_is_lent() {
        assert!(X25519.start().is_err());
    }
}
