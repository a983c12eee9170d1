//! Packets into frames: who is next on a link, and what waits until ARP (RFC 826) has told.

use super::{Gateway, Loss, cut};
use crate::run::neighbours::Found;
use host::{Frame, Mac, Time};
use nat::Side;
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use wire::arp::{Arp, REQUEST};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::Ipv4;

impl Gateway {
    /// Sends a packet of the box itself.
    pub(super) fn send(&mut self, side: Side, packet: &[u8], now: Time) {
        if let Some(hop) = self.next_hop(side, packet) {
            self.deliver(side, hop, packet, now);
        }
    }

    pub(super) fn next_hop(&mut self, side: Side, packet: &[u8]) -> Option<Ipv4Addr> {
        let (header, _) = Ipv4::take(packet).ok()?;
        let hop = self.door(side).hop(header.destination);
        if hop.is_none() {
            self.lose(Loss::NoRoute, 1);
        }
        hop
    }

    /// Puts a packet into a frame, or into several, which go or wait.
    pub(super) fn deliver(&mut self, side: Side, hop: Ipv4Addr, packet: &[u8], now: Time) {
        let mtu = self.door(side).mtu;
        let Some(parts) = cut(packet, mtu) else { return self.lose(Loss::TooLong, 1) };
        let mac = self.station(side, hop, now);
        let (source, destination) = (self.door(side).mac, mac.unwrap_or(Mac::ZERO));
        for part in parts {
            let frame = Ethernet { destination, source, ethertype: ethernet::IPV4 }.frame(&part);
            let whole = [&[0; Frame::NOTE][..], &frame].concat();
            match mac {
                Some(_) => self.ready.push((side, whole)),
                None => self.door_mut(side).neighbours.hold(hop, whole),
            }
        }
    }

    /// Who is at the next hop; `None`: that is being asked for.
    pub(super) fn station(&mut self, side: Side, hop: Ipv4Addr, now: Time) -> Option<Mac> {
        match self.door_mut(side).neighbours.find(hop, now) {
            Found::At { mac, poll } => {
                if poll {
                    self.ask(side, hop, mac);
                }
                Some(mac)
            }
            Found::Unknown { ask } => {
                if ask {
                    self.ask(side, hop, Mac::BROADCAST);
                }
                None
            }
        }
    }

    /// "Who has `address`?" to everybody on the link, or to the one station `to`.
    pub(super) fn ask(&mut self, side: Side, address: Ipv4Addr, to: Mac) {
        let door = self.door(side);
        let request = Arp::request(door.mac, door.address, address);
        self.say(side, to, &request);
    }

    pub(super) fn say(&mut self, side: Side, to: Mac, arp: &Arp) {
        let header = Ethernet { destination: to, source: self.door(side).mac, ethertype: ethernet::ARP };
        self.ready.push((side, [&[0; Frame::NOTE][..], &header.frame(&arp.bytes())].concat()));
    }

    /// RFC 826 has the sender's pair merged into the table before the operation is looked at: a request teaches too.
    pub(super) fn hear_arp(&mut self, side: Side, packet: &[u8], now: Time) {
        let Ok((arp, _)) = Arp::parse(packet) else { return };
        let door = self.door(side);
        // A group is nobody: RFC 1812 section 3.3.2 forbids believing that an address is behind one.
        if arp.sender_mac.is_group() {
            return;
        }
        let is_public = side == Side::Outside && self.nat.is_outside_address(arp.target);
        let is_ours = is_public || arp.target == door.address;
        let is_of_another = !arp.sender.is_unspecified() && arp.sender != door.address;
        if is_of_another && door.has_in_network(arp.sender) {
            let create = is_ours && arp.operation == REQUEST;
            let waited = self.door_mut(side).neighbours.learn(arp.sender, arp.sender_mac, create, now);
            self.let_go(side, arp.sender_mac, waited);
        }
        let door = self.door(side);
        if is_ours && arp.operation == REQUEST && (is_public || !door.is_kernels) {
            let reply = arp.reply_from(door.mac);
            self.say(side, arp.sender_mac, &reply);
        }
    }

    pub(super) fn let_go(&mut self, side: Side, mac: Mac, waited: VecDeque<Vec<u8>>) {
        let header = Ethernet { destination: mac, source: self.door(side).mac, ethertype: ethernet::IPV4 };
        for mut whole in waited {
            if let Some(bytes) = whole.get_mut(Frame::NOTE..) {
                address_frame(bytes, &header);
            }
            self.ready.push((side, whole));
        }
    }
}

pub(super) fn address_frame(frame: &mut [u8], header: &Ethernet) {
    if let Some(place) = frame.first_chunk_mut() {
        *place = header.bytes();
    }
}
