//! What [`wire::dissect`] promises, for valid packets and for all others.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

#[path = "../packets/mod.rs"]
mod packets;
mod tree;

use packets::Rng;
use wire::dissect::{Kind, LinkType, dissect};

#[test]
fn valid_packets_have_no_problem_and_no_byte_without_a_field() {
    for seed in 0..20_000 {
        let frame = packets::frame(&mut Rng::new(seed)).bytes;
        let dissection = dissect(&frame, LinkType::Ethernet);
        tree::check(&dissection);
        tree::speak(&dissection);
        // The frames are of random lengths and places, and so no fragments that a router would cut.
        let is_of_fragments = |kind| {
            matches!(kind, Kind::UnevenFragment(_) | Kind::FragmentBeyondTheLongestPacket(_) | Kind::TinyFragment)
        };
        let problem = dissection.problems().iter().find(|problem| !is_of_fragments(problem.kind));
        assert!(problem.is_none(), "seed {seed}: {} in {}", problem.expect("one"), dissection.summary());
    }
}
