//! tcp-echo on real kernels, beside sockets that nobody here wrote: Python's, which are the kernel's own, and socat's.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 b
//! ```

use needs::transcript::{equal, untimed};
use needs::{Ended, Failed, Net, Program, Running, Test, test};
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
        test("connection_that_is_refused_or_nowhere_says_who_said_so", no_connection),
        test("server_that_breaks_off_is_told_of", broken_off),
        test("port_that_is_taken_says_by_whom", taken),
        test("option_that_linux_lacks_is_refused_before_anything_is_sent", lacking),
        test("ctrl_c_closes_and_tells_the_statistics", ctrl_c),
    ];
    needs::live(&["python3", "socat"]).run(tests)
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
    let sent = net.at("a", ours("send -c 2 -i 0.01 --nodelay --writes 4,4 10.77.1.2")).run()?;
    equal(
        &steady(&sent.stdout),
        &[
            "TCP ECHO 10.77.1.2 (10.77.1.2:7): 8 bytes a request, in 2 writes: 4, 4",
            "connected from 10.77.1.1:P in T ms",
            "request 1: 8 bytes echoed, rtt T ms",
            "  not known: what left when, and why",
            "request 2: 8 bytes echoed, rtt T ms",
            "  not known: what left when, and why",
            "",
            "--- 10.77.1.2 echo statistics ---",
            "2 requests, 2 echoed, time T",
            "rtt min/avg/max/mdev = T ms",
            "rtt p50/p95/p99 = T ms",
        ],
    )?;
    has(&sent.stderr, "note: the kernel does not tell what left when and why")?;
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
        "hint: nobody listens there, but a connection of it is in TIME-WAIT (`ss -tan 'sport = :7'`); take it all the same with --reuseaddr, or",
    )?;
    exits(&third, 2)
}

fn lacking() -> Result<(), Failed> {
    let net = pair()?;
    for (args, error) in [
        ("--nagle rfc", "error: Linux has no rule of Nagle's but Minshall's (RFC 9293 appendix A.3), on or off"),
        ("--ack-delay 0.1", "error: a TCP socket of this machine has no option AckDelay(100ms)"),
        ("--states", "error: this machine has no record of what left when and why"),
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
