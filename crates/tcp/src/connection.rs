//! One connection: RFC 9293's transmission control block, cut by concern, and the two questions that its owner asks.
//!
//! What happens to a connection is in four files: the program's calls in [`calls`](crate::calls), segments in
//! [`arrival`](crate::arrival), time in [`timeout`](crate::timeout), and what leaves in [`transmit`](crate::transmit).

use crate::calls::Error;
use crate::challenge::Challenges;
use crate::config::Config;
use crate::congestion::Congestion;
use crate::delayed_ack::DelayedAck;
use crate::options::{Agreed, LEAST_MSS, TIMESTAMPS_LEN};
use crate::receive::Receive;
use crate::retransmission::Retransmission;
use crate::segment::Segment;
use crate::send::Send;
use crate::seq::Seq;
use crate::state::State;
use crate::timestamps::Clock;
use crate::why::Why;
use host::Time;

/// One end of a connection.
///
/// It knows neither addresses nor ports: its owner has found it by them. The owner's contract is one line: after *each*
/// call that changes something, [`Connection::poll`] until it gives nothing; then wait until a segment comes, the
/// program calls, or [`Connection::wake_at`] is there.
#[derive(Debug)]
pub struct Connection {
    pub(crate) config: Config,
    pub(crate) state: State,
    /// RFC 9293 section 3.5: one "MUST keep track of whether a connection has reached SYN-RECEIVED state as the result
    /// of a passive OPEN or an active OPEN" (MUST-11).
    pub(crate) passive: bool,
    pub(crate) send: Send,
    pub(crate) receive: Receive,
    /// What the SYNs said.
    pub(crate) agreed: Agreed,
    /// The largest segment that the path takes, as far as its owner knows.
    pub(crate) path_mss: u16,
    /// The other side's clock, where both sides send timestamps.
    pub(crate) clock: Option<Clock>,
    pub(crate) retransmission: Retransmission,
    pub(crate) congestion: Congestion,
    pub(crate) delayed_ack: DelayedAck,
    pub(crate) challenges: Challenges,
    pub(crate) why: Why,

    /// A reset that is to leave.
    pub(crate) reset: Option<Segment>,
    /// A byte is to go into a closed window.
    pub(crate) probe: bool,
    /// The override timeout of the silly window rule has occurred.
    pub(crate) overridden: bool,
    /// A probe of an idle connection is to leave.
    pub(crate) keepalive: bool,
    /// How many of them nothing has answered.
    pub(crate) keepalives: u32,

    /// When data left last.
    pub(crate) last_sent: Time,
    /// When a segment came last.
    pub(crate) last_heard: Time,
    /// Since when a corked segment waits.
    pub(crate) corked: Option<Time>,
    /// When TIME-WAIT, or a FIN-WAIT-2 without a program, is over.
    pub(crate) expires: Time,

    /// Whether the program is gone: what arrives from now on is for nobody.
    pub(crate) left: bool,
    /// Whether a router or host said that the other side cannot be reached, and nothing has come since.
    pub(crate) unreachable: bool,
    /// What ended the connection, if it did not end by itself.
    pub(crate) failure: Option<Error>,
}

impl Connection {
    pub(crate) fn new(config: Config, state: State, iss: Seq) -> Self {
        Self {
            state,
            passive: state == State::Listen,
            send: Send::new(iss, config.send_buffer),
            receive: Receive::new(config.receive_buffer),
            agreed: Agreed::NOTHING,
            path_mss: config.mss.max(LEAST_MSS),
            clock: None,
            retransmission: Retransmission::new(&config),
            congestion: Congestion::new(iss),
            delayed_ack: DelayedAck::new(&config),
            challenges: Challenges::default(),
            why: Why::default(),
            reset: None,
            probe: false,
            overridden: false,
            keepalive: false,
            keepalives: 0,
            last_sent: Time::START,
            last_heard: Time::START,
            corked: None,
            expires: Time::NEVER,
            left: false,
            unreachable: false,
            failure: None,
            config,
        }
    }

    /// The next segment that leaves at `now`; `None`: nothing more leaves now.
    ///
    /// The order is that of urgency. A reset ends everything; an acknowledgment of its own must not wait for data,
    /// since it counts only without them; what was lost goes before what is new; and an acknowledgment that data carry
    /// need not be sent.
    pub fn poll(&mut self, now: Time) -> Option<Segment> {
        self.timeouts(now);
        let segment = self
            .reset
            .take()
            .or_else(|| self.syn(now))
            .or_else(|| self.bare_acknowledgment(now))
            .or_else(|| self.resend(now))
            .or_else(|| self.send_new(now))
            .or_else(|| self.acknowledgment(now));
        if segment.is_none() {
            self.settle(now);
        }
        segment
    }

    /// When [`Connection::poll`] may give a segment though nothing has happened; [`Time::NEVER`] if it never will.
    #[must_use]
    pub fn wake_at(&self) -> Time {
        [
            self.retransmission.due(),
            self.delayed_ack.due(),
            self.uncorks_at(),
            self.keepalive_at(),
            self.gives_up_at(),
            self.expires,
        ]
        .into_iter()
        .min()
        .unwrap_or(Time::NEVER)
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Eff.snd.MSS of RFC 9293 section 3.7.1, less the options that each segment has: the most text in one segment,
    /// bytes.
    pub(crate) fn mss(&self) -> u32 {
        let options = if self.agreed.timestamps { TIMESTAMPS_LEN } else { 0 };
        u32::from(self.agreed.send_mss.min(self.path_mss) - options)
    }

    /// Both SYNs are acknowledged.
    pub(crate) fn established(&mut self, now: Time) {
        // A program may have closed before: RFC 9293 section 3.10.4 queues that for now.
        self.state = if self.send.closed { State::FinWait1 } else { State::Established };
        self.retransmission.established();
        self.congestion.established(self.mss(), self.config.initial_window, self.retransmission.syn_lost);
        self.last_sent = now;
    }

    /// Enters TIME-WAIT, or begins its time anew.
    ///
    /// RFC 9293 section 3.6.1: "it MUST linger in the TIME-WAIT state for a time 2xMSL (Maximum Segment Lifetime)
    /// (MUST-13)."
    pub(crate) fn time_wait(&mut self, now: Time) {
        self.state = State::TimeWait;
        self.retransmission.stop();
        self.expires = now + self.config.msl.saturating_mul(2);
    }

    /// Enters FIN-WAIT-2. Without a program that could ever close it, this state ends by itself.
    pub(crate) fn fin_wait_2(&mut self, now: Time) {
        self.state = State::FinWait2;
        if self.left {
            self.expires = now + self.config.fin_wait_2;
        }
    }

    /// Enters CLOSED: "delete the TCB". What the program has not read stays for it.
    pub(crate) fn closed(&mut self, failure: Option<Error>) {
        self.state = State::Closed;
        self.failure = failure;
        self.send.flush();
        self.retransmission.stop();
        self.delayed_ack = DelayedAck::new(&self.config);
        self.why.clear();
        self.corked = None;
        self.keepalive = false;
        self.expires = Time::NEVER;
    }
}
