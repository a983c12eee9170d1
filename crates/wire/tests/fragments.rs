//! Fragments that are cut come together again, whatever happens to them on the way; forged ones get nowhere, and a flood of
//! them stays within its limits.

#![expect(
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;
use wire::fragment::{Limits, Outcome, Reassembler, Refusal, cut};
use wire::ipv4::{self, Ipv4};

const START: Duration = Duration::ZERO;

fn header(identification: u16, protocol: u8) -> Ipv4 {
    let header = Ipv4::new([10, 1, 0, 2].into(), [10, 1, 3, 2].into(), protocol);
    Ipv4 { identification, ..header }
}

/// A fragment of UDP that carries `payload` from byte `start` on.
fn fragment(start: usize, more_fragments: bool, payload: &[u8]) -> Vec<u8> {
    let fragment_offset = (start / 8) as u16;
    Ipv4 { fragment_offset, more_fragments, ..header(1, ipv4::UDP) }.packet(payload)
}

fn bytes(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

fn reassembler() -> Reassembler {
    Reassembler::new(Limits::default())
}

fn refused(reassembler: &mut Reassembler, packet: &[u8]) -> Refusal {
    match reassembler.add(START, packet) {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Options whose copies are told apart from those that are not.
fn options() -> impl Strategy<Value = Vec<u8>> {
    let option = (any::<u8>(), vec(any::<u8>(), 0..8)).prop_map(|(kind, data)| match kind {
        0 | 1 => vec![1],
        kind => [&[kind, data.len() as u8 + 2], &data[..]].concat(),
    });
    vec(option, 0..4).prop_map(|options| {
        let mut bytes = options.concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    })
}

proptest! {
    #[test]
    fn pieces_in_any_order_and_with_duplicates_are_the_packet_again(
        options in options(),
        payload in vec(any::<u8>(), 1..4000),
        mtus in vec(68u16..1500, 1..4),
        order in vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let packet = [&header(7, ipv4::UDP).sealed(&options, payload.len()).bytes()[..], &options, &payload].concat();
        let mut fragments = vec![packet.clone()];
        for mtu in mtus {
            fragments = fragments.iter().flat_map(|fragment| cut(fragment, mtu).unwrap()).collect();
            prop_assert!(fragments.iter().all(|fragment| fragment.len() <= usize::from(mtu) && Ipv4::is_intact(fragment)));
        }
        // Some of them in any order and perhaps many times, then all from the last to the first; up to the one that completes.
        let picked = order.iter().map(|index| index.get(&fragments));
        let mut arrivals: Vec<&Vec<u8>> = picked.chain(fragments.iter().rev()).collect();
        let last = fragments.iter().map(|one| arrivals.iter().position(|it| *it == one).unwrap()).max().unwrap();
        arrivals.truncate(last + 1);
        let whole = arrivals.pop().unwrap();
        let mut reassembler = reassembler();
        for fragment in arrivals {
            prop_assert_eq!(reassembler.add(START, fragment), Outcome::Waiting);
        }
        prop_assert_eq!(reassembler.add(START, whole), Outcome::Whole(packet));
        prop_assert_eq!((reassembler.memory(), reassembler.assemblies(), reassembler.next()), (0, 0, None));
    }

    #[test]
    fn whole_packet_is_what_all_its_fragments_say(
        pieces in vec((0usize..6, 1usize..4, any::<bool>(), 0u8..2), 1..9),
    ) {
        let mut reassembler = reassembler();
        let mut seen: Vec<(usize, Vec<u8>, bool)> = vec![];
        for (unit, units, more, fill) in pieces {
            let piece = (unit * 8, vec![fill; units * 8], more);
            if !more && unit == 0 {
                continue;
            }
            // By the rule itself, of each pair: the same fragment, or no byte in common and none behind an end.
            let end = |piece: &(usize, Vec<u8>, bool)| piece.0 + piece.1.len();
            let agree = |one: &(usize, Vec<u8>, bool), other: &(usize, Vec<u8>, bool)| {
                one == other || (end(one) <= other.0 && one.2) || (end(other) <= one.0 && other.2)
            };
            let outcome = reassembler.add(START, &fragment(piece.0, more, &piece.1));
            let all_agree = seen.iter().all(|other| agree(&piece, other));
            seen.push(piece);
            let mut parts = seen.clone();
            parts.sort();
            parts.dedup();
            let is_complete = parts.iter().scan(0, |next, part| Some(part.0 == std::mem::replace(next, end(part)))).all(|is| is)
                && parts.last().is_some_and(|last| !last.2);
            if !all_agree {
                let is_refused = matches!(outcome, Outcome::Refused(Refusal::Overlap | Refusal::OtherEnd));
                prop_assert!(is_refused, "{:?} after {:?}", outcome, seen);
                let again = reassembler.add(START, &fragment(800, true, &[0; 8]));
                prop_assert_eq!(again, Outcome::Refused(Refusal::GivenUp));
                return Ok(());
            }
            if is_complete {
                let payload: Vec<u8> = parts.into_iter().flat_map(|part| part.1).collect();
                prop_assert_eq!(outcome, Outcome::Whole(header(1, ipv4::UDP).packet(&payload)));
                return Ok(());
            }
            prop_assert_eq!(outcome, Outcome::Waiting);
        }
    }

    #[test]
    fn any_fragments_at_all_stay_within_the_limits(
        memory in 0usize..6000,
        assemblies in 0usize..6,
        fragments in vec((0u16..8, 0u16..80, any::<bool>(), 0usize..400, 0u64..40), 0..80),
    ) {
        let limits = Limits { memory, assemblies, time_to_live: Duration::from_millis(100) };
        let mut reassembler = Reassembler::new(limits);
        let mut now = START;
        for (identification, fragment_offset, more_fragments, len, later) in fragments {
            now += Duration::from_millis(later);
            let first_fragments = reassembler.expire(now);
            prop_assert!(first_fragments.iter().all(|first| Ipv4::parse(first).unwrap().0.fragment_offset == 0));
            let header = Ipv4 { fragment_offset, more_fragments, ..header(identification, ipv4::UDP) };
            let outcome = reassembler.add(now, &header.packet(&vec![0; len]));
            prop_assert!(reassembler.memory() <= memory && reassembler.assemblies() <= assemblies, "{:?}", reassembler);
            prop_assert!(reassembler.next().is_none_or(|due| due > now), "{:?}", reassembler);
            prop_assert!(outcome != Outcome::Waiting || reassembler.assemblies() > 0);
            prop_assert_eq!(reassembler.assemblies() == 0, reassembler.memory() == 0);
        }
        reassembler.expire(now + limits.time_to_live);
        prop_assert_eq!((reassembler.memory(), reassembler.assemblies()), (0, 0));
    }
}

#[test]
fn three_fragments_of_the_two_small_links_are_the_packet_of_1500_bytes() {
    let packet = header(0x1234, ipv4::ICMP).packet(&bytes(1480));
    let fragments: Vec<Vec<u8>> =
        cut(&packet, 1400).unwrap().iter().flat_map(|fragment| cut(fragment, 1280).unwrap()).collect();
    assert_eq!(fragments.iter().map(Vec::len).collect::<Vec<_>>(), [1276, 140, 124]);
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut reassembler = reassembler();
        let outcomes = order.map(|which: usize| reassembler.add(START, &fragments[which]));
        assert_eq!(outcomes, [Outcome::Waiting, Outcome::Waiting, Outcome::Whole(packet.clone())]);
    }
}

#[test]
fn time_runs_from_the_fragment_that_came_first_and_its_end_gives_the_first_fragment_back() {
    let seconds = Duration::from_secs;
    let mut reassembler = reassembler();
    let first = fragment(0, true, &bytes(16));
    assert_eq!(reassembler.add(seconds(5), &fragment(16, true, &bytes(8))), Outcome::Waiting);
    assert_eq!(reassembler.add(seconds(64), &first), Outcome::Waiting);
    assert_eq!(reassembler.next(), Some(seconds(65)));
    assert_eq!(reassembler.expire(seconds(65) - Duration::from_nanos(1)), Vec::<Vec<u8>>::new());
    // Of another datagram the first fragment is missing: nobody is told.
    let other = Ipv4 { fragment_offset: 3, ..header(2, ipv4::UDP) }.packet(&bytes(8));
    assert_eq!(reassembler.add(seconds(64), &other), Outcome::Waiting);
    assert_eq!(reassembler.expire(seconds(65)), [first]);
    assert_eq!(reassembler.next(), Some(seconds(124)));
    assert_eq!(reassembler.expire(seconds(124)), Vec::<Vec<u8>>::new());
    assert_eq!(reassembler.next(), None);
}

#[test]
fn fragment_that_comes_when_time_is_over_is_too_late() {
    let mut reassembler = reassembler();
    assert_eq!(reassembler.add(START, &fragment(0, true, &bytes(8))), Outcome::Waiting);
    let late = reassembler.add(Duration::from_secs(60), &fragment(8, false, &bytes(8)));
    assert_eq!(late, Outcome::Refused(Refusal::TooLate));
}

#[test]
fn overlap_that_would_rewrite_a_port_drops_the_datagram() {
    // RFC 3128 section 2: a legal header, its first 8 bytes again with another port, and the rest.
    let tcp = |start: usize, more_fragments, payload: &[u8]| {
        let fragment_offset = (start / 8) as u16;
        Ipv4 { fragment_offset, more_fragments, ..header(1, ipv4::TCP) }.packet(payload)
    };
    let mut reassembler = reassembler();
    assert_eq!(reassembler.add(START, &tcp(0, true, &bytes(24))), Outcome::Waiting);
    assert_eq!(refused(&mut reassembler, &tcp(0, true, &[0; 8])), Refusal::Tiny);
    assert_eq!(refused(&mut reassembler, &tcp(8, true, &[0; 8])), Refusal::Tiny);
    assert_eq!(refused(&mut reassembler, &tcp(0, true, &[0; 32])), Refusal::Overlap);
    assert_eq!(refused(&mut reassembler, &tcp(24, false, &bytes(24))), Refusal::GivenUp);
    assert_eq!(reassembler.expire(Duration::from_secs(60)), Vec::<Vec<u8>>::new(), "it is discarded silently");
}

#[test]
fn fragments_that_never_were_part_of_a_packet_are_refused() {
    let mut reassembler = reassembler();
    for (packet, refusal) in [
        (fragment(8, true, &bytes(12)), Refusal::Uneven(12)),
        (fragment(8, false, &[]), Refusal::Uneven(0)),
        (fragment(65_528, false, &bytes(8)), Refusal::TooLong),
    ] {
        assert_eq!(refused(&mut reassembler, &packet), refusal);
    }
    assert!(matches!(refused(&mut reassembler, &[0x45; 19]), Refusal::Malformed(_)));
    assert_eq!(reassembler.memory(), 0);
}

#[test]
fn first_fragment_with_options_cannot_make_the_packet_longer_than_packets_are() {
    let mut reassembler = reassembler();
    assert_eq!(reassembler.add(START, &fragment(65_504, false, &bytes(8))), Outcome::Waiting);
    assert_eq!(reassembler.add(START, &fragment(8, true, &bytes(65_496))), Outcome::Waiting);
    let options = [1; 40];
    let first = Ipv4 { more_fragments: true, ..header(1, ipv4::UDP) }.sealed(&options, 8);
    assert_eq!(refused(&mut reassembler, &[&first.bytes(), &options[..], &bytes(8)].concat()), Refusal::TooLong);
    assert_eq!(reassembler.memory(), 0);
}

#[test]
fn mark_of_one_fragment_is_the_mark_of_the_packet() {
    let piece = |ecn: u8, start: usize, more_fragments| {
        let fragment_offset = (start / 8) as u16;
        Ipv4 { ecn, fragment_offset, more_fragments, ..header(1, ipv4::UDP) }.packet(&[0; 8])
    };
    for (first, second, whole) in [(2, 3, Some(3)), (3, 1, Some(3)), (2, 1, Some(2)), (0, 0, Some(0)), (0, 3, None)] {
        let mut reassembler = reassembler();
        assert_eq!(reassembler.add(START, &piece(first, 0, true)), Outcome::Waiting);
        match (reassembler.add(START, &piece(second, 8, false)), whole) {
            (Outcome::Whole(packet), Some(ecn)) => assert_eq!(Ipv4::parse(&packet).unwrap().0.ecn, ecn),
            (Outcome::Refused(Refusal::MixedEcn), None) => {}
            (outcome, _) => panic!("{first} and {second}: {outcome:?}"),
        }
        assert_eq!(reassembler.memory(), 0);
    }
}

#[test]
fn flood_pushes_out_the_oldest_and_leaves_the_youngest() {
    let limits = Limits { memory: 100_000, assemblies: 10, ..Limits::default() };
    let mut reassembler = Reassembler::new(limits);
    let first = |identification| Ipv4 { more_fragments: true, ..header(identification, ipv4::UDP) }.packet(&bytes(800));
    let last = |identification| Ipv4 { fragment_offset: 100, ..header(identification, ipv4::UDP) }.packet(&bytes(1));
    for identification in 0..1000 {
        assert_eq!(reassembler.add(START, &first(identification)), Outcome::Waiting);
    }
    assert_eq!(reassembler.assemblies(), 10);
    assert!(reassembler.memory() > 10 * 800, "what each costs beside its data is counted");
    assert_eq!(reassembler.add(START, &last(989)), Outcome::Waiting, "its first fragment is gone");
    assert!(matches!(reassembler.add(START, &last(999)), Outcome::Whole(_)));
}

#[test]
fn datagram_that_outgrows_the_memory_makes_room_for_others() {
    let limits = Limits { memory: 10_000, ..Limits::default() };
    let mut reassembler = Reassembler::new(limits);
    assert_eq!(refused(&mut reassembler, &fragment(0, true, &bytes(10_000))), Refusal::NoRoom);
    let other = Ipv4 { fragment_offset: 1, ..header(2, ipv4::UDP) }.packet(&bytes(2500));
    assert_eq!(reassembler.add(START, &fragment(0, true, &bytes(4000))), Outcome::Waiting);
    assert_eq!(reassembler.add(START, &other), Outcome::Waiting);
    assert_eq!(refused(&mut reassembler, &fragment(4000, true, &bytes(8000))), Refusal::NoRoom);
    assert_eq!(reassembler.assemblies(), 1, "the other one is still there");
}
