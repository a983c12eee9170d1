//! This workspace's wire crate.

use super::{Parsed, Question, Stream, Transport};
use wire::Mac;
use wire::ethernet::{self, Ethernet};
use wire::icmp::{self, Echo, Icmp, Message};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

pub(super) fn parse(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<false>(frame)
}

pub(super) fn parse_verified(frame: &[u8]) -> Option<Parsed<'_>> {
    parsed::<true>(frame)
}

fn parsed<const VERIFIED: bool>(frame: &[u8]) -> Option<Parsed<'_>> {
    let (ethernet, packet) = Ethernet::take(frame).ok()?;
    if ethernet.ethertype != ethernet::IPV4 {
        return None;
    }
    let (ip, _, message, _) = Ipv4::parse(packet).ok()?;
    if VERIFIED && !Ipv4::is_intact(packet) {
        return None;
    }
    let mut stream = Stream::default();
    let (first, second, payload) = match ip.protocol {
        ipv4::UDP => {
            let (udp, payload, _) = Udp::parse(message).ok()?;
            if VERIFIED && !udp.is_intact(ip.source.into(), ip.destination.into(), payload) {
                return None;
            }
            (udp.source_port, udp.destination_port, payload)
        }
        ipv4::TCP => {
            let (tcp, _, payload) = Tcp::parse(message).ok()?;
            if VERIFIED && !Tcp::is_intact(ip.source.into(), ip.destination.into(), message) {
                return None;
            }
            let (sequence, acknowledgment) = (tcp.sequence_number, tcp.acknowledgment_number);
            stream = Stream { sequence, acknowledgment, window: tcp.window };
            (tcp.source_port, tcp.destination_port, payload)
        }
        ipv4::ICMP => match icmp::parse(message).ok()? {
            (_, Message::EchoRequest { echo, data }) if !VERIFIED || icmp::is_intact(message) => {
                (echo.identifier, echo.sequence, data)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Parsed { source: ip.source, destination: ip.destination, first, second, stream, payload })
}

pub(super) fn emit(frame: &mut [u8], question: &Question<'_>) -> Option<()> {
    let Question { source_mac, destination_mac, ttl, transport, parsed } = *question;
    let Parsed { source, destination, first, second, stream, payload } = parsed;
    let ethertype = ethernet::IPV4;
    let ethernet = Ethernet { destination: Mac(destination_mac), source: Mac(source_mac), ethertype };
    let packet = ethernet.emit(frame)?;
    let protocol = match transport {
        Transport::Udp => ipv4::UDP,
        Transport::Tcp => ipv4::TCP,
        Transport::Icmp => ipv4::ICMP,
    };
    let ip = Ipv4 { dont_fragment: true, ttl, ..Ipv4::new(source, destination, protocol) };
    let message = ip.sealed(&[], transport.header_len() + payload.len()).emit(packet)?;
    let rest = match transport {
        Transport::Udp => Udp::new(first, second).sealed(source.into(), destination.into(), payload).emit(message)?,
        Transport::Tcp => {
            let Stream { sequence, acknowledgment, window } = stream;
            let tcp = Tcp {
                sequence_number: sequence,
                acknowledgment_number: acknowledgment,
                window,
                ack: true,
                psh: true,
                ..Tcp::new(first, second)
            };
            tcp.sealed(source.into(), destination.into(), &[], payload).emit(message)?
        }
        Transport::Icmp => {
            let echo = Echo { identifier: first, sequence: second };
            let rest = Icmp::sealed(icmp::ECHO_REQUEST, 0, echo.bytes(), payload).emit(message)?;
            echo.emit(rest)?
        }
    };
    rest.get_mut(..payload.len())?.copy_from_slice(payload);
    Some(())
}
