//! Answers that a network damages: a hand on the link flips, cuts, doubles and crafts them, and the trace goes on.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use clap::Parser as _;
use cli::{Output, Session, Show, Tool as _};
use host::Time;
use mytraceroute::Mytraceroute;
use sim::{Fate, Net, World};
use std::cell::RefCell;
use std::rc::Rc;
use wire::checksum::Checksum;
use wire::ethernet::Ethernet;
use wire::ipv4::{ICMP, Ipv4};

/// Runs `mytraceroute ARGS` at the client of `routers` with a hand on its cable. The hand gets each ICMP message that comes in,
/// without its header's checksum, which is made right afterwards.
fn trace(args: &str, mut hand: impl FnMut(&mut Vec<u8>) -> Fate + 'static) -> String {
    let on_the_link = move |_: Time, frame: &mut Vec<u8>| {
        let Some((ethernet, header, mut message)) = incoming(frame) else { return Fate::Pass };
        let fate = hand(&mut message);
        if let Some(sum) = message.get_mut(2..4) {
            sum.fill(0);
        }
        let sum = Checksum::default().add(&message).finish();
        if let Some(place) = message.get_mut(2..4) {
            place.copy_from_slice(&sum.to_be_bytes());
        }
        *frame = ethernet.frame(&header.packet(&message));
        fate
    };
    let net = Net::load("routers").unwrap();
    let world = Rc::new(RefCell::new(World::new(&net, 1)));
    world.borrow_mut().tamper("net1", Box::new(on_the_link));
    let mut host = sim::guest(&world, "client").unwrap();
    let tool = Mytraceroute::parse_from(["mytraceroute"].into_iter().chain(args.split_whitespace()));
    let (out, collected) = Output::collected(&Show::default());
    let mut session = Session { host: &mut host, probes: Some(4), privileged: true, out };
    tool.run(&mut session).unwrap();
    format!("{}{}", collected.stdout(), collected.stderr())
}

/// The ICMP message that comes to the client in this frame.
fn incoming(frame: &[u8]) -> Option<(Ethernet, Ipv4, Vec<u8>)> {
    let (ethernet, packet) = Ethernet::take(frame).ok()?;
    let (header, _, payload, _) = Ipv4::parse(packet).ok()?;
    let is_incoming = header.protocol == ICMP && header.destination.octets() == [192, 168, 1, 3];
    is_incoming.then(|| (ethernet, header, payload.to_vec()))
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

#[test]
fn damaged_errors_never_stop_the_tool_and_invent_no_hop() {
    let known = ["192.168.1.100", "192.168.3.100", "192.168.5.100", "192.168.10.100", "192.168.10.3"];
    let mut runs = 0;
    for (args, seed) in ["server", "-I server", "-T server", "--multipath server", "--mtu server"].iter().zip(1..) {
        for round in 0..120 {
            let mut dice = Dice(seed * 1000 + round);
            let printed = trace(args, move |message| {
                match dice.roll(4) {
                    0 => {
                        let at = dice.roll(message.len());
                        message[at] ^= 1 << dice.roll(8);
                    }
                    1 => message.truncate(dice.roll(message.len())),
                    2 => {
                        let at = dice.roll(message.len());
                        let to = (at + dice.roll(8)).min(message.len());
                        message[at..to].fill(0xff);
                    }
                    _ => {}
                }
                Fate::Pass
            });
            runs += 1;
            let hops = printed.lines().filter(|line| line.starts_with(' '));
            let addresses = hops.flat_map(str::split_whitespace).filter(|word| word.starts_with("192."));
            for address in addresses {
                assert!(
                    known.contains(&address.trim_end_matches([':', ','])),
                    "{args} {round}: {address} in\n{printed}"
                );
            }
        }
    }
    println!("{runs} traces over damaged answers");
}

#[test]
fn crafted_extensions_are_shown_by_number_and_never_raw() {
    // "Time exceeded" with an interface object whose name would clear the screen.
    let printed = trace("-m 1 -q 1 server", |message| {
        let quote: Vec<u8> = message[8..].to_vec();
        let interface = wire::extensions::InterfaceInformation {
            name: Some(b"\x1b[2Jeth0\n"),
            ..wire::extensions::InterfaceInformation::new(wire::extensions::Role::Incoming)
        };
        let objects = [wire::extensions::Object::Interface(interface)];
        *message = wire::extensions::message(11, 0, [0; 4], &quote, &objects);
        Fate::Pass
    });
    assert!(printed.contains(r"<IN:\u{1b}[2Jeth0\u{a}>"), "{printed}");
}
