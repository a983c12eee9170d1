//! What holds for any bytes and any values: reading and writing are inverse to each other, and sums are what RFC 1071 says.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::arp::Arp;
use wire::checksum::{self, Checksum};
use wire::ethernet::{Ethernet, Tag};
use wire::fields::{Bits, Field};
use wire::icmp::{Echo, Icmp, ParameterProblem, Redirect, TimeExceeded, Unreachable};
use wire::ipv4::Ipv4;
use wire::options::{self, Options};
use wire::udp::Udp;

/// The bits of `field` in `bytes`, one by one.
fn bits(bytes: &[u8], field: &Field) -> u64 {
    (field.bit..field.bit + field.bits)
        .fold(0, |value, bit| value << 1 | u64::from(bytes[bit / 8] >> (7 - bit % 8) & 1))
}

fn mask(field: &Field) -> u64 {
    u64::MAX >> (64 - field.bits)
}

/// For each header: random bytes to fields to bytes; and random fields to bytes to fields, each at the bits that its row names
/// and, where its value is too wide for them, nowhere else.
macro_rules! inverse {
    ($($test:ident: $Header:ident { $($field:ident),* };)*) => { proptest! { $(
        #[test]
        fn $test(
            bytes: [u8; $Header::LEN],
            behind in vec(any::<u8>(), 0..4),
            numbers in vec(any::<u64>(), $Header::FIELDS.len()),
            too_wide: bool,
        ) {
            let input = [&bytes[..], &behind].concat();
            let (header, rest) = $Header::take(&input).unwrap();
            let mut output = vec![0xa5; input.len()];
            header.emit(&mut output).unwrap().copy_from_slice(rest);
            prop_assert_eq!(output, input);

            let rows = $Header::FIELDS.iter().zip(numbers);
            let mut drawn = rows.map(|(row, number)| if too_wide { number } else { number & mask(row) });
            let drawn = $Header { $($field: Bits::from_bits(drawn.next().unwrap())),* };
            let emitted = drawn.bytes();
            let values = [$(Bits::to_bits(drawn.$field)),*];
            prop_assert_eq!(values.len(), $Header::FIELDS.len());
            for (row, value) in $Header::FIELDS.iter().zip(values) {
                prop_assert_eq!(bits(&emitted, row), value & mask(row), "{}", row.name);
            }
            let read = $Header::read(&emitted);
            prop_assert_eq!(read.bytes(), emitted);
            if !too_wide {
                prop_assert_eq!(read, drawn);
            }
            prop_assert!($Header::take(&bytes[1..]).is_err());
            prop_assert!(drawn.emit(&mut [0; $Header::LEN - 1]).is_none());
        }
    )* } };
}

inverse! {
    ethernet_is_emitted_as_it_was_parsed: Ethernet { destination, source, ethertype };
    tag_is_emitted_as_it_was_parsed: Tag { priority, drop_eligible, vlan, ethertype };
    arp_is_emitted_as_it_was_parsed: Arp {
        hardware_type, protocol_type, hardware_length, protocol_length, operation, sender_mac, sender, target_mac, target
    };
    ipv4_is_emitted_as_it_was_parsed: Ipv4 {
        version, ihl, dscp, ecn, total_length, identification, reserved, dont_fragment, more_fragments, fragment_offset, ttl,
        protocol, checksum, source, destination
    };
    icmp_is_emitted_as_it_was_parsed: Icmp { kind, code, checksum };
    echo_is_emitted_as_it_was_parsed: Echo { identifier, sequence };
    unreachable_is_emitted_as_it_was_parsed: Unreachable { unused, length, next_hop_mtu };
    time_exceeded_is_emitted_as_it_was_parsed: TimeExceeded { unused, length, zero };
    parameter_problem_is_emitted_as_it_was_parsed: ParameterProblem { pointer, length, zero };
    redirect_is_emitted_as_it_was_parsed: Redirect { gateway };
    udp_is_emitted_as_it_was_parsed: Udp { source_port, destination_port, length, checksum };
}

/// RFC 1071 section 1 word for word: 16-bit words in network byte order, each carry added back as it comes.
fn naive(bytes: &[u8]) -> u16 {
    !bytes.chunks(2).fold(0u16, |sum, pair| {
        let word = u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]);
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}

#[test]
fn checksum_is_the_naive_one_at_every_length_and_alignment() {
    let bytes: Vec<u8> = (0..2000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (start, len) in (0..=1600).flat_map(|len| [(0, len), (1, len), (2, len), (3, len)]) {
        let bytes = &bytes[start..start + len];
        assert_eq!(Checksum::default().add(bytes).finish(), naive(bytes), "{len} bytes from {start}");
    }
    // Where the sums of 16 and of 32 bits could run over.
    for len in [0xfffe, 0xffff, 0x1_0000, 0x1_0001, 0x1_ffff, 0x2_0000, 0x2_0001, 0x2_0002, 0x2_0003, 0x5_0001] {
        let bytes = vec![0xff; len];
        assert_eq!(Checksum::default().add(&bytes).finish(), naive(&bytes), "{len} bytes of 0xff");
    }
}

proptest! {
    #[test]
    fn pieces_add_up_to_the_whole(pairs in vec(vec(any::<[u8; 2]>(), 0..40), 0..5), last in vec(any::<u8>(), 0..40)) {
        let mut pieces: Vec<Vec<u8>> = pairs.iter().map(|pairs| pairs.concat()).collect();
        pieces.push(last);
        let sum = pieces.iter().fold(Checksum::default(), |sum, piece| sum.add(piece));
        prop_assert_eq!(sum.finish(), naive(&pieces.concat()));
    }

    #[test]
    fn updated_checksum_is_the_one_computed_anew(
        mut words in vec(any::<u16>(), 2..40), which: prop::sample::Index, new in prop_oneof![any::<u16>(), Just(0), Just(0xffff)],
    ) {
        // One word that stays is not zero, as in every header: a sum over nothing but zeros has two values.
        words.push(0x4500);
        let at = which.index(words.len() - 1);
        let bytes = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let before = naive(&bytes(&words));
        let old = std::mem::replace(&mut words[at], new);
        prop_assert_eq!(checksum::update(before, old, new), naive(&bytes(&words)));
    }

    #[test]
    fn pseudo_header_is_summed_as_it_is_drawn(
        v4: [[u8; 4]; 2], v6: [[u8; 16]; 2], protocol: u8, payload in vec(any::<u8>(), 0..64),
    ) {
        let len = payload.len() as u16;
        let [source, destination] = v4.map(|address| IpAddr::from(Ipv4Addr::from(address)));
        // RFC 768: source, destination, zero, protocol, UDP length.
        let drawn = [&v4.concat(), &[0, protocol][..], &len.to_be_bytes(), &payload].concat();
        let sum = Checksum::default().pseudo_header(source, destination, protocol, payload.len()).add(&payload);
        prop_assert_eq!(sum.finish(), naive(&drawn));

        let [source, destination] = v6.map(|address| IpAddr::from(Ipv6Addr::from(address)));
        // RFC 8200 section 8.1: source, destination, length in 32 bits, three zeros, next header.
        let drawn = [&v6.concat(), &[0, 0][..], &len.to_be_bytes(), &[0, 0, 0, protocol], &payload].concat();
        let sum = Checksum::default().pseudo_header(source, destination, protocol, payload.len()).add(&payload);
        prop_assert_eq!(sum.finish(), naive(&drawn));
    }

    #[test]
    fn options_are_walked_to_an_end_in_any_bytes(bytes in vec(prop_oneof![0u8..8, any::<u8>()], 0..64)) {
        let mut options = Options::new(&bytes);
        let mut rest = &bytes[..];
        while let Some(Ok(option)) = options.by_ref().next() {
            let filler = option.kind == options::NO_OPERATION;
            let written = if filler { vec![1] } else { [&[option.kind, option.data.len() as u8 + 2], option.data].concat() };
            rest = rest.strip_prefix(&written[..]).expect("an option is what stands there");
        }
        // It ended at the end, at an end-of-list, or at an option that does not fit.
        let is_end = match rest {
            [] | [options::END, ..] => true,
            [options::NO_OPERATION, ..] => false,
            [_] => true,
            [_, len, ..] => !(2..=rest.len()).contains(&usize::from(*len)),
        };
        prop_assert!(is_end, "the walk ended before {:?}", rest);
        prop_assert_eq!(options.next(), None);
    }
}
