//! HTTP/1.x: the messages that begin in a segment, each as one layer from its first line to the last byte of its content.
//!
//! Obeys RFC 9112 sections 2 to 7. What is in the middle of a message is data: it needs its neighbours. And one thing a segment cannot
//! say by itself: the answer to a HEAD has no content, whatever its fields announce.

use super::{Span, Walk};
use crate::dissect::rows::{
    HTTP_BLANK, HTTP_CHUNK, HTTP_CHUNK_DATA, HTTP_CHUNK_EXT, HTTP_CHUNK_SIZE, HTTP_COLON, HTTP_CONTENT, HTTP_CRLF,
    HTTP_END_OF_FIELDS, HTTP_FIELD_LINE, HTTP_FIELD_NAME, HTTP_FIELD_VALUE, HTTP_GOES_ON, HTTP_METHOD, HTTP_REASON,
    HTTP_REQUEST_LINE, HTTP_STATUS_CODE, HTTP_STATUS_LINE, HTTP_TARGET, HTTP_VERSION,
};
use crate::dissect::{Kind, Protocol};
use crate::fields::Field as Row;
use std::ops::Range;

/// Where HTTP is spoken without TLS: by its registration, and by habit.
pub(super) const PORTS: [u16; 2] = [80, 8080];
/// No method that anybody uses is longer.
const LONGEST_METHOD: usize = 24;
/// `HTTP/1.1`.
const VERSION_LEN: usize = 8;

/// A message's first line, with what was captured of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstLine {
    Request,
    Status,
}

/// What the fields say of the content.
#[derive(Debug, Default)]
struct Framing {
    content_length: Option<u64>,
    is_chunked: bool,
    has_host: bool,
}

/// One line: its text, and what ends it.
struct Line {
    text: Range<usize>,
    end: Range<usize>,
}

impl Walk<'_> {
    pub(super) fn http_stream(&mut self, mut span: Span) {
        while let Some(first) = first_line(self.bytes(span)) {
            let end = self.http_message(span, first);
            span = span.from(end);
        }
        self.data(span);
    }

    /// One message, up to where it ends or the segment does.
    fn http_message(&mut self, span: Span, first: FirstLine) -> usize {
        self.open(Protocol::Http, &[], |bytes| Ok(((), bytes)), span);
        let end = self.http_parts(span, first).unwrap_or(span.end);
        self.bound(end, span.from(end));
        end
    }

    /// The parts of a message, and the byte behind it; `None`: it goes on elsewhere.
    fn http_parts(&mut self, span: Span, first: FirstLine) -> Option<usize> {
        let line = self.http_line(span)?;
        let (head, has_content) = match first {
            FirstLine::Request => (self.http_request_line(&line), true),
            FirstLine::Status => (self.http_status_line(&line), may_have_content(self.bytes_at(line.text.clone()))),
        };
        let mut framing = Framing::default();
        let body = self.http_fields(span.from(head), &mut framing)?;
        // RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that
        // lacks a Host header field".
        if first == FirstLine::Request && !framing.has_host && self.bytes_at(line.text.clone()).ends_with(b"/1.1") {
            self.problem(Some(&HTTP_REQUEST_LINE), span.start, Kind::Forbidden("has no Host field behind it"));
        }
        let rest = span.from(body);
        match framing {
            _ if !has_content => Some(body),
            Framing { is_chunked: true, .. } => self.http_chunks(rest),
            Framing { content_length: Some(length), .. } => {
                let content = rest.first(usize::try_from(length).unwrap_or(usize::MAX).min(rest.len()));
                self.part_of_bytes(&HTTP_CONTENT, self.captured(content));
                (content.len() as u64 == length).then_some(content.end)
            }
            // RFC 9112 section 6.3: a request without both has no content; that of an answer ends with its connection.
            _ if first == FirstLine::Request => Some(body),
            _ => {
                self.part_of_bytes(&HTTP_CONTENT, self.captured(rest));
                None
            }
        }
    }

    fn bytes_at(&self, range: Range<usize>) -> &[u8] {
        self.tree.bytes.get(range).unwrap_or_default()
    }

    /// The next line; what has no end is the beginning of one.
    fn http_line(&mut self, span: Span) -> Option<Line> {
        let captured = self.captured(span);
        let bytes = self.bytes(span);
        let Some(feed) = bytes.iter().position(|byte| *byte == b'\n') else {
            self.part_of_bytes(&HTTP_GOES_ON, captured);
            return None;
        };
        let text = bytes.get(..feed).unwrap_or_default();
        let len = text.strip_suffix(b"\r").map_or(feed, <[u8]>::len);
        let at = captured.start;
        Some(Line { text: at..at + len, end: at + len..at + feed + 1 })
    }

    /// Method, target and version, each one blank from the next.
    fn http_request_line(&mut self, line: &Line) -> usize {
        let text = self.bytes_at(line.text.clone());
        let method = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
        let version = text.len().saturating_sub(VERSION_LEN).max(method + 1);
        let Range { start, end } = line.text;
        self.http_whole_line(&HTTP_REQUEST_LINE, line, |walk| {
            walk.part_of_bytes(&HTTP_METHOD, start..start + method);
            walk.part_of_bytes(&HTTP_BLANK, start + method..start + method + 1);
            walk.part_of_bytes(&HTTP_TARGET, start + method + 1..start + version - 1);
            walk.part_of_bytes(&HTTP_BLANK, start + version - 1..start + version);
            walk.part_of_bytes(&HTTP_VERSION, start + version..end);
        })
    }

    /// Version, status code, and the phrase, which may be missing.
    fn http_status_line(&mut self, line: &Line) -> usize {
        let Range { start, end } = line.text;
        let code = start + VERSION_LEN + 1;
        self.http_whole_line(&HTTP_STATUS_LINE, line, |walk| {
            walk.part_of_bytes(&HTTP_VERSION, start..code - 1);
            walk.part_of_bytes(&HTTP_BLANK, code - 1..code);
            walk.part_of_bytes(&HTTP_STATUS_CODE, code..code + 3);
            walk.part_of_bytes(&HTTP_BLANK, code + 3..end.min(code + 4));
            walk.part_of_bytes(&HTTP_REASON, end.min(code + 4)..end);
        })
    }

    /// A line with its parts, and the byte behind it.
    fn http_whole_line(&mut self, row: &'static Row, line: &Line, parts: impl FnOnce(&mut Self)) -> usize {
        self.group(row, line.text.start..line.end.end, |walk| {
            parts(walk);
            walk.part_of_bytes(&HTTP_CRLF, line.end.clone());
        });
        // RFC 9112 section 2.2: "a recipient MAY recognize a single LF as a line terminator".
        if line.end.len() == 1 {
            self.problem(Some(row), line.text.start, Kind::Forbidden("ends in LF without CR"));
        }
        line.end.end
    }

    /// The field lines up to the empty one, and the byte behind that.
    fn http_fields(&mut self, mut span: Span, framing: &mut Framing) -> Option<usize> {
        loop {
            let line = self.http_line(span)?;
            if line.text.is_empty() {
                self.part_of_bytes(&HTTP_END_OF_FIELDS, line.end.clone());
                return Some(line.end.end);
            }
            self.http_field_line(&line, framing);
            span = span.from(line.end.end);
        }
    }

    fn http_field_line(&mut self, line: &Line, framing: &mut Framing) {
        let text = self.bytes_at(line.text.clone());
        let at = line.text.start;
        let name = text.iter().position(|byte| *byte == b':');
        let wrong = match (name, text.first()) {
            (_, Some(b' ' | b'\t')) => Some("begins with a blank, as if it went on from the line before"),
            (None, _) => Some("has no colon"),
            (Some(0), _) => Some("has no name"),
            // RFC 9112 section 5.1: "No whitespace is allowed between the field name and colon".
            (Some(colon), _) if text.get(colon - 1).is_some_and(u8::is_ascii_whitespace) => {
                Some("has a blank before the colon")
            }
            _ => None,
        };
        let colon = name.unwrap_or(0);
        let value = text.get(name.map_or(0, |colon| colon + 1)..).unwrap_or_default();
        let from = text.len() - value.trim_ascii_start().len();
        let to = from + value.trim_ascii().len();
        let wrong = wrong.or_else(|| {
            let (name, value) = (text.get(..colon).unwrap_or_default(), value.trim_ascii());
            framing.hear(name, value)
        });
        let end = line.text.end;
        self.http_whole_line(&HTTP_FIELD_LINE, line, |walk| {
            walk.part_of_bytes(&HTTP_FIELD_NAME, at..at + colon);
            let behind_colon = if name.is_some() { &HTTP_COLON } else { &HTTP_BLANK };
            walk.part_of_bytes(behind_colon, at + colon..at + from);
            walk.part_of_bytes(&HTTP_FIELD_VALUE, at + from..at + to);
            walk.part_of_bytes(&HTTP_BLANK, at + to..end);
        });
        if let Some(wrong) = wrong {
            self.problem(Some(&HTTP_FIELD_LINE), at, Kind::Forbidden(wrong));
        }
    }

    /// Chunks up to the one of size zero, and the trailer behind it.
    fn http_chunks(&mut self, mut span: Span) -> Option<usize> {
        loop {
            let line = self.http_line(span)?;
            let text = self.bytes_at(line.text.clone());
            let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let size = text.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
            let size = size.and_then(|digits| usize::from_str_radix(digits, 16).ok());
            let at = line.text.start;
            let rest = span.from(line.end.end);
            let data = rest.first(size.unwrap_or(0).min(rest.len()));
            let is_whole = size.is_some_and(|size| data.len() == size);
            let behind = self.bytes(rest.from(data.end));
            let crlf = match (size, behind) {
                (Some(1..), [b'\r', b'\n', ..]) if is_whole => 2,
                _ => 0,
            };
            let (data, end) = (self.captured(data), self.captured(rest.from(data.end)).start);
            self.group(&HTTP_CHUNK, at..end + crlf, |walk| {
                walk.part_of_bytes(&HTTP_CHUNK_SIZE, at..at + digits);
                walk.part_of_bytes(&HTTP_CHUNK_EXT, at + digits..line.text.end);
                walk.part_of_bytes(&HTTP_CRLF, line.end.clone());
                walk.part_of_bytes(&HTTP_CHUNK_DATA, data);
                walk.part_of_bytes(&HTTP_CRLF, end..end + crlf);
            });
            let next = span.from(end + crlf);
            match size {
                None => {
                    self.problem(Some(&HTTP_CHUNK), at, Kind::Forbidden("begins with no size in hexadecimal"));
                    self.part_of_bytes(&HTTP_GOES_ON, self.captured(next));
                    return None;
                }
                Some(0) => return self.http_fields(next, &mut Framing::default()),
                Some(_) if crlf == 2 => span = next,
                // Only with all of its data, and something else behind them.
                Some(_) => {
                    if is_whole && behind.len() >= 2 {
                        self.problem(Some(&HTTP_CHUNK), at, Kind::Forbidden("is longer than its size says"));
                    }
                    self.part_of_bytes(&HTTP_GOES_ON, self.captured(next));
                    return None;
                }
            }
        }
    }
}

impl Framing {
    /// Hears a field; an answer is what is wrong with it.
    fn hear(&mut self, name: &[u8], value: &[u8]) -> Option<&'static str> {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        if is("host") {
            let has_two = std::mem::replace(&mut self.has_host, true);
            return has_two.then_some("is a second Host");
        }
        if is("transfer-encoding") {
            let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
            self.is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        } else if is("content-length") {
            let length = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(length) = length.and_then(|text| text.parse().ok()) else { return Some("has no number") };
            let before = self.content_length.replace(length);
            if before.is_some_and(|before| before != length) {
                return Some("contradicts the Content-Length before it");
            }
        }
        // RFC 9112 section 6.3: "Such a message might indicate an attempt to perform request smuggling".
        let is_framing = is("transfer-encoding") || is("content-length");
        (is_framing && self.is_chunked && self.content_length.is_some())
            .then_some("says where the content ends, and another field says it otherwise")
    }
}

/// What a message begins with, if these bytes begin one.
fn first_line(bytes: &[u8]) -> Option<FirstLine> {
    if let [b'H', b'T', b'T', b'P', b'/', major, b'.', minor, b' ', code @ ..] = bytes {
        let is_code = code.first_chunk::<3>().is_some_and(|code| code.iter().all(u8::is_ascii_digit));
        let ends = matches!(code.get(3), Some(b' ' | b'\r' | b'\n'));
        return (major.is_ascii_digit() && minor.is_ascii_digit() && is_code && ends).then_some(FirstLine::Status);
    }
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let method = bytes.iter().take(LONGEST_METHOD).take_while(|byte| is_token(byte)).count();
    if method == 0 || bytes.get(method) != Some(&b' ') {
        return None;
    }
    let feed = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = bytes.get(..feed)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let blank = line.iter().rposition(|byte| *byte == b' ')?;
    let (target, version) = (line.get(method + 1..blank)?, line.get(blank + 1..)?);
    let is_target = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    let is_version = matches!(version, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
        if major.is_ascii_digit() && minor.is_ascii_digit());
    (is_target && is_version).then_some(FirstLine::Request)
}

/// RFC 9112 section 6.3: "any response with a 1xx (Informational), 204 (No Content), or 304 (Not Modified) status code is always
/// terminated by the first empty line after the header fields".
fn may_have_content(status_line: &[u8]) -> bool {
    !matches!(status_line.get(VERSION_LEN + 1..VERSION_LEN + 4), Some([b'1', ..] | b"204" | b"304"))
}
