//! Lab 5: write the bodies of these functions. `cargo lab check 05` says how far you are, `cargo lab hint 05` helps.
//!
//! `wire` is there to be used: you wrote its checksum yourself in lab 3, so take `wire::checksum::Checksum`. It has ICMP too, and
//! whoever takes that has points and has learnt nothing.

use crate::ping_socket::PingSocket;
use host::Host;
use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::checksum::Checksum;

/// What to send, and how.
pub struct Options {
    /// How many requests.
    pub count: u16,
    /// How many bytes of data in each.
    pub size: usize,
    /// With which time to live they leave.
    pub ttl: u8,
    /// The identifier of all of them.
    pub id: u16,
}

/// What a packet that came is to us.
pub enum Answer {
    /// The answer to request `seq`: how its packet's TTL arrived, and how many bytes the ICMP message has.
    Reply { seq: u16, ttl: u8, bytes: usize },
    /// `from` says by ICMP type `kind` and `code` that request `seq` was not delivered.
    Error { from: Ipv4Addr, kind: u8, code: u8, seq: u16 },
    /// Somebody else's, or broken.
    NotMine,
}

/// What `ping` tells as it happens.
pub enum Event {
    /// The first answer to a request.
    Reply { seq: u16, ttl: u8, bytes: usize, rtt: Duration },
    /// A further answer to a request.
    Duplicate { seq: u16, rtt: Duration },
    /// A request was not delivered.
    Error { seq: u16, from: Ipv4Addr, kind: u8, code: u8 },
}

/// How it went.
pub struct Stats {
    /// Requests that left.
    pub sent: u32,
    /// Requests that were answered.
    pub received: u32,
    /// Answers beyond the first of each.
    pub duplicates: u32,
}

/// Round trip times, summed up.
pub struct Rtt {
    pub min: Duration,
    pub avg: Duration,
    pub max: Duration,
    /// The standard deviation of all of them (not of a sample).
    pub mdev: Duration,
}

/// An ICMP echo request.
pub fn request(id: u16, seq: u16, payload: &[u8]) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// What `packet`, an IPv4 packet with ICMP in it, is to us, who ping `dst` with identifier `id`.
///
/// Errors are the types 3 (unreachable), 11 (time exceeded) and 12 (parameter problem).
pub fn classify(packet: &[u8], dst: Ipv4Addr, id: u16) -> Lab<Answer> {
    Err(LabError::NotYet)
}

/// Sends `o.count` requests to `dst`, numbered from 1, one a second whatever happens, and tells what comes.
///
/// It listens until two seconds after the last request, whatever came before.
pub fn ping(host: &mut dyn Host, dst: Ipv4Addr, o: &Options, tell: &mut dyn FnMut(Event)) -> Lab<Stats> {
    let mut socket = PingSocket::open(host, dst, o.ttl)?;
    Err(LabError::NotYet)
}

/// What these round trip times come to; `None` if there are none.
pub fn statistics(rtts: &[Duration]) -> Lab<Option<Rtt>> {
    Err(LabError::NotYet)
}
