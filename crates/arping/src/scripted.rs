//! A link for tests, on which everything is known beforehand: what arrives when, and what answers to what.

use host::{Call, Carrier, Error, Guest, Neighbour, Packet, Reply, Result, SocketId, Time};
use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use wire::Mac;
use wire::arp::Arp;
use wire::ethernet::{self, Ethernet};

/// Frames that arrive, each so much later than the frame of ours that they answer.
pub(crate) type Answers = Vec<(Duration, Vec<u8>)>;

/// What a frame of ours brings about.
pub(crate) type Answering = Box<dyn FnMut(&[u8]) -> Answers>;

/// What was sent, and when; the test keeps one end, the link the other.
pub(crate) type Sent = Rc<RefCell<Vec<(Time, Vec<u8>)>>>;

/// A link and its script.
pub(crate) struct Link {
    pub(crate) now: Time,
    pub(crate) arriving: Vec<(Time, Vec<u8>)>,
    pub(crate) answering: Answering,
    /// When Ctrl-C is pressed.
    pub(crate) interrupt: Time,
    /// When the interface goes down.
    pub(crate) down: Time,
    /// The host's ARP table, where it shows one.
    pub(crate) table: Option<Vec<Neighbour>>,
    pub(crate) sent: Sent,
}

impl Link {
    /// A link on which nothing arrives but what `answering` has for a frame of ours.
    pub(crate) fn answering(answering: impl FnMut(&[u8]) -> Answers + 'static) -> Self {
        Self {
            now: Time::START,
            arriving: vec![],
            answering: Box::new(answering),
            interrupt: Time::NEVER,
            down: Time::NEVER,
            table: None,
            sent: Sent::default(),
        }
    }

    /// A link on which these frames arrive, whatever is sent.
    pub(crate) fn arriving(frames: Vec<(Time, Vec<u8>)>) -> Self {
        Self { arriving: frames, ..Self::answering(|_| vec![]) }
    }

    /// The host at this link, and what it sends.
    pub(crate) fn guest(self) -> (Guest, Sent) {
        let sent = Rc::clone(&self.sent);
        (Guest::new(self), sent)
    }

    fn recv(&mut self, until: Time) -> Result<Reply> {
        self.arriving.sort_by_key(|(at, _)| *at);
        let next = self.arriving.first().map_or(Time::NEVER, |(at, _)| *at);
        if self.interrupt < Time::NEVER && self.interrupt <= next.min(until) {
            self.now = self.now.max(self.interrupt);
            return Err(Error::Interrupted);
        }
        if self.down < Time::NEVER && self.down <= next.min(until) {
            self.now = self.now.max(self.down);
            return Err(Error::Other("cannot receive: the interface is down".into()));
        }
        if next == Time::NEVER && until == Time::NEVER {
            return Err(Error::Idle);
        }
        if next > until || next == Time::NEVER {
            self.now = self.now.max(until);
            return Ok(Reply::Late);
        }
        let (at, bytes) = self.arriving.remove(0);
        self.now = self.now.max(at);
        Ok(Reply::Packet(Packet { at, from: None, ttl: None, bytes, error: None }))
    }
}

impl Carrier for Link {
    fn call(&mut self, call: Call) -> (Time, Result<Reply>) {
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let reply = match call {
            Call::OpenLink(_) => Ok(Reply::Socket(SocketId(1), nobody, nobody)),
            Call::Random(len) => Ok(Reply::Bytes((0..len).map(|index| if index == 0 { 0x80 } else { 0 }).collect())),
            Call::Neighbours if self.table.is_some() => Ok(Reply::Neighbours(self.table.clone().unwrap_or_default())),
            Call::Send(..) if self.down <= self.now => Err(Error::Other("cannot send: the interface is down".into())),
            Call::Send(_, _, frame) => {
                let answers = (self.answering)(&frame);
                self.arriving.extend(answers.into_iter().map(|(after, frame)| (self.now + after, frame)));
                self.sent.borrow_mut().push((self.now, frame));
                Ok(Reply::Done)
            }
            Call::Recv(_, until) => self.recv(until),
            Call::Close(_) | Call::Exit => Ok(Reply::Done),
            other => host::unsupported(format!("{other:?}"), "this link"),
        };
        (self.now, reply)
    }
}

/// So many milliseconds.
pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The station `mac` answers our `frame`.
pub(crate) fn answer(frame: &[u8], mac: Mac) -> Vec<u8> {
    let (ethernet, payload) = Ethernet::take(frame).unwrap();
    let reply = Arp::parse(payload).unwrap().0.reply_from(mac);
    Ethernet { destination: ethernet.source, source: mac, ethertype: ethernet::ARP }.frame(&reply.bytes())
}
