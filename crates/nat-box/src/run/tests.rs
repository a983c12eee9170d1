//! The box between two links, by bytes.

use super::errors::Trouble;
use super::gateway::{Door, Gateway, Loss};
use super::neighbours::Neighbours;
use host::{Frame, Mac, Time};
use nat::{Config, Nat, Side};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::arp::Arp;
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const HOST: (Mac, Ipv4Addr) = (Mac([2, 0, 0, 0, 1, 1]), Ipv4Addr::new(10, 77, 1, 1));
const GATEWAY: (Mac, Ipv4Addr) = (Mac([2, 0, 0, 0, 1, 2]), Ipv4Addr::new(10, 77, 1, 2));
const PUBLIC: (Mac, Ipv4Addr) = (Mac([2, 0, 0, 0, 2, 1]), Ipv4Addr::new(10, 77, 2, 1));
const SERVER: (Mac, Ipv4Addr) = (Mac([2, 0, 0, 0, 2, 2]), Ipv4Addr::new(10, 77, 2, 2));
const PLAIN: [u8; Frame::NOTE] = [0; Frame::NOTE];
const NOW: Time = Time(1_000_000_000);

fn gateway(outside_mtu: usize) -> Gateway {
    let door = |(mac, address), mtu| Door {
        mac,
        address,
        prefix: 24,
        mtu,
        via: None,
        is_kernels: false,
        is_shared: false,
        neighbours: Neighbours::default(),
    };
    let nat = Nat::new(Config::new(PUBLIC.1)).unwrap();
    Gateway::new(nat, door(GATEWAY, 1500), door(PUBLIC, outside_mtu))
}

fn step(gateway: &mut Gateway, side: Side, note: &[u8], bytes: &[u8]) -> Option<(Side, Vec<u8>)> {
    let mut frame = Frame::empty();
    let whole = [note, bytes].concat();
    frame.room()[..whole.len()].copy_from_slice(&whole);
    frame.filled(whole.len());
    gateway.step(side, &mut frame, NOW).map(|side| (side, frame.whole().to_vec()))
}

/// A frame of the host inside to the box, with a datagram of so many bytes to the server.
fn datagram(len: usize, change: impl FnOnce(&mut Ipv4)) -> Vec<u8> {
    let datagram = Udp::new(1000, 53).datagram(HOST.1.into(), SERVER.1.into(), &vec![7; len]);
    let mut header = Ipv4::new(HOST.1, SERVER.1, ipv4::UDP);
    change(&mut header);
    frame(&HOST.0, &GATEWAY.0, &header.packet(&datagram))
}

fn frame(source: &Mac, destination: &Mac, packet: &[u8]) -> Vec<u8> {
    Ethernet { source: *source, destination: *destination, ethertype: ethernet::IPV4 }.frame(packet)
}

fn packet(whole: &[u8]) -> &[u8] {
    &whole[Frame::NOTE + Ethernet::LEN..]
}

/// Both neighbours have made themselves known.
fn acquainted(outside_mtu: usize) -> Gateway {
    let mut gateway = gateway(outside_mtu);
    for (side, own, to) in [(Side::Inside, HOST, GATEWAY.1), (Side::Outside, SERVER, PUBLIC.1)] {
        let request = Arp::request(own.0, own.1, to);
        let header = Ethernet { source: own.0, destination: Mac::BROADCAST, ethertype: ethernet::ARP };
        assert_eq!(step(&mut gateway, side, &PLAIN, &header.frame(&request.bytes())), None);
        let [(to, reply)] = &gateway.take_frames()[..] else { panic!("one answer") };
        let (reply, _) = Arp::parse(packet(reply)).unwrap();
        assert_eq!((*to, reply.target), (side, own.1));
        assert_eq!(reply.sender_mac, if side == Side::Inside { GATEWAY.0 } else { PUBLIC.0 });
    }
    gateway
}

#[test]
fn packet_waits_while_its_next_hop_is_asked_for_and_then_goes() {
    let mut gateway = gateway(1500);
    assert_eq!(step(&mut gateway, Side::Inside, &PLAIN, &datagram(5, |_| {})), None);
    let [(Side::Outside, asked)] = &gateway.take_frames()[..] else { panic!("one question") };
    let (asked, _) = Arp::parse(packet(asked)).unwrap();
    assert_eq!((asked.sender, asked.target), (PUBLIC.1, SERVER.1));
    let reply = Ethernet { source: SERVER.0, destination: PUBLIC.0, ethertype: ethernet::ARP };
    step(&mut gateway, Side::Outside, &PLAIN, &reply.frame(&asked.reply_from(SERVER.0).bytes()));
    let [(Side::Outside, went)] = &gateway.take_frames()[..] else { panic!("what had waited") };
    let (header, _) = Ethernet::take(&went[Frame::NOTE..]).unwrap();
    assert_eq!((header.source, header.destination), (PUBLIC.0, SERVER.0));
    let (header, _, datagram, _) = Ipv4::parse(packet(went)).unwrap();
    let (udp, payload, _) = Udp::parse(datagram).unwrap();
    assert_eq!((header.source, header.destination, header.ttl), (PUBLIC.1, SERVER.1, 63));
    assert!(Ipv4::is_intact(packet(went)) && udp.is_intact(PUBLIC.1.into(), SERVER.1.into(), payload));
}

#[test]
fn sender_is_told_of_a_next_hop_that_nobody_has() {
    let mut gateway = gateway(1500);
    let sent = datagram(5, |_| {});
    step(&mut gateway, Side::Inside, &PLAIN, &sent);
    for seconds in 1..=3 {
        gateway.tick(NOW + Duration::from_secs(seconds));
    }
    assert_eq!(gateway.lost[&Loss::NobodyThere], 1);
    // The host inside is asked for in its turn; once it answers it gets the error.
    let request = Arp::request(HOST.0, HOST.1, GATEWAY.1);
    let header = Ethernet { source: HOST.0, destination: Mac::BROADCAST, ethertype: ethernet::ARP };
    gateway.take_frames();
    step(&mut gateway, Side::Inside, &PLAIN, &header.frame(&request.bytes()));
    let frames = gateway.take_frames();
    let error = frames.iter().find(|(_, whole)| whole[Frame::NOTE + 12..][..2] == [8, 0]).unwrap();
    let (header, _, message, _) = Ipv4::parse(packet(&error.1)).unwrap();
    assert_eq!((error.0, header.source, header.destination), (Side::Inside, GATEWAY.1, HOST.1));
    assert!(icmp::is_intact(message));
    assert_eq!(message[..2], [icmp::UNREACHABLE, 1]);
    // What it quotes is what was sent, but for what happened to it on its way: one less to live.
    let (quoted, _) = Ipv4::take(&message[8..]).unwrap();
    assert_eq!((quoted.source, quoted.destination, quoted.ttl), (HOST.1, SERVER.1, 63));
    assert_eq!(message[28..], sent[34..34 + message.len() - 28]);
}

#[test]
fn packet_that_is_too_long_for_the_next_link_is_cut_or_its_sender_told() {
    let mut gateway = acquainted(600);
    assert_eq!(step(&mut gateway, Side::Inside, &PLAIN, &datagram(1400, |_| {})), None);
    let parts = gateway.take_frames();
    let mut data = vec![];
    for (side, whole) in &parts {
        let (header, _, payload, _) = Ipv4::parse(packet(whole)).unwrap();
        assert!(Ipv4::is_intact(packet(whole)) && packet(whole).len() <= 600);
        assert_eq!((*side, usize::from(header.fragment_offset) * 8), (Side::Outside, data.len()));
        data.extend_from_slice(payload);
    }
    let (udp, payload, _) = Udp::parse(&data).unwrap();
    assert!(parts.len() == 3 && udp.is_intact(PUBLIC.1.into(), SERVER.1.into(), payload));

    let sent = datagram(1400, |header| header.dont_fragment = true);
    assert_eq!(step(&mut gateway, Side::Inside, &PLAIN, &sent), None);
    let [(Side::Inside, error)] = &gateway.take_frames()[..] else { panic!("one error") };
    let expected = Trouble::fragmentation_needed(600).about(&sent[Ethernet::LEN..], GATEWAY.1).unwrap();
    assert_eq!(packet(error), expected, "it quotes the packet as it was sent");
}

#[test]
fn long_segment_passes_whole_where_its_packets_fit() {
    let mut gateway = acquainted(600);
    let long = datagram(4000, |header| header.dont_fragment = true);
    let mut note = [1, 5, 0, 0, 0, 0, 0, 0, 0, 0];
    for (at, number) in [(4, 500_u16), (6, 34), (8, 6)] {
        note[at..at + 2].copy_from_slice(&number.to_ne_bytes());
    }
    let (side, went) = step(&mut gateway, Side::Inside, &note, &long).unwrap();
    assert_eq!((side, &went[..Frame::NOTE], went.len()), (Side::Outside, &note[..], Frame::NOTE + long.len()));
    note[4..6].copy_from_slice(&1000_u16.to_ne_bytes());
    assert_eq!(step(&mut gateway, Side::Inside, &note, &long), None);
    assert_eq!(gateway.lost[&Loss::TooLong], 1);
}

#[test]
fn packet_from_where_its_source_cannot_be_goes_nowhere() {
    let mut gateway = acquainted(1500);
    let foreign = |header: &mut Ipv4| header.source = Ipv4Addr::new(10, 77, 9, 9);
    assert_eq!(step(&mut gateway, Side::Inside, &PLAIN, &datagram(5, foreign)), None);
    let inside_out =
        Ipv4::new(HOST.1, PUBLIC.1, ipv4::UDP).packet(&Udp::new(1, 2).datagram(HOST.1.into(), PUBLIC.1.into(), b""));
    assert_eq!(step(&mut gateway, Side::Outside, &PLAIN, &frame(&SERVER.0, &PUBLIC.0, &inside_out)), None);
    assert_eq!((gateway.lost[&Loss::NoRoute], gateway.take_frames().len(), gateway.take_changes().len()), (2, 0, 0));
}

#[test]
fn no_bytes_make_it_panic() {
    let mut gateway = acquainted(600);
    let good = datagram(40, |_| {});
    let mut random = 1_u64;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        usize::try_from(random >> 33).unwrap() % below
    };
    for round in 0..20_000 {
        let mut bytes = good.clone();
        let mut note = PLAIN;
        for _ in 0..draw(6) {
            let at = draw(bytes.len());
            bytes[at] = u8::try_from(draw(256)).unwrap();
        }
        if round % 2 == 0 {
            note[draw(Frame::NOTE)] = u8::try_from(draw(256)).unwrap();
        }
        if draw(4) == 0 {
            bytes.truncate(draw(bytes.len() + 1));
        }
        // Most would end at a wrong checksum.
        if let Ok((header, options, ..)) = Ipv4::parse(bytes.get(Ethernet::LEN..).unwrap_or_default()) {
            let sealed = Ipv4 { checksum: header.sum(options), ..header };
            bytes[Ethernet::LEN..Ethernet::LEN + Ipv4::LEN].copy_from_slice(&sealed.bytes());
        }
        let side = if draw(2) == 0 { Side::Inside } else { Side::Outside };
        step(&mut gateway, side, &note, &bytes);
        gateway.take_frames();
        gateway.take_changes();
    }
    assert!(gateway.passed_out.frames > 100, "and some passed");
}
