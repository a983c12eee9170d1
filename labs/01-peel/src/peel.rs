//! Lab 1: write the bodies of these functions. `cargo lab check 01` says how far you are, `cargo lab hint 01` helps.
//!
//! Bytes come from the network, so a length in them may be a lie: a function of yours never panics, it answers
//! `Err(LabError::Malformed)`.

use host::Mac;
use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;

/// What is protocol 6 in an IPv4 header.
pub const TCP: u8 = 6;
/// What is protocol 17 in an IPv4 header.
pub const UDP: u8 = 17;

/// A frame on an Ethernet.
pub struct Frame<'a> {
    /// For whom it is.
    pub dst: Mac,
    /// Who sent it.
    pub src: Mac,
    /// The number of its virtual LAN, if it has a tag of IEEE 802.1Q: twelve bits.
    pub vlan: Option<u16>,
    /// What the payload is: 0x0800 IPv4, 0x0806 ARP, 0x86dd IPv6. Of a tagged frame it is the type behind the tag.
    pub ethertype: u16,
    /// All that follows, padding too: Ethernet does not know where its content ends.
    pub payload: &'a [u8],
}

/// An IPv4 packet.
pub struct Packet<'a> {
    /// Who sent it.
    pub src: Ipv4Addr,
    /// For whom it is.
    pub dst: Ipv4Addr,
    /// Time to live.
    pub ttl: u8,
    /// What the payload is: 1 ICMP, 6 TCP, 17 UDP.
    pub protocol: u8,
    /// Whether this is a whole packet or the first of its fragments: the fragment offset is 0.
    pub first: bool,
    /// From the end of the header, options included, to where the total length says.
    pub payload: &'a [u8],
}

/// A TCP segment or a UDP datagram.
pub struct Segment<'a> {
    /// Which port it is from.
    pub src_port: u16,
    /// Which port it is for.
    pub dst_port: u16,
    /// What the application sent.
    pub payload: &'a [u8],
}

/// The frame in `bytes`, which may have one tag.
///
/// Malformed is what ends within its header.
pub fn frame(bytes: &[u8]) -> Lab<Frame<'_>> {
    Err(LabError::NotYet)
}

/// The IPv4 packet in `bytes`, behind which there may be padding.
///
/// Malformed is: another version than 4, a header shorter than 20 bytes, a total length below the header's or above what is
/// there.
pub fn packet(bytes: &[u8]) -> Lab<Packet<'_>> {
    Err(LabError::NotYet)
}

/// The segment in `bytes`, the payload of a packet with this protocol: TCP, whose header has a length of its own, or UDP, whose
/// header has 8 bytes.
///
/// Malformed is: a header that does not end in `bytes`, a TCP header shorter than 20 bytes, and any other protocol.
pub fn segment(protocol: u8, bytes: &[u8]) -> Lab<Segment<'_>> {
    Err(LabError::NotYet)
}

/// What the application sent, through all layers at once. `None`: there is nothing in the frame that has ports, be it no IPv4,
/// neither TCP nor UDP, or a fragment other than the first.
pub fn application(bytes: &[u8]) -> Lab<Option<&[u8]>> {
    Err(LabError::NotYet)
}
