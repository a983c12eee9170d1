//! Lab 8: write the bodies of these functions. `cargo lab check 08` says how far you are, `cargo lab hint 08` helps.
//!
//! `sum`, which you wrote in lab 3, is handed out. Bytes come from the network, so a length in them may be a lie: a function of
//! yours never panics, it answers `Err(LabError::Malformed)`.

use crate::sum::sum;
use host::lab::{Lab, LabError};
use std::net::{Ipv4Addr, SocketAddrV4};

/// What a datagram says.
pub struct Datagram<'a> {
    /// The sender's port.
    pub src_port: u16,
    /// The port that it is for.
    pub dst_port: u16,
    /// What the program gets.
    pub payload: &'a [u8],
}

/// A socket that is bound.
pub struct Socket {
    /// Its own address and port; address 0.0.0.0 stands for all addresses of the host.
    pub local: SocketAddrV4,
    /// The other end if it is connected. A connected socket's own address is never 0.0.0.0: `connect` has chosen one.
    pub peer: Option<SocketAddrV4>,
    /// Whether it has SO_REUSEADDR.
    pub reuse: bool,
}

/// What becomes of a datagram.
pub enum Step<'a> {
    /// The socket with this index gets the payload, and is told whom it is from.
    Deliver { socket: usize, from: SocketAddrV4, payload: &'a [u8] },
    /// An ICMP message of this type and code goes back.
    Error { kind: u8, code: u8 },
    /// Nothing at all.
    Drop,
}

/// Ports and payload of a datagram; `bytes` are all that the IP packet carries.
///
/// Malformed is: less than a header, a length below 8 or above what is there. The checksum is not looked at here.
pub fn parse(bytes: &[u8]) -> Lab<Datagram<'_>> {
    Err(LabError::NotYet)
}

/// What the checksum covers beside the datagram; `length` is that of header and payload.
pub fn pseudo_header(src: Ipv4Addr, dst: Ipv4Addr, length: u16) -> Lab<[u8; 12]> {
    Err(LabError::NotYet)
}

/// The whole datagram, with its checksum.
pub fn emit(src: SocketAddrV4, dst: SocketAddrV4, payload: &[u8]) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// Whether a datagram came as it was sent, as far as its checksum tells; `bytes` are exactly the datagram.
pub fn intact(src: Ipv4Addr, dst: Ipv4Addr, bytes: &[u8]) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// The index of the socket that gets what comes `from` there `to` here. `sockets` are in the order in which they were bound.
///
/// A socket fits if its port is the right one, its address is the right one or 0.0.0.0, and its peer, if it has one, is the
/// sender. Of those that fit, a connected one comes before all others, then one with an address of its own before 0.0.0.0;
/// among equals, the one that was bound last.
pub fn find(sockets: &[Socket], from: SocketAddrV4, to: SocketAddrV4) -> Lab<Option<usize>> {
    Err(LabError::NotYet)
}

/// Whether one more socket may be bound to `local`, with SO_REUSEADDR or not.
///
/// It may not if a socket with the same port has the same address, or if one of the two addresses is 0.0.0.0; unless both
/// sockets have SO_REUSEADDR. That a socket is connected changes nothing.
pub fn may_bind(sockets: &[Socket], local: SocketAddrV4, reuse: bool) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// What a host makes of what came from `src` to `dst`, one of its own addresses or one for many hosts, as UDP.
///
/// What cannot be read or did not come intact is dropped. Where nobody listens, an ICMP error goes back, but not about what was
/// for many hosts (255.255.255.255 or a group), and not to what is no single host (0.0.0.0, a group, 240.0.0.0 and above).
pub fn receive<'a>(sockets: &[Socket], src: Ipv4Addr, dst: Ipv4Addr, bytes: &'a [u8]) -> Lab<Step<'a>> {
    Err(LabError::NotYet)
}
