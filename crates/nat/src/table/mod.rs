//! What is remembered: mappings, their sessions, and how each is found.
//!
//! ```text
//!   inside               outside               peer
//!   192.168.1.2:8892  ⇄  44.11.5.17:7777  ⇄  55.11.22.33:8080     a session of this mapping
//!          ╰────── a mapping ─────╯         ⇄  55.11.22.34:53       another one
//! ```
//!
//! A mapping lives as long as one of its sessions does; one that is forwarded has none to wait for, and stays.

mod ahead;
mod ending;
mod hosts;
mod told;

pub(crate) use ahead::Trail;

use crate::change::{Change, What};
use crate::index::{Index, hash};
use crate::ports::{Ports, Wanted};
use crate::slab::Slab;
use crate::state::State;
use crate::wheel::{NONE, Spoke, Spokes, Wheel};
use crate::{Behaviour, Config, Protocol, Reason, Side};
use host::Time;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::RangeInclusive;

/// "This outside address and port stand for this inside one."
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapping {
    pub(crate) inside: SocketAddrV4,
    pub(crate) outside: SocketAddrV4,
    /// The peer that it is for, as far as mappings depend on that; all zero where they do not.
    pub(crate) only: SocketAddrV4,
    pub(crate) protocol: Protocol,
    /// Whether it is there without a session, and for everybody.
    pub(crate) is_forwarded: bool,
    /// The first of its sessions.
    first: u32,
}

/// A mapping's dealings with one peer: as long as a line of the cache, and within one.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Session {
    pub(crate) mapping: u32,
    pub(crate) peer: SocketAddrV4,
    pub(crate) state: State,
    next: u32,
    previous: u32,
    spoke: Spoke,
    pub(crate) until: Time,
    began: Time,
    bytes_out: u64,
    bytes_in: u64,
}

/// An inside host: how many sessions it has.
#[derive(Debug, Clone, Copy)]
struct Host {
    address: Ipv4Addr,
    sessions: u32,
}

/// An outside address, with its ports by protocol once there are any.
#[derive(Debug)]
struct Pool {
    address: Ipv4Addr,
    ports: [Option<Box<Ports>>; 3],
}

/// Where filtering depends on the address alone: how many sessions a mapping has with it.
#[derive(Debug, Clone, Copy)]
struct Permit {
    mapping: u32,
    address: Ipv4Addr,
    sessions: u32,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Table {
    secret: u64,
    most_of_a_host: u32,
    first_port: Option<u16>,
    mappings: Slab<Mapping>,
    by_inside: Index,
    sessions: Slab<Session>,
    by_peer: Index,
    hosts: Slab<Host>,
    by_host: Index,
    /// Empty unless filtering depends on the address alone.
    permits: Slab<Permit>,
    by_permit: Option<Index>,
    pools: Vec<Pool>,
    /// Which pool an outside address is, in the order of addresses.
    by_address: Vec<(Ipv4Addr, u32)>,
    /// From the first of them to the last: most packets' inside ends and peers are not even near.
    span: RangeInclusive<Ipv4Addr>,
    /// Of these pools the first so many are for all hosts; the others are for one each.
    shared: u32,
    of_their_own: BTreeMap<Ipv4Addr, u32>,
    wheel: Wheel,
    drawn: u64,
    /// What happened since it was asked, if somebody asks.
    pub(crate) changes: Option<VecDeque<Change>>,
}

impl Spokes for Slab<Session> {
    fn spoke(&mut self, number: u32) -> Option<&mut Spoke> {
        self.get_mut(number).map(|session| &mut session.spoke)
    }
}

/// No peer in particular.
pub(crate) const NOBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

#[inline]
fn number_of(end: SocketAddrV4) -> u64 {
    u64::from(u32::from(*end.ip())) << 16 | u64::from(end.port())
}

impl Table {
    pub(crate) fn new(config: &Config) -> Self {
        let most = config.limits.sessions;
        let outside = config.public.iter().copied().chain(config.statics.iter().map(|own| own.outside));
        let shared = u32::try_from(config.public.len()).unwrap_or(u32::MAX);
        let own = config.statics.iter().zip(shared..).map(|(own, pool)| (own.inside, pool));
        let permits = (config.filtering == Behaviour::AddressDependent).then(|| Index::new(most));
        let forwards = u32::try_from(config.forwards.len()).unwrap_or(0);
        let pools: Vec<Pool> = outside.map(|address| Pool { address, ports: [None, None, None] }).collect();
        let mut by_address: Vec<(Ipv4Addr, u32)> = pools.iter().map(|pool| pool.address).zip(0..).collect();
        by_address.sort_unstable();
        let nobody = (Ipv4Addr::UNSPECIFIED, 0);
        let ((first, _), (last, _)) = (*by_address.first().unwrap_or(&nobody), *by_address.last().unwrap_or(&nobody));
        let mut table = Self {
            secret: config.secret,
            most_of_a_host: config.limits.sessions_of_a_host,
            first_port: config.first_port,
            mappings: Slab::new(most + forwards),
            by_inside: Index::new(most + forwards),
            sessions: Slab::new(most),
            by_peer: Index::new(most),
            hosts: Slab::new(most),
            by_host: Index::new(most),
            permits: Slab::new(if permits.is_some() { most } else { 0 }),
            by_permit: permits,
            pools,
            span: first..=last,
            by_address,
            shared,
            of_their_own: own.collect(),
            wheel: Wheel::new(),
            drawn: config.secret,
            changes: None,
        };
        for forward in &config.forwards {
            let outside =
                SocketAddrV4::new(table.pools.first().map_or(Ipv4Addr::UNSPECIFIED, |pool| pool.address), forward.port);
            table.add_mapping(forward.protocol, forward.to, NOBODY, outside, true);
        }
        table
    }

    #[inline]
    pub(crate) fn is_outside_address(&self, address: Ipv4Addr) -> bool {
        self.pool_of(address).is_some()
    }

    /// The pool that this outside address is.
    #[inline(always)]
    pub(crate) fn pool_of(&self, outside: Ipv4Addr) -> Option<u32> {
        if !self.span.contains(&outside) {
            return None;
        }
        // Outside addresses are mostly neighbours: then each is as far from the first one as it looks.
        let far = u32::from(outside).wrapping_sub(u32::from(*self.span.start()));
        if let Some((_, pool)) = self.by_address.get(far as usize).filter(|(address, _)| *address == outside) {
            return Some(*pool);
        }
        let at = self.by_address.binary_search_by_key(&outside, |(address, _)| *address).ok()?;
        self.by_address.get(at).map(|(_, pool)| *pool)
    }

    #[inline]
    pub(crate) fn mapping(&self, number: u32) -> Option<&Mapping> {
        self.mappings.get(number)
    }

    /// The mapping of an inside address and port, for a peer where mappings depend on it.
    #[inline(always)]
    pub(crate) fn mapping_of(
        &mut self,
        protocol: Protocol,
        inside: SocketAddrV4,
        only: SocketAddrV4,
        now: Time,
    ) -> Option<u32> {
        let is_it = |own: &Mapping, only| own.inside == inside && own.protocol == protocol && own.only == only;
        let find = |only| {
            let key = self.hash_of_inside(protocol, inside, only);
            self.by_inside.find(key, |number| self.mappings.get(number).is_some_and(|own| is_it(own, only)))
        };
        // A forwarded port has one mapping for all peers, whatever others have.
        let found = find(only).or_else(|| (only != NOBODY).then(|| find(NOBODY)).flatten())?;
        self.is_alive(found, now).then_some(found)
    }

    /// Whether a mapping has a session that is not over, or needs none. Those that are over go.
    #[inline(always)]
    fn is_alive(&mut self, mapping: u32, now: Time) -> bool {
        while let Some(own) = self.mappings.get(mapping) {
            match self.sessions.get(own.first) {
                Some(session) if session.until <= now => self.close(own.first),
                Some(_) => return true,
                None => return own.is_forwarded,
            }
        }
        false
    }

    #[inline]
    fn hash_of_inside(&self, protocol: Protocol, inside: SocketAddrV4, only: SocketAddrV4) -> u64 {
        hash(self.secret, number_of(inside) << 8 | u64::from(protocol.number()), number_of(only))
    }

    /// The mapping behind an outside address and port.
    pub(crate) fn mapping_behind(&mut self, protocol: Protocol, outside: SocketAddrV4, now: Time) -> Option<u32> {
        self.mapping_at(self.pool_of(*outside.ip())?, protocol, outside.port(), now)
    }

    /// The mapping behind a port of a pool.
    #[inline(always)]
    pub(crate) fn mapping_at(&mut self, pool: u32, protocol: Protocol, port: u16, now: Time) -> Option<u32> {
        let found = self.ports_of(pool, protocol)?.mapping(port)?;
        self.is_alive(found, now).then_some(found)
    }

    #[inline(always)]
    fn ports_of(&self, pool: u32, protocol: Protocol) -> Option<&Ports> {
        self.pools.get(pool as usize)?.ports.get(protocol as usize)?.as_deref()
    }

    /// Whether an inside host has an outside address for itself.
    #[inline(always)]
    pub(crate) fn has_own_address(&self, inside: Ipv4Addr) -> bool {
        !self.of_their_own.is_empty() && self.of_their_own.contains_key(&inside)
    }

    /// The inside host that has this outside address for itself.
    #[inline(always)]
    pub(crate) fn host_with(&self, outside: Ipv4Addr) -> Option<Ipv4Addr> {
        if self.of_their_own.is_empty() {
            return None;
        }
        let pool = self.pool_of(outside)?;
        self.of_their_own.iter().find(|(_, own)| **own == pool).map(|(inside, _)| *inside)
    }

    /// The session of a mapping with a peer, if it is not over.
    #[inline(always)]
    pub(crate) fn session(&mut self, mapping: u32, peer: SocketAddrV4, now: Time) -> Option<u32> {
        let is_it = |number| {
            self.sessions.get(number).is_some_and(|session| session.mapping == mapping && session.peer == peer)
        };
        // Most mappings have one session, and it has just been looked at: that saves a walk to the index.
        let first = self.mappings.get(mapping)?.first;
        let number = if is_it(first) { first } else { self.by_peer.find(self.hash_of_peer(mapping, peer), is_it)? };
        if self.sessions.get(number).is_some_and(|session| session.until <= now) {
            self.close(number);
            return None;
        }
        Some(number)
    }

    #[inline]
    fn hash_of_peer(&self, mapping: u32, peer: SocketAddrV4) -> u64 {
        hash(self.secret, mapping.into(), number_of(peer))
    }

    /// A new mapping of `inside`, with a port that is free.
    ///
    /// # Errors
    /// When nothing is left.
    pub(crate) fn open_mapping(
        &mut self,
        protocol: Protocol,
        inside: SocketAddrV4,
        only: SocketAddrV4,
    ) -> Result<u32, Reason> {
        let host = self.host(*inside.ip())?;
        let (pool, is_shared) = match self.of_their_own.get(inside.ip()) {
            Some(own) => (*own, false),
            // RFC 4787 section 4.1, REQ-2: pooling is "paired", a host keeps the address that it was given.
            None => {
                let drawn = hash(self.secret, u32::from(*inside.ip()).into(), 1) >> 40;
                (u32::try_from(drawn).unwrap_or(0) % self.shared.max(1), true)
            }
        };
        if self.mappings.is_full() {
            self.forget_idle_host(host);
            return Err(Reason::TableFull);
        }
        self.drawn = hash(self.secret, self.drawn, u64::from(inside.port()) + 1);
        let wanted = match self.first_port {
            Some(_) if is_shared => Wanted::InOrder,
            _ => Wanted::Like { port: inside.port(), random: self.drawn },
        };
        let Some((address, port)) =
            self.ports(pool, protocol).and_then(|(address, ports)| Some((address, ports.choose(wanted)?)))
        else {
            self.forget_idle_host(host);
            return Err(Reason::NoPort);
        };
        Ok(self.add_mapping(protocol, inside, only, SocketAddrV4::new(address, port), false))
    }

    /// The ports of a pool, made when they are first needed.
    fn ports(&mut self, pool: u32, protocol: Protocol) -> Option<(Ipv4Addr, &mut Ports)> {
        let first = self.first_port;
        let pool = self.pools.get_mut(pool as usize)?;
        let ports = pool.ports.get_mut(protocol as usize)?;
        Some((pool.address, ports.get_or_insert_with(|| Box::new(Ports::new(first, protocol == Protocol::Icmp)))))
    }

    fn add_mapping(
        &mut self,
        protocol: Protocol,
        inside: SocketAddrV4,
        only: SocketAddrV4,
        outside: SocketAddrV4,
        is_forwarded: bool,
    ) -> u32 {
        let number = self.mappings.insert(Mapping { inside, outside, only, protocol, is_forwarded, first: NONE });
        self.by_inside.insert(self.hash_of_inside(protocol, inside, only), number);
        if let Some((_, ports)) = self.pool_of(*outside.ip()).and_then(|pool| self.ports(pool, protocol)) {
            ports.take(outside.port(), number);
        }
        number
    }

    /// A new session of a mapping. If there is no room for it, a mapping without sessions goes too.
    ///
    /// # Errors
    /// When the table is full, or this host has had its share.
    pub(crate) fn open_session(
        &mut self,
        mapping: u32,
        peer: SocketAddrV4,
        state: State,
        (now, until): (Time, Time),
    ) -> Result<u32, Reason> {
        let Some(inside) = self.mappings.get(mapping).map(|own| *own.inside.ip()) else {
            return Err(Reason::TableFull);
        };
        let admitted = self.admit(inside);
        if let Err(reason) = admitted {
            self.abandon(mapping);
            return Err(reason);
        }
        let next = self.mappings.get_mut(mapping).map_or(NONE, |own| std::mem::replace(&mut own.first, NONE));
        let session = Session {
            mapping,
            peer,
            state,
            next,
            previous: NONE,
            spoke: Spoke::NOWHERE,
            until,
            began: now,
            bytes_out: 0,
            bytes_in: 0,
        };
        let number = self.sessions.insert(session);
        if let Some(next) = self.sessions.get_mut(next) {
            next.previous = number;
        }
        if let Some(own) = self.mappings.get_mut(mapping) {
            own.first = number;
        }
        self.by_peer.insert(self.hash_of_peer(mapping, peer), number);
        self.wheel.insert(&mut self.sessions, number, until);
        self.add_permit(mapping, *peer.ip());
        Ok(number)
    }

    /// A packet of a session passes: what that changes.
    #[inline(always)]
    pub(crate) fn count(&mut self, number: u32, side: Side, len: usize, moves: (State, Option<Time>), now: Time) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        match side {
            Side::Inside => session.bytes_out += len as u64,
            Side::Outside => session.bytes_in += len as u64,
        }
        let (state, until) = moves;
        let has_moved = session.state != state;
        session.state = state;
        if let Some(until) = until {
            // The wheel finds a later end by itself; for an earlier one it must be told.
            let is_earlier = until < session.until;
            session.until = until;
            if is_earlier {
                self.wheel.remove(&mut self.sessions, number);
                self.wheel.insert(&mut self.sessions, number, until);
            }
        }
        if has_moved && self.changes.is_some() {
            self.tell_of(now, number, What::Moved);
        }
    }

    #[inline]
    pub(crate) fn state(&self, number: u32) -> Option<State> {
        self.sessions.get(number).map(|session| session.state)
    }

    pub(crate) fn sessions(&self) -> u32 {
        self.sessions.len()
    }

    pub(crate) fn mappings(&self) -> u32 {
        self.mappings.len()
    }

    /// How many bytes it takes when it is full, ports and all.
    pub(crate) fn bytes(&self) -> usize {
        let indices = [&self.by_inside, &self.by_peer, &self.by_host];
        let ports = self.pools.iter().flat_map(|pool| pool.ports.iter().flatten());
        self.mappings.bytes()
            + self.sessions.bytes()
            + self.hosts.bytes()
            + self.permits.bytes()
            + indices.iter().map(|index| index.bytes()).sum::<usize>()
            + self.by_permit.as_ref().map_or(0, Index::bytes)
            + ports.map(|ports| ports.bytes()).sum::<usize>()
            + self.wheel.bytes()
    }
}
