//! The conversation that a packet is part of, as a ladder: both ends as columns, time from top to bottom.
//!
//! The order to read in: this file (whether a packet belongs to it), [`again`] (whether it was sent before), [`label`] (what
//! stands on its arrow), [`ladder`] (the drawing).

mod again;
pub mod ladder;
mod label;

use crate::ends::{Ends, header};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use wire::dissect::{Dissection, Protocol};
use wire::icmp::{ECHO_REPLY, ECHO_REQUEST, Echo, Icmp};
use wire::ipv4::Ipv4;

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
    /// The identifier of echo messages.
    identifier: Option<u16>,
    /// The lesser one first, so that both directions have the same.
    parties: [Party; 2],
}

/// A packet seen as part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    key: Key,
    /// Who sent it: one of both ends, or somebody who reports an error.
    from: IpAddr,
    /// Whom it is for, or the sender of what it is about.
    sender: Party,
    /// Whether it is an ICMP error about a packet of the conversation.
    is_error: bool,
}

/// The part that a packet is, if it has addresses.
fn part(packet: &Dissection<'_>) -> Option<Part> {
    let own = Ends::of(packet);
    let from = own.addresses?.first().copied()?;
    let is_error = packet.layers().any(|layer| layer.is_quoted() && layer.protocol() == Protocol::Ipv4);
    let ends = if is_error { Ends::quoted(packet) } else { own };
    let [source, destination] = ends.addresses?;
    let (source_port, destination_port) = ends.ports.map_or((None, None), |[from, to]| (Some(from), Some(to)));
    let sender = Party { address: source, port: source_port };
    let mut parties = [sender, Party { address: destination, port: destination_port }];
    parties.sort();
    let identifier = identifier(packet, is_error);
    let has = |protocol| packet.layers().any(|layer| layer.protocol() == protocol && layer.is_quoted() == is_error);
    let protocol = match () {
        () if has(Protocol::Arp) => Some(Protocol::Arp),
        () if source_port.is_some() && has(Protocol::Tcp) => Some(Protocol::Tcp),
        () if source_port.is_some() && has(Protocol::Udp) => Some(Protocol::Udp),
        () if identifier.is_some() => Some(Protocol::Icmp),
        () => None,
    };
    Some(Part { key: Key { protocol, identifier, parties }, from, sender, is_error })
}

/// The identifier of an echo message.
fn identifier(packet: &Dissection<'_>, quoted: bool) -> Option<u16> {
    let is_it = |protocol, is_quoted| protocol == Protocol::Icmp && is_quoted == quoted;
    let layer = packet.layers().find(|layer| is_it(layer.protocol(), layer.is_quoted()))?;
    let (icmp, rest) = Icmp::take(header(packet, layer)).ok()?;
    let is_echo = matches!(icmp.kind, ECHO_REQUEST | ECHO_REPLY);
    is_echo.then(|| Echo::take(rest).ok()).flatten().map(|(echo, _)| echo.identifier)
}

/// Tells packets of a conversation from others.
#[derive(Debug)]
pub struct Conversation {
    key: Key,
    /// The first fragments that belong to it: those that follow have no ports.
    fragments: BTreeSet<Fragmented>,
}

/// What all fragments of a packet have in common, RFC 791 section 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fragmented {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    identification: u16,
}

/// More packets in fragments than this are not kept in mind.
const MOST_FRAGMENTED: usize = 1 << 12;

impl Conversation {
    /// The one that a packet is part of, if it is one that has two ends.
    #[must_use]
    pub fn of(packet: &Dissection<'_>) -> Option<Self> {
        Some(Self { key: part(packet)?.key, fragments: BTreeSet::new() })
    }

    /// The packet as a part of it; `None`: it is of another one.
    fn part(&mut self, packet: &Dissection<'_>) -> Option<Part> {
        let part = part(packet)?;
        let is_between = |parties: [Party; 2]| parties.map(|one| one.address) == self.key.parties.map(|one| one.address);
        let fragmented = fragmented(packet);
        let belongs = match self.key.protocol {
            None => part.key.protocol != Some(Protocol::Arp) && is_between(part.key.parties),
            Some(_) => part.key == self.key || fragmented.is_some_and(|(it, is_first)| !is_first && self.fragments.contains(&it)),
        };
        if let Some((it, true)) = fragmented.filter(|_| belongs && self.fragments.len() < MOST_FRAGMENTED) {
            self.fragments.insert(it);
        }
        belongs.then_some(part)
    }
}

/// What a fragment is of, and whether it is the first.
fn fragmented(packet: &Dissection<'_>) -> Option<(Fragmented, bool)> {
    let (ip, _) = Ipv4::take(header(packet, packet.layer(Protocol::Ipv4)?)).ok()?;
    let it = Fragmented {
        source: ip.source.into(),
        destination: ip.destination.into(),
        protocol: ip.protocol,
        identification: ip.identification,
    };
    (!ip.is_whole()).then_some((it, ip.fragment_offset == 0))
}
