//! The requests that were sent, and what became of each.
//!
//! A sequence number has 16 bits, so after 65,536 requests each is used again. The table has one place a number and remembers
//! the last request that had it: an answer goes to that one, and no memory of an earlier round makes it a duplicate.

use host::Time;
use std::time::Duration;

/// How many sequence numbers there are.
const NUMBERS: usize = 1 << 16;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing yet.
    Awaited,
    /// Nothing within its wait; what comes now is late.
    Silent,
    /// The target answered.
    Answered,
    /// Somebody reported an error instead, or it could not be sent.
    Failed,
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The how manieth it is, from 1 on; its low 16 bits are the sequence number.
    pub(crate) number: u64,
    pub(crate) sent: Time,
    pub(crate) state: State,
}

impl Entry {
    #[expect(clippy::cast_possible_truncation, reason = "the sequence number is the low 16 bits: that is the wrap")]
    pub(crate) fn sequence(&self) -> u16 {
        self.number as u16
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Awaited | State::Silent)
    }
}

/// The last 65,536 requests.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Request number n stands at (n − 1) modulo 65,536.
    entries: Vec<Entry>,
    sent: u64,
    /// How many requests have neither an answer nor an error, of all that were ever sent.
    open: u64,
    /// All requests up to this number are not awaited any more.
    settled: u64,
}

impl Table {
    /// How many were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of them have neither an answer nor an error.
    pub(crate) fn open(&self) -> u64 {
        self.open
    }

    /// Enters the next request.
    pub(crate) fn send(&mut self, now: Time) -> Entry {
        self.sent += 1;
        self.open += 1;
        let entry = Entry { number: self.sent, sent: now, state: State::Awaited };
        match self.entries.get_mut(place(self.sent)) {
            Some(earlier) => *earlier = entry,
            None => self.entries.push(entry),
        }
        entry
    }

    /// The request that the next one would overwrite.
    pub(crate) fn in_the_way(&self) -> Option<&Entry> {
        self.entries.get(place(self.sent + 1))
    }

    /// The last request.
    pub(crate) fn newest(&self) -> Option<&Entry> {
        self.entries.get(place(self.sent))
    }

    /// The request with this sequence number, if there was one.
    pub(crate) fn find(&self, sequence: u16) -> Option<Entry> {
        self.entries.get(usize::from(sequence.wrapping_sub(1))).copied()
    }

    /// An answer or an error came for this request.
    pub(crate) fn settle(&mut self, entry: &Entry, state: State) {
        if let Some(known) = self.entries.get_mut(place(entry.number)) {
            self.open -= u64::from(known.is_open());
            known.state = state;
        }
    }

    /// The oldest request that is still awaited.
    pub(crate) fn oldest_awaited(&mut self) -> Option<Entry> {
        // What was overwritten since was settled before.
        self.settled = self.settled.max(self.sent.saturating_sub(NUMBERS as u64));
        while self.settled < self.sent {
            let entry = self.entries.get(place(self.settled + 1)).copied();
            if let Some(entry) = entry.filter(|entry| entry.state == State::Awaited) {
                return Some(entry);
            }
            self.settled += 1;
        }
        None
    }

    /// Nothing came for this request within its wait.
    pub(crate) fn give_up(&mut self, entry: &Entry) {
        if let Some(known) = self.entries.get_mut(place(entry.number)) {
            known.state = State::Silent;
        }
    }

    /// How many requests have neither an answer nor an error, and left less than `age` ago.
    pub(crate) fn open_and_younger(&self, now: Time, age: Duration) -> u64 {
        let newest_first = (0..self.entries.len() as u64).filter_map(|back| self.entries.get(place(self.sent - back)));
        newest_first.take_while(|entry| now - entry.sent < age).map(|entry| u64::from(entry.is_open())).sum()
    }
}

/// Where request `number`, from 1 on, stands in the table.
#[expect(clippy::cast_possible_truncation, reason = "less than 65,536")]
fn place(number: u64) -> usize {
    (number.wrapping_sub(1) % NUMBERS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_number_finds_the_last_request_that_had_it() {
        let mut table = Table::default();
        for number in 1..=70_000 {
            let entry = table.send(Time(number));
            assert_eq!(u64::from(entry.sequence()), number % 65_536);
            table.settle(&entry, State::Answered);
        }
        assert_eq!(table.find(0).unwrap().number, 65_536);
        assert_eq!(table.find(1).unwrap().number, 65_537);
        assert_eq!(table.find(4_464).unwrap().number, 70_000);
        assert_eq!(table.find(4_465).unwrap().number, 4_465);
        assert_eq!((table.open(), table.oldest_awaited().is_none()), (0, true));
    }

    #[test]
    fn sequence_number_that_was_never_used_finds_nothing() {
        let mut table = Table::default();
        table.send(Time(0));
        assert!(table.find(1).is_some());
        assert!(table.find(0).is_none() && table.find(2).is_none());
        assert!(table.in_the_way().is_none());
    }

    #[test]
    fn oldest_awaited_passes_over_what_was_answered_out_of_order() {
        let mut table = Table::default();
        let entries = [1, 2, 3].map(|at| table.send(Time(at)));
        table.settle(&entries[1], State::Answered);
        assert_eq!(table.oldest_awaited().unwrap().number, 1);
        table.give_up(&entries[0]);
        assert_eq!(table.oldest_awaited().unwrap().number, 3);
        let younger = |nanos| table.open_and_younger(Time(3), Duration::from_nanos(nanos));
        assert_eq!((table.open(), younger(3), younger(2), younger(0)), (2, 2, 1, 0));
    }

    #[test]
    fn table_that_is_full_names_the_request_whose_number_is_next() {
        let mut table = Table::default();
        for at in 0..65_536 {
            table.send(Time(at));
        }
        assert_eq!(table.in_the_way().unwrap().number, 1);
        table.send(Time(65_536));
        assert_eq!(table.oldest_awaited().unwrap().number, 2);
    }
}
