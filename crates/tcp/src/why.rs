//! Why bytes that a program has written have not left yet, and when they did.

use host::{Departure, Held, Rule, Time};
use std::ops::Range;

/// What is held now, and the record of what left.
#[derive(Debug, Default)]
pub(crate) struct Why {
    held: Vec<Held>,
    departures: Vec<Departure>,
}

impl Why {
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }

    /// What was found to be held at `now`. A rule that held the bytes before holds them since then.
    pub(crate) fn hold(&mut self, now: Time, found: impl Iterator<Item = (Range<u64>, Rule)>) {
        let before = std::mem::take(&mut self.held);
        for (bytes, rule) in found {
            let mut rest = bytes;
            // Bytes that were written later are held since later: one piece for each.
            for known in before.iter().filter(|known| known.rule == rule) {
                let end = known.bytes.end.min(rest.end);
                if known.bytes.start <= rest.start && rest.start < end {
                    self.held.push(Held { bytes: rest.start..end, rule, since: known.since });
                    rest.start = end;
                }
            }
            if !rest.is_empty() {
                self.held.push(Held { bytes: rest, rule, since: now });
            }
        }
        self.bound();
    }

    /// A program that writes byte by byte against a closed window must not make this list long: the oldest pieces keep their
    /// times, and the youngest becomes one.
    fn bound(&mut self) {
        const MOST: usize = 64;
        if let Some(last) = self.held.last().map(|last| last.bytes.end)
            && self.held.len() > MOST
        {
            self.held.truncate(MOST);
            if let Some(youngest) = self.held.last_mut() {
                youngest.bytes.end = last;
            }
        }
    }

    pub(crate) fn leave(&mut self, at: Time, bytes: Range<u64>, again: bool) {
        let overlap = |held: &Held| {
            let common = held.bytes.start.max(bytes.start)..held.bytes.end.min(bytes.end);
            (!common.is_empty() && !again).then(|| Held { bytes: common, ..held.clone() })
        };
        let held = self.held.iter().filter_map(overlap).collect();
        self.departures.push(Departure { at, bytes, again, held });
    }

    pub(crate) fn take_departures(&mut self) -> Vec<Departure> {
        std::mem::take(&mut self.departures)
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }
}
