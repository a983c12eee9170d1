//! A packet as a capture has it.

use std::time::Duration;
use wire::dissect::{Dissection, LinkType, dissect_captured};

/// A packet, and what the capture knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// When it was seen, from any beginning that all packets of a figure share.
    pub at: Duration,
    /// As many of its bytes as were captured.
    pub bytes: Vec<u8>,
    /// How many it had.
    pub original_len: usize,
    /// What the first byte belongs to.
    pub link: LinkType,
    /// Which way it went, as who captured it saw that.
    pub way: Way,
    /// Whether the capture says that it got lost.
    pub lost: bool,
}

/// Which way a packet went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Out of the machine that captured it.
    Sent,
    /// Into it.
    Received,
    /// The capture does not tell.
    Unknown,
}

impl Captured {
    /// Takes it apart.
    #[must_use]
    pub fn dissect(&self) -> Dissection<'_> {
        dissect_captured(&self.bytes, self.original_len, self.link)
    }
}
