//! A layer: one header of a packet, with its fields and the range of what it carries.

use super::{Dissection, Field, Fields, Problem, Protocol};
use std::ops::Range;

/// What the tree keeps of a layer.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) protocol: Protocol,
    pub(super) is_quoted: bool,
    pub(super) header: Range<usize>,
    pub(super) payload: Range<usize>,
    /// The length of the payload, also of what was not captured.
    pub(super) payload_len: usize,
    /// Bytes behind the payload that no layer has.
    pub(super) trailer: Range<usize>,
    /// Where its nodes begin; they end where those of the next layer begin.
    pub(super) nodes: usize,
    pub(super) verdict: Verdict,
}

/// What became of a layer's checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The layer has none.
    None,
    /// A receiver would find it right.
    Right,
    /// A receiver would not, and finds this instead.
    Wrong(u16),
    /// The field has the sum of the pseudo-header only: the machine that sent the packet, and on which it was captured, left
    /// the rest to its network card. This is what the card fills in.
    LeftToTheCard(u16),
    /// The sender made none, and says so with a zero.
    Absent,
    /// Some of the bytes that it covers were not captured.
    NotCaptured,
    /// It covers a datagram of which this is a fragment.
    InFragments,
    /// It covers a packet of which this is a quote.
    Quoted,
    /// A length that lies hides what it covers.
    Unknown,
}

/// One layer of a [`Dissection`].
#[derive(Debug, Clone, Copy)]
pub struct Layer<'d> {
    pub(super) dissection: &'d Dissection<'d>,
    pub(super) number: usize,
    pub(super) entry: &'d Entry,
}

impl<'d> Layer<'d> {
    /// What it is.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        self.entry.protocol
    }

    /// Its place among the layers: 0 is the outermost.
    #[must_use]
    pub fn number(self) -> usize {
        self.number
    }

    /// Whether it is part of the packet that an ICMP error quotes.
    #[must_use]
    pub fn is_quoted(self) -> bool {
        self.entry.is_quoted
    }

    /// The bytes of its header, options included; as many as there are. Empty for [`Protocol::Data`].
    #[must_use]
    pub fn header(self) -> Range<usize> {
        self.entry.header.clone()
    }

    /// The bytes that it carries and that were captured: those of the layers inside.
    #[must_use]
    pub fn payload(self) -> Range<usize> {
        self.entry.payload.clone()
    }

    /// How many bytes it carries by what the lengths say, also where not all of them were captured.
    #[must_use]
    pub fn payload_len(self) -> usize {
        self.entry.payload_len
    }

    /// The bytes behind the payload that belong to no layer, as the padding of a short frame.
    #[must_use]
    pub fn trailer(self) -> Range<usize> {
        self.entry.trailer.clone()
    }

    /// Its fields in the order of their bits; a trailer is the last.
    #[must_use]
    pub fn fields(self) -> Fields<'d> {
        Fields::of(self)
    }

    /// The field of this name, as its table has it; of several the first.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Field<'d>> {
        self.fields().find(|field| field.name() == name)
    }

    /// What became of its checksum.
    #[must_use]
    pub fn checksum(self) -> Verdict {
        self.entry.verdict
    }

    /// What is wrong with it.
    pub fn problems(self) -> impl Iterator<Item = &'d Problem> {
        self.dissection.problems.iter().filter(move |problem| problem.layer == self.number)
    }

    /// The bytes of its header and all that follows.
    pub(super) fn bytes(self) -> &'d [u8] {
        self.dissection.bytes.get(self.entry.header.start..).unwrap_or_default()
    }
}
