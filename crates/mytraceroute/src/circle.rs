//! Ways that go round in a circle: from somebody back to the same one, until the time to live is used up.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// How many routers a circle may have to be recognised.
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
///
/// In a circle the limit of one router's errors is that of many hops, so not all of them answer. Behind the first round, silent
/// places are passed over: what is heard must fit, as often as two more rounds have places.
#[must_use]
pub fn circle(way: &[Option<IpAddr>]) -> Option<Round> {
    (0..way.len()).find_map(|first| LENGTHS.into_iter().find_map(|length| circle_at(way, first, length)))
}

fn circle_at(way: &[Option<IpAddr>], first: usize, length: usize) -> Option<Round> {
    let members: Option<Vec<IpAddr>> = way.get(first..first + length)?.iter().copied().collect();
    // A router that answers for hops next to each other is no circle.
    let members = members.filter(|members| members.iter().collect::<BTreeSet<_>>().len() == length)?;
    let behind = way.iter().enumerate().skip(first + length);
    let mut expected = members.iter().cycle();
    let heard = behind.map(|(place, router)| (place, *router, expected.next().copied()));
    let mut fitting =
        heard.filter(|(_, router, _)| router.is_some()).take_while(|(_, router, member)| router == member);
    let (end, ..) = fitting.nth((ROUNDS - 1) * length - 1)?;
    Some(Round { first, length, end })
}

/// The first who answered for two places of `way` and let somebody else answer between them: the places.
///
/// It is no proof of a circle, for a way may have changed in between; but where silence follows, it is the likeliest reason: each
/// router of a circle is asked so often that a limit of its errors is soon reached.
#[must_use]
pub fn comes_again(way: &[Option<IpAddr>]) -> Option<(usize, usize)> {
    let is_again = |first: usize, again: usize| {
        let between = way.get(first + 1..again).unwrap_or_default();
        way.get(first) == way.get(again)
            && between.iter().flatten().any(|router| way.get(first) != Some(&Some(*router)))
    };
    let answered = || (0..way.len()).filter(|place| way.get(*place).is_some_and(Option::is_some));
    answered().find_map(|first| Some((first, answered().find(|again| *again > first && is_again(first, *again))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(routers: &[u8]) -> Vec<Option<IpAddr>> {
        routers.iter().map(|last| (*last > 0).then(|| IpAddr::from([10, 0, 0, *last]))).collect()
    }

    #[test]
    fn who_answers_again_behind_somebody_else_may_be_in_a_circle() {
        assert_eq!(comes_again(&way(&[9, 1, 0, 1, 0])), None, "silence between them is nobody else");
        assert_eq!(comes_again(&way(&[9, 1, 2, 0, 2])), None);
        assert_eq!(comes_again(&way(&[9, 1, 2, 1, 0])), Some((1, 3)));
        assert_eq!(comes_again(&way(&[1, 0, 2, 0, 1])), Some((0, 4)));
        assert_eq!(
            comes_again(&way(&[1, 1, 2, 2, 0])),
            None,
            "a router that answers for its neighbour too is next to itself"
        );
    }

    #[test]
    fn circle_is_one_when_it_was_gone_round_three_times() {
        let found = Some(Round { first: 1, length: 2, end: 6 });
        assert_eq!(circle(&way(&[9, 1, 2, 1, 2, 1, 2, 1])), found);
        let gaps = [9, 1, 2, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2];
        assert_eq!(circle(&way(&gaps)), Some(Round { first: 1, length: 2, end: 12 }), "where limits are met");
        for no_circle in [&[9, 1, 2, 1, 2, 1][..], &[1, 0, 1, 2, 1, 2, 1], &[1, 2, 1, 2, 1, 3], &[1; 12], &[0; 12]] {
            assert_eq!(circle(&way(no_circle)), None, "{no_circle:?}");
        }
        assert_eq!(circle(&way(&[1, 2, 3, 4].repeat(3))), Some(Round { first: 0, length: 4, end: 11 }));
        assert_eq!(circle(&way(&[1, 2, 3, 4, 5].repeat(3))), None);
    }
}
