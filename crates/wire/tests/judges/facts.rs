//! What a frame says, in types that belong to none of its readers; and what this crate reads.

use wire::arp::Arp;
use wire::ethernet::{self, Ethernet, Tag};
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::tcp::options::{TcpOption, TcpOptions};
use wire::udp::Udp;
use wire::{Mac, WireError};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) destination: [u8; 6],
    pub(crate) source: [u8; 6],
    pub(crate) vlan: Option<Vlan>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vlan {
    pub(crate) priority: u8,
    pub(crate) drop_eligible: bool,
    pub(crate) id: u16,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Arp { operation: u16, sender: ([u8; 6], [u8; 4]), target: ([u8; 6], [u8; 4]) },
    Packet(Header, Transport),
}

/// An IPv4 header.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) dscp: u8,
    pub(crate) ecn: u8,
    pub(crate) total_length: u16,
    pub(crate) identification: u16,
    pub(crate) dont_fragment: bool,
    pub(crate) more_fragments: bool,
    pub(crate) fragment_offset: u16,
    pub(crate) ttl: u8,
    pub(crate) protocol: u8,
    pub(crate) checksum: u16,
    pub(crate) is_intact: bool,
    pub(crate) source: [u8; 4],
    pub(crate) destination: [u8; 4],
    pub(crate) options: Vec<u8>,
}

impl Header {
    /// Whether it is a piece of a packet, so that its payload is no message.
    pub(crate) fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset > 0
    }

    /// Its own length, in bytes.
    pub(crate) fn len(&self) -> usize {
        20 + self.options.len()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transport {
    Udp {
        source_port: u16,
        destination_port: u16,
        length: u16,
        checksum: u16,
        is_intact: bool,
        data: Vec<u8>,
    },
    /// `quote`: the header of the packet that an error is about, as it stands in `data`.
    Icmp {
        kind: u8,
        code: u8,
        checksum: u16,
        is_intact: bool,
        word: Word,
        data: Vec<u8>,
        quote: Option<Header>,
    },
    Tcp(Segment),
    Other(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence_number: u32,
    pub(crate) acknowledgment_number: u32,
    /// AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN, the last in the lowest bit.
    pub(crate) flags: u16,
    pub(crate) window: u16,
    pub(crate) checksum: u16,
    pub(crate) is_intact: bool,
    pub(crate) urgent_pointer: u16,
    pub(crate) options: Vec<Choice>,
    pub(crate) data: Vec<u8>,
}

/// A TCP option.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Choice {
    NoOperation,
    MaximumSegmentSize(u16),
    WindowScale(u8),
    SackPermitted,
    Sack(Vec<(u32, u32)>),
    Timestamps(u32, u32),
    Other(u8, Vec<u8>),
}

impl Choice {
    /// Its length, in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Choice::NoOperation => 1,
            Choice::MaximumSegmentSize(_) => 4,
            Choice::WindowScale(_) => 3,
            Choice::SackPermitted => 2,
            Choice::Sack(blocks) => 2 + 8 * blocks.len(),
            Choice::Timestamps(..) => 10,
            Choice::Other(_, data) => 2 + data.len(),
        }
    }
}

impl Segment {
    /// The length of its header, in bytes.
    pub(crate) fn header_len(&self) -> usize {
        20 + self.options.iter().map(Choice::len).sum::<usize>().next_multiple_of(4)
    }
}

/// The second word of an ICMP message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Word {
    Echo { identifier: u16, sequence: u16 },
    Bytes([u8; 4]),
}

impl Facts {
    /// Whether all its checksums are right.
    pub(crate) fn is_intact(&self) -> bool {
        match &self.body {
            Body::Arp { .. } => true,
            Body::Packet(header, transport) => {
                header.is_intact
                    && match transport {
                        Transport::Udp { is_intact, .. } => *is_intact,
                        Transport::Icmp { is_intact, quote, .. } => {
                            *is_intact && quote.as_ref().is_none_or(|quote| quote.is_intact)
                        }
                        Transport::Tcp(segment) => segment.is_intact,
                        Transport::Other(_) => true,
                    }
            }
        }
    }
}

/// What this crate reads.
pub(crate) fn ours(frame: &[u8]) -> Result<Facts, WireError> {
    let (ethernet, mut rest) = Ethernet::take(frame)?;
    let mut ethertype = ethernet.ethertype;
    let mut vlan = None;
    if ethertype == ethernet::TAG {
        let (tag, behind) = Tag::take(rest)?;
        vlan = Some(Vlan { priority: tag.priority, drop_eligible: tag.drop_eligible, id: tag.vlan });
        (ethertype, rest) = (tag.ethertype, behind);
    }
    let body = match ethertype {
        ethernet::ARP => {
            let (arp, _) = Arp::parse(rest)?;
            let pair = |mac: Mac, address: std::net::Ipv4Addr| (mac.0, address.octets());
            Body::Arp {
                operation: arp.operation,
                sender: pair(arp.sender_mac, arp.sender),
                target: pair(arp.target_mac, arp.target),
            }
        }
        ethernet::IPV4 => {
            let (ip, options, payload, _) = Ipv4::parse(rest)?;
            Body::Packet(header(rest, &ip, options), transport(&ip, payload)?)
        }
        other => panic!("the tests have no frames of type {other:#06x}"),
    };
    Ok(Facts { destination: ethernet.destination.0, source: ethernet.source.0, vlan, body })
}

fn header(packet: &[u8], ip: &Ipv4, options: &[u8]) -> Header {
    Header {
        dscp: ip.dscp,
        ecn: ip.ecn,
        total_length: ip.total_length,
        identification: ip.identification,
        dont_fragment: ip.dont_fragment,
        more_fragments: ip.more_fragments,
        fragment_offset: ip.fragment_offset,
        ttl: ip.ttl,
        protocol: ip.protocol,
        checksum: ip.checksum,
        is_intact: Ipv4::is_intact(packet),
        source: ip.source.octets(),
        destination: ip.destination.octets(),
        options: options.to_vec(),
    }
}

fn transport(ip: &Ipv4, payload: &[u8]) -> Result<Transport, WireError> {
    if !ip.is_whole() {
        return Ok(Transport::Other(payload.to_vec()));
    }
    Ok(match ip.protocol {
        ipv4::UDP => {
            let (udp, data, _) = Udp::parse(payload)?;
            Transport::Udp {
                source_port: udp.source_port,
                destination_port: udp.destination_port,
                length: udp.length,
                checksum: udp.checksum,
                is_intact: udp.is_intact(ip.source.into(), ip.destination.into(), data),
                data: data.to_vec(),
            }
        }
        ipv4::TCP => Transport::Tcp(segment(ip, payload)?),
        ipv4::ICMP => {
            let (first, message) = icmp::parse(payload)?;
            let (word, data) = match message {
                Message::EchoRequest { echo, data } | Message::EchoReply { echo, data } => {
                    (Word::Echo { identifier: echo.identifier, sequence: echo.sequence }, data)
                }
                Message::Unreachable { word, quote } => (Word::Bytes(word.bytes()), quote),
                Message::TimeExceeded { word, quote } => (Word::Bytes(word.bytes()), quote),
                Message::ParameterProblem { word, quote } => (Word::Bytes(word.bytes()), quote),
                Message::Redirect { word, quote } => (Word::Bytes(word.gateway.octets()), quote),
                Message::Other(rest) => {
                    let (word, data) = rest.split_first_chunk().expect("the tests' messages have a second word");
                    (Word::Bytes(*word), data)
                }
            };
            let quote =
                message.quote().map(|quote| Ipv4::split(quote).map(|(ip, options, _)| header(quote, &ip, options)));
            Transport::Icmp {
                kind: first.kind,
                code: first.code,
                checksum: first.checksum,
                is_intact: icmp::is_intact(payload),
                word,
                data: data.to_vec(),
                quote: quote.transpose()?,
            }
        }
        _ => Transport::Other(payload.to_vec()),
    })
}

fn segment(ip: &Ipv4, bytes: &[u8]) -> Result<Segment, WireError> {
    let (tcp, options, data) = Tcp::parse(bytes)?;
    let flags = [tcp.ae, tcp.cwr, tcp.ece, tcp.urg, tcp.ack, tcp.psh, tcp.rst, tcp.syn, tcp.fin];
    Ok(Segment {
        source_port: tcp.source_port,
        destination_port: tcp.destination_port,
        sequence_number: tcp.sequence_number,
        acknowledgment_number: tcp.acknowledgment_number,
        flags: flags.iter().fold(0, |flags, flag| flags << 1 | u16::from(*flag)),
        window: tcp.window,
        checksum: tcp.checksum,
        is_intact: Tcp::is_intact(ip.source.into(), ip.destination.into(), bytes),
        urgent_pointer: tcp.urgent_pointer,
        options: TcpOptions::new(options).map(|option| option.map(choice)).collect::<Result<_, _>>()?,
        data: data.to_vec(),
    })
}

fn choice(option: TcpOption<'_>) -> Choice {
    match option {
        TcpOption::NoOperation => Choice::NoOperation,
        TcpOption::MaximumSegmentSize(size) => Choice::MaximumSegmentSize(size),
        TcpOption::WindowScale(shift) => Choice::WindowScale(shift),
        TcpOption::SackPermitted => Choice::SackPermitted,
        TcpOption::Sack(blocks) => {
            Choice::Sack(blocks.as_slice().iter().map(|block| (block.left_edge, block.right_edge)).collect())
        }
        TcpOption::Timestamps { value, echo_reply } => Choice::Timestamps(value, echo_reply),
        TcpOption::Other { kind, data } => Choice::Other(kind, data.to_vec()),
    }
}
