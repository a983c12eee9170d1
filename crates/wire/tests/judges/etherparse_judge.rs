//! etherparse reads and writes. It counts three blocks of selective acknowledgment, has no options but the common ones, and no
//! length of an ICMP quote.

use crate::facts::{Body, Choice, Facts, Header, Segment, Transport, Vlan, Word};
use etherparse::icmpv4::{
    DestUnreachableHeader, ParameterProblemHeader, RedirectCode, RedirectHeader, TimeExceededCode,
};
use etherparse::{
    ArpEthIpv4Packet, ArpOperation, EtherType, Ethernet2Header, IcmpEchoHeader, Icmpv4Header, Icmpv4Slice, Icmpv4Type,
    IpEcn, IpNumber, Ipv4Header, Ipv4HeaderSlice, LinkSlice, NetSlice, SingleVlanHeader, SlicedPacket, TcpHeader,
    TcpOptionElement, TcpSlice, TransportSlice, UdpHeader,
};

pub(crate) fn read(frame: &[u8]) -> Option<Facts> {
    let packet = SlicedPacket::from_ethernet(frame).expect("etherparse reads every frame of ours");
    let LinkSlice::Ethernet2(ethernet) = packet.link.as_ref()? else { return None };
    let vlan = match packet.vlan() {
        Some(etherparse::VlanSlice::SingleVlan(tag)) => Some(Vlan {
            priority: tag.priority_code_point().value(),
            drop_eligible: tag.drop_eligible_indicator(),
            id: tag.vlan_identifier().value(),
        }),
        _ => None,
    };
    let body = match packet.net? {
        NetSlice::Arp(arp) => {
            let arp = arp.to_packet().try_eth_ipv4().expect("it is about IPv4 over Ethernet");
            Body::Arp {
                operation: arp.operation.0,
                sender: (arp.sender_mac, arp.sender_ipv4),
                target: (arp.target_mac, arp.target_ipv4),
            }
        }
        NetSlice::Ipv4(ip) => {
            let transport = match packet.transport {
                None => Transport::Other(ip.payload().payload.to_vec()),
                Some(TransportSlice::Udp(udp)) => {
                    let (source, destination) = (ip.header().source(), ip.header().destination());
                    let sum = udp.to_header().calc_checksum_ipv4_raw(source, destination, udp.payload());
                    Transport::Udp {
                        source_port: udp.source_port(),
                        destination_port: udp.destination_port(),
                        length: udp.length(),
                        checksum: udp.checksum(),
                        is_intact: [0, sum.ok()?].contains(&udp.checksum()),
                        data: udp.payload().to_vec(),
                    }
                }
                Some(TransportSlice::Icmpv4(message)) => icmp(&message)?,
                Some(TransportSlice::Tcp(tcp)) => Transport::Tcp(segment(&ip.header(), &tcp)?),
                Some(other) => panic!("the tests have no {other:?}"),
            };
            Body::Packet(header(&ip.header()), transport)
        }
        NetSlice::Ipv6(_) => return None,
    };
    Some(Facts { destination: ethernet.destination(), source: ethernet.source(), vlan, body })
}

fn header(ip: &Ipv4HeaderSlice<'_>) -> Header {
    Header {
        dscp: ip.dcp().value(),
        ecn: ip.ecn().value(),
        total_length: ip.total_len(),
        identification: ip.identification(),
        dont_fragment: ip.dont_fragment(),
        more_fragments: ip.more_fragments(),
        fragment_offset: ip.fragments_offset().value(),
        ttl: ip.ttl(),
        protocol: ip.protocol().0,
        checksum: ip.header_checksum(),
        is_intact: ip.to_header().calc_header_checksum() == ip.header_checksum(),
        source: ip.source(),
        destination: ip.destination(),
        options: ip.options().to_vec(),
    }
}

fn icmp(message: &Icmpv4Slice<'_>) -> Option<Transport> {
    use Icmpv4Type as Type;
    let kind = message.icmp_type();
    if has_length(message.type_u8(), message.bytes5to8()) {
        return None;
    }
    let word = match &kind {
        Type::EchoRequest(echo) | Type::EchoReply(echo) => Word::Echo { identifier: echo.id, sequence: echo.seq },
        Type::DestinationUnreachable(DestUnreachableHeader::FragmentationNeeded { next_hop_mtu }) => {
            Word::Bytes(u32::from(*next_hop_mtu).to_be_bytes())
        }
        Type::ParameterProblem(ParameterProblemHeader::PointerIndicatesError(pointer)) => {
            Word::Bytes([*pointer, 0, 0, 0])
        }
        Type::Redirect(redirect) => Word::Bytes(redirect.gateway_internet_address),
        _ => Word::Bytes(message.bytes5to8()),
    };
    // A timestamp message is all header there; here what follows the second word is data in every message.
    let data = &message.slice()[8..];
    let is_error = matches!(
        kind,
        Type::DestinationUnreachable(_) | Type::TimeExceeded(_) | Type::ParameterProblem(_) | Type::Redirect(_)
    );
    Some(Transport::Icmp {
        kind: message.type_u8(),
        code: message.code_u8(),
        checksum: message.checksum(),
        is_intact: kind.calc_checksum(message.payload()) == message.checksum(),
        word,
        data: data.to_vec(),
        quote: is_error.then(|| header(&Ipv4HeaderSlice::from_slice(data).expect("it quotes a packet"))),
    })
}

/// Whether a message says how long its quote is.
fn has_length(kind: u8, word: [u8; 4]) -> bool {
    [3, 11, 12].contains(&kind) && word[1] != 0
}

fn segment(ip: &Ipv4HeaderSlice<'_>, tcp: &TcpSlice<'_>) -> Option<Segment> {
    let flags = [tcp.ns(), tcp.cwr(), tcp.ece(), tcp.urg(), tcp.ack(), tcp.psh(), tcp.rst(), tcp.syn(), tcp.fin()];
    let sum = tcp.to_header().calc_checksum_ipv4_raw(ip.source(), ip.destination(), tcp.payload()).ok()?;
    let segment = Segment {
        source_port: tcp.source_port(),
        destination_port: tcp.destination_port(),
        sequence_number: tcp.sequence_number(),
        acknowledgment_number: tcp.acknowledgment_number(),
        flags: flags.iter().fold(0, |flags, flag| flags << 1 | u16::from(*flag)),
        window: tcp.window_size(),
        checksum: tcp.checksum(),
        is_intact: sum == tcp.checksum(),
        urgent_pointer: tcp.urgent_pointer(),
        options: tcp.options_iterator().map(|option| option.map(choice).ok()).collect::<Option<_>>()?,
        data: tcp.payload().to_vec(),
    };
    Some(segment)
}

fn choice(option: TcpOptionElement) -> Choice {
    match option {
        TcpOptionElement::Noop => Choice::NoOperation,
        TcpOptionElement::MaximumSegmentSize(size) => Choice::MaximumSegmentSize(size),
        TcpOptionElement::WindowScale(shift) => Choice::WindowScale(shift),
        TcpOptionElement::SelectiveAcknowledgementPermitted => Choice::SackPermitted,
        TcpOptionElement::SelectiveAcknowledgement(first, others) => {
            Choice::Sack(std::iter::once(first).chain(others.into_iter().flatten()).collect())
        }
        TcpOptionElement::Timestamp(value, echo_reply) => Choice::Timestamps(value, echo_reply),
    }
}

fn element(choice: &Choice) -> Option<TcpOptionElement> {
    Some(match choice {
        Choice::NoOperation => TcpOptionElement::Noop,
        Choice::MaximumSegmentSize(size) => TcpOptionElement::MaximumSegmentSize(*size),
        Choice::WindowScale(shift) => TcpOptionElement::WindowScale(*shift),
        Choice::SackPermitted => TcpOptionElement::SelectiveAcknowledgementPermitted,
        Choice::Sack(blocks) => {
            let block = |at: usize| blocks.get(at).copied();
            TcpOptionElement::SelectiveAcknowledgement(block(0)?, [block(1), block(2), block(3)])
        }
        Choice::Timestamps(value, echo_reply) => TcpOptionElement::Timestamp(*value, *echo_reply),
        Choice::Other(..) => return None,
    })
}

fn tcp_header(ip: &Ipv4Header, segment: &Segment) -> Option<TcpHeader> {
    let flag = |bit: u16| segment.flags >> bit & 1 == 1;
    let mut tcp = TcpHeader {
        source_port: segment.source_port,
        destination_port: segment.destination_port,
        sequence_number: segment.sequence_number,
        acknowledgment_number: segment.acknowledgment_number,
        ns: flag(8),
        cwr: flag(7),
        ece: flag(6),
        urg: flag(5),
        ack: flag(4),
        psh: flag(3),
        rst: flag(2),
        syn: flag(1),
        fin: flag(0),
        window_size: segment.window,
        urgent_pointer: segment.urgent_pointer,
        ..TcpHeader::default()
    };
    tcp.set_options(&segment.options.iter().map(element).collect::<Option<Vec<_>>>()?).ok()?;
    tcp.checksum = tcp.calc_checksum_ipv4(ip, &segment.data).ok()?;
    Some(tcp)
}

pub(crate) fn write(facts: &Facts) -> Option<Vec<u8>> {
    let mut frame = vec![];
    let inner = match facts.body {
        Body::Arp { .. } => EtherType::ARP,
        Body::Packet(..) => EtherType::IPV4,
    };
    let ether_type = if facts.vlan.is_some() { EtherType::VLAN_TAGGED_FRAME } else { inner };
    Ethernet2Header { source: facts.source, destination: facts.destination, ether_type }.write(&mut frame).ok()?;
    if let Some(vlan) = &facts.vlan {
        let tag = SingleVlanHeader {
            pcp: vlan.priority.try_into().ok()?,
            drop_eligible_indicator: vlan.drop_eligible,
            vlan_id: vlan.id.try_into().ok()?,
            ether_type: inner,
        };
        tag.write(&mut frame).ok()?;
    }
    match &facts.body {
        Body::Arp { operation, sender, target } => {
            let arp = ArpEthIpv4Packet {
                operation: ArpOperation(*operation),
                sender_mac: sender.0,
                sender_ipv4: sender.1,
                target_mac: target.0,
                target_ipv4: target.1,
            };
            frame.extend(arp.to_bytes());
        }
        Body::Packet(header, transport) => {
            let ip = ipv4(header)?;
            ip.write(&mut frame).ok()?;
            write_transport(&ip, transport, &mut frame)?;
        }
    }
    Some(frame)
}

/// The header with its checksum, which is computed there.
fn ipv4(header: &Header) -> Option<Ipv4Header> {
    let mut ip = Ipv4Header {
        dscp: header.dscp.try_into().ok()?,
        ecn: IpEcn::try_new(header.ecn).ok()?,
        total_len: header.total_length,
        identification: header.identification,
        dont_fragment: header.dont_fragment,
        more_fragments: header.more_fragments,
        fragment_offset: header.fragment_offset.try_into().ok()?,
        time_to_live: header.ttl,
        protocol: IpNumber(header.protocol),
        header_checksum: 0,
        source: header.source,
        destination: header.destination,
        options: header.options[..].try_into().ok()?,
    };
    ip.header_checksum = ip.calc_header_checksum();
    Some(ip)
}

fn write_transport(ip: &Ipv4Header, transport: &Transport, frame: &mut Vec<u8>) -> Option<()> {
    let payload = match transport {
        Transport::Udp { source_port, destination_port, checksum, data, .. } => {
            let (source, destination) = (*source_port, *destination_port);
            let udp = match checksum {
                0 => UdpHeader::without_ipv4_checksum(source, destination, data.len()).ok()?,
                _ => UdpHeader::with_ipv4_checksum(source, destination, ip, data).ok()?,
            };
            frame.extend(udp.to_bytes());
            data
        }
        Transport::Icmp { kind, code, word, data, .. } => {
            if matches!(word, Word::Bytes(word) if has_length(*kind, *word)) {
                return None;
            }
            frame.extend(Icmpv4Header::with_checksum(icmp_type(*kind, *code, word)?, data).to_bytes());
            data
        }
        Transport::Tcp(segment) => {
            frame.extend(tcp_header(ip, segment)?.to_bytes());
            &segment.data
        }
        Transport::Other(payload) => payload,
    };
    frame.extend(payload);
    Some(())
}

fn icmp_type(kind: u8, code: u8, word: &Word) -> Option<Icmpv4Type> {
    Some(match (kind, word) {
        (0, Word::Echo { identifier, sequence }) => {
            Icmpv4Type::EchoReply(IcmpEchoHeader { id: *identifier, seq: *sequence })
        }
        (8, Word::Echo { identifier, sequence }) => {
            Icmpv4Type::EchoRequest(IcmpEchoHeader { id: *identifier, seq: *sequence })
        }
        (3, Word::Bytes([_, _, high, low])) => {
            let next_hop_mtu = u16::from_be_bytes([*high, *low]);
            Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::from_values(code, next_hop_mtu)?)
        }
        (5, Word::Bytes(gateway)) => {
            let code = RedirectCode::from_u8(code)?;
            Icmpv4Type::Redirect(RedirectHeader { code, gateway_internet_address: *gateway })
        }
        (11, _) => Icmpv4Type::TimeExceeded(TimeExceededCode::from_u8(code)?),
        (12, Word::Bytes([pointer, ..])) => {
            Icmpv4Type::ParameterProblem(ParameterProblemHeader::from_values(code, *pointer)?)
        }
        (_, Word::Bytes(word)) => Icmpv4Type::Unknown { type_u8: kind, code_u8: code, bytes5to8: *word },
        (_, Word::Echo { .. }) => return None,
    })
}
