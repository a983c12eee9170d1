//! What the sockets are bound to, and why a datagram is for one of them.
//!
//! RFC 768 has the destination port say whose a datagram is. Hosts look at more: of the sockets with this port the one
//! that says most gets it, so that one program can serve an address or a peer apart from all others.

use crate::lists::Port;
use host::{Error, Host, Opt, Packets, Result};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// What a socket is bound to, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Unspecified: all addresses of this host.
    pub address: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// The one whose datagrams it gets; `None`: everybody.
    pub peer: Option<SocketAddrV4>,
    /// The name of the program that is said to be behind the port, for people.
    pub program: Option<String>,
    /// Whether others have the same port.
    pub shares: bool,
    /// How many sockets there are of this one's kind, this one too, among which the host chooses by the sender
    /// (`SO_REUSEPORT`); `None`: it is not to be shared so.
    pub among: Option<u16>,
}

/// Why a datagram was for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// No other of these has the port.
    Alone,
    /// It is connected to the sender.
    Peer,
    /// It is bound to the address that the datagram was sent to, and no other is connected to the sender.
    Address,
    /// No other says more that fits.
    Rest,
    /// Several say the same, and the host chose by a hash of addresses and ports.
    Hash,
}

impl Door {
    /// Why a datagram that it got was for it.
    #[must_use]
    pub fn fit(&self) -> Fit {
        match self {
            Self { peer: Some(_), .. } => Fit::Peer,
            Self { among: Some(2..), .. } => Fit::Hash,
            Self { shares: false, .. } => Fit::Alone,
            Self { address, .. } if !address.is_unspecified() => Fit::Address,
            Self { .. } => Fit::Rest,
        }
    }

    /// Its socket, told these options too.
    ///
    /// # Errors
    /// What the host says, with the port that it is about.
    pub(crate) fn open(&self, host: &mut dyn Host, told: &[Opt]) -> Result<Box<dyn Packets>> {
        let options = [
            // Without it the second socket at a port finds it taken.
            (self.shares && self.among.is_none()).then_some(Opt::ReuseAddress(true)),
            self.among.map(|_| Opt::ReusePort(true)),
            self.peer.map(|peer| Opt::Peer(peer.into())),
        ];
        let options: Vec<Opt> = options.into_iter().flatten().chain(told.iter().cloned()).collect();
        let at = SocketAddr::from((self.address, self.port));
        host.bind_udp(at, &options).map_err(|error| match error {
            Error::AddressInUse(_) => Error::AddressInUse(at),
            error => error,
        })
    }
}

/// So many sockets for each port and address, and one for each port and peer.
pub(crate) fn doors(ports: &[Port], addresses: &[Ipv4Addr], peers: &[SocketAddrV4], among: Option<u16>) -> Vec<Door> {
    let addresses = if addresses.is_empty() { &[Ipv4Addr::UNSPECIFIED] } else { addresses };
    let same = |port: &Port| ports.iter().filter(|other| other.number == port.number).count();
    let mut doors = vec![];
    for port in ports {
        let shares = addresses.len() + peers.len() > 1 || same(port) > 1;
        let door =
            |address, peer| Door { address, port: port.number, peer, program: port.program.clone(), shares, among };
        for address in addresses {
            doors.extend((0..among.unwrap_or(1)).map(|_| door(*address, None)));
        }
        doors.extend(peers.iter().map(|peer| door(Ipv4Addr::UNSPECIFIED, Some(*peer))));
    }
    doors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_has_a_socket_for_each_address_and_each_peer() {
        let ports = [Port { number: 53, program: Some("AppX".into()) }, Port { number: 68, program: None }];
        let (b, peer) = (Ipv4Addr::new(10, 0, 0, 2), "10.0.0.1:5555".parse().unwrap());
        let doors = doors(&ports, &[Ipv4Addr::UNSPECIFIED, b], &[peer], None);
        let shown: Vec<_> = doors.iter().map(|door| (door.port, door.fit())).collect();
        let each = |port| [(port, Fit::Rest), (port, Fit::Address), (port, Fit::Peer)];
        assert_eq!(shown, [each(53), each(68)].concat());
        assert_eq!(doors[2].peer, Some(peer));
    }

    #[test]
    fn sockets_that_say_the_same_are_chosen_by_hash_and_one_alone_is_not() {
        let ports = [Port { number: 7, program: None }];
        let fits = |among| doors(&ports, &[], &[], Some(among)).iter().map(Door::fit).collect::<Vec<_>>();
        assert_eq!((fits(3), fits(1)), (vec![Fit::Hash; 3], vec![Fit::Alone]));
    }

    #[test]
    fn port_of_one_socket_is_not_shared() {
        let ports = [7, 9].map(|number| Port { number, program: None });
        assert!(doors(&ports, &[], &[], None).iter().all(|door| !door.shares && door.fit() == Fit::Alone));
    }
}
