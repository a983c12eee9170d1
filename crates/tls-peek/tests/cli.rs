//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! In the simulated network all is the same for the same seed. In memory keys are new in each run; lengths are not, for the demo's
//! signatures all have one.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::process::Output;

fn command(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tls-peek"));
    command.env_clear().env("LC_ALL", "C.UTF-8").args(document::words(args));
    command
}

/// Runs `tls-peek ARGS` with an empty environment; double quotes hold words together.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    command(args).current_dir(&directory).output().expect("it starts")
}

/// Runs `tls-peek ARGS` and renders what a user meets.
fn tls_peek(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ tls-peek {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| tls_peek(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn list_has_each_message_and_what_it_came_to() {
    insta::assert_snapshot!(each(&["--demo", "--demo --tls 1.2", "--net names www.example.com --get /"]));
}

#[test]
fn kinds_of_handshakes_differ_in_messages_and_round_trips() {
    insta::assert_snapshot!(each(&[
        "--demo --resume",
        "--demo --early-data --get /early",
        "--demo --groups x25519,secp384r1",
        "--demo --compare full,resumed,early,retry,1.2,1.2-resumed",
        "--net names www.example.com --compare full,resumed,1.2",
    ]));
}

#[test]
fn many_handshakes_are_opened_and_their_time_is_told() {
    insta::assert_snapshot!(each(&[
        "--net names www.example.com -c 3",
        "--net names www.example.com -c 3 --tls 1.2 --json",
        "--net names www.example.com -c 3 --name other.example",
        "--net names web:81 -c 3",
        "--net names www.example.com -c 0",
        "--demo -c 3",
    ]));
}

#[test]
fn keys_are_told_from_secret_to_record() {
    insta::assert_snapshot!(each(&[
        "--net names www.example.com --keys",
        "--net names www.example.com --tls 1.2 --keys"
    ]));
}

#[test]
fn bytes_are_told_field_by_field() {
    insta::assert_snapshot!(tls_peek("--net names www.example.com -e"));
}

#[test]
fn who_is_on_the_path_sees_lengths_and_the_name() {
    insta::assert_snapshot!(each(&[
        "--demo --observer --ladder",
        "--demo --observer --tls 1.2",
        "--demo --observer --no-sni --ascii --ladder",
    ]));
}

#[test]
fn changed_bit_is_noticed_by_whom_the_list_says() {
    insta::assert_snapshot!(each(&[
        "--demo --flip 4:300",
        "--demo --flip 1:60",
        "--demo --flip 7:20",
        "--demo --flip 1:3",
        "--demo --flip 4:9000",
    ]));
}

#[test]
fn run_in_the_simulated_network_is_the_same_byte_for_byte() {
    let [one, again, other] = ["1", "1", "2"].map(|seed| run(&format!("--net names www.example.com -e --seed {seed}")));
    assert_eq!(one.stdout, again.stdout);
    assert_ne!(one.stdout, other.stdout);
}

#[test]
fn what_goes_wrong_is_a_sentence() {
    insta::assert_snapshot!(each(&[
        "--net names www.example.com --name other.example",
        "--net names web:81",
        "--net names www.example.com --alpn h3 --tls 1.3",
        "--net names www.example.com --groups secp384r1",
        "--net names web --name www.example.com --fault \"at 50 ms dc down\" --timeout 2",
        "--net names www.example.com --fault \"drop udp at resolver\"",
        "--net names www.example.com --insecure --name other.example --json",
        "--net names nosuch.example.com",
    ]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "--demo --net names",
        "--demo www.example.com",
        "--demo --tls 1.1",
        "--demo --groups x448",
        "--demo --suites TLS_NULL",
        "--demo --flip 4",
        "--demo --get index.html",
        "--demo --compare full,half",
        "--demo --compare full --keys",
        "--net names web --flip 1:1",
        "--net names web --ca nosuch.pem",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(tls_peek("--help"));
}

#[cfg(unix)]
#[test]
fn secrets_are_written_where_asked_for_nobody_else_to_read_and_said_aloud() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    // A file that others could read does not stay so.
    std::fs::write(directory.path().join("keys"), "old and longer than what will be written there").unwrap();
    let output = command("--demo --keylog keys --pcap demo.pcapng").current_dir(&directory).output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "note: 'keys' holds the secrets: who has it can read this connection\n\
         note: 'demo.pcapng' holds the records and their secrets: who has it can read this connection\n"
    );
    for file in ["keys", "demo.pcapng"] {
        let mode = std::fs::metadata(directory.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let text = std::fs::read_to_string(directory.path().join("keys")).unwrap();
    assert!(text.lines().any(|line| line.starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET ")), "{text}");
    assert!(text.lines().all(|line| line.split(' ').count() == 3), "{text}");

    let plain = run("--demo");
    assert!(!String::from_utf8_lossy(&plain.stdout).contains("secret"), "none without being asked");
}
