//! The packets that are sent to be thrown away: probes, alike in all that a router's flow hash looks at.
//!
//! A router that has several equal ways picks one by a hash over addresses, protocol and ports (RFC 2992), so that packets of one
//! flow stay in order. A tracer that counts its probes in the port makes a flow of each, and its lines are of several ways. So
//! here all probes of a trace are one [`Flow`], and are counted where no hash looks:
//!
//! | probe | its number stands in | alike in all |
//! |---|---|---|
//! | UDP | the checksum, which two bytes of the data make come out right | addresses, ports |
//! | ICMP echo | the sequence number | identifier, and the checksum: two bytes of the data balance the number |
//! | TCP SYN | the upper half of the sequence number | addresses, ports |
//!
//! Each of these lies in the first 8 bytes behind the IP header, which is all that an ICMP error must quote (RFC 792); the IP
//! header, always quoted, has the number in its identification too. (The idea is that of Paris traceroute: Augustin and others,
//! "Avoiding traceroute anomalies with Paris traceroute", 2006.)

use std::net::{IpAddr, Ipv4Addr};
use wire::icmp::{self, Echo, Icmp};
use wire::ipv4::{self, Ipv4};
use wire::tcp::options::{self, TcpOption};
use wire::tcp::{self, Tcp};
use wire::udp::Udp;

/// What a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A datagram to a port where nobody listens: the target answers "port unreachable".
    Udp,
    /// An echo request: the target answers with an echo reply.
    Icmp,
    /// The first segment of a connection: the target answers with SYN-ACK if the port is open, with RST if not.
    Tcp,
}

impl Method {
    /// The number of its protocol in the IP header.
    #[must_use]
    pub fn protocol(self) -> u8 {
        match self {
            Self::Udp => ipv4::UDP,
            Self::Icmp => ipv4::ICMP,
            Self::Tcp => ipv4::TCP,
        }
    }

    /// The port that is asked for unless told otherwise; ICMP has none.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            // As every traceroute since the first.
            Self::Udp => 33_434,
            Self::Icmp => 0,
            Self::Tcp => 80,
        }
    }

    /// The shortest packet that has room for a probe and its number, in bytes.
    #[must_use]
    pub fn least_size(self) -> u16 {
        match self {
            Self::Udp | Self::Icmp => 30,
            Self::Tcp => 40,
        }
    }
}

/// What a router's flow hash looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// The port that probes leave from; of ICMP the identifier.
    pub source_port: u16,
    /// The port that probes go to; ICMP has none, and varies its checksum by it.
    pub destination_port: u16,
}

/// What all probes of a trace have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// What they are.
    pub method: Method,
    /// Whom they come from.
    pub source: Ipv4Addr,
    /// Whom they would go to, had they the time.
    pub target: Ipv4Addr,
    /// The second byte of the IP header: DSCP and ECN.
    pub tos: u8,
    /// The lower half of a TCP probe's sequence number, which tells ours from others'.
    pub nonce: u16,
}

impl Shape {
    /// A whole packet of `size` bytes, headers included: probe `number`, from 1 on, which may pass `ttl` − 1 routers.
    #[must_use]
    pub fn packet(&self, flow: Flow, number: u16, ttl: u8, size: u16, dont_fragment: bool) -> Vec<u8> {
        let header = Ipv4 {
            dscp: self.tos >> 2,
            ecn: self.tos & 3,
            identification: number,
            dont_fragment,
            ttl,
            ..Ipv4::new(self.source, self.target, self.method.protocol())
        };
        header.packet(&self.message(flow, number, usize::from(size).saturating_sub(Ipv4::LEN)))
    }

    /// What such a packet holds, `len` bytes if that is enough for the headers.
    #[must_use]
    pub fn message(&self, flow: Flow, number: u16, len: usize) -> Vec<u8> {
        let Flow { source_port, destination_port } = flow;
        match self.method {
            Method::Udp => {
                let (source, target) = (IpAddr::V4(self.source), IpAddr::V4(self.target));
                let mut data = data(len.saturating_sub(Udp::LEN));
                let udp = Udp::new(source_port, destination_port);
                let unbalanced = udp.sealed(source, target, &data).checksum;
                balance(&mut data, unbalanced, number);
                udp.datagram(source, target, &data)
            }
            Method::Icmp => {
                let mut data = data(len.saturating_sub(Icmp::LEN + Echo::LEN));
                let echo = Echo { identifier: source_port, sequence: number };
                let unbalanced = Icmp::sealed(icmp::ECHO_REQUEST, 0, echo.bytes(), &data).checksum;
                balance(&mut data, unbalanced, ICMP_CHECKSUM ^ destination_port);
                icmp::echo_request(source_port, number, &data)
            }
            Method::Tcp => {
                let (source, target) = (IpAddr::V4(self.source), IpAddr::V4(self.target));
                let syn = Tcp {
                    syn: true,
                    sequence_number: self.sequence_number(number),
                    window: 64_240,
                    ..Tcp::new(source_port, destination_port)
                };
                let options = options::emit(SYN_OPTIONS);
                let room = len.saturating_sub(Tcp::LEN);
                // A SYN carries no data: what is longer than its options stays so, what is shorter goes without them.
                let options = if room >= options.len() { options.as_slice() } else { &[] };
                syn.segment(source, target, options, &[])
            }
        }
    }

    /// The sequence number of a TCP probe.
    #[must_use]
    pub fn sequence_number(&self, number: u16) -> u32 {
        u32::from(number) << 16 | u32::from(self.nonce)
    }

    /// The number of the TCP probe with this sequence number, if it is one of ours.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    pub fn number_of(&self, sequence_number: u32) -> Option<u16> {
        (sequence_number as u16 == self.nonce).then_some((sequence_number >> 16) as u16)
    }

    /// How many bytes a probe has that was to have `size`: a SYN has no data that could fill it.
    #[must_use]
    pub fn size(&self, size: u16) -> u16 {
        match self.method {
            Method::Udp | Method::Icmp => size.max(self.method.least_size()),
            Method::Tcp if size < SYN_SIZE => self.method.least_size(),
            Method::Tcp => SYN_SIZE,
        }
    }
}

/// The checksum of all ICMP probes; any would do.
const ICMP_CHECKSUM: u16 = 0x1815;

/// What a SYN of today asks for. A filter may drop one that asks for nothing.
const SYN_OPTIONS: &[TcpOption<'_>] = &[
    TcpOption::MaximumSegmentSize(1460),
    TcpOption::SackPermitted,
    TcpOption::Timestamps { value: 1, echo_reply: 0 },
    TcpOption::NoOperation,
    TcpOption::WindowScale(7),
];
/// The length of a packet with such a SYN.
const SYN_SIZE: u16 = 60;
const _: () = assert!(Ipv4::LEN + Tcp::LEN + 20 == SYN_SIZE as usize && tcp::MAX_OPTIONS >= 20);

/// Data of `len` bytes, the first two of which are there to balance the checksum; the others count up, as in ping.
fn data(len: usize) -> Vec<u8> {
    let balance = [0; 2].into_iter();
    balance.chain((2..=u8::MAX).chain(0..=1).cycle()).take(len).collect()
}

/// Sets the first two bytes of `data`, zero so far, so that the checksum becomes `wanted` where it was `unbalanced`.
///
/// RFC 1071: the checksum is the complement of a sum S. With x in the data the complement of S + x must be `wanted`, so x is
/// the complement of `wanted` minus S; and minus S is the complement of S, the checksum before.
fn balance(data: &mut [u8], unbalanced: u16, wanted: u16) {
    let (sum, carry) = (!wanted).overflowing_add(unbalanced);
    let word = sum + u16::from(carry);
    if let Some(first) = data.first_chunk_mut() {
        *first = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: Flow = Flow { source_port: 50_000, destination_port: 33_434 };

    fn shape(method: Method) -> Shape {
        let (source, target) = (Ipv4Addr::new(192, 168, 1, 3), Ipv4Addr::new(192, 168, 10, 3));
        Shape { method, source, target, tos: 0, nonce: 0xbeef }
    }

    #[test]
    fn udp_probe_has_its_number_for_a_checksum_and_the_checksum_is_right() {
        let shape = shape(Method::Udp);
        for (number, len) in [(1, 10), (2, 40), (255, 11), (256, 40), (0x7fff, 1472), (0xfffe, 40)] {
            let message = shape.message(FLOW, number, len);
            let (udp, data, _) = Udp::parse(&message).unwrap();
            assert_eq!((udp.checksum, message.len()), (number, len));
            assert!(udp.is_intact(shape.source.into(), shape.target.into(), data), "probe {number} of {len} bytes");
        }
    }

    #[test]
    fn icmp_probes_differ_in_nothing_that_a_router_hashes() {
        let shape = shape(Method::Icmp);
        for (number, len) in [(1, 10), (2, 40), (255, 11), (0xfffe, 40), (0xffff, 1480)] {
            let message = shape.message(FLOW, number, len);
            let (icmp, message_) = icmp::parse(&message).unwrap();
            assert!(icmp::is_intact(&message), "probe {number} of {len} bytes");
            assert_eq!(icmp.checksum, ICMP_CHECKSUM ^ FLOW.destination_port);
            let icmp::Message::EchoRequest { echo, .. } = message_ else { panic!("{message_:?}") };
            assert_eq!(echo, Echo { identifier: 50_000, sequence: number });
        }
    }

    #[test]
    fn tcp_probe_is_a_syn_whose_number_comes_back_in_the_quote_and_in_the_acknowledgment() {
        let shape = shape(Method::Tcp);
        for (len, options) in [(20, 0), (39, 0), (40, 20), (1000, 20)] {
            let message = shape.message(FLOW, 7, len);
            let (tcp, found, payload) = Tcp::parse(&message).unwrap();
            assert!(tcp.syn && Tcp::is_intact(shape.source.into(), shape.target.into(), &message));
            assert_eq!((found.len(), payload.len()), (options, 0), "{len} bytes");
            assert_eq!(shape.number_of(tcp.sequence_number), Some(7));
            assert_eq!(shape.number_of(tcp.sequence_number.wrapping_add(1)), None);
        }
    }

    #[test]
    fn packet_is_as_long_as_asked_and_carries_number_and_ttl_in_its_header() {
        let packet = shape(Method::Udp).packet(FLOW, 0x0102, 5, 60, false);
        let (header, ..) = Ipv4::parse(&packet).unwrap();
        assert_eq!((packet.len(), header.identification, header.ttl), (60, 0x0102, 5));
        assert!(Ipv4::is_intact(&packet));
    }
}
