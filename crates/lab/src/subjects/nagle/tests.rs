//! The checker's model against what was measured, and against the engine of `crates/tcp`, which nobody wrote for this lab.

use super::*;
use crate::subjects::SEED;
use crate::subjects::draw::Draw;
use host::Time;
use std::collections::VecDeque;
use tcp::{Config, Connection, Heard as Call, Received, Segment, Seq};

/// Both ends of one connection by `crates/tcp`, and what is under way between them.
struct Pair {
    ends: [Connection; 2],
    now: Time,
    under_way: VecDeque<(Time, usize, Segment)>,
    one_way: Duration,
}

impl Pair {
    fn established(exchange: &Exchange) -> Self {
        let nagle = match exchange.nagle {
            Nagle::Off => host::Nagle::Off,
            Nagle::Rfc => host::Nagle::Rfc896,
            Nagle::Minshall => host::Nagle::Minshall,
        };
        let delay = Duration::from_millis(exchange.delay);
        let client = Config { nagle, record: true, timestamps: false, ..Config::default() };
        let server = Config { quick_acks: exchange.quick, ack_delay: delay, timestamps: false, ..Config::default() };
        let mut caller = Connection::connect(Time::START, client, Seq(1000));
        let syn = caller.poll(Time::START).unwrap();
        let Call::Connection(waiter) = tcp::hear(Time::START, &server, &syn, Seq(5000)) else { unreachable!() };
        let one_way = Duration::from_millis(exchange.one_way);
        let mut pair = Self { ends: [caller, *waiter], now: Time::START, under_way: VecDeque::new(), one_way };
        while pair.step() {}
        pair
    }

    fn step(&mut self) -> bool {
        (0..2).for_each(|end| self.flush(end));
        let arrival = self.under_way.front().map_or(Time::NEVER, |(at, ..)| *at);
        self.now = arrival.min(self.ends[0].wake_at()).min(self.ends[1].wake_at());
        if self.now == arrival
            && let Some((_, to, segment)) = self.under_way.pop_front()
        {
            self.ends[to].arrive(self.now, &segment);
            self.flush(to);
        }
        self.now != Time::NEVER
    }

    fn flush(&mut self, end: usize) {
        while let Some(segment) = self.ends[end].poll(self.now) {
            self.under_way.push_back((self.now + self.one_way, 1 - end, segment));
        }
    }

    fn take(&mut self, end: usize, mut count: usize) {
        let mut bytes = vec![0; count];
        while count > 0 {
            match self.ends[end].receive(&mut bytes[..count]).unwrap() {
                Received::Bytes(taken) => count -= taken,
                _ => assert!(self.step(), "nothing comes any more"),
            }
        }
    }

    fn milliseconds(&self, since: Time) -> u64 {
        (self.now.0 - since.0) / 1_000_000
    }
}

/// A segment as both tell of it: when it left, from which byte to which, and what had held its first.
type Seen = (u64, u64, u64, Option<Rule>);

/// The same by `crates/tcp`.
fn by_the_engine(exchange: &Exchange) -> (Vec<Seen>, Vec<u64>) {
    let mut pair = Pair::established(exchange);
    let begun = Time(2 * exchange.one_way * 1_000_000);
    pair.now = begun;
    let mut waited = vec![];
    for _ in 0..exchange.times {
        let since = pair.now;
        pair.ends[0].set_cork(exchange.cork);
        for length in &exchange.writes {
            let bytes = vec![7; usize::try_from(*length).unwrap()];
            assert_eq!(pair.ends[0].send(&bytes), Ok(bytes.len()));
            pair.flush(0);
        }
        pair.ends[0].set_cork(false);
        pair.take(1, usize::try_from(exchange.writes.iter().sum::<u64>()).unwrap());
        assert_eq!(pair.ends[1].send(b"done"), Ok(4));
        pair.take(0, 4);
        waited.push(pair.milliseconds(since));
    }
    let rule = |held: &host::Held| match held.rule {
        host::Rule::Nagle => Rule::Nagle,
        host::Rule::Cork => Rule::Cork,
        other => unreachable!("{other:?}"),
    };
    let seen = |left: host::Departure| {
        assert!(!left.again, "nothing is lost");
        let front = left.held.iter().rfind(|held| held.bytes.contains(&left.bytes.start));
        ((left.at.0 - begun.0) / 1_000_000, left.bytes.start, left.bytes.end, front.map(rule))
    };
    (pair.ends[0].take_departures().into_iter().map(seen).collect(), waited)
}

fn by_the_model(exchange: &Exchange) -> (Vec<Seen>, Vec<u64>) {
    let (left, waited) = exchange.run(MSS);
    (left.into_iter().map(|left| (left.at, left.from, left.to, left.held)).collect(), waited)
}

/// Whoever changes one of these numbers changes what the book says of Linux: they were measured there, over a link without
/// delay, as "at once" and "when the delayed acknowledgment is there".
#[test]
fn second_small_write_waits_for_the_acknowledgment_and_the_tail_of_a_large_one_only_by_the_rfc() {
    let told = |nagle, writes: &[u64]| by_the_model(&linux(nagle, 0, writes, 1)).0;
    let nagle = Some(Rule::Nagle);
    for rule in [Nagle::Rfc, Nagle::Minshall] {
        assert_eq!(told(rule, &[500, 960]), [(0, 0, 500, None), (60, 500, 1460, nagle)]);
        assert_eq!(told(rule, &[4, 4]), [(0, 0, 4, None), (60, 4, 8, nagle)]);
    }
    assert_eq!(told(Nagle::Rfc, &[5000]).last(), Some(&(60, 4380, 5000, nagle)));
    assert_eq!(told(Nagle::Minshall, &[5000]).last(), Some(&(0, 4380, 5000, None)));
    assert_eq!(told(Nagle::Minshall, &[1460, 1]).last(), Some(&(0, 1460, 1461, None)));
    let waited = |nagle, quick, cork| Exchange { cork, ..linux(nagle, quick, &[4, 4], 4) }.run(MSS).1;
    assert_eq!(waited(Nagle::Minshall, 16, false), [40, 80, 80, 80]);
    assert_eq!(waited(Nagle::Minshall, 0, false), [80, 80, 80, 80]);
    assert_eq!(waited(Nagle::Minshall, 16, true), [20, 20, 20, 20]);
    assert_eq!(waited(Nagle::Off, 16, false), [20, 20, 20, 20]);
}

/// 400 exchanges that are drawn. Whole milliseconds of which none meet, and no more data than the first congestion window.
#[test]
fn two_ends_do_what_the_engine_of_tcp_does() {
    let mut draw = Draw::new(SEED, "engine");
    let mut held = 0;
    for number in 0..400 {
        let mut length =
            || [1, 4, 500, 960, 1459, 1460, 1461, 2920, 3000, 4380].get(draw.index(10)).copied().unwrap_or(1);
        let mut writes = vec![length(), length(), length()];
        writes.truncate(1 + draw.index(3));
        let nagle = RULES[draw.index(3)];
        let quick = if draw.below(2) == 0 { 0 } else { 16 };
        let (delay, one_way) = (41 + draw.below(50), 1 + draw.below(19));
        let exchange = Exchange { delay, one_way, cork: draw.below(4) == 0, ..linux(nagle, quick, &writes, 3) };
        let model = by_the_model(&exchange);
        assert_eq!(model, by_the_engine(&exchange), "exchange {number}: {exchange:?}");
        held += model.0.iter().filter(|(.., rule)| rule.is_some()).count();
    }
    assert!(held > 300, "{held} segments were held, of what should be many");
}

/// Where no acknowledgment is late, time alone lets go what is corked.
#[test]
fn cork_holds_for_200_ms_and_the_engine_says_so_too() {
    let told = left(Nagle::Minshall, MSS, &[(0, Event::Cork), (0, Event::Write(1500)), (100, Event::Write(4))]);
    let seen: Vec<_> = told.iter().map(|left| (left.at, left.from, left.to, left.held)).collect();
    assert_eq!(seen, [(0, 0, 1460, None), (200, 1460, 1504, Some(Rule::Cork))]);

    let mut pair = Pair::established(&linux(Nagle::Minshall, 0, &[], 0));
    pair.now = Time(1_000_000_000);
    pair.ends[0].set_cork(true);
    for (length, wait) in [(1500, 100), (4, 200)] {
        assert_eq!(pair.ends[0].send(&vec![7; length]), Ok(length));
        let until = pair.now + Duration::from_millis(wait);
        pair.flush(0);
        while pair.ends.iter().map(Connection::wake_at).chain(pair.under_way.iter().map(|(at, ..)| *at)).min()
            < Some(until)
        {
            pair.step();
        }
        pair.now = until;
    }
    let at: Vec<u64> = pair.ends[0].take_departures().iter().map(|left| left.at.0 / 1_000_000 - 1000).collect();
    assert_eq!(at, [0, 200]);
}
