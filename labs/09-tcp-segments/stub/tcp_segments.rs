//! Lab 9: write the bodies of these functions. `cargo lab check 09` says how far you are, `cargo lab hint 09` helps.
//!
//! Sequence numbers have 32 bits, and behind the last one comes 0 again. Write no `+` or `-` between two of them: in a debug
//! build it panics when it leaves the 32 bits, and `wrapping_add` and `wrapping_sub` do what TCP does.

use host::lab::{Lab, LabError};

/// Whether sequence number `a` comes before `b`; they are less than 2³¹ apart.
pub fn before(a: u32, b: u32) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// How many sequence numbers a segment takes: SEG.LEN.
pub fn length(syn: bool, fin: bool, data: u32) -> Lab<u32> {
    Err(LabError::NotYet)
}

/// Whether a segment of `len` numbers from `seq` on has any that is expected: of the `wnd` numbers from `nxt` on.
pub fn acceptable(nxt: u32, wnd: u32, seq: u32, len: u32) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// The part of `data` that lies in the window, with the number of its first byte; `None`: no byte does.
pub fn trim(nxt: u32, wnd: u32, seq: u32, data: &[u8]) -> Lab<Option<(u32, &[u8])>> {
    Err(LabError::NotYet)
}

/// The receiving side of a connection. Its program reads at once, so the window is always `wnd` numbers from `nxt` on.
pub struct Receiver {
    /// RCV.NXT: the number of the byte that is missing first.
    pub nxt: u32,
    /// RCV.WND.
    pub wnd: u32,
    /// What came and cannot be handed to the program yet: where it begins, and the bytes. Another type that has a default will
    /// do as well; it is empty at first.
    pub held: Vec<(u32, Vec<u8>)>,
}

/// What comes of a segment.
pub struct Arrival {
    /// Bytes that the program can have now.
    pub bytes: Vec<u8>,
    /// The acknowledgment number that goes back; `None`: nothing goes back.
    pub ack: Option<u32>,
}

impl Receiver {
    /// A segment has come: `data` from `seq` on, without SYN and FIN.
    ///
    /// What has data is acknowledged at once, and so is what is not acceptable; an acceptable segment without data is not. What
    /// is beyond the window is not kept.
    pub fn arrive(&mut self, seq: u32, data: &[u8]) -> Lab<Arrival> {
        Err(LabError::NotYet)
    }
}

/// What an acknowledgment says to a sender.
pub enum Ack {
    /// So many numbers are acknowledged that were not before.
    New(u32),
    /// Nothing that was not known.
    Old,
    /// It acknowledges what was never sent.
    NeverSent,
}

/// What `ack` says to a sender who has sent all numbers before `nxt`, and of those all before `una` are acknowledged.
pub fn acknowledged(una: u32, nxt: u32, ack: u32) -> Lab<Ack> {
    Err(LabError::NotYet)
}

/// The maximum segment size among the options of a SYN; `None`: there is none.
///
/// Malformed is: an option whose length is below 2 or beyond the end. What is behind the end of the list is not looked at.
pub fn mss(options: &[u8]) -> Lab<Option<u16>> {
    Err(LabError::NotYet)
}
