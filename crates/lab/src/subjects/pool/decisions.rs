//! Lab 15's second half: which connection a request gets, which are kept, which are closed, and what may be sent again.

use super::{ms, word};
use crate::check::ask::{Ask, Expected};
use crate::subjects::draw::Draw;
use host::lab::Value;

const PERSISTENCE: &str =
    "RFC 9112 section 9.3: \"close\" ends it; else HTTP/1.1 persists, and HTTP/1.0 with \"keep-alive\"";
const DELIMITED: &str = "RFC 9112 section 9.3: what is left of this answer would be read as the beginning of the next";
const CLOSED: &str =
    "RFC 9112 section 9.5: watch open connections for a received closure signal; RFC 9293 section 3.6 for FIN";
const UNASKED: &str = "RFC 9112 section 9.2: data without an outstanding request is no answer; close the connection";
const SERVER: &str =
    "RFC 9112 section 9.5: servers have a time-out; a request is half a round trip on its way, as the answer was";
const LAST_USED: &str =
    "no RFC: the one that was used last has the best chance to be open and warm, and the others can be closed";
const NOT_USABLE: &str = "RFC 9112 section 9.5: what the server has closed, or may close before the request is there, is no connection to use";
const MOST: &str = "RFC 9112 section 9.4: a client ought to limit its simultaneous open connections to a server";
const BACK: &str =
    "no RFC: who waits gets the connection before it is idle; if it cannot be used, a new one can have its place";
const EXPIRED: &str =
    "RFC 9112 section 9.5: a client that times out closes; what the server has closed, too, and nothing else";
const AHEAD: &str = "no RFC: min connections, those in use and those that can be used, and never more than max";
const SAFE: &str = "RFC 9110 section 9.2.2: by itself only if the method is idempotent, or if it was never applied";
const ONCE: &str = "RFC 9110 section 9.2.2: a failed automatic retry is not retried automatically";

pub(super) fn asks(check: &str, draw: Draw, is_seen: bool) -> Option<Vec<Ask>> {
    Some(match check {
        "healthy" => healthy(is_seen),
        "limit" => limit(draw),
        "take" => take(draw),
        "full" => full(draw),
        "give-back" => give_back(draw),
        "expire" => expire(draw),
        "eager" => eager(draw),
        "retry" => retry(is_seen),
        _ => return None,
    })
}

/// What is said of an answer's connection: read to its end, HTTP/1.1, option, and what was heard behind it.
type Answer = (bool, bool, &'static str, &'static str);

/// All there are, those first that differ least from what is usual.
fn answers() -> Vec<Answer> {
    let mut all = vec![];
    for heard in ["Nothing", "Fin", "Reset", "Data"] {
        for complete in [true, false] {
            for option in ["Unsaid", "KeepAlive", "Close"] {
                all.extend([true, false].map(|http_1_1| (complete, http_1_1, option, heard)));
            }
        }
    }
    all
}

fn persists((complete, http_1_1, option, heard): Answer) -> bool {
    let said = option == "KeepAlive" || http_1_1 && option != "Close";
    complete && said && heard == "Nothing"
}

fn of_answer((complete, http_1_1, option, heard): Answer) -> Vec<(&'static str, Value)> {
    vec![("complete", complete.into()), ("http_1_1", http_1_1.into()), ("option", word(option)), ("heard", word(heard))]
}

/// In how many things this differs from what is usual.
fn oddities((complete, http_1_1, option, heard): Answer) -> usize {
    [!complete, !http_1_1, option != "Unsaid", heard != "Nothing"].into_iter().filter(|is_odd| *is_odd).count()
}

/// Answers are but 48. So everybody sees those with one oddity or two, and all are asked about when it is graded.
fn healthy(is_seen: bool) -> Vec<Ask> {
    let why = |(complete, _, _, heard): Answer| match heard {
        "Data" => UNASKED,
        "Nothing" if complete => PERSISTENCE,
        "Nothing" => DELIMITED,
        _ => CLOSED,
    };
    let ask = |answer: Answer| Ask {
        function: "healthy",
        arguments: of_answer(answer),
        expected: Expected::Is(persists(answer).into()),
        why: why(answer),
    };
    answers().into_iter().filter(|answer| !is_seen || oddities(*answer) < 3).map(ask).collect()
}

fn limit(mut draw: Draw) -> Vec<Ask> {
    let ask = |own: u64, server: Option<u64>, round_trip: u64| {
        let certain = server.map_or(own, |server| own.min(server.saturating_sub(round_trip)));
        Ask {
            function: "idle_limit",
            arguments: vec![
                ("own", ms(own)),
                ("server", server.map_or(Value::Nothing, ms)),
                ("round_trip", ms(round_trip)),
            ],
            expected: Expected::Is(ms(certain)),
            why: SERVER,
        }
    };
    let mut asks = vec![];
    for round_trip in [0, 20, 200] {
        asks.push(ask(60_000, None, round_trip));
        for server in [90_000, 60_000, 5000, 60_000 + round_trip, 60_000 + round_trip / 2, round_trip, round_trip / 2] {
            asks.push(ask(60_000, Some(server), round_trip));
        }
    }
    for _ in 0..20 {
        let (own, server) = (draw.below(100_000), draw.below(100_000));
        let round_trip = draw.below(1000);
        asks.push(ask(own, Some(server), round_trip));
    }
    asks
}

/// An idle connection: since when, and what was heard on it.
type Idle = (u64, &'static str);

/// How long connections may be idle in these questions, and what time it is, in milliseconds.
const LIMIT: u64 = 5000;
const NOW: u64 = 20_000;

fn shown(idle: &[Idle]) -> Value {
    let one = |(since, heard): &Idle| match *heard {
        "Nothing" => format!("{since} ms"),
        heard => format!("{since} ms {heard}"),
    };
    let text = idle.iter().map(one).collect::<Vec<_>>().join(", ");
    word(if text.is_empty() { "none" } else { &text })
}

fn is_usable((since, heard): &Idle) -> bool {
    *heard == "Nothing" && NOW - since < LIMIT
}

/// Connections that can be used, or cannot; no two since the same time.
fn drawn(draw: &mut Draw) -> Vec<Idle> {
    let mut idle: Vec<Idle> = vec![];
    for _ in 0..draw.index(6) {
        let since = NOW - draw.below(8000);
        let heard = ["Nothing", "Nothing", "Nothing", "Fin", "Reset", "Data"].get(draw.index(6)).unwrap_or(&"Fin");
        if idle.iter().all(|(other, _)| *other != since) {
            idle.push((since, heard));
        }
    }
    idle
}

fn taken(idle: &[Idle], busy: usize, max: usize, why: &'static str) -> Ask {
    let last = idle.iter().filter(|idle| is_usable(idle)).map(|(since, _)| *since).max();
    let at = last.and_then(|last| idle.iter().position(|(since, _)| *since == last));
    let expected = match at {
        Some(at) => Value::record("Reuse", [("idle", at.into())]),
        None => word(if busy < max { "Open" } else { "Wait" }),
    };
    let arguments =
        vec![("idle", shown(idle)), ("busy", busy.into()), ("max", max.into()), ("limit", ms(LIMIT)), ("now", ms(NOW))];
    Ask { function: "take", arguments, expected: Expected::Is(expected), why }
}

fn take(mut draw: Draw) -> Vec<Ask> {
    let old = NOW - LIMIT;
    let patterns: [(&[Idle], &str); 13] = [
        (&[(19_000, "Nothing")], LAST_USED),
        (&[], LAST_USED),
        (&[(18_000, "Nothing"), (19_000, "Nothing")], LAST_USED),
        (&[(19_000, "Nothing"), (18_000, "Nothing")], LAST_USED),
        (&[(18_000, "Nothing"), (19_500, "Nothing"), (17_000, "Nothing")], LAST_USED),
        (&[(19_000, "Fin")], NOT_USABLE),
        (&[(19_000, "Reset")], NOT_USABLE),
        (&[(19_000, "Data")], NOT_USABLE),
        (&[(18_000, "Nothing"), (19_000, "Fin")], NOT_USABLE),
        (&[(old, "Nothing")], NOT_USABLE),
        (&[(old + 1, "Nothing")], NOT_USABLE),
        (&[(old - 1, "Nothing"), (old + 2, "Nothing")], NOT_USABLE),
        (&[(NOW, "Nothing"), (old, "Nothing")], LAST_USED),
    ];
    let mut asks: Vec<Ask> = patterns.iter().map(|(idle, why)| taken(idle, 0, 8, why)).collect();
    for _ in 0..40 {
        let idle = drawn(&mut draw);
        asks.push(taken(&idle, draw.index(8), 8, LAST_USED));
    }
    asks
}

fn full(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for max in [1, 2, 8, 1 + draw.index(100)] {
        for busy in [0, max - 1, max] {
            asks.push(taken(&[], busy, max, MOST));
            // One that is as good as closed takes no place.
            asks.push(taken(&[(19_000, "Fin")], busy, max, MOST));
            asks.push(taken(&[(100, "Nothing"), (19_000, "Reset")], busy, max, MOST));
            if busy < max {
                asks.push(taken(&[(19_000, "Nothing")], busy, max, LAST_USED));
            }
        }
    }
    asks
}

fn give_back(mut draw: Draw) -> Vec<Ask> {
    let ask = |answer: Answer, waiting: usize| {
        let expected = match (persists(answer), waiting) {
            (true, 0) => "Keep",
            (true, _) => "HandOver",
            (false, 0) => "Close",
            (false, _) => "Replace",
        };
        let arguments = of_answer(answer).into_iter().chain([("waiting", waiting.into())]).collect();
        Ask { function: "give_back", arguments, expected: Expected::Is(word(expected)), why: BACK }
    };
    answers().into_iter().flat_map(|answer| [0, 1, 2 + draw.index(90)].map(|waiting| ask(answer, waiting))).collect()
}

fn expire(mut draw: Draw) -> Vec<Ask> {
    let ask = |idle: &[Idle], min: usize| {
        let closed = idle.iter().enumerate().filter(|(_, idle)| !is_usable(idle)).map(|(at, _)| at.into());
        Ask {
            function: "expire",
            arguments: vec![("idle", shown(idle)), ("limit", ms(LIMIT)), ("now", ms(NOW)), ("min", min.into())],
            expected: Expected::Is(closed.collect::<Vec<Value>>().into()),
            why: EXPIRED,
        }
    };
    let old = NOW - LIMIT;
    let mut asks = vec![];
    for min in [0, 1, 4] {
        asks.push(ask(&[(old, "Nothing")], min));
        asks.push(ask(&[(old + 1, "Nothing")], min));
        asks.push(ask(&[(old + 1, "Nothing"), (old - 1, "Nothing"), (0, "Nothing")], min));
        asks.push(ask(&[(19_000, "Fin"), (19_001, "Nothing"), (19_002, "Reset"), (19_003, "Data")], min));
        asks.push(ask(&[], min));
        asks.extend((0..8).map(|_| ask(&drawn(&mut draw), min)));
    }
    asks
}

fn eager(mut draw: Draw) -> Vec<Ask> {
    let ask = |idle: &[Idle], busy: usize, min: usize, max: usize| {
        let usable = idle.iter().filter(|idle| is_usable(idle)).count();
        let ahead = min.min(max).saturating_sub(busy + usable);
        let arguments = vec![
            ("idle", shown(idle)),
            ("busy", busy.into()),
            ("min", min.into()),
            ("max", max.into()),
            ("limit", ms(LIMIT)),
            ("now", ms(NOW)),
        ];
        Ask { function: "open_ahead", arguments, expected: Expected::Is(ahead.into()), why: AHEAD }
    };
    let mut asks = vec![];
    for min in [4, 1, 0, 8] {
        asks.push(ask(&[], 0, min, 8));
        asks.push(ask(&[], 2, min, 8));
        asks.push(ask(&[(19_000, "Nothing")], 0, min, 8));
        asks.push(ask(&[(19_000, "Nothing"), (19_500, "Nothing")], 1, min, 8));
        // They are there, and of no use.
        asks.push(ask(&[(100, "Nothing"), (19_500, "Fin")], 1, min, 8));
        asks.push(ask(&[], 6, min, 8));
        asks.push(ask(&[], 1, min, 3));
        asks.push(ask(&[], 3, min, 3));
        for _ in 0..8 {
            let idle = drawn(&mut draw);
            asks.push(ask(&idle, draw.index(4), min, 8 + draw.index(3)));
        }
    }
    asks
}

/// Of the methods behind the first three, everybody sees one way to fail, and each way is asked about when it is graded.
fn retry(is_seen: bool) -> Vec<Ask> {
    let ask = |(method, idempotent): (&str, bool), sent: bool, heard: &'static str, again: bool| Ask {
        function: "retry",
        arguments: vec![
            ("method", method.into()),
            ("sent", sent.into()),
            ("heard", word(heard)),
            ("again", again.into()),
        ],
        expected: Expected::Is((!again && (idempotent || !sent)).into()),
        why: if again { ONCE } else { SAFE },
    };
    // RFC 9110 sections 9.2.1 and 9.2.2, RFC 5789; methods are case-sensitive (RFC 9110 section 9.1).
    let methods = [
        ("GET", true),
        ("POST", false),
        ("PUT", true),
        ("DELETE", true),
        ("HEAD", true),
        ("OPTIONS", true),
        ("TRACE", true),
        ("PATCH", false),
        ("CONNECT", false),
        ("CHARGE", false),
        ("get", false),
        ("", false),
    ];
    let mut asks = vec![];
    for again in [false, true] {
        for (number, method) in methods.into_iter().enumerate() {
            let ways = if is_seen && number > 2 { 1 } else { 4 };
            for heard in ["Fin", "Reset", "Nothing", "Data"].into_iter().take(ways) {
                asks.extend([true, false].map(|sent| ask(method, sent, heard, again)));
            }
        }
    }
    asks
}
