//! The heart of `serve`: waits at the port and at all connections at once, and sends back what comes.
//!
//! What there is no room for is kept, and nothing more is read from that connection until it has left: who sends and
//! never reads is held up by the windows of TCP, and takes no more memory here than one read.

use crate::manners::Manners;
use crate::send::lives::{LAST_STATES, LOOKS};
use host::{Error, Host, Interest, Listener, Opt, Result, Step, Stream, Time};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// So many connections are open at once; the next ones wait in the host's queue.
const MOST_CONNECTIONS: usize = 10_000;

/// How many bytes are read at once.
const AT_ONCE: usize = 1 << 16;

/// Where to serve, how, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port.
    pub port: u16,
    /// How many bytes are gathered before any of them is echoed; `None`: what comes is echoed.
    pub reads: Option<usize>,
    /// With how many bytes each request is answered instead of its echo: 0, 1, 2 … 250, and from 0 again.
    pub answer: Option<usize>,
    /// After how long without a byte from the other side a connection is closed; `None`: never.
    pub idle_timeout: Option<Duration>,
    /// After how many echoed bytes a connection is broken off; `None`: never.
    pub abort_after: Option<u64>,
    /// How this end behaves.
    pub manners: Manners,
    /// After how many connections to end; `None`: never.
    pub count: Option<u32>,
    /// When to close all and end, after the start.
    pub deadline: Option<Duration>,
    /// Whether the lives of the connections are wanted, up to their end.
    pub lives: bool,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The other side closed first.
    ByPeer,
    /// This side closed first, as its run was over.
    ByUs,
    /// This side closed first, as nothing had come for so long as it waits.
    Idle,
    /// This side broke it off, as it was told to.
    Aborted,
    /// The host says what happened.
    Failed(Error),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The port is open.
    Start,
    /// A connection.
    Opened {
        /// The how manieth, from 1 on.
        number: u64,
        /// Whose.
        peer: SocketAddr,
        /// When it was accepted.
        at: Time,
    },
    /// An answer that is no echo has begun to leave.
    Answer {
        /// Over which connection.
        number: u64,
        /// To whom.
        peer: SocketAddr,
        /// When.
        at: Time,
        /// How long the answer is, bytes.
        bytes: usize,
        /// The congestion window before its first byte and behind it, where the host tells: between the two an old window is taken
        /// back.
        cwnd: Option<[u32; 2]>,
    },
    /// Something happened to a connection; only where lives are wanted.
    Stepped {
        /// Whose.
        peer: SocketAddr,
        /// What.
        step: Step,
    },
    /// Its end.
    Closed {
        /// Which.
        number: u64,
        /// Whose.
        peer: SocketAddr,
        /// When.
        at: Time,
        /// How many bytes were echoed.
        echoed: u64,
        /// How it ended.
        end: End,
    },
}

/// Why the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// So many connections came and went.
    Count,
    /// Its time was over.
    Deadline,
    /// Ctrl-C; in a network of several programs, the end of the first one.
    Interrupted,
    /// Nothing will happen any more in this simulated network.
    Idle,
}

/// How the run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Why it ended.
    pub ended: Ended,
    /// Connections in all.
    pub connections: u64,
    /// Those that did not end in good order.
    pub failed: u64,
    /// Bytes that were echoed.
    pub echoed: u64,
    /// From the start to the end.
    pub span: Duration,
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event) -> std::result::Result<(), E> + 'a;

/// Opens the port, echoes what comes and tells of it.
///
/// # Errors
/// What the host says of the port, and what `tell` fails with. What becomes of single connections are events.
pub fn serve<E: From<Error>>(
    host: &mut dyn Host,
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> std::result::Result<Summary, E> {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, options.port));
    let mut wishes = options.manners.options();
    wishes.extend(options.lives.then_some(Opt::Record(true)));
    let listener = host.listen_tcp(everywhere, &wishes)?;
    let start = host.now();
    tell(&Event::Start)?;
    let mut run = Run { options, listener, open: vec![], accepted: 0, failed: 0, echoed: 0, tell, ended: vec![] };
    let until = options.deadline.map_or(Time::NEVER, |deadline| start + deadline);
    let ended = loop {
        if run.has_enough() {
            break Ended::Count;
        }
        let ready = match host.wait(&run.interests(), until.min(run.next_idle())) {
            Ok(ready) => ready,
            Err(Error::Interrupted) => break Ended::Interrupted,
            Err(Error::Idle) => break Ended::Idle,
            Err(error) => return Err(error.into()),
        };
        if ready.is_empty() && host.now() >= until {
            break Ended::Deadline;
        }
        run.see_to(host, &ready)?;
        run.close_idle(host.now())?;
    };
    run.close_all(host)?;
    let span = host.now() - start;
    if options.lives {
        run.follow_to_the_end(host)?;
    }
    let Run { accepted, failed, echoed, .. } = run;
    Ok(Summary { ended, connections: accepted, failed, echoed, span })
}

/// A connection as it stands.
struct Open {
    number: u64,
    stream: Box<dyn Stream>,
    /// What is gathered of a request.
    gathered: Vec<u8>,
    /// What is to be echoed and has not been written.
    pending: Vec<u8>,
    /// Whether the other side has closed.
    finished: bool,
    echoed: u64,
    /// When something came last.
    heard: Time,
    /// Whether the next byte to be written is the first of an answer.
    begins: bool,
    /// The windows of [`Event::Answer`], where there is one to tell.
    begun: Option<Option<[u32; 2]>>,
}

impl Open {
    /// Reads once and writes what there is room for. `Some`: that was its end.
    fn turn(&mut self, now: Time, options: &Options) -> Option<End> {
        match self.echo(now, options) {
            Ok(end) => end,
            // It was ready for something else than this.
            Err(Error::TimedOut) => None,
            Err(error) => Some(End::Failed(error)),
        }
    }

    fn echo(&mut self, now: Time, options: &Options) -> Result<Option<End>> {
        self.stream.set_deadline(now);
        if self.pending.is_empty() {
            self.gather(now, options)?;
        }
        let left = options.abort_after.map(|most| most.saturating_sub(self.echoed));
        let most = left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX).min(self.pending.len());
        if most > 0 {
            if options.manners.cork {
                self.stream.set(Opt::Cork(true))?;
            }
            let before = if self.begins { cwnd(&mut *self.stream) } else { None };
            let count = self.stream.write(self.pending.get(..most).unwrap_or_default())?;
            if std::mem::take(&mut self.begins) {
                let behind = cwnd(&mut *self.stream);
                self.begun = Some(before.zip(behind).map(|(before, behind)| [before, behind]));
            }
            self.pending.drain(..count);
            self.echoed += count as u64;
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

    /// Reads once. What makes a request whole, or comes before the other side's FIN, is to be echoed.
    fn gather(&mut self, now: Time, options: &Options) -> Result<()> {
        let wanted = options.reads.map_or(AT_ONCE, |size| size.saturating_sub(self.gathered.len()).clamp(1, AT_ONCE));
        let mut bytes = vec![0; wanted];
        let count = self.stream.read(&mut bytes)?;
        self.finished = count == 0;
        self.heard = now;
        self.gathered.extend(bytes.iter().take(count));
        if let Some(answer) = options.answer.filter(|_| count > 0) {
            if self.gathered.len() >= options.reads.unwrap_or(0) {
                self.gathered.clear();
                self.pending = (0..=250).cycle().take(answer).collect();
                self.begins = true;
            }
        } else if self.finished || self.gathered.len() >= options.reads.unwrap_or(0) {
            self.pending = std::mem::take(&mut self.gathered);
        }
        options.manners.after_read(&mut *self.stream)
    }
}

/// The congestion window, where the host tells.
fn cwnd(stream: &mut dyn Stream) -> Option<u32> {
    stream.info().ok()?.cwnd
}

struct Run<'a, 't, E> {
    options: &'a Options,
    listener: Box<dyn Listener>,
    open: Vec<Open>,
    accepted: u64,
    failed: u64,
    echoed: u64,
    tell: &'a mut Tell<'t, E>,
    /// The other ends of connections that have left the program, of which there may be more to hear.
    ended: Vec<SocketAddr>,
}

impl<E: From<Error>> Run<'_, '_, E> {
    fn has_enough(&self) -> bool {
        self.open.is_empty() && self.has_all()
    }

    /// Whether no more connections are wanted.
    fn has_all(&self) -> bool {
        self.options.count.is_some_and(|count| self.accepted >= u64::from(count))
    }

    /// The connections in their order, and behind them the port.
    fn interests(&self) -> Vec<Interest> {
        let of = |open: &Open| Interest {
            socket: open.stream.id(),
            read: open.pending.is_empty(),
            write: !open.pending.is_empty(),
        };
        let port = Some(Interest::read(self.listener.id()));
        let port = port.filter(|_| !self.has_all() && self.open.len() < MOST_CONNECTIONS);
        self.open.iter().map(of).chain(port).collect()
    }

    fn see_to(&mut self, host: &mut dyn Host, ready: &[usize]) -> std::result::Result<(), E> {
        let (now, options) = (host.now(), self.options);
        self.hear_lives(host)?;
        let mut ended = vec![];
        for &index in ready {
            let Some(open) = self.open.get_mut(index) else { continue };
            let end = open.turn(now, options);
            if let (Some(cwnd), Some(bytes)) = (open.begun.take(), options.answer) {
                (self.tell)(&Event::Answer { number: open.number, peer: open.stream.peer(), at: now, bytes, cwnd })?;
            }
            ended.extend(end.map(|end| (index, end)));
        }
        let is_port = ready.contains(&self.open.len());
        // From the last to the first, so that the places of the others stay.
        for (index, end) in ended.into_iter().rev() {
            let open = self.open.remove(index);
            self.closed(open, now, end)?;
        }
        if is_port {
            self.accept(now)?;
        }
        self.hear_lives(host)
    }

    /// Tells what happened to the connections, where that is wanted.
    fn hear_lives(&mut self, host: &mut dyn Host) -> std::result::Result<(), E> {
        if !self.options.lives {
            return Ok(());
        }
        let mut lives: Vec<(SocketAddr, Step)> = vec![];
        for peer in self.ended.clone().into_iter().chain(self.open.iter().map(|open| open.stream.peer())) {
            let own = host.last_account(peer)?.own;
            if own.last().is_some_and(|step| step.state == "CLOSED") {
                self.ended.retain(|ended| *ended != peer);
            }
            lives.extend(own.into_iter().map(|step| (peer, step)));
        }
        lives.sort_by_key(|(_, step)| step.at);
        lives.into_iter().try_for_each(|(peer, step)| (self.tell)(&Event::Stepped { peer, step }))
    }

    /// Hears what is still to come for connections that have left the program: the other side's FIN, and the end of TIME-WAIT.
    fn follow_to_the_end(&mut self, host: &mut dyn Host) -> std::result::Result<(), E> {
        let until = host.now() + LAST_STATES;
        loop {
            self.hear_lives(host)?;
            if self.ended.is_empty() || host.now() >= until {
                return Ok(());
            }
            match host.sleep(host.now() + LOOKS) {
                Err(Error::Interrupted | Error::Idle) => return self.hear_lives(host),
                slept => slept?,
            }
        }
    }

    fn accept(&mut self, now: Time) -> std::result::Result<(), E> {
        let Some(mut stream) = self.listener.accept(now)? else { return Ok(()) };
        self.accepted += 1;
        let (number, peer) = (self.accepted, stream.peer());
        (self.tell)(&Event::Opened { number, peer, at: now })?;
        let opened = self.options.manners.on_open(&mut *stream);
        let open = Open {
            number,
            stream,
            gathered: vec![],
            pending: vec![],
            finished: false,
            echoed: 0,
            heard: now,
            begins: false,
            begun: None,
        };
        match opened {
            Err(error) => self.closed(open, now, End::Failed(error)),
            Ok(()) if self.options.abort_after == Some(0) => self.abort(open, now),
            Ok(()) => {
                self.open.push(open);
                Ok(())
            }
        }
    }

    /// When the next connection will have been silent for too long.
    fn next_idle(&self) -> Time {
        let Some(timeout) = self.options.idle_timeout else { return Time::NEVER };
        let silent = self.open.iter().filter(|open| open.pending.is_empty());
        silent.map(|open| open.heard + timeout).min().unwrap_or(Time::NEVER)
    }

    /// Closes the connections over which nothing has come for too long, unless their answers are still leaving.
    fn close_idle(&mut self, now: Time) -> std::result::Result<(), E> {
        let Some(timeout) = self.options.idle_timeout else { return Ok(()) };
        let is_old = |open: &mut Open| open.pending.is_empty() && now >= open.heard + timeout;
        let old: Vec<Open> = self.open.extract_if(.., is_old).collect();
        old.into_iter().try_for_each(|open| self.closed(open, now, End::Idle))
    }

    fn abort(&mut self, mut open: Open, now: Time) -> std::result::Result<(), E> {
        open.stream.set(Opt::Linger(Some(Duration::ZERO)))?;
        self.closed(open, now, End::Aborted)
    }

    /// The connection goes, and with it its socket: the host closes it, or breaks it off.
    fn closed(&mut self, open: Open, at: Time, end: End) -> std::result::Result<(), E> {
        self.failed += u64::from(matches!(end, End::Failed(_)));
        self.echoed += open.echoed;
        if self.options.lives {
            self.ended.push(open.stream.peer());
        }
        (self.tell)(&Event::Closed { number: open.number, peer: open.stream.peer(), at, echoed: open.echoed, end })
    }

    fn close_all(&mut self, host: &mut dyn Host) -> std::result::Result<(), E> {
        let now = host.now();
        for open in std::mem::take(&mut self.open) {
            self.closed(open, now, End::ByUs)?;
        }
        Ok(())
    }
}
