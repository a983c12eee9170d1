//! Lab 2: write the bodies of these functions. `cargo lab check 02` says how far you are, `cargo lab hint 02` helps.
//!
//! An address is 32 bits: `u32::from(addr)` and `Ipv4Addr::from(bits)` lead from the one to the other.

use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;

/// The mask of a prefix: as many ones from the left as it says, of 32 bits. `None`: there is none so long.
pub fn mask(prefix: u8) -> Lab<Option<Ipv4Addr>> {
    Err(LabError::NotYet)
}

/// The first address of the network that `addr` is in: its host part is all zeros. `prefix` is 32 at most.
pub fn network(addr: Ipv4Addr, prefix: u8) -> Lab<Ipv4Addr> {
    Err(LabError::NotYet)
}

/// The last address of the network that `addr` is in, to all of its hosts: the host part is all ones. `None`: there is no such
/// address, as in a network of one or two.
pub fn broadcast(addr: Ipv4Addr, prefix: u8) -> Lab<Option<Ipv4Addr>> {
    Err(LabError::NotYet)
}

/// How many hosts can have an address in a network with this prefix: of /24 they are 254, of /31 both, of /32 it is the one.
pub fn hosts(prefix: u8) -> Lab<u64> {
    Err(LabError::NotYet)
}

/// Whether `a` and `b` are in one network of this prefix.
pub fn same_subnet(a: Ipv4Addr, b: Ipv4Addr, prefix: u8) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// The address whose hardware address is asked for, to send a packet to `dst` from a host with the addresses `own`, each with
/// its prefix: the destination itself if it is on a link of ours, else the gateway, if there is one.
pub fn next_hop(own: &[(Ipv4Addr, u8)], gateway: Option<Ipv4Addr>, dst: Ipv4Addr) -> Lab<Option<Ipv4Addr>> {
    Err(LabError::NotYet)
}
