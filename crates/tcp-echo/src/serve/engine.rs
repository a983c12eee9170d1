//! The heart of `serve`: waits at the listening sockets and at all connections at once, and sends back what comes.

use super::connection::{AT_ONCE, Open};
use crate::manners::Manners;
use crate::send::lives::{LAST_STATES, LOOKS};
use host::{Error, Host, Interest, Listener, Opt, Result, Step, Stream, Time};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// So many connections are accepted before those that are open have their turn.
const ACCEPTED_AT_ONCE: usize = 64;

/// Where to serve, how, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port.
    pub port: u16,
    /// How it listens there.
    pub listening: Listening,
    /// How many bytes are gathered before any of them is echoed; `None`: what comes is echoed.
    pub reads: Option<usize>,
    /// With how many bytes each request is answered instead of its echo: 0, 1, 2 … 250, and from 0 again.
    pub answer: Option<usize>,
    /// After how long without a byte from the other side, or with bytes that have no room to leave, a connection is closed; `None`:
    /// never.
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

/// How a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// At which address; unspecified: at all of this host.
    pub address: Ipv4Addr,
    /// How many sockets there are. Several share the port (`SO_REUSEPORT`), each with a queue of its own.
    pub workers: usize,
    /// What they are told, beside what the manners say.
    pub options: Vec<Opt>,
    /// How many connections are open at once; the next ones wait in the host's queue.
    pub most: usize,
}

impl Default for Listening {
    /// One socket for all addresses, and so many connections as tests and simulated networks ever have.
    fn default() -> Self {
        Self { address: Ipv4Addr::UNSPECIFIED, workers: 1, options: vec![], most: 10_000 }
    }
}

impl Options {
    /// Where the sockets are.
    #[must_use]
    pub fn at(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.listening.address, self.port)
    }
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The other side closed first.
    ByPeer,
    /// This side closed first, as its run was over.
    ByUs {
        /// How many bytes came and were not echoed; if there are any, it was broken off.
        unsent: usize,
    },
    /// This side closed first, as nothing had come or left for so long.
    Idle {
        /// As with [`End::ByUs`].
        unsent: usize,
    },
    /// This side broke it off, as it was told to.
    Aborted,
    /// The host says what happened.
    Failed(Error),
}

/// What happened. Connections are counted by each worker for itself, from 1 on; workers are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The port is open.
    Start,
    /// A connection.
    Opened {
        /// Which listening socket it came by.
        worker: usize,
        /// The how manieth.
        number: u64,
        /// Whose.
        peer: SocketAddr,
        /// When it was accepted.
        at: Time,
    },
    /// No more are accepted until one of those that are open has ended.
    Full {
        /// How many are open.
        open: usize,
        /// What the host says, if it was not this program's own limit.
        error: Option<Error>,
    },
    /// An answer that is no echo has begun to leave.
    Answer {
        /// Of which worker.
        worker: usize,
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
        /// Of which worker.
        worker: usize,
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
    /// Connections of each worker.
    pub workers: Vec<u64>,
    /// The most that were open at once.
    pub peak: usize,
    /// Those that did not end in good order.
    pub failed: u64,
    /// Bytes that were echoed.
    pub echoed: u64,
    /// From the start to the end.
    pub span: Duration,
}

impl Summary {
    /// Connections in all.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.workers.iter().sum()
    }
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
    let mut wishes = options.manners.options();
    wishes.extend(options.listening.options.iter().cloned());
    wishes.extend(options.lives.then_some(Opt::Record(true)));
    let listen = |_| host.listen_tcp(options.at().into(), &wishes);
    let listeners = (0..options.listening.workers).map(listen).collect::<Result<Vec<_>>>()?;
    let start = host.now();
    tell(&Event::Start)?;
    let until = options.deadline.map_or(Time::NEVER, |deadline| start + deadline);
    let mut run = Run {
        options,
        accepted: vec![0; listeners.len()],
        listeners,
        open: vec![],
        interests: vec![],
        is_stale: true,
        room: vec![0; AT_ONCE],
        look: Time::NEVER,
        is_full: false,
        was_full: false,
        peak: 0,
        failed: 0,
        echoed: 0,
        tell,
        ended: vec![],
    };
    let ended = loop {
        if run.has_enough() {
            break Ended::Count;
        }
        run.note_interests();
        let ready = match host.wait(&run.interests, until.min(run.look)) {
            Ok(ready) => ready,
            Err(Error::Interrupted) => break Ended::Interrupted,
            Err(Error::Idle) => break Ended::Idle,
            Err(error) => return Err(error.into()),
        };
        let now = host.now();
        run.see_to(host, &ready, now)?;
        // Also where there is always something to do.
        if now >= until && !run.has_enough() {
            break Ended::Deadline;
        }
    };
    run.close_all(host)?;
    let span = host.now() - start;
    if options.lives {
        run.follow_to_the_end(host)?;
    }
    let Run { accepted, peak, failed, echoed, .. } = run;
    Ok(Summary { ended, workers: accepted, peak, failed, echoed, span })
}

struct Run<'a, 't, E> {
    options: &'a Options,
    /// Closed when the run is over.
    listeners: Vec<Box<dyn Listener>>,
    open: Vec<Open>,
    /// What is waited for: the connections in their order, and behind them the listening sockets.
    interests: Vec<Interest>,
    /// Whether those are to be noted anew.
    is_stale: bool,
    /// Where all connections read into.
    room: Vec<u8>,
    /// When to look for connections that are idle.
    look: Time,
    /// Whether the host had no room for one more connection; until one ends.
    is_full: bool,
    /// Whether it was told that no more were accepted.
    was_full: bool,
    peak: usize,
    /// By each worker.
    accepted: Vec<u64>,
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
        self.options.count.is_some_and(|count| self.accepted.iter().sum::<u64>() >= u64::from(count))
    }

    fn may_accept(&self) -> bool {
        !self.has_all() && !self.is_full && self.open.len() < self.options.listening.most
    }

    /// Notes what is waited for anew if connections came or went: with thousands of them that is no work for each turn.
    fn note_interests(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.interests.clear();
        self.interests.extend(self.open.iter().map(Open::interest));
        if self.may_accept() {
            self.interests.extend(self.listeners.iter().map(|listener| Interest::read(listener.id())));
        }
    }

    fn see_to(&mut self, host: &mut dyn Host, ready: &[usize], now: Time) -> std::result::Result<(), E> {
        self.hear_lives(host)?;
        let connections = self.open.len();
        for &index in ready {
            if let (Some(open), Some(interest)) = (self.open.get_mut(index), self.interests.get_mut(index)) {
                open.turn(now, self.options, &mut self.room);
                *interest = open.interest();
                self.is_stale |= open.end.is_some();
                if let (Some(cwnd), Some(bytes)) = (open.begun.take(), self.options.answer) {
                    let (worker, number, peer) = (open.worker, open.number, open.stream.peer());
                    (self.tell)(&Event::Answer { worker, number, peer, at: now, bytes, cwnd })?;
                }
            }
        }
        if now >= self.look {
            self.look_for_idle(now);
        }
        if self.is_stale {
            self.tell_of_ends(now)?;
        }
        for worker in ready.iter().filter_map(|index| index.checked_sub(connections)) {
            self.accept(worker, now)?;
        }
        self.hear_lives(host)
    }

    /// Ends what has been idle for too long, and notes when that may be so next.
    fn look_for_idle(&mut self, now: Time) {
        let Some(idle) = self.options.idle_timeout else { return };
        self.look = Time::NEVER;
        for open in self.open.iter_mut().filter(|open| open.end.is_none()) {
            let until = open.idle_since() + idle;
            if until <= now {
                open.end = Some(End::Idle { unsent: open.give_up() });
                self.is_stale = true;
            } else {
                self.look = self.look.min(until);
            }
        }
    }

    /// Lets those go that have ended.
    fn tell_of_ends(&mut self, now: Time) -> std::result::Result<(), E> {
        let ended: Vec<Open> = self.open.extract_if(.., |open| open.end.is_some()).collect();
        self.is_full = false;
        ended.into_iter().try_for_each(|open| self.closed(open, now))
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

    /// Takes the connections that wait at a listening socket, or as many of them as there is room for.
    fn accept(&mut self, worker: usize, now: Time) -> std::result::Result<(), E> {
        for _ in 0..ACCEPTED_AT_ONCE {
            if !self.may_accept() {
                break;
            }
            let Some(listener) = self.listeners.get_mut(worker) else { break };
            match listener.accept(now) {
                Ok(Some(stream)) => self.opened(worker, stream, now)?,
                Ok(None) => break,
                // No descriptor is left, or no memory: some will be when a connection ends.
                Err(error @ Error::Other(_)) if !self.open.is_empty() => {
                    (self.is_full, self.is_stale) = (true, true);
                    return self.tell_full(Some(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if self.open.len() == self.options.listening.most && !self.has_all() { self.tell_full(None) } else { Ok(()) }
    }

    /// Says once that no more are accepted for now.
    fn tell_full(&mut self, error: Option<Error>) -> std::result::Result<(), E> {
        if std::mem::replace(&mut self.was_full, true) {
            return Ok(());
        }
        (self.tell)(&Event::Full { open: self.open.len(), error })
    }

    fn opened(&mut self, worker: usize, mut stream: Box<dyn Stream>, now: Time) -> std::result::Result<(), E> {
        let number = self.accepted.get_mut(worker).map_or(0, |accepted| {
            *accepted += 1;
            *accepted
        });
        (self.tell)(&Event::Opened { worker, number, peer: stream.peer(), at: now })?;
        let told = self.options.manners.on_open(&mut *stream);
        let mut open = Open::new(number, worker, stream, now);
        match told {
            Err(error) => open.end = Some(End::Failed(error)),
            Ok(()) if self.options.abort_after == Some(0) => {
                open.stream.set(Opt::Linger(Some(Duration::ZERO)))?;
                open.end = Some(End::Aborted);
            }
            Ok(()) => {}
        }
        if open.end.is_some() {
            return self.closed(open, now);
        }
        self.look = self.options.idle_timeout.map_or(Time::NEVER, |idle| self.look.min(now + idle));
        self.open.push(open);
        self.is_stale = true;
        self.peak = self.peak.max(self.open.len());
        Ok(())
    }

    /// The connection goes, and with it its socket: the host closes it, or breaks it off.
    fn closed(&mut self, open: Open, at: Time) -> std::result::Result<(), E> {
        let Open { number, worker, stream, echoed, end, .. } = open;
        let end = end.unwrap_or(End::ByPeer);
        self.failed += u64::from(matches!(end, End::Failed(_)));
        self.echoed += echoed;
        if self.options.lives {
            self.ended.push(stream.peer());
        }
        (self.tell)(&Event::Closed { worker, number, peer: stream.peer(), at, echoed, end })
    }

    /// Ends the run in good order: who waits in a queue has a turn too, what has come is echoed, and FIN is behind it.
    ///
    /// The sockets are not waited at any more, so what comes after this is answered with RST, as to any closed socket.
    fn close_all(&mut self, host: &mut dyn Host) -> std::result::Result<(), E> {
        let now = host.now();
        for worker in 0..self.listeners.len() {
            while let Some(stream) = self.take_last(worker, now) {
                self.opened(worker, stream, now)?;
            }
        }
        for mut open in std::mem::take(&mut self.open) {
            open.end = Some(open.last_turn(now, self.options, &mut self.room));
            self.closed(open, now)?;
        }
        Ok(())
    }

    /// A connection that waits in a queue while the run ends.
    fn take_last(&mut self, worker: usize, now: Time) -> Option<Box<dyn Stream>> {
        if !self.may_accept() {
            return None;
        }
        self.listeners.get_mut(worker)?.accept(now).ok().flatten()
    }
}
