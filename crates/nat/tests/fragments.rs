//! Fragments: in order, out of order, and as a flood.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod packets;

use nat::{Config, Limits, Nat, Reason, Side, Verdict};
use packets::*;
use std::time::Duration;
use wire::fragment::{self, Outcome, Reassembler};
use wire::ipv4::Ipv4;

/// A datagram of 2000 bytes in fragments for a link of 576 bytes.
fn cut(packet: &[u8], identification: u16) -> Vec<Vec<u8>> {
    let (header, _, payload, _) = Ipv4::parse(packet).unwrap();
    let header = Ipv4 { identification, dont_fragment: false, ..header };
    fragment::cut(&header.packet(payload), 576).unwrap()
}

fn whole(fragments: &[Vec<u8>]) -> Vec<u8> {
    let mut reassembler = Reassembler::new(fragment::Limits::default());
    let mut outcomes = fragments.iter().map(|fragment| reassembler.add(Duration::ZERO, fragment));
    outcomes.find_map(|outcome| if let Outcome::Whole(packet) = outcome { Some(packet) } else { None }).unwrap()
}

/// Hands fragments in, in this order; what goes on.
fn through(nat: &mut Nat, fragments: &[Vec<u8>], order: &[usize], side: Side) -> Vec<Vec<u8>> {
    let mut out = vec![];
    for index in order {
        let mut fragment = fragments[*index].clone();
        match nat.translate(&mut fragment, side, at(0)) {
            Verdict::Pass => out.push(fragment),
            Verdict::Held => assert_eq!(fragment, fragments[*index]),
            verdict => panic!("{verdict:?}"),
        }
        while let Some((fragment, from, verdict)) = nat.released() {
            assert_eq!((from, verdict), (side, Verdict::Pass));
            out.push(fragment);
        }
    }
    out
}

#[test]
fn fragments_pass_in_any_order_both_ways() {
    let data: Vec<u8> = (0..2000_u32).map(|byte| byte.to_be_bytes()[3]).collect();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        let mut nat = Nat::new(Config { first_port: Some(7777), ..Config::new(PUBLIC) }).unwrap();
        let sent = cut(&udp(end(HOST, 5000), end(SERVER, 53), &data), 7);
        let out = through(&mut nat, &sent, &order, Side::Inside);
        assert_eq!(out.len(), 4);
        assert!(out.iter().all(|fragment| Ipv4::is_intact(fragment)));
        let packet = whole(&out);
        judge(&packet);
        assert_eq!(ends(&packet), (end(PUBLIC, 7777), end(SERVER, 53)));
        assert_eq!(packet[28..], data);

        let came = cut(&udp(end(SERVER, 53), end(PUBLIC, 7777), &data), 9);
        let packet = whole(&through(&mut nat, &came, &order, Side::Outside));
        judge(&packet);
        assert_eq!((ends(&packet).1, &packet[28..]), (end(HOST, 5000), &data[..]));
    }
}

#[test]
fn packets_of_two_hosts_with_the_same_identification_do_not_mix_outside() {
    let mut nat = Nat::new(Config::new(PUBLIC)).unwrap();
    let mut identifications = vec![];
    for host in [HOST, OTHER] {
        let sent = cut(&udp(end(host, 5000), end(SERVER, 53), &[1; 1000]), 7);
        let out = through(&mut nat, &sent, &[1, 0], Side::Inside);
        let of = |fragment: &Vec<u8>| Ipv4::parse(fragment).unwrap().0.identification;
        assert_eq!(of(&out[0]), of(&out[1]));
        identifications.push(of(&out[0]));
    }
    assert_ne!(identifications[0], identifications[1]);
}

#[test]
fn flood_of_fragments_is_bounded_and_whole_packets_pass_all_the_same() {
    let limits = Limits { fragmented: 10, held_bytes: 3000, ..Limits::default() };
    let mut nat = Nat::new(Config { limits, ..Config::new(PUBLIC) }).unwrap();
    let later = |identification| cut(&udp(end(HOST, 5000), end(SERVER, 53), &[1; 1000]), identification)[1].clone();
    let mut held = 0;
    for identification in 0..100 {
        match nat.translate(&mut later(identification), Side::Inside, at(0)) {
            Verdict::Held => held += 1,
            verdict => assert_eq!(verdict, Verdict::Drop(Reason::Fragments)),
        }
        pass(&mut nat, &udp(end(HOST, 5000), end(SERVER, 53), b"x"), Side::Inside, at(0));
    }
    assert_eq!(held, 6, "of 476 bytes each");
    assert_eq!(nat.translate(&mut later(200), Side::Inside, at(29)), Verdict::Drop(Reason::Fragments));
    assert_eq!(nat.translate(&mut later(200), Side::Inside, at(30)), Verdict::Held, "the others have been given up");
    assert_eq!(nat.dropped(Reason::Fragments), 95);
}

#[test]
fn fragments_go_where_their_first_one_goes() {
    let mut nat = Nat::new(Config::new(PUBLIC)).unwrap();
    let came = cut(&udp(end(SERVER, 53), end(PUBLIC, 7777), &[1; 1000]), 9);
    assert_eq!(nat.translate(&mut came[1].clone(), Side::Outside, at(0)), Verdict::Held);
    assert_eq!(nat.translate(&mut came[0].clone(), Side::Outside, at(0)), Verdict::Local);
    assert_eq!(nat.released(), Some((came[1].clone(), Side::Outside, Verdict::Local)));
    assert_eq!(nat.released(), None);
}
