//! A packet in one line.

mod dns;
mod http;
mod icmp;
mod payload;
mod ssh;
mod tls;
mod transport;

use super::{Dissection, Layer, Protocol};
use crate::arp::{Arp, REPLY, REQUEST};
use crate::ipv4::Ipv4;
use crate::ipv6::Ipv6;
use crate::ipv6::extension::Fragment;
use std::fmt::{self, Formatter};

/// The line that a [`Dissection`] is told in. It is written straight to where it is formatted.
///
/// ```text
/// ARP who has 10.0.0.5? tell 10.0.0.2
/// 192.168.1.3 > 192.168.10.3 ICMP echo request 1
/// 10.0.0.1 > 10.0.0.2 TCP 49152 > 80 [SYN] seq 0 win 64240 mss 1460
/// fe80::2 > fe80::1 ICMPv6 neighbour advertisement, fe80::2 is at 02:00:00:00:00:aa
/// 0.0.0.0 > 255.255.255.255 DHCP discover from 02:00:00:00:00:aa
/// 192.0.2.10 > 192.0.2.53 DNS question 0x1234 A www.example.com
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Summary<'d>(pub(super) &'d Dissection<'d>);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let layers = self.0.layers().filter(|layer| !layer.is_quoted());
        let mut ip = None;
        let mut last = None;
        for layer in layers {
            match layer.protocol() {
                Protocol::Arp => return arp(f, layer),
                Protocol::Ipv4 | Protocol::Ipv6 => {
                    addresses(f, layer)?;
                    ip = Some(layer);
                }
                _ => {}
            }
            // What is behind these is told with them.
            if ends_the_line(layer.protocol()) {
                innermost(f, layer, last)?;
                return fragment(f, ip);
            }
            last = Some(layer);
        }
        match last {
            Some(layer) => bare(f, layer),
            None => f.write_str("no bytes"),
        }
    }
}

fn ends_the_line(protocol: Protocol) -> bool {
    use Protocol::{Data, Dhcp, Dns, Esp, Icmp, Icmpv6, Tcp, Udp};
    matches!(protocol, Data | Dhcp | Dns | Esp | Icmp | Icmpv6 | Tcp | Udp)
}

/// The innermost header that has something to say; `around` is the layer that carries it.
fn innermost(f: &mut Formatter<'_>, layer: Layer<'_>, around: Option<Layer<'_>>) -> fmt::Result {
    match layer.protocol() {
        Protocol::Udp => match (layer.dissection.layer(Protocol::Dhcp), layer.dissection.layer(Protocol::Dns)) {
            (Some(dhcp), _) => transport::dhcp(f, dhcp),
            (_, Some(message)) => dns::dns(f, message),
            _ => transport::udp(f, layer),
        },
        Protocol::Tcp => {
            transport::tcp(f, layer)?;
            layer.dissection.layer(Protocol::Dns).map_or(Ok(()), |message| dns::dns(f, message))?;
            tls::tls(f, layer.dissection)?;
            http::http(f, layer.dissection)?;
            ssh::ssh(f, layer.dissection)
        }
        Protocol::Icmp => icmp::icmp(f, layer),
        Protocol::Icmpv6 => icmp::icmpv6(f, layer),
        Protocol::Esp => payload::esp(f, layer),
        _ => payload::data(f, layer, around),
    }
}

/// A packet with nothing behind this header.
fn bare(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match layer.protocol() {
        Protocol::Ipv4 if Ipv4::take(layer.bytes()).is_ok() => f.write_str(" without data"),
        Protocol::Ipv6 if Ipv6::take(layer.bytes()).is_ok() => f.write_str(" without data"),
        protocol @ (Protocol::Ipv4 | Protocol::Ipv6) => write!(f, "{protocol}, cut short"),
        protocol if layer.number() == 0 => write!(f, "{protocol}, {} bytes", layer.header().len()),
        protocol => write!(f, " {protocol}, {} bytes", layer.header().len()),
    }
}

fn arp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match Arp::take(layer.bytes()) {
        Ok((arp, _)) if arp.is_probe() => write!(f, "ARP does anybody have {}?", arp.target),
        Ok((arp, _)) if arp.is_announcement() => write!(f, "ARP {} is at {}, announced", arp.sender, arp.sender_mac),
        Ok((arp, _)) if arp.operation == REQUEST => write!(f, "ARP who has {}? tell {}", arp.target, arp.sender),
        Ok((arp, _)) if arp.operation == REPLY => write!(f, "ARP {} is at {}", arp.sender, arp.sender_mac),
        Ok((arp, _)) => write!(f, "ARP operation {}", arp.operation),
        Err(_) => write!(f, "ARP, cut short"),
    }
}

/// Source and destination of an IP packet, of either version.
fn addresses(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    if let (Protocol::Ipv4, Ok((ip, _))) = (layer.protocol(), Ipv4::take(layer.bytes())) {
        return write!(f, "{} > {}", ip.source, ip.destination);
    }
    match (layer.protocol(), Ipv6::take(layer.bytes())) {
        (Protocol::Ipv6, Ok((ip, _))) => write!(f, "{} > {}", ip.source, ip.destination),
        _ => Ok(()),
    }
}

/// Whether what was told is only the first fragment of it.
fn fragment(f: &mut Formatter<'_>, ip: Option<Layer<'_>>) -> fmt::Result {
    let is_first = match ip.map(|layer| (layer.protocol(), layer)) {
        Some((Protocol::Ipv4, layer)) => {
            Ipv4::take(layer.bytes()).is_ok_and(|(ip, _)| ip.more_fragments && ip.fragment_offset == 0)
        }
        Some((_, layer)) => layer.dissection.layer(Protocol::Ipv6Fragment).is_some_and(|layer| {
            Fragment::take(layer.bytes()).is_ok_and(|(ip, _)| ip.more_fragments && ip.fragment_offset == 0)
        }),
        None => false,
    };
    if is_first { f.write_str(", first fragment") } else { Ok(()) }
}
