//! Handed out: what sends whole IPv4 packets to one host, and receives all ICMP that comes to this one.
//!
//! It does not look at what comes: whether that is about a probe of yours, about another program's, or about none, is the lab.

use host::lab::Lab;
use host::{Host, Packet, Packets, Time};
use std::net::{IpAddr, Ipv4Addr};
use wire::ipv4;

/// Two raw sockets, one for each direction.
pub struct ProbeSocket {
    udp: Box<dyn Packets>,
    icmp: Box<dyn Packets>,
    source: Ipv4Addr,
}

impl ProbeSocket {
    /// Opens the sockets, for probes to `dst`.
    pub fn open(host: &mut dyn Host, dst: Ipv4Addr) -> Lab<Self> {
        let source = match host.route(dst.into())?.source {
            IpAddr::V4(source) => source,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        };
        Ok(Self { udp: host.open_raw(ipv4::UDP)?, icmp: host.open_raw(ipv4::ICMP)?, source })
    }

    /// The address of this host that its probes leave with.
    pub fn source(&self) -> Ipv4Addr {
        self.source
    }

    /// Sends a whole IPv4 packet, as it is.
    pub fn send(&mut self, packet: &[u8]) -> Lab<()> {
        Ok(self.udp.send(None, packet)?)
    }

    /// The next IPv4 packet with ICMP in it: `packet.at` is when it arrived, `packet.bytes` the packet from its IP header on.
    /// `None`: `until` came first.
    pub fn recv(&mut self, until: Time) -> Lab<Option<Packet>> {
        Ok(self.icmp.recv(until)?)
    }
}
