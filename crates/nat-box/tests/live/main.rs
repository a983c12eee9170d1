//! `nat-box run` between network namespaces, asked by programs that nobody here wrote; and NATs that nobody here wrote, asked by
//! `nat-box behave`.

mod alike;
mod behaviour;

use needs::nats::{Nat, Place};
use needs::{Failed, Net, Program, document, test};
use std::path::Path;
use std::process::ExitCode;

const OURS: &str = env!("CARGO_BIN_EXE_nat-box");

fn main() -> ExitCode {
    let ours = [(Nat::Taps, "taps"), (Nat::Interfaces, "interfaces")];
    let mut tests = vec![
        test("same_packets_leave_as_with_the_kernels_masquerade", alike::alike),
        test("what_cannot_be_is_said_in_a_sentence", wrong_calls),
        test("events_are_those_of_the_manual", events),
        test("ours_behaves_between_namespaces_as_the_rfcs_ask_for", behaviour::ours),
        test("kernels_masquerade_lets_two_hosts_share_a_port_and_lets_nothing_turn_back", behaviour::masquerade),
        test("kernels_fully_random_masquerade_gives_each_flow_a_port_of_its_own", behaviour::fully_random),
        test("way_without_a_nat_has_none", behaviour::no_nat),
        test("table_in_the_manual_is_what_is_found_of_five_nats", behaviour::table),
        test("interface_that_goes_away_ends_it_with_a_sentence", gone),
    ];
    for (nat, name) in ours {
        tests.push(test(format!("ping_datagrams_and_a_megabyte_over_tcp_pass_{name}"), move || passes(nat)));
        tests.push(test(format!("errors_come_back_to_who_sent_over_{name}"), move || errors(nat)));
        tests.push(test(format!("forwarded_port_is_open_and_others_are_not_over_{name}"), move || forwards(nat)));
    }
    let programs = ["nft", "ping", "traceroute", "tcpdump", "tshark", "socat", "slirp4netns", "pasta"];
    needs::live(&programs).run(tests)
}

fn with(nat: Nat, args: &str) -> Result<Place, Failed> {
    Place::with(nat, Path::new(OURS), args)
}

fn has(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("no '{part}' in: {text}").into()) }
}

fn passes(nat: Nat) -> Result<(), Failed> {
    let place = with(nat, "--first-port 7777 --no-drops")?;
    has(&place.at("a", "ping", "-c 3 -i 0.05 10.77.2.2")?, "3 received")?;
    has(&place.at("a", "ping", "-c 2 -i 0.05 -s 4000 10.77.2.2")?, "2 received")?;

    let mut server = place.net.at("b", Program::new(OURS).words("serve --address 10.77.2.2")).start()?;
    server.wait_for("STUN at")?;
    has(&place.at("a", OURS, "ask --sport 8892 10.77.2.2")?, "10.77.1.1:8892 is seen as 10.77.2.1:7777 ")?;

    let directory = tempfile::tempdir()?;
    let [from, to] = ["from", "to"].map(|name| directory.path().join(name));
    let megabyte: Vec<u8> = (0..1 << 20_u32).map(|at: u32| at.wrapping_mul(0x9e37_79b9).to_be_bytes()[0]).collect();
    std::fs::write(&from, &megabyte)?;
    let sink = format!("-d -d -u TCP-LISTEN:80,reuseaddr CREATE:{}", to.display());
    let mut sink = place.net.at("b", Program::new("socat").words(&sink)).start()?;
    sink.wait_for("listening on")?;
    place
        .net
        .at("a", Program::new("socat").words(&format!("-u FILE:{} TCP:10.77.2.2:80", from.display())))
        .succeed()?;
    sink.end()?;
    if std::fs::read(&to)? != megabyte {
        return Err("another megabyte came".into());
    }

    let said = place.end()?;
    has(&said, "10.77.1.1:8892 <-> 10.77.2.1:7777 <-> 10.77.2.2:3478  answered")?;
    has(&said, " <-> 10.77.2.1:7777 <-> 10.77.2.2:80  established")?;
    has(&said, "--- translation statistics ---")?;
    if said.contains("lost") { Err(said.into()) } else { Ok(()) }
}

fn errors(nat: Nat) -> Result<(), Failed> {
    let place = with(nat, "")?;
    let way = place.at("a", "traceroute", "-n -q 1 -w 2 10.77.2.2")?;
    let hops: Vec<&str> = way.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
    if hops != ["10.77.1.2", "10.77.2.2"] {
        return Err(way.into());
    }
    has(&place.at("a", "ping", "-c 1 10.77.1.2")?, "1 received")?;
    has(&place.at("b", "ping", "-c 1 10.77.2.1")?, "1 received")?;
    has(&place.at("a", "ping", "-c 1 -W 2 10.99.0.1")?, "From 10.77.1.2 icmp_seq=1 Destination Net Unreachable")?;
    has(&place.at("a", "ping", "-c 1 -W 5 10.77.2.77")?, "From 10.77.1.2 icmp_seq=1 Destination Host Unreachable")?;
    let said = place.end()?;
    has(&said, "1 nobody-there")
}

fn forwards(nat: Nat) -> Result<(), Failed> {
    let place = with(nat, "--forward udp:8080=10.77.1.1:3478")?;
    let mut server = place.net.at("a", Program::new(OURS).words("serve --address 10.77.1.1")).start()?;
    server.wait_for("STUN at")?;
    has(&place.at("b", OURS, "ask 10.77.2.1:8080")?, "is seen as itself by 10.77.2.1:8080")?;
    has(&place.at("b", OURS, "ask -W 0.2 10.77.2.1:8081")?, "no answer")?;
    // RFC 4787 section 6: who asks from inside at the outside port is let in too, and seen with an outside end.
    has(&place.at("a", OURS, "ask --sport 5000 10.77.2.1:8080")?, "10.77.1.1:5000 is seen as 10.77.2.1:")
}

fn wrong_calls() -> Result<(), Failed> {
    let net = Net::row(&["a", "r", "b"]).sysctl("r", "net.ipv4.conf.net1.forwarding=0").build()?;
    let between = "--inside net1 --outside net2";
    let taps = "--inside-tap in0 --outside-tap out0 --gateway 10.77.1.2/24 --public 10.77.2.1/24";
    net.ip("r", "link add in1 type dummy").or_else(|_| net.ip("r", "link add in1 type bridge"))?;
    for (words, sentence) in [
        (format!("{between} --public 10.77.1.9"), "error: --public 10.77.1.9 is in no known network"),
        (
            format!("{between} --public 10.77.1.9/24"),
            "error: the public address 10.77.1.9 is in the inside network 10.77.1.2/24",
        ),
        (
            format!("{between} --public 10.77.2.1"),
            "error: 10.77.2.1 is an address of this machine, on net2, whose kernel answers for it too",
        ),
        (
            format!("{between} --public 10.77.2.9"),
            "error: this machine's kernel routes what comes in by net2, and would pass it on untranslated",
        ),
        ("--inside net1 --outside net3 --public 10.77.2.9".into(), "error: no interface named 'net3'"),
        ("--inside net1 --outside net1 --public 10.77.2.9/24".into(), "error: net1 cannot be inside and outside"),
        (
            format!("{taps} --forward tcp:80=10.77.1.1:80 --forward tcp:80=10.77.1.7:80"),
            "error: tcp port 80 is forwarded twice",
        ),
        (
            format!("{taps} --forward tcp:80=10.77.3.1:80"),
            "error: port 80 cannot be forwarded to 10.77.3.1: it is no host of the inside",
        ),
        (format!("{taps} --via 10.77.3.1"), "error: the next hop 10.77.3.1 is not in the outside network 10.77.2.1/24"),
        (
            taps.replace("in0", "in1").replace("10.77.2.1", "10.77.2.9"),
            "error: cannot make a tap \"in1\": there is an interface of this name already",
        ),
        (
            taps.replace("in0", "a/b").replace("10.77.2.1", "10.77.2.9"),
            "error: cannot make a tap \"a/b\": an interface's name has 1 to 15 letters and digits",
        ),
    ] {
        // Where the kernel's own address is not what is looked at, it is not in the way either.
        let node = if words.contains("2.1/24") { "b" } else { "r" };
        said(net.at(node, Program::new(OURS).words("run").words(&words)), sentence)?;
    }
    let nobody = |words: &str| Program::new(OURS).words("run").words(words).as_nobody();
    let tap = "error: cannot make a tap: this needs CAP_NET_ADMIN, and a /dev/net/tun that may be read and written";
    said(net.at("b", nobody(taps)), tap)?;
    net.sysctl("r", "net.ipv4.conf.net2.forwarding=0")?;
    let link = "error: cannot open a link socket: this needs CAP_NET_RAW";
    said(net.at("r", nobody(&format!("{between} --public 10.77.2.9"))), link)
}

/// It says so, with a hint, and ends with 2.
fn said(program: Program, sentence: &str) -> Result<(), Failed> {
    let ended = program.run()?;
    let mut lines = ended.stderr.lines();
    let is_it = lines.next() == Some(sentence) && ended.code == 2 && ended.stdout.is_empty();
    if is_it { Ok(()) } else { Err(format!("{ended}instead of {sentence}").into()) }
}

fn events() -> Result<(), Failed> {
    let mut place = with(Nat::Taps, "--json -w 3")?;
    place.at("a", "ping", "-c 1 10.77.2.2")?;
    place.at("a", "ping", "-c 1 -t 1 -W 1 10.77.2.2")?;
    // Nothing of it has been asked for.
    place.at("b", "ping", "-c 1 -W 1 10.77.2.1")?;
    place.at("b", "socat", "-u OPEN:/proc/self/comm UDP:10.77.2.1:9,sourceport=99")?;
    place.net.at("b", Program::new("socat").words("-u OPEN:/dev/null TCP:10.77.2.1:9,connect-timeout=0.2")).run()?;
    let said = place.ended()?.stdout;
    let unseen = document::json("nat-box run", said.lines())?;
    if unseen == ["closed"] { Ok(()) } else { Err(format!("{unseen:?} did not come: {said}").into()) }
}

/// A tap's other end is an interface, and may be deleted like any other. What is left then goes with the program.
fn gone() -> Result<(), Failed> {
    let mut place = with(Nat::Taps, "")?;
    has(&place.at("a", "ip", "-br link")?, "net1")?;
    place.net.ip("b", "link del net2")?;
    let ended = place.ended()?;
    if ended.code != 2 || !ended.stderr.starts_with("error: interface \"out0\" is gone\n") {
        return Err(ended.to_string().into());
    }
    let left = place.at("a", "ip", "-br link")?;
    if left.contains("net1") { Err(left.into()) } else { Ok(()) }
}
