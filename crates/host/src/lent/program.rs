//! The program's end of the line.

use super::message::{Ask, Role, Tell, VERSION, framed, length};
use super::{MOST_BYTES, STDIN, VARIABLE};
use crate::lab::{LabError, Question, Value};
use crate::{Call, Carrier, Error, Reply, Result, Time};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

/// The line to a host that was lent to this program: a carrier for its [`crate::Guest`].
#[derive(Debug)]
pub struct Lent {
    line: UnixStream,
    now: Time,
    role: Role,
}

/// The host that was lent to this program by its standard input; `None`: none was.
///
/// To be called once, at the start: there is one line only.
///
/// # Errors
/// [`Error::Gone`] when nobody is at the other end, [`Error::Other`] when `FIRSTHOP_HOST` says something else than `stdin`.
pub fn on_standard_input() -> Option<Result<Lent>> {
    let place = std::env::var(VARIABLE).ok().filter(|place| !place.is_empty())?;
    if place != STDIN {
        let known = format!("{VARIABLE} is '{}', and only '{STDIN}' is known", place.escape_debug());
        return Some(Err(Error::Other(known)));
    }
    let line = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    Some(line.map_err(|_| Error::Gone).and_then(Lent::over))
}

impl Lent {
    /// The host at the other end of `line`, after hello and welcome.
    ///
    /// # Errors
    /// [`Error::Gone`] when the other end is silent or speaks another version.
    pub fn over(line: UnixStream) -> Result<Self> {
        let mut lent = Lent { line, now: Time::START, role: Role::Program };
        match lent.exchange(&Ask::Hello(VERSION)) {
            Ok(Tell::Welcome(role)) => Ok(Lent { role, ..lent }),
            _ => Err(Error::Gone),
        }
    }

    /// What this program is to be.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The next question about this program's functions; `None`: that was all.
    ///
    /// # Errors
    /// [`Error::Gone`] when nobody asks any more.
    pub fn question(&mut self) -> Result<Option<Question>> {
        match self.exchange(&Ask::Question) {
            Ok(Tell::Question(question)) => Ok(question),
            _ => Err(Error::Gone),
        }
    }

    /// Answers the last question.
    ///
    /// # Errors
    /// As [`Lent::question`], and [`Error::TooLong`] for an answer that fits in no message.
    pub fn answer(&mut self, answer: Result<Value, LabError>) -> Result<()> {
        match self.exchange(&Ask::Answer(answer))? {
            Tell::Noted => Ok(()),
            _ => Err(Error::Gone),
        }
    }

    /// One message there, one back.
    fn exchange(&mut self, ask: &Ask) -> Result<Tell> {
        let body = ask.encode();
        let most = super::MAX_MESSAGE;
        let message = framed(&body).ok_or(Error::TooLong { have: body.len(), most })?;
        // A world that hangs up or talks nonsense is none.
        let (now, tell) = self.carry(&message).ok_or(Error::Gone)?;
        self.now = now;
        Ok(tell)
    }

    fn carry(&mut self, message: &[u8]) -> Option<(Time, Tell)> {
        self.line.write_all(message).ok()?;
        let mut head = [0; 4];
        self.line.read_exact(&mut head).ok()?;
        let mut body = vec![0; length(head).ok()?];
        self.line.read_exact(&mut body).ok()?;
        Tell::decode(&body).ok()
    }
}

impl Carrier for Lent {
    fn call(&mut self, call: Call) -> (Time, Result<Reply>) {
        // A stream takes what fits and says how much that was.
        let call = match call {
            Call::Write(id, mut bytes, until) => {
                bytes.truncate(MOST_BYTES);
                Call::Write(id, bytes, until)
            }
            Call::Read(id, len, until) => Call::Read(id, len.min(MOST_BYTES), until),
            call => call,
        };
        let reply = match self.exchange(&Ask::Call(call)) {
            Ok(Tell::Reply(reply)) => reply,
            Err(error @ Error::TooLong { .. }) => Err(error),
            _ => Err(Error::Gone),
        };
        (self.now, reply)
    }
}
