//! Random numbers that are the same in every run of the same seed.

use std::time::Duration;

/// A stream of numbers by `SplitMix64` (Steele, Lea and Flood, 2014): seven lines, and good enough to lose packets by.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of `name` under `seed`. Each name has its own, so that what happens on one link moves nothing on another.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mut random = Self(fnv_1a(name.as_bytes()) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Whether something happens that happens `ppm` times in a million. It draws a number even where the answer is certain,
    /// so that the same packets are lost at 1 % and, with others, at 2 %.
    pub(crate) fn happens(&mut self, ppm: u32) -> bool {
        self.next() % 1_000_000 < u64::from(ppm)
    }

    /// A time up to `most`, each nanosecond as likely as the other. Of two limits the same draw gives the same share.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let wide = u128::from(self.next()) * (most.as_nanos() + 1);
        Duration::from_nanos(u64::try_from(wide >> 64).unwrap_or(u64::MAX))
    }
}

/// A number of the bytes, by FNV-1a (Fowler, Noll and Vo): a change of one of them changes nearly all of it.
pub(crate) fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Every bit of the answer depends on every bit of `number`: the last step of `SplitMix64`.
pub(crate) fn mix(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_differs_by_seed_and_by_name_and_else_is_the_same() {
        let first = |seed, name| Random::new(seed, name).next();
        assert_eq!(first(1, "net1"), first(1, "net1"));
        assert_ne!(first(1, "net1"), first(2, "net1"));
        assert_ne!(first(1, "net1"), first(1, "net3"));
    }
}
