//! How long small writes wait, and why: exact, as time is virtual. One way of the link takes 10 ms.

use crate::pair::Pair;
use host::{Nagle, Time};
use std::ops::Range;
use std::time::Duration;
use tcp::{Config, Departure, Held, Rule, Segment, Seq, State};

const MS: fn(u64) -> Time = |ms| Time(ms * 1_000_000);

/// Four requests of two small writes each, and how long each waits for its answer, in milliseconds. `cork`: the client
/// corks the connection around its two writes. `quick_ack`: the server asks for quick acknowledgments before every
/// read.
fn exchanges(client: &Config, server: &Config, cork: bool, quick_ack: bool) -> [u64; 4] {
    let mut pair = Pair::established(client.clone(), server);
    [(); 4].map(|()| {
        let since = pair.now;
        pair.ends[0].set_cork(cork);
        pair.write(0, b"head");
        pair.write(0, b"body");
        pair.ends[0].set_cork(false);
        if quick_ack {
            pair.ends[1].set_quick_ack(true);
        }
        pair.take(1, 8);
        pair.write(1, b"done");
        pair.take(0, 4);
        pair.milliseconds(since)
    })
}

/// Round trips of 20 ms: one is the least; two where the second write waits for a quick acknowledgment; and where it
/// waits for a delayed one, as much more as that is delayed.
#[test]
fn second_small_write_waits_exactly_as_long_as_the_acknowledgment_is_delayed() {
    let linux = Config::default();
    let nagle = |nagle| Config { nagle, ..Config::default() };
    let at_once_delayed = Config { quick_acks: 0, ..Config::default() };
    let longer = Config { ack_delay: Duration::from_millis(123), ..Config::default() };

    assert_eq!(exchanges(&linux, &linux, false, false), [40, 80, 80, 80], "the first exchange shows nothing");
    assert_eq!(exchanges(&nagle(Nagle::Rfc896), &linux, false, false), [40, 80, 80, 80], "both rules");
    assert_eq!(exchanges(&linux, &at_once_delayed, false, false), [80, 80, 80, 80], "no quick start");
    assert_eq!(exchanges(&linux, &longer, false, false), [40, 163, 163, 163], "the server's delay, not the client's");
    assert_eq!(exchanges(&longer, &linux, false, false), [40, 80, 80, 80], "the server's delay, not the client's");
    assert_eq!(exchanges(&nagle(Nagle::Off), &linux, false, false), [20, 20, 20, 20], "no Nagle");
    assert_eq!(exchanges(&linux, &linux, true, false), [20, 20, 20, 20], "one segment");
    assert_eq!(exchanges(&linux, &linux, false, true), [40, 40, 40, 40], "quick again before every read");
}

/// When a segment left, its bytes, and what had held them since when; times in milliseconds.
type Left = (u64, Range<u64>, Vec<(Rule, u64)>);

/// The segments with data that left for these writes, one behind the other.
fn departures(nagle: Nagle, writes: &[usize]) -> Vec<Left> {
    let client = Config { nagle, record: true, ..Config::default() };
    let server = Config { quick_acks: 0, ..Config::default() };
    let mut pair = Pair::established(client, &server);
    assert_eq!(pair.now, MS(20));
    writes.iter().for_each(|count| pair.write(0, &vec![7; *count]));
    pair.take(1, writes.iter().sum());
    let of = |held: &Held| (held.rule, held.since.0 / 1_000_000);
    let shown = |left: Departure| (left.at.0 / 1_000_000, left.bytes, left.held.iter().map(of).collect());
    pair.ends[0].take_departures().into_iter().map(shown).collect()
}

#[test]
fn writes_of_500_and_960_bytes_are_two_segments_and_the_second_waits_for_the_acknowledgment() {
    for rule in [Nagle::Rfc896, Nagle::Minshall] {
        // At 30 ms it arrives, at 70 the delayed acknowledgment leaves, at 80 that arrives.
        assert_eq!(departures(rule, &[500, 960]), [(20, 0..500, vec![]), (80, 500..1460, vec![(Rule::Nagle, 20)])]);
    }
    assert_eq!(departures(Nagle::Off, &[500, 960]), [(20, 0..500, vec![]), (20, 500..1460, vec![])]);
}

#[test]
fn last_620_of_5000_bytes_wait_by_the_rfc_and_not_by_minshall() {
    let full = |number: u64| (20, number * 1460..(number + 1) * 1460, vec![]);
    // The second full segment is acknowledged at once, the third waits with its acknowledgment as long as that is
    // delayed.
    let waits = departures(Nagle::Rfc896, &[5000]);
    assert_eq!(waits, [full(0), full(1), full(2), (80, 4380..5000, vec![(Rule::Nagle, 20)])]);
    let leaves = departures(Nagle::Minshall, &[5000]);
    assert_eq!(leaves, [full(0), full(1), full(2), (20, 4380..5000, vec![])]);
}

/// What was measured on Linux, against a server that delays acknowledgments, over a link without delay: there "at
/// once", "as soon as the next acknowledgment is there", and "when the delayed one is there". Here these are 20, 40 and
/// 80 ms.
#[test]
fn patterns_of_writes_wait_as_they_do_on_linux() {
    for (writes, last) in [
        (&[5000][..], 20),
        (&[500, 1460], 20),
        (&[1460, 1], 20),
        (&[1461, 1], 40),
        (&[500, 5000], 40),
        (&[5000, 300], 40),
        (&[4, 4], 80),
        (&[4, 4, 4], 80),
        (&[500, 960], 80),
    ] {
        let left = departures(Nagle::Minshall, writes);
        assert_eq!(left.last().map(|(at, ..)| *at), Some(last), "{writes:?}: {left:?}");
    }
    assert_eq!(departures(Nagle::Minshall, &[4, 4, 4]).len(), 2, "what waits goes in one segment");
}

#[test]
fn large_write_is_held_by_the_congestion_window_and_leaves_as_it_doubles() {
    let left = departures(Nagle::Minshall, &[40 * 1460]);
    let at = |ms| left.iter().filter(|(at, ..)| *at == ms).count();
    // Ten segments; then two acknowledged and three sent, for each of five acknowledgments.
    assert_eq!((at(20), at(40), at(60)), (10, 15, 15));
    assert!(left.iter().skip(10).all(|(_, _, held)| held.iter().all(|(rule, _)| *rule == Rule::CongestionWindow)));
}

#[test]
fn time_wait_ends_early_for_a_syn_that_is_newer_and_for_no_other() {
    let mut pair = Pair::established(Config::default(), &Config::default());
    pair.ends[0].close();
    pair.pass(Duration::from_millis(50));
    pair.ends[1].close();
    pair.pass(Duration::from_millis(50));
    assert_eq!(pair.ends.each_ref().map(tcp::Connection::state), [State::TimeWait, State::Closed]);
    let (info, syn) = (pair.ends[0].info(), |seq| Segment { seq, syn: true, ..Segment::default() });
    assert_eq!(pair.ends[0].gives_way_to(&syn(info.rcv_nxt + 1)), Some(info.snd_nxt + 1));
    assert_eq!(pair.ends[0].gives_way_to(&syn(info.rcv_nxt - 1)), None);
    assert_eq!(pair.ends[0].gives_way_to(&Segment { ack: Some(Seq(1)), ..syn(info.rcv_nxt + 1) }), None);
    pair.pass(Duration::from_secs(61));
    assert_eq!(pair.ends[0].gives_way_to(&syn(info.rcv_nxt + 1)), None);
}

#[test]
fn idle_connection_costs_less_than_six_kilobytes() {
    let mut pair = Pair::established(Config::default(), &Config::default());
    pair.write(0, &[7; 100_000]);
    pair.take(1, 100_000);
    // 10,000 of them in 64 MiB: two buffers of 2048 bytes at the most, and what the struct itself takes.
    assert!(size_of::<tcp::Connection>() + 2 * 2048 < 6000, "{}", size_of::<tcp::Connection>());
}
