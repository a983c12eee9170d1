//! The internet layer of a simulated node: a host, and with forwarding on a router.
//!
//! Obeys RFC 826 (ARP), RFC 791 and RFC 1122 section 3 (IP and ICMP of a host), RFC 1812 sections 4 and 5 (of a router), RFC 768
//! (UDP), RFC 9293 (TCP, in `tcp`).
//!
//! It is one machine without I/O, with one rule for whoever runs it: **hand it a frame, a call or the time ([`Stack::receive`],
//! [`Stack::attempt`], [`Stack::wake`]), then send all of `out`, then come back at [`Stack::next_wake`]**. Inside, data walks one
//! way: `receive` takes a frame apart (`arp`, `input`; `fragments` waits until a packet is whole), `forward` passes a packet on or
//! `errors` says why not, `answers` has what a node says of itself, `output` finds the next hop and makes a frame.
//!
//! Leaves out: redirects, source routes, multicast.

mod answers;
mod arp;
mod balance;
mod calls;
mod errors;
mod forward;
mod fragments;
mod input;
mod lies;
mod limit;
mod names;
mod neighbours;
mod output;
mod path_mtu;
mod routes;
mod sockets;
mod tcp;

use self::tcp::Connections;
use crate::prefix::prefix_contains;
use crate::random::Random;
use crate::topology::{Gateway, Kind, Manners, Net, Node, Reject, RouteChange, StaticRoute};
use answers::Late;
use host::Time;
use lies::Liar;
use limit::Limit;
use names::Names;
use neighbours::Neighbours;
use path_mtu::PathMtus;
use routes::{NextHop, Route, Routes};
use sockets::Sockets;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use wire::Mac;
use wire::fragment::Reassembler;

/// A frame that leaves by an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) interface: usize,
    pub(crate) frame: Vec<u8>,
}

/// What a node sends while it handles one event, in order.
pub(crate) type Out = Vec<Departure>;

/// One node's interfaces, tables and sockets.
pub(crate) struct Stack {
    interfaces: Vec<Interface>,
    /// RFC 1812 section 2.2.7: the address of a router as a whole, for its unnumbered interfaces.
    router_id: Option<Ipv4Addr>,
    forwarding: bool,
    ttl: u8,
    routes: Routes,
    reject: Vec<Reject>,
    neighbours: Neighbours,
    path_mtus: PathMtus,
    /// Of packets for this node.
    fragments: Reassembler,
    sockets: Sockets,
    /// UDP ports that send back what they get.
    echo_ports: Vec<u16>,
    tcp: Connections,
    /// Packets of this node to itself.
    looped: VecDeque<Vec<u8>>,
    /// When some were delivered last, until its programs have had an event to look for them.
    stirred: Option<Time>,
    liar: Liar,
    manners: Manners,
    /// `None`: it says of every packet what became of it.
    limit: Option<Limit>,
    late: Late,
    random: Random,
    identification: u16,
    /// Nodes by name, as a hosts file that everybody has.
    hosts: BTreeMap<String, Ipv4Addr>,
    /// What it answers about names.
    names: Names,
    /// Whom its programs ask about names.
    resolver: Option<Ipv4Addr>,
}

/// Where a node is on a link. It is named by that link.
struct Interface {
    name: String,
    mac: Mac,
    /// `None`: unnumbered.
    address: Option<(Ipv4Addr, u8)>,
    mtu: u16,
}

impl Stack {
    /// The node as the file describes it.
    pub(crate) fn new(net: &Net, node: &Node, seed: u64) -> Self {
        let interfaces: Vec<Interface> = node
            .interfaces
            .iter()
            .map(|attachment| Interface {
                name: attachment.link.clone(),
                mac: attachment.mac,
                address: attachment.address,
                mtu: net.link(&attachment.link).map_or(1500, |link| link.nature(&node.name).mtu),
            })
            .collect();
        let hosts = net.nodes.iter().filter_map(|node| Some((node.name.clone(), node.main_address()?)));
        let mut random = Random::new(seed, &node.name);
        Self {
            routes: routes(net, &interfaces, node),
            interfaces,
            router_id: node.router_id,
            forwarding: node.kind == Kind::Router,
            ttl: node.ttl,
            reject: node.reject.clone(),
            neighbours: Neighbours::default(),
            path_mtus: PathMtus::default(),
            fragments: fragments::reassembler(),
            sockets: Sockets::default(),
            echo_ports: node.udp.keys().copied().collect(),
            tcp: Connections::new(
                names::with_port(node),
                &node.tls,
                &node.name,
                Random::new(seed, &format!("{} TCP", node.name)).next(),
            ),
            looped: VecDeque::new(),
            stirred: None,
            liar: Liar::new(net, node),
            limit: node.manners.limits_errors.then(|| Limit::new(seed, &node.name)),
            late: Late::default(),
            manners: node.manners.clone(),
            #[expect(clippy::cast_possible_truncation, reason = "any 16 bits of it will do")]
            identification: random.next() as u16,
            random,
            hosts: hosts.collect(),
            names: Names::new(node.names.as_ref()),
            resolver: node.resolver,
        }
    }

    /// When this node has something to do although nothing arrives.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        let next = [
            self.neighbours.next(),
            self.liar.next(),
            self.late.next(),
            self.next_expiry(),
            self.tcp.next(),
            self.names.next(),
        ];
        next.into_iter().chain([self.stirred]).flatten().min()
    }

    /// Does what is due at `now`.
    pub(crate) fn wake(&mut self, now: Time, out: &mut Out) {
        self.stirred = None;
        self.tell_lies(now, out);
        self.answer_late(now, out);
        self.expire_fragments(now, out);
        for due in self.neighbours.due(now) {
            match due {
                neighbours::Due::Ask { interface, address } => self.ask(interface, address, Mac::BROADCAST, out),
                neighbours::Due::Nobody { waiting } => {
                    for waiting in waiting {
                        self.nobody_there(now, &waiting, out);
                    }
                }
            }
        }
        self.tcp_wake(now, out);
        self.names_wake(now, out);
        self.deliver_looped(now, out);
    }

    /// Forgets the routes to a network, but for a link's own, and learns the new one.
    pub(crate) fn change_route(&mut self, RouteChange { network, prefix, route }: &RouteChange) {
        let route = route.as_ref().map(|route| stated(&self.interfaces, route));
        self.routes.change(*network, *prefix, route);
    }

    /// Whether `address` is one of this node's own, on whatever interface.
    fn is_own(&self, address: Ipv4Addr) -> bool {
        address.is_loopback() || self.router_id == Some(address) || self.own_addresses().any(|own| own == address)
    }

    fn own_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.interfaces.iter().filter_map(|interface| interface.address).map(|(address, _)| address)
    }

    /// The address that this node speaks with on `interface`.
    ///
    /// RFC 1812 section 4.3.2.4: the address of the interface, and on an unnumbered one the router-id.
    fn address_on(&self, interface: usize) -> Option<Ipv4Addr> {
        self.interfaces.get(interface)?.address.map(|(address, _)| address).or(self.router_id)
    }

    /// Whether `address` means everybody on `interface`'s link: RFC 919, RFC 1122 section 3.2.1.3 (c) and (d).
    fn is_broadcast(&self, interface: usize, address: Ipv4Addr) -> bool {
        let all_hosts = |(own, prefix): (Ipv4Addr, u8)| {
            // RFC 3021: a /31 has no broadcast address, and a /32 has nobody else.
            let host_bits = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
            prefix < 31 && u32::from(own) | host_bits == u32::from(address)
        };
        address.is_broadcast()
            || self.interfaces.get(interface).and_then(|interface| interface.address).is_some_and(all_hosts)
    }
}

/// The way to one of a route's gateways; `None`: no interface leads there.
fn next_hop(interfaces: &[Interface], gateway: &Gateway) -> Option<NextHop> {
    let leaves_on = |on: &Interface| match &gateway.on {
        Some(link) => on.name == *link,
        None => on.address.is_some_and(|(address, prefix)| prefix_contains(address, prefix, gateway.via)),
    };
    let interface = interfaces.iter().position(leaves_on)?;
    Some(NextHop { via: Some(gateway.via), interface })
}

fn stated(interfaces: &[Interface], route: &StaticRoute) -> Route {
    let next_hops = route.gateways.iter().filter_map(|gateway| next_hop(interfaces, gateway));
    Route::new(route.network, route.prefix, next_hops.collect())
}

/// The file's routes behind those to the links themselves.
fn routes(net: &Net, interfaces: &[Interface], node: &Node) -> Routes {
    let links = interfaces.iter().enumerate().filter_map(|(interface, on)| {
        let (network, prefix) = on.address?;
        Some(Route::new(network, prefix, vec![NextHop { via: None, interface }]))
    });
    let stated = node.routes.iter().map(|route| stated(interfaces, route));
    Routes::new(links.chain(stated).collect(), node.balance, balance::salt(net, &node.name))
}
