//! The bytes that a program has of a packet: rarely all of them.

use std::borrow::Cow;
use std::net::Ipv4Addr;
use wire::dissect::{Dissection, Layer, LinkType, dissect_captured};
use wire::dns;
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// Which part of a packet bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An Ethernet frame.
    Frame,
    /// An IP packet, as raw sockets have it.
    Packet,
    /// An ICMP message, as ping sockets have it: the host owns the IP header around it.
    Icmp,
    /// A UDP datagram, header and data: the host makes the header, and who knows addresses and ports can do it as well.
    Datagram,
    /// The data of a datagram: the host owns its header too.
    Data,
    /// A message of the name system: the host owns the headers of UDP or TCP around it.
    Names,
}

/// A packet, as far as a program has it.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    bytes: Cow<'a, [u8]>,
    part: Part,
    /// How long it is if all of it is there.
    whole_len: usize,
}

impl<'a> Packet<'a> {
    /// These bytes.
    #[must_use]
    pub fn new(part: Part, bytes: &'a [u8]) -> Self {
        Self::beginning(part, bytes, bytes.len())
    }

    /// These bytes, of `whole_len` that there were: errors quote the beginning of what they are about.
    #[must_use]
    pub fn beginning(part: Part, bytes: &'a [u8], whole_len: usize) -> Self {
        let whole_len = whole_len.max(bytes.len());
        let (bytes, whole_len) = match part {
            Part::Frame | Part::Packet => (Cow::Borrowed(bytes), whole_len),
            Part::Icmp => (Cow::Owned(within(ipv4::ICMP, bytes, whole_len)), whole_len + Ipv4::LEN),
            Part::Datagram => (Cow::Owned(within(ipv4::UDP, bytes, whole_len)), whole_len + Ipv4::LEN),
            Part::Data => (Cow::Owned(within(NOBODY, bytes, whole_len)), whole_len + Ipv4::LEN),
            Part::Names => {
                let nobody = Ipv4Addr::UNSPECIFIED.into();
                let datagram = Udp::new(dns::PORT, dns::PORT).datagram(nobody, nobody, bytes);
                (Cow::Owned(within(ipv4::UDP, &datagram, datagram.len())), whole_len + Ipv4::LEN + Udp::LEN)
            }
        };
        Self { bytes, part, whole_len }
    }

    /// This UDP datagram between these addresses, which its checksum covers.
    #[must_use]
    pub fn datagram(source: Ipv4Addr, destination: Ipv4Addr, bytes: &[u8]) -> Packet<'static> {
        let header = Ipv4::new(source, destination, ipv4::UDP);
        Packet { bytes: Cow::Owned(header.packet(bytes)), part: Part::Datagram, whole_len: bytes.len() + Ipv4::LEN }
    }

    /// The same, with bytes of its own.
    #[must_use]
    pub fn kept(self) -> Packet<'static> {
        Packet { bytes: Cow::Owned(self.bytes.into_owned()), part: self.part, whole_len: self.whole_len }
    }

    /// Which part of a packet it is.
    #[must_use]
    pub fn part(&self) -> Part {
        self.part
    }

    /// How long this part is if all of it is there, in bytes.
    #[must_use]
    pub fn whole_len(&self) -> usize {
        match self.part {
            Part::Frame | Part::Packet => self.whole_len,
            Part::Icmp | Part::Datagram | Part::Data => self.whole_len - Ipv4::LEN,
            Part::Names => self.whole_len - Ipv4::LEN - Udp::LEN,
        }
    }

    /// The packet taken apart.
    pub(super) fn dissect(&self) -> Dissection<'_> {
        let link = if self.part == Part::Frame { LinkType::Ethernet } else { LinkType::RawIp };
        dissect_captured(&self.bytes, self.whole_len, link)
    }

    /// The layers of which there are bytes.
    pub(super) fn layers<'d>(&self, dissection: &'d Dissection<'d>) -> Vec<Layer<'d>> {
        let made_up = match self.part {
            Part::Frame | Part::Packet => 0,
            Part::Icmp | Part::Datagram | Part::Data => 1,
            Part::Names => 2,
        };
        dissection.layers().skip(made_up).collect()
    }
}

/// RFC 3692 section 2.1: a number for experiments, so that nobody takes the data for a protocol.
const NOBODY: u8 = 253;

/// A packet with a header that nobody sees, so that a message of `whole_len` bytes can be taken apart.
fn within(protocol: u8, message: &[u8], whole_len: usize) -> Vec<u8> {
    let unspecified = Ipv4Addr::UNSPECIFIED;
    let room = ipv4::MAX_PACKET - Ipv4::LEN;
    let header = Ipv4::new(unspecified, unspecified, protocol).sealed(&[], whole_len.min(room));
    [&header.bytes(), message.get(..room).unwrap_or(message)].concat()
}
