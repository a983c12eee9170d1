//! The checker's arithmetic against the engine of `crates/tcp`, which nobody wrote for this lab.

use super::*;
use crate::subjects::SEED;
use crate::subjects::draw::Draw;
use host::Time;
use std::collections::VecDeque;
use tcp::{Config, Connection, Heard as Call, Received, Segment, Seq};

const ONE_WAY: Duration = Duration::from_millis(50);
const ROUND_TRIP: u64 = 100_000_000;

/// A connection whose two ends are 50 ms apart: 0 asks, 1 answers.
struct Pair {
    ends: [Connection; 2],
    now: Time,
    under_way: VecDeque<(Time, usize, Segment)>,
}

impl Pair {
    /// The caller's SYN has left at time 0.
    fn opened() -> Self {
        // Every segment is acknowledged at once, as the arithmetic has it.
        let config = Config { ack_delay: Duration::ZERO, ..Config::default() };
        let mut caller = Connection::connect(Time::START, config.clone(), Seq(1000));
        let syn = caller.poll(Time::START).unwrap();
        let at = Time::START + ONE_WAY;
        let Call::Connection(waiter) = tcp::hear(at, &config, &syn, Seq(5000)) else { unreachable!() };
        let mut pair = Self { ends: [caller, *waiter], now: at, under_way: VecDeque::new() };
        while !pair.ends[0].state().is_synchronized() {
            pair.step();
        }
        pair
    }

    fn step(&mut self) {
        (0..2).for_each(|end| self.flush(end));
        let arrival = self.under_way.front().map_or(Time::NEVER, |(at, ..)| *at);
        self.now = arrival.min(self.ends[0].wake_at()).min(self.ends[1].wake_at());
        if self.now == arrival {
            let (_, to, segment) = self.under_way.pop_front().unwrap();
            self.ends[to].arrive(self.now, &segment);
            self.flush(to);
        }
    }

    fn flush(&mut self, end: usize) {
        while let Some(segment) = self.ends[end].poll(self.now) {
            self.under_way.push_back((self.now + ONE_WAY, 1 - end, segment));
        }
    }

    fn pass(&mut self, milliseconds: u64) {
        let until = self.now + Duration::from_millis(milliseconds);
        while self.under_way.front().is_some_and(|(at, ..)| *at <= until) {
            self.step();
        }
        self.now = until;
    }

    fn take(&mut self, end: usize, mut count: usize) {
        let mut bytes = vec![0; count];
        while count > 0 {
            match self.ends[end].receive(&mut bytes[..count]).unwrap() {
                Received::Bytes(taken) => count -= taken,
                _ => self.step(),
            }
        }
    }

    /// One request, whose answer has so many bytes.
    fn ask(&mut self, bytes: u64) {
        assert_eq!(self.ends[0].send(b"GET"), Ok(3));
        self.flush(0);
        self.take(1, 3);
        let answer = vec![7; usize::try_from(bytes).unwrap()];
        assert_eq!(self.ends[1].send(&answer), Ok(answer.len()));
        self.flush(1);
        self.take(0, answer.len());
    }
}

/// Round trips of a request on a new connection, of one after `idle` milliseconds, by the engine.
fn by_the_engine(first: u64, idle: u64, second: u64) -> [u64; 2] {
    let mut pair = Pair::opened();
    pair.ask(first);
    let one = pair.now.0;
    pair.pass(idle);
    let begun = pair.now.0;
    pair.ask(second);
    assert_eq!((one % ROUND_TRIP, (pair.now.0 - begun) % ROUND_TRIP), (0, 0), "whole round trips");
    [one / ROUND_TRIP, (pair.now.0 - begun) / ROUND_TRIP]
}

#[test]
fn slow_start_takes_as_many_round_trips_as_the_engine_of_tcp_needs() {
    let mut draw = Draw::new(SEED, "engine");
    let mut sizes = vec![1, 1460, 14_600, 14_601, 43_800, 43_801, 102_200, 102_201];
    sizes.extend((0..60).map(|_| 1 + draw.below(120_000)));
    for bytes in sizes {
        let requests = Requests::of(&[(0, bytes), (2000, bytes)]);
        assert_eq!(by_the_engine(bytes, 2000, bytes).to_vec(), requests.cost(Policy::Lazy), "{bytes} bytes, and idle");
    }
}

/// What the book says of three requests of one window each: the handshake is half of what a small one costs.
#[test]
fn pool_saves_the_handshake_and_after_an_idle_time_nothing_else() {
    let costs = |each: &[(u64, u64)]| {
        [Policy::PerRequest, Policy::Lazy, Policy::Eager].map(|policy| Requests::of(each).cost(policy))
    };
    assert_eq!(costs(&[(0, 500), (0, 500), (0, 500)]), [vec![2, 2, 2], vec![2, 1, 1], vec![1, 1, 1]]);
    assert_eq!(costs(&[(0, 43_800), (0, 43_800)]), [vec![3, 3], vec![3, 1], vec![2, 1]]);
    assert_eq!(costs(&[(0, 43_800), (2000, 43_800)]), [vec![3, 3], vec![3, 2], vec![2, 2]]);
    assert_eq!(window_after(1576, 2000, 200), 10, "as measured on Linux");
    assert_eq!(trips(70, 10), (3, 80));
}
