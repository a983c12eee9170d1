// Fails `odd`: the last byte is left out.
//! Lab 3, solved: the Internet checksum by RFC 1071 and RFC 1624, and an IPv4 header by RFC 791.

use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;

/// The fields of an IPv4 header that are not computed from others.
pub struct Header {
    /// Byte 1, once "type of service", now DSCP and ECN.
    pub tos: u8,
    /// Identification.
    pub ident: u16,
    /// Three flags and the fragment offset, as they stand in bytes 6 and 7.
    pub flags_offset: u16,
    /// Time to live.
    pub ttl: u8,
    /// What the payload is: 1 ICMP, 6 TCP, 17 UDP.
    pub protocol: u8,
    /// Who sends it.
    pub src: Ipv4Addr,
    /// Who is to have it.
    pub dst: Ipv4Addr,
}

/// The one's complement sum of the 16-bit words in `data`, folded to 16 bits.
pub fn sum(data: &[u8]) -> Lab<u16> {
    let mut total: u32 = 0;
    for word in data.chunks(2) {
        total += match *word {
            [high, low] => u32::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
    }
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    Ok(total as u16)
}

/// What goes into the checksum field of `data`, in which that field is zero.
pub fn checksum(data: &[u8]) -> Lab<u16> {
    Ok(!sum(data)?)
}

/// Whether `data`, with its checksum in it, came as it was sent.
pub fn verify(data: &[u8]) -> Lab<bool> {
    Ok(sum(data)? == 0xffff)
}

/// The new checksum when one word under it changes from `old` to `new`.
pub fn update(checksum: u16, old: u16, new: u16) -> Lab<u16> {
    let mut total = u32::from(!checksum) + u32::from(!old) + u32::from(new);
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    Ok(!(total as u16))
}

/// The packet of `header`, without options, and `payload`.
pub fn emit(header: &Header, payload: &[u8]) -> Lab<Vec<u8>> {
    let total_length = u16::try_from(20 + payload.len()).map_err(|_| LabError::Malformed)?;
    let mut packet = vec![0x45, header.tos];
    packet.extend(total_length.to_be_bytes());
    packet.extend(header.ident.to_be_bytes());
    packet.extend(header.flags_offset.to_be_bytes());
    packet.extend([header.ttl, header.protocol, 0, 0]);
    packet.extend(header.src.octets());
    packet.extend(header.dst.octets());
    let checksum = checksum(&packet)?;
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend(payload);
    Ok(packet)
}

/// The header of `packet` and its payload, which ends where the total length says.
///
/// Malformed is: another version than 4, a header shorter than 20 bytes, a total length below the header's or above what is
/// there, a wrong header checksum.
pub fn parse(packet: &[u8]) -> Lab<(Header, &[u8])> {
    let Some(fixed) = packet.first_chunk::<20>() else { return Err(LabError::Malformed) };
    let word = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
    let address = |at: usize| Ipv4Addr::new(fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]);
    let (version, header_length) = (fixed[0] >> 4, usize::from(fixed[0] & 15) * 4);
    let total_length = usize::from(word(2));
    let lengths_fit = header_length >= 20 && header_length <= total_length && total_length <= packet.len();
    if version != 4 || !lengths_fit || !verify(&packet[..header_length])? {
        return Err(LabError::Malformed);
    }
    let header = Header {
        tos: fixed[1],
        ident: word(4),
        flags_offset: word(6),
        ttl: fixed[8],
        protocol: fixed[9],
        src: address(12),
        dst: address(16),
    };
    Ok((header, &packet[header_length..total_length]))
}
