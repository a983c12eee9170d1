//! Two ends of ours at a perfect link, for numbers that must be exact.

use crate::link::DELAY;
use host::Time;
use std::collections::VecDeque;
use std::time::Duration;
use tcp::{Config, Connection, Heard, Received, Segment, Seq};

/// A client, a server, and what is under way between them.
pub(crate) struct Pair {
    pub(crate) ends: [Connection; 2],
    pub(crate) now: Time,
    under_way: VecDeque<(Time, usize, Segment)>,
}

impl Pair {
    /// Both have said their SYNs, and nothing is under way.
    pub(crate) fn established(client: Config, server: &Config) -> Self {
        let now = Time::START;
        let mut caller = Connection::connect(now, client, Seq(1000));
        let Heard::Connection(waiter) = tcp::hear(now, server, &caller.poll(now).unwrap(), Seq(5000)) else { panic!() };
        let mut pair = Self { ends: [caller, *waiter], now, under_way: VecDeque::new() };
        while pair.step() {}
        pair
    }

    /// What leaves now, and then the next thing that happens; `false`: nothing will but timers of idle connections.
    pub(crate) fn step(&mut self) -> bool {
        (0..2).for_each(|end| self.flush(end));
        if self.next() == Time::NEVER {
            return false;
        }
        self.now = self.next();
        if self.under_way.front().is_some_and(|(at, ..)| *at == self.now)
            && let Some((_, to, segment)) = self.under_way.pop_front()
        {
            self.ends[to].arrive(self.now, &segment);
            // What is urgent leaves before the program hears of it.
            self.flush(to);
        }
        true
    }

    /// Puts on the link what leaves this end now.
    pub(crate) fn flush(&mut self, end: usize) {
        while let Some(segment) = self.ends[end].poll(self.now) {
            self.under_way.push_back((self.now + DELAY, 1 - end, segment));
        }
    }

    /// The program of this end writes.
    pub(crate) fn write(&mut self, end: usize, bytes: &[u8]) {
        assert_eq!(self.ends[end].send(bytes), Ok(bytes.len()));
        self.flush(end);
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.flush(0);
        self.flush(1);
        while self.next() <= until {
            self.step();
        }
        self.now = until;
    }

    /// When the next thing happens.
    fn next(&self) -> Time {
        let arrival = self.under_way.front().map_or(Time::NEVER, |(at, ..)| *at);
        arrival.min(self.ends[0].wake_at()).min(self.ends[1].wake_at())
    }

    /// Waits until this end's program has taken so many bytes.
    pub(crate) fn take(&mut self, end: usize, mut count: usize) {
        let mut bytes = vec![0; count];
        loop {
            match self.ends[end].receive(&mut bytes[..count]).unwrap() {
                Received::Bytes(taken) => count -= taken,
                Received::Nothing if count == 0 => return,
                Received::Nothing => assert!(self.step(), "nothing comes any more"),
                Received::End => panic!("the end"),
            }
            if count == 0 {
                return;
            }
        }
    }

    /// Milliseconds from `since` until now, which must be whole.
    pub(crate) fn milliseconds(&self, since: Time) -> u64 {
        let passed = self.now.0 - since.0;
        assert_eq!(passed % 1_000_000, 0, "{passed} ns");
        passed / 1_000_000
    }
}
