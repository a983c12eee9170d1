//! What time does to a connection: RFC 9293 section 3.10.8, Timeouts.
//!
//! Obeys RFC 9293 sections 3.10.8, 3.8.3 (R2), 3.8.4 (keep-alives) and 3.8.6.1 (probing a closed window), and RFC 6298
//! (5.4) to (5.7).

use crate::calls::Error;
use crate::connection::Connection;
use crate::retransmission::Timer;
use crate::segment::Segment;
use crate::state::State;
use host::Time;
use std::time::Duration;

/// How long a corked segment waits at the most, as in Linux (tcp(7), `TCP_CORK`).
pub const CORK_CEILING: Duration = Duration::from_millis(200);

impl Connection {
    /// Does what is due at `now`.
    pub(crate) fn timeouts(&mut self, now: Time) {
        if self.gives_up_at() <= now {
            // "if the user timeout expires, flush all queues, signal the user "error: connection aborted due to user
            // timeout"".
            return self.closed(Some(if self.unreachable { Error::Unreachable } else { Error::TimedOut }));
        }
        if self.expires <= now {
            // "If the time-wait timeout expires on a connection, delete the TCB, enter the CLOSED state, and return."
            return self.closed(None);
        }
        match self.retransmission.timer {
            Timer::Retransmit(at) if at <= now => self.retransmission_timeout(now),
            Timer::Persist(at) if at <= now => self.persist_timeout(),
            _ => {}
        }
        if self.keepalive_at() <= now {
            self.keepalive_timeout();
        }
        if self.uncorks_at() <= now {
            self.corked = None;
            self.send.push();
        }
        self.delayed_ack.expire(now);
    }

    /// "send the segment at the front of the retransmission queue again, reinitialize the retransmission timer".
    fn retransmission_timeout(&mut self, now: Time) {
        self.retransmission.back_off();
        self.retransmission.restart(now);
        match () {
            () if !self.state.is_synchronized() => {
                self.send.first_again = true;
                self.retransmission.syn_lost = true;
            }
            // It is a probe of a closed window, and says nothing of the network.
            () if self.send.wnd == 0 => self.send.first_again = true,
            () => {
                self.congestion.timeout(self.send.una, self.send.nxt);
                self.send.again = Some(self.send.una);
            }
        }
    }

    /// Nobody has opened the window for as long as a timeout.
    fn persist_timeout(&mut self) {
        self.retransmission.timer = Timer::Off;
        if self.send.wnd == 0 {
            self.retransmission.back_off();
            self.probe = true;
        } else {
            self.overridden = true;
        }
    }

    /// RFC 9293 section 3.8.4: one "MUST NOT interpret failure to respond to any specific probe as a dead connection
    /// (MUST-29)", but to none of them.
    fn keepalive_timeout(&mut self) {
        let probes = self.config.keepalive.map_or(0, |keepalive| keepalive.probes);
        if self.keepalives < probes {
            self.keepalives += 1;
            self.keepalive = true;
        } else {
            self.closed(Some(Error::TimedOut));
            self.reset = Some(Segment { seq: self.send.acceptable(), rst: true, ..Segment::default() });
        }
    }

    /// When what nobody acknowledges ends the connection: RFC 9293's R2.
    pub(crate) fn gives_up_at(&self) -> Time {
        let patience = match self.state.is_synchronized() {
            true => self.config.user_timeout,
            false => self.config.connect_timeout,
        };
        self.retransmission.unanswered.map_or(Time::NEVER, |since| since + patience)
    }

    /// When the next probe of an idle connection is due.
    ///
    /// RFC 9293 section 3.8.4: they "MUST only be sent when no sent data is outstanding, and no data or acknowledgment
    /// packets have been received for the connection within an interval (MUST-26)."
    pub(crate) fn keepalive_at(&self) -> Time {
        let is_open = matches!(self.state, State::Established | State::CloseWait | State::FinWait2);
        let is_idle = is_open && self.send.flight() == 0;
        match self.config.keepalive {
            Some(keepalive) if is_idle => {
                self.last_heard + keepalive.idle + keepalive.interval.saturating_mul(self.keepalives)
            }
            _ => Time::NEVER,
        }
    }

    /// When a corked segment leaves all the same.
    pub(crate) fn uncorks_at(&self) -> Time {
        self.corked.map_or(Time::NEVER, |since| since + CORK_CEILING)
    }
}
