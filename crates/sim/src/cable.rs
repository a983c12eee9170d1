//! One direction of a cable: what becomes of a frame on its way.

use crate::random::Random;
use crate::topology::Nature;
use host::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// A direction, from one node's interface to another's.
pub(crate) struct Direction {
    /// Node and interface at the far end.
    pub(crate) to: (usize, usize),
    nature: Nature,
    random: Random,
    /// When the frames that wait for the sender's card begin to leave, the earliest first.
    starts: VecDeque<Time>,
    /// When the card is free.
    free: Time,
}

/// What becomes of a frame that is sent now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It arrives then; and once more, where the cable makes two of one.
    Arrives { at: Time, again: Option<Time> },
    /// The queue is full.
    Dropped,
    /// It leaves and never arrives.
    Lost,
}

impl Direction {
    /// `name` seeds its losses: each direction has its own.
    pub(crate) fn new(to: (usize, usize), nature: Nature, seed: u64, name: &str) -> Self {
        Self { to, nature, random: Random::new(seed, name), starts: VecDeque::new(), free: Time::START }
    }

    /// Sends a frame of `len` bytes.
    pub(crate) fn send(&mut self, now: Time, len: usize) -> Passage {
        let lost = self.random.happens(self.nature.loss);
        let twice = self.random.happens(self.nature.duplicate);
        while self.starts.front().is_some_and(|start| *start <= now) {
            self.starts.pop_front();
        }
        if self.starts.len() >= self.nature.queue {
            return Passage::Dropped;
        }
        let start = self.free.max(now);
        if start > now {
            self.starts.push_back(start);
        }
        self.free = start + self.nature.rate.map_or(Duration::ZERO, |rate| transmission(len, rate));
        let at = self.free + self.nature.delay;
        if lost { Passage::Lost } else { Passage::Arrives { at, again: twice.then_some(at) } }
    }
}

/// How long a frame of `len` bytes takes to leave at `rate` bits a second.
fn transmission(len: usize, rate: u64) -> Duration {
    let nanoseconds = len as u128 * 8 * 1_000_000_000 / u128::from(rate);
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(nature: Nature) -> Direction {
        Direction::new((0, 0), nature, 1, "net1 a>b")
    }

    #[test]
    fn frames_of_a_slow_cable_leave_one_after_the_other() {
        let mut cable = direction(Nature {
            rate: Some(10_000_000),
            delay: Duration::from_millis(20),
            queue: 2,
            ..Nature::default()
        });
        let at = |ms: f64| Passage::Arrives { at: Time::START + Duration::from_secs_f64(ms / 1e3), again: None };
        assert_eq!(cable.send(Time::START, 1500), at(21.2));
        assert_eq!(cable.send(Time::START, 1500), at(22.4));
        assert_eq!(cable.send(Time::START, 1500), at(23.6));
        assert_eq!(cable.send(Time::START, 1500), Passage::Dropped, "two wait already");
        assert_eq!(cable.send(Time::START + Duration::from_micros(1200), 1500), at(24.8));
    }

    #[test]
    fn loss_comes_as_often_as_it_should() {
        let mut cable = direction(Nature { loss: 100_000, ..Nature::default() });
        let lost = (0..100_000).filter(|_| cable.send(Time::START, 60) == Passage::Lost).count();
        assert!((9_700..10_300).contains(&lost), "{lost} of 100,000 at 10 %");
    }
}
