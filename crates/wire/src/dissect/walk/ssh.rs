//! SSH, as far as it is legible: the line in which each end says its version, and the packets up to the one after which keys are
//! used.
//!
//! Obeys RFC 4253 section 4.2 and sections 6 to 8. A segment by itself cannot say whether what has no legible packet at its beginning is
//! sealed, or the rest of a packet that began before. Such bytes stay data, unless they stand behind the message after which keys are
//! used.

use super::{Span, Walk};
use crate::dissect::rows::{
    SSH_COMMENTS, SSH_COOKIE, SSH_CRLF, SSH_DASH, SSH_ENCRYPTED, SSH_EXCHANGE_VALUE, SSH_EXCHANGE_VALUE_LENGTH,
    SSH_FIRST_FOLLOWS, SSH_GOES_ON, SSH_HOST_KEY, SSH_HOST_KEY_LENGTH, SSH_IDENTIFICATION, SSH_KEX_REPLY, SSH_KEXINIT,
    SSH_LIST_LENGTH, SSH_LISTS, SSH_PACKET, SSH_PADDING, SSH_PAYLOAD, SSH_PREFIX, SSH_PROTOVERSION, SSH_RESERVED,
    SSH_SIGNATURE, SSH_SIGNATURE_LENGTH, SSH_SOFTWAREVERSION, is_in_clear,
};
use crate::dissect::{Kind, Protocol};
use crate::fields::Field as Row;

/// Where SSH is served.
pub(super) const PORT: u16 = 22;

/// RFC 4253 section 4.2: "The maximum length of the string is 255 characters, including the Carriage Return and Line Feed".
const LONGEST_LINE: usize = 255;
/// RFC 4253 section 6.1: "MUST be able to process packets with [...] a total packet size of 35000 bytes or less".
const LONGEST_PACKET: usize = 35_000;
/// The bytes before what the packet length counts.
const LENGTH: usize = 4;
/// Of a message's number, in a packet.
const NUMBER: usize = 5;

const NEWKEYS: u8 = 21;
const KEXINIT: u8 = 20;
const ECDH_INIT: u8 = 30;
const ECDH_REPLY: u8 = 31;

impl Walk<'_> {
    pub(super) fn ssh_stream(&mut self, mut span: Span) {
        let mut is_sealed = false;
        while !self.bytes(span).is_empty() {
            let bytes = self.bytes(span);
            let end = match () {
                () if is_sealed => {
                    self.open(Protocol::Ssh, &[], |bytes| Ok(((), bytes)), span);
                    self.part_of_bytes(&SSH_ENCRYPTED, self.captured(span));
                    span.end
                }
                () if bytes.starts_with(b"SSH-") => self.ssh_identification(span),
                () => {
                    let Some(packet) = Packet::of(bytes) else { return self.data(span) };
                    is_sealed = packet.number == NEWKEYS;
                    self.ssh_packet(span, packet)
                }
            };
            self.bound(end, span.from(end));
            span = span.from(end);
        }
    }

    /// `SSH-2.0-software comments`, and the byte behind the line.
    fn ssh_identification(&mut self, span: Span) -> usize {
        self.open(Protocol::Ssh, &[], |bytes| Ok(((), bytes)), span);
        let (bytes, at) = (self.bytes(span), span.start);
        let Some(feed) = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') else {
            self.part_of_bytes(&SSH_GOES_ON, self.captured(span));
            return span.end;
        };
        let text = bytes.get(..feed).unwrap_or_default();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let find = |from: usize, wanted: u8| {
            text.iter().skip(from).position(|byte| *byte == wanted).map_or(text.len(), |found| from + found)
        };
        let version = find(SSH_LEN, b'-');
        let software = find(version + 1, b' ').max(version);
        let parts = [
            (&SSH_PREFIX, SSH_LEN.min(text.len())),
            (&SSH_PROTOVERSION, version),
            (&SSH_DASH, text.len().min(version + 1)),
            (&SSH_SOFTWAREVERSION, software.min(text.len())),
            (&SSH_COMMENTS, text.len()),
            (&SSH_CRLF, feed + 1),
        ];
        self.group(&SSH_IDENTIFICATION, at..at + feed + 1, |walk| {
            let mut from = 0;
            for (row, to) in parts {
                walk.part_of_bytes(row, at + from..at + to);
                from = to;
            }
        });
        at + feed + 1
    }

    /// A packet, and the byte behind it.
    fn ssh_packet(&mut self, span: Span, packet: Packet) -> usize {
        let whole = span.first(packet.len);
        self.open(Protocol::Ssh, SSH_PACKET, |bytes| Ok(((), bytes)), whole);
        let is_whole = whole.len() == packet.len && self.has_all(whole);
        let payload = span.first(packet.len - packet.padding);
        let body = payload.from(span.start + NUMBER + 1);
        match packet.number {
            _ if self.captured(body).is_empty() => {}
            KEXINIT => self.group(&SSH_KEXINIT, self.captured(body), |walk| walk.ssh_kexinit(body, is_whole)),
            ECDH_INIT => self.ssh_strings(body, is_whole, &[(&SSH_EXCHANGE_VALUE_LENGTH, &SSH_EXCHANGE_VALUE)]),
            ECDH_REPLY => {
                self.group(&SSH_KEX_REPLY, self.captured(body), |walk| {
                    let parts: [(&Row, &Row); 3] = [
                        (&SSH_HOST_KEY_LENGTH, &SSH_HOST_KEY),
                        (&SSH_EXCHANGE_VALUE_LENGTH, &SSH_EXCHANGE_VALUE),
                        (&SSH_SIGNATURE_LENGTH, &SSH_SIGNATURE),
                    ];
                    walk.ssh_strings(body, is_whole, &parts);
                });
            }
            _ => self.part_of_bytes(&SSH_PAYLOAD, self.captured(body)),
        }
        self.part_of_bytes(&SSH_PADDING, self.captured(whole.from(payload.end)));
        whole.end
    }

    /// RFC 4253 section 7.1: a cookie, ten lists of names with commas, a truth value and a word that is zero.
    fn ssh_kexinit(&mut self, body: Span, is_whole: bool) {
        let cookie = body.first(16);
        self.part_of_bytes(&SSH_COOKIE, self.captured(cookie));
        let mut rest = body.from(cookie.end);
        for row in &SSH_LISTS {
            let Some(behind) = self.ssh_string(rest, &SSH_LIST_LENGTH, row, is_whole) else { return };
            rest = behind;
        }
        let follows = rest.first(1);
        let reserved = rest.from(follows.end).first(4);
        self.part_of_bytes(&SSH_FIRST_FOLLOWS, self.captured(follows));
        self.part_of_bytes(&SSH_RESERVED, self.captured(reserved));
        self.part_of_bytes(&SSH_PAYLOAD, self.captured(rest.from(reserved.end)));
    }

    /// Strings behind one another, and what is left.
    fn ssh_strings(&mut self, body: Span, is_whole: bool, rows: &[(&'static Row, &'static Row)]) {
        let mut rest = body;
        for (length, row) in rows {
            let Some(behind) = self.ssh_string(rest, length, row, is_whole) else { return };
            rest = behind;
        }
        self.part_of_bytes(&SSH_PAYLOAD, self.captured(rest));
    }

    /// A string behind its length, RFC 4251 section 5, and what is behind it; `None`: that was all there is.
    fn ssh_string(&mut self, span: Span, length: &'static Row, row: &'static Row, is_whole: bool) -> Option<Span> {
        let Some(value) = self.bytes(span).first_chunk::<LENGTH>() else {
            self.part_of_bytes(&SSH_GOES_ON, self.captured(span));
            return None;
        };
        let value = u32::from_be_bytes(*value) as usize;
        let string = span.from(span.start + LENGTH);
        self.part_of_bytes(length, span.start..span.start + LENGTH);
        if value > string.len() && is_whole {
            self.problem(Some(length), span.start, Kind::TooLarge { value, most: string.len() });
        }
        if value > self.bytes(string).len() {
            self.part_of_bytes(&SSH_GOES_ON, self.captured(string));
            return None;
        }
        self.part_of_bytes(row, self.captured(string.first(value)));
        Some(string.from(string.start + value))
    }
}

/// `SSH-`.
const SSH_LEN: usize = 4;

/// The head of a packet that is not sealed.
#[derive(Debug, Clone, Copy)]
struct Packet {
    /// Its bytes, all of them.
    len: usize,
    padding: usize,
    number: u8,
}

impl Packet {
    /// The packet that these bytes begin, if they can be one. RFC 4253 section 6: "There MUST be at least four bytes of padding", and
    /// without a cipher the length of it all is a multiple of 8.
    fn of(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, d, padding, number, ..] = *bytes else { return None };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (len, padding) = (length + LENGTH, usize::from(padding));
        let is_one = len <= LONGEST_PACKET && len.is_multiple_of(8) && padding >= 4 && padding + 2 <= length;
        (is_one && is_in_clear(number)).then_some(Self { len, padding, number })
    }
}
