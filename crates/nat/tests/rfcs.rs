//! What RFC 4787, RFC 5382, RFC 5508 and RFC 7857 ask for, requirement by requirement.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test ends at its first surprise"
)]

mod packets;

use Side::{Inside, Outside};
use nat::{Behaviour, Config, Forward, Limits, Nat, Protocol, Reason, Side, State, Static, Verdict};
use packets::*;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

fn nat(change: impl FnOnce(&mut Config)) -> Nat {
    let mut config = Config::new(PUBLIC);
    change(&mut config);
    Nat::new(config).unwrap()
}

/// The outside end that a datagram gets.
fn mapped(nat: &mut Nat, from: SocketAddrV4, to: SocketAddrV4, seconds: u64) -> SocketAddrV4 {
    ends(&pass(nat, &udp(from, to, b"x"), Inside, at(seconds))).0
}

#[test]
fn rfc_4787_req_1_mapping_does_not_depend_on_the_peer_unless_asked_to() {
    let peers = [end(SERVER, 53), end(SERVER, 54), end(STRANGER, 53)];
    for (mapping, different) in
        [(Behaviour::EndpointIndependent, 1), (Behaviour::AddressDependent, 2), (Behaviour::AddressAndPortDependent, 3)]
    {
        let mut nat = nat(|config| config.mapping = mapping);
        let mut outside: Vec<_> = peers.iter().map(|peer| mapped(&mut nat, end(HOST, 5000), *peer, 0)).collect();
        // The port is kept for the first, also where another host has it later.
        assert_eq!(outside[0], end(PUBLIC, 5000));
        assert_ne!(mapped(&mut nat, end(OTHER, 5000), peers[0], 0), outside[0]);
        outside.sort();
        outside.dedup();
        assert_eq!(outside.len(), different, "{mapping}");
    }
}

#[test]
fn rfc_4787_req_2_host_keeps_its_outside_address() {
    let pool: Vec<Ipv4Addr> = (1..=8).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect();
    let mut nat = nat(|config| config.public = pool.clone());
    let mut used = std::collections::BTreeSet::new();
    for host in 1..=50 {
        let host = Ipv4Addr::new(192, 168, 1, host);
        let first = *mapped(&mut nat, end(host, 5000), end(SERVER, 53), 0).ip();
        used.insert(first);
        for port in 5001..5020 {
            assert_eq!(*mapped(&mut nat, end(host, port), end(SERVER, 53), 0).ip(), first);
        }
        assert_eq!(ends(&pass(&mut nat, &tcp(end(host, 80), end(SERVER, 80), SYN), Inside, at(0))).0.ip(), &first);
    }
    assert!(used.len() > 4 && used.iter().all(|address| pool.contains(address)));
}

#[test]
fn rfc_4787_req_3_and_4_no_port_is_given_twice_and_range_and_parity_are_kept() {
    let mut nat = nat(|_| {});
    let mut given = std::collections::BTreeSet::new();
    for host in 1..=100 {
        for port in [53, 54, 5060, 5061] {
            let outside = mapped(&mut nat, end(Ipv4Addr::new(192, 168, 1, host), port), end(SERVER, 53), 0);
            assert!(given.insert(outside));
            assert_eq!((outside.port() < 1024, outside.port() % 2), (port < 1024, port % 2));
        }
    }
}

#[test]
fn rfc_4787_req_5_and_6_mapping_lasts_five_minutes_from_the_last_packet_that_went_out() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    let (inside, peer) = (end(HOST, 5000), end(SERVER, 53));
    let first = mapped(&mut nat, inside, peer, 0);
    assert_eq!(mapped(&mut nat, inside, peer, 299), first);
    // What comes in keeps nothing alive.
    pass(&mut nat, &udp(peer, first, b"y"), Outside, at(598));
    assert_eq!(refused(&mut nat, &udp(peer, first, b"y"), Outside, at(599)), Verdict::Local);
    let second = mapped(&mut nat, inside, peer, 599);
    assert_eq!((first.port(), second.port()), (7777, 7778));
}

#[test]
fn rfc_4787_req_8_filtering_is_by_address_and_port_unless_asked_otherwise() {
    let senders = [end(SERVER, 53), end(SERVER, 54), end(STRANGER, 53)];
    for (filtering, passes) in [
        (Behaviour::EndpointIndependent, [true, true, true]),
        (Behaviour::AddressDependent, [true, true, false]),
        (Behaviour::AddressAndPortDependent, [true, false, false]),
    ] {
        let mut nat = nat(|config| config.filtering = filtering);
        let outside = mapped(&mut nat, end(HOST, 5000), senders[0], 0);
        for (sender, passes) in senders.iter().zip(passes) {
            let mut packet = udp(*sender, outside, b"x");
            let verdict = nat.translate(&mut packet, Outside, at(1));
            assert_eq!(verdict, if passes { Verdict::Pass } else { Verdict::Drop(Reason::Filtered) }, "{filtering}");
        }
        // RFC 7857 section 7: who is let in keeps nothing alive, and once it has ended nobody is.
        assert_eq!(refused(&mut nat, &udp(senders[0], outside, b"x"), Outside, at(302)), Verdict::Local);
        assert_eq!(nat.sessions(), 0);
    }
}

#[test]
fn rfc_4787_req_9_packet_to_an_outside_port_turns_back_with_its_own_outside_end_as_source() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    let (one, two) = (end(HOST, 5000), end(OTHER, 6000));
    let outside_of_two = mapped(&mut nat, two, end(SERVER, 53), 0);
    let mut packet = udp(one, outside_of_two, b"x");
    // Who was not spoken to is filtered also when it is a neighbour.
    assert_eq!(nat.translate(&mut packet, Inside, at(0)), Verdict::Drop(Reason::Filtered));
    let outside_of_one = end(PUBLIC, 7778);
    let mut packet = udp(two, outside_of_one, b"x");
    assert_eq!(nat.translate(&mut packet, Inside, at(0)), Verdict::Hairpin, "the one has spoken to the other");
    assert_eq!(ends(&packet), (outside_of_two, one));
    judge(&packet);
    let mut packet = udp(one, outside_of_two, b"x");
    assert_eq!(nat.translate(&mut packet, Inside, at(0)), Verdict::Hairpin);
    assert_eq!(ends(&packet), (outside_of_one, two));
    judge(&packet);

    // RFC 5508 section 5, REQ-7: an error about it turns back, too.
    let mut error = unreachable(OTHER, &packet);
    assert_eq!(nat.translate(&mut error, Inside, at(0)), Verdict::Hairpin);
    judge(&error);
    assert_eq!((*ends(&error).0.ip(), *ends(&error).1.ip()), (PUBLIC, HOST));
    judge(&error[28..]);
    assert_eq!(ends(&error[28..]), (one, outside_of_two));
}

#[test]
fn hairpin_can_be_switched_off_and_the_nat_has_its_own_ports() {
    let mut nat = nat(|config| config.hairpin = false);
    let outside = mapped(&mut nat, end(OTHER, 6000), end(SERVER, 53), 0);
    assert_eq!(
        refused(&mut nat, &udp(end(HOST, 5000), outside, b"x"), Inside, at(0)),
        Verdict::Drop(Reason::HairpinOff)
    );
    assert_eq!(refused(&mut nat, &udp(end(HOST, 5000), end(PUBLIC, 53), b"x"), Inside, at(0)), Verdict::Local);
    assert_eq!(refused(&mut nat, &ping(HOST, PUBLIC, 1), Inside, at(0)), Verdict::Local);
    assert_eq!(refused(&mut nat, &ping(SERVER, PUBLIC, 1), Outside, at(0)), Verdict::Local);
}

#[test]
fn rfc_4787_req_12_and_5508_req_6_no_error_ends_or_refreshes_anything() {
    let mut nat = nat(|_| {});
    let out = pass(&mut nat, &udp(end(HOST, 5000), end(SERVER, 53), b"x"), Inside, at(0));
    for second in 1..300 {
        pass(&mut nat, &unreachable(STRANGER, &out), Outside, at(second));
        assert_eq!(nat.sessions(), 1);
    }
    assert_eq!(refused(&mut nat, &unreachable(STRANGER, &out), Outside, at(300)), Verdict::Local);
    assert_eq!(nat.sessions(), 0);
}

#[test]
fn rfc_5508_req_1_and_2_identifier_is_mapped_for_a_minute() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    let out = pass(&mut nat, &ping(HOST, SERVER, 5), Inside, at(0));
    assert_eq!(ends(&out), (end(PUBLIC, 7777), end(SERVER, 7777)));
    judge(&out);
    // REQ-1a: independent of whom is asked.
    assert_eq!(ends(&pass(&mut nat, &ping(HOST, STRANGER, 5), Inside, at(0))).0, end(PUBLIC, 7777));
    assert_eq!(ends(&pass(&mut nat, &ping(OTHER, SERVER, 5), Inside, at(0))).0, end(PUBLIC, 7778));
    let back = pass(&mut nat, &pong(SERVER, PUBLIC, 7777), Outside, at(59));
    assert_eq!(ends(&back), (end(SERVER, 5), end(HOST, 5)));
    judge(&back);
    assert_eq!(refused(&mut nat, &pong(SERVER, PUBLIC, 7777), Outside, at(60)), Verdict::Local);
}

#[test]
fn rfc_5508_req_3_error_with_a_wrong_checksum_goes_nowhere() {
    let mut nat = nat(|_| {});
    let out = pass(&mut nat, &udp(end(HOST, 5000), end(SERVER, 53), b"x"), Inside, at(0));
    for byte in [22, 28 + 10, 28 + 26] {
        let mut error = unreachable(SERVER, &out);
        error[byte] ^= 1;
        assert_eq!(refused(&mut nat, &error, Outside, at(0)), Verdict::Drop(Reason::Checksum), "byte {byte}");
    }
    // A quoted header with a wrong checksum, in a message whose own is right.
    let mut quote = out.clone();
    quote[10] ^= 1;
    assert_eq!(refused(&mut nat, &unreachable(SERVER, &quote), Outside, at(0)), Verdict::Drop(Reason::Checksum));
    // REQ-3: the transport checksum of the quote is not looked at.
    let mut quote = out;
    quote[26] ^= 1;
    pass(&mut nat, &unreachable(SERVER, &quote), Outside, at(0));
}

#[test]
fn rfc_5508_req_4_quote_of_an_error_from_outside_is_what_the_host_sent() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    let sent = [
        udp(end(HOST, 5000), end(SERVER, 53), b"x"),
        unchecked(end(HOST, 5001), end(SERVER, 53), b"x"),
        tcp(end(HOST, 5000), end(SERVER, 80), SYN),
        ping(HOST, SERVER, 9),
    ];
    for sent in sent {
        let out = pass(&mut nat, &sent, Inside, at(0));
        // RFC 792 quotes 8 bytes behind the header, RFC 1812 as much as there is.
        for quoted in [28, out.len()] {
            let error = unreachable(STRANGER, &out[..quoted]);
            let back = pass(&mut nat, &error, Outside, at(0));
            judge(&back);
            assert_eq!((*ends(&back).0.ip(), *ends(&back).1.ip()), (STRANGER, HOST));
            assert_eq!(back[28..], sent[..quoted]);
        }
    }
}

#[test]
fn rfc_5508_req_5_error_from_inside_leaves_with_the_outside_address() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    let router = Ipv4Addr::new(192, 168, 1, 254);
    let sent = udp(end(HOST, 5000), end(SERVER, 53), b"x");
    let outside = ends(&pass(&mut nat, &sent, Inside, at(0))).0;
    let came = udp(end(SERVER, 53), outside, b"answer");
    let back = pass(&mut nat, &came, Outside, at(0));
    for from in [HOST, router] {
        let error = pass(&mut nat, &unreachable(from, &back), Inside, at(0));
        judge(&error);
        assert_eq!((*ends(&error).0.ip(), *ends(&error).1.ip()), (PUBLIC, SERVER));
        assert_eq!(error[28..], came);
    }
    let unknown = unreachable(HOST, &udp(end(SERVER, 53), end(HOST, 5001), b""));
    assert_eq!(refused(&mut nat, &unknown, Inside, at(0)), Verdict::Drop(Reason::NoMapping));
}

#[test]
fn rfc_5508_req_8_exhaustion_is_told_to_the_host() {
    let mut nat = nat(|config| config.limits = Limits { sessions: 3, sessions_of_a_host: 2, ..Limits::default() });
    let open =
        |nat: &mut Nat, host, port| nat.translate(&mut udp(end(host, port), end(SERVER, 53), b""), Inside, at(0));
    assert_eq!([1, 2].map(|port| open(&mut nat, HOST, port)), [Verdict::Pass; 2]);
    let quota = open(&mut nat, HOST, 3);
    assert_eq!(quota, Verdict::Drop(Reason::HostQuota));
    assert_eq!(open(&mut nat, OTHER, 1), Verdict::Pass, "one host's flood is not another's trouble");
    let full = open(&mut nat, OTHER, 2);
    assert_eq!(full, Verdict::Drop(Reason::TableFull));
    for verdict in [quota, full] {
        let Verdict::Drop(reason) = verdict else { panic!() };
        assert_eq!(reason.answer(), Some(13));
    }
    assert_eq!((nat.sessions(), nat.mappings()), (3, 3), "nothing is left of those that did not come about");
    // The oldest give their place when their time has come.
    assert_eq!(nat.translate(&mut udp(end(HOST, 9), end(SERVER, 53), b""), Inside, at(301)), Verdict::Pass);
    assert_eq!((nat.sessions(), nat.mappings()), (1, 1));
}

#[test]
fn ports_run_out_without_a_slow_path_and_the_next_address_is_not_the_hosts() {
    let limits = Limits { sessions: 200_000, sessions_of_a_host: 100_000, ..Limits::default() };
    let mut nat = nat(|config| (config.limits, config.first_port) = (limits, Some(1)));
    let mut open = |port: u32| {
        let from = end(Ipv4Addr::from(0x0a00_0000 + port / 50_000), (port % 50_000 + 1) as u16);
        nat.translate(&mut udp(from, end(SERVER, 53), b""), Inside, at(0))
    };
    assert!((0..65_535).all(|port| open(port) == Verdict::Pass));
    assert_eq!(open(65_535), Verdict::Drop(Reason::NoPort));
}

/// The states that a connection goes through.
fn states(nat: &mut Nat, steps: &[(Side, u8)]) -> Vec<State> {
    let (inside, peer) = (end(HOST, 5000), end(SERVER, 80));
    let outside = end(PUBLIC, 5000);
    let each = |(side, flags): &(Side, u8)| {
        let packet = if *side == Inside { tcp(inside, peer, *flags) } else { tcp(peer, outside, *flags) };
        pass(nat, &packet, *side, at(0));
        nat.entries()[0].state
    };
    steps.iter().map(each).collect()
}

#[test]
fn rfc_5382_req_2_and_7857_section_2_connection_goes_through_its_states() {
    use State::*;
    let all = [
        (Inside, SYN),
        (Outside, SYN | ACK),
        (Inside, ACK),
        (Inside, FIN | ACK),
        (Outside, ACK),
        (Outside, FIN | ACK),
        (Inside, ACK),
    ];
    assert_eq!(states(&mut nat(|_| {}), &all), [SynOut, Established, Established, FinOut, FinOut, Closing, Closing]);
    // SYNs that cross.
    let crossing = [(Inside, SYN), (Outside, SYN), (Inside, SYN | ACK), (Outside, SYN | ACK)];
    assert_eq!(states(&mut nat(|_| {}), &crossing), [SynOut, Established, Established, Established]);
    // A RST that was not believed.
    let reset = [(Inside, SYN), (Outside, SYN | ACK), (Outside, RST), (Inside, ACK), (Inside, RST), (Inside, SYN)];
    assert_eq!(states(&mut nat(|_| {}), &reset), [SynOut, Established, Reset, Established, Reset, SynOut]);
}

#[test]
fn rfc_5382_req_4_syn_that_nobody_waits_for_is_not_answered() {
    let mut nat = nat(|_| {});
    pass(&mut nat, &tcp(end(HOST, 5000), end(SERVER, 80), SYN), Inside, at(0));
    let stranger = tcp(end(STRANGER, 80), end(PUBLIC, 5000), SYN);
    assert_eq!(refused(&mut nat, &stranger, Outside, at(0)), Verdict::Drop(Reason::Filtered));
    assert_eq!(Reason::Filtered.answer(), None);
}

#[test]
fn rfc_5382_req_5_quiet_connection_lasts_2_hours_4_minutes_and_others_4_minutes() {
    let lasts = |steps: &[(Side, u8)], seconds| {
        let mut nat = nat(|_| {});
        states(&mut nat, steps);
        nat.expire(at(seconds - 1));
        let before = nat.sessions();
        nat.expire(at(seconds));
        assert_eq!((before, nat.sessions()), (1, 0), "{steps:?}");
        assert_eq!(nat.mappings(), 0);
    };
    lasts(&[(Inside, SYN)], 240);
    lasts(&[(Inside, SYN), (Outside, SYN | ACK)], 7440);
    lasts(&[(Inside, SYN), (Outside, SYN | ACK), (Inside, FIN | ACK)], 7440);
    lasts(&[(Inside, SYN), (Outside, SYN | ACK), (Inside, FIN | ACK), (Outside, FIN | ACK)], 240);
    lasts(&[(Inside, SYN), (Outside, SYN | ACK), (Outside, RST)], 240);
}

#[test]
fn rfc_7857_section_2_1_opening_and_closing_may_take_other_times() {
    let mut nat = nat(|config| {
        config.timers.tcp_transitory = Duration::from_secs(300);
        config.timers.tcp_closing = Duration::from_secs(10);
    });
    states(&mut nat, &[(Inside, SYN)]);
    assert_eq!(nat.entries()[0].until, at(300));
    states(&mut nat, &[(Outside, SYN | ACK), (Inside, FIN | ACK), (Outside, FIN | ACK)]);
    assert_eq!(nat.entries()[0].until, at(10));
    states(&mut nat, &[(Inside, SYN), (Outside, SYN | ACK), (Inside, RST)]);
    assert_eq!(nat.entries()[0].until, at(10));
}

#[test]
fn rfc_7857_section_7_1_reset_that_goes_out_keeps_nothing_longer() {
    let mut nat = nat(|_| {});
    states(&mut nat, &[(Inside, SYN), (Outside, SYN | ACK)]);
    let before = nat.entries()[0].until;
    let (inside, peer) = (end(HOST, 5000), end(SERVER, 80));
    pass(&mut nat, &tcp(inside, peer, RST), Inside, at(100));
    assert!(nat.entries()[0].until < before);
    pass(&mut nat, &tcp(inside, peer, RST), Inside, at(200));
    assert_eq!(nat.entries()[0].until, at(340));
}

#[test]
fn connection_begins_with_a_syn() {
    let mut nat = nat(|_| {});
    for flags in [ACK, FIN | ACK, RST, SYN | RST, SYN | FIN, 0] {
        let packet = tcp(end(HOST, 5000), end(SERVER, 80), flags);
        assert_eq!(refused(&mut nat, &packet, Inside, at(0)), Verdict::Drop(Reason::NoConnection), "{flags}");
    }
    assert_eq!(nat.mappings(), 0);
}

#[test]
fn rfc_7857_section_5_protocols_have_mappings_of_their_own() {
    let mut nat = nat(|config| config.first_port = Some(7777));
    assert_eq!(mapped(&mut nat, end(HOST, 5000), end(SERVER, 53), 0).port(), 7777);
    assert_eq!(ends(&pass(&mut nat, &tcp(end(HOST, 6000), end(SERVER, 80), SYN), Inside, at(0))).0.port(), 7777);
    assert_eq!(mapped(&mut nat, end(HOST, 6000), end(SERVER, 53), 0).port(), 7778);
}

#[test]
fn forwarded_port_leads_in_from_anywhere_and_back_out_as_itself() {
    let forward = Forward { protocol: Protocol::Tcp, port: 8080, to: end(OTHER, 80) };
    for mapping in [Behaviour::EndpointIndependent, Behaviour::AddressAndPortDependent] {
        let mut nat = nat(|config| (config.forwards, config.mapping) = (vec![forward], mapping));
        let client = end(STRANGER, 4000);
        let came = pass(&mut nat, &tcp(client, end(PUBLIC, 8080), SYN), Outside, at(0));
        assert_eq!(ends(&came), (client, end(OTHER, 80)));
        let back = pass(&mut nat, &tcp(end(OTHER, 80), client, SYN | ACK), Inside, at(0));
        assert_eq!(ends(&back), (end(PUBLIC, 8080), client));
        assert_eq!(nat.entries()[0].state, State::Established);
        // A neighbour gets there as well, and nobody is given this port.
        let mut near = tcp(end(HOST, 5000), end(PUBLIC, 8080), SYN);
        assert_eq!(nat.translate(&mut near, Inside, at(0)), Verdict::Hairpin);
        assert_eq!(ends(&near), (end(PUBLIC, 5000), end(OTHER, 80)));
        assert_ne!(ends(&pass(&mut nat, &tcp(end(HOST, 8080), client, SYN), Inside, at(0))).0, end(PUBLIC, 8080));
        nat.expire(at(10_000));
        assert_eq!((nat.sessions(), nat.mappings()), (0, 1), "the forwarded port stays");
    }
}

#[test]
fn host_with_an_address_for_itself_keeps_its_ports_and_can_be_reached() {
    let own = Ipv4Addr::new(203, 0, 113, 8);
    let mut dependent = nat(|config| {
        config.statics = vec![Static { inside: OTHER, outside: own }];
        config.mapping = Behaviour::AddressAndPortDependent;
    });
    for port in [53, 54] {
        assert_eq!(mapped(&mut dependent, end(OTHER, 5000), end(SERVER, port), 0), end(own, 5000));
    }
    let change = |config: &mut Config| {
        (config.statics, config.first_port) = (vec![Static { inside: OTHER, outside: own }], Some(7777));
    };
    let mut nat = nat(change);
    assert_eq!(mapped(&mut nat, end(OTHER, 5000), end(SERVER, 53), 0), end(own, 5000));
    assert_eq!(mapped(&mut nat, end(HOST, 5000), end(SERVER, 53), 0), end(PUBLIC, 7777));
    let came = pass(&mut nat, &tcp(end(STRANGER, 1), end(own, 22), SYN), Outside, at(0));
    assert_eq!(ends(&came).1, end(OTHER, 22));
    let asked = pass(&mut nat, &ping(STRANGER, own, 5), Outside, at(0));
    assert_eq!(*ends(&asked).1.ip(), OTHER);
    judge(&asked);
    assert_eq!(ends(&pass(&mut nat, &pong(OTHER, STRANGER, 5), Inside, at(0))).0, end(own, 5));
    let (sessions, mappings) = (nat.sessions(), nat.mappings());
    assert_eq!(
        refused(&mut nat, &tcp(end(STRANGER, 1), end(own, 23), ACK), Outside, at(0)),
        Verdict::Drop(Reason::NoConnection)
    );
    assert_eq!((nat.sessions(), nat.mappings()), (sessions, mappings));
}

#[test]
fn outside_addresses_may_lie_anywhere_and_what_is_between_them_is_none() {
    let outside = [[203, 0, 113, 7], [192, 0, 2, 1], [203, 0, 113, 9], [203, 0, 113, 200]].map(Ipv4Addr::from);
    let mut nat = nat(|config| config.public = outside.to_vec());
    let mut seen = vec![];
    for host in 2..100 {
        let from = end(Ipv4Addr::new(192, 168, 1, host), 5000);
        let to = mapped(&mut nat, from, end(SERVER, 53), 0);
        seen.push(*to.ip());
        assert_eq!(ends(&pass(&mut nat, &udp(end(SERVER, 53), to, b""), Outside, at(0))).1, from);
    }
    for address in (0..=255).flat_map(|last| [[203, 0, 113, last], [192, 0, 2, last]]).map(Ipv4Addr::from) {
        let is_one = outside.contains(&address);
        assert_eq!((nat.is_outside_address(address), seen.contains(&address)), (is_one, is_one), "{address}");
    }
}

#[test]
fn syn_announces_no_more_than_fits_wherever_the_option_stands() {
    let mut nat = nat(|config| config.clamp_mss = Some(1452));
    let mss = |size: u16| [2, 4, size.to_be_bytes()[0], size.to_be_bytes()[1]];
    for (options, clamped) in [
        ([&mss(1460)[..], &[1, 1, 1, 0]].concat(), true),
        ([&[1][..], &mss(1460), &[1, 1, 0]].concat(), true),
        ([&[3, 3, 7][..], &mss(1453), &[0]].concat(), true),
        ([&mss(1400)[..], &[0, 0, 0, 0]].concat(), false),
        ([&[0][..], &mss(1460), &[0, 0, 0]].concat(), false),
    ] {
        let syn = tcp_with(end(HOST, 5000), end(SERVER, 80), SYN, &options, b"");
        let out = pass(&mut nat, &syn, Inside, at(0));
        judge(&out);
        assert_eq!(out[40..48] != syn[40..48], clamped, "{options:?}");
        let announced = [1452_u16.to_be_bytes()[0], 1452_u16.to_be_bytes()[1]];
        assert_eq!(out[40..48].windows(2).any(|two| two == announced), clamped, "{options:?}");
    }
    // Also what the other side announces.
    let out = pass(&mut nat, &tcp_with(end(SERVER, 80), end(PUBLIC, 5000), SYN | ACK, &mss(1460), b""), Outside, at(0));
    judge(&out);
    assert_eq!(out[42..44], 1452_u16.to_be_bytes());
}

#[test]
fn what_cannot_be_translated_goes_nowhere_and_is_counted_by_reason() {
    let mut nat = nat(|_| {});
    let mut gre = udp(end(HOST, 1), end(SERVER, 2), b"");
    gre[9] = 47;
    let mut redirect = ping(HOST, SERVER, 1);
    redirect[20] = 5;
    let cases = [
        (vec![], Inside, Reason::Malformed),
        (vec![0x45; 19], Inside, Reason::Malformed),
        (udp(end(HOST, 1), end(SERVER, 2), b"")[..27].to_vec(), Inside, Reason::Malformed),
        (gre, Inside, Reason::Protocol),
        (redirect, Inside, Reason::IcmpType),
        (udp(end(PUBLIC, 1), end(SERVER, 2), b""), Inside, Reason::PublicSource),
        (udp(end(SERVER, 1), end(HOST, 2), b""), Outside, Reason::ForeignDestination),
    ];
    for (packet, side, reason) in cases {
        let before = nat.dropped(reason);
        assert_eq!(refused(&mut nat, &packet, side, at(0)), Verdict::Drop(reason));
        assert_eq!(nat.dropped(reason), before + 1);
    }
}

#[test]
fn what_does_not_fit_together_is_refused_in_a_sentence() {
    let forward = |port, to| Forward { protocol: Protocol::Tcp, port, to };
    let wrong = |change: &dyn Fn(&mut Config)| {
        let mut config = Config::new(PUBLIC);
        change(&mut config);
        Nat::new(config).unwrap_err().to_string()
    };
    assert_eq!(wrong(&|config| config.public.clear()), "a NAT needs an outside address");
    assert_eq!(
        wrong(&|config| config.forwards = vec![forward(80, end(HOST, 80)), forward(80, end(OTHER, 80))]),
        "tcp port 80 is forwarded twice"
    );
    assert_eq!(
        wrong(&|config| config.forwards = vec![forward(80, end(PUBLIC, 80))]),
        "203.0.113.7 is an outside address, and cannot be inside as well"
    );
    assert_eq!(
        wrong(&|config| config.statics = vec![Static { inside: HOST, outside: PUBLIC }]),
        "the outside address 203.0.113.7 is given twice"
    );
    assert_eq!(
        wrong(&|config| config.public = vec![Ipv4Addr::LOCALHOST]),
        "127.0.0.1 is no address of a host, and cannot stand for others outside"
    );
}
