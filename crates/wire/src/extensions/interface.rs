//! An interface that had to do with a packet: RFC 5837 section 4.
//!
//! The sub-type of the object says what is told, and the payload has that in the same order:
//!
//! ```text
#![doc = include_str!("interface.txt")]
//! ```

use crate::fields::Show::{Dec, Flag, Named};
use crate::reader::Reader;
use crate::{Problem, WireError, header};
use std::net::IpAddr;

/// The most bytes of a name, RFC 5837 section 4.3: its length, which is in front of it and counts itself, is 64 at most.
const MAX_NAME: usize = 63;
/// Address families, RFC 5837 section 4.2.
const IPV4: u16 = 1;
const IPV6: u16 = 2;

const TITLE: &str = "interface information";

header! {
    /// The sub-type of an interface information object, RFC 5837 section 4.1.
    InterfaceType, "interface information type", 1 bytes;
    2 role:         u8,   "Role",    Named(&[(0, "incoming"), (1, "sub-IP part of incoming"), (2, "outgoing"), (3, "next hop")]);
    2 reserved:     u8,   "Rsvd",    Dec;
    1 has_if_index: bool, "ifIndex", Flag;
    1 has_address:  bool, "Address", Flag;
    1 has_name:     bool, "Name",    Flag;
    1 has_mtu:      bool, "MTU",     Flag;
}

/// What an interface had to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The packet came by it.
    Incoming,
    /// It is the part below IP of the one that the packet came by.
    SubIpIncoming,
    /// The packet would have left by it.
    Outgoing,
    /// It is the next hop's, to which the packet would have gone.
    NextHop,
}

/// What is told of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterfaceInformation<'a> {
    /// What it had to do with the packet.
    pub role: Role,
    /// Its number at the router.
    pub if_index: Option<u32>,
    /// Its address; an interface without one has its number and name only.
    pub address: Option<IpAddr>,
    /// Its name, in UTF-8 if the router obeys; without the zeros that fill it up. To be escaped before it is shown.
    pub name: Option<&'a [u8]>,
    /// Its MTU, in bytes.
    pub mtu: Option<u32>,
}

impl<'a> InterfaceInformation<'a> {
    /// Nothing but a role.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { role, if_index: None, address: None, name: None, mtu: None }
    }

    pub(super) fn parse(c_type: u8, payload: &'a [u8]) -> Result<Self, WireError> {
        let c_type = InterfaceType::read(&[c_type]);
        let mut reader = Reader::new(payload);
        let role = match c_type.role {
            0 => Role::Incoming,
            1 => Role::SubIpIncoming,
            2 => Role::Outgoing,
            _ => Role::NextHop,
        };
        let mut interface = Self::new(role);
        if c_type.has_if_index {
            interface.if_index = Some(word(&mut reader)?);
        }
        if c_type.has_address {
            interface.address = Some(address(&mut reader)?);
        }
        if c_type.has_name {
            interface.name = Some(name(&mut reader)?);
        }
        if c_type.has_mtu {
            interface.mtu = Some(word(&mut reader)?);
        }
        Ok(interface)
    }

    /// The sub-type of an object with this payload.
    pub(super) fn c_type(&self) -> u8 {
        let role = match self.role {
            Role::Incoming => 0,
            Role::SubIpIncoming => 1,
            Role::Outgoing => 2,
            Role::NextHop => 3,
        };
        let [c_type] = InterfaceType {
            role,
            reserved: 0,
            has_if_index: self.if_index.is_some(),
            has_address: self.address.is_some(),
            has_name: self.name.is_some(),
            has_mtu: self.mtu.is_some(),
        }
        .bytes();
        c_type
    }

    /// The payload. RFC 5837 section 4.3: of a longer name the first 63 bytes are told.
    pub(super) fn payload(&self) -> Vec<u8> {
        let mut bytes = vec![];
        if let Some(if_index) = self.if_index {
            bytes.extend(if_index.to_be_bytes());
        }
        match self.address {
            Some(IpAddr::V4(address)) => bytes.extend([&[0, 1, 0, 0][..], &address.octets()].concat()),
            Some(IpAddr::V6(address)) => bytes.extend([&[0, 2, 0, 0][..], &address.octets()].concat()),
            None => {}
        }
        if let Some(name) = self.name {
            let name = name.get(..MAX_NAME).unwrap_or(name);
            let length = (1 + name.len()).next_multiple_of(4);
            let end = bytes.len() + length;
            bytes.push(u8::try_from(length).unwrap_or(u8::MAX));
            bytes.extend(name);
            bytes.resize(end, 0);
        }
        if let Some(mtu) = self.mtu {
            bytes.extend(mtu.to_be_bytes());
        }
        bytes
    }
}

/// The error of a payload that ends within a field of `need` bytes, the next for `reader`.
fn cut_short(reader: &Reader<'_>, need: usize) -> WireError {
    let have = reader.rest().len();
    let problem = Problem::TooShort { need, have };
    WireError { header: TITLE, field: "", byte: reader.consumed() + have, problem }
}

fn word(reader: &mut Reader<'_>) -> Result<u32, WireError> {
    reader.u32().ok_or(cut_short(reader, 4))
}

fn address(reader: &mut Reader<'_>) -> Result<IpAddr, WireError> {
    let byte = reader.consumed();
    let [high, low, _, _] = reader.array().ok_or(cut_short(reader, 4))?;
    match u16::from_be_bytes([high, low]) {
        IPV4 => reader.array::<4>().map(IpAddr::from).ok_or(cut_short(reader, 4)),
        IPV6 => reader.array::<16>().map(IpAddr::from).ok_or(cut_short(reader, 16)),
        family => {
            let problem = Problem::Unexpected { value: family.into(), expected: IPV4.into() };
            Err(WireError { header: TITLE, field: "address family", byte, problem })
        }
    }
}

fn name<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], WireError> {
    let byte = reader.consumed();
    let have = reader.rest().len();
    let wrong = |problem| WireError { header: TITLE, field: "name length", byte, problem };
    let length = usize::from(reader.u8().ok_or(cut_short(reader, 1))?);
    let len = length.checked_sub(1).ok_or(wrong(Problem::TooSmall { value: length, least: 1 }))?;
    if len > MAX_NAME {
        return Err(wrong(Problem::TooLarge { value: length, most: 1 + MAX_NAME }));
    }
    let name = reader.take(len).ok_or(wrong(Problem::TooShort { need: length, have }))?;
    let end = name.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Ok(name.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("extensions/interface", include_str!("interface.txt"), InterfaceType::FIELDS);
    }

    #[test]
    fn payload_has_what_the_type_says_in_the_same_order() {
        let interface = InterfaceInformation {
            if_index: Some(7),
            address: Some([10, 0, 0, 1].into()),
            name: Some(b"eth0"),
            mtu: Some(1500),
            ..InterfaceInformation::new(Role::Outgoing)
        };
        assert_eq!(interface.c_type(), 0b1000_1111);
        #[rustfmt::skip]
        assert_eq!(interface.payload(), [
            0, 0, 0, 7,
            0, 1, 0, 0, 10, 0, 0, 1,
            8, b'e', b't', b'h', b'0', 0, 0, 0,
            0, 0, 0x05, 0xdc,
        ]);
        assert_eq!(InterfaceInformation::parse(0b1000_1111, &interface.payload()), Ok(interface));
    }

    #[test]
    fn name_is_cut_to_63_bytes() {
        let long = InterfaceInformation { name: Some(&[b'x'; 70]), ..InterfaceInformation::new(Role::Incoming) };
        assert_eq!(long.payload(), [&[64][..], &[b'x'; 63]].concat());
    }

    #[test]
    fn what_the_payload_cannot_be_is_refused() {
        let refused = |c_type, payload| InterfaceInformation::parse(c_type, payload).unwrap_err().to_string();
        assert_eq!(refused(8, &[0, 0, 1]), "interface information, byte 3: 4 bytes are needed, 3 are there");
        assert_eq!(refused(4, &[0, 1, 0, 0, 10]), "interface information, byte 5: 4 bytes are needed, 1 are there");
        assert_eq!(refused(4, &[0, 9, 0, 0]), "interface information, byte 0: address family is 9, and must be 1");
        assert_eq!(refused(2, &[0]), "interface information, byte 0: name length says 0 bytes, 1 is the least");
        assert_eq!(refused(2, &[65; 65]), "interface information, byte 0: name length says 65 bytes, 64 is the most");
        assert_eq!(refused(2, &[8, b'e']), "interface information, byte 0: name length says 8 bytes, 2 are there");
    }
}
