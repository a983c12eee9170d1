//! Why bytes that a program has written have not left yet, and when they did.

use host::{Departure, Held, Rule, Time};
use std::ops::Range;

/// How many pieces are remembered, of what is held and of what was: a program that writes byte by byte against a closed
/// window must not make these lists long.
const MOST: usize = 64;
/// How many departures are kept until they are asked for: a program that never asks must not make this list long.
const MOST_DEPARTURES: usize = 100_000;

/// What is held now, what held it before, and the record of what left.
#[derive(Debug, Default)]
pub(crate) struct Why {
    held: Vec<Held>,
    /// What was held before; kept for its memory.
    before: Vec<Held>,
    /// Of bytes that have not left: rules that held them and do not any more.
    past: Vec<Held>,
    departures: Vec<Departure>,
}

impl Why {
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }

    /// What was found to be held at `now`. A rule that held the bytes before holds them since then.
    /// `record`: it is to be told when they leave.
    pub(crate) fn hold(&mut self, now: Time, record: bool, found: impl Iterator<Item = (Range<u64>, Rule)>) {
        std::mem::swap(&mut self.held, &mut self.before);
        self.held.clear();
        let mut hold = |bytes, rule, since| self.held.push(Held { bytes, rule, since, until: Time::NEVER });
        for (bytes, rule) in found {
            let mut rest = bytes;
            // Bytes that were written later are held since later: one piece for each.
            for known in self.before.iter().filter(|known| known.rule == rule) {
                let end = known.bytes.end.min(rest.end);
                if known.bytes.start <= rest.start && rest.start < end {
                    hold(rest.start..end, rule, known.since);
                    rest.start = end;
                }
            }
            if !rest.is_empty() {
                hold(rest, rule, now);
            }
        }
        if record {
            self.remember(now);
        }
        self.bound();
    }

    /// Of what was held before, remembers what another rule holds now.
    fn remember(&mut self, now: Time) {
        for piece in self.before.iter().filter(|piece| piece.since < now) {
            let others = self.held.iter().filter(|held| held.rule != piece.rule);
            for bytes in others.filter_map(|held| overlap(&held.bytes, &piece.bytes)) {
                self.past.push(Held { bytes, until: now, ..piece.clone() });
            }
        }
        let forgotten = self.past.len().saturating_sub(MOST);
        self.past.drain(..forgotten);
    }

    /// The oldest pieces keep their times, and the youngest becomes one.
    fn bound(&mut self) {
        if let Some(last) = self.held.last().map(|last| last.bytes.end)
            && self.held.len() > MOST
        {
            self.held.truncate(MOST);
            if let Some(youngest) = self.held.last_mut() {
                youngest.bytes.end = last;
            }
        }
    }

    /// These bytes left.
    pub(crate) fn leave(&mut self, at: Time, bytes: Range<u64>, again: bool) {
        let mut held = vec![];
        if !again {
            let part = |held: &Held| {
                let until = held.until.min(at);
                overlap(&held.bytes, &bytes).map(|bytes| Held { bytes, until, ..held.clone() })
            };
            held = self.past.iter().chain(&self.held).filter_map(part).collect();
            // New bytes leave in their order: what is before their end has left.
            for list in [&mut self.past, &mut self.held] {
                list.iter_mut().for_each(|piece| piece.bytes.start = piece.bytes.start.max(bytes.end));
                list.retain(|piece| piece.bytes.start < piece.bytes.end);
            }
        }
        if self.departures.len() < MOST_DEPARTURES {
            self.departures.push(Departure { at, bytes, again, held });
        }
    }

    pub(crate) fn take_departures(&mut self) -> Vec<Departure> {
        std::mem::take(&mut self.departures)
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.past.clear();
    }
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> Option<Range<u64>> {
    let common = a.start.max(b.start)..a.end.min(b.end);
    (!common.is_empty()).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_that_nobody_asks_for_are_counted() {
        let mut why = Why::default();
        (0..200_000).for_each(|n| why.leave(Time(n), n..n + 1, false));
        assert_eq!(why.take_departures().len(), 100_000);
        why.leave(Time(200_000), 200_000..200_001, false);
        assert_eq!(why.take_departures().len(), 1, "there is room again");
    }

    #[test]
    fn rules_that_held_bytes_one_after_the_other_are_all_told_when_they_leave() {
        let mut why = Why::default();
        why.hold(Time(10), true, [(0..100, Rule::Nagle)].into_iter());
        why.hold(Time(20), true, [(0..150, Rule::Nagle)].into_iter());
        why.hold(Time(30), true, [(0..150, Rule::Retransmission)].into_iter());
        why.hold(Time(40), true, [(0..150, Rule::Retransmission)].into_iter());
        why.leave(Time(50), 0..120, false);
        let held = |bytes, rule, since, until| Held { bytes, rule, since: Time(since), until: Time(until) };
        let expected = [
            held(0..100, Rule::Nagle, 10, 30),
            held(100..120, Rule::Nagle, 20, 30),
            held(0..120, Rule::Retransmission, 30, 50),
        ];
        assert_eq!(why.take_departures().first().map(|departure| departure.held.clone()), Some(expected.to_vec()));
        assert_eq!(why.held(), [held(120..150, Rule::Retransmission, 30, u64::MAX)]);
        why.leave(Time(60), 120..150, false);
        assert!(why.held().is_empty() && why.past.is_empty());
    }
}
