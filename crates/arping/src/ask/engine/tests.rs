//! The loop against a scripted link: what is answered when stands in the test.

use super::*;
use crate::rules::Asker;
use crate::scripted::{Answers, Link, answer, ms};
use std::net::Ipv4Addr;
use wire::arp::{Arp, REQUEST};
use wire::ethernet::{self, Ethernet};

const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const OWNER: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);
const STRANGER: Mac = Mac([2, 0, 0, 0, 0, 0xcc]);
const SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const TARGET: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);

/// What came of a run.
struct Outcome {
    result: std::result::Result<Summary, Failure>,
    events: Vec<Event>,
    sent: Vec<(Time, Vec<u8>)>,
}

impl Outcome {
    fn summary(&self) -> &Summary {
        self.result.as_ref().expect("it ran")
    }

    fn replies(&self) -> Vec<(Mac, u64)> {
        let reply = |event: &Event| match event {
            Event::Reply { mac, rtt_ns, .. } => Some((*mac, *rtt_ns)),
            _ => None,
        };
        self.events.iter().filter_map(reply).collect()
    }

    fn sent_at_ms(&self) -> Vec<u64> {
        self.sent.iter().map(|(at, _)| at.0 / 1_000_000).collect()
    }

    fn destinations(&self) -> Vec<Mac> {
        self.sent.iter().map(|(_, frame)| Ethernet::take(frame).unwrap().0.destination).collect()
    }
}

fn plan(purpose: Purpose, count: Option<u32>, interval: Option<Duration>, deadline: Option<Duration>) -> Plan {
    let source = match purpose {
        Purpose::Ask => SOURCE,
        Purpose::Detect => Ipv4Addr::UNSPECIFIED,
        Purpose::AnnounceByReply | Purpose::AnnounceByRequest => TARGET,
    };
    Plan {
        purpose,
        place: Place { interface: "lan".into(), asker: Asker { mac: US, source, target: TARGET }, ours: false },
        schedule: Schedule::new(purpose, count, interval, deadline, None),
        first_reply: false,
        broadcast: false,
        table: false,
        others: false,
        frames: false,
    }
}

fn ask(count: u32) -> Plan {
    plan(Purpose::Ask, Some(count), None, None)
}

fn outcome_on(link: Link, plan: &Plan) -> Outcome {
    let (mut host, sent) = link.guest();
    let mut events = vec![];
    let result = run(&mut host, plan, &mut |event| {
        events.push(event.clone());
        Ok(())
    });
    Outcome { result, events, sent: sent.take() }
}

fn outcome(plan: &Plan, answering: fn(&[u8]) -> Answers) -> Outcome {
    outcome_on(Link::answering(answering), plan)
}

fn arriving(plan: &Plan, frames: Vec<(Time, Vec<u8>)>) -> Outcome {
    outcome_on(Link::arriving(frames), plan)
}

/// A frame of the target's true owner.
fn of_owner(destination: Mac, arp: &Arp) -> Vec<u8> {
    Ethernet { destination, source: OWNER, ethertype: ethernet::ARP }.frame(&arp.bytes())
}

fn owner_answers(frame: &[u8]) -> Answers {
    vec![(ms(1), answer(frame, OWNER))]
}

#[test]
fn first_request_is_for_all_and_the_next_for_who_answered() {
    let outcome = outcome(&ask(3), owner_answers);
    assert_eq!(outcome.destinations(), [Mac::BROADCAST, OWNER, OWNER]);
    assert_eq!((outcome.summary().sent, outcome.summary().sent_broadcast, outcome.summary().received), (3, 1, 3));
    assert_eq!(outcome.summary().verdict, Answer::Answered);
}

#[test]
fn broadcast_stays_broadcast_when_asked_to() {
    let outcome = outcome(&Plan { broadcast: true, ..ask(3) }, owner_answers);
    assert_eq!(outcome.destinations(), [Mac::BROADCAST; 3]);
}

#[test]
fn pace_is_from_request_to_request_however_late_the_answer() {
    let outcome = outcome(&ask(3), |frame| vec![(ms(700), answer(frame, OWNER))]);
    assert_eq!(outcome.sent_at_ms(), [0, 1000, 2000]);
    assert_eq!(outcome.replies(), [(OWNER, 700_000_000); 3]);
}

#[test]
fn two_stations_with_one_address_are_both_told_and_called_duplicate() {
    let outcome = outcome(&ask(1), |frame| vec![(ms(1), answer(frame, OWNER)), (ms(2), answer(frame, STRANGER))]);
    assert_eq!(outcome.replies(), [(OWNER, 1_000_000), (STRANGER, 2_000_000)]);
    let told = Event::Duplicate { at_ns: 2_000_000, address: TARGET, macs: vec![OWNER, STRANGER] };
    assert!(outcome.events.contains(&told));
    // One request was answered, twice; its time is that of the first answer.
    assert_eq!((outcome.summary().received, outcome.summary().answered), (2, 1));
    assert_eq!(outcome.summary().rtt.unwrap().max_ns, 1_000_000);
}

#[test]
fn reply_that_is_not_for_us_does_not_make_a_silent_target_alive() {
    let outcome = outcome(&ask(1), |frame| {
        let (_, payload) = Ethernet::take(frame).unwrap();
        let reply = Arp::parse(payload).unwrap().0.reply_from(OWNER);
        vec![
            (ms(1), of_owner(US, &Arp { sender: Ipv4Addr::new(10, 0, 0, 6), ..reply })),
            (ms(1), of_owner(US, &Arp { target_mac: STRANGER, ..reply })),
            (ms(1), of_owner(STRANGER, &reply)),
        ]
    });
    assert_eq!((outcome.summary().received, outcome.summary().verdict), (0, Answer::Silent));
    assert!(outcome.events.contains(&Event::Silence { at_ns: 1_000_000_000, number: 1 }));
}

#[test]
fn frame_from_another_station_than_the_reply_says_is_told_as_such() {
    let outcome = outcome(&ask(1), |frame| {
        let mut frame = answer(frame, OWNER);
        frame[6..12].copy_from_slice(&STRANGER.0);
        vec![(ms(1), frame)]
    });
    let remark = |event: &Event| matches!(event, Event::Reply { mac: OWNER, frame_source: STRANGER, .. });
    assert!(outcome.events.iter().any(remark));
}

#[test]
fn truncated_frame_is_told_with_its_byte_and_the_run_goes_on() {
    let outcome = outcome(&ask(2), |frame| {
        let whole = answer(frame, OWNER);
        vec![(ms(1), whole[..30].to_vec()), (ms(2), whole)]
    });
    let told = outcome.events.iter().find_map(|event| match event {
        Event::Malformed { from, problem, .. } => Some((*from, problem.to_string())),
        _ => None,
    });
    assert_eq!(told, Some((OWNER, "ARP, byte 16: 28 bytes are needed, 16 are there".into())));
    assert_eq!(outcome.summary().received, 2);
}

#[test]
fn first_answer_is_enough_when_asked_to() {
    let outcome = outcome(&Plan { first_reply: true, ..ask(9) }, owner_answers);
    assert_eq!((outcome.summary().sent, outcome.summary().ended), (1, Ended::FirstReply));
}

#[test]
fn interval_of_zero_follows_the_answers_and_ends_at_the_deadline_in_silence() {
    let flood = |deadline| plan(Purpose::Ask, None, Some(Duration::ZERO), Some(deadline));
    let answered = outcome(&flood(ms(5)), owner_answers);
    assert_eq!(answered.sent_at_ms(), [0, 1, 2, 3, 4]);
    let silent = outcome(&flood(ms(50)), |_| vec![]);
    assert_eq!(silent.sent_at_ms(), [0, 10, 20, 30, 40]);
    assert_eq!(silent.summary().ended, Ended::Deadline);
}

#[test]
fn ctrl_c_ends_with_what_is_known() {
    let link = Link { interrupt: Time(1_500_000_000), ..Link::answering(owner_answers) };
    let outcome = outcome_on(link, &ask(9));
    assert_eq!((outcome.summary().ended, outcome.summary().received), (Ended::Interrupted, 2));
}

#[test]
fn free_address_is_probed_by_the_schedule_of_rfc_5227() {
    // Chance draws the middle of each span: half a second before, one and a half between.
    let outcome = outcome(&plan(Purpose::Detect, None, None, None), |_| vec![]);
    assert_eq!(outcome.sent_at_ms(), [500, 2000, 3500]);
    assert_eq!((outcome.summary().at_ns, outcome.summary().verdict), (5_500_000_000, Answer::Free));
    for (_, frame) in &outcome.sent {
        assert!(Arp::parse(&frame[14..]).unwrap().0.is_probe());
    }
}

#[test]
fn anything_that_uses_the_probed_address_is_a_conflict() {
    let detect = plan(Purpose::Detect, None, None, None);
    let request = Arp::request(OWNER, TARGET, Ipv4Addr::new(10, 0, 0, 1));
    let frame = |arp: Arp| of_owner(Mac::BROADCAST, &arp);
    // The owner's own business, before we have sent a single probe.
    let outcome = arriving(&detect, vec![(Time(1), frame(request))]);
    assert_eq!((outcome.summary().sent, outcome.summary().verdict), (0, Answer::Taken));
    // Somebody else who wants it.
    let probe = Arp { operation: REQUEST, ..Arp::request(OWNER, Ipv4Addr::UNSPECIFIED, TARGET) };
    assert_eq!(arriving(&detect, vec![(Time(1), frame(probe))]).summary().verdict, Answer::Taken);
    // Somebody who asks for it only has no claim to it.
    let question = Arp::request(OWNER, Ipv4Addr::new(10, 0, 0, 1), TARGET);
    assert_eq!(arriving(&detect, vec![(Time(1), frame(question))]).summary().verdict, Answer::Free);
}

#[test]
fn own_probe_that_comes_back_is_no_conflict() {
    let outcome = outcome(&plan(Purpose::Detect, None, None, None), |frame| vec![(ms(1), frame.to_vec())]);
    assert_eq!(outcome.summary().verdict, Answer::Free);
}

#[test]
fn nothing_is_said_of_an_address_that_was_not_probed() {
    let outcome = outcome(&plan(Purpose::Detect, None, None, Some(ms(100))), |_| vec![]);
    assert_eq!((outcome.summary().sent, outcome.summary().verdict), (0, Answer::Unknown));
    assert!(!outcome.summary().verdict.is_yes());
}

#[test]
fn announcement_is_made_twice_and_a_second_owner_contests_it() {
    let announce = plan(Purpose::AnnounceByRequest, None, None, None);
    let calm = outcome(&announce, |_| vec![]);
    assert_eq!((calm.sent_at_ms(), calm.summary().verdict), (vec![0, 2000], Answer::Announced));
    let contested = outcome(&announce, owner_answers);
    assert_eq!((contested.summary().verdict, contested.summary().macs.as_slice()), (Answer::Contested, &[OWNER][..]));
}

#[test]
fn world_without_a_table_says_so_before_anything_is_sent() {
    let outcome = outcome(&Plan { table: true, ..ask(1) }, owner_answers);
    assert!(matches!(outcome.result, Err(Failure::Host(Error::Unsupported { .. }))));
    assert!(outcome.sent.is_empty() && outcome.events.is_empty());
}

#[test]
fn closed_pipe_ends_the_run() {
    let (mut host, sent) = Link::answering(owner_answers).guest();
    let result = run(&mut host, &ask(9), &mut |event| match event {
        Event::Reply { .. } => Err(Failure::PipeClosed),
        _ => Ok(()),
    });
    assert_eq!((result, sent.borrow().len()), (Err(Failure::PipeClosed), 1));
}

#[test]
fn interface_that_goes_down_ends_the_run_with_what_is_known_and_then_the_error() {
    let run = |plan: Plan, down: u64, answering: fn(&[u8]) -> Answers| {
        let outcome = outcome_on(Link { down: Time::START + ms(down), ..Link::answering(answering) }, &plan);
        let summary = outcome.events.iter().find_map(|event| match event {
            Event::Summary(summary) => Some((summary.ended, summary.verdict, summary.sent, summary.received)),
            _ => None,
        });
        (outcome.result.unwrap_err(), summary)
    };
    let down = |what: &str| Failure::from(Error::Other(format!("cannot {what}: the interface is down")));
    assert_eq!(run(ask(3), 1500, owner_answers), (down("receive"), Some((Ended::Failed, Answer::Answered, 2, 2))));
    assert_eq!(run(ask(3), 500, |_| vec![]), (down("receive"), Some((Ended::Failed, Answer::Silent, 1, 0))));
    assert_eq!(run(ask(3), 0, owner_answers), (down("receive"), None), "nothing is known yet");
    let probes = plan(Purpose::Detect, None, None, None);
    let (_, summary) = run(probes, 1200, |_| vec![]);
    assert!(matches!(summary, Some((Ended::Failed, Answer::Free, 1 | 2, 0))), "{summary:?}");
}
