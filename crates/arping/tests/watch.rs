//! A watch as a learner meets it: the command, both streams, the exit code.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod call;

use call::{arping, arpings};

/// A gateway that tells host2 now and then where it is, and host4, which lies in every way that a file can tell.
const TWO_SAY_SO: &str = r#"
title = "Two say that they are the gateway"
at    = "host2"

[hosts.host2]
on.lan = "10.0.0.2/24 at 02:00:00:00:00:aa"

[hosts.gw]
on.lan = "10.0.0.1/24 at 02:00:00:00:00:ff"
lies = [
  { at = "1 s", arp = "request", to = "host2", claim = "10.0.0.1" },
  { at = "3 s", arp = "request", to = "host2", claim = "10.0.0.1" },
]

[hosts.host4]
on.lan = "10.0.0.4/24 at 02:00:00:00:00:cc"
lies = [
  { at = "2 s", arp = "reply",   to = "host2", claim = "10.0.0.1" },
  { at = "4 s", arp = "reply",   to = "host2", claim = "10.0.0.1" },
  { at = "5 s", arp = "request", to = "host2", claim = "10.0.0.2" },
  { at = "6 s", arp = "request", to = "host2", claim = "0.0.0.0" },
  { at = "7 s", arp = "request", to = "gw",    claim = "0.0.0.0" },
]

[links]
lan = { kind = "switch", delay = "0.1 ms" }
"#;

/// Runs `arping --net FILE ARGS` with that file, without its path.
fn two_say_so(args: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("two.toml");
    std::fs::write(&file, TWO_SAY_SO).unwrap();
    let file = file.display().to_string();
    arping(&format!("--net {file} {args}")).replace(&file, "two.toml")
}

#[test]
fn lies_of_host4_are_told_with_what_a_table_makes_of_them() {
    insta::assert_snapshot!(arping("--net lan-poisoned --watch"));
}

#[test]
fn address_that_moves_to_and_fro_flaps_and_claims_to_ours_are_conflicts() {
    insta::assert_snapshot!(two_say_so("--watch"));
}

#[test]
fn quiet_watch_shows_what_should_not_be_and_the_summary() {
    insta::assert_snapshot!(two_say_so("--watch -q"));
}

#[test]
fn verbose_watch_shows_each_packet() {
    insta::assert_snapshot!(arping("--net lan-poisoned --watch -v --at host5"));
}

#[test]
fn frames_that_a_switch_floods_for_others_touch_no_table_of_ours() {
    insta::assert_snapshot!(arping("--net lan-poisoned --watch --at host5"));
}

#[test]
fn target_restricts_it_and_count_and_deadline_end_it() {
    insta::assert_snapshot!(
        [
            arping("--net lan-poisoned --watch -w 3 10.0.0.1"),
            arping("--net lan-poisoned --watch -w 3 10.0.0.4/30"),
            two_say_so("--watch -c 2 10.0.0.0/30"),
            two_say_so("--watch host2"),
        ]
        .join("\n")
    );
}

#[test]
fn watch_of_a_quiet_link_ends_when_nothing_will_happen_any_more() {
    insta::assert_snapshot!(arping("--net lan --watch"));
}

#[test]
fn events_are_one_json_object_a_line() {
    let all = [two_say_so("--watch --json"), arping("--net lan-poisoned --watch --json -q")].join("\n");
    for line in all.lines().filter(|line| line.starts_with('{')) {
        let event: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(event["event"].is_string() && event["at_ns"].is_u64(), "{line}");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn wrong_call_is_answered_in_two_lines() {
    insta::assert_snapshot!(arpings(&[
        "--net lan --watch -D",
        "--net lan --watch -U host2",
        "--net lan --watch -b",
        "--net lan --watch -s 10.0.0.2",
        "--net lan --watch -i 1",
        "--net lan --watch -f",
        "--net lan --watch --table",
        "--net lan --watch -I eth0",
        "--net lan --watch server",
        "--net lan --watch 10.0.0.0/40",
        "--net lan --watch=yes",
        "--net subnets --at gw --watch",
    ]));
}

#[test]
fn watch_at_another_host_runs_beside_and_ends_with_the_run() {
    insta::assert_snapshot!(arping("--net lan --at host2 -c 2 --also \"host3: arping --watch\" 10.0.0.5"));
}

#[test]
fn tools_beside_take_turns_in_one_order_and_leave_standard_output_to_json() {
    let two = "--net lan -c 1 --also \"host3: arping host4 -c 2\" --also \"host5: arping -c 1 host2\" host4";
    let first = arping(two);
    assert!((0..10).all(|_| arping(two) == first));
    insta::assert_snapshot!([first, arping(&format!("{two} --json"))].join("\n"));
}

#[test]
fn tool_that_cannot_run_beside_says_why() {
    let beside = std::env::current_exe().unwrap();
    let beside = beside.parent().and_then(std::path::Path::parent).unwrap().display().to_string();
    let calls = arpings(&[
        "--net lan --also \"host3: arpin --watch\" host4",
        "--net lan --also \"host9: arping --watch\" host4",
        "--net lan --also \"host3 arping\" host4",
        "--net lan --also \"host3: ../arping\" host4",
        "--net lan -c 1 --also \"host3: arping --net lan --watch\" host4",
        "--also \"host3: arping --watch\" host4",
    ]);
    insta::assert_snapshot!(calls.replace(&beside, "target/debug"));
}
