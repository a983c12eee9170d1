//! Options of neighbour discovery: kind, length, data behind a message's body.
//!
//! Obeys RFC 4861 section 4.6, and RFC 8106 section 5.1 (name servers).
//!
//! ```text
#![doc = include_str!("option.txt")]
#![doc = include_str!("prefix_information.txt")]
//! ```
//!
//! ```
//! use wire::Mac;
//! use wire::icmpv6::options::{self, LinkLayerAddress, NdOptions};
//!
//! let source = LinkLayerAddress { kind: options::SOURCE, length: 1, address: Mac([2, 0, 0, 0, 0, 0xaa]) };
//! let bytes = source.bytes();
//! let option = NdOptions::new(&bytes).next().unwrap()?;
//! assert_eq!((option.kind, option.data), (1, &[2, 0, 0, 0, 0, 0xaa][..]));
//! # Ok::<(), wire::WireError>(())
//! ```

use crate::fields::Show::{Addr6, Bytes, Dec, Flag, Named, Station};
use crate::reader::Reader;
use crate::{Mac, Problem, WireError, header};
use std::net::Ipv6Addr;

/// Kind of "source link-layer address", RFC 4861 section 4.6.1.
pub const SOURCE: u8 = 1;
/// Kind of "target link-layer address", RFC 4861 section 4.6.1.
pub const TARGET: u8 = 2;
/// Kind of "prefix information", RFC 4861 section 4.6.2.
pub const PREFIX_INFORMATION: u8 = 3;
/// Kind of "redirected header", RFC 4861 section 4.6.3.
pub const REDIRECTED_HEADER: u8 = 4;
/// Kind of "MTU", RFC 4861 section 4.6.4.
pub const MTU: u8 = 5;
/// Kind of "recursive DNS server", RFC 8106 section 5.1.
pub const DNS_SERVER: u8 = 25;

/// Lengths count units of so many bytes.
pub const UNIT: usize = 8;

pub(crate) const KINDS: &[(u64, &str)] = &[
    (1, "source link-layer address"),
    (2, "target link-layer address"),
    (3, "prefix information"),
    (4, "redirected header"),
    (5, "MTU"),
    (14, "nonce"),
    (24, "route information"),
    (25, "recursive DNS server"),
    (31, "DNS search list"),
];

header! {
    /// What all options begin with.
    OptionHeader, "ND option", 2 bytes;
    8 kind:   u8, "Type",   Named(KINDS);
    8 length: u8, "Length", Dec;
}

header! {
    /// The address of a station on Ethernet.
    LinkLayerAddress, "link-layer address option", 8 bytes;
     8 kind:    u8,  "Type",               Named(KINDS);
     8 length:  u8,  "Length",             Dec;
    48 address: Mac, "Link-Layer Address", Station;
}

header! {
    /// Addresses with this beginning are on the link, or can be made up from it.
    PrefixInformation, "prefix information option", 32 bytes;
      8 kind:               u8,       "Type",               Named(KINDS);
      8 length:             u8,       "Length",             Dec;
      8 prefix_length:      u8,       "Prefix Length",      Dec;
      1 on_link:            bool,     "L",                  Flag;
      1 autonomous:         bool,     "A",                  Flag;
      1 router_address:     bool,     "R",                  Flag;
      5 reserved:           u8,       "Rsvd1",              Dec;
     32 valid_lifetime:     u32,      "Valid Lifetime",     Dec;
     32 preferred_lifetime: u32,      "Preferred Lifetime", Dec;
     32 reserved2:          u32,      "Reserved2",          Dec;
    128 prefix:             Ipv6Addr, "Prefix",             Addr6;
}

header! {
    /// What stands in front of the packet that a redirect is about.
    RedirectedHeader, "redirected header option", 8 bytes;
     8 kind:     u8,      "Type",     Named(KINDS);
     8 length:   u8,      "Length",   Dec;
    48 reserved: [u8; 6], "Reserved", Bytes;
}

header! {
    /// The MTU of the link.
    MtuOption, "MTU option", 8 bytes;
     8 kind:     u8,  "Type",     Named(KINDS);
     8 length:   u8,  "Length",   Dec;
    16 reserved: u16, "Reserved", Dec;
    32 mtu:      u32, "MTU",      Dec;
}

header! {
    /// What stands in front of the addresses of name servers.
    DnsServers, "recursive DNS server option", 8 bytes;
     8 kind:     u8,  "Type",     Named(KINDS);
     8 length:   u8,  "Length",   Dec;
    16 reserved: u16, "Reserved", Dec;
    32 lifetime: u32, "Lifetime", Dec;
}

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NdOption<'a> {
    /// What it tells.
    pub kind: u8,
    /// What follows kind and length.
    pub data: &'a [u8],
}

/// Walks options; the first error ends the walk.
///
/// RFC 4861 section 4.6: "Nodes MUST silently discard an ND packet that contains an option with length zero."
#[derive(Debug, Clone)]
pub struct NdOptions<'a>(Reader<'a>);

impl<'a> NdOptions<'a> {
    /// The options in `bytes`, all that is behind the body of a message.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    fn option(&mut self) -> Result<Option<NdOption<'a>>, WireError> {
        let (start, have) = (self.0.consumed(), self.0.rest().len());
        if have == 0 {
            return Ok(None);
        }
        let wrong = |problem| WireError { header: OptionHeader::TITLE, field: "length", byte: start + 1, problem };
        let missing = wrong(Problem::TooShort { need: OptionHeader::LEN, have });
        let OptionHeader { kind, length } = OptionHeader::read(&self.0.array().ok_or(missing)?);
        let need = usize::from(length) * UNIT;
        let data = need.checked_sub(OptionHeader::LEN).ok_or(wrong(Problem::TooSmall { value: need, least: UNIT }))?;
        let data = self.0.take(data).ok_or(wrong(Problem::TooShort { need, have }))?;
        Ok(Some(NdOption { kind, data }))
    }
}

impl<'a> Iterator for NdOptions<'a> {
    type Item = Result<NdOption<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.option().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = Reader::new(&[]);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figures_in_the_docs_are_the_tables() {
        check_figure("icmpv6/option", include_str!("option.txt"), OptionHeader::FIELDS);
        check_figure("icmpv6/prefix_information", include_str!("prefix_information.txt"), PrefixInformation::FIELDS);
    }

    #[test]
    fn prefix_information_is_that_of_the_rfc_figure() {
        let prefix = PrefixInformation {
            kind: PREFIX_INFORMATION,
            length: 4,
            prefix_length: 64,
            on_link: true,
            autonomous: true,
            router_address: false,
            reserved: 0,
            valid_lifetime: 86400,
            preferred_lifetime: 14400,
            reserved2: 0,
            prefix: "2001:db8::".parse().unwrap(),
        };
        let bytes = prefix.bytes();
        assert_eq!(bytes[..16], [3, 4, 64, 0xc0, 0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40, 0, 0, 0, 0]);
        assert_eq!(NdOptions::new(&bytes).next(), Some(Ok(NdOption { kind: 3, data: &bytes[2..] })));
    }

    #[test]
    fn length_of_zero_or_beyond_the_message_ends_the_walk() {
        let error = |bytes| {
            let mut options = NdOptions::new(bytes);
            let error = options.next().unwrap().unwrap_err().to_string();
            assert_eq!(options.next(), None);
            error
        };
        assert_eq!(error(&[1, 0, 0, 0, 0, 0, 0, 0]), "ND option, byte 1: length says 0 bytes, 8 is the least");
        assert_eq!(error(&[1, 2, 0, 0, 0, 0, 0, 0]), "ND option, byte 1: length says 16 bytes, 8 are there");
        assert_eq!(error(&[1]), "ND option, byte 1: length says 2 bytes, 1 are there");
    }
}
