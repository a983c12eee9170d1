//! What a program asks of its connection: RFC 9293's calls OPEN, SEND, RECEIVE, CLOSE and ABORT, and options.
//!
//! Obeys RFC 9293 sections 3.10.1 to 3.10.5 (3.10.6, STATUS, is [`Connection::info`]) and 3.9.2.2 (ICMP).

use crate::config::{Config, Keepalive};
use crate::connection::Connection;
use crate::delayed_ack::Owed;
use crate::options::LEAST_MSS;
use crate::segment::Segment;
use crate::seq::Seq;
use crate::state::State;
use host::{Departure, Held, Nagle, Time};
use std::fmt;
use std::time::Duration;

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// There is no connection, or it has ended in good order.
    NotOpen,
    /// The program has closed its direction, and may not send any more.
    Closing,
    /// The other side answered the SYN with a RST: nobody listens there.
    Refused,
    /// A RST ended the connection.
    Reset,
    /// Nothing of use came for too long.
    TimedOut,
    /// Nothing came for too long, and a router or the host itself said that it cannot be reached; or it said so for
    /// good.
    Unreachable,
    /// The program itself broke the connection off.
    Aborted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::NotOpen => "connection does not exist",
            Error::Closing => "connection closing",
            Error::Refused => "connection refused",
            Error::Reset => "connection reset",
            Error::TimedOut => "connection timed out",
            Error::Unreachable => "host unreachable",
            Error::Aborted => "connection aborted",
        })
    }
}

impl std::error::Error for Error {}

/// What came of a [`Connection::receive`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// Nothing any more: the other side has closed its direction, and all that it sent has been read.
    End,
}

impl Connection {
    /// OPEN, active: sends a SYN, with the initial sequence number `iss`.
    ///
    /// RFC 9293 section 3.4.1: it is a clock of 4 microseconds plus a function of both ends that "MUST NOT be
    /// computable from the outside" (MUST-9). Both are the owner's, who knows the ends.
    #[must_use]
    pub fn connect(now: Time, config: Config, iss: Seq) -> Self {
        let mut connection = Self::new(config, State::SynSent, iss);
        connection.last_heard = now;
        connection
    }

    /// OPEN, passive: waits for a SYN, and answers it with the initial sequence number `iss`. After a RST that ends a
    /// handshake it waits again, with a higher one.
    ///
    /// This is the LISTEN of RFC 9293, one connection that waits. [`crate::hear`] makes many of one port.
    #[must_use]
    pub fn listen(config: Config, iss: Seq) -> Self {
        Self::new(config, State::Listen, iss)
    }

    /// SEND: takes bytes, as many as there is room for in the buffer, and answers how many. They leave when the rules
    /// allow it.
    ///
    /// # Errors
    /// When there is no connection, or this side has closed.
    pub fn send(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        match self.state {
            _ if self.send.closed => Err(self.failure.unwrap_or(Error::Closing)),
            State::SynSent | State::SynReceived | State::Established | State::CloseWait => Ok(self.send.write(bytes)),
            State::Closed | State::Listen => Err(self.failure.unwrap_or(Error::NotOpen)),
            _ => Err(Error::Closing),
        }
    }

    /// RECEIVE: the bytes that have come in order, as many as fit.
    ///
    /// # Errors
    /// What ended the connection, once all that had come before is read.
    pub fn receive(&mut self, into: &mut [u8]) -> Result<Received, Error> {
        if self.receive.unread() > 0 {
            let count = self.receive.read(into);
            // The other side may wait for just this room.
            if self.state.takes_data() && self.receive.has_news(self.mss()) {
                self.delayed_ack.at_once(Owed::Now);
            }
            return Ok(Received::Bytes(count));
        }
        match self.failure {
            _ if self.receive.finished => Ok(Received::End),
            Some(failure) => Err(failure),
            None if self.state == State::Closed => Err(Error::NotOpen),
            None => Ok(Received::Nothing),
        }
    }

    /// CLOSE: "I have no more data to send." What was sent before still goes, then a FIN; receiving goes on.
    pub fn close(&mut self) {
        match self.state {
            State::Listen | State::SynSent => self.closed(Some(Error::Aborted)),
            State::SynReceived => self.send.closed = true,
            State::Established => {
                self.send.closed = true;
                // "In any case, enter FIN-WAIT-1 state", also while data wait before the FIN.
                self.state = State::FinWait1;
            }
            // "Queue this request until all preceding SENDs have been segmentized; then send a FIN segment, enter
            // LAST-ACK".
            State::CloseWait => self.send.closed = true,
            _ => {}
        }
    }

    /// CLOSE of both directions at once: the program is gone.
    ///
    /// RFC 9293 section 3.6.1: "If such a host issues a CLOSE call while received data is still pending in the TCP
    /// connection, or if new data is received after CLOSE is called, its TCP implementation SHOULD send a RST to show
    /// that data was lost (SHLD-3)."
    pub fn leave(&mut self, now: Time) {
        if self.receive.unread() > 0 {
            self.abort();
        }
        self.close();
        self.left = true;
        if self.state == State::FinWait2 {
            self.fin_wait_2(now);
        }
    }

    /// ABORT: tells the other side by a RST that all is over, and forgets everything.
    pub fn abort(&mut self) {
        let is_open = self.state.takes_data() || matches!(self.state, State::SynReceived | State::CloseWait);
        if is_open {
            // "<SEQ=SND.NXT><CTL=RST>", or the edge of a window that was pulled back behind that: RFC 9293 section 3.10.7.4 has
            // the other side drop a RST outside its window without a word, and it would hold on to the connection.
            self.reset = Some(Segment { seq: self.send.acceptable(), rst: true, ..Segment::default() });
        }
        self.closed(Some(Error::Aborted));
    }

    /// An ICMP error about a segment of this connection; `hard`: Destination Unreachable of codes 2 to 4.
    ///
    /// RFC 9293 section 3.9.2.2: at soft errors "a TCP implementation MUST NOT abort the connection (MUST-56)". At hard
    /// ones it SHOULD, but a synchronized connection does not here, as in Linux, since anybody could forge them.
    pub fn icmp_error(&mut self, hard: bool) {
        self.unreachable = true;
        if hard && matches!(self.state, State::SynSent | State::SynReceived) {
            self.closed(Some(Error::Unreachable));
        }
    }

    /// The path takes segments of `mss` bytes at the most, options and text together: what was larger is sent again,
    /// smaller.
    ///
    /// RFC 9293 section 3.7.1: what TCP really sends "MUST be the smaller (MUST-16)" of the other side's wish and this.
    pub fn limit_segments(&mut self, mss: u16) {
        let before = self.mss();
        self.path_mss = mss.clamp(LEAST_MSS, self.config.mss.max(LEAST_MSS));
        if self.state.is_synchronized() {
            self.congestion.resize(self.mss());
            if self.mss() < before && self.send.flight() > 0 {
                self.send.again = Some(self.send.una);
            }
        }
    }

    /// Which rule holds small segments back. [`Nagle::Off`] is `TCP_NODELAY`, and as in Linux it lets all that waits go
    /// at once, corked or not.
    pub fn set_nagle(&mut self, nagle: Nagle) {
        self.config.nagle = nagle;
        if nagle == Nagle::Off {
            self.send.push();
        }
    }

    /// `TCP_CORK`: whether all that does not fill a segment waits, for 200 ms at the most.
    pub fn set_cork(&mut self, cork: bool) {
        self.config.cork = cork;
    }

    /// `TCP_QUICKACK`: on, acknowledgments leave at once until the program answers; off, they are delayed.
    pub fn set_quick_ack(&mut self, on: bool) {
        self.delayed_ack.quick_ack(on, self.config.quick_acks);
    }

    /// How long an acknowledgment may wait for company; 499 ms at the most.
    pub fn set_ack_delay(&mut self, delay: Duration) {
        self.config.ack_delay = delay;
        self.delayed_ack.set_delay(delay);
    }

    /// How long sent data may stay without an acknowledgment before the connection ends.
    pub fn set_user_timeout(&mut self, timeout: Duration) {
        self.config.user_timeout = timeout;
    }

    /// Probes of an idle connection; `None`: there are none.
    ///
    /// RFC 9293 section 3.8.4: "the application MUST be able to turn them on or off for each TCP connection (MUST-24)".
    pub fn set_keepalive(&mut self, keepalive: Option<Keepalive>) {
        self.config.keepalive = keepalive;
    }

    /// Whether [`Connection::receive`] would give bytes, the end, or an error.
    #[must_use]
    pub fn can_receive(&self) -> bool {
        self.receive.unread() > 0 || self.receive.finished || self.state == State::Closed
    }

    /// How many bytes [`Connection::send`] would take; an error ends the wait too.
    #[must_use]
    pub fn can_send(&self) -> usize {
        let takes = matches!(self.state, State::Established | State::CloseWait) && !self.send.closed;
        if takes { self.send.room() } else { 0 }
    }

    /// How many bytes were sent or wait to be sent, and are not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self) -> u64 {
        self.send.written.saturating_sub(self.send.place(self.send.una))
    }

    /// What ended the connection, unless it ended in good order.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.failure
    }

    /// The bytes that wait to leave, and which rule holds them, as [`Connection::poll`] found it last.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        self.why.held()
    }

    /// The segments with data that left since this was asked last, and what had held them; kept if [`Config::record`]
    /// says so.
    pub fn take_departures(&mut self) -> Vec<Departure> {
        self.why.take_departures()
    }
}
