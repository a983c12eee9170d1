//! The heart of ping: one loop over any [`Host`], which tells events and prints nothing.
//!
//! Requests leave at fixed instants, start + n × interval, whatever the answers do. With an interval of zero they leave as
//! answers come: each as soon as the one before is answered, or 10 ms after it.
//!
//! **A living host is not told lost.** How long to wait for answers never follows from how fast requests leave (in fping 5.1,
//! `-p 0` sets the wait to zero too, and of 50,000 answers none is counted). After the last request the run goes on until all
//! are answered, or for [`Options::wait`], and never less than a second; an answer after its wait is told late, and is
//! received. A request that had no such time, because a deadline or Ctrl-C ended the run, is told pending and not lost.

use crate::answer::{Answer, Foreign, classify};
use crate::request::{Request, WrongByte};
use crate::table::{Entry, State, Table};
use host::{Error, Host, IcmpError, Opt, Packet, Packets, Time};
use std::net::IpAddr;
use std::time::Duration;
use wire::icmp;

/// How long a request is awaited where nobody says otherwise: as iputils' ping.
pub const WAIT: Duration = Duration::from_secs(10);
/// The least time that the last requests have for their answers, whatever the wait.
pub const LEAST_WAIT: Duration = Duration::from_secs(1);
/// The longest pause of a flood: "or one hundred times per second, whichever is more".
pub const FLOOD_GAP: Duration = Duration::from_millis(10);

/// What to send, when, and how long to wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many requests; with a deadline, how many answers to wait for. `None`: no end.
    pub count: Option<u64>,
    /// From one request to the next; zero: as answers come.
    pub interval: Duration,
    /// How long an answer is in time, and the last ones are waited for.
    pub wait: Wait,
    /// When the run ends whatever came, after its start; with it, the first error ends the run too.
    pub deadline: Option<Duration>,
    /// Bytes of data in each request.
    pub size: usize,
    /// What the data is filled with, again and again; empty: it counts up.
    pub pattern: Vec<u8>,
    /// Options of the socket.
    pub socket: Vec<Opt>,
}

/// How long an answer is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// [`WAIT`]; and after the last request, once the round trip time is known, twice the longest.
    Usual,
    /// So long.
    For(Duration),
    /// Without end.
    Endless,
}

/// An answer that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// To which request.
    pub sequence: u16,
    /// Who sent it.
    pub from: IpAddr,
    /// How long the ICMP message is, in bytes.
    pub bytes: usize,
    /// Its data.
    pub data: &'a [u8],
    /// The time to live with which it arrived, where the host can know it.
    pub ttl: Option<u8>,
    /// From our sending to its arrival.
    pub rtt: Duration,
    /// When it arrived.
    pub at: Time,
    /// The whole ICMP message.
    pub message: &'a [u8],
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The socket is open; the first request is about to leave.
    Start,
    /// A request left.
    Sent {
        /// Its sequence number.
        sequence: u16,
        /// When.
        at: Time,
        /// The ICMP message, as this program hands it over.
        message: &'a [u8],
    },
    /// A request could not leave.
    Unsent {
        /// Its sequence number.
        sequence: u16,
        /// What the host says.
        error: &'a Error,
    },
    /// The first answer to a request, in time and whole.
    Reply(Reply<'a>),
    /// A further answer to a request; not counted as received.
    Duplicate(Reply<'a>),
    /// An answer after its wait.
    Late(Reply<'a>),
    /// An answer with fewer bytes than were sent.
    Truncated(Reply<'a>),
    /// An answer with other bytes than were sent.
    Corrupt(Reply<'a>, WrongByte),
    /// Somebody reports trouble with a request, which is not awaited any more.
    Trouble {
        /// With which request.
        sequence: u16,
        /// Who, and what.
        error: IcmpError,
        /// When it arrived.
        at: Time,
        /// The beginning of the request, as it is quoted.
        quote: &'a [u8],
    },
    /// Somebody passed a request on and has advice for its sender; the answer is still awaited.
    Advice {
        /// About which request.
        sequence: u16,
        /// Who, and what.
        error: IcmpError,
        /// When it arrived.
        at: Time,
        /// The beginning of the request, as it is quoted.
        quote: &'a [u8],
    },
    /// Nothing came within the wait.
    Silence {
        /// For which request.
        sequence: u16,
    },
    /// Something came that is no answer to us.
    Foreign(Foreign),
}

/// How the run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Requests that left, or could not.
    pub sent: u64,
    /// Requests that were answered at least once.
    pub received: u64,
    /// Answers beyond the first.
    pub duplicates: u64,
    /// Of the received: after their wait.
    pub late: u64,
    /// Of the received: with other bytes.
    pub corrupted: u64,
    /// Of the received: with fewer bytes.
    pub truncated: u64,
    /// Errors, of others and of the own host.
    pub errors: u64,
    /// Requests whose answer could still have come when the run was broken off.
    pub pending: u64,
    /// The most requests that were on their way at once, as far as answers and errors tell.
    pub pipe: u64,
    /// From the first request to the last.
    pub span: Duration,
}

impl Summary {
    /// Requests that had their time and were not answered.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.received).saturating_sub(self.pending)
    }
}

/// Sends echo requests to `target` and tells what becomes of them.
///
/// Ctrl-C ends the run with what is known so far.
///
/// # Errors
/// What the host says of the socket, and what `tell` fails with. Silence and unreachable targets are events.
pub fn ping<E: From<Error>>(
    host: &mut dyn Host,
    target: IpAddr,
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> Result<Summary, E> {
    let mut socket = host.open_ping(&options.socket)?;
    let identifier = socket.local().port(); // the kernel's, where it owns them
    let start = host.now();
    let mut run = Run {
        target,
        identifier,
        options,
        request: Request::new(identifier, options.size, &options.pattern),
        table: Table::default(),
        summary: Summary::default(),
        longest: None,
        start,
        due: start,
        tell,
    };
    (run.tell)(&Event::Start)?;
    let mut heard = start;
    loop {
        let now = host.now();
        if !run.has_enough() && run.due() <= now {
            run.send(&mut *socket, now)?;
        }
        if run.has_enough() {
            run.hear_what_came_with_an_error(&mut *socket, heard)?;
            return run.finish(heard, options.deadline.is_some());
        }
        // What has waited too long is decided by the time up to which everything was heard, and not by the clock: while the
        // machine was busy with something else, answers came in time and lie in the socket.
        let until = run.until();
        heard = match socket.recv(until) {
            Ok(Some(packet)) => {
                run.hear(&packet)?;
                packet.at
            }
            Ok(None) => until,
            Err(Error::Interrupted) => {
                let now = host.now();
                run.hear_what_is_here(&mut *socket, now)?;
                return run.finish(now, true);
            }
            Err(Error::Idle) => return run.finish(host.now(), false), // nothing more will happen: that is silence
            Err(error) => return Err(error.into()),
        };
        run.give_up(heard)?;
        if run.end() <= heard {
            return run.finish(heard, options.deadline.is_some());
        }
    }
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

/// The run as it stands.
struct Run<'a, 't, E> {
    target: IpAddr,
    identifier: u16,
    options: &'a Options,
    request: Request,
    table: Table,
    summary: Summary,
    /// The longest round trip so far.
    longest: Option<Duration>,
    start: Time,
    /// When the next request leaves by the clock.
    due: Time,
    tell: &'a mut Tell<'t, E>,
}

impl<E: From<Error>> Run<'_, '_, E> {
    /// How long a request is awaited; `None`: without end.
    fn wait(&self) -> Option<Duration> {
        match self.options.wait {
            Wait::Usual => Some(WAIT),
            Wait::For(wait) => Some(wait),
            Wait::Endless => None,
        }
    }

    /// How long the last requests are waited for; `None`: without end.
    fn last_wait(&self) -> Option<Duration> {
        let twice = self.longest.map(|longest| longest.saturating_mul(2));
        let wait = match (self.options.wait, twice) {
            (Wait::Usual, Some(twice)) => twice,
            (Wait::Usual, None) => WAIT,
            (Wait::For(wait), twice) => wait.max(twice.unwrap_or_default()),
            (Wait::Endless, _) => return None,
        };
        Some(wait.max(LEAST_WAIT))
    }

    /// With a deadline, requests leave until it comes or so many are answered: as iputils' ping.
    fn all_sent(&self) -> bool {
        self.options.deadline.is_none() && self.options.count == Some(self.table.sent())
    }

    /// When the next request leaves.
    fn due(&self) -> Time {
        if self.all_sent() {
            return Time::NEVER;
        }
        let by_pace = match self.table.newest() {
            Some(newest) if self.options.interval.is_zero() && newest.is_open() => newest.sent + FLOOD_GAP,
            Some(newest) if self.options.interval.is_zero() => newest.sent,
            _ => self.due,
        };
        // A sequence number is not used again while an answer to it is awaited: whose answer would it be?
        match self.table.in_the_way() {
            Some(entry) if entry.state == State::Awaited => {
                by_pace.max(entry.sent + self.wait().map_or(WAIT, |wait| wait.min(WAIT)))
            }
            _ => by_pace,
        }
    }

    /// When the run ends, if nothing comes.
    fn end(&self) -> Time {
        if let Some(deadline) = self.options.deadline {
            return self.start + deadline;
        }
        match (self.table.newest(), self.last_wait()) {
            (Some(last), Some(wait)) if self.all_sent() => last.sent + wait,
            _ => Time::NEVER,
        }
    }

    /// Whether nothing is left to wait for.
    fn has_enough(&self) -> bool {
        let Summary { received, errors, .. } = self.summary;
        match (self.options.deadline, self.options.count) {
            (None, _) => self.all_sent() && self.table.open() == 0,
            (Some(_), Some(count)) => errors > 0 || received >= count,
            (Some(_), None) => errors > 0,
        }
    }

    /// Until when there is nothing to do but to listen.
    fn until(&mut self) -> Time {
        let given_up = match (self.wait(), self.table.oldest_awaited()) {
            (Some(wait), Some(oldest)) => oldest.sent + wait,
            _ => Time::NEVER,
        };
        self.due().min(self.end()).min(given_up)
    }

    /// Tells which requests have waited long enough.
    fn give_up(&mut self, now: Time) -> Result<(), E> {
        let Some(wait) = self.wait() else { return Ok(()) };
        while let Some(oldest) = self.table.oldest_awaited().filter(|oldest| oldest.sent + wait <= now) {
            self.silence(&oldest)?;
        }
        Ok(())
    }

    fn silence(&mut self, entry: &Entry) -> Result<(), E> {
        self.table.give_up(entry);
        (self.tell)(&Event::Silence { sequence: entry.sequence() })
    }

    fn send(&mut self, socket: &mut dyn Packets, now: Time) -> Result<(), E> {
        if let Some(entry) = self.table.in_the_way().copied().filter(|entry| entry.state == State::Awaited) {
            self.silence(&entry)?;
        }
        let entry = self.table.send(now);
        self.next_instant(now);
        let sequence = entry.sequence();
        let message = self.request.message(sequence, now);
        match socket.send(Some((self.target, 0).into()), message) {
            Ok(()) => (self.tell)(&Event::Sent { sequence, at: now, message }),
            Err(Error::Interrupted) => Ok(()), // the next wait says it again
            Err(error @ (Error::NoPermission { .. } | Error::Unsupported { .. } | Error::Gone)) => Err(error.into()),
            // As iputils: it counts as sent, and as an error; the next one may leave again.
            Err(error) => {
                self.table.settle(&entry, State::Failed);
                self.summary.errors += 1;
                (self.tell)(&Event::Unsent { sequence, error: &error })
            }
        }
    }

    /// The next of the fixed instants that is not past: what a busy machine missed is not made up for by a burst.
    fn next_instant(&mut self, now: Time) {
        let interval = u64::try_from(self.options.interval.as_nanos()).unwrap_or(u64::MAX).max(1);
        let missed = now.0.saturating_sub(self.due.0) / interval;
        self.due = Time(self.due.0.saturating_add(interval.saturating_mul(missed.saturating_add(1))));
    }

    /// An error ends a run that has a deadline; errors about several requests come together, and all are told.
    fn hear_what_came_with_an_error(&mut self, socket: &mut dyn Packets, heard: Time) -> Result<(), E> {
        if self.options.deadline.is_none() || self.summary.errors == 0 {
            return Ok(());
        }
        // A nanosecond more, so that all of this very instant is in.
        self.hear_what_is_here(socket, heard + Duration::from_nanos(1))
    }

    /// Hears what came up to `now` and lies in the socket; not for ever, should somebody answer without end.
    fn hear_what_is_here(&mut self, socket: &mut dyn Packets, now: Time) -> Result<(), E> {
        while let Ok(Some(packet)) = socket.recv(now) {
            self.hear(&packet)?;
            if packet.at > now + FLOOD_GAP {
                break;
            }
        }
        Ok(())
    }

    fn hear(&mut self, packet: &Packet) -> Result<(), E> {
        match classify(packet, self.target, self.identifier) {
            Ok(Answer::Reply { sequence, data }) => self.reply(packet, sequence, data),
            Ok(Answer::Error { sequence, error }) => self.trouble(packet, sequence, error),
            Err(foreign) => (self.tell)(&Event::Foreign(foreign)),
        }
    }

    /// An answer came: to the request whose sequence number it has, whenever that left.
    fn reply(&mut self, packet: &Packet, sequence: u16, data: &[u8]) -> Result<(), E> {
        let Some(entry) = self.table.find(sequence) else {
            return (self.tell)(&Event::Foreign(Foreign::NeverAsked(sequence)));
        };
        self.measure_pipe(&entry);
        let rtt = packet.at - entry.sent;
        self.longest = self.longest.max(Some(rtt));
        let from = packet.sender().unwrap_or(self.target);
        let message = packet.bytes.as_slice();
        let reply = Reply { sequence, from, bytes: message.len(), data, ttl: packet.ttl, rtt, at: packet.at, message };
        if entry.state == State::Answered {
            self.summary.duplicates += 1;
            return (self.tell)(&Event::Duplicate(reply));
        }
        self.table.settle(&entry, State::Answered);
        self.summary.received += 1;
        let event = if data.len() < self.request.size() {
            self.summary.truncated += 1;
            Event::Truncated(reply)
        } else if let Some(wrong) = self.request.first_wrong_byte(data, entry.sent) {
            self.summary.corrupted += 1;
            Event::Corrupt(reply, wrong)
        } else if self.wait().is_some_and(|wait| rtt > wait) {
            self.summary.late += 1;
            Event::Late(reply)
        } else {
            Event::Reply(reply)
        };
        (self.tell)(&event)
    }

    fn trouble(&mut self, packet: &Packet, sequence: u16, error: IcmpError) -> Result<(), E> {
        let (at, quote) = (packet.at, packet.bytes.as_slice());
        let Some(entry) = self.table.find(sequence) else {
            return (self.tell)(&Event::Foreign(Foreign::OtherQuote(error.by)));
        };
        // After these two alone the packet may still arrive: RFC 792 pages 11 and 13.
        if matches!(error.kind, SOURCE_QUENCH | icmp::REDIRECT) {
            return (self.tell)(&Event::Advice { sequence, error, at, quote });
        }
        self.measure_pipe(&entry);
        if entry.is_open() {
            self.table.settle(&entry, State::Failed);
        }
        self.summary.errors += 1;
        (self.tell)(&Event::Trouble { sequence, error, at, quote })
    }

    fn measure_pipe(&mut self, entry: &Entry) {
        self.summary.pipe = self.summary.pipe.max(self.table.sent() - entry.number + 1);
    }

    /// Tells what never came, and how it went. `broken_off`: by a deadline or Ctrl-C.
    fn finish(mut self, now: Time, broken_off: bool) -> Result<Summary, E> {
        // Twice the longest round trip, or a second while none is known, is time enough to call a request lost.
        let patience = match self.longest {
            _ if !broken_off => Duration::ZERO,
            Some(longest) => longest.saturating_mul(2).max(FLOOD_GAP),
            None => LEAST_WAIT,
        };
        self.summary.pending = self.table.open_and_younger(now, patience);
        while let Some(oldest) = self.table.oldest_awaited().filter(|oldest| now - oldest.sent >= patience) {
            self.silence(&oldest)?;
        }
        let newest = self.table.newest().map_or(self.start, |newest| newest.sent);
        self.summary.sent = self.table.sent();
        self.summary.span = newest - self.start;
        Ok(self.summary)
    }
}

/// Type of "source quench": deprecated by RFC 6633, and still known to every ping.
pub(crate) const SOURCE_QUENCH: u8 = 4;
