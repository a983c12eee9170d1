//! `-f`: a list of names, many of them asked at once.
//!
//! The order to read in: `list` (what a line asks for), `flights` (which message answers which question: no I/O in it),
//! [`run`] (one socket, one connection, and the waiting), `order` and `report` (what is printed, in the order of the
//! list).
//!
//! All questions leave from one port, drawn at random: over a long list a forger has more time to find it than where
//! each question has its own (RFC 5452 section 9.2). `+0x20` makes up for that.

mod conversation;
mod flights;
mod list;
mod order;
mod report;

use crate::ask::{self, Foreign, Transport};
use crate::flags::MiniDig;
use crate::query::Wanted;
use crate::servers::Server;
use cli::{Failure, Output, Verdict};
use conversation::Conversation;
pub(crate) use flights::Finished;
use flights::{Entry, Flights, Turn};
use host::{Error, Host, Interest, Opt, Packet, Packets, Time};
use list::{Line, List};
use order::Order;
pub(crate) use report::Summary;
use report::{Ended, Report};
use wire::dns::{Header, Name, Question, Type};

/// Until now: without waiting.
const AT_ONCE: Time = Time::START;
/// From so many questions at once on, the socket is to hold more than the system's usual: so many bytes for each.
const ROOM_FOR_EACH: u32 = 4096;
/// How many random bytes are fetched at once.
const CHANCE: usize = 1024;

/// How the list is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// How many questions are on their way at once.
    pub(crate) in_flight: u16,
    /// Whether answers are told as they come, and not in the order of the list.
    pub(crate) unordered: bool,
    /// Whether only the summary is told.
    pub(crate) quiet: bool,
}

/// The most questions that may be on their way at once.
pub(crate) const MOST_IN_FLIGHT: u16 = flights::MOST;

/// The list that the command line names, checked, and what holds for all of its lines.
pub(crate) struct Many {
    list: List,
    base: Wanted,
    manner: Manner,
}

impl Many {
    /// # Errors
    /// A file that cannot be read, or a line that cannot be asked.
    pub(crate) fn of(file: &str, flags: &MiniDig, wanted: &Wanted) -> Result<Self, Failure> {
        if wanted.named {
            return Err(Failure::said("-f takes the names from a file, and one stands at the command line too")
                .hint("leave one of them out; -t gives the type of lines that have none"));
        }
        if wanted.trace || wanted.cache.is_some() {
            return Err(Failure::said("+trace and +cache are for one name").hint("ask for it without -f"));
        }
        if flags.show.explain.is_some() {
            return Err(Failure::said("-e explains the messages of one question").hint("ask for it without -f"));
        }
        let mut base = wanted.clone();
        base.question.qtype = flags.rrtype.unwrap_or(Type::A);
        let list = List::read(file)?;
        list.check(&base)?;
        let manner = Manner { in_flight: flags.in_flight, unordered: flags.as_they_come, quiet: flags.quiet };
        Ok(Self { list, base, manner })
    }
}

/// Asks all that is in the list.
///
/// # Errors
/// What the host says of the socket. Silence, errors of others and Ctrl-C are told.
pub(crate) fn run(many: &Many, server: &Server, host: &mut dyn Host, out: &mut Output) -> Result<Verdict, Failure> {
    let mut socket = ask::at_random_port(host)?;
    // Where the world has no such option, or the system allows less, it stays as it is.
    let _ = socket.set(Opt::RecvBuffer(ROOM_FOR_EACH.saturating_mul(many.manner.in_flight.into())));
    // Nobody waits for the next line while answers come quickly: what is printed is flushed before each wait.
    out.set_eager(false);
    // Each has a cookie of its own, if any.
    let template = (!many.base.cookie).then(|| Template::of(&many.base, host));
    let begun = host.now();
    let report = Report::new(&many.base, many.manner, server, out);
    let mut run = Run {
        many,
        server,
        host,
        socket,
        conversation: Conversation::default(),
        flights: Flights::new(server.at),
        order: Order::default(),
        report,
        template,
        chance: (vec![], 0),
        begun: 0,
    };
    let ended = run.all()?;
    let span = run.host.now() - begun;
    let pending = run.flights.len() as u64;
    for finished in run.order.release() {
        run.report.finished(&finished)?;
    }
    let counts = run.flights.counts;
    run.report.end(ended, &counts, pending, span)
}

struct Run<'a> {
    many: &'a Many,
    server: &'a Server,
    host: &'a mut dyn Host,
    socket: Box<dyn Packets>,
    conversation: Conversation,
    flights: Flights,
    order: Order,
    report: Report<'a>,
    /// What the messages of all lines without flags of their own have in common; `None`: they differ.
    template: Option<Template>,
    /// Random bytes, and how many of them are used.
    chance: (Vec<u8>, usize),
    /// How many questions were begun.
    begun: u64,
}

impl Run<'_> {
    fn all(&mut self) -> Result<Ended, Failure> {
        let many = self.many;
        let mut lines = many.list.lines().peekable();
        loop {
            while self.flights.len() < many.manner.in_flight.into()
                && (many.manner.unordered || self.order.has_room_for(self.begun))
                && let Some((number, line)) = lines.next()
            {
                self.begin(number, Line::of(line, &many.base)?)?;
            }
            if self.flights.len() == 0 {
                return Ok(Ended::Whole);
            }
            let until = self.flights.next_deadline();
            let heard = match self.hear(until) {
                Ok(heard) => heard,
                Err(Failure::Host(Error::Interrupted)) => {
                    self.hear_what_is_here()?;
                    return Ok(Ended::Interrupted);
                }
                // Nothing more will happen: that is silence.
                Err(Failure::Host(Error::Idle)) => until,
                Err(failure) => return Err(failure),
            };
            while let Some(turn) = self.flights.due(heard) {
                self.take(turn, None)?;
            }
        }
    }

    fn begin(&mut self, line: usize, asked: Line) -> Result<(), Failure> {
        let wanted = asked.own.as_deref().unwrap_or(&self.many.base);
        let question = asked.question;
        let bytes = match &self.template {
            Some(template) if asked.own.is_none() => template.with(&question),
            _ => wanted.query_for(self.host, question.clone(), wanted.recursion).bytes(),
        };
        let (options, short) = (wanted.options.clone(), wanted.short);
        let entry = Entry { number: self.begun, line, question, bytes, options, short };
        self.begun += 1;
        let Self { flights, chance, host, .. } = self;
        let id = flights.begin(entry, || draw(chance, *host));
        self.leave(id)
    }

    /// Sends the question with this number; where that fails at once, as often as it may be sent.
    fn leave(&mut self, id: u16) -> Result<(), Failure> {
        while let Some(words) = self.send(id)? {
            match self.flights.trouble(id, words) {
                Some(Turn::Leave(_)) => {}
                Some(turn) => return self.take(turn, None),
                None => break,
            }
        }
        Ok(())
    }

    /// Sends it once; the answer is why it did not leave.
    fn send(&mut self, id: u16) -> Result<Option<String>, Failure> {
        let now = self.host.now();
        let Some((transport, bytes)) = self.flights.leave(id, now) else { return Ok(None) };
        let sent = match transport {
            Transport::Udp => self.socket.send(Some(self.server.at), bytes),
            Transport::Tcp => {
                let until = now + self.many.base.options.timeout;
                self.conversation.say(self.host, self.server.at, bytes, until)
            }
        };
        match sent {
            // The next wait says it again.
            Ok(()) | Err(Error::Interrupted) => Ok(None),
            Err(error @ (Error::NoPermission { .. } | Error::Unsupported { .. } | Error::Gone)) => Err(error.into()),
            Err(error) => Ok(Some(cli::escape(&error.to_string()))),
        }
    }

    fn trouble(&mut self, id: u16, words: &str) -> Result<(), Failure> {
        match self.flights.trouble(id, cli::escape(words)) {
            Some(turn) => self.take(turn, None),
            None => Ok(()),
        }
    }

    /// Waits until something comes, or `until`; the answer is up to when everything was heard.
    ///
    /// All that is there is heard before more is asked, so that the questions leave together: a server that is woken for
    /// each of them has less time for their answers.
    fn hear(&mut self, until: Time) -> Result<Time, Failure> {
        self.report.flush()?;
        let mut at = until;
        if let Some(interest) = self.conversation.interest() {
            let ready = self.host.wait(&[Interest::read(self.socket.id()), interest], until)?;
            at = at.min(self.host.now());
            if ready.contains(&1) {
                self.converse(at)?;
            }
        } else {
            let Some(packet) = self.socket.recv(until)? else { return Ok(until) };
            at = packet.at;
            self.packet(packet)?;
        }
        for _ in 1..self.many.manner.in_flight.max(2) {
            let Some(packet) = self.socket.recv(AT_ONCE)? else { break };
            at = packet.at.max(at);
            self.packet(packet)?;
        }
        Ok(at)
    }

    /// Hears what has come by now; not for ever, should somebody send without end.
    fn hear_what_is_here(&mut self) -> Result<(), Failure> {
        for _ in 0..self.many.manner.in_flight {
            let Ok(Some(packet)) = self.socket.recv(AT_ONCE) else { break };
            self.packet(packet)?;
        }
        let now = self.host.now();
        match self.converse(now) {
            Err(Failure::Host(Error::Interrupted)) => Ok(()),
            heard => heard,
        }
    }

    fn packet(&mut self, packet: Packet) -> Result<(), Failure> {
        let Packet { at, from, bytes, error, .. } = packet;
        if let Some(error) = error {
            // What it quotes begins with the number.
            let id = bytes.first_chunk().map(|id| u16::from_be_bytes(*id));
            let words = format!("{}, says {}", cli::explain::error_title(error.kind, error.code), error.by);
            let id = id.filter(|id| self.flights.travels_by(*id) == Some(Transport::Udp));
            return id.map_or(Ok(()), |id| self.trouble(id, &words));
        }
        let len = bytes.len();
        let turn = self.flights.hear(at, Transport::Udp, from, bytes);
        self.take(turn, Some((at, len)))
    }

    fn converse(&mut self, now: Time) -> Result<(), Failure> {
        let mut messages = vec![];
        let done = self.conversation.turn(now, |message| messages.push(message));
        for message in messages {
            let len = message.len();
            let turn = self.flights.hear(now, Transport::Tcp, None, message);
            self.take(turn, Some((now, len)))?;
        }
        match done {
            Ok(()) => Ok(()),
            Err(error @ (Error::Interrupted | Error::Gone)) => Err(error.into()),
            Err(error) => {
                let words = format!("by TCP: {error}");
                self.flights.by_tcp().into_iter().try_for_each(|id| self.trouble(id, &words))
            }
        }
    }

    /// Does what `turn` says; `came`: when a message came that brought it about, and of how many bytes.
    fn take(&mut self, turn: Turn, came: Option<(Time, usize)>) -> Result<(), Failure> {
        match turn {
            Turn::Leave(id) => self.leave(id),
            Turn::Over(finished) => {
                let Self { order, report, many, .. } = self;
                match many.manner.unordered {
                    true => report.finished(&finished),
                    false => order.put(*finished, |finished| report.finished(&finished)),
                }
            }
            Turn::Foreign(foreign) => {
                let from = if let Foreign::Address(from) = foreign { from } else { self.server.at };
                let (at, len) = came.unwrap_or_default();
                self.report.foreign(at, from, len, &foreign)
            }
        }
    }
}

/// A message but for its question.
struct Template {
    header: Vec<u8>,
    /// What follows the question: EDNS, if it is wanted.
    behind: Vec<u8>,
}

impl Template {
    fn of(base: &Wanted, host: &mut dyn Host) -> Self {
        let bytes = base.query_for(host, Question::new(Name::root(), Type::A), base.recursion).bytes();
        let (header, rest) = bytes.split_at_checked(Header::LEN).unwrap_or_default();
        // The root's one byte, type and class.
        Self { header: header.to_vec(), behind: rest.get(5..).unwrap_or_default().to_vec() }
    }

    fn with(&self, question: &Question) -> Vec<u8> {
        let (qtype, qclass) = (question.qtype.0.to_be_bytes(), question.qclass.0.to_be_bytes());
        [&self.header, question.qname.wire(), &qtype, &qclass, &self.behind].concat()
    }
}

/// Sixteen random bits.
fn draw((bytes, used): &mut (Vec<u8>, usize), host: &mut dyn Host) -> u16 {
    if *used + 2 > bytes.len() {
        bytes.resize(CHANCE, 0);
        host.random(bytes);
        *used = 0;
    }
    let drawn = bytes.get(*used..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    *used += 2;
    u16::from_be_bytes(drawn)
}
