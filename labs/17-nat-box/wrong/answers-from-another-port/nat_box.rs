// Fails `forward`: what the visitor knows is the forwarded port.
//! Lab 17, solved: a packet's ends and its checksums, and the table of a NAT.

use host::lab::{Lab, LabError};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::RangeInclusive;
use std::time::Duration;
use wire::checksum::{Checksum, update};

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
    let (at, transport) = match end {
        End::Source => (12, 0),
        End::Destination => (16, 2),
    };
    let header = header_length(packet)?;
    let protocol = *packet.get(9).ok_or(LabError::Malformed)?;
    let (port, checksum) = match protocol {
        ICMP_PROTOCOL => (header + 4, header + 2),
        TCP_PROTOCOL => (header + transport, header + 16),
        UDP_PROTOCOL => (header + transport, header + 6),
        _ => return Err(LabError::Malformed),
    };
    let was = word(packet, checksum)?;
    let mut sum = was;
    let [a, b, c, d] = new.ip().octets();
    for (at, new) in [(at, [a, b]), (at + 2, [c, d])] {
        let (old, new) = (word(packet, at)?, u16::from_be_bytes(new));
        set_word(packet, at, new);
        set_word(packet, 10, update(word(packet, 10)?, old, new));
        if protocol != ICMP_PROTOCOL {
            sum = update(sum, old, new);
        }
    }
    sum = update(sum, word(packet, port)?, new.port());
    set_word(packet, port, new.port());
    // Of UDP, a checksum of 0 is none, so one that comes out as 0 is written the other way.
    let sum = match (protocol, was, sum) {
        (UDP_PROTOCOL, 0, _) => 0,
        (UDP_PROTOCOL, _, 0) => 0xffff,
        (_, _, sum) => sum,
    };
    set_word(packet, checksum, sum);
    Ok(())
}

const ICMP_PROTOCOL: u8 = 1;
const TCP_PROTOCOL: u8 = 6;
const UDP_PROTOCOL: u8 = 17;

/// How long the IP header is, options included.
fn header_length(packet: &[u8]) -> Lab<usize> {
    match packet.first() {
        Some(first) if first & 15 >= 5 => Ok(usize::from(first & 15) * 4),
        _ => Err(LabError::Malformed),
    }
}

fn word(packet: &[u8], at: usize) -> Lab<u16> {
    let bytes = packet.get(at..at + 2).ok_or(LabError::Malformed)?;
    Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}

/// Sets a word that was read before.
fn set_word(packet: &mut [u8], at: usize, new: u16) {
    packet[at..at + 2].copy_from_slice(&new.to_be_bytes());
}

/// Turns an ICMP error around that came from outside: it is about a packet of `inside`, which had another source out there. It goes
/// to the address of `inside`, and what it quotes has `inside` as its source again. All checksums fit, as far as they are there:
/// of TCP, eight bytes are often all that is quoted.
pub fn set_quoted(packet: &mut [u8], inside: SocketAddrV4) -> Lab<()> {
    let header = header_length(packet)?;
    let quote = header + 8;
    let rest = packet.get_mut(quote..).ok_or(LabError::Malformed)?;
    // What is cut off is made up, changed, and cut off again.
    let mut whole = rest.to_vec();
    whole.resize(rest.len().max(header_length(rest)? + 20), 0);
    set_end(&mut whole, End::Source, inside)?;
    rest.copy_from_slice(&whole[..rest.len()]);
    let [a, b, c, d] = inside.ip().octets();
    packet[16..20].copy_from_slice(&[a, b, c, d]);
    for (at, covered) in [(10, 0..header), (header + 2, header..packet.len())] {
        set_word(packet, at, 0);
        let sum = Checksum::default().add(&packet[covered]).finish();
        set_word(packet, at, sum);
    }
    Ok(())
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
    sessions: Vec<Session>,
}

#[derive(Debug, Clone)]
struct Session {
    protocol: Protocol,
    inside: SocketAddrV4,
    port: u16,
    peer: SocketAddrV4,
    /// Which flags went out, and which came in.
    syn: [bool; 2],
    fin: [bool; 2],
    rst: bool,
    until: Duration,
}

impl Session {
    fn is_closing(&self) -> bool {
        self.rst || self.fin == [true; 2]
    }

    /// A packet passes.
    fn pass(&mut self, segment: &Segment, is_out: bool, now: Duration) {
        let was_closing = self.is_closing();
        self.syn[usize::from(is_out)] |= segment.syn;
        self.fin[usize::from(is_out)] |= segment.fin;
        self.rst |= segment.rst;
        let lifetime = match self.protocol {
            Protocol::Udp => UDP,
            Protocol::Icmp => ICMP,
            Protocol::Tcp if self.is_closing() => TRANSITORY,
            Protocol::Tcp if self.syn == [true; 2] => ESTABLISHED,
            Protocol::Tcp => TRANSITORY,
        };
        let is_kept = match self.protocol {
            Protocol::Tcp => !was_closing,
            _ => is_out,
        };
        if is_kept {
            self.until = now + lifetime;
        }
    }
}

impl Nat {
    /// One that remembers nothing yet.
    pub fn new(config: Config) -> Self {
        Self { config, sessions: vec![] }
    }

    /// A packet from inside. If its end has no outside port, it gets the lowest that is free, and if there is none, nothing
    /// leaves. A TCP session begins with a SYN, whichever way it goes; what belongs to no session and has none is dropped.
    ///
    /// What is for the NAT's own address leaves, and comes in, as if it had gone to the next router and back.
    pub fn leave(&mut self, segment: &Segment, now: Duration) -> Lab<Verdict> {
        if *segment.destination.ip() == self.config.public {
            return self.turn_back(segment, now);
        }
        Ok(self.outward(segment, now).map_or(Verdict::Drop, Verdict::Out))
    }

    /// A packet from outside, for the NAT's address. It comes in if its port has a session with its source, or is forwarded.
    ///
    /// A session of UDP or ICMP is kept by what leaves, and not by what comes; one of TCP by either. When FINs went both ways or a
    /// RST either way, the time of that packet counts, and nothing keeps it longer.
    pub fn enter(&mut self, segment: &Segment, now: Duration) -> Lab<Verdict> {
        Ok(self.inward(segment, now).map_or(Verdict::Drop, Verdict::In))
    }

    /// Whose packet an ICMP error quotes: it left with an outside end as its source. `None`: nobody's.
    pub fn whose(&self, quoted: &Segment, now: Duration) -> Lab<Option<SocketAddrV4>> {
        Ok(self.behind(quoted.protocol, quoted.source.port(), now))
    }

    /// The outside end from which a packet leaves.
    fn outward(&mut self, segment: &Segment, now: Duration) -> Option<SocketAddrV4> {
        let (protocol, inside) = (segment.protocol, segment.source);
        let port = self.port_of(protocol, inside, now).or_else(|| self.free_port(protocol, now))?;
        self.pass(segment, inside, (port, segment.destination), true, now)?;
        Some(SocketAddrV4::new(self.config.public, port))
    }

    /// The inside end to which a packet goes.
    fn inward(&mut self, segment: &Segment, now: Duration) -> Option<SocketAddrV4> {
        let (protocol, port, peer) = (segment.protocol, segment.destination.port(), segment.source);
        let inside = self.behind(protocol, port, now)?;
        let is_forwarded = self.forward(protocol, port).is_some();
        let is_known = self.living(now).any(|own| (own.protocol, own.port, own.peer) == (protocol, port, peer));
        if !is_forwarded && !is_known {
            return None;
        }
        self.pass(segment, inside, (port, peer), false, now)?;
        Some(inside)
    }

    fn turn_back(&mut self, segment: &Segment, now: Duration) -> Lab<Verdict> {
        if self.behind(segment.protocol, segment.destination.port(), now).is_none() {
            return Ok(Verdict::Drop);
        }
        let Some(source) = self.outward(segment, now) else { return Ok(Verdict::Drop) };
        let seen = Segment { source, ..*segment };
        Ok(self.inward(&seen, now).map_or(Verdict::Drop, |inside| Verdict::Back(source, inside)))
    }

    /// A packet passes in a session, which it may begin.
    fn pass(
        &mut self,
        segment: &Segment,
        inside: SocketAddrV4,
        (port, peer): (u16, SocketAddrV4),
        is_out: bool,
        now: Duration,
    ) -> Option<()> {
        self.sessions.retain(|own| own.until > now);
        let protocol = segment.protocol;
        let is_it = |own: &Session| (own.protocol, own.port, own.peer) == (protocol, port, peer);
        if let Some(own) = self.sessions.iter_mut().find(|own| is_it(own)) {
            own.pass(segment, is_out, now);
            return Some(());
        }
        if protocol == Protocol::Tcp && !segment.syn {
            return None;
        }
        let (syn, fin, rst) = ([false; 2], [false; 2], false);
        // A datagram that comes in by a forwarded port begins a session too, though it would keep none.
        let mut own = Session { protocol, inside, port, peer, syn, fin, rst, until: now + UDP };
        own.pass(segment, is_out, now);
        self.sessions.push(own);
        Some(())
    }

    fn living(&self, now: Duration) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |own| own.until > now)
    }

    fn forward(&self, protocol: Protocol, port: u16) -> Option<&Forward> {
        self.config.forwards.iter().find(|own| (own.protocol, own.port) == (protocol, port))
    }

    /// The outside port of an inside end, if it has one.
    fn port_of(&self, protocol: Protocol, inside: SocketAddrV4, now: Duration) -> Option<u16> {
        let forwarded = self.config.forwards.iter().find(|own| (own.protocol, own.to) == (protocol, inside));
        let given = self.living(now).find(|own| (own.protocol, own.inside) == (protocol, inside));
        let _ = forwarded;
        given.map(|own| own.port).filter(|port| self.forward(protocol, *port).is_none())
    }

    /// The inside end behind an outside port, if there is one.
    fn behind(&self, protocol: Protocol, port: u16, now: Duration) -> Option<SocketAddrV4> {
        let given = self.living(now).find(|own| (own.protocol, own.port) == (protocol, port));
        self.forward(protocol, port).map(|own| own.to).or(given.map(|own| own.inside))
    }

    /// The lowest port that nobody has.
    fn free_port(&self, protocol: Protocol, now: Duration) -> Option<u16> {
        self.config.ports.clone().find(|port| self.behind(protocol, *port, now).is_none())
    }
}
