//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! What the numbers must be is said by the networks (testdata/nets: 10 ms one way) and by TCP, and was checked by hand
//! when a snapshot was made; those that the course lives on stand as literals in `numbers.rs` too.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use assert_cmd::Command;
use needs::document;
use std::collections::BTreeSet;
use std::process::Output;

/// Runs `tcp-echo ARGS` with an empty environment but for UTF-8; double quotes hold words together.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    command.env_clear().env("LC_ALL", "C.UTF-8").current_dir(&directory);
    command.args(document::words(args)).output().expect("it starts")
}

/// Runs `tcp-echo ARGS` and renders what a user meets.
fn tcp_echo(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ tcp-echo {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| tcp_echo(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn small_write_behind_another_waits_for_the_acknowledgment() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 --writes 500,960 b:22",
        "send --net transport -c 1 --writes 500,960 --nodelay b:22",
        "send --net transport -c 1 --writes 500,960 --cork b:22",
        "send --net transport -c 1 --writes 500,1460 b:22",
        "send --net transport -c 1 --writes 4,4,4 b:22",
    ]));
}

#[test]
fn tail_of_a_large_write_waits_by_the_rfc_and_not_by_minshall() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 --writes 5000 --nagle rfc b:22",
        "send --net transport -c 1 --writes 5000 --nagle minshall b:22",
        "send --net transport -c 1 --writes 200000 b:22",
    ]));
}

#[test]
fn standoff_lasts_as_long_as_the_acknowledgment_is_delayed() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve -q --reads 1460\"",
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve -q --reads 1460 --ack-delay 0.2\"",
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve -q --reads 1460 --quickack\"",
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve -q --reads 1460 --quickack=always\"",
        "send --net transport -c 2 --writes 500,960 b --also \"b: tcp-echo serve -q --reads 1460 --quickack=off\"",
    ]));
}

#[test]
fn matrix_has_a_sentence_for_each_cell() {
    insta::assert_snapshot!(each(&["matrix", "matrix --writes 500,1460 --ack-delay 0.2 --set \"link.delay=50 ms\""]));
}

#[test]
fn states_of_both_ends_stand_beside_the_segments() {
    let ladders = each(&[
        "send --net transport -q -c 1 --states b:22",
        "send --net transport -q -c 1 --states --ascii b:22",
        "send --net transport -q -c 1 --states --half-close b:22",
        "send --net transport -q -c 1 --states --abort b:22",
        "send --net transport -q -w 1 --states b --also \"b: tcp-echo serve -q -w 1\"",
        "send --net transport -q --states b --also \"b: tcp-echo serve -q --abort-after 20\"",
        "send --net transport -q --states b --also \"b: tcp-echo serve -q -w 0.5\"",
        "send --net transport -q --states b:9",
        "send --net transport -q -c 1 --states b:22 --fault \"lose the third tcp on link\"",
    ]);
    for line in ladders.lines().filter(|line| line.contains('►') || line.contains('◄') || line.contains('×')) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(ladders);
}

#[test]
fn each_segment_is_explained_byte_by_byte() {
    let pictures = each(&[
        "send --net transport -c 1 -e b:22",
        "send --net transport -c 1 -e --writes 20 --fault \"lose the first data segment a>b\" b:22",
        "send --net transport -e b:9",
        "serve --net transport --at b -c 1 -e --also \"a: tcp-echo send -q -c 1 --abort b\"",
    ]);
    for line in pictures.lines().filter(|line| !line.starts_with("note:")) {
        assert!(line.chars().count() <= 80 || line.starts_with('$'), "{line}");
    }
    insta::assert_snapshot!(pictures);
}

#[test]
fn both_ends_of_a_connection_may_be_asked_about_it() {
    // Each tells what it saw itself: neither takes from the other what that has not told yet.
    let rows = |arrow: &str, output: &str| output.lines().filter(|line| line.contains(arrow)).count();
    let alone = tcp_echo("serve --net transport --at b -e --also \"a: tcp-echo send -q -c 2 b\"");
    let both = tcp_echo("serve --net transport --at b -e --also \"a: tcp-echo send -q -c 2 --states b\"");
    let drawn = |output: &str| {
        let lines = output.lines().filter(|line| !line.contains(" | ")).filter(|line| line.contains(" segment "));
        lines.filter(|line| line.starts_with(['→', '←'])).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(drawn(&alone), drawn(&both));
    assert_eq!(drawn(&alone).len(), 14, "{alone}");
    let ladder = tcp_echo("send --net transport -q -c 2 --states b --also \"b: tcp-echo serve -q -e\"");
    assert_eq!(rows("►", &ladder) + rows("◄", &ladder), 14, "{ladder}");
    assert_eq!(rows("×", &ladder), 0, "{ladder}");
}

#[test]
fn segment_that_was_lost_is_marked_and_no_other() {
    // What is sent again looks like what was lost, and arrives.
    let lost = |words: &str, fault: &str| {
        let ladder =
            tcp_echo(&format!("send --net transport -q -c 1 --states --ascii b:22 --fault \"lose the first {fault}\""));
        let rows = ladder.lines().filter(|line| line.contains(words));
        let marks: Vec<bool> = rows.map(|row| row.contains("-x") || row.contains(" x-")).collect();
        assert_eq!(marks, [true, false], "{fault}\n{ladder}");
        let all = ladder.lines().filter(|row| row.contains("-x") || row.contains(" x-")).count();
        assert_eq!(all, 1, "{fault}\n{ladder}");
    };
    lost(" SYN 0 -", "syn a>b");
    lost(" PSH 1:57 ack 1 -", "data segment a>b");
    lost(" FIN 57 ack 57 -", "fin a>b");
    lost("- FIN 57 ack 58 ", "fin b>a");
}

#[test]
fn no_connection_has_a_sentence_for_each_reason() {
    insta::assert_snapshot!(each(&[
        "send --net transport b:9",
        "send --net transport 10.0.0.9",
        "send --net routers 192.168.10.22:53",
        "send --net routers 192.168.99.1",
        "send --net transport -W 3 --fault \"drop tcp at b\" b:22",
        "send --net transport -W 200 --fault \"drop tcp at b\" b:22",
    ]));
}

#[test]
fn connection_that_ends_too_early_has_a_sentence_for_each_reason() {
    insta::assert_snapshot!(each(&[
        "send --net transport b --also \"b: tcp-echo serve -q --abort-after 20\"",
        "send --net transport b --also \"b: tcp-echo serve -q -w 0.5\"",
        "send --net transport -W 2 --writes 10 b --also \"b: tcp-echo serve -q --reads 20\"",
        "send --net transport -W 3 --writes 400000 --fault \"at 70 ms link down\" b:22",
        "send --net transport -W 3000 --fault \"at 70 ms drop tcp at b\" b:22",
        "send --net transport -W 3000 --fault \"at 70 ms link down\" b:22",
        "send --net transport b --also \"b: tcp-echo serve -q --abort-after 0\"",
        "send --net lan host3:8080",
        "send --net mtu -W 2 server:9",
    ]));
}

#[test]
fn serving_tells_connections_and_how_they_ended() {
    insta::assert_snapshot!(each(&[
        "serve --net transport --at b --also \"a: tcp-echo send -q -c 2 b\" --also \"a: tcp-echo send -q -c 1 --abort b\"",
        "serve --net transport --at b -w 0.5 --also \"a: tcp-echo send -q b\"",
        "serve --net transport --at b -c 1 --reads 100 --also \"a: tcp-echo send -q -c 1 --half-close b\"",
        "serve --net transport",
    ]));
}

#[test]
fn serving_has_its_place_and_its_limits() {
    insta::assert_snapshot!(each(&[
        "serve --net transport --at b --bind 10.0.0.2 --also \"a: tcp-echo send -q -c 1 b\"",
        "serve --net transport --at b --max-connections 1 --also \"a: tcp-echo send -c 1 b\" --also \"a: tcp-echo send -c 1 b\"",
        "serve --net transport --at b --idle-timeout 2 --also \"a: tcp-echo send -i 9 b\"",
        "serve --net transport --at b --bind 10.0.0.9",
        "serve --net transport --at b --bind b",
        "serve --net transport --at b --reuseport 2",
        "serve --net transport --at b --threads 2",
        "serve --max-connections 3 --threads 4",
        "serve --threads 4 --reuseport 4",
    ]));
}

#[test]
fn json_is_one_object_per_event() {
    insta::assert_snapshot!(each(&[
        "send --net transport --json -c 1 --writes 500,960 --states b:22",
        "send --net transport --json b:9",
        "serve --net transport --at b --json --also \"a: tcp-echo send -q -c 1 b\"",
        "matrix --json --writes 4,4",
    ]));
}

#[test]
fn tcpinfo_is_a_table_over_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("info.csv");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    command.env_clear().args(document::words("send --net transport -c 1 --writes 100000 b:22 --tcpinfo"));
    assert!(command.arg(&file).output().unwrap().status.success());
    let table = std::fs::read_to_string(&file).unwrap();
    // Slow start: as many segments more as were acknowledged, so twice as many a round trip later; an ACK of two counts
    // once.
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let last_at = |time: &str| rows.iter().rfind(|row| row[0] == time).unwrap()[2].to_string();
    assert_eq!([last_at("40.000"), last_at("60.000"), last_at("80.000")], ["14600", "29200", "56940"]);
    insta::assert_snapshot!(table);
}

#[test]
fn megabytes_come_back_whole_over_a_bad_link() {
    let bent = "--set link.loss=2% --set link.duplicate=5% --set link.reorder=5% --set link.jitter=2ms";
    for seed in 1..=10 {
        let output =
            run(&format!("send --net transport --seed {seed} -q -c 2 -W 300 --writes 100000,1,100000 {bent} b:22"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("2 requests, 2 echoed"), "seed {seed}: {said}");
    }
}

#[test]
fn help_groups_options_by_what_they_change() {
    let helps = each(&["--help", "send --help", "serve --help", "matrix --help", "bench --help"]);
    for line in helps.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(helps);
}

#[test]
fn examples_of_the_help_work_as_typed() {
    for command in ["", "send ", "serve ", "matrix ", "bench "] {
        let help = String::from_utf8(run(&format!("{command}--help")).stdout).unwrap();
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  tcp-echo ")).collect();
        assert!((2..=3).contains(&examples.len()), "{help}");
        for example in examples {
            let args = example.split("   ").next().unwrap().replace('\'', "\"");
            let output = run(&args);
            assert_eq!(output.status.code(), Some(0), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "sned b",
        "send",
        "send --writes 0 b",
        "send --writes 500, b",
        "send --writes many b",
        "send -c 0 b",
        "send -W 0 b",
        "send -i 20ms b",
        "send --sport 0 b",
        "send --nagle maybe b",
        "send --nagle rfc --nodelay b",
        "send --quickack=never b",
        "send --ack-delay 0.5 b",
        "send --abort --half-close b",
        "send --net transport b:",
        "send --net transport c",
        "send --net transport 10.0.0.255",
        "send --net transport 192.0.2.1",
        "send --net transport -w 1 --half-close b",
        "send --net transport --tcpinfo no/such/place b:22",
        "matrix -e",
        "send --net transport -e --json b:22",
        "serve --port 0",
        "serve --reads 0",
        "serve --net transport --at b --port 22",
        "matrix --writes 4,x",
        "matrix --net lan",
        "matrix --set lan.delay=1ms",
        "matrix --set link.loss=100%",
        "matrix b",
        "matrix -c 5",
        "matrix --live --net transport",
        "matrix --live --seed 2",
        "send --bind 10.0.0 b",
        "send --maxseg 0 b",
        "send --keepalive 0 b",
        "send --linger x b",
    ]));
}

#[test]
fn what_the_simulated_network_lacks_is_an_error_and_the_rest_is_obeyed() {
    insta::assert_snapshot!(each(&[
        "send --net transport --fastopen b:22",
        "send --net transport --msg-more b:22",
        "send --net transport --reuseport b:22",
        "send --net transport --congestion cubic b:22",
        "send --net transport --linger 5 b:22",
        "send --net transport --bind 10.0.0.77 b:22",
        "serve --net transport --at b --fastopen",
        "send --net transport -c 1 --writes 5000 --congestion reno --maxseg 500 --bind 10.0.0.1 --reuseaddr --keepalive 3 b:22",
        "send --net transport -c 1 --writes 5000 --sndbuf 3000 b:22",
        "send --net transport -c 1 --writes 5000 --rcvbuf 2000 b:22",
        "send --net transport --user-timeout 2 --fault \"at 70 ms drop tcp at b\" b:22",
        "send --net transport -q -c 1 --states --linger 0 b:22",
    ]));
}

#[test]
fn same_command_100_times_has_the_same_bytes() {
    let bent = "--set link.loss=5% --set link.duplicate=10% --set link.reorder=20% --set link.jitter=3ms";
    let command =
        format!("send --net transport {bent} -W 100 --states --writes 500,9600 b --also \"b: tcp-echo serve\"");
    let outputs: BTreeSet<(Vec<u8>, Vec<u8>)> =
        (0..100).map(|_| run(&command)).map(|output| (output.stdout, output.stderr)).collect();
    assert_eq!(outputs.len(), 1);
}
