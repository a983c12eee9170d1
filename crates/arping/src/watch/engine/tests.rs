//! A watch on a scripted link: what arrives when stands in the test.

use super::*;
use crate::prefix::Prefix;
use crate::scripted::Link;
use crate::watch::table::Effect;
use std::net::Ipv4Addr;
use wire::Mac;
use wire::arp::REPLY;
use wire::ethernet;

const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const ONE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const TWO: Mac = Mac([2, 0, 0, 0, 0, 2]);
const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);

/// What came of a run.
struct Outcome {
    summary: Summary,
    events: Vec<Event>,
    sent: usize,
}

fn plan() -> Plan {
    let place = Place { interface: "lan".into(), mac: US, own: vec![OWN], only: None };
    Plan { place, count: None, deadline: None, all: false, frames: false }
}

fn outcome_on(link: Link, plan: &Plan) -> Outcome {
    let (mut host, sent) = link.guest();
    let mut events = vec![];
    let summary = run(&mut host, plan, &mut |event| {
        events.push(event.clone());
        Ok(())
    });
    let sent = sent.borrow().len();
    Outcome { summary: summary.unwrap(), events, sent }
}

/// These packets are broadcast, one a second.
fn frames(packets: &[Arp]) -> Vec<(Time, Vec<u8>)> {
    let frame = |arp: &Arp| {
        let header = Ethernet { destination: Mac::BROADCAST, source: arp.sender_mac, ethertype: ethernet::ARP };
        header.frame(&arp.bytes())
    };
    (1..).map(|second| Time(second * 1_000_000_000)).zip(packets.iter().map(frame)).collect()
}

fn outcome(packets: &[Arp], plan: &Plan) -> Outcome {
    outcome_on(Link::arriving(frames(packets)), plan)
}

/// "I am `sender`, at `mac`, and who is `OTHER`?"
fn question(mac: Mac, sender: Ipv4Addr) -> Arp {
    Arp::request(mac, sender, OTHER)
}

#[test]
fn move_is_told_with_the_packet_by_which_it_is_known_and_nothing_is_sent() {
    let announcement = Arp::request(TWO, GATEWAY, GATEWAY);
    let outcome = outcome(&[question(ONE, GATEWAY), announcement], &plan());
    let by = By {
        packet: Kind::Announcement,
        delivery: Delivery::Broadcast,
        target: GATEWAY,
        frame_source: TWO,
        table: Effect::Nothing,
    };
    let (at_ns, address) = (2_000_000_000, GATEWAY);
    let moved = Event::Moved { at_ns, address, mac: TWO, was: ONE, moves: 1, flapping: false, by };
    assert!(outcome.events.contains(&moved), "{:?}", outcome.events);
    assert_eq!((outcome.summary.moves, outcome.summary.ended, outcome.sent), (1, Ended::Idle, 0));
}

#[test]
fn each_kind_of_packet_is_told_apart() {
    let reply = Arp { operation: REPLY, ..question(ONE, GATEWAY) };
    let packets = [
        question(ONE, GATEWAY),
        reply,
        Arp::request(ONE, GATEWAY, GATEWAY),
        Arp { target: GATEWAY, ..reply },
        Arp { operation: 9, ..reply },
    ];
    let kinds = [Kind::Request, Kind::Reply, Kind::Announcement, Kind::GratuitousReply, Kind::Unknown(9)];
    let outcome = outcome(&packets, &Plan { all: true, ..plan() });
    let told: Vec<Kind> = outcome
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Binding { by, .. } => Some(by.packet),
            _ => None,
        })
        .collect();
    assert_eq!(told, kinds);
}

#[test]
fn what_was_said_before_is_counted_and_told_only_when_asked_to() {
    let packets = [question(ONE, GATEWAY); 3];
    let news = outcome(&packets, &plan());
    assert_eq!((news.events.len(), news.summary.packets), (3, 3), "start, binding, summary");
    assert_eq!(outcome(&packets, &Plan { all: true, ..plan() }).events.len(), 5);
}

#[test]
fn what_our_own_table_knows_is_where_the_watch_begins() {
    let neighbour =
        |interface: &str, mac| Neighbour { interface: interface.into(), address: GATEWAY.into(), mac, age: None };
    let table = Some(vec![neighbour("wlan", Some(TWO)), neighbour("lan", Some(ONE))]);
    let link = Link { table, ..Link::arriving(frames(&[question(TWO, GATEWAY)])) };
    let outcome = outcome_on(link, &plan());
    assert!(
        matches!(&outcome.events[0], Event::Start { known, .. } if known[..] == [Known { address: GATEWAY, mac: ONE }])
    );
    assert_eq!(outcome.summary.moves, 1);
}

#[test]
fn conflicts_are_those_of_rfc_5227() {
    let probe = |mac, target| Arp::request(mac, Ipv4Addr::UNSPECIFIED, target);
    let conflicts = |packets: &[Arp]| outcome(packets, &plan()).summary.conflicts;
    assert_eq!(conflicts(&[question(ONE, OWN)]), 1, "our address");
    assert_eq!(conflicts(&[probe(ONE, OWN)]), 1, "a probe for it");
    assert_eq!(conflicts(&[question(ONE, GATEWAY), probe(TWO, GATEWAY)]), 1, "a probe for what somebody has");
    assert_eq!(conflicts(&[probe(ONE, OTHER), probe(TWO, OTHER)]), 1, "two that probe for one address");
    assert_eq!(conflicts(&[probe(ONE, OTHER), probe(ONE, OTHER), question(ONE, OTHER)]), 0, "one that then takes it");
}

#[test]
fn target_restricts_what_is_told_by_sender_and_by_what_is_probed_for() {
    let only = Some(Prefix::of(GATEWAY, 32));
    let packets = [
        question(ONE, Ipv4Addr::new(10, 0, 0, 7)),
        question(ONE, GATEWAY),
        Arp::request(TWO, Ipv4Addr::UNSPECIFIED, GATEWAY),
        Arp::request(TWO, Ipv4Addr::UNSPECIFIED, OTHER),
    ];
    let outcome = outcome(&packets, &Plan { place: Place { only, ..plan().place }, ..plan() });
    assert_eq!((outcome.summary.packets, outcome.summary.addresses, outcome.summary.conflicts), (2, 1, 1));
}

#[test]
fn count_deadline_and_ctrl_c_end_it() {
    let packets = [question(ONE, GATEWAY), question(TWO, GATEWAY), question(ONE, GATEWAY)];
    let ended = |plan: &Plan| {
        let Summary { ended, at_ns, .. } = outcome(&packets, plan).summary;
        (ended, at_ns / 1_000_000)
    };
    assert_eq!(ended(&Plan { count: Some(2), ..plan() }), (Ended::Count, 2000));
    assert_eq!(ended(&Plan { deadline: Some(Duration::from_millis(2500)), ..plan() }), (Ended::Deadline, 2500));
    let link = Link { interrupt: Time(1_500_000_000), ..Link::arriving(frames(&packets)) };
    let outcome = outcome_on(link, &plan());
    assert_eq!((outcome.summary.ended, outcome.summary.packets), (Ended::Interrupted, 1));
}

#[test]
fn own_echo_and_malformed_frames_are_no_news() {
    let mut arriving = frames(&[question(US, OWN), question(ONE, GATEWAY)]);
    arriving[1].1.truncate(30);
    let outcome = outcome_on(Link::arriving(arriving), &plan());
    assert!(matches!(outcome.events[1], Event::Malformed { from: ONE, .. }));
    assert_eq!((outcome.events.len(), outcome.summary.packets), (3, 0));
}
