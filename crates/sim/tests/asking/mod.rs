//! One echo request and what became of it, and ways to watch a link: what the tests of the simulated network are written in.
#![allow(dead_code, reason = "each test target uses its own part")]

use host::{Guest, Host, IcmpError, Opt, Time};
use sim::{Fate, Net};
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use wire::arp::{Arp, REQUEST};
use wire::ethernet::{self, Ethernet};
use wire::icmp::{self, Message};
use wire::ipv4::Ipv4;

/// A sink whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(crate) struct Sink(pub(crate) Rc<RefCell<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

pub(crate) struct World(pub(crate) Rc<RefCell<sim::World>>);

#[derive(Debug)]
pub(crate) enum Answer {
    Reply(Reply),
    Error(Refusal),
    Silence,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) from: IpAddr,
    pub(crate) ttl: u8,
    pub(crate) rtt: Duration,
    pub(crate) sequence: u16,
}

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: IcmpError,
    pub(crate) rtt: Duration,
}

impl Refusal {
    /// Who says what: address, type, code.
    pub(crate) fn said(&self) -> (IpAddr, u8, u8) {
        (self.error.by, self.error.kind, self.error.code)
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn reply(self) -> Reply {
        let Answer::Reply(reply) = self else { panic!("a reply was expected, and there is {self:?}") };
        reply
    }

    #[track_caller]
    pub(crate) fn error(self) -> Refusal {
        let Answer::Error(error) = self else { panic!("an error was expected, and there is {self:?}") };
        error
    }
}

pub(crate) fn ms(milliseconds: f64) -> Duration {
    Duration::from_micros((milliseconds * 1e3).round() as u64)
}

pub(crate) fn at(address: [u8; 4], port: u16) -> SocketAddr {
    (address, port).into()
}

/// Sends an echo request with 56 bytes of data, and waits five seconds for what comes of it.
pub(crate) fn ask(host: &mut Guest, to: [u8; 4], sequence: u16, options: &[Opt]) -> Answer {
    let mut socket = host.open_ping(options).unwrap();
    let sent = host.now();
    socket.send(Some(at(to, 0)), &icmp::echo_request(0, sequence, &[0x5a; 56])).unwrap();
    let Some(packet) = socket.recv(sent + Duration::from_secs(5)).unwrap() else { return Answer::Silence };
    let rtt = packet.at - sent;
    if let Some(error) = packet.error {
        return Answer::Error(Refusal { error, rtt });
    }
    let Ok((_, Message::EchoReply { echo, data })) = icmp::parse(&packet.bytes) else { panic!("{packet:?}") };
    assert_eq!(data, [0x5a; 56]);
    Answer::Reply(Reply { from: packet.sender().unwrap(), ttl: packet.ttl.unwrap(), rtt, sequence: echo.sequence })
}

/// The text of a built-in network.
pub(crate) fn builtin(name: &str) -> &'static str {
    Net::builtin().iter().find(|(builtin, _)| *builtin == name).expect("a built-in network").1
}

impl World {
    pub(crate) fn of(name: &str) -> Self {
        Self::new(&Net::load(name).unwrap(), 1)
    }

    pub(crate) fn parse(text: &str) -> Self {
        Self::new(&Net::parse("test.toml", text).unwrap(), 1)
    }

    pub(crate) fn new(net: &Net, seed: u64) -> Self {
        Self(Rc::new(RefCell::new(sim::World::new(net, seed))))
    }

    pub(crate) fn guest(&self, name: &str) -> Guest {
        sim::guest(&self.0, name).expect("a node of this network")
    }

    /// Calls `see` for each frame sent into `cable`.
    pub(crate) fn watch(&self, cable: &str, mut see: impl FnMut(Time, &[u8]) + 'static) {
        let hand = move |now: Time, frame: &mut Vec<u8>| {
            see(now, frame);
            Fate::Pass
        };
        self.0.borrow_mut().tamper(cable, Box::new(hand));
    }

    pub(crate) fn count(&self, cable: &str, wanted: impl Fn(&[u8]) -> bool + 'static) -> Rc<Cell<u32>> {
        let count = Rc::new(Cell::new(0));
        let counter = Rc::clone(&count);
        self.watch(cable, move |_, frame| counter.set(counter.get() + u32::from(wanted(frame))));
        count
    }

    /// The addresses that ARP asks for on `cable`, in order.
    pub(crate) fn arp_requests(&self, cable: &str) -> Rc<RefCell<Vec<Ipv4Addr>>> {
        let asked = Rc::new(RefCell::new(vec![]));
        let seen = Rc::clone(&asked);
        self.watch(cable, move |_, frame| {
            let (header, payload) = Ethernet::take(frame).unwrap();
            if header.ethertype == ethernet::ARP
                && let Ok((arp, _)) = Arp::parse(payload)
                && arp.operation == REQUEST
            {
                seen.borrow_mut().push(arp.target);
            }
        });
        asked
    }

    /// The TTLs of echo requests and replies on `cable`, in order.
    pub(crate) fn ttls_of_echoes(&self, cable: &str) -> Rc<RefCell<Vec<(&'static str, u8)>>> {
        let ttls = Rc::new(RefCell::new(vec![]));
        let seen = Rc::clone(&ttls);
        self.watch(cable, move |_, frame| {
            let (_, packet) = Ethernet::take(frame).unwrap();
            let Ok((header, _, payload, _)) = Ipv4::parse(packet) else { return };
            match icmp::parse(payload) {
                Ok((_, Message::EchoRequest { .. })) => seen.borrow_mut().push(("request", header.ttl)),
                Ok((_, Message::EchoReply { .. })) => seen.borrow_mut().push(("reply", header.ttl)),
                _ => {}
            }
        });
        ttls
    }
}
