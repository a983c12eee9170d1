//! Whether a packet was sent before, and whether it is only passing by a second time.
//!
//! TCP numbers its bytes (RFC 9293 section 3.4): a segment with bytes that were sent before is sent again. Echo messages have
//! sequence numbers. What has neither is sent again if it is the same to the last byte.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// More packets than this are not kept in mind.
const MOST: usize = 1 << 16;

/// Remembers what was seen of a conversation.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// What each packet was, but for what routers change, and where it was seen first.
    passed: BTreeMap<u64, Place>,
    /// What has no numbers: the bytes as a number.
    bytes: BTreeSet<u64>,
}

/// Where on its way a packet was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) ttl: u8,
    pub(super) interface: u32,
}

impl Memory {
    /// Whether this packet went by before, with a greater time to live or on another interface: it is the same one, further on
    /// its way.
    pub(super) fn is_forwarded(&mut self, but_for_ttl: u64, place: Place) -> bool {
        if self.passed.len() >= MOST {
            self.passed.clear();
        }
        match self.passed.get(&but_for_ttl) {
            Some(first) => first.ttl > place.ttl || first.interface != place.interface,
            None => {
                self.passed.insert(but_for_ttl, place);
                false
            }
        }
    }

    /// Whether something with this number was seen before.
    pub(super) fn was_seen(&mut self, bytes: u64) -> bool {
        if self.bytes.len() >= MOST {
            self.bytes.clear();
        }
        !self.bytes.insert(bytes)
    }
}

/// Many things as one number: FNV-1a, which is the same in every run.
pub(super) fn number(of: impl Hash) -> u64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut fnv = Fnv(0xcbf2_9ce4_8422_2325);
    of.hash(&mut fnv);
    fnv.finish()
}

/// One direction of a TCP connection: its numbers, counted from 0.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// The number that is shown as 0.
    base: Option<u32>,
    /// Behind the last number that was seen.
    end: u64,
    /// What was seen: from where to where.
    seen: BTreeMap<u64, u64>,
}

/// What a segment is to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The next, or one of some that are missing in between.
    New,
    /// Some of its bytes were sent before.
    Again,
    /// One that was missing, and was not seen before.
    Late,
}

impl Sequence {
    /// Says what the first number is, if that is not known: a SYN's own, and where there was none the one before the first
    /// byte, so that this is byte 1.
    pub(super) fn begin(&mut self, number: u32) {
        if self.base.is_none() {
            self.base = Some(number);
        }
    }

    /// A sequence number as it is shown: counted from 0, and beyond 2^32.
    pub(super) fn shown(&self, number: u32) -> u64 {
        let from_base = number.wrapping_sub(self.base.unwrap_or(number));
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers are compared by their last 32 bits")]
        let ahead = from_base.wrapping_sub(self.end as u32).cast_signed();
        self.end.checked_add_signed(ahead.into()).unwrap_or(from_base.into())
    }

    /// Takes note of a segment that takes `len` numbers from `number` on.
    pub(super) fn note(&mut self, number: u32, len: u64) -> Order {
        let (from, to) = (self.shown(number), self.shown(number) + len);
        if len == 0 {
            return Order::New;
        }
        let before = self.seen.range(..to).next_back();
        let order = match before {
            Some((_, end)) if *end > from => Order::Again,
            _ if from < self.end => Order::Late,
            _ => Order::New,
        };
        self.end = self.end.max(to);
        self.join(from, to);
        order
    }

    /// Adds a range to those seen, and joins those that touch it.
    fn join(&mut self, mut from: u64, mut to: u64) {
        while let Some((start, end)) = self.seen.range(..=to).next_back().map(|(start, end)| (*start, *end)) {
            if end < from {
                break;
            }
            self.seen.remove(&start);
            (from, to) = (from.min(start), to.max(end));
        }
        if self.seen.len() < MOST {
            self.seen.insert(from, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_were_sent_before_are_sent_again() {
        let mut sequence = Sequence::default();
        sequence.begin(1000);
        assert_eq!(sequence.note(1000, 1), Order::New, "SYN");
        assert_eq!(sequence.note(1001, 100), Order::New);
        assert_eq!(sequence.note(1101, 0), Order::New, "no bytes, as in an acknowledgment");
        assert_eq!(sequence.note(1001, 100), Order::Again);
        assert_eq!(sequence.note(1051, 100), Order::Again, "half of it");
        assert_eq!(sequence.note(1351, 50), Order::New, "two hundred are missing");
        assert_eq!(sequence.note(1151, 100), Order::Late);
        assert_eq!(sequence.note(1151, 100), Order::Again);
        assert_eq!(sequence.note(1251, 100), Order::Late);
        assert_eq!(sequence.seen, BTreeMap::from([(0, 401)]));
    }

    #[test]
    fn numbers_are_counted_on_beyond_the_largest() {
        let mut sequence = Sequence::default();
        sequence.begin(u32::MAX - 9);
        assert_eq!(sequence.note(u32::MAX - 9, 20), Order::New);
        assert_eq!(sequence.shown(10), 20);
        assert_eq!(sequence.note(10, 20), Order::New);
        assert_eq!(sequence.note(5, 5), Order::Again);
        let mut at = 30_u32;
        for _ in 0..5 {
            assert_eq!(sequence.note(at, 1 << 30), Order::New);
            at = at.wrapping_add(1 << 30);
        }
        assert_eq!(sequence.shown(at), 40 + (5 << 30));
    }

    #[test]
    fn number_before_the_first_is_no_panic() {
        let mut sequence = Sequence::default();
        sequence.begin(1000);
        assert_eq!(sequence.note(500, 10), Order::New);
        assert_eq!(Sequence::default().shown(7), 0);
    }

    #[test]
    fn packet_that_comes_back_with_less_to_live_was_forwarded() {
        let mut memory = Memory::default();
        let mut seen = |ttl, interface| memory.is_forwarded(1, Place { ttl, interface });
        assert!(!seen(64, 0));
        assert!(seen(63, 0) && seen(62, 0) && seen(64, 1));
        assert!(!seen(64, 0), "sent again");
        assert!(!memory.was_seen(7) && memory.was_seen(7));
    }
}
