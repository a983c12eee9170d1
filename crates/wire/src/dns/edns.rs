//! Extensions: more room, more bits and options, in a record that is none.
//!
//! Obeys RFC 6891 section 6.1 (the OPT record), and for the options RFC 5001 (NSID), RFC 7871 (client subnet), RFC 7873 (cookies),
//! RFC 7830 (padding) and RFC 8914 (extended errors).
//!
//! ```
//! use wire::dns::{Edns, EdnsOption, Message, Question, Type};
//!
//! let mut query = Message::query(0x1234, true, Question::new("www.example.com".parse()?, Type::A));
//! let edns = Edns { options: vec![EdnsOption::Nsid(vec![])], ..Edns::new(1232) };
//! query.additionals.push(edns.record());
//! let bytes = query.sealed().bytes();
//! assert_eq!(Message::parse(&bytes)?.0.edns(), Some(edns));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::cursor::{Cursor, Wrong};
use super::emit::Emitter;
use super::name::Name;
use super::numbers::Class;
use super::rdata::Rdata;
use super::rdata::{Data, Words, hex_of};
use super::record::Record;
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec, Named, Text};
use crate::fields::row;
use crate::{Problem, text};
use std::fmt;
use std::net::IpAddr;

/// What an OPT record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edns {
    /// The longest datagram that the sender takes, in bytes. RFC 6891 section 6.2.3: "Values lower than 512 MUST be treated as
    /// equal to 512."
    pub payload_size: u16,
    /// The upper eight bits of the outcome; the lower four are in the header.
    pub extended_rcode: u8,
    /// The version; there is 0.
    pub version: u8,
    /// DO: the sender wants to see the records of DNSSEC.
    pub dnssec_ok: bool,
    /// The other 15 flags, which are zero.
    pub z: u16,
    /// The options.
    pub options: Vec<EdnsOption>,
}

/// The data of an OPT record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdnsOptions(pub Vec<EdnsOption>);

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdnsOption {
    /// Which of several servers with this address answers: asked for with no bytes, RFC 5001 section 2.1.
    Nsid(Vec<u8>),
    /// For which part of the network an answer is wanted, and good.
    ClientSubnet(ClientSubnet),
    /// What shows that a message comes from where it says, RFC 7873 section 4.
    Cookie {
        /// Of the client.
        client: [u8; 8],
        /// Of the server: 8 to 32 bytes, or none as long as the client has none.
        server: Vec<u8>,
    },
    /// Bytes that make all messages of one length, RFC 7830 section 3.
    Padding(Vec<u8>),
    /// Why the answer is what it is, RFC 8914 section 2.
    ExtendedError {
        /// A number; section 4 has their names.
        info_code: u16,
        /// Words for people, in UTF-8.
        extra_text: Vec<u8>,
    },
    /// What this crate does not know.
    Other(u16, Vec<u8>),
}

/// A part of the network, RFC 7871 section 6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSubnet {
    /// 1 for IPv4, 2 for IPv6.
    pub family: u16,
    /// Bits of the address that a query tells.
    pub source_prefix_length: u8,
    /// Bits for which an answer holds; 0 in a query.
    pub scope_prefix_length: u8,
    /// The address, as many bytes of it as the source prefix touches.
    pub address: Vec<u8>,
}

const NSID: u16 = 3;
const CLIENT_SUBNET: u16 = 8;
const COOKIE: u16 = 10;
const PADDING: u16 = 12;
const EXTENDED_ERROR: u16 = 15;

const CODES: &[(u64, &str)] = &[
    (1, "LLQ"),
    (3, "NSID"),
    (5, "DAU"),
    (6, "DHU"),
    (7, "N3U"),
    (8, "client subnet"),
    (9, "EXPIRE"),
    (10, "cookie"),
    (11, "TCP keepalive"),
    (12, "padding"),
    (13, "chain"),
    (14, "key tag"),
    (15, "extended error"),
];

/// RFC 8914 section 4.
const INFO_CODES: &[(u64, &str)] = &[
    (0, "Other"),
    (1, "Unsupported DNSKEY Algorithm"),
    (2, "Unsupported DS Digest Type"),
    (3, "Stale Answer"),
    (4, "Forged Answer"),
    (5, "DNSSEC Indeterminate"),
    (6, "DNSSEC Bogus"),
    (7, "Signature Expired"),
    (8, "Signature Not Yet Valid"),
    (9, "DNSKEY Missing"),
    (10, "RRSIGs Missing"),
    (11, "No Zone Key Bit Set"),
    (12, "NSEC Missing"),
    (13, "Cached Error"),
    (14, "Not Ready"),
    (15, "Blocked"),
    (16, "Censored"),
    (17, "Filtered"),
    (18, "Prohibited"),
    (19, "Stale NXDOMAIN Answer"),
    (20, "Not Authoritative"),
    (21, "Not Supported"),
    (22, "No Reachable Authority"),
    (23, "Network Error"),
    (24, "Invalid Data"),
];

pub(crate) static OPTION: Field = row("option", "Option", Bytes);
static CODE: Field = row("option_code", "OPTION-CODE", Named(CODES));
static LENGTH: Field = row("option_length", "OPTION-LENGTH", Dec);
static DATA: Field = row("option_data", "OPTION-DATA", Bytes);
static IDENTIFIER: Field = row("nsid", "NSID", Text);
static FAMILY: Field = row("family", "FAMILY", Named(&[(1, "IPv4"), (2, "IPv6")]));
static SOURCE: Field = row("source_prefix_length", "SOURCE PREFIX-LENGTH", Dec);
static SCOPE: Field = row("scope_prefix_length", "SCOPE PREFIX-LENGTH", Dec);
static ADDRESS: Field = row("address", "ADDRESS", Bytes);
static CLIENT: Field = row("client_cookie", "Client Cookie", Bytes);
static SERVER: Field = row("server_cookie", "Server Cookie", Bytes);
static FILLED: Field = row("padding", "PADDING", Bytes);
static INFO_CODE: Field = row("info_code", "INFO-CODE", Named(INFO_CODES));
static EXTRA_TEXT: Field = row("extra_text", "EXTRA-TEXT", Text);

impl Edns {
    /// Version 0, with room for answers of so many bytes, and nothing else.
    #[must_use]
    pub fn new(payload_size: u16) -> Self {
        Self { payload_size, extended_rcode: 0, version: 0, dnssec_ok: false, z: 0, options: vec![] }
    }

    /// What this record says, if it is an OPT record.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let Rdata::Opt(EdnsOptions(options)) = &record.rdata else { return None };
        let [extended_rcode, version, high, low] = record.ttl.to_be_bytes();
        let flags = u16::from_be_bytes([high, low]);
        Some(Self {
            payload_size: record.class.0,
            extended_rcode,
            version,
            dnssec_ok: flags & 0x8000 != 0,
            z: flags & 0x7fff,
            options: options.clone(),
        })
    }

    /// The record that says this. RFC 6891 section 6.1.2: its name "MUST be 0 (root domain)".
    #[must_use]
    pub fn record(&self) -> Record {
        let [high, low] = (u16::from(self.dnssec_ok) << 15 | self.z & 0x7fff).to_be_bytes();
        Record {
            name: Name::root(),
            class: Class(self.payload_size),
            ttl: u32::from_be_bytes([self.extended_rcode, self.version, high, low]),
            rdata: Rdata::Opt(EdnsOptions(self.options.clone())),
        }
    }
}

impl ClientSubnet {
    /// The network of so many bits around `address`, for a query.
    ///
    /// RFC 7871 section 6: the address is "truncated to the number of bits indicated by the SOURCE PREFIX-LENGTH field".
    #[must_use]
    pub fn of(address: IpAddr, source_prefix_length: u8) -> Self {
        let (family, mut address) = match address {
            IpAddr::V4(v4) => (1, v4.octets().to_vec()),
            IpAddr::V6(v6) => (2, v6.octets().to_vec()),
        };
        address.truncate(bytes_of(source_prefix_length));
        let unused = (8 - source_prefix_length % 8) % 8;
        if let Some(last) = address.last_mut().filter(|_| unused > 0) {
            *last &= 0xff << unused;
        }
        Self { family, source_prefix_length, scope_prefix_length: 0, address }
    }
}

/// Bytes that so many bits touch.
fn bytes_of(bits: u8) -> usize {
    usize::from(bits.div_ceil(8))
}

impl Data for EdnsOptions {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let mut options = vec![];
        while cursor.left() > 0 {
            options.push(cursor.group(&OPTION, EdnsOption::read)?);
        }
        Ok(Self(options))
    }

    fn emit(&self, to: &mut Emitter) {
        for option in &self.0 {
            to.put(&option.code().to_be_bytes());
            to.counted(|to| option.emit(to));
        }
    }

    /// RFC 6891 section 6.1.1: "OPT RRs MUST NOT be cached, forwarded, or stored in or loaded from Zone Files."
    fn of_text(_: &mut Words<'_>) -> Result<Self, String> {
        Err("OPT is of messages and in no zone (RFC 6891 section 6.1.1)".into())
    }
}

impl EdnsOption {
    /// The number of its kind.
    #[must_use]
    pub fn code(&self) -> u16 {
        match self {
            Self::Nsid(_) => NSID,
            Self::ClientSubnet(_) => CLIENT_SUBNET,
            Self::Cookie { .. } => COOKIE,
            Self::Padding(_) => PADDING,
            Self::ExtendedError { .. } => EXTENDED_ERROR,
            Self::Other(code, _) => *code,
        }
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let code = cursor.u16(&CODE)?;
        let len = usize::from(cursor.u16(&LENGTH)?);
        cursor.counted(&LENGTH, len, |cursor| {
            Ok(match code {
                NSID => Self::Nsid(cursor.rest(&IDENTIFIER)?.to_vec()),
                CLIENT_SUBNET => Self::ClientSubnet(ClientSubnet::read(cursor)?),
                COOKIE => Self::cookie(cursor)?,
                PADDING => Self::Padding(cursor.rest(&FILLED)?.to_vec()),
                EXTENDED_ERROR => Self::ExtendedError {
                    info_code: cursor.u16(&INFO_CODE)?,
                    extra_text: cursor.rest(&EXTRA_TEXT)?.to_vec(),
                },
                code => Self::Other(code, cursor.rest(&DATA)?.to_vec()),
            })
        })
    }

    /// RFC 7873 section 5.2.2: an option of neither 8 bytes nor 16 to 40 is an error of the format.
    fn cookie(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let client = cursor.octets(&CLIENT)?;
        let at = cursor.at();
        let server = cursor.rest(&SERVER)?.to_vec();
        let problem = match server.len() {
            value @ 1..8 => Problem::TooSmall { value, least: 8 },
            value @ 33.. => Problem::TooLarge { value, most: 32 },
            _ => return Ok(Self::Cookie { client, server }),
        };
        Err(Cursor::error(&SERVER, at, problem))
    }

    fn emit(&self, to: &mut Emitter) {
        match self {
            Self::Nsid(bytes) | Self::Padding(bytes) | Self::Other(_, bytes) => to.put(bytes),
            Self::ClientSubnet(subnet) => {
                to.put(&subnet.family.to_be_bytes());
                to.put(&[subnet.source_prefix_length, subnet.scope_prefix_length]);
                to.put(&subnet.address);
            }
            Self::Cookie { client, server } => {
                to.put(client);
                to.put(server);
            }
            Self::ExtendedError { info_code, extra_text } => {
                to.put(&info_code.to_be_bytes());
                to.put(extra_text);
            }
        }
    }
}

impl ClientSubnet {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let family = cursor.u16(&FAMILY)?;
        let source_prefix_length = cursor.u8(&SOURCE)?;
        let at = cursor.at();
        let scope_prefix_length = cursor.u8(&SCOPE)?;
        let most = match family {
            1 => 32,
            2 => 128,
            _ => u8::MAX,
        };
        for (at, row, bits) in [(at - 1, &SOURCE, source_prefix_length), (at, &SCOPE, scope_prefix_length)] {
            if bits > most {
                let problem = Problem::TooLarge { value: bytes_of(bits), most: bytes_of(most) };
                return Err(Cursor::error(row, at, problem));
            }
        }
        let address = cursor.bytes(&ADDRESS, bytes_of(source_prefix_length))?.to_vec();
        Ok(Self { family, source_prefix_length, scope_prefix_length, address })
    }
}

impl fmt::Display for Edns {
    /// As in the first line of dig's pseudosection: `version: 0, flags: do; udp: 1232`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payload_size, version, dnssec_ok, z, .. } = self;
        write!(f, "version: {version}, flags:{}", if *dnssec_ok { " do" } else { "" })?;
        if *z != 0 {
            write!(f, "; MBZ: {z:#06x}")?;
        }
        write!(f, "; udp: {payload_size}")
    }
}

impl fmt::Display for ClientSubnet {
    /// As dig writes it: address, source and scope prefix length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, source_prefix_length, scope_prefix_length, address } = self;
        let octet = |at: usize| address.get(at).copied().unwrap_or_default();
        match family {
            1 => write!(f, "{}", IpAddr::from(std::array::from_fn::<u8, 4, _>(octet)))?,
            2 => write!(f, "{}", IpAddr::from(std::array::from_fn::<u8, 16, _>(octet)))?,
            _ => write!(f, "family {family} {}", hex_of(address))?,
        }
        write!(f, "/{source_prefix_length}/{scope_prefix_length}")
    }
}

impl fmt::Display for EdnsOption {
    /// As a line of dig's pseudosection, without the semicolon: `NSID: 67 70 ("gp")`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |bytes: &[u8]| bytes.iter().map(|byte| format!(" {byte:02x}")).collect::<String>();
        match self {
            Self::Nsid(id) if id.is_empty() => f.write_str("NSID"),
            Self::Nsid(id) => write!(f, "NSID:{} (\"{}\")", shown(id), text::escaped(id)),
            Self::ClientSubnet(subnet) => write!(f, "CLIENT-SUBNET: {subnet}"),
            Self::Cookie { client, server } => {
                f.write_str("COOKIE: ")?;
                client.iter().chain(server).try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Padding(bytes) => write!(f, "PADDING: ({} bytes)", bytes.len()),
            Self::ExtendedError { info_code, extra_text } => {
                write!(f, "EDE: {info_code}")?;
                if let Some((_, name)) = INFO_CODES.iter().find(|(number, _)| *number == u64::from(*info_code)) {
                    write!(f, " ({name})")?;
                }
                if extra_text.is_empty() { Ok(()) } else { write!(f, ": ({})", text::escaped(extra_text)) }
            }
            Self::Other(code, data) => write!(f, "OPT={code}:{}", shown(data)),
        }
    }
}

impl fmt::Display for EdnsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&options.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Type;

    fn read(data: &[u8]) -> Result<String, String> {
        let read = Rdata::read(Type::OPT, &mut Cursor::new(data));
        read.map(|data| data.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn options_read_as_dig_tells_them() {
        for (data, told) in [
            (b"\0\x03\0\0".as_slice(), "NSID"),
            (b"\0\x03\0\x03gp\x1b", "NSID: 67 70 1b (\"gp\\x1b\")"),
            (b"\0\x08\0\x07\0\x01\x18\0\xc0\0\x02", "CLIENT-SUBNET: 192.0.2.0/24/0"),
            (b"\0\x08\0\x08\0\x02\x20\x20\x20\x01\x0d\xb8", "CLIENT-SUBNET: 2001:db8::/32/32"),
            (b"\0\x0a\0\x08\x01\x02\x03\x04\x05\x06\x07\x08", "COOKIE: 0102030405060708"),
            (b"\0\x0f\0\x06\0\x12nope", "EDE: 18 (Prohibited): (nope)"),
            (b"\0\x0c\0\x02\0\0\xfd\xe9\0\x01\x07", "PADDING: (2 bytes); OPT=65001: 07"),
        ] {
            assert_eq!(read(data).as_deref(), Ok(told));
        }
    }

    #[test]
    fn malformed_options_are_refused() {
        assert_eq!(
            read(b"\0\x0a\0\x07\0\0\0\0\0\0\0").unwrap_err(),
            "DNS, byte 4: client_cookie needs 8 bytes, 7 are there"
        );
        assert_eq!(
            read(b"\0\x0a\0\x09\0\0\0\0\0\0\0\0\0").unwrap_err(),
            "DNS, byte 12: server_cookie says 1 bytes, 8 is the least"
        );
        assert_eq!(
            read(b"\0\x08\0\x06\0\x01\x18\0\xc0\0").unwrap_err(),
            "DNS, byte 8: address needs 3 bytes, 2 are there"
        );
        assert_eq!(
            read(b"\0\x08\0\x08\0\x01\x18\0\xc0\0\x02\x01").unwrap_err(),
            "DNS, byte 2: option_length is 8, and must be 7"
        );
        assert_eq!(read(b"\0\x0f\0\x01\0").unwrap_err(), "DNS, byte 4: info_code needs 2 bytes, 1 are there");
        assert_eq!(read(b"\0\x03\0").unwrap_err(), "DNS, byte 2: option_length needs 2 bytes, 1 are there");
    }

    #[test]
    fn subnet_tells_no_more_of_an_address_than_its_prefix() {
        let subnet = ClientSubnet::of([192, 0, 2, 255].into(), 26);
        assert_eq!((subnet.to_string(), subnet.address.len()), ("192.0.2.192/26/0".into(), 4));
        assert_eq!(ClientSubnet::of([192, 0, 2, 255].into(), 0).address, []);
    }
}
