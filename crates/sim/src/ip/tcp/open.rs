//! How a program's connections begin and end: RFC 9293 sections 3.9.1.1 (OPEN) and 3.9.1.4 (CLOSE).

use super::super::calls::{not_own, v4};
use super::super::errors::is_one_host;
use super::super::{Out, Stack};
use super::ends::{Ends, FIRST_DYNAMIC_PORT};
use super::options::Wishes;
use super::{Door, Owner};
use host::{Error, Opt, Reply, Result, SocketId, Time};
use std::collections::{BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use tcp::{Connection, State};

/// A port where a program waits for connections.
pub(super) struct Listener {
    /// The address may be unspecified: all of this host's.
    pub(super) at: SocketAddrV4,
    /// What its connections inherit.
    pub(super) wishes: Wishes,
    /// Connections whose handshake is not complete.
    pub(super) half_open: BTreeSet<u32>,
    /// Connections that wait to be accepted, the first to be established first.
    queue: VecDeque<u32>,
}

impl Listener {
    /// Whether one more connection may begin: both kinds together are bounded by the backlog.
    pub(super) fn has_room(&self) -> bool {
        self.half_open.len() + self.queue.len() < self.wishes.backlog
    }

    /// Whether there is one to accept.
    pub(super) fn is_ready(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(super) fn establish(&mut self, number: u32) {
        if self.half_open.remove(&number) {
            self.queue.push_back(number);
        }
    }

    /// `false`: it was not half open, and waits to be accepted.
    pub(super) fn forget_half_open(&mut self, number: u32) -> bool {
        self.half_open.remove(&number)
    }
}

impl Stack {
    /// OPEN, active: the SYN leaves, and what comes of it [`Stack::connected`] tells.
    pub(in crate::ip) fn connect(
        &mut self,
        now: Time,
        to: SocketAddr,
        options: &[Opt],
        out: &mut Out,
    ) -> Result<Reply> {
        let wishes = self.wishes(options)?;
        let peer = SocketAddrV4::new(v4(to.ip())?, to.port());
        let is_everybody = (0..self.interfaces.len()).any(|interface| self.is_broadcast(interface, *peer.ip()));
        if is_everybody || !is_one_host(*peer.ip()) {
            return Err(Error::NoRoute(to.ip()));
        }
        let own = self.way(*peer.ip(), wishes.sending, Ipv4Addr::UNSPECIFIED)?.source;
        let own = match wishes.port {
            0 => SocketAddrV4::new(own, self.ephemeral_port(own, peer)?),
            port => self.bind(SocketAddrV4::new(own, port), true)?,
        };
        // RFC 9293 section 3.4: a connection is defined by a pair of ends. One port may have many, each with another peer.
        let ends = Ends { own, peer };
        if self.tcp.by_ends.contains_key(&ends) {
            return Err(Error::AddressInUse(SocketAddr::V4(own)));
        }
        let config = self.config_towards(*peer.ip(), &wishes);
        let connection = Connection::connect(now, config.clone(), self.initial_sequence_number(now, ends));
        let number = self.sockets.number();
        self.tcp.add(number, wishes.entry(ends, connection, Owner::Program, &config));
        if let Some(journal) = &mut self.tcp.journal {
            journal.open(now, ends);
        }
        self.flush(now, number, out);
        Ok(Reply::Socket(SocketId(number), SocketAddr::V4(own), to))
    }

    /// Whether the handshake is over, and how it ended.
    pub(in crate::ip) fn connected(&mut self, id: SocketId) -> Option<Result<Reply>> {
        let Some(entry) = self.own_connection(id) else { return Some(Err(Error::Gone)) };
        match entry.connection.state() {
            State::SynSent | State::SynReceived => None,
            State::Closed => Some(Err(entry.connection.failure().map_or(Error::Gone, |failure| entry.error(failure)))),
            _ => Some(Ok(Reply::Done)),
        }
    }

    /// OPEN, passive.
    pub(in crate::ip) fn listen(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Reply> {
        let wishes = self.wishes(options)?;
        let address = v4(at.ip())?;
        if !address.is_unspecified() && !self.is_own(address) {
            return Err(not_own(address));
        }
        let at = match at.port() {
            0 => {
                let is_free = |stack: &Stack, port| !stack.has_tcp_port(SocketAddrV4::new(address, port), false);
                SocketAddrV4::new(address, self.draw(FIRST_DYNAMIC_PORT, is_free))
            }
            port => self.bind(SocketAddrV4::new(address, port), wishes.reuse)?,
        };
        let number = self.sockets.number();
        let listener = Listener { at, wishes, half_open: BTreeSet::new(), queue: VecDeque::new() };
        self.tcp.listeners.insert(number, listener);
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Ok(Reply::Socket(SocketId(number), SocketAddr::V4(at), nobody))
    }

    /// The next connection of a listener, if there is one.
    pub(in crate::ip) fn accept(&mut self, id: SocketId) -> Option<Result<Reply>> {
        let Some(listener) = self.tcp.listeners.get_mut(&id.0) else { return Some(Err(Error::Gone)) };
        let number = listener.queue.pop_front()?;
        let Some(entry) = self.tcp.entries.get_mut(&number) else { return Some(Err(Error::Gone)) };
        entry.owner = Owner::Program;
        let ends @ Ends { own, peer } = entry.ends;
        if let Some(journal) = &mut self.tcp.journal {
            journal.accept(ends);
        }
        Some(Ok(Reply::Socket(SocketId(number), SocketAddr::V4(own), SocketAddr::V4(peer))))
    }

    /// CLOSE: what was written still goes; and ABORT, if the program wished for it or has not read all.
    ///
    /// A listener takes with it the connections that nobody has accepted.
    pub(in crate::ip) fn close(&mut self, now: Time, id: SocketId, out: &mut Out) {
        let listener = self.tcp.listeners.remove(&id.0);
        for number in listener.iter().flat_map(|listener| listener.half_open.iter().chain(&listener.queue)) {
            self.part_from(now, *number, true, out);
        }
        if self.own_connection(id).is_some() {
            self.part_from(now, id.0, false, out);
        }
    }

    /// Nobody is there for this connection any more.
    fn part_from(&mut self, now: Time, number: u32, abort: bool, out: &mut Out) {
        let Some(entry) = self.tcp.entries.get_mut(&number) else { return };
        if abort || entry.abort_on_close {
            entry.connection.abort();
        } else {
            entry.connection.leave(now);
        }
        entry.owner = Owner::Nobody;
        self.flush(now, number, out);
    }

    /// `own`, if it can be had.
    fn bind(&self, own: SocketAddrV4, reuse: bool) -> Result<SocketAddrV4> {
        if self.has_tcp_port(own, reuse) { Err(Error::AddressInUse(SocketAddr::V4(own))) } else { Ok(own) }
    }

    /// Whether somebody has this port: a listener, a service; or unless it is to be used again, a connection, TIME-WAIT too.
    fn has_tcp_port(&self, own: SocketAddrV4, reuse: bool) -> bool {
        let overlaps = |other: &SocketAddrV4| {
            let any = own.ip().is_unspecified() || other.ip().is_unspecified() || own.ip() == other.ip();
            any && own.port() == other.port()
        };
        let is_service = matches!(self.tcp.door(own), Some(Door::Service(_)));
        is_service
            || self.tcp.listeners.values().any(|listener| overlaps(&listener.at))
            || (!reuse && self.tcp.by_ends.keys().any(|ends| overlaps(&ends.own)))
    }
}
