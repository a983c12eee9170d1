//! Handed out: a raw socket for ICMP messages to one host.
//!
//! A raw socket takes and gives whole IPv4 packets. This one puts the header before what you send; what you receive still has its
//! header, as it came. It receives **all** ICMP that comes to this host, whoever it is for: sorting that out is the lab.

use host::lab::Lab;
use host::{Host, Packet, Packets, Time};
use std::net::{IpAddr, Ipv4Addr};
use wire::ipv4::{self, Ipv4};

/// A raw socket for ICMP messages to one host.
pub struct PingSocket {
    raw: Box<dyn Packets>,
    header: Ipv4,
}

impl PingSocket {
    /// Opens the socket. Packets leave for `dst` with this time to live.
    pub fn open(host: &mut dyn Host, dst: Ipv4Addr, ttl: u8) -> Lab<Self> {
        let source = match host.route(dst.into())?.source {
            IpAddr::V4(source) => source,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        };
        let header = Ipv4 { ttl, ..Ipv4::new(source, dst, ipv4::ICMP) };
        Ok(Self { raw: host.open_raw(ipv4::ICMP)?, header })
    }

    /// Sends an ICMP message in an IPv4 packet of its own.
    pub fn send(&mut self, message: &[u8]) -> Lab<()> {
        self.header.identification = self.header.identification.wrapping_add(1);
        Ok(self.raw.send(None, &self.header.packet(message))?)
    }

    /// The next IPv4 packet with ICMP in it: `packet.at` is when it arrived, `packet.bytes` the packet from its IP header on.
    /// `None`: `until` came first.
    pub fn recv(&mut self, until: Time) -> Lab<Option<Packet>> {
        Ok(self.raw.recv(until)?)
    }
}
