//! Network and host part of an address: RFC 4632 section 3.1.

use std::net::Ipv4Addr;

/// Whether `address` lies in the network of the first `prefix` bits of `network`.
pub(crate) fn prefix_contains(network: Ipv4Addr, prefix: u8, address: Ipv4Addr) -> bool {
    // /0 contains everything; shifting a `u32` by 32 is no shift, which `checked_shl` says with `None`.
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
    u32::from(network) & mask == u32::from(address) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_ends_at_its_bit() {
        let net = Ipv4Addr::new(10, 0, 0, 130);
        assert!(prefix_contains(net, 25, Ipv4Addr::new(10, 0, 0, 255)));
        assert!(!prefix_contains(net, 25, Ipv4Addr::new(10, 0, 0, 127)));
        assert!(prefix_contains(net, 0, Ipv4Addr::new(1, 2, 3, 4)));
        assert!(!prefix_contains(net, 32, Ipv4Addr::new(10, 0, 0, 131)));
    }
}
