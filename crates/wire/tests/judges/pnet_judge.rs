//! `pnet_packet` reads and writes.

use crate::facts::{Body, Choice, Facts, Header, Segment, Transport, Vlan, Word};
use pnet_packet::Packet;
use pnet_packet::arp::{ArpHardwareTypes, ArpOperation, ArpPacket, MutableArpPacket};
use pnet_packet::ethernet::{EtherType, EtherTypes, EthernetPacket, MutableEthernetPacket};
use pnet_packet::icmp::destination_unreachable::DestinationUnreachablePacket;
use pnet_packet::icmp::echo_reply::EchoReplyPacket;
use pnet_packet::icmp::echo_request::{EchoRequestPacket, MutableEchoRequestPacket};
use pnet_packet::icmp::time_exceeded::TimeExceededPacket;
use pnet_packet::icmp::{self, IcmpCode, IcmpPacket, IcmpType, IcmpTypes, MutableIcmpPacket};
use pnet_packet::ip::{IpNextHeaderProtocol, IpNextHeaderProtocols};
use pnet_packet::ipv4::{self, Ipv4Packet, MutableIpv4Packet};
use pnet_packet::tcp::{self, MutableTcpPacket, TcpOption, TcpOptionNumber, TcpOptionNumbers, TcpPacket};
use pnet_packet::udp::{self, MutableUdpPacket, UdpPacket};
use pnet_packet::vlan::{ClassOfService, MutableVlanPacket, VlanPacket};

pub(crate) fn read(frame: &[u8]) -> Option<Facts> {
    let ethernet = EthernetPacket::new(frame)?;
    let mut ethertype = ethernet.get_ethertype();
    let mut rest = ethernet.payload();
    let mut vlan = None;
    if ethertype == EtherTypes::Vlan {
        let tag = VlanPacket::new(rest)?;
        vlan = Some(Vlan {
            priority: tag.get_priority_code_point().0,
            drop_eligible: tag.get_drop_eligible_indicator() == 1,
            id: tag.get_vlan_identifier(),
        });
        ethertype = tag.get_ethertype();
        rest = &rest[VlanPacket::minimum_packet_size()..];
    }
    let body = match ethertype {
        EtherTypes::Arp => {
            let arp = ArpPacket::new(rest)?;
            assert_eq!(
                (arp.get_hardware_type(), arp.get_protocol_type()),
                (ArpHardwareTypes::Ethernet, EtherTypes::Ipv4)
            );
            Body::Arp {
                operation: arp.get_operation().0,
                sender: (arp.get_sender_hw_addr().octets(), arp.get_sender_proto_addr().octets()),
                target: (arp.get_target_hw_addr().octets(), arp.get_target_proto_addr().octets()),
            }
        }
        EtherTypes::Ipv4 => {
            let ip = Ipv4Packet::new(rest)?;
            Body::Packet(header(&ip), transport(&ip)?)
        }
        _ => return None,
    };
    let (destination, source) = (ethernet.get_destination().octets(), ethernet.get_source().octets());
    Some(Facts { destination, source, vlan, body })
}

fn header(ip: &Ipv4Packet<'_>) -> Header {
    Header {
        dscp: ip.get_dscp(),
        ecn: ip.get_ecn(),
        total_length: ip.get_total_length(),
        identification: ip.get_identification(),
        dont_fragment: ip.get_flags() & 2 != 0,
        more_fragments: ip.get_flags() & 1 != 0,
        fragment_offset: ip.get_fragment_offset(),
        ttl: ip.get_ttl(),
        protocol: ip.get_next_level_protocol().0,
        checksum: ip.get_checksum(),
        is_intact: ipv4::checksum(ip) == ip.get_checksum(),
        source: ip.get_source().octets(),
        destination: ip.get_destination().octets(),
        options: ip.get_options_raw().to_vec(),
    }
}

fn transport(ip: &Ipv4Packet<'_>) -> Option<Transport> {
    let payload = ip.payload();
    Some(match ip.get_next_level_protocol() {
        _ if header(ip).is_fragment() => Transport::Other(payload.to_vec()),
        IpNextHeaderProtocols::Udp => {
            let udp = UdpPacket::new(payload)?;
            Transport::Udp {
                source_port: udp.get_source(),
                destination_port: udp.get_destination(),
                length: udp.get_length(),
                checksum: udp.get_checksum(),
                is_intact: [0, udp_checksum(&udp, ip)].contains(&udp.get_checksum()),
                data: udp.payload().to_vec(),
            }
        }
        IpNextHeaderProtocols::Tcp => Transport::Tcp(segment(ip, &TcpPacket::new(payload)?)?),
        IpNextHeaderProtocols::Icmp => {
            let message = IcmpPacket::new(payload)?;
            let (word, data, is_error) = second_word(&message, payload)?;
            Transport::Icmp {
                kind: message.get_icmp_type().0,
                code: message.get_icmp_code().0,
                checksum: message.get_checksum(),
                is_intact: icmp::checksum(&message) == message.get_checksum(),
                word,
                quote: if is_error { Some(header(&Ipv4Packet::new(&data)?)) } else { None },
                data,
            }
        }
        _ => Transport::Other(payload.to_vec()),
    })
}

/// RFC 768's "zero is transmitted as all ones" is left to the caller.
fn udp_checksum(udp: &UdpPacket<'_>, ip: &Ipv4Packet<'_>) -> u16 {
    match udp::ipv4_checksum(udp, &ip.get_source(), &ip.get_destination()) {
        0 => 0xffff,
        sum => sum,
    }
}

fn segment(ip: &Ipv4Packet<'_>, tcp: &TcpPacket<'_>) -> Option<Segment> {
    // What it calls reserved has AE in its lowest bit.
    let ae = u16::from(tcp.get_reserved());
    Some(Segment {
        source_port: tcp.get_source(),
        destination_port: tcp.get_destination(),
        sequence_number: tcp.get_sequence(),
        acknowledgment_number: tcp.get_acknowledgement(),
        flags: ae << 8 | u16::from(tcp.get_flags()),
        window: tcp.get_window(),
        checksum: tcp.get_checksum(),
        is_intact: tcp::ipv4_checksum(tcp, &ip.get_source(), &ip.get_destination()) == tcp.get_checksum(),
        urgent_pointer: tcp.get_urgent_ptr(),
        options: tcp
            .get_options()
            .into_iter()
            .take_while(|option| option.number != TcpOptionNumbers::EOL)
            .map(|option| choice(&option))
            .collect::<Option<_>>()?,
        data: tcp.payload().to_vec(),
    })
}

/// It names kinds, and leaves their data to the caller.
fn choice(option: &TcpOption) -> Option<Choice> {
    let word = |at: usize| Some(u32::from_be_bytes(option.data.get(at..at + 4)?.try_into().ok()?));
    Some(match option.number {
        TcpOptionNumbers::NOP => Choice::NoOperation,
        TcpOptionNumbers::MSS => Choice::MaximumSegmentSize(u16::from_be_bytes(option.data[..].try_into().ok()?)),
        TcpOptionNumbers::WSCALE => Choice::WindowScale(option.data[0]),
        TcpOptionNumbers::SACK_PERMITTED => Choice::SackPermitted,
        TcpOptionNumbers::SACK => {
            let starts = (0..option.data.len()).step_by(8);
            Choice::Sack(starts.map(|at| Some((word(at)?, word(at + 4)?))).collect::<Option<_>>()?)
        }
        TcpOptionNumbers::TIMESTAMPS => Choice::Timestamps(word(0)?, word(4)?),
        TcpOptionNumber(kind) => Choice::Other(kind, option.data.clone()),
    })
}

fn option(choice: &Choice) -> TcpOption {
    match choice {
        Choice::NoOperation => TcpOption::nop(),
        Choice::MaximumSegmentSize(size) => TcpOption::mss(*size),
        Choice::WindowScale(shift) => TcpOption::wscale(*shift),
        Choice::SackPermitted => TcpOption::sack_perm(),
        Choice::Sack(blocks) => {
            TcpOption::selective_ack(&blocks.iter().flat_map(|(left, right)| [*left, *right]).collect::<Vec<_>>())
        }
        Choice::Timestamps(value, echo_reply) => TcpOption::timestamp(*value, *echo_reply),
        Choice::Other(kind, data) => {
            TcpOption { number: TcpOptionNumber(*kind), length: vec![data.len() as u8 + 2], data: data.clone() }
        }
    }
}

fn write_segment(header: &Header, segment: &Segment, bytes: &mut [u8]) -> Option<()> {
    let mut tcp = MutableTcpPacket::new(bytes)?;
    tcp.set_source(segment.source_port);
    tcp.set_destination(segment.destination_port);
    tcp.set_sequence(segment.sequence_number);
    tcp.set_acknowledgement(segment.acknowledgment_number);
    tcp.set_data_offset((segment.header_len() / 4) as u8);
    tcp.set_reserved((segment.flags >> 8) as u8);
    tcp.set_flags(segment.flags as u8);
    tcp.set_window(segment.window);
    tcp.set_urgent_ptr(segment.urgent_pointer);
    tcp.set_options(&segment.options.iter().map(option).collect::<Vec<_>>());
    tcp.set_payload(&segment.data);
    let checksum = tcp::ipv4_checksum(&tcp.to_immutable(), &header.source.into(), &header.destination.into());
    tcp.set_checksum(checksum);
    Some(())
}

/// Second word, what follows it, and whether that is a quote. Redirects and parameter problems have no type of their own here.
fn second_word(message: &IcmpPacket<'_>, bytes: &[u8]) -> Option<(Word, Vec<u8>, bool)> {
    Some(match message.get_icmp_type() {
        IcmpTypes::EchoRequest => {
            let echo = EchoRequestPacket::new(bytes)?;
            let word = Word::Echo { identifier: echo.get_identifier(), sequence: echo.get_sequence_number() };
            (word, echo.payload().to_vec(), false)
        }
        IcmpTypes::EchoReply => {
            let echo = EchoReplyPacket::new(bytes)?;
            let word = Word::Echo { identifier: echo.get_identifier(), sequence: echo.get_sequence_number() };
            (word, echo.payload().to_vec(), false)
        }
        IcmpTypes::DestinationUnreachable => {
            let error = DestinationUnreachablePacket::new(bytes)?;
            let word = u32::from(error.get_unused()) << 16 | u32::from(error.get_next_hop_mtu());
            (Word::Bytes(word.to_be_bytes()), error.payload().to_vec(), true)
        }
        IcmpTypes::TimeExceeded => {
            let error = TimeExceededPacket::new(bytes)?;
            (Word::Bytes(error.get_unused().to_be_bytes()), error.payload().to_vec(), true)
        }
        kind => {
            let (word, data) = message.payload().split_first_chunk()?;
            let is_error = [IcmpTypes::RedirectMessage, IcmpTypes::ParameterProblem].contains(&kind);
            (Word::Bytes(*word), data.to_vec(), is_error)
        }
    })
}

pub(crate) fn write(facts: &Facts) -> Option<Vec<u8>> {
    let len = match &facts.body {
        Body::Arp { .. } => 28,
        Body::Packet(header, _) => usize::from(header.total_length),
    };
    let tag = if facts.vlan.is_some() { 4 } else { 0 };
    let mut frame = vec![0; 14 + tag + len];
    let ethertype = match facts.body {
        Body::Arp { .. } => EtherTypes::Arp,
        Body::Packet(..) => EtherTypes::Ipv4,
    };
    let mut ethernet = MutableEthernetPacket::new(&mut frame)?;
    ethernet.set_destination(facts.destination.into());
    ethernet.set_source(facts.source.into());
    ethernet.set_ethertype(if facts.vlan.is_some() { EtherTypes::Vlan } else { ethertype });
    if let Some(vlan) = &facts.vlan {
        write_tag(vlan, ethertype, &mut frame[14..])?;
    }
    let body = &mut frame[14 + tag..];
    match &facts.body {
        Body::Arp { operation, sender, target } => {
            let mut arp = MutableArpPacket::new(body)?;
            arp.set_hardware_type(ArpHardwareTypes::Ethernet);
            arp.set_protocol_type(EtherTypes::Ipv4);
            arp.set_hw_addr_len(6);
            arp.set_proto_addr_len(4);
            arp.set_operation(ArpOperation::new(*operation));
            arp.set_sender_hw_addr(sender.0.into());
            arp.set_sender_proto_addr(sender.1.into());
            arp.set_target_hw_addr(target.0.into());
            arp.set_target_proto_addr(target.1.into());
        }
        Body::Packet(header, transport) => {
            write_header(header, body)?;
            write_transport(header, transport, &mut body[header.len()..])?;
        }
    }
    Some(frame)
}

fn write_tag(vlan: &Vlan, ethertype: EtherType, bytes: &mut [u8]) -> Option<()> {
    let mut tag = MutableVlanPacket::new(bytes)?;
    tag.set_priority_code_point(ClassOfService(vlan.priority));
    tag.set_drop_eligible_indicator(vlan.drop_eligible.into());
    tag.set_vlan_identifier(vlan.id);
    tag.set_ethertype(ethertype);
    Some(())
}

fn write_header(header: &Header, bytes: &mut [u8]) -> Option<()> {
    let mut ip = MutableIpv4Packet::new(bytes)?;
    ip.set_version(4);
    ip.set_header_length((header.len() / 4) as u8);
    ip.set_dscp(header.dscp);
    ip.set_ecn(header.ecn);
    ip.set_total_length(header.total_length);
    ip.set_identification(header.identification);
    ip.set_flags(u8::from(header.dont_fragment) << 1 | u8::from(header.more_fragments));
    ip.set_fragment_offset(header.fragment_offset);
    ip.set_ttl(header.ttl);
    ip.set_next_level_protocol(IpNextHeaderProtocol(header.protocol));
    ip.set_source(header.source.into());
    ip.set_destination(header.destination.into());
    ip.get_options_raw_mut().copy_from_slice(&header.options);
    let checksum = ipv4::checksum(&ip.to_immutable());
    ip.set_checksum(checksum);
    Some(())
}

fn write_transport(header: &Header, transport: &Transport, bytes: &mut [u8]) -> Option<()> {
    match transport {
        Transport::Udp { source_port, destination_port, length, checksum, data, .. } => {
            let mut udp = MutableUdpPacket::new(bytes)?;
            udp.set_source(*source_port);
            udp.set_destination(*destination_port);
            udp.set_length(*length);
            udp.set_payload(data);
            if *checksum != 0 {
                let sum = udp::ipv4_checksum(&udp.to_immutable(), &header.source.into(), &header.destination.into());
                udp.set_checksum(if sum == 0 { 0xffff } else { sum });
            }
        }
        Transport::Icmp { kind, code, word: Word::Echo { identifier, sequence }, data, .. } => {
            let mut echo = MutableEchoRequestPacket::new(bytes)?;
            echo.set_icmp_type(IcmpType(*kind));
            echo.set_icmp_code(IcmpCode(*code));
            echo.set_identifier(*identifier);
            echo.set_sequence_number(*sequence);
            echo.set_payload(data);
            let checksum = icmp::checksum(&IcmpPacket::new(echo.packet())?);
            echo.set_checksum(checksum);
        }
        Transport::Icmp { kind, code, word: Word::Bytes(word), data, .. } => {
            let mut message = MutableIcmpPacket::new(bytes)?;
            message.set_icmp_type(IcmpType(*kind));
            message.set_icmp_code(IcmpCode(*code));
            message.set_payload(&[&word[..], data].concat());
            let checksum = icmp::checksum(&message.to_immutable());
            message.set_checksum(checksum);
        }
        Transport::Tcp(segment) => write_segment(header, segment, bytes)?,
        Transport::Other(payload) => bytes.copy_from_slice(payload),
    }
    Some(())
}
