//! tshark reads what this crate writes, and finds the same in every field.
//!
//! Needs the program `tshark`. Without it the test is ignored and says so in its name, unless `FIRSTHOP_REQUIRE` (names with
//! commas between them) has `tshark`: then it fails.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

mod expected;
mod extensions;
#[path = "../judges/facts.rs"]
mod facts;
mod fragments;
#[path = "../packets/mod.rs"]
mod packets;

use expected::{FIELDS, expected};
use facts::ours;
use libtest_mimic::{Arguments, Failed, Trial};
use packets::{Layer, Rng, Sample};
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitCode, Output};
use std::time::Duration;

const FRAMES: u64 = 4_000;

/// Each frame by itself, and all that can be checked of it.
const PREFERENCES: &[&str] = &[
    "ip.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    // Extensions of which no length tells.
    "icmp.favor_icmp_mpls:TRUE",
];

type Test = fn() -> Result<(), Failed>;

/// What is tested, by its name.
const TRIALS: [(&str, Test); 2] =
    [("tshark_and_we_read_the_same", compare), ("tshark_and_we_put_the_same_fragments_together", fragments::compare)];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var("FIRSTHOP_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "tshark"));
    let started = tshark(&["--version"]);
    let trials = TRIALS.map(|(name, test)| match &started {
        Ok(_) => Trial::test(name, test),
        Err(error) => {
            let missing = format!("tshark does not start: {error}");
            if required {
                Trial::test(name, move || Err(missing.into()))
            } else {
                Trial::test(format!("{name} (ignored: {missing})"), || Ok(())).with_ignored_flag(true)
            }
        }
    });
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

#[expect(clippy::disallowed_types, reason = "the judge is a program; tests of a parser are no part of a simulated run")]
fn tshark(arguments: &[&str]) -> io::Result<Output> {
    std::process::Command::new("tshark").args(arguments).output()
}

/// What tshark calls a field, with its values in the order in which they stand in the frame: outer header first, then quoted.
type Values = BTreeMap<&'static str, Vec<String>>;

/// What tshark says of these `fields` in each of `frames`.
fn ask(frames: &[Vec<u8>], preferences: &[&str], fields: &[&'static str]) -> Result<Vec<Values>, Failed> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("frames.pcapng");
    write_capture(&file, frames)?;

    let file = file.to_string_lossy();
    let mut arguments = vec!["-r", &*file, "-n", "-T", "fields"];
    preferences.iter().for_each(|preference| arguments.extend(["-o", preference]));
    fields.iter().for_each(|field| arguments.extend(["-e", field]));
    let output = tshark(&arguments)?;
    let text = String::from_utf8(output.stdout)?;
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() != frames.len() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(
            format!("{} frames written, {} read by tshark, which said: {said}", frames.len(), lines.len()).into()
        );
    }
    let values =
        |column: &str| column.split(',').filter(|value| !value.is_empty()).map(str::to_string).collect::<Vec<_>>();
    Ok(lines.iter().map(|line| fields.iter().copied().zip(line.split('\t').map(values)).collect()).collect())
}

fn compare() -> Result<(), Failed> {
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(frame).collect();
    let answers = ask(&frames, PREFERENCES, FIELDS)?;

    let (mut compared, mut spoiled, mut segments, mut extended) = (0, 0, 0, 0);
    for (seed, (values, frame)) in answers.iter().zip(&frames).enumerate() {
        let facts = ours(frame).map_err(|error| format!("seed {seed}: {error}"))?;
        let expected = expected(&facts);
        for (field, which, ours) in &expected {
            let theirs = values.get(field).ok_or(format!("{field} is not among FIELDS"))?.get(*which);
            if !ours.is(theirs.map(String::as_str)) {
                return Err(
                    format!("seed {seed}: {field} is {theirs:?} for tshark and {ours:?} for us in {facts:?}").into()
                );
            }
            compared += 1;
        }
        spoiled += u64::from(!facts.is_intact());
        segments += u64::from(expected.iter().any(|(field, ..)| *field == "tcp.option_kind"));
        extended += u64::from(expected.iter().any(|(field, ..)| *field == "icmp.ext.class"));
    }
    println!(
        "compared {} packets with tshark, {compared} fields; {segments} had TCP options, {extended} ICMP extensions, {spoiled} a wrong checksum",
        frames.len()
    );
    if [compared, spoiled, segments, extended].contains(&0) { Err("nothing was compared".into()) } else { Ok(()) }
}

/// A valid frame; every eighth has one wrong checksum, which tshark must see as we do.
fn frame(seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let Sample { mut bytes, layers } = packets::frame(&mut rng);
    if rng.once_in(8) {
        let (layer, at) = rng.pick(&layers);
        let checksum = match layer {
            Layer::Ipv4 => at + 10,
            Layer::Icmp => at + 2,
            Layer::Tcp => at + 16,
            Layer::Udp if bytes[at + 6..at + 8] != [0, 0] => at + 6,
            _ => return bytes,
        };
        if let Some(byte) = bytes.get_mut(checksum) {
            *byte ^= 0x10;
        }
    }
    bytes
}

fn write_capture(path: &Path, frames: &[Vec<u8>]) -> Result<(), Failed> {
    let mut writer = PcapNgWriter::new(File::create(path)?)?;
    writer.write_pcapng_block(InterfaceDescriptionBlock {
        linktype: DataLink::ETHERNET,
        snaplen: 0,
        options: vec![],
    })?;
    for (number, frame) in frames.iter().enumerate() {
        writer.write_pcapng_block(EnhancedPacketBlock {
            interface_id: 0,
            timestamp: Duration::from_millis(number as u64),
            original_len: frame.len() as u32,
            data: frame.into(),
            options: vec![],
        })?;
    }
    Ok(())
}
