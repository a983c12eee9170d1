//! Lab 5: ping (RFC 792 page 14, RFC 1122 section 3.2.2).

mod scenario;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, ECHO, Expected};
use host::lab::Value;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::icmp::{self, Echo};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const FIGURE: &str =
    "RFC 792 page 14: type 8, code 0, checksum over all of the message, identifier, sequence number, data";
const OURS: &str = "RFC 792 page 14: identifier and sequence number are to match replies with requests";
const OF_THE_TARGET: &str = "RFC 1122 section 3.2.2.6: a reply comes from the address that was asked";
const REPLY: &str = "RFC 792 page 14: type 0 is a reply, and type 8 a request";
const INTACT: &str = "RFC 792 page 14: the checksum covers the whole message; what does not sum up is nobody's";
const OPTIONS: &str = "RFC 791 section 3.1: the message begins at IHL times 4";
const SHORT: &str = "RFC 791 section 3.1: what is not there cannot be read";
const QUOTE: &str = "RFC 792 page 4: an error quotes the IP header and 64 bits more of the packet it is about";
const QUOTED_OPTIONS: &str = "RFC 791 section 3.1: the quoted header has a length of its own";
const TOLD: &str = "RFC 1122 section 3.2.2: what an error quotes says for whom it is";
const NONE: &str = "there is nothing to tell of no times";
const POPULATION: &str = "mdev is √(mean of squares − square of mean), over all times that there are";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    Some(match check {
        "request" => vec![Part::Asks(request(draw))],
        "match" => vec![Part::Asks(matching(draw))],
        "reply" | "late" => vec![Part::Cases(scenario::answers)],
        "loss" => vec![Part::Cases(scenario::answers_at_an_even_pace)],
        "unreachable" => vec![Part::Asks(unreachable(draw)), Part::Cases(scenario::answers)],
        "statistics" => vec![Part::Asks(statistics(draw))],
        _ => return None,
    })
}

fn request(mut draw: Draw) -> Vec<Ask> {
    let ask = |id: u16, seq: u16, payload: Vec<u8>| Ask {
        function: "request",
        expected: Expected::Bytes(icmp::echo_request(id, seq, &payload), ECHO),
        arguments: vec![("id", Value::Word(id)), ("seq", Value::Word(seq)), ("payload", payload.into())],
        why: FIGURE,
    };
    let mut asks = vec![];
    for size in [0, 1, 2, 3, 56, 57, 1472] {
        for seq in [1, 255, 256, 65_535, 0] {
            asks.push(ask(draw.word(), seq, draw.bytes(size)));
        }
    }
    asks
}

/// A ping that is under way: who, whom, and by which number.
struct Ping {
    own: Ipv4Addr,
    dst: Ipv4Addr,
    id: u16,
    seq: u16,
}

impl Ping {
    fn drawn(draw: &mut Draw) -> Self {
        Self { own: draw.address(), dst: draw.address(), id: draw.word(), seq: draw.word() }
    }

    fn echo(&self) -> Echo {
        Echo { identifier: self.id, sequence: self.seq }
    }

    fn classify(&self, packet: Vec<u8>, expected: Expected, why: &'static str) -> Ask {
        let arguments = vec![("packet", packet.into()), ("dst", self.dst.into()), ("id", Value::Word(self.id))];
        Ask { function: "classify", arguments, expected, why }
    }
}

/// A packet with options of no effect, as many words as said.
fn packet(header: &Ipv4, option_words: usize, payload: &[u8]) -> Vec<u8> {
    let options = vec![1; option_words * 4];
    [&header.sealed(&options, payload.len()).bytes(), &options[..], payload].concat()
}

fn not_mine() -> Expected {
    Expected::IsOrMalformed(Value::record("NotMine", []))
}

fn matching(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for size in [0, 1, 8, 56, 57, 1000] {
        let ping = Ping::drawn(&mut draw);
        let ttl = 1 + draw.byte() % 255;
        let header = Ipv4 { ttl, ..Ipv4::new(ping.dst, ping.own, ipv4::ICMP) };
        let data = draw.bytes(size);
        let reply = icmp::echo_reply(ping.echo(), &data);
        let right = || {
            let bytes = Value::from(reply.len());
            Expected::Is(Value::record("Reply", [("seq", ping.seq.into()), ("ttl", ttl.into()), ("bytes", bytes)]))
        };
        asks.push(ping.classify(packet(&header, 0, &reply), right(), OURS));

        let other_id = Echo { identifier: ping.id ^ (1 << draw.below(16)), ..ping.echo() };
        asks.push(ping.classify(packet(&header, 0, &icmp::echo_reply(other_id, &data)), not_mine(), OURS));
        let stranger = Ipv4 { source: Ipv4Addr::from(u32::from(ping.dst) ^ 1), ..header };
        asks.push(ping.classify(packet(&stranger, 0, &reply), not_mine(), OF_THE_TARGET));
        let request = icmp::echo_request(ping.id, ping.seq, &data);
        asks.push(ping.classify(packet(&header, 0, &request), not_mine(), REPLY));

        let mut broken = reply.clone();
        let (at, bit) = (2 + draw.index(broken.len() - 2), draw.below(8));
        broken.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
        asks.push(ping.classify(packet(&header, 0, &broken), not_mine(), INTACT));

        for words in [1, 2, 10] {
            asks.push(ping.classify(packet(&header, words, &reply), right(), OPTIONS));
        }
        // Cut short, and the total length says so; and cut short without a word.
        let cut = |length: usize| packet(&header, 0, reply.get(..length).unwrap_or_default());
        asks.extend((0..8).map(|length| ping.classify(cut(length), not_mine(), SHORT)));
        let whole = packet(&header, 0, &reply);
        let pieces = (0..28).filter_map(|length| whole.get(..length));
        asks.extend(pieces.map(|piece| ping.classify(piece.to_vec(), not_mine(), SHORT)));
    }
    asks
}

/// Types and codes of errors that the lab speaks of.
const ERRORS: [(u8, u8); 8] = [(3, 0), (3, 1), (3, 3), (3, 10), (3, 13), (11, 0), (11, 1), (12, 0)];

fn unreachable(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for (kind, code) in ERRORS {
        let ping = Ping::drawn(&mut draw);
        let router = draw.address();
        let header = Ipv4 { ttl: 1 + draw.byte() % 64, ..Ipv4::new(router, ping.own, ipv4::ICMP) };
        let error = |quote: &[u8]| packet(&header, 0, &icmp::message(kind, code, [0; 4], quote));
        let said = || {
            let fields =
                [("from", router.into()), ("kind", kind.into()), ("code", code.into()), ("seq", ping.seq.into())];
            Expected::Is(Value::record("Error", fields))
        };
        let ours = Ipv4 { ttl: 1, identification: draw.word(), ..Ipv4::new(ping.own, ping.dst, ipv4::ICMP) };
        let request = icmp::echo_request(ping.id, ping.seq, &draw.bytes(56));
        // RFC 792 asks for eight bytes behind the header, RFC 1812 for as many as there is room for.
        let whole = packet(&ours, 0, &request);
        for length in [28, whole.len()] {
            asks.push(ping.classify(error(whole.get(..length).unwrap_or_default()), said(), QUOTE));
        }
        let other_id = icmp::echo_request(ping.id ^ (1 << draw.below(16)), ping.seq, &draw.bytes(56));
        asks.push(ping.classify(error(&packet(&ours, 0, &other_id)), not_mine(), TOLD));
        let elsewhere = Ipv4 { destination: Ipv4Addr::from(u32::from(ping.dst) ^ 1), ..ours };
        asks.push(ping.classify(error(&packet(&elsewhere, 0, &request)), not_mine(), TOLD));
        let datagram = Udp::new(0x0800, 33_434).datagram(ping.own.into(), ping.dst.into(), &draw.bytes(20));
        asks.push(ping.classify(error(&packet(&Ipv4 { protocol: ipv4::UDP, ..ours }, 0, &datagram)), not_mine(), TOLD));

        for words in [1, 10] {
            let quote = packet(&ours, words, &request);
            let quote = quote.get(..20 + words * 4 + 8).unwrap_or_default();
            asks.push(ping.classify(error(quote), said(), QUOTED_OPTIONS));
        }
        let pieces = (0..28).filter_map(|length| whole.get(..length));
        asks.extend(pieces.map(|piece| ping.classify(error(piece), not_mine(), SHORT)));
    }
    asks
}

fn statistics(mut draw: Draw) -> Vec<Ask> {
    let ask = |rtts: &[u64]| {
        let times = rtts.iter().map(|nanos| Duration::from_nanos(*nanos).into()).collect();
        let why = if rtts.is_empty() { NONE } else { POPULATION };
        Ask { function: "statistics", arguments: vec![("rtts", Value::List(times))], expected: summed_up(rtts), why }
    };
    let drawn: Vec<u64> = (0..1000).map(|_| 10_000_000 + draw.below(90_000_000)).collect();
    let mut asks = vec![ask(&[72_000_000]), ask(&[72_000_000, 36_000_000]), ask(&[5_000_000; 3]), ask(&[])];
    asks.extend([3, 10, 100, 1000].map(|count| ask(drawn.get(..count).unwrap_or_default())));
    asks
}

/// Minimum, mean, maximum and deviation of all.
fn summed_up(rtts: &[u64]) -> Expected {
    let (Some(min), Some(max)) = (rtts.iter().min(), rtts.iter().max()) else { return Expected::Is(Value::Nothing) };
    let n = u128::try_from(rtts.len()).unwrap_or(1);
    let sum: u128 = rtts.iter().map(|rtt| u128::from(*rtt)).sum();
    let squares: u128 = rtts.iter().map(|rtt| u128::from(*rtt).pow(2)).sum();
    let time = |nanos: u128| Value::Time(Duration::from_nanos_u128(nanos));
    Expected::Is(Value::record(
        "Rtt",
        [
            ("min", time(u128::from(*min))),
            ("avg", time(sum / n)),
            ("max", time(u128::from(*max))),
            ("mdev", time((n * squares - sum * sum).isqrt() / n)),
        ],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn deviation_of_two_times_is_half_their_distance() {
        let Expected::Is(Value::Record(_, fields)) = summed_up(&[72_000_000, 36_000_000]) else { panic!("a record") };
        let times: Vec<Value> = fields.into_iter().map(|(_, value)| value).collect();
        assert_eq!(times, [36, 54, 72, 18].map(|millis| Value::Time(Duration::from_millis(millis))));
    }

    #[test]
    fn each_check_has_something_to_take_and_something_to_leave() {
        for asks in [matching(Draw::new(SEED, "match")), unreachable(Draw::new(SEED, "unreachable"))] {
            let taken = asks.iter().filter(|ask| matches!(ask.expected, Expected::Is(_))).count();
            assert!(taken > 10 && asks.len() - taken > 100, "{taken} of {}", asks.len());
        }
    }
}
