//! The heart of `serve`: waits at all sockets at once, and sends back what comes.

use super::door::Door;
use host::{Error, Host, IcmpError, Interest, Opt, Packet, Packets, Time};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

/// The port of RFC 862's own echo service.
const ECHO: u16 = crate::flags::ECHO;
/// So many senders are counted for each socket; who serves the world needs no exact number.
const MOST_PEERS: usize = 1 << 16;

/// How long to serve, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// After how many datagrams to end; `None`: never.
    pub count: Option<u32>,
    /// When to end whatever came, after the start.
    pub deadline: Option<Duration>,
    /// How many bytes of a datagram are read; the rest is lost.
    pub buffer: usize,
    /// What the sockets are told before they are bound.
    pub told: Vec<Opt>,
}

/// A datagram that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard<'a> {
    /// The how manieth, from 1 on.
    pub number: u64,
    /// For which socket, counted from 0.
    pub door: usize,
    /// Who sent it.
    pub from: SocketAddr,
    /// Its data, as far as they were read.
    pub data: &'a [u8],
    /// How many bytes it had; more than `data` if the buffer was too small.
    pub whole: usize,
    /// The time to live with which it arrived, where the host can know it.
    pub ttl: Option<u8>,
    /// When it arrived.
    pub at: Time,
}

/// What became of the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo<'a> {
    /// It left.
    Sent,
    /// The sender's port is one that echoes: the two would never end.
    Endless,
    /// It could not leave.
    Unsent(&'a Error),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// All sockets are open.
    Start,
    /// A datagram came.
    Datagram(Heard<'a>, Echo<'a>),
    /// Somebody reports trouble with an echo.
    Trouble {
        /// By which socket it left.
        door: usize,
        /// Who, and what.
        error: IcmpError,
        /// When it arrived.
        at: Time,
        /// The beginning of the data, as it is quoted.
        quote: &'a [u8],
    },
}

/// Why the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// So many datagrams came.
    Count,
    /// Its time was over.
    Deadline,
    /// Ctrl-C; in a network of several programs, the end of the first one.
    Interrupted,
    /// Nothing will happen any more in this simulated network.
    Idle,
}

/// What a socket got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Datagrams.
    pub datagrams: u64,
    /// Bytes of their data.
    pub bytes: u64,
    /// How many of them were sent back.
    pub echoed: u64,
    /// Who sent them.
    pub peers: BTreeSet<SocketAddr>,
}

/// How the run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Why it ended.
    pub ended: Ended,
    /// The sockets, with what each got.
    pub doors: Vec<(Door, Count)>,
    /// Datagrams in all.
    pub received: u64,
    /// How many of them were sent back.
    pub echoed: u64,
    /// Errors about echoes, of others and of the own host.
    pub errors: u64,
    /// From the start to the end.
    pub span: Duration,
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&[Door], &Event<'_>) -> Result<(), E> + 'a;

/// Opens a socket at each of `doors`, echoes what comes and tells of it.
///
/// # Errors
/// What the host says of the sockets, and what `tell` fails with.
pub fn serve<E: From<Error>>(
    host: &mut dyn Host,
    doors: Vec<Door>,
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> Result<Summary, E> {
    let sockets = doors.iter().map(|door| door.open(host, &options.told)).collect::<Result<Vec<_>, _>>()?;
    let start = host.now();
    let counts = vec![Count::default(); doors.len()];
    let mut run = Run { doors, sockets, options, counts, received: 0, errors: 0, tell };
    run.say(&Event::Start)?;
    let until = options.deadline.map_or(Time::NEVER, |deadline| start + deadline);
    let interests: Vec<Interest> = run.sockets.iter().map(|socket| Interest::read(socket.id())).collect();
    let ended = loop {
        if run.has_enough() {
            break Ended::Count;
        }
        // One socket is waited at by receiving from it, and several before.
        let came = match run.sockets.as_mut_slice() {
            [only] => only.recv(until).map(Came::Packet),
            _ => host.wait(&interests, until).map(Came::Ready),
        };
        match came {
            Ok(Came::Packet(Some(packet))) => run.hear(0, &packet)?,
            Ok(Came::Packet(None)) => {}
            Ok(Came::Ready(doors)) => {
                let now = host.now();
                doors.into_iter().try_for_each(|door| run.hear_one(door, now).map(|_| ()))?;
            }
            Err(Error::Interrupted) => {
                run.hear_what_is_here(host.now())?;
                break Ended::Interrupted;
            }
            Err(Error::Idle) => break Ended::Idle,
            Err(error) => return Err(error.into()),
        }
        // Also where datagrams come without end.
        if until != Time::NEVER && host.now() >= until && !run.has_enough() {
            break Ended::Deadline;
        }
    };
    Ok(run.finish(ended, host.now() - start))
}

/// What a wait ended with.
enum Came {
    /// The next of the only socket; `None`: time is over.
    Packet(Option<Packet>),
    /// Which sockets have something.
    Ready(Vec<usize>),
}

struct Run<'a, 't, E> {
    doors: Vec<Door>,
    sockets: Vec<Box<dyn Packets>>,
    options: &'a Options,
    counts: Vec<Count>,
    received: u64,
    errors: u64,
    tell: &'a mut Tell<'t, E>,
}

impl<E: From<Error>> Run<'_, '_, E> {
    fn say(&mut self, event: &Event<'_>) -> Result<(), E> {
        (self.tell)(&self.doors, event)
    }

    fn has_enough(&self) -> bool {
        self.options.count.is_some_and(|count| self.received >= u64::from(count))
    }

    /// Hears what came up to `now` and lies in the sockets; not for ever, should somebody send without end.
    fn hear_what_is_here(&mut self, now: Time) -> Result<(), E> {
        for door in 0..self.sockets.len() {
            while self.hear_one(door, now)? {}
        }
        Ok(())
    }

    /// Takes one datagram or error from a socket. `false`: there is none that came up to `now`.
    fn hear_one(&mut self, door: usize, now: Time) -> Result<bool, E> {
        if self.has_enough() {
            return Ok(false);
        }
        let Some(socket) = self.sockets.get_mut(door) else { return Ok(false) };
        let packet = match socket.recv(now) {
            Ok(Some(packet)) => packet,
            // A socket may be said to be ready for what is not for it; the next wait says the rest again.
            Ok(None) | Err(Error::Interrupted | Error::Idle | Error::Gone) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        self.hear(door, &packet)?;
        Ok(packet.at <= now)
    }

    /// Takes a datagram, or an error, that came to a socket.
    fn hear(&mut self, door: usize, packet: &Packet) -> Result<(), E> {
        match packet.error {
            Some(error) => {
                self.errors += 1;
                self.say(&Event::Trouble { door, error, at: packet.at, quote: &packet.bytes })
            }
            None => self.echo(door, packet),
        }
    }

    fn echo(&mut self, door: usize, packet: &Packet) -> Result<(), E> {
        // A datagram without a sender cannot be: there is nobody to answer.
        let Some(from) = packet.from else { return Ok(()) };
        let whole = packet.bytes.len();
        let data = packet.bytes.get(..self.options.buffer).unwrap_or(&packet.bytes);
        self.received += 1;
        let heard = Heard { number: self.received, door, from, data, whole, ttl: packet.ttl, at: packet.at };
        let echoes = from.port() == ECHO || self.doors.iter().any(|door| door.port == from.port());
        let sent = match self.sockets.get_mut(door) {
            Some(socket) if !echoes => Some(socket.send(Some(from), data)),
            _ => None,
        };
        let echo = match &sent {
            Some(Ok(())) => Echo::Sent,
            Some(Err(error)) => Echo::Unsent(error),
            None => Echo::Endless,
        };
        if let Some(count) = self.counts.get_mut(door) {
            count.datagrams += 1;
            count.bytes += whole as u64;
            count.echoed += u64::from(echo == Echo::Sent);
            if count.peers.len() < MOST_PEERS {
                count.peers.insert(from);
            }
        }
        self.errors += u64::from(matches!(echo, Echo::Unsent(_)));
        self.say(&Event::Datagram(heard, echo))
    }

    fn finish(self, ended: Ended, span: Duration) -> Summary {
        let echoed = self.counts.iter().map(|count| count.echoed).sum();
        let doors = self.doors.into_iter().zip(self.counts).collect();
        Summary { ended, doors, received: self.received, echoed, errors: self.errors, span }
    }
}
