//! What [`wire::dissect`] promises, for valid packets and for all others.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

mod bad_packets;
#[path = "../more_packets/mod.rs"]
mod more_packets;
mod mutate;
#[path = "../packets/mod.rs"]
mod packets;
mod told;
mod told_dns;
mod told_text;
mod tree;

use more_packets::Captured;
use mutate::{Mutant, Original, mutant};
use packets::Rng;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wire::dissect::{Kind, LinkType, dissect, dissect_captured};

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

/// Whatever goes wrong with `bytes` is told with what is needed to see it again, as a file in `testdata/bad-packets`.
fn guarded(bytes: &[u8], link: LinkType, what: &str, body: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(body)).is_err() {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("{what}, {link:?}: {}", hex.join(" "));
    }
}

#[test]
fn a_million_mutants_are_dissected_and_none_of_their_bytes_is_left_out() {
    let (mut mutants, mut with_problems, mut innermost) = (0u64, 0u64, 0u64);
    for seed in 0..100_000 {
        let mut rng = Rng::new(seed);
        let (original, other) = (Original::new(valid(&mut rng)), valid(&mut rng));
        let packet = &original.packet;
        let layers = dissect(&packet.bytes, packet.link).layers().len();
        for _ in 0..10 {
            let Mutant { bytes, original_len } = mutant(&original, &other, &mut rng);
            guarded(&bytes, packet.link, &format!("seed {seed}, originally {original_len} bytes"), || {
                let dissection = dissect_captured(&bytes, original_len, packet.link);
                tree::check(&dissection);
                assert!(!dissection.summary().to_string().is_empty());
                if seed % 32 == 0 {
                    tree::speak(&dissection);
                }
                mutants += 1;
                with_problems += u64::from(!dissection.problems().is_empty());
                innermost += u64::from(dissection.layers().len() >= layers);
            });
        }
    }
    let told = format!("dissected {mutants} mutants: {with_problems} with problems, {innermost} as deep as before\n");
    std::io::stdout().write_all(told.as_bytes()).expect("somebody reads it");
    assert!(mutants == 1_000_000 && 3 * innermost >= mutants && 3 * with_problems >= mutants, "{told}");
}

#[test]
fn any_bytes_at_all_have_a_tree() {
    const LINKS: [LinkType; 5] =
        [LinkType::Ethernet, LinkType::RawIp, LinkType::LinuxCooked, LinkType::LinuxCooked2, LinkType::Loopback];
    for seed in 0..50_000 {
        let mut rng = Rng::new(seed);
        let len = rng.below(160);
        let mut bytes = rng.bytes(len);
        let link = rng.pick(&LINKS);
        // Half of them have a type that is known, or most would end there.
        let (at, types) = match link {
            LinkType::RawIp => (0, [0x45, 0x60]),
            LinkType::Loopback => (4, [0x45, 0x60]),
            LinkType::Ethernet => (12, [0x08, 0x86]),
            LinkType::LinuxCooked => (14, [0x08, 0x86]),
            LinkType::LinuxCooked2 => (0, [0x08, 0x86]),
        };
        if let (Some(byte), true) = (bytes.get_mut(at), rng.once_in(2)) {
            *byte = rng.pick(&types);
        }
        guarded(&bytes, link, &format!("seed {seed}"), || {
            let dissection = dissect(&bytes, link);
            tree::check(&dissection);
            tree::speak(&dissection);
        });
    }
}
