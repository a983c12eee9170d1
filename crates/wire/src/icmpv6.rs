//! ICMP for IPv6: echo, errors, and the discovery of neighbours, which IPv4 leaves to ARP and DHCP.
//!
//! Obeys RFC 4443 (errors, echo) and RFC 4861 section 4 (neighbour discovery); RFC 4884 section 4 for the length of the quote,
//! RFC 4191 section 2.2 and RFC 6275 section 7.1 for two more flags of a router.
//!
//! All messages begin as those of IPv4 do:
//!
//! ```text
#![doc = include_str!("icmpv6.txt")]
//! ```
//!
//! What follows differs by type; each is a table of its own. [`crate::icmpv6::options`] has the options behind those of
//! neighbour discovery.
//!
//! ```
//! use std::net::Ipv6Addr;
//! use wire::icmpv6::{self, Icmpv6, NeighborSolicitation, options};
//!
//! let (me, you): (Ipv6Addr, Ipv6Addr) = ("fe80::1".parse().unwrap(), "fe80::2".parse().unwrap());
//! let group = icmpv6::solicited_node(you);
//! let question = NeighborSolicitation { reserved: 0, target: you }.bytes();
//! let message = icmpv6::message(me, group, icmpv6::NEIGHBOR_SOLICITATION, 0, &question);
//! assert!(icmpv6::is_intact(me, group, &message));
//!
//! let (icmp, rest) = Icmpv6::take(&message)?;
//! assert_eq!(icmp.kind, 135);
//! assert_eq!(NeighborSolicitation::take(rest)?.0.target, you);
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: the reports of group members (MLD), and mobility.

pub mod options;

use crate::checksum::Checksum;
use crate::fields::Show::{Addr6, Dec, Flag, Hex, Named};
use crate::{header, ipv6};
use std::net::Ipv6Addr;

/// Type of "destination unreachable", RFC 4443 section 3.1; the code says why.
pub const UNREACHABLE: u8 = 1;
/// Type of "packet too big", RFC 4443 section 3.2: only the sender may cut it.
pub const PACKET_TOO_BIG: u8 = 2;
/// Type of "time exceeded", RFC 4443 section 3.3.
pub const TIME_EXCEEDED: u8 = 3;
/// Type of "parameter problem", RFC 4443 section 3.4.
pub const PARAMETER_PROBLEM: u8 = 4;
/// Type of an echo request, RFC 4443 section 4.1.
pub const ECHO_REQUEST: u8 = 128;
/// Type of an echo reply, RFC 4443 section 4.2.
pub const ECHO_REPLY: u8 = 129;
/// Type of "are there routers?", RFC 4861 section 4.1.
pub const ROUTER_SOLICITATION: u8 = 133;
/// Type of "I am a router", RFC 4861 section 4.2.
pub const ROUTER_ADVERTISEMENT: u8 = 134;
/// Type of "who has this address?", RFC 4861 section 4.3.
pub const NEIGHBOR_SOLICITATION: u8 = 135;
/// Type of "I have this address", RFC 4861 section 4.4.
pub const NEIGHBOR_ADVERTISEMENT: u8 = 136;
/// Type of "there is a better first hop", RFC 4861 section 4.5.
pub const REDIRECT: u8 = 137;

header! {
    /// The word that all messages begin with.
    Icmpv6, "ICMPv6", 4 bytes;
     8 kind:     u8,  "Type",     Named(&[(1, "destination unreachable"), (2, "packet too big"), (3, "time exceeded"),
                                          (4, "parameter problem"), (128, "echo request"), (129, "echo reply"),
                                          (130, "listener query"), (131, "listener report"), (132, "listener done"),
                                          (133, "router solicitation"), (134, "router advertisement"),
                                          (135, "neighbour solicitation"), (136, "neighbour advertisement"),
                                          (137, "redirect"), (143, "listener report, version 2")]);
     8 code:     u8,  "Code",     Dec;
    16 checksum: u16, "Checksum", Hex;
}

header! {
    /// Second word of "destination unreachable" and of "time exceeded"; RFC 4884 sections 4.4 and 4.5 put the length in.
    Error, "ICMPv6 error", 4 bytes;
     8 length: u8,  "Length", Dec;
    24 unused: u32, "Unused", Dec;
}

header! {
    /// Second word of "packet too big", RFC 4443 section 3.2.
    PacketTooBig, "ICMPv6 packet too big", 4 bytes;
    32 mtu: u32, "MTU", Dec;
}

header! {
    /// Second word of "parameter problem", RFC 4443 section 3.4.
    ParameterProblem, "ICMPv6 parameter problem", 4 bytes;
    32 pointer: u32, "Pointer", Dec;
}

header! {
    /// Body of a router solicitation, RFC 4861 section 4.1; options follow.
    RouterSolicitation, "router solicitation", 4 bytes;
    32 reserved: u32, "Reserved", Dec;
}

header! {
    /// Body of a router advertisement, RFC 4861 section 4.2; options follow.
    RouterAdvertisement, "router advertisement", 12 bytes;
     8 cur_hop_limit:   u8,   "Cur Hop Limit",   Dec;
     1 managed:         bool, "M",               Flag;
     1 other:           bool, "O",               Flag;
     1 home_agent:      bool, "H",               Flag;
     2 preference:      u8,   "Prf",             Named(&[(0, "medium"), (1, "high"), (2, "reserved"), (3, "low")]);
     3 reserved:        u8,   "Res",             Dec;
    16 router_lifetime: u16,  "Router Lifetime", Dec;
    32 reachable_time:  u32,  "Reachable Time",  Dec;
    32 retrans_timer:   u32,  "Retrans Timer",   Dec;
}

header! {
    /// Body of a neighbour solicitation, RFC 4861 section 4.3; options follow.
    NeighborSolicitation, "neighbour solicitation", 20 bytes;
     32 reserved: u32,      "Reserved",       Dec;
    128 target:   Ipv6Addr, "Target Address", Addr6;
}

header! {
    /// Body of a neighbour advertisement, RFC 4861 section 4.4; options follow.
    NeighborAdvertisement, "neighbour advertisement", 20 bytes;
      1 router:    bool,     "R",              Flag;
      1 solicited: bool,     "S",              Flag;
      1 overrides: bool,     "O",              Flag;
     29 reserved:  u32,      "Reserved",       Dec;
    128 target:    Ipv6Addr, "Target Address", Addr6;
}

header! {
    /// Body of a redirect, RFC 4861 section 4.5; options follow.
    Redirect, "ICMPv6 redirect", 36 bytes;
     32 reserved:    u32,      "Reserved",            Dec;
    128 target:      Ipv6Addr, "Target Address",      Addr6;
    128 destination: Ipv6Addr, "Destination Address", Addr6;
}

/// A message of `kind` and `code` with `body`, and with its checksum.
///
/// RFC 4443 section 2.3: unlike that of IPv4 it covers a pseudo-header, since IPv6 has no checksum of its own.
#[must_use]
pub fn message(source: Ipv6Addr, destination: Ipv6Addr, kind: u8, code: u8, body: &[u8]) -> Vec<u8> {
    let unsealed = Icmpv6 { kind, code, checksum: 0 };
    let sum =
        Checksum::default().pseudo_header(source.into(), destination.into(), ipv6::ICMPV6, Icmpv6::LEN + body.len());
    let checksum = sum.add(&unsealed.bytes()).add(body).finish();
    [&Icmpv6 { checksum, ..unsealed }.bytes()[..], body].concat()
}

/// Whether the checksum over the whole message is right between these addresses.
#[must_use]
pub fn is_intact(source: Ipv6Addr, destination: Ipv6Addr, message: &[u8]) -> bool {
    let sum = Checksum::default().pseudo_header(source.into(), destination.into(), ipv6::ICMPV6, message.len());
    message.len() >= Icmpv6::LEN && sum.add(message).finish() == 0
}

/// The group in which the owner of `address` listens for questions: `ff02::1:ff` and its last three bytes.
///
/// RFC 4291 section 2.7.1. So a question reaches few stations, where one by ARP reaches all.
#[must_use]
pub fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::from_octets([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("icmpv6", include_str!("icmpv6.txt"), Icmpv6::FIELDS);
    }

    #[test]
    fn checksum_covers_the_addresses_and_all_of_the_message() {
        let (me, you) = (Ipv6Addr::LOCALHOST, "2001:db8::2".parse().unwrap());
        let message = message(me, you, ECHO_REQUEST, 0, &[0, 1, 0, 2, b'o', b'd', b'd']);
        assert!(is_intact(me, you, &message) && !is_intact(you, you, &message) && !is_intact(me, you, &message[..3]));
        for byte in 0..message.len() {
            let mut flipped = message.clone();
            flipped[byte] ^= 1;
            assert!(!is_intact(me, you, &flipped), "byte {byte}");
        }
    }

    #[test]
    fn bodies_are_those_of_the_rfc_figures() {
        let advertisement = RouterAdvertisement {
            cur_hop_limit: 64,
            managed: true,
            other: false,
            home_agent: false,
            preference: 3,
            reserved: 0,
            router_lifetime: 1800,
            reachable_time: 1,
            retrans_timer: 2,
        };
        assert_eq!(advertisement.bytes(), [64, 0x98, 0x07, 0x08, 0, 0, 0, 1, 0, 0, 0, 2]);
        let target = "fe80::2".parse().unwrap();
        let answer = NeighborAdvertisement { router: false, solicited: true, overrides: true, reserved: 0, target };
        assert_eq!(answer.bytes()[..6], [0x60, 0, 0, 0, 0xfe, 0x80]);
    }

    #[test]
    fn question_goes_to_the_group_of_the_last_three_bytes() {
        let group = solicited_node("4037::01:800:200e:8c6c".parse().unwrap());
        assert_eq!(group.to_string(), "ff02::1:ff0e:8c6c");
    }
}
