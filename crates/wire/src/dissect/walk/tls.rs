//! TLS: the records that a segment has, and what is legible in them.

use super::{Span, Walk};
use crate::dissect::field::Node;
use crate::dissect::rows::{TLS_CIPHER_SPEC, TLS_ENCRYPTED, TLS_GOES_ON, TLS_HANDSHAKE, TLS_UNREAD};
use crate::dissect::{Kind, Protocol};
use crate::reader::Reader;
use crate::tls::{AlertFields, Anatomy, ContentType, HEADER, HandshakeType, MOST_MESSAGE, RecordHeader, Version};

impl Walk<'_> {
    /// The records that begin in a segment, the last of which may go on in the next one. What is in the middle of a record is data:
    /// it needs its neighbours.
    pub(super) fn tls_stream(&mut self, mut span: Span) {
        while let Ok((header, _)) = RecordHeader::take(self.bytes(span))
            && header.is_plausible()
        {
            let record = span.first(RecordHeader::LEN + usize::from(header.length));
            self.open(Protocol::Tls, RecordHeader::FIELDS, RecordHeader::take, record);
            let is_whole = record.len() == RecordHeader::LEN + usize::from(header.length);
            self.tls_fragment(ContentType(header.content_type), record.from(span.start + RecordHeader::LEN), is_whole);
            self.bound(record.end, record.from(record.end));
            span = span.from(record.end);
        }
        self.data(span);
    }

    fn tls_fragment(&mut self, kind: ContentType, span: Span, is_whole: bool) {
        let (bytes, captured) = (self.bytes(span), self.captured(span));
        match kind {
            ContentType::HANDSHAKE if is_legible(bytes) => self.tls_messages(span, is_whole),
            ContentType::ALERT if bytes.len() == AlertFields::LEN && is_whole => {
                self.rows(AlertFields::FIELDS, captured);
            }
            ContentType::CHANGE_CIPHER_SPEC if bytes.len() == 1 && is_whole => {
                self.part_of_bytes(&TLS_CIPHER_SPEC, captured);
            }
            _ => self.part_of_bytes(&TLS_ENCRYPTED, captured),
        }
    }

    /// The messages of a fragment, the last of which may go on in the next one.
    fn tls_messages(&mut self, mut span: Span, is_whole: bool) {
        while let [_, a, b, c, ..] = *self.bytes(span) {
            let length = HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
            let message = span.first(length);
            let goes_on = message.len() < length || !is_whole && message.end == span.end || !self.has_all(message);
            self.tls_message(message, goes_on);
            span = span.from(message.end);
        }
        self.part_of_bytes(&TLS_GOES_ON, self.captured(span));
    }

    fn tls_message(&mut self, span: Span, goes_on: bool) {
        // What is legible is of TLS 1.2, or the same in both versions.
        let anatomy = Anatomy::of(self.bytes(span), Version::TLS_1_2);
        let end = span.start + anatomy.end;
        self.group(&TLS_HANDSHAKE, self.captured(span), |walk| {
            for part in &anatomy.parts {
                let bits = (span.start + part.bytes.start) * 8..(span.start + part.bytes.end) * 8;
                walk.tree.nodes.push(Node::Part { row: part.row, bits, nodes: part.parts });
            }
            let rest = if goes_on { &TLS_GOES_ON } else { &TLS_UNREAD };
            walk.part_of_bytes(rest, end..walk.captured(span).end);
        });
        if let Some(wrong) = anatomy.wrong.filter(|_| !goes_on) {
            self.problem(Some(wrong.row), span.start + wrong.byte, Kind::from(wrong.problem));
        }
    }
}

/// Whether a fragment is messages, and not the noise that they are once keys are there: types that there are, and lengths that lead
/// from one to the next.
fn is_legible(bytes: &[u8]) -> bool {
    let mut rest = Reader::new(bytes);
    while let Some([kind, a, b, c]) = rest.array::<HEADER>() {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let is_one = match HandshakeType(kind) {
            // A nonce may begin with as many zeros as this has.
            HandshakeType::HELLO_REQUEST => bytes.len() == HEADER,
            kind => kind.name().is_some() && length <= MOST_MESSAGE,
        };
        if !is_one {
            return false;
        }
        if rest.take(length).is_none() {
            return true;
        }
    }
    !bytes.is_empty()
}
