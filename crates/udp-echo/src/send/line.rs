//! The way out and back: an unconnected socket, a connected one, or datagrams under a false name.

use host::{Error, Host, Opt, Packet, Packets, Result, Time};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// How datagrams leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a socket that takes datagrams from everybody, and is told each time where to send.
    Unconnected,
    /// By a socket that has one peer.
    Connected,
    /// As if another host had sent them: what answers goes there.
    Spoofed(Ipv4Addr),
}

/// Where datagrams leave from and go to.
pub struct Line {
    socket: Box<dyn Packets>,
    /// What sends instead, if datagrams go under a false name; a number for each packet.
    raw: Option<(Box<dyn Packets>, u16)>,
    way: Way,
    from: SocketAddrV4,
    to: SocketAddrV4,
    has_checksum: bool,
}

impl Line {
    /// Opens it, from `from` (port 0: one that is free; the address is told to who looks, and bound if it is `bound`) to `to`.
    ///
    /// # Errors
    /// What the host says of the sockets.
    pub fn open(
        host: &mut dyn Host,
        way: Way,
        (from, to): (SocketAddrV4, SocketAddrV4),
        bound: bool,
        options: &[Opt],
    ) -> Result<Self> {
        let mut options = options.to_vec();
        if way == Way::Connected {
            options.push(Opt::Peer(to.into()));
        }
        let has_checksum = !options.contains(&Opt::Checksum(false));
        let address = if bound { *from.ip() } else { Ipv4Addr::UNSPECIFIED };
        let socket = host.bind_udp(SocketAddr::from((address, from.port())), &options)?;
        let port = socket.local().port();
        let (raw, address) = match way {
            Way::Spoofed(name) => (Some((host.open_raw(ipv4::UDP)?, 1)), name),
            Way::Unconnected | Way::Connected => (None, *from.ip()),
        };
        Ok(Self { socket, raw, way, from: SocketAddrV4::new(address, port), to, has_checksum })
    }

    /// How datagrams leave.
    #[must_use]
    pub fn way(&self) -> Way {
        self.way
    }

    /// From where, as the datagram says it.
    #[must_use]
    pub fn from(&self) -> SocketAddrV4 {
        self.from
    }

    /// Where to.
    #[must_use]
    pub fn to(&self) -> SocketAddrV4 {
        self.to
    }

    /// Whether datagrams have a checksum.
    #[must_use]
    pub fn has_checksum(&self) -> bool {
        self.has_checksum
    }

    /// The datagram with this data, header and all, as the host makes it: by RFC 768, all of it is known here.
    #[must_use]
    pub fn datagram(&self, data: &[u8]) -> Vec<u8> {
        let (from, to) = (self.from, self.to);
        let udp = Udp::new(from.port(), to.port()).sealed((*from.ip()).into(), (*to.ip()).into(), data);
        let udp = if self.has_checksum { udp } else { Udp { checksum: 0, ..udp } };
        [&udp.bytes(), data].concat()
    }

    /// Sends these data. The answer is the whole packet, where this program made it itself.
    ///
    /// # Errors
    /// What kept it from leaving.
    pub fn send(&mut self, data: &[u8]) -> Result<Option<Vec<u8>>> {
        let most = ipv4::MAX_PACKET - Ipv4::LEN - Udp::LEN;
        if self.raw.is_some() && data.len() > most {
            return Err(Error::TooLong { have: data.len(), most });
        }
        let datagram = self.raw.as_ref().map(|_| self.datagram(data));
        let (from, to) = (*self.from.ip(), *self.to.ip());
        if let (Some(datagram), Some((raw, identification))) = (datagram, &mut self.raw) {
            let packet = Ipv4 { identification: *identification, ..Ipv4::new(from, to, ipv4::UDP) }.packet(&datagram);
            *identification = identification.wrapping_add(1);
            // A raw socket counts all that it is handed, and does not cut it.
            let headers = Ipv4::LEN + Udp::LEN;
            let of_data = |error: Error| match error {
                Error::TooLong { have, most } => {
                    Error::TooLong { have: have.saturating_sub(headers), most: most.saturating_sub(headers) }
                }
                error => error,
            };
            return raw.send(None, &packet).map(|()| Some(packet)).map_err(of_data);
        }
        let to = (self.way == Way::Unconnected).then_some(self.to.into());
        self.socket.send(to, data).map(|()| None)
    }

    /// The next datagram or error; `None` when `until` came first.
    ///
    /// # Errors
    /// As [`Packets::recv`].
    pub fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        self.socket.recv(until)
    }
}
