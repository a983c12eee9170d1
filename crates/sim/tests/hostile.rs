//! Networks with one thing wrong each: what a prober meets in the wild.

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
use host::{Guest, Host, Opt, Time};
use std::net::IpAddr;
use std::time::Duration;
use wire::icmp;

const SERVER: [u8; 4] = [192, 168, 10, 3];

/// Who answers probes with this TTL.
fn hop(client: &mut Guest, ttl: u8) -> Option<IpAddr> {
    match ask(client, SERVER, 1, &[Opt::Ttl(ttl)]) {
        Answer::Error(refusal) => Some(refusal.error.by),
        Answer::Reply(reply) => Some(reply.from),
        Answer::Silence => None,
    }
}

fn hops(client: &mut Guest, ttls: std::ops::RangeInclusive<u8>) -> Vec<Option<IpAddr>> {
    ttls.map(|ttl| hop(client, ttl)).collect()
}

fn by(address: [u8; 4]) -> Option<IpAddr> {
    Some(address.into())
}

#[test]
fn router_that_says_nothing_forwards_all_the_same() {
    let mut client = World::of("hostile-silent").guest("client");
    let said = hops(&mut client, 1..=5);
    assert_eq!(said, [by([192, 168, 1, 100]), by([192, 168, 3, 100]), None, by([192, 168, 10, 100]), by(SERVER)]);
}

/// Sends an echo request with this TTL; what ICMP messages come of it within a second, and when.
fn heard(net: &str, ttl: u8) -> Vec<(Duration, Vec<u8>)> {
    let world = World::of(net);
    let mut client = world.guest("client");
    ask(&mut client, SERVER, 1, &[]).reply();
    let mut raw = client.open_raw(1).unwrap();
    let mut socket = client.open_ping(&[Opt::Ttl(ttl)]).unwrap();
    let sent = client.now();
    socket.send(Some(at(SERVER, 0)), &icmp::echo_request(0, 1, &[0x5a; 56])).unwrap();
    let messages = std::iter::from_fn(|| raw.recv(sent + Duration::from_secs(1)).unwrap());
    messages.map(|packet| (packet.at - sent, packet.bytes[20..].to_vec())).collect()
}

#[test]
fn second_router_answers_twice_and_late() {
    let heard = heard("hostile-twice", 2);
    let times: Vec<Duration> = heard.iter().map(|(after, _)| *after).collect();
    assert_eq!(times, [ms(305.0), ms(305.0)], "5 ms would be right");
}

#[test]
fn third_router_quotes_eight_bytes_and_the_others_what_there_is() {
    let quoted = |ttl| heard("hostile-short", ttl).iter().map(|(_, message)| message.len() - 8).collect::<Vec<_>>();
    assert_eq!([2, 3, 4].map(quoted), [[84], [28], [84]]);
}

#[test]
fn first_router_tells_of_a_foreign_probe_before_the_true_one() {
    let identifiers = |ttl| {
        let identifier = |(_, message): &(Duration, Vec<u8>)| u16::from_be_bytes([message[32], message[33]]);
        heard("hostile-foreign", ttl).iter().map(identifier).collect::<Vec<u16>>()
    };
    let [first, second] = [1, 2].map(identifiers);
    assert_eq!((first.len(), second.len()), (2, 1));
    assert_ne!(first[0], first[1]);
}

#[test]
fn path_changes_after_two_seconds() {
    let world = World::of("hostile-change");
    let mut client = world.guest("client");
    assert_eq!(
        hops(&mut client, 2..=5),
        [by([192, 168, 3, 100]), by([192, 168, 5, 100]), by([192, 168, 10, 100]), by(SERVER)]
    );
    assert!(client.now() < Time::START + Duration::from_secs(2), "{:?}", client.now());
    client.sleep(Time::START + Duration::from_secs(2)).unwrap();
    assert_eq!(
        hops(&mut client, 2..=5),
        [by([192, 168, 4, 100]), by([192, 168, 6, 100]), by([192, 168, 10, 100]), by(SERVER)]
    );
}

#[test]
fn loop_on_the_way_has_two_routers_answer_in_turn() {
    let mut client = World::of("hostile-loop").guest("client");
    let (r2, r3) = (by([192, 168, 3, 100]), by([192, 168, 5, 100]));
    assert_eq!(hops(&mut client, 1..=6), [by([192, 168, 1, 100]), r2, r3, r2, r3, r2]);
}

#[test]
fn dead_server_is_silent_behind_its_last_router() {
    let world = World::of("hostile-dead");
    let asked = world.arp_requests("net10");
    let mut client = world.guest("client");
    assert_eq!(hops(&mut client, 4..=6), [by([192, 168, 10, 100]), None, None]);
    assert_eq!(*asked.borrow(), [std::net::Ipv4Addr::from(SERVER)], "which its ARP has answered");
}

#[test]
fn black_hole_swallows_what_is_too_long_without_a_word() {
    let mut client = World::of("mtu-blackhole").guest("client");
    let mut socket = client.open_ping(&[Opt::DontFragment(true)]).unwrap();
    let mut heard = |len: usize| {
        socket.send(Some(at([10, 1, 3, 2], 0)), &icmp::echo_request(0, 1, &vec![0; len - 28])).unwrap();
        socket.recv(client.now() + Duration::from_secs(1)).unwrap().is_some()
    };
    assert_eq!([1500, 1400, 1281, 1280].map(&mut heard), [false, false, false, true]);
}
