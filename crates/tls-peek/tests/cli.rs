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
    rendered(args, &run(args))
}

fn rendered(args: &str, output: &Output) -> String {
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
fn answers_on_one_connection_are_told_in_the_order_of_the_requests() {
    insta::assert_snapshot!(each(&[
        "--plain --net names www.example.com",
        "--plain --net names www.example.com --get /chunks --get /missing --post /form name=me",
        "--plain --net names www.example.com --get /slow --get / --pipeline --json",
        "--net names www.example.com --get / --get /",
        "--demo --get / --get /chunks --post /form name=me",
        // A server that closes, one that speaks something else, and none.
        "--plain --net lan host5 --get / --get /",
        "--plain --net names www.example.com:443",
        "--plain --net transport b",
        "--plain --net lan host5:81",
    ]));
}

/// The path takes 20.2 ms, and the slow page 200 ms more. On a connection of its own the quick one would be there after 20.2.
#[test]
fn quick_page_behind_a_slow_one_takes_as_long_as_the_slow_one() {
    let whole = |args: &str| -> Vec<f64> {
        let output = run(&format!("--plain --net names www.example.com --json {args}"));
        let lines = String::from_utf8(output.stdout).unwrap();
        let events = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let answers = events.filter(|event| event["event"] == "answer");
        answers.map(|it| (it["whole_ns"].as_f64().unwrap() - it["sent_ns"].as_f64().unwrap()) / 1e6).collect()
    };
    let [alone, behind] = [whole("--get /"), whole("--get /slow --get / --pipeline")];
    assert_eq!((alone, behind), (vec![20.2], vec![220.2, 220.2]));
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
        "--demo --post form name=me",
        "--plain --demo",
        "--plain --net names www.example.com --keys",
        "--demo --compare full,half",
        "--demo --compare full --keys",
        "--net names web --flip 1:1",
        "--net names web --ca nosuch.pem",
        "--demo --replay",
        "--tls 1.2 serve",
        "serve --net transport --name b.test",
        "serve --bind 192.0.2.1",
        "serve --bind here",
        "serve --name a..b",
        "read",
        "read nosuch.pcapng",
        "read nosuch.pcapng --net names",
        "dh --prime 15",
        "dh --base 23",
        "dh --secrets 6",
    ]));
    insta::assert_snapshot!(each_in_testdata(&[
        "read tls/make.sh",
        "read tls/rsa.pcapng --keylog tls/make.sh",
        "read tls/rsa.pcapng --stream 1",
        "read captures/first-request.pcapng --stream 0",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(each(&["--help", "serve --help", "read --help", "dh --help"]));
}

#[test]
fn server_tells_who_came_and_what_was_agreed() {
    insta::assert_snapshot!(each(&[
        "serve --net transport --at b -w 3 --also \"a: tls-peek b:4433 --name www.example.com --get /hello\"",
        "serve --net transport --at b -w 3 --tls 1.2 --keys --also \"a: tls-peek b:4433 --name www.example.com\"",
        "serve --net transport --at b -w 3 --tls 1.3 --json --also \"a: tls-peek b:4433 --name www.example.com --tls 1.2\"",
        "serve --net transport --at b -w 3",
    ]));
}

#[test]
fn early_data_that_are_sent_again_are_taken_by_a_server_with_copies_of_the_tickets() {
    insta::assert_snapshot!(each(&[
        "--demo --early-data --replay",
        "--net transport --at a b:4433 --name www.example.com --early-data --replay --also \"b: tls-peek serve --early-data -c 3\"",
    ]));
}

#[test]
fn two_ends_agree_in_public_and_small_numbers_are_found() {
    insta::assert_snapshot!(each(&["dh", "dh --prime 7919 --base 7 --secrets 1234,4321", "dh --json"]));
}

/// Renders commands that read files of `testdata`.
fn each_in_testdata(commands: &[&str]) -> String {
    let testdata = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata");
    let rendered = commands.iter().map(|args| rendered(args, &command(args).current_dir(testdata).output().unwrap()));
    rendered.collect::<Vec<_>>().join("\n")
}

#[test]
fn capture_is_read_as_far_as_its_secrets_reach() {
    insta::assert_snapshot!(each_in_testdata(&[
        "read captures/https-post-client.pcapng",
        "read captures/https-post-client.pcapng --stream 1",
        "read captures/https-post-client.pcapng --json",
        "read captures/dhcp.pcapng",
        "read captures/first-request.pcapng",
    ]));
}

#[test]
fn key_of_the_server_opens_what_was_sealed_for_it_and_nothing_else() {
    insta::assert_snapshot!(each_in_testdata(&[
        "read tls/rsa.pcapng --server-key tls/server.key",
        "read tls/ecdhe.pcapng --server-key tls/server.key",
        "read captures/https-post-client.pcapng --stream 0 --server-key tls/server.key --ladder",
        "read tls/rsa.pcapng --server-key certs/web.key",
        "read tls/rsa.pcapng --server-key certs/web.pem",
    ]));
}

/// What `read` makes of a capture is what was shown when it was made, but for the times and the ends in it.
#[test]
fn capture_of_a_connection_is_read_as_the_connection_was_seen() {
    let directory = tempfile::tempdir().unwrap();
    for kind in [
        "--demo",
        "--demo --resume --keys",
        "--demo --early-data -e",
        "--demo --groups x25519,secp384r1",
        "--demo --tls 1.2 --keys",
        "--demo --flip 4:300",
    ] {
        let of = |args: &str| {
            let output = command(args).current_dir(&directory).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let events = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            // A demo has no time, and knows how it went.
            let same = events.filter(|event| event["event"] != "summary").map(|mut event| {
                event["at_ns"] = 0.into();
                event
            });
            same.collect::<Vec<_>>()
        };
        let views = if kind.contains("--keys") { "--keys" } else { "" };
        let kind = kind.replace(" -e", "");
        let made = of(&format!("{kind} --json --pcap demo.pcapng"));
        assert!(made.len() > 8, "{kind}: {made:?}");
        assert_eq!(of(&format!("read demo.pcapng --json {views}")), made, "{kind}");
    }
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
