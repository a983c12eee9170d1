//! `--explain`: what people see of each kind of answer, and that it fits.
//!
//! Each line of the snapshots was read beside the packets when it was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::process::Output;

/// Runs `myping ARGS` with nothing in the environment but this locale.
fn run(args: &str, locale: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_myping"));
    command.env_clear().env("LC_ALL", locale).current_dir(&directory).args(document::words(args)).output().unwrap()
}

/// Runs `myping ARGS` and renders what a user meets.
fn myping(args: &str, locale: &str) -> String {
    let output = run(args, locale);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ myping {args}\n{stdout}{stderr}exit {exit}\n")
}

/// The same for several commands, in a terminal that knows UTF-8.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| myping(args, "C.UTF-8")).collect::<Vec<_>>().join("\n")
}

#[test]
fn reply_is_what_changed_of_its_request() {
    insta::assert_snapshot!(each(&["--net routers -c 2 -e server", "--net lan -c 1 -s 0 -e 10.0.0.5"]));
}

#[test]
fn where_utf_8_is_not_known_marks_are_typed() {
    insta::assert_snapshot!(myping("--net routers -c 1 -e server", "C"));
    assert_eq!(
        run("--net routers -c 2 -e server", "C").stdout,
        run("--net routers -c 2 -e --ascii server", "C.UTF-8").stdout
    );
}

#[test]
fn error_of_a_router_is_told_by_what_it_quotes() {
    insta::assert_snapshot!(each(&[
        "--net routers -c 1 -t 2 -e server",
        "--net routers -c 1 -e 192.168.99.1",
        "--net mtu -c 2 -s 1472 --df -e server",
        "--net hostile-short -c 1 -t 3 -e server",
    ]));
}

#[test]
fn error_of_this_host_is_no_packet_that_came() {
    insta::assert_snapshot!(myping("--net lan -c 1 -e 10.0.0.77", "C.UTF-8"));
}

#[test]
fn second_answer_is_said_to_be_one() {
    insta::assert_snapshot!(myping("--net lan --set lan.host5.duplicate=100% -c 2 -e 10.0.0.5", "C.UTF-8"));
}

#[test]
fn silence_has_a_verdict_with_its_evidence() {
    insta::assert_snapshot!(each(&[
        "--net hostile-dead -c 2 -e server",
        "--net mtu-blackhole -c 1 --df -s 1472 -e server",
        "--net lan --fault \"drop icmp at host5\" -c 3 -e 10.0.0.5",
        "--net routers -c 1 -e 192.168.10.99",
        "--net routers -c 1 -e 192.168.10.22",
        "--net routers --set net1.loss=100% -c 1 -e server",
    ]));
}

#[test]
fn no_line_is_wider_than_eighty_columns() {
    for args in [
        "--net routers -c 3 server",
        "--net routers -c 2 -p ff00 -s 1400 server",
        "--net routers -c 2 -s 7 -t 99 192.168.66.1",
        "--net routers -c 2 -I 192.168.1.3 -Q 184 server",
        "--net subnets -c 2 192.168.2.2",
        "--net mtu -c 3 -s 65507 server",
        "--net mtu -c 2 --df -s 1472 server",
        "--net mtu-blackhole -c 2 --df -s 1472 server",
        "--net hostile-loop -c 2 server",
        "--net hostile-short -t 1 -c 2 server",
        "--net hostile-change -c 4 server",
        "--net diamond -c 3 server",
        "--net lan -c 2 10.0.0.77",
    ] {
        for (locale, ascii) in [("C.UTF-8", ""), ("C", ""), ("C.UTF-8", "--ascii ")] {
            let output = run(&format!("-e {ascii}{args}"), locale);
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(stdout.lines().count() > 20, "{args}: {}", String::from_utf8_lossy(&output.stderr));
            for line in stdout.lines() {
                assert!(line.chars().count() <= 80, "{args}: {line}");
            }
            assert!(locale == "C.UTF-8" && ascii.is_empty() || stdout.is_ascii(), "{args}");
        }
    }
}

#[test]
fn topic_is_printed_without_a_run_and_wrong_calls_are_told() {
    insta::assert_snapshot!(each(&[
        "--explain=ttl",
        "--explain=list",
        "--explain=tll",
        "-e --json --net lan host5",
        "-e -q --net lan host5",
    ]));
}
