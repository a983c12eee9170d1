//! Lab 4: ARP (RFC 826), and who else answers.

mod scenario;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, Place};
use host::lab::Value;
use std::net::Ipv4Addr;
use wire::Mac;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet};

const FIGURE: &str =
    "RFC 826: to all stations; hardware type 1, protocol type 0800, lengths 6 and 4, operation 1, sender, target";
const BELIEVED: &str =
    "RFC 826, packet reception: operation 2 is a reply, and the sender's pair in it is what it tells";
const OF_THE_TARGET: &str = "RFC 826: it answers for the sender's protocol address, whoever asked";
const NO_ANSWER: &str = "RFC 826: this is no reply of the target about IPv4 on an Ethernet";
const PADDED: &str = "RFC 894: a short frame is padded to 60 bytes, and what is behind the packet is nothing";
const EACH: &str = "RFC 826: whoever says to have the address answers, and nothing says that this is but one";
const QUIET: &str = "RFC 826 has no word for no: nobody there is a second without an answer";

/// A frame with an ARP packet for IPv4.
const LAYOUT: &[Place] = &[
    Place("Ethernet destination", 0, 6),
    Place("Ethernet source", 6, 6),
    Place("EtherType", 12, 2),
    Place("hardware type", 14, 2),
    Place("protocol type", 16, 2),
    Place("hardware length", 18, 1),
    Place("protocol length", 19, 1),
    Place("operation", 20, 2),
    Place("sender hardware address", 22, 6),
    Place("sender protocol address", 28, 4),
    Place("target hardware address", 32, 6),
    Place("target protocol address", 38, 4),
];

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    Some(match check {
        "request" => vec![Part::Asks(request(draw))],
        "answer" => vec![Part::Asks(answer(draw))],
        "reply" | "silence" | "two-answers" | "noise" => vec![Part::Cases(scenario::answers)],
        "pace" => vec![Part::Cases(scenario::answers_at_an_even_pace)],
        _ => return None,
    })
}

fn text(mac: Mac) -> Value {
    mac.to_string().as_str().into()
}

/// The address of one station.
fn station(draw: &mut Draw) -> Mac {
    let [_, _, a, b] = draw.address().octets();
    Mac([2, draw.byte(), draw.byte(), a, b, draw.byte()])
}

fn request(mut draw: Draw) -> Vec<Ask> {
    let ask = |_| {
        let (mac, addr, target) = (station(&mut draw), draw.address(), draw.address());
        let header = Ethernet { destination: Mac::BROADCAST, source: mac, ethertype: ethernet::ARP };
        let mut right = vec![];
        for target_mac in [Mac::ZERO, Mac::BROADCAST] {
            let arp = Arp { target_mac, ..Arp::request(mac, addr, target) }.bytes();
            // Who pads it does the card's work; who does not lets the card do it.
            right.push([&header.bytes()[..], &arp].concat());
            right.push(header.frame(&arp));
        }
        Ask {
            function: "request",
            arguments: vec![("mac", text(mac)), ("addr", addr.into()), ("target", target.into())],
            expected: Expected::OneOf(right, LAYOUT),
            why: FIGURE,
        }
    };
    (0..20).map(ask).collect()
}

fn answer(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for _ in 0..8 {
        let (own, addr) = (station(&mut draw), draw.address());
        let (mac, target) = (station(&mut draw), draw.address());
        let mut ask = |frame: Vec<u8>, expected: Option<Mac>, why| {
            let expected = match expected {
                Some(mac) => Expected::Is(text(mac)),
                None => Expected::IsOrMalformed(Value::Nothing),
            };
            let arguments = vec![("frame", frame.into()), ("target", target.into())];
            asks.push(Ask { function: "answer", arguments, expected, why });
        };
        let header = Ethernet { destination: own, source: mac, ethertype: ethernet::ARP };
        let framed = |header: Ethernet, arp: Arp| [&header.bytes()[..], &arp.bytes()].concat();
        let reply = Arp::request(own, addr, target).reply_from(mac);
        let right = framed(header, reply);
        ask(right.clone(), Some(mac), BELIEVED);
        ask(header.frame(&reply.bytes()), Some(mac), PADDED);
        let other = station(&mut draw);
        ask(framed(Ethernet { source: other, ..header }, reply), Some(mac), BELIEVED);

        let wrong = [
            Arp { sender: Ipv4Addr::from(u32::from(target) ^ 1 << draw.below(32)), ..reply },
            Arp { sender: addr, target, ..reply },
            Arp { operation: 0, ..reply },
        ];
        wrong.into_iter().for_each(|arp| ask(framed(header, arp), None, OF_THE_TARGET));
        let question = Arp { operation: arp::REQUEST, ..reply };
        ask(framed(header, question), None, BELIEVED);
        let wrong = [
            Arp { protocol_type: 0x86dd, ..reply },
            Arp { hardware_type: 6, ..reply },
            Arp { protocol_length: 16, ..reply },
        ];
        wrong.into_iter().for_each(|arp| ask(framed(header, arp), None, NO_ANSWER));
        ask(framed(Ethernet { ethertype: ethernet::IPV4, ..header }, reply), None, NO_ANSWER);
        for length in 0..right.len() {
            ask(right.iter().take(length).copied().collect(), None, NO_ANSWER);
        }
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn replies_are_taken_of_which_most_of_what_is_left_is_like() {
        let asks = answer(Draw::new(SEED, "answer"));
        let taken = asks.iter().filter(|ask| matches!(ask.expected, Expected::Is(_))).count();
        assert_eq!((taken, asks.len()), (24, 8 * 53));
    }
}
