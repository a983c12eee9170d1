//! A recording as a capture, with the secrets inside, so that Wireshark opens it decrypted.
//!
//! Only TLS' bytes were recorded. The segments around them are made here: a handshake, data in the order and at the times in which they
//! passed, and FINs; a comment in the file says so.

use crate::secrets::Secrets;
use crate::{Both, Recording, Side};
use host::Time;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::blocks::{Block, unknown::UnknownBlock};
use pcap_file::{DataLink, Endianness, PcapResult};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// The pcapng block for secrets: "Decryption Secrets Block".
const SECRETS_BLOCK: u32 = 10;
/// Secrets of TLS, as a key log: "TLSK".
const TLS_KEY_LOG: u32 = 0x544c_534b;
/// What a segment carries where the path takes 1500 bytes, RFC 9293 section 3.7.1.
const SEGMENT: usize = 1460;

const COMMENT: &str =
    "TLS as tls-peek saw it, with its secrets; the TCP segments around it are made up, their order and times are not";

/// The addresses of both ends where there are none.
#[must_use]
pub fn nowhere() -> Both<SocketAddrV4> {
    Both {
        client: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 10), 49_152),
        server: SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 10), wire::tls::HTTPS_PORT),
    }
}

/// The bytes of a pcapng file.
///
/// # Errors
/// What memory never does.
pub fn capture(recording: &Recording, secrets: &Secrets, at: &Both<SocketAddrV4>) -> PcapResult<Vec<u8>> {
    let section = SectionHeaderBlock {
        endianness: Endianness::Little,
        options: vec![SectionHeaderOption::Comment(COMMENT.into())],
        ..SectionHeaderBlock::default()
    };
    let mut writer = PcapNgWriter::with_section_header(vec![], section)?;
    writer.write_pcapng_block(InterfaceDescriptionBlock {
        linktype: DataLink::RAW,
        snaplen: 0,
        // RFC 9293 has no times; these are in nanoseconds.
        options: vec![InterfaceDescriptionOption::IfTsResol(9)],
    })?;
    let block = secrets_block(secrets);
    let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
    writer.write_block(&Block::Unknown(UnknownBlock::new(SECRETS_BLOCK, length, &block)))?;
    for (when, packet) in packets(recording, at) {
        writer.write_pcapng_block(EnhancedPacketBlock {
            interface_id: 0,
            timestamp: Duration::from_nanos(when.0),
            original_len: u32::try_from(packet.len()).unwrap_or(u32::MAX),
            data: packet.into(),
            options: vec![],
        })?;
    }
    Ok(writer.into_inner())
}

fn secrets_block(secrets: &Secrets) -> Vec<u8> {
    let text = secrets.text();
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut block = [&TLS_KEY_LOG.to_le_bytes()[..], &length.to_le_bytes(), text.as_bytes()].concat();
    block.resize(block.len().next_multiple_of(4), 0);
    block
}

/// The segments, each with its time.
fn packets(recording: &Recording, at: &Both<SocketAddrV4>) -> Vec<(Time, Vec<u8>)> {
    let mut wire = Wire { at: *at, next: Both { client: 1000, server: 2000 }, packets: vec![] };
    let [begun, ended] = [recording.flights.first(), recording.flights.last()].map(|it| it.map_or(Time(0), |it| it.at));
    let plain = Tcp { window: u16::MAX, ack: true, ..Tcp::new(0, 0) };
    wire.segment(begun, Side::Client, Tcp { syn: true, ack: false, ..plain }, &[]);
    wire.segment(begun, Side::Server, Tcp { syn: true, ..plain }, &[]);
    wire.segment(begun, Side::Client, plain, &[]);
    for flight in &recording.flights {
        for piece in flight.bytes.chunks(SEGMENT) {
            wire.segment(flight.at, flight.from, Tcp { psh: true, ..plain }, piece);
        }
    }
    wire.segment(ended, Side::Client, Tcp { fin: true, ..plain }, &[]);
    wire.segment(ended, Side::Server, Tcp { fin: true, ..plain }, &[]);
    wire.segment(ended, Side::Client, plain, &[]);
    wire.packets
}

struct Wire {
    at: Both<SocketAddrV4>,
    /// The next sequence number of each end.
    next: Both<u32>,
    packets: Vec<(Time, Vec<u8>)>,
}

impl Wire {
    fn segment(&mut self, when: Time, from: Side, tcp: Tcp, payload: &[u8]) {
        let to = if from == Side::Client { Side::Server } else { Side::Client };
        let [source, destination] = [from, to].map(|side| *self.at.of(side));
        let tcp = Tcp {
            source_port: source.port(),
            destination_port: destination.port(),
            sequence_number: *self.next.of(from),
            acknowledgment_number: if tcp.ack { *self.next.of(to) } else { 0 },
            ..tcp
        };
        let len = u32::try_from(payload.len()).unwrap_or(0) + u32::from(tcp.syn) + u32::from(tcp.fin);
        *self.next.of_mut(from) = self.next.of(from).wrapping_add(len);
        let [from, to] = [*source.ip(), *destination.ip()];
        let segment = tcp.segment(from.into(), to.into(), &[], payload);
        self.packets.push((when, Ipv4::new(from, to, ipv4::TCP).packet(&segment)));
    }
}
