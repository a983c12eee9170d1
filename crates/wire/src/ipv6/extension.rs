//! Extension headers: what stands between the IPv6 header and what it carries.
//!
//! Obeys RFC 8200 section 4. All but the encapsulating security payload begin with the number of what follows, and a length:
//!
//! ```text
#![doc = include_str!("extension.txt")]
#![doc = include_str!("routing.txt")]
#![doc = include_str!("fragment.txt")]
//! ```
//!
//! [`Chain`] walks them, up to the first that is none:
//!
//! ```
//! use wire::ipv6::{self, extension::{self, Chain}};
//!
//! // Hop-by-hop options, filled up, and then UDP.
//! let payload = [&extension::options(ipv6::UDP, &[])[..], &[0x12, 0x34]].concat();
//! let mut chain = Chain::new(extension::HOP_BY_HOP, &payload);
//! let header = chain.next().unwrap()?;
//! assert_eq!((header.kind, header.bytes.len()), (extension::HOP_BY_HOP, 8));
//! assert_eq!(chain.next(), None);
//! assert_eq!((chain.next_header(), chain.rest()), (ipv6::UDP, &[0x12, 0x34][..]));
//! # Ok::<(), wire::WireError>(())
//! ```

use crate::fields::Show::{Dec, Flag, Hex, Named};
use crate::ipv6::NEXT_HEADERS;
use crate::reader::Reader;
use crate::{Problem, WireError, header};

/// Options for each router on the way, RFC 8200 section 4.3. Only the first extension header may be this.
pub const HOP_BY_HOP: u8 = 0;
/// Addresses to go by, RFC 8200 section 4.4.
pub const ROUTING: u8 = 43;
/// A fragment's place in its packet, RFC 8200 section 4.5.
pub const FRAGMENT: u8 = 44;
/// Everything behind it is encrypted, RFC 4303 section 2.
pub const ESP: u8 = 50;
/// A proof of where the packet is from, RFC 4302 section 2.
pub const AH: u8 = 51;
/// Options for the destination, RFC 8200 section 4.6.
pub const DESTINATION_OPTIONS: u8 = 60;

/// Option that fills one byte; it has no length.
pub const PAD1: u8 = 0;
/// Option that fills two bytes or more.
pub const PADN: u8 = 1;

header! {
    /// What hop-by-hop and destination options begin with. The options follow.
    OptionsHeader, "IPv6 options", 2 bytes;
    8 next_header: u8, "Next Header", Named(NEXT_HEADERS);
    8 length:      u8, "Hdr Ext Len", Dec;
}

header! {
    /// What a routing header begins with; its data differ by type.
    Routing, "IPv6 routing", 4 bytes;
    8 next_header:   u8, "Next Header",   Named(NEXT_HEADERS);
    8 length:        u8, "Hdr Ext Len",   Dec;
    8 routing_type:  u8, "Routing Type",  Named(&[(0, "source route"), (2, "home address"), (3, "RPL source route"), (4, "segment routing")]);
    8 segments_left: u8, "Segments Left", Dec;
}

header! {
    /// A fragment header.
    Fragment, "IPv6 fragment", 8 bytes;
     8 next_header:     u8,   "Next Header",     Named(NEXT_HEADERS);
     8 reserved:        u8,   "Reserved",        Dec;
    13 fragment_offset: u16,  "Fragment Offset", Dec;
     2 reserved2:       u8,   "Res",             Dec;
     1 more_fragments:  bool, "M",               Flag;
    32 identification:  u32,  "Identification",  Hex;
}

header! {
    /// What an authentication header begins with; the proof follows.
    Ah, "authentication header", 12 bytes;
     8 next_header:     u8,  "Next Header",               Named(NEXT_HEADERS);
     8 payload_len:     u8,  "Payload Len",               Dec;
    16 reserved:        u16, "Reserved",                  Dec;
    32 spi:             u32, "Security Parameters Index", Hex;
    32 sequence_number: u32, "Sequence Number",           Dec;
}

header! {
    /// What stands in front of encrypted bytes.
    Esp, "encapsulated security payload", 8 bytes;
    32 spi:             u32, "Security Parameters Index", Hex;
    32 sequence_number: u32, "Sequence Number",           Dec;
}

/// How long the extension header of `kind` is that begins with these two bytes; `None` if `kind` is no extension header that
/// tells what follows.
#[must_use]
pub fn len(kind: u8, [_, length]: [u8; 2]) -> Option<usize> {
    match kind {
        // RFC 8200 section 4.3: "in 8-octet units, not including the first 8 octets".
        HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => Some(8 + usize::from(length) * 8),
        FRAGMENT => Some(Fragment::LEN),
        // RFC 4302 section 2.2: "in 32-bit words (4-byte units)", and two fewer than there are.
        AH => Some(8 + usize::from(length) * 4),
        _ => None,
    }
}

/// One extension header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionHeader<'a> {
    /// Which one: the number that the header before it has for it.
    pub kind: u8,
    /// All of it, from its own next header field on.
    pub bytes: &'a [u8],
}

/// Walks extension headers; the first error ends the walk.
///
/// RFC 8200 section 4: they are at most as many as fit, each may come more than once, and "IPv6 nodes must accept and attempt
/// to process extension headers in any order".
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    next_header: u8,
    reader: Reader<'a>,
}

impl<'a> Chain<'a> {
    /// The headers in a `payload` that begins with `next_header`.
    #[must_use]
    pub fn new(next_header: u8, payload: &'a [u8]) -> Self {
        Self { next_header, reader: Reader::new(payload) }
    }

    /// What comes behind those that were walked.
    #[must_use]
    pub fn next_header(&self) -> u8 {
        self.next_header
    }

    /// The bytes behind those that were walked.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    fn header(&mut self) -> Result<Option<ExtensionHeader<'a>>, WireError> {
        let (kind, start, have) = (self.next_header, self.reader.consumed(), self.reader.rest().len());
        if len(kind, [0, 0]).is_none() {
            return Ok(None);
        }
        let wrong = |field, byte, need| {
            let problem = Problem::TooShort { need, have };
            WireError { header: "IPv6 extension header", field, byte, problem }
        };
        let first = self.reader.rest().first_chunk().ok_or(wrong("", start + have, 2))?;
        let need = len(kind, *first).unwrap_or(0);
        let bytes = self.reader.take(need).ok_or(wrong("length", start + 1, need))?;
        [self.next_header, _] = *first;
        Ok(Some(ExtensionHeader { kind, bytes }))
    }
}

impl<'a> Iterator for Chain<'a> {
    type Item = Result<ExtensionHeader<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.header().transpose();
        if matches!(next, Some(Err(_))) {
            *self = Self::new(super::NO_NEXT_HEADER, &[]);
        }
        next
    }
}

/// One option of hop-by-hop or destination options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6Option<'a> {
    /// What to do where it is not known, whether it may change on the way, and its number, in one byte.
    pub kind: u8,
    /// What follows kind and length.
    pub data: &'a [u8],
}

/// Hop-by-hop or destination options with `next_header` behind them, filled up to a multiple of 8 bytes.
///
/// More than 2048 bytes get a length that is cut to its 8 bits, and data of more than 255 bytes too.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
pub fn options(next_header: u8, options: &[Ipv6Option<'_>]) -> Vec<u8> {
    let mut bytes = vec![next_header, 0];
    for option in options {
        bytes.push(option.kind);
        if option.kind != PAD1 {
            bytes.push(option.data.len() as u8);
            bytes.extend(option.data);
        }
    }
    match bytes.len().next_multiple_of(8) - bytes.len() {
        0 => {}
        1 => bytes.push(PAD1),
        fill => {
            bytes.extend([PADN, fill as u8 - 2]);
            bytes.resize(bytes.len() + fill - 2, 0);
        }
    }
    let units = bytes.len() / 8 - 1;
    if let Some(length) = bytes.get_mut(1) {
        *length = units as u8;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;
    use crate::ipv6::{TCP, UDP};

    #[test]
    fn figures_in_the_docs_are_the_tables() {
        check_figure("ipv6/extension", include_str!("extension.txt"), OptionsHeader::FIELDS);
        check_figure("ipv6/routing", include_str!("routing.txt"), Routing::FIELDS);
        check_figure("ipv6/fragment", include_str!("fragment.txt"), Fragment::FIELDS);
    }

    #[test]
    fn options_are_filled_up_by_pad1_or_padn() {
        let option = |data| Ipv6Option { kind: 5, data };
        assert_eq!(options(UDP, &[]), [17, 0, 1, 4, 0, 0, 0, 0]);
        assert_eq!(options(UDP, &[option(&[0, 0])]), [17, 0, 5, 2, 0, 0, 1, 0]);
        assert_eq!(options(UDP, &[option(&[7; 3])]), [17, 0, 5, 3, 7, 7, 7, 0]);
        assert_eq!(options(UDP, &[option(&[7; 5])])[..4], [17, 1, 5, 5]);
    }

    #[test]
    fn chain_ends_at_the_first_that_is_no_extension_header() {
        let fragment = Fragment {
            next_header: AH,
            reserved: 0,
            fragment_offset: 185,
            reserved2: 0,
            more_fragments: true,
            identification: 7,
        };
        let ah = Ah { next_header: TCP, payload_len: 4, reserved: 0, spi: 1, sequence_number: 2 };
        let payload = [&options(FRAGMENT, &[])[..], &fragment.bytes(), &ah.bytes(), &[0; 12], b"TCP"].concat();
        let mut chain = Chain::new(DESTINATION_OPTIONS, &payload);
        let walked: Vec<_> =
            chain.by_ref().map(|header| header.map(|header| (header.kind, header.bytes.len()))).collect();
        assert_eq!(walked, [Ok((DESTINATION_OPTIONS, 8)), Ok((FRAGMENT, 8)), Ok((AH, 24))]);
        assert_eq!((chain.next_header(), chain.rest()), (TCP, &b"TCP"[..]));
    }

    #[test]
    fn length_that_lies_ends_the_walk() {
        let error = |payload| {
            let mut chain = Chain::new(ROUTING, payload);
            let error = chain.next().unwrap().unwrap_err().to_string();
            assert_eq!(chain.next(), None);
            error
        };
        assert_eq!(error(&[6, 1, 0, 0]), "IPv6 extension header, byte 1: length says 16 bytes, 4 are there");
        assert_eq!(error(&[6]), "IPv6 extension header, byte 1: 2 bytes are needed, 1 are there");
    }
}
