//! The carrier for several programs in one world: each has a thread, and exactly one side runs at any moment.
//!
//! The program's thread sends a call and sleeps until the answer comes; the world answers when it has an answer, and then
//! sleeps until the program calls again. So a run with many programs has one order, the same every time.

use crate::{Call, Carrier, Error, Reply, Result, Time};
use std::sync::mpsc::{Receiver, Sender, channel};

/// The program's end: a carrier for its [`crate::Guest`].
pub struct Lockstep {
    calls: Sender<Call>,
    answers: Receiver<(Time, Result<Reply>)>,
    now: Time,
}

/// The world's end: a program that asks one thing at a time.
pub struct Program {
    calls: Receiver<Call>,
    answers: Sender<(Time, Result<Reply>)>,
}

/// The two ends of a line between a program's thread and its world.
#[must_use]
pub fn lockstep() -> (Lockstep, Program) {
    let (calls, asked) = channel();
    let (answers, answered) = channel();
    (Lockstep { calls, answers: answered, now: Time::START }, Program { calls: asked, answers })
}

impl Program {
    /// What the program asks next; it runs until then. `None`: it ended.
    #[must_use]
    pub fn next(&self) -> Option<Call> {
        self.calls.recv().ok()
    }

    /// Lets the program run on with this answer.
    pub fn answer(&self, now: Time, reply: Result<Reply>) {
        // A program that is gone needs no answer; `next` tells the world so.
        let _ = self.answers.send((now, reply));
    }
}

impl Carrier for Lockstep {
    fn call(&mut self, call: Call) -> (Time, Result<Reply>) {
        let answer = self.calls.send(call).ok().and_then(|()| self.answers.recv().ok());
        let (now, reply) = answer.unwrap_or((self.now, Err(Error::Gone)));
        self.now = now;
        (now, reply)
    }
}
