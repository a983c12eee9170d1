// Fails `truncated`: a header shorter than 20 bytes is believed.
//! Lab 1, solved: Ethernet II with a tag, IPv4 by RFC 791, TCP by RFC 9293 and UDP by RFC 768, as far as it takes to get through
//! them.

use host::Mac;
use host::lab::{Lab, LabError};
use std::net::Ipv4Addr;

/// What is protocol 6 in an IPv4 header.
pub const TCP: u8 = 6;
/// What is protocol 17 in an IPv4 header.
pub const UDP: u8 = 17;

/// The `EtherType` of IPv4.
const IPV4: u16 = 0x0800;
/// Where a tag begins, this stands in the place of the `EtherType`.
const TAG: u16 = 0x8100;

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
    let Some((header, mut payload)) = bytes.split_at_checked(14) else { return Err(LabError::Malformed) };
    let mac = |at: usize| Mac([0, 1, 2, 3, 4, 5].map(|byte| header[at + byte]));
    let (mut vlan, mut ethertype) = (None, word(header, 12)?);
    if ethertype == TAG {
        vlan = Some(word(payload, 0)? & 0x0fff);
        ethertype = word(payload, 2)?;
        payload = &payload[4..];
    }
    Ok(Frame { dst: mac(0), src: mac(6), vlan, ethertype, payload })
}

/// The IPv4 packet in `bytes`, behind which there may be padding.
///
/// Malformed is: another version than 4, a header shorter than 20 bytes, a total length below the header's or above what is
/// there.
pub fn packet(bytes: &[u8]) -> Lab<Packet<'_>> {
    let Some(fixed) = bytes.first_chunk::<20>() else { return Err(LabError::Malformed) };
    let address = |at: usize| Ipv4Addr::new(fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]);
    let header_length = usize::from(fixed[0] & 15) * 4;
    let total_length = usize::from(word(bytes, 2)?);
    let lengths_fit = header_length <= total_length && total_length <= bytes.len();
    if fixed[0] >> 4 != 4 || !lengths_fit {
        return Err(LabError::Malformed);
    }
    let first = word(bytes, 6)? & 0x1fff == 0;
    let payload = &bytes[header_length..total_length];
    Ok(Packet { src: address(12), dst: address(16), ttl: fixed[8], protocol: fixed[9], first, payload })
}

/// The segment in `bytes`, the payload of a packet with this protocol: TCP, whose header has a length of its own, or UDP, whose
/// header has 8 bytes.
///
/// Malformed is: a header that does not end in `bytes`, a TCP header shorter than 20 bytes, and any other protocol.
pub fn segment(protocol: u8, bytes: &[u8]) -> Lab<Segment<'_>> {
    let header_length = match protocol {
        UDP => 8,
        TCP => usize::from(bytes.get(12).ok_or(LabError::Malformed)? >> 4) * 4,
        _ => return Err(LabError::Malformed),
    };
    if protocol == TCP && header_length < 20 {
        return Err(LabError::Malformed);
    }
    let payload = bytes.get(header_length..).ok_or(LabError::Malformed)?;
    Ok(Segment { src_port: word(bytes, 0)?, dst_port: word(bytes, 2)?, payload })
}

/// What the application sent, through all layers at once. `None`: there is nothing in the frame that has ports, be it no IPv4,
/// neither TCP nor UDP, or a fragment other than the first.
pub fn application(bytes: &[u8]) -> Lab<Option<&[u8]>> {
    let frame = frame(bytes)?;
    if frame.ethertype != IPV4 {
        return Ok(None);
    }
    let packet = packet(frame.payload)?;
    if !packet.first || !matches!(packet.protocol, TCP | UDP) {
        return Ok(None);
    }
    Ok(Some(segment(packet.protocol, packet.payload)?.payload))
}

/// The number of 16 bits at `at`.
fn word(bytes: &[u8], at: usize) -> Lab<u16> {
    match bytes.get(at..at + 2) {
        Some(word) => Ok(u16::from_be_bytes([word[0], word[1]])),
        None => Err(LabError::Malformed),
    }
}
