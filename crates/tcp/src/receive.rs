//! The receiving direction: what has arrived, what is missing, and how much more may come.
//!
//! Obeys RFC 9293 sections 3.3.1 (RCV.NXT, RCV.WND, IRS), 3.10.7.4 (first and seventh step) and 3.8.6 (the window).
//!
//! ```text
//!            taken by        not yet          RCV.NXT     pieces beyond a gap        right edge
//!           the program       taken              │                                 RCV.NXT+RCV.WND
//!  ────────────────────┬─────────────────────────┼───────┬─────────┬──────┬──────┬────────┼─────────
//!                      │   unread: bytes         │  gap  │▒▒▒▒▒▒▒▒▒│ gap  │▒▒▒▒▒▒│        │ refused
//!  ────────────────────┴─────────────────────────┴───────┴─────────┴──────┴──────┴────────┴─────────
//! ```
//!
//! Memory is bounded: nothing beyond the right edge is kept, and the pieces are counted. The pieces are what a SACK
//! option (RFC 2018) will tell the other side.

use crate::send::IDLE_BUFFER;
use crate::seq::Seq;
use crate::window;
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;

/// So many pieces beyond gaps are kept at a time; what would make one more is dropped, and will be sent again.
const MOST_PIECES: usize = 256;

#[derive(Debug)]
pub(crate) struct Receive {
    /// IRS.
    pub(crate) irs: Seq,
    /// RCV.NXT.
    pub(crate) nxt: Seq,
    /// RCV.NXT+RCV.WND: the number behind the last that may come, by all that we ever told.
    edge: Seq,
    /// RCV.BUFF.
    capacity: u32,
    /// In order, and not taken by the program.
    unread: VecDeque<u8>,
    /// Beyond a gap, by their place in the stream, of which the first byte is 0. They do not overlap.
    pieces: BTreeMap<u64, Vec<u8>>,
    /// How many bytes have come in order: the place in the stream that RCV.NXT stands for.
    pub(crate) bytes: u64,
    /// The number of the FIN, once it has come.
    fin: Option<Seq>,
    /// Whether RCV.NXT has gone over the FIN.
    pub(crate) finished: bool,
}

/// What became of a segment's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    /// How many bytes RCV.NXT went forward.
    pub(crate) advanced: u32,
    /// Whether there is a gap, or there was one until now.
    pub(crate) gap: bool,
}

impl Receive {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            irs: Seq(0),
            nxt: Seq(0),
            edge: Seq(0),
            // A window is at most 2^30: RFC 7323 section 2.3.
            capacity: u32::try_from(capacity).unwrap_or(u32::MAX).clamp(1, 1 << 30),
            unread: VecDeque::new(),
            pieces: BTreeMap::new(),
            bytes: 0,
            fin: None,
            finished: false,
        }
    }

    /// The other side's SYN came.
    pub(crate) fn synchronize(&mut self, irs: Seq) {
        self.irs = irs;
        self.nxt = irs + 1;
        self.edge = self.nxt;
    }

    /// RCV.WND.
    pub(crate) fn window(&self) -> u32 {
        self.edge.since(self.nxt)
    }

    /// Whether a segment that takes `len` numbers from `seq` on has any that is expected: RFC 9293 section 3.10.7.4,
    /// table 6.
    pub(crate) fn is_acceptable(&self, seq: Seq, len: u32) -> bool {
        let window = self.window();
        let expected = |number: Seq| number.since(self.nxt) < window;
        match (len, window) {
            (0, 0) => seq == self.nxt,
            (0, _) => expected(seq),
            (_, 0) => false,
            (len, _) => expected(seq) || expected(seq + (len - 1)),
        }
    }

    /// Takes the text of an acceptable segment, whose first byte has the number `seq`.
    ///
    /// "If a segment's contents straddle the boundary between old and new, only the new parts are processed." And
    /// "Segments with higher beginning sequence numbers SHOULD be held for later processing (SHLD-31)."
    pub(crate) fn take(&mut self, seq: Seq, text: &[u8]) -> Placed {
        let (seq, text) = self.trim(seq, text);
        let had_gap = !self.pieces.is_empty();
        let before = self.nxt;
        if seq == self.nxt && !had_gap {
            self.append(text);
        } else if !text.is_empty() {
            self.keep(self.bytes + u64::from(seq.since(self.nxt)), text);
            while let Some(entry) = self.pieces.first_entry()
                && *entry.key() == self.bytes
            {
                let piece = entry.remove();
                self.append(&piece);
            }
        }
        Placed { advanced: self.nxt.since(before), gap: had_gap || !self.pieces.is_empty() }
    }

    /// What of `text` lies in the window.
    fn trim<'a>(&self, seq: Seq, text: &'a [u8]) -> (Seq, &'a [u8]) {
        let (seq, text) = if seq.is_before(self.nxt) {
            let old = usize::try_from(self.nxt.since(seq)).unwrap_or(usize::MAX);
            (self.nxt, text.get(old..).unwrap_or_default())
        } else {
            (seq, text)
        };
        // Behind a FIN there is nothing.
        let edge = self.fin.map_or(self.edge, |fin| if fin.is_before(self.edge) { fin } else { self.edge });
        let room = if seq.is_before(edge) { edge.since(seq) } else { 0 };
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(text.len());
        (seq, text.get(..room).unwrap_or_default())
    }

    fn append(&mut self, text: &[u8]) {
        self.unread.extend(text);
        self.bytes += text.len() as u64;
        // A text in the window is shorter than 2^30.
        self.nxt += u32::try_from(text.len()).unwrap_or(0);
    }

    /// Keeps `text` from `start` on, but for what is there already.
    ///
    /// RFC 9293 section 3.10: "When a segment overlaps other already received segments, we reconstruct the segment to
    /// contain just the new data". So what came first counts, whatever comes later in its place.
    fn keep(&mut self, mut start: u64, mut text: &[u8]) {
        while !text.is_empty() {
            let before = self.pieces.range(..=start).next_back().map(|(at, piece)| at + piece.len() as u64);
            if let Some(end) = before
                && end > start
            {
                let known = usize::try_from(end - start).unwrap_or(usize::MAX).min(text.len());
                text = text.get(known..).unwrap_or_default();
                start += known as u64;
                continue;
            }
            let next = self.pieces.range(start..).next().map(|(at, _)| at - start);
            let room = next.map_or(text.len(), |room| usize::try_from(room).unwrap_or(usize::MAX).min(text.len()));
            let (new, rest) = text.split_at_checked(room).unwrap_or((text, &[]));
            let joins = before == Some(start);
            if joins && let Some((_, piece)) = self.pieces.range_mut(..start).next_back() {
                piece.extend_from_slice(new);
            } else if self.pieces.len() < MOST_PIECES {
                self.pieces.insert(start, new.to_vec());
            }
            start += room as u64;
            text = rest;
        }
    }

    /// A FIN with the number `seq` came in an acceptable segment. One beyond the window does not count, nor a second
    /// one.
    pub(crate) fn fin_at(&mut self, seq: Seq) {
        let in_window = !seq.is_before(self.nxt) && seq.since(self.nxt) < self.window();
        if in_window && self.fin.is_none() {
            self.fin = Some(seq);
            let end = self.bytes + u64::from(seq.since(self.nxt));
            // What lies behind the end is nobody's.
            self.pieces.retain(|at, piece| {
                piece.truncate(usize::try_from(end.saturating_sub(*at)).unwrap_or(usize::MAX));
                !piece.is_empty()
            });
        }
    }

    /// Goes over the FIN if all before it is here. The answer: whether it did just now.
    pub(crate) fn finish(&mut self) -> bool {
        let now = !self.finished && self.fin == Some(self.nxt);
        if now {
            self.finished = true;
            self.nxt += 1;
        }
        now
    }

    /// Gives the program what is in order, as much as fits.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        let mut count = 0;
        // The buffer is a ring, so the bytes may lie in two slices; to read from memory never fails.
        while let Some(rest) = into.get_mut(count..)
            && let Ok(more @ 1..) = self.unread.read(rest)
        {
            count += more;
        }
        if self.unread.is_empty() {
            self.unread.shrink_to(IDLE_BUFFER);
        }
        count
    }

    /// How many bytes the program has not taken.
    pub(crate) fn unread(&self) -> usize {
        self.unread.len()
    }

    /// How many bytes lie beyond gaps.
    pub(crate) fn beyond_gaps(&self) -> usize {
        self.pieces.values().map(Vec::len).sum()
    }

    fn room(&self) -> u32 {
        self.capacity.saturating_sub(u32::try_from(self.unread.len()).unwrap_or(u32::MAX))
    }

    /// Whether the other side should hear without being asked that the program has taken something: it has room for so
    /// little that it may be waiting, and the right edge may move.
    pub(crate) fn has_news(&self, mss: u32) -> bool {
        let told = self.window();
        let is_little = told < (self.capacity / 2).min(2 * mss);
        !self.finished && is_little && window::offered(told, self.room(), self.capacity, mss) > told
    }

    /// The window for a segment that leaves now, as it stands in the header, where our windows are shifted by `shift`.
    ///
    /// RFC 7323 section 2.3: what is told is RCV.WND >> Rcv.Wind.Shift. Rounding down would move the right edge left as
    /// RCV.NXT goes forward by less than a unit, so a window that does not grow is rounded up where there is room for
    /// it.
    pub(crate) fn tell(&mut self, mss: u32, shift: u8) -> u16 {
        let room = self.room();
        let window = window::offered(self.window(), room, self.capacity, mss);
        let up = u64::from(window.div_ceil(1 << shift)) << shift;
        let units = if up <= u64::from(room) { window.div_ceil(1 << shift) } else { window >> shift };
        let field = u16::try_from(units).unwrap_or(u16::MAX);
        self.edge = self.edge.later(self.nxt + (u32::from(field) << shift));
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver at number 1 with room for 100 bytes, which it has told.
    fn receiver() -> Receive {
        let mut receive = Receive::new(100);
        receive.synchronize(Seq(0));
        assert_eq!(receive.tell(10, 0), 100);
        receive
    }

    fn read(receive: &mut Receive) -> Vec<u8> {
        let mut bytes = vec![0; 200];
        let count = receive.read(&mut bytes);
        bytes.truncate(count);
        bytes
    }

    #[test]
    fn acceptability_is_the_table_of_the_rfc() {
        let mut receive = receiver();
        for (seq, len, acceptable) in [
            (1, 0, true),
            (0, 0, false),
            (100, 0, true),
            (101, 0, false),
            (0, 1, false),
            (0, 2, true),
            (100, 1, true),
            (101, 1, false),
            (u32::MAX, 200, false),
        ] {
            assert_eq!(receive.is_acceptable(Seq(seq), len), acceptable, "{seq} {len}");
        }
        receive.edge = receive.nxt;
        assert!(
            receive.is_acceptable(Seq(1), 0) && !receive.is_acceptable(Seq(2), 0) && !receive.is_acceptable(Seq(1), 1)
        );
    }

    #[test]
    fn pieces_in_any_order_come_out_in_theirs_and_the_first_of_two_counts() {
        let mut receive = receiver();
        assert_eq!(receive.take(Seq(7), b"gh"), Placed { advanced: 0, gap: true });
        receive.take(Seq(3), b"cd");
        receive.take(Seq(2), b"BCDEFGHI");
        assert_eq!(receive.beyond_gaps(), 8);
        assert_eq!(receive.take(Seq(0), b"?a"), Placed { advanced: 9, gap: true });
        assert_eq!(read(&mut receive), b"aBcdEFghI");
        assert_eq!((receive.nxt, receive.bytes, receive.beyond_gaps()), (Seq(10), 9, 0));
    }

    #[test]
    fn nothing_beyond_the_window_or_the_end_is_kept() {
        let mut receive = receiver();
        receive.take(Seq(91), &[7; 50]);
        assert_eq!(receive.beyond_gaps(), 10);
        receive.fin_at(Seq(96));
        assert_eq!(receive.beyond_gaps(), 5);
        receive.fin_at(Seq(50));
        receive.take(Seq(1), &[7; 100]);
        assert!(receive.finish() && !receive.finish());
        assert_eq!((receive.unread(), receive.nxt), (95, Seq(97)));
        receive.fin_at(Seq(97));
        assert!(!receive.finish());
    }

    #[test]
    fn single_bytes_with_gaps_fill_a_bounded_number_of_pieces() {
        let mut receive = Receive::new(1 << 20);
        receive.synchronize(Seq(0));
        receive.tell(1460, 14);
        (0..10_000).for_each(|n| _ = receive.take(Seq(3 + 2 * n), b"x"));
        assert_eq!(receive.pieces.len(), MOST_PIECES);
    }

    #[test]
    fn any_number_of_segments_behind_one_gap_is_one_piece() {
        let mut receive = Receive::new(1 << 20);
        receive.synchronize(Seq(0));
        receive.tell(1460, 5);
        (0..1000).for_each(|n| _ = receive.take(Seq(2 + n), b"x"));
        assert_eq!((receive.pieces.len(), receive.beyond_gaps()), (1, 1000));
    }

    #[test]
    fn right_edge_stays_while_data_come_and_moves_when_the_program_has_taken_enough() {
        let mut receive = receiver();
        receive.take(Seq(1), &[7; 100]);
        assert_eq!((receive.tell(10, 0), receive.has_news(10)), (0, false));
        receive.read(&mut [0; 9]);
        assert_eq!((receive.tell(10, 0), receive.has_news(10)), (0, false));
        receive.read(&mut [0; 1]);
        assert!(receive.has_news(10));
        assert_eq!((receive.tell(10, 0), receive.window()), (10, 10));
    }

    #[test]
    fn scaled_window_does_not_move_the_edge_left_by_rounding() {
        let mut receive = Receive::new(1000);
        receive.synchronize(Seq(0));
        assert_eq!((receive.tell(100, 4), receive.window()), (62, 992));
        receive.take(Seq(1), &[7; 3]);
        assert_eq!((receive.tell(100, 4), receive.window()), (62, 992));
        receive.take(Seq(4), &[7; 15]);
        // 977 are left of what was told, 982 is all the room there is: 976 are told, and 977 taken.
        assert_eq!((receive.tell(100, 4), receive.window()), (61, 977));
    }
}
