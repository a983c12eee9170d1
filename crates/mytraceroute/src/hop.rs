//! One hop: the probes that were sent as far as it, and what their silence means.
//!
//! Routers may answer as few probes as they like: RFC 1812 section 4.3.2.8 wants the rate of errors limited, and Linux sends a
//! host 6 of them at once and then one a second. So silence after an answer is more often a limit than a loss, and the two are told
//! apart by their pattern: after a loss the next probes are answered, after a limit has been met one a second is.

use crate::answer::{Answer, Says};
use host::Time;
use std::net::IpAddr;
use std::time::Duration;

/// Longer than the second after which a router that limits its answers has one more to give.
pub const REFILL: Duration = Duration::from_millis(1050);
/// A limit of one answer a second has another one to give so much sooner than [`REFILL`] at the earliest.
const LEEWAY: Duration = Duration::from_millis(100);
/// So many unanswered probes make a limit likely, unless [`Hop::is_lossy`].
const ENOUGH_SILENCE: usize = 3;

/// A probe and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The probe's number.
    pub number: u16,
    /// The time to live with which it left.
    pub ttl: u8,
    /// When it left.
    pub sent: Time,
    /// When it may be taken for unanswered; an answer may come all the same.
    pub overdue: Time,
    /// What came, and when.
    pub answer: Option<(Answer, Time)>,
}

impl Attempt {
    /// Whether an answer is still to be awaited at `now`.
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.answer.is_none() && now < self.overdue
    }

    /// From its leaving to its answer.
    #[must_use]
    pub fn rtt(&self) -> Option<Duration> {
        self.answer.as_ref().map(|(_, at)| *at - self.sent)
    }
}

/// All probes that tell of one hop, in the order in which they left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// How many links away it is: the time to live that its probes left with.
    pub ttl: u8,
    /// Its probes. Those with a higher time to live that were answered by the end of the way count for the last hop.
    pub attempts: Vec<Attempt>,
}

/// What a hop's silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// There was none: every probe was answered.
    None,
    /// No probe was answered.
    Complete,
    /// One probe was not answered, which tells nothing.
    Once,
    /// Some were lost on the way there or back: those after them were answered at once.
    Loss,
    /// It answers no more than so many probes in a time, or so it seems: none was answered before a second had passed.
    RateLimit,
}

impl Hop {
    /// How many probes were answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answers().count()
    }

    /// The answers, with their round trip times.
    pub fn answers(&self) -> impl Iterator<Item = (&Answer, Duration)> {
        self.attempts.iter().filter_map(|attempt| Some((&attempt.answer.as_ref()?.0, attempt.rtt()?)))
    }

    /// Who answered, each once, in the order of their first answers.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses = vec![];
        for (answer, _) in self.answers() {
            if !addresses.contains(&answer.from) {
                addresses.push(answer.from);
            }
        }
        addresses
    }

    /// The first answer that ends the way, if one does.
    #[must_use]
    pub fn end(&self) -> Option<&Answer> {
        self.answers().map(|(answer, _)| answer).find(|answer| answer.says != Says::TimeExceeded)
    }

    /// When this hop should have its next probe, so that there are `wanted` answers; `None`: not before something happens.
    #[must_use]
    pub fn next(&self, now: Time, wanted: usize) -> Option<Time> {
        let Some(last) = self.attempts.last() else { return Some(now) };
        if last.is_open(now) || self.answered() >= wanted {
            return None;
        }
        match self.answered() {
            0 => match *self.attempts.as_slice() {
                // The first may have been lost.
                [_] => Some(now),
                // Both may have met a limit, which a second later has passed.
                [ref first, _] => Some(first.sent + REFILL).map(|at| at.max(now)),
                _ => None,
            },
            _ if self.is_lossy() || self.unanswered() == 0 => {
                (self.attempts.len() < wanted + usize::from(self.is_lossy())).then_some(now)
            }
            _ => (self.unanswered() < ENOUGH_SILENCE).then_some(now),
        }
    }

    fn unanswered(&self) -> usize {
        self.attempts.len() - self.answered()
    }

    /// Whether two probes were answered shortly after one another, once a probe had stayed unanswered.
    ///
    /// Who limits its answers has none left when it falls silent, and then gives one a second.
    fn is_lossy(&self) -> bool {
        let since = self.attempts.iter().skip_while(|attempt| attempt.answer.is_some());
        let answered: Vec<Time> =
            since.filter(|attempt| attempt.answer.is_some()).map(|attempt| attempt.sent).collect();
        answered.windows(2).any(|pair| matches!(*pair, [one, next] if next - one < REFILL - LEEWAY))
    }

    /// What the unanswered probes mean, by this hop alone.
    #[must_use]
    pub fn silence(&self) -> Silence {
        match (self.answered(), self.unanswered()) {
            (_, 0) => Silence::None,
            (0, _) => Silence::Complete,
            _ if self.is_lossy() => Silence::Loss,
            (_, 1) => Silence::Once,
            _ => Silence::RateLimit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hop whose probes left 10 ms apart, `.` unanswered and `+` answered; `|` is a pause of [`REFILL`].
    fn hop(pattern: &str) -> Hop {
        let (mut attempts, mut sent) = (vec![], Time::START);
        for mark in pattern.chars() {
            if mark == '|' {
                sent = sent + REFILL;
                continue;
            }
            let number = u16::try_from(attempts.len() + 1).unwrap();
            let from = IpAddr::from([10, 0, 0, 1]);
            let answer =
                Answer { number, from, says: Says::TimeExceeded, ttl: Some(64), quoted_ttl: Some(1), told: vec![] };
            let at = sent + Duration::from_millis(1);
            let answer = (mark == '+').then_some((answer, at));
            attempts.push(Attempt { number, ttl: 1, sent, overdue: at, answer });
            sent = sent + Duration::from_millis(10);
        }
        Hop { ttl: 1, attempts }
    }

    const LATER: Time = Time(10_000_000_000);

    #[test]
    fn limit_is_told_from_loss_by_its_pattern() {
        for (pattern, silence) in [
            ("+++", Silence::None),
            ("...", Silence::Complete),
            ("++.", Silence::Once),
            (".+", Silence::Once),
            (".++", Silence::Loss),
            ("+..++", Silence::Loss),
            ("..|+", Silence::RateLimit),
            ("..|+.", Silence::RateLimit),
            (".+..", Silence::RateLimit),
            ("++...", Silence::RateLimit),
        ] {
            assert_eq!(hop(pattern).silence(), silence, "{pattern}");
        }
    }

    #[test]
    fn unanswered_hop_is_asked_at_once_again_and_once_more_when_a_limit_must_have_passed() {
        assert_eq!(hop("").next(Time(7), 3), Some(Time(7)));
        assert_eq!(hop(".").next(LATER, 3), Some(LATER));
        assert_eq!(hop("..").next(Time(20_000_000), 3), Some(Time::START + REFILL));
        assert_eq!(hop("..|.").next(LATER, 3), None);
    }

    #[test]
    fn hop_is_asked_until_it_answered_often_enough_or_says_no_more() {
        for (pattern, more) in [
            ("+", true),
            ("++", true),
            ("+++", false),
            ("++.", true),
            ("++.+", false),
            (".++", true),
            (".++.", false),
            ("++..", true),
            ("++...", false),
            ("..|+", true),
            ("..|+.", false),
        ] {
            assert_eq!(hop(pattern).next(LATER, 3).is_some(), more, "{pattern}");
        }
    }

    #[test]
    fn probe_that_is_still_awaited_keeps_the_next_one_back() {
        let mut hop = hop("+.");
        hop.attempts[1].overdue = LATER;
        assert_eq!(hop.next(Time(20_000_000), 3), None);
        assert_eq!(hop.next(LATER, 3), Some(LATER));
    }
}
