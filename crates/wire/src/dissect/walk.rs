//! How the tree is made: layer by layer, each with what is left of the one around it.

mod dhcp;
mod dns;
mod extensions;
mod http;
mod icmp;
mod icmpv6;
mod ipv4;
mod ipv6;
mod link;
mod options;
mod ssh;
mod tcp;
mod tls;
mod udp;

use super::field::{Node, number};
use super::layer::Entry;
use super::rows::{CUT_SHORT, DATA};
use super::{Dissection, Kind, LinkType, Problem, Protocol, Verdict};
use crate::checksum::Checksum;
use crate::fields::Field as Row;
use crate::{WireError, ipv4 as ip};
use std::net::IpAddr;
use std::ops::Range;

/// More 802.1Q tags in one another than this are left alone.
pub const MOST_TAGS: usize = 8;
/// More IPv6 extension headers in one another than this are left alone.
pub const MOST_EXTENSION_HEADERS: usize = 16;

/// A place for the layers of most packets, so that the tree is made with two allocations.
const LAYERS: usize = 6;
const NODES: usize = 12;

pub(super) fn walk(bytes: &[u8], original_len: usize, link: LinkType) -> Dissection<'_> {
    let tree = Dissection {
        bytes,
        original_len,
        layers: Vec::with_capacity(LAYERS),
        nodes: Vec::with_capacity(NODES),
        problems: Vec::new(),
    };
    let mut walk = Walk { tree, is_quoted: false, is_beginning: false, within: None };
    let whole = Span { start: 0, end: original_len };
    match link {
        LinkType::Ethernet => walk.ethernet(whole),
        LinkType::RawIp => walk.raw_ip(whole),
        LinkType::LinuxCooked => walk.linux_cooked(whole),
        LinkType::Loopback => walk.loopback(whole),
        LinkType::LinuxCooked2 => walk.linux_cooked2(whole),
    }
    if bytes.len() < original_len {
        walk.truncated();
    }
    walk.tree
}

/// From one byte to behind another one, by what the lengths say: not all of it may have been captured.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn len(self) -> usize {
        self.end - self.start
    }

    /// What is left of it from `start` on.
    fn from(self, start: usize) -> Self {
        Span { start: start.min(self.end), ..self }
    }

    /// Its first `len` bytes.
    fn first(self, len: usize) -> Self {
        Span { end: self.end.min(self.start + len), ..self }
    }
}

struct Walk<'a> {
    tree: Dissection<'a>,
    /// Whether what is walked now is a quote.
    is_quoted: bool,
    /// The option or object that is walked now.
    within: Option<&'static Row>,
    /// Whether it is only the beginning of a packet: a quote, or the first fragment. What is missing there is elsewhere.
    is_beginning: bool,
}

impl<'a> Walk<'a> {
    /// The part of `span` that was captured.
    fn captured(&self, span: Span) -> Range<usize> {
        let end = self.tree.bytes.len();
        span.start.min(end)..span.end.min(end)
    }

    /// Its bytes.
    fn bytes(&self, span: Span) -> &'a [u8] {
        self.tree.bytes.get(self.captured(span)).unwrap_or_default()
    }

    /// Whether all of it was captured.
    fn has_all(&self, span: Span) -> bool {
        span.end <= self.tree.bytes.len()
    }

    /// Opens a layer with the header that `table` says, and gives what `take` reads there; `None` if it is cut short.
    ///
    /// All that is behind the header is its payload, until somebody knows better.
    #[inline]
    fn open<H>(
        &mut self,
        protocol: Protocol,
        table: &'static [Row],
        take: impl for<'b> Fn(&'b [u8]) -> Result<(H, &'b [u8]), WireError>,
        span: Span,
    ) -> Option<H> {
        let captured = self.captured(span);
        let need = len(table);
        let header = captured.start..captured.end.min(captured.start + need);
        let taken = take(self.bytes(span)).ok().map(|(taken, _)| taken);
        self.tree.layers.push(Entry {
            protocol,
            is_quoted: self.is_quoted,
            payload: header.end..captured.end,
            payload_len: span.len().saturating_sub(need),
            trailer: captured.end..captured.end,
            nodes: self.tree.nodes.len(),
            verdict: Verdict::None,
            header: header.clone(),
        });
        self.rows(table, header.clone());
        if taken.is_none() {
            self.cut_short(table, &header);
            let checksum = table.iter().find(|row| row.name == "checksum");
            let has_checksum = checksum.is_some_and(|row| row.bit + row.bits <= header.len() * 8);
            if let Some(layer) = self.tree.layers.last_mut().filter(|_| has_checksum) {
                layer.verdict = match () {
                    () if self.is_quoted => Verdict::Quoted,
                    () if span.len() < need => Verdict::Unknown,
                    () => Verdict::NotCaptured,
                };
            }
            if span.len() < need {
                self.problem(None, header.end, Kind::CutShort { need, have: header.len() });
            }
        }
        taken
    }

    /// Adds the beginning of a row that does not fit into what there is of a table.
    fn cut_short(&mut self, table: &[Row], there: &Range<usize>) {
        let (start, end) = (there.start * 8, there.end * 8);
        let fitting = table.iter().take_while(|row| start + row.bit + row.bits <= end).last();
        let from = fitting.map_or(start, |row| start + row.bit + row.bits);
        self.part(&CUT_SHORT, from..end);
    }

    /// Adds the rows that a message has behind its first word, and gives the byte where they end.
    fn second_word(&mut self, table: &'static [Row], span: Span) -> usize {
        let need = len(table);
        let captured = self.captured(span);
        let there = captured.start..captured.end.min(captured.start + need);
        if need > 0 {
            self.rows(table, there.clone());
        }
        if there.len() < need {
            self.cut_short(table, &there);
            if span.len() < need {
                self.problem(None, there.end, Kind::CutShort { need, have: there.len() });
            }
        }
        span.first(need).end
    }

    /// Adds fields that stand side by side.
    #[inline]
    fn rows(&mut self, table: &'static [Row], bytes: Range<usize>) {
        let Range { start, end } = bytes;
        self.tree.nodes.push(Node::Rows { table, start, end });
    }

    /// Adds a field that has none inside, unless it has no bits.
    fn part(&mut self, row: &'static Row, bits: Range<usize>) {
        if !bits.is_empty() {
            self.tree.nodes.push(Node::Part { row, bits, nodes: 0 });
        }
    }

    /// Adds a field of whole bytes.
    fn part_of_bytes(&mut self, row: &'static Row, bytes: Range<usize>) {
        self.part(row, bytes.start * 8..bytes.end * 8);
    }

    /// Adds a field of these bytes, with those inside that `fill` adds.
    fn group(&mut self, row: &'static Row, bytes: Range<usize>, fill: impl FnOnce(&mut Self)) {
        let at = self.tree.nodes.len();
        self.tree.nodes.push(Node::Part { row, bits: bytes.start * 8..bytes.end * 8, nodes: 0 });
        let around = self.within.replace(row);
        fill(self);
        self.within = around;
        let inside = self.tree.nodes.len() - at - 1;
        if let Some(Node::Part { nodes, .. }) = self.tree.nodes.get_mut(at) {
            *nodes = inside;
        }
    }

    /// Adds a layer of bytes that are left alone, if there are any.
    fn data(&mut self, span: Span) {
        let payload = self.captured(span);
        if payload.is_empty() {
            return;
        }
        self.tree.layers.push(Entry {
            protocol: Protocol::Data,
            is_quoted: self.is_quoted,
            header: payload.start..payload.start,
            trailer: payload.end..payload.end,
            nodes: self.tree.nodes.len(),
            verdict: Verdict::None,
            payload: payload.clone(),
            payload_len: span.len(),
        });
        self.part_of_bytes(&DATA, payload);
    }

    /// The layer that was opened last, while its fields are added.
    fn layer(&mut self) -> Option<&mut Entry> {
        self.tree.layers.last_mut()
    }

    /// Says where the header of the layer ends, and its payload.
    fn bound(&mut self, header_end: usize, payload: Span) {
        let (end, captured) = (self.tree.bytes.len().min(header_end), self.captured(payload));
        if let Some(layer) = self.layer() {
            layer.header.end = end;
            layer.payload = captured;
            layer.payload_len = payload.len();
        }
    }

    /// Says what is behind all that layer number `carrier` carries, and belongs to none of it.
    fn trailer(&mut self, carrier: usize, span: Span) {
        let trailer = self.captured(span);
        if trailer.is_empty() {
            return;
        }
        for layer in self.tree.layers.iter_mut().skip(carrier) {
            layer.payload.end = layer.payload.end.min(trailer.start);
            layer.payload_len = layer.payload_len.min(span.start - layer.header.end);
        }
        if let Some(layer) = self.tree.layers.get_mut(carrier) {
            layer.trailer = trailer;
        }
    }

    /// Notes a problem of the layer that was opened last. That something is missing is none in the beginning of a packet.
    fn problem(&mut self, row: Option<&'static Row>, byte: usize, kind: Kind) {
        if self.is_beginning && matches!(kind, Kind::CutShort { .. } | Kind::TooLarge { .. }) {
            return;
        }
        let Some(layer) = self.tree.layers.len().checked_sub(1) else { return };
        let protocol = self.tree.layers.last().map_or(Protocol::Data, |layer| layer.protocol);
        self.tree.problems.push(Problem { layer, protocol, byte, kind, row, within: self.within });
    }

    /// The same, of a field of a table that begins at byte `start`.
    fn problem_at(&mut self, table: &'static [Row], name: &str, start: usize, kind: Kind) {
        let row = table.iter().find(|row| row.name == name);
        self.problem(row, start + row.map_or(0, |row| row.bit / 8), kind);
    }

    /// Notes that reserved bits of a table are set, whose rows have names that begin so; for headers that are not of every packet.
    fn reserved(&mut self, table: &'static [Row], start: usize) {
        for row in table.iter().filter(|row| row.name.starts_with("reserved")) {
            let (from, to) = (start * 8 + row.bit, start * 8 + row.bit + row.bits);
            let bytes = self.tree.bytes.get(from / 8..to.div_ceil(8)).unwrap_or_default();
            let is_set = match row.bits {
                65.. => bytes.iter().any(|byte| *byte != 0),
                bits => number(bytes, from, bits) != 0,
            };
            if is_set {
                self.problem(Some(row), from / 8, Kind::Reserved);
            }
        }
    }

    /// Notes that the capture ends here: a problem of the innermost layer.
    fn truncated(&mut self) {
        let (captured, original) = (self.tree.bytes.len(), self.tree.original_len);
        self.problem(None, captured, Kind::Truncated { captured, original });
    }

    /// Notes the verdict on the checksum of the layer that was opened last, which is at byte `at` and is a field of `table`.
    fn verdict(&mut self, table: &'static [Row], at: usize, verdict: Verdict) {
        if let Some(layer) = self.layer() {
            layer.verdict = verdict;
        }
        let found = self.tree.bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u16::from_be_bytes(*word));
        let kind = match verdict {
            Verdict::Wrong(right) => Kind::WrongChecksum { found, right },
            Verdict::LeftToTheCard(right) => Kind::ChecksumLeftToTheCard { found, right },
            _ => return,
        };
        let row = table.iter().find(|row| row.name == "checksum");
        self.problem(row, at, kind);
    }

    /// Judges a transport protocol's checksum at byte `at`, over all of `span` and the pseudo-header of `outer`.
    fn transport(&self, outer: &Outer, protocol: u8, span: Span, at: usize) -> Verdict {
        let pseudo_header = Checksum::default().pseudo_header(outer.source, outer.destination, protocol, span.len());
        match self.judge(outer, pseudo_header, span, at) {
            Verdict::Wrong(right)
                if self.tree.bytes.get(at..at + 2) == Some(&(!pseudo_header.finish()).to_be_bytes()) =>
            {
                Verdict::LeftToTheCard(right)
            }
            verdict => verdict,
        }
    }

    /// Judges the checksum at byte `at` over all of `span`, in a sum that has more `before` it, if all of that is there.
    fn judge(&self, outer: &Outer, before: Checksum, span: Span, at: usize) -> Verdict {
        match () {
            () if self.is_quoted && !(outer.is_whole && self.has_all(span)) => Verdict::Quoted,
            () if self.is_beginning && !self.is_quoted => Verdict::InFragments,
            () if !self.has_all(span) => Verdict::NotCaptured,
            () => match summed(before, self.bytes(span), at - span.start) {
                // A quote may be cut and filled up with zeros, and nothing says so.
                Verdict::Wrong(_) if self.is_quoted => Verdict::Quoted,
                verdict => verdict,
            },
        }
    }
}

/// What the protocols in an IP packet must know of it.
struct Outer {
    source: IpAddr,
    destination: IpAddr,
    /// Whether it has as many bytes as it says, and is no fragment.
    is_whole: bool,
}

/// How many bytes a table has.
fn len(table: &[Row]) -> usize {
    table.last().map_or(0, |row| (row.bit + row.bits) / 8)
}

/// Judges the checksum at byte `at` of `bytes`, in a sum that has more before them.
fn summed(before: Checksum, bytes: &[u8], at: usize) -> Verdict {
    if before.add(bytes).finish() == 0 {
        return Verdict::Right;
    }
    let (front, field) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
    Verdict::Wrong(before.add(front).add(field.get(2..).unwrap_or_default()).finish())
}
