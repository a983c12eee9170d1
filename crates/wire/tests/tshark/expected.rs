//! What tshark must say of a frame, by its own names for the fields.

use crate::facts::{Body, Facts, Header, Transport, Word};
use std::net::Ipv4Addr;

/// All fields that are asked for; each frame has some of them.
pub(crate) const FIELDS: &[&str] = &[
    "eth.dst",
    "eth.src",
    "eth.type",
    "vlan.priority",
    "vlan.dei",
    "vlan.id",
    "vlan.etype",
    "arp.hw.type",
    "arp.proto.type",
    "arp.hw.size",
    "arp.proto.size",
    "arp.opcode",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "arp.dst.hw_mac",
    "arp.dst.proto_ipv4",
    "ip.version",
    "ip.hdr_len",
    "ip.dsfield",
    "ip.dsfield.dscp",
    "ip.dsfield.ecn",
    "ip.len",
    "ip.id",
    "ip.flags.rb",
    "ip.flags.df",
    "ip.flags.mf",
    "ip.frag_offset",
    "ip.ttl",
    "ip.proto",
    "ip.checksum",
    "ip.checksum.status",
    "ip.src",
    "ip.dst",
    "icmp.type",
    "icmp.code",
    "icmp.checksum",
    "icmp.checksum.status",
    "icmp.ident",
    "icmp.seq",
    "icmp.mtu",
    "icmp.pointer",
    "icmp.redir_gw",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "udp.checksum",
    "udp.checksum.status",
    "udp.payload",
];

/// A value that we expect from tshark.
#[derive(Debug)]
pub(crate) enum Value {
    Number(u64),
    Text(String),
    Absent,
}

impl Value {
    /// Whether tshark says the same.
    pub(crate) fn is(&self, theirs: Option<&str>) -> bool {
        match (self, theirs) {
            (Value::Number(ours), Some(theirs)) => number(theirs) == Some(*ours),
            (Value::Text(ours), Some(theirs)) => ours == theirs,
            (Value::Absent, theirs) => theirs.is_none(),
            (_, None) => false,
        }
    }
}

/// Decimal, hexadecimal, or a truth value, as tshark's versions differ.
fn number(text: &str) -> Option<u64> {
    match (text, text.strip_prefix("0x")) {
        ("True", _) => Some(1),
        ("False", _) => Some(0),
        (_, Some(digits)) => u64::from_str_radix(digits, 16).ok(),
        (digits, None) => digits.parse().ok(),
    }
}

fn hex(bytes: &[u8], between: &str) -> Value {
    Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between))
}

fn mac(octets: [u8; 6]) -> Value {
    hex(&octets, ":")
}

fn address(octets: [u8; 4]) -> Value {
    Value::Text(Ipv4Addr::from(octets).to_string())
}

fn num(number: impl Into<u64>) -> Value {
    Value::Number(number.into())
}

/// Field by field: its name, which of its values (0 the outer header's, 1 the quoted one's), and what that must be.
pub(crate) fn expected(facts: &Facts) -> Vec<(&'static str, usize, Value)> {
    let mut list = Expected(vec![]);
    list.outer("eth.dst", mac(facts.destination));
    list.outer("eth.src", mac(facts.source));
    let ethertype = match facts.body {
        Body::Arp { .. } => 0x0806u16,
        Body::Packet(..) => 0x0800,
    };
    if let Some(vlan) = &facts.vlan {
        list.outer("eth.type", num(0x8100u16));
        list.outer("vlan.priority", num(vlan.priority));
        list.outer("vlan.dei", num(vlan.drop_eligible));
        list.outer("vlan.id", num(vlan.id));
        list.outer("vlan.etype", num(ethertype));
    } else {
        list.outer("eth.type", num(ethertype));
        list.outer("vlan.id", Value::Absent);
    }
    match &facts.body {
        Body::Arp { operation, sender, target } => {
            list.outer("arp.hw.type", num(1u8));
            list.outer("arp.proto.type", num(0x0800u16));
            list.outer("arp.hw.size", num(6u8));
            list.outer("arp.proto.size", num(4u8));
            list.outer("arp.opcode", num(*operation));
            list.outer("arp.src.hw_mac", mac(sender.0));
            list.outer("arp.src.proto_ipv4", address(sender.1));
            list.outer("arp.dst.hw_mac", mac(target.0));
            list.outer("arp.dst.proto_ipv4", address(target.1));
            list.outer("ip.version", Value::Absent);
        }
        Body::Packet(header, transport) => {
            list.outer("arp.opcode", Value::Absent);
            list.header(0, header);
            list.transport(header, transport);
        }
    }
    list.0
}

struct Expected(Vec<(&'static str, usize, Value)>);

impl Expected {
    fn outer(&mut self, field: &'static str, value: Value) {
        self.0.push((field, 0, value));
    }

    fn header(&mut self, which: usize, header: &Header) {
        self.0.extend([
            ("ip.version", which, num(4u8)),
            ("ip.hdr_len", which, num(header.len() as u64)),
            ("ip.dsfield", which, num(header.dscp << 2 | header.ecn)),
            ("ip.dsfield.dscp", which, num(header.dscp)),
            ("ip.dsfield.ecn", which, num(header.ecn)),
            ("ip.len", which, num(header.total_length)),
            ("ip.id", which, num(header.identification)),
            ("ip.flags.rb", which, num(false)),
            ("ip.flags.df", which, num(header.dont_fragment)),
            ("ip.flags.mf", which, num(header.more_fragments)),
            ("ip.frag_offset", which, num(header.fragment_offset)),
            ("ip.ttl", which, num(header.ttl)),
            ("ip.proto", which, num(header.protocol)),
            ("ip.checksum", which, num(header.checksum)),
            ("ip.checksum.status", which, num(header.is_intact)),
            ("ip.src", which, address(header.source)),
            ("ip.dst", which, address(header.destination)),
        ]);
    }

    fn transport(&mut self, header: &Header, transport: &Transport) {
        match transport {
            Transport::Udp { source_port, destination_port, length, checksum, is_intact, data } => {
                self.outer("udp.srcport", num(*source_port));
                self.outer("udp.dstport", num(*destination_port));
                self.outer("udp.length", num(*length));
                self.outer("udp.checksum", num(*checksum));
                // 0 bad, 1 good, 3 not present.
                self.outer("udp.checksum.status", if *checksum == 0 { num(3u8) } else { num(*is_intact) });
                self.outer("udp.payload", if data.is_empty() { Value::Absent } else { hex(data, "") });
                self.outer("icmp.type", Value::Absent);
            }
            Transport::Icmp { kind, code, checksum, is_intact, word, quote, .. } => {
                self.outer("icmp.type", num(*kind));
                self.outer("icmp.code", num(*code));
                self.outer("icmp.checksum", num(*checksum));
                self.outer("icmp.checksum.status", num(*is_intact));
                match (kind, code, word) {
                    (_, _, Word::Echo { identifier, sequence }) => {
                        self.outer("icmp.ident", num(*identifier));
                        self.outer("icmp.seq", num(*sequence));
                    }
                    (3, 4, Word::Bytes([_, _, high, low])) => {
                        self.outer("icmp.mtu", num(u16::from_be_bytes([*high, *low])));
                    }
                    (12, _, Word::Bytes([pointer, ..])) => self.outer("icmp.pointer", num(*pointer)),
                    (5, _, Word::Bytes(gateway)) => self.outer("icmp.redir_gw", address(*gateway)),
                    _ => {}
                }
                if let Some(quote) = quote {
                    self.header(1, quote);
                }
            }
            Transport::Other(_) => {
                assert!(header.is_fragment() || ![1, 17].contains(&header.protocol), "a message that we left alone");
                // tshark collects no fragments of a header that is wrong, and then looks into the first one.
                if header.is_intact {
                    self.outer("icmp.type", Value::Absent);
                    self.outer("udp.srcport", Value::Absent);
                }
            }
        }
    }
}
