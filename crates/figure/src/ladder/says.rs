//! What stands at an arrow: a few words for where there is room, fewer for where there is less.

use crate::Role;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use wire::dissect::{Dissection, Layer, Protocol};

/// What there is to say of a packet.
pub(super) struct Told {
    /// The longest first.
    pub(super) labels: Vec<String>,
    pub(super) role: Role,
    /// Packets of one sender are the same if these bytes are; `None`: it is never the same.
    pub(super) same_if: Option<Vec<u8>>,
}

/// Says of each packet what matters among those that were heard before.
#[derive(Debug, Default)]
pub(super) struct Speaker {
    /// The number that each TCP connection's side begins with.
    initial: BTreeMap<Vec<u8>, u64>,
    /// Who has sent a datagram to whom first, so that one the other way is an answer.
    asked: BTreeSet<Vec<u8>>,
    /// The times to live that probes set out with.
    ttls: BTreeSet<u64>,
}

impl Speaker {
    /// Hears a packet, before any is spoken of.
    pub(super) fn hear(&mut self, dissection: &Dissection<'_>) {
        if let Some(tcp) = dissection.layer(Protocol::Tcp) {
            // The SYN has it; of a connection that was there before, the first that was heard stands for it.
            let first = self.initial.entry(flow(dissection, tcp)).or_insert(number(tcp, "sequence_number"));
            if number(tcp, "syn") == 1 {
                *first = number(tcp, "sequence_number");
            }
        }
        if is_probe(dissection)
            && let Some(ip) = dissection.layer(Protocol::Ipv4)
        {
            self.ttls.insert(number(ip, "ttl"));
        }
    }

    /// What there is to say of it.
    pub(super) fn say(&mut self, dissection: &Dissection<'_>) -> Told {
        let says = |layer: &Layer<'_>| {
            !layer.is_quoted() && !matches!(layer.protocol(), Protocol::Data | Protocol::Extensions)
        };
        let innermost = dissection.layers().rfind(says);
        let (labels, role) = match innermost.map(|layer| (layer.protocol(), layer)) {
            Some((Protocol::Arp, layer)) => arp(layer),
            Some((Protocol::Icmp, layer)) => self.icmp(dissection, layer),
            Some((Protocol::Tcp, layer)) => self.tcp(dissection, layer),
            Some((Protocol::Dns, _)) if dissection.layer(Protocol::Tcp).is_some() => {
                dissection.layer(Protocol::Tcp).map_or((vec![], Role::Data), |tcp| self.tcp(dissection, tcp))
            }
            Some((Protocol::Tls, _)) => self.of_records(dissection),
            Some((Protocol::Http | Protocol::Ssh, _)) => self.of_stream(dissection),
            Some((Protocol::Udp | Protocol::Dhcp | Protocol::Dns, _)) => self.udp(dissection),
            Some((Protocol::Ipv4, layer)) => fragment(layer),
            _ => (vec![short_summary(dissection)], Role::Data),
        };
        Told { labels, role, same_if: same_if(dissection) }
    }

    /// `TTL 3`, where that is what probes differ in. Two hosts may set out with two of them for no reason.
    fn ttl(&self, dissection: &Dissection<'_>) -> Option<String> {
        let ip = dissection.layer(Protocol::Ipv4)?;
        (self.ttls.len() > 2).then(|| format!("TTL {}", number(ip, "ttl")))
    }

    fn icmp(&self, dissection: &Dissection<'_>, icmp: Layer<'_>) -> (Vec<String>, Role) {
        let sequence = icmp.field("sequence").map_or_else(String::new, |field| format!(" {}", field.number()));
        match number(icmp, "kind") {
            8 => {
                let mut labels = vec![format!("echo request{sequence}"), "echo request".into(), "request".into()];
                if let Some(ttl) = self.ttl(dissection) {
                    labels = vec![ttl];
                }
                (labels, Role::Data)
            }
            0 => (vec![format!("echo reply{sequence}"), "echo reply".into(), "reply".into()], Role::Answer),
            11 => (vec!["time exceeded".into(), "exceeded".into()], Role::Error),
            3 => {
                let summary = short_summary(dissection);
                let words = summary.strip_prefix("ICMP ").unwrap_or(&summary).to_string();
                (vec![words, "unreachable".into(), "error".into()], Role::Error)
            }
            5 => (vec!["redirect".into()], Role::Control),
            _ => (vec![short_summary(dissection), "ICMP".into()], Role::Data),
        }
    }

    /// What a segment's records or messages say, before what the segment does.
    fn of_stream(&mut self, dissection: &Dissection<'_>) -> (Vec<String>, Role) {
        let (labels, role) =
            dissection.layer(Protocol::Tcp).map_or((vec![], Role::Data), |tcp| self.tcp(dissection, tcp));
        let summary = short_summary(dissection);
        let behind = |name: &str| summary.split_once(name).map(|(_, rest)| rest.to_string());
        let records = [" TLS ", " HTTP ", " SSH "].into_iter().find_map(behind);
        let has_fin = dissection.layer(Protocol::Tcp).is_some_and(|tcp| number(tcp, "fin") == 1);
        let records = records.map(|records| if has_fin { format!("{records}, FIN") } else { records });
        (records.into_iter().chain(labels).collect(), role)
    }

    /// What TLS says, at length and in short.
    fn of_records(&mut self, dissection: &Dissection<'_>) -> (Vec<String>, Role) {
        let (mut labels, role) = self.of_stream(dissection);
        if let Some(records) = labels.first().cloned() {
            labels.splice(1..1, shorter(&records));
        }
        (labels, role)
    }

    fn udp(&mut self, dissection: &Dissection<'_>) -> (Vec<String>, Role) {
        let Some(udp) = dissection.layer(Protocol::Udp) else { return (vec![short_summary(dissection)], Role::Data) };
        let (from, to) = (number(udp, "source_port"), number(udp, "destination_port"));
        let is_answer = self.asked.contains(&back(dissection, udp));
        if !is_answer {
            self.asked.insert(flow(dissection, udp));
        }
        let len = udp.payload_len();
        let mut labels = match dissection.layer(Protocol::Dhcp) {
            Some(_) => dhcp(short_summary(dissection)),
            None if dissection.layer(Protocol::Dns).is_some() => dns(&short_summary(dissection)),
            None if is_answer => {
                vec![format!("UDP from port {from}, {len} B"), format!("UDP from {from}"), "UDP".into()]
            }
            None => vec![format!("UDP to port {to}, {len} B"), format!("UDP to {to}"), "UDP".into()],
        };
        if let Some(ttl) = self.ttl(dissection).filter(|_| !is_answer) {
            labels = vec![ttl];
        }
        (labels, if is_answer { Role::Answer } else { Role::Data })
    }

    fn tcp(&self, dissection: &Dissection<'_>, tcp: Layer<'_>) -> (Vec<String>, Role) {
        let set = |name: &str| number(tcp, name) == 1;
        let since =
            |key: &[u8], number: u64| number.wrapping_sub(self.initial.get(key).copied().unwrap_or(0)) & 0xffff_ffff;
        let seq = since(&flow(dissection, tcp), number(tcp, "sequence_number"));
        let ack = since(&back(dissection, tcp), number(tcp, "acknowledgment_number"));
        let flags: Vec<&str> = [("syn", "SYN"), ("fin", "FIN"), ("rst", "RST")]
            .into_iter()
            .filter(|(name, _)| set(name))
            .map(|(_, flag)| flag)
            .chain((set("ack") && set("syn")).then_some("ACK"))
            .collect();
        let flags = flags.join(" ");
        let len = tcp.payload_len();
        let mut labels = match (flags.is_empty(), len) {
            (true, 0) => vec![format!("ack {ack}"), "ack".into()],
            (true, _) => vec![format!("seq {seq}, {len} B"), format!("{len} B"), "data".into()],
            (false, 0) if set("ack") => vec![format!("{flags}, seq {seq}, ack {ack}"), flags],
            (false, 0) => vec![format!("{flags}, seq {seq}"), flags],
            (false, _) => vec![format!("{flags}, seq {seq}, {len} B"), flags],
        };
        if let Some(ttl) = self.ttl(dissection).filter(|_| is_probe(dissection)) {
            labels = vec![format!("SYN, {ttl}"), ttl];
        }
        let role = match (set("rst"), set("syn") || set("fin"), len) {
            (true, ..) => Role::Error,
            (_, true, _) => Role::Control,
            (_, _, 0) => Role::Answer,
            _ => Role::Data,
        };
        (labels, role)
    }
}

fn arp(arp: Layer<'_>) -> (Vec<String>, Role) {
    let shown = |name: &str| arp.field(name).map_or_else(String::new, |field| field.shown());
    let labels = match number(arp, "operation") {
        1 => vec![
            format!("ARP: who has {}?", shown("target")),
            format!("who has {}?", shown("target")),
            "who has?".into(),
            "ARP?".into(),
        ],
        2 => vec![
            format!("ARP: {} is at {}", shown("sender"), shown("sender_mac")),
            format!("at {}", shown("sender_mac")),
            "is at".into(),
            "ARP!".into(),
        ],
        _ => vec!["ARP".into()],
    };
    (labels, Role::Control)
}

/// `DHCP offer 192.168.1.3 to 02:00:00:00:01:03`: without the hardware address too, and without the other.
fn dhcp(summary: String) -> Vec<String> {
    let shorter =
        |until: &[&str]| until.iter().filter_map(|word| summary.split_once(word)).map(|(words, _)| words.len()).min();
    let cuts = [shorter(&[" from ", " to "]), shorter(&[" for ", " from ", " to "])];
    let short: Vec<String> =
        cuts.into_iter().flatten().filter_map(|end| summary.get(..end)).map(String::from).collect();
    iter::once(summary).chain(short).collect()
}

/// `DNS answer 0x1234 A www.example.com: A 203.0.113.10`: without the identifier, and with less and less of the rest.
fn dns(summary: &str) -> Vec<String> {
    let words: Vec<&str> = summary.splitn(4, ' ').collect();
    let [_, kind, _, rest] = *words else { return vec![summary.into(), "DNS".into()] };
    let (asked, told) = rest.split_once(": ").unwrap_or((rest, ""));
    let whole = if told.is_empty() { format!("{asked}?") } else { format!("{asked}: {told}") };
    let short = if told.is_empty() { asked.split(' ').next().unwrap_or(asked) } else { told };
    vec![format!("DNS {kind} {whole}"), whole, short.into(), format!("DNS {kind}"), "DNS".into()]
}

/// An IPv4 packet of which nothing behind its header is known: mostly a later fragment.
fn fragment(ip: Layer<'_>) -> (Vec<String>, Role) {
    let (offset, len) = (number(ip, "fragment_offset") * 8, ip.payload_len());
    (vec![format!("fragment from {offset}, {len} B"), format!("{len} B"), "IP".into()], Role::Data)
}

/// The line of the packet without its addresses, and without what an error quotes.
fn short_summary(dissection: &Dissection<'_>) -> String {
    let summary = dissection.summary().to_string();
    let behind = match summary.split_once(" > ") {
        Some((_, rest)) if !summary.starts_with("ARP") => rest.split_once(' ').map_or(rest, |(_, words)| words),
        _ => &summary,
    };
    behind.split(", about ").next().unwrap_or(behind).to_string()
}

/// Whether it may be one of a row of probes with times to live of their own.
fn is_probe(dissection: &Dissection<'_>) -> bool {
    let echo = dissection.layer(Protocol::Icmp).is_some_and(|icmp| number(icmp, "kind") == 8);
    let syn = dissection.layer(Protocol::Tcp).is_some_and(|tcp| number(tcp, "syn") == 1 && number(tcp, "ack") == 0);
    echo || syn || dissection.layer(Protocol::Udp).is_some()
}

fn number(layer: Layer<'_>, name: &str) -> u64 {
    layer.field(name).map_or(0, |field| field.number())
}

/// From whom to whom: addresses and ports as they stand in the packet.
fn flow(dissection: &Dissection<'_>, transport: Layer<'_>) -> Vec<u8> {
    ends(dissection, transport, [("source", "source_port"), ("destination", "destination_port")])
}

/// The same for the other direction.
fn back(dissection: &Dissection<'_>, transport: Layer<'_>) -> Vec<u8> {
    ends(dissection, transport, [("destination", "destination_port"), ("source", "source_port")])
}

fn ends(dissection: &Dissection<'_>, transport: Layer<'_>, names: [(&str, &str); 2]) -> Vec<u8> {
    let ip = dissection.layer(Protocol::Ipv4).or_else(|| dissection.layer(Protocol::Ipv6));
    let mut bytes = vec![];
    for (address, port) in names {
        for field in [ip.and_then(|ip| ip.field(address)), transport.field(port)].into_iter().flatten() {
            bytes.extend(dissection.bytes().get(field.bytes()).unwrap_or_default());
        }
    }
    bytes
}

/// What is the same when a packet is sent again: of a segment its connection, place and length, of others all that an IP packet
/// carries and its time to live, of what is no IP packet everything. An acknowledgment alone is never sent again: each is new.
fn same_if(dissection: &Dissection<'_>) -> Option<Vec<u8>> {
    if let Some(tcp) = dissection.layer(Protocol::Tcp) {
        let len = tcp.payload_len();
        let takes_room = len > 0 || number(tcp, "syn") == 1 || number(tcp, "fin") == 1;
        let mut bytes = flow(dissection, tcp);
        bytes.extend(number(tcp, "sequence_number").to_be_bytes());
        bytes.extend(len.to_be_bytes());
        bytes.extend(dissection.layer(Protocol::Ipv4).map(|ip| number(ip, "ttl")).unwrap_or_default().to_be_bytes());
        return takes_room.then_some(bytes);
    }
    let Some(ip) = dissection.layer(Protocol::Ipv4) else { return Some(dissection.bytes().to_vec()) };
    let mut bytes = dissection.bytes().get(ip.payload()).unwrap_or_default().to_vec();
    for name in ["source", "destination", "ttl", "fragment_offset"] {
        bytes.extend(number(ip, name).to_be_bytes());
    }
    Some(bytes)
}

/// The same records of TLS in fewer words: what is sealed by its length, without what says nothing; and then the first alone.
fn shorter(records: &str) -> Vec<String> {
    let few = |record: &str| match record.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(" bytes)")) {
        Some(bytes) => format!("sealed {bytes} B"),
        None => record.to_string(),
    };
    let few: Vec<String> = records.split(", ").filter(|record| *record != "change_cipher_spec").map(few).collect();
    let first = few.first().filter(|_| few.len() > 1).map(|first| format!("{first}, …"));
    [few.join(", ")].into_iter().chain(first).collect()
}
