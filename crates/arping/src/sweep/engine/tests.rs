//! A sweep against a scripted link: who answers what stands in the test.

use super::*;
use crate::prefix::Prefix;
use crate::scripted::{Answers, Link, answer, ms};
use wire::Mac;
use wire::arp::{Arp, REQUEST};
use wire::ethernet::{self, Ethernet};

const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const OTHER: Mac = Mac([2, 0, 0, 0, 9, 9]);
const SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// What came of a run.
struct Outcome {
    summary: Summary,
    events: Vec<Event>,
    sent: Vec<(Time, Vec<u8>)>,
}

impl Outcome {
    fn duplicates(&self) -> Vec<(u8, Vec<Mac>)> {
        let duplicate = |event: &Event| match event {
            Event::Duplicate { address, macs, .. } => Some((address.octets()[3], macs.clone())),
            _ => None,
        };
        self.events.iter().filter_map(duplicate).collect()
    }

    fn span_ms(&self) -> u64 {
        self.summary.span_ns / 1_000_000
    }
}

/// The last octet of the address that a frame of ours asks for.
fn asked(frame: &[u8]) -> u8 {
    Arp::parse(&frame[14..]).unwrap().0.target.octets()[3]
}

/// The station that has the address with this last octet.
fn station(last: u8) -> Mac {
    Mac([2, 0, 0, 0, 1, last])
}

fn plan() -> Plan {
    let prefix = Prefix::of([10, 0, 0, 0].into(), 24);
    let place = Place {
        interface: "lan".into(),
        mac: US,
        source: SOURCE,
        prefix,
        addresses: prefix.hosts().collect(),
        own: vec![(SOURCE, US)],
    };
    Plan { place, schedule: Schedule::new(None, None, None), first_reply: false, others: false, frames: false }
}

fn outcome_on(link: Link, plan: &Plan) -> Outcome {
    let (mut host, sent) = link.guest();
    let mut events = vec![];
    let summary = run(&mut host, plan, &mut |event| {
        events.push(event.clone());
        Ok(())
    });
    Outcome { summary: summary.unwrap(), events, sent: sent.take() }
}

/// A sweep in which `answers` has the stations that answer for a last octet, each so much later.
fn outcome(answers: impl Fn(u8) -> Vec<(u64, Mac)> + 'static) -> Outcome {
    outcome_on(Link::answering(move |frame| answered(frame, &answers)), &plan())
}

fn answered(frame: &[u8], answers: impl Fn(u8) -> Vec<(u64, Mac)>) -> Answers {
    answers(asked(frame)).into_iter().map(|(after, mac)| (ms(after), answer(frame, mac))).collect()
}

fn everybody(last: u8) -> Vec<(u64, Mac)> {
    if last == 2 { vec![] } else { vec![(1, station(last))] }
}

#[test]
fn all_answering_end_a_grace_after_the_last_answer_and_within_a_quarter_of_a_second() {
    let outcome = outcome(everybody);
    assert_eq!((outcome.summary.counts.answered, outcome.summary.ended), (253, Ended::Answered));
    assert_eq!((outcome.sent.len(), outcome.span_ms()), (254, 75 + 1 + 50));
}

#[test]
fn half_silent_prefix_ends_within_a_second_with_one_wait_for_all() {
    let outcome = outcome(|last| if last % 2 == 1 { everybody(last) } else { vec![] });
    let counts = &outcome.summary.counts;
    assert_eq!((counts.answered, counts.silent, counts.ours), (127, 126, 1));
    assert_eq!((outcome.sent.len(), outcome.span_ms(), outcome.summary.ended), (254 + 127, 810, Ended::Rounds));
}

#[test]
fn second_station_is_heard_although_the_first_was_the_last_to_be_awaited() {
    let outcome = outcome(|last| match last {
        254 => vec![(1, station(last)), (30, OTHER)],
        last => everybody(last),
    });
    assert_eq!(outcome.duplicates(), [(254, vec![station(254), OTHER])]);
    assert_eq!((outcome.summary.counts.duplicates, outcome.summary.counts.answered), (1, 253));
    let rows: Vec<&Row> = outcome.summary.stations.iter().filter(|row| row.duplicate).collect();
    assert_eq!(
        rows.iter().map(|row| (row.mac, row.rtt_ns)).collect::<Vec<_>>(),
        [(station(254), Some(1_000_000)), (OTHER, Some(30_000_000))]
    );
}

#[test]
fn own_address_is_asked_for_by_a_probe_and_another_station_with_it_is_a_duplicate() {
    let outcome = outcome(|last| if last == 2 { vec![(1, OTHER)] } else { vec![] });
    let of_ours = outcome.sent.iter().filter(|(_, frame)| asked(frame) == 2);
    let probes = of_ours.filter(|(_, frame)| Arp::parse(&frame[14..]).unwrap().0.is_probe()).count();
    let all_probes = outcome.sent.iter().filter(|(_, frame)| Arp::parse(&frame[14..]).unwrap().0.is_probe()).count();
    // Answered in the first round, it is not asked for in the second.
    assert_eq!((probes, all_probes), (1, 1));
    assert_eq!(outcome.duplicates(), [(2, vec![US, OTHER])]);
    assert_eq!((outcome.summary.counts.answered, outcome.summary.received), (0, 1));
}

#[test]
fn reply_that_is_not_for_us_makes_no_silent_address_alive() {
    let outcome = outcome_on(
        Link::answering(|frame| {
            let (_, payload) = Ethernet::take(frame).unwrap();
            let reply = Arp::parse(payload).unwrap().0.reply_from(OTHER);
            let to = |destination, arp: Arp| {
                (ms(1), Ethernet { destination, source: OTHER, ethertype: ethernet::ARP }.frame(&arp.bytes()))
            };
            match asked(frame) {
                7 => vec![to(OTHER, reply), to(US, Arp { target_mac: OTHER, ..reply })],
                // For an address that is not in the prefix.
                8 => vec![to(US, Arp { sender: Ipv4Addr::new(10, 9, 9, 9), ..reply })],
                _ => vec![],
            }
        }),
        &plan(),
    );
    assert_eq!((outcome.summary.received, outcome.summary.counts.answered), (0, 0));
    // That somebody told others that it has the address is worth a row.
    let rows: Vec<(u8, Option<u64>)> =
        outcome.summary.stations.iter().map(|row| (row.address.octets()[3], row.rtt_ns)).collect();
    assert_eq!(rows, [(2, None), (7, None)]);
}

#[test]
fn question_of_another_station_claims_its_own_address() {
    let question = Arp { operation: REQUEST, ..Arp::request(OTHER, Ipv4Addr::new(10, 0, 0, 9), SOURCE) };
    let frame =
        Ethernet { destination: Mac::BROADCAST, source: OTHER, ethertype: ethernet::ARP }.frame(&question.bytes());
    let link = Link { arriving: vec![(Time(1), frame)], ..Link::answering(|frame| answered(frame, everybody)) };
    let outcome = outcome_on(link, &Plan { others: true, ..plan() });
    assert_eq!(outcome.duplicates(), [(9, vec![OTHER, station(9)])]);
    assert!(outcome.events.iter().any(|event| matches!(event, Event::Heard { mac: OTHER, .. })));
}

#[test]
fn first_answer_is_enough_when_asked_to() {
    let link = Link::answering(|frame| answered(frame, everybody));
    let outcome = outcome_on(link, &Plan { first_reply: true, ..plan() });
    assert_eq!((outcome.summary.ended, outcome.summary.received, outcome.sent.len()), (Ended::FirstReply, 1, 16));
}

#[test]
fn ctrl_c_ends_with_what_is_known() {
    let link = Link { interrupt: Time(12_000_000), ..Link::answering(|frame| answered(frame, everybody)) };
    let outcome = outcome_on(link, &plan());
    assert_eq!(outcome.summary.ended, Ended::Interrupted);
    // Three bursts had left, and two had their answers; our own address is in the first.
    assert_eq!((outcome.summary.counts.asked, outcome.summary.counts.answered), (48, 47));
}

#[test]
fn malformed_frame_is_told_and_the_sweep_goes_on() {
    let link = Link::answering(|frame| {
        let mut answers = answered(frame, everybody);
        answers.iter_mut().filter(|_| asked(frame) == 5).for_each(|(_, frame)| frame.truncate(30));
        answers
    });
    let outcome = outcome_on(link, &plan());
    let told = outcome.events.iter().filter(|event| matches!(event, Event::Malformed { .. })).count();
    assert_eq!((told, outcome.summary.counts.answered, outcome.summary.counts.silent), (2, 252, 1));
}

#[test]
fn every_event_is_told_in_order_and_the_summary_last() {
    let outcome = outcome(everybody);
    assert!(matches!(outcome.events[..2], [Event::Start { addresses: 254, .. }, Event::Round { requests: 254, .. }]));
    assert!(matches!(outcome.events.last(), Some(Event::Summary(_))));
    assert_eq!(outcome.events.len(), 2 + 253 + 1);
}
