//! Packets that are too long: the numbers that the networks `mtu` and `mtu-blackhole` are made for, and what hosts make of them.

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

use asking::{World, at, ms};
use host::{Error, Guest, Host, Opt, Packet};
use sim::{Fate, Net};
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;
use wire::fragment;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};

const CLIENT: [u8; 4] = [10, 1, 0, 2];
const SERVER: [u8; 4] = [10, 1, 3, 2];

/// What comes of an echo request.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// All data came back.
    Reply,
    /// Somebody says type and code, and an MTU.
    Error([u8; 4], u8, u8, u16),
    /// The own host refuses; a packet of so many bytes would have been allowed.
    Refused(usize),
    Nothing,
}

/// Bytes that differ from their neighbours and from those a fragment away.
fn data(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 7 + index / 251) as u8).collect()
}

/// Sends an echo request in a packet of `len` bytes, headers included, and waits a second for what comes of it.
fn echo(host: &mut Guest, to: [u8; 4], len: usize, options: &[Opt]) -> Said {
    let data = data(len - 28);
    let mut socket = host.open_ping(options).unwrap();
    match socket.send(Some(at(to, 0)), &icmp::echo_request(0, 1, &data)) {
        Ok(()) => {}
        Err(Error::TooLong { have, most }) => {
            assert_eq!(have, len - 20);
            return Said::Refused(most + 20);
        }
        Err(error) => panic!("{error}"),
    }
    let Some(packet) = socket.recv(host.now() + Duration::from_secs(1)).unwrap() else { return Said::Nothing };
    if let Some(error) = packet.error {
        let IpAddr::V4(by) = error.by else { panic!("{error:?}") };
        return Said::Error(by.octets(), error.kind, error.code, error.mtu);
    }
    let Ok((_, Message::EchoReply { data: returned, .. })) = icmp::parse(&packet.bytes) else { panic!("{packet:?}") };
    assert_eq!(returned, data);
    Said::Reply
}

fn uncut(host: &mut Guest, to: [u8; 4], len: usize) -> Said {
    echo(host, to, len, &[Opt::DontFragment(true)])
}

/// The IP packets that go from `source` into a cable: length, offset in bytes, "more fragments".
fn shapes(world: &World, cable: &str, source: [u8; 4]) -> Rc<RefCell<Vec<(usize, usize, bool)>>> {
    let seen = Rc::new(RefCell::new(vec![]));
    let list = Rc::clone(&seen);
    world.watch(cable, move |_, frame| {
        let Ok((header, _, _, trailer)) = Ipv4::parse(&frame[14..]) else { return };
        if header.source.octets() == source {
            assert!(Ipv4::is_intact(&frame[14..]));
            let len = frame.len() - 14 - trailer.len();
            list.borrow_mut().push((len, usize::from(header.fragment_offset) * 8, header.more_fragments));
        }
    });
    seen
}

#[test]
fn sender_that_listens_finds_what_fits_in_two_steps() {
    let mut client = World::of("mtu").guest("client");
    assert_eq!(uncut(&mut client, SERVER, 1500), Said::Error([10, 1, 0, 1], 3, 4, 1400));
    assert_eq!(uncut(&mut client, SERVER, 1500), Said::Refused(1400), "the own host has heard it");
    assert_eq!(uncut(&mut client, SERVER, 1400), Said::Error([10, 1, 1, 2], 3, 4, 1280));
    assert_eq!(uncut(&mut client, SERVER, 1400), Said::Refused(1280));
    assert_eq!(uncut(&mut client, SERVER, 1281), Said::Refused(1280));
    assert_eq!(uncut(&mut client, SERVER, 1280), Said::Reply);
}

#[test]
fn packet_that_may_be_cut_is_cut_twice_and_comes_back_whole() {
    let world = World::of("mtu");
    let mut client = world.guest("client");
    let cables = ["net0", "net1", "net2", "net3"];
    let [net0, net1, net2, net3] = cables.map(|cable| shapes(&world, cable, CLIENT));
    assert_eq!(echo(&mut client, SERVER, 1500, &[]), Said::Reply);
    assert_eq!(*net0.borrow(), [(1500, 0, false)]);
    assert_eq!(*net1.borrow(), [(1396, 0, true), (124, 1376, false)]);
    assert_eq!(*net2.borrow(), [(1276, 0, true), (140, 1256, true), (124, 1376, false)]);
    assert_eq!(*net3.borrow(), [(1276, 0, true), (140, 1256, true), (124, 1376, false)], "no router puts it together");

    let [net3, net2, net0] = ["net3", "net2", "net0"].map(|cable| shapes(&world, cable, SERVER));
    assert_eq!(echo(&mut client, SERVER, 1500, &[]), Said::Reply);
    assert_eq!(*net3.borrow(), [(1500, 0, false)]);
    for back in [net2, net0] {
        assert_eq!(*back.borrow(), [(1276, 0, true), (244, 1256, false)], "cut once, at the narrowest link");
    }
}

#[test]
fn from_the_other_side_one_step_is_enough() {
    let mut server = World::of("mtu").guest("server");
    assert_eq!(uncut(&mut server, CLIENT, 1500), Said::Error([10, 1, 3, 1], 3, 4, 1280));
    assert_eq!(uncut(&mut server, CLIENT, 1500), Said::Refused(1280));
    assert_eq!(uncut(&mut server, CLIENT, 1280), Said::Reply);
}

#[test]
fn tracepath_sees_1400_behind_the_first_hop_and_1280_behind_the_second_of_four() {
    let mut client = World::of("mtu").guest("client");
    let mut probe = |ttl, len: usize| {
        let mut socket = client.bind_udp(at([0; 4], 0), &[Opt::Ttl(ttl), Opt::DontFragment(true)]).unwrap();
        socket.send(Some(at(SERVER, 44444)), &vec![0; len - 28]).unwrap();
        let error = socket.recv(client.now() + Duration::from_secs(1)).unwrap().unwrap().error.unwrap();
        (error.by.to_string(), error.kind, error.code, error.mtu)
    };
    let said = |by: &str, kind, code, mtu| (by.to_string(), kind, code, mtu);
    assert_eq!(probe(1, 1500), said("10.1.0.1", 11, 0, 0));
    assert_eq!(probe(2, 1500), said("10.1.0.1", 3, 4, 1400));
    assert_eq!(probe(2, 1400), said("10.1.1.2", 11, 0, 0));
    assert_eq!(probe(3, 1400), said("10.1.1.2", 3, 4, 1280));
    assert_eq!(probe(3, 1280), said("10.1.2.2", 11, 0, 0));
    assert_eq!(probe(4, 1280), said("10.1.3.2", 3, 3, 0));
}

#[test]
fn black_hole_swallows_what_must_not_be_cut_and_says_nothing() {
    let mut client = World::of("mtu-blackhole").guest("client");
    for len in [1500, 1401, 1400, 1281] {
        assert_eq!(uncut(&mut client, SERVER, len), Said::Nothing, "{len}");
    }
    assert_eq!(uncut(&mut client, SERVER, 1280), Said::Reply);
    assert_eq!(echo(&mut client, SERVER, 1500, &[]), Said::Reply, "fragments pass");
}

#[test]
fn host_cuts_at_the_path_mtu_that_it_knows_and_forgets_it_after_ten_minutes() {
    let world = World::of("mtu");
    let mut client = world.guest("client");
    assert_eq!(uncut(&mut client, SERVER, 1500), Said::Error([10, 1, 0, 1], 3, 4, 1400));
    let learnt = client.now();
    let net0 = shapes(&world, "net0", CLIENT);
    assert_eq!(echo(&mut client, SERVER, 1500, &[]), Said::Reply);
    assert_eq!(*net0.borrow(), [(1396, 0, true), (124, 1376, false)]);
    // What is for somebody else has its own way.
    assert_eq!(uncut(&mut client, [10, 1, 0, 1], 1500), Said::Reply);
    client.sleep(learnt + Duration::from_secs(590)).unwrap();
    assert_eq!(uncut(&mut client, SERVER, 1500), Said::Refused(1400));
    client.sleep(learnt + Duration::from_secs(600)).unwrap();
    assert_eq!(uncut(&mut client, SERVER, 1500), Said::Error([10, 1, 0, 1], 3, 4, 1400));
}

#[test]
fn first_link_of_ones_own_is_known_without_a_message() {
    let mut client = World::of("mtu").guest("client");
    assert_eq!(uncut(&mut client, SERVER, 1501), Said::Refused(1500));
    assert_eq!(echo(&mut client, SERVER, 1501, &[]), Said::Reply);
    let mut r1 = World::of("mtu").guest("r1");
    assert_eq!(uncut(&mut r1, SERVER, 1401), Said::Refused(1400));
    assert_eq!(uncut(&mut r1, [10, 1, 1, 1], 1401), Said::Reply, "to itself any packet fits");
}

#[test]
fn raw_packet_is_never_cut_at_home() {
    let mut client = World::of("mtu").guest("client");
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    let packet = |len: usize| Ipv4::new(CLIENT.into(), SERVER.into(), ipv4::ICMP).packet(&vec![0; len - 20]);
    assert_eq!(raw.send(None, &packet(1501)), Err(Error::TooLong { have: 1501, most: 1500 }));
    raw.send(None, &packet(1500)).unwrap();
}

#[test]
fn packets_of_every_size_up_to_the_longest_are_returned_whole() {
    let mut net = Net::load("mtu").unwrap();
    net.set("net2.mtu=68").unwrap();
    let mut narrow = World::new(&net, 1).guest("client");
    let mut client = World::of("mtu").guest("client");
    for len in (28..200).chain([1399, 1400, 1401, 1407, 1408, 1409, 3000, 65_534, 65_535]) {
        assert_eq!(echo(&mut client, SERVER, len, &[]), Said::Reply, "{len}");
        assert_eq!(echo(&mut narrow, SERVER, len, &[]), Said::Reply, "{len} by a link of 68");
    }
    let mut socket = client.open_ping(&[]).unwrap();
    let too_long = socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 1, &[0; 65_508]));
    assert_eq!(too_long, Err(Error::TooLong { have: 65_516, most: 65_515 }));
    let mut socket = client.bind_udp(at([0; 4], 0), &[]).unwrap();
    let too_long = socket.send(Some(at(SERVER, 9)), &[0; 65_508]);
    assert_eq!(too_long, Err(Error::TooLong { have: 65_508, most: 65_507 }));
}

/// Loses the frames to the server of which `lost` says so by the offset of their fragment.
fn lose(world: &World, lost: impl Fn(u16) -> bool + 'static) {
    let hand = move |_, frame: &mut Vec<u8>| match Ipv4::take(&frame[14..]) {
        Ok((header, _)) if header.destination.octets() == SERVER && lost(header.fragment_offset) => Fate::Lose,
        _ => Fate::Pass,
    };
    world.0.borrow_mut().tamper("net3", Box::new(hand));
}

#[test]
fn server_waits_thirty_seconds_for_a_lost_fragment_and_tells_if_it_has_the_first() {
    let heard = |lost: fn(u16) -> bool| {
        let world = World::of("mtu");
        let mut client = world.guest("client");
        assert_eq!(echo(&mut client, SERVER, 28, &[]), Said::Reply);
        lose(&world, lost);
        let mut socket = client.open_ping(&[]).unwrap();
        let sent = client.now();
        socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 1, &data(1472))).unwrap();
        let packet = socket.recv(sent + Duration::from_secs(60)).unwrap()?;
        let error = packet.error.unwrap();
        // Six milliseconds there, thirty seconds, six milliseconds back.
        assert_eq!(packet.at - sent, Duration::from_secs(30) + ms(12.0));
        Some((error.by, error.kind, error.code))
    };
    assert_eq!(heard(|offset| offset > 1256 / 8), Some((SERVER.into(), 11, 1)));
    assert_eq!(heard(|offset| offset == 1256 / 8), Some((SERVER.into(), 11, 1)));
    assert_eq!(heard(|offset| offset == 0), None);
}

#[test]
fn fragments_in_any_order_make_the_packet_and_contradictory_ones_none() {
    let mut client = World::of("mtu").guest("client");
    let mut raw = client.open_raw(ipv4::ICMP).unwrap();
    let mut answered = |identification, order: &[usize], spoil: Option<usize>| {
        let request = icmp::echo_request(7, identification, &data(400));
        let header = Ipv4 { identification, ..Ipv4::new(CLIENT.into(), SERVER.into(), ipv4::ICMP) };
        let mut fragments = fragment::cut(&header.packet(&request), 128).unwrap();
        assert_eq!(fragments.len(), 4);
        if let Some(spoilt) = spoil {
            let mut other = fragments[spoilt].clone();
            other[30] ^= 1;
            fragments.push(other);
        }
        for index in order {
            raw.send(None, &fragments[*index]).unwrap();
        }
        let reply: Option<Packet> = raw.recv(client.now() + ms(100.0)).unwrap();
        reply.is_some_and(|reply| {
            let Ok((_, Message::EchoReply { data: returned, .. })) = icmp::parse(&reply.bytes[20..]) else { panic!() };
            returned == data(400)
        })
    };
    assert!(answered(1, &[3, 1, 0, 2], None));
    assert!(answered(2, &[2, 2, 1, 0, 3, 3], None), "some of them twice");
    assert!(!answered(3, &[0, 1, 2], None));
    assert!(!answered(4, &[0, 1, 4, 2, 3], Some(1)), "the second says two things");
}

#[test]
fn time_that_ends_is_told_of_the_first_fragment_alone() {
    let mut client = World::of("mtu").guest("client");
    let mut socket = client.open_ping(&[Opt::Ttl(1)]).unwrap();
    socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 1, &data(4000))).unwrap();
    let until = client.now() + ms(100.0);
    let errors: Vec<Packet> = std::iter::from_fn(|| socket.recv(until).unwrap()).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].error.unwrap().kind, icmp::TIME_EXCEEDED);
}

#[test]
fn message_about_somebody_elses_packet_changes_no_path_mtu() {
    let world = World::of("mtu");
    let (mut client, mut server) = (world.guest("client"), world.guest("server"));
    let mut raw = server.open_raw(ipv4::ICMP).unwrap();
    let mut forge = |source: [u8; 4], dont_fragment| {
        let quoted = Ipv4 { dont_fragment, ..Ipv4::new(source.into(), SERVER.into(), ipv4::ICMP) };
        let quote = &quoted.packet(&icmp::echo_request(1, 1, &[0; 1400]))[..28];
        let message = icmp::message(icmp::UNREACHABLE, 4, [0, 0, 0, 100], quote);
        raw.send(None, &Ipv4::new(SERVER.into(), CLIENT.into(), ipv4::ICMP).packet(&message)).unwrap();
        server.sleep(server.now() + ms(50.0)).unwrap();
    };
    forge([10, 1, 0, 3], true);
    forge(CLIENT, false);
    assert_eq!(uncut(&mut client, SERVER, 1280), Said::Reply);
    forge(CLIENT, true);
    assert_eq!(uncut(&mut client, SERVER, 1280), Said::Refused(100), "such a one could be true");
}

#[test]
fn data_of_a_later_fragment_is_not_taken_for_ports() {
    let mut client = World::of("mtu").guest("client");
    let mut socket = client.bind_udp(at([0; 4], 0x4141), &[]).unwrap();
    // Nobody is there, so this host tells its program of each fragment that waited; the second and the third begin with its port.
    socket.send(Some(at([10, 1, 0, 9], 9)), &[0x41; 4000]).unwrap();
    let until = client.now() + Duration::from_secs(10);
    let errors: Vec<Packet> = std::iter::from_fn(|| socket.recv(until).unwrap()).collect();
    assert_eq!(errors.iter().map(|packet| packet.bytes.len()).collect::<Vec<_>>(), [1480 - 8]);
}
