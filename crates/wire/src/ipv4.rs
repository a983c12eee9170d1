//! The Internet Protocol's header, version 4.
//!
//! Obeys RFC 791 section 3.1 (format), RFC 1812 section 4.2 and RFC 1122 section 3.2.1 (what receivers check), RFC 2474 and
//! RFC 3168 (the byte once called Type of Service).
//!
//! ```text
#![doc = include_str!("ipv4.txt")]
//! ```
//!
//! A router's step, in a few lines:
//!
//! ```
//! # use wire::{ipv4::{self, Ipv4}, WireError};
//! # fn main() -> Result<(), WireError> {
//! # let mut packet = ipv4::example();
//! let (mut header, options, ..) = Ipv4::parse(&packet)?;
//! header.ttl -= 1;
//! header.checksum = header.sum(options);
//! header.emit(&mut packet);
//! # assert_eq!(packet[8], 99);
//! # Ok(()) }
//! ```
//!
//! Leaves out: the meaning of options (see [`crate::options`]); how a packet becomes fragments and they a packet (see
//! [`crate::fragment`]).

use crate::checksum::Checksum;
use crate::fields::Show::{Addr, Dec, Flag, Hex, Named};
use crate::{Problem, WireError, header};
use std::net::Ipv4Addr;

/// Protocol number of ICMP, RFC 792.
pub const ICMP: u8 = 1;
/// Protocol number of TCP, RFC 9293.
pub const TCP: u8 = 6;
/// Protocol number of UDP, RFC 768.
pub const UDP: u8 = 17;

/// The longest packet, header included: the total length is a field of 16 bits.
pub const MAX_PACKET: usize = 65_535;

/// What the two bits of RFC 3168 section 5 say.
pub(crate) const ECN: &[(u64, &str)] = &[(0, "not ECT"), (1, "ECT(1)"), (2, "ECT(0)"), (3, "CE")];

header! {
    /// One IPv4 header without its options, as it stands on the wire: every field is kept, also those that are wrong.
    Ipv4, "IPv4", 20 bytes;
     4 version:         u8,       "Version",             Dec;
     4 ihl:             u8,       "IHL",                 Dec;
     6 dscp:            u8,       "DSCP",                Dec;
     2 ecn:             u8,       "ECN",                 Named(ECN);
    16 total_length:    u16,      "Total Length",        Dec;
    16 identification:  u16,      "Identification",      Hex;
     1 reserved:        bool,     "0",                   Flag;
     1 dont_fragment:   bool,     "DF",                  Flag;
     1 more_fragments:  bool,     "MF",                  Flag;
    13 fragment_offset: u16,      "Fragment Offset",     Dec;
     8 ttl:             u8,       "Time to Live",        Dec;
     8 protocol:        u8,       "Protocol",            Named(&[(1, "ICMP"), (6, "TCP"), (17, "UDP")]);
    16 checksum:        u16,      "Header Checksum",     Hex;
    32 source:          Ipv4Addr, "Source Address",      Addr;
    32 destination:     Ipv4Addr, "Destination Address", Addr;
}

/// What [`Ipv4::parse`] takes apart: header, options, payload, trailer.
pub type Parts<'a> = (Ipv4, &'a [u8], &'a [u8], &'a [u8]);

impl Ipv4 {
    /// A whole packet's first header: version 4, no options, TTL 64; lengths and checksum are for [`Ipv4::sealed`] to fill in.
    #[must_use]
    pub fn new(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8) -> Self {
        Self {
            version: 4,
            ihl: 5,
            dscp: 0,
            ecn: 0,
            total_length: 20,
            identification: 0,
            reserved: false,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            ttl: 64,
            protocol,
            checksum: 0,
            source,
            destination,
        }
    }

    /// Header, options, payload, and the trailer behind the packet (on Ethernet: the padding of a short frame).
    ///
    /// The payload is what the total length says. The checksum may have any value: [`Ipv4::is_intact`] judges it.
    ///
    /// # Errors
    /// When the version is not 4, or header or packet are longer than `bytes`, or shorter than they can be.
    #[inline(always)]
    pub fn parse(bytes: &[u8]) -> Result<Parts<'_>, WireError> {
        let (header, options, rest) = Self::split(bytes)?;
        let (total, head) = (usize::from(header.total_length), bytes.len() - rest.len());
        let wrong = |problem| WireError { header: Self::TITLE, field: "total_length", byte: 2, problem };
        let len = total.checked_sub(head).ok_or(wrong(Problem::TooSmall { value: total, least: head }))?;
        let cut = rest.split_at_checked(len).ok_or(wrong(Problem::TooShort { need: total, have: bytes.len() }))?;
        Ok((header, options, cut.0, cut.1))
    }

    /// Header, options, and all that follows, whatever the total length says: an ICMP error quotes only a packet's beginning.
    ///
    /// # Errors
    /// When the version is not 4, or the header is longer than `bytes`, or shorter than 20 bytes.
    #[inline(always)]
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8], &[u8]), WireError> {
        let (header, rest) = Self::take(bytes)?;
        let wrong = |field, problem| WireError { header: Self::TITLE, field, byte: 0, problem };
        if header.version != 4 {
            return Err(wrong("version", Problem::Unexpected { value: header.version.into(), expected: 4 }));
        }
        let len = usize::from(header.ihl) * 4;
        let options =
            len.checked_sub(Self::LEN).ok_or(wrong("ihl", Problem::TooSmall { value: len, least: Self::LEN }))?;
        let cut =
            rest.split_at_checked(options).ok_or(wrong("ihl", Problem::TooShort { need: len, have: bytes.len() }))?;
        Ok((header, cut.0, cut.1))
    }

    /// The value the checksum field must hold for this header and these `options`.
    ///
    /// RFC 1071 section 1; a header whose field holds it sums to zero at the receiver.
    #[inline]
    #[must_use]
    pub fn sum(&self, options: &[u8]) -> u16 {
        let bytes = Self { checksum: 0, ..*self }.bytes();
        Checksum::default().add(&bytes).add(options).finish()
    }

    /// Whether the header that `packet` begins with has the right checksum, over its options too.
    ///
    /// RFC 1071 section 1: what a receiver sums, checksum included, is zero. This sums the bytes as they came, and so is quicker
    /// than a comparison with [`Ipv4::sum`], which writes the fields anew.
    #[inline]
    #[must_use]
    pub fn is_intact(packet: &[u8]) -> bool {
        let len = packet.first().map_or(0, |first| usize::from(first & 15) * 4);
        packet.get(..len).is_some_and(|header| Checksum::default().add(header).finish() == 0)
    }

    /// This header with the lengths for `options` (a multiple of 4 bytes, 40 at most) and a payload of `len` bytes, and with
    /// its checksum. What is too long for a field is cut to the field's width.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "who sends too much wants a wrong length; the docs say which")]
    pub fn sealed(mut self, options: &[u8], len: usize) -> Self {
        self.ihl = (5 + options.len().div_ceil(4)) as u8;
        self.total_length = (Self::LEN + options.len() + len) as u16;
        self.checksum = self.sum(options);
        self
    }

    /// The packet of this header, sealed, and `payload`.
    #[must_use]
    pub fn packet(&self, payload: &[u8]) -> Vec<u8> {
        [&self.sealed(&[], payload.len()).bytes(), payload].concat()
    }

    /// Whether the packet is whole: neither a first, a middle nor a last fragment.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.more_fragments && self.fragment_offset == 0
    }
}

/// A valid packet of 28 bytes with TTL 100, for examples and tests.
#[doc(hidden)]
#[must_use]
pub fn example() -> Vec<u8> {
    let header = Ipv4::new(Ipv4Addr::new(192, 168, 1, 3), Ipv4Addr::new(192, 168, 10, 3), ICMP);
    Ipv4 { identification: 1, dont_fragment: true, ttl: 100, ..header }.packet(&[8, 0, 0xf7, 0xfe, 0, 0, 0, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("ipv4", include_str!("ipv4.txt"), Ipv4::FIELDS);
    }

    #[test]
    fn checksum_covers_the_options_and_nothing_behind_them() {
        let header = Ipv4::new(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, UDP).sealed(&[1, 1, 1, 0], 1);
        let packet = |last_option, payload| [&header.bytes()[..], &[1, 1, 1, last_option], &[payload]].concat();
        assert!(Ipv4::is_intact(&packet(0, 0)) && Ipv4::is_intact(&packet(0, 7)));
        assert!(!Ipv4::is_intact(&packet(7, 0)) && !Ipv4::is_intact(&[]) && !Ipv4::is_intact(&packet(0, 0)[..23]));
    }

    #[test]
    fn padding_of_the_frame_is_no_payload() {
        let frame = [&example()[..], &[0; 18]].concat();
        let (_, _, payload, trailer) = Ipv4::parse(&frame).unwrap();
        assert_eq!((payload.len(), trailer.len()), (8, 18));
    }

    #[test]
    fn lying_lengths_name_their_field_and_byte() {
        let parse = |byte: usize, value: u8| {
            let mut packet = example();
            packet[byte] = value;
            Ipv4::parse(&packet).unwrap_err().to_string()
        };
        assert_eq!(parse(0, 0x65), "IPv4, byte 0: version is 6, and must be 4");
        assert_eq!(parse(0, 0x44), "IPv4, byte 0: ihl says 16 bytes, 20 is the least");
        assert_eq!(parse(0, 0x4f), "IPv4, byte 0: ihl says 60 bytes, 28 are there");
        assert_eq!(parse(3, 19), "IPv4, byte 2: total_length says 19 bytes, 20 is the least");
        assert_eq!(parse(3, 29), "IPv4, byte 2: total_length says 29 bytes, 28 are there");
    }
}
