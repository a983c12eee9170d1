//! ARP as a node does it: RFC 826, "packet reception" and "packet generation".

use super::{Departure, Out, Stack};
use host::Time;
use std::net::Ipv4Addr;
use wire::Mac;
use wire::arp::{Arp, REPLY, REQUEST};
use wire::ethernet::{self, Ethernet};

impl Stack {
    /// An ARP packet came in by `interface`.
    ///
    /// RFC 826 has the sender's pair merged into the table before the operation is looked at: a request teaches too.
    pub(super) fn arp_input(&mut self, now: Time, interface: usize, packet: &[u8], out: &mut Out) {
        let Ok((arp, _padding)) = Arp::parse(packet) else { return };
        // A group is nobody: RFC 1812 section 3.3.2 forbids believing that an address is behind one.
        if arp.sender_mac.is_group() {
            return;
        }
        let for_us = self.is_own(arp.target);
        if !arp.sender.is_unspecified() && !self.is_own(arp.sender) {
            let create = for_us && arp.operation == REQUEST;
            for waiting in self.neighbours.learn(now, interface, arp.sender, arp.sender_mac, create) {
                self.frame_out(interface, arp.sender_mac, ethernet::IPV4, &waiting.packet, out);
            }
        }
        if for_us
            && arp.operation == REQUEST
            && let Some(own) = self.interfaces.get(interface).map(|own| own.mac)
        {
            self.frame_out(interface, arp.sender_mac, ethernet::ARP, &arp.reply_from(own).bytes(), out);
        }
        self.race(now, interface, &arp);
    }

    /// "Who has `address`?" to everybody on the link, or to the one station `to`.
    pub(super) fn ask(&mut self, interface: usize, address: Ipv4Addr, to: Mac, out: &mut Out) {
        let (Some(own), Some(sender)) = (self.interfaces.get(interface).map(|own| own.mac), self.address_on(interface))
        else {
            return;
        };
        self.frame_out(interface, to, ethernet::ARP, &Arp::request(own, sender, address).bytes(), out);
    }

    /// Puts `payload` into a frame that leaves by `interface`.
    pub(super) fn frame_out(&self, interface: usize, destination: Mac, ethertype: u16, payload: &[u8], out: &mut Out) {
        let Some(source) = self.interfaces.get(interface).map(|own| own.mac) else { return };
        out.push(Departure { interface, frame: Ethernet { destination, source, ethertype }.frame(payload) });
    }
}

/// "`claim` is at `mac`", unasked, to one station.
pub(super) fn forged_reply(mac: Mac, claim: Ipv4Addr, to: (Mac, Ipv4Addr)) -> Arp {
    Arp { operation: REPLY, target_mac: to.0, ..Arp::request(mac, claim, to.1) }
}
