//! Nodes that answer late, twice, seldom or never, and those that say too little or too much: what a prober meets.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod asking;

use asking::{Answer, World, ask, at, ms};
use host::{Guest, Host, Opt, Packet, Packets};
use std::net::IpAddr;
use std::time::Duration;
use wire::extensions::{LabelStackEntry, Object};
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const SERVER: [u8; 4] = [192, 168, 10, 3];
const R1: [u8; 4] = [192, 168, 1, 100];
const R2: [u8; 4] = [192, 168, 3, 100];
const R3: [u8; 4] = [192, 168, 5, 100];

/// The network `routers` with some keys for one node, and its client with ARP tables filled.
fn routers(node: &str, keys: &str) -> Guest {
    let text = format!("like = \"routers\"\ntitle = \"t\"\n[{node}]\n{keys}\n");
    let mut client = World::parse(&text).guest("client");
    ask(&mut client, SERVER, 1, &[]);
    ask(&mut client, R1, 1, &[]);
    client
}

/// Whether an echo with this TTL is answered at all, and by whom.
fn hop(client: &mut Guest, ttl: u8) -> Option<IpAddr> {
    match ask(client, SERVER, 1, &[Opt::Ttl(ttl)]) {
        Answer::Error(refusal) => Some(refusal.error.by),
        Answer::Reply(reply) => Some(reply.from),
        Answer::Silence => None,
    }
}

/// All that comes within `wait`.
fn all(host: &mut Guest, socket: &mut dyn Packets, wait: Duration) -> Vec<Packet> {
    let until = host.now() + wait;
    std::iter::from_fn(|| socket.recv(until).unwrap()).collect()
}

/// Sends `count` echo requests at once, and counts the messages of this type that come back within a tenth of a second.
fn burst(client: &mut Guest, to: [u8; 4], ttl: u8, count: u16, kind: u8) -> usize {
    let mut socket = client.open_ping(&[Opt::Ttl(ttl)]).unwrap();
    for sequence in 0..count {
        socket.send(Some(at(to, 0)), &icmp::echo_request(0, sequence, b"")).unwrap();
    }
    let heard = all(client, &mut *socket, ms(100.0));
    heard.iter().filter(|packet| packet.error.map_or(icmp::ECHO_REPLY, |error| error.kind) == kind).count()
}

#[test]
fn limited_router_sends_six_errors_at_once_and_then_one_a_second() {
    let mut client = routers("routers.r1", "icmp_limit = \"linux\"");
    assert_eq!(burst(&mut client, SERVER, 1, 16, icmp::TIME_EXCEEDED), 6);
    assert_eq!(burst(&mut client, SERVER, 1, 16, icmp::TIME_EXCEEDED), 0);
    client.sleep(client.now() + ms(801.0)).unwrap();
    assert_eq!(burst(&mut client, SERVER, 1, 16, icmp::TIME_EXCEEDED), 1);
    assert_eq!(burst(&mut client, R1, 64, 100, icmp::ECHO_REPLY), 100, "echo replies are not limited");
    assert_eq!(burst(&mut client, SERVER, 64, 100, icmp::ECHO_REPLY), 100, "nor is what it forwards");

    let mut unlimited = routers("routers.r1", "");
    assert_eq!(burst(&mut unlimited, SERVER, 1, 100, icmp::TIME_EXCEEDED), 100);
}

#[test]
fn limited_host_sends_six_port_unreachables_whatever_the_ports() {
    let mut client = routers("hosts.server", "icmp_limit = \"linux\"");
    let mut socket = client.bind_udp(at([0; 4], 0), &[]).unwrap();
    for port in 33434..33450 {
        socket.send(Some(at(SERVER, port)), b"").unwrap();
    }
    assert_eq!(all(&mut client, &mut *socket, ms(900.0)).len(), 6);
}

#[test]
fn silent_router_forwards_and_says_nothing() {
    let mut client = routers("routers.r3", "answers = \"never\"");
    let hops = [1, 2, 3, 4, 5].map(|ttl| hop(&mut client, ttl));
    let known = |address: [u8; 4]| Some(IpAddr::from(address));
    assert_eq!(hops, [known(R1), known(R2), None, known([192, 168, 10, 100]), known(SERVER)]);
    assert!(matches!(ask(&mut client, R3, 1, &[]), Answer::Silence));
}

#[test]
fn dead_host_is_found_by_arp_and_answers_nothing_else() {
    let mut client = routers("hosts.server", "answers = \"never\"");
    assert!(matches!(ask(&mut client, SERVER, 1, &[]), Answer::Silence), "no error either: ARP found it");
    let mut socket = client.bind_udp(at([0; 4], 0), &[]).unwrap();
    for port in [7, 9] {
        socket.send(Some(at(SERVER, port)), b"anybody?").unwrap();
    }
    assert_eq!(all(&mut client, &mut *socket, Duration::from_secs(5)), []);
}

#[test]
fn answers_come_twice_and_late() {
    let mut client = routers("routers.r2", "answers = \"twice and late by 300 ms\"");
    let mut socket = client.open_ping(&[Opt::Ttl(2)]).unwrap();
    let sent = client.now();
    socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 1, b"")).unwrap();
    let times: Vec<Duration> =
        all(&mut client, &mut *socket, Duration::from_secs(1)).iter().map(|p| p.at - sent).collect();
    assert_eq!(times, [ms(305.0), ms(305.0)]);
    // What it forwards is neither.
    assert_eq!(ask(&mut client, SERVER, 2, &[]).reply().rtt, ms(36.0));
    // Answers of its own to echoes are both.
    assert_eq!(ask(&mut client, R2, 3, &[]).reply().rtt, ms(305.0));
}

#[test]
fn late_answers_of_many_probes_keep_their_order() {
    let mut client = routers("routers.r1", "answers = \"late by 2 s\"");
    let mut socket = client.open_ping(&[Opt::Ttl(1)]).unwrap();
    let start = client.now();
    for sequence in 0..5 {
        socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, sequence, b"")).unwrap();
        client.sleep(client.now() + ms(100.0)).unwrap();
    }
    let times: Vec<Duration> =
        all(&mut client, &mut *socket, Duration::from_secs(3)).iter().map(|p| p.at - start).collect();
    assert_eq!(times, [2001.0, 2101.0, 2201.0, 2301.0, 2401.0].map(ms));
}

/// The ICMP messages that a raw socket hears after a probe by UDP from port 40000 to 33434 with this TTL: quoted bytes.
fn quotes(client: &mut Guest, ttl: u8) -> Vec<Vec<u8>> {
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    let mut socket = client.bind_udp(at([0; 4], 40_000), &[Opt::Ttl(ttl)]).unwrap();
    socket.send(Some(at(SERVER, 33434)), &[0x5a; 100]).unwrap();
    let quote = |packet: &Packet| {
        let (_, _, message, _) = Ipv4::parse(&packet.bytes).unwrap();
        assert!(icmp::is_intact(message));
        let Ok((_, Message::TimeExceeded { quote, .. })) = icmp::parse(message) else { panic!("{message:?}") };
        quote.to_vec()
    };
    let heard = all(client, &mut *raw, ms(100.0));
    let told = all(client, &mut *socket, Duration::ZERO).len();
    assert_eq!(told, 1, "the socket that sent hears of its own packet alone");
    heard.iter().map(quote).collect()
}

#[test]
fn short_quote_has_the_header_and_so_many_bytes_more() {
    let lens = |keys: &str| quotes(&mut routers("routers.r1", keys), 1).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lens(""), [20 + 8 + 100]);
    assert_eq!(lens("quotes = 8"), [20 + 8]);
    assert_eq!(lens("quotes = 32"), [20 + 32]);
}

#[test]
fn foreign_error_comes_first_and_quotes_a_packet_of_another_program_that_is_intact() {
    let mut client = routers("routers.r1", "foreign_errors = true");
    let quotes = quotes(&mut client, 1);
    let ports = |quote: &[u8]| {
        let (header, _, payload) = Ipv4::split(quote).unwrap();
        let (udp, data, _) = Udp::parse(payload).unwrap();
        assert!(Ipv4::is_intact(quote) && udp.is_intact(header.source.into(), header.destination.into(), data));
        (udp.source_port, udp.destination_port)
    };
    assert_eq!(quotes.iter().map(|quote| ports(quote)).collect::<Vec<_>>(), [(40_001, 33434), (40_000, 33434)]);
}

#[test]
fn foreign_error_about_an_echo_has_another_identifier() {
    let mut client = routers("routers.r1", "foreign_errors = true");
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    let mut socket = client.open_ping(&[Opt::Ttl(1)]).unwrap();
    let own = host::Socket::local(&*socket).port();
    socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 7, b"data")).unwrap();
    let echoes: Vec<_> = all(&mut client, &mut *raw, ms(100.0))
        .iter()
        .map(|packet| {
            let (_, _, message, _) = Ipv4::parse(&packet.bytes).unwrap();
            let quote = icmp::parse(message).unwrap().1.quote().unwrap();
            let (_, _, quoted) = Ipv4::split(quote).unwrap();
            assert!(icmp::is_intact(quoted));
            let Ok((_, Message::EchoRequest { echo, .. })) = icmp::parse(quoted) else { panic!("{quoted:?}") };
            (echo.identifier, echo.sequence)
        })
        .collect();
    assert_eq!(echoes, [(own.wrapping_add(1), 7), (own, 7)]);
    assert_eq!(all(&mut client, &mut *socket, Duration::ZERO).len(), 1);
}

/// What the router at this TTL tells behind its quote, and the message's length.
fn told(client: &mut Guest, ttl: u8) -> (Vec<String>, usize) {
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    assert!(hop(client, ttl).is_some());
    let error = raw.recv(client.now()).unwrap().unwrap();
    let (_, _, message, _) = Ipv4::parse(&error.bytes).unwrap();
    let quoted = icmp::parse(message).unwrap().1.quoted().unwrap();
    let objects = quoted.extensions.iter().flat_map(|extensions| {
        assert!(quoted.is_compliant && extensions.has_right_checksum());
        extensions.objects()
    });
    let text = objects.map(|object| match object.unwrap() {
        Object::LabelStack(entries) => {
            let entry = |entry: &LabelStackEntry| format!("{} {} {}", entry.label, entry.bottom_of_stack, entry.ttl);
            entries.iter().map(entry).collect::<Vec<_>>().join(", ")
        }
        Object::Interface(interface) => {
            let name = String::from_utf8_lossy(interface.name.unwrap());
            format!("{:?} {:?} {name} {:?} {:?}", interface.role, interface.if_index, interface.address, interface.mtu)
        }
        other => panic!("{other:?}"),
    });
    (text.collect(), message.len())
}

#[test]
fn router_tells_labels_and_the_interface_that_a_packet_came_by() {
    let keys = "extensions = [\"mpls 16004\", \"mpls 16004 24001\", \"interface\"]";
    let (told_by_r3, len) = told(&mut routers("routers.r3", keys), 3);
    assert_eq!(
        told_by_r3,
        ["16004 true 1", "16004 false 1, 24001 true 1", "Incoming Some(1) net5 Some(192.168.5.100) Some(1500)"]
    );
    assert_eq!(len, 8 + 128 + 4 + (4 + 4) + (4 + 8) + (4 + 4 + 8 + 8 + 4));
    assert_eq!(told(&mut routers("routers.r4", keys), 4).0[2], "Incoming Some(1) r3-r4 None Some(1500)", "unnumbered");
    let (nothing, len) = told(&mut routers("routers.r3", ""), 3);
    assert_eq!((nothing, len), (vec![], 8 + 20 + 8 + 56));
}

#[test]
fn program_hears_its_own_bytes_of_an_error_with_extensions() {
    let mut client = routers("routers.r1", "extensions = [\"mpls 16004\"]");
    let mut socket = client.bind_udp(at([0; 4], 0), &[Opt::Ttl(1)]).unwrap();
    socket.send(Some(at(SERVER, 33434)), b"probe").unwrap();
    assert_eq!(all(&mut client, &mut *socket, ms(10.0))[0].bytes, b"probe");
}

#[test]
fn manners_that_are_none_are_refused_with_what_they_could_be() {
    let said = |keys: &str| {
        let text = format!("like = \"routers\"\ntitle = \"t\"\n[routers.r1]\n{keys}\n");
        let error = sim::Net::parse("t.toml", &text).expect_err(keys);
        format!("{} / {}", error.error, error.hint.unwrap_or_default())
    };
    let answers = "write it as in \"never\", \"twice\", \"late by 300 ms\" or \"twice and late by 300 ms\"";
    for wrong in ["sometimes", "late by 300", "never and twice", "twice, late by 300 ms", ""] {
        let expected = format!("t.toml:4:11: routers.r1.answers: '{wrong}' is no way to answer / {answers}");
        assert_eq!(said(&format!("answers = \"{wrong}\"")), expected);
    }
    assert_eq!(
        said("icmp_limit = \"bsd\""),
        "t.toml:4:14: routers.r1.icmp_limit: unknown limit 'bsd' / limits are linux"
    );
    assert_eq!(
        said("foreign_errors = 1"),
        "t.toml:4:18: routers.r1.foreign_errors: '1' is no yes or no / write it as in true"
    );
    for wrong in ["mpls", "mpls 1048576", "mpls x", "mpls 1 2 3 4 5 6 7", "interfaces"] {
        let expected = format!(
            "t.toml:4:15: routers.r1.extensions: '{wrong}' is no extension / \
             write it as in \"mpls 16004\", \"mpls 16004 24001\" or \"interface\""
        );
        assert_eq!(said(&format!("extensions = [\"{wrong}\"]")), expected);
    }
    assert!(said("quotes = 549").contains("is no whole number from 0 to 548"));
}

#[test]
fn error_has_the_precedence_of_internetwork_control_and_an_echo_reply_has_that_of_its_request() {
    let mut client = routers("routers.r1", "");
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    assert!(hop(&mut client, 1).is_some() && hop(&mut client, 64).is_some());
    let heard = all(&mut client, &mut *raw, Duration::ZERO);
    // The second byte of the header, the old type of service: precedence 6 is 0xc0.
    assert_eq!(heard.iter().map(|packet| packet.bytes[1]).collect::<Vec<_>>(), [0xc0, 0]);
}
