//! A program served, message by message, until it ends or must be ended.

use crate::budget::Spent;
use crate::process::{Closed, Hear, Process, Start};
use crate::{Budget, End, Limit};
use host::lab::{LabError, Question, Value};
use host::lent::{Ask, MOST_BYTES, Role, Tell, VERSION, framed};
use host::{Call, Carrier, Error, Reply, Time};
use std::io;
use std::time::Duration;

/// What a program is started for.
pub enum Work<'a> {
    /// To run on a host.
    Program(&'a mut dyn Carrier),
    /// To answer questions about its functions.
    Functions(&'a mut dyn Examiner),
}

/// Who asks about a program's functions.
pub trait Examiner {
    /// The next question; `None`: that was all.
    fn question(&mut self) -> Option<Question>;
    /// The answer to the last one.
    fn hear(&mut self, answer: Result<Value, LabError>);
}

/// How a program ended, and what it had to say about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub end: End,
    /// The end of what it printed to standard error: where it panicked, for instance.
    pub complaint: String,
    /// How much it asked.
    pub requests: u64,
}

/// Starts a program on a host that is lent to it, and serves it until it ends or a budget ends it.
///
/// `hear` is told what it prints, each piece before what the program does next.
///
/// # Errors
/// When the program cannot be started.
pub fn serve(start: &Start, work: Work<'_>, budget: &Budget, hear: Hear<'_>) -> io::Result<Ended> {
    let mut process = Process::start(start)?;
    let mut service = Service { work, budget, spent: Spent::default(), greeted: false, now: Time::START };
    let closed = loop {
        match service.turn(&mut process, hear) {
            Ok(Turn::Another) => {}
            Ok(Turn::Left) => break None,
            Err(closed) => break Some(closed),
        }
    };
    let mut spent = service.spent;
    let requests = spent.requests;
    let (end, complaint) = match closed {
        Some(Closed::For(end)) => {
            process.kill();
            process.last_lines(&mut spent, hear);
            (end, process.complaint())
        }
        Some(Closed::Line) => process.end(false, budget, &mut spent, hear),
        None => process.end(true, budget, &mut spent, hear),
    };
    Ok(Ended { end, complaint, requests })
}

struct Service<'a, 'w> {
    work: Work<'w>,
    budget: &'a Budget,
    spent: Spent,
    greeted: bool,
    now: Time,
}

enum Turn {
    Another,
    /// The program took its leave.
    Left,
}

impl Service<'_, '_> {
    /// One message, and the answer to it.
    fn turn(&mut self, process: &mut Process, hear: Hear<'_>) -> Result<Turn, Closed> {
        let message = process.message(self.budget, &mut self.spent, hear)?;
        let ask = Ask::decode(&message)?;
        if self.greeted {
            self.spent.requests += 1;
        }
        self.spent.packets += u64::from(matches!(ask, Ask::Call(Call::Send(..))));
        if let Some(limit) = self.spent.beyond(self.budget) {
            return Err(End::TooMuch(limit).into());
        }
        let left = ask == Ask::Call(Call::Exit);
        let tell = self.answer(ask)?;
        let too_long = || Tell::Reply(Err(Error::TooLong { have: usize::MAX, most: MOST_BYTES }));
        let message = framed(&tell.encode(self.now)).or_else(|| framed(&too_long().encode(self.now)));
        process.say(&message.unwrap_or_default())?;
        Ok(if left { Turn::Left } else { Turn::Another })
    }

    fn answer(&mut self, ask: Ask) -> Result<Tell, Closed> {
        if let Ask::Hello(version) = ask {
            return self.welcome(version).map_err(Closed::from);
        }
        if !self.greeted {
            return Err(nonsense("no word of hello"));
        }
        match (&mut self.work, ask) {
            (Work::Functions(_), Ask::Call(Call::Exit)) => Ok(Tell::Reply(Ok(Reply::Done))),
            (Work::Functions(examiner), Ask::Question) => Ok(Tell::Question(examiner.question())),
            (Work::Functions(examiner), Ask::Answer(answer)) => {
                examiner.hear(answer);
                Ok(Tell::Noted)
            }
            (Work::Functions(_), _) => Err(nonsense("a call to its host, and it was asked about its functions")),
            (Work::Program(_), Ask::Call(Call::Random(have))) if have > MOST_BYTES => {
                Ok(Tell::Reply(Err(Error::TooLong { have, most: MOST_BYTES })))
            }
            (Work::Program(carrier), Ask::Call(call)) => {
                let (now, reply) = carried(*carrier, call, self.budget.virtual_time)?;
                self.now = now;
                Ok(Tell::Reply(reply))
            }
            (Work::Program(_), _) => Err(nonsense("talk of questions that nobody asked")),
        }
    }

    fn welcome(&mut self, version: u16) -> Result<Tell, End> {
        if self.greeted || version != VERSION {
            return Err(End::Nonsense(format!("hello again, or in version {version}, and here is version {VERSION}")));
        }
        self.greeted = true;
        Ok(Tell::Welcome(match self.work {
            Work::Program(_) => Role::Program,
            Work::Functions(_) => Role::Functions,
        }))
    }
}

fn nonsense(what: &str) -> Closed {
    End::Nonsense(what.into()).into()
}

/// Takes a call to the world, unless it would wait for too long.
fn carried(carrier: &mut dyn Carrier, call: Call, latest: Time) -> Result<(Time, Result<Reply, Error>), End> {
    // What gives up at once says no time, and no time is forever.
    let waits_longer = is_wait(&call) && call.until() > latest;
    let (now, reply) = carrier.call(if waits_longer { until(call, latest) } else { call });
    if waits_longer && now >= latest && matches!(reply, Ok(Reply::Late)) {
        return Err(End::TooMuch(Limit::VirtualTime(Duration::from_nanos(latest.0))));
    }
    Ok((now, reply))
}

fn is_wait(call: &Call) -> bool {
    matches!(
        call,
        Call::Connected(..) | Call::Accept(..) | Call::Recv(..) | Call::Read(..) | Call::Write(..) | Call::Wait(..)
    )
}

/// The same call, giving up at `until`.
fn until(call: Call, until: Time) -> Call {
    match call {
        Call::Connected(id, _) => Call::Connected(id, until),
        Call::Accept(id, _) => Call::Accept(id, until),
        Call::Recv(id, _) => Call::Recv(id, until),
        Call::Read(id, len, _) => Call::Read(id, len, until),
        Call::Write(id, bytes, _) => Call::Write(id, bytes, until),
        Call::Wait(on, _) => Call::Wait(on, until),
        call => call,
    }
}
