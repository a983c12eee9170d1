//! Questions about names at a node: a server answers them from its zones, a resolver asks on.
//!
//! What is answered, and who is asked next, is decided by the crate `names`. Here are the datagrams and connections
//! around it. A resolver asks by UDP alone, with room for answers of [`ROOM`] bytes that travel in fragments, and takes
//! them for as long as they are good; it waits [`PATIENCE`] for each.

use super::input::Arrived;
use super::{Out, Stack};
use crate::topology::{NameService, Node, Serve};
use host::Time;
use names::{Ask, Hint, Next, Server, Walk};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Duration;
use wire::dns::{Edns, LEAST_PAYLOAD, Message, PORT, Question, Rcode, Record, framing};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// The longest answer that a resolver takes, bytes.
const ROOM: u16 = 4096;
/// How long it waits for an answer before it asks another server.
const PATIENCE: Duration = Duration::from_secs(1);
/// Questions that it has on their way at once; more are dropped.
const MOST_PENDING: usize = 1000;
/// The first port that it asks from.
const FIRST_PORT: u16 = 1024;

/// What a node answers about names.
#[derive(Debug, Default)]
pub(super) struct Names {
    server: Option<Server>,
    hints: Option<Vec<Hint>>,
    /// Questions that wait for others' answers.
    pending: Vec<Pending>,
    /// What was answered, and when.
    cache: Vec<(Question, Time, names::Outcome)>,
}

/// Who asked.
#[derive(Debug, Clone, Copy)]
enum Client {
    /// By a datagram to this address of the node.
    Datagram { own: Ipv4Addr, peer: SocketAddrV4 },
    /// By a connection of this number.
    Stream(u32),
}

/// A question that a resolver asks on.
#[derive(Debug)]
struct Pending {
    client: Client,
    query: Message,
    walk: Walk,
    /// What was asked last.
    asked: Ask,
    id: u16,
    port: u16,
    until: Time,
}

/// The ports of a node's file with TCP behind them, and that of names.
pub(super) fn with_port(node: &Node) -> BTreeMap<u16, Serve> {
    let services = node.tcp.iter().map(|(port, service)| (*port, service.serve));
    services.chain(node.names.as_ref().map(|_| (PORT, Serve::Names))).collect()
}

impl Names {
    pub(super) fn new(service: Option<&NameService>) -> Self {
        match service {
            None => Self::default(),
            Some(NameService::Server(server)) => Self { server: Some(server.clone()), ..Self::default() },
            Some(NameService::Resolver(hints)) => Self { hints: Some(hints.clone()), ..Self::default() },
        }
    }

    fn is_there(&self) -> bool {
        self.server.is_some() || self.hints.is_some()
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.pending.iter().map(|pending| pending.until).min()
    }

    /// What is known of a question at `now`, with what is left of the records' time to live.
    fn remembered(&mut self, now: Time, question: &Question) -> Option<names::Outcome> {
        self.cache.retain(|(_, since, outcome)| lifetime(outcome).is_some_and(|life| now < *since + life));
        let (_, since, outcome) = self.cache.iter().find(|(known, ..)| known == question)?;
        let age = u32::try_from((now - *since).as_secs()).unwrap_or(u32::MAX);
        let aged = |records: &[Record]| {
            records.iter().map(|record| Record { ttl: record.ttl.saturating_sub(age), ..record.clone() }).collect()
        };
        let (answers, authorities) = (aged(&outcome.answers), aged(&outcome.authorities));
        Some(names::Outcome { answers, authorities, ..outcome.clone() })
    }
}

/// For how long an outcome may be kept: the shortest time to live of its records, RFC 2308 section 5 where there are
/// none; `None`: it may not.
fn lifetime(outcome: &names::Outcome) -> Option<Duration> {
    let records = outcome.answers.iter().chain(&outcome.authorities);
    records.map(|record| record.ttl).min().map(|ttl| Duration::from_secs(ttl.into()))
}

impl Stack {
    /// Whether a service of the network's file has this UDP port.
    pub(super) fn has_service_at(&self, port: u16) -> bool {
        self.echo_ports.contains(&port)
            || port == PORT && self.names.is_there()
            || self.names.pending.iter().any(|pending| pending.port == port)
    }

    /// A datagram came. `false`: it is not about names.
    pub(super) fn names_input(&mut self, arrived: &Arrived<'_>, udp: &Udp, payload: &[u8], out: &mut Out) -> bool {
        let now = arrived.now;
        let peer = SocketAddrV4::new(arrived.header.source, udp.source_port);
        if let Some(index) = self.names.pending.iter().position(|pending| pending.port == udp.destination_port) {
            self.hear_answer(now, index, peer, payload, out);
            return true;
        }
        if udp.destination_port != PORT || !self.names.is_there() || arrived.broadcast {
            return false;
        }
        let client = Client::Datagram { own: arrived.header.destination, peer };
        if let Some(server) = &self.names.server {
            let answer = server.datagram(payload);
            self.say(now, client, answer, out);
        } else if let Ok((query, _)) = Message::parse(payload) {
            self.take_question(now, client, query, out);
        }
        true
    }

    /// A question came by a connection.
    pub(super) fn question_in_stream(&mut self, now: Time, number: u32, bytes: &[u8], out: &mut Out) {
        let client = Client::Stream(number);
        if let Some(server) = &self.names.server {
            let answer = server.stream(bytes);
            self.say(now, client, answer, out);
        } else if let Ok((query, _)) = Message::parse(bytes) {
            self.take_question(now, client, query, out);
        }
    }

    /// Gives up waiting where the time has come.
    pub(super) fn names_wake(&mut self, now: Time, out: &mut Out) {
        while let Some(index) = self.names.pending.iter().position(|pending| pending.until <= now) {
            let mut pending = self.names.pending.remove(index);
            pending.walk.heard(None);
            self.go_on(now, pending.client, pending.query, pending.walk, out);
        }
    }

    /// A question for the resolver.
    fn take_question(&mut self, now: Time, client: Client, query: Message, out: &mut Out) {
        let Some(hints) = &self.names.hints else { return };
        let [question] = query.questions.as_slice() else { return };
        if query.header.qr || self.names.pending.len() >= MOST_PENDING {
            return;
        }
        if !query.header.rd {
            // RFC 1034 section 4.3.1: recursion is only for who asks for it; and this one has no zones of its own.
            let refused = names::Outcome { rcode: Rcode::REFUSED, answers: vec![], authorities: vec![], failed: None };
            return self.answer_client(now, client, &query, &refused, out);
        }
        let (question, walk) = (question.clone(), Walk::new(question.clone(), hints));
        if let Some(outcome) = self.names.remembered(now, &question) {
            return self.answer_client(now, client, &query, &outcome, out);
        }
        self.go_on(now, client, query, walk, out);
    }

    /// Asks the next server, or answers.
    fn go_on(&mut self, now: Time, client: Client, query: Message, mut walk: Walk, out: &mut Out) {
        loop {
            match walk.next_step() {
                Next::End(outcome) => {
                    if let ([question], None) = (query.questions.as_slice(), outcome.failed) {
                        self.names.cache.push((question.clone(), now, outcome.clone()));
                    }
                    return self.answer_client(now, client, &query, &outcome, out);
                }
                Next::Ask(ask) => {
                    if let IpAddr::V4(address) = ask.address
                        && self.source_towards(address).is_some()
                    {
                        return self.ask_server(
                            now,
                            address,
                            Pending { client, query, walk, asked: ask, id: 0, port: 0, until: now + PATIENCE },
                            out,
                        );
                    }
                    walk.heard(None);
                }
            }
        }
    }

    fn ask_server(&mut self, now: Time, address: Ipv4Addr, pending: Pending, out: &mut Out) {
        // RFC 5452 section 9.2: an unpredictable source port, and an unpredictable number.
        let is_free = |stack: &Stack, port| {
            !stack.sockets.has_port(Ipv4Addr::UNSPECIFIED, port, false) && !stack.has_service_at(port)
        };
        let port = self.draw(FIRST_PORT, is_free);
        let id = self.draw(0, |_, _| true);
        let mut query = Message::query(id, false, pending.asked.question.clone());
        query.additionals.push(Edns::new(ROOM).record());
        let bytes = query.sealed().bytes();
        self.names.pending.push(Pending { id, port, ..pending });
        let Some(own) = self.source_towards(address) else { return };
        self.send_datagram(now, SocketAddrV4::new(own, port), SocketAddrV4::new(address, PORT), &bytes, out);
    }

    /// What came to a port that the resolver asks from. RFC 5452 section 9.1: the address, the number and the question
    /// must be those of the query.
    fn hear_answer(&mut self, now: Time, index: usize, from: SocketAddrV4, payload: &[u8], out: &mut Out) {
        let Some(pending) = self.names.pending.get(index) else { return };
        let Ok((message, _)) = Message::parse(payload) else { return };
        let fits = IpAddr::V4(*from.ip()) == pending.asked.address
            && from.port() == PORT
            && message.header.qr
            && message.header.id == pending.id
            && message.questions == [pending.asked.question.clone()];
        if !fits {
            return;
        }
        let mut pending = self.names.pending.remove(index);
        // One that is cut says no more than that there is more.
        pending.walk.heard(Some(&message).filter(|message| !message.header.tc));
        self.go_on(now, pending.client, pending.query, pending.walk, out);
    }

    fn answer_client(&mut self, now: Time, client: Client, query: &Message, outcome: &names::Outcome, out: &mut Out) {
        let mut answer = Message { questions: query.questions.clone(), ..Message::new(query.header.answer()) };
        answer.header.ra = true;
        answer.header.rcode = u8::try_from(outcome.rcode.0 & 15).unwrap_or_default();
        answer.answers.clone_from(&outcome.answers);
        answer.authorities.clone_from(&outcome.authorities);
        let edns = query.edns();
        if let Some(edns) = &edns {
            answer.additionals.push(Edns { dnssec_ok: edns.dnssec_ok, ..Edns::new(ROOM) }.record());
        }
        let answer = answer.sealed();
        let room = edns.map_or(LEAST_PAYLOAD, |edns| usize::from(edns.payload_size).max(LEAST_PAYLOAD));
        let bytes = match client {
            Client::Datagram { .. } => answer.bytes_within(room),
            Client::Stream(_) => answer.bytes(),
        };
        self.say(now, client, Some(bytes), out);
    }

    fn say(&mut self, now: Time, client: Client, bytes: Option<Vec<u8>>, out: &mut Out) {
        let Some(bytes) = bytes else { return };
        match client {
            Client::Datagram { own, peer } => self.send_datagram(now, SocketAddrV4::new(own, PORT), peer, &bytes, out),
            Client::Stream(number) => {
                self.say_in_stream(now, number, &framing::framed(&bytes));
                self.flush_stream(now, number, out);
            }
        }
    }

    fn send_datagram(&mut self, now: Time, own: SocketAddrV4, peer: SocketAddrV4, bytes: &[u8], out: &mut Out) {
        let datagram = Udp::new(own.port(), peer.port()).datagram((*own.ip()).into(), (*peer.ip()).into(), bytes);
        let header = Ipv4 {
            ttl: self.ttl,
            identification: self.next_identification(),
            ..Ipv4::new(*own.ip(), *peer.ip(), ipv4::UDP)
        };
        self.respond(now, None, header.packet(&datagram), out);
    }

    /// The address with which packets to `to` leave.
    fn source_towards(&self, to: Ipv4Addr) -> Option<Ipv4Addr> {
        if self.is_own(to) {
            return Some(to);
        }
        self.routes.lookup(to).and_then(|hop| self.address_on(hop.interface))
    }
}
