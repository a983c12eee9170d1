//! `pnet_packet`: its packets, and its checksum functions, which are for the caller to call.

use super::{Parsed, Question, Stream, Transport};
use pnet_packet::ethernet::{EtherTypes, EthernetPacket, MutableEthernetPacket};
use pnet_packet::icmp::echo_request::{EchoRequestPacket, MutableEchoRequestPacket};
use pnet_packet::icmp::{self, IcmpPacket, IcmpTypes};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv4::{self, Ipv4Flags, Ipv4Packet, MutableIpv4Packet};
use pnet_packet::tcp::{self, MutableTcpPacket, TcpFlags, TcpPacket};
use pnet_packet::udp::{self, MutableUdpPacket, UdpPacket};
use pnet_packet::{MutablePacket, Packet};

pub(super) fn parse(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<false>(frame)
}

pub(super) fn parse_verified(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<true>(frame)
}

fn parsed<const VERIFIED: bool>(frame: &[u8]) -> Option<Parsed<'_>> {
    let ethernet = EthernetPacket::new(frame)?;
    if ethernet.get_ethertype() != EtherTypes::Ipv4 {
        return None;
    }
    let bytes = frame.get(EthernetPacket::minimum_packet_size()..)?;
    let ip = Ipv4Packet::new(bytes)?;
    if VERIFIED && ipv4::checksum(&ip) != ip.get_checksum() {
        return None;
    }
    // Its payloads borrow from the packet and not from the bytes, so these are cut anew to outlive it.
    let start = usize::from(ip.get_header_length()) * 4;
    let bytes = bytes.get(start..start + ip.payload().len())?;
    let (source, destination) = (ip.get_source(), ip.get_destination());
    let (mut stream, mut header) = (Stream::default(), 8);
    let (first, second) = match ip.get_next_level_protocol() {
        IpNextHeaderProtocols::Udp => {
            let udp = UdpPacket::new(bytes)?;
            if VERIFIED && udp::ipv4_checksum(&udp, &source, &destination) != udp.get_checksum() {
                return None;
            }
            (udp.get_source(), udp.get_destination())
        }
        IpNextHeaderProtocols::Tcp => {
            let tcp = TcpPacket::new(bytes)?;
            if VERIFIED && tcp::ipv4_checksum(&tcp, &source, &destination) != tcp.get_checksum() {
                return None;
            }
            header = usize::from(tcp.get_data_offset()) * 4;
            let (sequence, acknowledgment) = (tcp.get_sequence(), tcp.get_acknowledgement());
            stream = Stream { sequence, acknowledgment, window: tcp.get_window() };
            (tcp.get_source(), tcp.get_destination())
        }
        IpNextHeaderProtocols::Icmp => {
            let message = IcmpPacket::new(bytes)?;
            if VERIFIED && icmp::checksum(&message) != message.get_checksum() {
                return None;
            }
            if message.get_icmp_type() != IcmpTypes::EchoRequest {
                return None;
            }
            let echo = EchoRequestPacket::new(bytes)?;
            (echo.get_identifier(), echo.get_sequence_number())
        }
        _ => return None,
    };
    Some(Parsed { source, destination, first, second, stream, payload: bytes.get(header..)? })
}

pub(super) fn emit(frame: &mut [u8], question: &Question<'_>) -> Option<()> {
    let Question { source_mac, destination_mac, ttl, transport, parsed } = *question;
    let Parsed { source, destination, first, second, stream, payload } = parsed;
    let len = u16::try_from(transport.header_len() + payload.len()).ok()?;
    let mut ethernet = MutableEthernetPacket::new(frame)?;
    ethernet.set_source(source_mac.into());
    ethernet.set_destination(destination_mac.into());
    ethernet.set_ethertype(EtherTypes::Ipv4);
    let mut ip = MutableIpv4Packet::new(ethernet.payload_mut())?;
    ip.set_version(4);
    ip.set_header_length(5);
    ip.set_dscp(0);
    ip.set_ecn(0);
    ip.set_total_length(20 + len);
    ip.set_identification(0);
    ip.set_flags(Ipv4Flags::DontFragment);
    ip.set_fragment_offset(0);
    ip.set_ttl(ttl);
    ip.set_next_level_protocol(match transport {
        Transport::Udp => IpNextHeaderProtocols::Udp,
        Transport::Tcp => IpNextHeaderProtocols::Tcp,
        Transport::Icmp => IpNextHeaderProtocols::Icmp,
    });
    ip.set_source(source);
    ip.set_destination(destination);
    let sum = ipv4::checksum(&ip.to_immutable());
    ip.set_checksum(sum);
    match transport {
        Transport::Udp => {
            let mut udp = MutableUdpPacket::new(ip.payload_mut())?;
            udp.set_source(first);
            udp.set_destination(second);
            udp.set_length(len);
            udp.set_payload(payload);
            let sum = udp::ipv4_checksum(&udp.to_immutable(), &source, &destination);
            udp.set_checksum(sum);
        }
        Transport::Tcp => {
            let mut tcp = MutableTcpPacket::new(ip.payload_mut())?;
            tcp.set_source(first);
            tcp.set_destination(second);
            tcp.set_sequence(stream.sequence);
            tcp.set_acknowledgement(stream.acknowledgment);
            tcp.set_data_offset(5);
            tcp.set_reserved(0);
            tcp.set_flags(TcpFlags::ACK | TcpFlags::PSH);
            tcp.set_window(stream.window);
            tcp.set_urgent_ptr(0);
            tcp.set_payload(payload);
            let sum = tcp::ipv4_checksum(&tcp.to_immutable(), &source, &destination);
            tcp.set_checksum(sum);
        }
        Transport::Icmp => {
            let mut echo = MutableEchoRequestPacket::new(ip.payload_mut())?;
            echo.set_icmp_type(IcmpTypes::EchoRequest);
            echo.set_icmp_code(icmp::IcmpCode(0));
            echo.set_identifier(first);
            echo.set_sequence_number(second);
            echo.set_payload(payload);
            let sum = icmp::checksum(&IcmpPacket::new(echo.packet())?);
            echo.set_checksum(sum);
        }
    }
    Some(())
}
