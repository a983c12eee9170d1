//! What happens to a packet: from inside, from outside, and round the corner.

use crate::change::{Change, Entry, What};
use crate::errors;
use crate::fragments::{Fragments, Later, Train};
use crate::packet::{Kind, Look};
use crate::rewrite::{self, Bytes, End};
use crate::state::State;
use crate::table::{NOBODY, Table};
use crate::{Behaviour, Config, ConfigError, Protocol, Reason, Side, Verdict};
use host::Time;
use std::net::{Ipv4Addr, SocketAddrV4};

/// A network address translator: its table, and what it was told about it.
///
/// It has one rule for whoever runs it: **hand it every packet with the side it came from ([`Nat::translate`]), do what
/// the verdict says, then ask [`Nat::released`] until it has nothing more**. Time never goes back.
#[derive(Debug)]
pub struct Nat {
    config: Config,
    pub(crate) table: Table,
    fragments: Fragments,
    dropped: [u64; Reason::ALL.len()],
}

/// A packet's way through a mapping.
struct Through {
    inside: SocketAddrV4,
    outside: SocketAddrV4,
}

impl Nat {
    /// A translator with nothing but its forwarded ports in the table.
    ///
    /// # Errors
    /// What does not fit together in `config`, in a sentence.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let fragments = Fragments::new(&config.limits, config.secret);
        Ok(Self { table: Table::new(&config), fragments, dropped: [0; Reason::ALL.len()], config })
    }

    /// Translates the IP packet that `packet` begins with, in place. Unless the verdict says that it was translated, it
    /// is as it came.
    #[inline]
    pub fn translate(&mut self, packet: &mut [u8], side: Side, now: Time) -> Verdict {
        self.table.expire(now);
        let looked = Look::at(packet);
        let verdict = looked.and_then(|look| self.decide(packet, &look, side, now));
        verdict.unwrap_or_else(|reason| self.drop(packet, side, reason, now))
    }

    /// Counts a packet that was [`Verdict::Local`], and that the NAT itself has nobody for and does not answer either.
    ///
    /// RFC 5382 section 4.3, REQ-4: "A NAT MUST NOT respond to an unsolicited inbound SYN packet for at least 6 seconds".
    pub fn refuse(&mut self, packet: &[u8], side: Side, now: Time) -> Verdict {
        self.drop(packet, side, Reason::Unsolicited, now)
    }

    fn drop(&mut self, packet: &[u8], side: Side, reason: Reason, now: Time) -> Verdict {
        if let Some(count) = self.dropped.get_mut(usize::from(reason.number())) {
            *count += 1;
        }
        if self.table.changes.is_some() {
            let header = wire::ipv4::Ipv4::take(packet).ok().map(|(header, _)| header);
            let ends = Look::at(packet).map(|look| (look.source, look.destination)).ok();
            let bare = |address: Ipv4Addr| SocketAddrV4::new(address, 0);
            if let Some(header) = header {
                let (source, destination) = ends.unwrap_or((bare(header.source), bare(header.destination)));
                self.table.tell(now, What::Dropped { side, protocol: header.protocol, source, destination, reason });
            }
        }
        Verdict::Drop(reason)
    }

    #[inline(always)]
    fn decide(&mut self, packet: &mut [u8], look: &Look, side: Side, now: Time) -> Result<Verdict, Reason> {
        let to = self.table.pool_of(*look.destination.ip());
        match side {
            Side::Inside if self.table.is_outside_address(*look.source.ip()) => return Err(Reason::PublicSource),
            Side::Outside if to.is_none() => return Err(Reason::ForeignDestination),
            _ => {}
        }
        if look.kind == Kind::LaterFragment {
            return match self.fragments.later(packet, look, side, now)? {
                Later::Known(train) => Ok(train.apply(packet)),
                Later::Held => Ok(Verdict::Held),
            };
        }
        let verdict = match (look.kind, side, to) {
            (Kind::Error, ..) => errors::translate(&mut self.table, &mut Bytes(packet), look, side, now),
            (_, Side::Inside, None) => self.leave(packet, look, now),
            (_, Side::Inside, Some(pool)) => self.turn_back(packet, look, pool, now),
            (_, Side::Outside, Some(pool)) => self.enter(packet, look, pool, now),
            (_, Side::Outside, None) => Err(Reason::ForeignDestination),
        };
        if look.more_fragments {
            self.fragments.first(packet, look, side, now, verdict);
        }
        verdict
    }

    #[inline(always)]
    fn leave(&mut self, packet: &mut [u8], look: &Look, now: Time) -> Result<Verdict, Reason> {
        let through = self.outward(look, now)?;
        self.rewrite(packet, look, End::Source, through.outside);
        Ok(Verdict::Pass)
    }

    /// From inside to an outside address, and so back inside.
    fn turn_back(&mut self, packet: &mut [u8], look: &Look, pool: u32, now: Time) -> Result<Verdict, Reason> {
        let Some(behind) = self.behind(look, pool, now)? else { return Ok(Verdict::Local) };
        if !self.config.hairpin {
            return Err(Reason::HairpinOff);
        }
        // RFC 4787 section 6, REQ-9: its sender is seen with its "External source IP address and port", and so it must
        // be let in like any other.
        let out = self.outward(look, now)?;
        let seen = Look { source: out.outside, ..*look };
        let back = self.inward(&seen, behind, now)?;
        self.rewrite(packet, look, End::Source, out.outside);
        self.rewrite(packet, look, End::Destination, back.inside);
        Ok(Verdict::Hairpin)
    }

    #[inline(always)]
    fn enter(&mut self, packet: &mut [u8], look: &Look, pool: u32, now: Time) -> Result<Verdict, Reason> {
        let Some(behind) = self.behind(look, pool, now)? else { return Ok(Verdict::Local) };
        let through = self.inward(look, behind, now).inspect_err(|_| self.table.abandon(behind))?;
        self.rewrite(packet, look, End::Destination, through.inside);
        Ok(Verdict::Pass)
    }

    /// A packet goes out: its mapping and session, made if they are not there.
    #[inline(always)]
    fn outward(&mut self, look: &Look, now: Time) -> Result<Through, Reason> {
        let (protocol, peer) = (look.protocol(), peer_of(look.protocol(), look.destination));
        let only = self.only(look.source, peer);
        if let Some(mapping) = self.table.mapping_of(protocol, look.source, only, now)
            && let Some(session) = self.table.session(mapping, peer, now)
        {
            self.go_on(session, look, Side::Inside, now);
            return self.through(mapping);
        }
        self.open(look, (only, peer), now)
    }

    /// The first packet to a peer goes out.
    fn open(&mut self, look: &Look, (only, peer): (SocketAddrV4, SocketAddrV4), now: Time) -> Result<Through, Reason> {
        let protocol = look.protocol();
        // An answer to a query that nobody asked opens nothing.
        let state = State::first(protocol, look.flags, Side::Inside).filter(|_| look.kind != Kind::Answer);
        let state = state.ok_or(Reason::NoConnection)?;
        // Looked for again: the last session of the mapping may just have ended, and the mapping with it.
        let mapping = match self.table.mapping_of(protocol, look.source, only, now) {
            Some(mapping) => mapping,
            None => self.table.open_mapping(protocol, look.source, only)?,
        };
        self.begin(mapping, peer, state, look, Side::Inside, now)?;
        self.through(mapping)
    }

    /// Which peers the mapping of an inside end is for, when it talks to this one: RFC 4787 section 4.1.
    #[inline(always)]
    pub(crate) fn only(&self, inside: SocketAddrV4, peer: SocketAddrV4) -> SocketAddrV4 {
        match self.config.mapping {
            // Who has an outside address for itself has one port for each of its own.
            _ if self.table.has_own_address(*inside.ip()) => NOBODY,
            Behaviour::EndpointIndependent => NOBODY,
            Behaviour::AddressDependent => SocketAddrV4::new(*peer.ip(), 0),
            Behaviour::AddressAndPortDependent => peer,
        }
    }

    /// The mapping that a packet to an outside address comes in by; `None`: it is for the NAT itself.
    #[inline(always)]
    fn behind(&mut self, look: &Look, pool: u32, now: Time) -> Result<Option<u32>, Reason> {
        let (protocol, outside) = (look.protocol(), look.destination);
        if let Some(host) = self.table.host_with(*outside.ip()) {
            let inside = SocketAddrV4::new(host, outside.port());
            let known = self.table.mapping_at(pool, protocol, outside.port(), now);
            return known.map_or_else(|| self.table.open_mapping(protocol, inside, NOBODY), Ok).map(Some);
        }
        // Queries from outside have an identifier of their sender's, which says nothing of a mapping here.
        Ok(self.table.mapping_at(pool, protocol, outside.port(), now).filter(|_| look.kind != Kind::Query))
    }

    /// A packet comes in by a mapping, if its sender may.
    #[inline(always)]
    fn inward(&mut self, look: &Look, mapping: u32, now: Time) -> Result<Through, Reason> {
        let (protocol, peer) = (look.protocol(), peer_of(look.protocol(), look.source));
        let session = self.table.session(mapping, peer, now);
        let is_open = self.table.mapping(mapping).ok_or(Reason::NoConnection)?.is_forwarded
            || self.table.host_with(*look.destination.ip()).is_some();
        let is_permitted = match self.config.filtering {
            _ if is_open || session.is_some() => true,
            Behaviour::EndpointIndependent => true,
            Behaviour::AddressDependent => self.table.has_spoken_to(mapping, *peer.ip()),
            Behaviour::AddressAndPortDependent => false,
        };
        if !is_permitted {
            return Err(Reason::Filtered);
        }
        match session {
            Some(session) => self.go_on(session, look, Side::Outside, now),
            // A datagram of a stranger that is let in leaves no trace, so that it keeps nothing alive: RFC 7857 section 7.
            None if protocol != Protocol::Tcp && !is_open => {}
            None => {
                let state = State::first(protocol, look.flags, Side::Outside).ok_or(Reason::NoConnection)?;
                self.begin(mapping, peer, state, look, Side::Outside, now)?;
            }
        }
        self.through(mapping)
    }

    #[inline(always)]
    fn through(&self, mapping: u32) -> Result<Through, Reason> {
        let own = self.table.mapping(mapping).ok_or(Reason::NoMapping)?;
        Ok(Through { inside: own.inside, outside: own.outside })
    }

    fn begin(
        &mut self,
        mapping: u32,
        peer: SocketAddrV4,
        state: State,
        look: &Look,
        side: Side,
        now: Time,
    ) -> Result<(), Reason> {
        let until = now + state.lifetime(look.protocol(), &self.config.timers);
        let session = self.table.open_session(mapping, peer, state, (now, until))?;
        self.table.count(session, side, look.len, (state, None), now);
        self.table.tell_of(now, session, What::Opened);
        Ok(())
    }

    /// One more packet of a session.
    #[inline(always)]
    fn go_on(&mut self, session: u32, look: &Look, side: Side, now: Time) {
        let Some(before) = self.table.state(session) else { return };
        let after = before.after(look.flags, side);
        // Of UDP and ICMP, what an answer does to the state keeps nothing: RFC 4787 section 4.3.
        let has_moved = before != after && look.protocol() == Protocol::Tcp;
        let is_kept = has_moved || after.is_kept_by(side);
        let until = is_kept.then(|| now + after.lifetime(look.protocol(), &self.config.timers));
        self.table.count(session, side, look.len, (after, until), now);
    }

    #[inline(always)]
    fn rewrite(&self, packet: &mut [u8], look: &Look, end: End, new: SocketAddrV4) {
        let mut bytes = Bytes(packet);
        rewrite::set_end(&mut bytes, look.place, end, new);
        // RFC 9293 section 3.7.1: the option stands in segments with SYN.
        if let (Some(most), Protocol::Tcp) = (self.config.clamp_mss, look.protocol())
            && look.flags & 2 != 0
        {
            rewrite::clamp_mss(&mut bytes, look.place.transport, most);
        }
    }

    /// A fragment that was held and is not any more, and what to do with it; from which side it came.
    pub fn released(&mut self) -> Option<(Vec<u8>, Side, Verdict)> {
        let (mut packet, side, train) = self.fragments.released()?;
        let verdict = train.apply(&mut packet);
        Some((packet, side, verdict))
    }

    /// Takes out what has ended by `now`, to the nanosecond. Without this it is gone within a second of the next packet,
    /// and never used once it has ended.
    pub fn expire(&mut self, now: Time) {
        self.table.expire_exactly(now);
    }

    /// When [`Nat::expire`] has something to do, at the earliest.
    #[must_use]
    pub fn next_end(&self) -> Option<Time> {
        self.table.next_end()
    }

    /// Begins to keep what happens for [`Nat::take_changes`], or ends it.
    pub fn record(&mut self, on: bool) {
        self.table.changes = on.then(|| self.table.changes.take().unwrap_or_default());
    }

    /// What happened since this was asked last.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.table.changes.as_mut().map(|changes| changes.drain(..).collect()).unwrap_or_default()
    }

    /// The sessions in the table, in the order of their beginning.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.table.entries()
    }

    /// How many sessions there are.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.table.sessions()
    }

    /// How many mappings there are, forwarded ports among them.
    #[must_use]
    pub fn mappings(&self) -> u32 {
        self.table.mappings()
    }

    /// How many packets went nowhere for this reason.
    #[must_use]
    pub fn dropped(&self, reason: Reason) -> u64 {
        self.dropped.get(usize::from(reason.number())).copied().unwrap_or(0)
    }

    /// How many bytes of memory the table takes once it is full. They are set aside at the start and touched as it fills.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.table.bytes()
    }

    /// Whether this is one of its outside addresses.
    #[must_use]
    pub fn is_outside_address(&self, address: Ipv4Addr) -> bool {
        self.table.is_outside_address(address)
    }
}

/// The other end, as sessions tell it: ICMP's has no port.
#[inline]
pub(crate) fn peer_of(protocol: Protocol, end: SocketAddrV4) -> SocketAddrV4 {
    if protocol == Protocol::Icmp { SocketAddrV4::new(*end.ip(), 0) } else { end }
}

impl Train {
    /// Gives a fragment what its first one got.
    pub(crate) fn apply(&self, packet: &mut [u8]) -> Verdict {
        let mut bytes = Bytes(packet);
        let mut delta = rewrite::Delta::default();
        if matches!(self.verdict, Verdict::Pass | Verdict::Hairpin) {
            delta.add(bytes.change_address(End::Source.address_at(), self.source));
            delta.add(bytes.change_address(End::Destination.address_at(), self.destination));
            delta.add(bytes.change(rewrite::IDENTIFICATION_AT, self.identification));
            bytes.mend(rewrite::CHECKSUM_AT, delta);
        }
        self.verdict
    }
}
