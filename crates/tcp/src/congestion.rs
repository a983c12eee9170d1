//! How much may be in the network: slow start, congestion avoidance, fast retransmit and fast recovery.
//!
//! Obeys RFC 5681 section 3 and 4.1 (restart after idle), RFC 6582 (`NewReno`: several losses in one window), RFC 6928
//! (initial window) and RFC 3042 (limited transmit). All lengths are bytes. The window here has nothing to do with the
//! one that the other side tells: what may be under way is the smaller of the two.
//!
//! This is the only place that knows the algorithm: CUBIC (RFC 9438) will be another one behind the same five events,
//! and a mark by ECN (RFC 3168) a sixth.

use crate::seq::Seq;

/// RFC 5681 section 3.2: "the arrival of 3 duplicate ACKs" shows that a segment is lost.
const DUPLICATES: u32 = 3;

/// Which of the algorithms is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// cwnd < ssthresh: it doubles every round trip.
    SlowStart,
    /// It grows by a segment every round trip.
    CongestionAvoidance,
    /// From the third duplicate acknowledgment until all that was under way then is acknowledged.
    FastRecovery,
}

/// What an acknowledgment of new data asks for, beside going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reaction {
    /// Send the segment at SND.UNA again, now.
    pub(crate) resend_first: bool,
    /// Leave the retransmission timer as it is.
    pub(crate) keep_timer: bool,
}

/// The state variables of RFC 5681 and RFC 6582.
#[derive(Debug)]
pub(crate) struct Congestion {
    /// RFC 5681's SMSS.
    smss: u32,
    /// RFC 5681's IW.
    initial: u32,
    pub(crate) cwnd: u32,
    pub(crate) ssthresh: u32,
    /// Bytes acknowledged since cwnd grew last, in congestion avoidance.
    counted: u32,
    pub(crate) duplicates: u32,
    recovering: bool,
    /// RFC 6582's "recover": the number behind the highest sent when a loss was noticed last.
    recover: Seq,
    /// Whether a partial acknowledgment has come in this recovery.
    partial: bool,
    /// SND.UNA at the last timeout: at a second one of the same segment ssthresh stays.
    timed_out: Option<Seq>,
}

impl Congestion {
    /// Before the handshake: RFC 6582 section 3.2 step 1 sets "recover" to the initial send sequence number.
    pub(crate) fn new(iss: Seq) -> Self {
        Self {
            smss: 0,
            initial: 0,
            cwnd: 0,
            // RFC 5681 section 3.1: "The initial value of ssthresh SHOULD be set arbitrarily high".
            ssthresh: u32::MAX,
            counted: 0,
            duplicates: 0,
            recovering: false,
            recover: iss,
            partial: false,
            timed_out: None,
        }
    }

    /// The handshake is complete. `segments` is the initial window, unless a SYN was lost.
    ///
    /// RFC 6928 section 2: at the most "min (10*MSS, max (2*MSS, 14600))" bytes, for those who take its ten segments.
    /// RFC 5681 section 3.1: "if the SYN or SYN/ACK is lost, the initial window used by a sender after a correctly
    /// transmitted SYN MUST be one segment consisting of at most SMSS bytes."
    pub(crate) fn established(&mut self, smss: u32, segments: u32, syn_lost: bool) {
        let most = 14_600.max(2 * smss);
        self.smss = smss;
        self.initial = match (syn_lost, segments) {
            (true, _) => smss,
            (false, 10) => (10 * smss).min(most),
            (false, segments) => segments.max(1).saturating_mul(smss),
        };
        self.cwnd = self.initial;
    }

    /// The path takes segments of another size now. No window is less than one of them, or nothing would ever leave.
    pub(crate) fn resize(&mut self, smss: u32) {
        self.smss = smss;
        self.initial = self.initial.max(smss);
        self.cwnd = self.cwnd.max(smss);
        self.ssthresh = self.ssthresh.max(2 * smss);
    }

    pub(crate) fn phase(&self) -> Phase {
        match () {
            () if self.recovering => Phase::FastRecovery,
            () if self.cwnd < self.ssthresh => Phase::SlowStart,
            () => Phase::CongestionAvoidance,
        }
    }

    /// How much may be under way.
    ///
    /// RFC 3042 section 2: at the first and the second duplicate acknowledgment a segment of new data may leave, so
    /// that "the sender can only send two segments beyond the congestion window (cwnd)", and cwnd itself stays.
    pub(crate) fn window(&self) -> u32 {
        let limited = if self.recovering { 0 } else { self.duplicates.min(DUPLICATES - 1) };
        self.cwnd.saturating_add(limited * self.smss)
    }

    /// SND.UNA went forward by `acked` to `una`; `flight` was under way before.
    pub(crate) fn acknowledged(&mut self, acked: u32, una: Seq, flight: u32) -> Reaction {
        self.duplicates = 0;
        if !self.recovering {
            self.grow(acked, flight);
            return Reaction::default();
        }
        let left = flight.saturating_sub(acked);
        if self.recover.is_at_or_before(una) {
            // RFC 6582 section 3.2 step 3, full acknowledgments: the first of its two ways to set cwnd, which avoids a
            // burst.
            self.cwnd = self.ssthresh.min(left.max(self.smss) + self.smss);
            self.recovering = false;
            self.counted = 0;
            return Reaction::default();
        }
        // Partial acknowledgments: "Deflate the congestion window by the amount of new data acknowledged by the
        // Cumulative Acknowledgment field. If the partial ACK acknowledges at least one SMSS of new data, then add back
        // SMSS bytes".
        self.cwnd = self.cwnd.saturating_sub(acked).max(self.smss);
        if acked >= self.smss {
            self.cwnd += self.smss;
        }
        // For the first one the timer starts anew, for later ones not, so that many losses end in a timeout.
        Reaction { resend_first: true, keep_timer: std::mem::replace(&mut self.partial, true) }
    }

    /// RFC 5681 section 3.1, outside of recovery.
    fn grow(&mut self, acked: u32, flight: u32) {
        // What a program does not use shows nothing about the network: a window that was not full does not grow.
        if flight.saturating_add(self.smss) <= self.cwnd / 2 {
            return;
        }
        if self.cwnd < self.ssthresh {
            // "cwnd += min (N, SMSS)": at most a segment for each acknowledgment.
            self.cwnd = self.cwnd.saturating_add(acked.min(self.smss));
            return;
        }
        // "The RECOMMENDED way to increase cwnd during congestion avoidance is to count the number of bytes that have
        // been acknowledged by ACKs for new data": a segment more for each window of them. The formula for each ACK
        // that is better known, "cwnd += SMSS*SMSS/cwnd", comes to less where acknowledgments are delayed.
        self.counted = self.counted.saturating_add(acked);
        if self.counted >= self.cwnd {
            self.counted -= self.cwnd;
            self.cwnd = self.cwnd.saturating_add(self.smss);
        }
    }

    /// A duplicate acknowledgment came. The answer: whether to send the segment at SND.UNA again, now.
    pub(crate) fn duplicate(&mut self, una: Seq, nxt: Seq) -> bool {
        self.duplicates = self.duplicates.saturating_add(1);
        if self.recovering {
            // "For each additional duplicate ACK received (after the third), cwnd MUST be incremented by SMSS." What
            // has left the network may be replaced; and more than was under way cannot have left it.
            if self.duplicates <= nxt.since(una) / self.smss.max(1) {
                self.cwnd = self.cwnd.saturating_add(self.smss);
            }
            return false;
        }
        // RFC 6582 section 3.2 step 2: not where the duplicates may come from what was sent again after a timeout.
        if self.duplicates != DUPLICATES || !self.recover.is_before(una) {
            return false;
        }
        self.ssthresh = self.half(nxt.since(una));
        self.recover = nxt;
        self.recovering = true;
        self.partial = false;
        // "The lost segment starting at SND.UNA MUST be retransmitted and cwnd set to ssthresh plus 3*SMSS."
        self.cwnd = self.ssthresh + DUPLICATES * self.smss;
        true
    }

    /// The retransmission timer expired for the segment at `una`.
    pub(crate) fn timeout(&mut self, una: Seq, nxt: Seq) {
        // "and the given segment has already been retransmitted by way of the retransmission timer at least once, the
        // value of ssthresh is held constant."
        if self.timed_out != Some(una) {
            self.ssthresh = self.half(nxt.since(una));
        }
        self.timed_out = Some(una);
        // "cwnd MUST be set to no more than the loss window, LW, which equals 1 full-sized segment".
        self.cwnd = self.smss;
        // RFC 6582 section 3.2 step 4.
        self.recover = nxt;
        self.recovering = false;
        self.duplicates = 0;
        self.counted = 0;
    }

    /// RFC 5681 section 3.1: "ssthresh = max (`FlightSize` / 2, 2*SMSS)". What limited transmit sent does not count,
    /// and it is what exceeds cwnd.
    fn half(&self, flight: u32) -> u32 {
        (flight.min(self.cwnd) / 2).max(2 * self.smss)
    }

    /// Nothing was sent for longer than the timeout.
    ///
    /// RFC 5681 section 4.1: "a TCP SHOULD set cwnd to no more than RW before beginning transmission if the TCP has not
    /// sent data in an interval exceeding the retransmission timeout", and "RW = min(IW,cwnd)".
    pub(crate) fn restart_after_idle(&mut self) {
        self.cwnd = self.cwnd.min(self.initial);
        self.counted = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSS: u32 = 1000;

    fn with(cwnd: u32, ssthresh: u32) -> Congestion {
        let mut congestion = Congestion::new(Seq(0));
        congestion.established(MSS, 10, false);
        congestion.cwnd = cwnd;
        congestion.ssthresh = ssthresh;
        congestion
    }

    #[test]
    fn initial_window_is_ten_segments_and_one_after_a_lost_syn() {
        for (smss, segments, lost, expected) in [
            (1460, 10, false, 14_600),
            (8960, 10, false, 17_920),
            (536, 10, false, 5360),
            (1460, 1, false, 1460),
            (1460, 10, true, 1460),
        ] {
            let mut congestion = Congestion::new(Seq(0));
            congestion.established(smss, segments, lost);
            assert_eq!(congestion.cwnd, expected);
        }
    }

    #[test]
    fn slow_start_doubles_and_avoidance_adds_a_segment_each_round_trip() {
        let mut congestion = with(4 * MSS, 16 * MSS);
        let mut windows = vec![];
        for _ in 0..5 {
            let flight = congestion.cwnd;
            (0..flight / MSS).for_each(|_| _ = congestion.acknowledged(MSS, Seq(1), flight));
            windows.push(congestion.cwnd / MSS);
        }
        assert_eq!(windows, [8, 16, 17, 18, 19]);
    }

    #[test]
    fn window_that_a_program_does_not_fill_does_not_grow() {
        let mut congestion = with(10 * MSS, u32::MAX);
        (0..100).for_each(|_| _ = congestion.acknowledged(MSS, Seq(1), MSS));
        assert_eq!(congestion.cwnd, 10 * MSS);
    }

    #[test]
    fn third_duplicate_halves_the_flight_and_not_the_window() {
        let mut congestion = with(20 * MSS, u32::MAX);
        let (una, nxt) = (Seq(1), Seq(1 + 10 * MSS));
        assert!(!congestion.duplicate(una, nxt) && congestion.window() == 21 * MSS);
        assert!(!congestion.duplicate(una, nxt) && congestion.window() == 22 * MSS);
        assert!(congestion.duplicate(una, nxt));
        assert_eq!((congestion.ssthresh, congestion.cwnd, congestion.phase()), (5 * MSS, 8 * MSS, Phase::FastRecovery));
        assert!(!congestion.duplicate(una, nxt));
        assert_eq!(congestion.cwnd, 9 * MSS);
        // No more than ten segments can have left the network.
        assert!((0..20).all(|_| !congestion.duplicate(una, nxt)));
        assert_eq!(congestion.cwnd, 15 * MSS);
    }

    #[test]
    fn recovery_lasts_until_all_that_was_under_way_is_acknowledged() {
        let mut congestion = with(10 * MSS, u32::MAX);
        let (una, nxt) = (Seq(1), Seq(1 + 10 * MSS));
        (0..3).for_each(|_| _ = congestion.duplicate(una, nxt));
        let partial = congestion.acknowledged(2 * MSS, una + 2 * MSS, 10 * MSS);
        assert_eq!(partial, Reaction { resend_first: true, keep_timer: false });
        assert_eq!(congestion.cwnd, (8 - 2 + 1) * MSS);
        let second = congestion.acknowledged(MSS, una + 3 * MSS, 8 * MSS);
        assert_eq!(second, Reaction { resend_first: true, keep_timer: true });
        let full = congestion.acknowledged(7 * MSS, nxt, 7 * MSS);
        assert_eq!((full, congestion.phase()), (Reaction::default(), Phase::SlowStart));
        assert_eq!(congestion.cwnd, 2 * MSS);
    }

    #[test]
    fn duplicates_of_what_a_timeout_sent_again_start_no_recovery() {
        let mut congestion = with(10 * MSS, u32::MAX);
        let (una, nxt) = (Seq(1), Seq(1 + 10 * MSS));
        congestion.timeout(una, nxt);
        assert_eq!((congestion.ssthresh, congestion.cwnd), (5 * MSS, MSS));
        assert!((0..5).all(|_| !congestion.duplicate(una + MSS, nxt)));
        congestion.timeout(una, nxt);
        assert_eq!(congestion.ssthresh, 5 * MSS);
        congestion.timeout(una + MSS, nxt);
        assert_eq!(congestion.ssthresh, 2 * MSS);
    }
}
