//! The Dynamic Host Configuration Protocol: how a host gets an address, in four messages by UDP.
//!
//! Obeys RFC 2131 section 2 (the message) and RFC 2132 (options, in [`crate::dhcp::options`]).
//!
//! ```text
#![doc = include_str!("dhcp.txt")]
//! ```
//!
//! ```
//! use wire::Mac;
//! use wire::dhcp::{self, Dhcp, options::{self, DhcpOption}};
//!
//! let discover = Dhcp::from_client(Mac([2, 0, 0, 0, 0, 0xaa]), 0x1234_5678);
//! let bytes = discover.message(&[DhcpOption { code: options::MESSAGE_TYPE, data: &[options::DISCOVER] }]);
//!
//! let (dhcp, options) = Dhcp::parse(&bytes)?;
//! assert_eq!((dhcp.op, dhcp.client_mac()), (dhcp::BOOTREQUEST, Some(Mac([2, 0, 0, 0, 0, 0xaa]))));
//! assert_eq!(options::message_type(options), Some(options::DISCOVER));
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: options in the fields `sname` and `file` ("overload"), and options that are cut in two (RFC 3396).

pub mod options;

use crate::fields::Show::{Addr, Bytes, Dec, Flag, Hex, Named, Text};
use crate::{Mac, Problem, WireError, header};
use options::DhcpOption;
use std::net::Ipv4Addr;

/// The port of servers and relays, RFC 2131 section 4.1.
pub const SERVER_PORT: u16 = 67;
/// The port of clients.
pub const CLIENT_PORT: u16 = 68;
/// From a client.
pub const BOOTREQUEST: u8 = 1;
/// From a server.
pub const BOOTREPLY: u8 = 2;
/// What options begin with, RFC 2131 section 3: without it, this is an older protocol's message.
pub const MAGIC_COOKIE: u32 = 0x6382_5363;
/// The shortest message that all relays pass on: that of BOOTP.
const MIN_MESSAGE: usize = 300;

header! {
    /// A message without its options; fields have the names of RFC 2131 section 2.
    Dhcp, "DHCP", 240 bytes;
       8 op:           u8,        "op",     Named(&[(1, "request"), (2, "reply")]);
       8 htype:        u8,        "htype",  Named(&[(1, "Ethernet")]);
       8 hlen:         u8,        "hlen",   Dec;
       8 hops:         u8,        "hops",   Dec;
      32 xid:          u32,       "xid",    Hex;
      16 secs:         u16,       "secs",   Dec;
       1 broadcast:    bool,      "B",      Flag;
      15 reserved:     u16,       "flags",  Hex;
      32 ciaddr:       Ipv4Addr,  "ciaddr", Addr;
      32 yiaddr:       Ipv4Addr,  "yiaddr", Addr;
      32 siaddr:       Ipv4Addr,  "siaddr", Addr;
      32 giaddr:       Ipv4Addr,  "giaddr", Addr;
     128 chaddr:       [u8; 16],  "chaddr", Bytes;
     512 sname:        [u8; 64],  "sname",  Text;
    1024 file:         [u8; 128], "file",   Text;
      32 magic_cookie: u32,       "magic cookie", Hex;
}

impl Dhcp {
    /// A message of a client with an Ethernet address, which knows no IPv4 address yet.
    #[must_use]
    pub fn from_client(mac: Mac, xid: u32) -> Self {
        let Mac([a, b, c, d, e, f]) = mac;
        Self {
            op: BOOTREQUEST,
            htype: 1,
            hlen: 6,
            hops: 0,
            xid,
            secs: 0,
            broadcast: false,
            reserved: 0,
            ciaddr: Ipv4Addr::UNSPECIFIED,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            siaddr: Ipv4Addr::UNSPECIFIED,
            giaddr: Ipv4Addr::UNSPECIFIED,
            chaddr: [a, b, c, d, e, f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            sname: [0; 64],
            file: [0; 128],
            magic_cookie: MAGIC_COOKIE,
        }
    }

    /// The message, and its options for [`options::DhcpOptions`] to walk.
    ///
    /// # Errors
    /// When it is cut short, or has no cookie.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let (dhcp, options) = Self::take(bytes)?;
        if dhcp.magic_cookie != MAGIC_COOKIE {
            let problem = Problem::Unexpected { value: dhcp.magic_cookie.into(), expected: MAGIC_COOKIE.into() };
            return Err(WireError { header: Self::TITLE, field: "magic_cookie", byte: 236, problem });
        }
        Ok((dhcp, options))
    }

    /// The bytes of this message with `options`, and with the end and the padding behind them.
    #[must_use]
    pub fn message(&self, options: &[DhcpOption<'_>]) -> Vec<u8> {
        let mut bytes = self.bytes().to_vec();
        bytes.extend(options::emit(options));
        bytes.resize(bytes.len().max(MIN_MESSAGE), options::PAD);
        bytes
    }

    /// The client's address on Ethernet, if it is there.
    #[must_use]
    pub fn client_mac(&self) -> Option<Mac> {
        let (mac, _) = self.chaddr.split_first_chunk()?;
        (self.htype == 1 && self.hlen == 6).then_some(Mac(*mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("dhcp", include_str!("dhcp.txt"), Dhcp::FIELDS);
    }

    #[test]
    fn message_has_its_fields_where_the_rfc_has_them() {
        let client = Dhcp::from_client(Mac([2, 0, 0, 0, 0, 0xaa]), 0x0102_0304);
        let sname = std::array::from_fn(|at| if at < 4 { b"boot"[at] } else { 0 });
        let bytes = Dhcp { broadcast: true, giaddr: [10, 0, 0, 1].into(), sname, ..client }.message(&[]);
        assert_eq!(bytes.len(), 300);
        assert_eq!(bytes[..12], [1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0]);
        assert_eq!((&bytes[24..36], &bytes[44..49]), (&[10, 0, 0, 1, 2, 0, 0, 0, 0, 0xaa, 0, 0][..], &b"boot\0"[..]));
        assert_eq!(bytes[236..242], [0x63, 0x82, 0x53, 0x63, 255, 0]);
    }

    #[test]
    fn message_without_the_cookie_is_refused() {
        let mut bytes = Dhcp::from_client(Mac::ZERO, 0).bytes();
        bytes[239] = 0;
        let error = Dhcp::parse(&bytes).unwrap_err().to_string();
        assert_eq!(error, "DHCP, byte 236: magic_cookie is 1669485312, and must be 1669485411");
    }
}
