//! The programs that a network's file puts behind TCP ports: `echo`, `sink`, `slow`, `http`, `pages`, and the one that answers
//! about names. Before some of them is TLS (`secured`).
//!
//! They close when the other side has: a connection is over when both have said so. `http` is the exception, which closes after
//! its answer, as a server does that says `Connection: close`; and `pages` when it was asked to.

use super::pages::{self, Pages};
use super::secured::Tls;
use crate::topology::Serve;
use host::{Nagle, Time};
use std::time::Duration;
use tcp::{Connection, Received};
use wire::dns::framing;

/// How much a service takes at once, bytes.
const PIECE: usize = 4096;
/// How often the slow reader reads.
const SLOW_INTERVAL: Duration = Duration::from_secs(1);

/// What a service reads and writes: a connection, or what TLS makes of it.
pub(super) trait Line {
    /// What came.
    fn receive(&mut self, into: &mut [u8]) -> Result<Received, tcp::Error>;
    /// Sends what there is room for.
    fn send(&mut self, bytes: &[u8]);
    /// For how much there is room, bytes.
    fn can_send(&self) -> usize;
}

impl Line for Connection {
    fn receive(&mut self, into: &mut [u8]) -> Result<Received, tcp::Error> {
        Connection::receive(self, into)
    }

    fn send(&mut self, bytes: &[u8]) {
        let _ = Connection::send(self, bytes);
    }

    fn can_send(&self) -> usize {
        Connection::can_send(self)
    }
}

/// A service at work on a connection.
#[derive(Debug)]
pub(super) struct Serving {
    serve: Serve,
    /// What is between it and the connection.
    tls: Option<Tls>,
    request: Request,
    pages: Pages,
    /// When the slow reader may read again.
    reads_at: Time,
    /// Whether there is something that it has not read.
    waits: bool,
    /// What came of a message that is not whole yet.
    message: Vec<u8>,
    /// Messages that wait to be answered.
    questions: Vec<Vec<u8>>,
}

/// How far a request's head has come: RFC 9112 section 2.1, lines up to an empty one.
#[derive(Debug, Default)]
struct Request {
    has_begun: bool,
    line_is_empty: bool,
}

/// What is on the pages of the node named `name`.
pub(super) fn greeting(name: &str) -> String {
    format!("hello from {name}\n")
}

/// What the service `http` of the node named `name` says.
fn page(name: &str) -> Vec<u8> {
    let text = greeting(name);
    let head = pages::head("200 OK", &format!("Content-Length: {}", text.len()), true);
    [head, text].concat().into_bytes()
}

impl Serving {
    pub(super) fn new(serve: Serve, tls: Option<Tls>) -> Self {
        Self {
            serve,
            tls,
            request: Request::default(),
            pages: Pages::default(),
            reads_at: Time::START,
            waits: false,
            message: vec![],
            questions: vec![],
        }
    }

    /// Does what there is to do. `true`: the service is done, and leaves the connection.
    pub(super) fn run(&mut self, now: Time, connection: &mut Connection, name: &str) -> bool {
        let Some(mut tls) = self.tls.take() else {
            return match self.serve {
                Serve::Slow(rate) => self.read_slowly(now, connection, rate),
                Serve::Pages => {
                    // As servers do that speak HTTP: a chunk must not wait until the one before is acknowledged.
                    connection.set_nagle(Nagle::Off);
                    self.work(now, connection, name)
                }
                _ => self.work(now, connection, name),
            };
        };
        tls.pull(now, connection);
        let is_over = self.work(now, &mut tls.line(now), name);
        if is_over {
            tls.close(now);
        }
        let is_sent = tls.push(now, connection);
        self.tls = Some(tls);
        is_over && is_sent
    }

    fn work(&mut self, now: Time, line: &mut dyn Line, name: &str) -> bool {
        match self.serve {
            Serve::Echo => echo(line),
            Serve::Sink | Serve::Slow(_) => take(line, usize::MAX, |_| {}),
            Serve::Names => self.cut_messages(line),
            Serve::Pages => self.pages.run(now, line, name),
            Serve::Http => {
                let mut is_asked = false;
                let is_over = take(line, usize::MAX, |piece| is_asked |= self.request.ends_in(piece));
                if is_asked {
                    // The buffer is empty, and larger than any page.
                    line.send(&page(name));
                }
                is_asked || is_over
            }
        }
    }

    /// Sends what is said for it elsewhere.
    pub(super) fn say(&mut self, now: Time, connection: &mut Connection, bytes: &[u8]) {
        match &mut self.tls {
            Some(tls) => tls.line(now).send(bytes),
            None => Line::send(connection, bytes),
        }
    }

    /// The questions about names that came since this was asked last.
    pub(super) fn take_questions(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.questions)
    }

    /// RFC 1035 section 4.2.2: each message stands behind its length. `true`: there will be no more.
    fn cut_messages(&mut self, line: &mut dyn Line) -> bool {
        let message = &mut self.message;
        let is_over = take(line, usize::MAX, |piece| message.extend_from_slice(piece));
        while let Some((whole, rest)) = framing::next_message(message) {
            self.questions.push(whole.to_vec());
            *message = rest.to_vec();
        }
        is_over
    }

    /// When it has something to do although nothing happens.
    pub(super) fn wake_at(&self) -> Time {
        let slow = if self.waits { self.reads_at } else { Time::NEVER };
        slow.min(self.pages.wake_at())
    }

    /// Reads `rate` bytes, once a second.
    fn read_slowly(&mut self, now: Time, connection: &mut Connection, rate: u32) -> bool {
        let mut is_over = false;
        if self.reads_at <= now && connection.can_receive() {
            self.reads_at = now + SLOW_INTERVAL;
            is_over = take(connection, usize::try_from(rate).unwrap_or(usize::MAX), |_| {});
        }
        self.waits = connection.can_receive() && !is_over;
        is_over
    }
}

/// Sends back what came, as far as there is room. `true`: that was all.
fn echo(line: &mut dyn Line) -> bool {
    let mut piece = [0; PIECE];
    loop {
        let into = piece.get_mut(..line.can_send().min(PIECE)).unwrap_or_default();
        match line.receive(into) {
            // No room: there will be, when the other side has taken what was sent.
            Ok(Received::Bytes(0) | Received::Nothing) => return false,
            // There is room for it, so all of it is taken.
            Ok(Received::Bytes(count)) => {
                line.send(into.get(..count).unwrap_or_default());
            }
            Ok(Received::End) | Err(_) => return true,
        }
    }
}

/// Takes up to `most` bytes. `true`: there will be no more.
pub(super) fn take(line: &mut dyn Line, most: usize, mut see: impl FnMut(&[u8])) -> bool {
    let mut piece = [0; PIECE];
    let mut left = most;
    while left > 0 {
        let into = piece.get_mut(..left.min(PIECE)).unwrap_or_default();
        match line.receive(into) {
            Ok(Received::Bytes(count)) => {
                left -= count;
                see(into.get(..count).unwrap_or_default());
            }
            Ok(Received::Nothing) => return false,
            Ok(Received::End) | Err(_) => return true,
        }
    }
    false
}

impl Request {
    /// Whether the head ends in these bytes.
    ///
    /// RFC 9112 section 2.2: "a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR", and an empty
    /// line before the request is no end of it.
    fn ends_in(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            match byte {
                b'\r' => {}
                b'\n' if self.has_begun && self.line_is_empty => return true,
                b'\n' => self.line_is_empty = true,
                _ => {
                    self.has_begun = true;
                    self.line_is_empty = false;
                }
            }
        }
        false
    }
}
