//! tcp-echo on real kernels, beside sockets that nobody here wrote: Python's, which are the kernel's own, and socat's.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 b
//! ```

#![allow(clippy::indexing_slicing, reason = "a test ends at its first surprise")]

use needs::document::Documented;
use needs::transcript::{equal, untimed};
use needs::{Ended, Failed, Net, Program, Running, Test, test};
use serde_json::Value;
use std::fmt::Debug;
use std::process::ExitCode;

const OURS: &str = env!("CARGO_BIN_EXE_tcp-echo");

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
        test("small_write_waits_for_a_delayed_ack_unless_either_end_is_told_otherwise", stall),
        test("write_that_waits_is_seen_to_leave_and_the_rule_is_named", why),
        test("user_who_may_see_no_segments_is_told_why_by_tcp_info", why_without_capture),
        test("median_of_fifty_warm_exchanges_is_35_ms_with_nagle_and_5_without_at_the_most", medians),
        test("matrix_on_this_machine_holds_what_linux_holds", matrix),
        test("json_of_the_matrix_is_that_of_the_manual", matrix_json),
        test("syn_carries_data_where_the_kernel_allows_it", fast_open),
        test("bench_has_requests_in_the_syn_beside_new_connections_and_pools", bench),
        test("socket_has_the_options_that_were_asked_for", options),
        test("table_of_tcp_info_grows_while_a_request_waits", tcpinfo),
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

fn ours(args: &str) -> Program {
    Program::new(OURS).words(args)
}

fn pair() -> Result<Net, String> {
    Net::row(&["a", "b"]).build()
}

/// Our server at `b`, once its port is open.
fn serve(net: &Net, args: &str) -> Result<Running, String> {
    let mut server = net.at("b", ours(&format!("serve {args}"))).start()?;
    server.wait_for("TCP ECHO at")?;
    Ok(server)
}

/// Ends a program as Ctrl-C does.
fn interrupt(running: Running) -> Result<Ended, String> {
    running.signal("INT")?;
    running.end()
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

fn exits(ended: &Ended, code: i32) -> Result<(), Failed> {
    if ended.code == code { Ok(()) } else { Err(format!("{ended}where exit {code} was expected").into()) }
}

fn has(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("no '{part}' in:\n{text}").into()) }
}

fn socat_echoes() -> Result<(), Failed> {
    let net = pair()?;
    let _socat = net.at("b", Program::new("socat").words("-T 5 TCP4-LISTEN:7,fork,reuseaddr PIPE")).start()?;
    // It says nothing when it is ready, and until then the port is closed.
    for _ in 0..50 {
        if net.at("a", ours("send -q -c 1 10.77.1.2")).run()?.code == 0 {
            break;
        }
    }
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
    let got = net.at("a", Program::new("python3").args(["-c", HALF_CLOSE])).succeed()?;
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
    let got = net.at("a", Program::new("python3").args(["-c", MANY])).succeed()?;
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

fn stall() -> Result<(), Failed> {
    let net = pair()?;
    for (sender, server, stalls) in [
        ("", "", true),
        ("--nodelay", "", false),
        ("--cork", "", false),
        ("--msg-more", "", false),
        ("", "--quickack=always", false),
        ("", "--quickack", true),
    ] {
        let running = serve(&net, &format!("-q -c 1 --reads 8 {server}"))?;
        // The first exchange never waits: Linux begins with quick acknowledgments.
        let sent = net.at("a", ours(&format!("send -q -c 15 -i 0 --writes 4,4 {sender} 10.77.1.2"))).run()?;
        exits(&sent, 0)?;
        exits(&running.end()?, 0)?;
        let times = sent.stdout.lines().find_map(|line| line.strip_prefix("rtt p50/p95/p99 = "));
        let median = times.and_then(|times| times.split('/').next()?.parse::<f64>().ok());
        let median = median.ok_or_else(|| format!("no median in {sent}"))?;
        let is_so = if stalls { median >= 35.0 } else { median <= 5.0 };
        if !is_so {
            return Err(format!("send {sender}, serve {server}: {median} ms").into());
        }
    }
    Ok(())
}

/// The second request of these writes from a to b, whose server reads it whole. `may_see`: the sender may open link sockets.
fn second_request(net: &Net, writes: &str, may_see: bool) -> Result<Value, Failed> {
    let bytes: usize = writes.split(',').filter_map(|size| size.parse::<usize>().ok()).sum();
    let server = serve(net, &format!("-q -c 1 --reads {bytes}"))?;
    let program = if may_see {
        Program::new(OURS)
    } else {
        Program::new("setpriv").words("--bounding-set=-net_raw --inh-caps=-net_raw --").args([OURS])
    };
    let sender = program.words(&format!("send --json -c 2 -i 0.05 --writes {writes} 10.77.1.2"));
    let sent = net.at("a", sender).run()?;
    exits(&sent, 0)?;
    exits(&server.end()?, 0)?;
    let lines = json(&sent.stdout)?;
    let second = lines.into_iter().find(|line| line["number"] == 2);
    second.ok_or_else(|| format!("no second request in {sent}").into())
}

fn json(text: &str) -> Result<Vec<Value>, Failed> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}").into())).collect()
}

/// The segments of a request: bytes, whether they left at once, and the rule that held them. What left again is none of the rules':
/// a busy machine may answer so late that Linux probes for a loss.
fn segments(request: &Value) -> Vec<(u64, bool, String)> {
    let writes = request["writes"].as_array().into_iter().flatten();
    let segments = writes.flat_map(|write| write["segments"].as_array().into_iter().flatten());
    let seen = |segment: &Value| {
        let rules = segment["held"].as_array().into_iter().flatten().filter_map(|held| held["rule"].as_str());
        let bytes = segment["segment_bytes"].as_u64().unwrap_or_default();
        (bytes, segment["at_once"] == true, rules.collect::<Vec<_>>().join(" "))
    };
    segments.filter(|segment| segment["again"] == false).map(seen).collect()
}

fn is(what: &impl Debug, expected: &impl Debug, request: &Value) -> Result<(), Failed> {
    let [what, expected] = [format!("{what:?}"), format!("{expected:?}")];
    if what == expected { Ok(()) } else { Err(format!("{what} where {expected} was expected: {request}").into()) }
}

fn at_once(bytes: u64) -> (u64, bool, String) {
    (bytes, true, String::new())
}

fn by_nagle(bytes: u64) -> (u64, bool, String) {
    (bytes, false, "nagle".into())
}

/// Of 500 and 960 bytes the 960 are held, and of 5000 nothing; that is seen by this witness.
fn held_by_linux(may_see: bool, witness: &str) -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).sysctl("a", "net.ipv4.tcp_timestamps=0").build()?;
    let small = second_request(&net, "500,960", may_see)?;
    is(&segments(&small), &[at_once(500), by_nagle(960)], &small)?;
    is(&small["seen_by"], &Value::from(witness), &small)?;
    let after = small["writes"][1]["segments"][0]["after_ns"].as_u64().unwrap_or_default();
    if after < 35_000_000 {
        return Err(format!("the 960 bytes left after {after} ns: {small}").into());
    }
    let large = second_request(&net, "5000", may_see)?;
    is(&segments(&large), &[at_once(1460), at_once(1460), at_once(1460), at_once(620)], &large)
}

fn why() -> Result<(), Failed> {
    held_by_linux(true, "link")
}

fn why_without_capture() -> Result<(), Failed> {
    held_by_linux(false, "tcp_info")
}

/// The cells of a matrix on the loopback of a namespace.
fn pairs(args: &str) -> Result<Vec<Value>, Failed> {
    let net = pair()?;
    let ran = net.at("a", ours(&format!("matrix --live --json {args}"))).run()?;
    exits(&ran, 0)?;
    Ok(json(&ran.stdout)?.into_iter().filter(|line| line["event"] == "pair").collect())
}

fn medians() -> Result<(), Failed> {
    let pairs = pairs("-c 50 --writes 4,4")?;
    let mut stalled = 0;
    for cell in pairs.iter().filter(|cell| cell["nagle"] != "rfc") {
        let median = cell["median_rtt_ns"].as_u64().ok_or_else(|| format!("no median: {cell}"))?;
        let stalls = cell["nagle"] == "minshall" && cell["cork"] == false && cell["quickack"] != "always";
        let is_so = if stalls { median >= 35_000_000 } else { median <= 5_000_000 };
        if !is_so {
            return Err(format!("stalls: {stalls}, and the median is {median} ns: {cell}").into());
        }
        is(&cell["rule"], &if stalls { Value::from("nagle") } else { Value::Null }, cell)?;
        stalled += usize::from(stalls);
    }
    is(&(stalled, pairs.len()), &(3, 24), &Value::Null)
}

fn matrix() -> Result<(), Failed> {
    for (writes, by_rfc, here) in [("500,960", Some(960), Some(960)), ("5000", Some(620), None)] {
        let pairs = pairs(&format!("-c 3 --writes {writes}"))?;
        let of = |nagle: &str| {
            pairs.iter().find(|cell| cell["nagle"] == nagle && cell["cork"] == false && cell["quickack"] == "usual")
        };
        let (rfc, minshall) = of("rfc").zip(of("minshall")).ok_or("a cell is missing")?;
        is(&rfc["model_held_bytes"].as_u64(), &by_rfc, rfc)?;
        is(&rfc["median_rtt_ns"], &Value::Null, rfc)?;
        has(&rfc["words"].to_string(), "Linux has no rule of Nagle's but Minshall's")?;
        is(&minshall["held_bytes"].as_u64(), &here, minshall)?;
        is(&minshall["model_held_bytes"].as_u64(), &here, minshall)?;
    }
    Ok(())
}

fn matrix_json() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let manual = Documented { program: OURS, tool: "tcp-echo", directory: directory.path() };
    let unseen = manual.json("tcp-echo matrix", &["matrix --live --writes 4,4 -c 1"])?;
    equal(&unseen, &["cell"])
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
    for (node, expected) in [
        ("a", &["10.77.1.1:4007", " reno ", " mss:588 ", ",tb14000,", ",rb16000,", "timer:(keepalive,39"][..]),
        ("b", &[" cubic ", ",rb18000,", "timer:(keepalive,49"][..]),
    ] {
        let shown = net.at(node, Program::new("ss").words("-tnoimH")).succeed()?;
        for part in expected {
            has(&shown, part)?;
        }
    }
    exits(&interrupt(sender)?, 0)?;
    exits(&interrupt(server)?, 0)
}

fn tcpinfo() -> Result<(), Failed> {
    let net = pair()?;
    let directory = tempfile::tempdir()?;
    let server = serve(&net, "-q -c 1 --reads 8")?;
    let sender = ours("send -q -c 2 -i 0.05 --writes 4,4 --tcpinfo info.csv 10.77.1.2").directory(directory.path());
    exits(&net.at("a", sender).run()?, 0)?;
    exits(&server.end()?, 0)?;
    let table = std::fs::read_to_string(directory.path().join("info.csv"))?;
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let unacked = |bytes: &str| rows.iter().any(|row| row.get(5) == Some(&bytes));
    let times: Vec<f64> = rows.iter().filter_map(|row| row.first()?.parse().ok()).collect();
    let is_so = unacked("4") && unacked("0") && times.is_sorted() && times.len() == rows.len() && rows.len() < 200;
    if is_so { Ok(()) } else { Err(format!("that is no table of a request that waits:\n{table}").into()) }
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

fn taken() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-w 0.5")?;
    let second = net.at("b", ours("serve")).run()?;
    has(
        &second.stderr,
        "error: port 7 of this host is in use already\nhint: user 0 listens at 0.0.0.0:7, and `ss -ltnp 'sport = :7'` names",
    )?;
    exits(&second, 2)?;
    // The server closes first, so its end of the connection waits in TIME-WAIT.
    let sent = net.at("a", ours("send -i 9 10.77.1.2")).run()?;
    has(&sent.stdout, "10.77.1.2:7 closed its direction (FIN)")?;
    exits(&server.end()?, 0)?;
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
        let server = serve(&net, &format!("{port} {first} -w 0.3"))?;
        let target = port.replace("--port ", "10.77.1.2:");
        exits(&net.at("a", ours(&format!("send -q -i 9 {target}"))).run()?, 1)?;
        exits(&server.end()?, 0)?;
        exits(&net.at("b", ours(&format!("serve {port} {second} -w 0.1"))).run()?, code)?;
    }
    Ok(())
}

fn lacking() -> Result<(), Failed> {
    let net = pair()?;
    for (args, error) in [
        ("--nagle rfc", "error: Linux has no rule of Nagle's but Minshall's (RFC 9293 appendix A.3), on or off"),
        ("--ack-delay 0.1", "error: a TCP socket of this machine has no option AckDelay(100ms)"),
        ("--states", "error: this machine has no record of what left when and why"),
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
