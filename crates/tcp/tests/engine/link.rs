//! A link in virtual time that loses, doubles and overtakes, and the two ends at it.

use crate::dice::{Dice, Faults};
use host::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// One way of a link needs so long.
pub(crate) const DELAY: Duration = Duration::from_millis(10);

/// One end at the link, whoever it is: it takes and gives the payloads of IP packets.
pub(crate) trait End {
    /// A packet has come.
    fn take(&mut self, now: Time, packet: &[u8]);
    /// Runs its program and its timers, and gives what leaves.
    fn give(&mut self, now: Time) -> Vec<Vec<u8>>;
    /// When it wants to run again though no packet comes.
    fn wake_at(&self) -> Time;
    /// Whether its program has done all that it wanted.
    fn is_done(&self) -> bool;
    /// How many bytes its program has taken, each of which was right.
    fn taken(&self) -> u64;
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Virtual time until both were done.
    pub(crate) time: Time,
    /// Packets that were put on the link.
    pub(crate) packets: u64,
    /// Bytes that arrived, of both directions.
    pub(crate) bytes: u64,
}

/// Lets two ends talk until both are done.
pub(crate) fn talk(ends: &mut [&mut dyn End; 2], faults: Faults, dice: &mut Dice) -> Run {
    // By time and order of departure; to which end, and what.
    let mut under_way: BTreeMap<(Time, u64), (usize, Vec<u8>)> = BTreeMap::new();
    let (mut now, mut packets) = (Time::START, 0);
    for _ in 0..10_000_000_u64 {
        for (from, end) in ends.iter_mut().enumerate() {
            for packet in end.give(now) {
                packets += 1;
                let copies = if dice.happens(faults.doubled) { 2 } else { 1 };
                for _ in 0..copies {
                    let late = if dice.happens(faults.late) {
                        Duration::from_micros(dice.below(30_000))
                    } else {
                        Duration::ZERO
                    };
                    if !dice.happens(faults.lost) {
                        under_way.insert(
                            (now + DELAY + late, dice.next() >> 48 | (packets << 16)),
                            (1 - from, packet.clone()),
                        );
                    }
                }
            }
        }
        if ends.iter().all(|end| end.is_done()) {
            return Run { time: now, packets, bytes: ends.iter().map(|end| end.taken()).sum() };
        }
        let arrival = under_way.first_key_value().map_or(Time::NEVER, |((at, _), _)| *at);
        let wake = ends[0].wake_at().min(ends[1].wake_at());
        now = arrival.min(wake).max(now);
        assert!(now < Time::NEVER, "nothing will ever happen again");
        if arrival <= now
            && let Some((_, (to, packet))) = under_way.pop_first()
        {
            ends[to].take(now, &packet);
        }
    }
    panic!("no end at {now:?}");
}
