//! The networks `nat` and `lan`, as programs on both sides of the NAT see them.

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
use host::{Error, Guest, Host, Opt, Packets, Stream, Time};
use nat::{Change, State, What};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use wire::ethernet::Ethernet;
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;

const HOST2: [u8; 4] = [192, 168, 1, 2];
const HOME: [u8; 4] = [44, 11, 5, 17];
const ISP: [u8; 4] = [44, 11, 5, 1];
const FAR: [u8; 4] = [55, 11, 22, 33];
const ANY: [u8; 4] = [0; 4];

fn bind(host: &mut Guest, port: u16) -> Box<dyn Packets> {
    host.bind_udp(at(ANY, port), &[]).unwrap()
}

/// What arrives within a second: from whom, and its data.
fn hear(host: &Guest, socket: &mut dyn Packets) -> Option<(SocketAddr, Vec<u8>)> {
    let packet = socket.recv(host.now() + ms(1000.0)).unwrap()?;
    assert_eq!(packet.error, None);
    Some((packet.from.unwrap(), packet.bytes))
}

/// The page behind a TCP port.
fn page(host: &mut Guest, to: SocketAddr) -> Result<String, Error> {
    let until = host.now() + ms(5000.0);
    let mut stream: Box<dyn Stream> = host.connect_tcp(to, &[], until)?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    Ok(text)
}

/// The IP packets on a cable, by source and destination.
fn packets(world: &World, cable: &str) -> Rc<RefCell<Vec<(Ipv4Addr, Ipv4Addr)>>> {
    let seen: Rc<RefCell<Vec<(Ipv4Addr, Ipv4Addr)>>> = Rc::default();
    let to = Rc::clone(&seen);
    world.watch(cable, move |_, frame| {
        let (_, payload) = Ethernet::take(frame).unwrap();
        if let Ok((header, ..)) = Ipv4::parse(payload) {
            to.borrow_mut().push((header.source, header.destination));
        }
    });
    seen
}

fn like_nat(keys: &str) -> World {
    World::parse(&format!("like = \"nat\"\ntitle = \"t\"\n{keys}\n"))
}

#[test]
fn request_of_the_plan_leaves_as_44_11_5_17_7777_and_its_answer_comes_back() {
    let world = World::of("nat");
    let (mut host2, mut far, mut home) = (world.guest("host2"), world.guest("host"), world.guest("home"));
    let (mut asks, mut answers) = (bind(&mut host2, 8892), bind(&mut far, 8080));
    let mut table = home.open_translations().unwrap();
    asks.send(Some(at(FAR, 8080)), b"request").unwrap();
    let (from, data) = hear(&far, &mut *answers).unwrap();
    assert_eq!((from, &data[..]), (at(HOME, 7777), &b"request"[..]));
    answers.send(Some(from), b"response").unwrap();
    assert_eq!(hear(&host2, &mut *asks), Some((at(FAR, 8080), b"response".to_vec())));

    let mut changes = vec![];
    while let Ok(Some(packet)) = table.recv(Time::NEVER) {
        changes.push(Change::read(&packet.bytes).unwrap());
    }
    let [opened, moved, closed] = changes[..] else { panic!("{changes:?}") };
    let (What::Opened(first), What::Moved(second), What::Closed(last, _)) = (opened.what, moved.what, closed.what)
    else {
        panic!("{changes:?}");
    };
    let ends = [first.inside, first.outside, first.peer].map(|end| end.to_string());
    assert_eq!(ends, ["192.168.1.2:8892", "44.11.5.17:7777", "55.11.22.33:8080"]);
    assert_eq!((first.state, second.state), (State::Unanswered, State::Answered));
    assert_eq!((last.bytes_out, last.bytes_in), (35, 36));
    // Five minutes from the last packet that went out, to the nanosecond.
    assert_eq!(closed.at, opened.at + ms(300_000.0));
}

#[test]
fn echo_and_errors_find_their_way_to_the_host_that_asked() {
    let world = World::of("nat");
    let mut host2 = world.guest("host2");
    let reply = ask(&mut host2, FAR, 1, &[]).reply();
    assert_eq!((reply.from, reply.ttl), (FAR.into(), 62));
    let hop = |host2: &mut Guest, ttl| ask(host2, FAR, 1, &[Opt::Ttl(ttl)]).error().said();
    assert_eq!(hop(&mut host2, 1), ([192, 168, 1, 1].into(), 11, 0));
    assert_eq!(hop(&mut host2, 2), (ISP.into(), 11, 0));
    // Nobody has this address: the NAT says so itself, of a packet that has its own source by then.
    assert_eq!(ask(&mut host2, [44, 11, 5, 99], 1, &[]).error().said(), (HOME.into(), 3, 1));
    // A closed port.
    let mut socket = host2.bind_udp(at(ANY, 0), &[]).unwrap();
    socket.send(Some(at(FAR, 9)), b"anybody?").unwrap();
    let error = socket.recv(host2.now() + ms(1000.0)).unwrap().unwrap();
    assert_eq!(
        (error.error.map(|error| (error.by, error.code)), &error.bytes[..]),
        (Some((FAR.into(), 3)), &b"anybody?"[..])
    );
}

#[test]
fn page_comes_through_the_nat_and_in_by_the_forwarded_port() {
    let world = World::of("nat");
    let seen = packets(&world, "far");
    assert!(page(&mut world.guest("host2"), at(FAR, 8080)).unwrap().contains("host"));
    let home = Ipv4Addr::from(HOME);
    assert!(seen.borrow().iter().all(|(from, to)| *from == home || *to == home));
    let near = page(&mut world.guest("host"), at(HOME, 8080)).unwrap();
    assert!(near.contains("host4"), "{near}");
    // The same from inside: it turns back at the NAT, and host4 sees 44.11.5.17.
    let lan = packets(&world, "lan-host4");
    assert_eq!(page(&mut world.guest("host2"), at(HOME, 8080)), Ok(near));
    assert!(!lan.borrow().is_empty() && lan.borrow().iter().all(|(from, to)| *from == home || *to == home));
}

#[test]
fn on_the_same_link_there_is_no_nat() {
    let world = World::of("nat");
    let seen = packets(&world, "lan-home");
    assert!(page(&mut world.guest("host2"), at([192, 168, 1, 4], 8080)).unwrap().contains("host4"));
    assert_eq!(*seen.borrow(), []);
}

#[test]
fn stranger_is_not_let_in_unless_filtering_says_so() {
    for (filtering, is_heard) in [("address-and-port", false), ("address", false), ("endpoint-independent", true)] {
        let world = like_nat(&format!("nats.home.filtering = \"{filtering}\""));
        let (mut host2, mut isp) = (world.guest("host2"), world.guest("isp"));
        let mut socket = bind(&mut host2, 8892);
        socket.send(Some(at(FAR, 8080)), b"out").unwrap();
        host2.sleep(host2.now() + ms(100.0)).unwrap();
        while socket.recv(host2.now()).unwrap().is_some() {}
        bind(&mut isp, 5000).send(Some(at(HOME, 7777)), b"in").unwrap();
        assert_eq!(hear(&host2, &mut *socket).is_some(), is_heard, "{filtering}");
    }
}

#[test]
fn nobody_answers_a_syn_from_outside_and_the_nat_answers_a_ping() {
    let world = World::of("nat");
    let mut far = world.guest("host");
    let until = far.now() + ms(6000.0);
    assert_eq!(far.connect_tcp(at(HOME, 22), &[], until).err(), Some(Error::TimedOut));
    assert_eq!(ask(&mut far, HOME, 1, &[]).reply().from, IpAddr::from(HOME));
    // Private addresses lead nowhere from outside, even if somebody sends there.
    let world = like_nat("routers.isp.routes = [\"192.168.1.0/24 via 44.11.5.17\"]");
    assert!(matches!(ask(&mut world.guest("host"), HOST2, 1, &[]), Answer::Silence));
}

#[test]
fn host_that_has_had_its_share_is_told_so_and_others_are_served() {
    let world = like_nat("nats.home.sessions_of_a_host = 2");
    let (mut host2, mut host4) = (world.guest("host2"), world.guest("host4"));
    for _ in 0..2 {
        ask(&mut host2, FAR, 1, &[]).reply();
    }
    assert_eq!(ask(&mut host2, FAR, 1, &[]).error().said(), ([192, 168, 1, 1].into(), 3, 13));
    ask(&mut host4, FAR, 1, &[]).reply();
    // What has ended gives its place within a second.
    host2.sleep(host2.now() + ms(61_000.0)).unwrap();
    ask(&mut host2, FAR, 1, &[]).reply();
}

#[test]
fn long_datagrams_pass_in_fragments_both_ways_and_those_that_must_not_be_cut_are_refused() {
    let world = like_nat("links.access = { delay = \"5 ms\", mtu = 1400 }");
    let (mut host2, mut far) = (world.guest("host2"), world.guest("host"));
    let (mut asks, mut answers) = (bind(&mut host2, 8892), bind(&mut far, 8080));
    let data: Vec<u8> = (0..4000_u32).map(|number| number.to_be_bytes()[3]).collect();
    asks.send(Some(at(FAR, 8080)), &data).unwrap();
    assert_eq!(hear(&far, &mut *answers), Some((at(HOME, 7777), data.clone())));
    answers.send(Some(at(HOME, 7777)), &data).unwrap();
    assert_eq!(hear(&host2, &mut *asks), Some((at(FAR, 8080), data)));
    asks.set(Opt::DontFragment(true)).unwrap();
    asks.send(Some(at(FAR, 8080)), &[0; 1400]).unwrap();
    let error = asks.recv(host2.now() + ms(1000.0)).unwrap().unwrap().error.unwrap();
    assert_eq!((error.by, error.kind, error.code, error.mtu), ([192, 168, 1, 1].into(), 3, 4, 1400));
}

#[test]
fn syn_announces_what_fits_the_outside_link() {
    let world = like_nat("nats.home.clamp_mss = \"pmtu\"\nlinks.access = { delay = \"5 ms\", mtu = 1492 }");
    let sizes: Rc<RefCell<Vec<(&str, u16)>>> = Rc::default();
    for cable in ["lan-host2", "access"] {
        let to = Rc::clone(&sizes);
        world.watch(cable, move |_, frame| {
            let (_, payload) = Ethernet::take(frame).unwrap();
            if let Ok((_, _, segment, _)) = Ipv4::parse(payload)
                && let Ok((tcp, options, _)) = Tcp::parse(segment)
                && tcp.syn
            {
                to.borrow_mut().push((cable, u16::from_be_bytes([options[2], options[3]])));
            }
        });
    }
    page(&mut world.guest("host2"), at(FAR, 8080)).unwrap();
    let expected = [("lan-host2", 1460), ("access", 1452), ("access", 1460), ("lan-host2", 1452)];
    assert_eq!(*sizes.borrow(), expected);
}

#[test]
fn home_network_of_the_arp_chapter_has_a_way_out() {
    let world = World::of("lan");
    let mut host2 = world.guest("host2");
    let seen = packets(&world, "far");
    assert_eq!(ask(&mut host2, [1, 2, 3, 4], 1, &[]).reply().ttl, 62);
    assert_eq!(seen.borrow()[0], ([122, 1, 2, 4].into(), [1, 2, 3, 4].into()));
    // The ports that it has itself are kept: nothing in its file says otherwise.
    let (mut asks, mut answers) = (bind(&mut host2, 5000), bind(&mut world.guest("server"), 53));
    asks.send(Some(at([1, 2, 3, 4], 53)), b"x").unwrap();
    assert_eq!(hear(&host2, &mut *answers), Some((at([122, 1, 2, 4], 5000), b"x".to_vec())));
    // Its second table entry: the gateway.
    let neighbours: Vec<IpAddr> = host2.neighbours().unwrap().iter().map(|entry| entry.address).collect();
    assert_eq!(neighbours, [IpAddr::from([10, 0, 0, 1])]);
}

#[test]
fn table_is_shown_where_there_is_one() {
    let world = World::of("nat");
    let mut home = world.guest("home");
    ask(&mut world.guest("host2"), FAR, 1, &[]).reply();
    let mut table = home.open_translations().unwrap();
    let change = Change::read(&table.recv(home.now()).unwrap().unwrap().bytes).unwrap();
    let What::There(entry) = change.what else { panic!("{change:?}") };
    assert_eq!((entry.outside.to_string(), entry.state), ("44.11.5.17:7777".into(), State::Answered));
    assert_eq!(
        world.guest("isp").open_translations().err(),
        Some(Error::Unsupported { what: "translation table".into(), world: "a host that is no NAT".into() })
    );
}

#[test]
fn file_that_does_not_fit_together_is_refused_in_a_sentence() {
    let refused = |keys: &str| {
        let text = format!("like = \"nat\"\ntitle = \"t\"\n{keys}\n");
        let error = sim::Net::parse("t.toml", &text).unwrap_err();
        format!("{} / {}", error.error, error.hint.unwrap())
    };
    assert_eq!(
        refused("nats.home.forward = [\"tcp 80 -> 192.168.1.4:80\", \"tcp 80 -> 192.168.1.2:80\"]"),
        "t.toml: home: tcp port 80 is forwarded twice / an outside port leads to one place, which is inside"
    );
    assert_eq!(
        refused("nats.home.forward = [\"tcp 80 -> 44.11.5.17:80\"]"),
        "t.toml: home: 44.11.5.17 is an outside address, and cannot be inside as well / an outside port leads to one \
         place, which is inside"
    );
    assert_eq!(
        refused("nats.home.forward = [\"80 to host4\"]"),
        "t.toml:3:22: nats.home.forward: '80 to host4' is no forwarded port / write it as in \"tcp 8080 -> \
         192.168.1.4:8080\""
    );
    assert_eq!(
        refused("nats.home.filtering = \"port\""),
        "t.toml:3:23: nats.home.filtering: unknown behaviour 'port' / behaviours are endpoint-independent, address, \
         address-and-port"
    );
    assert_eq!(
        refused("nats.home.outside = \"lan\""),
        "t.toml:3:21: nats.home.outside: 'lan' is inside as well / a NAT stands between two sides"
    );
}
