//! What leaves: the segments that [`Connection::poll`] asks for, one by one.
//!
//! Obeys RFC 9293 sections 3.8.6.2.1 (when to send data) and 3.9.1.2 (PUSH), RFC 6298 (5.1) and (5.4), RFC 5681
//! sections 3.1 and 4.1. Which bytes may leave now is [`crate::window`]'s decision.

use crate::connection::Connection;
use crate::delayed_ack::Owed;
use crate::nagle::Unacknowledged;
use crate::options::Options;
use crate::retransmission::Timer;
use crate::segment::Segment;
use crate::send::Part;
use crate::state::State;
use crate::timestamps;
use crate::window::{self, Moment};
use host::{Rule, Time};
use std::ops::Range;

impl Connection {
    /// Our SYN, the first time or again.
    pub(crate) fn syn(&mut self, now: Time) -> Option<Segment> {
        let answers = self.state == State::SynReceived;
        let first = self.send.nxt == self.send.iss;
        if !(answers || self.state == State::SynSent) || !(first || self.send.first_again) {
            return None;
        }
        self.send.first_again = false;
        self.send.nxt = self.send.iss + 1;
        if first {
            self.retransmission.departs(now, self.send.nxt);
        } else {
            self.retransmission.departs_again(self.send.nxt);
        }
        self.retransmission.start(now);
        // The answer to a SYN has only what that SYN had.
        let scales = if answers { self.agreed.scale } else { self.config.window_scale };
        let clock = self.config.timestamps.then(|| timestamps::first(now));
        let options = Options {
            mss: Some(self.config.mss),
            window_scale: scales.then(|| self.config.shift()),
            timestamps: if answers { self.clock.map(|clock| clock.say(now)) } else { clock },
        };
        self.delayed_ack.sent(now, false);
        Some(Segment {
            seq: self.send.iss,
            ack: answers.then_some(self.receive.nxt),
            syn: true,
            window: self.receive.tell(self.mss(), 0),
            options,
            ..Segment::default()
        })
    }

    /// An acknowledgment that must not wait for data to carry it; and the probe of an idle connection, which is one
    /// with a number that the other side has to answer.
    pub(crate) fn bare_acknowledgment(&mut self, now: Time) -> Option<Segment> {
        if std::mem::take(&mut self.keepalive) {
            // RFC 9293 section 3.8.4: "Such a segment generally contains SEG.SEQ = SND.NXT-1", and no data (SHLD-12).
            let seq = self.send.nxt - 1;
            return Some(self.stamp(now, Segment { seq, ..Segment::default() }, false));
        }
        (self.delayed_ack.owed == Owed::Bare).then(|| self.ack(now))
    }

    /// An acknowledgment that is due, and that no data carry.
    pub(crate) fn acknowledgment(&mut self, now: Time) -> Option<Segment> {
        (self.delayed_ack.owed == Owed::Now).then(|| self.ack(now))
    }

    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`
    ///
    /// Where the other side has pulled its window back behind SND.NXT, as Linux does when it is short of memory, that number
    /// is not acceptable there any more, and what the segment acknowledges would not be read. The window's edge is.
    fn ack(&mut self, now: Time) -> Segment {
        let seq = self.send.acceptable();
        self.stamp(now, Segment { seq, ..Segment::default() }, false)
    }

    /// What was sent before and is taken for lost: the segment at SND.UNA after three duplicates, or all of it after a
    /// timeout.
    pub(crate) fn resend(&mut self, now: Time) -> Option<Segment> {
        let first = std::mem::take(&mut self.send.first_again);
        let from = if first { self.send.una } else { self.send.again? };
        if !self.state.has_sending() || !from.is_before(self.send.nxt) {
            return None;
        }
        let sent = self.send.nxt.since(from);
        let is_closed = self.send.wnd == 0;
        // The first one goes in any case; into a closed window it is a probe of one byte (RFC 9293 section 3.8.6.1). One
        // that was pulled back takes no more than RFC 9293 section 3.8.6 says: "SHOULD retransmit normally the old
        // unacknowledged data between SND.UNA and SND.UNA+SND.WND (SHLD-16)".
        let sent = if from == self.send.una && !is_closed { sent.min(self.send.wnd) } else { sent };
        let most = if is_closed { 1 } else { self.mss().min(sent) };
        let window = self.send.wnd.min(self.congestion.window());
        if from != self.send.una && self.send.in_network() + most > window {
            return None;
        }
        let part = self.send.part(from, most, if is_closed { 1 } else { sent });
        if self.send.again == Some(from) {
            let next = from + part.len();
            self.send.again = Some(next).filter(|next| next.is_before(self.send.nxt));
        }
        self.retransmission.departs_again(self.send.nxt);
        Some(self.depart(now, part, true))
    }

    /// What was never sent: a segment with data, and the FIN behind the last of them.
    pub(crate) fn send_new(&mut self, now: Time) -> Option<Segment> {
        let probe = std::mem::take(&mut self.probe);
        if !self.state.has_sending() || self.send.again.is_some() || !self.has_new() {
            return None;
        }
        if self.send.flight() == 0 && now - self.last_sent > self.retransmission.rto() {
            self.congestion.restart_after_idle();
        }
        let (count, room) = match self.leaves() {
            Ok(count) => (count, self.send.usable()),
            Err(_) if probe => (1, 1),
            Err(_) => return None,
        };
        self.overridden = false;
        let part = self.send.part(self.send.nxt, count, room);
        if part.fin && self.state == State::CloseWait {
            self.state = State::LastAck;
        }
        self.send.nxt += part.len();
        if count < self.mss() && !part.data.is_empty() {
            self.send.small = self.send.nxt;
        }
        self.retransmission.departs(now, self.send.nxt);
        Some(self.depart(now, part, false))
    }

    /// Whether anything waits that was never sent.
    fn has_new(&self) -> bool {
        self.send.queued() > 0 || self.send.fin_waits()
    }

    /// How many new bytes leave now, or what holds them. A FIN alone needs only room for itself.
    fn leaves(&self) -> Result<u32, Rule> {
        let queued = self.send.queued();
        if queued == 0 {
            return if self.send.usable() == 0 { Err(Rule::ReceiveWindow) } else { Ok(0) };
        }
        window::leaves(&Moment {
            queued,
            usable: self.send.usable(),
            congestion: self.congestion.window().saturating_sub(self.send.flight()),
            mss: self.mss(),
            max_window: self.send.max_wnd,
            unacknowledged: Unacknowledged {
                any: self.send.flight() > 0,
                small: self.send.una.is_before(self.send.small),
            },
            nagle: self.config.nagle,
            cork: self.config.cork,
            push: self.send.closed || self.send.nxt.is_before(self.send.pushed),
            overridden: self.overridden,
        })
    }

    /// A part of the stream becomes a segment.
    fn depart(&mut self, now: Time, part: Part, again: bool) -> Segment {
        self.retransmission.start(now);
        self.last_sent = now;
        let count = part.len() - u32::from(part.fin);
        let places = self.send.places(part.seq, count);
        // RFC 9293 section 3.9.1.2: one "MUST set the PSH bit in the last buffered segment (i.e., when there is no more
        // queued data to be sent) (MUST-61)".
        let psh = count > 0 && places.end == self.send.written;
        if self.config.record && count > 0 {
            self.why.leave(now, places, again);
        }
        let segment = Segment { seq: part.seq, psh, fin: part.fin, data: part.data, ..Segment::default() };
        self.stamp(now, segment, count > 0 && !again)
    }

    /// Puts on a segment what each one of a synchronized connection has: acknowledgment, window, timestamps. `new`: it
    /// has data of the program that never left before.
    fn stamp(&mut self, now: Time, segment: Segment, new: bool) -> Segment {
        self.delayed_ack.sent(now, new);
        if let Some(clock) = &mut self.clock {
            clock.last_ack_sent = self.receive.nxt;
        }
        Segment {
            ack: Some(self.receive.nxt),
            window: self.receive.tell(self.mss(), self.agreed.rcv_wind_shift),
            options: Options { timestamps: self.clock.map(|clock| clock.say(now)), ..Options::default() },
            ..segment
        }
    }

    /// Nothing more leaves now: finds out why, and starts the timers that will change that if nothing else does.
    pub(crate) fn settle(&mut self, now: Time) {
        let rule = self.holding();
        // What is under way brings an acknowledgment, or a timeout. If nothing is, and still something waits, it waits
        // for a window.
        match rule {
            Some(rule @ (Rule::ReceiveWindow | Rule::SillyWindow)) if self.send.flight() == 0 => {
                self.retransmission.persist(now, rule == Rule::ReceiveWindow);
            }
            _ if matches!(self.retransmission.timer, Timer::Persist(_)) => self.retransmission.stop(),
            _ => {}
        }
        self.corked = if rule == Some(Rule::Cork) { self.corked.or(Some(now)) } else { None };
        let held = rule.map(|rule| self.held_pieces(rule));
        self.why.hold(now, self.config.record, held.into_iter().flatten().filter(|(bytes, _)| !bytes.is_empty()));
    }

    /// The rule that holds the first byte that waits; or the FIN, if only that waits.
    fn holding(&self) -> Option<Rule> {
        match self.state {
            State::SynSent | State::SynReceived if self.send.queued() > 0 => Some(Rule::Handshake),
            _ if !self.state.has_sending() || !self.has_new() => None,
            _ if self.send.again.is_some() => Some(Rule::Retransmission),
            _ => self.leaves().err(),
        }
    }

    /// All bytes that wait, where `rule` holds the first of them: those beyond the other side's window wait for that.
    fn held_pieces(&self, rule: Rule) -> [(Range<u64>, Rule); 2] {
        let waiting = self.send.places(self.send.nxt.later(self.send.iss + 1), self.send.queued());
        let edge = match rule {
            Rule::CongestionWindow | Rule::SillyWindow => {
                (waiting.start + u64::from(self.send.usable())).min(waiting.end)
            }
            _ => waiting.end,
        };
        [(waiting.start..edge, rule), (edge..waiting.end, Rule::ReceiveWindow)]
    }
}
