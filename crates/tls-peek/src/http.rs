//! HTTP/1.1 over a connection: what is asked, in which order, and which answer is for which request.
//!
//! Obeys RFC 9112 section 3 (requests), sections 6 and 7 (where an answer's content ends) and section 9.3 (connections that stay
//! open, and pipelining).
//! Nothing in an answer says for which request it is. That the server answers in the order in which it was asked is all there is.

mod answers;
mod fault;

pub use answers::{Answer, Answers, Framing};
pub use fault::Fault;

use host::Time;

/// What the field `Host` says: RFC 9112 section 3.2 wants it as in the URI, where a port stands unless it is the `usual` one.
pub(crate) fn host(name: &str, port: u16, usual: u16) -> String {
    if port == usual { name.to_string() } else { format!("{name}:{port}") }
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of which page.
    pub path: String,
    /// What is brought there; `None`: nothing, the page is asked for.
    pub content: Option<Vec<u8>>,
}

impl Request {
    /// GET or POST.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.content.is_some() { "POST" } else { "GET" }
    }

    /// Its bytes. RFC 9112 section 3.2: "A client MUST send a Host header field [...] in all HTTP/1.1 request messages".
    #[must_use]
    pub fn bytes(&self, host: &str, is_last: bool) -> Vec<u8> {
        let length = self.content.as_ref().map_or_else(String::new, |it| format!("Content-Length: {}\r\n", it.len()));
        // RFC 9112 section 9.6: "A client that sends a 'close' connection option MUST NOT send further requests on that connection".
        let close = if is_last { "Connection: close\r\n" } else { "" };
        let (method, path) = (self.method(), &self.path);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{length}{close}\r\n");
        [head.as_bytes(), self.content.as_deref().unwrap_or_default()].concat()
    }
}

/// What is to be asked on one connection.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The requests, in their order.
    pub requests: Vec<Request>,
    /// Whether all are sent at once, and not each when the answer before is whole.
    pub pipelined: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// What was to be asked.
    pub wanted: Wanted,
    /// Whom.
    host: String,
    /// When each request left.
    pub sent: Vec<Time>,
    /// The answers, in the order of the requests.
    pub answers: Vec<Answer>,
    /// Why there are no more.
    pub fault: Option<Fault>,
    reader: Answers,
}

impl Talk {
    /// One that has not begun.
    #[must_use]
    pub fn new(wanted: &Wanted, host: &str) -> Self {
        Self { wanted: wanted.clone(), host: host.to_string(), ..Self::default() }
    }

    /// Whom it asks, as the field `Host` says it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What is to be sent now, if anything: the next request, or all.
    pub fn next(&mut self, now: Time) -> Vec<u8> {
        let waits = !self.wanted.pipelined && self.answers.len() < self.sent.len();
        let count = match self.wanted.requests.len().saturating_sub(self.sent.len()) {
            _ if waits || self.fault.is_some() => 0,
            left if self.wanted.pipelined => left,
            left => left.min(1),
        };
        let mut bytes = vec![];
        for request in self.wanted.requests.iter().skip(self.sent.len()).take(count) {
            let is_last = self.sent.len() + 1 == self.wanted.requests.len();
            bytes.extend(request.bytes(&self.host, is_last));
            self.sent.push(now);
        }
        bytes
    }

    /// Hears what came.
    pub fn hear(&mut self, now: Time, bytes: &[u8]) {
        if self.fault.is_some() {
            return;
        }
        let heard = self.reader.push(now, bytes, &mut self.answers);
        self.fault = heard.err();
        let (asked, answered) = (self.sent.len(), self.answers.len());
        if self.fault.is_none() && answered > asked {
            self.fault = Some(Fault::Unasked { answers: answered, requests: asked });
            self.answers.truncate(asked);
        }
        // RFC 9112 section 9.6: "A client that receives a "close" connection option MUST cease sending requests on that connection".
        if self.fault.is_none() && !self.is_done() && self.answers.last().is_some_and(|answer| answer.closes) {
            self.fault = Some(self.not_answered());
        }
    }

    /// Hears that no more will come.
    pub fn end(&mut self, now: Time) {
        if self.fault.is_some() || self.is_done() {
            return;
        }
        self.fault = self.reader.end(now, &mut self.answers).err();
        if self.fault.is_none() && !self.is_done() {
            self.fault = Some(self.not_answered());
        }
    }

    fn not_answered(&self) -> Fault {
        let said_so = self.answers.last().is_some_and(|answer| answer.closes);
        Fault::NotAnswered { answers: self.answers.len(), requests: self.wanted.requests.len(), said_so }
    }

    /// Whether each request has its answer.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.answers.len() == self.wanted.requests.len()
    }

    /// The requests that left before the answer in front of them was whole.
    #[must_use]
    pub fn overtaken(&self) -> usize {
        let whole = self.answers.iter().map(|answer| answer.whole);
        self.sent.iter().skip(1).zip(whole).filter(|(sent, whole)| *sent < whole).count()
    }
}
