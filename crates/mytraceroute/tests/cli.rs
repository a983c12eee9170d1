//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! What the numbers must be is said by the networks (testdata/nets) and was checked by hand when a snapshot was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

/// Networks of this test's own, in the directory that commands run in.
const FILES: [(&str, &str); 6] = [
    (
        "limited.toml",
        "title = \"Routers that limit their errors\"\nlike = \"routers\"\nrouters.r1.icmp_limit = \"linux\"\nrouters.r2.icmp_limit = \"linux\"\nrouters.r3.icmp_limit = \"linux\"\nrouters.r4.icmp_limit = \"linux\"\nhosts.server.icmp_limit = \"linux\"\n",
    ),
    (
        "labels.toml",
        "title = \"Routers that tell labels\"\nlike = \"routers\"\nrouters.r2.extensions = [\"mpls 16004 24001\"]\nrouters.r3.extensions = [\"interface\"]\n",
    ),
    (
        "scattered.toml",
        "title = \"A router that sends packets in turn\"\nlike = \"diamond\"\nrouters.r1.balance = \"packet\"\n",
    ),
    (
        "far.toml",
        "title = \"A loop far from here\"\nlike = \"routers\"\nfaults = [\"r4 routes 192.168.10.3/32 via 192.168.5.100 on r3-r4\"]\n",
    ),
    (
        "filter.toml",
        "title = \"A filter that speaks as if it were the target\"\nlike = \"routers\"\nrouters.r3.reject = [\"to 192.168.10.3 as port-unreachable\"]\n",
    ),
    ("broken.toml", "title = \"Two hosts\"\nat = \"a\"\n\n[hosts.a]\non.lan = \"10.0.0.1/24\"\nttl = 300\n"),
];

/// Runs `mytraceroute ARGS` with an empty environment in a directory that holds [`FILES`].
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mytraceroute"));
    command.env_clear().current_dir(&directory).args(args.split_whitespace()).output().expect("it starts")
}

/// Runs `mytraceroute ARGS` and renders what a user meets.
fn mytraceroute(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ mytraceroute {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| mytraceroute(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn four_routers_are_on_the_way_by_whatever_probes() {
    insta::assert_snapshot!(each(&[
        "--net routers 192.168.10.3",
        "--net routers -I server",
        "--net routers -T server",
        "--net routers -q 1 -P udp server",
        "--net routers --at server client",
    ]));
}

#[test]
fn target_on_the_own_link_is_one_hop_away() {
    insta::assert_snapshot!(each(&[
        "--net hub b",
        "--net hub-switched -I c",
        "--net lan -T -p 8080 host3",
        "--net lan host2"
    ]));
}

#[test]
fn verbose_run_tells_the_way_back_and_why_hop_4_answers_from_its_far_side() {
    insta::assert_snapshot!(mytraceroute("--net routers -v server"));
}

#[test]
fn way_ends_where_somebody_says_so_and_why() {
    insta::assert_snapshot!(each(&[
        "--net routers 192.168.99.1",
        "--net routers 192.168.10.22",
        "--net routers -w 5 192.168.10.99",
        "--net routers -p 7 server",
        "--net filter.toml server",
        "--net mtu -F -s 1500 server",
        "--net mtu-blackhole -F -s 1500 -m 4 server",
    ]));
}

#[test]
fn silent_end_of_the_way_costs_two_seconds_and_is_one_line() {
    insta::assert_snapshot!(each(&[
        "--net hostile-dead server",
        "--net hostile-dead -I server",
        "--net routers --set net1.loss=100% server",
        "--net routers -m 3 server",
    ]));
}

#[test]
fn circle_is_recognised_and_not_followed_to_the_end() {
    insta::assert_snapshot!(each(&[
        "--net hostile-loop server",
        "--net routers 192.168.66.1",
        "--net far.toml server"
    ]));
}

#[test]
fn hop_that_answers_nothing_is_a_star_among_others() {
    insta::assert_snapshot!(each(&["--net hostile-silent server", "--net hostile-silent -T server"]));
}

#[test]
fn late_and_double_answers_count_once_for_their_own_probe() {
    insta::assert_snapshot!(mytraceroute("--net hostile-twice server"));
}

#[test]
fn eight_quoted_bytes_are_enough_by_whatever_probes() {
    insta::assert_snapshot!(each(&[
        "--net hostile-short server",
        "--net hostile-short -I server",
        "--net hostile-short -T server",
    ]));
}

#[test]
fn errors_about_other_peoples_probes_are_no_hops() {
    insta::assert_snapshot!(each(&["--net hostile-foreign server", "--net hostile-foreign -v -q 1 -I server"]));
}

#[test]
fn way_that_changes_during_the_run_is_told() {
    insta::assert_snapshot!(mytraceroute("--net hostile-change -z 0.2 server"));
}

#[test]
fn limit_of_errors_is_told_as_such_and_costs_no_hop() {
    insta::assert_snapshot!(each(&[
        "--net limited.toml server",
        "--net limited.toml -q 10 server",
        "--net limited.toml -q 10 -I server",
    ]));
}

#[test]
fn loss_is_told_apart_from_a_limit() {
    insta::assert_snapshot!(mytraceroute("--net routers --set net5.loss=20% server"));
}

#[test]
fn one_flow_keeps_to_one_branch_and_all_flows_find_both() {
    insta::assert_snapshot!(each(&[
        "--net diamond server",
        "--net diamond --multipath server",
        "--net diamond --multipath -I server",
        "--net diamond --multipath -T server",
        "--net routers --multipath server",
    ]));
}

#[test]
fn port_per_probe_mixes_branches_and_says_so() {
    insta::assert_snapshot!(each(&["--net diamond --classic server", "--net scattered.toml server"]));
}

#[test]
fn longest_packet_is_found_hop_by_hop_and_across_black_holes() {
    insta::assert_snapshot!(each(&[
        "--net mtu --mtu server",
        "--net mtu --mtu -I server",
        "--net mtu --at server --mtu client",
        "--net mtu-blackhole --mtu server",
        "--net routers --mtu 192.168.99.1",
    ]));
}

#[test]
fn labels_and_interfaces_are_told() {
    insta::assert_snapshot!(mytraceroute("--net labels.toml -q 1 server"));
}

#[test]
fn json_has_one_object_an_event() {
    insta::assert_snapshot!(each(&[
        "--net routers -q 1 --json server",
        "--net hostile-dead -q 1 --json server",
        "--net diamond --multipath --json server",
        "--net mtu-blackhole --mtu --json server",
    ]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "--net routers",
        "--net routers sever",
        "--net router server",
        "--net broken.toml a",
        "--net routers -q 0 server",
        "--net routers -q 11 server",
        "--net routers -m 256 server",
        "--net routers -f 9 -m 3 server",
        "--net routers -s 10 server",
        "--net routers -P sctp server",
        "--net routers -I -T server",
        "--net routers -w -1 server",
        "--net routers -p 0 server",
        "--net routers -s 2000 server",
        "--net routers --mtu -T server",
        "--net routers --multipath --mtu server",
        "--net routers -i net9 server",
        "--net routers 224.0.0.1",
        "--net routers 192.168.1.255",
        "--net routers ::1",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(mytraceroute("--help"));
}

/// The same command has the same bytes in every run; where there is loss, another seed has others.
#[test]
fn same_seed_gives_the_same_bytes() {
    let command = "--net routers --set net5.loss=20% server";
    let runs: BTreeSet<Vec<u8>> = (0..50).map(|_| run(command).stdout).collect();
    assert_eq!(runs.len(), 1);
    let seeds: BTreeSet<Vec<u8>> = (1..=20).map(|seed| run(&format!("--seed {seed} {command}")).stdout).collect();
    assert!(seeds.len() > 5, "{} of 20", seeds.len());
}
