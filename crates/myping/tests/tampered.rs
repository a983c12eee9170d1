//! Answers that a network spoils: a hand on the link changes, doubles, delays or cuts them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use clap::Parser as _;
use cli::{Output, Session, Tool as _, Verdict};
use host::Time;
use myping::Myping;
use sim::{Fate, Net, World};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wire::ethernet::{self, Ethernet};
use wire::icmp::{self, Message};
use wire::ipv4::Ipv4;

/// Runs `myping ARGS` at host2 of `lan`. `hand` gets each echo reply on the link, by its sequence number, with its data; what it
/// leaves in the data is sealed and sent on.
fn myping(args: &str, mut hand: impl FnMut(u16, &mut Vec<u8>) -> Fate + 'static) -> String {
    let each_reply = move |_: Time, frame: &mut Vec<u8>| {
        let Some((sequence, mut data)) = reply(frame) else { return Fate::Pass };
        let fate = hand(sequence, &mut data);
        *frame = with_data(frame, &data);
        fate
    };
    on_the_link(args, each_reply)
}

/// Runs `myping ARGS` at host2 of `lan`, with this hand on the cable of host2.
fn on_the_link(args: &str, hand: impl FnMut(Time, &mut Vec<u8>) -> Fate + 'static) -> String {
    let net = Net::load("lan").unwrap();
    let world = Rc::new(RefCell::new(World::new(&net, 1)));
    world.borrow_mut().tamper("lan-host2", Box::new(hand));
    let mut host = sim::guest(&world, "host2").unwrap();
    let tool = Myping::parse_from(["myping"].into_iter().chain(args.split_whitespace()));
    let (out, collected) = Output::collected(tool.show());
    let mut session = Session { host: &mut host, probes: Some(4), privileged: true, out };
    let verdict = tool.run(&mut session).unwrap();
    let exit = if verdict == Verdict::Yes { 0 } else { 1 };
    format!("$ myping {args}\n{}{}exit {exit}\n", collected.stdout(), collected.stderr())
}

/// Sequence number and data, if the frame holds an echo reply.
fn reply(frame: &[u8]) -> Option<(u16, Vec<u8>)> {
    let (ethernet, packet) = Ethernet::take(frame).ok()?;
    if ethernet.ethertype != ethernet::IPV4 {
        return None;
    }
    let (_, _, payload, _) = Ipv4::parse(packet).ok()?;
    match icmp::parse(payload).ok()? {
        (_, Message::EchoReply { echo, data }) => Some((echo.sequence, data.to_vec())),
        _ => None,
    }
}

/// The frame with this data in its echo reply, and right lengths and checksums.
fn with_data(frame: &[u8], data: &[u8]) -> Vec<u8> {
    let (ethernet, packet) = Ethernet::take(frame).unwrap();
    let (header, _, payload, _) = Ipv4::parse(packet).unwrap();
    let (_, Message::EchoReply { echo, .. }) = icmp::parse(payload).unwrap() else { return frame.to_vec() };
    [&ethernet.bytes()[..], &header.packet(&icmp::echo_reply(echo, data))].concat()
}

#[test]
fn changed_answer_is_corrupt_and_shows_the_byte() {
    insta::assert_snapshot!(myping("-c 2 host5", |sequence, data| {
        data[16] ^= u8::from(sequence == 1);
        Fate::Pass
    }));
}

#[test]
fn shortened_answer_is_truncated() {
    insta::assert_snapshot!(myping("-c 2 host5", |sequence, data| {
        data.truncate(if sequence == 1 { 20 } else { 56 });
        Fate::Pass
    }));
}

#[test]
fn answer_after_the_next_request_goes_to_its_own_sequence_number() {
    insta::assert_snapshot!(myping("-c 3 -W 0.5 host5", |sequence, _| match sequence {
        1 => Fate::Late(Duration::from_millis(1200)),
        _ => Fate::Pass,
    }));
}

#[test]
fn answer_that_comes_twice_is_told_twice_and_received_once() {
    insta::assert_snapshot!(myping("-c 2 host5", |sequence, _| match sequence {
        1 => Fate::Twice(Duration::from_millis(3)),
        _ => Fate::Pass,
    }));
}

#[test]
fn every_kind_of_answer_is_an_event_of_its_own() {
    insta::assert_snapshot!(myping("-c 5 -W 0.5 --json host5", |sequence, data| match sequence {
        1 => Fate::Twice(Duration::from_millis(3)),
        2 => Fate::Late(Duration::from_millis(700)),
        3 => {
            data.truncate(20);
            Fate::Pass
        }
        4 => {
            data[55] = 0;
            Fate::Pass
        }
        _ => Fate::Lose,
    }));
}

#[test]
fn explanation_marks_what_was_done_to_an_answer() {
    insta::assert_snapshot!(myping("-c 3 -e --ascii host5", |sequence, data| {
        match sequence {
            1 => data[16] ^= 1,
            2 => data.truncate(20),
            _ => data.rotate_left(30),
        }
        Fate::Pass
    }));
}

#[test]
fn one_flipped_bit_in_a_frame_makes_the_answer_vanish() {
    // A bit of the ICMP message: 14 bytes of Ethernet, 20 of IP, then type, code, checksum, identifier, sequence number, data.
    for bit in [14 * 8, (14 + 8) * 8, (14 + 20) * 8, (14 + 20 + 6) * 8 + 7, (14 + 20 + 8 + 40) * 8] {
        let told = on_the_link("-c 1 host5", move |_, frame: &mut Vec<u8>| {
            if reply(frame).is_some() {
                frame[bit / 8] ^= 0x80 >> (bit % 8);
            }
            Fate::Pass
        });
        assert!(told.contains("\n1 packets transmitted, 0 received, 100% packet loss"), "bit {bit}: {told}");
    }
}

#[test]
fn answer_of_another_host_is_not_counted() {
    let told = on_the_link("-c 1 -v host5", |_, frame: &mut Vec<u8>| {
        if reply(frame).is_some() {
            let (ethernet, packet) = Ethernet::take(frame).unwrap();
            let (header, _, payload, _) = Ipv4::parse(packet).unwrap();
            let from = Ipv4 { source: [10, 0, 0, 3].into(), ..header };
            *frame = [&ethernet.bytes()[..], &from.packet(payload)].concat();
        }
        Fate::Pass
    });
    assert!(told.contains("\n1 packets transmitted, 0 received, 100% packet loss"), "{told}");
}
