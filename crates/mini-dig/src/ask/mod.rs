//! One question to one server, over any [`Host`].
//!
//! Obeys RFC 5452 section 9.2 ("an unpredictable source port" and an unpredictable number for each query) and section
//! 9.1 (what is taken for an answer); RFC 2181 section 9 and RFC 7766 section 5 (an answer that was cut is asked for
//! again by TCP).
//!
//! The order to read in: [`ask`], [`judge()`] (a pure function), `stream` (TCP).

mod judge;
mod stream;

pub(crate) use judge::judge_message;
pub use judge::{Foreign, judge, judge_case};

use host::{Error, Host, IcmpError, Packets, Time};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use wire::WireError;
use wire::dns::{MOST_NAME, Message, Name};

/// The first port that a question may leave from: those below belong to services.
const FIRST_PORT: u16 = 1024;
/// How often another port is drawn where one is taken, or too low.
const DRAWS: usize = 16;

/// How to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// By TCP from the start.
    pub tcp: bool,
    /// Whether an answer that was cut is taken as it is.
    pub takes_truncated: bool,
    /// How long an answer is waited for, each time.
    pub timeout: Duration,
    /// How often the question is sent at most.
    pub tries: u32,
    /// Whether the letters of the name are of random case, and the answer must have them so: 0x20.
    pub random_case: bool,
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// In a datagram.
    Udp,
    /// In a stream, behind its length.
    Tcp,
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The question left.
    Sent {
        /// By this.
        transport: Transport,
        /// For the so-many-th time, from 1.
        attempt: u32,
        /// From this port.
        port: u16,
        /// When.
        at: Time,
        /// The message.
        bytes: &'a [u8],
    },
    /// Something came that is not the answer.
    Foreign {
        /// From whom, if known.
        from: Option<SocketAddr>,
        /// When.
        at: Time,
        /// What.
        bytes: &'a [u8],
        /// Why not.
        foreign: &'a Foreign,
    },
    /// An answer was cut, and is asked for again by TCP.
    Truncated {
        /// When it came.
        at: Time,
        /// The message.
        bytes: &'a [u8],
    },
    /// Somebody says that the question did not arrive.
    Trouble {
        /// Who, and why.
        error: IcmpError,
        /// When.
        at: Time,
    },
    /// The host could not send it, or its connection came to nothing.
    Failed {
        /// By this.
        transport: Transport,
        /// The host's reason.
        error: &'a Error,
    },
    /// Nothing came in time.
    Silence {
        /// By this.
        transport: Transport,
        /// For the so-many-th time, from 1.
        attempt: u32,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The answer.
    Reply(&'a Reply),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it says.
    pub message: Message,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many bytes stand behind the message in its datagram.
    pub behind: usize,
    /// How it came.
    pub transport: Transport,
    /// From whom.
    pub from: SocketAddr,
    /// From the question to it; by TCP from the beginning of the connection.
    pub rtt: Duration,
    /// When it came.
    pub at: Time,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Reply(Box<Reply>),
    /// Nothing in time, or nothing could leave.
    Silence,
    /// Bytes with the right number from the right address that are no message, and why.
    Malformed(WireError),
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

/// Asks `to`, and tells what happens. The number of the query is drawn anew each time.
///
/// # Errors
/// Ctrl-C, a missing permission and the like, and what `tell` fails with. Silence is an outcome.
pub fn ask<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    query: &Message,
    options: &Options,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    for attempt in 1..=options.tries {
        let query = numbered(query, options, host);
        let outcome = match options.tcp {
            true => stream::once(host, to, &query, options, attempt, tell)?,
            false => datagram(host, to, &query, options, attempt, tell)?,
        };
        match outcome {
            Outcome::Silence => {}
            Outcome::Reply(reply)
                if reply.message.header.tc && reply.transport == Transport::Udp && !options.takes_truncated =>
            {
                tell(&Event::Truncated { at: reply.at, bytes: &reply.bytes })?;
                let query = numbered(&query, options, host);
                let outcome = stream::once(host, to, &query, options, 1, tell)?;
                return told(outcome, tell);
            }
            outcome => return told(outcome, tell),
        }
    }
    Ok(Outcome::Silence)
}

fn told<E>(outcome: Outcome, tell: &mut Tell<'_, E>) -> Result<Outcome, E> {
    if let Outcome::Reply(reply) = &outcome {
        tell(&Event::Reply(reply))?;
    }
    Ok(outcome)
}

/// The query with a number that nobody can foresee, and where it is wanted a spelling.
fn numbered(query: &Message, options: &Options, host: &mut dyn Host) -> Message {
    let mut query = query.clone();
    query.header.id = draw(host);
    if options.random_case {
        let mut chance = [0; MOST_NAME.div_ceil(8)];
        host.random(&mut chance);
        for question in &mut query.questions {
            question.qname = respelled(&question.qname, &chance);
        }
    }
    query
}

/// The name spelled by these bits, a letter each.
pub(crate) fn respelled(name: &Name, chance: &[u8]) -> Name {
    let mut bits = chance.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    name.spelled(|| bits.next().unwrap_or_default())
}

/// The answer in `bytes`, as [`judge()`] and, where it is wanted, [`judge_case`] have it.
fn read(
    query: &Message,
    to: SocketAddr,
    from: Option<SocketAddr>,
    bytes: &[u8],
    options: &Options,
) -> Result<(Message, usize), Foreign> {
    let (message, behind) = judge(query, to, from, bytes)?;
    if options.random_case {
        judge_case(&query.questions, &message)?;
    }
    Ok((message, behind))
}

fn draw(host: &mut dyn Host) -> u16 {
    let mut bytes = [0; 2];
    host.random(&mut bytes);
    u16::from_be_bytes(bytes)
}

/// A UDP socket at a port that nobody can foresee.
pub(crate) fn at_random_port(host: &mut dyn Host) -> Result<Box<dyn Packets>, Error> {
    let any = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    // Not connected on purpose: what comes from elsewhere is to be seen, and not taken.
    for _ in 0..DRAWS {
        let port = draw(host);
        // Drawn again, and not moved up: else one port would be likelier than all others.
        if port < FIRST_PORT {
            continue;
        }
        match host.bind_udp((any, port).into(), &[]) {
            Err(Error::AddressInUse(_)) => {}
            opened => return opened,
        }
    }
    host.bind_udp((any, 0).into(), &[])
}

/// Sends the question in a datagram, and waits for its answer.
fn datagram<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    query: &Message,
    options: &Options,
    attempt: u32,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    let mut socket = at_random_port(host)?;
    let (bytes, transport) = (query.bytes(), Transport::Udp);
    let sent = host.now();
    if let Err(error) = socket.send(Some(to), &bytes) {
        tell(&Event::Failed { transport, error: &error })?;
        return Ok(Outcome::Silence);
    }
    tell(&Event::Sent { transport, attempt, port: socket.local().port(), at: sent, bytes: &bytes })?;
    let until = sent + options.timeout;
    while let Some(packet) = socket.recv(until)? {
        if let Some(error) = packet.error {
            tell(&Event::Trouble { error, at: packet.at })?;
            return Ok(Outcome::Silence);
        }
        match read(query, to, packet.from, &packet.bytes, options) {
            Ok((message, behind)) => {
                let (from, rtt) = (packet.from.unwrap_or(to), packet.at - sent);
                let reply = Reply { message, behind, transport, from, rtt, at: packet.at, bytes: packet.bytes };
                return Ok(Outcome::Reply(Box::new(reply)));
            }
            Err(foreign) => {
                tell(&Event::Foreign { from: packet.from, at: packet.at, bytes: &packet.bytes, foreign: &foreign })?;
                if let Foreign::Malformed(error) = foreign {
                    return Ok(Outcome::Malformed(error));
                }
            }
        }
    }
    tell(&Event::Silence { transport, attempt, waited: options.timeout })?;
    Ok(Outcome::Silence)
}
