//! What [`wire::dissect`] promises, for valid packets and for all others.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

#[path = "../more_packets/mod.rs"]
mod more_packets;
#[path = "../packets/mod.rs"]
mod packets;
mod tree;

use more_packets::Captured;
use packets::Rng;
use wire::dissect::{Kind, LinkType, dissect};

/// One of all that is known here.
fn valid(rng: &mut Rng) -> Captured {
    match rng.below(2) {
        0 => Captured { link: LinkType::Ethernet, bytes: packets::frame(rng).bytes },
        _ => more_packets::captured(rng),
    }
}

#[test]
fn valid_packets_have_no_problem_and_no_byte_without_a_field() {
    for seed in 0..20_000 {
        let Captured { link, bytes } = valid(&mut Rng::new(seed));
        let dissection = dissect(&bytes, link);
        tree::check(&dissection);
        tree::speak(&dissection);
        // The frames are of random lengths and places, and so no fragments that a router would cut.
        let is_of_fragments = |kind| {
            matches!(kind, Kind::UnevenFragment(_) | Kind::FragmentBeyondTheLongestPacket(_) | Kind::TinyFragment)
        };
        if seed < 120 {
            println!("{}", dissection.summary());
        }
        let problem = dissection.problems().iter().find(|problem| !is_of_fragments(problem.kind));
        assert!(problem.is_none(), "seed {seed}: {} in {}", problem.expect("one"), dissection.summary());
    }
}
