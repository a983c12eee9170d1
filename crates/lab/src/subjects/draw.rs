//! What is drawn for questions: the same for the same seed.

use std::net::Ipv4Addr;

/// The seed of the questions that everybody sees.
pub(crate) const SEED: u64 = 1;

/// A stream of numbers by `SplitMix64` (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// The stream of `name` under `seed`, so that a change to one check does not move the questions of another.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let named = name.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(named)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A length or an index below `end`.
    pub(crate) fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u64::try_from(end).unwrap_or(u64::MAX))).unwrap_or(0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a part of it is wanted")]
    pub(crate) fn byte(&mut self) -> u8 {
        self.number() as u8
    }

    #[expect(clippy::cast_possible_truncation, reason = "a part of it is wanted")]
    pub(crate) fn word(&mut self) -> u16 {
        self.number() as u16
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// The address of one host: neither a group, nor loopback, nor nobody.
    pub(crate) fn address(&mut self) -> Ipv4Addr {
        let [b, c] = self.word().to_be_bytes();
        // From 1 to 223 without 127.
        let first = u8::try_from(1 + self.below(222)).unwrap_or(1);
        Ipv4Addr::new(first + u8::from(first >= 127), b, c, self.byte())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn addresses_are_of_hosts_and_vary_in_all_bytes() {
        let drawn = |seed| {
            let mut draw = Draw::new(seed, "addresses");
            (0..10_000).map(|_| draw.address()).collect::<Vec<_>>()
        };
        let addresses = drawn(1);
        assert_eq!(addresses, drawn(1));
        assert_ne!(addresses, drawn(2));
        assert!(
            !addresses.iter().any(|at| at.is_loopback() || at.is_multicast() || matches!(at.octets()[0], 0 | 224..))
        );
        let firsts: BTreeSet<u8> = addresses.iter().map(|at| at.octets()[0]).collect();
        assert_eq!((firsts.len(), firsts.first(), firsts.last()), (222, Some(&1), Some(&223)));
        for (one, other) in [(1, 2), (1, 3), (2, 3)] {
            let pairs: BTreeSet<_> = addresses.iter().map(|at| (at.octets()[one], at.octets()[other])).collect();
            assert!(pairs.len() > 9000, "bytes {one} and {other} hang together: {} pairs", pairs.len());
        }
    }
}
