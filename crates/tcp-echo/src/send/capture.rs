//! The segments of a connection both ways, and the states of this end: on a machine that keeps no record of them, as a link socket
//! sees and [`Life`] tells them. What becomes of a segment on its way, and the states of the other end, are not seen from here.

use super::life::Life;
use super::sight;
use host::{Account, Host, Packets, Result, Seen, Step, Stream, Time};
use std::net::{IpAddr, SocketAddr};
use wire::ethernet::{Ethernet, IPV4};
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;

/// A look at one connection's segments.
pub(super) struct Capture {
    frames: Box<dyn Packets>,
    segments: Segments,
    /// What is to be told before any segment: that there was no connection.
    begun: Option<Step>,
}

impl Capture {
    /// Looks from now on, which is to be before the SYN to `peer`.
    ///
    /// # Errors
    /// Why the host shows no frames.
    pub(super) fn open(host: &mut dyn Host, peer: SocketAddr) -> Result<Self> {
        let (_, frames) = sight::frames(host, peer)?;
        let life = Life::default();
        let begun = Some(Step { at: host.now(), state: life.state().into(), segment: None });
        Ok(Self { frames, segments: Segments { peer, own: 0, life }, begun })
    }

    /// The connection is open: from now on its segments are those of this port.
    pub(super) fn follow(&mut self, stream: &dyn Stream) {
        self.segments.own = stream.local().port();
    }

    /// What happened since this was asked last.
    ///
    /// # Errors
    /// What the host says of the interface.
    pub(super) fn take(&mut self, now: Time) -> Result<Account> {
        let mut own: Vec<Step> = self.begun.take().into_iter().collect();
        while let Some(frame) = self.frames.recv(now)? {
            own.extend(self.segments.step(&frame.bytes, frame.at));
        }
        Ok(Account { own, ..Account::default() })
    }
}

/// Which segments are the connection's.
struct Segments {
    peer: SocketAddr,
    /// The port of this end; 0: that of the first SYN to the peer.
    own: u16,
    life: Life,
}

impl Segments {
    /// The segment in a frame, if it is one of this connection, and the state from then on.
    fn step(&mut self, frame: &[u8], at: Time) -> Option<Step> {
        let (ethernet, packet) = Ethernet::take(frame).ok()?;
        let (ip, _, payload, _) = Ipv4::parse(packet).ok().filter(|_| ethernet.ethertype == IPV4)?;
        let (tcp, _, data) = Tcp::parse(payload).ok().filter(|_| ip.protocol == wire::ipv4::TCP)?;
        let is_peer = |address, port| (IpAddr::V4(address), port) == (self.peer.ip(), self.peer.port());
        if self.own == 0 && is_peer(ip.destination, tcp.destination_port) && tcp.syn && !tcp.ack {
            self.own = tcp.source_port;
        }
        let left = is_peer(ip.destination, tcp.destination_port) && tcp.source_port == self.own;
        let came = is_peer(ip.source, tcp.source_port) && tcp.destination_port == self.own;
        if !left && !came {
            return None;
        }
        self.life.pass(came, &tcp, data.len());
        let headers = usize::from(ip.total_length).checked_sub(data.len())?;
        let kept = packet.get(..headers + data.len().min(Seen::DATA))?;
        let segment = Seen { came, packet: kept.to_vec(), len: data.len() };
        Some(Step { at, state: self.life.state().into(), segment: Some(segment) })
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

    fn frame(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), syn: bool, data: &[u8]) -> Vec<u8> {
        let tcp = Tcp { syn, ..Tcp::new(from.1, to.1) };
        let packet = Ipv4::new(from.0, to.0, TCP).packet(&tcp.segment(from.0.into(), to.0.into(), &[], data));
        // A short one is filled up.
        Ethernet { destination: Mac::ZERO, source: Mac::ZERO, ethertype: IPV4 }.frame(&packet)
    }

    #[test]
    fn segments_of_both_ways_are_kept_up_to_a_few_bytes_of_data_and_others_are_passed_over() {
        let mut segments = Segments { peer: (PEER, 7).into(), own: 0, life: Life::default() };
        let mut step = |from, to, syn, data: &[u8]| segments.step(&frame(from, to, syn, data), Time(5));
        let (own, peer) = ((OWN, 4000), (PEER, 7));
        assert_eq!(step((OWN, 4001), peer, false, b"x"), None, "before any SYN nothing is ours");
        let syn = step(own, peer, true, b"").unwrap();
        assert_eq!((syn.at, &*syn.state), (Time(5), "SYN-SENT"));
        let came = step(peer, own, false, &[7; 100]).unwrap().segment.unwrap();
        assert_eq!((came.came, came.packet.len(), came.len), (true, 20 + 20 + Seen::DATA, 100));
        let left = step(own, peer, false, &[7; 3]).unwrap().segment.unwrap();
        assert_eq!((left.came, left.packet.len(), left.len), (false, 20 + 20 + 3, 3));
        for (from, to) in [((OWN, 4001), peer), (own, (PEER, 8)), (peer, (OWN, 4001)), ((OWN, 7), own)] {
            assert_eq!(step(from, to, true, b""), None, "{from:?} to {to:?}");
        }
        let whole = frame(own, peer, false, b"data");
        for len in 0..Ethernet::LEN + 20 + 20 + 4 {
            assert_eq!(segments.step(&whole[..len], Time::START), None, "cut to {len} bytes");
        }
    }
}
