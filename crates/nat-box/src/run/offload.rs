//! The note in front of a frame: what its sender left to hardware.
//!
//! Linux' `struct virtio_net_hdr` (`linux/virtio_net.h`), numbers in the machine's byte order:
//!
//! ```text
//!   byte  0 flags   1 kind   2-3 header_len   4-5 segment_len   6-7 start   8-9 offset
//! ```
//!
//! With flag 1 (`NEEDS_CSUM`) the checksum at `start` + `offset` is unfinished: it holds the sum of the pseudo-header alone, *not*
//! inverted, and whoever finishes it sums from `start` on. With a `kind` the frame is a long segment that is still to be cut into
//! packets with `segment_len` bytes of data each.

use host::Frame;
use std::net::Ipv4Addr;
use wire::checksum::{self, Checksum};
use wire::ethernet::Ethernet;
use wire::ipv4::{self, Ipv4};

const NEEDS_CHECKSUM: u8 = 1;
/// Of `kind`: UDP to be cut into fragments, which a tap is not asked for.
const UDP_FRAGMENTS: u8 = 3;

/// A note, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offload {
    flags: u8,
    kind: u8,
    segment_len: u16,
    start: u16,
    offset: u16,
}

impl Offload {
    pub(super) fn read(note: &[u8; Frame::NOTE]) -> Self {
        let [flags, kind, _, _, c, d, e, f, g, h] = *note;
        let number = |low, high| u16::from_ne_bytes([low, high]);
        Self { flags, kind, segment_len: number(c, d), start: number(e, f), offset: number(g, h) }
    }

    /// Whether it is still to be cut.
    pub(super) fn is_long(self) -> bool {
        self.kind != 0
    }

    /// How long its packets are once it is cut, bytes: the longest of them. Of a packet that is not to be cut, its own length.
    pub(super) fn packet_len(self, header: &Ipv4, packet: &[u8]) -> usize {
        if !self.is_long() {
            return usize::from(header.total_length);
        }
        let head = usize::from(header.ihl) * 4;
        let transport = match header.protocol {
            ipv4::TCP => packet.get(head + 12).map_or(20, |offset| usize::from(offset >> 4) * 4),
            _ => 8,
        };
        head + transport + usize::from(self.segment_len)
    }

    /// Where in the packet a checksum is that its sender left unfinished, if it is TCP's or UDP's.
    fn unfinished(self, header: &Ipv4) -> Option<usize> {
        let head = usize::from(header.ihl) * 4;
        let field = match header.protocol {
            ipv4::TCP => 16,
            ipv4::UDP => 6,
            _ => return None,
        };
        let place = (Ethernet::LEN + head, field);
        let is_it = self.flags & NEEDS_CHECKSUM != 0 && (usize::from(self.start), usize::from(self.offset)) == place;
        is_it.then_some(head + field)
    }

    /// Makes a packet such as [`Unfinished`] can mend: a checksum that is unfinished elsewhere is finished. `false`: that is not possible.
    pub(super) fn simplify(self, note: &mut [u8; Frame::NOTE], header: &Ipv4, packet: &mut [u8]) -> bool {
        if self.kind == UDP_FRAGMENTS {
            return false;
        }
        match self.flags & NEEDS_CHECKSUM != 0 && self.unfinished(header).is_none() {
            true => !self.is_long() && self.finish(note, packet),
            false => true,
        }
    }

    /// Sums what the sender did not, and says so in the note. `false`: the note says nonsense.
    pub(super) fn finish(self, note: &mut [u8; Frame::NOTE], packet: &mut [u8]) -> bool {
        if self.flags & NEEDS_CHECKSUM == 0 {
            return true;
        }
        let Some(start) = usize::from(self.start).checked_sub(Ethernet::LEN) else { return false };
        let at = start + usize::from(self.offset);
        let Some(sum) = packet.get(start..).map(|rest| Checksum::default().add(rest).finish()) else { return false };
        let Some(field) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut) else { return false };
        // RFC 768: of UDP, zero would say that there is none. To TCP the two are the same number.
        *field = if sum == 0 { 0xffff_u16 } else { sum }.to_be_bytes();
        note[0] &= !NEEDS_CHECKSUM;
        true
    }
}

/// An unfinished checksum, before its packet's addresses change.
///
/// A translator mends checksums as whole ones, by RFC 1624's equation 3: HC' = ~(~HC + ~m + m'), for addresses and ports. What stands here
/// is the sum itself and not its complement, and ports are not yet in it: field' = field + ~m + m', for addresses alone.
#[derive(Debug)]
pub(super) struct Unfinished {
    at: usize,
    sum: u16,
    addresses: [Ipv4Addr; 2],
}

impl Unfinished {
    pub(super) fn of(offload: Offload, header: &Ipv4, packet: &[u8]) -> Option<Self> {
        let at = offload.unfinished(header)?;
        let sum = u16::from_be_bytes(*packet.get(at..)?.first_chunk()?);
        Some(Self { at, sum, addresses: [header.source, header.destination] })
    }

    /// Puts the sum right, after the translator's work.
    pub(super) fn mend(self, packet: &mut [u8]) {
        let Ok((header, _)) = Ipv4::take(packet) else { return };
        let mut sum = self.sum;
        for (old, new) in self.addresses.into_iter().zip([header.source, header.destination]) {
            let [words_before, words_after] = [old, new].map(|address| {
                let [a, b, c, d] = address.octets();
                [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
            });
            for (old, new) in words_before.into_iter().zip(words_after) {
                sum = !checksum::update(!sum, old, new);
            }
        }
        if let Some(field) = packet.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut) {
            *field = sum.to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::udp::Udp;

    /// A note of an unfinished UDP checksum behind a header without options.
    fn note(kind: u8, segment_len: u16) -> [u8; Frame::NOTE] {
        let mut note = [NEEDS_CHECKSUM, kind, 0, 0, 0, 0, 0, 0, 0, 0];
        for (at, number) in [(4, segment_len), (6, 34), (8, 6)] {
            note[at..at + 2].copy_from_slice(&number.to_ne_bytes());
        }
        note
    }

    /// A datagram with the sum of its pseudo-header alone, and the same with its checksum.
    fn both(source: Ipv4Addr, destination: Ipv4Addr, ports: [u16; 2]) -> [Vec<u8>; 2] {
        let datagram = Udp::new(ports[0], ports[1]).datagram(source.into(), destination.into(), b"hello");
        let whole = Ipv4::new(source, destination, ipv4::UDP).packet(&datagram);
        let mut left = whole.clone();
        let pseudo = Checksum::default().pseudo_header(source.into(), destination.into(), ipv4::UDP, datagram.len());
        left[26..28].copy_from_slice(&(!pseudo.finish()).to_be_bytes());
        [left, whole]
    }

    #[test]
    fn unfinished_sum_follows_the_addresses_and_not_the_ports() {
        let [inside, public, peer] = [[192, 168, 1, 2], [203, 0, 113, 7], [198, 51, 100, 1]].map(Ipv4Addr::from);
        let [mut packet, _] = both(inside, peer, [1000, 53]);
        let [expected, whole] = both(public, peer, [7777, 53]);
        let mut note = note(0, 0);
        let offload = Offload::read(&note);
        let (header, _) = Ipv4::take(&packet).unwrap();
        let unfinished = Unfinished::of(offload, &header, &packet).unwrap();
        let config = nat::Config { first_port: Some(7777), ..nat::Config::new(public) };
        let verdict = nat::Nat::new(config).unwrap().translate(&mut packet, nat::Side::Inside, host::Time::START);
        assert_eq!(verdict, nat::Verdict::Pass);
        unfinished.mend(&mut packet);
        assert_eq!(packet, expected);
        assert!(offload.finish(&mut note, &mut packet));
        assert_eq!((packet, note[0]), (whole, 0), "and finished it is what a card would have sent");
    }

    #[test]
    fn packets_of_a_long_segment_are_as_long_as_its_note_says() {
        let [packet, _] = both([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), [1, 2]);
        let (header, _) = Ipv4::take(&packet).unwrap();
        assert_eq!(Offload::read(&note(0, 0)).packet_len(&header, &packet), 33);
        assert_eq!(Offload::read(&note(5, 1200)).packet_len(&header, &packet), 1228);
    }

    #[test]
    fn nonsense_in_a_note_is_no_packet_and_no_panic() {
        let [packet, _] = both([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), [1, 2]);
        let (header, _) = Ipv4::take(&packet).unwrap();
        for start in [0_u16, 13, 14, 34, 46, 47, 5000, u16::MAX] {
            for offset in [0_u16, 6, 16, u16::MAX] {
                for kind in 0..=255 {
                    let mut note = note(kind, 100);
                    note[6..8].copy_from_slice(&start.to_ne_bytes());
                    note[8..10].copy_from_slice(&offset.to_ne_bytes());
                    let offload = Offload::read(&note);
                    let mut packet = packet.clone();
                    let is_fine = offload.simplify(&mut note, &header, &mut packet);
                    let is_known = (start, offset) == (34, 6);
                    assert!(!is_fine || is_known || kind == 0, "{start} {offset} {kind}");
                }
            }
        }
    }
}
