//! The Transmission Control Protocol's segment: ports, sequence numbers, flags, a window, and options.
//!
//! Obeys RFC 9293 section 3.1. Two flags and a bit once reserved are of other documents: CWR and ECE of RFC 3168 section 6.1,
//! AE of RFC 9768 section 3.1.
//!
//! ```text
#![doc = include_str!("tcp.txt")]
//! ```
//!
//! ```
//! use std::net::Ipv4Addr;
//! use wire::tcp::options::{self, TcpOption, TcpOptions};
//! use wire::tcp::Tcp;
//!
//! let (me, you) = (Ipv4Addr::new(10, 0, 0, 1).into(), Ipv4Addr::new(10, 0, 0, 2).into());
//! let syn = Tcp { syn: true, sequence_number: 1000, window: 64_240, ..Tcp::new(5555, 80) };
//! let segment = syn.segment(me, you, &options::emit(&[TcpOption::MaximumSegmentSize(1460)]), &[]);
//! assert!(Tcp::is_intact(me, you, &segment));
//!
//! let (tcp, options, payload) = Tcp::parse(&segment)?;
//! assert!(tcp.syn && !tcp.ack && payload.is_empty());
//! assert_eq!(TcpOptions::new(options).next(), Some(Ok(TcpOption::MaximumSegmentSize(1460))));
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: what a segment means to a connection; the length of the payload beyond what the IP packet says, for a segment
//! has no length of its own.

pub mod options;

use crate::checksum::Checksum;
use crate::fields::Show::{Dec, Flag, Hex};
use crate::{Problem, WireError, header, ipv4};
use std::net::IpAddr;

/// The most bytes of options that a header can count: its length is at most 15 words of 4 bytes, of which 5 are fixed.
pub const MAX_OPTIONS: usize = 40;

header! {
    /// The header of a segment without its options.
    Tcp, "TCP", 20 bytes;
    16 source_port:           u16,  "Source Port",           Dec;
    16 destination_port:      u16,  "Destination Port",      Dec;
    32 sequence_number:       u32,  "Sequence Number",       Dec;
    32 acknowledgment_number: u32,  "Acknowledgment Number", Dec;
     4 data_offset:           u8,   "Offset",                Dec;
     3 reserved:              u8,   "Rsrvd",                 Dec;
     1 ae:                    bool, "AE",                    Flag;
     1 cwr:                   bool, "CWR",                   Flag;
     1 ece:                   bool, "ECE",                   Flag;
     1 urg:                   bool, "URG",                   Flag;
     1 ack:                   bool, "ACK",                   Flag;
     1 psh:                   bool, "PSH",                   Flag;
     1 rst:                   bool, "RST",                   Flag;
     1 syn:                   bool, "SYN",                   Flag;
     1 fin:                   bool, "FIN",                   Flag;
    16 window:                u16,  "Window",                Dec;
    16 checksum:              u16,  "Checksum",              Hex;
    16 urgent_pointer:        u16,  "Urgent Pointer",        Dec;
}

header! {
    /// The 64 bits of a segment that the shortest ICMP error quotes (RFC 792): enough to know whose it was.
    QuotedTcp, "quoted TCP", 8 bytes;
    16 source_port:      u16, "Source Port",      Dec;
    16 destination_port: u16, "Destination Port", Dec;
    32 sequence_number:  u32, "Sequence Number",  Dec;
}

impl Tcp {
    /// A header from port to port, all else zero; data offset and checksum are for [`Tcp::sealed`] to fill in.
    #[must_use]
    pub const fn new(source_port: u16, destination_port: u16) -> Self {
        Self {
            source_port,
            destination_port,
            sequence_number: 0,
            acknowledgment_number: 0,
            data_offset: 5,
            reserved: 0,
            ae: false,
            cwr: false,
            ece: false,
            urg: false,
            ack: false,
            psh: false,
            rst: false,
            syn: false,
            fin: false,
            window: 0,
            checksum: 0,
            urgent_pointer: 0,
        }
    }

    /// The flags that are set, in the order in which people say them: a SYN-ACK is `SYN ACK`.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let flags = [
            (self.syn, "SYN"),
            (self.fin, "FIN"),
            (self.rst, "RST"),
            (self.psh, "PSH"),
            (self.ack, "ACK"),
            (self.urg, "URG"),
            (self.ece, "ECE"),
            (self.cwr, "CWR"),
            (self.ae, "AE"),
        ];
        flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name)
    }

    /// Header, options and payload of a segment, the payload of an IP packet.
    ///
    /// The options are for [`options::TcpOptions`] to walk. The checksum may have any value: [`Tcp::is_intact`] judges it.
    ///
    /// # Errors
    /// When the header is cut short, or its data offset is below 20 bytes or beyond the segment.
    #[inline(always)]
    pub fn parse(segment: &[u8]) -> Result<(Self, &[u8], &[u8]), WireError> {
        let (tcp, rest) = Self::take(segment)?;
        let len = usize::from(tcp.data_offset) * 4;
        let wrong = |problem| WireError { header: Self::TITLE, field: "data_offset", byte: 12, problem };
        let options = len.checked_sub(Self::LEN).ok_or(wrong(Problem::TooSmall { value: len, least: Self::LEN }))?;
        let cut = rest.split_at_checked(options).ok_or(wrong(Problem::TooShort { need: len, have: segment.len() }))?;
        Ok((tcp, cut.0, cut.1))
    }

    /// This header with the data offset for `options` (a multiple of 4 bytes, [`MAX_OPTIONS`] at most) and the checksum for
    /// them and `payload` between these addresses. A longer header's offset is cut to the field's width.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "who sends too much wants a wrong length; the docs say which")]
    pub fn sealed(mut self, source: IpAddr, destination: IpAddr, options: &[u8], payload: &[u8]) -> Self {
        self.data_offset = (5 + options.len().div_ceil(4)) as u8;
        self.checksum = 0;
        self.checksum = Checksum::default()
            .pseudo_header(source, destination, ipv4::TCP, Self::LEN + options.len() + payload.len())
            .add(&self.bytes())
            .add(options)
            .add(payload)
            .finish();
        self
    }

    /// The segment of this header, sealed, `options` and `payload`.
    #[must_use]
    pub fn segment(&self, source: IpAddr, destination: IpAddr, options: &[u8], payload: &[u8]) -> Vec<u8> {
        [&self.sealed(source, destination, options, payload).bytes(), options, payload].concat()
    }

    /// Whether a segment's checksum is right between these addresses.
    ///
    /// RFC 9293 section 3.1: the sum is over a pseudo-header, the header, its options and the payload, and unlike UDP's it is
    /// never left out: "the receiver MUST check it" (MUST-3).
    #[inline]
    #[must_use]
    pub fn is_intact(source: IpAddr, destination: IpAddr, segment: &[u8]) -> bool {
        let sum = Checksum::default().pseudo_header(source, destination, ipv4::TCP, segment.len()).add(segment);
        segment.len() >= Self::LEN && sum.finish() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;
    use std::net::Ipv4Addr;

    const ME: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const YOU: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("tcp", include_str!("tcp.txt"), Tcp::FIELDS);
    }

    #[test]
    fn checksum_covers_addresses_header_options_and_payload() {
        let segment = Tcp::new(1, 2).segment(ME, YOU, &[1, 1, 1, 0], b"odd");
        assert!(Tcp::is_intact(ME, YOU, &segment) && !Tcp::is_intact(ME, ME, &segment));
        for byte in 0..segment.len() {
            let mut flipped = segment.clone();
            flipped[byte] ^= 1;
            assert!(!Tcp::is_intact(ME, YOU, &flipped), "byte {byte}");
        }
    }

    #[test]
    fn what_is_shorter_than_a_header_is_never_intact() {
        let sum = Checksum::default().pseudo_header(ME, YOU, ipv4::TCP, 2).finish();
        assert!(!Tcp::is_intact(ME, YOU, &sum.to_be_bytes()) && !Tcp::is_intact(ME, YOU, &[]));
    }

    #[test]
    fn lying_data_offset_names_its_byte() {
        let mut segment = Tcp::new(1, 2).segment(ME, YOU, &[], b"hello");
        let mut parse = |offset: u8| {
            segment[12] = offset << 4;
            Tcp::parse(&segment).map(|_| ()).unwrap_err().to_string()
        };
        assert_eq!(parse(4), "TCP, byte 12: data_offset says 16 bytes, 20 is the least");
        assert_eq!(parse(7), "TCP, byte 12: data_offset says 28 bytes, 25 are there");
    }
}
