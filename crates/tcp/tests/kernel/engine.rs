//! The engine's end, with a program at it.

use crate::dice::Dice;
use crate::part::{ENGINE, KERNEL, PATIENCE, Part, READY, Side, Transfer};
use crate::station::Station;
use host::Time;
use std::net::SocketAddr;
use tcp::{Config, Connection, Error, Heard, Received, Segment, Seq, State};

/// Plays the engine's side of a part.
pub(crate) fn play(part: Part, seed: u64) {
    match part {
        Part::EngineCalls | Part::KernelCalls => transfer(part, Transfer::draw(seed)),
        Part::KernelRefuses => refused(seed),
        Part::EngineRefuses => refuse(seed),
        Part::KernelBreaksOff => broken_off(seed),
        Part::EngineBreaksOff => break_off(seed),
    }
}

/// One connection, and the station that it is at.
struct End {
    station: Station,
    connection: Option<Box<Connection>>,
    /// The kernel's end: where it calls, as its SYN says.
    peer: SocketAddr,
    config: Config,
    iss: Seq,
}

impl End {
    fn new(part: Part, station: Station, config: Config, iss: Seq) -> Self {
        let mut end = Self { station, connection: None, peer: KERNEL, config, iss };
        if part.engine_calls() {
            let connection = Connection::connect(end.station.now(), end.config.clone(), iss);
            end.connection = Some(Box::new(connection));
            end.flush();
        }
        println!("{READY}");
        end
    }

    /// An end on a good way.
    fn calm(part: Part, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let iss = Seq(dice.next() as u32);
        Self::new(part, Station::new(dice, None), Config::default(), iss)
    }

    /// Waits for the next segment or wake-up, and lets the connection have it.
    fn turn(&mut self) {
        let info = || self.connection.as_ref().map(|connection| connection.info());
        assert!(
            self.station.now() < Time::START + PATIENCE,
            "it takes too long: {}, {:?}",
            self.station.counts,
            info()
        );
        let until = self.connection.as_ref().map_or(Time::NEVER, |connection| connection.wake_at());
        if let Some((header, segment)) = self.station.receive(until) {
            assert_eq!(header.destination_port, ENGINE.port());
            self.arrive(header.source_port, &segment);
        }
        self.flush();
    }

    fn arrive(&mut self, port: u16, segment: &Segment) {
        let now = self.station.now();
        match &mut self.connection {
            Some(connection) => {
                assert_eq!(port, self.peer.port());
                connection.arrive(now, segment);
                // A process that has ended answers no FIN that comes again: with the kernel's in hand, nothing is lost any more.
                if matches!(connection.state(), State::CloseWait | State::Closing | State::LastAck | State::TimeWait) {
                    self.station.calm();
                }
            }
            None => {
                self.peer.set_port(port);
                if let Heard::Connection(connection) = tcp::hear(now, &self.config, segment, self.iss) {
                    self.connection = Some(connection);
                }
            }
        }
    }

    fn flush(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        while let Some(segment) = connection.poll(self.station.now()) {
            self.station.send(&segment, self.peer);
        }
    }

    /// The connection; `None` until there is one with both SYNs.
    fn open(&mut self) -> Option<&mut Connection> {
        self.connection.as_deref_mut().filter(|connection| connection.state().is_synchronized())
    }

    /// Why there is no connection any more.
    fn failure(&self) -> Option<Error> {
        self.connection.as_ref().and_then(|connection| connection.failure())
    }
}

/// Sends all, takes all, and closes, when it has sent all or when the other side has closed.
fn transfer(part: Part, transfer: Transfer) {
    let Transfer { config, iss, faults, from_engine, from_kernel, closes_last, reads_last, dice } = transfer;
    let mut end = End::new(part, Station::new(dice, Some(faults)), config, iss);
    let data = Side::Engine.bytes(0, from_engine);
    let (mut sent, mut taken, mut ended, mut closed) = (0, 0, false, false);
    loop {
        assert_eq!(end.failure(), None, "{taken} bytes taken, {sent} sent");
        let is_over = |state| matches!(state, State::TimeWait | State::Closed);
        let connection = end.connection.as_deref_mut();
        if let Some(connection) = connection.filter(|open| open.state().is_synchronized() || ended || closed) {
            if sent < data.len() {
                sent += connection.send(&data[sent..]).unwrap();
            }
            if !ended && (sent == data.len() || reads_last != Some(Side::Engine)) {
                ended = take_all(connection, &mut taken);
            }
            if sent == data.len() && !closed && (ended || closes_last != Some(Side::Engine)) {
                connection.close();
                closed = true;
            }
            if ended && closed && is_over(connection.state()) {
                break;
            }
        }
        end.flush();
        end.turn();
    }
    assert_eq!(taken, from_kernel, "the end comes behind the last byte");
    let info = end.connection.unwrap().info();
    let counts = end.station.counts;
    assert!(counts.lost > 0 && counts.doubled > 0 && counts.late > 0, "the way was too good: {counts}");
    println!("{taken} bytes right, {}, {} sent again; {counts}", info.state, info.retransmits);
}

/// Takes what has come, each byte of which must be right; `true`: the end.
fn take_all(connection: &mut Connection, taken: &mut u64) -> bool {
    let mut bytes = [0; 8192];
    loop {
        match connection.receive(&mut bytes).unwrap() {
            Received::Bytes(count) => {
                let to = *taken + count as u64;
                assert!(bytes[..count] == Side::Kernel.bytes(*taken, to), "wrong bytes from {taken} to {to}");
                *taken = to;
            }
            Received::Nothing => return false,
            Received::End => return true,
        }
    }
}

/// Calls in vain.
fn refused(seed: u64) {
    let mut end = End::calm(Part::KernelRefuses, seed);
    while end.failure().is_none() {
        end.turn();
    }
    assert_eq!(end.failure(), Some(Error::Refused));
}

/// Has no program that listens.
fn refuse(seed: u64) {
    let mut station = Station::new(Dice::new(seed), None);
    println!("{READY}");
    let (header, syn) = station.receive(Time::NEVER).unwrap();
    let peer = SocketAddr::new(KERNEL.ip(), header.source_port);
    station.send(&tcp::closed(&syn).unwrap(), peer);
}

/// Sends something that nobody reads.
fn broken_off(seed: u64) {
    let mut end = End::calm(Part::KernelBreaksOff, seed);
    while end.open().is_none() {
        end.turn();
    }
    assert_eq!(end.open().unwrap().send(b"unread"), Ok(6));
    end.flush();
    while end.failure().is_none() {
        end.turn();
    }
    assert_eq!(end.failure(), Some(Error::Reset));
}

/// Aborts when something has come.
fn break_off(seed: u64) {
    let mut end = End::calm(Part::EngineBreaksOff, seed);
    while !end.open().is_some_and(|connection| connection.can_receive()) {
        end.turn();
    }
    end.open().unwrap().abort();
    end.flush();
}
