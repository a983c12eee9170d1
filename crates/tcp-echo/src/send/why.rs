//! Which segments each write became, when each left, and what had held it: the host's account, sorted by writes.
//!
//! TCP knows no writes, only a stream of bytes. So a write may leave in many segments, and a segment may carry several
//! writes.

use host::{Departure, Rule, Time};
use std::ops::Range;
use std::time::Duration;

/// A write of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Which bytes of the stream.
    pub bytes: Range<u64>,
    /// When.
    pub at: Time,
    /// The calls by which the host took it, in their order.
    pub taken: Vec<Taken>,
}

/// A call by which the host took bytes from the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Up to which byte of the stream.
    pub end: u64,
    /// When it was called.
    pub called: Time,
    /// When it returned.
    pub done: Time,
}

/// A part of a write that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes of the write.
    pub bytes: u64,
    /// How many bytes of data the segment had in all.
    pub segment: u64,
    /// How long after the write it left.
    pub after: Duration,
    /// Whether that was at once: nothing held it, and it left before the call that wrote it had returned.
    pub at_once: bool,
    /// How long the program itself had it, since the host had no room for it.
    pub unwritten: Duration,
    /// Whether it was sent again.
    pub again: bool,
    /// The rules that had held it, the first to do so first, and for how long; the longest, where parts of it were
    /// held.
    pub held: Vec<(Rule, Duration)>,
}

/// A write and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The write.
    pub write: Written,
    /// Its parts, in the order in which they left.
    pub pieces: Vec<Piece>,
}

impl Story {
    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.write.bytes.end - self.write.bytes.start
    }

    /// Whether it has no bytes; there is no such write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.write.bytes.is_empty()
    }
}

/// What became of each of `writes`.
#[must_use]
pub fn stories(writes: &[Written], departures: &[Departure]) -> Vec<Story> {
    let story = |write: &Written| Story {
        write: write.clone(),
        pieces: departures.iter().filter_map(|departure| piece(write, departure)).collect(),
    };
    writes.iter().map(story).collect()
}

/// The part of a write that left in this segment.
fn piece(write: &Written, departure: &Departure) -> Option<Piece> {
    let common = overlap(&write.bytes, &departure.bytes)?;
    let taken = write.taken.iter().find(|taken| taken.end > common.start);
    let (called, done) = taken.map_or((write.at, write.at), |taken| (taken.called, taken.done));
    let mut held: Vec<(Rule, Duration)> = vec![];
    for piece in departure.held.iter().filter(|held| overlap(&held.bytes, &common).is_some()) {
        let time = piece.until.min(departure.at) - piece.since.max(called);
        match held.iter_mut().find(|(rule, _)| *rule == piece.rule) {
            Some((_, longest)) => *longest = time.max(*longest),
            None if time.is_zero() => {}
            None => held.push((piece.rule, time)),
        }
    }
    Some(Piece {
        bytes: common.end - common.start,
        segment: departure.bytes.end - departure.bytes.start,
        after: departure.at - write.at,
        at_once: departure.at <= done && held.is_empty() && called == write.at,
        unwritten: called - write.at,
        again: departure.again,
        held,
    })
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> Option<Range<u64>> {
    let common = a.start.max(b.start)..a.end.min(b.end);
    (!common.is_empty()).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::Held;

    const NOW: Time = Time(100);

    fn written(bytes: Range<u64>) -> Written {
        Written { taken: vec![Taken { end: bytes.end, called: NOW, done: NOW }], bytes, at: NOW }
    }

    fn left(at: u64, bytes: Range<u64>, held: Vec<Held>) -> Departure {
        Departure { at: Time(at), bytes, again: false, held }
    }

    #[test]
    fn segment_that_carries_two_writes_is_a_part_of_both() {
        let held = vec![Held { bytes: 0..4, rule: Rule::Cork, since: NOW, until: Time::NEVER }];
        let stories = stories(&[written(0..4), written(4..10)], &[left(150, 0..10, held)]);
        let pieces: Vec<&Piece> = stories.iter().flat_map(|story| &story.pieces).collect();
        assert_eq!((pieces[0].bytes, pieces[0].segment), (4, 10));
        assert_eq!(pieces[0].held, [(Rule::Cork, Duration::from_nanos(50))]);
        assert_eq!((pieces[1].bytes, pieces[1].segment, pieces[1].held.clone()), (6, 10, vec![]));
    }

    #[test]
    fn write_that_leaves_in_several_segments_has_a_part_for_each() {
        let held = vec![Held { bytes: 2920..3000, rule: Rule::Nagle, since: NOW, until: Time::NEVER }];
        let departures = [left(100, 0..1460, vec![]), left(100, 1460..2920, vec![]), left(120, 2920..3000, held)];
        let pieces = &stories(&[written(0..3000)], &departures)[0].pieces;
        let seen: Vec<(u64, u128)> = pieces.iter().map(|piece| (piece.bytes, piece.after.as_nanos())).collect();
        assert_eq!(seen, [(1460, 0), (1460, 0), (80, 20)]);
        assert_eq!(pieces[2].held, [(Rule::Nagle, Duration::from_nanos(20))]);
    }
}
