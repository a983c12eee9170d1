//! Segments that nobody should send, in any order, with a program that does anything at any time: nothing panics, no
//! byte is delivered in a wrong place, and neither memory nor time runs away.

use crate::dice::Dice;
use host::{Nagle, Time};
use std::time::Duration;
use tcp::{Config, Connection, Options, Received, Rule, Segment, Seq, State, Timestamps};

const SEEDS: u64 = 3000;
const EVENTS: usize = 150;

/// The byte at a place of the stream that arrives, and of the one that leaves.
fn byte(place: u64) -> u8 {
    (place * 31 % 257) as u8
}

struct Trial {
    dice: Dice,
    config: Config,
    connection: Connection,
    now: Time,
    written: u64,
    read: u64,
    ended: bool,
    sent: u64,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let config = Config {
            mss: [1460, 536, 48, 9000][dice.below(4) as usize],
            window_scale: dice.happens(500),
            timestamps: dice.happens(300),
            receive_buffer: [1, 500, 5000, 100_000][dice.below(4) as usize],
            send_buffer: [1, 500, 50_000][dice.below(3) as usize],
            nagle: [Nagle::Off, Nagle::Rfc896, Nagle::Minshall][dice.below(3) as usize],
            cork: dice.happens(100),
            quick_acks: dice.below(3) as u32,
            keepalive: dice.happens(200).then(Default::default),
            record: dice.happens(300),
            ..Config::default()
        };
        let iss = if dice.happens(500) { Seq(u32::MAX - dice.below(3000) as u32) } else { Seq(dice.next() as u32) };
        let connection = match dice.happens(500) {
            true => Connection::connect(Time::START, config.clone(), iss),
            false => Connection::listen(config.clone(), iss),
        };
        Self { dice, config, connection, now: Time::START, written: 0, read: 0, ended: false, sent: 0 }
    }

    /// A number near one that means something, or any.
    fn near(&mut self, numbers: &[Seq]) -> Seq {
        let number = numbers[self.dice.below(numbers.len() as u64) as usize];
        match self.dice.below(10) {
            0 => Seq(self.dice.next() as u32),
            1..=4 => number,
            5 | 6 => number + self.dice.below(3000) as u32,
            7 => number - self.dice.below(3000) as u32,
            8 => number + 1,
            _ => number - 1,
        }
    }

    fn segment(&mut self) -> Segment {
        let info = self.connection.info();
        let seq = self.near(&[info.rcv_nxt, info.rcv_nxt, info.irs, info.rcv_nxt + info.rcv_wnd]);
        let ack = self.near(&[info.snd_una, info.snd_nxt, info.snd_nxt, info.iss + 1]);
        let opening = !info.state.is_synchronized();
        let count = if self.dice.happens(500) { self.dice.below(3000) as u32 } else { 0 };
        let syn = self.dice.happens(if opening { 600 } else { 20 });
        // What is delivered must be right whatever comes, so what comes is right in its place.
        let place = |number: u32| if syn { number } else { (seq + number).since(info.irs + 1) };
        let timestamps = Timestamps { value: self.dice.below(50) as u32, echo_reply: self.dice.below(5000) as u32 };
        Segment {
            seq,
            ack: self.dice.happens(if opening { 600 } else { 950 }).then_some(ack),
            syn,
            rst: self.dice.happens(15),
            psh: self.dice.happens(500),
            fin: self.dice.happens(30),
            window: [0, 1, 100, 1460, 65_535][self.dice.below(5) as usize],
            options: Options {
                mss: self.dice.happens(300).then(|| self.dice.below(2000) as u16),
                window_scale: self.dice.happens(300).then(|| self.dice.below(20) as u8),
                timestamps: self.dice.happens(if self.config.timestamps { 900 } else { 100 }).then_some(timestamps),
            },
            data: (0..count).map(|number| byte(place(number).into())).collect(),
        }
    }

    fn event(&mut self) {
        match self.dice.below(100) {
            0..60 => {
                let segment = self.segment();
                self.connection.arrive(self.now, &segment);
            }
            60..75 => {
                let count = self.dice.below(5000);
                let bytes: Vec<u8> = (self.written..self.written + count).map(byte).collect();
                self.written += self.connection.send(&bytes).unwrap_or(0) as u64;
            }
            75..85 => self.read(),
            85..95 => {
                let wake = self.connection.wake_at();
                let to_wake = wake != Time::NEVER && self.dice.happens(700);
                self.now = if to_wake { wake } else { self.now + Duration::from_micros(self.dice.below(100_000)) };
            }
            95 => match self.dice.below(6) {
                0 => self.connection.close(),
                1 => self.connection.leave(self.now),
                2 => self.connection.abort(),
                3 => self.connection.icmp_error(self.dice.happens(300)),
                _ => self.connection.limit_segments(self.dice.below(2000) as u16),
            },
            96 => self.connection.set_nagle([Nagle::Off, Nagle::Rfc896, Nagle::Minshall][self.dice.below(3) as usize]),
            97 => self.connection.set_cork(self.dice.happens(500)),
            98 => self.connection.set_quick_ack(self.dice.happens(500)),
            _ => self.connection.set_ack_delay(Duration::from_millis(self.dice.below(1000))),
        }
    }

    fn read(&mut self) {
        let mut bytes = vec![0; 1 + self.dice.below(4000) as usize];
        match self.connection.receive(&mut bytes) {
            Ok(Received::Bytes(count)) => {
                assert!(!self.ended, "bytes behind the end");
                for read in &bytes[..count] {
                    assert_eq!(*read, byte(self.read), "byte {}", self.read);
                    self.read += 1;
                }
            }
            Ok(Received::End) => self.ended = true,
            Ok(Received::Nothing) | Err(_) => {}
        }
    }

    fn poll(&mut self) {
        let was = self.connection.state();
        if was == State::Listen {
            // A RST has ended an attempt, and what the program said then is forgotten.
            self.written = 0;
        }
        for count in 0.. {
            let Some(segment) = self.connection.poll(self.now) else { break };
            assert!(count < 3000, "segments without end");
            let info = self.connection.info();
            assert!(
                segment.data.len() <= usize::from(self.config.mss.max(48)),
                "{} bytes in a segment",
                segment.data.len()
            );
            let first = u64::from(segment.seq.since(info.iss + 1));
            for (place, sent) in (first..).zip(&segment.data) {
                assert_eq!(*sent, byte(place), "byte {place} that leaves");
                assert!(place < self.written, "a byte that nobody wrote");
            }
            self.sent += segment.data.len() as u64;
            assert!(!segment.rst || segment.data.is_empty());
        }
        let info = self.connection.info();
        assert!(self.connection.wake_at() > self.now, "it wants to wake up at once, for ever");
        assert!(info.unread + info.beyond_gaps <= self.config.receive_buffer.max(1) + 2, "{info:?}");
        // Behind the data there may be a SYN or a FIN.
        let unacknowledged = u64::from(info.queued) + u64::from(info.flight);
        assert!(unacknowledged <= self.config.send_buffer as u64 + 2, "{info:?}");
        assert!(self.connection.held().len() <= 64);
        for departure in self.connection.take_departures() {
            assert!(departure.held.len() <= 130, "{departure:?}");
        }
        assert!(info.cwnd >= info.mss || !info.state.is_synchronized(), "{info:?}");
        if was == State::Closed {
            assert_eq!(info.state, State::Closed, "nothing comes out of CLOSED");
        }
        if info.state.is_synchronized() && info.state != State::TimeWait && (info.flight > 0 || info.queued > 0) {
            let waits = info.timer < Time::NEVER || self.connection.held().iter().any(|held| held.rule == Rule::Cork);
            assert!(waits, "nothing will ever make the rest leave: {info:?}");
        }
    }
}

#[test]
fn any_segments_in_any_order_break_nothing() {
    let mut reached = [0_u64; 11];
    let mut bytes = (0, 0);
    for seed in 1..=SEEDS {
        let trial = std::panic::catch_unwind(|| {
            let mut trial = Trial::new(seed);
            let mut states = [0; 11];
            for _ in 0..EVENTS {
                trial.event();
                trial.poll();
                states[State::ALL.iter().position(|state| *state == trial.connection.state()).unwrap()] += 1;
            }
            (states, trial.read, trial.sent)
        });
        let Ok((states, read, sent)) = trial else { panic!("with seed {seed}") };
        reached.iter_mut().zip(states).for_each(|(reached, state)| *reached += state);
        bytes = (bytes.0 + read, bytes.1 + sent);
    }
    // The dice must get everywhere, or they show nothing.
    assert!(reached.iter().all(|count| *count > 100), "{reached:?}");
    assert!(bytes.0 > 1_000_000 && bytes.1 > 1_000_000, "{bytes:?}");
}

#[test]
fn lists_of_what_waits_stay_short_however_a_program_writes() {
    let mut connection = Connection::connect(Time::START, Config { record: true, ..Config::default() }, Seq(1));
    connection.poll(Time::START).unwrap();
    let heard = Segment { seq: Seq(100), ack: Some(Seq(2)), window: 65_535, ..Segment::default() };
    connection.arrive(Time::START, &Segment { syn: true, ..heard.clone() });
    let mut now = Time::START;
    // The first byte leaves at once. The others wait for its acknowledgment, each since another moment, and then by one rule and
    // the other in turn.
    for n in 0..2000_u32 {
        assert_eq!(connection.send(&[n as u8]), Ok(1));
        while connection.poll(now).is_some() {}
        assert!(connection.held().len() <= 64, "{} pieces", connection.held().len());
        connection.set_cork(n >= 1000 && n % 2 == 0);
        now = now + Duration::from_micros(20);
    }
    connection.set_cork(false);
    connection.arrive(now, &Segment { seq: Seq(101), ack: Some(Seq(3)), ..heard });
    while connection.poll(now).is_some() {}
    let told: Vec<usize> = connection.take_departures().iter().map(|departure| departure.held.len()).collect();
    assert!(told.iter().all(|pieces| *pieces <= 128) && told.iter().any(|pieces| *pieces >= 64), "{told:?}");
}

#[test]
fn any_bytes_are_a_segment_or_an_error() {
    let mut dice = Dice::new(1);
    let (from, to) = ("10.0.0.1:5555".parse().unwrap(), "10.0.0.2:80".parse().unwrap());
    let mut connection = Connection::listen(Config { timestamps: true, ..Config::default() }, Seq(7));
    for _ in 0..50_000 {
        let segment = Segment {
            seq: Seq(dice.next() as u32),
            syn: true,
            data: vec![7; dice.below(20) as usize],
            ..Segment::default()
        };
        let mut bytes = segment.bytes(from, to);
        for _ in 0..dice.below(6) {
            let place = dice.below(bytes.len() as u64) as usize;
            bytes[place] = dice.next() as u8;
        }
        bytes.truncate(dice.below(60) as usize);
        if let Ok((_, segment)) = Segment::parse(&bytes) {
            connection.arrive(Time::START, &segment);
            while connection.poll(Time::START).is_some() {}
        }
    }
}
