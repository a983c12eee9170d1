//! What a connection costs the network: packets and bytes, counted from the frames that pass this host's interface.

use host::{Error, Host, Opt, Packets, Result};
use std::net::{IpAddr, SocketAddr};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// What passed, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// How many packets.
    pub packets: u64,
    /// Their frames, bytes: with the Ethernet header and the padding of short ones, without preamble and check sequence.
    pub bytes: u64,
}

/// A link socket that counts.
pub(crate) struct Meter {
    link: Box<dyn Packets>,
    peer: SocketAddr,
    traffic: Traffic,
}

impl Meter {
    /// Counts the segments from and to `peer` from now on; `None`: this host does not let its frames be seen.
    pub(crate) fn open(host: &mut dyn Host, peer: SocketAddr) -> Option<Self> {
        let route = host.route(peer.ip()).ok()?;
        let mut link = host.open_link(&route.interface).ok()?;
        // What a host sends to itself comes in, too.
        if route.source != peer.ip() {
            link.set(Opt::Outgoing(true)).ok()?;
        }
        Some(Self { link, peer, traffic: Traffic::default() })
    }

    /// Takes note of what has passed since this was asked last; answers what has passed in all.
    pub(crate) fn read(&mut self, host: &mut dyn Host) -> Result<Traffic> {
        let now = host.now();
        loop {
            match self.link.recv(now) {
                Ok(Some(packet)) if is_of(&packet.bytes, self.peer) => {
                    self.traffic.packets += 1;
                    self.traffic.bytes += packet.bytes.len() as u64;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(Error::Idle) => return Ok(self.traffic),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether a frame carries a segment from or to `peer`.
fn is_of(frame: &[u8], peer: SocketAddr) -> bool {
    let Ok((header, packet)) = Ethernet::take(frame) else { return false };
    let Some((ip, _, segment, _)) = Ipv4::parse(packet).ok().filter(|_| header.ethertype == ethernet::IPV4) else {
        return false;
    };
    let Some((tcp, ..)) = Tcp::parse(segment).ok().filter(|_| ip.protocol == ipv4::TCP) else { return false };
    let is = |address, port| (IpAddr::V4(address), port) == (peer.ip(), peer.port());
    is(ip.source, tcp.source_port) || is(ip.destination, tcp.destination_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_both_ways_count_and_nothing_else() {
        let frame = |source: &str, destination: &str, protocol: u8, ethertype: u16| {
            let (source, destination): (SocketAddr, SocketAddr) =
                (source.parse().unwrap(), destination.parse().unwrap());
            let (IpAddr::V4(from), IpAddr::V4(to)) = (source.ip(), destination.ip()) else { unreachable!() };
            let tcp = Tcp::new(source.port(), destination.port());
            let segment = tcp.segment(source.ip(), destination.ip(), &[], b"data");
            let packet = Ipv4::new(from, to, protocol).packet(&segment);
            let mac = wire::Mac([2, 0, 0, 0, 0, 1]);
            Ethernet { destination: mac, source: mac, ethertype }.frame(&packet)
        };
        let peer: SocketAddr = "10.0.0.2:7".parse().unwrap();
        let (own, other) = ("10.0.0.1:50000", "10.0.0.2:8");
        assert!(is_of(&frame(own, "10.0.0.2:7", ipv4::TCP, ethernet::IPV4), peer));
        assert!(is_of(&frame("10.0.0.2:7", own, ipv4::TCP, ethernet::IPV4), peer));
        assert!(!is_of(&frame(other, own, ipv4::TCP, ethernet::IPV4), peer));
        assert!(!is_of(&frame(own, "10.0.0.2:7", ipv4::UDP, ethernet::IPV4), peer));
        assert!(!is_of(&frame(own, "10.0.0.2:7", ipv4::TCP, ethernet::ARP), peer));
        let whole = frame(own, "10.0.0.2:7", ipv4::TCP, ethernet::IPV4);
        assert!((0..40).all(|len| !is_of(&whole[..len], peer)));
    }
}
