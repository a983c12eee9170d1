//! Lab 3: the Internet checksum (RFC 1071, RFC 1624), and an IPv4 header (RFC 791 section 3.1).

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected, IPV4};
use host::lab::Value;
use wire::checksum::Checksum;
use wire::ipv4::Ipv4;

const NETWORK_ORDER: &str = "RFC 791 appendix B: the first byte is the more significant one";
const CARRY: &str = "RFC 1071 section 1: carries are added in again, until there is none";
const PADDING: &str = "RFC 1071 section 1: an odd last byte is padded with a zero byte behind it";
const COMPLEMENT: &str = "RFC 1071 section 1: the field holds the complement of the sum";
const VERIFIES: &str = "RFC 1071 section 1: right is what sums to all ones, checksum included";
const UPDATE: &str = "RFC 1624 section 3: HC' = ~(~HC + ~m + m')";
const CORNER: &str =
    "RFC 1624 section 4: the equation of RFC 1141 gives ffff here, which no sum over a header comes to";
const HEADER: &str = "RFC 791 section 3.1: the header's figure";
const LENGTHS: &str = "RFC 791 section 3.1: IHL counts the header, total length header and data";
const SILENT: &str = "RFC 1122 section 3.2.1.2: a host must verify the header checksum, and discard what has a bad one";
const VERSION: &str = "RFC 1122 section 3.2.1.1: a packet whose version is not 4 must be discarded";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "words" => words(draw),
        "carry" => carry(draw),
        "odd" => odd(draw),
        "complement" => complement(draw),
        "verify" => verify(draw),
        "update" => update(draw),
        "emit" => emit(draw),
        "parse" => parse(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

fn summed(data: &[u8]) -> u16 {
    !Checksum::default().add(data).finish()
}

fn sum(data: Vec<u8>, why: &'static str) -> Ask {
    let expected = Expected::Is(Value::Word(summed(&data)));
    Ask { function: "sum", arguments: vec![("data", data.into())], expected, why }
}

/// Bytes of this length whose words, padded if need be, sum to ffff at most: there is no carry, whatever one does with it.
fn without_carry(draw: &mut Draw, count: usize) -> Vec<u8> {
    let mut left = 0xffff_u64;
    let mut data = vec![];
    for at in (0..count).step_by(2) {
        let words_to_come = u64::try_from((count - at).div_ceil(2)).unwrap_or(1);
        let word = draw.below(left / words_to_come + 1);
        let [high, low] = u16::try_from(word).unwrap_or(0).to_be_bytes();
        // The last byte of an odd length counts as a high half, and as what it is to whoever pads before it.
        let is_half = at + 1 == count;
        left -= if is_half { u64::from(high) << 8 } else { word };
        data.extend([high, low].iter().take(count - at));
    }
    data
}

fn words(mut draw: Draw) -> Vec<Ask> {
    let lengths = (0..=64).step_by(2).chain([100, 512, 1000, 1480, 1500]);
    let fixed = [vec![0x12, 0x34], vec![0x12, 0x34, 0x01, 0x02]];
    let drawn: Vec<Vec<u8>> = lengths.map(|length| without_carry(&mut draw, length)).collect();
    // The empty sum is zero, and says nothing: what is right for two bytes comes first.
    fixed.into_iter().chain(drawn).map(|data| sum(data, NETWORK_ORDER)).collect()
}

fn carry(mut draw: Draw) -> Vec<Ask> {
    let mut built = vec![vec![0xff, 0xff, 0x00, 0x01], vec![0x80, 0x00, 0x80, 0x00], vec![0xff; 4]];
    // k times ffff and then k − 1 make k · 65536 − 1: folded once that is 65535 + (k − 1), which carries again.
    for k in 2..40_u16 {
        let mut data = vec![0xff; usize::from(k) * 2];
        data.extend((k - 1).to_be_bytes());
        built.push(data);
    }
    let lengths = (2..=40).step_by(2).chain([200, 1000, 1500]);
    built.extend(lengths.map(|length| draw.bytes(length)).collect::<Vec<_>>());
    built.push(vec![0xff; 1 << 16]);
    built.into_iter().map(|data| sum(data, CARRY)).collect()
}

fn odd(mut draw: Draw) -> Vec<Ask> {
    let lengths = (1..=41).step_by(2).chain([99, 555, 1001, 1499]);
    let mut built = vec![vec![0x95], vec![0x00, 0x01, 0x02], vec![0x12, 0x34, 0x56]];
    built.extend(
        lengths
            .map(|length| without_carry(&mut draw, length))
            .filter(|data| data.last() != Some(&0))
            .collect::<Vec<_>>(),
    );
    built.into_iter().map(|data| sum(data, PADDING)).collect()
}

fn complement(mut draw: Draw) -> Vec<Ask> {
    let lengths = (2..=40).step_by(2).chain([20, 60, 1000, 1500]);
    let data: Vec<Vec<u8>> = [vec![0, 0]].into_iter().chain(lengths.map(|length| draw.bytes(length))).collect();
    let ask = |data: Vec<u8>| {
        let expected = Expected::Is(Value::Word(!summed(&data)));
        Ask { function: "checksum", arguments: vec![("data", data.into())], expected, why: COMPLEMENT }
    };
    data.into_iter().map(ask).collect()
}

fn verify(mut draw: Draw) -> Vec<Ask> {
    let ask = |data: Vec<u8>, right: bool| Ask {
        function: "verify",
        arguments: vec![("data", data.into())],
        expected: Expected::Is(right.into()),
        why: VERIFIES,
    };
    let mut asks = vec![];
    for length in (2..=40).step_by(2).chain([1500]) {
        let mut data = draw.bytes(length);
        data.extend((!summed(&data)).to_be_bytes());
        asks.push(ask(data.clone(), true));
        let (at, bit) = (draw.index(data.len()), draw.below(8));
        if let Some(byte) = data.get_mut(at) {
            *byte ^= 1 << bit;
        }
        asks.push(ask(data, false));
    }
    asks.extend([2, 20].map(|length| ask(vec![0; length], false)));
    asks
}

fn update(mut draw: Draw) -> Vec<Ask> {
    let ask = |checksum: u16, old: u16, new: u16, expected: u16, why| Ask {
        function: "update",
        arguments: vec![("checksum", Value::Word(checksum)), ("old", Value::Word(old)), ("new", Value::Word(new))],
        expected: Expected::Is(Value::Word(expected)),
        why,
    };
    let mut asks = vec![];
    // A router's step on drawn headers: the word of TTL and protocol, and the TTL one less.
    for _ in 0..40 {
        let header =
            Ipv4 { ttl: 2 + draw.byte() % 254, identification: draw.word(), ..drawn(&mut draw) }.sealed(&[], 0);
        let after = Ipv4 { ttl: header.ttl - 1, ..header }.sealed(&[], 0);
        let word = |header: &Ipv4| u16::from_be_bytes([header.ttl, header.protocol]);
        asks.push(ask(header.checksum, word(&header), word(&after), after.checksum, UPDATE));
    }
    // Any word of a header, to any other, so that the difference borrows.
    for _ in 0..100 {
        let header = drawn(&mut draw).sealed(&[], 0);
        let after = Ipv4 { identification: draw.word(), ..header }.sealed(&[], 0);
        asks.push(ask(header.checksum, header.identification, after.identification, after.checksum, UPDATE));
    }
    // 10000, no more and no less, has a carry too: 8000 + 4000 + 4000.
    asks.push(ask(!0x8000, !0x4000, 0x4000, !0x0001, UPDATE));
    asks.push(ask(0xdd2f, 0x5555, 0x3285, 0x0000, CORNER));
    asks
}

fn drawn(draw: &mut Draw) -> Ipv4 {
    let protocol = [1, 6, 17, 89].get(draw.index(4)).copied().unwrap_or(17);
    Ipv4 {
        dscp: draw.byte() >> 2,
        ecn: draw.byte() & 3,
        identification: draw.word(),
        dont_fragment: draw.byte() & 1 == 1,
        ttl: 1 + draw.byte() % 255,
        ..Ipv4::new(draw.address(), draw.address(), protocol)
    }
}

/// The fields that a learner's header has, in their order.
fn fields(header: &Ipv4) -> [(&'static str, Value); 7] {
    let bytes = header.bytes();
    let [_, tos, _, _, _, _, high, low, ..] = bytes;
    [
        ("tos", tos.into()),
        ("ident", Value::Word(header.identification)),
        ("flags_offset", Value::Word(u16::from_be_bytes([high, low]))),
        ("ttl", header.ttl.into()),
        ("protocol", header.protocol.into()),
        ("src", header.source.into()),
        ("dst", header.destination.into()),
    ]
}

fn emit(mut draw: Draw) -> Vec<Ask> {
    let lengths = (0..=24).chain([100, 555, 1000, 1479, 1480]);
    let ask = |length: usize| {
        let (header, payload) = (drawn(&mut draw), draw.bytes(length));
        let expected = Expected::Bytes(header.packet(&payload), IPV4);
        let arguments = fields(&header).into_iter().chain([("payload", payload.into())]).collect();
        Ask { function: "emit", arguments, expected, why: HEADER }
    };
    lengths.map(ask).collect()
}

fn parse(mut draw: Draw) -> Vec<Ask> {
    let ask = |packet: Vec<u8>, expected: Expected, why| Ask {
        function: "parse",
        arguments: vec![("packet", packet.into())],
        expected,
        why,
    };
    let mut asks = vec![];
    for length in (0..=20).chain([555, 1480]) {
        let (header, payload) = (drawn(&mut draw), draw.bytes(length));
        let packet = header.packet(&payload);
        let record = || {
            let fields = fields(&header).into_iter().chain([("payload", payload.clone().into())]);
            Value::Record("packet".into(), fields.map(|(name, value)| (name.to_string(), value)).collect())
        };
        asks.push(ask(packet.clone(), Expected::Is(record()), HEADER));
        // An Ethernet frame is padded to 60 bytes: what stands behind the total length is no payload.
        asks.push(ask([&packet[..], &[0; 18]].concat(), Expected::Is(record()), LENGTHS));

        let wrong = |wrong: Ipv4| [&wrong.bytes()[..], &payload].concat();
        let sealed = |header: Ipv4| Ipv4 { checksum: header.sum(&[]), ..header };
        let right = header.sealed(&[], length);
        let beyond = right.total_length + 1 + u16::from(draw.byte());
        let cases = [
            (wrong(Ipv4 { checksum: right.checksum ^ 1 << draw.below(16), ..right }), SILENT),
            (wrong(sealed(Ipv4 { version: 6, ..right })), VERSION),
            (wrong(sealed(Ipv4 { ihl: 4, ..right })), LENGTHS),
            (wrong(sealed(Ipv4 { total_length: 19, ..right })), LENGTHS),
            (wrong(sealed(Ipv4 { total_length: beyond, ..right })), LENGTHS),
            (packet.get(..draw.index(20)).unwrap_or_default().to_vec(), LENGTHS),
        ];
        asks.extend(cases.map(|(packet, why)| ask(packet, Expected::Malformed, why)));
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    /// The sum as a table of its own, word by word, with each carry added in at once.
    fn by_hand(data: &[u8]) -> u16 {
        data.chunks(2).fold(0, |sum: u16, word| {
            let word = u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)]);
            let (sum, carried) = sum.overflowing_add(word);
            sum + u16::from(carried)
        })
    }

    fn data(ask: &Ask) -> Vec<u8> {
        let Value::Bytes(data) = &ask.arguments[0].1 else { panic!("{ask:?}") };
        data.clone()
    }

    fn plain(data: &[u8]) -> u64 {
        data.chunks(2).map(|word| u64::from(u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)]))).sum()
    }

    #[test]
    fn sums_that_are_expected_are_those_of_another_hand() {
        for check in ["words", "carry", "odd"] {
            let asks = match parts(check, SEED).unwrap().remove(0) {
                Part::Asks(asks) => asks,
                Part::Cases(_) | Part::CasesBeside(..) => panic!("{check} has no cases"),
            };
            for ask in &asks {
                let Expected::Is(Value::Word(expected)) = ask.expected else { panic!("{ask:?}") };
                assert_eq!(by_hand(&data(ask)), expected, "{ask:?}");
            }
            let with_carry = asks.iter().filter(|ask| plain(&data(ask)) > 0xffff).count();
            assert_eq!(with_carry == 0, check != "carry", "{check}: {with_carry} have a carry");
        }
    }

    #[test]
    fn a_sum_that_carries_after_the_first_fold_is_among_those_asked() {
        let twice = |ask: &Ask| {
            let plain = plain(&data(ask));
            (plain & 0xffff) + (plain >> 16) > 0xffff
        };
        assert!(carry(Draw::new(SEED, "carry")).iter().filter(|ask| twice(ask)).count() > 30);
    }
}
