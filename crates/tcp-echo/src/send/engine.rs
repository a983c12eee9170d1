//! The heart of `send`: one connection over any [`Host`], request by request, which tells events and prints nothing.
//!
//! A request is a pattern of writes, one right after the other; it is over when all its bytes have come back. Requests
//! begin at fixed instants, start + n × interval, or when the one before is over, if that is later. At the end this
//! side closes, and hears the other side close.

pub use super::event::{Event, FastOpen, Request, Summary, Tell, Trouble};

use super::capture::Capture;
use super::connect::{Connection, connect};
use super::lives::{follow_to_the_end, see_to_the_end, syns};
use super::watch::{EVERY, Seen, Watch, Witness};
use super::why::{Taken, Written, stories};
use crate::manners::Manners;
use crate::samples::Samples;
use host::{Account, Error, Host, Interest, Opt, Rule, Stream, Time};
use std::net::SocketAddr;
use std::time::Duration;

/// How many bytes are handed over or taken at once.
const AT_ONCE: usize = 1 << 16;
/// What to send, when, and how long to wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// The sizes of one request's writes, bytes.
    pub writes: Vec<usize>,
    /// How many requests; `None`: no end.
    pub count: Option<u32>,
    /// From the start of one to the next.
    pub interval: Duration,
    /// How long the connection, and each request, may take.
    pub wait: Duration,
    /// When this side closes whatever came, after the start.
    pub deadline: Option<Duration>,
    /// From which address and port; unspecified: the way's own, and a free one.
    pub source: SocketAddr,
    /// Whether this side closes behind its last request, before that is echoed.
    pub half_close: bool,
    /// Whether it breaks the connection off instead of closing it.
    pub abort: bool,
    /// How this end behaves.
    pub manners: Manners,
    /// Whether each write but a request's last says that more follows.
    pub msg_more: bool,
    /// Whether it is wanted what left when and why, also where that has to be looked for. Then all waiting is the host's, in
    /// [`Host::wait`]; else a read waits for itself.
    pub asks_why: bool,
    /// Whether the lives of both ends are wanted, up to their end.
    pub states: bool,
}

/// Connects to `to`, sends requests, closes, and tells what becomes of them.
///
/// Ctrl-C ends the run with what is known so far.
///
/// # Errors
/// What the host says of the socket, and what `tell` fails with. A refusal, silence and the like are events.
pub fn send<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    options: &Options,
    samples: Option<&mut Samples>,
    tell: &mut Tell<'_, E>,
) -> Result<Summary, E> {
    let start = host.now();
    let mut summary = Summary::default();
    let mut capture = None;
    match connect(host, to, options, &mut capture) {
        Ok(Connection { mut stream, watch, took }) => {
            let account = match &mut capture {
                Some(capture) => Some(capture.take(host.now())?),
                None => stream.account().ok().filter(|_| options.states),
            };
            if let Some(account) = account {
                summary.live(account, tell)?;
            }
            tell(&Event::Connected { own: stream.local(), took })?;
            let run = Run {
                stream,
                options,
                samples,
                watch,
                capture: capture.as_mut(),
                room: vec![0; AT_ONCE],
                written: 0,
                received: 0,
                writes: vec![],
                begun: 0,
                begun_at: start,
                deadline: options.deadline.map_or(Time::NEVER, |deadline| start + deadline),
                lived: Account::default(),
                summary: &mut summary,
            };
            run.go(host, start, tell)?;
        }
        Err(error) => match Trouble::of(&error, host.now() - start) {
            Some(trouble) => {
                summary.failed = true;
                summary.span = host.now() - start;
                let account = match &mut capture {
                    Some(capture) => Some(capture.take(host.now())?),
                    None => host.last_account(to).ok(),
                };
                let trouble = match trouble {
                    // The wait is over: the host would have gone on.
                    Trouble::GaveUp { after, .. } if after >= options.wait => {
                        Trouble::TimedOut { unacknowledged: None }
                    }
                    Trouble::GaveUp { after, .. } => {
                        Trouble::GaveUp { after, syns: account.as_ref().map(|account| syns(&account.own)) }
                    }
                    trouble => trouble,
                };
                if options.states
                    && let Some(account) = account
                {
                    summary.live(account, tell)?;
                }
                tell(&Event::Failed { during: 0, trouble, written: 0, echoed: 0, held: None })?;
            }
            None if error == Error::Interrupted => summary.span = host.now() - start,
            None => return Err(error.into()),
        },
    }
    if options.states {
        match &mut capture {
            Some(capture) => see_to_the_end(host, capture, &mut summary, tell)?,
            None => follow_to_the_end(host, to, &mut summary, tell)?,
        }
    }
    Ok(summary)
}

/// Why a request is not echoed.
enum Stop {
    /// The run is to end here, as it was asked to.
    Over,
    Trouble(Trouble),
    /// What the host says.
    Host(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        if error == Error::Interrupted { Stop::Over } else { Stop::Host(error) }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Error::from(error).into()
    }
}

/// The connection as it stands.
struct Run<'a> {
    stream: Box<dyn Stream>,
    options: &'a Options,
    samples: Option<&'a mut Samples>,
    watch: Option<Watch>,
    /// Who sees the segments, where they are wanted and the host keeps no record.
    capture: Option<&'a mut Capture>,
    /// What is read into.
    room: Vec<u8>,
    /// Bytes of the stream, from the first on.
    written: u64,
    /// Bytes that came back.
    received: u64,
    /// The writes of the request that is under way.
    writes: Vec<Written>,
    /// `written` when it began, and when that was.
    begun: u64,
    begun_at: Time,
    deadline: Time,
    /// What happened at both ends and is not told yet.
    lived: Account,
    summary: &'a mut Summary,
}

impl Run<'_> {
    fn go<E: From<Error>>(mut self, host: &mut dyn Host, start: Time, tell: &mut Tell<'_, E>) -> Result<(), E> {
        let mut number = 0;
        let mut due = host.now();
        let stop = loop {
            if self.options.count.is_some_and(|count| number >= count) {
                break Stop::Over;
            }
            if let Err(stop) = self.rest(host, due) {
                break stop;
            }
            if host.now() >= self.deadline {
                break Stop::Over;
            }
            number += 1;
            self.summary.sent += 1;
            due = host.now() + self.options.interval;
            match self.request(host, number) {
                Ok(request) => {
                    self.summary.echoed += 1;
                    self.see(host)?;
                    self.summary.live(std::mem::take(&mut self.lived), tell)?;
                    tell(&Event::Echoed(request))?;
                }
                Err(stop) => break stop,
            }
        };
        let stop = match stop {
            Stop::Over => self.close(host).err(),
            stop => Some(stop),
        };
        self.summary.span = host.now() - start;
        let trouble = match stop {
            None | Some(Stop::Over) => return Ok(()),
            Some(Stop::Trouble(trouble)) => trouble,
            Some(Stop::Host(error)) => match Trouble::of(&error, host.now() - self.begun_at) {
                Some(trouble) => trouble,
                None => return Err(error.into()),
            },
        };
        self.summary.failed = true;
        let (written, echoed) = (self.written - self.begun, self.received.saturating_sub(self.begun));
        let held = self.held();
        self.see(host)?;
        self.summary.live(std::mem::take(&mut self.lived), tell)?;
        tell(&Event::Failed { during: number, trouble, written, echoed, held })
    }

    /// Takes note of the segments that were seen.
    fn see(&mut self, host: &mut dyn Host) -> Result<(), Error> {
        if let Some(capture) = &mut self.capture {
            self.lived = capture.take(host.now())?;
        }
        Ok(())
    }

    /// What waits to leave, as far as the host can tell.
    fn held(&mut self) -> Option<(u64, Rule)> {
        if let Some(watch) = &self.watch {
            return watch.waiting();
        }
        let account = self.stream.account().ok()?;
        self.lived = Account { own: account.own, peer: account.peer, ..Account::default() };
        let bytes = account.held.iter().map(|held| held.bytes.end - held.bytes.start).sum();
        account.held.first().map(|held| (bytes, held.rule))
    }

    /// One request and its echo.
    fn request(&mut self, host: &mut dyn Host, number: u32) -> Result<Request, Stop> {
        if let Some(watch) = &mut self.watch {
            watch.begin(host.now(), &mut *self.stream);
        }
        self.look(host)?;
        let at = host.now();
        let until = self.deadline.min(at + self.options.wait);
        (self.begun, self.begun_at, self.writes) = (self.written, at, vec![]);
        let options = self.options;
        if options.manners.cork {
            self.hold(Opt::Cork(true), true)?;
        }
        for (index, size) in options.writes.iter().enumerate() {
            if options.msg_more {
                let more = index + 1 < options.writes.len();
                self.hold(Opt::MsgMore(more), more)?;
            }
            self.write(host, *size, until)?;
        }
        if options.manners.cork {
            self.hold(Opt::Cork(false), false)?;
            self.look(host)?;
        }
        if options.half_close && options.count == Some(number) {
            self.stream.finish()?;
        }
        while self.received < self.written {
            self.receive(host, until)?;
        }
        let rtt = host.now() - at;
        let (seen_by, seen) = self.seen(host)?.map_or((None, None), |seen| (Some(seen.witness.clone()), Some(seen)));
        let fast_open = self.fast_open(number);
        Ok(Request {
            number,
            bytes: self.written - self.begun,
            at,
            rtt,
            segments: seen.as_ref().map_or(0, |seen| seen.segments),
            resent: seen.as_ref().map_or(0, |seen| seen.resent),
            stories: seen.map(|seen| stories(&self.writes, &seen.departures)),
            seen_by,
            fast_open,
        })
    }

    /// What left of this request, by the host's own record or by who watches; `None`: nobody can tell.
    fn seen(&mut self, host: &mut dyn Host) -> Result<Option<Seen>, Error> {
        if let Some(watch) = &mut self.watch {
            return Ok(watch.seen(&(self.begun..self.written), host.now(), &mut *self.stream));
        }
        let account = match self.stream.account() {
            Ok(account) => account,
            Err(Error::Unsupported { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.lived = Account { own: account.own, peer: account.peer, ..Account::default() };
        let departures = account.departures;
        Ok(Some(Seen {
            segments: departures.len(),
            resent: departures.iter().filter(|departure| departure.again).count(),
            departures,
            witness: Witness::Record,
        }))
    }

    /// What became of the wish to send data in the SYN, once the first request is over.
    fn fast_open(&mut self, number: u32) -> Option<FastOpen> {
        if number > 1 || !self.options.manners.opens_fast() {
            return None;
        }
        let info = self.stream.info().ok()?;
        Some(FastOpen { taken: info.syn_data?, failure: info.syn_data_failure })
    }

    /// Tells the connection that what fills no segment is to wait for more, or not.
    fn hold(&mut self, option: Opt, waits: bool) -> Result<(), Error> {
        if let Some(watch) = &mut self.watch {
            watch.cork(waits);
        }
        self.stream.set(option)
    }

    fn write(&mut self, host: &mut dyn Host, size: usize, until: Time) -> Result<(), Stop> {
        let (at, start) = (host.now(), self.written);
        let end = start + size as u64;
        let mut write = Written { bytes: start..end, at, taken: vec![] };
        write.taken.extend(self.hand_over(host, at, end)?);
        while self.written < end {
            // Who writes much and reads nothing meanwhile would wait for an echo that waits for its own reader.
            let ready = self.wait(host, true, until)?;
            if ready.contains(&0) {
                self.read(host)?;
            }
            if ready.contains(&1) {
                let now = host.now();
                write.taken.extend(self.hand_over(host, now, end)?);
            }
        }
        self.writes.push(write);
        self.look(host)?;
        Ok(())
    }

    /// Hands bytes over, up to `end` at the most; `None`: the host has no room for any now.
    fn hand_over(&mut self, host: &mut dyn Host, called: Time, end: u64) -> Result<Option<Taken>, Stop> {
        let most = usize::try_from(end - self.written).unwrap_or(AT_ONCE).min(AT_ONCE);
        let bytes: Vec<u8> = (self.written..).take(most).map(byte).collect();
        self.stream.set_deadline(called);
        let count = match self.stream.write(&bytes).map_err(Error::from) {
            Ok(count) => count as u64,
            Err(Error::TimedOut) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let done = host.now();
        self.written += count;
        if let Some(watch) = &mut self.watch {
            watch.wrote(called, count, done, &mut *self.stream);
        }
        Ok(Some(Taken { end: self.written, called, done }))
    }

    /// Waits for something to read, and takes it. Where nobody asks for more, that is one call.
    fn receive(&mut self, host: &mut dyn Host, until: Time) -> Result<(), Stop> {
        if self.options.asks_why || self.samples.is_some() {
            self.wait(host, false, until)?;
            return self.read(host);
        }
        self.stream.set_deadline(until);
        match self.stream.read(&mut self.room).map_err(Error::from) {
            Ok(count) => self.take(host, count),
            Err(Error::TimedOut) if host.now() >= until => Err(self.silence(until)),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes what came.
    fn read(&mut self, host: &mut dyn Host) -> Result<(), Stop> {
        self.stream.set_deadline(host.now());
        let count = self.stream.read(&mut self.room)?;
        self.take(host, count)
    }

    /// Compares what came with what was sent.
    fn take(&mut self, host: &mut dyn Host, count: usize) -> Result<(), Stop> {
        if count == 0 {
            return Err(Stop::Trouble(Trouble::Closed));
        }
        for (found, at) in self.room.iter().take(count).zip(self.received..) {
            if at >= self.written {
                return Err(Stop::Trouble(Trouble::TooMuch));
            }
            if *found != byte(at) {
                return Err(Stop::Trouble(Trouble::Wrong { at, expected: byte(at), found: *found }));
            }
        }
        self.received += count as u64;
        self.options.manners.after_read(&mut *self.stream)?;
        self.look(host)?;
        Ok(())
    }

    fn look(&mut self, host: &mut dyn Host) -> Result<(), Error> {
        if let Some(watch) = &mut self.watch {
            watch.look(host.now(), &mut *self.stream);
        }
        match &mut self.samples {
            Some(samples) => samples.take(host.now(), &mut *self.stream),
            None => Ok(()),
        }
    }

    /// Waits for something to read, and with `write` for room to write: 0 and 1 of what is answered.
    fn wait(&mut self, host: &mut dyn Host, write: bool, until: Time) -> Result<Vec<usize>, Stop> {
        let id = self.stream.id();
        let room = Interest { socket: id, read: false, write: true };
        let on = [Interest::read(id), room];
        let on = on.get(..1 + usize::from(write)).unwrap_or(&on);
        let ready = self.wait_for(host, on, until)?;
        if ready.is_empty() { Err(self.silence(until)) } else { Ok(ready) }
    }

    /// Nothing came `until` then.
    fn silence(&mut self, until: Time) -> Stop {
        if until == self.deadline {
            return Stop::Over;
        }
        Stop::Trouble(Trouble::TimedOut { unacknowledged: self.stream.info().ok().and_then(|info| info.unacked) })
    }

    /// As [`Host::wait`], and looks at the connection on the way: always where samples are taken, else while something waits.
    fn wait_for(&mut self, host: &mut dyn Host, on: &[Interest], until: Time) -> Result<Vec<usize>, Error> {
        loop {
            let looks = self.samples.is_some() || self.watch.as_ref().is_some_and(Watch::is_waiting);
            let next = if looks { host.now() + EVERY } else { Time::NEVER };
            let ready = host.wait(on, until.min(next))?;
            self.look(host)?;
            if !ready.is_empty() || host.now() >= until {
                return Ok(ready);
            }
        }
    }

    /// Waits until `due`, or the deadline, and hears whether the other side ends the connection meanwhile.
    fn rest(&mut self, host: &mut dyn Host, due: Time) -> Result<(), Stop> {
        let until = due.min(self.deadline);
        if host.now() >= until {
            return Ok(());
        }
        let on = [Interest::read(self.stream.id())];
        let ready = self.wait_for(host, &on, until)?;
        (self.begun, self.begun_at, self.writes) = (self.written, host.now(), vec![]);
        if ready.is_empty() { Ok(()) } else { self.read(host) }
    }

    /// Ends the connection in good order, or breaks it off.
    fn close(&mut self, host: &mut dyn Host) -> Result<(), Stop> {
        if self.options.abort {
            return Ok(self.stream.set(Opt::Linger(Some(Duration::ZERO)))?);
        }
        // It is closed as the socket goes.
        if self.options.manners.lingers() {
            return Ok(());
        }
        match self.stream.finish() {
            Ok(()) => {}
            // It is closed already.
            Err(Error::Gone) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let until = host.now() + self.options.wait;
        loop {
            let on = [Interest::read(self.stream.id())];
            let ready = self.wait_for(host, &on, until)?;
            if ready.is_empty() {
                // All that was asked for was echoed; that the other side does not close is its own matter.
                return Ok(());
            }
            self.stream.set_deadline(host.now());
            if self.stream.read(&mut self.room)? == 0 {
                return Ok(());
            }
        }
    }
}

/// The byte at this place of the stream. 251 is no power of two, so what is a segment too early or late is another
/// byte.
fn byte(at: u64) -> u8 {
    u8::try_from(at % 251).unwrap_or(0)
}
