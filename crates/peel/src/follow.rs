//! The conversation that a packet is part of, as a ladder: both ends as columns, time from top to bottom.
//!
//! The order to read in: this file (whether a packet belongs to it), `again` (whether it was sent before), `label` (what stands
//! on its arrow), [`ladder`] (the drawing).

mod again;
mod label;
pub mod ladder;

use crate::ends::{Ends, Network, header};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use wire::dhcp::Dhcp;
use wire::dissect::{Dissection, Layer, Protocol};
use wire::icmp::{ECHO_REPLY, ECHO_REQUEST, Echo, Icmp};
use wire::icmpv6::{self, Icmpv6, NeighborAdvertisement, NeighborSolicitation};

/// One of both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Its address.
    pub address: IpAddr,
    /// Its port, where the conversation has ports.
    pub port: Option<u16>,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (address, None) => write!(f, "{address}"),
            (IpAddr::V4(address), Some(port)) => write!(f, "{address}:{port}"),
            (IpAddr::V6(address), Some(port)) => write!(f, "[{address}]:{port}"),
        }
    }
}

/// What all packets of a conversation have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    /// `None`: all that both hosts say to each other.
    protocol: Option<Protocol>,
    /// The identifier of echo messages, the transaction of DHCP.
    identifier: Option<u32>,
    /// The lesser one first, so that both directions have the same.
    parties: [Party; 2],
}

/// A packet seen as part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    key: Key,
    /// Whose it is; of an error, whose the packet is that it is about.
    sender: Party,
    /// Who tells of an error.
    error_by: Option<IpAddr>,
}

impl Part {
    fn new(protocol: Option<Protocol>, identifier: Option<u32>, [from, to]: [Party; 2]) -> Self {
        let parties = if from <= to { [from, to] } else { [to, from] };
        Self { key: Key { protocol, identifier, parties }, sender: from, error_by: None }
    }
}

/// The part that a packet is, if it has addresses.
fn part(packet: &Dissection<'_>) -> Option<Part> {
    let is_error = packet.layers().any(Layer::is_quoted);
    let by = Ends::of(packet).addresses.map(|[from, _]| from);
    let ends = if is_error { Ends::quoted(packet) } else { Ends::of(packet) };
    let layer = |protocol| packet.layers().find(|it| it.protocol() == protocol && it.is_quoted() == is_error);
    let [from, to] = ends.addresses?;
    let part = match ends.ports {
        Some([from_port, to_port]) => {
            let parties = [Party { address: from, port: Some(from_port) }, Party { address: to, port: Some(to_port) }];
            match (layer(Protocol::Dhcp).and_then(|layer| dhcp(packet, layer, from_port)), layer(Protocol::Tcp)) {
                (Some(part), _) => part,
                (None, Some(_)) => Part::new(Some(Protocol::Tcp), None, parties),
                (None, None) => Part::new(Some(Protocol::Udp), None, parties),
            }
        }
        None => {
            let parties = [from, to].map(|address| Party { address, port: None });
            let icmp = layer(Protocol::Icmp).or_else(|| layer(Protocol::Icmpv6));
            match (layer(Protocol::Arp), icmp) {
                (Some(_), _) => Part::new(Some(Protocol::Arp), None, parties),
                (None, Some(layer)) => icmp_part(packet, layer, parties),
                (None, None) => Part::new(None, None, parties),
            }
        }
    };
    Some(Part { error_by: by.filter(|_| is_error), ..part })
}

/// Both ends of a DHCP message: the client has no address yet, and does not know the server's.
fn dhcp(packet: &Dissection<'_>, layer: Layer<'_>, from_port: u16) -> Option<Part> {
    let (message, _) = Dhcp::take(header(packet, layer)).ok()?;
    let client = Party { address: Ipv4Addr::UNSPECIFIED.into(), port: Some(wire::dhcp::CLIENT_PORT) };
    let server = Party { address: Ipv4Addr::BROADCAST.into(), port: Some(wire::dhcp::SERVER_PORT) };
    let parties = if from_port == wire::dhcp::CLIENT_PORT { [client, server] } else { [server, client] };
    Some(Part::new(Some(Protocol::Dhcp), Some(message.xid), parties))
}

/// An echo message by its identifier; neighbour discovery between who asks and who is asked for, as with ARP; else all that both
/// say to each other.
fn icmp_part(packet: &Dissection<'_>, layer: Layer<'_>, parties: [Party; 2]) -> Part {
    let protocol = layer.protocol();
    let bytes = header(packet, layer);
    let Ok((icmp, rest)) = Icmp::take(bytes) else { return Part::new(None, None, parties) };
    let is_echo = match protocol {
        Protocol::Icmp => matches!(icmp.kind, ECHO_REQUEST | ECHO_REPLY),
        _ => matches!(icmp.kind, icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY),
    };
    let [from, to] = parties;
    let target = |address: std::net::Ipv6Addr| Party { address: address.into(), port: None };
    match (Echo::take(rest), Icmpv6::take(bytes)) {
        (Ok((echo, _)), _) if is_echo => Part::new(Some(protocol), Some(echo.identifier.into()), parties),
        (_, Ok((Icmpv6 { kind: icmpv6::NEIGHBOR_SOLICITATION, .. }, rest))) if protocol == Protocol::Icmpv6 => {
            let asked = NeighborSolicitation::take(rest).map_or(to, |(body, _)| target(body.target));
            Part::new(Some(protocol), None, [from, asked])
        }
        (_, Ok((Icmpv6 { kind: icmpv6::NEIGHBOR_ADVERTISEMENT, .. }, rest))) if protocol == Protocol::Icmpv6 => {
            let answers = NeighborAdvertisement::take(rest).map_or(from, |(body, _)| target(body.target));
            Part::new(Some(protocol), None, [answers, to])
        }
        _ => Part::new(None, None, parties),
    }
}

/// Tells packets of a conversation from others.
#[derive(Debug)]
pub struct Conversation {
    key: Key,
    /// The packets of it that came in fragments: those after the first have no ports.
    fragmented: BTreeSet<([IpAddr; 2], u32)>,
}

/// More packets in fragments than this are not kept in mind.
const MOST_FRAGMENTED: usize = 1 << 12;

impl Conversation {
    /// The one that a packet is part of, if it is one that has two ends.
    #[must_use]
    pub fn of(packet: &Dissection<'_>) -> Option<Self> {
        Some(Self { key: part(packet)?.key, fragmented: BTreeSet::new() })
    }

    /// Whether a packet is part of it.
    pub(crate) fn includes(&mut self, packet: &Dissection<'_>) -> bool {
        self.part(packet).is_some()
    }

    /// The packet as a part of it; `None`: it is of another one.
    fn part(&mut self, packet: &Dissection<'_>) -> Option<Part> {
        let part = part(packet)?;
        let addresses = |key: &Key| key.parties.map(|one| one.address);
        let ip = Network::of_packet(packet).map(|(ip, _)| ip);
        let fragment = ip.and_then(|ip| Some(((ip.addresses, ip.identification?), ip.fragment?)));
        let later = fragment.filter(|(_, offset)| *offset > 0);
        let belongs = match (self.key.protocol, later) {
            (None, _) => part.key.protocol != Some(Protocol::Arp) && addresses(&part.key) == addresses(&self.key),
            (Some(_), Some((it, _))) => self.fragmented.contains(&it),
            (Some(_), None) => part.key == self.key,
        };
        if let Some((it, 0)) = fragment.filter(|_| belongs && self.fragmented.len() < MOST_FRAGMENTED) {
            self.fragmented.insert(it);
        }
        // Where all counts that two hosts say to each other, their ports do not.
        let sender = match self.key.protocol {
            None => Party { port: None, ..part.sender },
            Some(_) => part.sender,
        };
        belongs.then_some(Part { sender, ..part })
    }

    /// Whether its ends have ports.
    fn has_ports(&self) -> bool {
        self.key.parties.iter().any(|party| party.port.is_some())
    }

    /// Whether a part is from the end that is not `first`. A later fragment has no port, so the address decides.
    fn is_back(part: &Part, first: Party) -> bool {
        part.sender != first && (part.sender.port.is_some() || part.sender.address != first.address)
    }
}
