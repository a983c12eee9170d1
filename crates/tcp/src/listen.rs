//! A port where somebody waits for connections.
//!
//! Obeys RFC 9293 section 3.10.7.2.

use crate::config::Config;
use crate::connection::Connection;
use crate::options::Agreed;
use crate::segment::Segment;
use crate::seq::Seq;
use crate::state::State;
use crate::timestamps::Clock;
use host::Time;

/// How much higher the initial sequence number of the next attempt is, where a listening connection waits again.
const NEXT_ATTEMPT: u32 = 64_000;

/// What a listening port answers.
#[derive(Debug)]
pub enum Heard {
    /// A connection begins, in SYN-RECEIVED: its owner keeps it by both ends' addresses, and polls it.
    Connection(Box<Connection>),
    /// This reset is the answer.
    Reset(Segment),
    /// There is no answer.
    Nothing,
}

/// What a listening port makes of a segment that belongs to no connection: for a SYN, a new connection with this
/// `config` and the initial sequence number `iss`.
///
/// How many connections may wait to be accepted is the owner's matter: one that has no room does not ask. If the new
/// connection is back in LISTEN, a RST has ended the attempt, and the owner forgets it.
#[must_use]
pub fn hear(now: Time, config: &Config, segment: &Segment, iss: Seq) -> Heard {
    let mut connection = Connection::listen(config.clone(), iss);
    connection.arrive(now, segment);
    match (connection.state, connection.reset.take()) {
        (State::SynReceived, _) => Heard::Connection(Box::new(connection)),
        (_, Some(reset)) => Heard::Reset(reset),
        _ => Heard::Nothing,
    }
}

impl Connection {
    /// RFC 9293 section 3.10.7.2, LISTEN STATE.
    pub(crate) fn listen_state(&mut self, now: Time, segment: &Segment) {
        // "First, check for a RST": "An incoming RST should be ignored."
        if segment.rst {
            return;
        }
        // "Second, check for an ACK": "Any acknowledgment is bad if it arrives on a connection still in the LISTEN
        // state."
        if segment.ack.is_some() {
            self.reset = Some(segment.reset());
            return;
        }
        // "Third, check for a SYN". Its text, if it has any, is not taken, and will come again: the place of Fast Open
        // (RFC 7413).
        if segment.syn {
            self.take_syn(now, segment);
            self.state = State::SynReceived;
        }
        // "Fourth, other data or control": "This should not be reached. Drop the segment and return."
    }

    /// The other side's SYN: RCV.NXT, IRS, what its options say, and its window.
    pub(crate) fn take_syn(&mut self, now: Time, syn: &Segment) {
        self.last_heard = now;
        self.receive.synchronize(syn.seq);
        self.agreed = Agreed::new(&self.config, &syn.options);
        let theirs = syn.options.timestamps.filter(|_| self.agreed.timestamps);
        self.clock = theirs.map(|theirs| Clock::new(now, theirs.value, syn.seq));
        // RFC 7323 section 2.2: "The window field in a segment where the SYN bit is set (i.e., a <SYN> or <SYN,ACK>)
        // MUST NOT be scaled."
        self.send.wnd = syn.window.into();
        self.send.max_wnd = self.send.wnd;
        self.send.wl1 = syn.seq;
        self.send.wl2 = syn.ack.unwrap_or_default();
    }

    /// Back to LISTEN, after an attempt that came to nothing.
    pub(crate) fn listen_again(&mut self) {
        *self = Self::listen(self.config.clone(), self.send.iss + NEXT_ATTEMPT);
    }
}
