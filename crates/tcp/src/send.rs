//! The sending direction: what is queued, what is under way, and what the other side has room for.
//!
//! Obeys RFC 9293 sections 3.3.1 (SND.UNA, SND.NXT, SND.WND, SND.WL1, SND.WL2, ISS) and 3.10.7.4 (fifth step).
//!
//! ```text
//!      acknowledged        SND.UNA       under way        SND.NXT        queued           end
//!  ───────────────────────────┼──────────────────────────────┼──────────────────────────────┼───
//!                             │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░│ FIN
//!  ───────────────────────────┼──────────────────────────────┼──────────────────────────────┼───
//! ```
//!
//! The buffer holds both kinds, and its last byte always has the number before `end`. The SYN has the number before the
//! first byte, the FIN the one behind the last.
//!
//! After a timeout all that is under way counts as lost. SND.NXT stays where it is, and a second mark, `again`, goes
//! from SND.UNA up to it as the congestion window allows.

use crate::seq::Seq;
use std::collections::VecDeque;
use std::ops::Range;

/// How many bytes of buffer stay with a connection that has nothing to send, or nothing to read.
pub(crate) const IDLE_BUFFER: usize = 2048;

#[derive(Debug)]
pub(crate) struct Send {
    /// ISS.
    pub(crate) iss: Seq,
    /// SND.UNA.
    pub(crate) una: Seq,
    /// SND.NXT.
    pub(crate) nxt: Seq,
    /// SND.WND.
    pub(crate) wnd: u32,
    /// SND.WL1.
    pub(crate) wl1: Seq,
    /// SND.WL2.
    pub(crate) wl2: Seq,
    /// Max(SND.WND), which RFC 5961 section 5.2 calls MAX.SND.WND.
    pub(crate) max_wnd: u32,
    /// From here up to SND.NXT everything is to be sent again.
    pub(crate) again: Option<Seq>,
    /// The segment at SND.UNA is to be sent again, whatever the windows say.
    pub(crate) first_again: bool,
    /// The number behind the last small segment that left: Minshall's variable.
    pub(crate) small: Seq,
    /// Bytes before this one go without regard to Nagle and cork.
    pub(crate) pushed: Seq,
    /// Whether the program has closed: a FIN follows the last byte.
    pub(crate) closed: bool,
    buffer: VecDeque<u8>,
    capacity: usize,
    /// The number behind the last byte.
    end: Seq,
    /// How many bytes the program has written in all.
    pub(crate) written: u64,
}

/// A part of the sending direction, as a segment takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) seq: Seq,
    pub(crate) data: Vec<u8>,
    /// Whether the FIN follows the data and fits.
    pub(crate) fin: bool,
}

impl Part {
    /// How many sequence numbers it takes.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.data.len()).unwrap_or(0) + u32::from(self.fin)
    }
}

impl Send {
    pub(crate) fn new(iss: Seq, capacity: usize) -> Self {
        Self {
            iss,
            una: iss,
            nxt: iss,
            wnd: 0,
            wl1: Seq(0),
            wl2: Seq(0),
            max_wnd: 0,
            again: None,
            first_again: false,
            small: iss,
            pushed: iss,
            closed: false,
            buffer: VecDeque::new(),
            // As for the other direction: RFC 7323 section 2.3.
            capacity: capacity.clamp(1, 1 << 30),
            end: iss + 1,
            written: 0,
        }
    }

    /// How many bytes the program may write.
    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.buffer.len())
    }

    /// Takes bytes from the program, as many as there is room for.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.get(..self.room()).unwrap_or(bytes);
        self.buffer.extend(taken);
        self.written += taken.len() as u64;
        // There is room for 2^30 at the most.
        self.end += u32::try_from(taken.len()).unwrap_or(0);
        taken.len()
    }

    /// The number of a segment without text that the other side will look at: SND.NXT, and where the window was pulled back behind
    /// that, its edge, as Linux does. There the other side's RCV.NXT is, once it has taken all that it lets in.
    pub(crate) fn acceptable(&self) -> Seq {
        let edge = self.una + self.wnd;
        // A SYN needs no window.
        let is_beyond = self.una != self.iss && edge.is_before(self.nxt);
        if is_beyond { edge } else { self.nxt }
    }

    /// RFC 5681's `FlightSize`: sent and not acknowledged.
    pub(crate) fn flight(&self) -> u32 {
        self.nxt.since(self.una)
    }

    /// How much of it is thought to be in the network.
    pub(crate) fn in_network(&self) -> u32 {
        self.again.unwrap_or(self.nxt).since(self.una)
    }

    /// Whether the FIN has been sent.
    pub(crate) fn fin_is_sent(&self) -> bool {
        self.end.is_before(self.nxt)
    }

    /// Whether our FIN is acknowledged.
    pub(crate) fn fin_is_acknowledged(&self) -> bool {
        self.end.is_before(self.una)
    }

    /// RFC 9293's D: bytes that are queued and have never been sent.
    pub(crate) fn queued(&self) -> u32 {
        if self.nxt.is_before(self.end) { self.end.since(self.nxt) } else { 0 }
    }

    /// Whether a FIN waits to be sent for the first time.
    pub(crate) fn fin_waits(&self) -> bool {
        self.closed && !self.fin_is_sent()
    }

    /// RFC 9293's U: SND.UNA + SND.WND - SND.NXT, and 0 where the other side has shrunk its window below what is under
    /// way.
    ///
    /// RFC 9293 section 3.8.6: a sender "MUST be robust against window shrinking, which may cause the "usable window"
    /// (see Section 3.8.6.2.1) to become negative (MUST-34)."
    pub(crate) fn usable(&self) -> u32 {
        self.wnd.saturating_sub(self.flight())
    }

    /// The byte with the number `seq` by its place in the stream, of which the first one is 0.
    pub(crate) fn place(&self, seq: Seq) -> u64 {
        let back = if seq.is_before(self.end) { self.end.since(seq) } else { 0 };
        self.written.saturating_sub(u64::from(back))
    }

    /// The places of `count` bytes from the number `seq` on.
    pub(crate) fn places(&self, seq: Seq, count: u32) -> Range<u64> {
        let start = self.place(seq);
        start..start + u64::from(count)
    }

    /// Up to `most` bytes from the number `seq` on, and the FIN behind them if `room` (with the bytes) includes it.
    pub(crate) fn part(&self, seq: Seq, most: u32, room: u32) -> Part {
        let left = if seq.is_before(self.end) { self.end.since(seq) } else { 0 };
        let count = left.min(most);
        let start = self.buffer.len().saturating_sub(usize::try_from(left).unwrap_or(usize::MAX));
        let data = self.copy(start, usize::try_from(count).unwrap_or(0));
        Part { seq, data, fin: self.closed && count == left && count < room }
    }

    /// `count` bytes of the buffer; it is a ring, so they may lie in two slices.
    fn copy(&self, start: usize, count: usize) -> Vec<u8> {
        let (front, back) = self.buffer.as_slices();
        let of_front = front.get(start..).unwrap_or_default();
        let of_front = of_front.get(..count).unwrap_or(of_front);
        let of_back = back.get(start.saturating_sub(front.len())..).unwrap_or_default();
        let of_back = of_back.get(..count - of_front.len()).unwrap_or(of_back);
        [of_front, of_back].concat()
    }

    /// `ack` is acknowledged: the bytes before it need not be kept.
    pub(crate) fn acknowledge(&mut self, ack: Seq) {
        self.una = ack;
        let keep = if ack.is_before(self.end) { self.end.since(ack) } else { 0 };
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        self.buffer.drain(..self.buffer.len().saturating_sub(keep));
        self.again = self.again.map(|again| again.later(ack)).filter(|again| again.is_before(self.nxt));
        self.first_again = false;
        self.pushed = self.pushed.later(ack);
        self.small = self.small.later(ack);
        if self.buffer.is_empty() {
            // An idle connection costs little.
            self.buffer.shrink_to(IDLE_BUFFER);
        }
    }

    /// What went into a closed window is to go again: a probe of one byte as if it had never been sent, so that it can
    /// be part of a larger segment.
    pub(crate) fn take_back(&mut self) {
        if self.flight() == 1 {
            self.nxt = self.una;
            self.small = self.una;
            self.again = None;
        } else {
            self.again = Some(self.una);
        }
    }

    /// All that is queued now goes without regard to Nagle and cork.
    pub(crate) fn push(&mut self) {
        self.pushed = self.end;
    }

    /// Nothing is left to be sent: the connection is over.
    pub(crate) fn flush(&mut self) {
        self.buffer = VecDeque::new();
        self.end = self.nxt;
        self.again = None;
        self.first_again = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender() -> Send {
        let mut send = Send::new(Seq(99), 10);
        assert_eq!(send.write(b"0123456789abc"), 10);
        send.una = Seq(100);
        send.nxt = Seq(105);
        send.wnd = 8;
        send
    }

    #[test]
    fn variables_are_those_of_the_figure() {
        let send = sender();
        assert_eq!((send.flight(), send.queued(), send.usable(), send.room()), (5, 5, 3, 0));
        assert_eq!(send.places(Seq(103), 2), 3..5);
        assert_eq!(send.part(Seq(103), 4, 4), Part { seq: Seq(103), data: b"3456".to_vec(), fin: false });
    }

    #[test]
    fn fin_follows_the_last_byte_where_the_window_has_room_for_it() {
        let mut send = sender();
        send.closed = true;
        assert!(!send.part(Seq(106), 3, 10).fin);
        assert!(!send.part(Seq(106), 4, 4).fin);
        assert!(send.part(Seq(106), 4, 5).fin && send.part(Seq(110), 0, 1).fin);
        send.nxt = Seq(111);
        send.acknowledge(Seq(110));
        assert!(send.fin_is_sent() && !send.fin_is_acknowledged());
        send.acknowledge(Seq(111));
        assert!(send.fin_is_acknowledged());
        assert_eq!((send.flight(), send.queued(), send.place(Seq(111))), (0, 0, 10));
    }

    #[test]
    fn what_is_acknowledged_is_not_kept_and_not_sent_again() {
        let mut send = sender();
        send.again = Some(Seq(101));
        send.acknowledge(Seq(103));
        assert_eq!((send.in_network(), send.again, send.room()), (0, Some(Seq(103)), 3));
        assert_eq!(send.part(Seq(103), 9, 9).data, b"3456789");
        send.acknowledge(Seq(105));
        assert_eq!((send.again, send.flight()), (None, 0));
    }
}
