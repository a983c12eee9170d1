//! tshark reads packets of all protocols, and finds in each field what our tree has there.
//!
//! Needs the program `tshark`; see the crate `needs`.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

mod ask;
mod compare;
#[path = "../more_packets/mod.rs"]
mod more_packets;
#[path = "../packets/mod.rs"]
mod packets;
mod table;

use compare::{Count, SSH_NUMBER};
use more_packets::Captured;
use needs::{Failed, test};
use packets::Rng;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use wire::dissect::{Layer, LinkType, Protocol, dissect_captured};

const PACKETS: u64 = 6_000;

fn main() -> ExitCode {
    needs::tshark::need().run([
        test("tshark_finds_in_each_field_what_our_tree_has_there", compare),
        test("curl_and_ssh_and_their_servers_are_read_as_tshark_does_it", others),
    ])
}

/// Any packet, and its original length; some have a flipped bit in their data, so that checksums are wrong, and of some only the
/// beginning was captured.
fn packet(seed: u64) -> (LinkType, Vec<u8>, usize) {
    let mut rng = Rng::new(seed);
    let Captured { link, mut bytes } = match rng.below(3) {
        0 => Captured { link: LinkType::Ethernet, bytes: packets::frame(&mut rng).bytes },
        _ => more_packets::captured(&mut rng),
    };
    let original_len = bytes.len();
    let innermost = dissect_captured(&bytes, original_len, link).layers().next_back().map(Layer::protocol);
    if rng.once_in(8) && innermost == Some(Protocol::Data) {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    }
    if rng.once_in(10) {
        bytes.truncate(20 + rng.below(bytes.len()));
    }
    (link, bytes, original_len)
}

/// What programs of others say to one another: `testdata/captures/http-and-ssh.sh`.
fn others() -> Result<(), Failed> {
    let mut count = Count::default();
    for name in ["http", "ssh"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../testdata/captures/{name}.pcapng"));
        let answers = ask::ask(&file)?;
        let bytes = std::fs::read(&file)?;
        let mut reader = PcapNgReader::new(&bytes[..])?;
        let mut packets = vec![];
        while let Some(block) = reader.next_block() {
            if let Block::EnhancedPacket(packet) = block? {
                packets.push(packet.data.into_owned());
            }
        }
        if answers.len() != packets.len() {
            return Err(format!("{name}: {} packets, {} read by tshark", packets.len(), answers.len()).into());
        }
        for (theirs, bytes) in answers.iter().zip(&packets) {
            count.packet(&dissect_captured(bytes, bytes.len(), LinkType::Ethernet), theirs);
        }
    }
    println!("{count}");
    match ["http.response.code", "ssh.protocol", SSH_NUMBER].iter().find(|name| !count.names.contains(*name)) {
        Some(name) => Err(format!("{name} was not compared").into()),
        None => count.verdict(),
    }
}

fn compare() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let mut by_link: BTreeMap<LinkType, Vec<(Vec<u8>, usize)>> = BTreeMap::new();
    for (link, bytes, original_len) in (0..PACKETS).map(packet) {
        by_link.entry(link).or_default().push((bytes, original_len));
    }
    let mut count = Count::default();
    for (link, captured) in by_link {
        let file = directory.path().join("packets.pcapng");
        ask::write(&file, link, captured.iter().map(|(bytes, original_len)| (&bytes[..], *original_len)))?;
        let answers = ask::ask(&file)?;
        if answers.len() != captured.len() {
            return Err(format!("{} packets written, {} read by tshark", captured.len(), answers.len()).into());
        }
        for (theirs, (bytes, original_len)) in answers.iter().zip(&captured) {
            count.packet(&dissect_captured(bytes, *original_len, link), theirs);
        }
    }
    println!("{count}");
    match Protocol::ALL.iter().find(|protocol| !count.protocols.contains(protocol)) {
        Some(protocol) => Err(format!("no packet had {protocol}").into()),
        None => count.verdict(),
    }
}
