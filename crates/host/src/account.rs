//! What a world that sees everything tells of a TCP connection: why bytes wait, when they left, and the states of both
//! its ends.
//!
//! A real machine shows none of this: the kernel keeps no record of it, and of the other end a program knows what
//! packets say. There [`crate::Stream::account`] is [`crate::Error::Unsupported`].

use crate::{Text, Time};
use std::fmt;
use std::ops::Range;

/// What keeps bytes back that a program has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The connection is not established: RFC 9293 section 3.10.2, "queue the data for transmission after entering
    /// ESTABLISHED".
    Handshake,
    /// The other side has no room for them: RFC 9293 section 3.8.6.
    ReceiveWindow,
    /// The other side has room for less than a full segment: RFC 9293 section 3.8.6.2.1, silly window syndrome
    /// avoidance.
    SillyWindow,
    /// As much as may be in the network is in the network: RFC 5681 section 3.1.
    CongestionWindow,
    /// Earlier bytes, which a timeout has taken for lost, go first: RFC 6298 (5.4).
    Retransmission,
    /// They do not fill a segment, and by the Nagle rule in force a small one must wait: RFC 9293 section 3.7.4.
    Nagle,
    /// They do not fill a segment, and the program has corked the connection.
    Cork,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Rule::Handshake => "handshake",
            Rule::ReceiveWindow => "receive window",
            Rule::SillyWindow => "silly window",
            Rule::CongestionWindow => "congestion window",
            Rule::Retransmission => "retransmission",
            Rule::Nagle => "nagle",
            Rule::Cork => "cork",
        })
    }
}

/// Bytes that do not leave, or did not for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which: counted from the first byte that the program wrote, which is 0.
    pub bytes: Range<u64>,
    /// What keeps them back.
    pub rule: Rule,
    /// Since when it is this rule.
    pub since: Time,
    /// Until when it was; [`Time::NEVER`]: it still is.
    pub until: Time,
}

/// A segment with data that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub at: Time,
    /// Which bytes: counted as in [`Held::bytes`].
    pub bytes: Range<u64>,
    /// Whether it is sent again.
    pub again: bool,
    /// What had kept these bytes, or some of them, until then: one rule after the other.
    pub held: Vec<Held>,
}

/// A moment in the life of one end of a connection: a segment left or came, or its state changed without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// The state from now on, by RFC 9293's name.
    pub state: Text,
    /// The segment; `None`: it was a call, or time.
    pub segment: Option<Seen>,
}

/// A segment as one end saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whether it came in; else it left.
    pub came: bool,
    /// Its IP packet as it was at this end, up to the first [`Seen::DATA`] bytes of data. Its identification tells which
    /// departure an arrival belongs to: a segment that is sent again travels in another packet.
    pub packet: Vec<u8>,
    /// Bytes of data in the whole segment.
    pub len: usize,
}

impl Seen {
    /// How many bytes of a segment's data are kept at most.
    pub const DATA: usize = 32;
}

/// What happened to a connection since this was asked last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The segments with data that left.
    pub departures: Vec<Departure>,
    /// What waits now.
    pub held: Vec<Held>,
    /// The life of this end.
    pub own: Vec<Step>,
    /// The life of the other end.
    pub peer: Vec<Step>,
}

impl Account {
    /// Adds what came later.
    pub(crate) fn extend(&mut self, later: Account) {
        self.departures.extend(later.departures);
        self.held = later.held;
        self.own.extend(later.own);
        self.peer.extend(later.peer);
    }

    /// Whether nothing has happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.departures.is_empty() && self.own.is_empty() && self.peer.is_empty()
    }
}
