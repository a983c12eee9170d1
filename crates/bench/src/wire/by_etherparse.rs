//! etherparse: its sliced packet, and its builder. It verifies nothing by itself; the calls to do so are its own.

use super::{Parsed, Question, Stream, Transport};
use etherparse::{Icmpv4Type, NetSlice, PacketBuilder, SlicedPacket, TransportSlice};

pub(super) fn parse(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<false>(frame)
}

pub(super) fn parse_verified(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<true>(frame)
}

fn parsed<const VERIFIED: bool>(frame: &[u8]) -> Option<Parsed<'_>> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let Some(NetSlice::Ipv4(ip)) = packet.net else { return None };
    let ip = ip.header();
    if VERIFIED && ip.to_header().calc_header_checksum() != ip.header_checksum() {
        return None;
    }
    let mut stream = Stream::default();
    let (first, second, payload) = match packet.transport? {
        TransportSlice::Udp(udp) => {
            let sum = || udp.to_header().calc_checksum_ipv4_raw(ip.source(), ip.destination(), udp.payload()).ok();
            if VERIFIED && sum()? != udp.checksum() {
                return None;
            }
            (udp.source_port(), udp.destination_port(), udp.payload())
        }
        TransportSlice::Tcp(tcp) => {
            let sum = || tcp.to_header().calc_checksum_ipv4_raw(ip.source(), ip.destination(), tcp.payload()).ok();
            if VERIFIED && sum()? != tcp.checksum() {
                return None;
            }
            let (sequence, acknowledgment) = (tcp.sequence_number(), tcp.acknowledgment_number());
            stream = Stream { sequence, acknowledgment, window: tcp.window_size() };
            (tcp.source_port(), tcp.destination_port(), tcp.payload())
        }
        TransportSlice::Icmpv4(message) => {
            let kind = message.icmp_type();
            if VERIFIED && kind.calc_checksum(message.payload()) != message.checksum() {
                return None;
            }
            match kind {
                Icmpv4Type::EchoRequest(echo) => (echo.id, echo.seq, message.payload()),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Parsed { source: ip.source_addr(), destination: ip.destination_addr(), first, second, stream, payload })
}

pub(super) fn emit(mut frame: &mut [u8], question: &Question<'_>) -> Option<()> {
    let Question { source_mac, destination_mac, ttl, transport, parsed } = *question;
    let Parsed { source, destination, first, second, stream, payload } = parsed;
    let builder =
        PacketBuilder::ethernet2(source_mac, destination_mac).ipv4(source.octets(), destination.octets(), ttl);
    match transport {
        Transport::Udp => builder.udp(first, second).write(&mut frame, payload).ok(),
        Transport::Tcp => builder
            .tcp(first, second, stream.sequence, stream.window)
            .ack(stream.acknowledgment)
            .psh()
            .write(&mut frame, payload)
            .ok(),
        Transport::Icmp => builder.icmpv4_echo_request(first, second).write(&mut frame, payload).ok(),
    }
}
