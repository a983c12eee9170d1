//! DNS: a message, with its names and what they point to.

use super::{Span, Walk};
use crate::WireError;
use crate::dissect::field::Node;
use crate::dissect::rows::{DNS_LENGTH, DNS_UNREAD};
use crate::dissect::{Kind, Protocol};
use crate::dns::{Anatomy, Header, framing};

impl Walk<'_> {
    /// The message of a datagram; what does not begin like one is data, for probes go to this port too.
    pub(super) fn dns(&mut self, span: Span) {
        let anatomy = Anatomy::of(self.bytes(span));
        let is_cut = self.is_beginning || !self.has_all(span);
        let is_one = match &anatomy.message {
            Ok(_) => anatomy.end > Header::LEN || anatomy.end == span.len(),
            Err(_) => anatomy.entries > 0 || is_cut && anatomy.end >= Header::LEN,
        };
        if is_one {
            self.dns_message(span, &anatomy);
        } else {
            self.data(span);
        }
    }

    /// The messages that a segment has as a whole, each behind its length. The others are data: they need their neighbours.
    pub(super) fn dns_stream(&mut self, mut span: Span) {
        while let Some(length) = self.bytes(span).first_chunk() {
            let start = span.start + framing::LENGTH;
            let message = Span { start, end: start + usize::from(u16::from_be_bytes(*length)) };
            let anatomy = Anatomy::of(self.bytes(message));
            let is_readable = match anatomy.message {
                Ok(_) => true,
                Err(_) => !self.has_all(message) && anatomy.end >= Header::LEN,
            };
            if message.end > span.end || !is_readable {
                break;
            }
            self.dns_message(message, &anatomy);
            self.behind_its_length();
            span = span.from(message.end);
        }
        self.data(span);
    }

    /// Moves the beginning of the layer that was opened last to the length in front of it.
    fn behind_its_length(&mut self) {
        let Some(layer) = self.layer() else { return };
        layer.header.start -= framing::LENGTH;
        let (at, start) = (layer.nodes, layer.header.start);
        let bits = start * 8..(start + framing::LENGTH) * 8;
        self.tree.nodes.insert(at, Node::Part { row: &DNS_LENGTH, bits, nodes: 0 });
    }

    fn dns_message(&mut self, span: Span, anatomy: &Anatomy) {
        if self.open(Protocol::Dns, Header::FIELDS, Header::take, span).is_none() {
            return;
        }
        let carrier = self.tree.layers.len() - 1;
        let offset = span.start * 8;
        // The header's rows stand there already.
        for part in anatomy.parts.iter().skip(Header::FIELDS.len()) {
            let bits = part.bits.start + offset..part.bits.end + offset;
            self.tree.nodes.push(Node::Part { row: part.row, bits, nodes: part.parts });
        }
        let end = span.start + anatomy.end;
        let Err(error) = anatomy.message else {
            self.bound(end, span.from(end).first(0));
            return self.trailer(carrier, span.from(end));
        };
        self.part_of_bytes(&DNS_UNREAD, end..self.captured(span).end);
        self.bound(span.end, span.from(span.end));
        self.dns_problem(span, anatomy, &error);
    }

    /// What is wrong with a message. What was not captured, or is elsewhere, is no fault.
    fn dns_problem(&mut self, span: Span, anatomy: &Anatomy, error: &WireError) {
        let kind = Kind::from(error.problem);
        let is_missing = matches!(kind, Kind::CutShort { .. } | Kind::TooLarge { .. });
        if !is_missing || self.has_all(span) {
            self.problem(anatomy.wrong.map(|wrong| wrong.row), span.start + error.byte, kind);
        }
    }
}
