//! A packet in one line.

use super::meaning::code_words;
use super::{Dissection, Layer, Protocol};
use crate::WireError;
use crate::arp::{Arp, REPLY, REQUEST};
use crate::ethernet::{self, Ethernet, Tag};
use crate::icmp::{self, Echo, Icmp, Unreachable};
use crate::ipv4::Ipv4;
use crate::tcp::Tcp;
use crate::udp::Udp;
use std::fmt;

/// The line that a [`Dissection`] is told in. It is written straight to where it is formatted.
///
/// ```text
/// ARP who has 10.0.0.5? tell 10.0.0.2
/// 192.168.1.3 > 192.168.10.3 ICMP echo request 1
/// 10.0.0.1 > 10.0.0.2 TCP 49152 > 80 [SYN] seq 0 win 64240 mss 1460
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Summary<'d>(pub(super) &'d Dissection<'d>);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut carrier = None;
        for layer in self.0.layers().filter(|layer| !layer.is_quoted()) {
            match layer.protocol() {
                Protocol::Ethernet | Protocol::Tag | Protocol::Extensions => {}
                Protocol::Arp => return arp(f, layer),
                Protocol::Ipv4 => addresses(f, layer)?,
                Protocol::Icmp => return icmp(f, layer),
                Protocol::Udp => return udp(f, layer),
                Protocol::Tcp => return tcp(f, layer),
                Protocol::Data => return data(f, layer, carrier),
            }
            carrier = Some(layer);
        }
        match carrier {
            Some(layer) => bare(f, layer),
            None => f.write_str("no bytes"),
        }
    }
}

/// A packet of which nothing is behind this header.
fn bare(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match layer.protocol() {
        Protocol::Ipv4 if Ipv4::take(layer.bytes()).is_ok() => f.write_str(" without data"),
        protocol => write!(f, "{protocol}, {} bytes", layer.header().len()),
    }
}

fn arp(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match Arp::take(layer.bytes()) {
        Ok((arp, _)) if arp.is_probe() => write!(f, "ARP does anybody have {}?", arp.target),
        Ok((arp, _)) if arp.is_announcement() => write!(f, "ARP {} is at {}, announced", arp.sender, arp.sender_mac),
        Ok((arp, _)) if arp.operation == REQUEST => write!(f, "ARP who has {}? tell {}", arp.target, arp.sender),
        Ok((arp, _)) if arp.operation == REPLY => write!(f, "ARP {} is at {}", arp.sender, arp.sender_mac),
        Ok((arp, _)) => write!(f, "ARP operation {}", arp.operation),
        Err(_) => write!(f, "ARP, cut short"),
    }
}

fn addresses(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match Ipv4::take(layer.bytes()) {
        Ok((ip, _)) => write!(f, "{} > {}", ip.source, ip.destination),
        Err(_) => Ok(()),
    }
}

fn icmp(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((icmp, rest)) = Icmp::take(layer.bytes()) else { return f.write_str(" ICMP, cut short") };
    f.write_str(" ICMP ")?;
    let kind = Icmp::FIELDS.first().and_then(|row| row.name_of(icmp.kind.into()));
    let code = code_words(icmp.kind, icmp.code.into());
    match (icmp.kind, kind, code) {
        (icmp::ECHO_REQUEST | icmp::ECHO_REPLY, Some(kind), _) => {
            write!(f, "{kind}")?;
            if let Ok((echo, _)) = Echo::take(rest) {
                write!(f, " {}", echo.sequence)?;
            }
            return Ok(());
        }
        (icmp::UNREACHABLE, _, Some(code)) => f.write_str(code)?,
        (_, Some(kind), Some(code)) => write!(f, "{kind}, {code}")?,
        (_, Some(kind), None) => write!(f, "{kind}, code {}", icmp.code)?,
        (kind, None, _) => write!(f, "type {kind} code {}", icmp.code)?,
    }
    if let (icmp::UNREACHABLE, 4, Ok((word, _))) = (icmp.kind, icmp.code, Unreachable::take(rest)) {
        write!(f, ", MTU {}", word.next_hop_mtu)?;
    }
    quoted(f, layer)
}

/// What an error is about.
fn quoted(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Some(Ok((ip, _))) = layer.dissection.quoted(Protocol::Ipv4).map(|layer| Ipv4::take(layer.bytes())) else {
        return Ok(());
    };
    write!(f, ", about {} > {}", ip.source, ip.destination)
}

fn udp(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((udp, _)) = Udp::take(layer.bytes()) else { return f.write_str(" UDP, cut short") };
    let len = usize::from(udp.length).saturating_sub(Udp::LEN);
    write!(f, " UDP {} > {}, {len} bytes", udp.source_port, udp.destination_port)
}

fn tcp(f: &mut fmt::Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((tcp, _)) = Tcp::take(layer.bytes()) else { return f.write_str(" TCP, cut short") };
    write!(f, " TCP {} > {} [", tcp.source_port, tcp.destination_port)?;
    let flags = [
        (tcp.syn, "SYN"),
        (tcp.fin, "FIN"),
        (tcp.rst, "RST"),
        (tcp.psh, "PSH"),
        (tcp.ack, "ACK"),
        (tcp.urg, "URG"),
        (tcp.ece, "ECE"),
        (tcp.cwr, "CWR"),
        (tcp.ae, "AE"),
    ];
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    for (number, (_, name)) in set.enumerate() {
        f.write_str(if number == 0 { "" } else { " " })?;
        f.write_str(name)?;
    }
    write!(f, "] seq {}", tcp.sequence_number)?;
    if tcp.ack {
        write!(f, " ack {}", tcp.acknowledgment_number)?;
    }
    write!(f, " win {}", tcp.window)?;
    for option in layer.fields().skip(Tcp::FIELDS.len()) {
        let words = match option.name() {
            "maximum_segment_size" => "mss",
            "window_scale" => "wscale",
            "sack" => "sack",
            _ => continue,
        };
        write!(f, " {words} {}", option.shown())?;
    }
    match layer.payload_len() {
        0 => Ok(()),
        len => write!(f, " len {len}"),
    }
}

fn data(f: &mut fmt::Formatter<'_>, layer: Layer<'_>, carrier: Option<Layer<'_>>) -> fmt::Result {
    let len = layer.payload().len();
    let carried = carrier.map(|layer| (layer.protocol(), layer.bytes()));
    match carried {
        Some((Protocol::Ipv4, bytes)) => match Ipv4::take(bytes) {
            Ok((ip, _)) if ip.version != 4 => write!(f, " IPv4, version {}", ip.version),
            Ok((ip, _)) if ip.fragment_offset > 0 => {
                let more = if ip.more_fragments { ", more to come" } else { ", the last" };
                write!(
                    f,
                    " fragment {:#06x} from byte {}{more}, {len} bytes",
                    ip.identification,
                    ip.fragment_offset * 8
                )
            }
            Ok((ip, _)) => write!(f, " protocol {}, {len} bytes", ip.protocol),
            Err(_) => write!(f, " IPv4, cut short"),
        },
        Some((Protocol::Ethernet, bytes)) => {
            by_ethertype(f, Ethernet::take(bytes).map(|(frame, _)| frame.ethertype), len)
        }
        Some((Protocol::Tag, bytes)) => by_ethertype(f, Tag::take(bytes).map(|(tag, _)| tag.ethertype), len),
        _ => write!(f, "{len} bytes"),
    }
}

fn by_ethertype(f: &mut fmt::Formatter<'_>, ethertype: Result<u16, WireError>, len: usize) -> fmt::Result {
    match ethertype {
        Ok(length) if length < ethernet::LEAST_TYPE => write!(f, "802.3 frame, {len} bytes"),
        Ok(ethertype) => write!(f, "EtherType {ethertype:#06x}, {len} bytes"),
        Err(_) => write!(f, "{len} bytes"),
    }
}
