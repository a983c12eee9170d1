//! A host that follows a script: what it answers to each request, and when.

use host::{Call, Carrier, Error, Guest, Host as _, IcmpError, Packet, Reply as Answer, Result, SocketId, Time};
use myping::engine::{self, Event, Options, Summary, Wait};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use wire::icmp::{self, Echo, Message};

pub(crate) const TARGET: Ipv4Addr = Ipv4Addr::new(192, 168, 10, 3);
pub(crate) const STRANGER: Ipv4Addr = Ipv4Addr::new(192, 168, 10, 4);
pub(crate) const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 100);
pub(crate) const IDENTIFIER: u16 = 8000;
pub(crate) const RTT: Duration = Duration::from_millis(36);

/// What comes back for a request, and how long after it.
pub(crate) type Answers = Vec<(Duration, Packet)>;

/// A world in which each request is answered as `answer` says: given its number, its sequence number and its data.
pub(crate) struct Script<F> {
    pub(crate) answer: F,
    pub(crate) now: Time,
    pub(crate) sent: u64,
    pub(crate) coming: BTreeMap<(Time, u64), Packet>,
    pub(crate) log: Rc<RefCell<Vec<Time>>>,
    /// When Ctrl-C is pressed.
    pub(crate) interrupted: Time,
    /// Which request takes how long to be handed over, because the machine is busy.
    pub(crate) stall: (u64, Duration),
}

pub(crate) fn script<F>(answer: F, log: &Rc<RefCell<Vec<Time>>>) -> Script<F> {
    Script {
        answer,
        now: Time::START,
        sent: 0,
        coming: BTreeMap::new(),
        log: Rc::clone(log),
        interrupted: Time::NEVER,
        stall: (0, Duration::ZERO),
    }
}

impl<F: FnMut(u64, u16, &[u8]) -> Result<Answers>> Carrier for Script<F> {
    fn call(&mut self, call: Call) -> (Time, Result<Answer>) {
        let answer = match call {
            Call::OpenPing(_) => {
                let local = SocketAddr::from((Ipv4Addr::UNSPECIFIED, IDENTIFIER));
                Ok(Answer::Socket(SocketId(1), local, (Ipv4Addr::UNSPECIFIED, 0).into()))
            }
            Call::Send(_, to, bytes) => self.send(to, &bytes),
            Call::Recv(_, until) => self.recv(until),
            Call::Wait(_, until) => {
                self.now = self.now.max(until);
                Ok(Answer::Late)
            }
            Call::Close(_) | Call::Exit => Ok(Answer::Done),
            call => panic!("a ping does not ask for {call:?}"),
        };
        (self.now, answer)
    }
}

impl<F: FnMut(u64, u16, &[u8]) -> Result<Answers>> Script<F> {
    fn send(&mut self, to: Option<SocketAddr>, bytes: &[u8]) -> Result<Answer> {
        assert_eq!(to, Some((TARGET, 0).into()));
        assert!(icmp::is_intact(bytes));
        let (_, Message::EchoRequest { echo, data }) = icmp::parse(bytes).unwrap() else { panic!("{bytes:?}") };
        assert_eq!(echo.identifier, IDENTIFIER);
        self.log.borrow_mut().push(self.now);
        self.sent += 1;
        for (nth, (after, packet)) in (self.answer)(self.sent, echo.sequence, data)?.into_iter().enumerate() {
            let at = self.now + after;
            self.coming.insert((at, self.sent << 16 | nth as u64), Packet { at, ..packet });
        }
        if self.sent == self.stall.0 {
            self.now = self.now + self.stall.1;
        }
        Ok(Answer::Done)
    }

    fn recv(&mut self, until: Time) -> Result<Answer> {
        let next = self.coming.first_key_value().map(|((at, _), _)| *at);
        if self.interrupted < Time::NEVER && self.interrupted <= next.unwrap_or(Time::NEVER).min(until) {
            self.now = self.now.max(self.interrupted);
            return Err(Error::Interrupted);
        }
        match next {
            Some(at) if at <= until.max(self.now) => {
                self.now = self.now.max(at);
                Ok(Answer::Packet(self.coming.pop_first().unwrap().1))
            }
            _ if until == Time::NEVER => Err(Error::Idle),
            _ => {
                self.now = self.now.max(until);
                Ok(Answer::Late)
            }
        }
    }
}

/// What a run told, without the requests that left.
pub(crate) struct Told {
    pub(crate) events: Vec<String>,
    pub(crate) summary: Summary,
    pub(crate) sent_at: Vec<Time>,
    pub(crate) ended: Time,
}

/// Runs the engine; the script answers each request as `answer` says.
pub(crate) fn run(options: &Options, answer: impl FnMut(u64, u16, &[u8]) -> Result<Answers> + 'static) -> Told {
    run_until(Time::NEVER, options, answer)
}

pub(crate) fn run_until(
    interrupted: Time,
    options: &Options,
    answer: impl FnMut(u64, u16, &[u8]) -> Result<Answers> + 'static,
) -> Told {
    let log = Rc::default();
    let mut host = Guest::new(Script { interrupted, ..script(answer, &log) });
    let mut events = vec![];
    let summary = engine::ping::<Error>(&mut host, TARGET.into(), options, &mut |event| {
        events.extend(words(event));
        Ok(())
    });
    Told { events, summary: summary.unwrap(), sent_at: log.take(), ended: host.now() }
}

/// An event in a few words: `reply 1 after 36 ms`.
pub(crate) fn words(event: &Event<'_>) -> Option<String> {
    let reply = |what: &str, reply: &engine::Reply<'_>| {
        format!("{what} {} after {} ms", reply.sequence, reply.rtt.as_secs_f64() * 1e3)
    };
    Some(match event {
        Event::Start | Event::Sent { .. } => return None,
        Event::Reply(answer) => reply("reply", answer),
        Event::Duplicate(answer) => reply("duplicate", answer),
        Event::Late(answer) => reply("late", answer),
        Event::Truncated(answer) => reply("truncated", answer),
        Event::Corrupt(answer, wrong) => {
            format!("{}: byte {} is {}, not {}", reply("corrupt", answer), wrong.at, wrong.found, wrong.expected)
        }
        Event::Trouble { sequence, error, .. } => format!("trouble {sequence}: {} from {}", error.code, error.by),
        Event::Advice { sequence, error, .. } => format!("advice {sequence}: {} from {}", error.code, error.by),
        Event::Unsent { sequence, error } => format!("unsent {sequence}: {error}"),
        Event::Silence { sequence } => format!("silence {sequence}"),
        Event::Foreign(foreign) => format!("foreign: {foreign}"),
    })
}

/// One request a second, 56 bytes of data.
pub(crate) fn options(count: u64) -> Options {
    Options {
        count: Some(count),
        interval: Duration::from_secs(1),
        wait: Wait::Usual,
        deadline: None,
        size: 56,
        pattern: vec![],
        socket: vec![],
    }
}

pub(crate) fn packet(from: Ipv4Addr, bytes: Vec<u8>) -> Packet {
    Packet { at: Time::START, from: Some((from, 0).into()), ttl: Some(96), bytes, error: None }
}

pub(crate) fn reply(sequence: u16, data: &[u8]) -> Packet {
    packet(TARGET, icmp::echo_reply(Echo { identifier: IDENTIFIER, sequence }, data))
}

pub(crate) fn error(kind: u8, code: u8, sequence: u16, data: &[u8]) -> Packet {
    let quote = icmp::echo_request(IDENTIFIER, sequence, data);
    Packet { error: Some(IcmpError { by: ROUTER.into(), kind, code, mtu: 0 }), ..packet(ROUTER, quote) }
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn counts(summary: &Summary) -> (u64, u64, u64) {
    (summary.sent, summary.received, summary.lost())
}
