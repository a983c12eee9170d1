//! The numbers that the built-in networks are made for, as programs on them see them.

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
use host::{Error, Host, Mac, Opt, Time};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use wire::arp::{Arp, REQUEST};
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::Ipv4;
use wire::udp::Udp;

const SERVER: [u8; 4] = [192, 168, 10, 3];

fn error(by: [u8; 4], kind: u8, code: u8) -> (IpAddr, u8, u8) {
    (by.into(), kind, code)
}

#[test]
fn first_echo_takes_an_arp_round_trip_a_link_more() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    let rtts: Vec<Duration> = (1..=3).map(|sequence| ask(&mut client, SERVER, sequence, &[]).reply().rtt).collect();
    assert_eq!(rtts, [ms(72.0), ms(36.0), ms(36.0)]);
}

#[test]
fn four_routers_take_four_from_a_ttl_of_100_both_ways() {
    let world = World::of("routers");
    let seen = world.ttls_of_echoes("net10");
    assert_eq!(ask(&mut world.guest("client"), SERVER, 1, &[]).reply().ttl, 96);
    assert_eq!(*seen.borrow(), [("request", 96), ("reply", 100)], "on the server's link");
}

#[test]
fn hops_answer_from_the_side_that_their_answer_leaves_by_after_1_5_15_35_and_36_ms() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    let hops = [[192, 168, 1, 100], [192, 168, 3, 100], [192, 168, 5, 100], [192, 168, 10, 100]];
    for ((ttl, hop), rtt) in (1..).zip(hops).zip([1.0, 5.0, 15.0, 35.0]) {
        let answer = ask(&mut client, SERVER, 1, &[host::Opt::Ttl(ttl)]).error();
        assert_eq!((answer.said(), answer.rtt), (error(hop, 11, 0), ms(rtt)), "TTL {ttl}");
    }
    let reply = ask(&mut client, SERVER, 1, &[host::Opt::Ttl(5)]).reply();
    assert_eq!((reply.from, reply.rtt), (SERVER.into(), ms(36.0)));
}

#[test]
fn nobody_there_is_said_by_the_last_router_after_three_unanswered_requests() {
    let world = World::of("routers");
    let asked = world.count("net10", |frame| arp_request_for(frame, [192, 168, 10, 99]));
    let answer = ask(&mut world.guest("client"), [192, 168, 10, 99], 1, &[]).error();
    assert_eq!(answer.said(), error([192, 168, 10, 100], 3, 1));
    assert_eq!(asked.get(), 3);
    assert_eq!(
        answer.rtt,
        Duration::from_secs(3) + ms(70.0),
        "three seconds, and the way there and back with its own ARP"
    );
}

#[test]
fn no_route_filter_and_closed_port_are_told_by_who_knows() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    assert_eq!(ask(&mut client, [192, 168, 99, 1], 1, &[]).error().said(), error([192, 168, 5, 100], 3, 0));
    assert_eq!(ask(&mut client, [192, 168, 10, 22], 1, &[]).error().said(), error([192, 168, 10, 100], 3, 13));

    let mut udp = client.bind_udp(at([0; 4], 0), &[]).unwrap();
    udp.send(Some(at(SERVER, 9)), b"anybody?").unwrap();
    let refusal = udp.recv(client.now() + Duration::from_secs(1)).unwrap().unwrap();
    assert_eq!(refusal.error.map(|said| (said.by, said.kind, said.code)), Some(error(SERVER, 3, 3)));
    assert_eq!(refusal.bytes, b"anybody?");
}

#[test]
fn open_udp_port_echoes() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    let mut udp = client.bind_udp(at([0; 4], 5555), &[]).unwrap();
    udp.send(Some(at(SERVER, 7)), b"hello").unwrap();
    let echo = udp.recv(client.now() + Duration::from_secs(1)).unwrap().unwrap();
    assert_eq!((echo.from, &echo.bytes[..], echo.ttl), (Some(at(SERVER, 7)), &b"hello"[..], Some(96)));
}

#[test]
fn loop_ends_where_the_ttl_does() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    for (ttl, by) in
        [(100, [192, 168, 3, 100]), (99, [192, 168, 5, 100]), (3, [192, 168, 5, 100]), (4, [192, 168, 3, 100])]
    {
        let answer = ask(&mut client, [192, 168, 66, 1], 1, &[host::Opt::Ttl(ttl)]).error();
        assert_eq!(answer.said(), error(by, 11, 0), "TTL {ttl}");
    }
}

#[test]
fn gateway_with_the_same_last_octet_in_both_subnets_is_one_machine() {
    let world = World::of("subnets");
    let gw = world.guest("gw").interfaces().unwrap();
    let shown: Vec<_> = gw
        .iter()
        .map(|interface| (interface.name.as_str(), interface.mac.unwrap().to_string(), interface.addresses[0]))
        .collect();
    assert_eq!(
        shown,
        [
            ("lan1", "02:00:00:00:64:01".to_string(), (IpAddr::from([192, 168, 1, 100]), 24)),
            ("lan2", "02:00:00:00:64:02".to_string(), (IpAddr::from([192, 168, 2, 100]), 24)),
        ]
    );
    assert_eq!(ask(&mut world.guest("host3"), [192, 168, 2, 2], 1, &[]).reply().ttl, 63);
    assert_eq!(ask(&mut world.guest("host3"), [192, 168, 1, 2], 1, &[]).reply().ttl, 64);
}

#[test]
fn neighbour_is_asked_for_itself_and_a_stranger_by_its_gateway() {
    let world = World::of("subnets");
    let asked = world.arp_requests("lan1-host3");
    let mut host3 = world.guest("host3");
    ask(&mut host3, [192, 168, 1, 2], 1, &[]).reply();
    ask(&mut host3, [192, 168, 2, 2], 1, &[]).reply();
    assert_eq!(*asked.borrow(), [Ipv4Addr::new(192, 168, 1, 2), Ipv4Addr::new(192, 168, 1, 100)]);
}

#[test]
fn wrong_mask_shows_as_host_unreachable_from_the_sender_itself() {
    let world = World::parse(&builtin("subnets").replace("192.168.1.3/24", "192.168.1.3/16"));
    let (asked, at_gateway) = (world.arp_requests("lan1-host3"), world.count("lan2-gw", |_| true));
    let answer = ask(&mut world.guest("host3"), [192, 168, 2, 2], 1, &[]).error();
    assert_eq!((answer.said(), answer.rtt), (error([192, 168, 1, 3], 3, 1), Duration::from_secs(3)));
    assert_eq!(*asked.borrow(), [Ipv4Addr::new(192, 168, 2, 2); 3]);
    assert_eq!(at_gateway.get(), 0, "no packet reaches the other subnet");
}

#[test]
fn arp_table_grows_in_two_steps_and_never_holds_its_own_address() {
    let world = World::of("lan");
    let mut host2 = world.guest("host2");
    assert_eq!(table(&mut host2), []);
    ask(&mut host2, [10, 0, 0, 5], 1, &[]).reply();
    let entry = |address: [u8; 4], mac: &str| (IpAddr::from(address), mac.to_string());
    assert_eq!(table(&mut host2), [entry([10, 0, 0, 5], "02:00:00:00:00:dd")]);
    // What is behind the gateway needs the gateway: it translates nothing yet, but it is asked for.
    ask(&mut host2, [1, 2, 3, 4], 1, &[]);
    let both = [entry([10, 0, 0, 1], "02:00:00:00:00:ff"), entry([10, 0, 0, 5], "02:00:00:00:00:dd")];
    assert_eq!(table(&mut host2), both);
}

#[test]
fn each_lie_does_to_the_table_what_rfc_826_lets_it_do() {
    let world = World::of("lan-poisoned");
    let mut host2 = world.guest("host2");
    let mut gateway = |after: f64| {
        host2.sleep(Time::START + Duration::from_secs_f64(after)).unwrap();
        table(&mut host2)
            .iter()
            .find(|(address, _)| *address == IpAddr::from([10, 0, 0, 1]))
            .map(|(_, mac)| mac[15..].to_string())
    };
    assert_eq!(gateway(0.4), None);
    assert_eq!(gateway(1.0), None, "an unasked reply makes no entry");
    assert_eq!(gateway(3.0), Some("cc".into()), "a forged request makes one");
}

#[test]
fn unasked_reply_overwrites_the_truth_and_the_last_of_a_race_stays() {
    let world = World::of("lan-poisoned");
    let mut host2 = world.guest("host2");
    ask(&mut host2, [10, 0, 0, 1], 1, &[]).reply();
    let mut gateway = |after: f64| {
        host2.sleep(Time::START + Duration::from_secs_f64(after)).unwrap();
        table(&mut host2)[0].1[15..].to_string()
    };
    assert_eq!(gateway(0.4), "ff", "the truth");
    assert_eq!(gateway(1.0), "cc", "after the unasked reply");
    let mut racing = world.guest("host2");
    racing.sleep(Time::START + Duration::from_secs(6)).unwrap();
    let mut link = racing.open_link("lan").unwrap();
    let mac = racing.interfaces().unwrap()[0].mac.unwrap();
    let request = Arp::request(mac, [10, 0, 0, 2].into(), [10, 0, 0, 1].into());
    let frame = Ethernet { destination: Mac::BROADCAST, source: mac, ethertype: ethernet::ARP }.frame(&request.bytes());
    link.send(None, &frame).unwrap();
    let mut replies = vec![];
    while let Some(packet) = link.recv(racing.now() + ms(5.0)).unwrap() {
        replies.push(Arp::parse(&packet.bytes[14..]).unwrap().0.sender_mac.to_string()[15..].to_string());
    }
    assert_eq!(replies, ["ff", "cc"], "the liar speaks last");
    assert_eq!(table(&mut racing)[0].1[15..], *"cc");
}

#[test]
fn there_is_no_ipv6_yet() {
    let world = World::of("lan");
    assert_eq!(
        world.guest("host2").resolve("::1").unwrap_err(),
        Error::Unsupported { what: "IPv6 yet".into(), world: "the simulated network".into() }
    );
}

#[test]
fn stations_have_the_addresses_of_the_plan() {
    const FOUR: &[(&str, &str)] = &[
        ("a", "02:00:00:00:00:0a 192.0.2.1/24"),
        ("b", "02:00:00:00:00:0b 192.0.2.2/24"),
        ("c", "02:00:00:00:00:0c 192.0.2.3/24"),
        ("d", "02:00:00:00:00:0d 192.0.2.4/24"),
    ];
    let plans: [(&str, &[(&str, &str)]); 8] = [
        ("hub", FOUR),
        ("hub-switched", FOUR),
        (
            "subnets",
            &[
                ("host3", "02:00:00:00:01:03 192.168.1.3/24"),
                ("host2", "02:00:00:00:01:02 192.168.1.2/24"),
                ("gw", "02:00:00:00:64:01 192.168.1.100/24, 02:00:00:00:64:02 192.168.2.100/24"),
                ("far", "02:00:00:00:02:02 192.168.2.2/24"),
            ],
        ),
        (
            "lan",
            &[
                ("host2", "02:00:00:00:00:aa 10.0.0.2/24"),
                ("host3", "02:00:00:00:00:bb 10.0.0.3/24"),
                ("host4", "02:00:00:00:00:cc 10.0.0.4/24"),
                ("host5", "02:00:00:00:00:dd 10.0.0.5/24"),
                ("gw", "02:00:00:00:00:ff 10.0.0.1/24, 02:00:00:00:01:ff 122.1.2.4/24"),
                ("isp", "02:00:00:00:10:01 122.1.2.1/24, 02:00:00:00:10:02 1.2.3.1/24"),
                ("server", "02:00:00:00:20:04 1.2.3.4/24"),
            ],
        ),
        (
            "routers",
            &[
                ("client", "02:00:00:00:01:03 192.168.1.3/24"),
                ("r1", "02:00:00:00:11:00 192.168.1.100/24, 02:00:00:00:11:01 192.168.3.1/24"),
                ("r2", "02:00:00:00:12:00 192.168.3.100/24, 02:00:00:00:12:01 192.168.5.1/24"),
                ("r3", "02:00:00:00:13:00 192.168.5.100/24, 02:00:00:00:13:01 unnumbered"),
                ("r4", "02:00:00:00:14:00 unnumbered, 02:00:00:00:14:01 192.168.10.100/24"),
                ("server", "02:00:00:00:0a:03 192.168.10.3/24"),
            ],
        ),
        (
            "diamond",
            &[
                ("client", "02:00:00:00:01:03 192.168.1.3/24"),
                (
                    "r1",
                    "02:00:00:00:11:00 192.168.1.100/24, 02:00:00:00:11:0a 192.168.3.1/24, 02:00:00:00:11:0b 192.168.4.1/24",
                ),
                ("a2", "02:00:00:00:a2:00 192.168.3.100/24, 02:00:00:00:a2:01 192.168.5.1/24"),
                ("a3", "02:00:00:00:a3:00 192.168.5.100/24, 02:00:00:00:a3:01 unnumbered"),
                ("b2", "02:00:00:00:b2:00 192.168.4.100/24, 02:00:00:00:b2:01 192.168.6.1/24"),
                ("b3", "02:00:00:00:b3:00 192.168.6.100/24, 02:00:00:00:b3:01 unnumbered"),
                (
                    "r4",
                    "02:00:00:00:14:0a unnumbered, 02:00:00:00:14:0b unnumbered, 02:00:00:00:14:01 192.168.10.100/24",
                ),
                ("server", "02:00:00:00:0a:03 192.168.10.3/24"),
            ],
        ),
        (
            "mtu",
            &[
                ("client", "02:00:00:00:01:02 10.1.0.2/24"),
                ("r1", "02:00:00:00:11:00 10.1.0.1/24, 02:00:00:00:11:01 10.1.1.1/24"),
                ("r2", "02:00:00:00:12:00 10.1.1.2/24, 02:00:00:00:12:01 10.1.2.1/24"),
                ("r3", "02:00:00:00:13:00 10.1.2.2/24, 02:00:00:00:13:01 10.1.3.1/24"),
                ("server", "02:00:00:00:03:02 10.1.3.2/24"),
            ],
        ),
        (
            "names",
            &[
                ("client", "02:00:00:00:01:0a 192.0.2.10/24"),
                ("resolver", "02:00:00:00:01:35 192.0.2.53/24"),
                (
                    "core",
                    "02:00:00:00:11:00 192.0.2.1/24, 02:00:00:00:11:01 198.51.100.1/28, 02:00:00:00:11:02 203.0.113.1/28",
                ),
                ("root", "02:00:00:00:02:02 198.51.100.2/28"),
                ("com", "02:00:00:00:02:03 198.51.100.3/28"),
                ("org", "02:00:00:00:02:04 198.51.100.4/28"),
                ("ns-example-com", "02:00:00:00:03:02 203.0.113.2/28"),
                ("ns-example-org", "02:00:00:00:03:03 203.0.113.3/28"),
                ("lame", "02:00:00:00:03:04 203.0.113.4/28"),
                ("big", "02:00:00:00:03:05 203.0.113.5/28"),
                ("liar", "02:00:00:00:03:06 203.0.113.6/28"),
                ("web", "02:00:00:00:03:0a 203.0.113.10/28"),
            ],
        ),
    ];
    for (net, nodes) in plans {
        let world = World::of(net);
        for (node, plan) in nodes {
            let shown = |interface: &host::Interface| {
                let address = interface.addresses.first().map(|(address, prefix)| format!("{address}/{prefix}"));
                format!("{} {}", interface.mac.unwrap(), address.unwrap_or("unnumbered".into()))
            };
            let interfaces = world.guest(node).interfaces().unwrap();
            let text: Vec<String> = interfaces.iter().map(shown).collect();
            assert_eq!(text.join(", "), *plan, "{node} in {net}");
        }
    }
}

fn table(host: &mut host::Guest) -> Vec<(IpAddr, String)> {
    let known = |neighbour: host::Neighbour| Some((neighbour.address, neighbour.mac?.to_string()));
    host.neighbours().unwrap().into_iter().filter_map(known).collect()
}

fn arp_request_for(frame: &[u8], target: [u8; 4]) -> bool {
    let Ok((header, payload)) = Ethernet::take(frame) else { return false };
    header.ethertype == ethernet::ARP
        && Arp::parse(payload).is_ok_and(|(arp, _)| arp.operation == REQUEST && arp.target == Ipv4Addr::from(target))
}

#[test]
fn packet_to_a_group_is_not_forwarded_nor_answered() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    let is_udp = |frame: &[u8]| frame[12..14] == [8, 0] && frame[23] == 17;
    let (to_r1, behind_r1) = (world.count("net1", is_udp), world.count("net3", is_udp));
    let mut raw = client.open_raw(17).unwrap();
    let mut errors = client.open_raw(1).unwrap();
    for to in [[224, 0, 0, 251], [239, 1, 2, 3], [192, 168, 66, 1]] {
        let (from, to) = (Ipv4Addr::new(192, 168, 1, 3), Ipv4Addr::from(to));
        let datagram = Udp::new(40_000, 5353).datagram(from.into(), to.into(), b"");
        raw.send(None, &Ipv4 { ttl: 2, ..Ipv4::new(from, to, 17) }.packet(&datagram)).unwrap();
    }
    let heard = std::iter::from_fn(|| errors.recv(client.now() + Duration::from_secs(1)).unwrap()).count();
    assert_eq!((to_r1.get(), behind_r1.get(), heard), (3, 1, 1), "r1 passes on the one to a single host");
}

#[test]
fn host_refuses_what_it_sends_itself_as_another_would() {
    let world = World::of("routers");
    let leaves = world.count("net1", |_| true);
    let mut client = world.guest("client");
    for own in [[127, 0, 0, 1], [127, 9, 9, 9], [192, 168, 1, 3]] {
        let mut socket = client.bind_udp(at([0; 4], 0), &[Opt::Ttl(1)]).unwrap();
        socket.send(Some(at(own, 33434)), b"probe").unwrap();
        let packet = socket.recv(client.now()).unwrap().expect("an error at once");
        let said = packet.error.map(|error| (error.by, error.kind, error.code));
        assert_eq!((said, &packet.bytes[..]), (Some(error(own, 3, 3)), &b"probe"[..]));
    }
    assert_eq!(leaves.get(), 0);
}

#[test]
fn loopback_address_off_a_link_is_no_address() {
    let mut client = World::of("routers").guest("client");
    let mut link = client.open_link("net1").unwrap();
    ask(&mut client, [192, 168, 1, 100], 1, &[]).reply();
    let r1 = Mac([2, 0, 0, 0, 0x11, 0]);
    let source = Mac([2, 0, 0, 0, 1, 3]);
    let mut answers = |from: [u8; 4], to: [u8; 4]| {
        let packet = Ipv4::new(from.into(), to.into(), 1).packet(&icmp::echo_request(1, 1, b""));
        while link.recv(client.now()).unwrap().is_some() {}
        link.send(None, &Ethernet { destination: r1, source, ethertype: ethernet::IPV4 }.frame(&packet)).unwrap();
        std::iter::from_fn(|| link.recv(client.now() + ms(50.0)).unwrap()).count()
    };
    let (own, router, loopback) = ([192, 168, 1, 3], [192, 168, 1, 100], [127, 0, 0, 1]);
    assert_eq!((answers(own, router), answers(own, loopback), answers(loopback, router)), (1, 0, 0));
}
