//! Questions in a stream: one after the other is answered, and an answer that has no room yet is kept.
//!
//! Obeys RFC 7766 section 6.2.1.1: a client may send further questions before it has an answer. As long as an answer is
//! kept, nothing more is read: who asks and never reads is held up by the windows of TCP, and takes the memory of one
//! answer and of one read.

use host::{Error, Interest, Result, SocketId, Stream, Time};
use wire::dns::framing::{framed, next_message};

/// How many bytes are read at once.
pub(super) const AT_ONCE: usize = 1 << 16;

/// A connection as it stands.
pub(super) struct Open {
    /// Which server's.
    pub(super) door: usize,
    pub(super) stream: Box<dyn Stream>,
    /// Whether it is over.
    pub(super) is_over: bool,
    id: SocketId,
    /// When something came or left last.
    moved: Time,
    /// What came and is not answered.
    gathered: Vec<u8>,
    /// What is to leave.
    pending: Vec<u8>,
    /// Whether the other side has closed.
    finished: bool,
}

impl Open {
    pub(super) fn new(door: usize, stream: Box<dyn Stream>, now: Time) -> Self {
        let id = stream.id();
        Self { door, stream, is_over: false, id, moved: now, gathered: vec![], pending: vec![], finished: false }
    }

    /// What it waits for: room for an answer, else questions.
    pub(super) fn interest(&self) -> Interest {
        Interest { socket: self.id, read: self.pending.is_empty(), write: !self.pending.is_empty() }
    }

    /// Since when nothing has come or left.
    pub(super) fn idle_since(&self) -> Time {
        self.moved
    }

    /// Reads once, and answers as many questions as there is room for; `answer` gives the bytes for one, or `None` if it is
    /// none. `room` is to read into.
    pub(super) fn turn(&mut self, now: Time, room: &mut [u8], answer: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>) {
        self.is_over = match self.read_and_answer(now, room, answer) {
            Ok(is_over) => is_over,
            // It was ready for something else than this.
            Err(Error::TimedOut | Error::Interrupted | Error::Idle) => false,
            Err(_) => true,
        };
    }

    fn read_and_answer(
        &mut self,
        now: Time,
        room: &mut [u8],
        answer: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<bool> {
        self.stream.set_deadline(now);
        if self.pending.is_empty() && !self.finished {
            let count = self.stream.read(room)?;
            (self.moved, self.finished) = (now, count == 0);
            self.gathered.extend_from_slice(room.get(..count).unwrap_or_default());
        }
        loop {
            self.write(now)?;
            if !self.pending.is_empty() {
                return Ok(false);
            }
            let Some((message, rest)) = next_message(&self.gathered) else { break };
            let behind = self.gathered.len() - rest.len();
            // RFC 7766 section 8: length and message in one write, so that they travel in one segment.
            self.pending = answer(message).map_or_else(Vec::new, |answer| framed(&answer));
            self.gathered.drain(..behind);
        }
        Ok(self.finished)
    }

    /// Writes what there is room for.
    fn write(&mut self, now: Time) -> Result<()> {
        while !self.pending.is_empty() {
            match self.stream.write(&self.pending).map_err(Error::from) {
                Ok(count) => {
                    self.moved = now;
                    self.pending.drain(..count);
                }
                Err(Error::TimedOut) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
