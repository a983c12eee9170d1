//! `--explain`: what people see of each kind of datagram and answer, and that it fits.
//!
//! Each line of the snapshots was read beside the packets when it was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::process::Output;

/// Runs `udp-echo ARGS` with nothing in the environment but this locale.
fn run(args: &str, locale: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_udp-echo"));
    command.env_clear().env("LC_ALL", locale).current_dir(&directory).args(document::words(args)).output().unwrap()
}

/// Runs `udp-echo ARGS` and renders what a user meets.
fn udp_echo(args: &str) -> String {
    let output = run(args, "C.UTF-8");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ udp-echo {args}\n{stdout}{stderr}exit {exit}\n")
}

/// The same for several commands.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| udp_echo(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn echo_is_what_changed_of_its_datagram() {
    insta::assert_snapshot!(udp_echo("send --net transport -c 2 -e b:53"));
}

#[test]
fn datagram_without_a_checksum_and_one_without_data_are_told_as_such() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 --no-checksum -e b:53",
        "send --net transport -c 1 -s 0 -e b:53",
    ]));
}

#[test]
fn error_is_told_by_what_it_quotes() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 -e b:9",
        "send --net hostile-short -c 1 -e 192.168.99.1",
        "send --net transport -c 1 -e 10.0.0.9",
    ]));
}

#[test]
fn false_name_stands_in_the_packet() {
    insta::assert_snapshot!(udp_echo("send --net lan --source 10.0.0.5 --sport 5000 -c 1 -W 1 -e host3"));
}

#[test]
fn what_is_odd_about_an_answer_is_marked() {
    insta::assert_snapshot!(each(&[
        "send --net transport -c 1 --buffer 20 -e b:53",
        "send --net transport -c 3 -i 0.01 -e --fault \"hold the second udp on link for 30 ms\" b:53",
        "send --net transport -c 2 -e --fault \"double the second udp on link\" b:53",
    ]));
}

#[test]
fn server_says_what_it_was_handed_and_what_the_host_did() {
    insta::assert_snapshot!(each(&[
        "serve --net transport --at b -e --port 7,9 --also \"a: udp-echo send -q -c 2 b\" --also \"a: udp-echo send \
         -q -c 1 b:9\"",
        "serve --net lan --at host3 -e --buffer 8 --also \"host2: udp-echo send -q -c 1 -W 1 --source 10.0.0.5 host3\"",
    ]));
}

#[test]
fn silence_has_a_verdict_with_its_evidence() {
    insta::assert_snapshot!(each(&[
        "send --net transport --fault \"drop udp at b\" -c 2 -e b:53",
        "send --net hostile-dead -c 2 -e server",
        "send --net mtu-blackhole -c 1 --df -s 1472 -e server",
    ]));
}

#[test]
fn no_line_is_wider_than_eighty_columns() {
    for args in [
        "send -c 3 --net transport b:53",
        "send -s 0,3,12,1400,65507,65508 --net transport b:53",
        "send -c 2 --connect --net transport b:9",
        "send -c 2 --no-checksum --net routers server",
        "send -c 3 --df -s 1472 --net mtu server",
        "send -c 2 --source 203.0.113.254 --net transport b:6978",
        "send -c 2 --net routers 192.168.10.22",
        "serve --at b --net transport --port 7=AppX --peer 10.0.0.1:5000 --also \"a: udp-echo send -q -c 2 --sport \
         5000 b\"",
    ] {
        for (locale, ascii) in [("C.UTF-8", ""), ("C", ""), ("C.UTF-8", " --ascii")] {
            let output = run(&format!("{args} -e{ascii}"), locale);
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(stdout.lines().count() > 20, "{args}: {}", String::from_utf8_lossy(&output.stderr));
            for line in stdout.lines().filter(|line| {
                !line.contains("UDP ECHO ") && !line.contains(" bytes from ") && !line.contains(" bytes of data, and ")
            }) {
                assert!(line.chars().count() <= 80, "{args}: {line}");
            }
            assert!(locale == "C.UTF-8" && ascii.is_empty() || stdout.is_ascii(), "{args}");
        }
    }
}

#[test]
fn checksum_that_is_drawn_is_the_one_on_the_wire() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.pcapng");
    let args = format!("send --net transport -c 1 -e --pcap {} b:53", file.display());
    let drawn = String::from_utf8(run(&args, "C.UTF-8").stdout).unwrap();
    let row = drawn.lines().find_map(|line| line.strip_prefix("    0 │ ")).unwrap();
    let header: Vec<u8> = row.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(header.len(), 8, "{row}");
    let capture = std::fs::read(&file).unwrap();
    assert!(capture.windows(8).any(|bytes| bytes == header), "{row}");
}
