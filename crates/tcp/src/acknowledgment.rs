//! What an acknowledgment does: RFC 9293 section 3.10.7.4, the fifth step.
//!
//! It says three things at once: how far our bytes have arrived, how much more may come, and, if it says the same
//! again, that something beyond has arrived and something before is missing. Obeys RFC 9293 section 3.10.7.4, RFC 5961
//! section 5, RFC 6298 (5.2) and (5.3), RFC 5681 section 2 (what a duplicate is).

use crate::connection::Connection;
use crate::segment::Segment;
use crate::seq::Seq;
use crate::state::State;
use crate::timestamps::Clock;
use host::Time;

impl Connection {
    /// The fifth step, for a segment with the acknowledgment number `ack`. The answer: whether the segment goes on.
    pub(crate) fn process_ack(&mut self, now: Time, segment: &Segment, ack: Seq) -> bool {
        if self.state == State::SynReceived {
            // "If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state and continue processing"; "If the segment
            // acknowledgment is not acceptable, form a reset segment <SEQ=SEG.ACK><CTL=RST>".
            if !self.send.una.is_before(ack) || !ack.is_at_or_before(self.send.nxt) {
                self.reset = Some(segment.reset());
                return false;
            }
            self.syn_is_acknowledged(now, segment, ack);
            self.set_window(segment, ack);
        }
        // RFC 5961 section 5: acceptable "only if it is in the range of ((SND.UNA - MAX.SND.WND) =< SEG.ACK =<
        // SND.NXT)"; others "MUST be discarded and an ACK sent back".
        let oldest = self.send.una - self.send.max_wnd;
        if ack.since(oldest) > self.send.nxt.since(oldest) {
            self.challenge(now);
            return false;
        }
        if self.send.una.is_before(ack) {
            self.advance(now, segment, ack);
        } else if self.is_duplicate(segment, ack) && self.congestion.duplicate(ack, self.send.nxt) {
            self.send.first_again = true;
        }
        self.update_window(now, segment, ack);
        self.after_our_fin(now)
    }

    /// Our SYN is acknowledged: the connection is established.
    pub(crate) fn syn_is_acknowledged(&mut self, now: Time, segment: &Segment, ack: Seq) {
        self.measure(now, segment, ack);
        self.send.acknowledge(self.send.iss + 1);
        self.retransmission.stop();
        self.established(now);
    }

    /// SND.UNA goes forward.
    fn advance(&mut self, now: Time, segment: &Segment, ack: Seq) {
        let flight = self.send.flight();
        self.measure(now, segment, ack);
        let reaction = self.congestion.acknowledged(ack.since(self.send.una), ack, flight);
        self.send.acknowledge(ack);
        if self.send.flight() == 0 {
            self.retransmission.stop();
            return;
        }
        self.send.first_again = reaction.resend_first;
        self.retransmission.unanswered = Some(now);
        if !reaction.keep_timer {
            self.retransmission.restart(now);
        }
    }

    fn measure(&mut self, now: Time, segment: &Segment, ack: Seq) {
        let echo = segment.options.timestamps.filter(|_| self.clock.is_some());
        self.retransmission.acknowledged(now, ack, echo.and_then(|echo| Clock::round_trip(now, echo.echo_reply)));
    }

    /// RFC 5681 section 2, DUPLICATE ACKNOWLEDGMENT: "(a) the receiver of the ACK has outstanding data, (b) the
    /// incoming acknowledgment carries no data, (c) the SYN and FIN bits are both off, (d) the acknowledgment number is
    /// equal to the greatest acknowledgment received on the given connection", and (e) the window is the same as
    /// before. What answers the probes of a closed window looks like that too.
    fn is_duplicate(&self, segment: &Segment, ack: Seq) -> bool {
        let same = ack == self.send.una && self.window_of(segment) == self.send.wnd;
        self.send.flight() > 0 && self.send.wnd > 0 && segment.is_empty() && same
    }

    /// SEG.WND, as RFC 7323 section 2.3 has it: shifted left by `Snd.Wind.Shift`.
    fn window_of(&self, segment: &Segment) -> u32 {
        u32::from(segment.window) << self.agreed.snd_wind_shift
    }

    fn set_window(&mut self, segment: &Segment, ack: Seq) {
        self.send.wnd = self.window_of(segment);
        self.send.max_wnd = self.send.max_wnd.max(self.send.wnd);
        self.send.wl1 = segment.seq;
        self.send.wl2 = ack;
    }

    /// "If (SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND": "The check here
    /// prevents using old segments to update the window."
    fn update_window(&mut self, now: Time, segment: &Segment, ack: Seq) {
        let (wl1, wl2) = (self.send.wl1, self.send.wl2);
        let is_newer = wl1.is_before(segment.seq) || wl1 == segment.seq && wl2.is_at_or_before(ack);
        if is_newer && self.send.una.is_at_or_before(ack) {
            let was_closed = self.send.wnd == 0;
            self.set_window(segment, ack);
            if was_closed && self.send.wnd > 0 && self.send.flight() > 0 {
                // What went into the closed window found no room there. It goes again, without waiting as long as a
                // probe does.
                self.send.take_back();
                self.retransmission.backoff = 0;
                if self.send.flight() > 0 {
                    self.retransmission.restart(now);
                } else {
                    self.retransmission.stop();
                }
            }
        }
        if self.send.wnd == 0 && self.retransmission.unanswered.is_some() {
            // RFC 9293 section 3.8.6.1: "As long as the receiving TCP peer continues to send acknowledgments in
            // response to the probe segments, the sending TCP peer MUST allow the connection to stay open (MUST-37)."
            self.retransmission.unanswered = Some(now);
        }
    }

    /// What follows if our FIN is acknowledged. The answer: whether the segment goes on.
    fn after_our_fin(&mut self, now: Time) -> bool {
        if !self.send.fin_is_acknowledged() {
            return true;
        }
        match self.state {
            State::FinWait1 => self.fin_wait_2(now),
            State::Closing => self.time_wait(now),
            State::LastAck => {
                self.closed(None);
                return false;
            }
            _ => {}
        }
        true
    }
}
