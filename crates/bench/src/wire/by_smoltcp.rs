//! smoltcp, as its own sockets use it: checked packets, representations, checksum capabilities.

use super::{Parsed, Question, Stream, Transport};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    EthernetAddress, EthernetFrame, EthernetProtocol, EthernetRepr, Icmpv4Packet, Icmpv4Repr, IpProtocol, Ipv4Packet,
    Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber, UdpPacket, UdpRepr,
};

pub(super) fn parse(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed(frame, &ChecksumCapabilities::ignored())
}

pub(super) fn parse_verified(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed(frame, &ChecksumCapabilities::default())
}

fn parsed<'a>(frame: &'a [u8], checksums: &ChecksumCapabilities) -> Option<Parsed<'a>> {
    let ethernet = EthernetFrame::new_checked(frame).ok()?;
    if ethernet.ethertype() != EthernetProtocol::Ipv4 {
        return None;
    }
    let packet = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
    let ip = Ipv4Repr::parse(&packet, checksums).ok()?;
    let mut stream = Stream::default();
    let (first, second, payload) = match ip.next_header {
        IpProtocol::Udp => {
            let datagram = UdpPacket::new_checked(packet.payload()).ok()?;
            let udp = UdpRepr::parse(&datagram, &ip.src_addr.into(), &ip.dst_addr.into(), checksums).ok()?;
            (udp.src_port, udp.dst_port, datagram.payload())
        }
        IpProtocol::Tcp => {
            let segment = TcpPacket::new_checked(packet.payload()).ok()?;
            let tcp = TcpRepr::parse(&segment, &ip.src_addr.into(), &ip.dst_addr.into(), checksums).ok()?;
            let (sequence, acknowledgment) = (bits(tcp.seq_number), tcp.ack_number.map_or(0, bits));
            stream = Stream { sequence, acknowledgment, window: tcp.window_len };
            (tcp.src_port, tcp.dst_port, tcp.payload)
        }
        IpProtocol::Icmp => {
            let message = Icmpv4Packet::new_checked(packet.payload()).ok()?;
            match Icmpv4Repr::parse(&message, checksums).ok()? {
                Icmpv4Repr::EchoRequest { ident, seq_no, data } => (ident, seq_no, data),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Parsed { source: ip.src_addr, destination: ip.dst_addr, first, second, stream, payload })
}

pub(super) fn emit(frame: &mut [u8], question: &Question<'_>) -> Option<()> {
    let Question { source_mac, destination_mac, ttl, transport, parsed } = *question;
    let Parsed { source, destination, first, second, stream, payload } = parsed;
    let checksums = ChecksumCapabilities::default();
    let mut ethernet = EthernetFrame::new_unchecked(frame);
    let (src_addr, dst_addr) = (EthernetAddress(source_mac), EthernetAddress(destination_mac));
    EthernetRepr { src_addr, dst_addr, ethertype: EthernetProtocol::Ipv4 }.emit(&mut ethernet);
    let mut packet = Ipv4Packet::new_unchecked(ethernet.payload_mut());
    let next_header = match transport {
        Transport::Udp => IpProtocol::Udp,
        Transport::Tcp => IpProtocol::Tcp,
        Transport::Icmp => IpProtocol::Icmp,
    };
    let (src_addr, dst_addr, payload_len) = (source, destination, transport.header_len() + payload.len());
    Ipv4Repr { src_addr, dst_addr, next_header, payload_len, hop_limit: ttl }.emit(&mut packet, &checksums);
    match transport {
        Transport::Udp => UdpRepr { src_port: first, dst_port: second }.emit(
            &mut UdpPacket::new_unchecked(packet.payload_mut()),
            &source.into(),
            &destination.into(),
            payload.len(),
            |buffer| buffer.copy_from_slice(payload),
            &checksums,
        ),
        Transport::Tcp => TcpRepr {
            src_port: first,
            dst_port: second,
            control: TcpControl::Psh,
            seq_number: number(stream.sequence),
            ack_number: Some(number(stream.acknowledgment)),
            window_len: stream.window,
            window_scale: None,
            max_seg_size: None,
            sack_permitted: false,
            sack_ranges: [None; 3],
            timestamp: None,
            payload,
        }
        .emit(
            &mut TcpPacket::new_unchecked(packet.payload_mut()),
            &source.into(),
            &destination.into(),
            &checksums,
        ),
        Transport::Icmp => Icmpv4Repr::EchoRequest { ident: first, seq_no: second, data: payload }
            .emit(&mut Icmpv4Packet::new_unchecked(packet.payload_mut()), &checksums),
    }
    Some(())
}

/// Its sequence numbers have a sign.
fn bits(number: TcpSeqNumber) -> u32 {
    number.0.cast_unsigned()
}

fn number(bits: u32) -> TcpSeqNumber {
    TcpSeqNumber(bits.cast_signed())
}
