//! A packet's way out: route, neighbour, frame.

use super::input::Arrived;
use super::neighbours::{Resolved, Waiting};
use super::routes::Hop;
use super::{Out, Stack};
use host::Time;
use wire::ethernet;
use wire::ipv4::Ipv4;

impl Stack {
    /// Delivers the packets of this node to itself, in the order in which they were sent. They take no time, and what answers them
    /// waits behind them: so a long conversation of a node with itself does not make it go deeper and deeper.
    pub(super) fn deliver_looped(&mut self, now: Time, out: &mut Out) {
        while let Some(packet) = self.looped.pop_front() {
            // Another program of this node may wait for it.
            self.stirred = Some(now);
            let Ok((header, _, payload, _)) = Ipv4::parse(&packet) else { continue };
            if self.turn_own_error(now, &packet, out) {
                continue;
            }
            let arrived = Arrived { now, packet: &packet, header, payload, broadcast: false, interface: None };
            self.deliver(&arrived, out);
        }
    }

    /// Sends a packet of this node's own. `ours`: by a program, which is told if nobody is there.
    pub(super) fn send_packet(&mut self, now: Time, packet: Vec<u8>, ours: bool, out: &mut Out) {
        let Ok((header, _, payload, _)) = Ipv4::parse(&packet) else { return };
        if self.is_own(header.destination) {
            // RFC 1122 section 3.2.1.3 (g): it never leaves the host.
            self.looped.push_back(packet);
            return;
        }
        if let Some(hop) = self.routes.choose(header.destination, &header, payload) {
            let mtu = self.mtu_towards(now, hop, header.destination);
            self.send_within(now, hop, mtu, packet, ours, out);
        }
    }

    /// Sends a packet to the next hop, as soon as its link-layer address is known.
    pub(super) fn hand_to(&mut self, now: Time, hop: Hop, packet: Vec<u8>, ours: bool, out: &mut Out) {
        let mut waiting = Some(Waiting { packet, ours });
        match self.neighbours.resolve(now, hop.interface, hop.next, &mut waiting) {
            Resolved::Send { mac, poll } => {
                if let Some(Waiting { packet, .. }) = waiting {
                    self.frame_out(hop.interface, mac, ethernet::IPV4, &packet, out);
                }
                if poll {
                    self.ask(hop.interface, hop.next, mac, out);
                }
            }
            Resolved::Wait { ask: true } => self.ask(hop.interface, hop.next, wire::Mac::BROADCAST, out),
            Resolved::Wait { ask: false } => {}
        }
    }
}
