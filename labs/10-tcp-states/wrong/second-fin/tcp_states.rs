// Fails `active-close`: a second close sends a second FIN.
//! Lab 10, solved: the states of a connection, by RFC 9293 section 3.10.

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

use Action::{SendAck, SendFin, SendRst, SendSyn, SendSynAck, StartTimer, Tell};
use State::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};

/// The state after `event`, and what is to be done, in the order of [`Action`]. What an event does not change stays as it is.
///
/// `passive`: the connection began with `Listen`. Only one in SYN-RECEIVED asks for that.
pub fn next(state: State, passive: bool, event: Event) -> Lab<(State, Vec<Action>)> {
    Ok(match (state, event) {
        (_, Event::Segment(segment)) => arrives(state, passive, segment),

        (Closed, Event::Listen) => (Listen, vec![]),
        (Closed | Listen, Event::Connect) => (SynSent, vec![SendSyn]),

        (Listen | SynSent, Event::Close) => (Closed, vec![]),
        (SynReceived | Established | FinWait1, Event::Close) => (FinWait1, vec![SendFin]),
        (CloseWait, Event::Close) => (LastAck, vec![SendFin]),

        (SynReceived | Established | FinWait1 | FinWait2 | CloseWait, Event::Abort) => (Closed, vec![SendRst]),
        (_, Event::Abort) => (Closed, vec![]),

        (TimeWait, Event::TimeWaitOver) => (Closed, vec![]),
        (SynSent, Event::Retransmit) => (state, vec![SendSyn]),
        (SynReceived, Event::Retransmit) => (state, vec![SendSynAck]),
        (FinWait1 | Closing | LastAck, Event::Retransmit) => (state, vec![SendFin]),
        (_, Event::GiveUp) => (Closed, vec![Tell]),

        _ => (state, vec![]),
    })
}

/// RFC 9293 section 3.10.7.
fn arrives(state: State, passive: bool, segment: Segment) -> (State, Vec<Action>) {
    let has_ack = segment.ack != Ack::Absent;
    match state {
        Closed | Listen if segment.rst => (state, vec![]),
        Closed => (state, vec![SendRst]),
        Listen if has_ack => (state, vec![SendRst]),
        Listen if segment.syn => (SynReceived, vec![SendSynAck]),
        Listen => (state, vec![]),
        SynSent => in_syn_sent(segment),
        _ => in_other_states(state, passive, segment),
    }
}

/// RFC 9293 section 3.10.7.3.
fn in_syn_sent(segment: Segment) -> (State, Vec<Action>) {
    match segment.ack {
        Ack::Old | Ack::Beyond if segment.rst => (SynSent, vec![]),
        Ack::Old | Ack::Beyond => (SynSent, vec![SendRst]),
        Ack::New if segment.rst => (Closed, vec![Tell]),
        Ack::New if segment.syn => (Established, vec![SendAck]),
        Ack::Absent if segment.syn && !segment.rst => (SynReceived, vec![SendSynAck]),
        _ => (SynSent, vec![]),
    }
}

/// RFC 9293 section 3.10.7.4.
fn in_other_states(state: State, passive: bool, segment: Segment) -> (State, Vec<Action>) {
    let is_their_syn_ack = state == SynReceived && segment.place == Place::Again && segment.ack == Ack::New;
    let is_outside = matches!(segment.place, Place::Outside | Place::Again) && !is_their_syn_ack;

    if is_outside && segment.rst {
        return (state, vec![]);
    }
    if is_outside && state == TimeWait && segment.fin {
        return (state, vec![SendAck, StartTimer]);
    }
    if is_outside {
        return (state, vec![SendAck]);
    }
    if segment.rst {
        return match state {
            _ if segment.place == Place::Window => (state, vec![SendAck]),
            SynReceived if passive => (Listen, vec![]),
            Closing | LastAck | TimeWait => (Closed, vec![]),
            _ => (Closed, vec![Tell]),
        };
    }
    if segment.syn && !is_their_syn_ack {
        return if state == SynReceived && passive { (Listen, vec![]) } else { (state, vec![SendAck]) };
    }
    let state = match (segment.ack, state) {
        (Ack::Absent, _) => return (state, vec![]),
        (Ack::Old | Ack::Beyond, SynReceived) => return (state, vec![SendRst]),
        (Ack::Beyond, _) => return (state, vec![SendAck]),
        (Ack::New, SynReceived) => Established,
        (Ack::New, FinWait1) => FinWait2,
        (Ack::New, Closing) => return (TimeWait, vec![StartTimer]),
        (Ack::New, LastAck) => return (Closed, vec![]),
        _ => state,
    };
    if !segment.fin {
        return (state, vec![]);
    }
    match state {
        _ if segment.place == Place::Window => (state, vec![SendAck]),
        Established => (CloseWait, vec![SendAck]),
        FinWait1 => (Closing, vec![SendAck]),
        FinWait2 => (TimeWait, vec![SendAck, StartTimer]),
        _ => (state, vec![]),
    }
}
