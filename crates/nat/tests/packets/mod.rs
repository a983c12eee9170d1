//! Packets for tests, made by an outside crate, and judged by it.

#![allow(dead_code, reason = "no test needs all of it")]

use etherparse::{Icmpv4Type, NetHeaders, PacketBuilder, PacketHeaders, TransportHeader};
use host::Time;
use nat::{Nat, Side, Verdict};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

pub(crate) const PUBLIC: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
pub(crate) const HOST: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 2);
pub(crate) const OTHER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 4);
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
pub(crate) const STRANGER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

pub(crate) fn end(address: Ipv4Addr, port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(address, port)
}

pub(crate) fn at(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

pub(crate) fn udp(from: SocketAddrV4, to: SocketAddrV4, data: &[u8]) -> Vec<u8> {
    let mut packet = vec![];
    let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64).udp(from.port(), to.port());
    builder.write(&mut packet, data).unwrap();
    packet
}

/// A datagram without a checksum.
pub(crate) fn unchecked(from: SocketAddrV4, to: SocketAddrV4, data: &[u8]) -> Vec<u8> {
    let mut packet = udp(from, to, data);
    packet[26..28].fill(0);
    packet
}

pub(crate) fn tcp(from: SocketAddrV4, to: SocketAddrV4, flags: u8) -> Vec<u8> {
    tcp_with(from, to, flags, &[], b"")
}

pub(crate) fn tcp_with(from: SocketAddrV4, to: SocketAddrV4, flags: u8, options: &[u8], data: &[u8]) -> Vec<u8> {
    let mut header = etherparse::TcpHeader::new(from.port(), to.port(), 1000, 4096);
    header.fin = flags & FIN != 0;
    header.syn = flags & SYN != 0;
    header.rst = flags & RST != 0;
    header.ack = flags & ACK != 0;
    header.set_options_raw(options).unwrap();
    let mut packet = vec![];
    let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64).tcp_header(header);
    builder.write(&mut packet, data).unwrap();
    packet
}

pub(crate) fn ping(from: Ipv4Addr, to: Ipv4Addr, identifier: u16) -> Vec<u8> {
    let mut packet = vec![];
    let builder = PacketBuilder::ipv4(from.octets(), to.octets(), 64).icmpv4_echo_request(identifier, 1);
    builder.write(&mut packet, b"first hop").unwrap();
    packet
}

pub(crate) fn pong(from: Ipv4Addr, to: Ipv4Addr, identifier: u16) -> Vec<u8> {
    let mut packet = vec![];
    let builder = PacketBuilder::ipv4(from.octets(), to.octets(), 64).icmpv4_echo_reply(identifier, 1);
    builder.write(&mut packet, b"first hop").unwrap();
    packet
}

/// "Port unreachable" from `from` to the source of `about`, which it quotes.
pub(crate) fn unreachable(from: Ipv4Addr, about: &[u8]) -> Vec<u8> {
    let to: [u8; 4] = about[12..16].try_into().unwrap();
    let mut packet = vec![];
    let kind = Icmpv4Type::DestinationUnreachable(etherparse::icmpv4::DestUnreachableHeader::Port);
    PacketBuilder::ipv4(from.octets(), to, 64).icmpv4(kind).write(&mut packet, about).unwrap();
    packet
}

/// Source and destination as the outside crate reads them; of ICMP the identifier stands for a port.
pub(crate) fn ends(packet: &[u8]) -> (SocketAddrV4, SocketAddrV4) {
    let headers = PacketHeaders::from_ip_slice(packet).unwrap();
    let Some(NetHeaders::Ipv4(ip, _)) = &headers.net else { panic!("{headers:?}") };
    let (source, destination) = match &headers.transport {
        Some(TransportHeader::Udp(udp)) => (udp.source_port, udp.destination_port),
        Some(TransportHeader::Tcp(tcp)) => (tcp.source_port, tcp.destination_port),
        Some(TransportHeader::Icmpv4(icmp)) => match icmp.icmp_type {
            Icmpv4Type::EchoRequest(echo) | Icmpv4Type::EchoReply(echo) => (echo.id, echo.id),
            _ => (0, 0),
        },
        _ => (0, 0),
    };
    (end(ip.source.into(), source), end(ip.destination.into(), destination))
}

/// All checksums of a whole packet are those that the outside crate makes for it.
pub(crate) fn judge(packet: &[u8]) {
    let headers = PacketHeaders::from_ip_slice(packet).unwrap();
    let Some(NetHeaders::Ipv4(ip, _)) = &headers.net else { panic!("{headers:?}") };
    assert_eq!(ip.header_checksum, ip.calc_header_checksum(), "IP: {packet:02x?}");
    let payload = headers.payload.slice();
    match &headers.transport {
        Some(TransportHeader::Udp(udp)) if udp.checksum == 0 => {}
        Some(TransportHeader::Udp(udp)) => {
            assert_eq!(udp.checksum, udp.calc_checksum_ipv4(ip, payload).unwrap(), "UDP: {packet:02x?}");
        }
        Some(TransportHeader::Tcp(tcp)) => {
            assert_eq!(tcp.checksum, tcp.calc_checksum_ipv4(ip, payload).unwrap(), "TCP: {packet:02x?}");
        }
        Some(TransportHeader::Icmpv4(icmp)) => {
            assert_eq!(icmp.checksum, icmp.icmp_type.calc_checksum(payload), "ICMP: {packet:02x?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Hands a packet in that must pass; the packet as it goes on.
pub(crate) fn pass(nat: &mut Nat, packet: &[u8], side: Side, now: Time) -> Vec<u8> {
    let mut packet = packet.to_vec();
    assert_eq!(nat.translate(&mut packet, side, now), Verdict::Pass, "{:?}", ends(&packet));
    packet
}

/// The verdict on a packet that must not be changed.
pub(crate) fn refused(nat: &mut Nat, packet: &[u8], side: Side, now: Time) -> Verdict {
    let mut copy = packet.to_vec();
    let verdict = nat.translate(&mut copy, side, now);
    assert_eq!(copy, packet, "{verdict:?}");
    verdict
}
