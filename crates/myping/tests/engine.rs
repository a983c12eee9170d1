//! The engine against a host that follows a script: every answer that a network can give, at the time that the test says.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod script;

use host::{Error, Guest, Packet, Time};
use myping::answer::Foreign;
use myping::engine::{self, FLOOD_GAP, LEAST_WAIT, Options, WAIT, Wait};
use script::{
    IDENTIFIER, RTT, STRANGER, Script, TARGET, counts, error, millis, options, packet, reply, run, run_until, script,
    words,
};
use std::rc::Rc;
use std::time::Duration;
use wire::icmp::{self, Echo};

#[test]
fn answer_is_told_with_its_own_round_trip_and_the_run_ends_with_the_last_one() {
    let told =
        run(&options(3), |n, sequence, data| Ok(vec![(if n == 1 { 2 * RTT } else { RTT }, reply(sequence, data))]));
    assert_eq!(told.events, ["reply 1 after 72 ms", "reply 2 after 36 ms", "reply 3 after 36 ms"]);
    assert_eq!((counts(&told.summary), told.ended), ((3, 3, 0), Time::START + millis(2036)));
    assert_eq!(told.summary.span, millis(2000));
}

#[test]
fn reply_from_another_host_or_to_another_program_is_ignored() {
    let told = run(&options(1), |_, sequence, data| {
        let theirs = Echo { identifier: IDENTIFIER + 1, sequence };
        Ok(vec![
            (millis(1), packet(STRANGER, reply(sequence, data).bytes)),
            (millis(2), packet(TARGET, icmp::echo_reply(theirs, data))),
            (millis(3), packet(TARGET, icmp::echo_request(IDENTIFIER, sequence, data))),
            (millis(4), reply(sequence + 1, data)),
            (millis(5), packet(TARGET, vec![0, 0])),
            (millis(6), reply(sequence, data)),
        ])
    });
    let foreign = [
        Foreign::OtherHost(STRANGER.into()),
        Foreign::OtherIdentifier(IDENTIFIER + 1),
        Foreign::OtherType(8),
        Foreign::NeverAsked(2),
    ];
    let foreign: Vec<String> = foreign.iter().map(|foreign| format!("foreign: {foreign}")).collect();
    assert_eq!(told.events[..4], foreign);
    assert_eq!(
        told.events[4..],
        ["foreign: a message was no ICMP: ICMP, byte 2: 4 bytes are needed, 2 are there", "reply 1 after 6 ms"]
    );
    assert_eq!(counts(&told.summary), (1, 1, 0));
}

#[test]
fn requests_leave_at_fixed_instants_whatever_the_answers_do() {
    let delays = [1, 900, 300, 999, 2_500, 10];
    let told =
        run(&options(6), move |n, sequence, data| Ok(vec![(millis(delays[n as usize - 1]), reply(sequence, data))]));
    let instants: Vec<Time> = (0..6).map(|n| Time::START + Duration::from_secs(n)).collect();
    assert_eq!(told.sent_at, instants);
    assert_eq!(told.events[4..], ["reply 6 after 10 ms", "reply 5 after 2500 ms"]);
}

#[test]
fn late_answer_goes_to_its_own_request_and_is_received() {
    let told = run(&Options { wait: Wait::For(millis(500)), ..options(2) }, |n, sequence, data| {
        Ok(vec![(if n == 1 { millis(1200) } else { RTT }, reply(sequence, data))])
    });
    assert_eq!(told.events, ["silence 1", "reply 2 after 36 ms", "late 1 after 1200 ms"]);
    assert_eq!((counts(&told.summary), told.summary.late), ((2, 2, 0), 1));
}

#[test]
fn second_answer_is_a_duplicate_and_not_received() {
    let told = run(&options(2), |_, sequence, data| {
        Ok(vec![(RTT, reply(sequence, data)), (2 * RTT, reply(sequence, data)), (3 * RTT, reply(sequence, data))])
    });
    assert_eq!(
        told.events,
        ["reply 1 after 36 ms", "duplicate 1 after 72 ms", "duplicate 1 after 108 ms", "reply 2 after 36 ms"]
    );
    assert_eq!((counts(&told.summary), told.summary.duplicates), ((2, 2, 0), 2));
}

#[test]
fn answers_with_other_or_fewer_bytes_are_told_apart() {
    let told = run(&options(3), |n, sequence, data| {
        let mut wrong = data.to_vec();
        wrong[16] ^= 1;
        Ok(vec![(RTT, reply(sequence, [&wrong, &data[..20], data][n as usize - 1]))])
    });
    assert_eq!(
        told.events,
        ["corrupt 1 after 36 ms: byte 16 is 17, not 16", "truncated 2 after 36 ms", "reply 3 after 36 ms"]
    );
    assert_eq!((told.summary.corrupted, told.summary.truncated, told.summary.received), (1, 1, 3));
}

#[test]
fn answer_whose_time_of_sending_lies_is_corrupt_and_its_round_trip_is_ours() {
    let told = run(&options(1), |_, sequence, data| {
        let lie = [&u64::MAX.to_be_bytes(), &data[8..]].concat();
        Ok(vec![(RTT, reply(sequence, &lie))])
    });
    assert_eq!(told.events, ["corrupt 1 after 36 ms: byte 0 is 255, not 0"]);
}

#[test]
fn request_that_an_error_answers_is_not_awaited() {
    let told = run(&options(2), |_, sequence, data| Ok(vec![(RTT, error(3, 1, sequence, &data[..0]))]));
    assert_eq!(told.events, ["trouble 1: 1 from 192.168.1.100", "trouble 2: 1 from 192.168.1.100"]);
    assert_eq!((counts(&told.summary), told.summary.errors), ((2, 0, 2), 2));
    assert_eq!(told.ended, Time::START + millis(1036));
}

#[test]
fn answer_that_comes_after_an_error_is_received_nevertheless() {
    let told = run(&options(2), |_, sequence, data| {
        Ok(vec![
            (millis(1), error(3, 1, sequence, data)),
            (RTT, reply(sequence, data)),
            (2 * RTT, reply(sequence, data)),
        ])
    });
    assert_eq!(
        told.events,
        [
            "trouble 1: 1 from 192.168.1.100",
            "reply 1 after 36 ms",
            "duplicate 1 after 72 ms",
            "trouble 2: 1 from 192.168.1.100"
        ]
    );
    assert_eq!((counts(&told.summary), told.summary.errors, told.summary.duplicates), ((2, 1, 1), 2, 1));
}

#[test]
fn redirect_leaves_the_request_alive() {
    let told = run(&options(1), |_, sequence, data| {
        Ok(vec![(millis(1), error(icmp::REDIRECT, 1, sequence, data)), (RTT, reply(sequence, data))])
    });
    assert_eq!(told.events, ["advice 1: 1 from 192.168.1.100", "reply 1 after 36 ms"]);
    assert_eq!((counts(&told.summary), told.summary.errors), ((1, 1, 0), 0));
}

#[test]
fn error_about_a_packet_of_another_program_is_ignored() {
    let told = run(&options(1), |_, sequence, data| {
        let quote = icmp::echo_request(IDENTIFIER + 1, sequence, data);
        let theirs = Packet { bytes: quote, ..error(3, 1, sequence, data) };
        let short = Packet { bytes: vec![8, 0, 0], ..error(3, 1, sequence, data) };
        Ok(vec![(millis(1), theirs), (millis(2), short), (RTT, reply(sequence, data))])
    });
    assert_eq!(told.events.last().unwrap(), "reply 1 after 36 ms");
    assert_eq!((told.events.len(), told.summary.errors, told.summary.received), (3, 0, 1));
}

#[test]
fn request_that_cannot_leave_is_an_error_and_the_next_one_is_tried() {
    let told = run(&options(2), |n, sequence, data| match n {
        1 => Err(Error::TooLong { have: 1501, most: 1500 }),
        _ => Ok(vec![(RTT, reply(sequence, data))]),
    });
    assert_eq!(told.events, ["unsent 1: message too long: 1501 bytes, and 1500 is the most", "reply 2 after 36 ms"]);
    assert_eq!((counts(&told.summary), told.summary.errors), ((2, 1, 1), 1));
}

#[test]
fn missing_permission_ends_the_run_with_its_reason() {
    let answer = |_, _, _: &_| Err(Error::NoPermission { what: "send".into(), needs: "CAP_NET_RAW".into() });
    let mut host = Guest::new(script(answer, &Rc::default()));
    let failed = engine::ping::<Error>(&mut host, TARGET.into(), &options(2), &mut |_| Ok(()));
    assert!(matches!(failed, Err(Error::NoPermission { .. })));
}

#[test]
fn silence_ends_after_ten_seconds_or_after_a_second_once_the_round_trip_is_known() {
    let silent = run(&options(1), |_, _, _| Ok(vec![]));
    assert_eq!((silent.events, silent.ended), (vec!["silence 1".to_string()], Time::START + WAIT));
    let last_one =
        run(&options(2), |n, sequence, data| Ok(Vec::from_iter((n == 1).then(|| (RTT, reply(sequence, data))))));
    assert_eq!(last_one.events, ["reply 1 after 36 ms", "silence 2"]);
    assert_eq!(last_one.ended, Time::START + Duration::from_secs(1) + LEAST_WAIT);
}

#[test]
fn endless_wait_ends_when_nothing_more_can_happen() {
    let told = run(&Options { wait: Wait::Endless, ..options(2) }, |n, sequence, data| {
        Ok(Vec::from_iter((n == 1).then(|| (Duration::from_secs(60), reply(sequence, data)))))
    });
    assert_eq!(told.events, ["reply 1 after 60000 ms", "silence 2"]);
}

#[test]
fn flood_sends_as_answers_come_and_a_hundred_a_second_into_silence() {
    let flood = Options { interval: Duration::ZERO, ..options(4) };
    let told = run(&flood, |n, sequence, data| Ok(Vec::from_iter((n < 3).then(|| (millis(2), reply(sequence, data))))));
    let gaps: Vec<Duration> = told.sent_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps, [millis(2), millis(2), FLOOD_GAP]);
}

#[test]
fn instants_that_a_busy_host_missed_are_not_made_up_for_by_a_burst() {
    let log = Rc::default();
    let answer = |_, sequence, data: &_| Ok(vec![(millis(1), reply(sequence, data))]);
    let script = Script { stall: (2, millis(55)), ..script(answer, &log) };
    let options = Options { interval: millis(10), ..options(4) };
    engine::ping::<Error>(&mut Guest::new(script), TARGET.into(), &options, &mut |_| Ok(())).unwrap();
    assert_eq!(log.take(), [0, 10, 65, 70].map(|at| Time::START + millis(at)));
}

#[test]
fn sequence_number_wraps_without_a_false_duplicate() {
    let told = run(&Options { interval: millis(1), ..options(70_000) }, |n, sequence, data| {
        assert_eq!(u64::from(sequence), n % 65_536);
        Ok(vec![(2 * RTT, reply(sequence, data))])
    });
    assert_eq!((counts(&told.summary), told.summary.duplicates), ((70_000, 70_000, 0), 0));
    // The run ends with the first answer to the last request.
    let twice = run(&Options { interval: millis(1), ..options(70_000) }, |_, sequence, data| {
        Ok(vec![(RTT, reply(sequence, data)), (RTT, reply(sequence, data))])
    });
    assert_eq!((counts(&twice.summary), twice.summary.duplicates), ((70_000, 70_000, 0), 69_999));
}

#[test]
fn sequence_number_is_not_used_again_while_its_answer_is_awaited() {
    let options = Options { interval: Duration::from_nanos(100), ..options(70_000) };
    let told = run(&options, |_, sequence, data| Ok(vec![(2 * RTT, reply(sequence, data))]));
    assert_eq!((counts(&told.summary), told.summary.duplicates), ((70_000, 70_000, 0), 0));
    let silent = run(&options, |_, _, _| Ok(vec![]));
    assert_eq!(silent.sent_at[65_536], Time::START + WAIT);
    assert_eq!((counts(&silent.summary), silent.events.len()), ((70_000, 0, 70_000), 70_000));
}

#[test]
fn living_host_is_not_told_lost_for_any_flags() {
    let waits = [Wait::Usual, Wait::For(Duration::from_nanos(1)), Wait::For(millis(50)), Wait::Endless];
    for rtt in [Duration::from_micros(10), millis(72), millis(990)] {
        for interval in [0, 1, 1_000_000, 1_000_000_000].map(Duration::from_nanos) {
            for wait in waits {
                for count in [1, 4, 300] {
                    let options = Options { interval, wait, ..options(count) };
                    let told = run(&options, move |_, sequence, data| Ok(vec![(rtt, reply(sequence, data))]));
                    assert_eq!(counts(&told.summary), (count, count, 0), "rtt {rtt:?}, {options:?}");
                }
                for deadline in [1, 10, 990, 1_000, 5_000].map(millis) {
                    let options = Options { count: None, interval, wait, deadline: Some(deadline), ..options(0) };
                    // What is shorter than a microsecond would send too many for a test.
                    if interval != Duration::from_nanos(1) && (rtt > millis(1) || !interval.is_zero()) {
                        let told = run(&options, move |_, sequence, data| Ok(vec![(rtt, reply(sequence, data))]));
                        assert_eq!(told.summary.lost(), 0, "rtt {rtt:?}, {options:?}");
                        assert!(told.ended <= Time::START + deadline);
                    }
                }
            }
        }
    }
}

#[test]
fn answers_that_lay_in_the_socket_while_the_machine_was_busy_came_in_time() {
    for (deadline, wait) in [(None, Wait::For(millis(500))), (Some(millis(1_500)), Wait::Usual)] {
        let answer = |_, sequence, data: &_| Ok(vec![(millis(1), reply(sequence, data))]);
        let script = Script { stall: (2, Duration::from_secs(60)), ..script(answer, &Rc::default()) };
        let options = Options { wait, deadline, ..options(2) };
        let mut events = vec![];
        let summary = engine::ping::<Error>(&mut Guest::new(script), TARGET.into(), &options, &mut |event| {
            events.extend(words(event));
            Ok(())
        });
        assert_eq!(events, ["reply 1 after 1 ms", "reply 2 after 1 ms"]);
        assert_eq!(counts(&summary.unwrap()), (2, 2, 0));
    }
}

#[test]
fn request_that_is_pending_is_not_told_silent() {
    let at = Time::START + millis(2_020);
    let told = run_until(at, &Options { interval: millis(10), ..options(1000) }, |n, sequence, data| {
        Ok(Vec::from_iter((n != 2 && n != 198).then(|| (RTT, reply(sequence, data)))))
    });
    // 200 to 202 are on their way, and so is 198 for all that can be known; only 2 had its time.
    assert_eq!(told.events.iter().filter(|event| event.starts_with("silence")).collect::<Vec<_>>(), ["silence 2"]);
    assert_eq!((told.summary.pending, told.summary.lost()), (4, 1));
}

#[test]
fn deadline_holds_against_a_host_that_answers_without_end() {
    let told = run(&Options { deadline: Some(millis(1_000)), count: None, ..options(0) }, |n, sequence, data| {
        let without_end = (1..30_000).map(|n| (Duration::from_micros(n * 100), reply(sequence, data)));
        Ok(if n == 1 { without_end.collect() } else { vec![] })
    });
    assert!(told.ended <= Time::START + millis(1_001), "{:?}", told.ended);
}

#[test]
fn interrupt_ends_with_what_is_known_and_calls_the_young_pending() {
    let at = Time::START + millis(2_020);
    let told = run_until(at, &options(10), |_, sequence, data| Ok(vec![(RTT, reply(sequence, data))]));
    assert_eq!((counts(&told.summary), told.summary.pending, told.ended), ((3, 2, 0), 1, at));
    let silent = run_until(at, &options(10), |_, _, _| Ok(vec![]));
    assert_eq!(silent.events, ["silence 1", "silence 2"]);
    assert_eq!((counts(&silent.summary), silent.summary.pending), ((3, 0, 2), 1));
}

#[test]
fn deadline_ends_a_run_whatever_came_and_the_first_error_does_too() {
    let with = |deadline| Options { deadline: Some(millis(deadline)), ..options(3) };
    // As iputils' ping: with a deadline, requests leave until so many are answered.
    let told =
        run(&with(9_500), |n, sequence, data| Ok(Vec::from_iter((n % 2 == 0).then(|| (RTT, reply(sequence, data))))));
    assert_eq!((counts(&told.summary), told.ended), ((6, 3, 3), Time::START + millis(5_036)));
    let told = run(&with(1_500), |_, sequence, data| Ok(vec![(RTT, reply(sequence, data))]));
    assert_eq!((counts(&told.summary), told.ended), ((2, 2, 0), Time::START + millis(1_500)));
    let told = run(&with(9_500), |_, sequence, data| Ok(vec![(RTT, error(3, 1, sequence, data))]));
    assert_eq!((told.summary.sent, told.summary.errors), (1, 1));
    // Those that come together are all told.
    let told = run(&with(9_500), |n, sequence, data| {
        Ok(vec![(Duration::from_secs(4 - n.min(3)), error(3, 1, sequence, data))])
    });
    assert_eq!((told.summary.sent, told.summary.errors, told.summary.pending), (3, 3, 0));
}

#[test]
fn pipe_counts_the_requests_on_their_way() {
    let told = run(&Options { interval: millis(10), ..options(20) }, |_, sequence, data| {
        Ok(vec![(RTT, reply(sequence, data))])
    });
    assert_eq!(told.summary.pipe, 4);
}
