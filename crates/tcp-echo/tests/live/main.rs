//! tcp-echo on real kernels, beside sockets that nobody here wrote: Python's, which are the kernel's own, and socat's.

#![allow(clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod ends;
mod why;

use ends::{exits, has, interrupt, ours, pair, python, serve};
use needs::transcript::{equal, untimed};
use needs::{Failed, Net, Program, Running, Test, test};
use serde_json::Value;
use std::fmt::Debug;
use std::process::ExitCode;

/// Writes twice, ends its direction, and prints what comes back up to the end.
const HALF_CLOSE: &str = "
import socket
s = socket.create_connection(('10.77.1.2', 7))
s.sendall(b'first '); s.sendall(b'hop'); s.shutdown(socket.SHUT_WR)
got = b''
while part := s.recv(100): got += part
print(got.decode())
";

/// Holds so many connections open at once, and then uses each.
const MANY: &str = "
import socket
held = [socket.create_connection(('10.77.1.2', 7)) for _ in range(900)]
for s in held: s.sendall(b'x' * 10)
print(sum(len(s.recv(100)) for s in held))
";

fn main() -> ExitCode {
    let tests: Vec<Test> = vec![
        test("socat_echoes_requests_over_one_connection", socat_echoes),
        test("pythons_socket_gets_back_what_it_sent_and_the_end", python_is_echoed),
        test("nine_hundred_connections_at_once_are_all_echoed", many),
        test("requests_of_any_size_come_back_from_our_own_server", own_server),
        test("small_write_waits_for_a_delayed_ack_unless_either_end_is_told_otherwise", why::stall),
        test("write_that_waits_is_seen_to_leave_and_the_rule_is_named", why::why),
        test("user_who_may_see_no_segments_is_told_why_by_tcp_info", why::why_without_capture),
        test("median_of_fifty_warm_exchanges_is_35_ms_with_nagle_and_5_without_at_the_most", why::medians),
        test("matrix_on_this_machine_holds_what_linux_holds", why::matrix),
        test("json_of_the_matrix_is_that_of_the_manual", why::matrix_json),
        test("segments_and_states_of_this_end_are_those_on_the_wire", why::states),
        test("user_who_may_see_no_segments_is_told_what_it_takes", why::states_without_capture),
        test("syn_carries_data_where_the_kernel_allows_it", fast_open),
        test("bench_has_requests_in_the_syn_beside_new_connections_and_pools", bench),
        test("socket_has_the_options_that_were_asked_for", options),
        test("table_of_tcp_info_grows_while_a_request_waits", why::tcpinfo),
        test("linger_without_time_breaks_off", linger),
        test("connection_that_is_refused_or_nowhere_says_who_said_so", no_connection),
        test("server_that_breaks_off_is_told_of", broken_off),
        test("port_that_is_taken_says_by_whom", taken),
        test("port_with_an_old_connection_is_taken_where_both_programs_asked_for_it", reused),
        test("option_that_linux_lacks_is_refused_before_anything_is_sent", lacking),
        test("ctrl_c_closes_and_tells_the_statistics", ctrl_c),
    ];
    needs::live(&["python3", "socat", "setpriv", "ss"]).run(tests)
}

/// What a program prints, without times and without the ports that the kernel chose.
fn steady(text: &str) -> Vec<String> {
    let word = |word: &str| match word.rsplit_once(':') {
        Some((address, port)) if port.parse::<u16>().is_ok_and(|port| port >= 32_768) => format!("{address}:P"),
        // Milliseconds have three digits behind the point.
        _ if word.contains('.') && word.parse::<f64>().is_ok() => "T".to_string(),
        _ => word.to_string(),
    };
    untimed(text).into_iter().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

fn socat_echoes() -> Result<(), Failed> {
    let net = pair()?;
    // Twice -d, and it says when its port is open.
    let socat = Program::new("socat").words("-d -d -T 5 TCP4-LISTEN:7,fork,reuseaddr PIPE");
    let mut socat = net.at("b", socat).start()?;
    socat.wait_for("listening on")?;
    let sent = net.at("a", ours("send -c 2 -i 0.01 --writes 8 10.77.1.2")).run()?;
    equal(
        &steady(&sent.stdout),
        &[
            "TCP ECHO 10.77.1.2 (10.77.1.2:7): 8 bytes a request, in one write",
            "connected from 10.77.1.1:P in T ms",
            "request 1: 8 bytes echoed, rtt T ms",
            "  write 1: 8 bytes at once",
            "request 2: 8 bytes echoed, rtt T ms",
            "  write 1: 8 bytes at once",
            "",
            "--- 10.77.1.2 echo statistics ---",
            "2 requests, 2 echoed, time T",
            "rtt min/avg/max/mdev = T ms",
            "rtt p50/p95/p99 = T ms",
        ],
    )?;
    has(&sent.stderr, "note: what left when was seen on 'net1'")?;
    exits(&sent, 0)
}

fn python_is_echoed() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-c 1")?;
    let got = net.at("a", python(HALF_CLOSE, &[])).succeed()?;
    equal(&[got.trim()], &["first hop"])?;
    let served = server.end()?;
    equal(
        &steady(&served.stdout),
        &[
            "TCP ECHO at port 7 of all addresses, for whoever reaches one of them",
            "connection 1 from 10.77.1.1:P",
            "connection 1: 9 bytes echoed, closed by the other side",
            "",
            "--- echo statistics ---",
            "1 connection, 9 bytes echoed, time T",
        ],
    )?;
    exits(&served, 0)
}

fn many() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q")?;
    let got = net.at("a", python(MANY, &[])).succeed()?;
    equal(&[got.trim()], &["9000"])?;
    let served = interrupt(server)?;
    has(&served.stdout, "900 connections, 9000 bytes echoed")?;
    exits(&served, 0)
}

fn own_server() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q --reads 1000000")?;
    let sent = net.at("a", ours("send -q -c 3 -i 0 --half-close --writes 1,999999 10.77.1.2")).run()?;
    has(&sent.stdout, "3 requests, 3 echoed")?;
    exits(&sent, 0)?;
    has(&interrupt(server)?.stdout, "1 connection, 3000000 bytes echoed")
}

fn json(text: &str) -> Result<Vec<Value>, Failed> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}").into())).collect()
}

fn is(what: &impl Debug, expected: &impl Debug, request: &Value) -> Result<(), Failed> {
    let [what, expected] = [format!("{what:?}"), format!("{expected:?}")];
    if what == expected { Ok(()) } else { Err(format!("{what} where {expected} was expected: {request}").into()) }
}

fn fast_open() -> Result<(), Failed> {
    let taken = "  fast open: the SYN carried data, and the other side took them";
    for (sysctl, second) in [("1", "  fast open: not this time: "), ("3", taken)] {
        let net = Net::row(&["a", "b"]).sysctl("b", &format!("net.ipv4.tcp_fastopen={sysctl}")).build()?;
        let server = serve(&net, "-q --fastopen")?;
        let send = || net.at("a", ours("send -c 1 --fastopen 10.77.1.2")).run();
        has(&send()?.stdout, "  fast open: not this time: no cookie of that peer was known")?;
        let sent = send()?;
        has(&sent.stdout, second)?;
        // The link socket has seen them too, in the SYN or behind it.
        has(&sent.stdout, "  write 1: 56 bytes at once")?;
        has(&sent.stderr, "note: what left when was seen on 'net1'")?;
        exits(&interrupt(server)?, 0)?;
        // The kernel's own count is the judge.
        let counted = net.at("a", Program::new("cat").args(["/proc/net/netstat"])).succeed()?;
        let mut rows = counted.lines().filter(|line| line.starts_with("TcpExt:")).map(str::split_whitespace);
        let (names, values) = rows.next().zip(rows.next()).ok_or("no counters")?;
        let active = names.zip(values).find(|(name, _)| *name == "TCPFastOpenActive").map(|(_, value)| value);
        is(&active, &Some(if sysctl == "3" { "1" } else { "0" }), &Value::Null)?;
    }
    Ok(())
}

fn bench() -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).sysctl("b", "net.ipv4.tcp_fastopen=3").build()?;
    let server = serve(&net, "-q --fastopen")?;
    let shown = net.at("a", ours("bench --fastopen --requests 20 --gap 0 10.77.1.2")).succeed()?;
    // The first one has no cookie yet, and asks for it.
    has(&shown, "  1 over a new connection: ")?;
    has(&shown, "  19 in the SYN of a new connection: ")?;
    has(&shown, "  20 over a new connection: ")?;
    has(&shown, "  19 over a connection used before: ")?;
    exits(&interrupt(server)?, 0)
}

fn options() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q --congestion cubic --rcvbuf 9000 --keepalive 50")?;
    let asked =
        "--congestion reno --maxseg 600 --sndbuf 7000 --rcvbuf 8000 --keepalive 40 --bind 10.77.1.1 --sport 4007";
    let mut sender = net.at("a", ours(&format!("send -i 9 {asked} 10.77.1.2"))).start()?;
    sender.wait_for("request 1")?;
    // Linux takes twice the buffers that are asked for, and timestamps take 12 bytes of a segment.
    for (node, idle, expected) in [
        ("a", 40.0, &["10.77.1.1:4007", " reno ", " mss:588 ", ",tb14000,", ",rb16000,"][..]),
        ("b", 50.0, &[" cubic ", ",rb18000,"][..]),
    ] {
        let shown = net.at(node, Program::new("ss").words("-tnoimH")).succeed()?;
        for part in expected {
            has(&shown, part)?;
        }
        // `timer:(keepalive,39sec,0)`: how long until the first probe, for a connection that was used some time ago.
        let timer = shown.split_once("timer:(keepalive,").and_then(|(_, timer)| timer.split_once("sec"));
        let rest: Option<f64> = timer.and_then(|(rest, _)| rest.parse().ok());
        if rest.is_none_or(|rest| rest > idle || rest < idle - 9.0) {
            return Err(format!("keepalive after {idle} s: {shown}").into());
        }
    }
    exits(&interrupt(sender)?, 0)?;
    exits(&interrupt(server)?, 0)
}

fn linger() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-c 1")?;
    exits(&net.at("a", ours("send -q -c 1 --linger 0 10.77.1.2")).run()?, 0)?;
    has(&server.end()?.stdout, "connection 1: 56 bytes echoed, the other side broke the connection off")
}

fn no_connection() -> Result<(), Failed> {
    let net = pair()?;
    for (target, line) in [
        ("10.77.1.2:9", "no connection: 10.77.1.2:9 refused"),
        ("10.77.1.9", "no connection: unreachable, says this host itself (code 1)"),
    ] {
        let sent = net.at("a", ours(&format!("send {target}"))).run()?;
        has(&sent.stdout, line)?;
        exits(&sent, 1)?;
    }
    net.ip("a", "route add 10.77.9.0/24 via 10.77.1.2")?;
    net.ip("b", "route add blackhole 10.77.9.0/24")?;
    net.sysctl("b", "net.ipv4.ip_forward=1")?;
    let sent = net.at("a", ours("send -W 0.2 10.77.9.1")).run()?;
    has(&sent.stdout, "no connection: no answer from 10.77.9.1:7 within 0.2 s")?;
    exits(&sent, 1)
}

fn broken_off() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-c 1 --abort-after 4")?;
    let sent = net.at("a", ours("send 10.77.1.2")).run()?;
    has(&sent.stdout, "10.77.1.2:7 broke the connection off (RST); ")?;
    exits(&sent, 1)?;
    has(&server.end()?.stdout, "connection 1: 4 bytes echoed, broken off by this side (RST)")
}

/// The server closes first, so its end of a connection to `target` waits in TIME-WAIT.
fn closed_first(net: &Net, server: Running, target: &str) -> Result<(), Failed> {
    let mut sender = net.at("a", ours(&format!("send -i 9 {target}"))).start()?;
    sender.wait_for("request 1")?;
    exits(&interrupt(server)?, 0)?;
    has(&sender.end()?.stdout, " closed its direction (FIN)")
}

fn taken() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "")?;
    let second = net.at("b", ours("serve")).run()?;
    has(
        &second.stderr,
        "error: port 7 of this host is in use already\nhint: user 0 listens at 0.0.0.0:7, and `ss -ltnp 'sport = :7'` names",
    )?;
    exits(&second, 2)?;
    closed_first(&net, server, "10.77.1.2")?;
    let third = net.at("b", ours("serve")).run()?;
    has(
        &third.stderr,
        "hint: nobody listens there, but a connection of it is in TIME-WAIT (`ss -tan 'sport = :7'`); with --reuseaddr at both, the program that ended and this one, it can be had; or",
    )?;
    exits(&third, 2)
}

fn reused() -> Result<(), Failed> {
    let net = pair()?;
    // Both must have asked for it: who leaves the old connection behind, and who takes its port.
    for (first, second, code) in [("", "--reuseaddr", 2), ("--reuseaddr", "", 2), ("--reuseaddr", "--reuseaddr", 1)] {
        let port = format!("--port {}", 10 + first.len() + 2 * second.len());
        let server = serve(&net, &format!("{port} {first}"))?;
        closed_first(&net, server, &port.replace("--port ", "10.77.1.2:"))?;
        exits(&net.at("b", ours(&format!("serve {port} {second} -w 0.1"))).run()?, code)?;
    }
    Ok(())
}

fn lacking() -> Result<(), Failed> {
    let net = pair()?;
    for (args, error) in [
        ("--nagle rfc", "error: Linux has no rule of Nagle's but Minshall's (RFC 9293 appendix A.3), on or off"),
        ("--ack-delay 0.1", "error: a TCP socket of this machine has no option 'ACK delay'"),
        ("--congestion vegas", "error: this machine's Linux has no congestion control 'vegas', but "),
        ("--bind 10.77.1.9", "error: 10.77.1.9 is no address of this machine"),
        ("--maxseg 20", "error: a segment of 20 bytes: 88 to 32767 are allowed"),
    ] {
        let sent = net.at("a", ours(&format!("send {args} 10.77.1.2"))).run()?;
        has(&sent.stderr, error)?;
        exits(&sent, 2)?;
    }
    Ok(())
}

fn ctrl_c() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "")?;
    let mut sender = net.at("a", ours("send -i 9 10.77.1.2")).start()?;
    sender.wait_for("request 1")?;
    let sent = interrupt(sender)?;
    has(&sent.stdout, "1 request, 1 echoed")?;
    exits(&sent, 0)?;
    let served = interrupt(server)?;
    has(&served.stdout, "connection 1: 56 bytes echoed, closed by the other side")?;
    exits(&served, 0)
}
