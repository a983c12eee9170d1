//! What goes wrong goes wrong when and where the file says, and nowhere else.

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

use asking::{Answer, Sink, World, ask, at, ms};
use host::{Host, Opt, Time};
use sim::{Net, NetError};
use std::net::IpAddr;
use std::time::Duration;
use wire::icmp::{self, Message};

const SERVER: [u8; 4] = [192, 168, 10, 3];

fn bent(net: &str, faults: &[&str]) -> World {
    let mut net = Net::load(net).unwrap();
    faults.iter().for_each(|fault| net.fault(fault).unwrap());
    World::new(&net, 1)
}

/// Which of the echo requests 1 to `count`, half a second apart, are answered.
fn answered(world: &World, count: u16) -> Vec<u16> {
    let mut client = world.guest("client");
    let mut socket = client.open_ping(&[]).unwrap();
    let mut answered = vec![];
    for sequence in 1..=count {
        socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, sequence, &[])).unwrap();
        let next = Time::START + ms(500.0) * u32::from(sequence);
        while let Some(packet) = socket.recv(next).unwrap() {
            if let Ok((_, Message::EchoReply { echo, .. })) = icmp::parse(&packet.bytes) {
                answered.push(echo.sequence);
            }
        }
    }
    answered
}

/// Whether an echo request that is sent then is answered, all ARP tables being filled.
fn is_answered_at(world: &World, sent: Duration) -> bool {
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    client.sleep(Time::START + sent).unwrap();
    matches!(ask(&mut client, SERVER, 2, &[]), Answer::Reply(_))
}

/// On `routers` a request enters net5 2.5 ms after it was sent; its reply leaves net5 after 33.5 ms.
#[test]
fn cut_cable_takes_all_that_is_in_it_or_comes_to_it_from_its_first_moment_to_its_last() {
    const NS: Duration = Duration::from_nanos(1);
    let [down, up] = [Duration::from_secs(2), Duration::from_secs(3)];
    for faults in [&["at 2 s net5 down", "at 3 s net5 up"][..], &["net5 down from 2 s until 3 s"]] {
        let is_answered = |sent| is_answered_at(&bent("routers", faults), sent);
        assert!(is_answered(down - ms(33.5) - NS), "{faults:?}: out of the cable just in time");
        assert!(!is_answered(down - ms(33.5)), "{faults:?}: still in it");
        assert!(!is_answered(up - ms(2.5) - NS), "{faults:?}: there too early");
        assert!(is_answered(up - ms(2.5)), "{faults:?}: whole again");
    }
}

#[test]
fn cut_can_be_of_one_direction_or_one_cable_or_a_whole_node() {
    let heard_by_server = |fault: &str| {
        let world = bent("routers", &[fault]);
        let requests = world.ttls_of_echoes("net10");
        let answered = answered(&world, 2).len();
        let heard = requests.borrow().iter().filter(|(kind, _)| *kind == "request").count();
        (heard, answered)
    };
    assert_eq!(heard_by_server("at 0.4 s net5 down"), (1, 1));
    assert_eq!(heard_by_server("at 0.4 s r3>r2 down"), (2, 1), "the way there is whole");
    assert_eq!(heard_by_server("at 0.4 s r2>r3 down"), (1, 1));
    assert_eq!(heard_by_server("at 0.4 s r2 down"), (1, 1));
    assert_eq!(heard_by_server("until 1 ns r2 down"), (2, 2));

    let world = bent("lan", &["lan.host5 down"]);
    let mut host2 = world.guest("host2");
    assert!(matches!(ask(&mut host2, [10, 0, 0, 5], 1, &[]), Answer::Error(_)), "nobody answers its ARP");
    ask(&mut host2, [10, 0, 0, 3], 1, &[]).reply();
}

/// Who says at which MTU a packet of `len` bytes that must not be cut is too long; `None`: nobody.
fn said_too_long(fault: &str, len: usize) -> Option<(IpAddr, u16)> {
    let world = bent("mtu", &[fault]);
    let mut client = world.guest("client");
    let mut socket = client.open_ping(&[Opt::DontFragment(true)]).unwrap();
    socket.send(Some(at([10, 1, 3, 2], 0)), &icmp::echo_request(0, 1, &vec![0; len - 28])).unwrap();
    let packet = socket.recv(client.now() + Duration::from_secs(1)).unwrap()?;
    packet.error.map(|error| (error.by, error.mtu))
}

#[test]
fn packets_are_discarded_at_the_side_of_a_node_that_is_named() {
    let r1 = Some(([10, 1, 0, 1].into(), 1400));
    let r2 = Some(([10, 1, 1, 2].into(), 1280));
    for (fault, too_long_for_r1, too_long_for_r2) in [
        ("drop icmp 3/4 from r1", None, r2),
        ("drop icmp 3/4 through r1", r1, None),
        ("drop icmp 3/4 at r1", None, None),
        ("drop icmp 3/4 from r2", r1, None),
        ("drop unreachables to client", None, None),
        ("drop icmp type 3 code 4 to r1", r1, r2),
        ("drop icmp 3/3 at r1", r1, r2),
        ("drop icmp 11 from r1", r1, r2),
        ("from 5 s drop every frame at r1", r1, r2),
        ("drop icmp at r1 until 1 ns", r1, r2),
    ] {
        assert_eq!(said_too_long(fault, 1500), too_long_for_r1, "{fault}");
        assert_eq!(said_too_long(fault, 1400), too_long_for_r2, "{fault}");
    }
}

#[test]
fn node_that_drops_still_sees_what_a_hub_brings_it_of_others() {
    let heard_by_c = |to| {
        let world = bent("hub", &["drop icmp at c"]);
        let mut c = world.guest("c");
        let mut sniffer = c.open_link("lan").unwrap();
        let mut a = world.guest("a");
        ask(&mut a, to, 1, &[]);
        let packets = std::iter::from_fn(|| sniffer.recv(Time::START + Duration::from_secs(9)).unwrap());
        packets.filter(|packet| packet.bytes[12..14] == [8, 0]).count()
    };
    assert_eq!(heard_by_c([192, 0, 2, 2]), 2, "request and reply of a and b are not its own to drop");
    assert_eq!(heard_by_c([192, 0, 2, 3]), 0, "what is for c itself it never has");
}

#[test]
fn filter_works_in_its_time_only() {
    assert_eq!(answered(&bent("routers", &["drop icmp at r2 from 1 s until 2 s"]), 6), [1, 2, 5, 6]);
    assert_eq!(answered(&bent("routers", &["at 1.0001 s drop echo-replies from server"]), 6), [1, 2]);
}

#[test]
fn frames_are_counted_and_the_one_that_is_meant_is_lost() {
    let left = |fault: &str| answered(&bent("routers", &[fault]), 5);
    assert_eq!(left("lose the third echo-request on net5"), [1, 2, 4, 5]);
    assert_eq!(left("lose the 3rd echo-request r2>r3"), [1, 2, 4, 5]);
    assert_eq!(left("lose the 3rd echo-request r2→r3"), [1, 2, 4, 5]);
    assert_eq!(left("lose the third echo-request on r3>r2"), [1, 2, 3, 4, 5], "requests go the other way");
    assert_eq!(left("lose frame 3 on net5"), [2, 3, 4, 5], "after the ARP request and its reply");
    assert_eq!(left("from 1 s lose the first icmp on net5"), [1, 2, 4, 5]);
    assert_eq!(left("lose every icmp on net5 from 0.9 s until 1.9 s"), [1, 2, 5]);
    assert_eq!(left("double the second echo-reply on net1"), [1, 2, 2, 3, 4, 5]);
    assert_eq!(left("double the second echo-request on net1"), [1, 2, 2, 3, 4, 5], "and both are answered");
}

#[test]
fn held_frame_is_late_and_overtaken() {
    let world = bent("routers", &["hold the third echo-request on net5 for 5 ms"]);
    let mut client = world.guest("client");
    let rtts: Vec<Duration> = (1..=4).map(|sequence| ask(&mut client, SERVER, sequence, &[]).reply().rtt).collect();
    assert_eq!(rtts, [ms(72.0), ms(36.0), ms(41.0), ms(36.0)]);

    let world = bent("routers", &["hold the second echo-request on net5 for 5 ms"]);
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    let mut socket = client.open_ping(&[]).unwrap();
    let mut sequences = vec![];
    for sequence in [2, 3] {
        socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, sequence, &[])).unwrap();
    }
    while let Some(packet) = socket.recv(client.now() + Duration::from_secs(1)).unwrap() {
        let Ok((_, Message::EchoReply { echo, .. })) = icmp::parse(&packet.bytes) else { panic!("{packet:?}") };
        sequences.push(echo.sequence);
    }
    assert_eq!(sequences, [3, 2]);
}

#[test]
fn route_changes_at_its_time_and_may_vanish() {
    let world = bent("routers", &["at 20 s r1 routes default nowhere", "at 21 s r1 routes default via 192.168.3.100"]);
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    // A request is at r1 half a millisecond after it was sent.
    let mut said = |sent: Duration| {
        client.sleep(Time::START + sent).unwrap();
        match ask(&mut client, SERVER, 1, &[]) {
            Answer::Error(refusal) => Some(refusal.said()),
            Answer::Reply(_) => None,
            Answer::Silence => panic!("silence"),
        }
    };
    let (second, before) = (Duration::from_secs(1), ms(0.5));
    assert_eq!(said(20 * second - before - Duration::from_nanos(1)), None);
    assert_eq!(said(20 * second + ms(100.0)), Some(([192, 168, 1, 100].into(), 3, 0)));
    assert_eq!(said(21 * second - before), None);
}

#[test]
fn forged_arp_is_what_the_keys_of_a_liar_say() {
    let trace = |world: World| {
        let sink = Sink::default();
        world.0.borrow_mut().trace(Box::new(sink.clone()));
        let mut host2 = world.guest("host2");
        for second in 0..8 {
            ask(&mut host2, [10, 0, 0, 1], second, &[]);
            host2.sleep(Time::START + Duration::from_secs(u64::from(second) + 1)).unwrap();
        }
        world.0.borrow_mut().finish().unwrap();
        sink.text()
    };
    let stated = bent(
        "lan",
        &[
            "at 0.5 s host4 forges arp reply to host2 claiming 10.0.0.1",
            "at 2.5 s host4 forges arp request to host2 claiming 10.0.0.1",
            "host4 forges arp reply to host2 claiming 10.0.0.1 at 4.5 s",
            "at 5.5 s host4 forges arp race to host2 claiming 10.0.0.1",
        ],
    );
    assert_eq!(trace(stated), trace(World::of("lan-poisoned")));
}

#[test]
fn same_seed_has_the_same_bytes_whatever_goes_wrong() {
    let run = |seed| {
        let mut net = Net::load("routers").unwrap();
        for set in ["net5.jitter=3ms", "net5.reorder=20%", "net3.jitter=1ms", "net3.loss=10%", "net1.duplicate=10%"] {
            net.set(set).unwrap();
        }
        net.fault("net5 down from 2 s until 3 s").unwrap();
        net.fault("hold the 5th icmp on net3 for 2 ms").unwrap();
        let world = World::new(&net, seed);
        let sink = Sink::default();
        world.0.borrow_mut().trace(Box::new(sink.clone()));
        let answered = answered(&world, 20);
        world.0.borrow_mut().finish().unwrap();
        (answered, sink.text())
    };
    let first = run(1);
    assert!((0..50).all(|_| run(1) == first));
    assert_ne!(run(2).1, first.1);
}

/// Error and hint about a fault on `routers`.
fn refused(fault: &str) -> String {
    let NetError { error, hint } = Net::load("routers").unwrap().fault(fault).expect_err(fault);
    let error = error.strip_prefix(&format!("--fault '{fault}': ")).expect("it begins with the fault").to_string();
    format!("{error} / {}", hint.unwrap())
}

#[test]
fn word_that_does_not_fit_is_named_with_what_could_stand_there() {
    let kinds = "it is one of frame, arp, ip, icmp, echo-request, echo-reply, unreachable, time-exceeded, udp, tcp";
    let directions =
        "directions are client>r1, r1>client, r1>r2, r2>r1, r2>r3, r3>r2, r3>r4, r4>r3, r4>server, server>r4";
    let one_time = |word| {
        let hint = "a fault has one time, before or behind it; state a second fault for another time";
        format!("'{word}' is a word too many / {hint}")
    };
    let places = "net1, net3, net5, r3-r4, net10, client, r1, r2, r3, r4, server";
    for (fault, said) in [
        ("drop icpm at r2", format!("'icpm' is not a kind of packet / {kinds}; did you mean 'icmp'?")),
        ("drop", format!("it ends where a kind of packet is missing / {kinds}")),
        ("drop icmp", "it ends where a side is missing / it is one of at, from, to, through".into()),
        ("drop icmp form r2", "'form' is not a side / it is one of at, from, to, through; did you mean 'from'?".into()),
        (
            "drop icmp at r5",
            "'r5' is not a node / it is one of client, r1, r2, r3, r4, server; did you mean 'r1'?".into(),
        ),
        ("drop icmp 3/x at r2", "'3/x' is not a type and a code / write it as in icmp 3/4 or icmp 11".into()),
        (
            "net55 down",
            format!(
                "'net55' is not the beginning of a fault / a fault begins with one of at, from, until, drop, lose, double, \
                 hold, {places}; did you mean 'net5'?"
            ),
        ),
        (
            "at 2 s net5 dwon",
            "'dwon' is not a word for what happens to net5 / it is one of down, up; did you mean 'down'?".into(),
        ),
        (
            "at 2 s r1 dwon",
            "'dwon' is not a word for what happens to r1 / it is one of down, up, routes, forges; did you mean 'down'?".into(),
        ),
        ("at 2 net5 down", "'2 net5' is not a time / write it as in 2 s or 0.5 ms".into()),
        ("at 2 s net5 down at 3 s", one_time("at")),
        ("at 2 s at 3 s net5 down", one_time("at")),
        ("from 2 s until 3 s until 4 s net5 down", one_time("until")),
        ("net5 down until 3 s from 2 s", one_time("from")),
        (
            "net5 down from 3 s until 2 s",
            "it ends before it begins / the time behind 'until' is later, as in from 2 s until 3 s".into(),
        ),
        (
            "net5 up from 1 s until 2 s",
            "it happens once, and has no until / state a second fault for what comes then".into(),
        ),
        ("r2>r4 down", format!("'r2>r4' is not a direction of a cable / {directions}; did you mean 'r2>r1'?")),
        (
            "net5.r1 down",
            "'r1' is not on 'net5' / nodes there are r2, r3; did you mean 'r2'?".into(),
        ),
        ("lose net5", "'net5' is not a word for how many / it is one of every, the, frame".into()),
        ("lose frame 0 on net5", "'0' is not a number from 1 / write it as in frame 3".into()),
        ("lose the thrid udp on net5", "'thrid' is not an ordinal / write it as in the third, or the 3rd".into()),
        (
            "lose frame 3 net5",
            "'net5' is not a place / write it as in lose frame 3 on net5, or lose frame 3 r2>r3".into(),
        ),
        (
            "lose frame 3 on net2",
            "'net2' is not a link / links are net1, net3, net5, r3-r4, net10; did you mean 'net1'?".into(),
        ),
        ("hold frame 3 on net5", "it ends where 'for' and a time is missing / it is one of for".into()),
        (
            "at 2 s r1 routes 192.168.10.0/24 via",
            "'192.168.10.0/24 via' is not a route / write it as in \"default via 192.168.3.100\", \"192.168.10.0/24 via \
             192.168.10.100 on r3-r4\" or \"default nowhere\""
                .into(),
        ),
        (
            "r1 routes default via 192.168.5.100",
            "r1: the gateway 192.168.5.100 is on none of its links / name the link, as in \"… via 192.168.10.100 on r3-r4\", \
             or correct the address"
                .into(),
        ),
        (
            "client forges arp reply to server claiming 10.0.0.1",
            "client: it can lie to nobody named 'server' / ARP reaches only nodes on the same link".into(),
        ),
        ("", "it ends where what happens is missing / write it as in \"at 2 s net5 down\", \"drop icmp at r2\" or \"lose the third echo-request on net5\"".into()),
    ] {
        assert_eq!(refused(fault), said);
    }
}

#[test]
fn sentences_of_the_manual_are_faults() {
    let manual = include_str!("../../../docs/nets.md");
    let table = manual.split("| sentence |").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let sentences: Vec<&str> = table.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert!(sentences.len() >= 15, "{sentences:?}");
    for sentence in sentences {
        let mut net = Net::load(if sentence.contains("host4") { "lan" } else { "routers" }).unwrap();
        assert_eq!(net.fault(sentence), Ok(()), "{sentence}");
    }
}

#[test]
fn fault_in_a_file_is_told_of_with_its_line() {
    let text =
        "title = \"\"\nat = \"a\"\nlike = \"hub\"\nfaults = [\n  \"at 2 s lan.b down\",\n  \"drop icmp at e\",\n]\n";
    let NetError { error, hint } = Net::parse("mine.toml", text).unwrap_err();
    assert_eq!(error, "mine.toml:6:3: faults: 'drop icmp at e': 'e' is not a node");
    assert_eq!(hint.unwrap(), "it is one of a, b, c, d; did you mean 'a'?");
}
