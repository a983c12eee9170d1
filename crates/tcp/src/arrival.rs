//! What a segment does to a connection: RFC 9293 section 3.10.7, SEGMENT ARRIVES, in the order of the RFC.
//!
//! Obeys RFC 9293 section 3.10.7 and 3.5.2 (when a reset is sent); RFC 5961 sections 3 and 4, which the RFC has taken
//! in, against resets and SYNs from strangers; RFC 7323 section 5 (PAWS). Sentences in quotes without a source are of
//! RFC 9293 section 3.10.7.
//!
//! Leaves out: the third step (security and compartment, RFC 9293 appendix A.1), which no system asks for any more; the
//! sixth (urgent data).

use crate::calls::Error;
use crate::connection::Connection;
use crate::delayed_ack::Owed;
use crate::segment::Segment;
use crate::seq::Seq;
use crate::state::State;
use host::Time;

/// RFC 9293 section 3.10.7.1, CLOSED STATE: the answer to a segment for which there is no connection, and nobody
/// listens.
#[must_use]
pub fn closed(segment: &Segment) -> Option<Segment> {
    // "An incoming segment containing a RST is discarded. An incoming segment not containing a RST causes a RST to be
    // sent".
    (!segment.rst).then(|| segment.reset())
}

impl Connection {
    /// A segment has come. Its checksum was right, and its addresses and ports are this connection's.
    ///
    /// RFC 9293 section 3.10.7.4: with several that wait, an owner "MUST process them all before sending any ACK
    /// segments" (MUST-59), so it may call this often before it polls; but then they get one acknowledgment, and losses
    /// are found later.
    pub fn arrive(&mut self, now: Time, segment: &Segment) {
        match self.state {
            State::Closed => self.reset = closed(segment),
            State::Listen => self.listen_state(now, segment),
            State::SynSent => self.syn_sent_state(now, segment),
            _ => self.other_states(now, segment),
        }
    }

    /// RFC 9293 section 3.10.7.3, SYN-SENT STATE.
    fn syn_sent_state(&mut self, now: Time, segment: &Segment) {
        // "First, check the ACK bit": "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the RST bit is
        // set".
        let is_acceptable = |ack: Seq| self.send.una.is_before(ack) && ack.is_at_or_before(self.send.nxt);
        if segment.ack.is_some_and(|ack| !is_acceptable(ack)) {
            self.reset = closed(segment);
            return;
        }
        // "Second, check the RST bit": only one that acknowledges our SYN can be an answer to it.
        if segment.rst {
            if segment.ack.is_some() {
                self.closed(Some(Error::Refused));
            }
            return;
        }
        // "Fourth, check the SYN bit"; "Fifth, if neither of the SYN or RST bits is set, then drop the segment and
        // return."
        if !segment.syn {
            return;
        }
        self.take_syn(now, segment);
        let Some(ack) = segment.ack else {
            // Both have called at once: "enter SYN-RECEIVED, form a SYN,ACK segment
            // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>".
            self.state = State::SynReceived;
            self.send.first_again = true;
            return;
        };
        // "If SND.UNA > ISS (our SYN has been ACKed), change the connection state to ESTABLISHED, form an ACK segment".
        self.syn_is_acknowledged(now, segment, ack);
        self.delayed_ack.at_once(Owed::Now);
        // "If there are other controls or text in the segment, then continue processing at the sixth step".
        let behind_syn = Segment { seq: segment.seq + 1, syn: false, ..segment.clone() };
        self.process_text(now, &behind_syn);
        self.check_fin(now, &behind_syn);
    }

    /// RFC 9293 section 3.10.7.4, Other States: eight steps, each of which may be the last.
    fn other_states(&mut self, now: Time, segment: &Segment) {
        self.last_heard = now;
        self.keepalives = 0;
        self.unreachable = false;
        let is_first_syn = self.state == State::SynReceived && segment.syn && segment.seq == self.receive.irs;
        let behind_syn;
        let segment = match segment.ack {
            // The SYN that we know comes again, since our answer was lost: it is said again.
            None if is_first_syn && !segment.rst => return self.send.first_again = true,
            // Where both have called at once, the other side's SYN,ACK has the SYN that we know (RFC 9293 section 3.5,
            // figure 7), and the sequence check would refuse it (RFC 9293 appendix A.2). Only the part behind the SYN
            // is new.
            Some(_) if is_first_syn => {
                behind_syn = Segment { seq: segment.seq + 1, syn: false, ..segment.clone() };
                &behind_syn
            }
            _ => segment,
        };

        // "First, check sequence number"
        if !self.check_sequence_number(now, segment) {
            return;
        }
        // "Second, check the RST bit"
        if segment.rst {
            return self.process_rst(now, segment);
        }
        // "Fourth, check the SYN bit"
        if segment.syn {
            return self.process_syn(now);
        }
        // "Fifth, check the ACK field": "if the ACK bit is off, drop the segment and return"
        let Some(ack) = segment.ack else { return };
        if !self.process_ack(now, segment, ack) {
            return;
        }
        // "Seventh, process the segment text"
        self.process_text(now, segment);
        // "Eighth, check the FIN bit"
        self.check_fin(now, segment);
    }

    /// The first step: whether the segment has anything that is expected. If not, it gets an acknowledgment for an
    /// answer.
    fn check_sequence_number(&mut self, now: Time, segment: &Segment) -> bool {
        if let Some(clock) = &self.clock
            && !segment.rst
        {
            match segment.options.timestamps {
                // RFC 7323 section 3.2: "If a non-<RST> segment is received without a TSopt, a TCP SHOULD silently drop
                // the segment."
                None => return false,
                // RFC 7323 section 5.3, R1: "treat the arriving segment as not acceptable".
                Some(theirs) if clock.is_old(now, theirs.value) => {
                    self.answer_unexpected(now, segment);
                    return false;
                }
                Some(_) => {}
            }
        }
        // "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid
        // ACKs, URGs, and RSTs." So one that begins where it should goes on, and its text finds no room.
        let into_closed_window = self.receive.window() == 0 && segment.seq == self.receive.nxt;
        if self.receive.is_acceptable(segment.seq, segment.len()) || into_closed_window {
            if !segment.rst
                && let Some(clock) = &mut self.clock
            {
                clock.take(now, segment);
            }
            return true;
        }
        // "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless the RST bit is
        // set, if so drop the segment and return)".
        if !segment.rst {
            self.answer_unexpected(now, segment);
        }
        false
    }

    /// Says where we are to a segment that is not expected.
    fn answer_unexpected(&mut self, now: Time, segment: &Segment) {
        if self.state == State::TimeWait && segment.fin && segment.end() == self.receive.nxt {
            // "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge it, and
            // restart the 2 MSL timeout." It is before RCV.NXT, so this step is where it gets to.
            self.time_wait(now);
        }
        if segment.syn || segment.is_empty() {
            self.challenge(now);
        } else {
            self.delayed_ack.at_once(Owed::Bare);
        }
    }

    /// RFC 5961 section 3: an acknowledgment that a stranger does not see, and the true peer answers by a RST that is
    /// right.
    pub(crate) fn challenge(&mut self, now: Time) {
        if self.challenges.allow(now) {
            self.delayed_ack.at_once(Owed::Bare);
        }
    }

    /// The second step, for a RST in the window.
    fn process_rst(&mut self, now: Time, segment: &Segment) {
        // "3) If the RST bit is set and the sequence number does not exactly match the next expected sequence value,
        // yet is within the current receive window, TCP endpoints MUST send an acknowledgment (challenge ACK)".
        if segment.seq != self.receive.nxt {
            return self.challenge(now);
        }
        match self.state {
            // "If this connection was initiated with a passive OPEN (i.e., came from the LISTEN state), then return
            // this connection to LISTEN state and return. The user need not be informed."
            State::SynReceived if self.passive => self.listen_again(),
            State::SynReceived => self.closed(Some(Error::Refused)),
            State::TimeWait => self.closed(None),
            // In CLOSING and LAST-ACK the RFC informs nobody; but then our last bytes may not have arrived.
            _ => self.closed(Some(Error::Reset)),
        }
    }

    /// The fourth step, for a SYN in the window.
    fn process_syn(&mut self, now: Time) {
        // "If the connection was initiated with a passive OPEN, then return this connection to the LISTEN state and
        // return."
        if self.state == State::SynReceived && self.passive {
            return self.listen_again();
        }
        // "irrespective of the sequence number, TCP endpoints MUST send a "challenge ACK" to the remote peer".
        self.challenge(now);
    }

    /// The seventh step.
    fn process_text(&mut self, now: Time, segment: &Segment) {
        // After the FIN: "This should not occur since a FIN has been received from the remote side. Ignore the segment
        // text."
        if segment.data.is_empty() || !self.state.takes_data() {
            return;
        }
        let placed = self.receive.take(segment.seq, &segment.data);
        if self.left && (placed.advanced > 0 || placed.gap) {
            // Nobody will ever read it: RFC 9293 section 3.6.1, "SHOULD send a RST to show that data was lost
            // (SHLD-3)".
            return self.abort();
        }
        // RFC 5681 section 4.2: "Out-of-order data segments SHOULD be acknowledged immediately, in order to accelerate
        // loss recovery", and so what finds no room; RFC 9293 section 3.8.6.3: and "segments that fill all or part of a
        // gap".
        match placed.advanced {
            0 => self.delayed_ack.at_once(Owed::Bare),
            _ if placed.gap => self.delayed_ack.at_once(Owed::Now),
            advanced => self.delayed_ack.data(now, advanced, self.mss()),
        }
    }

    /// The eighth step.
    fn check_fin(&mut self, now: Time, segment: &Segment) {
        if !self.state.takes_data() {
            return;
        }
        if segment.fin {
            self.receive.fin_at(segment.end() - 1);
            // It may lie behind a gap, or in a closed window.
            self.delayed_ack.at_once(Owed::Now);
        }
        // "advance RCV.NXT over the FIN, and send an acknowledgment for the FIN".
        if !self.receive.finish() {
            return;
        }
        self.delayed_ack.at_once(Owed::Now);
        match self.state {
            State::Established => self.state = State::CloseWait,
            // "If our FIN has been ACKed (perhaps in this segment), then enter TIME-WAIT": that would be FIN-WAIT-2 by
            // now.
            State::FinWait1 => self.state = State::Closing,
            _ => self.time_wait(now),
        }
    }

    /// Whether a SYN may begin a new connection in the place of this one, which is in TIME-WAIT; then the least initial
    /// sequence number for the new one. The owner takes the segment to [`crate::hear`] and forgets this connection.
    ///
    /// RFC 9293 section 3.6.1: it "MAY accept a new SYN from the remote TCP endpoint to reopen the connection directly
    /// from TIME-WAIT state (MAY-2)", if it assigns a number "larger than the largest sequence number it used on the
    /// previous connection incarnation". The SYN must be newer than all that came before.
    #[must_use]
    pub fn gives_way_to(&self, segment: &Segment) -> Option<Seq> {
        let is_new = self.state == State::TimeWait && segment.syn && segment.ack.is_none() && !segment.rst;
        (is_new && self.receive.nxt.is_before(segment.seq)).then(|| self.send.nxt + 1)
    }
}
