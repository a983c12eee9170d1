//! TCP at a node: whose connection a segment belongs to, and which packets its segments travel in.
//!
//! What a connection does with a segment, a call or the time is the engine's matter, the crate `tcp`. Here is all that RFC 9293
//! leaves to the host around it: connections are found by their two ends, new ones come from `listen` or the program's connect,
//! each is polled after whatever happened to it, and what it says goes into IP packets. Data walk one way:
//!
//! ```text
//!   a packet ──► tcp_input ──► arrive ─┐
//!   a call ────► calls, open ──────────┼──► flush: poll until there is nothing more ──► an IP packet each
//!   the time ──► tcp_wake ─────────────┘    and then: when to come back, whether it is over
//! ```
//!
//! Obeys RFC 9293 sections 3.4.1 (`ends`), 3.9.1 (`calls`, `open`, `options`), 3.9.2.2 (`errors`) and 3.10.7.1 (a closed port).
//! A connection whose program is gone stays until TCP is done with it, TIME-WAIT too. `services` are the programs that a network's
//! file puts behind ports.
//!
//! A segment that answers a raw socket's SYN is for no connection of this node, as on a real host, where the kernel knows
//! nothing of what such a socket sent. It is answered by RST, and the other side forgets the half-open connection.

mod calls;
mod ends;
mod errors;
mod journal;
mod open;
mod options;
mod pages;
mod secured;
mod services;

use super::errors::is_one_host;
use super::input::Arrived;
use super::sockets::Sending;
use super::{Out, Stack};
use crate::topology::{Secured, Serve};
pub(crate) use ends::Ends;
use host::{Error, Seen, Time};
use journal::Journal;
use open::Listener;
use rustls::ServerConfig;
use services::Serving;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use tcp::{Connection, Heard, Segment, Seq, State};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// How many connections a node has at most: a SYN that would make one more is dropped. Far more than a course needs, and less
/// than 200 MB of them.
const MOST_CONNECTIONS: usize = 1 << 16;
/// The headers of IP and TCP without options.
const HEADERS: u16 = 40;

/// All of a node's TCP.
pub(super) struct Connections {
    /// By number; that of a program's connection is its socket's.
    entries: BTreeMap<u32, Entry>,
    /// The number of each connection that can still hear or say something.
    by_ends: BTreeMap<Ends, u32>,
    /// Ports where a program waits for connections, by the number of its socket.
    listeners: BTreeMap<u32, Listener>,
    /// Ports of the network's file.
    services: BTreeMap<u16, Serve>,
    /// Those of them with TLS before the service.
    tls: BTreeMap<u16, Arc<ServerConfig>>,
    /// The node's name, which is on its pages.
    name: String,
    /// When which connection is to be polled again.
    wakes: BTreeSet<(Time, u32)>,
    /// What makes this node's sequence numbers and ports its own.
    secret: u64,
    /// How many ports were given so far.
    ports_given: u16,
    /// The lives of connections, once somebody wants to know them.
    journal: Option<Journal>,
}

/// A connection and what its host knows of it.
struct Entry {
    ends: Ends,
    connection: Connection,
    owner: Owner,
    sending: Sending,
    /// Whether it is one of the network's file, so that what it sends are answers of this node.
    answers: bool,
    /// How much may wait to be sent, bytes.
    send_buffer: usize,
    /// Whether closing breaks it off.
    abort_on_close: bool,
    /// The MTU of its path as the engine knows it.
    path_mtu: u16,
    /// The last "destination unreachable" about it: who said it, and its code.
    trouble: Option<(IpAddr, u8)>,
    /// When it is to be polled again: its place in [`Connections::wakes`].
    wake: Time,
    /// What left and is not told yet, where its program wants to be told.
    untold: Vec<tcp::Departure>,
}

/// For whom a connection is there.
enum Owner {
    /// A program, by the socket of the same number.
    Program,
    /// A listener of this number, until it is accepted.
    Listener(u32),
    /// A service of the network's file.
    Service(Serving),
    /// Nobody any more: what is left to do is TCP's.
    Nobody,
}

/// Who waits for connections at a port.
#[derive(Clone, Copy)]
enum Door {
    Listener(u32),
    Service(Serve),
}

impl Connections {
    pub(super) fn new(
        mut services: BTreeMap<u16, Serve>,
        secured: &BTreeMap<u16, Secured>,
        name: &str,
        secret: u64,
    ) -> Self {
        services.extend(secured.iter().map(|(port, secured)| (*port, secured.serve)));
        let configs = secured.iter().filter_map(|(port, secured)| Some((*port, secured::config(secured)?)));
        Self {
            entries: BTreeMap::new(),
            by_ends: BTreeMap::new(),
            listeners: BTreeMap::new(),
            services,
            tls: configs.collect(),
            name: name.to_string(),
            wakes: BTreeSet::new(),
            secret,
            ports_given: 0,
            journal: None,
        }
    }

    /// When the first of them is to be polled again.
    pub(super) fn next(&self) -> Option<Time> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// The next connection whose time has come.
    fn pop_due(&mut self, now: Time) -> Option<u32> {
        if self.next()? > now {
            return None;
        }
        let (_, number) = self.wakes.pop_first()?;
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.wake = Time::NEVER;
        }
        Some(number)
    }

    fn door(&self, own: SocketAddrV4) -> Option<Door> {
        let is_there = |listener: &Listener| {
            listener.at.port() == own.port() && (listener.at.ip().is_unspecified() || listener.at.ip() == own.ip())
        };
        let listener = self.listeners.iter().find(|(_, listener)| is_there(listener));
        listener
            .map(|(number, _)| Door::Listener(*number))
            .or_else(|| self.services.get(&own.port()).map(|serve| Door::Service(*serve)))
    }

    fn add(&mut self, number: u32, entry: Entry) {
        self.by_ends.insert(entry.ends, number);
        self.entries.insert(number, entry);
    }

    /// When it is to be polled again, from what the engine and its service say.
    fn schedule(&mut self, number: u32) {
        let Some(entry) = self.entries.get_mut(&number) else { return };
        let service = match &entry.owner {
            Owner::Service(serving) => serving.wake_at(),
            _ => Time::NEVER,
        };
        let at = entry.connection.wake_at().min(service);
        if at == entry.wake {
            return;
        }
        self.wakes.remove(&(entry.wake, number));
        entry.wake = at;
        if at != Time::NEVER {
            self.wakes.insert((at, number));
        }
    }

    /// Sees to what became of a connection: whether it can be accepted now, or is over.
    fn settle(&mut self, number: u32) {
        self.schedule(number);
        let Some(entry) = self.entries.get_mut(&number) else { return };
        let state = entry.connection.state();
        if let Owner::Listener(listener) = entry.owner
            && state.is_synchronized()
            && let Some(listener) = self.listeners.get_mut(&listener)
        {
            listener.establish(number);
        }
        // A handshake that a RST ends is back in LISTEN: RFC 9293 section 3.10.7.4. Here the port listens, not the connection.
        if matches!(state, State::Closed | State::Listen) {
            self.detach(number);
        }
    }

    /// Nothing comes for this connection any more, and nothing leaves.
    fn detach(&mut self, number: u32) {
        let Some(entry) = self.entries.get_mut(&number) else { return };
        let (ends, wake) = (entry.ends, std::mem::replace(&mut entry.wake, Time::NEVER));
        let is_wanted = match entry.owner {
            // Its program has yet to read what came, and to hear how it ended.
            Owner::Program => true,
            Owner::Listener(listener) => {
                self.listeners.get_mut(&listener).is_some_and(|listener| !listener.forget_half_open(number))
            }
            Owner::Service(_) | Owner::Nobody => false,
        };
        self.wakes.remove(&(wake, number));
        if self.by_ends.get(&ends) == Some(&number) {
            self.by_ends.remove(&ends);
        }
        if !is_wanted {
            self.entries.remove(&number);
        }
    }
}

impl Entry {
    /// Whether a SYN begins a new connection in the place of this one; then the least initial sequence number for it.
    ///
    /// Beside one in TIME-WAIT it may be one whose handshake another SYN began: RFC 9293 section 3.10.7.4 has such a passive
    /// connection return to LISTEN, where the next SYN is welcome. Here this one is already, so that a prober's SYNs from one port
    /// are all answered.
    fn gives_way_to(&self, segment: &Segment) -> Option<Seq> {
        if !segment.syn || segment.ack.is_some() || segment.rst {
            return None;
        }
        let info = self.connection.info();
        let is_passive = !matches!(self.owner, Owner::Program);
        let begins_anew = info.state == State::SynReceived && is_passive && segment.seq != info.irs;
        self.connection.gives_way_to(segment).or(begins_anew.then_some(info.iss + 1))
    }

    /// What a program hears of the engine's error.
    fn error(&self, error: tcp::Error) -> Error {
        match error {
            tcp::Error::Refused => Error::Refused,
            tcp::Error::Reset => Error::Reset,
            tcp::Error::TimedOut => Error::TimedOut,
            tcp::Error::Unreachable => match self.trouble {
                Some((by, code)) => Error::Unreachable { by: Some(by), code },
                None => Error::Unreachable { by: None, code: 1 },
            },
            tcp::Error::Closing => Error::Other("nothing can be sent any more: this side has sent its FIN".into()),
            tcp::Error::NotOpen | tcp::Error::Aborted => Error::Gone,
        }
    }
}

impl Stack {
    /// A segment came in.
    pub(super) fn tcp_input(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        let (peer, own) = (arrived.header.source, arrived.header.destination);
        // RFC 9293 section 3.9.2.3: a TCP "MUST silently discard an incoming SYN segment that is addressed to a broadcast or
        // multicast address" (MUST-57), and one from there (MUST-63).
        if arrived.broadcast || !is_one_host(peer) || !Tcp::is_intact(peer.into(), own.into(), arrived.payload) {
            return;
        }
        let Ok((header, segment)) = Segment::parse(arrived.payload) else { return };
        let ends = Ends {
            own: SocketAddrV4::new(own, header.destination_port),
            peer: SocketAddrV4::new(peer, header.source_port),
        };
        let Some(&number) = self.tcp.by_ends.get(&ends) else {
            return self.knock(arrived, ends, &segment, None, out);
        };
        if let Some(least) = self.tcp.entries.get(&number).and_then(|old| old.gives_way_to(&segment))
            && self.tcp.door(ends.own).is_some()
        {
            self.tcp.detach(number);
            return self.knock(arrived, ends, &segment, Some(least), out);
        }
        if let Some(entry) = self.tcp.entries.get_mut(&number) {
            entry.connection.arrive(arrived.now, &segment);
        }
        self.step(arrived.now, number, Some(seen(true, arrived.packet, segment.data.len())));
        self.flush(arrived.now, number, out);
    }

    /// Whether nobody here waits for connections at the port that a packet is for, and it asks for one.
    pub(super) fn is_unwanted_syn(&self, arrived: &Arrived<'_>) -> bool {
        let own = |header: &Tcp| SocketAddrV4::new(arrived.header.destination, header.destination_port);
        arrived.header.protocol == ipv4::TCP
            && Tcp::take(arrived.payload)
                .is_ok_and(|(header, _)| header.syn && !header.ack && self.tcp.door(own(&header)).is_none())
    }

    /// A segment that belongs to no connection: it may begin one, or it is refused. `least`: a new connection's numbers begin there or
    /// later.
    fn knock(&mut self, arrived: &Arrived<'_>, ends: Ends, segment: &Segment, least: Option<Seq>, out: &mut Out) {
        let now = arrived.now;
        let Some(door) = self.tcp.door(ends.own) else {
            let state = self.stray(arrived, ends, segment, State::Closed);
            if let Some(reset) = tcp::closed(segment) {
                self.refuse(now, ends, state, &reset, out);
            }
            return;
        };
        let has_room = match door {
            Door::Listener(listener) => self.tcp.listeners.get(&listener).is_some_and(Listener::has_room),
            Door::Service(_) => true,
        };
        if segment.syn && (!has_room || self.tcp.entries.len() >= MOST_CONNECTIONS) {
            // A SYN that finds no room is dropped, as Linux does: it comes again.
            self.stray(arrived, ends, segment, State::Listen);
            return;
        }
        let wishes = match door {
            Door::Listener(listener) => self.tcp.listeners.get(&listener).map(|listener| listener.wishes.clone()),
            Door::Service(_) => None,
        };
        let wishes = wishes.unwrap_or_default();
        let config = self.config_towards(*ends.peer.ip(), &wishes);
        let iss = self.initial_sequence_number(now, ends);
        match tcp::hear(now, &config, segment, least.map_or(iss, |least| least.later(iss))) {
            Heard::Connection(connection) => {
                let number = self.sockets.number();
                let (owner, answers) = match door {
                    Door::Listener(listener) => (Owner::Listener(listener), false),
                    Door::Service(serve) => (Owner::Service(self.serving(now, serve, ends.own.port())), true),
                };
                if let Door::Listener(listener) = door
                    && let Some(listener) = self.tcp.listeners.get_mut(&listener)
                {
                    listener.half_open.insert(number);
                }
                let entry = Entry { answers, ..wishes.entry(ends, *connection, owner, &config) };
                self.tcp.add(number, entry);
                if let Some(journal) = &mut self.tcp.journal {
                    journal.note(now, ends, State::Listen, None);
                }
                self.step(now, number, Some(seen(true, arrived.packet, segment.data.len())));
                self.flush(now, number, out);
            }
            Heard::Reset(reset) => {
                let state = self.stray(arrived, ends, segment, State::Listen);
                self.refuse(now, ends, state, &reset, out);
            }
            Heard::Nothing => {
                self.stray(arrived, ends, segment, State::Listen);
            }
        }
    }

    /// A service for a new connection to `port`.
    fn serving(&mut self, now: Time, serve: Serve, port: u16) -> Serving {
        let config = self.tcp.tls.get(&port).cloned();
        let tls = config.and_then(|config| secured::Tls::new(&self.draw_seed(), now, config));
        Serving::new(serve, tls)
    }

    /// Notes a segment that came and begins nothing; the answer is the state that its end is in: CLOSED where a connection was, and
    /// else that of the port.
    fn stray(&mut self, arrived: &Arrived<'_>, ends: Ends, segment: &Segment, port: State) -> State {
        let Some(journal) = &mut self.tcp.journal else { return port };
        let state = if journal.knows(ends) { State::Closed } else { port };
        journal.note(arrived.now, ends, state, None);
        journal.note(arrived.now, ends, state, Some(seen(true, arrived.packet, segment.data.len())));
        state
    }

    /// Polls the connections whose time has come.
    pub(super) fn tcp_wake(&mut self, now: Time, out: &mut Out) {
        while let Some(number) = self.tcp.pop_due(now) {
            self.flush(now, number, out);
        }
    }

    /// Sends all that a connection has to send now, and sees to what became of it. To be called after each change.
    fn flush(&mut self, now: Time, number: u32, out: &mut Out) {
        self.heed_path(now, number);
        // What is urgent leaves before the program hears of it: on a real host the kernel acknowledges before the program runs.
        self.send_polled(now, number, out);
        if self.serve(now, number, out) {
            self.send_polled(now, number, out);
        }
        self.step(now, number, None);
        self.tcp.settle(number);
    }

    /// Both ends of each connection that is not over here, and its state.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (Ends, State)> {
        let entries = self.tcp.by_ends.values().filter_map(|number| self.tcp.entries.get(number));
        entries.map(|entry| (entry.ends, entry.connection.state()))
    }

    fn send_polled(&mut self, now: Time, number: u32, out: &mut Out) {
        while let Some(entry) = self.tcp.entries.get_mut(&number)
            && let Some(segment) = entry.connection.poll(now)
        {
            let (ends, sending, answers) = (entry.ends, entry.sending, entry.answers);
            let packet = self.packet_of(ends, sending, &segment);
            if self.tcp.journal.is_some() {
                self.step(now, number, Some(seen(false, &packet, segment.data.len())));
            }
            self.send_in_packet(now, ends, sending, answers, packet, out);
        }
    }

    /// Lets the service behind a connection do what there is to do. `false`: there is none.
    fn serve(&mut self, now: Time, number: u32, out: &mut Out) -> bool {
        let Some(entry) = self.tcp.entries.get_mut(&number) else { return false };
        let Owner::Service(serving) = &mut entry.owner else { return false };
        let is_over = serving.run(now, &mut entry.connection, &self.tcp.name);
        let questions = serving.take_questions();
        for question in questions {
            self.question_in_stream(now, number, &question, out);
        }
        if is_over && let Some(entry) = self.tcp.entries.get_mut(&number) {
            entry.connection.leave(now);
            entry.owner = Owner::Nobody;
        }
        true
    }

    /// Sends what a service of this node says, if its connection is still there. It leaves when the connection is flushed.
    pub(super) fn say_in_stream(&mut self, now: Time, number: u32, bytes: &[u8]) {
        if let Some(entry) = self.tcp.entries.get_mut(&number)
            && let Owner::Service(serving) = &mut entry.owner
        {
            // Answers about names are shorter than the buffer; the other side learns of a shorter one by its length.
            serving.say(now, &mut entry.connection, bytes);
        }
    }

    /// Sends what is left to be sent by a connection, if it is still there.
    pub(super) fn flush_stream(&mut self, now: Time, number: u32, out: &mut Out) {
        if self.tcp.entries.contains_key(&number) {
            self.flush(now, number, out);
        }
    }

    /// A segment that is no connection's: a refusal.
    fn refuse(&mut self, now: Time, ends: Ends, state: State, segment: &Segment, out: &mut Out) {
        let sending = Sending { dont_fragment: true, ..Sending::default() };
        let packet = self.packet_of(ends, sending, segment);
        if let Some(journal) = &mut self.tcp.journal {
            journal.note(now, ends, state, Some(seen(false, &packet, segment.data.len())));
        }
        self.send_in_packet(now, ends, sending, true, packet, out);
    }

    /// A packet for one segment alone.
    fn packet_of(&mut self, ends: Ends, sending: Sending, segment: &Segment) -> Vec<u8> {
        let (own, peer) = (SocketAddr::V4(ends.own), SocketAddr::V4(ends.peer));
        let header = Ipv4 {
            dscp: sending.tos >> 2,
            ecn: sending.tos & 3,
            ttl: sending.ttl.unwrap_or(self.ttl),
            dont_fragment: sending.dont_fragment,
            identification: self.next_identification(),
            ..Ipv4::new(*ends.own.ip(), *ends.peer.ip(), ipv4::TCP)
        };
        header.packet(&segment.bytes(own, peer))
    }

    /// Sends the packet of a segment.
    fn send_in_packet(
        &mut self,
        now: Time,
        ends: Ends,
        sending: Sending,
        answers: bool,
        packet: Vec<u8>,
        out: &mut Out,
    ) {
        match sending.interface {
            _ if answers => self.respond(now, None, packet, out),
            Some(interface) if !self.is_own(*ends.peer.ip()) => {
                let Some(hop) = self.routes.lookup_by(*ends.peer.ip(), interface) else { return };
                let mtu = self.mtu_towards(now, hop, *ends.peer.ip());
                self.send_within(now, hop, mtu, packet, true, out);
            }
            _ => self.send_packet(now, packet, true, out),
        }
    }
}

/// A segment with `len` bytes of data, in this packet: as much of it as is kept.
fn seen(came: bool, packet: &[u8], len: usize) -> Seen {
    let kept = packet.len().saturating_sub(len.saturating_sub(Seen::DATA));
    Seen { came, packet: packet.get(..kept).unwrap_or(packet).to_vec(), len }
}
