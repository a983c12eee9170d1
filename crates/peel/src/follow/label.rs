//! What stands on a packet's arrow, with numbers counted from the conversation's own beginning.

use super::again::{Memory, Order, Place, Sequence, number};
use super::part;
use crate::ends::{Ends, Network, header, payload};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use wire::dissect::{Dissection, Layer, Protocol};
use wire::icmp::{Echo, Icmp};
use wire::tcp::Tcp;
use wire::tcp::options::{FAST_OPEN, TcpOption, TcpOptions};

/// More packets than this are not kept in mind.
const MOST_IDENTIFIED: usize = 1 << 16;

/// What was seen of both directions.
#[derive(Debug, Default)]
pub(super) struct Directions {
    memory: Memory,
    /// Of the end that spoke first, and of the other.
    sequences: [Sequence; 2],
    /// The numbers of packets by both ends and identification, for errors that quote these.
    identified: BTreeMap<([IpAddr; 2], u32), u64>,
}

/// A packet in words, and whether it was sent before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) text: String,
    pub(super) order: Order,
}

impl Directions {
    /// Whether the packet was here before, one router earlier or on another interface.
    pub(super) fn is_forwarded(&mut self, packet: &Dissection<'_>, interface: u32) -> bool {
        let Some((ip, layer)) = Network::of_packet(packet) else { return false };
        let but_for_ttl = number((ip.addresses, ip.identification, ip.fragment, payload(packet, layer)));
        self.memory.is_forwarded(but_for_ttl, Place { ttl: ip.ttl, interface })
    }

    /// The label of packet `number`; `is_back`: it is from the end that did not speak first.
    pub(super) fn label(&mut self, packet: &Dissection<'_>, number: u64, is_back: bool, ports: Ports) -> Label {
        if let Some(by) = part(packet).and_then(|part| part.error_by) {
            let said = said(packet, ports);
            let error = said.split_once(", about ").map_or(said.as_str(), |(error, _)| error);
            let quoted =
                Network::quoted(packet).and_then(|ip| self.identified.get(&(ip.addresses, ip.identification?)));
            let about = quoted.map_or(String::new(), |number| format!(", about packet {number}"));
            return Label { text: format!("{error}, by {by}{about}"), order: Order::New };
        }
        if self.identified.len() >= MOST_IDENTIFIED {
            self.identified.clear();
        }
        if let Some((Network { addresses, identification: Some(identification), .. }, _)) = Network::of_packet(packet) {
            self.identified.insert((addresses, identification), number);
        }
        if let Some(layer) = packet.layer(Protocol::Tcp)
            && let Ok((tcp, _)) = Tcp::take(header(packet, layer))
        {
            let mut label = self.segment(packet, layer, &tcp, is_back);
            if ports == Ports::Told {
                label.text.insert_str(0, &format!("TCP {} > {} ", tcp.source_port, tcp.destination_port));
            }
            return label;
        }
        let order = match self.was_seen(packet, is_back) {
            true => Order::Again,
            false => Order::New,
        };
        Label { text: said(packet, ports), order }
    }

    fn segment(&mut self, packet: &Dissection<'_>, layer: Layer<'_>, tcp: &Tcp, is_back: bool) -> Label {
        let [first, second] = &mut self.sequences;
        let (own, other) = if is_back { (second, first) } else { (first, second) };
        let (from, len) = (tcp.sequence_number, layer.payload_len() as u64);
        own.begin(if tcp.syn { from } else { from.wrapping_sub(1) });
        if tcp.ack {
            other.begin(tcp.acknowledgment_number.wrapping_sub(1));
        }
        let numbers = len + u64::from(tcp.syn) + u64::from(tcp.fin);
        let order = own.note(from, numbers);
        // RFC 9293 section 3.4: a SYN is numbered before the first byte of data, also where both are in one segment (Fast Open).
        let start = own.shown(from) + u64::from(tcp.syn && len > 0);
        let mut text = format!("[{}]", flags(tcp));
        let _ = match len {
            0 if numbers == 0 => Ok(()),
            0 => write!(text, " seq {start}"),
            1 => write!(text, " byte {start}"),
            len => write!(text, " bytes {start} to {}", start + len - 1),
        };
        if tcp.ack {
            let _ = write!(text, " ack {}", other.shown(tcp.acknowledgment_number));
        }
        for option in TcpOptions::new(header(packet, layer).get(Tcp::LEN..).unwrap_or_default()).map_while(Result::ok) {
            let _ = match option {
                TcpOption::MaximumSegmentSize(most) => write!(text, " mss {most}"),
                TcpOption::Sack(blocks) => blocks.as_slice().iter().try_for_each(|block| {
                    let last = other.shown(block.right_edge).saturating_sub(1);
                    write!(text, " sack {} to {last}", other.shown(block.left_edge))
                }),
                TcpOption::Other { kind: FAST_OPEN, data: [] } => write!(text, " cookie?"),
                TcpOption::Other { kind: FAST_OPEN, .. } => write!(text, " cookie"),
                _ => Ok(()),
            };
        }
        if !tcp.rst {
            let _ = write!(text, " win {}", tcp.window);
        }
        Label { text, order }
    }

    /// Whether this was seen before in this direction.
    fn was_seen(&mut self, packet: &Dissection<'_>, is_back: bool) -> bool {
        let part = part(packet);
        if let Some(layer) = packet.layer(Protocol::Icmp).or_else(|| packet.layer(Protocol::Icmpv6))
            && part.is_some_and(|part| part.key.identifier.is_some())
            && let Ok((icmp, rest)) = Icmp::take(header(packet, layer))
            && let Ok((echo, _)) = Echo::take(rest)
        {
            return self.memory.was_seen(number((is_back, icmp.kind, echo.sequence)));
        }
        if let Some(layer) = packet.layer(Protocol::Arp) {
            return self.memory.was_seen(number((is_back, header(packet, layer))));
        }
        // What an IP packet carries; the packet itself has another identification, and so another checksum, each time.
        let Some((ip, layer)) = Network::of_packet(packet) else { return false };
        self.memory.was_seen(number((is_back, ip.fragment, payload(packet, layer))))
    }
}

/// Whether ports stand above the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ports {
    Above,
    /// So they must be told with each packet.
    Told,
}

/// The packet's line, without what stands above the columns: addresses of both ends, and ports.
fn said(packet: &Dissection<'_>, told: Ports) -> String {
    let summary = packet.summary().to_string();
    let Ends { addresses: Some([from, to]), ports, .. } = Ends::of(packet) else { return summary };
    let rest = summary.strip_prefix(&format!("{from} > {to} ")).unwrap_or(&summary);
    match ports.filter(|_| told == Ports::Above) {
        Some([from, to]) => rest.replacen(&format!(" {from} > {to},"), ",", 1),
        None => rest.to_string(),
    }
}

fn flags(tcp: &Tcp) -> String {
    tcp.flags().collect::<Vec<_>>().join(" ")
}
