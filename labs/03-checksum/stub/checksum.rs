//! Lab 3: write the bodies of these functions. `cargo lab check 03` says how far you are, `cargo lab hint 03` helps.
//!
//! Bytes come from the network, so a length in them may be a lie: a function of yours never panics, it answers
//! `Err(LabError::Malformed)`.

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
    Err(LabError::NotYet)
}

/// What goes into the checksum field of `data`, in which that field is zero.
pub fn checksum(data: &[u8]) -> Lab<u16> {
    Err(LabError::NotYet)
}

/// Whether `data`, with its checksum in it, came as it was sent.
pub fn verify(data: &[u8]) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// The new checksum when one word under it changes from `old` to `new`.
pub fn update(checksum: u16, old: u16, new: u16) -> Lab<u16> {
    Err(LabError::NotYet)
}

/// The packet of `header`, without options, and `payload`.
pub fn emit(header: &Header, payload: &[u8]) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// The header of `packet` and its payload, which ends where the total length says.
///
/// Malformed is: another version than 4, a header shorter than 20 bytes, a total length below the header's or above what is
/// there, a wrong header checksum.
pub fn parse(packet: &[u8]) -> Lab<(Header, &[u8])> {
    Err(LabError::NotYet)
}
