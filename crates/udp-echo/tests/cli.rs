//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! What the numbers must be is said by the networks (testdata/nets) and was checked by hand when a snapshot was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::collections::BTreeSet;
use std::process::Output;

/// Runs `udp-echo ARGS` with an empty environment; double quotes hold words together.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_udp-echo"));
    command.env_clear().current_dir(&directory).args(document::words(args)).output().expect("it starts")
}

/// Runs `udp-echo ARGS` and renders what a user meets.
fn udp_echo(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ udp-echo {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| udp_echo(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn echo_takes_20_ms_and_the_first_40() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 3 b:53",
        "send --net transport -c 1 10.0.0.2:68",
        "send --net transport --at b -c 1 --sport 4000 a:5555",
        "send --net routers -c 2 server",
    ]));
}

#[test]
fn without_a_count_four_datagrams_are_sent_and_a_last_line_says_so() {
    insta::assert_snapshot!(udp_echo("send --net transport b:6978"));
}

#[test]
fn closed_port_is_told_otherwise_to_a_connected_socket() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 2 b:9",
        "send --net transport -c 2 --connect b:9",
        "send --net transport -c 1 -v --connect b:53",
        "send --net transport -c 1 -v b:53",
    ]));
}

#[test]
fn datagram_of_a_stranger_comes_to_an_unconnected_socket_and_to_no_other() {
    insta::assert_snapshot!(each(&[
        "send --net lan -c 1 --sport 5000 host5:9 --also \"host4: udp-echo send -q -c 1 host2:5000\"",
        "send --net lan -c 1 --sport 5000 --connect host5:9 --also \"host4: udp-echo send -q -c 1 host2:5000\"",
    ]));
}

#[test]
fn unreachable_target_is_told_by_who_knows() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 10.0.0.9",
        "send --net routers -c 1 192.168.99.1",
        "send --net routers -c 1 192.168.10.22:53",
        "send --net routers -c 1 192.168.66.1",
        "send --net hostile-short -c 1 192.168.99.1",
    ]));
}

#[test]
fn silence_is_loss_that_nobody_explains() {
    insta::assert_snapshot!(each(&[
        "send --net transport --fault \"lose the second udp on link\" -c 3 -W 0.5 b:53",
        "send --net transport --fault \"drop udp at b\" -c 1 -v b:53",
        "send --net mtu-blackhole -c 1 --df -s 1472 server",
    ]));
}

#[test]
fn numbers_tell_loss_doubles_and_order() {
    insta::assert_snapshot!(each(&[
        "send --net transport --set link.loss=10% --seed 3 -c 20 -i 0.1 b:53",
        "send --net transport --set link.duplicate=30% -c 4 b:53",
        "send --net transport --set link.reorder=30% -c 12 -i 0.005 b:53",
        "send --net transport --fault \"hold the second udp on link for 30 ms\" -c 4 -i 0.01 b:53",
    ]));
}

#[test]
fn late_answer_is_received_whatever_the_wait() {
    insta::assert_snapshot!(each(&[
        "send --net transport --set link.delay=300ms -W 0.8 -c 2 b:53",
        "send --net transport -w 0.03 -c 5 -i 0.01 b:53",
        "send --net transport -w 2 b:53",
    ]));
}

#[test]
fn pace_is_an_interval_or_a_rate_or_all_at_once() {
    insta::assert_snapshot!(each(&[
        "send --net transport -q --rate 100 -c 100 b:53",
        "send --net transport -q -i 0 -c 10 b:53",
        "send --net transport -c 3 -W 1 --ping-pong --fault \"lose the third udp on link\" b:53",
        "send --net transport -q -i 0 -c 10 --set \"link.rate=1 Mbit/s\" --set link.queue=4 b:53",
    ]));
}

#[test]
fn size_decides_what_has_room_and_what_is_cut() {
    insta::assert_snapshot!(each(&[
        "send --net transport -s 0 -c 2 b:53",
        "send --net transport -s 1,8,12 b:53",
        "send --net transport -s 1472-1473 b:53",
        "send --net transport -s 65507 -c 1 b:53",
        "send --net transport -s 65508 -c 1 b:53",
        "send --net transport -s 1000 -c 1 --set link.mtu=600 b:53",
        "send --net transport -s 1473 -c 1 --df b:53",
        "send --net mtu -s 1472 -c 3 --df server",
    ]));
}

#[test]
fn zero_bytes_that_are_lost_or_doubled_are_matched_in_their_order() {
    insta::assert_snapshot!(each(&[
        "send --net transport -s 0 -c 3 -i 0.1 -W 0.5 --fault \"lose the second udp on link\" b:53",
        "send --net transport -s 0 -c 2 -v --fault \"double the second udp on link\" b:53",
    ]));
}

#[test]
fn small_buffer_loses_the_rest_of_a_datagram() {
    insta::assert_snapshot!(each(&[
        "send --net transport --buffer 20 -c 2 b:53",
        "send --net transport --buffer 2 -s 2,56 b:53",
        "send --net transport -c 2 b --also \"b: udp-echo serve --buffer 20\"",
    ]));
}

#[test]
fn answer_to_a_false_name_goes_to_whose_name_it_is() {
    insta::assert_snapshot!(each(&[
        "send --net lan --source 10.0.0.5 --sport 5000 -c 2 host3 --also \"host3: udp-echo serve\"",
        "send --net lan --source 10.0.0.5 --sport 7 -c 1 -W 1 host3 --also \"host3: udp-echo serve\" --also \"host5: \
         udp-echo serve\"",
        "send --net transport --source 10.0.0.9 -c 1 -W 4 b:53 -s 2000",
    ]));
}

#[test]
fn datagram_is_for_the_socket_of_its_port() {
    insta::assert_snapshot!(each(&[
        "serve --net transport --at b --port 7=AppV,9=AppW,11 --also \"a: udp-echo send -c 2 b:9\" --also \"a: \
         udp-echo send -c 1 -s 10 b\"",
        "send --net transport -c 1 b:9 --also \"b: udp-echo serve --port 9\"",
    ]));
}

#[test]
fn of_several_sockets_at_a_port_the_closest_fit_has_it() {
    insta::assert_snapshot!(udp_echo(
        "serve --net transport --at b --bind 0.0.0.0 --bind 10.0.0.2 --peer 10.0.0.1:5000 \
         --also \"a: udp-echo send -q -c 2 --sport 5000 b\" --also \"a: udp-echo send -q -c 1 --sport 5001 b\""
    ));
}

#[test]
fn serving_ends_by_count_time_or_when_nothing_can_happen() {
    insta::assert_snapshot!(each(&[
        "serve --net transport",
        "serve --net transport -w 2",
        "serve --net transport --at b -q -c 2 --also \"a: udp-echo send -q b\"",
        "serve --net transport --at b -q -w 1.5 --also \"a: udp-echo send -q b\"",
        "serve --net transport --at b -c 9 -q --also \"a: udp-echo send -q -c 1 b\"",
    ]));
}

#[test]
fn two_echoes_do_not_answer_each_other() {
    insta::assert_snapshot!(udp_echo(
        "serve --net transport --at b --port 11 --also \"a: udp-echo send --sport 11 -c 1 -W 1 b:11\""
    ));
}

#[test]
fn json_is_one_object_per_event() {
    insta::assert_snapshot!(each(&[
        "send --net transport --json -c 2 b:53",
        "send --net transport --json --connect -c 1 b:9",
        "send --net transport --json -s 65508 -c 1 b:53",
        "serve --net transport --at b --json --peer 10.0.0.1:5000 --also \"a: udp-echo send -q -c 1 --sport 5000 b\"",
        "serve --net lan --at host3 --json --also \"host2: udp-echo send --json --source 10.0.0.5 --sport 4000 -c 1 \
         host3\"",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    let helps = each(&["--help", "send --help", "serve --help"]);
    for line in helps.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(helps);
}

#[test]
fn examples_of_the_help_work_as_typed() {
    for command in ["", "send ", "serve "] {
        let help = String::from_utf8(run(&format!("{command}--help")).stdout).unwrap();
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  udp-echo ")).collect();
        assert!((2..=3).contains(&examples.len()), "{help}");
        for example in examples {
            let args = example.split("   ").next().unwrap().replace('\'', "\"");
            let output = run(&args);
            assert_ne!(output.status.code(), Some(2), "{args}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(String::from_utf8_lossy(&output.stdout).contains("UDP ECHO "), "{args}");
        }
    }
}

#[test]
fn wrong_numbers_are_answered_with_what_is_allowed() {
    insta::assert_snapshot!(each(&[
        "send -c 0 b",
        "send -s many b",
        "send -s 70001 b",
        "send -s 9-3 b",
        "send -i -1 b",
        "send -i 200ms b",
        "send --rate 0 b",
        "send --rate 5 -i 1 b",
        "send -w 0 b",
        "send -W 0 b",
        "send --sport 0 b",
        "send --sport 65536 b",
        "send --source b b",
        "send --buffer -1 b",
        "serve --port 0",
        "serve --port 7,",
        "serve --port 53=",
        "serve --bind b",
        "serve --peer 10.0.0.1",
    ]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "sned b",
        "b:53",
        "send",
        "send --net transport",
        "send --net transport b c",
        "send --net transport --cuont 3 b",
        "send --net transprot b",
        "send --net transport c",
        "send --net transport b:",
        "send --net transport b:0",
        "send --net transport b:70000",
        "send --net transport ::1",
        "send --net transport 10.0.0.255",
        "send --net transport 192.0.2.1",
        "send --net transport -i 0 -w 1 b",
        "send --ping-pong 127.0.0.1",
        "send --net transport --ping-pong -i 1 b",
        "send --net transport --reuseport b:53",
        "send --net transport --sndbuf 0 b:53",
        "serve --net transport --at b --reuseport 2",
        "send --net transport --sport 5555 b:53",
        "send --net transport --source 10.0.0.1 b:53",
        "send --net transport --source 0.0.0.0 b:53",
        "send --net transport --source 10.0.0.9 --connect b:53",
        "send --source 10.0.0.9 127.0.0.1",
        "send --net transport -q -e b:53",
        "send --net transport --json -e b:53",
        "serve --net transport --at b --port 53",
        "serve --net transport --port 7,7 --at c",
        "serve --net transport --bind 10.0.0.2",
        "serve --net transport --peer 192.0.2.1:7",
        "serve --net transport b",
        "serve -c 1 --at b",
        "--net list --at",
    ]));
}

#[test]
fn same_command_100_times_has_the_same_bytes() {
    let bent = "--set link.loss=10% --set link.duplicate=10% --set link.reorder=20% --set link.jitter=3ms";
    let command = format!("send --net transport {bent} -i 0.004 -c 50 b --also \"b: udp-echo serve -w 9\"");
    let outputs: BTreeSet<(Vec<u8>, Vec<u8>)> =
        (0..100).map(|_| run(&command)).map(|output| (output.stdout, output.stderr)).collect();
    assert_eq!(outputs.len(), 1);
}

#[test]
fn list_of_networks_and_topics_need_no_command() {
    for args in
        ["--net list", "--explain=udp", "send --explain=port", "serve --explain=connected-udp", "send --net list"]
    {
        let output = run(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.len() > 300, "{args}");
    }
}

#[test]
#[expect(clippy::disallowed_types, reason = "a pipe whose reader goes away needs a program with a pipe")]
fn closed_pipe_is_a_quiet_end() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_udp-echo"))
        .env_clear()
        .args(["send", "--net", "transport", "-i", "0.001", "-c", "20000", "b:53"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
