//! The two ends of a connection, and the numbers that a host draws for them: RFC 9293 section 3.4.1 (initial sequence number) and
//! RFC 6056 section 3.3.3 (ephemeral port).
//!
//! Both are functions of the ends that nobody outside can compute, and here of the seed, plus something that only grows: the clock
//! for the one, a count for the other. So neither comes back soon for the same two hosts, and both look random to anybody else.

use super::super::Stack;
use crate::random::{fnv_1a, mix};
use host::{Error, Result, Time};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use tcp::Seq;

/// The first of the ports that are given to who asks for none: RFC 6335 section 6, "dynamic ports".
pub(super) const FIRST_DYNAMIC_PORT: u16 = 49_152;
/// RFC 9293 section 3.4.1: the clock of initial sequence numbers "is incremented roughly every 4 microseconds".
const TICK: u64 = 4_000;

/// Addresses and ports of both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ends {
    pub(crate) own: SocketAddrV4,
    pub(crate) peer: SocketAddrV4,
}

impl Ends {
    /// As the other side sees them.
    pub(crate) fn opposite(self) -> Self {
        Self { own: self.peer, peer: self.own }
    }
}

impl Stack {
    /// "ISN = M + F(localip, localport, remoteip, remoteport, secretkey)"
    pub(super) fn initial_sequence_number(&self, now: Time, ends: Ends) -> Seq {
        let end = |end: SocketAddrV4| u64::from(u32::from(*end.ip())) << 16 | u64::from(end.port());
        let f = self.scrambled(&[end(ends.own), end(ends.peer)]);
        #[expect(clippy::cast_possible_truncation, reason = "numbers go round the circle, as the clock does")]
        let m = (now.0 / TICK) as u32;
        Seq(f) + m
    }

    /// A port for a connection to `peer` that nobody here has.
    ///
    /// RFC 6056 section 3.3.3, algorithm 3: `port = min_ephemeral + (next_ephemeral + offset) % num_ephemeral`, where `offset` is a
    /// function of the other three numbers.
    pub(super) fn ephemeral_port(&mut self, own: Ipv4Addr, peer: SocketAddrV4) -> Result<u16> {
        let peer_number = u64::from(u32::from(*peer.ip())) << 16 | u64::from(peer.port());
        let offset = self.scrambled(&[u64::from(u32::from(own)), peer_number]);
        let count = u16::MAX - FIRST_DYNAMIC_PORT + 1;
        for _ in 0..count {
            let place = (offset + u32::from(self.tcp.ports_given)) % u32::from(count);
            self.tcp.ports_given = (self.tcp.ports_given + 1) % count;
            let port = FIRST_DYNAMIC_PORT + u16::try_from(place).unwrap_or(0);
            let own = SocketAddrV4::new(own, port);
            if !self.tcp.by_ends.contains_key(&Ends { own, peer }) && self.tcp.door(own).is_none() {
                return Ok(port);
            }
        }
        Err(Error::AddressInUse(SocketAddr::V4(SocketAddrV4::new(own, 0))))
    }

    fn scrambled(&self, numbers: &[u64]) -> u32 {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        u32::try_from(mix(self.tcp.secret ^ fnv_1a(&bytes)) >> 32).unwrap_or(0)
    }
}
