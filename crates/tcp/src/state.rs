//! The eleven states of a connection.
//!
//! Obeys RFC 9293 section 3.3.2. The way most connections go, the side that closes first on the left, is
//!
//! ```text
//!              connect                                listen
//!   CLOSED ─────────────► SYN-SENT         CLOSED ─────────────► LISTEN
//!              SYN →          │                                    │ → SYN
//!                             │ → SYN,ACK                          │ SYN,ACK →
//!                             │ ACK →                              ▼
//!                             │                              SYN-RECEIVED
//!                             │                                    │ → ACK
//!                             ▼                                    ▼
//!                        ESTABLISHED  ◄──── data both ways ───► ESTABLISHED
//!                 close       │                                    │ → FIN
//!                 FIN →       ▼                                    │ ACK →
//!                         FIN-WAIT-1                               ▼
//!                             │ → ACK of FIN                  CLOSE-WAIT
//!                             ▼                                    │ close
//!                         FIN-WAIT-2                               │ FIN →
//!                             │ → FIN                              ▼
//!                             │ ACK →                           LAST-ACK
//!                             ▼                                    │ → ACK of FIN
//!                         TIME-WAIT                                ▼
//!                             │ 2 MSL have passed               CLOSED
//!                             ▼
//!                          CLOSED
//! ```
//!
//! and there are four byways. Two SYNs that cross on the way: SYN-SENT → SYN-RECEIVED. Two FINs that cross: FIN-WAIT-1
//! → CLOSING → TIME-WAIT. A FIN that brings the ACK of ours: FIN-WAIT-1 → TIME-WAIT. And a RST: to CLOSED, or from
//! SYN-RECEIVED back to LISTEN if that is where it began.

use std::fmt;

/// A state, by RFC 9293's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// No connection.
    Closed,
    /// Waits for a SYN from anybody.
    Listen,
    /// Has sent a SYN, and waits for the other side's.
    SynSent,
    /// Has sent and received a SYN, and waits for the acknowledgment of its own.
    SynReceived,
    /// Data may pass in both directions.
    Established,
    /// Has closed: waits for the acknowledgment of its FIN, or for the other side's FIN.
    FinWait1,
    /// Its FIN is acknowledged; waits for the other side's FIN.
    FinWait2,
    /// The other side has closed; waits for its own program to close.
    CloseWait,
    /// Both have closed at once; waits for the acknowledgment of its FIN.
    Closing,
    /// Has closed after the other side; waits for the acknowledgment of its FIN.
    LastAck,
    /// All is said; stays to repeat the last acknowledgment, until old segments have died out.
    TimeWait,
}

impl State {
    /// All of them, in the order of a connection's life.
    pub const ALL: [State; 11] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
    ];

    /// Whether both ends know each other's sequence numbers: ESTABLISHED and all that follow (RFC 9293 section 3.5.2).
    #[must_use]
    pub fn is_synchronized(self) -> bool {
        self >= State::Established
    }

    /// Whether the other side may still send data: it has not sent its FIN.
    #[must_use]
    pub fn takes_data(self) -> bool {
        matches!(self, State::Established | State::FinWait1 | State::FinWait2)
    }

    /// Whether this side may still have data, or its FIN, to send or to send again.
    #[must_use]
    pub fn has_sending(self) -> bool {
        matches!(self, State::Established | State::FinWait1 | State::CloseWait | State::Closing | State::LastAck)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        })
    }
}
