//! The heart of `bench`: requests over connections of a pool, over any [`Host`]; it prints nothing.
//!
//! So many clients as are wanted at once each send a request, wait for the last byte of its answer, rest for the gap, and send
//! the next one. Which connection a request gets is the [`pool`](super::pool)'s to say; here its connections are opened, used,
//! watched while they are idle, and closed.

use super::meter::{Meter, Traffic};
use super::pool::{Limits, Number, Pool, Return, Take};
use crate::manners::usual_congestion;
use host::{Error, Host, Interest, Opt, Stream, Time};
use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

/// How many bytes are handed over or taken at once.
const AT_ONCE: usize = 1 << 16;
/// How long what closing sends is waited for, so that it is counted.
const LAST_SEGMENTS: Duration = Duration::from_secs(1);
/// How often the round trip is measured.
const HANDSHAKES: usize = 3;

/// What is sent, how often, and over what.
#[derive(Debug, Clone)]
pub struct Setting {
    /// How many requests in all.
    pub requests: u32,
    /// The length of one, bytes.
    pub size: usize,
    /// The length of its answer, bytes.
    pub answer: usize,
    /// How many clients there are.
    pub concurrency: usize,
    /// How long each rests from an answer to its next request.
    pub gap: Duration,
    /// How long a request may take, with the connection.
    pub wait: Duration,
    /// What the pool may do.
    pub limits: Limits,
    /// Whether each connection asks for the request to travel in its SYN.
    pub fast_open: bool,
}

impl Setting {
    /// What a socket is told before its SYN.
    fn options(&self) -> Vec<Opt> {
        let fast_open = self.fast_open.then_some(Opt::FastOpen(true));
        usual_congestion().into_iter().chain(fast_open).collect()
    }
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// From asking for a connection to the last byte of the answer.
    pub time: Duration,
    /// How long of that no connection was free, or a dead one was tried.
    pub waited: Duration,
    /// How long of that a connection was opened.
    pub handshake: Duration,
    /// This end of its connection.
    pub own: SocketAddr,
    /// The how manieth request over it, from 0 on.
    pub turn: usize,
    /// Whether it left in the connection's SYN, and the other side took it from there.
    pub in_syn: bool,
    /// This end's congestion window before its first byte, and behind it, bytes: between the two a host takes back what is
    /// too old. `None`: the host does not tell.
    pub cwnd: Option<[u32; 2]>,
}

/// What came of all requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The requests in the order of their answers.
    pub requests: Vec<Request>,
    /// How many connections were opened.
    pub opened: u64,
    /// How long the first request waited until those were established that a pool opens beforehand; `None`: it opens none.
    pub beforehand: Option<Duration>,
    /// How many of them the pool closed, as they were idle for too long.
    pub expired: u64,
    /// How many the other side closed while they were idle.
    pub closed_by_peer: u64,
    /// How many requests met a connection that turned out to be dead, and went over another once more.
    pub retried: u64,
    /// The longest segment that leaves, bytes; `None`: the host does not tell.
    pub segment: Option<u32>,
    /// What passed; `None`: this host does not let it be seen.
    pub traffic: Option<Traffic>,
}

/// Why there is no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The host says so.
    Host(Error),
    /// There was no answer in time.
    Silence {
        /// How many bytes of it had come.
        answered: usize,
    },
    /// The other side ended a connection in the middle of a request, or before the first one.
    Ended {
        /// How many bytes of the answer had come.
        answered: usize,
    },
    /// The answer has other bytes than it should.
    Wrong {
        /// Which, from 0 on.
        at: usize,
    },
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// The round trip to `to`: the shortest of a few handshakes, the first of which may have waited for ARP. Nothing is under way
/// when it ends.
///
/// # Errors
/// What ended a handshake.
pub fn round_trip(host: &mut dyn Host, to: SocketAddr, wait: Duration) -> Result<Duration, Error> {
    let mut shortest = Duration::MAX;
    for _ in 0..HANDSHAKES {
        let start = host.now();
        let options: Vec<Opt> = usual_congestion().into_iter().collect();
        drop(host.connect_tcp(to, &options, start + wait)?);
        shortest = shortest.min(host.now() - start);
    }
    host.sleep(host.now() + LAST_SEGMENTS.max(shortest * 2))?;
    Ok(shortest)
}

/// Sends all requests and closes all connections.
///
/// A request is sent once more, over another connection, if its own has been used or idle before and ends before the first byte of
/// the answer: it was closed while the request was on its way. That is right for requests that may come twice, as these may.
///
/// # Errors
/// What kept a request from its answer.
pub fn run(host: &mut dyn Host, to: SocketAddr, setting: &Setting) -> Result<Outcome, Trouble> {
    let mut run = Run {
        to,
        setting,
        pool: Pool::new(setting.limits),
        meter: Meter::open(host, to),
        links: BTreeMap::new(),
        jobs: vec![],
        begun: 0,
        clients: vec![host.now(); setting.concurrency],
        buffer: vec![0; AT_ONCE],
        outcome: Outcome {
            requests: vec![],
            opened: 0,
            beforehand: None,
            expired: 0,
            closed_by_peer: 0,
            retried: 0,
            segment: None,
            traffic: None,
        },
    };
    run.open_eagerly(host)?;
    loop {
        run.expire(host.now());
        run.begin_requests(host)?;
        // Where the answer is there at once, nothing is left to wait for.
        if run.begun == setting.requests && run.jobs.is_empty() {
            break;
        }
        run.wait(host)?;
    }
    run.links.clear();
    host.sleep(host.now() + LAST_SEGMENTS)?;
    let Run { mut outcome, meter, pool, .. } = run;
    outcome.opened = pool.opened();
    let traffic = meter.map(|mut meter| meter.read(host)).transpose()?;
    // A host may have no frames for an address of its own.
    outcome.traffic = traffic.filter(|traffic| traffic.packets > 0);
    Ok(outcome)
}

/// A connection.
struct Link {
    stream: Box<dyn Stream>,
    /// How many requests it has carried.
    turns: usize,
    /// Whether it has ever been idle, so that the other side may have closed it.
    has_rested: bool,
}

/// A request that is not answered yet.
struct Job {
    at: Time,
    /// Its connection; `None`: it waits for one.
    link: Option<Number>,
    /// When it got its connection.
    got: Time,
    /// Until when the handshake took, where it was one.
    established: Option<Time>,
    cwnd: Option<[u32; 2]>,
    written: usize,
    answered: usize,
}

struct Run<'a> {
    to: SocketAddr,
    setting: &'a Setting,
    pool: Pool,
    meter: Option<Meter>,
    links: BTreeMap<Number, Link>,
    /// The requests that are under way, in the order in which they began.
    jobs: Vec<Job>,
    begun: u32,
    /// When each client that rests begins its next request.
    clients: Vec<Time>,
    buffer: Vec<u8>,
    outcome: Outcome,
}

impl Run<'_> {
    /// What an eager pool opens before there is a request; it is there once all are established.
    fn open_eagerly(&mut self, host: &mut dyn Host) -> Result<(), Trouble> {
        let start = host.now();
        let until = start + self.setting.wait;
        let mut opening = self.pool.begin();
        if opening.is_empty() {
            return Ok(());
        }
        for number in &opening {
            self.open(host, *number, until)?;
        }
        while !opening.is_empty() {
            let of = |link: &Link| Interest { socket: link.stream.id(), read: false, write: true };
            let on: Vec<Interest> = opening.iter().filter_map(|number| self.links.get(number)).map(of).collect();
            let ready = host.wait(&on, until)?;
            if ready.is_empty() {
                return Err(Trouble::Host(Error::TimedOut));
            }
            for index in ready.into_iter().rev() {
                let number = opening.remove(index);
                if let Some(link) = self.links.get_mut(&number) {
                    // What became of it the first byte will tell.
                    link.has_rested = true;
                }
                self.pool.give_back(host.now(), number);
            }
        }
        self.outcome.beforehand = Some(host.now() - start);
        self.clients.fill(host.now());
        Ok(())
    }

    fn open(&mut self, host: &mut dyn Host, number: Number, until: Time) -> Result<(), Trouble> {
        let stream = host.begin_tcp(self.to, &self.setting.options(), until)?;
        self.links.insert(number, Link { stream, turns: 0, has_rested: false });
        Ok(())
    }

    fn expire(&mut self, now: Time) {
        for number in self.pool.expire(now) {
            self.links.remove(&number);
            self.outcome.expired += 1;
        }
    }

    /// Clients that have rested begin a request, and those that wait for a connection get one, if there is one.
    fn begin_requests(&mut self, host: &mut dyn Host) -> Result<(), Trouble> {
        let now = host.now();
        let due = self.clients.extract_if(.., |at| *at <= now).count();
        for _ in 0..due {
            if self.begun < self.setting.requests {
                self.begun += 1;
                let job = Job { at: now, link: None, got: now, established: None, cwnd: None, written: 0, answered: 0 };
                self.jobs.push(job);
            }
        }
        while let Some(index) = self.jobs.iter().position(|job| job.link.is_none()) {
            let Some(job) = self.jobs.get_mut(index) else { break };
            let until = job.at + self.setting.wait;
            job.got = now;
            match self.pool.take() {
                Take::Reuse(number) => {
                    (job.link, job.established) = (Some(number), Some(now));
                    self.go_on(host, index)?;
                }
                Take::Open(number) => {
                    (job.link, job.established) = (Some(number), None);
                    self.open(host, number, until)?;
                }
                Take::Wait => break,
            }
        }
        Ok(())
    }

    /// Waits for the next thing to happen, and sees to it.
    fn wait(&mut self, host: &mut dyn Host) -> Result<(), Trouble> {
        let numbers: Vec<Number> = self.links.keys().copied().collect();
        let on: Vec<Interest> = self.links.iter().map(|(number, link)| self.interest(*number, link)).collect();
        let ready = host.wait(&on, self.next())?;
        let now = host.now();
        for number in ready.into_iter().filter_map(|index| numbers.get(index).copied()) {
            match self.jobs.iter().position(|job| job.link == Some(number)) {
                Some(index) => self.go_on(host, index)?,
                None => self.look_at_idle(now, number),
            }
        }
        if let Some(meter) = &mut self.meter {
            meter.read(host)?;
        }
        match self.jobs.iter().find(|job| now >= job.at + self.setting.wait) {
            Some(job) => Err(Trouble::Silence { answered: job.answered }),
            None => Ok(()),
        }
    }

    /// What is waited for at a connection.
    fn interest(&self, number: Number, link: &Link) -> Interest {
        let job = self.jobs.iter().find(|job| job.link == Some(number));
        let is_opening = job.is_some_and(|job| job.established.is_none());
        let writes = job.is_some_and(|job| job.written < self.setting.size);
        Interest { socket: link.stream.id(), read: !is_opening, write: writes }
    }

    /// When something is to be done although nothing comes.
    fn next(&self) -> Time {
        let begins = self.clients.iter().copied().filter(|_| self.begun < self.setting.requests);
        let ends = self.jobs.iter().map(|job| job.at + self.setting.wait);
        begins.chain(ends).chain([self.pool.expires_at()]).min().unwrap_or(Time::NEVER)
    }

    /// An idle connection has something to say, and nothing was asked: it is closed, or as good as that.
    fn look_at_idle(&mut self, now: Time, number: Number) {
        let Some(link) = self.links.get_mut(&number) else { return };
        link.stream.set_deadline(now);
        let said = link.stream.read(&mut self.buffer).map_err(Error::from);
        if said != Err(Error::TimedOut) {
            self.outcome.closed_by_peer += 1;
            self.pool.lost(number);
            self.links.remove(&number);
        }
    }

    /// A request goes on as far as it can.
    fn go_on(&mut self, host: &mut dyn Host, index: usize) -> Result<(), Trouble> {
        let now = host.now();
        let Some(job) = self.jobs.get_mut(index) else { return Ok(()) };
        let Some(number) = job.link else { return Ok(()) };
        let Some(link) = self.links.get_mut(&number) else { return Ok(()) };
        job.established.get_or_insert(now);
        match job.exchange(now, link, self.setting, &mut self.buffer) {
            // On a real machine the answer may have come while this went on.
            Ok(true) => self.answered(host.now(), index, number),
            Ok(false) => {}
            Err(Trouble::Ended { answered: 0 }) if link.has_rested => {
                self.outcome.retried += 1;
                self.pool.lost(number);
                self.links.remove(&number);
                // Its next connection is asked for before anything is waited for.
                (job.link, job.written, job.cwnd) = (None, 0, None);
            }
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }

    fn answered(&mut self, now: Time, index: usize, number: Number) {
        let job = self.jobs.remove(index);
        self.clients.push(now + self.setting.gap);
        if let Some(link) = self.links.get_mut(&number) {
            if self.outcome.segment.is_none() {
                self.outcome.segment = link.stream.info().ok().and_then(|info| info.snd_mss);
            }
            let established = job.established.unwrap_or(job.got);
            let in_syn = self.setting.fast_open && link.stream.info().is_ok_and(|info| info.syn_data == Some(true));
            self.outcome.requests.push(Request {
                time: now - job.at,
                waited: job.got - job.at,
                handshake: established - job.got,
                own: link.stream.local(),
                turn: link.turns,
                in_syn: in_syn && link.turns == 0,
                cwnd: job.cwnd,
            });
            link.turns += 1;
            link.has_rested = true;
        }
        if self.pool.give_back(now, number) == Return::Close {
            self.links.remove(&number);
        }
    }
}

impl Job {
    /// Writes what there is room for and reads what has come. Whether that was the end of the answer.
    fn exchange(&mut self, now: Time, link: &mut Link, setting: &Setting, buffer: &mut [u8]) -> Result<bool, Trouble> {
        let stream = &mut *link.stream;
        stream.set_deadline(now);
        if self.written < setting.size {
            let before = cwnd(stream);
            let most = (setting.size - self.written).min(AT_ONCE);
            let bytes: Vec<u8> = (self.written..).take(most).map(byte).collect();
            let is_first = self.written == 0;
            self.written += self.ended(stream.write(&bytes).map_err(Error::from))?.unwrap_or(0);
            if is_first && self.written > 0 {
                self.cwnd = before.zip(cwnd(stream)).map(|(before, behind)| [before, behind]);
            }
        }
        let Some(count) = self.ended(stream.read(buffer).map_err(Error::from))? else { return Ok(false) };
        if count == 0 {
            return Err(Trouble::Ended { answered: self.answered });
        }
        for found in buffer.iter().take(count) {
            if self.answered >= setting.answer || *found != byte(self.answered) {
                return Err(Trouble::Wrong { at: self.answered });
            }
            self.answered += 1;
        }
        Ok(self.answered == setting.answer && self.written == setting.size)
    }

    /// `None`: there is no room, or nothing has come. That a connection ended is one trouble, however it did.
    fn ended(&self, result: Result<usize, Error>) -> Result<Option<usize>, Trouble> {
        match result {
            Ok(count) => Ok(Some(count)),
            Err(Error::TimedOut) => Ok(None),
            Err(Error::Reset | Error::Gone) => Err(Trouble::Ended { answered: self.answered }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The congestion window, where the host tells.
fn cwnd(stream: &mut dyn Stream) -> Option<u32> {
    stream.info().ok()?.cwnd
}

/// The byte at this place of a request, and of an answer, whether it is an echo or `serve --answer`'s: 0, 1, 2 … 250, and from 0 again.
fn byte(at: usize) -> u8 {
    u8::try_from(at % 251).unwrap_or(0)
}
