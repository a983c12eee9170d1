//! udp-echo on real kernels in network namespaces, beside sockets that nobody here wrote: Python's, which are the
//! kernel's own, and socat's.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 r 10.77.2.1 ──net2── 10.77.2.2 b
//!                                       MTU 1400 for `narrow`
//! ```

mod errors;
mod judges;
mod sockets;

use judges::{OUT_OF_ORDER, SMALL_BUFFER, SNIFF};
use needs::transcript::{equal, untimed};
use needs::{Ended, Failed, Net, Program, PublicCopy, Row, Running, Test, test};
use std::process::ExitCode;
use std::sync::Arc;

const OURS: &str = env!("CARGO_BIN_EXE_udp-echo");

fn main() -> ExitCode {
    // A copy that cannot be made is told by the tests that need it.
    let public = PublicCopy::of(OURS).map(Arc::new);
    let for_everybody = |name: &str, body: fn(&PublicCopy) -> Result<(), Failed>| {
        let public = public.clone();
        test(name, move || body(&*public?))
    };
    let tests: Vec<Test> = vec![
        test("socat_echoes_what_is_sent", socat_echoes),
        test("socat_gets_back_what_it_sent", socat_is_echoed),
        test("datagrams_of_any_length_come_back_from_the_kernel", lengths),
        test("two_ends_tell_of_the_same_datagrams", both_ends),
        test("kernel_gives_each_datagram_to_the_socket_that_we_name", sockets::demultiplexing),
        test("closed_port_is_econnrefused_to_the_kernels_sockets_too", errors::refused),
        test("only_errors_that_the_kernel_takes_for_hard_have_a_name", errors::errno_of_errors),
        test("header_that_is_drawn_is_the_one_on_the_wire", header),
        test("datagram_without_a_checksum_leaves_without_one", no_checksum),
        test("datagram_of_a_stranger_comes_to_an_unconnected_socket_only", sockets::strangers),
        test("narrow_link_is_told_by_its_router_and_then_by_the_kernel", errors::narrow),
        test("host_that_is_not_there_is_told_by_the_kernel_itself", errors::nobody_there),
        test("silence_is_no_error", errors::silence),
        test("loss_doubles_and_order_are_known_by_number", order),
        test("kernel_cuts_for_a_small_buffer_as_we_do", small_buffer),
        test("ctrl_c_tells_the_statistics", ctrl_c),
        test("deadline_ends_a_server", deadline),
        test("deadline_ends_a_burst", deadline_of_a_burst),
        test("port_that_is_taken_is_named", sockets::taken),
        test("four_sockets_share_2000_senders_evenly", sockets::four_sockets),
        test("each_datagram_follows_the_answer_of_the_one_before", ping_pong),
        test("loopback_is_reached_from_its_host_only_and_all_addresses_from_next_door", sockets::reach),
        test("sockets_are_told_what_was_asked_for", sockets::told),
        test("of_sockets_that_reuse_an_address_the_last_has_all", sockets::reuse_address),
        test("false_names_are_for_simulated_networks", no_false_name),
        for_everybody("anybody_sends_and_serves_on_the_loopback", loopback),
        for_everybody("who_may_not_have_a_low_port_is_told_what_it_takes", sockets::low_port),
        for_everybody("who_is_not_root_may_not_flood", no_flood),
    ];
    needs::live(&["python3", "socat", "setpriv", "ss"]).run(tests)
}

fn row() -> Row {
    Net::row(&["a", "r", "b"])
}

fn ours(args: &str) -> Program {
    Program::new(OURS).words(args)
}

fn python(script: &str) -> Program {
    Program::new("python3").args(["-c", script])
}

/// Our server at a node, once its sockets are open.
fn serve(net: &Net, node: &str, args: &str) -> Result<Running, String> {
    let mut server = net.at(node, ours(&format!("serve {args}"))).start()?;
    server.wait_for("socket")?;
    Ok(server)
}

/// Ends a program as Ctrl-C does.
fn interrupt(running: Running) -> Result<Ended, String> {
    running.signal("INT")?;
    running.end()
}

/// What a program of ours prints, with the ports that the kernel chose and the times taken out.
fn steady(text: &str) -> Vec<String> {
    let port = |word: &str| match word.trim_end_matches([',', ':']).rsplit_once(':') {
        Some((address, port)) if port.parse::<u16>().is_ok_and(|port| port >= 32_768) => {
            word.replace(&format!("{address}:{port}"), &format!("{address}:P"))
        }
        _ => word.to_string(),
    };
    untimed(text).into_iter().map(|line| line.split(' ').map(port).collect::<Vec<_>>().join(" ")).collect()
}

fn exits(ended: &Ended, code: i32) -> Result<(), Failed> {
    if ended.code == code { Ok(()) } else { Err(format!("{ended}where exit {code} was expected").into()) }
}

fn has(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("no '{part}' in:\n{text}").into()) }
}

fn socat_echoes() -> Result<(), Failed> {
    let net = row().build()?;
    let _socat = net.at("b", Program::new("socat").words("-T 5 UDP4-RECVFROM:53,fork PIPE")).start()?;
    // It says nothing when it is ready, and until then the port is closed.
    for _ in 0..50 {
        if net.at("a", ours("send -q -c 1 -W 0.2 10.77.2.2:53")).run()?.code == 0 {
            break;
        }
    }
    let sent = net.at("a", ours("send -c 3 -i 0.05 -W 5 10.77.2.2:53")).run()?;
    equal(
        &steady(&sent.stdout),
        &[
            "UDP ECHO 10.77.2.2 (10.77.2.2) port 53 from 10.77.1.1:P, unconnected: 56 bytes of data.",
            "56 bytes from 10.77.2.2:53: seq=1 ttl=63 time=T ms",
            "56 bytes from 10.77.2.2:53: seq=2 ttl=63 time=T ms",
            "56 bytes from 10.77.2.2:53: seq=3 ttl=63 time=T ms",
            "",
            "--- 10.77.2.2 port 53 echo statistics ---",
            "3 datagrams transmitted, 3 received, 0% loss, time T",
            "rtt min/avg/max/mdev = T ms",
            "rtt p50/p95/p99 = T ms",
        ],
    )?;
    exits(&sent, 0)
}

fn socat_is_echoed() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "--port 53=AppX,68")?;
    let socat = Program::new("socat").args([
        "-t",
        "1",
        "SYSTEM:echo hello; head -c 6 >&2",
        "UDP4:10.77.2.2:53,sourceport=5555",
    ]);
    let said = net.at("a", socat).run()?;
    equal(&[said.stderr], &["hello\n"])?;
    let served = interrupt(server)?;
    has(
        &served.stdout,
        "\n6 bytes from 10.77.1.1:5555 ttl=63 to port 53: socket 1 (AppX), the only one at this port\n",
    )?;
    has(&served.stdout, "\n1 datagrams received, 1 echoed, ")?;
    exits(&served, 0)
}

fn lengths() -> Result<(), Failed> {
    let net = row().build()?;
    let _server = serve(&net, "b", "--port 53")?;
    let sent = net.at("a", ours("send -i 0.01 -s 0,1,4,12,1472,1473,9000,65507 10.77.2.2:53")).run()?;
    let lines: Vec<String> = steady(&sent.stdout).into_iter().skip(1).take(8).collect();
    let expected: Vec<String> = [0, 1, 4, 12, 1472, 1473, 9000, 65_507]
        .iter()
        .zip(1..)
        .map(|(size, number)| format!("{size} bytes from 10.77.2.2:53: seq={number} ttl=63 time=T ms"))
        .collect();
    equal(&lines, &expected)?;
    has(
        &sent.stderr,
        "note: the longest datagram makes a packet of 65535 bytes, which leaves as 45 fragments: 44 of 1500 bytes",
    )?;
    let long = net.at("a", ours("send -c 1 -s 65508 10.77.2.2:53")).run()?;
    has(&long.stdout, "udp-echo: local error: seq=1 message too long: 65508 bytes of data, and 65507 is the most\n")?;
    exits(&long, 1)?;
    // The loopback has an MTU of 65,536, so nothing is cut there.
    let _own = serve(&net, "a", "--port 53")?;
    let own = net.at("a", ours("send -c 1 -s 65507 --connect 127.0.0.1:53")).run()?;
    has(&own.stdout, "65507 bytes from 127.0.0.1:53: seq=1 ttl=64")?;
    equal(&[own.stderr], &[""])
}

fn both_ends() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "--port 53=AppX --buffer 20")?;
    let sent = net.at("a", ours("send -c 2 -i 0.01 --sport 5555 --connect 10.77.2.2:53")).run()?;
    let served = interrupt(server)?;
    equal(
        &steady(&sent.stdout).into_iter().take(3).collect::<Vec<_>>(),
        &[
            "UDP ECHO 10.77.2.2 (10.77.2.2) port 53 from 10.77.1.1:5555, connected: 56 bytes of data.",
            "20 bytes from 10.77.2.2:53: seq=1 ttl=63 time=T ms (truncated: 20 of 56 bytes)",
            "20 bytes from 10.77.2.2:53: seq=2 ttl=63 time=T ms (truncated: 20 of 56 bytes)",
        ],
    )?;
    equal(
        &steady(&served.stdout),
        &[
            "UDP ECHO at 1 socket",
            "socket  local address  port  peer     program",
            "1       any            53    anybody  AppX",
            "56 bytes (20 read) from 10.77.1.1:5555 ttl=63 to port 53: socket 1 (AppX), the only one at this port",
            "56 bytes (20 read) from 10.77.1.1:5555 ttl=63 to port 53: socket 1 (AppX), the only one at this port",
            "",
            "--- echo statistics ---",
            "socket  port  program  datagrams  bytes  senders  echoed",
            "1       53    AppX     2          112    1        2",
            "2 datagrams received, 2 echoed, time T",
        ],
    )
}

/// The UDP header that arrives at b of what is sent with these options, and what our program printed.
fn on_the_wire(args: &str) -> Result<(String, String), Failed> {
    let net = row().build()?;
    let mut sniffer = net.at("b", python(SNIFF)).start()?;
    sniffer.wait_for("listens")?;
    let sent = net.at("a", ours(&format!("send -c 1 -W 0.5 {args} 10.77.2.2:9"))).run()?;
    let header = sniffer.end()?.stdout.lines().nth(1).unwrap_or_default().to_string();
    Ok((header, sent.stdout))
}

fn header() -> Result<(), Failed> {
    let (header, drawn) = on_the_wire("-e --ascii --sport 5555")?;
    has(&drawn, &format!("    0 | {header}\n"))?;
    has(&drawn, "this host fills them")?;
    has(&header, "15 b3 00 09 00 40 ")
}

fn no_checksum() -> Result<(), Failed> {
    let (header, drawn) = on_the_wire("-e --ascii --no-checksum --connect --sport 5555")?;
    equal(&[&header], &["15 b3 00 09 00 40 00 00"])?;
    has(&drawn, &format!("    0 | {header}\n"))
}

fn order() -> Result<(), Failed> {
    let net = row().build()?;
    let mut server = net.at("b", python(OUT_OF_ORDER)).start()?;
    server.wait_for("open")?;
    let sent = net.at("a", ours("send -c 4 -i 0.01 -W 2 10.77.2.2:53")).run()?;
    equal(
        &steady(&sent.stdout).into_iter().skip(1).take(7).collect::<Vec<_>>(),
        &[
            "56 bytes from 10.77.2.2:53: seq=2 ttl=63 time=T ms",
            "56 bytes from 10.77.2.2:53: seq=1 ttl=63 time=T ms (reordered: 2 came before)",
            "56 bytes from 10.77.2.2:53: seq=1 ttl=63 time=T ms (DUP!)",
            "56 bytes from 10.77.2.2:53: seq=4 ttl=63 time=T ms",
            "",
            "--- 10.77.2.2 port 53 echo statistics ---",
            "4 datagrams transmitted, 3 received, +1 duplicates, +1 reordered, 25% loss, time T",
        ],
    )?;
    exits(&sent, 0)
}

/// The rest of a datagram is not what the next call gets, which is the next datagram: the second answer has its own
/// number.
fn small_buffer() -> Result<(), Failed> {
    let net = row().build()?;
    let mut server = net.at("b", python(SMALL_BUFFER)).start()?;
    server.wait_for("open")?;
    let by_the_kernel = net.at("a", ours("send -c 2 -i 0.01 10.77.2.2:53")).run()?;
    let ours = {
        let _server = serve(&net, "b", "--port 54 --buffer 20")?;
        net.at("a", ours("send -c 2 -i 0.01 10.77.2.2:54")).run()?
    };
    let lines = |text: &str| steady(&text.replace("10.77.2.2:54", "10.77.2.2:53").replace("port 54", "port 53"));
    has(&by_the_kernel.stdout, "20 bytes from 10.77.2.2:53: seq=2 ttl=63 time=")?;
    equal(&lines(&ours.stdout), &lines(&by_the_kernel.stdout))
}

fn ctrl_c() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "--port 53")?;
    let mut sender = net.at("a", ours("send -i 10 10.77.2.2:53")).start()?;
    sender.wait_for("seq=1")?;
    let (sent, served) = (interrupt(sender)?, interrupt(server)?);
    has(&sent.stdout, "\n1 datagrams transmitted, 1 received, 0% loss, time 0ms\n")?;
    has(&served.stdout, "\n1 datagrams received, 1 echoed, ")?;
    exits(&sent, 0)?;
    exits(&served, 0)
}

/// However many are to leave at once, and whatever comes of them.
fn deadline_of_a_burst() -> Result<(), Failed> {
    let net = row().build()?;
    for to in ["127.0.0.1:9", "10.77.2.2:9"] {
        let burst = net.at("a", ours(&format!("send -q -i 0 -c 4000000000 -w 0.3 {to}"))).run()?;
        has(&burst.stdout, " datagrams transmitted, 0 received, ")?;
        exits(&burst, 1)?;
    }
    Ok(())
}

fn deadline() -> Result<(), Failed> {
    let net = row().build()?;
    let idle = net.at("b", ours("serve --port 53 -w 0.2")).run()?;
    let time = idle.stdout.trim_end().rsplit_once("\n0 datagrams received, 0 echoed, time ").map(|(_, time)| time);
    let millis: Option<u32> = time.and_then(|time| time.strip_suffix("ms")?.parse().ok());
    // A busy machine may be late, and never too soon.
    if millis.is_none_or(|millis| millis < 200) {
        return Err(format!("{idle}").into());
    }
    exits(&idle, 1)
}

fn ping_pong() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "-q --port 53")?;
    let sent = net.at("a", ours("send -q -c 1000 -s 1 --ping-pong --connect 10.77.2.2:53")).run()?;
    has(&sent.stdout, "\n1000 datagrams transmitted, 1000 received, 0% loss, ")?;
    has(&interrupt(server)?.stdout, "\n1000 datagrams received, 1000 echoed, ")?;
    // What nobody answers is given up, and then the next one leaves.
    net.ip("r", "route add blackhole 10.88.3.0/24")?;
    let lost = net.at("a", ours("send -q -c 3 -W 0.1 --ping-pong 10.88.3.1:53")).run()?;
    // From the first to the last; a busy machine may be late, and never too soon.
    let time = lost.stdout.split_once("\n3 datagrams transmitted, 0 received, 100% loss, time ");
    let millis: Option<u32> = time.and_then(|(_, time)| time.split_once("ms")?.0.parse().ok());
    if millis.is_none_or(|millis| millis < 200) {
        return Err(format!("{lost}").into());
    }
    exits(&lost, 1)
}

fn no_false_name() -> Result<(), Failed> {
    let ended = row().build()?.at("a", ours("send --source 10.77.1.9 10.77.2.2")).run()?;
    has(&ended.stderr, "error: --source sends under another host's name, and does so in simulated networks only\n")?;
    exits(&ended, 2)
}

fn loopback(public: &PublicCopy) -> Result<(), Failed> {
    let net = row().build()?;
    let nobody = |args: &str| net.at("a", Program::new(public.path()).words(args).as_nobody());
    let mut server = nobody("serve --port 5007=App,5008 --bind 127.0.0.1").start()?;
    server.wait_for("socket")?;
    for (args, code) in
        [("-c 2 -i 0.01 127.0.0.1:5007", 0), ("-c 1 --connect localhost:5008", 0), ("-c 1 --connect 127.0.0.1:5009", 1)]
    {
        exits(&nobody(&format!("send {args}")).run()?, code)?;
    }
    let served = interrupt(server)?;
    has(&served.stdout, "\n1       5007  App      2          112    1        2\n")?;
    has(&served.stdout, "\n2       5008  -        1          56     1        1\n")?;
    exits(&served, 0)
}

fn no_flood(public: &PublicCopy) -> Result<(), Failed> {
    for args in ["send -i 0.001 -c 1 127.0.0.1", "send --rate 1000 -c 1 127.0.0.1", "send -i 0 -c 1 127.0.0.1"] {
        let ended = row().build()?.at("a", Program::new(public.path()).words(args).as_nobody()).run()?;
        has(&ended.stderr, "error: less than 0.002 s from one datagram to the next is a flood, which is for root\n")?;
        exits(&ended, 2)?;
    }
    Ok(())
}
