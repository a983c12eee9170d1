//! The address of a station on a link.

use std::fmt;
use std::str::FromStr;

/// A 48-bit link-layer address, IEEE 802 (RFC 9542 section 2 tells its parts).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// To every station on the link.
    pub const BROADCAST: Mac = Mac([0xff; 6]);
    /// Not known, or nobody: what an ARP request has as the target's address.
    pub const ZERO: Mac = Mac([0; 6]);

    /// Whether it names a group of stations (broadcast among them), and so can be no sender.
    ///
    /// RFC 9542 section 2.1: the group bit is the lowest bit of the first octet, which is sent first.
    #[must_use]
    pub fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not six octets of two hexadecimal digits with colons between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacError;

impl fmt::Display for MacError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a MAC address is six pairs of hexadecimal digits, as in 02:00:00:00:00:aa")
    }
}

impl std::error::Error for MacError {}

impl FromStr for Mac {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let octet = |pair: &str| match pair.as_bytes() {
            [a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                u8::from_str_radix(pair, 16).map_err(|_| MacError)
            }
            _ => Err(MacError),
        };
        let octets = text.split(':').map(octet).collect::<Result<Vec<u8>, _>>()?;
        octets.try_into().map(Mac).map_err(|_| MacError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_address_are_inverse_to_each_other() {
        let mac: Mac = "02:00:00:00:00:aa".parse().unwrap();
        assert_eq!(mac, Mac([2, 0, 0, 0, 0, 0xaa]));
        assert_eq!(mac.to_string(), "02:00:00:00:00:aa");
        for wrong in ["", "02:00:00:00:00", "02:00:00:00:00:aa:bb", "02:00:00:00:00:+a", "2:0:0:0:0:a"] {
            assert_eq!(wrong.parse::<Mac>(), Err(MacError), "{wrong}");
        }
    }

    #[test]
    fn group_bit_is_the_first_on_the_wire() {
        assert!("bb:ab:dd:11:22:33".parse::<Mac>().unwrap().is_group());
        assert!(!"00:00:5e:00:53:af".parse::<Mac>().unwrap().is_group());
        assert!(Mac::BROADCAST.is_group());
    }
}
