//! Lab 15: what a new connection costs (RFC 5681, RFC 6928), and what a pool decides (RFC 9110, RFC 9112).

mod decisions;
#[cfg(test)]
mod tests;

use super::draw::{Draw, SEED};
use crate::check::Part;
use crate::check::ask::{Ask, Expected};
use host::lab::Value;
use std::time::Duration;

const SLOW_START: &str =
    "RFC 5681 section 3.1: in slow start each acknowledged segment adds one to cwnd, so a full window doubles it";
const RESTART: &str = "RFC 5681 section 4.1: idle for more than the RTO, cwnd is no more than RW = min(IW, cwnd)";
const EACH_TIME: &str =
    "RFC 9293 section 3.5: a handshake, one round trip; then RFC 6928: a new connection begins with ten segments";
const KEPT: &str =
    "RFC 5681 section 4.1: a kept connection saves the handshake, and its window as long as it is not idle for an RTO";

/// RFC 6928's ten segments, for an MSS of 1460 or less.
const INITIAL_WINDOW: u64 = 10;

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "rounds" => rounds(draw),
        "restart" => restart(draw),
        "per-request" => per_request(draw),
        "kept" => kept(draw),
        other => decisions::asks(other, draw, seed == SEED)?,
    };
    Some(vec![Part::Asks(asks)])
}

fn word(name: &str) -> Value {
    Value::record(name, [])
}

fn ms(time: u64) -> Value {
    Duration::from_millis(time).into()
}

/// Round trips for so many segments that begin with this window, and the window after them. After `k` rounds `cwnd * (2^k - 1)`
/// segments are through.
fn trips(segments: u64, cwnd: u64) -> (u64, u64) {
    let through = |rounds: u64| cwnd * ((1 << rounds) - 1);
    let rounds = (1..50).find(|rounds| through(*rounds) >= segments).unwrap_or(50);
    let full = if through(rounds) == segments { rounds } else { rounds - 1 };
    (rounds, cwnd << full)
}

fn rounds(mut draw: Draw) -> Vec<Ask> {
    let ask = |bytes: u64, mss: u64, cwnd: u64| {
        let (rounds, cwnd_after) = trips(bytes.div_ceil(mss), cwnd);
        Ask {
            function: "round_trips",
            arguments: vec![("bytes", bytes.into()), ("mss", mss.into()), ("cwnd", cwnd.into())],
            expected: Expected::Is(Value::record(
                "answer",
                [("round trips", rounds.into()), ("cwnd", cwnd_after.into())],
            )),
            why: SLOW_START,
        }
    };
    let mut asks = vec![];
    for (mss, cwnd) in [(1460, INITIAL_WINDOW), (1460, 1), (536, INITIAL_WINDOW), (1448, 37)] {
        let full = mss * cwnd;
        let borders = [0, 1, mss, mss + 1, full - 1, full, full + 1, 3 * full, 3 * full + 1, 7 * full, 7 * full + 1];
        asks.extend(borders.map(|bytes| ask(bytes, mss, cwnd)));
        asks.extend([31, 63, 1023].map(|windows| ask(windows * full - mss / 2, mss, cwnd)));
    }
    for _ in 0..60 {
        let (mss, cwnd) = (1 + draw.below(1460), 1 + draw.below(100));
        let bytes = draw.below(mss * cwnd * 40);
        asks.push(ask(bytes, mss, cwnd));
    }
    asks
}

fn window_after(cwnd: u64, idle: u64, rto: u64) -> u64 {
    if idle <= rto { cwnd } else { cwnd.min(INITIAL_WINDOW) }
}

fn restart(mut draw: Draw) -> Vec<Ask> {
    let ask = |cwnd: u64, idle: u64, rto: u64| Ask {
        function: "restart",
        arguments: vec![("cwnd", cwnd.into()), ("idle", ms(idle)), ("rto", ms(rto))],
        expected: Expected::Is(window_after(cwnd, idle, rto).into()),
        why: RESTART,
    };
    let mut asks = vec![];
    for rto in [200, 1000, 201 + draw.below(5000)] {
        for cwnd in [10, 11, 40, 1576, 1, 4, 9, 2 + draw.below(2000)] {
            asks.extend([0, rto - 1, rto, rto + 1, 2000 + rto, draw.below(2 * rto)].map(|idle| ask(cwnd, idle, rto)));
        }
    }
    asks
}

/// Where a request's connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    PerRequest,
    Lazy,
    Eager,
}

/// Requests to one server: after how many milliseconds of silence each comes, and how many bytes its answer has.
#[derive(Debug, Clone)]
struct Requests {
    mss: u64,
    rto: u64,
    timeout: u64,
    each: Vec<(u64, u64)>,
}

impl Requests {
    /// Round trips of each.
    fn cost(&self, policy: Policy) -> Vec<u64> {
        let mut window = INITIAL_WINDOW;
        let mut costs = vec![];
        for (number, (idle, bytes)) in self.each.iter().enumerate() {
            let survived = number > 0 && policy != Policy::PerRequest && *idle < self.timeout;
            window = if survived { window_after(window, *idle, self.rto) } else { INITIAL_WINDOW };
            let rounds;
            (rounds, window) = trips(bytes.div_ceil(self.mss), window);
            let handshake = match policy {
                Policy::PerRequest => 1,
                Policy::Lazy => u64::from(!survived),
                Policy::Eager => 0,
            };
            costs.push(handshake + rounds);
        }
        costs
    }

    fn ask(&self, policy: Policy, why: &'static str) -> Ask {
        let requests = self.each.iter().map(|(idle, bytes)| format!("{bytes} after {idle} ms"));
        let costs = self.cost(policy).into_iter().zip(1..);
        let fields = costs.map(|(cost, number)| (format!("request {number}"), cost.into()));
        Ask {
            function: "cost",
            arguments: vec![
                ("policy", word(&format!("{policy:?}"))),
                ("mss", self.mss.into()),
                ("rto", ms(self.rto)),
                ("timeout", ms(self.timeout)),
                ("requests", word(&requests.collect::<Vec<_>>().join(", "))),
            ],
            expected: Expected::Is(Value::Record("round trips".into(), fields.collect())),
            why,
        }
    }

    fn of(each: &[(u64, u64)]) -> Self {
        Self { mss: 1460, rto: 300, timeout: 60_000, each: each.to_vec() }
    }

    fn draw(draw: &mut Draw) -> Self {
        let idle = [0, 10, 299, 300, 301, 2000, 59_999, 60_000, 90_000];
        let bytes = [1, 500, 14_600, 14_601, 43_800, 100_000, 102_200, 1_000_000];
        let request = |draw: &mut Draw| {
            let pick = |draw: &mut Draw, of: &[u64]| of.get(draw.index(of.len())).copied().unwrap_or(1);
            (pick(draw, &idle), pick(draw, &bytes))
        };
        let each = (0..2 + draw.index(5)).map(|_| request(draw)).collect();
        Self { mss: if draw.below(2) == 0 { 1460 } else { 500 + draw.below(960) }, each, ..Self::of(&[]) }
    }
}

fn per_request(mut draw: Draw) -> Vec<Ask> {
    let small = [(0, 500), (0, 500), (0, 500)];
    let large = [(0, 43_800), (10, 43_800), (2000, 14_601), (70_000, 1)];
    let mut all = vec![Requests::of(&[(0, 1)]), Requests::of(&small), Requests::of(&large), Requests::of(&[(900, 0)])];
    all.extend((0..20).map(|_| Requests::draw(&mut draw)));
    all.iter().map(|requests| requests.ask(Policy::PerRequest, EACH_TIME)).collect()
}

fn kept(mut draw: Draw) -> Vec<Ask> {
    let patterns: [&[(u64, u64)]; 9] = [
        &[(0, 500)],
        &[(900, 500)],
        &[(0, 500), (0, 500), (0, 500)],
        // The window grows with the first answer, and is there for the second.
        &[(0, 43_800), (10, 43_800)],
        &[(0, 43_800), (300, 43_800)],
        // And not after an idle time.
        &[(0, 43_800), (301, 43_800), (10, 43_800)],
        &[(0, 14_600), (59_999, 14_600)],
        &[(0, 14_600), (60_000, 14_600)],
        &[(0, 14_600), (70_000, 43_800), (0, 43_800), (70_000, 1)],
    ];
    let mut all: Vec<Requests> = patterns.iter().map(|each| Requests::of(each)).collect();
    // Closed before it is cold: a new one begins with ten segments as well.
    all.push(Requests { timeout: 200, ..Requests::of(&[(0, 43_800), (250, 43_800), (100, 43_800)]) });
    all.extend((0..25).map(|_| Requests::draw(&mut draw)));
    all.iter().flat_map(|requests| [Policy::Lazy, Policy::Eager].map(|policy| requests.ask(policy, KEPT))).collect()
}
