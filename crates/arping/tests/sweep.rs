//! A sweep as a learner meets it: the command, both streams, the exit code.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod call;

use call::{arping, arpings};
use std::path::PathBuf;
use tempfile::TempDir;

/// A link of 10.1.0.0/24 with host1 and, of 10.1.0.2 to 10.1.0.254, those that `has` accepts.
struct Many {
    directory: TempDir,
}

impl Many {
    fn new(has: impl Fn(u32) -> bool, link: &str) -> Self {
        let host = |number: u32| format!("[hosts.host{number}]\non.lan = \"10.1.0.{number}/24\"\n");
        let hosts: String = (1..=254).filter(|number| *number == 1 || has(*number)).map(host).collect();
        let text = format!(
            "title = \"Many hosts\"\nat = \"host1\"\n{hosts}\n[links]\nlan = {{ kind = \"switch\", delay = \"0.1 ms\"{link} }}\n"
        );
        let many = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::write(many.file(), text).unwrap();
        many
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("many.toml")
    }

    /// `arping ARGS` in this network, without the path of its file.
    fn arping(&self, args: &str) -> String {
        let file = self.file().display().to_string();
        arping(&format!("--net {file} {args}")).replace(&file, "many.toml")
    }

    /// The summary of a sweep of all, as JSON.
    fn summary(&self, args: &str) -> serde_json::Value {
        let told = self.arping(&format!("--json -q {args} 10.1.0.0/24"));
        let line = told.lines().find(|line| line.starts_with('{')).expect(&told);
        serde_json::from_str(line).unwrap()
    }
}

fn number(summary: &serde_json::Value, field: &str) -> u64 {
    summary[field].as_u64().expect(field)
}

#[test]
fn everybody_on_the_link_is_found_in_the_order_of_the_addresses() {
    insta::assert_snapshot!(arping("--net lan 10.0.0.0/24"));
}

#[test]
fn address_with_two_stations_is_marked_with_both_however_quiet() {
    insta::assert_snapshot!(arpings(&["--net lan-poisoned 10.0.0.0/24", "--net lan-poisoned -q 10.0.0.0/24"]));
}

#[test]
fn part_of_the_links_prefix_is_swept_whole() {
    insta::assert_snapshot!(arpings(&[
        "--net lan host5/29",
        "--net lan 10.0.0.4/31",
        "--net lan 10.0.0.5/32",
        "--net lan 10.0.0.3/31",
    ]));
}

#[test]
fn interface_is_that_of_the_route_and_can_be_named() {
    insta::assert_snapshot!(arpings(&[
        "--net subnets --at gw 192.168.2.0/24",
        "--net subnets --at gw -I lan1 192.168.1.0/30",
    ]));
}

#[test]
fn nobody_there_is_exit_1() {
    insta::assert_snapshot!(arpings(&["--net lan 10.0.0.128/25", "--net lan -q 10.0.0.128/25"]));
}

#[test]
fn first_answer_rounds_pace_and_deadline_are_as_asked_for() {
    insta::assert_snapshot!(arpings(&[
        "--net lan -f 10.0.0.0/24",
        "--net lan -v -c 3 10.0.0.0/29",
        "--net lan -c 1 -i 0.002 10.0.0.0/24",
        "--net lan -w 3 10.0.0.0/24",
        "--net lan -w 0.02 10.0.0.0/24",
        "--net lan -q -s 10.0.0.2 10.0.0.0/29",
    ]));
}

#[test]
fn all_of_253_answer_within_a_quarter_of_a_second() {
    let summary = Many::new(|_| true, "").summary("");
    assert_eq!([number(&summary, "asked"), number(&summary, "answered"), number(&summary, "sent")], [254, 253, 254]);
    assert!(number(&summary, "span_ns") <= 250_000_000, "{summary}");
}

#[test]
fn half_silent_prefix_ends_within_a_second() {
    let summary = Many::new(|number| number % 2 == 0, "").summary("");
    assert_eq!([number(&summary, "answered"), number(&summary, "silent")], [127, 126]);
    assert!(number(&summary, "span_ns") <= 1_000_000_000, "{summary}");
}

#[test]
fn second_round_finds_whose_first_answer_was_lost() {
    let many = Many::new(|_| true, ", loss = \"4 %\"");
    let answered = |args: &str| number(&many.summary(args), "answered");
    let (once, twice, often) = (answered("-c 1"), answered(""), answered("-c 9"));
    // Four cables on the way and back: one in seven is lost.
    assert!((190..240).contains(&once) && once < twice && twice < 253 && often == 253, "{once} {twice} {often}");
}

#[test]
fn two_hosts_with_one_address_are_heard_among_many_that_answer() {
    let many = Many::new(|number| number != 9, "");
    let file = many.file();
    // A racer answers for the last address, a little later than its owner.
    let racer = "[hosts.host9]\non.lan = \"10.1.0.9/24 at 02:00:00:00:00:09\"\n\
                 lies = [{ at = \"0 s\", arp = \"race\", to = \"host1\", claim = \"10.1.0.254\" }]\n\n[links]";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replace("[links]", racer)).unwrap();
    let told = many.arping("10.1.0.0/24");
    let marked: Vec<&str> = told.lines().filter(|line| line.ends_with("DUPLICATE")).collect();
    let two =
        ["10.1.0.254  02:00:00:01:fd:00  0.400 ms  DUPLICATE", "10.1.0.254  02:00:00:00:00:09  0.500 ms  DUPLICATE"];
    assert_eq!(marked, two, "{told}");
    let summary = "254 addresses asked, 253 answered, 1 ours, 0 silent, 1 with more than one station, in 0.125 s\n";
    assert!(told.contains(summary), "{told}");
}

#[test]
fn times_are_of_each_address_and_their_statistics_of_all() {
    let many =
        Many::new(|number| number < 5, ", cables.host3 = { delay = \"2 ms\" }, cables.host4 = { delay = \"4 ms\" }");
    insta::assert_snapshot!(many.arping("10.1.0.0/29"));
}

#[test]
fn events_are_one_json_object_a_line() {
    let all = arpings(&[
        "--net lan --json 10.0.0.0/29",
        "--net lan --json -q 10.0.0.4/31",
        "--net lan-poisoned --json -q -w 0.6 10.0.0.0/30",
    ]);
    for line in all.lines().filter(|line| line.starts_with('{')) {
        let event: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(event["event"].is_string() && event["at_ns"].is_u64(), "{line}");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn wrong_call_is_answered_in_two_lines() {
    insta::assert_snapshot!(arpings(&[
        "--net lan 10.0.0.0/33",
        "--net lan 10.0.0.0/",
        "--net lan 10.0.0.0/+24",
        "--net lan 10.0.0/24",
        "--net lan hots5/24",
        "--net lan ::/64",
        "--net lan 10.0.0.0/8",
        "--net lan 192.168.0.0/24",
        "--net lan 10.0.0.0/16",
        "--net lan --at isp 10.0.0.0/24",
        "--net lan 10.0.0.2/32",
        "--net lan 10.0.0.255/32",
        "--net lan 127.0.0.0/24",
        "--net lan 224.0.0.0/24",
        "--net lan -I eth0 10.0.0.0/24",
        "--net lan -s 10.0.0.3 10.0.0.0/24",
        "--net lan -D 10.0.0.0/24",
        "--net lan -A 10.0.0.0/24",
        "--net lan -b 10.0.0.0/24",
        "--net lan --table 10.0.0.0/24",
        "--net lan -c 0 10.0.0.0/24",
    ]));
}
