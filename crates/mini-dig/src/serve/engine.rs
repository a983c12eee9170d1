//! The heart of `serve`: waits at all sockets at once, and answers what is asked there.

use super::connection::{AT_ONCE, Open};
use crate::ask::Transport;
use host::{Error, Host, Interest, Listener, Opt, Packets, Result, Time};
use names::Server;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

/// So many connections are accepted, or datagrams taken from a socket, before others have their turn.
const AT_A_TIME: usize = 64;

/// A server, and where it is.
#[derive(Debug, Clone)]
pub struct Door {
    /// What it is called.
    pub name: String,
    /// Its address and port.
    pub at: SocketAddrV4,
    /// What it answers.
    pub server: Server,
}

/// How to serve, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many connections are open at once; the next ones wait in the host's queue.
    pub most: usize,
    /// After how long without a byte either way a connection is closed. RFC 7766 section 6.2.3: "it is RECOMMENDED that the
    /// default server application-level idle period be on the order of seconds".
    pub idle_timeout: Duration,
    /// After how many questions to end; `None`: never.
    pub count: Option<u32>,
    /// When to end, after the start.
    pub deadline: Option<Duration>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// All sockets are open.
    Start,
    /// A message came.
    Asked {
        /// For this server.
        door: usize,
        /// From whom.
        from: SocketAddr,
        /// How.
        transport: Transport,
        /// When.
        at: Time,
        /// The message.
        query: &'a [u8],
        /// What it is answered with; `None`: nothing, for it is no question.
        answer: Option<&'a [u8]>,
        /// Why the answer could not leave.
        unsent: Option<Error>,
    },
    /// No more connections are accepted until one of those that are open has ended.
    Full {
        /// How many are open.
        open: usize,
    },
}

/// Why the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// So many questions came.
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
    /// Messages to each server, by UDP and by TCP.
    pub asked: Vec<[u64; 2]>,
    /// How many of them got an answer.
    pub answered: u64,
    /// Connections in all.
    pub connections: u64,
    /// From the start to the end.
    pub span: Duration,
}

impl Summary {
    /// Messages in all.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.asked.iter().flatten().sum()
    }
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> std::result::Result<(), E> + 'a;

/// Opens two sockets for each of `doors`, answers what is asked there and tells of it.
///
/// # Errors
/// What the host says of the sockets, and what `tell` fails with. What becomes of single connections is nobody's failure.
pub fn serve<E: From<Error>>(
    host: &mut dyn Host,
    doors: &[Door],
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> std::result::Result<Summary, E> {
    let datagrams = doors.iter().map(|door| host.bind_udp(door.at.into(), &[])).collect::<Result<Vec<_>>>()?;
    // Connections that this side closed, as they were idle, linger here (TIME-WAIT) and must not keep the next run away.
    let wishes = [Opt::ReuseAddress(true)];
    let listeners = doors.iter().map(|door| host.listen_tcp(door.at.into(), &wishes)).collect::<Result<Vec<_>>>()?;
    let start = host.now();
    tell(&Event::Start)?;
    let until = options.deadline.map_or(Time::NEVER, |deadline| start + deadline);
    let mut run = Run {
        doors,
        options,
        datagrams,
        listeners,
        open: vec![],
        room: vec![0; AT_ONCE],
        was_full: false,
        asked: vec![[0; 2]; doors.len()],
        answered: 0,
        connections: 0,
        tell,
    };
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
        let now = host.now();
        run.see_to(&ready, now)?;
        // Also where there is always something to do.
        if now >= until && !run.has_enough() {
            break Ended::Deadline;
        }
    };
    let span = host.now() - start;
    let Run { asked, answered, connections, .. } = run;
    Ok(Summary { ended, asked, answered, connections, span })
}

struct Run<'a, 't, E> {
    doors: &'a [Door],
    options: &'a Options,
    datagrams: Vec<Box<dyn Packets>>,
    listeners: Vec<Box<dyn Listener>>,
    open: Vec<Open>,
    /// Where all connections read into.
    room: Vec<u8>,
    /// Whether it was told that no more connections are accepted.
    was_full: bool,
    asked: Vec<[u64; 2]>,
    answered: u64,
    connections: u64,
    tell: &'a mut Tell<'t, E>,
}

impl<E: From<Error>> Run<'_, '_, E> {
    fn has_enough(&self) -> bool {
        let asked: u64 = self.asked.iter().flatten().sum();
        self.options.count.is_some_and(|count| asked >= u64::from(count))
    }

    /// The sockets for datagrams, then the connections, then, as long as there is room for more, the listening sockets.
    fn interests(&self) -> Vec<Interest> {
        let datagrams = self.datagrams.iter().map(|socket| Interest::read(socket.id()));
        let open = self.open.iter().map(Open::interest);
        let listeners = self.listeners.iter().filter(|_| self.open.len() < self.options.most);
        datagrams.chain(open).chain(listeners.map(|listener| Interest::read(listener.id()))).collect()
    }

    /// When a connection will have been idle for too long.
    fn next_idle(&self) -> Time {
        let times = self.open.iter().map(|open| open.idle_since() + self.options.idle_timeout);
        times.min().unwrap_or(Time::NEVER)
    }

    fn see_to(&mut self, ready: &[usize], now: Time) -> std::result::Result<(), E> {
        let (datagrams, connections) = (self.datagrams.len(), self.datagrams.len() + self.open.len());
        for &index in ready {
            if index < datagrams {
                self.hear_datagrams(index, now)?;
            } else if index < connections {
                self.hear_connection(index - datagrams, now)?;
            } else {
                self.accept(index - connections, now)?;
            }
        }
        let idle = self.options.idle_timeout;
        self.open.retain(|open| !open.is_over && open.idle_since() + idle > now);
        if self.open.len() < self.options.most {
            self.was_full = false;
        } else if !std::mem::replace(&mut self.was_full, true) {
            (self.tell)(&Event::Full { open: self.open.len() })?;
        }
        Ok(())
    }

    /// Answers the datagrams that lie in a socket; not for ever, should somebody send without end.
    fn hear_datagrams(&mut self, door: usize, now: Time) -> std::result::Result<(), E> {
        for _ in 0..AT_A_TIME {
            let (Some(socket), Some(at)) = (self.datagrams.get_mut(door), self.doors.get(door)) else { break };
            let packet = match socket.recv(now) {
                Ok(Some(packet)) => packet,
                // A socket may be said to be ready for what is not for it; the next wait says the rest again.
                Ok(None) | Err(Error::Interrupted | Error::Idle | Error::Gone) => break,
                Err(error) => return Err(error.into()),
            };
            // That an answer was not wanted is of no interest here: UDP promises nothing.
            let (None, Some(from)) = (packet.error, packet.from) else { continue };
            let answer = at.server.datagram(&packet.bytes);
            let unsent = answer.as_ref().and_then(|answer| socket.send(Some(from), answer).err());
            self.note(door, Transport::Udp, answer.is_some() && unsent.is_none());
            let (query, answer) = (packet.bytes.as_slice(), answer.as_deref());
            (self.tell)(&Event::Asked { door, from, transport: Transport::Udp, at: packet.at, query, answer, unsent })?;
            if self.has_enough() {
                break;
            }
        }
        Ok(())
    }

    fn hear_connection(&mut self, index: usize, at: Time) -> std::result::Result<(), E> {
        let Some(open) = self.open.get_mut(index) else { return Ok(()) };
        let (door, from, transport) = (open.door, open.stream.peer(), Transport::Tcp);
        let Some(server) = self.doors.get(door).map(|door| &door.server) else { return Ok(()) };
        let mut exchanged = vec![];
        open.turn(at, &mut self.room, &mut |query| {
            let answer = server.stream(query);
            exchanged.push((query.to_vec(), answer.clone()));
            answer
        });
        for (query, answer) in exchanged {
            self.note(door, transport, answer.is_some());
            let (query, answer) = (query.as_slice(), answer.as_deref());
            (self.tell)(&Event::Asked { door, from, transport, at, query, answer, unsent: None })?;
        }
        Ok(())
    }

    fn note(&mut self, door: usize, transport: Transport, is_answered: bool) {
        if let Some([udp, tcp]) = self.asked.get_mut(door) {
            *(if transport == Transport::Udp { udp } else { tcp }) += 1;
        }
        self.answered += u64::from(is_answered);
    }

    /// Takes the connections that wait at a listening socket, or as many of them as there is room for.
    fn accept(&mut self, door: usize, now: Time) -> std::result::Result<(), E> {
        for _ in 0..AT_A_TIME {
            if self.open.len() >= self.options.most {
                break;
            }
            let Some(listener) = self.listeners.get_mut(door) else { break };
            match listener.accept(now) {
                Ok(Some(stream)) => {
                    self.connections += 1;
                    self.open.push(Open::new(door, stream, now));
                }
                Ok(None) | Err(Error::Interrupted | Error::Idle | Error::Gone) => break,
                // No descriptor is left, or no memory: some will be when a connection ends.
                Err(Error::Other(_)) if !self.open.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
