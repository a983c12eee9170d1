//! How a NAT behaves: the choices that RFC 4787 names, and the limits.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// The protocols that are translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// By port.
    Tcp,
    /// By port.
    Udp,
    /// Queries, by identifier: RFC 5508 section 3.
    Icmp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Icmp];

    /// Its number in the IP header.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => wire::ipv4::TCP,
            Self::Udp => wire::ipv4::UDP,
            Self::Icmp => wire::ipv4::ICMP,
        }
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.number() == number)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
        })
    }
}

/// What something depends on: which mapping a packet takes (RFC 4787 section 4.1), which senders may use it (section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Not on the peer.
    EndpointIndependent,
    /// On the peer's address.
    AddressDependent,
    /// On the peer's address and port.
    AddressAndPortDependent,
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EndpointIndependent => "endpoint-independent",
            Self::AddressDependent => "address-dependent",
            Self::AddressAndPortDependent => "address-and-port-dependent",
        })
    }
}

/// All the choices of a NAT. [`Config::new`] has those of the RFCs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The outside addresses; one at least.
    pub public: Vec<Ipv4Addr>,
    /// Which packets of an inside port share an outside one. RFC 4787 section 4.1, REQ-1: "A NAT MUST have an
    /// 'Endpoint-Independent Mapping' behavior"; the others are there to be seen.
    pub mapping: Behaviour,
    /// Who may send to an outside port.
    pub filtering: Behaviour,
    /// Whether a packet from inside to an outside port of the NAT comes back in.
    pub hairpin: bool,
    /// The outside ports, and identifiers, are given one after the other from this one on. `None`: the inside port is
    /// kept where it is free, else another one of the same parity and range is drawn.
    pub first_port: Option<u16>,
    /// When a session is over.
    pub timers: Timers,
    /// The largest maximum segment size that a SYN may announce; a larger one is lowered. `None`: all are left alone.
    pub clamp_mss: Option<u16>,
    /// Outside ports that always lead to an inside one.
    pub forwards: Vec<Forward>,
    /// Inside hosts with an outside address for themselves, ports and all.
    pub statics: Vec<Static>,
    /// How much is remembered.
    pub limits: Limits,
    /// What ports are drawn with, and what keeps others from choosing where things stand in the tables.
    pub secret: u64,
}

/// "What comes for `port` goes to `to`".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The outside port, on the first outside address.
    pub port: u16,
    /// Where it leads.
    pub to: SocketAddrV4,
}

/// One inside host with an outside address for itself: RFC 3022 section 2.1, "Basic NAT".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Static {
    /// The host.
    pub inside: Ipv4Addr,
    /// Its address outside, which is none of [`Config::public`].
    pub outside: Ipv4Addr,
}

/// For how long a session is kept when nothing is heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// RFC 4787 section 4.3, REQ-5: "MUST NOT expire in less than two minutes", "five minutes or more" by default.
    pub udp: Duration,
    /// RFC 5508 section 3.2, REQ-2: "MUST NOT expire in less than 60 seconds".
    pub icmp: Duration,
    /// RFC 5382 section 5, REQ-5: "MUST NOT be less than 2 hours 4 minutes".
    pub tcp_established: Duration,
    /// For connections that are being opened; the same REQ-5: "MUST NOT be less than 4 minutes".
    pub tcp_transitory: Duration,
    /// For connections that are being closed, or were reset. RFC 7857 section 2.1: "a NAT SHOULD provide different
    /// configurable parameters for configuring the open and closing idle timeouts".
    pub tcp_closing: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            udp: Duration::from_secs(300),
            icmp: Duration::from_secs(60),
            tcp_established: Duration::from_secs(7440),
            tcp_transitory: Duration::from_secs(240),
            tcp_closing: Duration::from_secs(240),
        }
    }
}

/// How much is remembered at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sessions of all hosts together. Their place is set aside at the start, and used as they come.
    pub sessions: u32,
    /// Sessions of one inside host.
    pub sessions_of_a_host: u32,
    /// Fragmented packets at once, each side.
    pub fragmented: usize,
    /// Bytes of fragments that wait for their first one.
    pub held_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sessions: 1 << 16, sessions_of_a_host: 1 << 12, fragmented: 256, held_bytes: 1 << 20 }
    }
}

/// Why a NAT cannot be as it is asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// A NAT with this outside address that behaves as the RFCs ask for, with the stricter filtering of those that they
    /// know: who was not spoken to may not speak.
    #[must_use]
    pub fn new(public: Ipv4Addr) -> Self {
        Self {
            public: vec![public],
            mapping: Behaviour::EndpointIndependent,
            filtering: Behaviour::AddressAndPortDependent,
            hairpin: true,
            first_port: None,
            timers: Timers::default(),
            clamp_mss: None,
            forwards: vec![],
            statics: vec![],
            limits: Limits::default(),
            secret: 1,
        }
    }

    /// Finds what does not fit together.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError(text));
        if self.public.is_empty() {
            return wrong("a NAT needs an outside address".into());
        }
        let mut outside = BTreeSet::new();
        for address in self.public.iter().copied().chain(self.statics.iter().map(|own| own.outside)) {
            if !outside.insert(address) {
                return wrong(format!("the outside address {address} is given twice"));
            }
            if address.is_unspecified() || address.is_loopback() || address.is_multicast() || address.is_broadcast() {
                return wrong(format!("{address} is no address of a host, and cannot stand for others outside"));
            }
        }
        let mut inside = BTreeSet::new();
        for own in &self.statics {
            if !inside.insert(own.inside) {
                return wrong(format!("{} has two outside addresses", own.inside));
            }
        }
        let targets = self.forwards.iter().map(|forward| *forward.to.ip());
        if let Some(address) = targets.chain(inside).find(|address| outside.contains(address)) {
            return wrong(format!("{address} is an outside address, and cannot be inside as well"));
        }
        let mut ports = BTreeSet::new();
        for Forward { protocol, port, to } in &self.forwards {
            if *protocol == Protocol::Icmp {
                return wrong("ICMP has no ports to forward".into());
            }
            if *port == 0 || to.port() == 0 {
                return wrong(format!("{protocol} port 0 cannot be forwarded: nobody is there"));
            }
            if !ports.insert((*protocol, *port)) {
                return wrong(format!("{protocol} port {port} is forwarded twice"));
            }
        }
        if self.limits.sessions == 0 || self.limits.sessions > 1 << 26 {
            return wrong(format!("a table has room for 1 to {} sessions", 1 << 26));
        }
        if self.first_port == Some(0) {
            return wrong("port 0 cannot be given: it means none".into());
        }
        Ok(())
    }
}
