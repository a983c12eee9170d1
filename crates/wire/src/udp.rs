//! The user datagram: ports, a length and a checksum.
//!
//! Obeys RFC 768, and RFC 1122 section 4.1.3.4 for the checksum.
//!
//! ```text
#![doc = include_str!("udp.txt")]
//! ```
//!
//! ```
//! use std::net::Ipv4Addr;
//! use wire::udp::Udp;
//!
//! let (me, you) = (Ipv4Addr::new(10, 0, 0, 1).into(), Ipv4Addr::new(10, 0, 0, 2).into());
//! let datagram = Udp::new(5555, 53).datagram(me, you, b"hello");
//! let (udp, payload, _) = Udp::parse(&datagram)?;
//! assert!(udp.is_intact(me, you, payload));
//! # Ok::<(), wire::WireError>(())
//! ```

use crate::checksum::Checksum;
use crate::fields::Show::{Dec, Hex};
use crate::{Problem, WireError, header, ipv4};
use std::net::IpAddr;

header! {
    /// The header of a user datagram.
    Udp, "UDP", 8 bytes;
    16 source_port:      u16, "Source Port",      Dec;
    16 destination_port: u16, "Destination Port", Dec;
    16 length:           u16, "Length",           Dec;
    16 checksum:         u16, "Checksum",         Hex;
}

impl Udp {
    /// A header from port to port; length and checksum are for [`Udp::sealed`] to fill in.
    #[must_use]
    pub fn new(source_port: u16, destination_port: u16) -> Self {
        Self { source_port, destination_port, length: 8, checksum: 0 }
    }

    /// Header, payload, and what follows the datagram within its packet.
    ///
    /// # Errors
    /// When the header is cut short, or its length is below 8 or more than there is.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8], &[u8]), WireError> {
        let (udp, rest) = Self::take(bytes)?;
        let length = usize::from(udp.length);
        let wrong = |problem| WireError { header: Self::TITLE, field: "length", byte: 4, problem };
        let len = length.checked_sub(Self::LEN).ok_or(wrong(Problem::TooSmall { value: length, least: Self::LEN }))?;
        let cut = rest.split_at_checked(len).ok_or(wrong(Problem::TooShort { need: length, have: bytes.len() }))?;
        Ok((udp, cut.0, cut.1))
    }

    /// This header with the length and the checksum for `payload` between these addresses.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a longer payload fits no IPv4 packet; it is cut to the field's width"
    )]
    pub fn sealed(mut self, source: IpAddr, destination: IpAddr, payload: &[u8]) -> Self {
        self.length = (Self::LEN + payload.len()) as u16;
        self.checksum = 0;
        // RFC 768: "If the computed checksum is zero, it is transmitted as all ones". Zero means that there is none.
        self.checksum = match self.sum(source, destination, payload) {
            0 => 0xffff,
            sum => sum,
        };
        self
    }

    /// The datagram of this header, sealed, and `payload`.
    #[must_use]
    pub fn datagram(&self, source: IpAddr, destination: IpAddr, payload: &[u8]) -> Vec<u8> {
        [&self.sealed(source, destination, payload).bytes(), payload].concat()
    }

    /// Whether the checksum is right, or the sender made none (RFC 768: "an all zero transmitted checksum value").
    #[inline]
    #[must_use]
    pub fn is_intact(&self, source: IpAddr, destination: IpAddr, payload: &[u8]) -> bool {
        self.checksum == 0 || self.sum(source, destination, payload) == 0
    }

    /// The sum over pseudo-header, this header as it is, and `payload`.
    fn sum(&self, source: IpAddr, destination: IpAddr, payload: &[u8]) -> u16 {
        Checksum::default()
            .pseudo_header(source, destination, ipv4::UDP, usize::from(self.length))
            .add(&self.bytes())
            .add(payload)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;
    use std::net::Ipv4Addr;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("udp", include_str!("udp.txt"), Udp::FIELDS);
    }

    #[test]
    fn checksum_that_comes_out_as_zero_is_sent_as_all_ones() {
        let at = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        // Ports and payload are chosen so that all words add up to 0xffff: 17 + 10 + 10 for protocol and lengths.
        let udp = Udp::new(0xffff - 37, 0).sealed(at, at, &[0, 0]);
        assert_eq!(udp.checksum, 0xffff);
        assert!(udp.is_intact(at, at, &[0, 0]));
    }

    #[test]
    fn length_below_the_header_is_refused() {
        let error = Udp::parse(&[0, 1, 0, 2, 0, 7, 0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "UDP, byte 4: length says 7 bytes, 8 is the least");
    }
}
