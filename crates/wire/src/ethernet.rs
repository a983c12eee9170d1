//! The frame on a link: Ethernet II, and the tag of a virtual LAN.
//!
//! Obeys RFC 894 (IPv4 in Ethernet II), RFC 9542 section 3 (`EtherType`s) and IEEE 802.1Q (the tag).
//!
//! ```text
#![doc = include_str!("ethernet.txt")]
//! ```
//!
//! ```
//! use wire::{Mac, ethernet::{self, Ethernet}};
//!
//! let header = Ethernet { destination: Mac::BROADCAST, source: Mac([2, 0, 0, 0, 0, 0xaa]), ethertype: ethernet::ARP };
//! let frame = header.frame(b"who has 10.0.0.5?");
//! assert!(Ethernet::take(&frame)?.1.starts_with(b"who has 10.0.0.5?"));
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: the preamble and the frame check sequence, which no program sees; IEEE 802.3 length fields (values below 1536).

use crate::fields::Show::{Dec, Flag, NamedHex, Station};
use crate::{Mac, header};

/// EtherType of IPv4, RFC 894.
pub const IPV4: u16 = 0x0800;
/// EtherType of ARP, RFC 826.
pub const ARP: u16 = 0x0806;
/// EtherType of a tag, IEEE 802.1Q: the tag's own EtherType follows.
pub const TAG: u16 = 0x8100;
/// EtherType of IPv6, RFC 2464 section 3.
pub const IPV6: u16 = 0x86dd;

/// The least EtherType: what is below stands in frames of IEEE 802.3, and is a length (RFC 9542 section 3).
pub const LEAST_TYPE: u16 = 0x0600;

/// The shortest frame on Ethernet, without the check sequence: RFC 894 has shorter packets padded up to it.
pub const MIN_FRAME: usize = 60;

pub(crate) const TYPES: &[(u64, &str)] = &[(0x0800, "IPv4"), (0x0806, "ARP"), (0x8100, "802.1Q tag"), (0x86dd, "IPv6")];

header! {
    /// The header of a frame.
    Ethernet, "Ethernet", 14 bytes;
    48 destination: Mac, "Destination", Station;
    48 source:      Mac, "Source",      Station;
    16 ethertype:   u16, "EtherType",   NamedHex(TYPES);
}

header! {
    /// What follows [`TAG`]: the rest of an IEEE 802.1Q tag, and the EtherType of what is tagged.
    Tag, "802.1Q", 4 bytes;
     3 priority:      u8,   "PCP",       Dec;
     1 drop_eligible: bool, "DEI",       Flag;
    12 vlan:          u16,  "VLAN",      Dec;
    16 ethertype:     u16,  "EtherType", NamedHex(TYPES);
}

impl Ethernet {
    /// A frame of this header and `payload`, padded with zeros to [`MIN_FRAME`].
    #[must_use]
    pub fn frame(&self, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(MIN_FRAME.max(Self::LEN + payload.len()));
        frame.extend_from_slice(&self.bytes());
        frame.extend_from_slice(payload);
        frame.resize(MIN_FRAME.max(frame.len()), 0);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("ethernet", include_str!("ethernet.txt"), Ethernet::FIELDS);
    }

    #[test]
    fn short_payload_is_padded_and_long_is_not() {
        let header = Ethernet { destination: Mac::BROADCAST, source: Mac::ZERO, ethertype: ARP };
        assert_eq!(header.frame(&[1; 28]).len(), 60);
        assert_eq!(header.frame(&[1; 47]).len(), 61);
    }

    #[test]
    fn tag_has_twelve_bits_of_vlan_beside_its_priority() {
        let (tag, rest) = Tag::take(&[0xb0, 0x64, 0x08, 0x00]).unwrap();
        assert_eq!(tag, Tag { priority: 5, drop_eligible: true, vlan: 100, ethertype: IPV4 });
        assert!(rest.is_empty());
    }
}
