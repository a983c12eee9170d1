//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! What the numbers must be is said by the networks (testdata/nets) and was checked by hand when a snapshot was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::process::Output;

/// Runs `nat-box ARGS` with an empty environment; double quotes hold words together.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    for (name, keys) in [
        ("full", "sessions_of_a_host = 1"),
        ("open", "mapping = \"address\"\nfiltering = \"address\"\nfirst_port = 5000\ntimers = { udp = \"30 s\" }"),
        ("strict", "mapping = \"address-and-port\"\nfiltering = \"endpoint-independent\"\nhairpin = false"),
    ] {
        let text = format!("title = \"t\"\nlike = \"nat-behave\"\n[nats.home]\n{keys}\n");
        std::fs::write(directory.path().join(format!("{name}.toml")), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_nat-box"));
    command.env_clear().env("LC_ALL", "C.UTF-8").current_dir(&directory).args(document::words(args)).output().unwrap()
}

/// Runs `nat-box ARGS` and renders what a user meets.
fn nat_box(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ nat-box {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| nat_box(args)).collect::<Vec<_>>().join("\n")
}

const ASKS: &str = "--also \"host: nat-box serve --port 8080\" --also \"host2: nat-box ask --sport 8892 host:8080\"";

#[test]
fn request_of_the_plan_stands_in_the_table_with_all_three_ends() {
    let shown = nat_box(&format!("watch --net nat {ASKS}"));
    assert!(shown.contains("192.168.1.2:8892 ⇄ 44.11.5.17:7777 ⇄ 55.11.22.33:8080"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn watching_tells_reasons_numbers_and_ends() {
    insta::assert_snapshot!(each(&[
        &format!("watch --net nat -e --ascii {ASKS}"),
        &format!("watch --net nat --json {ASKS}"),
        &format!("watch --net nat -q {ASKS}"),
        &format!("watch --net nat -c 1 {ASKS}"),
        &format!("watch --net nat -w 2 {ASKS}"),
        "watch --net nat",
    ]));
}

#[test]
fn packet_that_goes_nowhere_is_shown_with_its_reason() {
    let stranger = "--also \"isp: nat-box ask -W 5 44.11.5.17:7777\"";
    insta::assert_snapshot!(each(&[
        &format!("watch --net nat -w 8 {ASKS} {stranger}"),
        &format!("watch --net nat -w 8 --no-drops {ASKS} {stranger}"),
        "watch --net full.toml -w 8 --also \"inside: nat-box ask -W 1 server\" --also \"inside: nat-box ask -W 1 server\"",
    ]));
}

#[test]
fn question_tells_which_end_the_server_saw() {
    insta::assert_snapshot!(each(&[
        "ask --net nat --sport 8892 --also \"host: nat-box serve\" host",
        "ask --net nat --json --sport 8892 --also \"host: nat-box serve\" host",
        "ask --net nat --also \"host4: nat-box serve\" host4",
        "ask --net nat host",
        "ask --net nat -e --sport 8892 --also \"host: nat-box serve -e\" host",
        "serve --net nat --at host --also \"host2: nat-box ask host\"",
    ]));
}

#[test]
fn translator_of_this_course_behaves_as_the_rfcs_ask_for() {
    insta::assert_snapshot!(nat_box("behave --net nat-behave --also \"server: nat-box serve\" server"));
}

#[test]
fn others_are_found_out_as_what_they_are() {
    insta::assert_snapshot!(each(&[
        "behave --net open.toml --also \"server: nat-box serve\" server",
        "behave --net strict.toml -e --timer 100 --also \"server: nat-box serve\" server",
        "behave --net nat-behave --at isp --from 203.0.113.1 --timer 10 --also \"server: nat-box serve\" server",
    ]));
}

#[test]
fn findings_are_objects_for_programs() {
    insta::assert_snapshot!(nat_box("behave --net nat-behave --json --also \"server: nat-box serve\" server"));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "watch --net nat --at isp",
        "behave --net nat --also \"host: nat-box serve\" host",
        "behave --net nat host",
        "ask --net nat nobody",
        "behave --net nat-behave --from x server",
        "run --inside eth1",
        "run --net nat --inside-tap a --outside-tap b --public 44.11.5.17",
        "run --net nat --inside-tap a --outside-tap b --gateway 10.0.0.1/24 --public 44.11.5.17/24 --forward tcp:80=10.0.0.2",
        "run --net nat --inside-tap a --outside-tap b --gateway 10.0.0.1/24 --public 44.11.5.18/24 --mapping none",
        "run --net nat --inside-tap a --outside-tap b --gateway 10.0.0.1/24 --public 44.11.5.18/24",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(each(&[
        "--help",
        "watch --help",
        "run --help",
        "behave --help",
        "ask --help",
        "serve --help"
    ]));
}
