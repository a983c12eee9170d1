//! What holds for any traffic.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test ends at its first surprise"
)]

mod packets;

use nat::{Behaviour, Config, Limits, Nat, Reason, Side, Verdict};
use packets::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Ends of few hosts and ports, so that they meet.
fn inside() -> impl Strategy<Value = SocketAddrV4> {
    (2_u8..6, 5000_u16..5004).prop_map(|(host, port)| end(Ipv4Addr::new(192, 168, 1, host), port))
}

fn peer() -> impl Strategy<Value = SocketAddrV4> {
    (1_u8..4, 80_u16..83).prop_map(|(host, port)| end(Ipv4Addr::new(198, 51, 100, host), port))
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    prop_oneof![
        Just(Behaviour::EndpointIndependent),
        Just(Behaviour::AddressDependent),
        Just(Behaviour::AddressAndPortDependent)
    ]
}

/// A packet out, the way back of its answer, and whether there is a UDP checksum.
fn packet(kind: u8, from: SocketAddrV4, to: SocketAddrV4, data: &[u8]) -> Vec<u8> {
    match kind {
        0 => udp(from, to, data),
        1 => unchecked(from, to, data),
        2 => tcp_with(from, to, SYN, &[2, 4, 5, 180], data),
        _ => ping(*from.ip(), *to.ip(), from.port()),
    }
}

fn answer(kind: u8, from: SocketAddrV4, to: SocketAddrV4, data: &[u8]) -> Vec<u8> {
    match kind {
        2 => tcp_with(from, to, SYN | ACK, &[], data),
        3 => pong(*from.ip(), *to.ip(), to.port()),
        kind => packet(kind, from, to, data),
    }
}

proptest! {
    #[test]
    fn what_leaves_and_comes_back_is_the_identity_and_every_checksum_is_right(
        mapping in behaviour(),
        filtering in behaviour(),
        first_port in prop::option::of(1_u16..=u16::MAX),
        flows in vec((0_u8..4, inside(), peer(), vec(any::<u8>(), 0..40)), 1..60),
    ) {
        let mut nat = Nat::new(Config { mapping, filtering, first_port, ..Config::new(PUBLIC) }).unwrap();
        let mut owners: BTreeMap<(u8, SocketAddrV4, SocketAddrV4), SocketAddrV4> = BTreeMap::new();
        let all: Vec<Vec<u8>> = flows.iter().map(|(kind, from, to, data)| packet(*kind, *from, *to, data)).collect();
        for (second, (kind, from, to, data)) in flows.into_iter().enumerate() {
            let now = at(second as u64);
            let sent = packet(kind, from, to, &data);
            let before = nat.entries();
            nat.look_ahead(all.iter().map(|packet| (&packet[..], Side::Inside)));
            prop_assert_eq!(nat.entries(), before);
            let out = pass(&mut nat, &sent, Side::Inside, now);
            judge(&out);
            let outside = ends(&out).0;
            prop_assert_eq!(*outside.ip(), PUBLIC);
            // Nothing but the source and its checksums has changed.
            let mut undone = out.clone();
            undone[10..16].copy_from_slice(&sent[10..16]);
            let (port_at, sum_at) = [(20, 26), (20, 26), (20, 36), (24, 22)][usize::from(kind)];
            undone[port_at..port_at + 2].copy_from_slice(&sent[port_at..port_at + 2]);
            undone[sum_at..sum_at + 2].copy_from_slice(&sent[sum_at..sum_at + 2]);
            prop_assert_eq!(&undone, &sent);
            // No two inside ends have the same outside end.
            let protocol = out[9];
            let owner = owners.entry((protocol, outside, end([0; 4].into(), 0))).or_insert(from);
            prop_assert_eq!(*owner, from);
            let came = answer(kind, to, outside, &data);
            let back = pass(&mut nat, &came, Side::Outside, now);
            judge(&back);
            let (source, destination) = ends(&back);
            prop_assert_eq!(destination, from);
            prop_assert!(kind == 3 || source == to);
            // And what is quoted of it comes home as it was sent.
            let error = pass(&mut nat, &unreachable(STRANGER, &out), Side::Outside, now);
            judge(&error);
            prop_assert_eq!(&error[28..], &sent[..]);
        }
    }

    #[test]
    fn any_bytes_have_a_verdict_and_nothing_but_a_translation_changes_them(
        bytes in vec(any::<u8>(), 0..120),
        side in prop_oneof![Just(Side::Inside), Just(Side::Outside)],
    ) {
        let mut nat = Nat::new(Config { clamp_mss: Some(1000), ..Config::new(PUBLIC) }).unwrap();
        let mut copy = bytes.clone();
        nat.look_ahead([(&bytes[..], side)]);
        let verdict = nat.translate(&mut copy, side, at(1));
        prop_assert!(matches!(verdict, Verdict::Pass | Verdict::Hairpin) || copy == bytes);
    }

    #[test]
    fn bytes_of_a_packet_may_be_anything_too(
        kind in 0_u8..5,
        wrong in vec((0_usize..80, any::<u8>()), 1..4),
        cut in 0_usize..90,
        side in prop_oneof![Just(Side::Inside), Just(Side::Outside)],
    ) {
        let mut nat = Nat::new(Config { clamp_mss: Some(1000), ..Config::new(PUBLIC) }).unwrap();
        let (from, to) = (end(HOST, 5000), end(SERVER, 80));
        let sent = if kind == 4 { udp(from, to, b"") } else { packet(kind, from, to, b"data") };
        let out = pass(&mut nat, &sent, Side::Inside, at(0));
        let mut bytes = match (kind, side) {
            (4, _) => unreachable(STRANGER, &out),
            (_, Side::Inside) => sent,
            (_, Side::Outside) => answer(kind, to, ends(&out).0, b"data"),
        };
        for (place, value) in wrong {
            let len = bytes.len();
            bytes[place % len] = value;
        }
        bytes.truncate(cut.max(1));
        let before = bytes.clone();
        nat.look_ahead([(&bytes[..], side)]);
        let verdict = nat.translate(&mut bytes, side, at(1));
        prop_assert!(matches!(verdict, Verdict::Pass | Verdict::Hairpin) || bytes == before);
        prop_assert_eq!(bytes.len(), before.len());
    }

    #[test]
    fn table_is_bounded_under_a_flood_and_others_are_served(
        ports in vec((1_u16.., 1_u16..), 200..400),
    ) {
        let limits = Limits { sessions: 150, sessions_of_a_host: 100, ..Limits::default() };
        let mut nat = Nat::new(Config { limits, ..Config::new(PUBLIC) }).unwrap();
        let size = nat.bytes();
        for (number, (from, to)) in ports.iter().enumerate() {
            let now = at(number as u64 / 100);
            let mut flood = udp(end(HOST, *from), end(SERVER, *to), b"");
            let verdict = nat.translate(&mut flood, Side::Inside, now);
            prop_assert!(matches!(verdict, Verdict::Pass | Verdict::Drop(Reason::HostQuota)));
            let mut other = udp(end(OTHER, 5000), end(SERVER, 53), b"");
            prop_assert_eq!(nat.translate(&mut other, Side::Inside, now), Verdict::Pass);
            prop_assert!(nat.sessions() <= 101 && nat.mappings() <= nat.sessions());
        }
        nat.expire(at(10_000));
        prop_assert_eq!((nat.sessions(), nat.mappings()), (0, 0));
        let ports: usize = 65_536 * 4 + 8192;
        prop_assert!(nat.bytes() <= size + ports + 65_536, "{} {size}", nat.bytes());
    }

    #[test]
    fn sessions_end_when_their_time_has_come_and_not_before(
        begins in vec((0_u64..20_000, 1_u16..2000), 1..100),
    ) {
        let mut begins = begins;
        begins.sort_unstable();
        let mut nat = Nat::new(Config::new(PUBLIC)).unwrap();
        let mut last: BTreeMap<u16, u64> = BTreeMap::new();
        for (second, port) in begins {
            pass(&mut nat, &udp(end(HOST, port), end(SERVER, 53), b""), Side::Inside, at(second));
            last.insert(port, second);
            nat.expire(at(second));
            let alive = last.values().filter(|began| **began + 300 > second).count();
            prop_assert_eq!(nat.sessions() as usize, alive);
            let next = nat.next_end().unwrap();
            let true_next = last.values().map(|began| began + 300).filter(|end| *end > second).min().unwrap();
            prop_assert!(next <= at(true_next));
        }
    }
}

#[test]
fn million_sessions_take_128_mib_at_most_also_after_they_have_ended() {
    let public: Vec<Ipv4Addr> = (0..20).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect();
    let limits = Limits { sessions: 1_000_000, ..Limits::default() };
    let mut nat = Nat::new(Config { public, limits, ..Config::new(PUBLIC) }).unwrap();
    // So many hosts that each outside address has ports for some of them.
    for host in 0..1000_u32 {
        let from = end(Ipv4Addr::from(0x0a00_0000 + host), 5000);
        pass(&mut nat, &udp(from, end(SERVER, 53), b""), Side::Inside, at(0));
    }
    let addresses = nat.entries().iter().map(|entry| *entry.outside.ip()).collect::<BTreeSet<_>>();
    assert_eq!((addresses.len(), nat.sessions(), nat.mappings()), (20, 1000, 1000));
    let size = nat.bytes();
    assert!(size <= 128 << 20, "{size}");
    nat.expire(at(1000));
    assert_eq!((nat.sessions(), nat.mappings(), nat.bytes()), (0, 0, size));
}
