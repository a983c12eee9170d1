//! In which state a session is, as far as a box in the middle can know: RFC 7857 section 2, which takes the machine of
//! RFC 6146 section 3.5.2.

use crate::verdict::Side;
use crate::{Protocol, Timers};
use std::fmt;
use std::time::Duration;

/// FIN, SYN, RST: RFC 9293 section 3.1.
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// UDP and ICMP: nothing has come back.
    Unanswered,
    /// UDP and ICMP: something has.
    Answered,
    /// A SYN went out.
    SynOut,
    /// A SYN came in.
    SynIn,
    /// SYNs went both ways.
    Established,
    /// A FIN went out, and the other side may still send.
    FinOut,
    /// A FIN came in.
    FinIn,
    /// FINs went both ways.
    Closing,
    /// A RST passed; whether the other end believed it, nobody here knows.
    Reset,
}

impl State {
    const ALL: [Self; 9] = [
        Self::Unanswered,
        Self::Answered,
        Self::SynOut,
        Self::SynIn,
        Self::Established,
        Self::FinOut,
        Self::FinIn,
        Self::Closing,
        Self::Reset,
    ];

    /// The state of a new session; `None`: such a packet opens none.
    ///
    /// A connection begins with a SYN. What comes in the middle of one that the table does not know opens nothing: with
    /// it a stranger could keep ports taken for hours.
    #[inline]
    pub(crate) fn first(protocol: Protocol, flags: u8, side: Side) -> Option<Self> {
        match (protocol, side) {
            (Protocol::Tcp, _) if flags & SYN == 0 || flags & (RST | FIN) != 0 => None,
            (Protocol::Tcp, Side::Inside) => Some(Self::SynOut),
            (Protocol::Tcp, Side::Outside) => Some(Self::SynIn),
            (_, Side::Inside) => Some(Self::Unanswered),
            (_, Side::Outside) => Some(Self::Answered),
        }
    }

    /// The state after a packet with these TCP flags from `side`.
    #[inline]
    pub(crate) fn after(self, flags: u8, side: Side) -> Self {
        let (syn, fin, rst) = (flags & SYN != 0, flags & FIN != 0, flags & RST != 0);
        match (self, side) {
            (Self::Unanswered, Side::Outside) => Self::Answered,
            (Self::Unanswered | Self::Answered, _) => self,
            (_, _) if rst => Self::Reset,
            // RFC 5382 section 4.2, REQ-2: SYNs that cross open one connection, too.
            (Self::SynOut, Side::Outside) | (Self::SynIn, Side::Inside) if syn => Self::Established,
            (Self::SynOut | Self::SynIn, _) => self,
            (Self::Established, Side::Inside) if fin => Self::FinOut,
            (Self::Established, Side::Outside) if fin => Self::FinIn,
            (Self::FinOut, Side::Outside) | (Self::FinIn, Side::Inside) if fin => Self::Closing,
            // The same ports again, for another connection.
            (Self::Closing | Self::Reset, Side::Inside) if syn => Self::SynOut,
            (Self::Closing | Self::Reset, Side::Outside) if syn => Self::SynIn,
            // RFC 6146 section 3.5.2.2: what still comes shows that the RST was not believed.
            (Self::Reset, _) => Self::Established,
            (Self::Established | Self::FinOut | Self::FinIn | Self::Closing, _) => self,
        }
    }

    /// For how long a session in this state is kept from its last packet on.
    #[inline]
    pub(crate) fn lifetime(self, protocol: Protocol, timers: &Timers) -> Duration {
        match (self, protocol) {
            (_, Protocol::Udp) => timers.udp,
            (_, Protocol::Icmp) => timers.icmp,
            (Self::Established | Self::FinOut | Self::FinIn, Protocol::Tcp) => timers.tcp_established,
            (Self::Closing | Self::Reset, Protocol::Tcp) => timers.tcp_closing,
            (_, Protocol::Tcp) => timers.tcp_transitory,
        }
    }

    /// Whether a packet from `side` that leaves the state as it is keeps the session for longer.
    ///
    /// RFC 4787 section 4.3, REQ-6: those that go out do. Those that come in do not: a stranger could keep a mapping for
    /// ever (RFC 7857 section 7). A TCP connection is kept by either end; one that is over is not.
    #[inline]
    pub(crate) fn is_kept_by(self, side: Side) -> bool {
        match self {
            Self::Unanswered | Self::Answered => side == Side::Inside,
            Self::SynOut | Self::SynIn | Self::Established | Self::FinOut | Self::FinIn => true,
            Self::Closing | Self::Reset => false,
        }
    }

    /// Its name in lower case, `syn-out`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Answered => "answered",
            Self::SynOut => "syn-out",
            Self::SynIn => "syn-in",
            Self::Established => "established",
            Self::FinOut => "fin-out",
            Self::FinIn => "fin-in",
            Self::Closing => "closing",
            Self::Reset => "reset",
        }
    }

    pub(crate) fn number(self) -> u8 {
        Self::ALL.iter().zip(0..).find(|(state, _)| **state == self).map_or(0, |(_, number)| number)
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
