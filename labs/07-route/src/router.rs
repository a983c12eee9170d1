//! Handed out: what your `step` is in the middle of. Frames come in, yours is the decision, and frames leave.
//!
//! It finds out hardware addresses by ARP and wraps errors in ICMP. What is for the router itself is left to the host it runs on.

use crate::route::{self, Route, Step};
use host::lab::Lab;
use host::{Error, Host, Interest, Interface, Mac, Packets};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};

/// When nothing has come for so long, nothing will.
const QUIET: Duration = Duration::from_secs(60);

/// A link of the router.
struct Port {
    link: Box<dyn Packets>,
    name: String,
    mac: Mac,
    addr: Ipv4Addr,
    mtu: u16,
}

struct Router<'a> {
    routes: &'a [Route],
    ports: Vec<Port>,
    /// Which hardware address is behind an address, by interface.
    neighbours: BTreeMap<(usize, Ipv4Addr), Mac>,
    /// Packets that wait for that to be known.
    waiting: Vec<(usize, Ipv4Addr, Vec<u8>)>,
}

/// Forwards until no link has brought anything for a minute.
pub fn run(host: &mut dyn Host, interfaces: &[Interface], routes: &[Route]) -> Lab<()> {
    let mut ports = vec![];
    for interface in interfaces {
        let addr =
            interface.addresses.iter().find_map(|(addr, _)| if let IpAddr::V4(v4) = addr { Some(*v4) } else { None });
        ports.push(Port {
            link: host.open_link(&interface.name)?,
            name: interface.name.clone(),
            mac: interface.mac.unwrap_or_default(),
            addr: addr.unwrap_or(Ipv4Addr::UNSPECIFIED),
            mtu: u16::try_from(interface.mtu).unwrap_or(u16::MAX),
        });
    }
    let mut router = Router { routes, ports, neighbours: BTreeMap::new(), waiting: vec![] };
    let on: Vec<Interest> = router.ports.iter().map(|port| Interest::read(port.link.id())).collect();
    loop {
        match host.wait(&on, host.now() + QUIET) {
            Ok(ready) if ready.is_empty() => return Ok(()),
            Err(Error::Idle | Error::Interrupted) => return Ok(()),
            ready => drop(ready?),
        }
        for interface in 0..router.ports.len() {
            while let Some(packet) = router.ports[interface].link.recv(host.now())? {
                router.frame(interface, &packet.bytes)?;
            }
        }
    }
}

impl Router<'_> {
    fn frame(&mut self, interface: usize, bytes: &[u8]) -> Lab<()> {
        let Ok((header, payload)) = Ethernet::take(bytes) else { return Ok(()) };
        match header.ethertype {
            ethernet::ARP => self.learn(interface, payload),
            ethernet::IPV4 if header.destination == self.ports[interface].mac => self.packet(interface, payload),
            _ => Ok(()),
        }
    }

    /// Asks your `step`, and does what it says.
    fn packet(&mut self, interface: usize, packet: &[u8]) -> Lab<()> {
        let own: Vec<Ipv4Addr> = self.ports.iter().map(|port| port.addr).collect();
        let mtu: Vec<u16> = self.ports.iter().map(|port| port.mtu).collect();
        let step = route::step(self.routes, &own, interface, &mtu, packet)?;
        let Ok((header, _, rest)) = Ipv4::split(packet) else { return Ok(()) };
        let what = format!("{} to {}, ttl {}", header.source, header.destination, header.ttl);
        match step {
            Step::Forward { interface, next_hop, packet } => {
                println!("{what}: by {} to {next_hop}", self.ports.get(interface).map_or("?", |port| &port.name));
                self.send(interface, next_hop, packet)
            }
            Step::Error { kind, code } => {
                println!("{what}: error {kind}/{code}");
                let quote = &packet[..packet.len() - rest.len() + rest.len().min(8)];
                let mtu =
                    route::lookup(self.routes, header.destination)?.map_or(0, |row| mtu[self.routes[row].interface]);
                let word =
                    if (kind, code) == (3, 4) { [0, 0, mtu.to_be_bytes()[0], mtu.to_be_bytes()[1]] } else { [0; 4] };
                let Some(row) = route::lookup(self.routes, header.source)? else { return Ok(()) };
                let Route { via, interface, .. } = self.routes[row];
                // RFC 1812 section 4.3.2.4: its source is the address of the interface by which it leaves.
                let error = Ipv4::new(self.ports[interface].addr, header.source, ipv4::ICMP);
                let error = error.packet(&icmp::message(kind, code, word, quote));
                self.send(interface, via.unwrap_or(header.source), error)
            }
            Step::Drop => {
                println!("{what}: dropped");
                Ok(())
            }
            Step::Local => Ok(()),
        }
    }

    /// Sends a packet to a neighbour, as soon as its hardware address is known.
    fn send(&mut self, interface: usize, next_hop: Ipv4Addr, packet: Vec<u8>) -> Lab<()> {
        let Some(port) = self.ports.get_mut(interface) else { return Ok(()) };
        let header = |destination, ethertype| Ethernet { destination, source: port.mac, ethertype };
        if let Some(mac) = self.neighbours.get(&(interface, next_hop)) {
            return Ok(port.link.send(None, &header(*mac, ethernet::IPV4).frame(&packet))?);
        }
        let question = Arp::request(port.mac, port.addr, next_hop).bytes();
        port.link.send(None, &header(Mac::BROADCAST, ethernet::ARP).frame(&question))?;
        self.waiting.push((interface, next_hop, packet));
        Ok(())
    }

    /// Learns from an answer, and sends what waited for it.
    fn learn(&mut self, interface: usize, packet: &[u8]) -> Lab<()> {
        let Ok((arp, _)) = Arp::parse(packet) else { return Ok(()) };
        if arp.operation != arp::REPLY {
            return Ok(());
        }
        self.neighbours.insert((interface, arp.sender), arp.sender_mac);
        for (interface, next_hop, packet) in std::mem::take(&mut self.waiting) {
            self.send(interface, next_hop, packet)?;
        }
        Ok(())
    }
}
