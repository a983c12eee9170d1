//! Three libraries that nobody here wrote read what this crate writes, and write what it reads.
//!
//! Both directions compare [`Facts`]: what a frame says, field by field, checksums included.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

mod etherparse_judge;
mod facts;
#[path = "../packets/mod.rs"]
mod packets;
mod pnet_judge;
mod smoltcp_judge;

use facts::{Body, Facts, Transport, ours};
use packets::Rng;
use std::io::Write;

const FRAMES: u64 = 20_000;

/// Compares what `read` finds in our frames, and what we find in the frames of `write`; both may decline with `None` what
/// their library has no words for.
fn compare(judge: &str, read: fn(&[u8]) -> Option<Facts>, write: fn(&Facts) -> Option<Vec<u8>>) {
    let (mut theirs_of_ours, mut ours_of_theirs, mut segments) = (0, 0, 0);
    for seed in 0..FRAMES {
        let frame = packets::frame(&mut Rng::new(seed)).bytes;
        let facts = ours(&frame).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(facts.is_intact(), "seed {seed}: {facts:?}");
        if let Some(theirs) = read(&frame) {
            assert_eq!(theirs, facts, "seed {seed}: {judge} reads our frame otherwise");
            theirs_of_ours += 1;
            segments += u64::from(has_tcp_options(&facts));
        }
        if let Some(written) = write(&facts) {
            let read = ours(&written).unwrap_or_else(|error| panic!("seed {seed}, written by {judge}: {error}"));
            assert_eq!(read, facts, "seed {seed}: we read the frame of {judge} otherwise");
            ours_of_theirs += 1;
        }
    }
    let told = format!(
        "compared {theirs_of_ours} packets with {judge}, {segments} of them with TCP options, and {ours_of_theirs} that it wrote\n"
    );
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(theirs_of_ours > 0 && segments > 0 && ours_of_theirs > 0, "{told}");
}

fn has_tcp_options(facts: &Facts) -> bool {
    matches!(&facts.body, Body::Packet(_, Transport::Tcp(segment)) if !segment.options.is_empty())
}

#[test]
fn pnet_packet_and_we_read_the_same() {
    compare("pnet_packet", pnet_judge::read, pnet_judge::write);
}

#[test]
fn etherparse_and_we_read_the_same() {
    compare("etherparse", etherparse_judge::read, etherparse_judge::write);
}

#[test]
fn smoltcp_and_we_read_the_same() {
    compare("smoltcp", smoltcp_judge::read, smoltcp_judge::write);
}
