//! A router with a translator in it, between two links: a frame, the side it came from and the time go in; where it goes comes out.
//!
//! The translator ([`nat::Nat`]) decides and changes bytes. Here is what a router does around it: ARP, time to live, MTU, errors to
//! the sender, which quote the packet as its sender sent it. A frame is changed in place and goes on as it is; what this box says
//! itself, and what had to wait, is taken with [`Gateway::take_frames`].
//!
//! One rule for whoever runs it: **hand it every frame ([`Gateway::step`]), give on what it says, then take its own frames; and call
//! [`Gateway::tick`] when [`Gateway::next`] has come.**
//!
//! RFC 826 (ARP), RFC 1812 sections 5.2 and 5.3 (forwarding), RFC 791 section 3.2 (fragments). Leaves out: further networks behind
//! routers inside; answers to options; a TCP of its own, so that who connects to the box itself waits in vain.

mod frames;

use super::errors::{Limit, MAX_QUOTE, Trouble};
use super::neighbours::{Due, Neighbours};
use super::offload::{Offload, Unfinished};
use frames::address_frame;
use host::{Frame, Mac, Time};
use nat::{Change, Nat, Side, Verdict};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::checksum;
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// So often the table is looked through for what has ended.
const LOOK_THROUGH: Duration = Duration::from_secs(1);

/// About so many sessions lie in the caches of a processor, so that their packets need not wait for memory.
const SESSIONS_IN_REACH: u32 = 10_000;

/// Why a frame went nowhere, where it is not the translator's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// The IP header's checksum is wrong.
    Checksum,
    /// Its time to live was used up.
    Ttl,
    /// It is longer than the next link takes, and may not be cut.
    TooLong,
    /// There is no way to its destination, or its source is not of the link it came from.
    NoRoute,
    /// Nobody answered for the next hop.
    NobodyThere,
    /// What its sender left to do cannot be done.
    Offload,
    /// The interface did not take it.
    Queue,
}

impl Loss {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Ttl => "ttl",
            Self::TooLong => "too-long",
            Self::NoRoute => "no-route",
            Self::NobodyThere => "nobody-there",
            Self::Offload => "offload",
            Self::Queue => "queue",
        }
    }
}

/// Where the box stands on a link.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) mac: Mac,
    /// Its address there, which its errors come from.
    pub(super) address: Ipv4Addr,
    /// Of the link's network, bits.
    pub(super) prefix: u8,
    /// The longest packet, bytes.
    pub(super) mtu: usize,
    /// The next hop of what is not in the link's network.
    pub(super) via: Option<Ipv4Addr>,
    /// Whether this machine's kernel has the address, and answers for it.
    pub(super) is_kernels: bool,
    /// Whether a kernel hears all of this too, and what is for other addresses may be for it.
    pub(super) is_shared: bool,
    pub(super) neighbours: Neighbours,
}

impl Door {
    pub(super) fn has_in_network(&self, address: Ipv4Addr) -> bool {
        let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
        (u32::from(address) ^ u32::from(self.address)) & mask == 0
    }

    fn hop(&self, to: Ipv4Addr) -> Option<Ipv4Addr> {
        if self.has_in_network(to) { Some(to) } else { self.via }
    }
}

/// Frames and bytes of packets that went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) frames: u64,
    pub(super) bytes: u64,
}

/// The box.
#[derive(Debug)]
pub(super) struct Gateway {
    nat: Nat,
    pub(super) inside: Door,
    pub(super) outside: Door,
    limit: Limit,
    ready: Vec<(Side, Vec<u8>)>,
    /// When the table is looked through next for what has ended. Packets do that too; this is for when none come.
    looks_through: Time,
    /// What went out.
    pub(super) passed_out: Passed,
    /// What came in.
    pub(super) passed_in: Passed,
    pub(super) lost: BTreeMap<Loss, u64>,
}

/// A packet that goes on: to which side, and to whom there.
type Onward = (Side, Ipv4Addr);

fn other(side: Side) -> Side {
    match side {
        Side::Inside => Side::Outside,
        Side::Outside => Side::Inside,
    }
}

impl Gateway {
    pub(super) fn new(mut nat: Nat, inside: Door, outside: Door) -> Self {
        nat.record(true);
        Self {
            nat,
            inside,
            outside,
            limit: Limit::new(),
            ready: vec![],
            looks_through: Time::START,
            passed_out: Passed::default(),
            passed_in: Passed::default(),
            lost: BTreeMap::new(),
        }
    }

    /// A frame came. `Some`: it goes on as it is now, to that side.
    pub(super) fn step(&mut self, side: Side, frame: &mut Frame, now: Time) -> Option<Side> {
        let (note, bytes) = frame.parts()?;
        let (ethernet, _) = Ethernet::take(bytes).ok()?;
        let packet = bytes.get_mut(Ethernet::LEN..)?;
        let own = self.door(side).mac;
        let (to, hop) = match ethernet.ethertype {
            ethernet::ARP => {
                self.hear_arp(side, packet, now);
                return None;
            }
            ethernet::IPV4 if ethernet.destination == own => {
                let onward = self.packet(side, note, packet, now);
                self.release(now);
                onward?
            }
            _ => return None,
        };
        let len = Ipv4::take(packet).map_or(0, |(header, _)| header.total_length);
        let passed = if side == Side::Inside { &mut self.passed_out } else { &mut self.passed_in };
        (passed.frames, passed.bytes) = (passed.frames + 1, passed.bytes + u64::from(len));
        let Some(mac) = self.station(to, hop, now) else {
            let copy = frame.whole().to_vec();
            self.door_mut(to).neighbours.hold(hop, copy);
            return None;
        };
        let header = Ethernet { destination: mac, source: self.door(to).mac, ethertype: ethernet::IPV4 };
        if let Some((_, bytes)) = frame.parts() {
            address_frame(bytes, &header);
        }
        Some(to)
    }

    /// Readies the translator for frames that came from `side` and are about to be stepped, where it has so many sessions that this
    /// is worth the time.
    pub(super) fn look_ahead(&self, side: Side, frames: &[Frame]) {
        if self.nat.sessions() > SESSIONS_IN_REACH {
            let packets = frames.iter().filter_map(|frame| frame.whole().get(Frame::NOTE + Ethernet::LEN..));
            self.nat.look_ahead(packets.map(|packet| (packet, side)));
        }
    }

    /// The box's own frames, and those that had waited, each with its note in front.
    pub(super) fn take_frames(&mut self) -> Vec<(Side, Vec<u8>)> {
        std::mem::take(&mut self.ready)
    }

    /// What became of the table.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        self.nat.take_changes()
    }

    /// When [`Gateway::tick`] has something to do.
    pub(super) fn next(&self) -> Time {
        let table = if self.nat.sessions() > 0 { self.looks_through } else { Time::NEVER };
        table.min(self.inside.neighbours.next()).min(self.outside.neighbours.next())
    }

    /// Does what has become due.
    pub(super) fn tick(&mut self, now: Time) {
        if now >= self.looks_through {
            self.looks_through = now + LOOK_THROUGH;
            self.nat.expire(now);
        }
        for side in [Side::Inside, Side::Outside] {
            for due in self.door_mut(side).neighbours.due(now) {
                match due {
                    Due::Ask(address) => self.ask(side, address, Mac::BROADCAST),
                    Due::Nobody(frames) => frames.iter().for_each(|frame| self.nobody_there(side, frame, now)),
                }
            }
        }
    }

    /// A frame is lost.
    pub(super) fn lose(&mut self, loss: Loss, count: u64) {
        if count > 0 {
            *self.lost.entry(loss).or_default() += count;
        }
    }

    fn door(&self, side: Side) -> &Door {
        match side {
            Side::Inside => &self.inside,
            Side::Outside => &self.outside,
        }
    }

    fn door_mut(&mut self, side: Side) -> &mut Door {
        match side {
            Side::Inside => &mut self.inside,
            Side::Outside => &mut self.outside,
        }
    }
}

/// Packets.
impl Gateway {
    fn packet(&mut self, side: Side, note: &mut [u8; Frame::NOTE], packet: &mut [u8], now: Time) -> Option<Onward> {
        let Ok((header, ..)) = Ipv4::parse(packet) else {
            // The translator counts it by its reason.
            self.nat.translate(packet, side, now);
            return None;
        };
        // RFC 1812 section 5.2.2: "The IP checksum MUST be correct", or the packet is dropped in silence.
        if !Ipv4::is_intact(packet) {
            self.lose(Loss::Checksum, 1);
            return None;
        }
        let offload = Offload::read(note);
        if !self.is_to_be_translated(side, &header, packet, now) {
            return None;
        }
        if !offload.simplify(note, &header, packet) {
            self.lose(Loss::Offload, 1);
            return None;
        }
        let offload = Offload::read(note);
        let to = other(side);
        let len = offload.packet_len(&header, packet);
        let mtu = self.door(to).mtu;
        let leaves = side == Side::Inside && !self.nat.is_outside_address(header.destination);
        // RFC 1812 section 5.2.7.1, code 0: no route at all. Section 5.3.1: what ends here opens nothing.
        if leaves && self.outside.hop(header.destination).is_none() {
            self.lose(Loss::NoRoute, 1);
            self.complain(side, packet, Trouble::unreachable(0), now);
            return None;
        }
        if leaves && header.ttl <= 1 {
            self.lose(Loss::Ttl, 1);
            self.complain(side, packet, Trouble::TTL_USED_UP, now);
            return None;
        }
        let trouble = match header.ttl {
            ..=1 => Some((Loss::Ttl, Trouble::TTL_USED_UP)),
            _ if len > mtu && (header.dont_fragment || offload.is_long()) => {
                Some((Loss::TooLong, Trouble::fragmentation_needed(mtu)))
            }
            _ => None,
        };
        let quote = trouble.map(|_| packet.get(..MAX_QUOTE).unwrap_or(packet).to_vec());
        let unfinished = Unfinished::of(offload, &header, packet);
        let verdict = self.nat.translate(packet, side, now);
        let to = match verdict {
            Verdict::Pass => to,
            Verdict::Hairpin => side,
            Verdict::Held => return None,
            Verdict::Local => {
                self.hear(side, packet, now);
                return None;
            }
            Verdict::Drop(reason) => {
                if let Some(code) = reason.answer() {
                    self.complain(side, packet, Trouble::unreachable(code), now);
                }
                return None;
            }
        };
        if let Some(unfinished) = unfinished {
            unfinished.mend(packet);
        }
        // What turns back fits where it came from.
        let trouble = trouble.filter(|(loss, _)| to != side || *loss == Loss::Ttl);
        if let (Some((loss, trouble)), Some(quote)) = (trouble, quote) {
            self.lose(loss, 1);
            self.complain(side, &quote, trouble, now);
            return None;
        }
        let hop = self.next_hop(to, packet)?;
        decrement(packet);
        if len > mtu && to != side {
            // What is cut is summed before.
            offload.finish(note, packet);
            self.deliver(to, hop, packet, now);
            return None;
        }
        Some((to, hop))
    }

    /// Whether a packet that was sent to this station is for the translator. What is for the box itself is answered here.
    fn is_to_be_translated(&mut self, side: Side, header: &Ipv4, packet: &[u8], now: Time) -> bool {
        let (source, destination) = (header.source, header.destination);
        let is_public = self.nat.is_outside_address(destination);
        let door = self.door(side);
        if !is_public && destination == door.address {
            if !door.is_kernels {
                self.hear(side, packet, now);
            }
            return false;
        }
        // What is neither for the box nor goes through it is a kernel's that hears this too, or nobody's.
        let goes_through = is_public || side == Side::Inside && !door.has_in_network(destination);
        if !goes_through && door.is_shared {
            return false;
        }
        // RFC 1812 section 5.3.8: a router should not pass on what comes from where its source cannot be.
        let is_from_there = match side {
            Side::Inside => self.inside.has_in_network(source) && source != self.inside.address,
            Side::Outside => !self.inside.has_in_network(source) && !self.nat.is_outside_address(source),
        };
        let is_one_host =
            !(source.is_unspecified() || source.is_loopback() || source.is_multicast() || source.is_broadcast());
        // From outside, the translator says what is not for it.
        let is_fine =
            is_from_there && is_one_host && !destination.is_multicast() && (goes_through || side == Side::Outside);
        if !is_fine {
            self.lose(Loss::NoRoute, 1);
        }
        is_fine
    }

    /// A packet to the box itself: RFC 1122 sections 3.2.2.6 (echo) and 3.2.2.1 (a port where nobody is).
    fn hear(&mut self, side: Side, packet: &[u8], now: Time) {
        let Ok((header, _, payload, _)) = Ipv4::parse(packet) else { return };
        if !header.is_whole() {
            return;
        }
        match (header.protocol, payload.split_first_chunk::<8>()) {
            (ipv4::ICMP, Some(([icmp::ECHO_REQUEST, 0, _, _, word @ ..], data))) if icmp::is_intact(payload) => {
                let reply = icmp::message(icmp::ECHO_REPLY, 0, *word, data);
                let header = Ipv4::new(header.destination, header.source, ipv4::ICMP);
                self.send(side, &header.packet(&reply), now);
            }
            (ipv4::UDP, Some(_)) if Udp::parse(payload).is_ok() => {
                self.complain(side, packet, Trouble::unreachable(3), now);
            }
            _ => {
                self.nat.refuse(packet, side, now);
            }
        }
    }

    /// Fragments that waited for the one that came now.
    fn release(&mut self, now: Time) {
        while let Some((mut packet, from, verdict)) = self.nat.released() {
            let to = match verdict {
                Verdict::Pass => other(from),
                Verdict::Hairpin => from,
                _ => continue,
            };
            if Ipv4::take(&packet).is_ok_and(|(header, _)| header.ttl > 1) {
                decrement(&mut packet);
                self.send(to, &packet, now);
            } else {
                self.lose(Loss::Ttl, 1);
            }
        }
    }

    /// Tells the sender of `packet`, which came from `side`, what became of it.
    fn complain(&mut self, side: Side, packet: &[u8], trouble: Trouble, now: Time) {
        if let Some(error) = trouble.about(packet, self.door(side).address)
            && self.limit.allows(now)
        {
            self.send(side, &error, now);
        }
    }

    /// Nobody is at the next hop of a frame that was to go to `side`. RFC 1812 section 5.2.7.1, code 1.
    ///
    /// It is translated already, so the error about it goes the way of errors that come from where it went.
    fn nobody_there(&mut self, side: Side, frame: &[u8], now: Time) {
        self.lose(Loss::NobodyThere, 1);
        let packet = frame.get(Frame::NOTE + Ethernet::LEN..).unwrap_or_default();
        let Some(mut error) = Trouble::unreachable(1).about(packet, self.inside.address) else { return };
        if !self.limit.allows(now) {
            return;
        }
        match self.nat.translate(&mut error, side, now) {
            Verdict::Pass => self.send(other(side), &error, now),
            Verdict::Hairpin => self.send(side, &error, now),
            _ => {}
        }
    }
}

/// One less to live, and the checksum adjusted as RFC 1624 section 3 has it.
fn decrement(packet: &mut [u8]) {
    let Ok((header, _)) = Ipv4::take(packet) else { return };
    let word = |ttl| u16::from_be_bytes([ttl, header.protocol]);
    let ttl = header.ttl.saturating_sub(1);
    let checksum = checksum::update(header.checksum, word(header.ttl), word(ttl));
    if let Some(place) = packet.get_mut(8..).and_then(<[u8]>::first_chunk_mut) {
        let [high, low] = checksum.to_be_bytes();
        *place = [ttl, header.protocol, high, low];
    }
}

/// The packet, in as many fragments as `mtu` wants; `None` where one would have options, which not all fragments should have.
///
/// RFC 791 section 3.2: fragments begin at multiples of 8 bytes.
fn cut(packet: &[u8], mtu: usize) -> Option<Vec<Vec<u8>>> {
    let (header, options, payload, _) = Ipv4::parse(packet).ok()?;
    let most = mtu.checked_sub(Ipv4::LEN)? & !7;
    if usize::from(header.total_length) <= mtu {
        return packet.get(..usize::from(header.total_length)).map(|packet| vec![packet.to_vec()]);
    }
    if !options.is_empty() || most == 0 {
        return None;
    }
    let mut parts = vec![];
    for (data, index) in payload.chunks(most).zip(0..) {
        let behind = u16::try_from(index * most / 8).ok()?;
        let is_last = (index + 1) * most >= payload.len();
        let header = Ipv4 {
            fragment_offset: header.fragment_offset.checked_add(behind)?,
            more_fragments: header.more_fragments || !is_last,
            ..header
        };
        parts.push(header.packet(data));
    }
    Some(parts)
}
