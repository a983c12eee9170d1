//! Address resolution: which station has this IPv4 address?
//!
//! Obeys RFC 826; RFC 5227 section 1.1 for probe and announcement.
//!
//! ```text
#![doc = include_str!("arp.txt")]
//! ```
//!
//! ```
//! use std::net::Ipv4Addr;
//! use wire::{Mac, arp::Arp};
//!
//! let me = (Mac([2, 0, 0, 0, 0, 0xaa]), Ipv4Addr::new(10, 0, 0, 2));
//! let you = (Mac([2, 0, 0, 0, 0, 0xdd]), Ipv4Addr::new(10, 0, 0, 5));
//! let request = Arp::request(me.0, me.1, you.1);
//! let reply = request.reply_from(you.0);
//! assert_eq!((reply.sender_mac, reply.sender, reply.target), (you.0, you.1, me.1));
//! ```
//!
//! Leaves out: hardware other than Ethernet and protocols other than IPv4, which [`Arp::parse`] refuses by name.

use crate::fields::Show::{Addr, Dec, Hex, Named, Station};
use crate::{Mac, Problem, WireError, header};
use std::net::Ipv4Addr;

/// Operation of a question, RFC 826.
pub const REQUEST: u16 = 1;
/// Operation of an answer, RFC 826.
pub const REPLY: u16 = 2;

header! {
    /// An ARP packet for IPv4 over Ethernet.
    Arp, "ARP", 28 bytes;
    16 hardware_type:   u16,      "Hardware Type",    Named(&[(1, "Ethernet")]);
    16 protocol_type:   u16,      "Protocol Type",    Hex;
     8 hardware_length: u8,       "Hardware Length",  Dec;
     8 protocol_length: u8,       "Protocol Length",  Dec;
    16 operation:       u16,      "Operation",        Named(&[(1, "request"), (2, "reply")]);
    48 sender_mac:      Mac,      "Sender Hardware Address", Station;
    32 sender:          Ipv4Addr, "Sender Protocol Address", Addr;
    48 target_mac:      Mac,      "Target Hardware Address", Station;
    32 target:          Ipv4Addr, "Target Protocol Address", Addr;
}

impl Arp {
    /// The packet in `bytes`, and what follows it (on Ethernet: the padding).
    ///
    /// # Errors
    /// When it is cut short, or is not about IPv4 over Ethernet. The operation may have any value: an unknown one is no
    /// reason not to learn from the sender's pair (RFC 826, "packet reception").
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let (arp, rest) = Self::take(bytes)?;
        let expected = [
            ("hardware_type", 0, u64::from(arp.hardware_type), 1),
            ("protocol_type", 2, u64::from(arp.protocol_type), 0x0800),
            ("hardware_length", 4, u64::from(arp.hardware_length), 6),
            ("protocol_length", 5, u64::from(arp.protocol_length), 4),
        ];
        for (field, byte, value, expected) in expected {
            if value != expected {
                return Err(WireError {
                    header: Self::TITLE,
                    field,
                    byte,
                    problem: Problem::Unexpected { value, expected },
                });
            }
        }
        Ok((arp, rest))
    }

    /// "Who has `target`? Tell `sender`."
    ///
    /// RFC 826 leaves the target's hardware address open; zero is what RFC 5227 section 1.1 recommends.
    #[must_use]
    pub fn request(sender_mac: Mac, sender: Ipv4Addr, target: Ipv4Addr) -> Self {
        Self {
            hardware_type: 1,
            protocol_type: 0x0800,
            hardware_length: 6,
            protocol_length: 4,
            operation: REQUEST,
            sender_mac,
            sender,
            target_mac: Mac::ZERO,
            target,
        }
    }

    /// The answer to this request by the station `mac`: the sender's and the target's pairs swapped (RFC 826).
    #[must_use]
    pub fn reply_from(&self, mac: Mac) -> Self {
        Self {
            operation: REPLY,
            sender_mac: mac,
            sender: self.target,
            target_mac: self.sender_mac,
            target: self.sender,
            ..*self
        }
    }

    /// RFC 5227 section 1.1: a probe is a request whose sender address is all zero, so that it spoils nobody's table.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.operation == REQUEST && self.sender.is_unspecified()
    }

    /// RFC 5227 section 1.1: in an announcement the sender's and the target's protocol addresses are the same.
    #[must_use]
    pub fn is_announcement(&self) -> bool {
        self.sender == self.target && !self.sender.is_unspecified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("arp", include_str!("arp.txt"), Arp::FIELDS);
    }

    #[test]
    fn packet_about_other_hardware_names_the_field_and_its_byte() {
        let mut bytes = Arp::request(Mac::ZERO, Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST).bytes();
        bytes[4] = 8;
        let error = Arp::parse(&bytes).unwrap_err();
        assert_eq!(error.to_string(), "ARP, byte 4: hardware_length is 8, and must be 6");
    }
}
