//! One connection: what came is sent back, and what has no room yet is kept.
//!
//! As long as anything is kept, nothing more is read: who sends and never reads is held up by the windows of TCP, and
//! takes no more memory here than one read. Who has nothing kept takes no memory for it.

use super::engine::{End, Options};
use host::{Error, Interest, Opt, Result, SocketId, Stream, Time};
use std::time::Duration;

/// How many bytes are read at once, and kept of one connection; with `--reads` a whole request is.
pub(crate) const AT_ONCE: usize = 1 << 16;

/// So often a connection is looked at for what has come before the end of the run: not for ever, should it send
/// without end.
const LAST_TURNS: u32 = 16;

/// A connection as it stands.
pub(super) struct Open {
    /// The how manieth of its worker.
    pub(super) number: u64,
    /// Which listening socket it came by.
    pub(super) worker: usize,
    pub(super) stream: Box<dyn Stream>,
    pub(super) echoed: u64,
    /// The windows of [`super::engine::Event::Answer`], where there is one to tell.
    pub(super) begun: Option<Option<[u32; 2]>>,
    /// When something came last.
    heard: Time,
    /// When something left last.
    wrote: Time,
    /// Whether the next byte to be written is the first of an answer.
    begins: bool,
    /// How it ended, once it has.
    pub(super) end: Option<End>,
    id: SocketId,
    /// What is gathered of a request.
    gathered: Vec<u8>,
    /// What is to be echoed and has not been written.
    pending: Vec<u8>,
    /// Whether the other side has closed.
    finished: bool,
}

impl Open {
    pub(super) fn new(number: u64, worker: usize, stream: Box<dyn Stream>, now: Time) -> Self {
        let id = stream.id();
        Self {
            number,
            worker,
            stream,
            echoed: 0,
            begun: None,
            heard: now,
            wrote: now,
            begins: false,
            end: None,
            id,
            gathered: vec![],
            pending: vec![],
            finished: false,
        }
    }

    /// What it waits for: room for what is kept, else something to read.
    pub(super) fn interest(&self) -> Interest {
        Interest { socket: self.id, read: self.pending.is_empty(), write: !self.pending.is_empty() }
    }

    /// Since when it has been silent, or nothing of what is kept has left.
    pub(super) fn idle_since(&self) -> Time {
        if self.pending.is_empty() { self.heard } else { self.heard.max(self.wrote) }
    }

    /// Reads once and writes what there is room for; `room` is to read into.
    pub(super) fn turn(&mut self, now: Time, options: &Options, room: &mut [u8]) {
        self.end = match self.echo(now, options, room) {
            Ok(end) => end,
            // It was ready for something else than this.
            Err(Error::TimedOut | Error::Interrupted | Error::Idle) => None,
            Err(error) => Some(End::Failed(error)),
        };
    }

    /// Echoes what lies there, and says how this side then ends it.
    pub(super) fn last_turn(&mut self, now: Time, options: &Options, room: &mut [u8]) -> End {
        for _ in 0..LAST_TURNS {
            let before = self.echoed;
            self.turn(now, options, room);
            match self.end.take() {
                // The network is gone, and nobody knows how this connection would have ended.
                Some(End::Failed(Error::Gone)) => break,
                Some(end) => return end,
                None if self.echoed == before => break,
                None => {}
            }
        }
        End::ByUs { unsent: self.give_up() }
    }

    /// How many bytes were to be echoed and had no room to leave. If there are any, closing breaks the connection off: a FIN says
    /// that all was sent (RFC 9293 section 3.6), and this would not be true.
    pub(super) fn give_up(&mut self) -> usize {
        let unsent = self.pending.len();
        if unsent > 0 {
            // If that fails, the connection is gone already.
            let _ = self.stream.set(Opt::Linger(Some(Duration::ZERO)));
        }
        unsent
    }

    fn echo(&mut self, now: Time, options: &Options, room: &mut [u8]) -> Result<Option<End>> {
        self.stream.set_deadline(now);
        if self.pending.is_empty() {
            let count = self.read(now, options, room)?;
            options.manners.after_read(&mut *self.stream)?;
            let came = room.get(..count).unwrap_or_default();
            // What is echoed at once is not kept before.
            let is_plain = options.reads.is_none() && options.abort_after.is_none() && !options.manners.cork;
            let left = if is_plain && count > 0 { self.write(came, now)? } else { 0 };
            self.gather(came.get(left..).unwrap_or_default(), options);
            if is_plain {
                return Ok((self.finished && self.pending.is_empty()).then_some(End::ByPeer));
            }
        }
        let left = options.abort_after.map(|most| most.saturating_sub(self.echoed));
        let most = left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX).min(self.pending.len());
        if most > 0 {
            if options.manners.cork {
                self.stream.set(Opt::Cork(true))?;
            }
            let before = if self.begins { cwnd(&mut *self.stream) } else { None };
            let pending = std::mem::take(&mut self.pending);
            let count = self.write(pending.get(..most).unwrap_or_default(), now)?;
            self.keep(pending, count);
            if count > 0 && std::mem::take(&mut self.begins) {
                let behind = cwnd(&mut *self.stream);
                self.begun = Some(before.zip(behind).map(|(before, behind)| [before, behind]));
            }
            if options.manners.cork {
                self.stream.set(Opt::Cork(false))?;
            }
        }
        if options.abort_after.is_some_and(|most| self.echoed >= most) {
            self.stream.set(Opt::Linger(Some(Duration::ZERO)))?;
            return Ok(Some(End::Aborted));
        }
        Ok((self.finished && self.pending.is_empty()).then_some(End::ByPeer))
    }

    /// Keeps what has not left of what was to leave. If nothing is left, its memory goes with it.
    fn keep(&mut self, mut pending: Vec<u8>, left: usize) {
        if left < pending.len() {
            pending.drain(..left);
            self.pending = pending;
        }
    }

    /// Reads once, as much as may be gathered; how many bytes that were.
    fn read(&mut self, now: Time, options: &Options, room: &mut [u8]) -> Result<usize> {
        let wanted = options.reads.map_or(AT_ONCE, |size| size.saturating_sub(self.gathered.len()).clamp(1, AT_ONCE));
        let wanted = wanted.min(room.len());
        let count = self.stream.read(room.get_mut(..wanted).unwrap_or_default())?;
        self.heard = now;
        self.finished = count == 0;
        Ok(count)
    }

    /// Writes what there is room for; how many bytes that were.
    fn write(&mut self, bytes: &[u8], now: Time) -> Result<usize> {
        match self.stream.write(bytes).map_err(Error::from) {
            Ok(count) => {
                self.echoed += count as u64;
                self.wrote = now;
                Ok(count)
            }
            Err(Error::TimedOut) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Gathers what came. What makes a request whole, or comes before the other side's FIN, is to be echoed.
    fn gather(&mut self, came: &[u8], options: &Options) {
        self.gathered.extend_from_slice(came);
        let is_whole = self.gathered.len() >= options.reads.unwrap_or(0);
        match options.answer.filter(|_| !came.is_empty()) {
            Some(answer) if is_whole => {
                self.gathered.clear();
                self.pending = (0..=250).cycle().take(answer).collect();
                self.begins = true;
            }
            None if is_whole || self.finished => self.pending = std::mem::take(&mut self.gathered),
            Some(_) | None => {}
        }
    }
}

/// The congestion window, where the host tells.
fn cwnd(stream: &mut dyn Stream) -> Option<u32> {
    stream.info().ok()?.cwnd
}
