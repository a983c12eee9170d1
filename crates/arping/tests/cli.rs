//! arping as a learner meets it: the command, both streams, the exit code.

#![expect(clippy::expect_used, reason = "a test ends at its first surprise")]

mod call;

use assert_cmd::cargo::cargo_bin_cmd;
use call::{arping, arpings};

#[test]
fn host_on_the_link_answers() {
    insta::assert_snapshot!(arping("--net lan -c 3 host5"));
}

#[test]
fn run_without_a_count_ends_after_four_and_says_so() {
    insta::assert_snapshot!(arping("--net lan 10.0.0.5"));
}

#[test]
fn silence_is_exit_1() {
    insta::assert_snapshot!(arping("--net lan -c 2 10.0.0.9"));
}

#[test]
fn second_owner_of_an_address_is_reported() {
    insta::assert_snapshot!(arping("--net lan-poisoned -c 1 10.0.0.1"));
}

#[test]
fn second_owner_of_an_address_is_reported_however_quiet() {
    insta::assert_snapshot!(arping("--net lan-poisoned -q -c 1 10.0.0.1"));
}

#[test]
fn free_address_is_free_after_three_probes() {
    insta::assert_snapshot!(arping("--net lan -D 10.0.0.9"));
}

#[test]
fn taken_address_is_taken_at_the_first_objection() {
    insta::assert_snapshot!(arping("--net lan -D 10.0.0.5"));
}

#[test]
fn check_that_was_cut_short_does_not_promise_too_much() {
    insta::assert_snapshot!(arpings(&["--net lan -D -w 3 10.0.0.9", "--net lan -D -w 0.01 10.0.0.9"]));
}

#[test]
fn own_address_is_announced_twice() {
    insta::assert_snapshot!(arpings(&["--net lan -U 10.0.0.2", "--net lan -A host2"]));
}

#[test]
fn own_address_is_ours_alone_if_nobody_objects() {
    insta::assert_snapshot!(arping("--net lan -D host2"));
}

#[test]
fn broadcast_stays_broadcast() {
    insta::assert_snapshot!(arping("--net lan -b -c 3 host5"));
}

#[test]
fn first_answer_ends_it() {
    insta::assert_snapshot!(arping("--net lan -f host5"));
}

#[test]
fn quiet_run_shows_the_summary_only() {
    insta::assert_snapshot!(arping("--net lan -q -c 3 host5"));
}

#[test]
fn verbose_run_shows_what_is_sent_and_what_stays_unanswered() {
    insta::assert_snapshot!(arping("--net lan -v -c 2 --set lan.loss=20% host5"));
}

#[test]
fn interval_of_zero_follows_the_answers() {
    insta::assert_snapshot!(arping("--net lan -q -i 0 -w 1 host5"));
}

#[test]
fn longer_cable_takes_longer() {
    insta::assert_snapshot!(arping("--net lan -c 2 -i 0.2 --set lan.delay=7ms host5"));
}

#[test]
fn lost_answers_are_missing_in_the_count() {
    insta::assert_snapshot!(arping("--net lan -c 6 --set lan.loss=10% host5"));
}

#[test]
fn each_kind_of_lie_and_what_it_does_to_the_table() {
    insta::assert_snapshot!(arping("--net lan-poisoned --table -b -c 8 10.0.0.1"));
}

#[test]
fn lies_about_the_gateway_are_heard_while_somebody_else_is_asked_for() {
    insta::assert_snapshot!(arping("--net lan-poisoned --table -c 6 host5"));
}

#[test]
fn events_are_one_json_object_a_line() {
    let all = arpings(&[
        "--net lan --json -c 2 host5",
        "--net lan --json -c 1 10.0.0.9",
        "--net lan --json -D 10.0.0.5",
        "--net lan-poisoned --json --table -c 3 10.0.0.1",
        "--net lan --json -q -c 2 host5",
    ]);
    for line in all.lines().filter(|line| line.starts_with('{')) {
        let event: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(event["event"].is_string() && event["at_ns"].is_u64(), "{line}");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn help_has_examples_that_work_as_typed() {
    let help = arping("--help");
    let examples: Vec<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  arping "))
        .map(|example| example.split("  ").next().unwrap_or_default())
        .collect();
    assert_eq!(examples.len(), 5, "{help}");
    for example in examples {
        assert!(arping(example).ends_with("exit 0\n"), "{example}");
    }
    insta::assert_snapshot!(help);
}

#[test]
fn wrong_call_is_answered_in_two_lines() {
    insta::assert_snapshot!(arpings(&[
        "",
        "--net lan",
        "--net lan host5 host4",
        "--net lan -c 0 host5",
        "--net lan -c many host5",
        "--net lan -i -1 host5",
        "--net lan -i 200ms host5",
        "--net lan -w NaN host5",
        "--net lan -s nobody host5",
        "--net lan -s 10.0.0.3 host5",
        "--net lan -A -D host5",
        "--net lan -z host5",
        "--net lan --josn host5",
        "--net lan --color blue host5",
        "--net lan --seed -1 host5",
        "--seed 7 host5",
        "--pcap x.pcapng host5",
    ]));
}

#[test]
fn what_does_not_exist_is_answered_with_what_does() {
    insta::assert_snapshot!(arpings(&[
        "--net lam host5",
        "--net lan --at hots3 host5",
        "--net lan hots5",
        "--net lan 10.0.0.256",
        "--net lan -I eth0 host5",
        "--net lan --set wan.loss=1% host5",
        "--net lan --set lan.los=1% host5",
    ]));
}

#[test]
fn address_that_cannot_be_asked_for_says_why() {
    insta::assert_snapshot!(arpings(&[
        "--net lan server",
        "--net lan host2",
        "--net lan 10.0.0.255",
        "--net lan 224.0.0.1",
        "--net lan ::1",
        "--net lan -U 10.0.0.7",
    ]));
}

#[test]
fn list_of_networks_needs_no_target() {
    let list = arping("--net list");
    assert!(list.ends_with("exit 0\n") && list.is_ascii(), "{list}");
    for net in ["subnets", "lan", "lan-poisoned", "routers"] {
        assert!(list.contains(&format!("\n{net}: ")), "{net} in {list}");
    }
}

#[test]
fn environment_chooses_network_and_host_where_nothing_else_does() {
    let first_line = |args: &[&str]| {
        let mut command = cargo_bin_cmd!("arping");
        command.env_clear().env("FIRSTHOP_NET", "lan").env("FIRSTHOP_AT", "host3").args(args);
        let output = command.output().expect("it starts");
        String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_string()
    };
    assert_eq!(first_line(&["-c1", "host5"]), "ARPING 10.0.0.5 from 10.0.0.3 lan");
    assert_eq!(first_line(&["--at", "host4", "-c1", "host5"]), "ARPING 10.0.0.5 from 10.0.0.4 lan");
}

#[test]
fn colour_is_where_it_is_wanted_and_changes_no_word() {
    let detect = |variables: &[(&str, &str)], when: &str| {
        let mut command = cargo_bin_cmd!("arping");
        command.env_clear().envs(variables.iter().copied()).args(["--net", "lan", "-D", "host5", "--color", when]);
        String::from_utf8(command.output().expect("it starts").stdout).expect("text")
    };
    let (plain, coloured) = (detect(&[], "auto"), detect(&[], "always"));
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[33m"), "{coloured}");
    assert_eq!(coloured.replace("\u{1b}[33m", "").replace("\u{1b}[0m", ""), plain);
    assert_eq!(detect(&[("CLICOLOR_FORCE", "1")], "auto"), coloured);
    assert_eq!(detect(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "auto"), plain);
    assert_eq!(detect(&[("NO_COLOR", "1")], "always"), coloured);
}

#[test]
fn same_command_gives_the_same_bytes_and_another_seed_others() {
    let lossy = |seed: u32| arping(&format!("--net lan -c 20 --set lan.loss=15% --seed {seed} host5"));
    let first = lossy(1);
    for _ in 0..200 {
        assert_eq!(lossy(1), first);
    }
    let received = |text: &str| text.lines().find(|line| line.starts_with("Received")).map(String::from);
    assert!((2..10).any(|seed| received(&lossy(seed)) != received(&first)));
}

/// `arping … | head -1`: the reader has seen enough and goes.
#[test]
#[expect(clippy::disallowed_types, reason = "assert_cmd cannot close a pipe while the program runs")]
fn reader_that_goes_away_ends_it_quietly() {
    use std::io::{BufRead, BufReader, Read};
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("arping"))
        .env_clear()
        .args("--net lan -b -i 0 -c 100000 host5".split(' '))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("a line");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("text");
    let status = child.wait().expect("it ends");
    assert_eq!((line.as_str(), stderr.as_str(), status.code()), ("ARPING 10.0.0.5 from 10.0.0.2 lan\n", "", Some(0)));
}
