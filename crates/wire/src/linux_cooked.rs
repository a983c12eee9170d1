//! What Linux puts in front of a packet that it captured on all interfaces at once: no header of a link, but what is known of it.
//!
//! The layouts are those of the capture formats with the numbers 113 (version 1) and 276 (version 2).
//!
//! ```text
#![doc = include_str!("linux_cooked.txt")]
#![doc = include_str!("linux_cooked2.txt")]
//! ```

use crate::fields::Show::{Bytes, Dec, Named, NamedHex};
use crate::{ethernet, header};

const PACKET_TYPES: &[(u64, &str)] =
    &[(0, "to us"), (1, "broadcast"), (2, "multicast"), (3, "to somebody else"), (4, "sent by us")];
const HARDWARE: &[(u64, &str)] = &[
    (1, "Ethernet"),
    (512, "PPP"),
    (768, "IPIP tunnel"),
    (772, "loopback"),
    (776, "SIT tunnel"),
    (824, "netlink"),
    (65534, "none"),
];

/// The kind of interface whose protocol field is no `EtherType`, but the number of a netlink family.
pub const NETLINK: u16 = 824;

header! {
    /// Version 1.
    LinuxCooked, "Linux cooked capture", 16 bytes;
    16 packet_type:    u16,     "Packet Type",    Named(PACKET_TYPES);
    16 hardware_type:  u16,     "ARPHRD_ Type",   Named(HARDWARE);
    16 address_length: u16,     "Address Length", Dec;
    64 address:        [u8; 8], "Address",        Bytes;
    16 protocol:       u16,     "Protocol",       NamedHex(ethernet::TYPES);
}

header! {
    /// Version 2.
    LinuxCooked2, "Linux cooked capture v2", 20 bytes;
    16 protocol:        u16,     "Protocol",        NamedHex(ethernet::TYPES);
    16 reserved:        u16,     "Reserved",        Dec;
    32 interface_index: u32,     "Interface Index", Dec;
    16 hardware_type:   u16,     "ARPHRD_ Type",    Named(HARDWARE);
     8 packet_type:     u8,      "Packet Type",     Named(PACKET_TYPES);
     8 address_length:  u8,      "Address Length",  Dec;
    64 address:         [u8; 8], "Address",         Bytes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figures_in_the_docs_are_the_tables() {
        check_figure("linux_cooked", include_str!("linux_cooked.txt"), LinuxCooked::FIELDS);
        check_figure("linux_cooked2", include_str!("linux_cooked2.txt"), LinuxCooked2::FIELDS);
    }

    #[test]
    fn address_of_six_bytes_has_two_that_are_unused() {
        let (cooked, rest) = LinuxCooked::take(&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 0xaa, 0, 0, 8, 0, 0x45]).unwrap();
        assert_eq!(
            (cooked.packet_type, cooked.address, cooked.protocol),
            (4, [2, 0, 0, 0, 0, 0xaa, 0, 0], ethernet::IPV4)
        );
        assert_eq!(rest, [0x45]);
    }
}
