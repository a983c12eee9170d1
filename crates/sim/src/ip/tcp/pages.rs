//! The service `pages`: HTTP/1.1 on connections that stay open, RFC 9112 section 9.3.
//!
//! It takes one request after the other and answers in that order, the next one when the answer before is out: so a request behind
//! `/slow` waits, however quick its own answer would be. What there is to ask for:
//!
//! | request | answer |
//! |---|---|
//! | GET or HEAD of any page | a greeting with the node's name, by `Content-Length` |
//! | of `/slow` | the same, 200 ms later |
//! | of `/chunks` | three chunks, 50 ms apart |
//! | of `/missing` | 404 |
//! | POST to any page | how many bytes came |
//!
//! A request with `Connection: close`, or of HTTP/1.0, is the last one; what cannot be read is answered with 400, and closed.

use super::services::{Line, greeting, take};
use host::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// A head, or a content, of more bytes is not read.
const MOST: usize = 1 << 16;
/// More fields in a head are not read.
const MOST_FIELDS: usize = 64;
/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(200);
/// What is between two chunks.
const BETWEEN_CHUNKS: Duration = Duration::from_millis(50);

/// A connection's requests and answers.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// What came and is not answered yet.
    received: Vec<u8>,
    /// Whether the other side says no more.
    is_over: bool,
    /// The answer at work: what is to be said, each so long after what is before it.
    answer: VecDeque<(Duration, Vec<u8>)>,
    /// When the next piece of it is due.
    due: Time,
    /// Whether the connection ends with this answer.
    is_last: bool,
}

/// A request as far as it matters here.
#[derive(Debug)]
struct Request {
    method: String,
    target: String,
    content: usize,
    is_last: bool,
}

impl Pages {
    /// Does what there is to do. `true`: the connection is to be closed.
    pub(super) fn run(&mut self, now: Time, line: &mut dyn Line, name: &str) -> bool {
        // Who asks on and on while an answer is at work fills TCP's buffer, and not this one.
        let room = (2 * MOST).saturating_sub(self.received.len());
        let received = &mut self.received;
        self.is_over |= take(line, room, |piece| received.extend_from_slice(piece));
        loop {
            while let Some((_, piece)) = self.answer.front().filter(|_| self.due <= now) {
                line.send(piece);
                self.answer.pop_front();
                self.due = now + self.answer.front().map_or(Duration::ZERO, |(after, _)| *after);
            }
            if !self.answer.is_empty() {
                return false;
            }
            if self.is_last {
                return true;
            }
            match next_request(&mut self.received) {
                Ok(Some(request)) => {
                    self.is_last = request.is_last;
                    self.answer = answer(&request, name);
                }
                Ok(None) => return self.is_over,
                Err(()) => {
                    self.is_last = true;
                    self.answer = whole("400 Bad Request", "what came is no request\n", true, true);
                }
            }
            self.due = now + self.answer.front().map_or(Duration::ZERO, |(after, _)| *after);
        }
    }

    /// When the next piece of an answer is due.
    pub(super) fn wake_at(&self) -> Time {
        if self.answer.is_empty() { Time::NEVER } else { self.due }
    }
}

/// Takes the first request off what was received; `None`: it is not whole yet.
fn next_request(received: &mut Vec<u8>) -> Result<Option<Request>, ()> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let behind = match head.parse(received) {
        Ok(httparse::Status::Complete(behind)) => behind,
        Ok(httparse::Status::Partial) if received.len() < MOST => return Ok(None),
        Ok(httparse::Status::Partial) | Err(_) => return Err(()),
    };
    let (Some(method), Some(target), Some(version)) = (head.method, head.path, head.version) else { return Err(()) };
    let mut request = Request { method: method.into(), target: target.into(), content: 0, is_last: version == 0 };
    for field in head.headers.iter() {
        let value = String::from_utf8_lossy(field.value);
        match field.name.to_ascii_lowercase().as_str() {
            "content-length" => request.content = value.parse().ok().filter(|length| *length <= MOST).ok_or(())?,
            // It takes content in one piece only.
            "transfer-encoding" => return Err(()),
            "connection" => request.is_last |= value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close")),
            _ => {}
        }
    }
    let end = behind + request.content;
    if received.len() < end {
        return Ok(None);
    }
    received.drain(..end);
    Ok(Some(request))
}

/// What is said to a request.
fn answer(request: &Request, name: &str) -> VecDeque<(Duration, Vec<u8>)> {
    let (is_last, has_content) = (request.is_last, request.method != "HEAD");
    match (request.method.as_str(), request.target.as_str()) {
        ("POST", _) => whole("200 OK", &format!("took {} bytes\n", request.content), is_last, true),
        ("GET" | "HEAD", "/missing") => whole("404 Not Found", "nothing is here\n", is_last, has_content),
        ("GET" | "HEAD", "/slow") => {
            let mut answer = whole("200 OK", &greeting(name), is_last, has_content);
            answer.iter_mut().for_each(|(after, _)| *after = SLOW);
            answer
        }
        ("GET", "/chunks") => {
            let head = head("200 OK", "Transfer-Encoding: chunked", is_last);
            let mut pieces = VecDeque::from([(Duration::ZERO, head.into_bytes())]);
            let words = [("hello ", Duration::ZERO), ("from ", BETWEEN_CHUNKS), (name, BETWEEN_CHUNKS)];
            for (word, after) in words {
                pieces.push_back((after, format!("{:x}\r\n{word}\r\n", word.len()).into_bytes()));
            }
            pieces.push_back((Duration::ZERO, b"0\r\n\r\n".to_vec()));
            pieces
        }
        ("GET" | "HEAD", _) => whole("200 OK", &greeting(name), is_last, has_content),
        _ => whole("501 Not Implemented", "only GET, HEAD and POST\n", is_last, true),
    }
}

/// An answer in one piece.
fn whole(status: &str, text: &str, is_last: bool, has_content: bool) -> VecDeque<(Duration, Vec<u8>)> {
    let mut bytes = head(status, &format!("Content-Length: {}", text.len()), is_last);
    if has_content {
        bytes.push_str(text);
    }
    VecDeque::from([(Duration::ZERO, bytes.into_bytes())])
}

/// An answer's head; `framing` is the field that says where the content ends.
pub(super) fn head(status: &str, framing: &str, is_last: bool) -> String {
    let close = if is_last { "Connection: close\r\n" } else { "" };
    format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n{framing}\r\n{close}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_taken_one_by_one_however_they_are_cut() {
        let all = b"POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\nab\r\nGET /b HTTP/1.1\r\nConnection: Close\r\n\r\n";
        for cut in 0..all.len() {
            let mut received = vec![];
            let mut taken = vec![];
            for piece in [&all[..cut], &all[cut..]] {
                received.extend_from_slice(piece);
                while let Ok(Some(request)) = next_request(&mut received) {
                    taken.push((request.target, request.content, request.is_last));
                }
            }
            assert_eq!(taken, [("/a".to_string(), 4, false), ("/b".to_string(), 0, true)], "cut at {cut}");
            assert_eq!(received, b"");
        }
        assert!(next_request(&mut b"no request at all\r\n\r\n".to_vec()).is_err());
        assert!(next_request(&mut b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n".to_vec()).is_err());
    }
}
