//! A prefix: the addresses that begin with the same bits, written `10.0.0.0/24` (RFC 4632 section 3.1).
//!
//! ```
//! use arping::prefix::Prefix;
//!
//! let link = Prefix::of([10, 0, 0, 2].into(), 24);
//! assert_eq!(link.to_string(), "10.0.0.0/24");
//! assert_eq!(link.hosts().count(), 254);
//! ```

use serde::{Serialize, Serializer};
use std::fmt;
use std::net::Ipv4Addr;

/// The addresses whose first bits are those of `network`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// All bits behind the prefix are zero.
    network: Ipv4Addr,
    /// Bits, 32 at most.
    len: u8,
}

impl Prefix {
    /// The prefix of `len` bits that `address` is in. More than 32 bits are 32.
    #[must_use]
    pub fn of(address: Ipv4Addr, len: u8) -> Self {
        let len = len.min(32);
        Self { network: Ipv4Addr::from_bits(address.to_bits() & !host_bits(len)), len }
    }

    /// How many bits its addresses have in common.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.len
    }

    /// Its text, or that of its only address.
    #[must_use]
    pub fn name(self) -> String {
        if self.len == 32 { self.network.to_string() } else { self.to_string() }
    }

    /// Its first address.
    #[must_use]
    pub fn first(self) -> Ipv4Addr {
        self.network
    }

    /// Its last address.
    #[must_use]
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.network.to_bits() | host_bits(self.len))
    }

    /// Whether `address` is one of its own.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        Self::of(address, self.len) == self
    }

    /// Whether all addresses of `part` are its own too.
    #[must_use]
    pub fn covers(self, part: Self) -> bool {
        self.len <= part.len && self.contains(part.network)
    }

    /// The address that means everybody on a link with this prefix, where there is one.
    ///
    /// RFC 3021 section 2.1: with 31 bits, "the two addresses above MUST be interpreted as host addresses".
    #[must_use]
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        (self.len < 31).then(|| self.last())
    }

    /// Whether a host on a link with this prefix can have `address`: it is neither that of the network itself nor that of all
    /// on it (RFC 1122 section 3.2.1.3).
    #[must_use]
    pub fn is_host(self, address: Ipv4Addr) -> bool {
        self.contains(address) && (self.len >= 31 || address != self.first() && address != self.last())
    }

    /// All addresses, in their order.
    pub fn addresses(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.first().to_bits()..=self.last().to_bits()).map(Ipv4Addr::from_bits)
    }

    /// All addresses that hosts can have on a link with this prefix, in their order.
    pub fn hosts(self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses().filter(move |address| self.is_host(*address))
    }
}

/// The bits behind a prefix of `len` bits.
fn host_bits(len: u8) -> u32 {
    u32::MAX.checked_shr(len.into()).unwrap_or(0)
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.len)
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(network: [u8; 4], len: u8) -> Prefix {
        Prefix::of(network.into(), len)
    }

    fn hosts(network: [u8; 4], len: u8) -> Vec<String> {
        prefix(network, len).hosts().map(|address| address.to_string()).collect()
    }

    #[test]
    fn network_and_broadcast_address_are_no_hosts_unless_there_are_no_others() {
        assert_eq!(hosts([10, 0, 0, 0], 30), ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(hosts([10, 0, 0, 5], 31), ["10.0.0.4", "10.0.0.5"]);
        assert_eq!(hosts([10, 0, 0, 5], 32), ["10.0.0.5"]);
        assert_eq!(prefix([10, 0, 0, 0], 16).hosts().count(), 65_534);
        assert_eq!(prefix([10, 0, 0, 4], 31).broadcast(), None);
    }

    #[test]
    fn prefix_ends_where_the_addresses_end() {
        let last = prefix([255, 255, 255, 255], 24);
        assert_eq!((last.to_string().as_str(), last.last()), ("255.255.255.0/24", Ipv4Addr::BROADCAST));
        assert_eq!(last.addresses().count(), 256);
        assert!(prefix([1, 2, 3, 4], 0).contains(Ipv4Addr::BROADCAST));
        assert_eq!(prefix([1, 2, 3, 4], 99), prefix([1, 2, 3, 4], 32));
    }

    #[test]
    fn prefix_covers_its_parts_and_no_longer_one_covers_it() {
        let link = prefix([10, 0, 0, 0], 24);
        assert!(link.covers(link) && link.covers(prefix([10, 0, 0, 128], 25)));
        assert!(!link.covers(prefix([10, 0, 0, 0], 16)) && !link.covers(prefix([10, 0, 1, 0], 25)));
    }
}
