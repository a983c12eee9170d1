//! What a network spoils, and what strangers send: nothing of it stops a run, and nothing of it is taken for an answer.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use clap::Parser as _;
use cli::{Output, Session, Tool as _, Verdict};
use host::{Call, Carrier, Error, Guest, IcmpError, Packet, Reply, Result, SocketId, Time};
use sim::{Fate, Net, World};
use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use udp_echo::UdpEcho;
use udp_echo::send::engine::{self, Options};
use udp_echo::send::line::{Line, Way};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// Runs `udp-echo ARGS` at `a` of `transport`. `hand` gets each answer of `b` on the link by its number from 1 on, with
/// its header and its data; what it leaves of them is sealed and sent on.
fn udp_echo(args: &str, mut hand: impl FnMut(u32, &mut Udp, &mut Vec<u8>) -> Fate + 'static) -> String {
    let mut number = 0;
    on_the_link(args, move |_, frame: &mut Vec<u8>| {
        let Some((header, mut udp, mut data)) = answer(frame) else { return Fate::Pass };
        number += 1;
        let fate = hand(number, &mut udp, &mut data);
        let datagram = udp.datagram(header.source.into(), header.destination.into(), &data);
        *frame = [&frame[..14], &header.packet(&datagram)].concat();
        fate
    })
}

fn on_the_link(args: &str, hand: impl FnMut(Time, &mut Vec<u8>) -> Fate + 'static) -> String {
    let world = Rc::new(RefCell::new(World::new(&Net::load("transport").unwrap(), 1)));
    world.borrow_mut().tamper("link", Box::new(hand));
    let mut host = sim::guest(&world, "a").unwrap();
    let tool = UdpEcho::parse_from(["udp-echo"].into_iter().chain(args.split_whitespace()));
    let (out, collected) = Output::collected(tool.show());
    let mut session = Session { host: &mut host, probes: Some(4), privileged: true, out };
    let verdict = tool.run(&mut session).unwrap();
    let exit = if verdict == Verdict::Yes { 0 } else { 1 };
    format!("$ udp-echo {args}\n{}{}exit {exit}\n", collected.stdout(), collected.stderr())
}

/// The datagram in a frame from `b`.
fn answer(frame: &[u8]) -> Option<(Ipv4, Udp, Vec<u8>)> {
    let (ethernet, packet) = Ethernet::take(frame).ok()?;
    let (header, _, payload, _) = Ipv4::parse(packet).ok()?;
    let is_answer = ethernet.ethertype == ethernet::IPV4
        && header.protocol == ipv4::UDP
        && header.source == Ipv4Addr::new(10, 0, 0, 2);
    let (udp, data, _) = Udp::parse(payload).ok().filter(|_| is_answer)?;
    Some((header, udp, data.to_vec()))
}

#[test]
fn changed_answer_shows_the_byte_and_a_cut_or_longer_one_its_length() {
    insta::assert_snapshot!(udp_echo("send -c 4 b:53", |number, _, data| {
        match number {
            1 => data[16] ^= 1,
            2 => data.truncate(20),
            3 => data.extend([0; 4]),
            _ => {}
        }
        Fate::Pass
    }));
}

#[test]
fn answer_that_has_lost_its_number_is_for_nobody() {
    insta::assert_snapshot!(udp_echo("send -c 3 -W 1 -v b:53", |number, _, data| {
        match number {
            1 => data.truncate(3),
            2 => data[0] = 0xff,
            _ => {}
        }
        Fate::Pass
    }));
}

#[test]
fn answer_from_another_port_is_a_strangers() {
    let from_9 = |_, udp: &mut Udp, _: &mut Vec<u8>| {
        udp.source_port = 9;
        Fate::Pass
    };
    insta::assert_snapshot!(
        ["send -c 1 -W 1 b:53", "send -c 1 -W 1 --connect b:53"].map(|args| udp_echo(args, from_9)).join("\n")
    );
}

#[test]
fn explanation_marks_what_was_done_to_an_answer() {
    insta::assert_snapshot!(udp_echo("send -c 2 -e --ascii b:53", |number, _, data| {
        match number {
            1 => data[16] ^= 1,
            _ => data.truncate(20),
        }
        Fate::Pass
    }));
}

#[test]
fn every_kind_of_answer_is_an_event_of_its_own() {
    insta::assert_snapshot!(udp_echo("send -c 6 -W 0.5 --json b:53", |number, udp, data| {
        match number {
            1 => return Fate::Twice(Duration::from_millis(3)),
            2 => return Fate::Late(Duration::from_millis(700)),
            3 => data.truncate(20),
            4 => data[55] = 0,
            5 => udp.source_port = 54,
            _ => return Fate::Lose,
        }
        Fate::Pass
    }));
}

#[test]
fn one_flipped_bit_in_a_frame_makes_the_answer_vanish_whichever_it_is() {
    // Ethernet, IP, UDP and the stamp of the data. An address or a type that is another is nobody's; all else breaks a
    // checksum.
    for bit in 0..(14 + 20 + 8 + 12) * 8 {
        let told = on_the_link("send -c 1 -W 0.5 b:53", move |_, frame: &mut Vec<u8>| {
            if answer(frame).is_some() {
                frame[bit / 8] ^= 0x80 >> (bit % 8);
            }
            Fate::Pass
        });
        // Who the frame is from is looked at by nobody.
        let is_source = (6 * 8..12 * 8).contains(&bit);
        let received = u8::from(is_source);
        assert!(told.contains(&format!("\n1 datagrams transmitted, {received} received")), "bit {bit}: {told}");
    }
}

/// Numbers that are the same in every run: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.roll(most)).map(|_| self.roll(256) as u8).collect()
    }
}

const TARGET: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 0, 2), 53);

/// A host where whatever is asked for comes at random: echoes, damaged echoes, strangers' bytes, errors that quote
/// anything.
struct Bedlam {
    dice: Dice,
    now: Time,
    sent: Vec<Vec<u8>>,
}

impl Carrier for Bedlam {
    fn call(&mut self, call: Call) -> (Time, Result<Reply>) {
        let reply = match call {
            Call::BindUdp(..) => {
                Ok(Reply::Socket(SocketId(1), (Ipv4Addr::UNSPECIFIED, 5000).into(), (Ipv4Addr::UNSPECIFIED, 0).into()))
            }
            Call::Send(_, _, bytes) => {
                self.sent.push(bytes);
                match self.dice.roll(20) {
                    0 => Err(Error::NoRoute(TARGET.0.into())),
                    1 => Err(Error::TooLong { have: 9, most: 3 }),
                    _ => Ok(Reply::Done),
                }
            }
            Call::Wait(_, until) | Call::Recv(_, until) if until == Time::NEVER && self.dice.roll(500) == 0 => {
                Err(Error::Idle)
            }
            Call::Wait(..) => Ok(Reply::Ready(vec![0])),
            Call::Recv(_, until) if self.dice.roll(3) == 0 => {
                self.now = self.now.max(until.min(self.now + Duration::from_secs(5)));
                Ok(Reply::Late)
            }
            Call::Recv(..) => {
                self.now = self.now + Duration::from_nanos(self.dice.roll(100_000_000));
                Ok(Reply::Packet(self.packet()))
            }
            _ => Ok(Reply::Done),
        };
        (self.now, reply)
    }
}

impl Bedlam {
    fn packet(&mut self) -> Packet {
        let which = self.dice.roll(self.sent.len().max(1) as u64) as usize;
        let mut bytes = match self.dice.roll(3) {
            0 => self.dice.bytes(80),
            _ => self.sent.get(which).cloned().unwrap_or_default(),
        };
        match self.dice.roll(4) {
            0 => bytes.truncate(self.dice.roll(bytes.len() as u64 + 1) as usize),
            1 => {
                let at = self.dice.roll(bytes.len().max(1) as u64) as usize;
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1);
            }
            2 => bytes.extend(self.dice.bytes(9)),
            _ => {}
        }
        let from = match self.dice.roll(5) {
            0 => {
                Some(SocketAddr::from((Ipv4Addr::from(self.dice.roll(1 << 32) as u32), self.dice.roll(1 << 16) as u16)))
            }
            1 => None,
            _ => Some(TARGET.into()),
        };
        let error = (self.dice.roll(4) == 0).then(|| IcmpError {
            by: Ipv4Addr::from(self.dice.roll(1 << 32) as u32).into(),
            kind: self.dice.roll(256) as u8,
            code: self.dice.roll(256) as u8,
            mtu: self.dice.roll(1 << 16) as u16,
        });
        let ttl = (self.dice.roll(2) == 0).then(|| self.dice.roll(256) as u8);
        Packet { at: self.now, from, ttl, bytes, error }
    }
}

fn bedlam(seed: u64) -> Guest {
    Guest::new(Bedlam { dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), now: Time::START, sent: vec![] })
}

#[test]
fn whatever_comes_the_run_ends_and_its_counts_add_up() {
    for seed in 1..=2000 {
        let mut host = bedlam(seed);
        let ends = ("10.0.0.1:0".parse().unwrap(), "10.0.0.2:53".parse().unwrap());
        let mut line = Line::open(&mut host, Way::Unconnected, ends, false, &[]).unwrap();
        let options = Options {
            count: Some(20),
            interval: Duration::from_millis(seed % 100),
            ping_pong: seed % 7 == 0,
            wait: (seed % 2 == 0).then_some(Duration::from_millis(50)),
            deadline: (seed % 3 == 0).then_some(Duration::from_secs(1)),
            sizes: vec![56, 0, 3, 12],
            buffer: if seed % 5 == 0 { 10 } else { 65_535 },
        };
        let mut events = 0;
        let summary = engine::send::<Error>(&mut host, &mut line, &options, &mut |_, _| {
            events += 1;
            Ok(())
        })
        .unwrap();
        let engine::Summary { sent, received, pending, late, corrupted, truncated, reordered, .. } = summary;
        assert!(sent <= 20 && received + pending <= sent, "seed {seed}: {summary:?}");
        assert!(late + corrupted + truncated <= received && reordered <= received, "seed {seed}: {summary:?}");
        assert!(events > sent, "seed {seed}");
    }
}

/// What a tool prints where anything comes, with an end.
fn shown(seed: u64, args: &str) -> String {
    let tool = UdpEcho::parse_from(["udp-echo"].into_iter().chain(args.split_whitespace()));
    let (out, collected) = Output::collected(tool.show());
    let mut host = bedlam(seed);
    tool.run(&mut Session { host: &mut Anything(&mut host), probes: Some(4), privileged: true, out }).unwrap();
    collected.stdout() + &collected.stderr()
}

/// That host, with the answers to questions about itself that make a run begin.
struct Anything<'a>(&'a mut Guest);

impl host::Host for Anything<'_> {
    fn now(&self) -> Time {
        self.0.now()
    }
    fn random(&mut self, bytes: &mut [u8]) {
        self.0.random(bytes);
    }
    fn interfaces(&mut self) -> Result<Vec<host::Interface>> {
        Ok(vec![])
    }
    fn route(&mut self, to: std::net::IpAddr) -> Result<host::Route> {
        Ok(host::Route { interface: "e0".into(), source: [10, 0, 0, 1].into(), next_hop: to })
    }
    fn resolve(&mut self, _: &str) -> Result<Vec<std::net::IpAddr>> {
        Ok(vec![TARGET.0.into()])
    }
    fn bind_udp(&mut self, at: SocketAddr, options: &[host::Opt]) -> Result<Box<dyn host::Packets>> {
        self.0.bind_udp(at, options)
    }
    fn wait(&mut self, on: &[host::Interest], until: Time) -> Result<Vec<usize>> {
        self.0.wait(on, until)
    }
}

#[test]
fn whatever_comes_is_shown_in_words_that_act_on_no_terminal() {
    for seed in 1..=300 {
        for args in [
            "send -c 9 -i 0.05 -s 56,0,12 b:53",
            "send -c 9 -i 0.05 -v -e --connect b:53",
            "send -c 9 -i 0.05 --json --buffer 9 b:53",
            "serve --port 7,53 -c 20",
            "serve -e --buffer 9 -c 20",
            "serve --json -c 20 -w 60",
        ] {
            let shown = shown(seed, args);
            assert!(shown.lines().count() > 3, "seed {seed}: {args}: {shown}");
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "seed {seed}: {args}: {shown}");
        }
    }
}
