//! What a node does with a frame that arrives.

use super::errors::Trouble;
use super::{Out, Stack};
use host::Time;
use std::net::IpAddr;
use wire::Mac;
use wire::ethernet::{self, Ethernet};
use wire::icmp::{self, Icmp, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// An IP packet taken apart, as it arrived.
pub(super) struct Arrived<'a> {
    pub(super) now: Time,
    /// Header, options and payload, without the frame's padding.
    pub(super) packet: &'a [u8],
    pub(super) header: Ipv4,
    pub(super) payload: &'a [u8],
    /// Whether the frame or the packet was for everybody.
    pub(super) broadcast: bool,
    /// By which interface; `None`: it never left this node.
    pub(super) interface: Option<usize>,
}

impl Stack {
    /// A frame leaves by `interface`.
    pub(crate) fn sends(&mut self, now: Time, interface: usize, frame: &[u8]) {
        self.sockets.deliver_sent(now, interface, frame);
    }

    /// A frame came in by `interface`.
    pub(crate) fn receive(&mut self, now: Time, interface: usize, frame: &[u8], out: &mut Out) {
        let Ok((ethernet, payload)) = Ethernet::take(frame) else { return };
        self.sockets.deliver_frame(now, interface, frame);
        let Some(own) = self.interfaces.get(interface).map(|own| own.mac) else { return };
        if ethernet.destination != own && ethernet.destination != Mac::BROADCAST {
            return;
        }
        match ethernet.ethertype {
            ethernet::ARP => self.arp_input(now, interface, payload, out),
            ethernet::IPV4 => self.ip_input(now, interface, payload, ethernet.destination == Mac::BROADCAST, out),
            _ => {}
        }
        self.deliver_looped(now, out);
    }

    /// An IP packet came in by `interface`, in a frame to everybody or to this node.
    ///
    /// RFC 1122 section 3.2.1: what is damaged is discarded without a word.
    fn ip_input(&mut self, now: Time, interface: usize, bytes: &[u8], broadcast: bool, out: &mut Out) {
        let Ok((header, _options, payload, trailer)) = Ipv4::parse(bytes) else { return };
        // RFC 1122 section 3.2.1.3 (g), of 127.0.0.0/8: "Addresses of this form MUST NOT appear outside a host."
        if !Ipv4::is_intact(bytes) || header.source.is_loopback() || header.destination.is_loopback() {
            return;
        }
        let packet = bytes.get(..bytes.len() - trailer.len()).unwrap_or(bytes);
        let broadcast = broadcast || self.is_broadcast(interface, header.destination);
        let arrived = Arrived { now, packet, header, payload, broadcast, interface: Some(interface) };
        if self.translate(&arrived, out) {
            return;
        }
        if self.is_own(header.destination) || self.is_broadcast(interface, header.destination) {
            match header.is_whole() {
                true => self.deliver(&arrived, out),
                false => self.collect(&arrived, out),
            }
        } else if self.forwarding && !broadcast {
            self.forward(&arrived, out);
        }
    }

    /// A packet for this node itself, whole.
    pub(super) fn deliver(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        self.sockets.deliver_packet(arrived);
        match arrived.header.protocol {
            ipv4::ICMP => self.icmp_input(arrived, out),
            ipv4::UDP => self.udp_input(arrived, out),
            ipv4::TCP => self.tcp_input(arrived, out),
            // RFC 1122 section 3.2.2.1, code 2: the protocol is not known here.
            _ if !self.sockets.has_raw(arrived.header.protocol) => self.complain(arrived, Trouble::unreachable(2), out),
            _ => {}
        }
    }

    fn icmp_input(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        if !icmp::is_intact(arrived.payload) {
            return;
        }
        let Ok((icmp, message)) = icmp::parse(arrived.payload) else { return };
        match message {
            // RFC 1122 section 3.2.2.6: "Every host MUST implement an ICMP Echo server function"; one to everybody may be ignored.
            Message::EchoRequest { echo, data } if !arrived.broadcast => {
                let reply = icmp::echo_reply(echo, data);
                let header = Ipv4 {
                    dscp: arrived.header.dscp,
                    ecn: arrived.header.ecn,
                    ttl: self.ttl,
                    identification: self.next_identification(),
                    ..Ipv4::new(arrived.header.destination, arrived.header.source, ipv4::ICMP)
                };
                self.respond(arrived.now, None, header.packet(&reply), out);
            }
            Message::EchoReply { echo, .. } => self.sockets.deliver_reply(arrived, echo.identifier),
            message => {
                // Without what the router tells behind the quote (RFC 4884), and what fills it up.
                if let Some(quote) = message.quoted().map(|quoted| beginning(quoted.datagram)) {
                    self.learn_mtu(arrived.now, icmp, &message, quote);
                    self.sockets.deliver_error(arrived.now, arrived.header.source, icmp, &message, quote);
                    self.tcp_error(arrived.now, arrived.header.source, icmp, quote, out);
                }
            }
        }
    }

    fn udp_input(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        let (source, destination) = (IpAddr::V4(arrived.header.source), IpAddr::V4(arrived.header.destination));
        let Ok((udp, payload, _)) = Udp::parse(arrived.payload) else { return };
        if !udp.is_intact(source, destination, payload) {
            return;
        }
        if self.sockets.deliver_datagram(arrived, &udp, payload) {
            return;
        }
        if self.names_input(arrived, &udp, payload, out) {
            return;
        }
        if !self.echo_ports.contains(&udp.destination_port) {
            // RFC 1122 section 4.1.3.1: a datagram for a port where nobody listens SHOULD be answered by "port unreachable".
            return self.complain(arrived, Trouble::unreachable(3), out);
        }
        // An echo of an echo would never end: what comes from the port of such a service (RFC 862) gets no answer.
        if !arrived.broadcast && !self.echo_ports.contains(&udp.source_port) {
            let datagram = Udp::new(udp.destination_port, udp.source_port).datagram(destination, source, payload);
            let header = Ipv4 {
                ttl: self.ttl,
                identification: self.next_identification(),
                ..Ipv4::new(arrived.header.destination, arrived.header.source, ipv4::UDP)
            };
            self.respond(arrived.now, None, header.packet(&datagram), out);
        }
    }

    /// RFC 1191 section 3: a host that hears "fragmentation needed" of a packet of its own lowers its path MTU.
    fn learn_mtu(&mut self, now: Time, icmp: Icmp, message: &Message<'_>, quote: &[u8]) {
        if let (Message::Unreachable { word, .. }, 4) = (message, icmp.code)
            && let Ok((quoted, ..)) = Ipv4::split(quote)
            && self.is_own(quoted.source)
            && (quoted.protocol != ipv4::TCP || self.may_have_sent(quote))
        {
            self.path_mtus.learn(now, &quoted, word.next_hop_mtu);
        }
    }

    pub(super) fn next_identification(&mut self) -> u16 {
        self.identification = self.identification.wrapping_add(1);
        self.identification
    }
}

/// As much of `quote` as the packet that it begins had.
fn beginning(quote: &[u8]) -> &[u8] {
    let total = Ipv4::take(quote).map_or(quote.len(), |(header, _)| usize::from(header.total_length));
    quote.get(..total).unwrap_or(quote)
}
