//! Lab 10: write the body of `next`. `cargo lab check 10` says how far you are, `cargo lab hint 10` helps.
//!
//! Add functions as you like. A good order is that of the checks; until you are through, let the last arm of a `match` be
//! `_ => return Err(LabError::NotYet)`.

use host::lab::{Lab, LabError};

/// The eleven states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The program waits for others: a passive OPEN.
    Listen,
    /// The program wants a connection: an active OPEN.
    Connect,
    /// The program has no more to send.
    Close,
    /// The program wants no more of the connection: ABORT.
    Abort,
    /// A segment has come.
    Segment(Segment),
    /// The timer of TIME-WAIT, twice the maximum segment lifetime, is over.
    TimeWaitOver,
    /// Nobody has acknowledged what was sent last: the retransmission timeout.
    Retransmit,
    /// That has been so for long enough: the user timeout.
    GiveUp,
}

/// A segment, as far as states are concerned. It has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    pub ack: Ack,
    pub place: Place,
}

/// What a segment acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Its ACK bit is off.
    Absent,
    /// Nothing that was not acknowledged before; in SYN-SENT and SYN-RECEIVED, not even our SYN.
    Old,
    /// All that was sent, our SYN and our FIN included.
    New,
    /// What was never sent.
    Beyond,
}

/// Where a segment begins. In CLOSED, LISTEN and SYN-SENT nothing is expected yet, and this means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At RCV.NXT, which is what is expected next.
    Next,
    /// Further on in the window, so something before it is missing.
    Window,
    /// Outside of the window, as what came before and comes again does: it is not acceptable.
    Outside,
    /// At the SYN that came before, with nothing behind it. It is outside of the window too. Where both ends call at once, the
    /// SYN,ACK of the other end begins there, and must be taken (RFC 9293 section 3.5, figure 7).
    Again,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    SendSyn,
    SendSynAck,
    SendAck,
    /// A FIN, with the acknowledgment that every segment has.
    SendFin,
    SendRst,
    /// The timer of TIME-WAIT begins, or begins anew.
    StartTimer,
    /// The program is told that there is no connection: refused, reset, or timed out.
    Tell,
}

/// The state after `event`, and what is to be done, in the order of [`Action`]. What an event does not change stays as it is.
///
/// `passive`: the connection began with `Listen`. Only one in SYN-RECEIVED asks for that.
pub fn next(state: State, passive: bool, event: Event) -> Lab<(State, Vec<Action>)> {
    Err(LabError::NotYet)
}
