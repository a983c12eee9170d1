//! DHCP options: code, length, data behind the cookie.
//!
//! Obeys RFC 2132 section 2 (the list) and those sections that the constants cite.
//!
//! ```text
//! +--------+  +--------+--------+--------  -  -+
//! |  code  |  |  code  | length |     data     |
//! +--------+  +--------+--------+--------  -  -+
//!  0 and 255    all others; length counts the data
//! ```
//!
//! ```
//! use wire::dhcp::options::{self, DhcpOption, DhcpOptions};
//!
//! let lease = DhcpOption { code: options::LEASE_TIME, data: &3600u32.to_be_bytes() };
//! let bytes = options::emit(&[lease]);
//! assert_eq!(bytes, [51, 4, 0, 0, 0x0e, 0x10, 255]);
//! assert_eq!(DhcpOptions::new(&bytes).next(), Some(Ok(lease)));
//! ```

use crate::reader::Reader;
use crate::{Problem, WireError};

/// Code that fills one byte.
pub const PAD: u8 = 0;
/// Code that ends the list.
pub const END: u8 = 255;
/// Code of the subnet mask, RFC 2132 section 3.3.
pub const SUBNET_MASK: u8 = 1;
/// Code of routers, RFC 2132 section 3.5.
pub const ROUTER: u8 = 3;
/// Code of name servers, RFC 2132 section 3.8.
pub const DNS_SERVER: u8 = 6;
/// Code of the host's name, RFC 2132 section 3.14.
pub const HOST_NAME: u8 = 12;
/// Code of the domain's name, RFC 2132 section 3.17.
pub const DOMAIN_NAME: u8 = 15;
/// Code of the link's MTU, RFC 2132 section 5.1.
pub const INTERFACE_MTU: u8 = 26;
/// Code of the broadcast address, RFC 2132 section 5.3.
pub const BROADCAST_ADDRESS: u8 = 28;
/// Code of time servers, RFC 2132 section 8.3.
pub const NTP_SERVER: u8 = 42;
/// Code of the address that a client asks for, RFC 2132 section 9.1.
pub const REQUESTED_ADDRESS: u8 = 50;
/// Code of the time for which an address is lent, in seconds, RFC 2132 section 9.2.
pub const LEASE_TIME: u8 = 51;
/// Code of the message type, RFC 2132 section 9.6: all messages have it.
pub const MESSAGE_TYPE: u8 = 53;
/// Code of the server's address, RFC 2132 section 9.7.
pub const SERVER_IDENTIFIER: u8 = 54;
/// Code of the list of what a client wants to know, RFC 2132 section 9.8.
pub const PARAMETER_REQUEST_LIST: u8 = 55;
/// Code of an error in words, RFC 2132 section 9.9.
pub const MESSAGE: u8 = 56;
/// Code of the longest message that a client takes, RFC 2132 section 9.10.
pub const MAXIMUM_MESSAGE_SIZE: u8 = 57;
/// Code of the time after which a client asks its server again, in seconds, RFC 2132 section 9.11.
pub const RENEWAL_TIME: u8 = 58;
/// Code of the time after which it asks any server, in seconds, RFC 2132 section 9.12.
pub const REBINDING_TIME: u8 = 59;
/// Code of what kind of client this is, RFC 2132 section 9.13.
pub const VENDOR_CLASS: u8 = 60;
/// Code of the client's identifier, RFC 2132 section 9.14.
pub const CLIENT_IDENTIFIER: u8 = 61;

/// Message type: is there a server?
pub const DISCOVER: u8 = 1;
/// Message type: I could lend you this address.
pub const OFFER: u8 = 2;
/// Message type: I want it.
pub const REQUEST: u8 = 3;
/// Message type: I found out that somebody else has it.
pub const DECLINE: u8 = 4;
/// Message type: it is yours.
pub const ACK: u8 = 5;
/// Message type: it is not yours.
pub const NAK: u8 = 6;
/// Message type: I do not need it any more.
pub const RELEASE: u8 = 7;
/// Message type: I have an address; what else should I know?
pub const INFORM: u8 = 8;

/// Names of message types.
pub(crate) const MESSAGE_TYPES: &[(u64, &str)] = &[
    (1, "discover"),
    (2, "offer"),
    (3, "request"),
    (4, "decline"),
    (5, "ack"),
    (6, "nak"),
    (7, "release"),
    (8, "inform"),
];

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DhcpOption<'a> {
    /// What it tells.
    pub code: u8,
    /// The data, 255 bytes at most.
    pub data: &'a [u8],
}

/// Walks the options of a message, without the padding between them; the first error ends the walk.
#[derive(Debug, Clone)]
pub struct DhcpOptions<'a>(Reader<'a>);

impl<'a> DhcpOptions<'a> {
    /// The options in `bytes`, as [`super::Dhcp::parse`] gives them.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    fn option(&mut self) -> Result<Option<DhcpOption<'a>>, WireError> {
        let code = loop {
            match self.0.u8() {
                None | Some(END) => return Ok(None),
                Some(PAD) => {}
                Some(code) => break code,
            }
        };
        let (byte, have) = (self.0.consumed(), self.0.rest().len());
        let wrong = |need| WireError {
            header: "DHCP option",
            field: "length",
            byte,
            problem: Problem::TooShort { need, have },
        };
        let len = usize::from(self.0.u8().ok_or(wrong(1))?);
        let data = self.0.take(len).ok_or(wrong(1 + len))?;
        Ok(Some(DhcpOption { code, data }))
    }
}

impl<'a> Iterator for DhcpOptions<'a> {
    type Item = Result<DhcpOption<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.option().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = Reader::new(&[]);
        }
        next
    }
}

/// What kind of message has these options.
#[must_use]
pub fn message_type(options: &[u8]) -> Option<u8> {
    let found = DhcpOptions::new(options).map_while(Result::ok).find(|option| option.code == MESSAGE_TYPE)?;
    found.data.first().copied()
}

/// The bytes of `options`, and the end. Data of more than 255 bytes get a length that is cut to its 8 bits.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
pub fn emit(options: &[DhcpOption<'_>]) -> Vec<u8> {
    let mut bytes = vec![];
    for option in options {
        bytes.extend([option.code, option.data.len() as u8]);
        bytes.extend(option.data);
    }
    bytes.push(END);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_skipped_and_the_end_is_the_end() {
        let option = |code, data| Some(Ok(DhcpOption { code, data }));
        let mut options = DhcpOptions::new(&[0, 0, 53, 1, 5, 0, 12, 0, 255, 99]);
        assert_eq!([options.next(), options.next(), options.next()], [option(53, &[5]), option(12, &[]), None]);
        assert_eq!(message_type(&[0, 12, 0, 53, 1, 5]), Some(ACK));
        assert_eq!(message_type(&[53, 0, 255]), None);
    }

    #[test]
    fn length_beyond_the_message_ends_the_walk() {
        let error = |bytes| {
            let mut options = DhcpOptions::new(bytes);
            let error = options.next().unwrap().unwrap_err().to_string();
            assert_eq!(options.next(), None);
            error
        };
        assert_eq!(error(&[0, 12, 3, b'a']), "DHCP option, byte 2: length says 4 bytes, 2 are there");
        assert_eq!(error(&[12]), "DHCP option, byte 1: length says 1 bytes, 0 are there");
    }
}
