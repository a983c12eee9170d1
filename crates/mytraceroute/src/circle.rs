//! Ways that go round in a circle: from somebody back to the same one, until the time to live is used up.

use std::net::IpAddr;

/// How many routers a circle may have to be recognised. One router that answers for two hops is no circle.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=4;
/// How often a circle is gone round before it is called one.
const ROUNDS: usize = 3;

/// A circle in a list of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// The place in the list at which it begins.
    pub first: usize,
    /// How many routers it has.
    pub length: usize,
    /// The place at which it was recognised.
    pub end: usize,
}

/// The first circle in `way`, who answered hop after hop: the same routers in the same order, three times.
#[must_use]
pub fn circle(way: &[Option<IpAddr>]) -> Option<Round> {
    (0..way.len()).find_map(|first| {
        LENGTHS.into_iter().find_map(|length| {
            let rounds = way.get(first..first + length * ROUNDS)?;
            let goes_round = rounds.iter().zip(rounds.iter().skip(length)).all(|(a, b)| a.is_some() && a == b);
            goes_round.then(|| Round { first, length, end: first + rounds.len() - 1 })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(routers: &[u8]) -> Vec<Option<IpAddr>> {
        routers.iter().map(|last| (*last > 0).then(|| IpAddr::from([10, 0, 0, *last]))).collect()
    }

    #[test]
    fn circle_is_one_when_it_was_gone_round_three_times_without_a_gap() {
        let found = Some(Round { first: 1, length: 2, end: 6 });
        assert_eq!(circle(&way(&[9, 1, 2, 1, 2, 1, 2, 1])), found);
        for no_circle in [&[9, 1, 2, 1, 2, 1][..], &[1, 2, 0, 2, 1, 2], &[1, 2, 1, 2, 1, 3], &[1, 1], &[0; 12]] {
            assert_eq!(circle(&way(no_circle)), None, "{no_circle:?}");
        }
        assert_eq!(circle(&way(&[1, 2, 3, 4].repeat(3))), Some(Round { first: 0, length: 4, end: 11 }));
        assert_eq!(circle(&way(&[1, 2, 3, 4, 5].repeat(3))), None);
    }
}
