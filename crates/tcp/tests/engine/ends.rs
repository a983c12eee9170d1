//! Two kinds of ends for a link: this engine's and smoltcp's. Both run the same program.

use crate::card::Card;
use crate::dice::Dice;
use crate::link::End;
use host::Time;
use smoltcp::iface::{Interface, SocketHandle, SocketSet};
use smoltcp::phy::Medium;
use smoltcp::socket::tcp as theirs;
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcp::{Config, Connection, Heard, Received, Segment, Seq, State};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// The client's and the server's end.
pub(crate) const ENDS: [(Ipv4Addr, u16); 2] = [(Ipv4Addr::new(10, 0, 0, 1), 5555), (Ipv4Addr::new(10, 0, 0, 2), 80)];

/// How often a slow program looks whether something has come.
const TICK: Duration = Duration::from_millis(7);

/// A program that sends so many bytes, takes so many, and closes.
pub(crate) struct Program {
    /// Which of [`ENDS`].
    side: usize,
    dice: Dice,
    to_send: u64,
    to_take: u64,
    sent: u64,
    taken: u64,
    closed: bool,
    /// Whether the end of the other direction has come.
    ended: bool,
    /// Whether it reads little at a time, and seldom.
    slow: bool,
    next_read: Time,
    /// What it is about to send.
    chunk: Vec<u8>,
}

/// What a program wants of its socket.
trait Socket {
    fn write(&mut self, bytes: &[u8]) -> usize;
    /// `None`: the end.
    fn read(&mut self, into: &mut [u8]) -> Option<usize>;
    fn close(&mut self);
}

impl Program {
    pub(crate) fn new(side: usize, to_send: u64, to_take: u64, slow: bool, dice: &Dice) -> Self {
        let mut dice = dice.clone();
        (0..side).for_each(|_| _ = dice.next());
        let (sent, taken, closed, ended, next_read) = (0, 0, false, false, Time::NEVER);
        Self { side, dice, to_send, to_take, sent, taken, closed, ended, slow, next_read, chunk: vec![] }
    }

    /// The byte at a place of what this side sends.
    fn byte(side: usize, place: u64) -> u8 {
        ((place ^ (place >> 8)) as u8).wrapping_mul(7).wrapping_add(side as u8 * 101)
    }

    fn run(&mut self, now: Time, socket: &mut dyn Socket) {
        while self.sent < self.to_send {
            if self.chunk.is_empty() {
                let count = (self.to_send - self.sent).min(1 + self.dice.below(9000));
                self.chunk = (self.sent..self.sent + count).map(|place| Self::byte(self.side, place)).collect();
            }
            let taken = socket.write(&self.chunk);
            self.sent += taken as u64;
            self.chunk.drain(..taken);
            if !self.chunk.is_empty() {
                break;
            }
        }
        if self.sent == self.to_send && !self.closed {
            self.closed = true;
            socket.close();
        }
        if self.next_read != Time::NEVER && now < self.next_read {
            return;
        }
        self.next_read = if self.slow { now + TICK } else { now };
        let mut bytes = vec![0; if self.slow { 1 + self.dice.below(3000) as usize } else { 4096 }];
        while !self.ended {
            match socket.read(&mut bytes) {
                Some(0) => break,
                Some(count) => {
                    for byte in &bytes[..count] {
                        assert_eq!(
                            *byte,
                            Self::byte(1 - self.side, self.taken),
                            "byte {} to side {}",
                            self.taken,
                            self.side
                        );
                        self.taken += 1;
                    }
                    assert!(self.taken <= self.to_take, "more bytes than were sent");
                    if self.slow {
                        break;
                    }
                }
                None => {
                    assert_eq!(self.taken, self.to_take, "the end comes behind the last byte");
                    self.ended = true;
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.closed && self.ended
    }

    fn wake_at(&self) -> Time {
        if self.slow && !self.ended { self.next_read } else { Time::NEVER }
    }
}

/// This engine's end.
pub(crate) struct Ours {
    pub(crate) connection: Option<Box<Connection>>,
    config: Config,
    iss: Seq,
    pub(crate) program: Program,
}

impl Ours {
    /// An end that calls the other one, or waits for it.
    pub(crate) fn new(config: Config, iss: Seq, program: Program) -> Self {
        let calls = program.side == 0;
        let connection = calls.then(|| Box::new(Connection::connect(Time::START, config.clone(), iss)));
        Self { connection, config, iss, program }
    }

    fn ends(&self) -> [SocketAddr; 2] {
        [ENDS[self.program.side], ENDS[1 - self.program.side]]
            .map(|(address, port)| SocketAddr::new(address.into(), port))
    }
}

impl Socket for Connection {
    fn write(&mut self, bytes: &[u8]) -> usize {
        self.send(bytes).unwrap()
    }

    fn read(&mut self, into: &mut [u8]) -> Option<usize> {
        match self.receive(into).unwrap() {
            Received::Bytes(count) => Some(count),
            Received::Nothing => Some(0),
            Received::End => None,
        }
    }

    fn close(&mut self) {
        self.close();
    }
}

impl End for Ours {
    fn take(&mut self, now: Time, packet: &[u8]) {
        let (header, _, payload, _) = Ipv4::parse(packet).unwrap();
        assert!(Tcp::is_intact(header.source.into(), header.destination.into(), payload));
        let (_, segment) = Segment::parse(payload).unwrap();
        match &mut self.connection {
            Some(connection) => connection.arrive(now, &segment),
            None => {
                if let Heard::Connection(connection) = tcp::hear(now, &self.config, &segment, self.iss) {
                    self.connection = Some(connection);
                }
            }
        }
    }

    fn give(&mut self, now: Time) -> Vec<Vec<u8>> {
        let [own, other] = self.ends();
        let Some(connection) = &mut self.connection else { return vec![] };
        assert_eq!(connection.failure(), None, "at {now:?}");
        // The program runs when the kernel has done what is urgent, and the kernel again after it.
        let mut segments: Vec<Segment> = std::iter::from_fn(|| connection.poll(now)).collect();
        if connection.state().is_synchronized() || !self.program.is_done() && connection.state() == State::Closed {
            self.program.run(now, connection.as_mut());
        }
        segments.extend(std::iter::from_fn(|| connection.poll(now)));
        let packet = |segment: &Segment| {
            let [IpAddr::V4(source), IpAddr::V4(destination)] = [own.ip(), other.ip()] else { panic!("IPv4 only") };
            Ipv4::new(source, destination, ipv4::TCP).packet(&segment.bytes(own, other))
        };
        segments.iter().map(packet).collect()
    }

    fn wake_at(&self) -> Time {
        let connection = self.connection.as_ref().map_or(Time::NEVER, |connection| connection.wake_at());
        connection.min(self.program.wake_at())
    }

    fn is_done(&self) -> bool {
        let is_over = |state| matches!(state, State::TimeWait | State::Closed);
        self.program.is_done() && self.connection.as_ref().is_none_or(|connection| is_over(connection.state()))
    }

    fn taken(&self) -> u64 {
        self.program.taken
    }
}

/// smoltcp's end.
pub(crate) struct Smoltcp {
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    device: Card,
    program: Program,
    /// When it wants to be polled, as it said last.
    wake: Time,
}

thread_local! {
    /// smoltcp asks a function without arguments for its timestamps.
    static CLOCK: Cell<u32> = const { Cell::new(1) };
}

/// smoltcp counts microseconds.
fn instant(now: Time) -> Instant {
    CLOCK.set((now.0 / 1_000_000) as u32 + 1);
    Instant::from_micros((now.0 / 1000).cast_signed())
}

impl Smoltcp {
    pub(crate) fn new(program: Program, buffer: usize, timestamps: bool) -> Self {
        let mut device = Card::new(Medium::Ip, 1500);
        let mut config = smoltcp::iface::Config::new(HardwareAddress::Ip);
        config.random_seed = program.dice.clone().next();
        let now = instant(Time::START);
        let mut interface = Interface::new(config, &mut device, now);
        let (address, port) = ENDS[program.side];
        let address = IpAddress::from(address);
        interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(address, 24)).unwrap());
        let buffer = || theirs::SocketBuffer::new(vec![0; buffer]);
        let mut socket = theirs::Socket::new(buffer(), buffer());
        socket.set_tsval_generator(timestamps.then_some(|| CLOCK.get()));
        if program.side == 0 {
            let (other, other_port) = ENDS[1];
            socket.connect(interface.context(), (IpAddress::from(other), other_port), port).unwrap();
        } else {
            socket.listen(port).unwrap();
        }
        let mut sockets = SocketSet::new(vec![]);
        let handle = sockets.add(socket);
        Self { interface, sockets, handle, device, program, wake: Time::START }
    }
}

impl Socket for theirs::Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> usize {
        if self.can_send() { self.send_slice(bytes).unwrap() } else { 0 }
    }

    fn read(&mut self, into: &mut [u8]) -> Option<usize> {
        match self.recv_slice(into) {
            Ok(count) => Some(count),
            Err(theirs::RecvError::Finished) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn close(&mut self) {
        self.close();
    }
}

impl End for Smoltcp {
    fn take(&mut self, _: Time, packet: &[u8]) {
        self.device.received.push_back(packet.to_vec());
    }

    fn give(&mut self, now: Time) -> Vec<Vec<u8>> {
        let at = instant(now);
        self.interface.poll(at, &mut self.device, &mut self.sockets);
        let socket = self.sockets.get_mut::<theirs::Socket<'_>>(self.handle);
        if !matches!(socket.state(), theirs::State::Listen | theirs::State::SynSent | theirs::State::SynReceived)
            && !self.program.is_done()
        {
            self.program.run(now, socket);
        }
        self.interface.poll(at, &mut self.device, &mut self.sockets);
        self.wake = match self.interface.poll_at(at, &self.sockets) {
            // At once means: at the next microsecond, or virtual time would stand still.
            Some(at) => Time(at.total_micros().cast_unsigned() * 1000).max(now + Duration::from_micros(1)),
            None => Time::NEVER,
        };
        self.device.sent.drain(..).collect()
    }

    fn wake_at(&self) -> Time {
        self.wake.min(self.program.wake_at())
    }

    fn is_done(&self) -> bool {
        self.program.is_done()
    }

    fn taken(&self) -> u64 {
        self.program.taken
    }
}
