//! Lab 9: sequence numbers, the receive window, reassembly and acknowledgments (RFC 9293).
//!
//! Each byte of the stream is the lowest of its sequence number's four, so that a report can be read.

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, asked};
use host::lab::Value;
use std::collections::BTreeSet;

const COMPARED: &str = "RFC 9293 section 3.4: sequence numbers are compared modulo 2**32";
const LENGTH: &str = "RFC 9293 section 3.4: SEG.LEN counts the data, and SYN and FIN, one each";
const TABLE: &str =
    "RFC 9293 section 3.10.7.4, table 6: whether a segment is acceptable, by its length and by the window";
const TRIMMED: &str = "RFC 9293 section 3.10.7.4: any portions that lie outside the window are trimmed off";
const IN_ORDER: &str = "RFC 9293 section 3.4: ACK is the number that is expected next, so all before it have come";
const HOLE: &str = "RFC 9293 section 3.10.7.4: what begins behind RCV.NXT is held, and ACK stays at what is missing";
const OVERLAP: &str = "RFC 9293 section 3.10.7.4: if contents straddle old and new, only the new parts are processed";
const NOT_ACCEPTABLE: &str =
    "RFC 9293 section 3.10.7.4: if a segment is not acceptable, an acknowledgment is sent in reply";
const NO_ANSWER: &str =
    "RFC 9293 section 3.10.7.4: only what takes sequence numbers is acknowledged; else ACK answers ACK for ever";
const ACK_FIELD: &str =
    "RFC 9293 section 3.10.7.4, fifth step: SND.UNA < SEG.ACK =< SND.NXT is new, what is below is a duplicate";
const OPTIONS: &str =
    "RFC 9293 section 3.2: kind 2, length 4 is the maximum segment size; kinds 0 and 1 have no length";
const ILLEGAL: &str = "RFC 9293 section 3.1: TCP must be prepared to handle an illegal option length, such as zero";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "compare" => compare(draw),
        "length" => length(draw),
        "window" => window(draw),
        "trim" => trim(draw),
        "in-order" => in_order(draw),
        "hole" => hole(draw),
        "overlap" => overlap(draw),
        "answer" => answer(draw),
        "acknowledged" => acknowledged(draw),
        "mss" => mss(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

#[expect(clippy::cast_possible_truncation, reason = "a part of it is wanted")]
fn number(draw: &mut Draw) -> u32 {
    draw.number() as u32
}

/// A number below `end`.
fn below(draw: &mut Draw, end: u32) -> u32 {
    u32::try_from(draw.below(u64::from(end))).unwrap_or(0)
}

/// Where a stream is: small numbers first, then around the place where they begin anew, then anywhere.
fn starts(draw: &mut Draw) -> Vec<u32> {
    [100, 0, u32::MAX, u32::MAX - 9, (1 << 31) - 5, number(draw), number(draw), number(draw)].into()
}

/// `count` bytes of the stream from `seq` on.
fn stream(seq: u32, count: u32) -> Vec<u8> {
    (0..count).map(|at| seq.wrapping_add(at).to_be_bytes()[3]).collect()
}

fn compare(mut draw: Draw) -> Vec<Ask> {
    let ask = |a: u32, distance: i32| {
        let b = a.wrapping_add_signed(distance);
        asked("before", [("a", a.into()), ("b", b.into())], (distance > 0).into(), COMPARED)
    };
    let far = i32::MAX;
    let mut asks: Vec<Ask> = [1, -1, 0, 100, far, -far].map(|distance| ask(1000, distance)).into();
    for start in starts(&mut draw) {
        asks.extend([1, 0, -1, 10, -10, 1 << 30, far, -far].map(|distance| ask(start, distance)));
        asks.push(ask(start, i32::try_from(draw.below(1 << 31)).unwrap_or(1)));
        asks.push(ask(start, -i32::try_from(draw.below(1 << 31)).unwrap_or(1)));
    }
    asks
}

fn length(mut draw: Draw) -> Vec<Ask> {
    let flags = [(false, false), (true, false), (false, true), (true, true)];
    let ask = |(data, (syn, fin)): (u32, (bool, bool))| {
        let all = data + u32::from(syn) + u32::from(fin);
        asked("length", [("syn", syn.into()), ("fin", fin.into()), ("data", data.into())], all.into(), LENGTH)
    };
    let drawn = [0; 4].map(|_| below(&mut draw, 65_495));
    [0, 1, 1460, 65_495].into_iter().chain(drawn).flat_map(|data| flags.map(|flags| (data, flags))).map(ask).collect()
}

/// Numbers counted from RCV.NXT, so that nothing begins anew: those of a segment that lie in the window.
fn is_acceptable(offset: i64, len: u32, wnd: u32) -> bool {
    let (len, wnd) = (i64::from(len), i64::from(wnd));
    match (len, wnd) {
        (0, 0) => offset == 0,
        (0, _) => (0..wnd).contains(&offset),
        _ => (offset..offset + len).any(|number| (0..wnd).contains(&number)),
    }
}

fn at(nxt: u32, offset: i64) -> u32 {
    nxt.wrapping_add_signed(i32::try_from(offset).unwrap_or(0))
}

fn window(mut draw: Draw) -> Vec<Ask> {
    let ask = |nxt: u32, wnd: u32, offset: i64, len: u32| {
        let expected = is_acceptable(offset, len, wnd).into();
        let seq = at(nxt, offset);
        let arguments = [("nxt", nxt.into()), ("wnd", wnd.into()), ("seq", seq.into()), ("len", len.into())];
        asked("acceptable", arguments, expected, TABLE)
    };
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        let wnd = if nxt == 100 { 50 } else { 40 + below(&mut draw, 2000) };
        let end = i64::from(wnd);
        // The four rows of the table: no length and no window, no length, no window, both.
        asks.extend([0, 1, -1].map(|offset| ask(nxt, 0, offset, 0)));
        asks.extend([0, 1, end - 1, end, end + 1, -1].map(|offset| ask(nxt, wnd, offset, 0)));
        asks.extend([0, -1, 1, -5].map(|offset| ask(nxt, 0, offset, 10)));
        // A window of one is no closed window.
        asks.extend([(0, 1), (0, 2), (-1, 2), (1, 1), (-1, 1)].map(|(offset, len)| ask(nxt, 1, offset, len)));
        // A segment of ten that ends before the window, has its last byte in it, …, begins behind it.
        let borders = [0, 1, -1, -9, -10, -11, end - 1, end - 10, end - 9, end, end + 1];
        asks.extend(borders.map(|offset| ask(nxt, wnd, offset, 10)));
        asks.extend([0, -1, end - 1, end].map(|offset| ask(nxt, wnd, offset, 1)));
        for _ in 0..10 {
            let len = 1 + below(&mut draw, 30);
            let offset = i64::from(below(&mut draw, wnd + 80)) - 40;
            asks.push(ask(nxt, wnd, offset, len));
        }
    }
    asks
}

fn trim(mut draw: Draw) -> Vec<Ask> {
    let ask = |nxt: u32, wnd: u32, offset: i64, len: u32| {
        let inside: Vec<i64> =
            (offset..offset + i64::from(len)).filter(|number| (0..i64::from(wnd)).contains(number)).collect();
        let part = inside.first().map(|first| {
            let data = stream(at(nxt, *first), u32::try_from(inside.len()).unwrap_or(0));
            Value::record("part", [("seq", at(nxt, *first).into()), ("data", data.into())])
        });
        let seq = at(nxt, offset);
        let data = stream(seq, len).into();
        let arguments = [("nxt", nxt.into()), ("wnd", wnd.into()), ("seq", seq.into()), ("data", data)];
        asked("trim", arguments, part.unwrap_or(Value::Nothing), TRIMMED)
    };
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        let wnd = if nxt == 100 { 50 } else { 12 + below(&mut draw, 200) };
        let end = i64::from(wnd);
        // All of it, the front gone, the tail gone, both gone, nothing left.
        let borders =
            [(0, 4), (5, 4), (-1, 4), (-3, 4), (end - 4, 4), (end - 3, 4), (end - 1, 4), (-2, wnd + 5), (-4, 4)];
        asks.extend(borders.map(|(offset, len)| ask(nxt, wnd, offset, len)));
        asks.extend([(-9, 4), (end, 4), (end + 7, 4), (0, 0)].map(|(offset, len)| ask(nxt, wnd, offset, len)));
        asks.push(ask(nxt, 0, 0, 4));
        for _ in 0..6 {
            let (len, offset) = (1 + below(&mut draw, 20), i64::from(below(&mut draw, wnd + 40)) - 20);
            asks.push(ask(nxt, wnd, offset, len));
        }
    }
    asks
}

/// Segments, by where they begin behind RCV.NXT and how long they are, and what comes of each.
fn arrivals(nxt: u32, wnd: u32, segments: &[(i64, u32)], why: &'static str) -> Ask {
    let (mut come, mut next) = (BTreeSet::new(), 0_i64);
    let (mut asked_of, mut fields) = (vec![], vec![]);
    for (count, (offset, len)) in segments.iter().copied().enumerate() {
        let seq = at(nxt, offset);
        asked_of.push(Value::record("segment", [("seq", seq.into()), ("data", stream(seq, len).into())]));
        let is_acceptable = is_acceptable(offset - next, len, wnd);
        let window = next..next + i64::from(wnd);
        come.extend((offset..offset + i64::from(len)).filter(|number| window.contains(number)));
        let first = next;
        while come.contains(&next) {
            next += 1;
        }
        let bytes = stream(at(nxt, first), u32::try_from(next - first).unwrap_or(0));
        let ack = (len > 0 || !is_acceptable).then_some(at(nxt, next));
        fields.push((format!("bytes after segment {}", count + 1), bytes.into()));
        fields.push((format!("ack after segment {}", count + 1), ack.into()));
    }
    let expected = Value::Record("receiver".into(), fields);
    asked("arrive", [("nxt", nxt.into()), ("wnd", wnd.into()), ("segments", asked_of.into())], expected, why)
}

fn in_order(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        asks.push(arrivals(nxt, 50, &[(0, 4)], IN_ORDER));
        for count in 1..=5 {
            let (mut segments, mut offset) = (vec![], 0);
            for _ in 0..count {
                let len = 1 + below(&mut draw, 6);
                segments.push((offset, len));
                offset += i64::from(len);
            }
            asks.push(arrivals(nxt, 50, &segments, IN_ORDER));
        }
    }
    asks
}

/// The same in an order that is drawn.
fn shuffled<T>(draw: &mut Draw, mut all: Vec<T>) -> Vec<T> {
    (1..all.len()).rev().for_each(|last| all.swap(last, draw.index(last + 1)));
    all
}

fn hole(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        // One missing, two that wait for it, two holes, and closed from the back.
        let built: [&[(i64, u32)]; 5] = [
            &[(4, 4), (0, 4)],
            &[(4, 4), (8, 4), (0, 4)],
            &[(8, 4), (4, 4), (0, 4)],
            &[(4, 2), (9, 3), (0, 4), (6, 3)],
            &[(0, 2), (12, 2), (8, 2), (4, 2), (6, 2), (10, 2), (2, 2)],
        ];
        asks.extend(built.map(|segments| arrivals(nxt, 50, segments, HOLE)));
        for count in 3..=8 {
            let pieces = (0..count).map(|at| (at * 3, 3)).collect();
            let segments = shuffled(&mut draw, pieces);
            asks.push(arrivals(nxt, 50, &segments, HOLE));
        }
    }
    asks
}

fn overlap(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        let built: [&[(i64, u32)]; 6] = [
            // Sent again together with what follows.
            &[(0, 4), (0, 8)],
            &[(0, 6), (3, 6)],
            // Held, and come again with less of it; or a piece in the middle of it.
            &[(4, 8), (4, 2), (0, 4)],
            &[(4, 8), (6, 2), (0, 4)],
            // The hole is filled by more than fits in.
            &[(6, 4), (0, 8)],
            &[(4, 4), (10, 4), (2, 10), (0, 3)],
        ];
        asks.extend(built.map(|segments| arrivals(nxt, 50, segments, OVERLAP)));
        for _ in 0..6 {
            let mut segments: Vec<(i64, u32)> =
                (0..7).map(|_| (i64::from(below(&mut draw, 24)), 1 + below(&mut draw, 8))).collect();
            segments.push((0, 6));
            segments = shuffled(&mut draw, segments);
            // What is all old when it comes has a check of its own.
            let (mut come, mut next) = (BTreeSet::new(), 0);
            segments.retain(|(offset, len)| {
                let end = offset + i64::from(*len);
                let is_new = end > next;
                come.extend(*offset..end);
                while come.contains(&next) {
                    next += 1;
                }
                is_new
            });
            asks.push(arrivals(nxt, 50, &segments, OVERLAP));
        }
    }
    asks
}

fn answer(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for nxt in starts(&mut draw) {
        let why = |segments: &[(i64, u32)]| if segments.contains(&(4, 0)) { NO_ANSWER } else { NOT_ACCEPTABLE };
        let built: [&[(i64, u32)]; 7] = [
            // An acknowledgment without data.
            &[(0, 4), (4, 0)],
            // All of it came before; the answer to it was lost.
            &[(0, 4), (0, 4)],
            &[(0, 4), (4, 4), (1, 3)],
            // What asks whether somebody is there begins one before what is expected.
            &[(0, 4), (3, 0)],
            // Behind the window, empty or not.
            &[(0, 4), (54, 4)],
            &[(0, 4), (60, 0)],
            // More than the window takes.
            &[(0, 48), (48, 2), (100, 4)],
        ];
        asks.extend(built.map(|segments| arrivals(nxt, 50, segments, why(segments))));
        asks.push(arrivals(nxt, 6, &[(0, 6), (9, 8), (6, 3)], TRIMMED));
        for _ in 0..4 {
            let old = below(&mut draw, 8);
            let segments = [(0, 8), (i64::from(old), below(&mut draw, 9 - old)), (8, 0)];
            asks.push(arrivals(nxt, 50, &segments, NOT_ACCEPTABLE));
        }
    }
    asks
}

fn acknowledged(mut draw: Draw) -> Vec<Ask> {
    let ask = |una: u32, sent: u32, ack: i64| {
        let name = |name| Value::record(name, []);
        let said = match u32::try_from(ack) {
            Ok(count) if (1..=sent).contains(&count) => Value::record("New", [("count", count.into())]),
            Ok(count) if count > sent => name("NeverSent"),
            _ => name("Old"),
        };
        let arguments = [("una", una.into()), ("nxt", una.wrapping_add(sent).into()), ("ack", at(una, ack).into())];
        asked("acknowledged", arguments, said, ACK_FIELD)
    };
    let mut asks = vec![];
    for una in starts(&mut draw) {
        let sent = 20 + below(&mut draw, 1000);
        let end = i64::from(sent);
        asks.extend([10, 1, end, 0, -1, -20, end + 1, end + 500].map(|count| ask(una, sent, count)));
        asks.extend([0, 1, -1].map(|count| ask(una, 0, count)));
        asks.push(ask(una, sent, i64::from(below(&mut draw, 2 * sent))));
    }
    asks
}

fn mss(mut draw: Draw) -> Vec<Ask> {
    let ask = |options: Vec<u8>, size: Option<u16>| asked("mss", [("options", options.into())], size.into(), OPTIONS);
    let malformed = |options: Vec<u8>| Ask {
        function: "mss",
        arguments: vec![("options", options.into())],
        expected: Expected::Malformed,
        why: ILLEGAL,
    };
    let mut asks = vec![
        ask(vec![2, 4, 0x05, 0xb4], Some(1460)),
        ask(vec![], None),
        ask(vec![1, 1, 1, 0], None),
        ask(vec![1, 2, 4, 0x05, 0xb4, 1, 1, 0], Some(1460)),
        ask(vec![3, 3, 7, 2, 4, 0x02, 0x18], Some(536)),
        // The list has ended; what looks like an option is not one.
        ask(vec![0, 2, 4, 0x05], None),
        ask(vec![1, 0, 0, 2, 4, 0x05, 0xb4], None),
        // As Linux sends them: SACK permitted, timestamps, window scale.
        ask([&[4, 2, 8, 10][..], &[2, 4, 9, 9, 2, 4, 9, 9], &[1, 3, 3, 7]].concat(), None),
    ];
    for _ in 0..12 {
        let size = draw.word();
        let [high, low] = size.to_be_bytes();
        let mut options = vec![];
        for _ in 0..draw.index(4) {
            let len = draw.byte() % 8;
            let kind = 3 + draw.byte() % 200;
            options.extend([1, kind, 2 + len]);
            options.extend(draw.bytes(usize::from(len)));
        }
        let size = if draw.below(4) > 0 { Some(size) } else { None };
        if size.is_some() {
            options.extend([2, 4, high, low]);
        }
        asks.push(ask(options, size));
    }
    asks.extend([
        malformed(vec![2]),
        malformed(vec![2, 0]),
        malformed(vec![3, 1, 1]),
        malformed(vec![2, 4, 5]),
        malformed(vec![8, 10, 1, 1]),
        malformed(vec![1, 1, 8, 0, 2, 4, 0x05, 0xb4]),
        malformed(vec![1, 1, 5]),
    ]);
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    /// The table of RFC 9293 section 3.10.7.4 as it is printed, in numbers that are small enough.
    #[test]
    fn segments_are_acceptable_by_the_table_of_the_rfc() {
        let table = |nxt: i64, wnd: i64, seq: i64, len: i64| match (len, wnd) {
            (0, 0) => seq == nxt,
            (0, _) => nxt <= seq && seq < nxt + wnd,
            (_, 0) => false,
            _ => {
                let end = seq + len - 1;
                nxt <= seq && seq < nxt + wnd || nxt <= end && end < nxt + wnd
            }
        };
        for (offset, len, wnd) in
            (-12..20).flat_map(|offset| (0..6).flat_map(move |len| [0, 6, 9].map(move |wnd| (offset, len, wnd))))
        {
            let expected = table(1000, i64::from(wnd), 1000 + offset, i64::from(len));
            assert_eq!(is_acceptable(offset, len, wnd), expected, "{offset} {len} {wnd}");
        }
    }

    #[test]
    fn no_segment_is_asked_about_that_covers_more_than_the_window_at_both_ends() {
        // The table calls it not acceptable, and there is no agreement that it should be so.
        for ask in window(Draw::new(SEED, "window")) {
            let Value::Number(len) = ask.arguments[3].1 else { panic!("{ask:?}") };
            let Value::Number(wnd) = ask.arguments[1].1 else { panic!("{ask:?}") };
            assert!(wnd == 0 || len < wnd + 2, "{ask:?}");
        }
    }
}
