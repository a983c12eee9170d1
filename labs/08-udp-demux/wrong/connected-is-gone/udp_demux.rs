// Fails `bind`: a connected socket is taken to have left its port.
//! Lab 8, solved: datagrams by RFC 768, and the socket that each is for.

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
    let Some(header) = bytes.first_chunk::<8>() else { return Err(LabError::Malformed) };
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let length = usize::from(word(4));
    let payload = bytes.get(8..length).ok_or(LabError::Malformed)?;
    Ok(Datagram { src_port: word(0), dst_port: word(2), payload })
}

/// What the checksum covers beside the datagram; `length` is that of header and payload.
pub fn pseudo_header(src: Ipv4Addr, dst: Ipv4Addr, length: u16) -> Lab<[u8; 12]> {
    let mut header = [0; 12];
    header[0..4].copy_from_slice(&src.octets());
    header[4..8].copy_from_slice(&dst.octets());
    header[9] = 17;
    header[10..12].copy_from_slice(&length.to_be_bytes());
    Ok(header)
}

/// The whole datagram, with its checksum.
pub fn emit(src: SocketAddrV4, dst: SocketAddrV4, payload: &[u8]) -> Lab<Vec<u8>> {
    let length = u16::try_from(8 + payload.len()).map_err(|_| LabError::Malformed)?;
    let mut datagram: Vec<u8> = [src.port(), dst.port(), length, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    datagram.extend(payload);
    let pseudo_header = pseudo_header(*src.ip(), *dst.ip(), length)?;
    let checksum = !sum(&[&pseudo_header[..], &datagram].concat());
    let checksum = if checksum == 0 { 0xffff } else { checksum };
    datagram[6..8].copy_from_slice(&checksum.to_be_bytes());
    Ok(datagram)
}

/// Whether a datagram came as it was sent, as far as its checksum tells; `bytes` are exactly the datagram.
pub fn intact(src: Ipv4Addr, dst: Ipv4Addr, bytes: &[u8]) -> Lab<bool> {
    if bytes.get(6..8) == Some(&[0, 0]) {
        return Ok(true);
    }
    let length = u16::try_from(bytes.len()).map_err(|_| LabError::Malformed)?;
    let pseudo_header = pseudo_header(src, dst, length)?;
    Ok(sum(&[&pseudo_header[..], bytes].concat()) == 0xffff)
}

/// The index of the socket that gets what comes `from` there `to` here. `sockets` are in the order in which they were bound.
///
/// A socket fits if its port is the right one, its address is the right one or 0.0.0.0, and its peer, if it has one, is the
/// sender. Of those that fit, a connected one comes before all others, then one with an address of its own before 0.0.0.0;
/// among equals, the one that was bound last.
pub fn find(sockets: &[Socket], from: SocketAddrV4, to: SocketAddrV4) -> Lab<Option<usize>> {
    let mut best = None;
    for (at, socket) in sockets.iter().enumerate() {
        let is_any = socket.local.ip().is_unspecified();
        let has_address = is_any || socket.local.ip() == to.ip();
        let has_peer = socket.peer.is_none_or(|peer| peer == from);
        if socket.local.port() != to.port() || !has_address || !has_peer {
            continue;
        }
        let score = if socket.peer.is_some() { 2 } else { u8::from(!is_any) };
        if best.is_none_or(|(_, other)| score >= other) {
            best = Some((at, score));
        }
    }
    Ok(best.map(|(at, _)| at))
}

/// Whether one more socket may be bound to `local`, with SO_REUSEADDR or not.
///
/// It may not if a socket with the same port has the same address, or if one of the two addresses is 0.0.0.0; unless both
/// sockets have SO_REUSEADDR. That a socket is connected changes nothing.
pub fn may_bind(sockets: &[Socket], local: SocketAddrV4, reuse: bool) -> Lab<bool> {
    let is_in_the_way = |socket: &Socket| {
        let is_any = socket.local.ip().is_unspecified() || local.ip().is_unspecified();
        let is_same = is_any || socket.local.ip() == local.ip();
        socket.local.port() == local.port() && socket.peer.is_none() && is_same && !(socket.reuse && reuse)
    };
    Ok(!sockets.iter().any(is_in_the_way))
}

/// What a host makes of what came from `src` to `dst`, one of its own addresses or one for many hosts, as UDP.
///
/// What cannot be read or did not come intact is dropped. Where nobody listens, an ICMP error goes back, but not about what was
/// for many hosts (255.255.255.255 or a group), and not to what is no single host (0.0.0.0, a group, 240.0.0.0 and above).
pub fn receive<'a>(sockets: &[Socket], src: Ipv4Addr, dst: Ipv4Addr, bytes: &'a [u8]) -> Lab<Step<'a>> {
    let datagram = match parse(bytes) {
        Err(LabError::Malformed) => return Ok(Step::Drop),
        parsed => parsed?,
    };
    if !intact(src, dst, bytes)? {
        return Ok(Step::Drop);
    }
    let from = SocketAddrV4::new(src, datagram.src_port);
    let to = SocketAddrV4::new(dst, datagram.dst_port);
    if let Some(socket) = find(sockets, from, to)? {
        return Ok(Step::Deliver { socket, from, payload: datagram.payload });
    }
    let is_for_many = dst.is_broadcast() || dst.is_multicast();
    let is_from_one = !src.is_unspecified() && src.octets()[0] < 224;
    if is_for_many || !is_from_one {
        return Ok(Step::Drop);
    }
    Ok(Step::Error { kind: 3, code: 3 })
}
