//! Lab 2: mask, network, next hop (RFC 4632, RFC 3021, RFC 1122 section 3.3.1.1).

use super::draw::{Draw, SEED};
use crate::check::ask::{Ask, Expected};
use crate::check::{Finding, Observed, Part};
use host::lab::Value;
use std::net::Ipv4Addr;
use wire::arp::{self, Arp};
use wire::ethernet::Ethernet;

const ONES: &str = "RFC 4632 section 3.1: the prefix is the number of ones that the mask has, from the left";
const NO_SUCH: &str = "RFC 4632 section 3.1: an address has 32 bits, so no prefix is longer";
const CLEARED: &str = "RFC 4632 section 3.1: the bits under the mask are the network's, and the others zero";
const TO_ALL: &str = "RFC 1122 section 3.2.1.3: to all hosts of a network, the host part is all ones";
const TWO: &str = "RFC 3021 section 2.1: with /31 both addresses are of hosts; with /32 there is but one";
const LESS_TWO: &str = "RFC 1122 section 3.2.1.3: a host part that is all zeros or all ones is no host's";
const ALIKE: &str = "RFC 1122 section 3.3.1.1: under the mask both are the same, or they are not in one network";
const HOP: &str =
    "RFC 1122 section 3.3.1.1: a destination in a network of ours is sent to itself, any other to a gateway";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    Some(match check {
        "mask" => vec![Part::Asks(masks(draw, seed))],
        "network" => vec![Part::Asks(networks(draw))],
        "hosts" => vec![Part::Asks(hosts(seed))],
        "same-subnet" => vec![Part::Asks(same_subnet(draw))],
        "next-hop" => vec![Part::Asks(next_hops(draw))],
        "on-the-wire" => vec![Part::Cases(asked_for)],
        _ => return None,
    })
}

/// The mask, one bit after the other, as nobody would write it who has a shift.
fn mask(prefix: u8) -> u32 {
    (0..32).rev().take(usize::from(prefix)).fold(0, |mask, bit| mask | 1 << bit)
}

fn prefixes() -> impl Iterator<Item = u8> {
    [24, 25, 8].into_iter().chain(0..=32)
}

/// Those that are asked for by themselves. There are but 33, so everybody sees some of them only, with the borders, and all are asked for
/// when it is graded: who wrote down the answers to what is seen has not written a function.
fn prefixes_of(seed: u64) -> Vec<u8> {
    match seed {
        SEED => vec![24, 25, 8, 0, 1, 7, 9, 15, 16, 17, 23, 26, 30, 31, 32],
        _ => prefixes().collect(),
    }
}

fn masks(mut draw: Draw, seed: u64) -> Vec<Ask> {
    let ask = |prefix: u8, expected: Value, why| Ask {
        function: "mask",
        arguments: vec![("prefix", prefix.into())],
        expected: Expected::Is(expected),
        why,
    };
    let right = prefixes_of(seed).into_iter().map(|prefix| ask(prefix, Ipv4Addr::from(mask(prefix)).into(), ONES));
    let drawn = [0; 4].map(|_| 33 + draw.byte() % 223);
    right.chain([33, 64, 255].into_iter().chain(drawn).map(|prefix| ask(prefix, Value::Nothing, NO_SUCH))).collect()
}

fn networks(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for prefix in prefixes().chain([30, 31, 32]) {
        let (addr, mask) = (draw.address(), mask(prefix));
        let ask = |function, expected: Option<u32>, why| Ask {
            function,
            arguments: vec![("addr", addr.into()), ("prefix", prefix.into())],
            expected: Expected::Is(expected.map(Ipv4Addr::from).into()),
            why,
        };
        asks.push(ask("network", Some(u32::from(addr) & mask), CLEARED));
        let last = (prefix < 31).then(|| u32::from(addr) | !mask);
        asks.push(ask("broadcast", last, if last.is_some() { TO_ALL } else { TWO }));
    }
    asks
}

fn hosts(seed: u64) -> Vec<Ask> {
    let ask = |prefix: u8| {
        let addresses = u64::from(u32::MAX - mask(prefix)) + 1;
        let (hosts, why) = if prefix > 30 { (addresses, TWO) } else { (addresses - 2, LESS_TWO) };
        Ask { function: "hosts", arguments: vec![("prefix", prefix.into())], expected: Expected::Is(hosts.into()), why }
    };
    prefixes_of(seed).into_iter().map(ask).collect()
}

fn same_subnet(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let mut ask = |a: u32, b: u32, prefix: u8| {
        let same = a & mask(prefix) == b & mask(prefix);
        let (a, b) = (Ipv4Addr::from(a), Ipv4Addr::from(b));
        let arguments = vec![("a", a.into()), ("b", b.into()), ("prefix", prefix.into())];
        asks.push(Ask { function: "same_subnet", arguments, expected: Expected::Is(same.into()), why: ALIKE });
    };
    for prefix in [24, 26, 17, 9, 31, 32, 0].into_iter().chain(0..=32) {
        let (addr, mask) = (u32::from(draw.address()), mask(prefix));
        let (first, last) = (addr & mask, addr | !mask);
        // Both ends of a network, and at each end the next address beyond.
        ask(first, last, prefix);
        ask(addr, addr, prefix);
        ask(last, last.wrapping_add(1), prefix);
        ask(first, first.wrapping_sub(1), prefix);
        ask(addr, draw.address().into(), prefix);
    }
    asks
}

fn next_hops(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for prefix in [24, 26, 17, 9, 30] {
        let (one, other) = (draw.address(), Ipv4Addr::from(u32::from(draw.address()) ^ 1 << 31));
        let other = if u32::from(one) >> 23 == u32::from(other) >> 23 { draw.address() } else { other };
        let gateway = Ipv4Addr::from(u32::from(one) & mask(prefix) | 1);
        let (near, beside) = (u32::from(one) ^ 2, u32::from(other) ^ 2);
        let beyond = (u32::from(one) | !mask(prefix)).wrapping_add(1);
        for own in [vec![one], vec![one, other], vec![other, one]] {
            for gateway in [Some(gateway), None] {
                for dst in [near, beyond, beside, draw.address().into()] {
                    let is_near = own.iter().any(|own| (u32::from(*own) ^ dst) & mask(prefix) == 0);
                    let dst = Ipv4Addr::from(dst);
                    let listed = own.iter().map(|own| format!("{own}/{prefix}").as_str().into()).collect();
                    asks.push(Ask {
                        function: "next_hop",
                        arguments: vec![("own", Value::List(listed)), ("gateway", gateway.into()), ("dst", dst.into())],
                        expected: Expected::Is(if is_near { Some(dst) } else { gateway }.into()),
                        why: HOP,
                    });
                }
            }
        }
    }
    asks
}

/// In all networks of the cases the prefix is this one.
const PREFIX: u8 = 24;

/// The question that left asks for the next hop, and there is none where there is no way.
fn asked_for(observed: &Observed<'_>) -> Result<(), Finding> {
    let words: Vec<Option<Ipv4Addr>> = observed.case.arguments.iter().map(|word| word.parse().ok()).collect();
    let (target, gateway) = (words.first().copied().flatten(), words.last().copied().flatten());
    let asked = observed.log.iter().find(|packet| packet.sent);
    let Some(asked) = asked else {
        // A target alone and none of ours: there is no way, and what was told is compared with the transcript.
        return if words.len() == 1 {
            Ok(())
        } else {
            Err(Finding::of([("", "no question left".into()), ("", HOP.into())]))
        };
    };
    let question = Ethernet::take(&asked.bytes).and_then(|(_, packet)| Arp::parse(packet)).map(|(arp, _)| arp);
    let expected = |arp: &Arp| match target {
        Some(target) if (u32::from(arp.sender) ^ u32::from(target)) & mask(PREFIX) == 0 => Some(target),
        _ => gateway.filter(|_| words.len() > 1),
    };
    match question {
        Ok(arp) if arp.operation == arp::REQUEST && Some(arp.target) == expected(&arp) => Ok(()),
        Ok(arp) => Err(Finding::of([
            ("expected", expected(&arp).map_or("no question".into(), |hop| format!("a question for {hop}"))),
            ("got", format!("a question for {}", arp.target)),
            ("", HOP.into()),
        ])),
        Err(_) => {
            Err(Finding::of([("", "what left is no question of ARP".into()), ("", crate::check::hex(&asked.bytes))]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_those_that_people_know_by_heart() {
        let known =
            [(0, "0.0.0.0"), (8, "255.0.0.0"), (9, "255.128.0.0"), (26, "255.255.255.192"), (32, "255.255.255.255")];
        for (prefix, expected) in known {
            assert_eq!(Ipv4Addr::from(mask(prefix)).to_string(), expected);
        }
    }

    #[test]
    fn each_answer_of_a_yes_and_no_is_asked_for_often() {
        let asks = same_subnet(Draw::new(SEED, "same-subnet"));
        let yes = asks.iter().filter(|ask| matches!(ask.expected, Expected::Is(Value::Flag(true)))).count();
        assert!(yes > 50 && asks.len() - yes > 50, "{yes} of {}", asks.len());
        let asks = next_hops(Draw::new(SEED, "next-hop"));
        let nowhere = asks.iter().filter(|ask| matches!(ask.expected, Expected::Is(Value::Nothing))).count();
        assert!(nowhere > 10 && asks.len() - nowhere > 50, "{nowhere} of {}", asks.len());
    }
}
