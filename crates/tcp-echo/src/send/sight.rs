//! The segments themselves, as a link socket on their interface sees them: where this user may open one.

use host::{Host, Opt, Packets, Result, Time};
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use wire::ethernet::{Ethernet, IPV4};
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;

/// How many bytes of frames may lie there from one look to the next, if the system allows so many.
const BUFFER: u32 = 4 << 20;

/// A segment with data that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    /// When.
    pub(super) at: Time,
    /// Which bytes: counted from the first one of the stream, which is 0.
    pub(super) bytes: Range<u64>,
    /// Whether all of it had been seen before.
    pub(super) again: bool,
}

/// A look at the interface that a connection's segments leave over.
pub(super) struct Sight {
    pub(super) interface: String,
    frames: Box<dyn Packets>,
    stream: Sequence,
}

impl Sight {
    /// Looks at the interface from now on, which is to be before the SYN to `peer`.
    ///
    /// # Errors
    /// Why the host shows no frames.
    pub(super) fn open(host: &mut dyn Host, peer: SocketAddr) -> Result<Self> {
        let (interface, frames) = frames(host, peer)?;
        Ok(Self { interface, frames, stream: Sequence { peer, own: 0, first: None, end: 0 } })
    }

    /// From now on, segments are this connection's if they are from this port; 0: from that of the first SYN.
    pub(super) fn follow(&mut self, port: u16) {
        self.stream.own = port;
    }

    /// What left since this was asked last.
    pub(super) fn take(&mut self, now: Time) -> Result<Vec<Sighting>> {
        let mut seen = vec![];
        while let Some(frame) = self.frames.recv(now)? {
            seen.extend(self.stream.sighting(&frame.bytes, frame.at));
        }
        Ok(seen)
    }
}

/// All frames on the interface towards `peer`, both ways and each once, and its name.
///
/// # Errors
/// Why the host shows no frames.
pub(super) fn frames(host: &mut dyn Host, peer: SocketAddr) -> Result<(String, Box<dyn Packets>)> {
    let interface = host.route(peer.ip())?.interface;
    let mut frames = host.open_link(&interface)?;
    frames.set(Opt::RecvBuffer(BUFFER))?;
    // The loopback, which has no address of its own, shows each frame once as it is.
    let interfaces = host.interfaces()?;
    if interfaces.iter().any(|known| known.name == interface && known.mac.is_some()) {
        frames.set(Opt::Outgoing(true))?;
    }
    Ok((interface, frames))
}

/// The numbers of the stream that this end sends.
struct Sequence {
    peer: SocketAddr,
    /// The port of this end.
    own: u16,
    /// The number of the SYN.
    first: Option<u32>,
    /// How many bytes were seen, up to the last one.
    end: u64,
}

impl Sequence {
    /// The data of a frame, if it is one of this stream's and has some.
    fn sighting(&mut self, frame: &[u8], at: Time) -> Option<Sighting> {
        let (tcp, len) = self.own_segment(frame)?;
        if tcp.syn {
            (self.own, self.first, self.end) = (tcp.source_port, Some(tcp.sequence_number), 0);
        }
        // RFC 9293 section 3.4: the SYN takes a number of its own, before the first byte.
        let number = if tcp.syn { tcp.sequence_number.wrapping_add(1) } else { tcp.sequence_number };
        let begins = self.place(number)?;
        let bytes = begins..begins.checked_add(len)?;
        if bytes.is_empty() {
            return None;
        }
        let again = bytes.end <= self.end;
        self.end = self.end.max(bytes.end);
        Some(Sighting { at, bytes, again })
    }

    /// The segment in a frame, if it is one from this end to the peer, and how many bytes of data it has.
    fn own_segment(&self, frame: &[u8]) -> Option<(Tcp, u64)> {
        let (ethernet, packet) = Ethernet::take(frame).ok()?;
        if ethernet.ethertype != IPV4 {
            return None;
        }
        let (ip, _, payload, _) = Ipv4::parse(packet).ok()?;
        if ip.protocol != wire::ipv4::TCP || IpAddr::V4(ip.destination) != self.peer.ip() {
            return None;
        }
        let (tcp, _, data) = Tcp::parse(payload).ok()?;
        let is_ours = match self.own {
            0 => tcp.syn && !tcp.ack,
            port => tcp.source_port == port,
        };
        (is_ours && tcp.destination_port == self.peer.port()).then_some((tcp, data.len() as u64))
    }

    /// Which byte of the stream has this number. Numbers come round after 4 GiB: it is the one nearest to the last byte seen.
    fn place(&self, number: u32) -> Option<u64> {
        let first_byte = self.first?.wrapping_add(1);
        let [.., a, b, c, d] = self.end.to_be_bytes();
        let last = first_byte.wrapping_add(u32::from_be_bytes([a, b, c, d]));
        self.end.checked_add_signed(number.wrapping_sub(last).cast_signed().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use wire::Mac;
    use wire::ipv4::TCP;

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    fn frame(from: Ipv4Addr, to: Ipv4Addr, tcp: Tcp, data: &[u8]) -> Vec<u8> {
        let segment = tcp.segment(from.into(), to.into(), &[], data);
        let packet = Ipv4::new(from, to, TCP).packet(&segment);
        let header = Ethernet { destination: Mac::ZERO, source: Mac::ZERO, ethertype: IPV4 };
        let mut frame = vec![0; Ethernet::LEN];
        header.emit(&mut frame).unwrap();
        [frame, packet].concat()
    }

    fn sequence(own: u16) -> Sequence {
        Sequence { peer: SocketAddr::from((PEER, 7)), own, first: None, end: 0 }
    }

    #[test]
    fn bytes_are_counted_behind_the_syn_and_past_the_end_of_the_numbers() {
        let mut stream = sequence(0);
        let tcp = Tcp { sequence_number: u32::MAX - 2, ..Tcp::new(4000, 7) };
        let mut see = |tcp: Tcp, data: &[u8]| stream.sighting(&frame(OWN, PEER, tcp, data), Time(5));
        // A SYN may have data: RFC 7413.
        let syn = see(Tcp { syn: true, ..tcp }, &[0; 4]).unwrap();
        assert_eq!((syn.bytes, syn.again), (0..4, false));
        let next = Tcp { ack: true, sequence_number: tcp.sequence_number.wrapping_add(5), ..tcp };
        assert_eq!(see(next, &[0; 6]).unwrap().bytes, 4..10);
        assert!(see(next, &[0; 6]).unwrap().again);
        assert_eq!(see(next, &[]), None);
    }

    #[test]
    fn what_is_no_segment_of_this_end_is_passed_over() {
        let mut stream = sequence(4000);
        let tcp = Tcp { syn: true, ..Tcp::new(4000, 7) };
        let data = &[0; 4][..];
        let others = [
            frame(PEER, OWN, tcp, data),
            frame(OWN, PEER, Tcp { source_port: 4001, ..tcp }, data),
            frame(OWN, PEER, Tcp { destination_port: 8, ..tcp }, data),
            frame(OWN, PEER, Tcp { syn: false, ..tcp }, data),
        ];
        for other in others {
            assert_eq!(stream.sighting(&other, Time::START), None);
        }
        let whole = frame(OWN, PEER, tcp, data);
        for len in 0..whole.len() {
            assert_eq!(stream.sighting(&whole[..len], Time::START), None, "cut to {len} bytes");
        }
        assert!(stream.sighting(&whole, Time::START).is_some());
    }
}
