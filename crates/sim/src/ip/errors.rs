//! What a node says of packets that it cannot deliver: RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.

use super::input::Arrived;
use super::neighbours::Waiting;
use super::routes::Hop;
use super::{Out, Stack};
use crate::topology::Extension;
use host::Time;
use std::net::{IpAddr, Ipv4Addr};
use wire::checksum;
use wire::extensions::{self, InterfaceInformation, LabelStackEntry, Object, Role};
use wire::icmp::{self, Icmp, Message, Unreachable};
use wire::ipv4::{self, Ipv4};

/// RFC 1812 section 4.3.2.3: an error holds "as much of the original datagram as possible without the length of the ICMP
/// datagram exceeding 576 bytes".
const MAX_QUOTE: usize = 576 - Ipv4::LEN - 8;
/// RFC 1812 section 4.3.2.5: errors have precedence 6, internetwork control.
const INTERNETWORK_CONTROL: u8 = 6 << 3;

/// What became of a packet, in the words of ICMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) kind: u8,
    pub(super) code: u8,
    /// Zero unless fragmentation is needed.
    pub(super) next_hop_mtu: u16,
}

impl Trouble {
    /// RFC 1812 section 5.3.1.
    pub(super) const TTL_USED_UP: Self = Self { kind: icmp::TIME_EXCEEDED, code: 0, next_hop_mtu: 0 };
    /// RFC 1122 section 3.3.2.
    pub(super) const FRAGMENTS_MISSING: Self = Self { kind: icmp::TIME_EXCEEDED, code: 1, next_hop_mtu: 0 };

    /// RFC 1812 section 5.2.7.1 has the codes.
    pub(super) fn unreachable(code: u8) -> Self {
        Self { kind: icmp::UNREACHABLE, code, next_hop_mtu: 0 }
    }

    /// RFC 1191 section 4: the router tells the MTU of the link that the packet does not fit.
    pub(super) fn fragmentation_needed(next_hop_mtu: u16) -> Self {
        Self { next_hop_mtu, ..Self::unreachable(4) }
    }
}

impl Stack {
    /// Tells the sender of `arrived` what became of it.
    pub(super) fn complain(&mut self, arrived: &Arrived<'_>, trouble: Trouble, out: &mut Out) {
        // RFC 1122 section 3.2.2: an error "MUST NOT be sent" about a packet to everybody.
        if !arrived.broadcast {
            self.error_about(arrived.now, arrived.packet, arrived.interface, trouble, out);
        }
    }

    /// Sends an ICMP error about `packet` to its sender, if one may be sent. `came_by`: the interface, if that is known.
    pub(super) fn error_about(
        &mut self,
        now: Time,
        packet: &[u8],
        came_by: Option<usize>,
        trouble: Trouble,
        out: &mut Out,
    ) {
        let Ok((about, options, payload)) = Ipv4::split(packet) else { return };
        if !may_complain(&about, payload) {
            return;
        }
        // RFC 1812 section 4.3.2.8: a router "SHOULD also be able to limit the rate at which it sends" them.
        if self.limit.as_mut().is_some_and(|limit| !limit.allows(now, trouble.kind, trouble.code, about.source)) {
            return;
        }
        let Some((hop, source)) = self.way_back(&about, payload) else { return };
        let head = Ipv4::LEN + options.len();
        let quoted = self.manners.quotes.map_or(MAX_QUOTE, |behind| MAX_QUOTE.min(head + behind));
        let quote = packet.get(..quoted).unwrap_or(packet);
        let foreign = self.manners.foreign_errors.then(|| of_another_program(quote)).flatten();
        for quote in foreign.as_deref().into_iter().chain([quote]) {
            let header = Ipv4 {
                dscp: INTERNETWORK_CONTROL,
                ttl: self.ttl,
                identification: self.next_identification(),
                ..Ipv4::new(source, about.source, ipv4::ICMP)
            };
            let message = self.message(trouble, quote, came_by);
            self.respond(now, hop, header.packet(&message), out);
        }
    }

    /// Where an error about a packet goes, and its source; no hop where the packet is of this node's own to itself.
    fn way_back(&mut self, about: &Ipv4, payload: &[u8]) -> Option<(Option<Hop>, Ipv4Addr)> {
        if about.source.is_loopback() {
            return Some((None, about.destination));
        }
        // Of several ways back it takes that of the flow it is about.
        let hop = self.routes.choose(about.source, about, payload)?;
        // RFC 1812 section 4.3.2.4: the answer's source is an address of the interface "over which the ICMP
        // message is transmitted".
        Some((Some(hop), self.address_on(hop.interface)?))
    }

    /// The error's message, with what this node tells behind the quote.
    fn message(&self, Trouble { kind, code, next_hop_mtu }: Trouble, quote: &[u8], came_by: Option<usize>) -> Vec<u8> {
        let word = Unreachable { unused: 0, length: 0, next_hop_mtu }.bytes();
        let objects: Vec<Object<'_>> = self
            .manners
            .extensions
            .iter()
            .filter_map(|extension| match extension {
                Extension::Labels(labels) => Some(Object::LabelStack(stack(labels))),
                Extension::Interface => came_by.and_then(|index| self.interface_object(index)),
            })
            .collect();
        match objects.is_empty() {
            true => icmp::message(kind, code, word, quote),
            false => extensions::message(kind, code, word, quote, &objects),
        }
    }

    /// RFC 5837 section 4: number, name, MTU, and where there is one the address of the interface that a packet came by.
    fn interface_object(&self, index: usize) -> Option<Object<'_>> {
        let interface = self.interfaces.get(index)?;
        Some(Object::Interface(InterfaceInformation {
            if_index: u32::try_from(index + 1).ok(),
            address: interface.address.map(|(address, _)| address.into()),
            name: Some(interface.name.as_bytes()),
            mtu: Some(interface.mtu.into()),
            ..InterfaceInformation::new(Role::Incoming)
        }))
    }

    /// Nobody answered for the next hop of this packet. RFC 1812 section 5.2.7.1: code 1, host unreachable.
    pub(super) fn nobody_there(&mut self, now: Time, waiting: &Waiting, out: &mut Out) {
        if !waiting.ours {
            return self.error_about(now, &waiting.packet, None, Trouble::unreachable(1), out);
        }
        // The sender is this host: its program hears it without a message on the wire.
        let Ok((header, ..)) = Ipv4::split(&waiting.packet) else { return };
        let icmp = Icmp { kind: icmp::UNREACHABLE, code: 1, checksum: 0 };
        let message = Message::Other(&[]);
        self.sockets.deliver_error(now, header.source, icmp, &message, &waiting.packet);
        self.tcp_error(now, header.source, icmp, &waiting.packet, out);
    }
}

/// Labels as a packet comes with them when its time to live ends at a router that switches by labels.
fn stack(labels: &[u32]) -> Vec<LabelStackEntry> {
    let entry = |(index, label): (usize, &u32)| LabelStackEntry {
        label: *label,
        traffic_class: 0,
        bottom_of_stack: index + 1 == labels.len(),
        ttl: 1,
    };
    labels.iter().enumerate().map(entry).collect()
}

/// Whether an error may be sent about a packet with this header and payload.
///
/// RFC 1122 section 3.2.2: not about an ICMP error, a fragment other than the first, or a packet whose source is no single host.
fn may_complain(about: &Ipv4, payload: &[u8]) -> bool {
    let is_error = about.protocol == ipv4::ICMP
        && payload.first().is_none_or(|kind| !matches!(*kind, icmp::ECHO_REQUEST | icmp::ECHO_REPLY | 13..=18));
    !is_error
        && about.fragment_offset == 0
        && is_one_host(about.source)
        && !about.destination.is_multicast()
        && !about.destination.is_broadcast()
}

/// Whether `address` can be that of a sender: of another host, or of this one to itself.
pub(super) fn is_one_host(address: Ipv4Addr) -> bool {
    !(address.is_unspecified() || address.is_multicast() || address.is_broadcast())
}

/// A quote as if another program on the same host had sent the packet: with the next port, or the next identifier.
///
/// `None` where there are no ports to change.
fn of_another_program(quote: &[u8]) -> Option<Vec<u8>> {
    let (header, _, payload) = Ipv4::split(quote).ok()?;
    // Where the word stands that tells the program, and where the checksum that covers it; TCP's lies beyond most quotes.
    let (at, checksum_at) = match header.protocol {
        ipv4::ICMP => (4, Some(2)),
        ipv4::UDP => (0, Some(6)),
        ipv4::TCP => (0, Some(16)),
        _ => return None,
    };
    let behind = quote.len() - payload.len();
    let mut quote = quote.to_vec();
    let old = word(&quote, behind + at)?;
    let new = old.wrapping_add(1);
    set_word(&mut quote, behind + at, new);
    if let Some(at) = checksum_at.map(|at| behind + at)
        && let Some(sum) = word(&quote, at)
    {
        set_word(&mut quote, at, checksum::update(sum, old, new));
    }
    Some(quote)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

fn set_word(bytes: &mut [u8], at: usize, word: u16) {
    if let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = word.to_be_bytes();
    }
}

/// The host that says so, and the MTU it tells.
pub(super) fn origin(by: Ipv4Addr, icmp: Icmp, message: &Message<'_>) -> host::IcmpError {
    let mtu = match message {
        Message::Unreachable { word, .. } if icmp.code == 4 => word.next_hop_mtu,
        _ => 0,
    };
    host::IcmpError { by: IpAddr::V4(by), kind: icmp.kind, code: icmp.code, mtu }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_is_sent_about_an_error() {
        let about = Ipv4::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), ipv4::ICMP);
        assert!(may_complain(&about, &[icmp::ECHO_REQUEST]));
        assert!(!may_complain(&about, &[icmp::TIME_EXCEEDED]));
        assert!(!may_complain(&about, &[]));
        assert!(!may_complain(&Ipv4 { fragment_offset: 1, ..about }, &[icmp::ECHO_REQUEST]));
        assert!(!may_complain(&Ipv4 { source: Ipv4Addr::BROADCAST, ..about }, &[icmp::ECHO_REQUEST]));
    }
}
