//! Lab 14's second half: when an acknowledgment leaves.

use super::model::{Heard, Receiver, Threshold};
use super::{MSS, listed, ms, of_name, word};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;

const SECOND: &str =
    "RFC 9293 section 3.8.6.3: an ACK for at least every second full segment or 2*RMSS bytes of new data";
const SOONER: &str = "RFC 9293 section 3.8.6.3 says at least; Linux acknowledges more bytes than one full segment has";
const DELAY: &str =
    "RFC 9293 section 3.8.6.3, MUST-40: the delay, from the first byte that waits, is less than 0.5 seconds";
const QUICK: &str =
    "no RFC: Linux begins with ACKs at once; the program's first answer has the ACK in it, and ends that";

/// A receiver, as it is asked about.
#[derive(Clone, Copy)]
struct End {
    threshold: Threshold,
    delay: u64,
    quick: u32,
}

const SLOW: End = End { threshold: Threshold::TwoFull, delay: 40, quick: 0 };

fn acknowledged(end: End, events: &[(u64, Heard)], why: &'static str) -> Ask {
    let mut receiver = Receiver::new(MSS, end.threshold, end.delay, end.quick);
    for (at, heard) in events {
        receiver.pass(*at);
        receiver.hear(*at, *heard);
    }
    receiver.pass(u64::MAX);
    let text = events.iter().map(|(at, heard)| match heard {
        Heard::Data(length) => format!("{at} data {length}"),
        Heard::Answer => format!("{at} answer"),
    });
    let arguments = vec![
        ("rmss", MSS.into()),
        ("threshold", of_name(&end.threshold)),
        ("delay", ms(end.delay)),
        ("quick", end.quick.into()),
        ("events", word(&text.collect::<Vec<_>>().join(", "))),
    ];
    let acks = receiver.acks.iter().map(|(at, up_to)| format!("{up_to} at {at} ms"));
    Ask { function: "acks", arguments, expected: listed("acks", "ACK", acks), why }
}

/// Data that comes after `gaps` that are drawn, and so many answers in four events.
fn arrivals(draw: &mut Draw, answers: u64, gaps: &[u64]) -> Vec<(u64, Heard)> {
    let mut now = 0;
    let mut events = vec![];
    for at in 0..2 + draw.index(6) {
        let lengths = [1, 4, 500, MSS - 1, MSS, MSS, MSS];
        let length = lengths.get(draw.index(lengths.len())).copied().unwrap_or(MSS);
        let is_answer = at > 0 && draw.below(4) < answers;
        events.push((now, if is_answer { Heard::Answer } else { Heard::Data(length) }));
        now += gaps.get(draw.index(gaps.len())).copied().unwrap_or(0);
    }
    events
}

pub(super) fn second(mut draw: Draw) -> Vec<Ask> {
    let data = |lengths: &[u64]| lengths.iter().map(|length| (0, Heard::Data(*length))).collect::<Vec<_>>();
    let patterns = [
        data(&[1]),
        data(&[MSS, MSS]),
        data(&[MSS, MSS, MSS, 620]),
        data(&[500, 960]),
        data(&[MSS, 1]),
        data(&[MSS, MSS - 1]),
        data(&[730, 730, 730, 730]),
        data(&[4, 4, 4, 4]),
        data(&[MSS, MSS, MSS, MSS, MSS]),
    ];
    let drawn = (0..20).map(|_| arrivals(&mut draw, 0, &[0, 0, 90])).collect::<Vec<_>>();
    let mut asks = vec![];
    for events in patterns.iter().chain(&drawn) {
        asks.push(acknowledged(SLOW, events, SECOND));
        asks.push(acknowledged(End { threshold: Threshold::MoreThanOne, ..SLOW }, events, SOONER));
    }
    asks
}

pub(super) fn delay(mut draw: Draw) -> Vec<Ask> {
    let data = |at: u64| (at, Heard::Data(4));
    let mut asks = vec![];
    for delay in [40, 1, 200, 499, 500, 501, 3000, 1 + draw.below(498)] {
        let end = End { delay, ..SLOW };
        asks.push(acknowledged(end, &[data(0)], DELAY));
        // From the first one on, whatever follows it.
        asks.push(acknowledged(end, &[data(7), data(7 + delay.min(499) / 2)], DELAY));
        asks.push(acknowledged(end, &[data(0), data(600), data(1300)], DELAY));
        asks.push(acknowledged(end, &[(0, Heard::Data(MSS)), (0, Heard::Data(MSS)), data(0)], DELAY));
    }
    asks
}

pub(super) fn quick(mut draw: Draw) -> Vec<Ask> {
    let data = |at: u64| (at, Heard::Data(4));
    let mut asks = vec![];
    for quick in [0, 1, 2, 16] {
        let end = End { threshold: Threshold::MoreThanOne, quick, ..SLOW };
        asks.push(acknowledged(end, &[data(0)], QUICK));
        asks.push(acknowledged(end, &[data(0), data(1), data(2), data(3)], QUICK));
        asks.push(acknowledged(end, &[data(0), (0, Heard::Answer), data(50), data(51)], QUICK));
        asks.push(acknowledged(end, &[data(0), data(100), (110, Heard::Answer), data(120)], QUICK));
        asks.push(acknowledged(end, &[(0, Heard::Answer), data(10)], QUICK));
        for _ in 0..5 {
            let events = arrivals(&mut draw, 1, &[0, 1, 7, 90]);
            asks.push(acknowledged(end, &events, QUICK));
        }
    }
    asks
}
