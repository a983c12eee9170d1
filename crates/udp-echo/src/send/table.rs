//! The datagrams that were sent, and what became of each.

use host::Time;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// How many of the last datagrams are remembered; what comes for an older one is for none.
const KEPT: usize = 1 << 16;

/// What became of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing yet.
    Awaited,
    /// Nothing within its wait; what comes now is late.
    Silent,
    /// It was echoed.
    Answered,
    /// Somebody reported an error instead, or it could not be sent.
    Failed,
}

/// One datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// From 1 on.
    pub(crate) sequence: u32,
    pub(crate) sent: Time,
    /// Bytes of data.
    pub(crate) size: usize,
    pub(crate) state: State,
}

impl Entry {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Awaited | State::Silent)
    }
}

/// The last datagrams.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// In the order of their numbers, which have no gaps; the last is that of `sent`.
    entries: VecDeque<Entry>,
    /// Those that are awaited, of all that are remembered.
    awaited: BTreeSet<u32>,
    /// Those that have neither an answer nor an error.
    open: BTreeSet<u32>,
    sent: u32,
}

impl Table {
    /// How many were sent.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    /// The number of the next datagram.
    pub(crate) fn next(&self) -> u32 {
        self.sent.saturating_add(1)
    }

    /// Enters the next datagram.
    pub(crate) fn send(&mut self, now: Time, size: usize) -> Entry {
        self.sent = self.next();
        let entry = Entry { sequence: self.sent, sent: now, size, state: State::Awaited };
        if self.entries.len() == KEPT
            && let Some(old) = self.entries.pop_front()
        {
            self.open.remove(&old.sequence);
        }
        self.entries.push_back(entry);
        self.awaited.insert(self.sent);
        self.open.insert(self.sent);
        entry
    }

    /// The one that the next will push out although it is awaited.
    pub(crate) fn pushed_out(&self) -> Option<Entry> {
        let oldest = self.entries.front().filter(|_| self.entries.len() == KEPT)?;
        Some(*oldest).filter(|entry| entry.state == State::Awaited)
    }

    /// Whether any has neither an answer nor an error.
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The last one.
    pub(crate) fn newest(&self) -> Option<Entry> {
        self.find(self.sent)
    }

    /// The one with this number, if it is remembered.
    pub(crate) fn find(&self, sequence: u32) -> Option<Entry> {
        self.place(sequence).and_then(|place| self.entries.get(place)).copied()
    }

    /// The oldest that has no answer, of this size: for an answer without a number.
    pub(crate) fn oldest_open_of(&self, size: usize) -> Option<Entry> {
        self.open.iter().filter_map(|sequence| self.find(*sequence)).find(|entry| entry.size == size)
    }

    /// The oldest that has no answer: for an error that quotes no number.
    pub(crate) fn oldest_open(&self) -> Option<Entry> {
        self.open.first().and_then(|sequence| self.find(*sequence))
    }

    /// The oldest that is awaited.
    pub(crate) fn oldest_awaited(&self) -> Option<Entry> {
        self.awaited.first().and_then(|sequence| self.find(*sequence))
    }

    /// An answer or an error came, or its wait is over.
    pub(crate) fn settle(&mut self, entry: &Entry, state: State) {
        self.awaited.remove(&entry.sequence);
        if state != State::Silent {
            self.open.remove(&entry.sequence);
        }
        if let Some(known) = self.place(entry.sequence).and_then(|place| self.entries.get_mut(place)) {
            known.state = state;
        }
    }

    /// Where the entry with this number is, if it is remembered.
    fn place(&self, sequence: u32) -> Option<usize> {
        usize::try_from(sequence.checked_sub(self.entries.front()?.sequence)?).ok()
    }

    /// How many have no answer and were sent less than `patience` before `now`.
    pub(crate) fn open_and_younger(&self, now: Time, patience: Duration) -> u64 {
        let young = self.open.iter().rev().filter_map(|sequence| self.find(*sequence));
        young.take_while(|entry| now - entry.sent < patience).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_are_remembered_and_none_is_awaited_for_ever() {
        let mut table = Table::default();
        for number in 0..KEPT as u64 {
            assert!(table.pushed_out().is_none());
            table.send(Time(number), 1);
        }
        let oldest = table.pushed_out().unwrap();
        assert_eq!(oldest.sequence, 1);
        table.settle(&oldest, State::Silent);
        table.send(Time(9), 1);
        assert!(table.find(1).is_none() && table.find(2).is_some());
        assert_eq!(
            (table.entries.len(), table.open.len(), table.oldest_awaited().unwrap().sequence),
            (65_536, 65_536, 2)
        );
    }

    #[test]
    fn answer_without_a_number_is_for_the_oldest_of_its_size() {
        let mut table = Table::default();
        let sizes = [0, 56, 0, 0];
        let sent = sizes.map(|size| table.send(Time(1), size));
        table.settle(&sent[0], State::Answered);
        assert_eq!(table.oldest_open_of(0).unwrap().sequence, 3);
        table.settle(&sent[2], State::Silent);
        assert_eq!(table.oldest_open_of(0).unwrap().sequence, 3, "it may still be late");
        assert!(table.oldest_open_of(1).is_none());
    }
}
