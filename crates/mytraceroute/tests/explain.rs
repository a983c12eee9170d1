//! `--explain`: what people see of each kind of probe and answer, and that it fits.
//!
//! Each line of the snapshots was read beside the packets when it was made.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::fs;
use std::process::Output;

/// Networks of this test's own, in the directory that commands run in.
const FILES: [(&str, &str); 2] = [
    (
        "labels.toml",
        "title = \"Routers that tell labels\"\nlike = \"routers\"\nrouters.r2.extensions = [\"mpls 16004 24001\"]\nrouters.r3.extensions = [\"interface\"]\n",
    ),
    (
        "limited.toml",
        "title = \"A router that limits its errors\"\nlike = \"routers\"\nrouters.r1.icmp_limit = \"linux\"\n",
    ),
];

/// Runs `mytraceroute ARGS` with nothing in the environment but this locale.
fn run(args: &str, locale: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mytraceroute"));
    command.env_clear().env("LC_ALL", locale).current_dir(&directory).args(document::words(args)).output().unwrap()
}

/// Runs `mytraceroute ARGS` and renders what a user meets.
fn mytraceroute(args: &str, locale: &str) -> String {
    let output = run(args, locale);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ mytraceroute {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| mytraceroute(args, "C.UTF-8")).collect::<Vec<_>>().join("\n")
}

/// Only why somebody is silent.
fn verdicts(args: &str) -> String {
    let output = run(args, "C.UTF-8");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = stdout.lines().skip_while(|line| !line.starts_with("why ")).collect();
    format!("$ mytraceroute {args}\n{}\n", said.join("\n"))
}

#[test]
fn probe_comes_back_in_quotes_as_routers_got_it() {
    insta::assert_snapshot!(mytraceroute("--net routers -q 1 -e server", "C.UTF-8"));
}

#[test]
fn where_utf_8_is_not_known_marks_are_typed() {
    insta::assert_snapshot!(mytraceroute("--net routers -q 1 -m 1 -e server", "C"));
}

#[test]
fn echo_syn_and_their_answers_are_explained() {
    insta::assert_snapshot!(each(&[
        "--net lan -q 1 -m 1 -I -e host3",
        "--net lan -q 1 -m 1 -T -p 8080 -e host3",
        "--net lan -q 1 -m 1 -T -p 81 -e host3",
    ]));
}

#[test]
fn packet_too_long_is_explained_with_the_length_that_fits() {
    insta::assert_snapshot!(mytraceroute("--net mtu -q 1 -f 3 -m 3 -F -s 1500 -I -e server", "C.UTF-8"));
}

#[test]
fn what_routers_tell_behind_the_quote_is_explained_too() {
    insta::assert_snapshot!(mytraceroute("--net labels.toml -q 1 -f 2 -m 3 -I -e server", "C.UTF-8"));
}

#[test]
fn eight_quoted_bytes_are_compared_as_far_as_they_go() {
    insta::assert_snapshot!(mytraceroute("--net hostile-short -q 1 -f 3 -m 3 -I -e server", "C.UTF-8"));
}

#[test]
fn error_of_this_host_is_no_packet_that_came() {
    insta::assert_snapshot!(mytraceroute("--net routers --set net1.loss=100% -q 1 -m 1 -w 5 -I -e server", "C.UTF-8"));
}

#[test]
fn silence_has_a_verdict_with_its_evidence() {
    insta::assert_snapshot!(
        [
            "--net hostile-silent -q 1 -e server",
            "--net hostile-dead -q 1 -e server",
            "--net routers -q 1 -e 192.168.99.1",
            "--net routers --fault \"net1 down\" -q 1 -e server",
            "--net limited.toml -q 10 -e server",
            "--net mtu-blackhole --mtu -e server",
            "--net mtu-blackhole -F -s 1500 -q 1 -e server",
            "--net hostile-dead --multipath -I -e server",
        ]
        .map(verdicts)
        .join("\n")
    );
}

#[test]
fn no_line_of_an_explanation_is_wider_than_eighty_columns() {
    for args in [
        "--net routers server",
        "--net routers -I server",
        "--net routers -T -q 1 server",
        "--net labels.toml server",
        "--net mtu --mtu server",
        "--net mtu-blackhole --mtu -I server",
        "--net diamond --multipath server",
        "--net diamond --classic -q 2 server",
        "--net hostile-short server",
        "--net hostile-foreign -q 1 server",
        "--net hostile-twice -q 1 server",
        "--net hostile-loop -q 1 server",
        "--net hostile-change -q 2 server",
        "--net routers -q 1 192.168.10.22",
        "--net lan -q 1 10.0.0.77",
    ] {
        for locale in ["C.UTF-8", "C"] {
            let output = run(&format!("-e {args}"), locale);
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(stdout.lines().count() > 20, "{args}: {}", String::from_utf8_lossy(&output.stderr));
            for line in stdout.lines().filter(|line| !is_of_the_trace(line)) {
                assert!(line.chars().count() <= 80, "{args}: {line}");
            }
            assert!(locale != "C" || stdout.is_ascii(), "{args}");
        }
    }
}

/// Whether a line is one that a trace has without `-e` too: they are as long as users of traceroute know them.
fn is_of_the_trace(line: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    line.starts_with("traceroute to") || indent == 6 && !line.trim_start().starts_with(['│', '|']) || {
        let first = line.split_whitespace().next().unwrap_or_default();
        indent < 2 && first.parse::<u8>().is_ok()
    }
}
