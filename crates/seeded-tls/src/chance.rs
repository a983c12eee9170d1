//! Chance and time for rustls, lent to it while it works.
//!
//! rustls asks a random number generator and a clock that live as long as the program does. Those of a simulated host live as long
//! as its network. So what rustls has are two doors, [`Drawn`] and [`Clock`], and behind them whatever this thread has lent: inside
//! [`Chance::lend`] one connection's stream of bytes and the time, and nothing outside.

use host::{Seed, Time};
use ring::hmac;
use rustls::crypto::{GetRandomFailed, SecureRandom};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use std::cell::RefCell;
use std::time::Duration;

/// What the clocks of a simulated network show at [`Time::START`], in seconds since 1 January 1970: 1 January 2026.
pub const EPOCH: u64 = 1_767_225_600;

/// How many bytes HMAC-SHA-256 gives at once.
const BLOCK: usize = 32;

thread_local! {
    /// What is lent now.
    static LENT: RefCell<Option<(Chance, Time)>> = const { RefCell::new(None) };
}

/// A stream of bytes from a seed: HMAC-SHA-256 (RFC 2104) of 0, 1, 2 … with the seed for a key, one after the other.
#[derive(Debug, Clone)]
pub struct Chance {
    key: hmac::Key,
    blocks: u64,
    /// What is left of the last block.
    left: Vec<u8>,
}

impl Chance {
    /// The stream of `seed`, from its beginning.
    #[must_use]
    pub fn of(seed: &Seed) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed.bytes()), blocks: 0, left: vec![] }
    }

    /// Does `work`, while rustls draws from this stream and its clock shows `now`. One may be lent while another is: when its
    /// work is done, the other is there again.
    pub fn lend<T>(&mut self, now: Time, work: impl FnOnce() -> T) -> T {
        let before = LENT.replace(Some((self.clone(), now)));
        let done = work();
        if let Some((used, _)) = LENT.replace(before) {
            *self = used;
        }
        done
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next();
        }
    }

    fn next(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.left.pop() {
                return byte;
            }
            let block = hmac::sign(&self.key, &self.blocks.to_be_bytes());
            self.left = block.as_ref().iter().copied().take(BLOCK).rev().collect();
            self.blocks += 1;
        }
    }
}

/// Fills `bytes` from what is lent.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
    LENT.with_borrow_mut(|lent| match lent {
        Some((chance, _)) => {
            chance.fill(bytes);
            Ok(())
        }
        None => Err(GetRandomFailed),
    })
}

/// The random numbers that are lent; none: it fails.
#[derive(Debug)]
pub(crate) struct Drawn;

impl SecureRandom for Drawn {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        fill(bytes)
    }
}

/// The clock that is lent, from [`EPOCH`] on; none: there is no time.
#[derive(Debug)]
pub struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let now = LENT.with_borrow(|lent| lent.as_ref().map(|(_, now)| *now))?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(EPOCH) + (now - Time::START)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test is its own simulated network")]
    fn chance(byte: u8) -> Chance {
        Chance::of(&Seed::of_simulation([byte; 32]))
    }

    fn drawn() -> [u8; 4] {
        let mut bytes = [0; 4];
        fill(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn stream_is_the_same_however_it_is_cut_and_another_for_another_seed() {
        let (mut whole, mut pieces, mut other) = ([0; 100], [0; 100], [0; 100]);
        chance(1).fill(&mut whole);
        let mut chance_in_pieces = chance(1);
        pieces.chunks_mut(7).for_each(|piece| chance_in_pieces.fill(piece));
        chance(2).fill(&mut other);
        assert_eq!(whole, pieces);
        assert_ne!(whole, other);
    }

    #[test]
    fn nothing_is_drawn_and_no_time_is_told_unless_it_is_lent() {
        assert!(fill(&mut [0; 4]).is_err());
        assert_eq!(Clock.current_time(), None);
        let later = Time::START + Duration::from_secs(5);
        let seconds = chance(1).lend(later, || Clock.current_time().map(|time| time.as_secs()));
        assert_eq!(seconds, Some(EPOCH + 5));
        assert!(fill(&mut [0; 4]).is_err());
    }

    #[test]
    fn stream_goes_on_where_it_was_when_another_was_lent_in_between() {
        let (mut outer, mut alone) = (chance(1), chance(1));
        let with_another = outer.lend(Time::START, || {
            let first = drawn();
            chance(2).lend(Time::START, drawn);
            [first, drawn()]
        });
        assert_eq!(with_another, alone.lend(Time::START, || [drawn(), drawn()]));
        assert_eq!(outer.lend(Time::START, drawn), alone.lend(Time::START, drawn), "and from call to call");
    }
}
