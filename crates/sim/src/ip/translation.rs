//! A NAT's step: what comes from inside or outside goes through the translator, `crates/nat`, and then a router's way.
//!
//! The translator decides and changes bytes; here is what a router does around it: time to live, MTU, errors to the
//! sender. An error quotes the packet as its sender sent it.

use super::errors::Trouble;
use super::input::Arrived;
use super::{Out, Stack};
use crate::topology::{Net, Node};
use host::Time;
use nat::{Nat, Side, Verdict};
use wire::icmp;
use wire::ipv4::{self, Ipv4};

/// A translator and the interfaces that it stands between.
#[derive(Debug)]
pub(super) struct Translator {
    pub(super) nat: Nat,
    inside: Vec<usize>,
    outside: usize,
}

impl Translator {
    pub(super) fn new(net: &Net, node: &Node, secret: u64) -> Option<Self> {
        let translation = node.translation.as_ref()?;
        let index = |link: &String| node.interfaces.iter().position(|own| own.link == *link);
        Some(Self {
            // The topology was checked: it fits together.
            nat: translation.translator(net, node, secret).ok()?,
            inside: translation.inside.iter().filter_map(index).collect(),
            outside: index(&translation.outside)?,
        })
    }

    fn side_of(&self, interface: usize) -> Option<Side> {
        if interface == self.outside {
            return Some(Side::Outside);
        }
        self.inside.contains(&interface).then_some(Side::Inside)
    }
}

impl Stack {
    /// A packet that came in, if this node translates it. `false`: it is for the node itself, or for a router.
    pub(super) fn translate(&mut self, arrived: &Arrived<'_>, out: &mut Out) -> bool {
        let Some(side) = self.side_to_translate(arrived) else { return false };
        let Some(translator) = &mut self.translator else { return false };
        let leaves = side == Side::Inside && !translator.nat.is_outside_address(arrived.header.destination);
        // RFC 1812 section 5.3.1: what ends here opens nothing.
        if leaves && arrived.header.ttl <= 1 {
            self.complain(arrived, Trouble::TTL_USED_UP, out);
            return true;
        }
        let mut packet = arrived.packet.to_vec();
        let verdict = translator.nat.translate(&mut packet, side, arrived.now);
        let taken = match verdict {
            Verdict::Pass | Verdict::Hairpin => {
                self.pass_on(arrived, &packet, out);
                true
            }
            Verdict::Held => true,
            Verdict::Drop(reason) => {
                if let Some(code) = reason.answer() {
                    self.complain(arrived, Trouble::unreachable(code), out);
                }
                true
            }
            // RFC 5382 section 4.3, REQ-4: a SYN from outside that nobody waits for is not answered.
            Verdict::Local if side == Side::Outside && self.is_unwanted_syn(arrived) => {
                if let Some(translator) = &mut self.translator {
                    translator.nat.refuse(arrived.packet, side, arrived.now);
                }
                true
            }
            Verdict::Local => false,
        };
        self.pass_on_released(arrived, out);
        self.tell_translations();
        taken
    }

    /// From which side a packet comes that the translator must see.
    fn side_to_translate(&self, arrived: &Arrived<'_>) -> Option<Side> {
        let translator = self.translator.as_ref().filter(|_| !arrived.broadcast)?;
        let side = translator.side_of(arrived.interface?)?;
        let to = arrived.header.destination;
        let is_public = translator.nat.is_outside_address(to);
        let is_for_it = match side {
            _ if is_public => true,
            _ if self.is_own(to) => false,
            Side::Outside => true,
            // From one inside link to another there is nothing to translate.
            Side::Inside => self.routes.lookup(to).is_some_and(|hop| hop.interface == translator.outside),
        };
        is_for_it.then_some(side)
    }

    /// Fragments that waited for the one that came now.
    fn pass_on_released(&mut self, first: &Arrived<'_>, out: &mut Out) {
        while let Some((packet, _, verdict)) = self.translator.as_mut().and_then(|translator| translator.nat.released())
        {
            let Ok((header, _, payload, _)) = Ipv4::parse(&packet) else { continue };
            let arrived = Arrived { packet: &packet, header, payload, ..*first };
            match verdict {
                Verdict::Pass | Verdict::Hairpin => self.pass_on(&arrived, &packet, out),
                Verdict::Local => self.collect(&arrived, out),
                Verdict::Held | Verdict::Drop(_) => {}
            }
        }
    }

    /// What this node says of a packet that it had translated comes back to it, since the packet's source is its own by
    /// then. `true`: it was such an error, and is on its way to the host inside.
    pub(super) fn turn_own_error(&mut self, now: Time, packet: &[u8], out: &mut Out) -> bool {
        let Some(translator) = &mut self.translator else { return false };
        let is_error = Ipv4::parse(packet).is_ok_and(|(header, _, payload, _)| {
            let kind = payload.first().copied();
            header.protocol == ipv4::ICMP && matches!(kind, Some(icmp::UNREACHABLE | icmp::TIME_EXCEEDED))
        });
        let mut copy = packet.to_vec();
        if !is_error || translator.nat.translate(&mut copy, Side::Outside, now) != Verdict::Pass {
            return false;
        }
        self.send_packet(now, copy, false, out);
        true
    }

    /// Begins to tell a socket of the table: what is in it, and from now on what becomes of it.
    pub(super) fn watch_translations(&mut self, now: Time, socket: host::SocketId) {
        let Some(translator) = &mut self.translator else { return };
        translator.nat.expire(now);
        translator.nat.record(true);
        let entries = translator.nat.entries();
        self.tell_translations();
        for entry in entries {
            let change = nat::Change { at: now, what: nat::What::There(entry) };
            self.sockets.deliver_change(Some(socket), change.at, &change.message());
        }
    }

    /// Tells who watches what became of the table.
    pub(super) fn tell_translations(&mut self) {
        let Some(translator) = &mut self.translator else { return };
        for change in translator.nat.take_changes() {
            self.sockets.deliver_change(None, change.at, &change.message());
        }
    }

    /// When the next session may end, where somebody watches.
    pub(super) fn next_translation_end(&self) -> Option<Time> {
        let translator = self.translator.as_ref().filter(|_| self.sockets.has_watchers())?;
        translator.nat.next_end()
    }

    pub(super) fn expire_translations(&mut self, now: Time) {
        if let Some(translator) = &mut self.translator {
            translator.nat.expire(now);
            self.tell_translations();
        }
    }
}
