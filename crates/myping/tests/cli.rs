//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! What the numbers must be is said by the networks (testdata/nets) and was checked by hand when a snapshot was made.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

/// Runs `myping ARGS` with an empty environment in a directory that holds the files `broken.toml` and `torn.toml`.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("broken.toml"), BROKEN).unwrap();
    fs::write(directory.path().join("torn.toml"), TORN).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_myping"));
    command.env_clear().current_dir(&directory).args(args.split_whitespace()).output().expect("it starts")
}

const BROKEN: &str = "title = \"Two hosts\"\nat = \"a\"\n\n[hosts.a]\non.lan = \"10.0.0.1/24\"\nttl = 300\n";

/// A network that loses the last fragment of the first request.
const TORN: &str = "title = \"A way with a hole\"\nlike = \"mtu\"\nfaults = [\"lose the second icmp on r1>r2\"]\n";

/// Runs `myping ARGS` and renders what a user meets.
fn myping(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ myping {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| myping(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn reply_crosses_four_routers_and_arrives_with_ttl_96() {
    insta::assert_snapshot!(myping("--net routers -c 3 192.168.10.3"));
}

#[test]
fn name_of_a_node_is_a_target() {
    insta::assert_snapshot!(each(&["--net routers -c 1 server", "--net routers --at r2 -c 1 client"]));
}

#[test]
fn without_a_count_four_probes_are_sent_and_a_last_line_says_so() {
    insta::assert_snapshot!(myping("--net lan 10.0.0.5"));
}

#[test]
fn silence_is_loss_that_nobody_explains() {
    insta::assert_snapshot!(myping("--net routers --seed 20 --set net5.loss=25% -c 3 server"));
}

#[test]
fn dead_link_is_noticed_by_whoever_asks_by_arp_on_it() {
    insta::assert_snapshot!(each(&[
        "--net routers --set net1.loss=100% -c 3 server",
        "--net routers --set net10.loss=100% -c 1 server",
        "--net lan -c 1 10.0.0.77",
    ]));
}

#[test]
fn address_that_nobody_has_is_unreachable_by_the_last_router() {
    insta::assert_snapshot!(myping("--net routers -c 2 192.168.10.99"));
}

#[test]
fn router_without_a_route_is_quoted_with_its_address() {
    insta::assert_snapshot!(myping("--net routers -c 2 192.168.99.1"));
}

#[test]
fn filter_is_told_apart_from_an_absent_host() {
    insta::assert_snapshot!(myping("--net routers -c 2 192.168.10.22"));
}

#[test]
fn loop_ends_at_the_router_where_the_ttl_does() {
    insta::assert_snapshot!(each(&[
        "--net routers -c 1 192.168.66.1",
        "--net routers -c 1 -t 99 192.168.66.1",
        "--net routers -c 1 -t 2 server",
    ]));
}

#[test]
fn loss_is_the_same_for_the_same_seed_and_other_for_another() {
    let (first, second) =
        ("--net routers --set net5.loss=20% -c 9 server", "--seed 2 --net routers --set net5.loss=20% -c 9 server");
    assert_eq!(run(first).stdout, run(first).stdout);
    assert_ne!(run(first).stdout, run(second).stdout);
    insta::assert_snapshot!(each(&[first, second]));
}

#[test]
fn second_answer_is_marked_and_not_received() {
    insta::assert_snapshot!(myping("--net lan --set lan.duplicate=30% -c 4 host5"));
}

#[test]
fn size_decides_whether_there_is_room_for_a_time_and_for_a_link() {
    insta::assert_snapshot!(each(&[
        "--net routers -c 1 -s 0 server",
        "--net routers -c 1 -s 4 server",
        "--net routers -c 1 -s 1472 server",
        "--net routers -c 2 -s 1473 server",
        "--net routers -c 1 -s 1473 --df server",
    ]));
}

#[test]
fn link_on_the_way_that_is_too_small_says_how_small() {
    insta::assert_snapshot!(each(&[
        "--net routers --set net5.mtu=1400 --df -s 1472 -c 2 server",
        "--net routers --set net5.mtu=1400 --df -s 1372 -c 1 server",
    ]));
}

#[test]
fn sender_that_listens_finds_the_path_mtu_step_by_step() {
    insta::assert_snapshot!(each(&[
        "--net mtu --df -s 1472 -c 3 server",
        "--net mtu --df -s 1372 -c 2 server",
        "--net mtu --df -s 1252 -c 1 server",
        "--net mtu --at server --df -s 1472 -c 2 client",
        "--net mtu --json --df -s 1472 -c 2 server",
    ]));
}

#[test]
fn request_that_is_too_long_for_its_link_leaves_in_fragments() {
    insta::assert_snapshot!(each(&[
        "--net mtu -s 1472 -c 1 server",
        "--net mtu -s 1480 -c 2 server",
        "--net mtu -v -s 1480 -c 2 server",
        "--net mtu --at r1 -s 1472 -c 1 server",
        "--net mtu -v -s 65507 -c 1 server",
        "--net mtu -v -s 1480 -c 1 client",
        "--net mtu -q -s 1480 -c 1 server",
    ]));
}

#[test]
fn black_hole_is_told_apart_from_a_dead_host_by_a_smaller_size() {
    insta::assert_snapshot!(each(&[
        "--net mtu-blackhole --df -s 1472 -c 2 server",
        "--net mtu-blackhole --df -s 1252 -c 1 server",
        "--net mtu-blackhole -s 1472 -c 1 server",
    ]));
}

#[test]
fn fragment_that_is_missing_is_missed_by_the_target_after_half_a_minute() {
    insta::assert_snapshot!(each(&[
        "--net torn.toml -s 1480 -W 40 -c 1 server",
        "--net torn.toml -s 1480 -c 2 server",
    ]));
}

#[test]
fn first_line_tells_pattern_and_origin() {
    insta::assert_snapshot!(each(&[
        "--net routers -c 1 -p ff00 server",
        "--net routers -c 1 -I net1 server",
        "--net routers -c 1 --interface 192.168.1.3 server",
        "--net routers -c 1 -Q 0xb8 server",
    ]));
}

#[test]
fn quiet_shows_only_the_first_line_and_the_statistics() {
    insta::assert_snapshot!(each(&[
        "--net routers -q -c 2 server",
        "--net routers -q -c 2 192.168.10.99",
        "--net routers -q -s 4 -c 1 --json server",
    ]));
}

#[test]
fn flood_sends_as_answers_come_and_draws_no_dots_into_a_pipe() {
    insta::assert_snapshot!(each(&[
        "--net lan -f -c 1000 host5",
        "--net lan -i 0 -c 3 host5",
        "--net routers -f -i 0.01 -c 20 server",
    ]));
}

#[test]
fn late_answer_is_received_whatever_the_wait() {
    insta::assert_snapshot!(each(&[
        "--net routers -W 0.05 -c 2 server",
        "--net routers -W 0 -i 0 -c 2 server",
        "--net routers -W 0.000001 -c 1 --json server",
    ]));
}

#[test]
fn deadline_leaves_young_requests_pending_and_wants_as_many_answers_as_counted() {
    insta::assert_snapshot!(each(&[
        "--net routers -w 0.01 server",
        "--net routers -w 2 server",
        "--net routers -w 2 -c 2 server",
        "--net routers -w 2 -c 3 server",
        "--net routers -w 9 192.168.10.99",
    ]));
}

#[test]
fn json_is_one_object_per_event() {
    let args = "--net routers --json -c 2 server";
    for line in String::from_utf8(run(args).stdout).unwrap().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].is_string());
    }
    insta::assert_snapshot!(each(&[
        args,
        "--net routers --json -c 1 192.168.10.22",
        "--net routers --json -c 1 --df -s 1473 server",
        "--net routers --json --seed 20 --set net5.loss=25% -c 1 server",
        "--net lan --json --set lan.duplicate=30% -c 2 host5",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(myping("--help"));
}

#[test]
fn examples_of_the_help_work_as_typed() {
    let help = String::from_utf8(run("--help").stdout).unwrap();
    let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  myping ")).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let args = example.split("   ").next().unwrap();
        let output = run(args);
        assert_ne!(output.status.code(), Some(2), "{args}");
        assert!(output.stdout.starts_with(b"PING "), "{args}");
    }
}

#[test]
fn wrong_numbers_are_answered_with_what_is_allowed() {
    insta::assert_snapshot!(each(&[
        "-c 0 server",
        "-c many server",
        "-s 70000 server",
        "-s -1 server",
        "-t 300 server",
        "-t 0 server",
        "-i -1 server",
        "-i 200ms server",
        "-w 0 server",
        "-W -1 server",
        "-Q 256 server",
        "-p ship server",
    ]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "",
        "--net routers",
        "--net routers server client",
        "--net routers --cuont 3 server",
        "--net router server",
        "--net routers sever",
        "--net routers --at cleint server",
        "--net routers 192.168.10.300",
        "--net routers ::1",
        "--net routers -I eth0 server",
        "--net routers --set net1.los=1% server",
        "--net broken.toml b",
    ]));
}

#[test]
fn group_of_hosts_is_no_target() {
    insta::assert_snapshot!(each(&[
        "--net lan 255.255.255.255",
        "--net lan 10.0.0.255",
        "--net lan 224.0.0.1",
        "--net lan 0.0.0.0",
    ]));
}

#[test]
fn sequence_numbers_wrap_without_a_duplicate() {
    let output = run("--net lan -q -i 0.001 -c 66000 host5");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("\n66000 packets transmitted, 66000 received, 0% packet loss, time 65999ms\n"), "{stdout}");
}

#[test]
fn same_command_200_times_has_the_same_bytes() {
    let outputs: BTreeSet<(Vec<u8>, Vec<u8>)> = (0..200)
        .map(|_| run("--net routers --set net5.loss=20% --set net1.duplicate=10% -i 0.01 -c 50 server"))
        .map(|output| (output.stdout, output.stderr))
        .collect();
    assert_eq!(outputs.len(), 1);
}

#[test]
#[expect(clippy::disallowed_types, reason = "a pipe whose reader goes away needs a program with a pipe")]
fn closed_pipe_is_a_quiet_end() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_myping"))
        .env_clear()
        .args(["--net", "lan", "-i", "0.001", "-c", "20000", "host5"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
