//! What a run tells as it goes on.

use super::watch::Witness;
use super::why::Story;
use host::{Error, Rule, Step, Text, Time};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A request that was echoed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The how manieth, from 1 on.
    pub number: u32,
    /// How many bytes.
    pub bytes: u64,
    /// When its first write was.
    pub at: Time,
    /// Until its last byte was back.
    pub rtt: Duration,
    /// How many segments with data left.
    pub segments: usize,
    /// How many of them were sent again.
    pub resent: usize,
    /// What became of its writes; `None`: nobody can tell.
    pub stories: Option<Vec<Story>>,
    /// Who saw that.
    pub seen_by: Option<Witness>,
    /// Of the first request, where data was to travel in the SYN: whether it did, as far as the host tells.
    pub fast_open: Option<FastOpen>,
}

/// What became of the wish to send data in the SYN: RFC 7413.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FastOpen {
    /// Whether the other side took it.
    pub taken: bool,
    /// Why there was none, or why it was not taken, where the host says so.
    pub failure: Option<Text>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The other side's host answered the SYN with a RST.
    Refused,
    /// A RST ended the connection.
    Reset,
    /// Somebody says that the other side cannot be reached.
    Unreachable {
        /// Who, if known.
        by: Option<IpAddr>,
        /// The code of the ICMP message.
        code: u8,
    },
    /// Nothing came in the time that the program waits.
    TimedOut {
        /// How many of the bytes that left nobody has acknowledged, where there is a connection and the host can tell.
        unacknowledged: Option<u32>,
    },
    /// This host's TCP gave up before that.
    GaveUp {
        /// So long after the connection or the request began.
        after: Duration,
        /// How many SYNs had left, where there was no connection and the host can tell.
        syns: Option<usize>,
    },
    /// The other side closed while an echo was awaited.
    Closed,
    /// A byte came back that was not sent there.
    Wrong {
        /// The how manieth of the stream, from 0 on.
        at: u64,
        /// What was sent.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// More came back than was sent.
    TooMuch,
}

impl Trouble {
    /// What an error means for the run, so long after what failed began; `None`: it is none of the network's.
    pub(super) fn of(error: &Error, after: Duration) -> Option<Self> {
        Some(match error {
            Error::Refused => Self::Refused,
            Error::Reset => Self::Reset,
            Error::Unreachable { by, code } => Self::Unreachable { by: *by, code: *code },
            Error::TimedOut => Self::GaveUp { after, syns: None },
            // In a network where nothing more will happen, nothing comes in time.
            Error::Idle => Self::TimedOut { unacknowledged: None },
            _ => return None,
        })
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The connection is established.
    Connected {
        /// This end.
        own: SocketAddr,
        /// How long that took.
        took: Duration,
    },
    /// Something happened at this end before what is told next; only where states are wanted.
    Stepped(Step),
    /// A request was echoed.
    Echoed(Request),
    /// The run is over because of this. So many bytes of request `during` had been echoed; 0: there is no connection.
    Failed {
        /// Which request.
        during: u32,
        /// What went wrong.
        trouble: Trouble,
        /// How many bytes of it were written.
        written: u64,
        /// How many came back.
        echoed: u64,
        /// How many wait to leave, and the rule that holds the first of them.
        held: Option<(u64, Rule)>,
    },
}

/// How the run went.
#[derive(Debug, Default)]
pub struct Summary {
    /// Requests that were begun.
    pub sent: u64,
    /// Requests that were echoed.
    pub echoed: u64,
    /// Whether it failed.
    pub failed: bool,
    /// From the start to the end.
    pub span: Duration,
    /// The life of this end, where states are wanted.
    pub own: Vec<Step>,
    /// The life of the other end.
    pub peer: Vec<Step>,
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event) -> Result<(), E> + 'a;
