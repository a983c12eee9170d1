//! smoltcp reads and writes. It has no tags; of an ICMP message's second word it names echo's fields only; it counts three blocks
//! of selective acknowledgment.

use crate::facts::{Body, Choice, Facts, Header, Segment, Transport, Word};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, EthernetRepr, Icmpv4Message, Icmpv4Packet,
    Icmpv4Repr, IpAddress, IpProtocol, Ipv4Packet, Ipv4Repr, TcpOption, TcpPacket, TcpSeqNumber, UdpPacket, UdpRepr,
};

pub(crate) fn read(frame: &[u8]) -> Option<Facts> {
    let ethernet = EthernetFrame::new_checked(frame).ok()?;
    let body = match ethernet.ethertype() {
        EthernetProtocol::Arp => {
            let arp = ArpPacket::new_checked(ethernet.payload()).expect("smoltcp reads every frame of ours");
            let ArpRepr::EthernetIpv4 {
                operation,
                source_hardware_addr,
                source_protocol_addr,
                target_hardware_addr,
                target_protocol_addr,
            } = ArpRepr::parse(&arp).expect("it is about IPv4 over Ethernet")
            else {
                return None;
            };
            Body::Arp {
                operation: operation.into(),
                sender: (source_hardware_addr.0, source_protocol_addr.octets()),
                target: (target_hardware_addr.0, target_protocol_addr.octets()),
            }
        }
        EthernetProtocol::Ipv4 => {
            let ip = Ipv4Packet::new_checked(ethernet.payload()).expect("smoltcp reads every frame of ours");
            let header = header(&ip, ethernet.payload());
            let transport = transport(&ip, &header)?;
            Body::Packet(header, transport)
        }
        _ => return None,
    };
    Some(Facts { destination: ethernet.dst_addr().0, source: ethernet.src_addr().0, vlan: None, body })
}

fn header(ip: &Ipv4Packet<&[u8]>, bytes: &[u8]) -> Header {
    Header {
        dscp: ip.dscp(),
        ecn: ip.ecn(),
        total_length: ip.total_len(),
        identification: ip.ident(),
        dont_fragment: ip.dont_frag(),
        more_fragments: ip.more_frags(),
        // In bytes there, in units of 8 bytes on the wire.
        fragment_offset: ip.frag_offset() / 8,
        ttl: ip.hop_limit(),
        protocol: ip.next_header().into(),
        checksum: ip.checksum(),
        is_intact: ip.verify_checksum(),
        source: ip.src_addr().octets(),
        destination: ip.dst_addr().octets(),
        options: bytes[20..usize::from(ip.header_len())].to_vec(),
    }
}

fn transport(ip: &Ipv4Packet<&[u8]>, header: &Header) -> Option<Transport> {
    let payload = ip.payload();
    if header.is_fragment() {
        return Some(Transport::Other(payload.to_vec()));
    }
    let (source, destination) = (IpAddress::from(ip.src_addr()), IpAddress::from(ip.dst_addr()));
    Some(match ip.next_header() {
        IpProtocol::Tcp => {
            let tcp = TcpPacket::new_checked(payload).expect("smoltcp reads every segment of ours");
            Transport::Tcp(segment(&tcp, &source, &destination)?)
        }
        IpProtocol::Udp => {
            let udp = UdpPacket::new_checked(payload).expect("smoltcp reads every datagram of ours");
            Transport::Udp {
                source_port: udp.src_port(),
                destination_port: udp.dst_port(),
                length: udp.len(),
                checksum: udp.checksum(),
                is_intact: udp.verify_checksum(&source, &destination),
                data: udp.payload().to_vec(),
            }
        }
        IpProtocol::Icmp => {
            let message = Icmpv4Packet::new_checked(payload).expect("smoltcp reads every message of ours");
            let word = match message.msg_type() {
                Icmpv4Message::EchoRequest | Icmpv4Message::EchoReply => {
                    Word::Echo { identifier: message.echo_ident(), sequence: message.echo_seq_no() }
                }
                _ => Word::Bytes(*payload[4..].first_chunk().expect("the second word")),
            };
            let quote = match message.msg_type() {
                Icmpv4Message::DstUnreachable
                | Icmpv4Message::TimeExceeded
                | Icmpv4Message::ParamProblem
                | Icmpv4Message::Redirect => {
                    Some(self::header(&Ipv4Packet::new_unchecked(message.data()), message.data()))
                }
                _ => None,
            };
            Transport::Icmp {
                kind: message.msg_type().into(),
                code: message.msg_code(),
                checksum: message.checksum(),
                is_intact: message.verify_checksum(),
                word,
                data: message.data().to_vec(),
                quote,
            }
        }
        _ => Transport::Other(payload.to_vec()),
    })
}

fn segment(tcp: &TcpPacket<&[u8]>, source: &IpAddress, destination: &IpAddress) -> Option<Segment> {
    let flags = [tcp.ns(), tcp.cwr(), tcp.ece(), tcp.urg(), tcp.ack(), tcp.psh(), tcp.rst(), tcp.syn(), tcp.fin()];
    let (mut rest, mut options) = (tcp.options(), vec![]);
    while !rest.is_empty() {
        let (behind, option) = TcpOption::parse(rest).expect("smoltcp reads every option of ours");
        let len = rest.len() - behind.len();
        match option {
            TcpOption::EndOfList => break,
            TcpOption::SackRange(_) if len > 26 => return None,
            option => options.push(choice(option)),
        }
        rest = behind;
    }
    Some(Segment {
        source_port: tcp.src_port(),
        destination_port: tcp.dst_port(),
        sequence_number: tcp.seq_number().0 as u32,
        acknowledgment_number: tcp.ack_number().0 as u32,
        flags: flags.iter().fold(0, |flags, flag| flags << 1 | u16::from(*flag)),
        window: tcp.window_len(),
        checksum: tcp.checksum(),
        is_intact: tcp.verify_checksum(source, destination),
        urgent_pointer: tcp.urgent_at(),
        options,
        data: tcp.payload().to_vec(),
    })
}

fn choice(option: TcpOption<'_>) -> Choice {
    match option {
        TcpOption::NoOperation => Choice::NoOperation,
        TcpOption::MaxSegmentSize(size) => Choice::MaximumSegmentSize(size),
        TcpOption::WindowScale(shift) => Choice::WindowScale(shift),
        TcpOption::SackPermitted => Choice::SackPermitted,
        TcpOption::SackRange(blocks) => Choice::Sack(blocks.into_iter().flatten().collect()),
        TcpOption::TimeStamp { tsval, tsecr } => Choice::Timestamps(tsval, tsecr),
        TcpOption::Unknown { kind, data } => Choice::Other(kind, data.to_vec()),
        TcpOption::EndOfList => panic!("it is no option"),
    }
}

fn option(choice: &Choice) -> TcpOption<'_> {
    match choice {
        Choice::NoOperation => TcpOption::NoOperation,
        Choice::MaximumSegmentSize(size) => TcpOption::MaxSegmentSize(*size),
        Choice::WindowScale(shift) => TcpOption::WindowScale(*shift),
        Choice::SackPermitted => TcpOption::SackPermitted,
        Choice::Sack(blocks) => TcpOption::SackRange(std::array::from_fn(|at| blocks.get(at).copied())),
        Choice::Timestamps(tsval, tsecr) => TcpOption::TimeStamp { tsval: *tsval, tsecr: *tsecr },
        Choice::Other(kind, data) => TcpOption::Unknown { kind: *kind, data },
    }
}

fn has_four_blocks(segment: &Segment) -> bool {
    segment.options.iter().any(|option| matches!(option, Choice::Sack(blocks) if blocks.len() > 3))
}

fn write_segment(segment: &Segment, source: &IpAddress, destination: &IpAddress, bytes: &mut [u8]) {
    let flag = |bit: u16| segment.flags >> bit & 1 == 1;
    let mut tcp = TcpPacket::new_unchecked(bytes);
    tcp.set_src_port(segment.source_port);
    tcp.set_dst_port(segment.destination_port);
    tcp.set_seq_number(TcpSeqNumber(segment.sequence_number as i32));
    tcp.set_ack_number(TcpSeqNumber(segment.acknowledgment_number as i32));
    tcp.set_header_len(segment.header_len() as u8);
    tcp.set_ns(flag(8));
    tcp.set_cwr(flag(7));
    tcp.set_ece(flag(6));
    tcp.set_urg(flag(5));
    tcp.set_ack(flag(4));
    tcp.set_psh(flag(3));
    tcp.set_rst(flag(2));
    tcp.set_syn(flag(1));
    tcp.set_fin(flag(0));
    tcp.set_window_len(segment.window);
    tcp.set_urgent_at(segment.urgent_pointer);
    let mut rest = tcp.options_mut();
    for choice in &segment.options {
        let (front, behind) = rest.split_at_mut(choice.len());
        option(choice).emit(front);
        rest = behind;
    }
    tcp.payload_mut().copy_from_slice(&segment.data);
    tcp.fill_checksum(source, destination);
}

pub(crate) fn write(facts: &Facts) -> Option<Vec<u8>> {
    if facts.vlan.is_some() {
        return None;
    }
    let len = match &facts.body {
        Body::Arp { .. } => 28,
        Body::Packet(header, _) => usize::from(header.total_length),
    };
    let mut frame = vec![0; 14 + len];
    let ethertype = match facts.body {
        Body::Arp { .. } => EthernetProtocol::Arp,
        Body::Packet(..) => EthernetProtocol::Ipv4,
    };
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame);
    let (src_addr, dst_addr) = (EthernetAddress(facts.source), EthernetAddress(facts.destination));
    EthernetRepr { src_addr, dst_addr, ethertype }.emit(&mut ethernet);
    match &facts.body {
        Body::Arp { operation, sender, target } => {
            let arp = ArpRepr::EthernetIpv4 {
                operation: (*operation).into(),
                source_hardware_addr: EthernetAddress(sender.0),
                source_protocol_addr: sender.1.into(),
                target_hardware_addr: EthernetAddress(target.0),
                target_protocol_addr: target.1.into(),
            };
            arp.emit(&mut ArpPacket::new_unchecked(ethernet.payload_mut()));
        }
        Body::Packet(header, transport) => {
            write_header(header, ethernet.payload_mut());
            write_transport(header, transport, &mut ethernet.payload_mut()[header.len()..])?;
        }
    }
    Some(frame)
}

fn write_header(header: &Header, bytes: &mut [u8]) {
    bytes[20..header.len()].copy_from_slice(&header.options);
    let mut ip = Ipv4Packet::new_unchecked(bytes);
    let repr = Ipv4Repr {
        src_addr: header.source.into(),
        dst_addr: header.destination.into(),
        next_header: header.protocol.into(),
        payload_len: usize::from(header.total_length) - header.len(),
        hop_limit: header.ttl,
    };
    repr.emit(&mut ip, &ChecksumCapabilities::ignored());
    // What the representation leaves at its own values.
    ip.set_header_len(header.len() as u8);
    ip.set_total_len(header.total_length);
    ip.set_dscp(header.dscp);
    ip.set_ecn(header.ecn);
    ip.set_ident(header.identification);
    ip.set_dont_frag(header.dont_fragment);
    ip.set_more_frags(header.more_fragments);
    ip.set_frag_offset(header.fragment_offset * 8);
    ip.fill_checksum();
}

fn write_transport(header: &Header, transport: &Transport, bytes: &mut [u8]) -> Option<()> {
    let mut capabilities = ChecksumCapabilities::default();
    let [source, destination] = [header.source, header.destination].map(|octets| IpAddress::Ipv4(octets.into()));
    match transport {
        Transport::Udp { source_port, destination_port, checksum, data, .. } => {
            if *checksum == 0 {
                capabilities = ChecksumCapabilities::ignored();
            }
            UdpRepr { src_port: *source_port, dst_port: *destination_port }.emit(
                &mut UdpPacket::new_unchecked(bytes),
                &source,
                &destination,
                data.len(),
                |payload| payload.copy_from_slice(data),
                &capabilities,
            );
        }
        Transport::Icmp { kind: 8, word: Word::Echo { identifier, sequence }, data, .. } => {
            let echo = Icmpv4Repr::EchoRequest { ident: *identifier, seq_no: *sequence, data };
            echo.emit(&mut Icmpv4Packet::new_unchecked(bytes), &capabilities);
        }
        Transport::Icmp { word: Word::Echo { identifier, sequence }, data, .. } => {
            let echo = Icmpv4Repr::EchoReply { ident: *identifier, seq_no: *sequence, data };
            echo.emit(&mut Icmpv4Packet::new_unchecked(bytes), &capabilities);
        }
        Transport::Icmp { kind, code, word: Word::Bytes(word), data, .. } => {
            bytes[4..8].copy_from_slice(word);
            let mut message = Icmpv4Packet::new_unchecked(bytes);
            message.set_msg_type((*kind).into());
            message.set_msg_code(*code);
            message.data_mut().copy_from_slice(data);
            message.fill_checksum();
        }
        Transport::Tcp(segment) if has_four_blocks(segment) => return None,
        Transport::Tcp(segment) => write_segment(segment, &source, &destination, bytes),
        Transport::Other(payload) => bytes.copy_from_slice(payload),
    }
    Some(())
}
