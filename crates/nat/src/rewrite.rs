//! Changing words of a packet, and mending the checksums that cover them.
//!
//! RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m'). A packet is changed in a few words, so its checksums are
//! mended by these alone; what a sender got wrong stays as wrong as it was.

use std::net::{Ipv4Addr, SocketAddrV4};

/// What was added to a sum by the words that changed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Delta(u32);

impl Delta {
    /// A word was `old`, and is `new`.
    #[inline]
    pub(crate) fn word(&mut self, old: u16, new: u16) {
        self.0 += u32::from(!old) + u32::from(new);
    }

    #[inline]
    pub(crate) fn add(&mut self, other: Delta) {
        self.0 += other.0;
    }

    /// The checksum after these changes.
    #[inline]
    pub(crate) fn applied(self, checksum: u16) -> u16 {
        let mut sum = u32::from(!checksum) + self.0;
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        #[expect(clippy::cast_possible_truncation, reason = "folded to 16 bits above")]
        let sum = sum as u16;
        !sum
    }
}

/// A packet's bytes, changed word by word. What lies behind its end is left out: a quote may be cut.
pub(crate) struct Bytes<'a>(pub(crate) &'a mut [u8]);

impl Bytes<'_> {
    #[inline]
    pub(crate) fn word(&self, at: usize) -> Option<u16> {
        self.0.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
    }

    #[inline]
    fn set_word(&mut self, at: usize, new: u16) {
        if let Some(place) = self.0.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = new.to_be_bytes();
        }
    }

    /// Sets a word that is there, and tells what that does to a sum.
    #[inline]
    pub(crate) fn change(&mut self, at: usize, new: u16) -> Delta {
        let mut delta = Delta::default();
        if let Some(old) = self.word(at) {
            delta.word(old, new);
            self.set_word(at, new);
        }
        delta
    }

    /// Sets an address.
    #[inline]
    pub(crate) fn change_address(&mut self, at: usize, new: Ipv4Addr) -> Delta {
        let mut delta = Delta::default();
        if let Some(place) = self.0.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
            let words = |[a, b, c, d]: [u8; 4]| [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
            let (old, new) = (words(std::mem::replace(place, new.octets())), words(new.octets()));
            delta.word(old[0], new[0]);
            delta.word(old[1], new[1]);
        }
        delta
    }

    /// Mends a checksum by what was changed under it, and tells what that does to a sum over it.
    #[inline]
    pub(crate) fn mend(&mut self, at: usize, delta: Delta) -> Delta {
        match self.word(at) {
            Some(checksum) => self.change(at, delta.applied(checksum)),
            None => Delta::default(),
        }
    }

    /// As [`Bytes::mend`], for UDP. RFC 768: a checksum of zero says that there is none, so one that comes out as zero is
    /// written as all ones.
    #[inline]
    pub(crate) fn mend_udp(&mut self, at: usize, delta: Delta) -> Delta {
        match self.word(at) {
            Some(0) | None => Delta::default(),
            Some(checksum) => self.change(at, Some(delta.applied(checksum)).filter(|sum| *sum != 0).unwrap_or(0xffff)),
        }
    }
}

/// Which end of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Source,
    Destination,
}

/// Where things stand in the IP header.
pub(crate) const IDENTIFICATION_AT: usize = 4;
pub(crate) const CHECKSUM_AT: usize = 10;

impl End {
    /// Where its address stands, from the packet's start.
    #[inline]
    pub(crate) fn address_at(self) -> usize {
        match self {
            Self::Source => 12,
            Self::Destination => 16,
        }
    }

    /// Where its port stands, from the start of a TCP or UDP header.
    #[inline]
    fn port_at(self) -> usize {
        match self {
            Self::Source => 0,
            Self::Destination => 2,
        }
    }
}

/// An IP packet, or what is quoted of one, that begins at `start` of `bytes` and has its transport header at `transport`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) transport: usize,
    pub(crate) protocol: crate::Protocol,
}

/// Sets one end of a packet, and mends the IP header's checksum and the transport header's. The answer is what all that
/// does to a sum over the whole packet: of whoever quotes it.
#[inline]
pub(crate) fn set_end(bytes: &mut Bytes<'_>, place: Place, end: End, new: SocketAddrV4) -> Delta {
    let Place { start, transport, protocol } = place;
    let address = bytes.change_address(start + end.address_at(), *new.ip());
    let mut all = address;
    all.add(bytes.mend(start + CHECKSUM_AT, address));
    // The identifier of an ICMP query stands for both ports, and no pseudo-header is summed there (RFC 792).
    let (mut under, port_at) = match protocol {
        crate::Protocol::Icmp => (Delta::default(), transport + 4),
        _ => (address, transport + end.port_at()),
    };
    let port = bytes.change(port_at, new.port());
    under.add(port);
    all.add(port);
    all.add(match protocol {
        crate::Protocol::Tcp => bytes.mend(transport + 16, under),
        crate::Protocol::Udp => bytes.mend_udp(transport + 6, under),
        crate::Protocol::Icmp => bytes.mend(transport + 2, under),
    });
    all
}

/// Lowers the maximum segment size that a SYN announces to `most`: RFC 9293 section 3.7.1, its option 2.
pub(crate) fn clamp_mss(bytes: &mut Bytes<'_>, transport: usize, most: u16) {
    let header = bytes.0.get(transport + 12).map_or(0, |offset| usize::from(offset >> 4) * 4);
    let (mut at, end) = (transport + 20, transport + header);
    while at < end {
        let (Some(&kind), len) = (bytes.0.get(at), bytes.0.get(at + 1).copied()) else { return };
        match (kind, len) {
            (0, _) => return,
            (1, _) => at += 1,
            (2, Some(4)) if at + 4 <= end => {
                if let Some(old) = bytes.word(at + 2)
                    && old > most
                {
                    // It may stand at an odd offset: then each byte counts in the other half of a word.
                    let (old, new) = match (at - transport).is_multiple_of(2) {
                        true => (old, most),
                        false => (old.swap_bytes(), most.swap_bytes()),
                    };
                    let mut delta = Delta::default();
                    delta.word(old, new);
                    bytes.set_word(at + 2, most);
                    bytes.mend(transport + 16, delta);
                }
                return;
            }
            (_, Some(len)) if len >= 2 => at += usize::from(len),
            _ => return,
        }
    }
}
