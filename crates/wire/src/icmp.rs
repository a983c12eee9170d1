//! The Internet Control Message Protocol: echo, and what routers and hosts say of packets they could not deliver.
//!
//! Obeys RFC 792, RFC 1122 section 3.2.2, RFC 1812 sections 4.3 and 5.2.7; RFC 1191 section 4 for the next hop's MTU and
//! RFC 4884 section 4 for the length of the quote.
//!
//! All messages begin alike:
//!
//! ```text
#![doc = include_str!("icmp.txt")]
//! ```
//!
//! The second word differs by type; it is a table of its own: [`Echo`], [`Unreachable`], [`TimeExceeded`],
//! [`ParameterProblem`], [`Redirect`].
//!
//! ```
//! use wire::icmp::{self, Message};
//!
//! let request = icmp::echo_request(8000, 1, b"first hop");
//! let (_, message) = icmp::parse(&request)?;
//! assert!(matches!(message, Message::EchoRequest { echo, data: b"first hop" } if echo.sequence == 1));
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: what timestamp, address mask and router discovery messages are for: there are tables of them, and to
//! [`parse`] they are [`Message::Other`]. What may stand behind a quote is told
//! in [`crate::extensions`].

use crate::checksum::Checksum;
use crate::extensions::{Extensions, LEAST_DATAGRAM};
use crate::fields::Show::{Addr, Dec, Hex, Named};
use crate::{WireError, header};
use std::net::Ipv4Addr;

/// Type of an echo reply.
pub const ECHO_REPLY: u8 = 0;
/// Type of "destination unreachable"; the code says why.
pub const UNREACHABLE: u8 = 3;
/// Type of "redirect": there is a better first hop.
pub const REDIRECT: u8 = 5;
/// Type of "source quench", which nobody sends any more (RFC 6633).
pub const SOURCE_QUENCH: u8 = 4;
/// Type of an echo request.
pub const ECHO_REQUEST: u8 = 8;
/// Type of a router advertisement, RFC 1256 section 3.
pub const ROUTER_ADVERTISEMENT: u8 = 9;
/// Type of a router solicitation, RFC 1256 section 3.
pub const ROUTER_SOLICITATION: u8 = 10;
/// Type of "time exceeded": code 0 on the way, code 1 while fragments were awaited.
pub const TIME_EXCEEDED: u8 = 11;
/// Type of "parameter problem".
pub const PARAMETER_PROBLEM: u8 = 12;
/// Type of a timestamp request.
pub const TIMESTAMP_REQUEST: u8 = 13;
/// Type of a timestamp reply.
pub const TIMESTAMP_REPLY: u8 = 14;
/// Type of an address mask request, RFC 950 appendix I.
pub const ADDRESS_MASK_REQUEST: u8 = 17;
/// Type of an address mask reply.
pub const ADDRESS_MASK_REPLY: u8 = 18;

header! {
    /// The word that all messages begin with.
    Icmp, "ICMP", 4 bytes;
     8 kind:     u8,  "Type",     Named(&[(0, "echo reply"), (3, "destination unreachable"), (4, "source quench"), (5, "redirect"),
                                          (8, "echo request"), (9, "router advertisement"), (10, "router solicitation"),
                                          (11, "time exceeded"), (12, "parameter problem"), (13, "timestamp request"),
                                          (14, "timestamp reply"), (17, "address mask request"),
                                          (18, "address mask reply")]);
     8 code:     u8,  "Code",     Dec;
    16 checksum: u16, "Checksum", Hex;
}

header! {
    /// Second word of echo request and echo reply, RFC 792 page 14.
    Echo, "ICMP echo", 4 bytes;
    16 identifier: u16, "Identifier",      Hex;
    16 sequence:   u16, "Sequence Number", Dec;
}

header! {
    /// Second word of "destination unreachable", RFC 792 page 4, RFC 1191 section 4, RFC 4884 section 4.1.
    Unreachable, "ICMP unreachable", 4 bytes;
     8 unused:       u8,  "Unused",       Dec;
     8 length:       u8,  "Length",       Dec;
    16 next_hop_mtu: u16, "Next-Hop MTU", Dec;
}

header! {
    /// Second word of "time exceeded", RFC 792 page 6, RFC 4884 section 4.2.
    TimeExceeded, "ICMP time exceeded", 4 bytes;
     8 unused: u8,  "Unused", Dec;
     8 length: u8,  "Length", Dec;
    16 zero:   u16, "Unused", Dec;
}

header! {
    /// Second word of "parameter problem", RFC 792 page 8, RFC 4884 section 4.3.
    ParameterProblem, "ICMP parameter problem", 4 bytes;
     8 pointer: u8,  "Pointer", Dec;
     8 length:  u8,  "Length",  Dec;
    16 zero:    u16, "Unused",  Dec;
}

header! {
    /// Second word of "redirect", RFC 792 page 12.
    Redirect, "ICMP redirect", 4 bytes;
    32 gateway: Ipv4Addr, "Gateway Internet Address", Addr;
}

header! {
    /// What follows the first word of timestamp requests and replies, RFC 792 page 16; times are milliseconds since midnight UTC.
    Timestamp, "ICMP timestamp", 16 bytes;
    16 identifier: u16, "Identifier",          Hex;
    16 sequence:   u16, "Sequence Number",     Dec;
    32 originate:  u32, "Originate Timestamp", Dec;
    32 receive:    u32, "Receive Timestamp",   Dec;
    32 transmit:   u32, "Transmit Timestamp",  Dec;
}

header! {
    /// What follows the first word of address mask requests and replies, RFC 950 appendix I.
    AddressMask, "ICMP address mask", 8 bytes;
    16 identifier:   u16,      "Identifier",      Hex;
    16 sequence:     u16,      "Sequence Number", Dec;
    32 address_mask: Ipv4Addr, "Address Mask",    Addr;
}

header! {
    /// Second word of a router advertisement, RFC 1256 section 3; entries follow.
    RouterAdvertisement, "ICMP router advertisement", 4 bytes;
     8 addresses:  u8,  "Num Addrs",       Dec;
     8 entry_size: u8,  "Addr Entry Size", Dec;
    16 lifetime:   u16, "Lifetime",        Dec;
}

header! {
    /// One entry of a router advertisement.
    RouterEntry, "ICMP router entry", 8 bytes;
    32 router:     Ipv4Addr, "Router Address",   Addr;
    32 preference: u32,      "Preference Level", Dec;
}

header! {
    /// Second word of messages that have nothing to say in it: source quench, router solicitation.
    Unused, "ICMP", 4 bytes;
    32 unused: u32, "Unused", Dec;
}

/// A message by its type: the second word, and what follows it.
///
/// `quote` is the beginning of the packet that an error is about: its IP header and at least 8 bytes more (RFC 792), to be
/// taken apart by [`crate::ipv4::Ipv4::split`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of all variants are told above")]
pub enum Message<'a> {
    /// Somebody asks whether we are there.
    EchoRequest { echo: Echo, data: &'a [u8] },
    /// Somebody answers that he is.
    EchoReply { echo: Echo, data: &'a [u8] },
    /// A packet could not be delivered.
    Unreachable { word: Unreachable, quote: &'a [u8] },
    /// A packet's time ran out.
    TimeExceeded { word: TimeExceeded, quote: &'a [u8] },
    /// A packet's header was wrong.
    ParameterProblem { word: ParameterProblem, quote: &'a [u8] },
    /// A packet took a detour.
    Redirect { word: Redirect, quote: &'a [u8] },
    /// A type that this course leaves alone.
    Other(&'a [u8]),
}

impl<'a> Message<'a> {
    /// The beginning of the packet that this error is about, or `None` if this is no error.
    #[must_use]
    pub fn quote(&self) -> Option<&'a [u8]> {
        match self {
            Self::Unreachable { quote, .. } | Self::TimeExceeded { quote, .. } => Some(quote),
            Self::ParameterProblem { quote, .. } | Self::Redirect { quote, .. } => Some(quote),
            Self::EchoRequest { .. } | Self::EchoReply { .. } | Self::Other(_) => None,
        }
    }

    /// The same, taken apart into the beginning of the packet and what the router tells behind it.
    ///
    /// RFC 4884 section 4: the second word of three types counts the quote in words of 32 bits, at least 128 bytes of them. What
    /// it counts beyond the message, or less than that, is no such length, and then all is quote. Section 5.5: older routers
    /// quote 128 bytes and count nothing; there an extension is one by its version and its checksum only.
    #[must_use]
    pub fn quoted(&self) -> Option<Quoted<'a>> {
        let quote = self.quote()?;
        let whole = Quoted { datagram: quote, extensions: None, is_compliant: true };
        let length = match self {
            Self::Unreachable { word, .. } => word.length,
            Self::TimeExceeded { word, .. } => word.length,
            Self::ParameterProblem { word, .. } => word.length,
            _ => return Some(whole),
        };
        let is_compliant = length != 0;
        let len = if is_compliant { usize::from(length) * 4 } else { LEAST_DATAGRAM };
        let Some((datagram, structure)) = quote.split_at_checked(len).filter(|_| len >= LEAST_DATAGRAM) else {
            return Some(whole);
        };
        let extensions = Extensions::parse(structure).ok();
        if is_compliant || extensions.is_some_and(|extensions| extensions.has_right_checksum()) {
            Some(Quoted { datagram, extensions, is_compliant })
        } else {
            Some(whole)
        }
    }
}

/// What an ICMP error says of the packet that it is about; see [`Message::quoted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// The beginning of the packet; where there are extensions, filled up with zeros to 128 bytes.
    pub datagram: &'a [u8],
    /// What the router tells beside it.
    pub extensions: Option<Extensions<'a>>,
    /// False where the message has extensions and does not say so; RFC 4884 section 5.5 wants them read only when asked for.
    pub is_compliant: bool,
}

/// The message in `bytes`, the payload of an IP packet. The checksum may have any value: [`is_intact`] judges it.
///
/// # Errors
/// When the message is cut short within its two first words.
#[inline]
pub fn parse(bytes: &[u8]) -> Result<(Icmp, Message<'_>), WireError> {
    let (icmp, rest) = Icmp::take(bytes)?;
    let message = match icmp.kind {
        ECHO_REQUEST => Echo::take(rest).map(|(echo, data)| Message::EchoRequest { echo, data })?,
        ECHO_REPLY => Echo::take(rest).map(|(echo, data)| Message::EchoReply { echo, data })?,
        UNREACHABLE => Unreachable::take(rest).map(|(word, quote)| Message::Unreachable { word, quote })?,
        TIME_EXCEEDED => TimeExceeded::take(rest).map(|(word, quote)| Message::TimeExceeded { word, quote })?,
        PARAMETER_PROBLEM => {
            ParameterProblem::take(rest).map(|(word, quote)| Message::ParameterProblem { word, quote })?
        }
        REDIRECT => Redirect::take(rest).map(|(word, quote)| Message::Redirect { word, quote })?,
        _ => Message::Other(rest),
    };
    Ok((icmp, message))
}

/// Whether the checksum over the whole message is right. RFC 792: it covers all from the type on, the data too.
#[inline]
#[must_use]
pub fn is_intact(message: &[u8]) -> bool {
    Checksum::default().add(message).finish() == 0
}

impl Icmp {
    /// The first word of a message of `kind` and `code`, with the checksum for its second word and what follows.
    #[inline]
    #[must_use]
    pub fn sealed(kind: u8, code: u8, word: [u8; 4], rest: &[u8]) -> Self {
        let unsealed = Self { kind, code, checksum: 0 };
        let checksum = Checksum::default().add(&unsealed.bytes()).add(&word).add(rest).finish();
        Self { checksum, ..unsealed }
    }
}

/// A message of `kind` and `code` with its second word and what follows, and with its checksum.
#[must_use]
pub fn message(kind: u8, code: u8, word: [u8; 4], rest: &[u8]) -> Vec<u8> {
    [&Icmp::sealed(kind, code, word, rest).bytes(), &word, rest].concat()
}

/// An echo request, ready to be the payload of an IP packet.
#[must_use]
pub fn echo_request(identifier: u16, sequence: u16, data: &[u8]) -> Vec<u8> {
    message(ECHO_REQUEST, 0, Echo { identifier, sequence }.bytes(), data)
}

/// The answer to an echo request: RFC 792 page 15, "the data received in the echo message must be returned".
#[must_use]
pub fn echo_reply(echo: Echo, data: &[u8]) -> Vec<u8> {
    message(ECHO_REPLY, 0, echo.bytes(), data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("icmp", include_str!("icmp.txt"), Icmp::FIELDS);
    }

    #[test]
    fn message_is_sealed_and_one_flipped_bit_shows() {
        let mut reply = echo_reply(Echo { identifier: 1, sequence: 2 }, b"odd");
        assert!(is_intact(&reply));
        reply[10] ^= 1;
        assert!(!is_intact(&reply));
    }

    #[test]
    fn next_hop_mtu_stands_in_the_low_half_of_the_second_word() {
        let bytes = message(UNREACHABLE, 4, [0, 0, 0x05, 0x78], &[]);
        let (_, message) = parse(&bytes).unwrap();
        assert!(matches!(message, Message::Unreachable { word, .. } if word.next_hop_mtu == 1400));
    }

    #[test]
    fn message_cut_in_its_second_word_names_the_table() {
        let error = parse(&[8, 0, 0, 0, 1]).unwrap_err();
        assert_eq!(error.to_string(), "ICMP echo, byte 1: 4 bytes are needed, 1 are there");
    }
}
