//! `tcp-echo bench`: the tables as they are read, and as literals the numbers that the course lives on.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use assert_cmd::Command;
use needs::document;
use serde_json::Value;

/// Runs `tcp-echo ARGS` and renders what a user meets.
fn tcp_echo(args: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    let output = command.env_clear().env("LC_ALL", "C.UTF-8").args(document::words(args)).output().expect("it starts");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ tcp-echo {args}\n{stdout}{stderr}exit {exit}\n")
}

fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| tcp_echo(args)).collect::<Vec<_>>().join("\n")
}

/// The rows of `tcp-echo bench --json ARGS`.
fn rows(args: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    let command = command.env_clear().args(["bench", "--json"]).args(document::words(args));
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// p50 in ms and the number of connections, of each row.
fn medians(rows: &[Value]) -> Vec<(u64, u64)> {
    let of = |row: &Value| (row["time"]["p50_ns"].as_u64().unwrap() / 1_000_000, row["opened"].as_u64().unwrap());
    rows.iter().map(of).collect()
}

fn cwnd(row: &Value) -> Vec<u64> {
    row["cwnd_bytes"].as_array().unwrap().iter().map(|bytes| bytes.as_u64().unwrap()).collect()
}

#[test]
fn connection_for_each_request_stands_beside_pools_that_are_warm_and_cold() {
    insta::assert_snapshot!(each(&["bench", "bench --cwnd --lazy --requests 10 --gap 2 --set \"link.delay=50 ms\""]));
}

#[test]
fn warm_connection_saves_the_handshake_and_slow_start_and_an_idle_one_the_handshake() {
    let rows = rows("--requests 20");
    // A round trip is 20 ms. New: handshake, request, and 50,000 bytes in windows of 10, 20 and 40 segments.
    assert_eq!(medians(&rows), [(80, 20), (20, 1), (20, 4), (80, 20), (60, 1), (60, 4)]);
    assert!(rows.iter().all(|row| row["rtt_ns"] == 20_000_000));
    let ten_segments = 14_600;
    assert_eq!(cwnd(&rows[0]), [ten_segments; 20]);
    let warm = cwnd(&rows[1]);
    assert!(warm[0] == ten_segments && warm[19] > 50_000 && warm.is_sorted(), "{warm:?}");
    assert_eq!(cwnd(&rows[4]), [ten_segments; 20], "after two idle seconds it is back at ten");
}

#[test]
fn small_answers_cost_two_round_trips_without_a_pool_and_one_with_it() {
    assert_eq!(medians(&rows("--requests 20 --gap 2 --size 100:1000")), [(40, 20), (20, 1), (20, 4)]);
    assert_eq!(
        medians(&rows("--requests 20 --gap 2 --size 100:1000 --set \"link.delay=75 ms\" --lazy")),
        [(300, 20), (150, 1)]
    );
}

#[test]
fn packets_are_those_of_the_handshake_the_data_and_the_close() {
    // SYN, SYN-ACK, ACK; the request and the answer, each with a quick ACK, as the connection is new; two FINs with an ACK each.
    let row = &rows("--requests 1 --gap 0 --size 100:1000 --lazy")[0];
    assert_eq!(row["packets"], 11);
    let (syns, bare, headers) = (2 * (14 + 20 + 28), 7 * 60, 14 + 40);
    assert_eq!(row["frame_bytes"], syns + bare + (headers + 100) + (headers + 1000));
}

#[test]
fn server_that_closes_what_is_idle_makes_each_request_pay_anew() {
    let seen = &rows("--requests 10 --gap 2 --server-idle 1 --lazy")[1];
    assert_eq!((&seen["closed_by_peer"], &seen["retried"]), (&Value::from(9), &Value::from(0)));
    assert_eq!(medians(std::slice::from_ref(seen)), [(80, 10)]);
    // The server's FIN and the request meet on the way: half a round trip later a RST says so.
    let crossed = &rows("--requests 10 --gap 2 --server-idle 2.05 --lazy")[1];
    assert_eq!((&crossed["closed_by_peer"], &crossed["retried"]), (&Value::from(0), &Value::from(9)));
    assert_eq!(medians(std::slice::from_ref(crossed)), [(90, 10)]);
    let own = &rows("--requests 10 --gap 2 --idle-timeout 1 --lazy")[1];
    assert_eq!((&own["expired"], &own["closed_by_peer"]), (&Value::from(9), &Value::from(0)));
    insta::assert_snapshot!(each(&[
        "bench --requests 10 --gap 2 --lazy --server-idle 1",
        "bench --requests 10 --gap 2 --lazy --server-idle 2.05",
        "bench --requests 10 --gap 2 --lazy --idle-timeout 1",
    ]));
}

#[test]
fn requests_that_find_no_free_connection_wait_for_one() {
    insta::assert_snapshot!(tcp_echo("bench --net transport --concurrency 8 --pool 2 --gap 0 --requests 80 b:22"));
}

#[test]
fn every_request_is_answered_over_a_bad_link() {
    let bent = "--set link.loss=2% --set link.duplicate=5% --set link.reorder=5% --set link.jitter=2ms";
    for seed in 1..=5 {
        for row in rows(&format!("--seed {seed} -W 300 --requests 20 --concurrency 4 --pool 2 --gap 0.3 {bent}")) {
            assert_eq!(row["cwnd_bytes"].as_array().unwrap().len(), 20, "seed {seed}: {row}");
        }
    }
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "bench --size 0",
        "bench --requests 0",
        "bench --gap x",
        "bench --net transport",
        "bench -e",
        "bench --server-idle 1 b:22",
        "bench --net transport b:9",
        "bench --net transport b:",
        "bench --net transport --size 100:2000 -W 3 b:22",
        "bench --net transport --size 2000:100 b:22",
        "bench --net transport b --also \"b: tcp-echo serve -q --abort-after 100\"",
    ]));
}

#[test]
fn answer_of_a_server_may_have_another_length_than_the_request() {
    insta::assert_snapshot!(each(&[
        "bench --net transport --size 100:20000 --lazy --requests 2 b --also \"b: tcp-echo serve --reads 100 --answer 20000 --idle-timeout 5\"",
        "serve --answer 10",
    ]));
}
