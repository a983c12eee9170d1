//! Valid frames for the tests, the same for the same seed: Ethernet, tagged or not, with ARP or IPv4 (options, fragments) and
//! ICMP of all types (errors quote a packet, and may have extensions), UDP or TCP (options) in it.

mod extended;
pub(crate) mod rng;
mod segment;

pub(crate) use rng::Rng;

use std::net::Ipv4Addr;
use wire::arp::Arp;
use wire::ethernet::{self, Ethernet, Tag};
use wire::icmp::{self, Echo};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;
use wire::{Mac, options};

/// Protocol number for experiments, RFC 3692: nobody has a parser for what is in there.
pub(crate) const EXPERIMENT: u8 = 253;

impl Rng {
    fn address(&mut self) -> Ipv4Addr {
        // Unicast, so that no program takes it for something that it refuses to dissect.
        Ipv4Addr::new(10 + self.u8() % 100, self.u8(), self.u8(), self.u8())
    }

    fn mac(&mut self) -> Mac {
        Mac([2, self.u8(), self.u8(), self.u8(), self.u8(), self.u8()])
    }

    /// Mostly short, as packets that are not about bulk data are; now and then as long as a frame can be.
    fn payload(&mut self) -> Vec<u8> {
        let len = match self.below(16) {
            0 => 0,
            1 => self.below(1400),
            _ => self.below(64),
        };
        self.bytes(len)
    }
}

/// A header whose fields a test may want to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Ethernet,
    Tag,
    Arp,
    Ipv4,
    Options,
    Icmp,
    Extensions,
    Udp,
    Tcp,
    TcpOptions,
}

/// A frame, and where its headers are; those of a quoted packet too.
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layers: Vec<(Layer, usize)>,
}

impl Sample {
    fn leaf(layer: Layer, bytes: Vec<u8>) -> Self {
        Sample { bytes, layers: vec![(layer, 0)] }
    }

    fn bare(bytes: Vec<u8>) -> Self {
        Sample { bytes, layers: vec![] }
    }

    /// The same behind `header`.
    fn behind(mut self, layer: Layer, header: &[u8]) -> Self {
        self.layers.iter_mut().for_each(|(_, at)| *at += header.len());
        self.layers.insert(0, (layer, 0));
        self.bytes.splice(..0, header.iter().copied());
        self
    }
}

/// A valid frame.
pub(crate) fn frame(rng: &mut Rng) -> Sample {
    let (ethertype, packet) = match rng.below(8) {
        0 => (ethernet::ARP, arp(rng)),
        _ => (ethernet::IPV4, datagram(rng, true)),
    };
    let (ethertype, packet) = match rng.below(4) {
        0 => {
            let tag = Tag { priority: rng.u8() % 8, drop_eligible: rng.once_in(2), vlan: rng.u16() % 4096, ethertype };
            (ethernet::TAG, packet.behind(Layer::Tag, &tag.bytes()))
        }
        _ => (ethertype, packet),
    };
    let destination = if rng.once_in(8) { Mac::BROADCAST } else { rng.mac() };
    let header = Ethernet { destination, source: rng.mac(), ethertype };
    let padded = header.frame(&packet.bytes);
    Sample { bytes: padded, ..packet.behind(Layer::Ethernet, &header.bytes()) }
}

fn arp(rng: &mut Rng) -> Sample {
    let request = Arp::request(rng.mac(), rng.address(), rng.address());
    let arp = match rng.below(4) {
        0 => Arp { sender: Ipv4Addr::UNSPECIFIED, ..request },
        1 => Arp { target: request.sender, ..request },
        2 => request.reply_from(rng.mac()),
        _ => request,
    };
    Sample::leaf(Layer::Arp, arp.bytes().to_vec())
}

/// A packet; `may_be_error`: also an ICMP error, which quotes one that is none.
fn datagram(rng: &mut Rng, may_be_error: bool) -> Sample {
    let (source, destination) = (rng.address(), rng.address());
    let is_fragment = rng.once_in(10);
    let (protocol, payload) = match rng.below(10) {
        0 => (EXPERIMENT, Sample::bare(rng.payload())),
        1..3 => (ipv4::UDP, udp(rng, source, destination)),
        3..6 => (ipv4::TCP, segment::tcp(rng, source, destination)),
        _ => (ipv4::ICMP, if may_be_error && rng.once_in(2) { error(rng) } else { query(rng) }),
    };
    let mut header = Ipv4::new(source, destination, protocol);
    header.dscp = rng.u8() % 64;
    header.ecn = rng.u8() % 4;
    header.identification = rng.u16();
    header.ttl = rng.u8().max(1);
    header.dont_fragment = !is_fragment && rng.once_in(2);
    let mut packet = payload;
    if is_fragment {
        // What a fragment carries is no whole message, even where it begins like one.
        (header.more_fragments, header.fragment_offset) =
            rng.pick(&[(true, 0), (true, 185), (false, 185), (false, 8191)]);
        packet = Sample::bare(packet.bytes);
    }
    let options = if rng.once_in(4) { options(rng) } else { vec![] };
    let header = header.sealed(&options, packet.bytes.len());
    if !options.is_empty() {
        packet = packet.behind(Layer::Options, &options);
    }
    packet.behind(Layer::Ipv4, &header.bytes())
}

/// One or more options, filled up to a multiple of 4 bytes.
fn options(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = vec![];
    for _ in 0..rng.below(4) + 1 {
        // Record route, timestamp, security, stream, router alert, experiment; source routes would change the destination.
        let (kind, data) =
            rng.pick(&[(options::RECORD_ROUTE, 9), (68, 10), (130, 9), (136, 2), (148, 2), (94, 0), (1, 0)]);
        if kind == options::NO_OPERATION {
            bytes.push(kind);
        } else if bytes.len() + data + 2 <= 40 {
            bytes.extend([kind, data as u8 + 2]);
            // The pointers of record route and timestamp; zero is good for all others.
            bytes.resize(bytes.len() + data, 0);
            let pointer = bytes.len() - data;
            match kind {
                options::RECORD_ROUTE => bytes[pointer] = 4,
                68 => bytes[pointer] = 5,
                _ => {}
            }
        }
    }
    bytes.resize(bytes.len().next_multiple_of(4), options::END);
    bytes
}

fn udp(rng: &mut Rng, source: Ipv4Addr, destination: Ipv4Addr) -> Sample {
    let data = rng.payload();
    let mut udp = Udp::new(rng.u16(), rng.u16()).sealed(source.into(), destination.into(), &data);
    if rng.once_in(8) {
        udp.checksum = 0;
    }
    Sample::leaf(Layer::Udp, [&udp.bytes()[..], &data].concat())
}

/// Echo, or one of the messages that this course leaves alone.
fn query(rng: &mut Rng) -> Sample {
    let echo = Echo { identifier: rng.u16(), sequence: rng.u16() };
    let data = rng.payload();
    let bytes = match rng.below(8) {
        0 => icmp::message(rng.pick(&[13, 14]), 0, echo.bytes(), &rng.bytes(12)),
        1 => icmp::message(rng.pick(&[17, 18]), 0, echo.bytes(), &rng.bytes(4)),
        2..5 => icmp::echo_reply(echo, &data),
        _ => icmp::echo_request(echo.identifier, echo.sequence, &data),
    };
    Sample::leaf(Layer::Icmp, bytes)
}

/// An ICMP error of any type and code, with a quote that is whole or cut.
fn error(rng: &mut Rng) -> Sample {
    let mut quoted = datagram(rng, false);
    let header = usize::from(quoted.bytes[0] & 15) * 4;
    // RFC 792: the header and 64 bits; RFC 1812 section 4.3.2.3: as much as fits into 576 bytes.
    let most = quoted.bytes.len().min(548);
    let least = (header + 8).min(most);
    quoted.bytes.truncate(least + rng.below(most - least + 1));
    let (kind, code, word) = match rng.below(4) {
        0 => {
            let code = rng.u8() % 16;
            let mtu = if code == 4 { 68 + rng.u16() % 1433 } else { 0 };
            (icmp::UNREACHABLE, code, [0, 0, (mtu >> 8) as u8, mtu as u8])
        }
        1 => (icmp::TIME_EXCEEDED, rng.u8() % 2, [0; 4]),
        2 => (icmp::PARAMETER_PROBLEM, 0, [rng.u8() % 20, 0, 0, 0]),
        _ => (icmp::REDIRECT, rng.u8() % 4, rng.address().octets()),
    };
    if kind != icmp::REDIRECT && !rng.once_in(4) {
        return extended::error(rng, kind, code, word, quoted);
    }
    let message = icmp::message(kind, code, word, &quoted.bytes);
    quoted.behind(Layer::Icmp, &message[..8])
}
