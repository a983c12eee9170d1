//! The Internet checksum, RFC 1071, and its update when one word changes, RFC 1624.

use std::net::IpAddr;

/// A running one's complement sum over bytes.
///
/// Words are added in the machine's own byte order and the result is swapped once at the end: RFC 1071 section 2(B), "byte
/// order independence". They are added two at a time, as numbers of 32 bits that are folded to 16 at the end: section 2(C),
/// "parallel summation". Both together let the compiler add many words at a time. The sum has room for 16 GiB.
///
/// ```
/// use wire::checksum::Checksum;
/// // The worked example of RFC 1071 section 3.
/// let sum = Checksum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
/// assert_eq!(sum.finish(), !0xddf2);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Checksum(u64);

impl Checksum {
    /// Adds `bytes`, as if they stood at an even offset; an odd last byte is padded with zero.
    #[inline]
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "bytes are added to a sum; `+` would hide the padding")]
    pub fn add(mut self, bytes: &[u8]) -> Self {
        let (longs, mut rest) = bytes.as_chunks::<8>();
        self.0 += longs.iter().map(|&long| halves(u64::from_ne_bytes(long))).sum::<u64>();
        if let Some((&four, behind)) = rest.split_first_chunk() {
            self.0 += u64::from(u32::from_ne_bytes(four));
            rest = behind;
        }
        if let Some((&two, behind)) = rest.split_first_chunk() {
            self.0 += u64::from(u16::from_ne_bytes(two));
            rest = behind;
        }
        if let [byte] = *rest {
            self.0 += u64::from(u16::from_ne_bytes([byte, 0]));
        }
        self
    }

    /// Adds one 16-bit word.
    #[inline]
    #[must_use]
    pub fn word(mut self, word: u16) -> Self {
        self.0 += u64::from(word.to_be());
        self
    }

    /// Adds the pseudo-header of a transport protocol.
    ///
    /// RFC 768 for IPv4: the addresses, a zero byte, the protocol and the length of header and data. RFC 8200 section 8.1 for
    /// IPv6: the same in wider fields, which add up alike. `len` is in bytes. Addresses of two families have no such header:
    /// then nothing that was summed here can be right.
    #[inline]
    #[must_use]
    pub fn pseudo_header(self, source: IpAddr, destination: IpAddr, protocol: u8, len: usize) -> Self {
        let addresses = match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => self.add(&source.octets()).add(&destination.octets()),
            (source, destination) => self.add(&v6(source)).add(&v6(destination)),
        };
        addresses.add(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()).word(u16::from(protocol))
    }

    /// The complement of the folded sum: what goes into the field, and zero when the right field was already in.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "folded to 16 bits above")]
    pub fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16).to_be()
    }
}

/// Both halves of eight bytes, added: a number of 32 bits is two words side by side.
fn halves(long: u64) -> u64 {
    (long & 0xffff_ffff) + (long >> 32)
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// The checksum after one 16-bit word that it covers changed from `old` to `new`.
///
/// RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m'). The simpler equation of RFC 1141 gives 0xffff where 0x0000 is
/// right (RFC 1624 section 4).
#[must_use]
pub fn update(checksum: u16, old: u16, new: u16) -> u16 {
    Checksum::default().word(!checksum).word(!old).word(new).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_last_byte_is_the_high_half_of_a_word() {
        assert_eq!(Checksum::default().add(&[0xab]).finish(), !0xab00);
    }

    #[test]
    fn sum_that_carries_again_after_the_first_fold() {
        // 0xffff and 1 make 0x1_0000, folded 0x0001; with 0xffff in front the fold carries again.
        assert_eq!(Checksum::default().add(&[0xff, 0xff, 0xff, 0xff, 0x00, 0x01]).finish(), !0x0001);
        assert_eq!(Checksum::default().add(&vec![0xff; 1 << 20]).finish(), 0);
    }

    #[test]
    fn update_is_right_in_the_corner_where_rfc_1141_is_not() {
        // RFC 1624 section 4: HC = 0xdd2f, m = 0x5555, m' = 0x3285.
        assert_eq!(update(0xdd2f, 0x5555, 0x3285), 0x0000);
    }
}
