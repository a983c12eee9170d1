//! The tests: which body runs as whom.

use crate::bodies;
use crate::nets::{Nets, Program, User};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;

/// A body with the user that runs it; `open`: whether the sysctl gives everybody the kernel's ping sockets.
struct Case {
    name: String,
    body: &'static str,
    user: User,
    open: bool,
}

fn cases() -> Vec<Case> {
    // A ping socket keeps the same contract whether the kernel owns its identifier or this crate does.
    let ping = [
        ("hears_its_replies", "replies"),
        ("tells_time_exceeded", "time_exceeded"),
        ("tells_that_nobody_answers_arp", "silence"),
        ("tells_what_is_too_long", "too_long"),
        ("does_not_hear_others", "others"),
        ("puts_options_in_the_header", "options"),
        ("waits_for_a_full_queue", "full_queue"),
    ];
    let root = |name: &str, body| Case { name: name.into(), body, user: User::Root, open: false };
    let mut cases = Vec::new();
    for (promise, body) in ping {
        cases.push(root(&format!("raw_ping_socket_{promise}"), body));
        cases.push(Case { open: true, ..root(&format!("kernels_ping_socket_{promise}"), body) });
    }
    let nobody = |name: &str, body, open| Case { name: name.into(), body, user: User::Nobody, open };
    cases.extend([
        nobody("anybody_whom_the_sysctl_lets_in_may_ping", "replies", true),
        nobody("who_may_not_ping_is_told_what_it_takes", "no_permission", false),
        root("link_socket_hears_the_reply_and_not_itself", "arp"),
        root("link_socket_puts_the_tag_back", "tag"),
        root("link_socket_needs_an_interface_that_is_up_and_ethernet", "no_link"),
        root("raw_socket_sends_the_header_as_given", "header"),
        root("udp_socket_is_told_that_a_port_is_closed", "closed_port"),
        root("interfaces_have_their_addresses", "interfaces"),
        root("route_names_interface_source_and_next_hop", "route"),
        root("neighbour_is_known_after_a_ping", "neighbours"),
        root("wait_names_the_socket_that_is_ready", "wait"),
        root("ctrl_c_ends_a_wait_at_once", "interrupt_waiting"),
        root("ctrl_c_before_a_wait_is_not_lost", "interrupt_before"),
        root("second_ctrl_c_kills", "interrupt_twice"),
        root("handshake_ends_with_who_says_that_there_is_no_way", "tcp_unreachable"),
        root("handshake_that_nobody_answers_ends_in_time", "tcp_silence"),
        root("icmp_error_ends_no_connection_that_is_established", "tcp_soft_error"),
        root("idle_connection_whose_peer_is_gone_ends_by_its_probes", "keepalive"),
        root("fast_open_carries_data_in_the_second_syn", "fast_open"),
        root("fast_open_that_the_sysctl_forbids_falls_back_and_says_so", "no_fast_open"),
        root("connection_that_finds_no_port_says_where_they_come_from", "no_port"),
        root("ctrl_c_ends_handshakes_and_reads", "tcp_interrupt"),
        root("ten_thousand_connections_take_few_bytes_each", "ten_thousand"),
        nobody("who_may_not_have_a_port_or_an_algorithm_is_told_what_it_takes", "tcp_no_permission", false),
    ]);
    cases
}

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, body, prefix] = arguments.as_slice()
        && flag == "--body"
    {
        return bodies::run(body, prefix);
    }
    let program = Program::ready().map(Arc::new);
    let required = std::env::var("FIRSTHOP_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "live"));
    let trial = |case: Case| match program.clone() {
        Ok(program) => Trial::test(case.name.clone(), move || check(&case, &program)),
        Err(reason) => Trial::test(format!("{} (skipped: {reason})", case.name), move || Err(reason.into()))
            .with_ignored_flag(!required),
    };
    let trials = cases().into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(case: &Case, program: &Program) -> Result<(), Failed> {
    let nets = Nets::build(case.open)?;
    let ended = nets.body(program, case.user, case.body)?;
    // What a shell shows of a program that Ctrl-C killed.
    const KILLED: i32 = 130;
    let expected = if case.body == "interrupt_twice" { KILLED } else { 0 };
    if ended.code == expected { Ok(()) } else { Err(format!("exit {}\n{}", ended.code, ended.text).into()) }
}
