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
#[path = "../judges/facts.rs"]
mod facts;
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

const NAME: &str = "tshark_and_we_read_the_same";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var("FIRSTHOP_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "tshark"));
    let trial = match tshark(&["--version"]) {
        Ok(_) => Trial::test(NAME, compare),
        Err(error) if required => Trial::test(NAME, move || Err(format!("tshark does not start: {error}").into())),
        Err(error) => {
            Trial::test(format!("{NAME} (ignored: tshark does not start: {error})"), || Ok(())).with_ignored_flag(true)
        }
    };
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

#[expect(clippy::disallowed_types, reason = "the judge is a program; tests of a parser are no part of a simulated run")]
fn tshark(arguments: &[&str]) -> io::Result<Output> {
    std::process::Command::new("tshark").args(arguments).output()
}

/// What tshark calls a field, with its values in the order in which they stand in the frame: outer header first, then quoted.
type Values<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn compare() -> Result<(), Failed> {
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(frame).collect();
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("frames.pcapng");
    write_capture(&file, &frames)?;

    let file = file.to_string_lossy();
    let mut arguments = vec!["-r", &*file, "-n", "-T", "fields"];
    arguments.extend(["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]);
    FIELDS.iter().for_each(|field| arguments.extend(["-e", field]));
    let output = tshark(&arguments)?;
    let text = String::from_utf8(output.stdout)?;
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() != frames.len() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(
            format!("{} frames written, {} read by tshark, which said: {said}", frames.len(), lines.len()).into()
        );
    }

    let (mut compared, mut spoiled) = (0, 0);
    for (seed, (line, frame)) in lines.iter().zip(&frames).enumerate() {
        let columns = line.split('\t').map(|column| column.split(',').filter(|value| !value.is_empty()).collect());
        let values: Values<'_> = FIELDS.iter().copied().zip(columns).collect();
        let facts = ours(frame).map_err(|error| format!("seed {seed}: {error}"))?;
        for (field, which, ours) in expected(&facts) {
            let theirs = values.get(field).ok_or(format!("{field} is not among FIELDS"))?.get(which).copied();
            if !ours.is(theirs) {
                return Err(
                    format!("seed {seed}: {field} is {theirs:?} for tshark and {ours:?} for us in {facts:?}").into()
                );
            }
            compared += 1;
        }
        spoiled += u64::from(!facts.is_intact());
    }
    println!("compared {} packets with tshark, {compared} fields; {spoiled} had a wrong checksum", frames.len());
    if compared == 0 || spoiled == 0 { Err("nothing was compared".into()) } else { Ok(()) }
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
