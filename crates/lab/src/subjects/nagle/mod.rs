//! Lab 14: when a small segment leaves (RFC 9293 section 3.7.4 and appendix A.3), and when an acknowledgment does (section 3.8.6.3).

mod model;
mod receiving;
#[cfg(test)]
mod tests;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected};
use host::lab::Value;
use model::{Event, Exchange, Left, Moment, Nagle, Rule, Sender, Threshold};
use std::time::Duration;

const AT_ONCE: &str = "RFC 9293 section 3.7.4: with nothing unacknowledged, or as a full segment, data need not wait";
const RFC: &str =
    "RFC 9293 section 3.7.4: while SND.NXT > SND.UNA, data waits until all is acknowledged or a segment is full";
const MINSHALL: &str =
    "RFC 9293 appendix A.3: by Minshall's modification only an unacknowledged small segment holds the next small one";
const NODELAY: &str = "RFC 9293 section 3.7.4, MUST-17: a program can disable the Nagle algorithm on its connection";
const CORK: &str =
    "no RFC: tcp(7), TCP_CORK: partial segments do not leave, with TCP_NODELAY neither, for 200 ms at the most";
const PUSH: &str = "RFC 9293 section 3.7.4: it buffers all user data, \"regardless of the PSH bit\"";
const CLOSED: &str =
    "no RFC: nothing can follow a FIN and fill its segment up, so on Linux it does not wait, corked or not";
const WRITES: &str =
    "RFC 9293 section 3.7.4: each event may let something go, several segments too; what waits goes together";
const WHY: &str = "the rule that stood against it when it last might have left; with none, it left as it was written";
const LAST: &str =
    "RFC 9293 section 3.9.1.2, MUST-61: PSH is set in the last buffered segment, behind which nothing is queued";
const UNCORK: &str =
    "no RFC: tcp(7), TCP_CORK: without the cork, Nagle's rule decides; and after 200 ms what waits leaves";
const BOTH: &str = "each end by its rule: RFC 9293 sections 3.7.4 and 3.8.6.3";

const MSS: u64 = 1460;
const RULES: [Nagle; 3] = [Nagle::Off, Nagle::Rfc, Nagle::Minshall];

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "at-once" => at_once(draw),
        "rfc" => by_rule(draw, Nagle::Rfc, RFC),
        "minshall" => by_rule(draw, Nagle::Minshall, MINSHALL),
        "nodelay" => by_rule(draw, Nagle::Off, NODELAY),
        "cork" => cork(draw),
        "close" => close(draw),
        "writes" => writes(draw),
        "why" => why(draw),
        "push" => push(draw),
        "uncork" => uncork(draw),
        "second" => receiving::second(draw),
        "delay" => receiving::delay(draw),
        "quick" => receiving::quick(draw),
        "standoff" => standoff(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

fn word(name: &str) -> Value {
    Value::record(name, [])
}

fn of_name(what: &impl std::fmt::Debug) -> Value {
    word(&format!("{what:?}"))
}

fn ms(time: u64) -> Value {
    Duration::from_millis(time).into()
}

/// Several values as one, each with its number.
fn listed(name: &str, each: &str, values: impl Iterator<Item = String>) -> Expected {
    let fields = values.zip(1..).map(|(value, number)| (format!("{each} {number}"), word(&value)));
    Expected::Is(Value::Record(name.into(), fields.collect()))
}

/// Nothing is unacknowledged, and nothing else is special.
const IDLE: Moment = Moment {
    queued: 1,
    mss: MSS,
    unacked: 0,
    small_unacked: false,
    nagle: Nagle::Rfc,
    cork: false,
    corked_for: 0,
    closed: false,
    push: false,
};

fn decided(moment: Moment, why: &'static str) -> Ask {
    let Moment { queued, mss, unacked, small_unacked, nagle, cork, corked_for, closed, push } = moment;
    let expected = match moment.held_by() {
        Some(rule) => Value::record("Wait", [("rule", of_name(&rule))]),
        None => Value::record("Send", [("length", queued.min(mss).into())]),
    };
    let arguments = vec![
        ("queued", queued.into()),
        ("mss", mss.into()),
        ("unacked", unacked.into()),
        ("small_unacked", small_unacked.into()),
        ("nagle", of_name(&nagle)),
        ("cork", cork.into()),
        ("corked_for", ms(corked_for)),
        ("closed", closed.into()),
        ("push", push.into()),
    ];
    Ask { function: "may_send", arguments, expected: Expected::Is(expected), why }
}

fn at_once(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for mss in [MSS, 536, 1 + draw.below(9000)] {
        for nagle in RULES {
            let idle = Moment { mss, nagle, ..IDLE };
            let behind = Moment { unacked: mss + 4, small_unacked: true, ..idle };
            asks.extend([1, 2, mss / 2 + 1, mss - 1].map(|queued| Moment { queued: queued.max(1), ..idle }));
            for queued in [mss, mss + 1, 3 * mss, 3 * mss + 620] {
                asks.extend([idle, behind].map(|moment| Moment { queued, ..moment }));
            }
        }
    }
    asks.into_iter().map(|moment| decided(moment, AT_ONCE)).collect()
}

/// Everything that one rule decides.
fn by_rule(mut draw: Draw, nagle: Nagle, why: &'static str) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..6 {
        let mss = if round == 0 { MSS } else { 100 + draw.below(9000) };
        for (unacked, small_unacked) in
            [(0, false), (1, true), (mss, false), (3 * mss, false), (2 * mss + 4, true), (mss + 1, true)]
        {
            let queued = if round == 0 { 620 } else { 1 + draw.below(mss - 1) };
            for queued in [1, queued, mss - 1, mss] {
                asks.push(decided(Moment { queued, mss, unacked, small_unacked, nagle, ..IDLE }, why));
            }
        }
    }
    asks
}

fn cork(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nagle in RULES {
        for corked_for in [0, 1, 199, 200, 201, 1 + draw.below(198), 200 + draw.below(1000)] {
            let corked = Moment { nagle, corked_for, cork: true, ..IDLE };
            asks.push(Moment { queued: 1 + draw.below(MSS - 1), ..corked });
            asks.push(Moment { queued: MSS - 1, ..corked });
            asks.push(Moment { queued: 620, unacked: 4, small_unacked: true, ..corked });
            asks.extend([MSS, MSS + 620].map(|queued| Moment { queued, ..corked }));
        }
    }
    asks.into_iter().map(|moment| decided(moment, CORK)).collect()
}

fn close(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nagle in RULES {
        let behind = Moment { queued: 1 + draw.below(MSS - 1), unacked: MSS + 4, small_unacked: true, nagle, ..IDLE };
        for cork in [false, true] {
            let moment = Moment { cork, ..behind };
            asks.push(decided(Moment { closed: true, ..moment }, CLOSED));
            asks.push(decided(Moment { closed: true, queued: MSS + 1, ..moment }, CLOSED));
            asks.push(decided(moment, if cork { CORK } else { PUSH }));
            asks.push(decided(Moment { push: true, ..moment }, if cork { CORK } else { PUSH }));
            asks.push(decided(Moment { push: true, queued: 1, ..moment }, if cork { CORK } else { PUSH }));
        }
    }
    asks
}

type Events = Vec<(u64, Event)>;

fn written(events: &[(u64, Event)]) -> String {
    let word = |(at, event): &(u64, Event)| match event {
        Event::Write(length) => format!("{at} write {length}"),
        Event::Ack(up_to) => format!("{at} ack {up_to}"),
        Event::Cork => format!("{at} cork"),
        Event::Uncork => format!("{at} uncork"),
        Event::Close => format!("{at} close"),
    };
    events.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn left(nagle: Nagle, mss: u64, events: &[(u64, Event)]) -> Vec<Left> {
    let mut sender = Sender::new(mss, nagle);
    for (at, event) in events {
        sender.pass(*at);
        sender.hear(*at, *event);
    }
    sender.pass(u64::MAX);
    sender.left
}

fn when(left: &Left) -> String {
    format!("{} bytes at {} ms", left.to - left.from, left.at)
}

fn held(left: &Left) -> String {
    let rule = match left.held {
        None => "nothing",
        Some(Rule::Nagle) => "Nagle",
        Some(Rule::Cork) => "Cork",
    };
    format!("{} bytes, held by {rule}", left.to - left.from)
}

fn pushed(left: &Left) -> String {
    format!("{} bytes, {}", left.to - left.from, if left.push { "PSH" } else { "no PSH" })
}

/// What is told of a segment, by the function that asks for it.
fn sent(function: &'static str, nagle: Nagle, mss: u64, events: &[(u64, Event)], why: &'static str) -> Ask {
    let told = match function {
        "waits" => held,
        "push" => pushed,
        _ => when,
    };
    let arguments = vec![("mss", mss.into()), ("nagle", of_name(&nagle)), ("events", word(&written(events)))];
    Ask { function, arguments, expected: listed("segments", "segment", left(nagle, mss, events).iter().map(told)), why }
}

/// What was measured, and what is made against one mistake each.
fn patterns() -> Vec<Events> {
    let all = |writes: &[u64], acks: &[(u64, u64)]| {
        let writes = writes.iter().map(|length| (0, Event::Write(*length)));
        writes.chain(acks.iter().map(|(at, up_to)| (*at, Event::Ack(*up_to)))).collect::<Events>()
    };
    vec![
        all(&[500], &[]),
        all(&[500, 960], &[(60, 500)]),
        all(&[5000], &[(20, 2920), (60, 4380)]),
        all(&[4, 4, 4], &[(60, 4), (120, 12)]),
        all(&[500, 1460], &[(20, 1960)]),
        all(&[1460, 1], &[(20, 1460)]),
        all(&[1461, 1], &[(20, 1461)]),
        // What waits is filled up, and the rest of that write waits then.
        all(&[1, 1000, 1000], &[(30, 1), (50, 1461)]),
        // An acknowledgment of a part, one that is old, and one that opens nothing.
        all(&[100, 200], &[(10, 50), (20, 100), (30, 50)]),
        vec![
            (0, Event::Write(10)),
            (10, Event::Ack(10)),
            (11, Event::Ack(0)),
            (12, Event::Write(20)),
            (13, Event::Write(30)),
            (14, Event::Ack(10)),
            (15, Event::Ack(30)),
        ],
        vec![
            (0, Event::Write(1460)),
            (5, Event::Write(4)),
            (6, Event::Write(4)),
            (20, Event::Ack(1460)),
            (40, Event::Ack(1464)),
        ],
        // A small one under way behind which a full one left: both must be acknowledged, or only the small one.
        vec![
            (0, Event::Write(100)),
            (1, Event::Write(1460)),
            (2, Event::Write(7)),
            (20, Event::Ack(100)),
            (40, Event::Ack(1560)),
        ],
    ]
}

/// The same where nothing is acknowledged that this rule has not let go yet.
fn possible(events: &[(u64, Event)], nagle: Nagle) -> Events {
    let mut sender = Sender::new(MSS, nagle);
    let mut possible = vec![];
    for (at, event) in events {
        let event = match event {
            Event::Ack(up_to) => Event::Ack(sender.sent().min(*up_to)),
            other => *other,
        };
        sender.hear(*at, event);
        possible.push((*at, event));
    }
    possible
}

/// Writes and acknowledgments that may come, in their order.
fn drawn(draw: &mut Draw, nagle: Nagle, mss: u64) -> Events {
    let mut sender = Sender::new(mss, nagle);
    let (mut events, mut now) = (vec![], 0);
    for _ in 0..3 + draw.index(5) {
        let lengths = [1, 4, mss / 3, mss - 1, mss, mss + 1, 2 * mss, 3 * mss + 620];
        let length = lengths.get(draw.index(lengths.len())).copied().unwrap_or(1);
        let ends: Vec<u64> = sender.left.iter().map(|left| left.to).collect();
        let event = match ends.get(draw.index(ends.len() + 3)) {
            Some(up_to) => Event::Ack(*up_to),
            None => Event::Write(length),
        };
        sender.hear(now, event);
        events.push((now, event));
        now += draw.below(30);
    }
    events
}

fn asked_of_sender(mut draw: Draw, function: &'static str, rules: &[Nagle], why: &'static str) -> Vec<Ask> {
    let mut asks = vec![];
    for pattern in patterns() {
        asks.extend(rules.iter().map(|nagle| sent(function, *nagle, MSS, &possible(&pattern, *nagle), why)));
    }
    for round in 0..30 {
        for nagle in rules {
            let mss = if round < 15 { MSS } else { 10 + draw.below(9000) };
            let events = drawn(&mut draw, *nagle, mss);
            asks.push(sent(function, *nagle, mss, &events, why));
        }
    }
    asks
}

fn writes(draw: Draw) -> Vec<Ask> {
    asked_of_sender(draw, "segments", &[Nagle::Rfc, Nagle::Minshall, Nagle::Off], WRITES)
}

fn why(draw: Draw) -> Vec<Ask> {
    asked_of_sender(draw, "waits", &[Nagle::Rfc, Nagle::Minshall], WHY)
}

fn push(draw: Draw) -> Vec<Ask> {
    asked_of_sender(draw, "push", &[Nagle::Rfc, Nagle::Off], LAST)
}

/// Writes and acknowledgments under a cork that comes and goes. Nothing happens in the very moment of its ceiling.
fn corked(draw: &mut Draw, nagle: Nagle) -> Events {
    let mut sender = Sender::new(MSS, nagle);
    let (mut events, mut now, mut cork): (Events, _, _) = (vec![], 0, false);
    for _ in 0..5 + draw.index(5) {
        let end = sender.left.get(draw.index(sender.left.len().max(1))).map_or(0, |left| left.to);
        let event = match draw.index(6) {
            0 if cork => Event::Uncork,
            1 if end > 0 => Event::Ack(end),
            2 | 3 if !cork => Event::Cork,
            _ => Event::Write([4, 500, 960, MSS, 5000].get(draw.index(5)).copied().unwrap_or(4)),
        };
        cork = event == Event::Cork || cork && event != Event::Uncork;
        sender.pass(now);
        sender.hear(now, event);
        events.push((now, event));
        now += 1 + draw.below(120);
        while events.iter().any(|(at, _)| at + 200 == now) {
            now += 1;
        }
    }
    events
}

fn uncork(mut draw: Draw) -> Vec<Ask> {
    use Event::{Ack, Close, Cork, Uncork, Write};
    let patterns: [&[(u64, Event)]; 10] = [
        &[(0, Cork), (0, Write(500)), (0, Write(960))],
        &[(0, Cork), (0, Write(4)), (0, Write(4)), (0, Uncork)],
        &[(0, Cork), (0, Write(4))],
        &[(0, Cork), (0, Write(4)), (100, Write(4)), (199, Write(4))],
        &[(0, Write(4)), (1, Cork), (1, Write(4)), (50, Uncork), (60, Ack(4))],
        &[(0, Write(4)), (1, Write(4)), (2, Cork), (60, Ack(4)), (90, Uncork)],
        &[(0, Cork), (0, Write(5000)), (30, Close)],
        &[(0, Write(4)), (0, Cork), (10, Write(8)), (205, Ack(4))],
        // The ceiling counts anew for what comes after it.
        &[(0, Cork), (0, Write(4)), (250, Write(4)), (300, Ack(4))],
        &[(0, Cork), (0, Write(4)), (100, Uncork), (110, Cork), (110, Write(4)), (120, Ack(4))],
    ];
    let mut asks = vec![];
    for events in patterns {
        asks.extend(RULES.map(|nagle| sent("segments", nagle, MSS, events, UNCORK)));
        asks.extend(RULES.map(|nagle| sent("waits", nagle, MSS, events, UNCORK)));
    }
    for _ in 0..10 {
        for nagle in RULES {
            let events = corked(&mut draw, nagle);
            asks.extend(["segments", "waits"].map(|function| sent(function, nagle, MSS, &events, UNCORK)));
        }
    }
    asks
}

fn met(function: &'static str, exchange: &Exchange) -> Ask {
    let (left, waited) = exchange.run(MSS);
    let writes: Vec<String> = exchange.writes.iter().map(u64::to_string).collect();
    let arguments = vec![
        ("nagle", of_name(&exchange.nagle)),
        ("cork", exchange.cork.into()),
        ("threshold", of_name(&exchange.threshold)),
        ("delay", ms(exchange.delay)),
        ("quick", exchange.quick.into()),
        ("one_way", ms(exchange.one_way)),
        ("writes", word(&writes.join(" "))),
        ("times", exchange.times.into()),
    ];
    let expected = match function {
        "departures" => listed("segments", "segment", left.iter().map(when)),
        _ => listed("exchanges", "exchange", waited.iter().map(|time| format!("{time} ms"))),
    };
    Ask { function, arguments, expected, why: BOTH }
}

/// Linux at both ends, behind the first exchange, or at it.
fn linux(nagle: Nagle, quick: u32, writes: &[u64], times: usize) -> Exchange {
    let threshold = Threshold::MoreThanOne;
    Exchange { nagle, cork: false, threshold, delay: 40, quick, one_way: 10, writes: writes.to_vec(), times }
}

fn standoff(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for writes in [&[500, 960][..], &[5000], &[4, 4], &[4, 4, 4], &[1460, 1], &[1461, 1], &[500, 1460]] {
        asks.extend(RULES.map(|nagle| met("departures", &linux(nagle, 0, writes, 1))));
    }
    for nagle in RULES {
        let usual = linux(nagle, 16, &[4, 4], 4);
        asks.push(met("exchanges", &usual));
        asks.push(met("exchanges", &Exchange { quick: 0, ..usual.clone() }));
        asks.push(met("exchanges", &Exchange { cork: true, ..usual.clone() }));
        asks.push(met("exchanges", &Exchange { writes: vec![8], ..usual.clone() }));
        asks.push(met("exchanges", &Exchange { threshold: Threshold::TwoFull, writes: vec![1460, 4, 4], ..usual }));
    }
    for _ in 0..10 {
        let mut length = || [1, 4, 500, 960, 1460, 3000, 5000].get(draw.index(7)).copied().unwrap_or(4);
        let writes = [length(), length()];
        let (delay, one_way) = (30 + draw.below(170), 1 + draw.below(50));
        for nagle in RULES {
            let quick = if draw.below(2) == 0 { 0 } else { 16 };
            asks.push(met("exchanges", &Exchange { delay, one_way, ..linux(nagle, quick, &writes, 3) }));
        }
    }
    asks
}
