//! The traits a tool is written against.

use crate::{
    Account, Cable, Frames, Interest, Mac, Opt, Packet, Result, Seed, SocketId, TcpInfo, TcpSocket, Time, unsupported,
};
use std::io;
use std::net::{IpAddr, SocketAddr};

const HERE: &str = "this machine";

/// What makes a host in another thread: [`Host::another`].
pub type Another = Box<dyn FnOnce() -> Box<dyn Host> + Send>;

/// The machine that a program runs on.
///
/// Not `Send`, on purpose: one program is one thread, so that its order is the same in every world.
pub trait Host {
    /// The host's time; asking costs nothing and moves nothing.
    fn now(&self) -> Time;

    /// Waits until `until`.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] on Ctrl-C.
    fn sleep(&mut self, until: Time) -> Result<()> {
        while self.now() < until {
            self.wait(&[], until)?;
        }
        Ok(())
    }

    /// Fills `bytes` at random, for identifiers, ports and sequence numbers: from the seed in the simulated network, from the
    /// system outside of it.
    fn random(&mut self, bytes: &mut [u8]);

    /// Chance for keys that are the same in every run, where this world is a simulated network; `None`: it is not, and keys must be
    /// drawn where nobody can foresee them.
    fn seed(&mut self) -> Option<Seed> {
        None
    }

    /// The interfaces, in the system's order.
    ///
    /// # Errors
    /// Where the world has none to show.
    fn interfaces(&mut self) -> Result<Vec<Interface>> {
        unsupported("list of interfaces", HERE)
    }

    /// Which way a packet to `to` would go.
    ///
    /// # Errors
    /// [`crate::Error::NoRoute`] if there is none.
    fn route(&mut self, _to: IpAddr) -> Result<Route> {
        unsupported("routing table to look into", HERE)
    }

    /// The addresses of `name`: a node of the topology, or what the system's resolver says.
    ///
    /// # Errors
    /// [`crate::Error::UnknownName`], with the names there are where they are known.
    fn resolve(&mut self, name: &str) -> Result<Vec<IpAddr>>;

    /// The name servers that this host asks, the first first: who are to be asked where nobody says otherwise.
    ///
    /// # Errors
    /// Where the world does not tell.
    fn name_servers(&mut self) -> Result<Vec<IpAddr>> {
        unsupported("list of name servers", HERE)
    }

    /// The neighbour table (for IPv4: the ARP table), by interface and address.
    ///
    /// # Errors
    /// Where the world does not show it.
    fn neighbours(&mut self) -> Result<Vec<Neighbour>> {
        unsupported("neighbour table to look into", HERE)
    }

    /// A socket for whole Ethernet frames; it receives all that the interface receives, and not what this host sends, unless
    /// [`Opt::Outgoing`] asks for it. On the loopback all frames are received once.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchInterface`], [`crate::Error::NoPermission`], or an interface whose frames are not Ethernet's.
    fn open_link(&mut self, _interface: &str) -> Result<Box<dyn Packets>> {
        unsupported("link sockets", HERE)
    }

    /// An end of a cable for who passes on what others sent, many frames at a time.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchInterface`], [`crate::Error::NoPermission`], or that a tap cannot be made.
    fn open_frames(&mut self, _at: Cable<'_>) -> Result<Box<dyn Frames>> {
        unsupported("interfaces to pass frames on between", HERE)
    }

    /// A socket for whole IP packets of one protocol: the header is included both ways, and what is sent is sent as given.
    ///
    /// # Errors
    /// [`crate::Error::NoPermission`].
    fn open_raw(&mut self, _protocol: u8) -> Result<Box<dyn Packets>> {
        unsupported("raw sockets", HERE)
    }

    /// A socket for ICMP echo without the IP header.
    ///
    /// The port of its local address is the identifier of its messages: what is sent with another one leaves with this one,
    /// and only replies and errors with this one are received. The checksum is the host's work too.
    ///
    /// # Errors
    /// [`crate::Error::NoPermission`].
    fn open_ping(&mut self, _options: &[Opt]) -> Result<Box<dyn Packets>> {
        unsupported("ping sockets", HERE)
    }

    /// A socket that receives a message for each change of this machine's translation table, and at first one for each
    /// session that is in it: what `nat::Change` reads.
    ///
    /// # Errors
    /// [`crate::Error::Unsupported`] where this machine translates nothing, or does not show it.
    fn open_translations(&mut self) -> Result<Box<dyn Packets>> {
        unsupported("translation table to look into", HERE)
    }

    /// A UDP socket at `at`; port 0 takes a free one.
    ///
    /// A datagram is received by one socket: the one that is connected ([`Opt::Peer`]) to its sender, else one that is bound to the
    /// address that it is for, else one for all addresses. [`Opt::ReuseAddress`] lets several share a port.
    ///
    /// # Errors
    /// [`crate::Error::AddressInUse`].
    fn bind_udp(&mut self, _at: SocketAddr, _options: &[Opt]) -> Result<Box<dyn Packets>> {
        unsupported("UDP sockets", HERE)
    }

    /// A TCP connection to `to`, once it is established.
    ///
    /// # Errors
    /// What ended the handshake; [`crate::Error::TimedOut`] when `until` came first.
    fn connect_tcp(&mut self, _to: SocketAddr, _options: &[Opt], _until: Time) -> Result<Box<dyn Stream>> {
        unsupported("TCP sockets", HERE)
    }

    /// A TCP connection to `to` whose handshake has begun: there is room to send ([`Interest`]) once it is established, or has failed,
    /// which the first write then tells. A world without this waits for the end of the handshake.
    ///
    /// # Errors
    /// What keeps the SYN from leaving; where the handshake is waited for, as [`Host::connect_tcp`].
    fn begin_tcp(&mut self, to: SocketAddr, options: &[Opt], until: Time) -> Result<Box<dyn Stream>> {
        self.connect_tcp(to, options, until)
    }

    /// What [`Stream::account`] would tell of the last connection with `to` that was opened, or accepted, with [`Opt::Record`]:
    /// also of one that never came about, and whose socket is gone.
    ///
    /// # Errors
    /// [`crate::Error::Unsupported`] where the world cannot know it.
    fn last_account(&mut self, _to: SocketAddr) -> Result<Account> {
        unsupported("account of what left when and why", HERE)
    }

    /// A TCP socket that waits for connections at `at`.
    ///
    /// # Errors
    /// [`crate::Error::AddressInUse`].
    fn listen_tcp(&mut self, _at: SocketAddr, _options: &[Opt]) -> Result<Box<dyn Listener>> {
        unsupported("TCP sockets", HERE)
    }

    /// The host's TCP sockets at `port`, whoever has them: those that listen, then the connections, old ones too. Who holds a port
    /// and does neither may be missing.
    ///
    /// # Errors
    /// Where the world does not show them.
    fn tcp_sockets(&mut self, _port: u16) -> Result<Vec<TcpSocket>> {
        unsupported("list of TCP sockets", HERE)
    }

    /// The same machine for another thread of this program: called over there, it makes a host with sockets of its own, whose waits
    /// end with [`crate::Error::Interrupted`] when those of this one do.
    ///
    /// # Errors
    /// Where one program is one thread.
    fn another(&mut self) -> Result<Another> {
        unsupported("second thread for a program", HERE)
    }

    /// Which of `on` are ready, by their indices; none: `until` has come.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] on Ctrl-C, [`crate::Error::Idle`] where nothing can happen any more.
    fn wait(&mut self, on: &[Interest], until: Time) -> Result<Vec<usize>>;
}

/// What all sockets have.
pub trait Socket {
    /// Its number, for [`Host::wait`].
    fn id(&self) -> SocketId;
    /// Its own address and port (a ping socket: the identifier), unspecified where it has none.
    fn local(&self) -> SocketAddr;
    /// Changes an option.
    ///
    /// # Errors
    /// [`crate::Error::Unsupported`] for an option that this socket lacks.
    fn set(&mut self, option: Opt) -> Result<()>;
}

/// A socket for whole messages: link, raw, ping and UDP.
pub trait Packets: Socket {
    /// Sends one message; `to` is needed where neither the bytes nor the socket say it.
    ///
    /// # Errors
    /// What kept it from leaving, [`crate::Error::TooLong`] and [`crate::Error::NoRoute`] among others.
    fn send(&mut self, to: Option<SocketAddr>, bytes: &[u8]) -> Result<()>;

    /// The next message; `None` when `until` came first. A time in the past asks without waiting.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] on Ctrl-C, [`crate::Error::Idle`] where nothing can happen any more.
    fn recv(&mut self, until: Time) -> Result<Option<Packet>>;
}

/// A TCP connection. `read` and `write` block until the deadline (at first: never), then fail with `TimedOut`.
pub trait Stream: Socket + io::Read + io::Write {
    /// The other end.
    fn peer(&self) -> SocketAddr;
    /// When reads and writes give up.
    fn set_deadline(&mut self, until: Time);
    /// Sends FIN after what was written; reading goes on (RFC 9293 section 3.6.1: half closed).
    ///
    /// # Errors
    /// When the connection is gone already.
    fn finish(&mut self) -> Result<()>;
    /// What the host knows of the connection.
    ///
    /// # Errors
    /// Where the world does not show it.
    fn info(&mut self) -> Result<TcpInfo>;
    /// What left when and why, and the states of both ends, since this was asked last. It is kept where [`Opt::Record`] was given
    /// when the socket was opened.
    ///
    /// # Errors
    /// [`crate::Error::Unsupported`] where the world cannot know it.
    fn account(&mut self) -> Result<Account> {
        unsupported("account of what left when and why", HERE)
    }
}

/// A TCP socket that waits for connections.
pub trait Listener: Socket {
    /// The next connection; `None` when `until` came first.
    ///
    /// # Errors
    /// As [`Packets::recv`].
    fn accept(&mut self, until: Time) -> Result<Option<Box<dyn Stream>>>;
}

/// An interface of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// As the system calls it.
    pub name: String,
    /// Its link-layer address; `None`: it has none, and so no ARP.
    pub mac: Option<Mac>,
    /// Its addresses with the length of the network part, in bits.
    pub addresses: Vec<(IpAddr, u8)>,
    /// The longest IP packet it sends, bytes.
    pub mtu: u32,
    /// Whether it is up and running.
    pub up: bool,
}

/// The way that a packet to some address would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Over which interface it leaves.
    pub interface: String,
    /// Which address it leaves with.
    pub source: IpAddr,
    /// Whose link-layer address is asked for: the destination's if it is on the link, else the gateway's.
    pub next_hop: IpAddr,
}

/// An entry of the neighbour table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Where it was learnt.
    pub interface: String,
    /// The neighbour's address.
    pub address: IpAddr,
    /// Its link-layer address; `None` while it is being asked for.
    pub mac: Option<Mac>,
    /// How long ago it was confirmed, where the host tells.
    pub age: Option<std::time::Duration>,
}
