//! What a node says to TCP segments: it refuses and it accepts, and no connection comes of it yet.
//!
//! Obeys RFC 9293 section 3.10.7.1 (a closed port) and section 3.10.7.2 (an open one), which is all that a port scan or a
//! traceroute by TCP asks for. Nothing is remembered: a node knows the acknowledgment of its own SYN-ACK again by the number in
//! it, and swallows it; and what follows from there stays without an answer.
//!
//! A segment that answers a raw socket's SYN is for no connection of this node, as on a real host, where the kernel knows
//! nothing of what such a socket sent. It is answered by RST, and the other side forgets the half-open connection.

use super::errors::is_one_host;
use super::input::Arrived;
use super::{Out, Stack};
use crate::random::{fnv_1a, mix};
use std::net::{IpAddr, Ipv4Addr};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::tcp::options::{self, TcpOption};

/// The window in a SYN-ACK, in bytes: what Linux offers first on an Ethernet.
const WINDOW: u16 = 64_240;

impl Stack {
    pub(super) fn tcp_input(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        let (peer, own) = (arrived.header.source, arrived.header.destination);
        // RFC 9293 section 3.9.2.3: a TCP "MUST silently discard an incoming SYN segment that is addressed to a broadcast or
        // multicast address" (MUST-57), and one from there (MUST-63).
        if arrived.broadcast || !is_one_host(peer) || !Tcp::is_intact(peer.into(), own.into(), arrived.payload) {
            return;
        }
        let Ok((segment, _, data)) = Tcp::parse(arrived.payload) else { return };
        let answer = if self.tcp_ports.contains(&segment.destination_port) {
            listening(
                &segment,
                self.initial_sequence_number((own, segment.destination_port), (peer, segment.source_port)),
            )
        } else {
            closed(&segment, data.len())
        };
        let Some(answer) = answer else { return };
        let options = match answer.syn {
            true => options::emit(&[TcpOption::MaximumSegmentSize(self.maximum_segment_size(peer))]),
            false => vec![],
        };
        let header = Ipv4 {
            ttl: self.ttl,
            dont_fragment: true,
            identification: self.next_identification(),
            ..Ipv4::new(own, peer, ipv4::TCP)
        };
        let segment = answer.segment(IpAddr::V4(own), IpAddr::V4(peer), &options, &[]);
        self.respond(arrived.now, None, header.packet(&segment), out);
    }

    /// RFC 9293 section 3.4.1: a function of both ends that nobody outside can guess, and here of the seed.
    ///
    /// The clock that the RFC adds to it is left out, so that the number need not be remembered.
    fn initial_sequence_number(&self, own: (Ipv4Addr, u16), peer: (Ipv4Addr, u16)) -> u32 {
        let end = |(address, port): (Ipv4Addr, u16)| u64::from(u32::from(address)) << 16 | u64::from(port);
        let ends = [end(own).to_be_bytes(), end(peer).to_be_bytes()].concat();
        u32::try_from(mix(self.tcp_secret ^ fnv_1a(&ends)) >> 32).unwrap_or(0)
    }

    /// RFC 9293 section 3.7.1: the MTU of the interface less the fixed headers of IP and TCP.
    fn maximum_segment_size(&self, peer: Ipv4Addr) -> u16 {
        let interface = self.routes.lookup(peer).and_then(|hop| self.interfaces.get(hop.interface));
        interface.map_or(536, |interface| interface.mtu.saturating_sub(40))
    }
}

/// The answer of a port where nobody listens: RFC 9293 section 3.10.7.1.
fn closed(segment: &Tcp, data: usize) -> Option<Tcp> {
    // "An incoming segment containing a RST is discarded."
    (!segment.rst).then(|| reset(segment, data))
}

/// The answer of a port where somebody listens, with `iss` as the initial sequence number: RFC 9293 section 3.10.7.2.
fn listening(segment: &Tcp, iss: u32) -> Option<Tcp> {
    match segment {
        // "An incoming RST should be ignored."
        Tcp { rst: true, .. } => None,
        // It acknowledges our SYN: a connection would be established now.
        Tcp { ack: true, syn: false, .. } if segment.acknowledgment_number == iss.wrapping_add(1) => None,
        // "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state."
        Tcp { ack: true, .. } => Some(reset(segment, 0)),
        Tcp { syn: true, .. } => Some(Tcp {
            sequence_number: iss,
            acknowledgment_number: segment.sequence_number.wrapping_add(1),
            syn: true,
            ack: true,
            window: WINDOW,
            ..back(segment)
        }),
        _ => None,
    }
}

/// The RST that the sender of `segment`, with so many bytes of data, must accept.
fn reset(segment: &Tcp, data: usize) -> Tcp {
    let back = Tcp { rst: true, ..back(segment) };
    if segment.ack {
        // <SEQ=SEG.ACK><CTL=RST>
        return Tcp { sequence_number: segment.acknowledgment_number, ..back };
    }
    // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>; SYN and FIN count as a byte each: RFC 9293 section 3.4.
    let len = u32::try_from(data).unwrap_or(u32::MAX) + u32::from(segment.syn) + u32::from(segment.fin);
    Tcp { ack: true, acknowledgment_number: segment.sequence_number.wrapping_add(len), ..back }
}

fn back(segment: &Tcp) -> Tcp {
    Tcp::new(segment.destination_port, segment.source_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYN: Tcp = Tcp { syn: true, sequence_number: 1000, ..PLAIN };
    /// All that is zero, from port 40000 to 80.
    const PLAIN: Tcp = Tcp::new(40_000, 80);

    /// Flags, sequence number, acknowledgment number.
    fn shown(answer: Option<Tcp>) -> Option<(&'static str, u32, u32)> {
        let answer = answer?;
        assert_eq!((answer.source_port, answer.destination_port), (80, 40_000));
        let flags = match answer {
            Tcp { syn: true, ack: true, rst: false, .. } => "SYN,ACK",
            Tcp { syn: false, ack: true, rst: true, .. } => "RST,ACK",
            Tcp { syn: false, ack: false, rst: true, .. } => "RST",
            other => panic!("{other:?}"),
        };
        Some((flags, answer.sequence_number, answer.acknowledgment_number))
    }

    #[test]
    fn closed_port_resets_everything_but_a_reset() {
        assert_eq!(shown(closed(&SYN, 0)), Some(("RST,ACK", 0, 1001)));
        assert_eq!(shown(closed(&SYN, 5)), Some(("RST,ACK", 0, 1006)));
        assert_eq!(shown(closed(&Tcp { fin: true, sequence_number: u32::MAX, ..PLAIN }, 0)), Some(("RST,ACK", 0, 0)));
        assert_eq!(shown(closed(&PLAIN, 0)), Some(("RST,ACK", 0, 0)));
        let ack = Tcp { ack: true, acknowledgment_number: 77, ..SYN };
        assert_eq!(shown(closed(&ack, 0)), Some(("RST", 77, 0)));
        assert_eq!(shown(closed(&Tcp { rst: true, ..ack }, 0)), None);
    }

    #[test]
    fn open_port_accepts_a_syn_and_swallows_what_completes_the_handshake() {
        assert_eq!(shown(listening(&SYN, 5)), Some(("SYN,ACK", 5, 1001)));
        assert_eq!(shown(listening(&Tcp { rst: true, ..SYN }, 5)), None);
        let ack = |acknowledgment_number| Tcp { ack: true, acknowledgment_number, ..PLAIN };
        assert_eq!(shown(listening(&ack(6), 5)), None);
        assert_eq!(shown(listening(&ack(0), u32::MAX)), None);
        assert_eq!(shown(listening(&ack(7), 5)), Some(("RST", 7, 0)));
        assert_eq!(shown(listening(&Tcp { syn: true, ..ack(6) }, 5)), Some(("RST", 6, 0)));
        assert_eq!(shown(listening(&PLAIN, 5)), None);
        assert_eq!(shown(listening(&Tcp { fin: true, ..PLAIN }, 5)), None);
    }
}
