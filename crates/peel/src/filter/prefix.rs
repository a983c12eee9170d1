//! Addresses that begin alike.

use std::net::IpAddr;

/// All addresses whose first bits are those of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    address: IpAddr,
    bits: u8,
}

impl Prefix {
    /// `ADDRESS/BITS`, or one address alone.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
        };
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether it is one address.
    pub(super) fn is_host(self) -> bool {
        self.bits == if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// Whether `other` is one of them.
    pub(super) fn contains(self, other: IpAddr) -> bool {
        let differ = match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
            (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
            _ => return false,
        };
        differ.leading_zeros() >= u32::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_has_the_addresses_that_begin_with_its_bits() {
        let contains = |net: &str, address: &str| Prefix::read(net).unwrap().contains(address.parse().unwrap());
        for (net, inside, outside) in [
            ("10.0.0.0/24", "10.0.0.255", "10.0.1.0"),
            ("10.0.0.7/24", "10.0.0.0", "10.1.0.7"),
            ("192.0.2.128/25", "192.0.2.200", "192.0.2.127"),
            ("10.0.0.5", "10.0.0.5", "10.0.0.4"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("fe80::1", "fe80::1", "fe80::2"),
        ] {
            assert!(contains(net, inside) && !contains(net, outside), "{net}");
        }
        assert!(contains("0.0.0.0/0", "255.1.2.3") && contains("::/0", "ff02::1"));
        assert!(!contains("::/0", "10.0.0.1") && !contains("0.0.0.0/0", "::ffff:10.0.0.1"), "families do not mix");
    }

    #[test]
    fn what_is_no_prefix_is_none() {
        for wrong in ["", "/", "10.0.0/24", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "::/129", "10.0.0.0/24/8", "x"] {
            assert_eq!(Prefix::read(wrong), None, "{wrong}");
        }
        assert!(Prefix::read("10.0.0.5/32").unwrap().is_host() && !Prefix::read("10.0.0.4/31").unwrap().is_host());
    }
}
