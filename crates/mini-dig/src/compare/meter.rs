//! What passes between this host and a server, packet by packet: in the simulated network, where what a link socket shows
//! is what is on the wire. (A real kernel joins segments before it shows them.)

use host::{Error, Host, Opt, Packets, Result};
use std::net::{IpAddr, SocketAddr};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::Ipv4;

/// What has left and what has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) packets: (u32, u32),
    /// Of IP packets, headers included.
    pub(super) bytes: (u64, u64),
}

/// A link socket that counts.
pub(super) struct Meter {
    link: Box<dyn Packets>,
    server: IpAddr,
}

impl Meter {
    /// Counts from now on; `None`: this world does not show what is on the wire.
    ///
    /// # Errors
    /// No way to the server.
    pub(super) fn open(host: &mut dyn Host, server: SocketAddr) -> Result<Option<Self>> {
        if host.seed().is_none() {
            return Ok(None);
        }
        let route = host.route(server.ip())?;
        if route.source == server.ip() {
            return Ok(None); // nothing is on a wire
        }
        let mut link = host.open_link(&route.interface)?;
        link.set(Opt::Outgoing(true))?;
        Ok(Some(Self { link, server: server.ip() }))
    }

    /// What has passed until now.
    ///
    /// # Errors
    /// Ctrl-C.
    pub(super) fn read(&mut self, host: &dyn Host) -> Result<Counted> {
        let (now, mut counted) = (host.now(), Counted::default());
        loop {
            match self.link.recv(now) {
                Ok(Some(frame)) => counted.note(&frame.bytes, self.server),
                Ok(None) | Err(Error::Idle) => return Ok(counted),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Counted {
    fn note(&mut self, frame: &[u8], server: IpAddr) {
        let Ok((header, packet)) = Ethernet::take(frame) else { return };
        let Some((ip, ..)) = Ipv4::parse(packet).ok().filter(|_| header.ethertype == ethernet::IPV4) else { return };
        if IpAddr::V4(ip.destination) == server {
            self.packets.0 += 1;
            self.bytes.0 += u64::from(ip.total_length);
        } else if IpAddr::V4(ip.source) == server {
            self.packets.1 += 1;
            self.bytes.1 += u64::from(ip.total_length);
        }
    }
}
