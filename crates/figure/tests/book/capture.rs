//! What the simulated network writes, read back.

use figure::{Captured, Way};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use wire::dissect::LinkType;

/// The packets of a pcapng file, in their order.
pub(crate) fn packets(file: &[u8]) -> Vec<Captured> {
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut packets = vec![];
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.unwrap() else { continue };
        let mut captured = Captured {
            at: packet.timestamp,
            bytes: packet.data.to_vec(),
            original_len: packet.original_len as usize,
            link: LinkType::Ethernet,
            way: Way::Unknown,
            lost: false,
        };
        for option in &packet.options {
            match option {
                EnhancedPacketOption::Flags(flags) if flags & 3 == 1 => captured.way = Way::Received,
                EnhancedPacketOption::Flags(flags) if flags & 3 == 2 => captured.way = Way::Sent,
                // The only comments that the simulated network makes say so, each in its words.
                EnhancedPacketOption::Comment(_) => captured.lost = true,
                _ => {}
            }
        }
        packets.push(captured);
    }
    packets
}
