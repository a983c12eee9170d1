//! One tree for every picture of a packet: its layers, their fields, and what is wrong with it.
//!
//! A terminal's explanation, a hexdump, JSON, a ladder, a line per packet: all are drawn from the [`Dissection`] that
//! [`dissect`] makes of any bytes.
//!
//! ```
//! use wire::dissect::{LinkType, Protocol, dissect};
//!
//! let mut packet = wire::ipv4::example();
//! packet[8] = 64; // somebody changed the time to live, and not the checksum
//! let dissection = dissect(&packet, LinkType::RawIp);
//!
//! let ip = dissection.layer(Protocol::Ipv4).unwrap();
//! let ttl = ip.field("ttl").unwrap();
//! assert_eq!((ttl.bytes(), ttl.shown()), (8..9, "64".to_string()));
//! assert_eq!(ttl.meaning(), "time to live 64: each router takes one");
//! assert_eq!(ttl.rfc(), "RFC 791 section 3.1");
//! assert_eq!(dissection.field_at(9).unwrap().shown(), "1 ICMP");
//!
//! let problems: Vec<String> = dissection.problems().iter().map(ToString::to_string).collect();
//! assert_eq!(problems, ["IPv4 header checksum is 0x8a89, and 0xae89 would be right"]);
//! assert_eq!(dissection.summary().to_string(), "192.168.1.3 > 192.168.10.3 ICMP echo request 1");
//! ```
//!
//! What holds for all bytes:
//!
//! - There is a dissection, and making it never panics. What cannot be read is a [`Problem`], or a layer [`Protocol::Data`].
//! - **Every bit of the packet is in exactly one field that has no fields inside**, so a hexdump drawn from the tree leaves no
//!   byte out and colours none twice.
//! - Layers are bounded: [`MOST_TAGS`] tags, [`MOST_EXTENSION_HEADERS`] IPv6 extension headers, and one quote, in which no
//!   second one is looked for.
//!
//! The tree has no text in it. A field is a row of a [`header!`](crate::header) table and a place in the packet; what it shows
//! and means is said when asked. So a million packets can be dissected in a second, and who needs only the summary pays for
//! no more.
//!
//! The order to read in: this file (the tree), `dissect/walk.rs` and the files of its folder (how it is made),
//! `dissect/meaning.rs` and its folder (what people are told), `dissect/summary.rs` (the line per packet).

mod field;
mod fragments;
mod layer;
mod meaning;
mod problem;
mod protocol;
mod rows;
mod source;
mod summary;
mod walk;

pub use field::{Field, Fields, Value};
pub use fragments::Fragments;
pub use layer::{Layer, Verdict};
pub use problem::{Kind, Problem};
pub use protocol::{LinkType, Protocol};
pub use summary::Summary;
pub use walk::{MOST_EXTENSION_HEADERS, MOST_TAGS};

use field::Node;
use layer::Entry;

/// A packet taken apart.
#[derive(Debug, Clone)]
pub struct Dissection<'a> {
    bytes: &'a [u8],
    original_len: usize,
    /// Outermost first.
    layers: Vec<Entry>,
    /// The fields of all layers, in their order.
    nodes: Vec<Node>,
    problems: Vec<Problem>,
}

/// Takes a whole packet apart.
#[must_use]
pub fn dissect(bytes: &[u8], link: LinkType) -> Dissection<'_> {
    dissect_captured(bytes, bytes.len(), link)
}

/// Takes apart what was captured of a packet that had `original_len` bytes: capture files keep both lengths.
///
/// What the capture lacks is no lie of the packet's lengths. It is told once, as [`Kind::Truncated`], and checksums over it are
/// [`Verdict::NotCaptured`].
#[must_use]
pub fn dissect_captured(bytes: &[u8], original_len: usize, link: LinkType) -> Dissection<'_> {
    walk::walk(bytes, original_len.max(bytes.len()), link)
}

impl<'a> Dissection<'a> {
    /// The bytes that were taken apart.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes the packet had on its link; more than [`Dissection::bytes`] if the capture was cut.
    #[must_use]
    pub fn original_len(&self) -> usize {
        self.original_len
    }

    /// The layers, outermost first, and behind an ICMP error's those of the packet that it quotes.
    #[must_use]
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = Layer<'_>> + ExactSizeIterator {
        self.layers.iter().enumerate().map(|(number, entry)| Layer { dissection: self, number, entry })
    }

    /// The first layer of this protocol that is not quoted.
    #[must_use]
    pub fn layer(&self, protocol: Protocol) -> Option<Layer<'_>> {
        self.layers().find(|layer| layer.protocol() == protocol && !layer.is_quoted())
    }

    /// The first layer of this protocol in the packet that an ICMP error quotes.
    #[must_use]
    pub fn quoted(&self, protocol: Protocol) -> Option<Layer<'_>> {
        self.layers().find(|layer| layer.protocol() == protocol && layer.is_quoted())
    }

    /// The innermost field that has this byte, or its first bit where several share the byte.
    #[must_use]
    pub fn field_at(&self, byte: usize) -> Option<Field<'_>> {
        let within = |field: &Field<'_>| field.bits().contains(&(byte * 8));
        let mut found = self.layers().flat_map(Layer::fields).find(within)?;
        while let Some(inner) = found.fields().find(within) {
            found = inner;
        }
        Some(found)
    }

    /// What is wrong, in the order in which it was found: from the outside in. What only several packets together can show is
    /// added by [`Fragments`].
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The packet in one line.
    #[must_use]
    pub fn summary(&self) -> Summary<'_> {
        Summary(self)
    }
}
