// Fails `longest-prefix`: of equal rows the last one is taken.
//! Lab 7, solved: the longest prefix, and a router's step by RFC 1812 section 5.2.1.

use host::lab::Lab;
use std::net::Ipv4Addr;
use wire::checksum::Checksum;

/// A row of a routing table.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Which network it is about. Whoever wrote the table may have left bits in the host part.
    pub net: Ipv4Addr,
    /// How many bits of it count; 0 is the default route.
    pub prefix: u8,
    /// Which router to give the packet to; `None`: the destination is on the link itself.
    pub via: Option<Ipv4Addr>,
    /// By which interface it leaves.
    pub interface: usize,
}

/// What becomes of a packet.
#[derive(Debug, Clone)]
pub enum Step {
    /// It leaves by this interface for the station that has the address `next_hop`, as these bytes.
    Forward { interface: usize, next_hop: Ipv4Addr, packet: Vec<u8> },
    /// It is for this router itself.
    Local,
    /// It goes no further, and its sender is told so by ICMP.
    Error { kind: u8, code: u8 },
    /// It goes no further, and nobody is told.
    Drop,
}

/// The row for `dst`, by its number: of those that it fits, the one with the longest prefix, and of equals the first.
pub fn lookup(routes: &[Route], dst: Ipv4Addr) -> Lab<Option<usize>> {
    let mut best: Option<(u8, usize)> = None;
    for (number, route) in routes.iter().enumerate() {
        let mask = u32::MAX.checked_shl(32 - u32::from(route.prefix)).unwrap_or(0);
        let fits = u32::from(route.net) & mask == u32::from(dst) & mask;
        if fits && best.is_none_or(|(prefix, _)| route.prefix >= prefix) {
            best = Some((route.prefix, number));
        }
    }
    Ok(best.map(|(_, number)| number))
}

/// One step of a router with the table `routes` and the addresses `own`: what becomes of this packet, which came in by `interface`.
///
/// `mtu` is how long a packet may be on each interface, by its number. What is longer and may be cut is forwarded whole: to cut it
/// is the interface's work. A packet that is broken is dropped.
pub fn step(routes: &[Route], own: &[Ipv4Addr], interface: usize, mtu: &[u16], packet: &[u8]) -> Lab<Step> {
    let Some(header) = header(packet) else { return Ok(Step::Drop) };
    let (ttl, dst) = (header[8], address(header, 16));
    if own.contains(&dst) {
        return Ok(Step::Local);
    }
    let Some(number) = lookup(routes, dst)? else { return Ok(error(header, packet, 3, 0)) };
    let route = routes[number];
    if ttl <= 1 {
        return Ok(error(header, packet, 11, 0));
    }
    let total_length = u16::from_be_bytes([header[2], header[3]]);
    let dont_fragment = header[6] & 0x40 != 0;
    if dont_fragment && mtu.get(route.interface).is_some_and(|mtu| total_length > *mtu) {
        return Ok(error(header, packet, 3, 4));
    }
    let mut packet = packet[..total_length.into()].to_vec();
    packet[8] = ttl - 1;
    seal(&mut packet, header.len());
    Ok(Step::Forward { interface: route.interface, next_hop: route.via.unwrap_or(dst), packet })
}

/// An error, where RFC 1812 section 4.3.2.7 allows one; else silence.
fn error(header: &[u8], packet: &[u8], kind: u8, code: u8) -> Step {
    let (src, dst) = (address(header, 12), address(header, 16));
    let is_later_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x1fff != 0;
    let is_icmp_error = header[9] == 1 && matches!(packet.get(header.len()), Some(3 | 4 | 5 | 11 | 12));
    let is_for_many = dst.is_broadcast() || dst.is_multicast();
    let is_from_nobody = src.is_unspecified() || src.is_loopback() || src.octets()[0] >= 224;
    if is_later_fragment || is_icmp_error || is_for_many || is_from_nobody {
        return Step::Drop;
    }
    Step::Error { kind, code }
}

/// The header of a packet that is not broken, options included.
fn header(packet: &[u8]) -> Option<&[u8]> {
    let first = *packet.first()?;
    let header = packet.get(..usize::from(first & 15) * 4)?;
    if first >> 4 != 4 || header.len() < 20 {
        return None;
    }
    let total_length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let is_whole = header.len() <= total_length && total_length <= packet.len();
    let is_intact = Checksum::default().add(header).finish() == 0;
    (is_whole && is_intact).then_some(header)
}

/// Puts the checksum in, anew.
fn seal(packet: &mut [u8], header_length: usize) {
    packet[10..12].fill(0);
    let checksum = Checksum::default().add(&packet[..header_length]).finish();
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
}

/// The address at `at` in an IPv4 header.
fn address(header: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3])
}
