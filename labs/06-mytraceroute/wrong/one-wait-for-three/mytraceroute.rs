// Fails `silent-hop`: the second belongs to each probe, not to the hop.
//! Lab 6, solved: traceroute by RFC 792 pages 4 and 6.

use crate::probe_socket::ProbeSocket;
use host::Host;
use host::lab::Lab;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::checksum::Checksum;

/// The port that all probes leave from.
pub const SOURCE_PORT: u16 = 45_678;

/// Protocol numbers.
const ICMP: u8 = 1;
const UDP: u8 = 17;

/// How far to look, and how.
pub struct Options {
    /// How many hops at the most.
    pub max_hops: u8,
    /// How many probes for each.
    pub probes: u8,
    /// How long each of them waits for its answer.
    pub wait: Duration,
    /// The port that the first probe is for. Each one after it is for the next port, so that an answer says which it is about.
    pub first_port: u16,
}

/// Who says what about a probe.
pub enum From {
    /// A router had to throw it away, since its time to live was over: type 11, code 0.
    Hop(Ipv4Addr),
    /// It arrived, and nobody listens at its port: type 3, code 3.
    Arrived(Ipv4Addr),
    /// It was not let through: type 3 with this other code.
    Refused(Ipv4Addr, u8),
}

/// What `trace` tells as it happens.
pub enum Event {
    /// A probe that left with this time to live was answered, so long after it left.
    Answer { ttl: u8, from: From, rtt: Duration },
    /// A probe that left with this time to live was not answered in its time.
    Silence { ttl: u8 },
}

/// The packet that finds out who is `ttl` hops away on the way to `dst`: IPv4, no options, and a UDP header for `port`, no data.
///
/// Identification, flags and the second byte are zero. Both checksums are right.
pub fn probe(src: Ipv4Addr, dst: Ipv4Addr, ttl: u8, port: u16) -> Lab<Vec<u8>> {
    let mut packet = vec![0x45, 0, 0, 28, 0, 0, 0, 0, ttl, UDP, 0, 0];
    packet.extend(src.octets());
    packet.extend(dst.octets());
    let checksum = Checksum::default().add(&packet).finish();
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    let mut datagram = SOURCE_PORT.to_be_bytes().to_vec();
    datagram.extend(port.to_be_bytes());
    datagram.extend([0, 8, 0, 0]);
    let sum = Checksum::default().pseudo_header(src.into(), dst.into(), UDP, datagram.len()).add(&datagram);
    datagram[6..8].copy_from_slice(&sum.finish().to_be_bytes());
    packet.extend(datagram);
    Ok(packet)
}

/// Which of our probes from `src` to `dst` the packet is about, by its port, and who says what. `None`: about none.
///
/// `packet` is an IPv4 packet, and not always one with ICMP in it.
pub fn answer(packet: &[u8], src: Ipv4Addr, dst: Ipv4Addr) -> Lab<Option<(u16, From)>> {
    let total_length = usize::from(word(packet, 2));
    let Some((header, message)) = packet.get(..total_length).and_then(split) else { return Ok(None) };
    if header[9] != ICMP || Checksum::default().add(message).finish() != 0 {
        return Ok(None);
    }
    // Behind the eight bytes of an error stands the beginning of the packet that it is about.
    let Some((quoted, datagram)) = split(&message[8..]) else { return Ok(None) };
    let is_ours = quoted[9] == UDP && address(quoted, 12) == src && word(datagram, 0) == SOURCE_PORT;
    if !is_ours || address(quoted, 16) != dst {
        return Ok(None);
    }
    let by = address(header, 12);
    let from = match (message[0], message[1]) {
        (11, 0) => From::Hop(by),
        (3, 3) => From::Arrived(by),
        (3, code) => From::Refused(by, code),
        _ => return Ok(None),
    };
    Ok(Some((word(datagram, 2), from)))
}

/// Sends `o.probes` probes for each hop from 1 on, one after the other, and tells of each what came of it.
///
/// A probe waits for its own answer, `o.wait` at the most; what comes later is not told any more. The last hop is the one where a
/// probe arrives or is refused, or number `o.max_hops`.
pub fn trace(host: &mut dyn Host, dst: Ipv4Addr, o: &Options, tell: &mut dyn FnMut(Event)) -> Lab<()> {
    let mut socket = ProbeSocket::open(host, dst)?;
    let src = socket.source();
    let mut port = o.first_port;
    for ttl in 1..=o.max_hops {
        let mut is_last = false;
        let until = host.now() + o.wait;
        for _ in 0..o.probes {
            let sent = host.now();
            socket.send(&probe(src, dst, ttl, port)?)?;
            let mut answered = false;
            while let Some(packet) = socket.recv(until)? {
                let Some((about, from)) = answer(&packet.bytes, src, dst)? else { continue };
                if about != port {
                    continue;
                }
                answered = true;
                is_last |= !matches!(from, From::Hop(_));
                tell(Event::Answer { ttl, from, rtt: packet.at - sent });
                break;
            }
            if !answered {
                tell(Event::Silence { ttl });
            }
            port = port.wrapping_add(1);
        }
        if is_last {
            break;
        }
    }
    Ok(())
}

/// The IPv4 header of a packet, and at least eight bytes behind it.
fn split(packet: &[u8]) -> Option<(&[u8], &[u8])> {
    let header_length = usize::from(packet.first()? & 15) * 4;
    let (header, behind) = packet.split_at_checked(header_length)?;
    (header_length >= 20 && behind.len() >= 8).then_some((header, behind))
}

/// The number of 16 bits at `at`; 0 where there is none.
fn word(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |word| u16::from_be_bytes([word[0], word[1]]))
}

/// The address at `at` in an IPv4 header.
fn address(header: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3])
}
