//! The numbers that the course lives on, as literals: no blessing of snapshots can change them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use assert_cmd::Command;
use needs::document;
use serde_json::Value;

/// The events that `tcp-echo --json ARGS` prints.
fn events(args: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    let output = command.env_clear().arg("--json").args(document::words(args)).output().expect("it starts");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Of one of its requests: bytes, milliseconds after the write, and the rule, of each segment in the order of the
/// writes.
fn segments(args: &str, request: u64) -> Vec<(u64, u64, String)> {
    let events = events(args);
    let request = events.iter().find(|event| event["number"] == request).unwrap();
    let writes = request["writes"].as_array().unwrap();
    let segments = writes.iter().flat_map(|write| write["segments"].as_array().unwrap());
    let seen = |segment: &Value| {
        let number = |field: &str| segment[field].as_u64().unwrap();
        (
            number("segment_bytes"),
            number("after_ns") / 1_000_000,
            segment["held"][0]["rule"].as_str().unwrap_or("").to_string(),
        )
    };
    segments.map(seen).collect()
}

fn at_once(bytes: u64) -> (u64, u64, String) {
    (bytes, 0, String::new())
}

fn by_nagle(bytes: u64, millis: u64) -> (u64, u64, String) {
    (bytes, millis, "nagle".into())
}

#[test]
fn of_500_and_960_the_960_wait_for_the_acknowledgment() {
    let sent = |options: &str| segments(&format!("send --net transport -c 1 --writes 500,960 {options} b:22"), 1);
    assert_eq!(sent(""), [at_once(500), by_nagle(960, 20)]);
    assert_eq!(sent("--nagle rfc"), [at_once(500), by_nagle(960, 20)]);
    assert_eq!(sent("--nodelay"), [at_once(500), at_once(960)]);
    assert_eq!(sent("--cork"), [at_once(1460), at_once(1460)], "both are parts of one segment");
}

#[test]
fn of_5000_bytes_620_are_held_by_section_3_7_4_and_none_by_minshall() {
    let sent = |nagle: &str| segments(&format!("send --net transport -c 1 --writes 5000 --nagle {nagle} b:22"), 1);
    let full = || vec![at_once(1460); 3];
    assert_eq!(sent("rfc"), [full(), vec![by_nagle(620, 20)]].concat());
    assert_eq!(sent("minshall"), [full(), vec![at_once(620)]].concat());
}

#[test]
fn standoff_is_a_round_trip_and_the_delay_of_the_acknowledgment() {
    for (options, first, second) in [
        ("", 20, 60),
        ("--ack-delay 0.2", 20, 220),
        ("--ack-delay 0.1", 20, 120),
        ("--quickack", 20, 60),
        ("--quickack=always", 20, 20),
        ("--quickack=off", 60, 60),
    ] {
        let send =
            format!("send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve --reads 1460 {options}\"");
        assert_eq!(segments(&send, 1), [at_once(500), by_nagle(960, first)], "1st, {options}");
        assert_eq!(segments(&send, 2), [at_once(500), by_nagle(960, second)], "2nd, {options}");
    }
}

#[test]
fn acknowledgment_that_is_delayed_too_long_comes_after_the_retransmission() {
    // RTO is the smoothed round trip time and 200 ms (Linux's least), so the 500 go again, and what comes twice is
    // acknowledged at once.
    let send =
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve --reads 1460 --ack-delay 0.499\"";
    assert_eq!(segments(send, 2), [at_once(500), (500, 235, String::new()), by_nagle(960, 255)]);
}

#[test]
fn states_of_a_simultaneous_close_are_the_rfcs() {
    let events = events("send --net transport -w 1 --states b --also \"b: tcp-echo serve -w 1\"");
    for end in ["own", "peer"] {
        let states = events.iter().filter(|event| event["end"] == end).map(|event| event["state"].as_str().unwrap());
        let mut states: Vec<&str> = states.skip(2).collect();
        states.dedup();
        assert!(
            states.ends_with(&["ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"]),
            "{end}: {states:?}"
        );
    }
}
