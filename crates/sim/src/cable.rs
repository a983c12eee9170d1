//! One direction of a cable: what becomes of a frame on its way.
//!
//! Frames arrive in the order in which they were sent, jitter or not: one that would be there before the one ahead of it arrives
//! together with it. Only `reorder` lets frames overtake, as Linux's netem does: such a frame takes its turn in the queue, and then
//! no time at all to travel, so that it passes all that are on the way.

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
    /// Draws losses and doubles.
    random: Random,
    /// Draws jitter; a stream of its own, so that it moves no loss.
    jitter: Random,
    /// Draws who overtakes; likewise.
    overtaking: Random,
    /// When the frames that wait for the sender's card begin to leave, the earliest first.
    starts: VecDeque<Time>,
    /// When the card is free.
    free: Time,
    /// When the last frame arrives of those that keep their order.
    latest: Time,
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
    /// `name` seeds its chances: each direction has its own.
    pub(crate) fn new(to: (usize, usize), nature: Nature, seed: u64, name: &str) -> Self {
        Self {
            to,
            nature,
            random: Random::new(seed, name),
            jitter: Random::new(seed, &format!("{name} jitter")),
            overtaking: Random::new(seed, &format!("{name} reorder")),
            starts: VecDeque::new(),
            free: Time::START,
            latest: Time::START,
        }
    }

    /// Sends a frame of `len` bytes.
    pub(crate) fn send(&mut self, now: Time, len: usize) -> Passage {
        let lost = self.random.happens(self.nature.loss);
        let twice = self.random.happens(self.nature.duplicate);
        let late = if self.nature.jitter.is_zero() { Duration::ZERO } else { self.jitter.up_to(self.nature.jitter) };
        let overtakes = self.nature.reorder > 0 && self.overtaking.happens(self.nature.reorder);
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
        if lost {
            return Passage::Lost;
        }
        let at = if overtakes { self.free } else { self.in_order(self.free + self.nature.delay + late) };
        Passage::Arrives { at, again: twice.then_some(at) }
    }

    /// When a frame arrives that would at `at`, if nobody before it were in its way: no sooner than the one before it.
    fn in_order(&mut self, at: Time) -> Time {
        self.latest = self.latest.max(at);
        self.latest
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

    /// When each of `count` frames arrives, sent so far apart.
    fn arrivals(cable: &mut Direction, count: u32, apart: Duration) -> Vec<u64> {
        let mut arrival = |number| match cable.send(Time::START + apart * number, 60) {
            Passage::Arrives { at, .. } => at.0,
            passage => panic!("{passage:?}"),
        };
        (0..count).map(&mut arrival).collect()
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn jitter_is_any_time_up_to_its_limit_each_as_often() {
        let mut cable = direction(Nature { delay: 20 * MS, jitter: 10 * MS, ..Nature::default() });
        // So far apart that no frame has to wait for the one before it.
        let arrivals = arrivals(&mut cable, 100_000, 40 * MS);
        let mut tenths = [0; 10];
        for (number, at) in (0..).zip(arrivals) {
            let late = at - number * 40_000_000 - 20_000_000;
            assert!(late <= 10_000_000, "{late} ns");
            tenths[usize::try_from(late / 1_000_001).unwrap()] += 1;
        }
        assert!(tenths.iter().all(|count| (9_600..10_400).contains(count)), "{tenths:?}");
    }

    #[test]
    fn jitter_alone_keeps_the_order() {
        let mut cable = direction(Nature { delay: 20 * MS, jitter: 10 * MS, ..Nature::default() });
        let arrivals = arrivals(&mut cable, 10_000, MS / 10);
        assert!(arrivals.is_sorted());
        let waited = arrivals.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(waited > 1_000, "{waited} arrive with the one that held them up");
    }

    #[test]
    fn frame_that_overtakes_arrives_as_soon_as_it_has_left_and_the_others_keep_their_order() {
        let nature = Nature { delay: 20 * MS, jitter: 10 * MS, reorder: 250_000, ..Nature::default() };
        let arrivals = arrivals(&mut direction(nature), 100_000, MS);
        let (overtaking, others): (Vec<_>, Vec<_>) =
            (0..).zip(arrivals).partition(|(number, at)| *at == number * 1_000_000);
        assert!((24_600..25_400).contains(&overtaking.len()), "{} of 100,000 at 25 %", overtaking.len());
        assert!(others.is_sorted_by_key(|(_, at)| *at));
    }

    #[test]
    fn jitter_and_reordering_move_no_loss() {
        let lost = |jitter, reorder| {
            let mut cable = direction(Nature { delay: MS, loss: 100_000, jitter, reorder, ..Nature::default() });
            (0..1000).filter(|number| cable.send(Time(number * 1_000_000), 60) == Passage::Lost).collect::<Vec<_>>()
        };
        assert_eq!(lost(MS, 500_000), lost(Duration::ZERO, 0));
    }

    #[test]
    fn loss_comes_as_often_as_it_should() {
        let mut cable = direction(Nature { loss: 100_000, ..Nature::default() });
        let lost = (0..100_000).filter(|_| cable.send(Time::START, 60) == Passage::Lost).count();
        assert!((9_700..10_300).contains(&lost), "{lost} of 100,000 at 10 %");
    }
}
