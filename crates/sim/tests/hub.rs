//! Who hears a frame: the numbers that the networks `hub` and `hub-switched` are made for.

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

use asking::{World, ask, ms};
use host::{Guest, Host, Mac, Packets};
use wire::ethernet::Ethernet;

const B: [u8; 4] = [192, 0, 2, 2];
const STATIONS: [&str; 4] = ["a", "b", "c", "d"];
/// What no node understands: IEEE 802's EtherType for experiments.
const EXPERIMENT: u16 = 0x88b5;

/// The stations of a network, and on each a socket that hears whatever its card does.
struct Stations {
    world: World,
    hosts: Vec<Guest>,
    cards: Vec<Box<dyn Packets>>,
}

impl Stations {
    fn of(net: &str) -> Self {
        let world = World::of(net);
        let mut hosts: Vec<Guest> = STATIONS.iter().map(|name| world.guest(name)).collect();
        let cards = hosts.iter_mut().map(|host| host.open_link("lan").unwrap()).collect();
        Self { world, hosts, cards }
    }

    /// Sends a frame that means nothing to anybody from one station to another; who hears it.
    fn heard(&mut self, from: &str, to: &str) -> Vec<&'static str> {
        let number = |name| STATIONS.iter().position(|own| *own == name).unwrap();
        let mac = |name| Mac([2, 0, 0, 0, 0, 0x0a + number(name) as u8]);
        let frame = Ethernet { destination: mac(to), source: mac(from), ethertype: EXPERIMENT }.frame(b"to whom?");
        self.cards[number(from)].send(None, &frame).unwrap();
        let soon = self.hosts[0].now() + ms(1.0);
        self.hosts[0].sleep(soon).unwrap();
        let mut heard = vec![];
        for (name, card) in STATIONS.into_iter().zip(&mut self.cards) {
            while card.recv(soon).unwrap().is_some() {
                heard.push(name);
            }
        }
        heard
    }
}

#[test]
fn hub_makes_three_copies_of_a_frame_and_learns_nothing() {
    let mut stations = Stations::of("hub");
    for _ in 0..2 {
        assert_eq!(stations.heard("a", "b"), ["b", "c", "d"]);
        assert_eq!(stations.heard("b", "a"), ["a", "c", "d"]);
    }
}

#[test]
fn two_of_three_copies_are_discarded_by_the_address_filter() {
    let Stations { world, mut hosts, mut cards } = Stations::of("hub");
    let mut above: Vec<_> = hosts.iter_mut().map(|host| host.open_raw(1).unwrap()).collect();
    ask(&mut world.guest("a"), B, 1, &[]).reply();
    let now = hosts[0].now();
    let requests = |socket: &mut Box<dyn Packets>, headers: usize| {
        let packets = std::iter::from_fn(|| socket.recv(now).unwrap());
        packets.filter(|packet| packet.bytes.get(headers) == Some(&wire::icmp::ECHO_REQUEST)).count()
    };
    let at_the_card: Vec<usize> = cards.iter_mut().map(|card| requests(card, 14 + 20)).collect();
    let above_it: Vec<usize> = above.iter_mut().map(|socket| requests(socket, 20)).collect();
    assert_eq!(at_the_card, [0, 1, 1, 1], "echo requests that a, b, c and d hear");
    assert_eq!(above_it, [0, 1, 0, 0], "and take");
}

#[test]
fn switch_floods_the_first_frame_to_somebody_unknown_and_then_uses_one_port() {
    let mut stations = Stations::of("hub-switched");
    assert_eq!(stations.heard("a", "b"), ["b", "c", "d"], "b has not spoken yet");
    assert_eq!(stations.heard("b", "a"), ["a"], "a has");
    assert_eq!(stations.heard("a", "b"), ["b"]);
    assert_eq!(stations.heard("c", "d"), ["a", "b", "d"], "nobody has heard of d");
}

#[test]
fn stranger_on_a_switch_hears_only_the_question_who_has_that_address() {
    let heard_by_c = |net: &str| {
        let Stations { world, mut cards, .. } = Stations::of(net);
        let mut a = world.guest("a");
        for sequence in 1..=3 {
            ask(&mut a, B, sequence, &[]).reply();
        }
        let soon = a.now() + ms(1.0);
        let packets = std::iter::from_fn(|| cards[2].recv(soon).unwrap());
        packets.map(|packet| Ethernet::take(&packet.bytes).unwrap().0.ethertype).collect::<Vec<_>>()
    };
    let (arp, ip) = (wire::ethernet::ARP, wire::ethernet::IPV4);
    assert_eq!(heard_by_c("hub-switched"), [arp]);
    assert_eq!(heard_by_c("hub"), [arp, arp, ip, ip, ip, ip, ip, ip]);
}

#[test]
fn crossing_the_box_takes_both_cables() {
    for net in ["hub", "hub-switched"] {
        let world = World::of(net);
        let mut a = world.guest("a");
        let rtts = [1, 2].map(|sequence| ask(&mut a, B, sequence, &[]).reply().rtt);
        assert_eq!(rtts, [ms(0.4), ms(0.2)], "{net}: the first with ARP");
    }
}
