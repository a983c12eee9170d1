//! Handed out: what your NAT is in the middle of. Frames come in, yours are the decision and the changes, and frames leave.
//!
//! It finds out hardware addresses by ARP, answers for the outside address, counts the TTL down and tells senders when it has run
//! out. Fragments go nowhere here: only the first of a packet has ports.

use crate::nat_box::{self, Config, End, Forward, Nat, Protocol, Segment, Verdict};
use crate::said;
use host::lab::Lab;
use host::{Error, Host, Interest, Mac, Packets};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Duration;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// The outside address. No other host has it, so this one says in ARP that it does.
pub const PUBLIC: Ipv4Addr = Ipv4Addr::new(44, 11, 5, 17);
/// The router of the provider.
const GATEWAY: Ipv4Addr = Ipv4Addr::new(44, 11, 5, 1);
/// When nothing has come for so long, nothing will.
const QUIET: Duration = Duration::from_secs(60);

/// A link: `lan` is inside, and `access` outside.
struct Port {
    link: Box<dyn Packets>,
    mac: Mac,
    own: Ipv4Addr,
}

const LAN: usize = 0;
const ACCESS: usize = 1;

struct Home {
    nat: Nat,
    ports: [Port; 2],
    /// Which hardware address is behind an address, by link.
    neighbours: BTreeMap<(usize, Ipv4Addr), Mac>,
    /// Packets that wait for that to be known.
    waiting: Vec<(usize, Ipv4Addr, Vec<u8>)>,
}

/// Translates until neither link has brought anything for a minute.
pub fn run(host: &mut dyn Host) -> Lab<()> {
    let forward =
        |protocol, port: u16| Forward { protocol, port, to: SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 4), port) };
    let forwards = vec![forward(Protocol::Tcp, 8080), forward(Protocol::Udp, 7)];
    let nat = Nat::new(Config { public: PUBLIC, ports: 7777..=u16::MAX, forwards });
    let mut home =
        Home { nat, ports: [port(host, "lan")?, port(host, "access")?], neighbours: BTreeMap::new(), waiting: vec![] };
    let on = [LAN, ACCESS].map(|at| Interest::read(home.ports[at].link.id()));
    loop {
        match host.wait(&on, host.now() + QUIET) {
            Ok(ready) if ready.is_empty() => return Ok(()),
            Err(Error::Idle | Error::Interrupted) => return Ok(()),
            ready => drop(ready?),
        }
        for at in [LAN, ACCESS] {
            while let Some(packet) = home.ports[at].link.recv(host.now())? {
                home.frame(at, &packet.bytes, host.now() - host::Time::START)?;
            }
        }
    }
}

fn port(host: &mut dyn Host, name: &str) -> Lab<Port> {
    let interfaces = host.interfaces()?;
    let missing = || said(&format!("there is no interface '{name}' here: say `--net labs/17-nat-box/home.toml`"));
    let interface = interfaces.iter().find(|interface| interface.name == name).ok_or_else(missing)?;
    let own = interface.addresses.iter().find_map(|(address, _)| match address {
        IpAddr::V4(address) if name == "lan" => Some(*address),
        _ => None,
    });
    let mac = interface.mac.unwrap_or_default();
    Ok(Port { link: host.open_link(name)?, mac, own: own.unwrap_or(PUBLIC) })
}

impl Home {
    fn frame(&mut self, at: usize, bytes: &[u8], now: Duration) -> Lab<()> {
        let Ok((header, payload)) = Ethernet::take(bytes) else { return Ok(()) };
        match header.ethertype {
            ethernet::ARP => self.arp(at, payload),
            ethernet::IPV4 if header.destination == self.ports[at].mac => self.packet(at, payload, now),
            _ => Ok(()),
        }
    }

    /// Asks your NAT, and does what it says.
    fn packet(&mut self, at: usize, packet: &[u8], now: Duration) -> Lab<()> {
        let Ok((header, _, rest, _)) = Ipv4::parse(packet) else { return Ok(()) };
        let mut packet = packet[..usize::from(header.total_length)].to_vec();
        // What is for this host itself, its own system answers; and what is outside for anybody else is none of ours.
        let is_for_us = header.destination == self.ports[LAN].own;
        if is_for_us || !header.is_whole() || at == ACCESS && header.destination != PUBLIC {
            return Ok(());
        }
        if header.ttl <= 1 {
            let error = icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], &packet[..packet.len() - rest.len() + 8]);
            let error = Ipv4::new(self.ports[at].own, header.source, ipv4::ICMP).packet(&error);
            return self.send(at, if at == LAN { header.source } else { GATEWAY }, error);
        }
        if let Some(quoted) = quoted(rest).filter(|_| at == ACCESS) {
            let Some(inside) = self.nat.whose(&quoted, now)? else { return Ok(()) };
            println!("access error about {}: of {inside}", told(&quoted));
            nat_box::set_quoted(&mut packet, inside)?;
            return self.on(LAN, *inside.ip(), packet);
        }
        let Some(segment) = segment(&header, rest, at == LAN) else { return Ok(()) };
        let verdict = if at == LAN { self.nat.leave(&segment, now) } else { self.nat.enter(&segment, now) }?;
        println!("{} {}: {}", if at == LAN { "lan   " } else { "access" }, told(&segment), crate::shown(&verdict));
        match verdict {
            Verdict::Out(source) => {
                nat_box::set_end(&mut packet, End::Source, source)?;
                self.on(ACCESS, GATEWAY, packet)
            }
            Verdict::In(to) => {
                nat_box::set_end(&mut packet, End::Destination, to)?;
                self.on(LAN, *to.ip(), packet)
            }
            Verdict::Back(source, to) => {
                nat_box::set_end(&mut packet, End::Source, source)?;
                nat_box::set_end(&mut packet, End::Destination, to)?;
                self.on(LAN, *to.ip(), packet)
            }
            Verdict::Drop => Ok(()),
        }
    }

    /// A packet goes on, with one taken from its TTL.
    fn on(&mut self, at: usize, next_hop: Ipv4Addr, mut packet: Vec<u8>) -> Lab<()> {
        let word = |packet: &[u8], at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        let old = word(&packet, 8);
        packet[8] -= 1;
        let checksum = wire::checksum::update(word(&packet, 10), old, word(&packet, 8));
        packet[10..12].copy_from_slice(&checksum.to_be_bytes());
        self.send(at, next_hop, packet)
    }

    /// Sends a packet to a neighbour, as soon as its hardware address is known.
    fn send(&mut self, at: usize, next_hop: Ipv4Addr, packet: Vec<u8>) -> Lab<()> {
        let port = &mut self.ports[at];
        let header = |destination, ethertype| Ethernet { destination, source: port.mac, ethertype };
        if let Some(mac) = self.neighbours.get(&(at, next_hop)) {
            return Ok(port.link.send(None, &header(*mac, ethernet::IPV4).frame(&packet))?);
        }
        let question = Arp::request(port.mac, port.own, next_hop).bytes();
        port.link.send(None, &header(Mac::BROADCAST, ethernet::ARP).frame(&question))?;
        self.waiting.push((at, next_hop, packet));
        Ok(())
    }

    /// Answers for the outside address; and learns from an answer, and sends what waited for it.
    fn arp(&mut self, at: usize, packet: &[u8]) -> Lab<()> {
        let Ok((asked, _)) = Arp::parse(packet) else { return Ok(()) };
        if asked.operation != arp::REPLY {
            let port = &mut self.ports[at];
            if at == ACCESS && asked.target == PUBLIC {
                let header = Ethernet { destination: asked.sender_mac, source: port.mac, ethertype: ethernet::ARP };
                port.link.send(None, &header.frame(&asked.reply_from(port.mac).bytes()))?;
            }
            return Ok(());
        }
        self.neighbours.insert((at, asked.sender), asked.sender_mac);
        for (at, next_hop, packet) in std::mem::take(&mut self.waiting) {
            self.send(at, next_hop, packet)?;
        }
        Ok(())
    }
}

/// What a NAT must know of a packet; `None`: it has nothing that could be translated.
fn segment(header: &Ipv4, rest: &[u8], is_inside: bool) -> Option<Segment> {
    let word = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
    let flags = Tcp::parse(rest).ok().filter(|_| header.protocol == ipv4::TCP).map(|(tcp, ..)| tcp);
    let (protocol, source, destination) = match (header.protocol, rest.first()?) {
        (ipv4::TCP, _) => (Protocol::Tcp, word(0)?, word(2)?),
        (ipv4::UDP, _) => (Protocol::Udp, word(0)?, word(2)?),
        (ipv4::ICMP, 0 | 8) if is_inside => (Protocol::Icmp, word(4)?, 0),
        (ipv4::ICMP, 0) => (Protocol::Icmp, 0, word(4)?),
        _ => return None,
    };
    Some(Segment {
        protocol,
        source: SocketAddrV4::new(header.source, source),
        destination: SocketAddrV4::new(header.destination, destination),
        syn: flags.is_some_and(|tcp| tcp.syn),
        fin: flags.is_some_and(|tcp| tcp.fin),
        rst: flags.is_some_and(|tcp| tcp.rst),
    })
}

/// The packet that an ICMP error is about; `None`: it is no error.
fn quoted(message: &[u8]) -> Option<Segment> {
    match message.first()? {
        3 | 11 | 12 if icmp::is_intact(message) => {}
        _ => return None,
    }
    let (header, _, rest) = Ipv4::split(message.get(8..)?).ok()?;
    segment(&header, rest, true)
}

fn told(segment: &Segment) -> String {
    let Segment { protocol, source, destination, .. } = segment;
    format!("{} {source} > {destination}", format!("{protocol:?}").to_lowercase())
}
