//! Packets that nobody here made: none of them stops us, and tshark finds in them what we find.
//!
//! Needs captures; see the crate `needs`.

#[path = "../dissected/ask.rs"]
mod ask;
#[path = "../dissected/compare.rs"]
mod compare;
#[path = "../dissected/table.rs"]
mod table;
#[path = "../dissect/tree.rs"]
mod tree;

use compare::Count;
use needs::{Failed, Program, captures, test};
use pcap_file::PcapError;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use wire::dissect::{Fragments, LinkType, dissect_captured};

fn main() -> ExitCode {
    captures::need().run([test("packets_of_others_are_dissected_as_tshark_does_it", compare)])
}

/// A packet of a capture; the time is since the first one of its file.
struct Captured {
    link: LinkType,
    at: Duration,
    bytes: Vec<u8>,
    original_len: usize,
}

/// What was read, and how many packets were of links that are left alone.
#[derive(Default)]
struct Read {
    packets: Vec<Captured>,
    elsewhere: usize,
}

impl Read {
    fn packet(&mut self, link: Option<LinkType>, at: Duration, bytes: Vec<u8>, original_len: u32) {
        match (link, usize::try_from(original_len)) {
            (Some(link), Ok(original_len)) => self.packets.push(Captured { link, at, bytes, original_len }),
            _ => self.elsewhere += 1,
        }
    }

    /// Reads a file. What our reader is too strict for, or is compressed, tshark writes anew, up to what is damaged.
    fn file(path: &Path) -> Result<Self, Failed> {
        let bytes = std::fs::read(path)?;
        if let Ok(read) = Self::pcapng(&bytes).or_else(|_| Self::pcap(&bytes)) {
            return Ok(read);
        }
        let directory = tempfile::tempdir()?;
        let copy = directory.path().join("copy.pcapng");
        let (from, to) = (path.to_string_lossy().into_owned(), copy.to_string_lossy().into_owned());
        Program::new("tshark").args(["-r", &from, "-F", "pcapng", "-w", &to]).run()?;
        let bytes = std::fs::read(copy).unwrap_or_default();
        Ok(Self::pcapng(&bytes).unwrap_or_default())
    }

    fn pcap(bytes: &[u8]) -> Result<Self, PcapError> {
        let mut read = Self::default();
        let mut reader = PcapReader::new(bytes)?;
        let link = LinkType::from_number(u32::from(reader.header().datalink));
        while let Some(packet) = reader.next_packet() {
            let packet = packet?;
            read.packet(link, packet.timestamp, packet.data.into_owned(), packet.orig_len);
        }
        Ok(read)
    }

    fn pcapng(bytes: &[u8]) -> Result<Self, PcapError> {
        let (mut read, mut links) = (Self::default(), vec![]);
        let mut reader = PcapNgReader::new(bytes)?;
        while let Some(block) = reader.next_block() {
            match block? {
                Block::InterfaceDescription(interface) => {
                    links.push(LinkType::from_number(u32::from(interface.linktype)));
                }
                Block::EnhancedPacket(packet) => {
                    let link = usize::try_from(packet.interface_id).ok().and_then(|number| links.get(number));
                    read.packet(
                        link.copied().flatten(),
                        packet.timestamp,
                        packet.data.into_owned(),
                        packet.original_len,
                    );
                }
                Block::SimplePacket(packet) => {
                    let link = links.first().copied().flatten();
                    read.packet(link, Duration::ZERO, packet.data.into_owned(), packet.original_len);
                }
                Block::SectionHeader(_) => links.clear(),
                _ => {}
            }
        }
        Ok(read)
    }
}

fn compare() -> Result<(), Failed> {
    let files = captures::files()?;
    let mut by_link: BTreeMap<LinkType, Vec<Captured>> = BTreeMap::new();
    let mut elsewhere = 0;
    for file in &files {
        let read = Read::file(file)?;
        elsewhere += read.elsewhere;
        let mut fragments = Fragments::default();
        for captured in read.packets {
            let Captured { link, at, bytes, original_len } = &captured;
            let mut dissection = dissect_captured(bytes, *original_len, *link);
            fragments.note(*at, &mut dissection);
            tree::check(&dissection);
            tree::speak(&dissection);
            by_link.entry(*link).or_default().push(captured);
        }
    }

    let directory = tempfile::tempdir()?;
    let mut count = Count::default();
    for (link, packets) in by_link {
        let file = directory.path().join("packets.pcapng");
        let written = packets.iter().map(|packet| (&packet.bytes[..], packet.original_len));
        ask::write(&file, link, written)?;
        let answers = ask::ask(&file)?;
        if answers.len() != packets.len() {
            return Err(format!("{} packets written, {} read by tshark", packets.len(), answers.len()).into());
        }
        for (packet, theirs) in packets.iter().zip(&answers) {
            count.packet(&dissect_captured(&packet.bytes, packet.original_len, link), theirs);
        }
    }
    println!("{} files; {count}; {elsewhere} packets of other links left alone", files.len());
    count.verdict()
}
