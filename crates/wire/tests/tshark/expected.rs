//! What tshark must say of a frame, by its own names for the fields.

use crate::extensions;
use crate::facts::{Body, Choice, Facts, Header, Segment, Transport, Word};
use std::collections::BTreeMap;
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
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.hdr_len",
    "tcp.flags",
    "tcp.flags.ae",
    "tcp.flags.cwr",
    "tcp.flags.ece",
    "tcp.flags.urg",
    "tcp.flags.ack",
    "tcp.flags.push",
    "tcp.flags.reset",
    "tcp.flags.syn",
    "tcp.flags.fin",
    "tcp.window_size_value",
    "tcp.checksum",
    "tcp.checksum.status",
    "tcp.urgent_pointer",
    "tcp.payload",
    "tcp.option_kind",
    "tcp.option_len",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "tcp.options.sack_le",
    "tcp.options.sack_re",
    "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr",
    "icmp.ext.version",
    "icmp.ext.checksum",
    "icmp.ext.checksum.status",
    "icmp.ext.length",
    "icmp.ext.class",
    "icmp.ext.ctype",
    "icmp.ext.data",
    "icmp.mpls.label",
    "icmp.mpls.exp",
    "icmp.mpls.s",
    "icmp.mpls.ttl",
    "icmp.int_info.role",
    "icmp.int_info.index",
    "icmp.int_info.afi",
    "icmp.int_info.ipv4",
    "icmp.int_info.ipv6",
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

pub(crate) fn hex(bytes: &[u8], between: &str) -> Value {
    Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between))
}

fn mac(octets: [u8; 6]) -> Value {
    hex(&octets, ":")
}

fn address(octets: [u8; 4]) -> Value {
    Value::Text(Ipv4Addr::from(octets).to_string())
}

pub(crate) fn num(number: impl Into<u64>) -> Value {
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
            Transport::Icmp { kind, code, checksum, is_intact, word, quote, data } => {
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
                extensions::expected(&mut self.0, *kind, word, data);
            }
            Transport::Tcp(segment) => {
                self.segment(segment);
                self.outer("icmp.type", Value::Absent);
                self.outer("udp.srcport", Value::Absent);
            }
            Transport::Other(_) => {
                assert!(header.is_fragment() || ![1, 6, 17].contains(&header.protocol), "a message that we left alone");
                // tshark collects no fragments of a header that is wrong, and then looks into the first one.
                if header.is_intact {
                    self.outer("icmp.type", Value::Absent);
                    self.outer("udp.srcport", Value::Absent);
                    self.outer("tcp.srcport", Value::Absent);
                }
            }
        }
    }

    fn segment(&mut self, segment: &Segment) {
        self.outer("tcp.srcport", num(segment.source_port));
        self.outer("tcp.dstport", num(segment.destination_port));
        self.outer("tcp.seq_raw", num(segment.sequence_number));
        self.outer("tcp.ack_raw", num(segment.acknowledgment_number));
        self.outer("tcp.hdr_len", num(segment.header_len() as u64));
        self.outer("tcp.flags", num(segment.flags));
        let names = ["fin", "syn", "reset", "push", "ack", "urg", "ece", "cwr", "ae"];
        let flags = FIELDS.iter().filter_map(|field| Some((field, field.strip_prefix("tcp.flags.")?)));
        for (field, name) in flags {
            let bit = names.iter().position(|known| *known == name).expect("all flags have names");
            self.outer(field, num(segment.flags >> bit & 1 == 1));
        }
        self.outer("tcp.window_size_value", num(segment.window));
        self.outer("tcp.checksum", num(segment.checksum));
        self.outer("tcp.checksum.status", num(segment.is_intact));
        self.outer("tcp.urgent_pointer", num(segment.urgent_pointer));
        // It calls the data of a reset the reason for that (RFC 1122 section 4.2.2.12).
        let is_reset = segment.flags & 4 != 0;
        let has_payload = !segment.data.is_empty() && !is_reset;
        self.outer("tcp.payload", if has_payload { hex(&segment.data, "") } else { Value::Absent });
        let mut seen = Counters::default();
        for option in &segment.options {
            seen.option(&mut self.0, option);
        }
    }
}

/// How many values of a field came before, by its name.
#[derive(Default)]
pub(crate) struct Counters(BTreeMap<&'static str, usize>);

impl Counters {
    /// One more value of a field that may stand in a frame more than once.
    pub(crate) fn next(
        &mut self,
        list: &mut Vec<(&'static str, usize, Value)>,
        field: &'static str,
        value: impl Into<u64>,
    ) {
        self.value(list, field, num(value));
    }

    pub(crate) fn value(&mut self, list: &mut Vec<(&'static str, usize, Value)>, field: &'static str, value: Value) {
        let which = self.0.entry(field).or_default();
        list.push((field, *which, value));
        *which += 1;
    }

    fn option(&mut self, list: &mut Vec<(&'static str, usize, Value)>, option: &Choice) {
        let kind = match option {
            Choice::NoOperation => 1u8,
            Choice::MaximumSegmentSize(_) => 2,
            Choice::WindowScale(_) => 3,
            Choice::SackPermitted => 4,
            Choice::Sack(_) => 5,
            Choice::Timestamps(..) => 8,
            Choice::Other(kind, _) => *kind,
        };
        self.next(list, "tcp.option_kind", kind);
        match option {
            Choice::NoOperation => return,
            Choice::MaximumSegmentSize(size) => self.next(list, "tcp.options.mss_val", *size),
            Choice::WindowScale(shift) => self.next(list, "tcp.options.wscale.shift", *shift),
            Choice::Sack(blocks) => {
                for (left, right) in blocks {
                    self.next(list, "tcp.options.sack_le", *left);
                    self.next(list, "tcp.options.sack_re", *right);
                }
            }
            Choice::Timestamps(value, echo_reply) => {
                self.next(list, "tcp.options.timestamp.tsval", *value);
                self.next(list, "tcp.options.timestamp.tsecr", *echo_reply);
            }
            Choice::SackPermitted | Choice::Other(..) => {}
        }
        self.next(list, "tcp.option_len", option.len() as u64);
    }
}
