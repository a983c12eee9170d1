//! Two ways to the same server, and what a flow is: the numbers that the network `diamond` is made for.

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

use asking::{World, ask, at, builtin, ms};
use host::{Guest, Host, Opt};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

const SERVER: [u8; 4] = [192, 168, 10, 3];

/// Who answered a probe, with which type of message, and after how long.
type Answer = (IpAddr, u8, Duration);

fn said(by: [u8; 4], kind: u8, milliseconds: f64) -> Answer {
    (by.into(), kind, ms(milliseconds))
}

/// The network with all ARP tables filled.
fn warm() -> (World, Guest) {
    let world = World::of("diamond");
    let mut client = world.guest("client");
    for port in 1..=16 {
        probe(&mut client, (port, 33434), 30);
    }
    (world, client)
}

/// Sends a datagram to the server with these ports and this TTL; the answer is the error that comes back.
fn probe(client: &mut Guest, (source, destination): (u16, u16), ttl: u8) -> Answer {
    let mut socket = client.bind_udp(at([0; 4], source), &[Opt::Ttl(ttl)]).unwrap();
    let sent = client.now();
    socket.send(Some(at(SERVER, destination)), b"probe").unwrap();
    let packet = socket.recv(sent + Duration::from_secs(1)).unwrap().expect("an error within a second");
    let error = packet.error.unwrap();
    (error.by, error.kind, packet.at - sent)
}

/// A source port whose flow to port 33434 goes by this second router.
fn port_by(client: &mut Guest, second: [u8; 4]) -> u16 {
    (40_000..40_100).find(|port| probe(client, (*port, 33434), 2).0 == IpAddr::from(second)).expect("one of a hundred")
}

#[test]
fn each_branch_has_its_routers_and_its_times() {
    let (_world, mut client) = warm();
    let [a, b] = [[192, 168, 3, 100], [192, 168, 4, 100]].map(|second| port_by(&mut client, second));
    let trace = |client: &mut Guest, port| (1..=5).map(|ttl| probe(client, (port, 33434), ttl)).collect::<Vec<_>>();
    assert_eq!(
        trace(&mut client, a),
        [
            said([192, 168, 1, 100], 11, 1.0),
            said([192, 168, 3, 100], 11, 5.0),
            said([192, 168, 5, 100], 11, 15.0),
            said([192, 168, 10, 100], 11, 35.0),
            said(SERVER, 3, 36.0),
        ]
    );
    assert_eq!(
        trace(&mut client, b),
        [
            said([192, 168, 1, 100], 11, 1.0),
            said([192, 168, 4, 100], 11, 25.0),
            said([192, 168, 6, 100], 11, 35.0),
            said([192, 168, 10, 100], 11, 45.0), // there by b in 27.5 ms, back by a in 17.5 ms
            said(SERVER, 3, 46.0),
        ]
    );
}

#[test]
fn answers_of_both_branches_come_back_by_a_from_where_they_meet() {
    let (world, mut client) = warm();
    let b = port_by(&mut client, [192, 168, 4, 100]);
    let to_client = |frame: &[u8]| frame[12..14] == [8, 0] && frame[30..34] == [192, 168, 1, 3];
    let (back_by_a, back_by_b) = (world.count("a3-r4", to_client), world.count("b3-r4", to_client));
    for ttl in [4, 5] {
        probe(&mut client, (b, 33434), ttl);
    }
    assert_eq!((back_by_a.get(), back_by_b.get()), (2, 0));
}

#[test]
fn constant_ports_keep_one_branch_every_time() {
    let (_world, mut client) = warm();
    for port in 40_000..40_020 {
        let seconds: BTreeSet<IpAddr> = (0..20).map(|_| probe(&mut client, (port, 33434), 2).0).collect();
        assert_eq!(seconds.len(), 1, "port {port}: {seconds:?}");
    }
}

#[test]
fn port_that_counts_up_with_each_probe_shows_links_that_do_not_exist() {
    let (_world, mut client) = warm();
    // As the classic traceroute has it: three probes a hop, each to the next port.
    let mut false_link = |source| {
        let mut ports = 33434..;
        let [_, second, third] =
            [1, 2, 3].map(|ttl| [(); 3].map(|()| probe(&mut client, (source, ports.next().unwrap()), ttl).0));
        let by = |address: [u8; 4]| IpAddr::from(address);
        second.contains(&by([192, 168, 3, 100])) && third.contains(&by([192, 168, 6, 100]))
    };
    let lies = (40_000..40_100).filter(|source| false_link(*source)).count();
    assert!((60..95).contains(&lies), "{lies} of 100 runs show .3.100 before .6.100; seven eighths squared are 77");
}

#[test]
fn echoes_change_their_branch_with_their_checksum_and_lose_four_of_their_ttl_on_both() {
    let (_world, mut client) = warm();
    let replies: Vec<_> = (1..=20).map(|sequence| ask(&mut client, SERVER, sequence, &[]).reply()).collect();
    let times: BTreeSet<Duration> = replies.iter().map(|reply| reply.rtt).collect();
    assert_eq!(times, BTreeSet::from([ms(36.0), ms(46.0)]));
    assert!(replies.iter().all(|reply| reply.ttl == 96));
}

/// Two routers in a row, with two cables from the first to the second and two from there to the server.
const TWO_BALANCERS: &str = r#"
title = "Two balancers in a row"
at    = "client"
[hosts.client]
on.net1 = "192.168.1.3/24"
gateway = "192.168.1.100"
[routers.r1]
on.net1 = "192.168.1.100/24"
on.a1   = "10.1.0.1/24"
on.b1   = "10.2.0.1/24"
balance = "flow"
routes  = ["192.168.10.0/24 via 10.1.0.2 | 10.2.0.2"]
[routers.r2]
on.a1   = "10.1.0.2/24"
on.b1   = "10.2.0.2/24"
on.a2   = "192.168.10.1/24"
on.b2   = "10.4.0.1/24"
balance = "flow"
routes  = ["192.168.10.3/32 via 192.168.10.3 | 10.4.0.2", "192.168.1.0/24 via 10.1.0.1"]
[hosts.server]
on.a2   = "192.168.10.3/24"
on.b2   = "10.4.0.2/24"
gateway = "10.4.0.1"
[links]
net1 = {}
a1 = {}
b1 = {}
a2 = {}
b2 = {}
"#;

#[test]
fn balancer_behind_a_balancer_splits_what_the_first_one_sends_it() {
    let world = World::parse(TWO_BALANCERS);
    let [a1, b1, a2, b2] = ["a1", "b1", "a2", "b2"].map(|cable| {
        let ports = Rc::new(RefCell::new(BTreeSet::new()));
        let seen = Rc::clone(&ports);
        world.watch(cable, move |_, frame| {
            if frame[12..14] == [8, 0] && frame[23] == 17 {
                seen.borrow_mut().insert(u16::from_be_bytes([frame[34], frame[35]]));
            }
        });
        ports
    });
    let mut client = world.guest("client");
    for port in 40_000..40_400 {
        probe(&mut client, (port, 33434), 64);
    }
    for (first, second) in [(&a1, &a2), (&a1, &b2), (&b1, &a2), (&b1, &b2)] {
        let flows = first.borrow().intersection(&second.borrow()).count();
        assert!((70..130).contains(&flows), "{flows} of 400 flows take one of four ways");
    }
}

#[test]
fn error_goes_back_by_the_way_of_the_flow_that_it_is_about() {
    let two_ways_back = builtin("diamond").replace(
        "routes    = [\"192.168.0.0/21 via 192.168.5.100 on a3-r4\"]",
        "balance = \"flow\"\nroutes = [\"192.168.0.0/21 via 192.168.5.100 on a3-r4 | 192.168.6.100 on b3-r4\"]",
    );
    let world = World::parse(&two_ways_back);
    let error = |frame: &[u8]| frame[12..14] == [8, 0] && frame[23] == 1 && frame[34] == 11;
    let (back_by_a, back_by_b) = (world.count("a3-r4", error), world.count("b3-r4", error));
    let mut client = world.guest("client");
    for port in 40_000..40_064 {
        probe(&mut client, (port, 33434), 4);
    }
    let (a, b) = (back_by_a.get(), back_by_b.get());
    assert!(a >= 20 && b >= 20 && a + b == 64, "{a} by a, {b} by b");
}

#[test]
fn other_ways_to_choose_show_in_the_second_router() {
    let seconds = |balance: &str| -> Vec<IpAddr> {
        let text = builtin("diamond").replace("balance = \"flow\"", &format!("balance = \"{balance}\""));
        let mut client = World::parse(&text).guest("client");
        (1..=6).map(|port| probe(&mut client, (port, 33434), 2).0).collect()
    };
    let (a, b) = (IpAddr::from([192, 168, 3, 100]), IpAddr::from([192, 168, 4, 100]));
    assert_eq!(seconds("packet"), [a, b, a, b, a, b]);
    assert!([vec![a; 6], vec![b; 6]].contains(&seconds("addresses")), "the ports do not count");
}
