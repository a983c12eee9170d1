//! Lab 6: write the bodies of these functions. `cargo lab check 06` says how far you are, `cargo lab hint 06` helps.
//!
//! You wrote the checksum in lab 3, so take `wire::checksum::Checksum`, which has a pseudo-header too. `wire` has all the other bytes
//! as well: whoever takes those has points and has learnt nothing.

use crate::probe_socket::ProbeSocket;
use host::Host;
use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::checksum::Checksum;

/// The port that all probes leave from.
pub const SOURCE_PORT: u16 = 45_678;

/// How far to look, and how.
pub struct Options {
    /// How many hops at the most.
    pub max_hops: u8,
    /// How many probes for each.
    pub probes: u8,
    /// How long each of them waits for its answer.
    pub wait: Duration,
    /// The port that the first probe is for. Each one after it is for the next port, so that an answer says which it is about.
    pub first_port: u16,
}

/// Who says what about a probe.
pub enum From {
    /// A router had to throw it away, since its time to live was over: type 11, code 0.
    Hop(Ipv4Addr),
    /// It arrived, and nobody listens at its port: type 3, code 3.
    Arrived(Ipv4Addr),
    /// It was not let through: type 3 with this other code.
    Refused(Ipv4Addr, u8),
}

/// What `trace` tells as it happens.
pub enum Event {
    /// A probe that left with this time to live was answered, so long after it left.
    Answer { ttl: u8, from: From, rtt: Duration },
    /// A probe that left with this time to live was not answered in its time.
    Silence { ttl: u8 },
}

/// The packet that finds out who is `ttl` hops away on the way to `dst`: IPv4, no options, and a UDP header for `port`, no data.
///
/// Identification, flags and the second byte are zero. Both checksums are right.
pub fn probe(src: Ipv4Addr, dst: Ipv4Addr, ttl: u8, port: u16) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// Which of our probes from `src` to `dst` the packet is about, by its port, and who says what. `None`: about none.
///
/// `packet` is an IPv4 packet, and not always one with ICMP in it.
pub fn answer(packet: &[u8], src: Ipv4Addr, dst: Ipv4Addr) -> Lab<Option<(u16, From)>> {
    Err(LabError::NotYet)
}

/// Sends `o.probes` probes for each hop from 1 on, one after the other, and tells of each what came of it.
///
/// A probe waits for its own answer, `o.wait` at the most; what comes later is not told any more. The last hop is the one where a
/// probe arrives or is refused, or number `o.max_hops`.
pub fn trace(host: &mut dyn Host, dst: Ipv4Addr, o: &Options, tell: &mut dyn FnMut(Event)) -> Lab<()> {
    let mut socket = ProbeSocket::open(host, dst)?;
    Err(LabError::NotYet)
}
