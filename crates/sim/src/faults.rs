//! Faults at work: what a network's faults do to frames as they pass. (Their sentences are read in `topology::faults`.)
//!
//! Cuts are known in advance, so a frame's fate is known when it is sent: it is lost if its cable is cut now, or will be before it
//! arrives. No node is told of a cut; that its frames are lost it learns as from any loss, by silence.

use crate::topology::{Between, Effect, Fault, Net, Node, Packets, Segment, Side, Span, Which};
use crate::world::Fate;
use host::Time;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use wire::Mac;
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// The faults of a network that are about frames.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    strikes: Vec<Strike>,
    discards: Vec<Discard>,
}

/// What becomes of frames on some wires.
#[derive(Debug)]
struct Strike {
    wires: BTreeSet<usize>,
    span: Span,
    packets: Packets,
    /// Whose addresses source and destination must be, if it matters.
    between: Option<[Vec<Ipv4Addr>; 2]>,
    which: Which,
    fate: Fate,
    /// How many fitting frames there were so far.
    seen: u32,
}

/// What a node discards.
#[derive(Debug)]
struct Discard {
    node: usize,
    span: Span,
    packets: Packets,
    side: Side,
    macs: Vec<Mac>,
    addresses: Vec<Ipv4Addr>,
}

impl Faults {
    /// The faults of `net` that are about frames. `wires` are its wires in their order: cable and direction of each.
    pub(crate) fn new(net: &Net, wires: &[(&str, &str)]) -> Self {
        let mut faults = Self::default();
        for Fault { span, effect, .. } in &net.faults {
            match effect {
                Effect::Strike { packets, which, place, between, fate } => faults.strikes.push(Strike {
                    wires: (0..)
                        .zip(wires)
                        .filter(|(_, (cable, direction))| place.contains(cable, direction))
                        .map(|(wire, _)| wire)
                        .collect(),
                    span: *span,
                    packets: *packets,
                    between: between.as_ref().map(|Between { from, to }| {
                        [from, to].map(|name| net.node(name).map(addresses).unwrap_or_default())
                    }),
                    which: *which,
                    fate: *fate,
                    seen: 0,
                }),
                Effect::Discard { packets, side, node } => {
                    let found = net.nodes.iter().enumerate().find(|(_, own)| own.name == *node);
                    faults.discards.extend(found.map(|(number, node)| Discard {
                        node: number,
                        span: *span,
                        packets: *packets,
                        side: *side,
                        macs: node.interfaces.iter().map(|interface| interface.mac).collect(),
                        addresses: addresses(node),
                    }));
                }
                Effect::Cut { .. } | Effect::Route { .. } => {}
            }
        }
        faults
    }

    /// What becomes of a frame that is sent into `wire` now.
    pub(crate) fn strike(&mut self, now: Time, wire: usize, frame: &[u8]) -> Fate {
        let mut fate = Fate::Pass;
        for strike in &mut self.strikes {
            if !strike.wires.contains(&wire) || !strike.span.contains(now) || !fits(strike.packets, frame) {
                continue;
            }
            if strike.between.as_ref().is_some_and(|between| !is_between(between, frame)) {
                continue;
            }
            strike.seen += 1;
            let struck = match strike.which {
                Which::Every => true,
                Which::Nth(nth) => nth == strike.seen,
            };
            if struck && fate == Fate::Pass {
                fate = strike.fate;
            }
        }
        fate
    }

    /// Whether `node` discards a frame that arrives.
    pub(crate) fn discards_arriving(&self, now: Time, node: usize, frame: &[u8]) -> bool {
        self.discards.iter().any(|discard| {
            let Ok((header, packet)) = Ethernet::take(frame) else { return false };
            let heard = header.destination.is_group() || discard.macs.contains(&header.destination);
            let through = !header.destination.is_group()
                && header.ethertype == ethernet::IPV4
                && Ipv4::split(packet).is_ok_and(|(header, ..)| !discard.addresses.contains(&header.destination));
            let side = match discard.side {
                Side::At => true,
                Side::To => !through,
                Side::Through => through,
                Side::From => false,
            };
            side && heard && discard.concerns(now, node, frame)
        })
    }

    /// Whether `node` discards a frame that it would send.
    pub(crate) fn discards_leaving(&self, now: Time, node: usize, frame: &[u8]) -> bool {
        self.discards.iter().any(|discard| {
            let side = match discard.side {
                Side::At => true,
                Side::From => discard.is_own(frame),
                Side::To | Side::Through => false,
            };
            side && discard.concerns(now, node, frame)
        })
    }
}

impl Discard {
    fn concerns(&self, now: Time, node: usize, frame: &[u8]) -> bool {
        self.node == node && self.span.contains(now) && fits(self.packets, frame)
    }

    /// Whether a frame that leaves the node was made there: a packet with one of its addresses as source, or no packet at all.
    fn is_own(&self, frame: &[u8]) -> bool {
        let Ok((header, packet)) = Ethernet::take(frame) else { return true };
        header.ethertype != ethernet::IPV4
            || Ipv4::split(packet).map_or(true, |(header, ..)| self.addresses.contains(&header.source))
    }
}

fn addresses(node: &Node) -> Vec<Ipv4Addr> {
    let on_links = node.interfaces.iter().filter_map(|interface| interface.address).map(|(address, _)| address);
    on_links.chain(node.router_id).collect()
}

/// Whether a frame is of this kind.
fn fits(packets: Packets, frame: &[u8]) -> bool {
    let Ok((ethernet, packet)) = Ethernet::take(frame) else { return packets == Packets::All };
    match packets {
        Packets::All => return true,
        Packets::Arp => return ethernet.ethertype == ethernet::ARP,
        _ if ethernet.ethertype != ethernet::IPV4 => return false,
        _ => {}
    }
    let Ok((header, _, message)) = Ipv4::split(packet) else { return packets == Packets::Ip };
    // Types, codes and ports stand in the first fragment only.
    let message = if header.fragment_offset == 0 { message } else { &[] };
    let is = |wanted: Option<u8>, at: usize| wanted.is_none_or(|wanted| message.get(at) == Some(&wanted));
    let is_at = |wanted: Option<u16>| {
        let (source, destination) = (message.get(..2), message.get(2..4));
        wanted.is_none_or(|port| [source, destination].contains(&Some(&port.to_be_bytes()[..])))
    };
    match packets {
        Packets::Icmp { kind, code } => header.protocol == ipv4::ICMP && is(kind, 0) && is(code, 1),
        Packets::Udp { port } => header.protocol == ipv4::UDP && is_at(port),
        Packets::Tcp { kind, port } => header.protocol == ipv4::TCP && is_at(port) && is_segment(kind, packet),
        Packets::All | Packets::Arp | Packets::Ip => true,
    }
}

/// Whether a TCP packet has a segment of this kind. What the card filled the frame up with is no data.
fn is_segment(kind: Segment, packet: &[u8]) -> bool {
    if kind == Segment::Any {
        return true;
    }
    let Ok((header, _, payload, _padding)) = Ipv4::parse(packet) else { return false };
    let Some((tcp, _, data)) = Tcp::parse(payload).ok().filter(|_| header.is_whole()) else { return false };
    match kind {
        Segment::Any => true,
        Segment::Data => !data.is_empty(),
        Segment::Syn => tcp.syn && !tcp.ack,
        Segment::SynAck => tcp.syn && tcp.ack,
        Segment::Ack => tcp.ack && data.is_empty() && !tcp.syn && !tcp.fin && !tcp.rst,
        Segment::Fin => tcp.fin,
        Segment::Rst => tcp.rst,
    }
}

/// Whether a frame has a packet from one of the first addresses to one of the second.
fn is_between([from, to]: &[Vec<Ipv4Addr>; 2], frame: &[u8]) -> bool {
    let header = Ethernet::take(frame).and_then(|(_, packet)| Ipv4::split(packet));
    header.is_ok_and(|(header, ..)| from.contains(&header.source) && to.contains(&header.destination))
}

/// When a cable is cut, and when it is whole again.
#[derive(Debug, Default)]
pub(crate) struct Cuts(Vec<(Time, bool)>);

impl Cuts {
    /// The cuts of the cable and direction of these names.
    pub(crate) fn new(net: &Net, cable: &str, direction: &str) -> Self {
        let mut changes = vec![];
        for Fault { span, effect, .. } in &net.faults {
            let Effect::Cut { place, whole } = effect else { continue };
            if !place.contains(cable, direction) {
                continue;
            }
            changes.push((span.from, *whole));
            if span.until != Time::NEVER {
                changes.push((span.until, !whole));
            }
        }
        // A stable sort: of changes at the same time the last one stated counts.
        changes.sort_by_key(|(at, _)| *at);
        Self(changes)
    }

    /// Whether a frame that is sent at `sent` and arrives at `arrives` meets a cut.
    pub(crate) fn meet(&self, sent: Time, arrives: Time) -> bool {
        let before = self.0.iter().take_while(|(at, _)| *at <= sent).last();
        let cut_already = before.is_some_and(|(_, whole)| !whole);
        cut_already || self.0.iter().any(|(at, whole)| sent < *at && *at <= arrives && !whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::icmp;

    fn frame(kind: u8, code: u8, fragment_offset: u16) -> Vec<u8> {
        let (a, b) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let header = Ipv4 { fragment_offset, ..Ipv4::new(a, b, ipv4::ICMP) };
        let packet = header.packet(&icmp::message(kind, code, [0; 4], &[]));
        Ethernet { destination: Mac([2; 6]), source: Mac([4; 6]), ethertype: ethernet::IPV4 }.frame(&packet)
    }

    #[test]
    fn kind_of_a_frame_is_told_by_its_headers() {
        let icmp = |kind, code| Packets::Icmp { kind, code };
        assert!(fits(icmp(None, None), &frame(3, 4, 0)) && fits(icmp(Some(3), Some(4)), &frame(3, 4, 0)));
        assert!(!fits(icmp(Some(3), Some(3)), &frame(3, 4, 0)) && !fits(icmp(Some(11), None), &frame(3, 4, 0)));
        assert!(fits(icmp(None, None), &frame(3, 4, 1)) && !fits(icmp(Some(3), None), &frame(3, 4, 1)), "a fragment");
        assert!(fits(Packets::Ip, &frame(3, 4, 0)) && !fits(Packets::Udp { port: None }, &frame(3, 4, 0)));
        assert!(fits(Packets::All, b"no frame") && !fits(Packets::Ip, b"no frame") && !fits(Packets::Arp, b"no frame"));
    }

    #[test]
    fn frame_meets_a_cut_from_its_first_moment_to_the_last_before_its_end() {
        let cuts = Cuts(vec![(Time(20), false), (Time(30), true)]);
        for (sent, arrives, met) in [(10, 19, false), (10, 20, true), (15, 40, true), (29, 35, true), (30, 35, false)] {
            assert_eq!(cuts.meet(Time(sent), Time(arrives)), met, "from {sent} to {arrives}");
        }
    }
}
