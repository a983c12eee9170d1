//! Which state follows which, as a table: the picture of RFC 9293 section 3.3.2 (figure 5) in the form of data.
//!
//! The book's picture is drawn from it, and a test drives a [`Connection`](crate::Connection) through all of it: there is
//! no change of state that does not stand here, and none here that does not happen. What carries out the changes are
//! the files named in the crate's own documentation, by the RFC's rules and not by this table.
//!
//! Leaves out: what two causes in one segment do, where that is first the one and then the other; and giving up, which
//! leads to CLOSED from everywhere (RFC 9293 section 3.10.8). Where CLOSE in SYN-RECEIVED may send a FIN at once, this
//! engine always "queues" it until the handshake is over (RFC 9293 section 3.10.4).

use crate::state::State;

/// What leads from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The program waits for connections: OPEN, passive.
    Listen,
    /// The program opens a connection: OPEN, active.
    Connect,
    /// The program closes its direction: CLOSE.
    Close,
    /// A SYN, which acknowledges nothing.
    Syn,
    /// A SYN that acknowledges ours.
    SynAck,
    /// The acknowledgment of our SYN.
    AckOfSyn,
    /// The same, where the program has closed meanwhile.
    AckOfSynAfterClose,
    /// The acknowledgment of our FIN.
    AckOfFin,
    /// A FIN, which does not acknowledge ours.
    Fin,
    /// A FIN that acknowledges ours.
    FinAck,
    /// A RST that counts.
    Rst,
    /// Two maximum segment lifetimes have passed.
    TwoMsl,
}

/// From one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The state before.
    pub from: State,
    /// What happens.
    pub cause: Cause,
    /// The control of the segment that leaves at once, as in `SYN ACK`; nothing: none leaves.
    pub sends: &'static str,
    /// The state behind.
    pub to: State,
}

const fn change(from: State, cause: Cause, sends: &'static str, to: State) -> Change {
    Change { from, cause, sends, to }
}

/// All changes, in the order of a connection's life.
pub const CHANGES: [Change; 29] = [
    change(State::Closed, Cause::Listen, "", State::Listen),
    change(State::Closed, Cause::Connect, "SYN", State::SynSent),
    change(State::Listen, Cause::Close, "", State::Closed),
    change(State::Listen, Cause::Syn, "SYN ACK", State::SynReceived),
    change(State::SynSent, Cause::Close, "", State::Closed),
    change(State::SynSent, Cause::Syn, "SYN ACK", State::SynReceived),
    change(State::SynSent, Cause::SynAck, "ACK", State::Established),
    change(State::SynSent, Cause::Rst, "", State::Closed),
    change(State::SynReceived, Cause::AckOfSyn, "", State::Established),
    change(State::SynReceived, Cause::AckOfSynAfterClose, "FIN", State::FinWait1),
    change(State::SynReceived, Cause::Rst, "", State::Listen),
    change(State::SynReceived, Cause::Rst, "", State::Closed),
    change(State::Established, Cause::Close, "FIN", State::FinWait1),
    change(State::Established, Cause::Fin, "ACK", State::CloseWait),
    change(State::Established, Cause::Rst, "", State::Closed),
    change(State::FinWait1, Cause::AckOfFin, "", State::FinWait2),
    change(State::FinWait1, Cause::Fin, "ACK", State::Closing),
    change(State::FinWait1, Cause::FinAck, "ACK", State::TimeWait),
    change(State::FinWait1, Cause::Rst, "", State::Closed),
    change(State::FinWait2, Cause::Fin, "ACK", State::TimeWait),
    change(State::FinWait2, Cause::Rst, "", State::Closed),
    change(State::CloseWait, Cause::Close, "FIN", State::LastAck),
    change(State::CloseWait, Cause::Rst, "", State::Closed),
    change(State::Closing, Cause::AckOfFin, "", State::TimeWait),
    change(State::Closing, Cause::Rst, "", State::Closed),
    change(State::LastAck, Cause::AckOfFin, "", State::Closed),
    change(State::LastAck, Cause::Rst, "", State::Closed),
    change(State::TimeWait, Cause::TwoMsl, "", State::Closed),
    change(State::TimeWait, Cause::Rst, "", State::Closed),
];
