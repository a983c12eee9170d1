//! The heart of `send`: one loop over any [`Host`], which tells events and prints nothing.
//!
//! Datagrams leave at fixed instants, start + n × interval, whatever the answers do; with an interval of zero all at
//! once. After the last one the run goes on until all are answered, or as long as [`Options::wait`] says. An answer
//! after its wait is told late, and is received. A datagram that had no such time, because a deadline or Ctrl-C ended
//! the run, is told pending and not lost.

use super::line::Line;
use super::table::{Entry, State, Table};
use crate::datagram::{self, WrongByte};
use host::{Error, Host, IcmpError, Packet, Time};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use wire::icmp::REDIRECT;

/// How long an answer is awaited where nobody says otherwise and none has come yet.
pub const WAIT: Duration = Duration::from_secs(4);
/// The least time that the last datagrams have for their answers where nobody says otherwise: else twice the longest
/// round trip.
pub const LEAST_WAIT: Duration = Duration::from_secs(1);
/// Type of "source quench": deprecated by RFC 6633, and still known.
const SOURCE_QUENCH: u8 = 4;

/// What to send, when, and how long to wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many datagrams; `None`: no end.
    pub count: Option<u32>,
    /// From one to the next; zero: at once.
    pub interval: Duration,
    /// Whether each leaves as soon as the one before was answered or given up, whatever the interval.
    pub ping_pong: bool,
    /// How long an answer is in time, and the last ones are waited for; `None`: [`WAIT`], and once the round trip time
    /// is known twice the longest for the last ones.
    pub wait: Option<Duration>,
    /// When the run ends whatever came, after its start.
    pub deadline: Option<Duration>,
    /// Bytes of data, in turn.
    pub sizes: Vec<usize>,
    /// How many bytes of a datagram are read; the rest is lost. It is this program that drops it: a host does the same
    /// for who hands it a buffer so small, and says no more than that there was more.
    pub buffer: usize,
}

/// An echo that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Of which datagram.
    pub sequence: u32,
    /// How many bytes of data that had.
    pub sent_bytes: usize,
    /// Who sent the echo.
    pub from: SocketAddr,
    /// Its data, as far as they were read.
    pub data: &'a [u8],
    /// How many bytes it had; more than `data` if the buffer was too small.
    pub whole: usize,
    /// The time to live with which it arrived, where the host can know it.
    pub ttl: Option<u8>,
    /// From our sending to its arrival.
    pub rtt: Duration,
    /// When it arrived.
    pub at: Time,
    /// The number of the datagram whose echo overtook this one; `None`: it is in order.
    ///
    /// RFC 4737 section 3.3: what arrives is reordered if its number is less than the one that is expected next.
    pub behind: Option<u32>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The first datagram is about to leave.
    Start,
    /// A datagram left.
    Sent {
        /// Its number.
        sequence: u32,
        /// When.
        at: Time,
        /// Its data.
        data: &'a [u8],
        /// The whole packet, where this program made it.
        packet: Option<&'a [u8]>,
    },
    /// A datagram could not leave.
    Unsent {
        /// Its number.
        sequence: u32,
        /// Bytes of its data.
        size: usize,
        /// What the host says.
        error: &'a Error,
    },
    /// The first echo of a datagram, in time and whole.
    Reply(Reply<'a>),
    /// A further echo of a datagram; not counted as received.
    Duplicate(Reply<'a>),
    /// An echo after its wait.
    Late(Reply<'a>),
    /// An echo of which fewer bytes were read than were sent.
    Truncated(Reply<'a>),
    /// An echo with other bytes than were sent; `None`: with more.
    Corrupt(Reply<'a>, Option<WrongByte>),
    /// Somebody reports trouble.
    Trouble {
        /// With which datagram.
        sequence: u32,
        /// Bytes of its data.
        size: usize,
        /// Who, and what.
        error: IcmpError,
        /// When it arrived.
        at: Time,
        /// The beginning of the data, as it is quoted.
        quote: &'a [u8],
        /// Whether an echo may still come: it was passed on all the same.
        awaited: bool,
    },
    /// Nothing came within the wait.
    Silence {
        /// For which datagram.
        sequence: u32,
    },
    /// Something came that is no answer to us.
    Foreign(Foreign),
}

/// Why what came is no answer to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// From somebody who was not asked; so many bytes.
    OtherHost(SocketAddr, usize),
    /// An echo of a datagram that was never sent, or so long ago that nobody remembers.
    NeverSent(u32),
    /// So short that no number is in it, and nothing so short is awaited.
    Unnumbered(usize),
    /// An error about nothing that is awaited.
    OtherQuote(IpAddr),
}

/// How the run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Datagrams that left, or could not.
    pub sent: u64,
    /// Those that were echoed at least once.
    pub received: u64,
    /// Echoes beyond the first.
    pub duplicates: u64,
    /// Of the received: behind the echo of a later datagram.
    pub reordered: u64,
    /// Of the received: after their wait.
    pub late: u64,
    /// Of the received: with other bytes.
    pub corrupted: u64,
    /// Of the received: with fewer bytes.
    pub truncated: u64,
    /// Errors, of others and of the own host.
    pub errors: u64,
    /// What came and was for nobody here.
    pub foreign: u64,
    /// Datagrams whose echo could still have come when the run was broken off.
    pub pending: u64,
    /// From the first datagram to the last.
    pub span: Duration,
}

impl Summary {
    /// Datagrams that had their time and were not echoed.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.received).saturating_sub(self.pending)
    }
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Line, &Event<'_>) -> Result<(), E> + 'a;

/// Sends datagrams by `line` and tells what becomes of them.
///
/// Ctrl-C ends the run with what is known so far.
///
/// # Errors
/// What the host says of the socket, and what `tell` fails with. Silence and unreachable targets are events.
pub fn send<E: From<Error>>(
    host: &mut dyn Host,
    line: &mut Line,
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> Result<Summary, E> {
    let start = host.now();
    let mut run = Run {
        line,
        options,
        table: Table::default(),
        summary: Summary::default(),
        longest: None,
        highest: 0,
        start,
        first: None,
        due: start,
        tell,
    };
    run.say(&Event::Start)?;
    loop {
        let now = host.now();
        if run.due() <= now {
            run.send_next(now)?;
        }
        if run.all_sent() && !run.table.has_open() {
            return run.finish(host.now(), options.deadline.is_some());
        }
        // What has waited too long is decided by the time up to which everything was heard, and not by the clock: while
        // the machine was busy with something else, answers came in time and lie in the socket.
        let until = run.until(now);
        let heard = match run.line.recv(until) {
            Ok(Some(packet)) => {
                run.hear(&packet)?;
                packet.at
            }
            Ok(None) => until,
            Err(Error::Interrupted) => {
                let now = host.now();
                run.hear_what_is_here(now)?;
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

/// The run as it stands.
struct Run<'a, 't, E> {
    line: &'a mut Line,
    options: &'a Options,
    table: Table,
    summary: Summary,
    /// The longest round trip so far.
    longest: Option<Duration>,
    /// The highest number that was echoed so far.
    highest: u32,
    start: Time,
    /// When the first datagram left.
    first: Option<Time>,
    /// When the next datagram leaves.
    due: Time,
    tell: &'a mut Tell<'t, E>,
}

impl<E: From<Error>> Run<'_, '_, E> {
    fn say(&mut self, event: &Event<'_>) -> Result<(), E> {
        (self.tell)(self.line, event)
    }

    /// How long an answer is in time.
    fn wait(&self) -> Duration {
        self.options.wait.unwrap_or(WAIT)
    }

    /// How long the last datagrams are waited for.
    fn last_wait(&self) -> Duration {
        match (self.options.wait, self.longest) {
            (Some(wait), _) => wait,
            (None, Some(longest)) => longest.saturating_mul(2).max(LEAST_WAIT),
            (None, None) => WAIT,
        }
    }

    fn all_sent(&self) -> bool {
        self.table.sent() == self.options.count.unwrap_or(u32::MAX)
    }

    /// When the next datagram leaves.
    fn due(&self) -> Time {
        match self.options.ping_pong {
            _ if self.all_sent() => Time::NEVER,
            true if self.table.oldest_awaited().is_some() => Time::NEVER,
            true => self.start,
            false => self.due,
        }
    }

    /// When the run ends, if nothing comes.
    fn end(&self) -> Time {
        let deadline = self.options.deadline.map_or(Time::NEVER, |deadline| self.start + deadline);
        match self.table.newest() {
            Some(last) if self.all_sent() => deadline.min(last.sent + self.last_wait()),
            _ => deadline,
        }
    }

    /// Until when there is nothing to do but to listen; `now`, if the next datagram is due.
    fn until(&self, now: Time) -> Time {
        let given_up = self.table.oldest_awaited().map_or(Time::NEVER, |oldest| oldest.sent + self.wait());
        self.due().max(now).min(self.end()).min(given_up)
    }

    /// Tells which datagrams have waited long enough.
    fn give_up(&mut self, now: Time) -> Result<(), E> {
        while let Some(oldest) = self.table.oldest_awaited().filter(|oldest| oldest.sent + self.wait() <= now) {
            self.silence(&oldest)?;
        }
        Ok(())
    }

    fn silence(&mut self, entry: &Entry) -> Result<(), E> {
        self.table.settle(entry, State::Silent);
        self.say(&Event::Silence { sequence: entry.sequence })
    }

    fn send_next(&mut self, now: Time) -> Result<(), E> {
        if let Some(entry) = self.table.pushed_out() {
            self.silence(&entry)?;
        }
        let turn = usize::try_from(self.table.sent()).unwrap_or(0) % self.options.sizes.len().max(1);
        let size = self.options.sizes.get(turn).copied().unwrap_or(0);
        let data = datagram::data(self.table.next(), now, size);
        let sent = self.line.send(&data);
        // What is to be noted need not be on the datagram's time.
        let entry = self.table.send(now, size);
        self.first.get_or_insert(now);
        self.next_instant(now);
        let sequence = entry.sequence;
        match sent {
            Ok(packet) => self.say(&Event::Sent { sequence, at: now, data: &data, packet: packet.as_deref() }),
            Err(Error::Interrupted) => Ok(()), // the next wait says it again
            Err(error @ (Error::NoPermission { .. } | Error::Unsupported { .. } | Error::Gone)) => Err(error.into()),
            // It counts as sent, and as an error; the next one may leave again.
            Err(error) => {
                self.table.settle(&entry, State::Failed);
                self.summary.errors += 1;
                self.say(&Event::Unsent { sequence, size, error: &error })
            }
        }
    }

    /// The next of the fixed instants that is not past: what a busy machine missed is not made up for by a burst.
    fn next_instant(&mut self, now: Time) {
        let interval = u64::try_from(self.options.interval.as_nanos()).unwrap_or(u64::MAX);
        let missed = now.0.saturating_sub(self.due.0).checked_div(interval).unwrap_or(0);
        self.due = Time(self.due.0.saturating_add(interval.saturating_mul(missed.saturating_add(1))));
    }

    /// Hears what came up to `now` and lies in the socket; not for ever, should somebody send without end.
    fn hear_what_is_here(&mut self, now: Time) -> Result<(), E> {
        while let Ok(Some(packet)) = self.line.recv(now) {
            self.hear(&packet)?;
            if packet.at > now {
                break;
            }
        }
        Ok(())
    }

    fn hear(&mut self, packet: &Packet) -> Result<(), E> {
        if let Some(error) = packet.error {
            return self.trouble(packet, error);
        }
        let target = SocketAddr::V4(self.line.to());
        let from = packet.from.unwrap_or(target);
        let whole = packet.bytes.len();
        let data = packet.bytes.get(..self.options.buffer).unwrap_or(&packet.bytes);
        if from != target {
            return self.foreign(Foreign::OtherHost(from, whole));
        }
        let entry = match datagram::sequence(data) {
            Some(sequence) => self.table.find(sequence).ok_or(Foreign::NeverSent(sequence)),
            // An echo keeps its length, whatever the buffer makes of it.
            None => self.table.oldest_open_of(whole).ok_or(Foreign::Unnumbered(whole)),
        };
        match entry {
            Ok(entry) => self.echo(packet, &entry, (from, data)),
            Err(foreign) => self.foreign(foreign),
        }
    }

    fn foreign(&mut self, foreign: Foreign) -> Result<(), E> {
        self.summary.foreign += 1;
        self.say(&Event::Foreign(foreign))
    }

    fn echo(&mut self, packet: &Packet, entry: &Entry, (from, data): (SocketAddr, &[u8])) -> Result<(), E> {
        let rtt = packet.at - entry.sent;
        let is_first = entry.state != State::Answered;
        let behind = Some(self.highest).filter(|highest| is_first && entry.sequence < *highest);
        let reply = Reply {
            sequence: entry.sequence,
            sent_bytes: entry.size,
            from,
            data,
            whole: packet.bytes.len(),
            ttl: packet.ttl,
            rtt,
            at: packet.at,
            behind,
        };
        if !is_first {
            self.summary.duplicates += 1;
            return self.say(&Event::Duplicate(reply));
        }
        self.longest = self.longest.max(Some(rtt));
        self.highest = self.highest.max(entry.sequence);
        self.table.settle(entry, State::Answered);
        self.summary.received += 1;
        self.summary.reordered += u64::from(behind.is_some());
        let expected = datagram::data(entry.sequence, entry.sent, entry.size);
        let wrong = datagram::first_wrong_byte(data, &expected);
        let event = if wrong.is_some() || data.len() > entry.size {
            self.summary.corrupted += 1;
            Event::Corrupt(reply, wrong)
        } else if data.len() < entry.size {
            self.summary.truncated += 1;
            Event::Truncated(reply)
        } else if rtt > self.wait() {
            self.summary.late += 1;
            Event::Late(reply)
        } else {
            Event::Reply(reply)
        };
        self.say(&event)
    }

    fn trouble(&mut self, packet: &Packet, error: IcmpError) -> Result<(), E> {
        let quote = packet.bytes.as_slice();
        // RFC 792 has eight bytes quoted behind IP's header: UDP's own, and nothing of the data.
        let quoted = datagram::sequence(quote).and_then(|sequence| self.table.find(sequence));
        let Some(entry) = quoted.or_else(|| self.table.oldest_open()) else {
            return self.foreign(Foreign::OtherQuote(error.by));
        };
        // Only these two leave the packet alive: RFC 792 pages 10 and 12.
        let awaited = matches!(error.kind, SOURCE_QUENCH | REDIRECT);
        if !awaited {
            self.summary.errors += 1;
            if entry.is_open() {
                self.table.settle(&entry, State::Failed);
            }
        }
        let Entry { sequence, size, .. } = entry;
        self.say(&Event::Trouble { sequence, size, error, at: packet.at, quote, awaited })
    }

    /// Tells what never came, and how it went. `broken_off`: by a deadline or Ctrl-C.
    fn finish(mut self, now: Time, broken_off: bool) -> Result<Summary, E> {
        // Twice the longest round trip, or a second while none is known, is time enough to call a datagram lost.
        let patience = match self.longest {
            _ if !broken_off => Duration::ZERO,
            Some(longest) => longest.saturating_mul(2),
            None => LEAST_WAIT,
        };
        self.summary.pending = self.table.open_and_younger(now, patience);
        while let Some(oldest) = self.table.oldest_awaited().filter(|oldest| now - oldest.sent >= patience) {
            self.silence(&oldest)?;
        }
        let newest = self.table.newest().map_or(self.start, |newest| newest.sent);
        self.summary.sent = self.table.sent().into();
        self.summary.span = newest - self.first.unwrap_or(newest);
        Ok(self.summary)
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherHost(from, bytes) => write!(
                f,
                "a datagram of {bytes} bytes came from {from}, who was not asked: an unconnected socket takes what \
                 anybody sends to its port (with --connect it would not)"
            ),
            Self::NeverSent(sequence) => write!(f, "an answer came to datagram {sequence}, which was never sent"),
            Self::Unnumbered(bytes) => {
                write!(f, "an answer of {bytes} bytes came, too short to say to what, and none so short is awaited")
            }
            Self::OtherQuote(by) => write!(f, "{by} tells of trouble with a datagram that is not awaited"),
        }
    }
}
