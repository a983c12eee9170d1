//! STUN messages, as far as a NAT's behaviour is asked for with them: RFC 8489 section 5, RFC 5780 section 7.

use std::net::{Ipv4Addr, SocketAddrV4};

/// What tells STUN from other protocols at the same port: RFC 8489 section 5.
const MAGIC_COOKIE: u32 = 0x2112_a442;
const HEADER: usize = 20;

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_RESPONSE: u16 = 0x0101;

const CHANGE_REQUEST: u16 = 0x0003;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PADDING: u16 = 0x0026;
const RESPONSE_PORT: u16 = 0x0027;
const RESPONSE_ORIGIN: u16 = 0x802b;
const OTHER_ADDRESS: u16 = 0x802c;

/// What tells one question from another.
pub type Transaction = [u8; 12];

/// "Which address and port do you see?", and how the answer is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request {
    /// The question's number.
    pub transaction: Transaction,
    /// The answer is to come from the server's other address.
    pub change_address: bool,
    /// The answer is to come from the server's other port.
    pub change_port: bool,
    /// The answer is to go to this port of who asked, and not to the one that the question came from.
    pub response_port: Option<u16>,
    /// So many bytes that say nothing are in the question, and in the answer, so that they are cut on the way.
    pub padding: u16,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response {
    /// The number of the question.
    pub transaction: Transaction,
    /// Which end the server saw.
    pub mapped: SocketAddrV4,
    /// From which end the answer comes.
    pub origin: SocketAddrV4,
    /// The server's other address and port, if it has them.
    pub other: Option<SocketAddrV4>,
    /// As in the question.
    pub padding: u16,
}

impl Request {
    /// The message.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut attributes = vec![];
        if self.change_address || self.change_port {
            let flags = u32::from(self.change_address) << 2 | u32::from(self.change_port) << 1;
            attribute(&mut attributes, CHANGE_REQUEST, &flags.to_be_bytes());
        }
        if let Some(port) = self.response_port {
            attribute(&mut attributes, RESPONSE_PORT, &port.to_be_bytes());
        }
        pad(&mut attributes, self.padding);
        message(BINDING_REQUEST, self.transaction, &attributes)
    }

    /// The question in `bytes`; `None`: there is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (transaction, mut rest) = body(bytes, BINDING_REQUEST)?;
        let mut request = Self { transaction, ..Self::default() };
        while let Some((kind, value)) = next(&mut rest) {
            match kind {
                CHANGE_REQUEST => {
                    let flags = u32::from_be_bytes(value.try_into().ok()?);
                    (request.change_address, request.change_port) = (flags & 4 != 0, flags & 2 != 0);
                }
                RESPONSE_PORT => request.response_port = Some(u16::from_be_bytes(*value.first_chunk()?)),
                PADDING => request.padding = u16::try_from(value.len()).ok()?,
                // RFC 8489 section 14: who does not know an attribute of this range cannot answer.
                0..=0x7fff => return None,
                _ => {}
            }
        }
        Some(request)
    }
}

impl Response {
    /// The message.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut attributes = vec![];
        // RFC 8489 section 14.2: masked, since some NATs change whatever looks like an address.
        attribute(&mut attributes, XOR_MAPPED_ADDRESS, &end(self.mapped, MAGIC_COOKIE));
        attribute(&mut attributes, RESPONSE_ORIGIN, &end(self.origin, 0));
        if let Some(other) = self.other {
            attribute(&mut attributes, OTHER_ADDRESS, &end(other, 0));
        }
        pad(&mut attributes, self.padding);
        message(BINDING_RESPONSE, self.transaction, &attributes)
    }

    /// The answer in `bytes`; `None`: there is none, or not all of it.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (transaction, mut rest) = body(bytes, BINDING_RESPONSE)?;
        let (mut mapped, mut origin, mut other, mut padding) = (None, None, None, 0);
        while let Some((kind, value)) = next(&mut rest) {
            match kind {
                XOR_MAPPED_ADDRESS => mapped = read_end(value, MAGIC_COOKIE),
                RESPONSE_ORIGIN => origin = read_end(value, 0),
                OTHER_ADDRESS => other = read_end(value, 0),
                PADDING => padding = u16::try_from(value.len()).ok()?,
                _ => {}
            }
        }
        Some(Self { transaction, mapped: mapped?, origin: origin?, other, padding })
    }
}

fn message(kind: u16, transaction: Transaction, attributes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(attributes.len()).unwrap_or(u16::MAX);
    [&kind.to_be_bytes()[..], &len.to_be_bytes(), &MAGIC_COOKIE.to_be_bytes(), &transaction, attributes].concat()
}

/// Type, length, value, and zeros up to a multiple of four bytes: RFC 8489 section 14.
fn attribute(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend(kind.to_be_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

fn pad(out: &mut Vec<u8>, len: u16) {
    if len > 0 {
        attribute(out, PADDING, &vec![0; usize::from(len)]);
    }
}

/// Transaction and attributes of a message of this kind.
fn body(bytes: &[u8], kind: u16) -> Option<(Transaction, &[u8])> {
    let (header, attributes) = bytes.split_first_chunk::<HEADER>()?;
    let [k0, k1, l0, l1, c0, c1, c2, c3, transaction @ ..] = header;
    let is_it = u16::from_be_bytes([*k0, *k1]) == kind
        && u32::from_be_bytes([*c0, *c1, *c2, *c3]) == MAGIC_COOKIE
        && usize::from(u16::from_be_bytes([*l0, *l1])) == attributes.len();
    is_it.then_some((*transaction, attributes))
}

/// The next attribute of `rest`.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let ([k0, k1, l0, l1], behind) = rest.split_first_chunk::<4>()?;
    let len = usize::from(u16::from_be_bytes([*l0, *l1]));
    let value = behind.get(..len)?;
    *rest = behind.get(len.next_multiple_of(4)..).unwrap_or_default();
    Some((u16::from_be_bytes([*k0, *k1]), value))
}

/// Family 1, port, address; both masked with `mask`.
fn end(end: SocketAddrV4, mask: u32) -> Vec<u8> {
    let port = end.port() ^ u16::try_from(mask >> 16).unwrap_or(0);
    [&[0, 1][..], &port.to_be_bytes(), &(u32::from(*end.ip()) ^ mask).to_be_bytes()].concat()
}

fn read_end(value: &[u8], mask: u32) -> Option<SocketAddrV4> {
    let [_, 1, p0, p1, a, b, c, d] = *value.first_chunk::<8>()? else { return None };
    let port = u16::from_be_bytes([p0, p1]) ^ u16::try_from(mask >> 16).unwrap_or(0);
    Some(SocketAddrV4::new(Ipv4Addr::from(u32::from_be_bytes([a, b, c, d]) ^ mask), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_of_rfc_5769_section_2_2_is_read_as_the_rfc_has_it() {
        // RFC 5769 section 2.2 has this XOR-MAPPED-ADDRESS for 192.0.2.1 port 32853.
        assert_eq!(read_end(&[0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43], MAGIC_COOKIE), "192.0.2.1:32853".parse().ok());
    }

    #[test]
    fn messages_are_read_as_they_were_written_and_cut_ones_not_at_all() {
        let end = |port| SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), port);
        let request = Request {
            transaction: [7; 12],
            change_address: true,
            change_port: false,
            response_port: Some(9),
            padding: 1501,
        };
        let response =
            Response { transaction: [8; 12], mapped: end(1), origin: end(2), other: Some(end(3)), padding: 3 };
        assert_eq!(Request::read(&request.bytes()), Some(request));
        assert_eq!(Response::read(&response.bytes()), Some(response));
        for cut in 1..response.bytes().len() {
            assert_eq!(Response::read(&response.bytes()[..cut]), None, "{cut}");
            assert_eq!(Request::read(&request.bytes()[..cut]), None, "{cut}");
        }
    }
}
