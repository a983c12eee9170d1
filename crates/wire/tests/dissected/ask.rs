//! Captures for tshark, and what it reads in them.

use crate::compare::{Values, fields};
use needs::{Failed, Program};
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use std::fs::File;
use std::path::Path;
use std::time::Duration;
use wire::dissect::LinkType;

/// Each packet by itself, and all that can be checked of it.
const PREFERENCES: &[&str] = &[
    "ip.check_checksum:TRUE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "udp.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    // Extensions of which no length tells.
    "icmp.favor_icmp_mpls:TRUE",
];

/// What stands between several values of one field, and between fields: neither is in a text of ours.
const BETWEEN_VALUES: char = '\u{1f}';

/// What tshark says of the fields of each packet in `file`, and what is in there by its own words.
pub(crate) fn ask(file: &Path) -> Result<Vec<Values>, Failed> {
    let fields = fields();
    let separator = format!("aggregator={BETWEEN_VALUES}");
    let file = file.to_string_lossy();
    let read = Program::new("tshark")
        .args(["-r", &*file, "-n", "-T", "fields", "-E", &separator])
        .args(PREFERENCES.iter().flat_map(|preference| ["-o", preference]))
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .limit(Duration::from_secs(120))
        .succeed()?;
    let values = |column: &str| {
        // Of no bytes it says that they are missing.
        let values = column.split(BETWEEN_VALUES).filter(|value| !["", "<MISSING>"].contains(value));
        values.map(str::to_string).collect::<Vec<_>>()
    };
    Ok(read.lines().map(|line| fields.iter().copied().zip(line.split('\t').map(values)).collect()).collect())
}

/// Writes packets of one kind of link, each with its original length.
pub(crate) fn write<'p>(
    path: &Path,
    link: LinkType,
    packets: impl Iterator<Item = (&'p [u8], usize)>,
) -> Result<(), Failed> {
    let linktype = match link {
        LinkType::Ethernet => DataLink::ETHERNET,
        LinkType::RawIp => DataLink::RAW,
        LinkType::LinuxCooked => DataLink::LINUX_SLL,
        LinkType::LinuxCooked2 => DataLink::from(276),
        LinkType::Loopback => DataLink::NULL,
    };
    let mut writer = PcapNgWriter::new(File::create(path)?)?;
    writer.write_pcapng_block(InterfaceDescriptionBlock { linktype, snaplen: 0, options: vec![] })?;
    for (number, (bytes, original_len)) in packets.enumerate() {
        writer.write_pcapng_block(EnhancedPacketBlock {
            interface_id: 0,
            timestamp: Duration::from_millis(number as u64),
            original_len: u32::try_from(original_len)?,
            data: bytes.into(),
            options: vec![],
        })?;
    }
    Ok(())
}
