//! Lab 17: write the bodies of these functions. `cargo lab check 17` says how far you are, `cargo lab hint 17` helps.
//!
//! The first two change bytes, the others remember and decide; the two halves need nothing of each other. Add functions and fields
//! as you like. You wrote checksums in lab 3, so take `wire::checksum`; the headers you do best by their offsets.

use host::lab::{Lab, LabError};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Which end of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Source,
    Destination,
}

/// Sets the address and port of one end of an IPv4 packet, and mends the checksums that cover them. Nothing else changes; what was
/// wrong with a checksum stays wrong.
///
/// The packet has TCP, UDP or an ICMP query in it, and is no fragment. Of a query, the identifier is the port, at either end.
/// Malformed: another protocol, or too short for a field that has to be changed.
pub fn set_end(packet: &mut [u8], end: End, new: SocketAddrV4) -> Lab<()> {
    Err(LabError::NotYet)
}

/// Turns an ICMP error around that came from outside: it is about a packet of `inside`, which had another source out there. It goes
/// to the address of `inside`, and what it quotes has `inside` as its source again. All checksums fit, as far as they are there:
/// of TCP, eight bytes are often all that is quoted.
pub fn set_quoted(packet: &mut [u8], inside: SocketAddrV4) -> Lab<()> {
    Err(LabError::NotYet)
}

/// What a segment, a datagram or an ICMP query has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
}

/// What a NAT must know of a packet. An ICMP query has its identifier at the end that is inside, and port 0 at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub protocol: Protocol,
    pub source: SocketAddrV4,
    pub destination: SocketAddrV4,
    /// Of TCP; else they are not set.
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It leaves, from this outside address and port.
    Out(SocketAddrV4),
    /// It goes to this inside address and port.
    In(SocketAddrV4),
    /// It came from inside for an outside port of this NAT, and goes back in: from this outside end, to this inside one.
    Back(SocketAddrV4, SocketAddrV4),
    Drop,
}

/// "What comes for `port` goes to `to`."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    pub protocol: Protocol,
    pub port: u16,
    pub to: SocketAddrV4,
}

/// What a NAT is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Its outside address.
    pub public: Ipv4Addr,
    /// The ports that it may give, each once for TCP, for UDP and for ICMP. A forwarded one is not to be given.
    pub ports: RangeInclusive<u16>,
    pub forwards: Vec<Forward>,
}

/// For how long a session is kept when nothing is heard of it: at that time, it is over.
pub const UDP: Duration = Duration::from_secs(300);
pub const ICMP: Duration = Duration::from_secs(60);
/// TCP, when SYNs went both ways.
pub const ESTABLISHED: Duration = Duration::from_secs(7440);
/// TCP, before that, and when FINs went both ways or a RST either way.
pub const TRANSITORY: Duration = Duration::from_secs(240);

/// A NAT: what it was told, and what it remembers. A *session* is with one peer, the address and port at the other end. The outside
/// port of an inside end is the same for all its sessions of a protocol, and its own until the last of them is over.
#[derive(Debug, Clone)]
pub struct Nat {
    config: Config,
}

impl Nat {
    /// One that remembers nothing yet.
    pub fn new(config: Config) -> Self {
        Self { config }
    }

    /// A packet from inside. If its end has no outside port, it gets the lowest that is free, and if there is none, nothing
    /// leaves. A TCP session begins with a SYN, whichever way it goes; what belongs to no session and has none is dropped.
    ///
    /// What is for the NAT's own address leaves, and comes in, as if it had gone to the next router and back.
    pub fn leave(&mut self, segment: &Segment, now: Duration) -> Lab<Verdict> {
        Err(LabError::NotYet)
    }

    /// A packet from outside, for the NAT's address. It comes in if its port has a session with its source, or is forwarded.
    ///
    /// A session of UDP or ICMP is kept by what leaves, and not by what comes; one of TCP by either. When FINs went both ways or a
    /// RST either way, the time of that packet counts, and nothing keeps it longer.
    pub fn enter(&mut self, segment: &Segment, now: Duration) -> Lab<Verdict> {
        Err(LabError::NotYet)
    }

    /// Whose packet an ICMP error quotes: it left with an outside end as its source. `None`: nobody's.
    pub fn whose(&self, quoted: &Segment, now: Duration) -> Lab<Option<SocketAddrV4>> {
        Err(LabError::NotYet)
    }
}
