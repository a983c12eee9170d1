//! One client: its records in, ours out, a request of HTTP and its answer.
//!
//! Nothing waits here. What a turn does is done with the bytes that are there, so that a client that says nothing keeps nobody else
//! from being served.

use super::{http, words};
use crate::secrets::Collector;
use crate::{Recording, Side};
use host::{Error, Interest, SocketId, Stream, Time};
use rustls::Connection;
use seeded_tls::Session;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

/// How much is read at once, bytes.
const PIECE: usize = 1 << 15;
/// Of a request so much is kept, bytes; a longer head is answered as it stands.
const MOST_REQUEST: usize = 1 << 14;
/// After so many bytes of a client nothing more of it is recorded, or read.
const MOST_RECEIVED: usize = 1 << 20;

/// What ends the head of a request, RFC 9112 section 2.1.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Where a connection's chance and time come from.
pub(super) enum End {
    /// From the system.
    Live(Box<Connection>),
    /// From the simulated network.
    Seeded(Box<Session>),
}

impl End {
    fn at<T>(&mut self, now: Time, work: impl FnOnce(&mut Connection) -> T) -> T {
        match self {
            Self::Live(connection) => work(connection),
            Self::Seeded(session) => session.at(now, work),
        }
    }

    fn connection(&self) -> &Connection {
        match self {
            Self::Live(connection) => connection,
            Self::Seeded(session) => session.connection(),
        }
    }
}

/// A client as it stands.
pub(super) struct Open {
    pub(super) stream: Box<dyn Stream>,
    pub(super) until: Time,
    pub(super) served: Served,
    pub(super) is_over: bool,
    id: SocketId,
    end: End,
    /// What is to leave.
    pending: Vec<u8>,
    /// Whether goodbye is said: whatever comes then is not read as TLS any more.
    has_closed: bool,
    has_finished: bool,
}

/// What a client came to.
#[derive(Debug)]
pub(super) struct Served {
    /// The client's address and port.
    pub(super) from: SocketAddr,
    /// What passed.
    pub(super) recording: Recording,
    /// What opens that.
    pub(super) secrets: Arc<Collector>,
    /// Whether the handshake came to its end.
    pub(super) is_established: bool,
    /// Why nothing came of it, in a sentence.
    pub(super) failed: Option<String>,
    /// What it asked, as far as that is kept.
    pub(super) request: Vec<u8>,
    /// How many bytes of the request came before the handshake was over.
    pub(super) early: usize,
    /// Whether it was answered.
    pub(super) is_answered: bool,
}

impl Open {
    pub(super) fn new(stream: Box<dyn Stream>, end: End, secrets: Arc<Collector>, until: Time) -> Self {
        let served = Served {
            from: stream.peer(),
            recording: Recording::default(),
            secrets,
            is_established: false,
            failed: None,
            request: vec![],
            early: 0,
            is_answered: false,
        };
        let id = stream.id();
        Self { stream, until, served, is_over: false, id, end, pending: vec![], has_closed: false, has_finished: false }
    }

    /// What it waits for.
    pub(super) fn interest(&self) -> Interest {
        Interest { socket: self.id, read: true, write: !self.pending.is_empty() }
    }

    /// Does what can be done now.
    pub(super) fn turn(&mut self, now: Time) {
        self.stream.set_deadline(now);
        let moved = self.receive(now).and_then(|()| {
            self.answer(now);
            self.send(now)
        });
        match moved {
            // It was ready for something else than this.
            Ok(()) | Err(Error::TimedOut | Error::Interrupted | Error::Idle) => {}
            Err(error) => self.end_because(error.to_string()),
        }
    }

    /// Ends it, for its time is over.
    pub(super) fn time_out(&mut self) {
        let heard = self.served.recording.bytes(Side::Client);
        self.end_because(words::silent(self.served.is_established, heard).into());
    }

    /// Ends it. Who has an answer may go as it likes.
    fn end_because(&mut self, why: String) {
        self.is_over = true;
        if !self.served.is_answered {
            self.served.failed.get_or_insert(why);
        }
    }

    /// Reads once, and lets TLS work on it.
    fn receive(&mut self, now: Time) -> Result<(), Error> {
        let mut piece = vec![0; PIECE];
        let count = match self.stream.read(&mut piece).map_err(Error::from) {
            Ok(count) => count,
            // There may be something to send.
            Err(Error::TimedOut) => return Ok(()),
            Err(error) => return Err(error),
        };
        piece.truncate(count);
        if count == 0 || self.served.recording.bytes(Side::Client) > MOST_RECEIVED {
            self.is_over = true;
            if self.end.connection().is_handshaking() {
                self.served.failed.get_or_insert(words::left(&self.served.recording));
            }
            return Ok(());
        }
        self.served.recording.add(Side::Client, now, &piece);
        if self.has_closed {
            // An error now would want a last word, and that was said.
            return Ok(());
        }
        let mut rest = piece.as_slice();
        while !rest.is_empty() && !self.has_closed {
            self.end.at(now, |connection| connection.read_tls(&mut rest)).map_err(Error::from)?;
            let worked = self.end.at(now, |connection| connection.process_new_packets().map(drop));
            self.take(now);
            if let Err(error) = worked {
                self.served.failed = Some(words::failed(&error, &self.served.recording));
                // The alert is the last word.
                self.has_closed = true;
            }
        }
        self.served.is_established |= !self.end.connection().is_handshaking();
        Ok(())
    }

    /// Takes what the client says, what came early first.
    fn take(&mut self, now: Time) {
        let Served { request, early, .. } = &mut self.served;
        self.end.at(now, |connection| {
            if let Connection::Server(server) = &mut *connection
                && let Some(mut data) = server.early_data()
            {
                *early += keep(&mut data, request);
            }
            keep(&mut connection.reader(), request);
        });
    }

    /// Answers a request that is there as a whole, once, and says goodbye.
    fn answer(&mut self, now: Time) {
        let Served { request, is_established, is_answered, .. } = &mut self.served;
        let is_whole = request.len() >= MOST_REQUEST || request.windows(END_OF_HEAD.len()).any(|it| it == END_OF_HEAD);
        if self.has_closed || !*is_established || !is_whole || std::mem::replace(is_answered, true) {
            return;
        }
        let answer = http::answer(self.end.connection(), request);
        // Writing to memory does not fail, and rustls takes what is written after the handshake.
        let _ = self.end.at(now, |connection| connection.writer().write_all(&answer));
        self.end.at(now, |connection| connection.send_close_notify());
        self.has_closed = true;
    }

    /// Sends what there is room for; behind the last word, FIN.
    fn send(&mut self, now: Time) -> Result<(), Error> {
        let mut records = vec![];
        while self.end.connection().wants_write() {
            self.end.at(now, |connection| connection.write_tls(&mut records)).map_err(Error::from)?;
        }
        self.served.recording.add(Side::Server, now, &records);
        self.pending.extend(records);
        while !self.pending.is_empty() {
            let count = self.stream.write(&self.pending).map_err(Error::from)?;
            self.pending.drain(..count);
        }
        if self.has_closed && !std::mem::replace(&mut self.has_finished, true) {
            self.stream.finish()?;
        }
        Ok(())
    }
}

/// Reads all that is there, keeps so much of it as there is room for, and says how many bytes there were.
fn keep(from: &mut dyn Read, to: &mut Vec<u8>) -> usize {
    let mut room = vec![0; PIECE];
    let mut all = 0;
    // Nothing more for now, or the other end is gone: what was read is there.
    while let Ok(count @ 1..) = from.read(&mut room) {
        all += count;
        let left = MOST_REQUEST.saturating_sub(to.len());
        to.extend(room.iter().take(count.min(left)));
    }
    all
}
