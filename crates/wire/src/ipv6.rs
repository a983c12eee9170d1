//! The Internet Protocol's header, version 6, and the extension headers that may follow it.
//!
//! Obeys RFC 8200 sections 3 and 4; RFC 2474 and RFC 3168 (the byte called Traffic Class), RFC 4302 section 2
//! (authentication header), RFC 4303 section 2 (encapsulating security payload).
//!
//! ```text
#![doc = include_str!("ipv6.txt")]
//! ```
//!
//! There is no checksum, no header length, and no fragment: what IPv4 has in its header for these is left to the layer below,
//! to extension headers, and to the sender. [`crate::ipv6::extension`] has the tables of those.
//!
//! ```
//! use wire::ipv6::{self, Ipv6};
//!
//! let packet = Ipv6::new("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap(), ipv6::UDP).packet(&[7; 12]);
//! let (header, payload, trailer) = Ipv6::parse(&packet)?;
//! assert_eq!((header.hop_limit, usize::from(header.payload_length)), (64, payload.len()));
//! assert!(trailer.is_empty());
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: packets of more than 65,575 bytes (jumbograms), and the meaning of options.

pub mod extension;

use crate::fields::Show::{Addr6, Dec, Hex, Named};
use crate::{Problem, WireError, header};
use std::net::Ipv6Addr;

/// Next header: TCP, RFC 9293.
pub const TCP: u8 = 6;
/// Next header: UDP, RFC 768.
pub const UDP: u8 = 17;
/// Next header: ICMP for IPv6, RFC 4443 section 1.
pub const ICMPV6: u8 = 58;
/// Next header: none, RFC 8200 section 4.7. What follows is to be ignored.
pub const NO_NEXT_HEADER: u8 = 59;

/// What a next header field says.
pub(crate) const NEXT_HEADERS: &[(u64, &str)] = &[
    (0, "hop-by-hop options"),
    (4, "IPv4"),
    (6, "TCP"),
    (17, "UDP"),
    (41, "IPv6"),
    (43, "routing header"),
    (44, "fragment header"),
    (50, "encapsulated security payload"),
    (51, "authentication header"),
    (58, "ICMPv6"),
    (59, "nothing"),
    (60, "destination options"),
];

header! {
    /// One IPv6 header, as it stands on the wire: every field is kept, also those that are wrong.
    ///
    /// The RFC's Traffic Class is the first two fields behind the version.
    Ipv6, "IPv6", 40 bytes;
      4 version:        u8,       "Version",             Dec;
      6 dscp:           u8,       "DSCP",                Dec;
      2 ecn:            u8,       "ECN",                 Named(crate::ipv4::ECN);
     20 flow_label:     u32,      "Flow Label",          Hex;
     16 payload_length: u16,      "Payload Length",      Dec;
      8 next_header:    u8,       "Next Header",         Named(NEXT_HEADERS);
      8 hop_limit:      u8,       "Hop Limit",           Dec;
    128 source:         Ipv6Addr, "Source Address",      Addr6;
    128 destination:    Ipv6Addr, "Destination Address", Addr6;
}

impl Ipv6 {
    /// A header of version 6 with hop limit 64; the payload length is for [`Ipv6::sealed`] to fill in.
    #[must_use]
    pub fn new(source: Ipv6Addr, destination: Ipv6Addr, next_header: u8) -> Self {
        Self {
            version: 6,
            dscp: 0,
            ecn: 0,
            flow_label: 0,
            payload_length: 0,
            next_header,
            hop_limit: 64,
            source,
            destination,
        }
    }

    /// Header, payload (extension headers included), and the trailer behind the packet.
    ///
    /// # Errors
    /// When the version is not 6, or header or payload are longer than `bytes`.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8], &[u8]), WireError> {
        let (header, rest) = Self::split(bytes)?;
        let need = usize::from(header.payload_length);
        let problem = Problem::TooShort { need, have: rest.len() };
        let wrong = WireError { header: Self::TITLE, field: "payload_length", byte: 4, problem };
        let (payload, trailer) = rest.split_at_checked(need).ok_or(wrong)?;
        Ok((header, payload, trailer))
    }

    /// Header and all that follows, whatever the payload length says: an ICMP error quotes only a packet's beginning.
    ///
    /// # Errors
    /// When the version is not 6, or the header is longer than `bytes`.
    #[inline]
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let (header, rest) = Self::take(bytes)?;
        if header.version != 6 {
            let problem = Problem::Unexpected { value: header.version.into(), expected: 6 };
            return Err(WireError { header: Self::TITLE, field: "version", byte: 0, problem });
        }
        Ok((header, rest))
    }

    /// This header with the payload length for so many bytes. What does not fit is cut to the field's width.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "who sends too much wants a wrong length; the docs say which")]
    pub fn sealed(mut self, payload_len: usize) -> Self {
        self.payload_length = payload_len as u16;
        self
    }

    /// The packet of this header, sealed, and `payload`.
    #[must_use]
    pub fn packet(&self, payload: &[u8]) -> Vec<u8> {
        [&self.sealed(payload.len()).bytes(), payload].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("ipv6", include_str!("ipv6.txt"), Ipv6::FIELDS);
    }

    #[test]
    fn header_is_the_bytes_of_the_rfc_figure() {
        let header = Ipv6 {
            dscp: 46,
            ecn: 1,
            flow_label: 0xabcde,
            ..Ipv6::new("2001:db8::1".parse().unwrap(), "ff02::2".parse().unwrap(), ICMPV6)
        };
        let packet = header.packet(b"data");
        #[rustfmt::skip]
        assert_eq!(packet[..40], [
            0x6b, 0x9a, 0xbc, 0xde,  0, 4,  58,  64,
            0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
        ]);
        assert_eq!(Ipv6::parse(&[&packet[..], &[0, 0]].concat()), Ok((header.sealed(4), &b"data"[..], &[0, 0][..])));
    }

    #[test]
    fn lying_fields_name_their_byte() {
        let packet = Ipv6::new(Ipv6Addr::LOCALHOST, Ipv6Addr::LOCALHOST, UDP).packet(&[0; 8]);
        let parse = |byte: usize, value: u8| {
            let mut packet = packet.clone();
            packet[byte] = value;
            Ipv6::parse(&packet).unwrap_err().to_string()
        };
        assert_eq!(parse(0, 0x45), "IPv6, byte 0: version is 4, and must be 6");
        assert_eq!(parse(5, 9), "IPv6, byte 4: payload_length says 9 bytes, 8 are there");
    }
}
