//! The sockets of a node, and which of them gets what.

use super::errors::origin;
use super::input::Arrived;
use host::{IcmpError, Packet, SocketId, Time};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use wire::icmp::{self, Icmp, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// How many messages a socket keeps for its program; more are dropped, as by a kernel whose buffer is full.
const MAILBOX: usize = 1 << 16;

/// What a socket is for.
#[derive(Debug)]
pub(super) enum Kind {
    /// Frames of one interface, and if wished those that this node itself sends.
    Link { interface: usize, outgoing: bool },
    /// IP packets of one protocol; those that leave do so by this interface, if it is bound to one.
    Raw { protocol: u8, interface: Option<usize> },
    /// ICMP echo of one identifier.
    Ping { identifier: u16, sending: Sending },
    /// Datagrams to one port.
    Udp { end: End, sending: Sending },
    /// What becomes of this NAT's table.
    Translations,
}

/// What a UDP socket is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// Unspecified: all addresses of this host.
    pub(super) address: Ipv4Addr,
    pub(super) port: u16,
    /// The one whose datagrams it receives; `None`: everybody's.
    pub(super) peer: Option<SocketAddrV4>,
    /// Whether others that may do so too can have the same port.
    pub(super) shares: bool,
}

impl End {
    /// How well a datagram from `from` to `to` fits: 0 for any address, 1 for this address, 2 more for this peer. `None`: it is for
    /// another socket.
    fn fit(&self, from: SocketAddrV4, to: SocketAddrV4) -> Option<u8> {
        let any = self.address.is_unspecified();
        let fits = self.port == to.port() && (any || self.address == *to.ip());
        let fits = fits && self.peer.is_none_or(|peer| peer == from);
        fits.then_some(u8::from(!any) + 2 * u8::from(self.peer.is_some()))
    }
}

/// What a socket's packets have in their IP header, and the way they go.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sending {
    /// `None`: the host's.
    pub(super) ttl: Option<u8>,
    pub(super) tos: u8,
    pub(super) dont_fragment: bool,
    /// The one interface that they may leave by.
    pub(super) interface: Option<usize>,
    /// `None`: the address of the interface they leave by.
    pub(super) source: Option<Ipv4Addr>,
    /// Whether datagrams leave without a checksum.
    pub(super) unchecked: bool,
}

/// A socket and what waits in it.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) kind: Kind,
    pub(super) mail: VecDeque<Packet>,
}

impl Open {
    fn deliver(&mut self, packet: Packet) {
        if self.mail.len() < MAILBOX {
            self.mail.push_back(packet);
        }
    }
}

/// All sockets of a node by their numbers, but those of TCP, whose numbers are given here too.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    open: BTreeMap<u32, Open>,
    last: u32,
}

impl Sockets {
    /// A number that no socket had before.
    pub(super) fn number(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    pub(super) fn open(&mut self, kind: Kind) -> SocketId {
        let number = self.number();
        self.open.insert(number, Open { kind, mail: VecDeque::new() });
        SocketId(number)
    }

    pub(super) fn get(&mut self, id: SocketId) -> Option<&mut Open> {
        self.open.get_mut(&id.0)
    }

    pub(super) fn close(&mut self, id: SocketId) {
        self.open.remove(&id.0);
    }

    /// Whether somebody has this UDP port at `address`, or at all addresses, and does not share it with who `shares` it too.
    pub(super) fn has_port(&self, address: Ipv4Addr, port: u16, shares: bool) -> bool {
        self.open.values().any(|open| match open.kind {
            Kind::Udp { end, .. } => {
                let overlaps = end.address == address || end.address.is_unspecified() || address.is_unspecified();
                end.port == port && overlaps && !(shares && end.shares)
            }
            _ => false,
        })
    }

    /// The UDP socket that a datagram from `from` to `to` is for: the one that fits best, of equals the last to be opened.
    fn udp_socket(&mut self, from: SocketAddrV4, to: SocketAddrV4) -> Option<&mut Open> {
        let fit = |open: &Open| match open.kind {
            Kind::Udp { end, .. } => end.fit(from, to),
            _ => None,
        };
        let fitting = self.open.values_mut().filter_map(|open| Some((fit(open)?, open)));
        fitting.max_by_key(|(fit, _)| *fit).map(|(_, open)| open)
    }

    pub(super) fn has_identifier(&self, wanted: u16) -> bool {
        self.open.values().any(|open| matches!(open.kind, Kind::Ping { identifier, .. } if identifier == wanted))
    }

    pub(super) fn has_raw(&self, wanted: u8) -> bool {
        self.open.values().any(|open| matches!(open.kind, Kind::Raw { protocol, .. } if protocol == wanted))
    }

    /// A frame came in: link sockets of that interface get it, whoever it is for.
    pub(super) fn deliver_frame(&mut self, now: Time, from: usize, frame: &[u8]) {
        for open in self.open.values_mut() {
            if matches!(open.kind, Kind::Link { interface, .. } if interface == from) {
                open.deliver(Packet { at: now, from: None, ttl: None, bytes: frame.to_vec(), error: None });
            }
        }
    }

    /// Something became of the table: all that watch get it, or only this one.
    pub(super) fn deliver_change(&mut self, only: Option<SocketId>, at: Time, change: &[u8]) {
        for (number, open) in &mut self.open {
            if matches!(open.kind, Kind::Translations) && only.is_none_or(|only| only.0 == *number) {
                open.deliver(Packet { at, from: None, ttl: None, bytes: change.to_vec(), error: None });
            }
        }
    }

    /// Whether somebody watches the table.
    pub(super) fn has_watchers(&self) -> bool {
        self.open.values().any(|open| matches!(open.kind, Kind::Translations))
    }

    /// A frame leaves: link sockets that asked for such get it.
    pub(super) fn deliver_sent(&mut self, now: Time, by: usize, frame: &[u8]) {
        for open in self.open.values_mut() {
            if matches!(open.kind, Kind::Link { interface, outgoing: true } if interface == by) {
                open.deliver(Packet { at: now, from: None, ttl: None, bytes: frame.to_vec(), error: None });
            }
        }
    }

    /// A packet for this node came in: raw sockets of its protocol get it, header included.
    pub(super) fn deliver_packet(&mut self, arrived: &Arrived<'_>) {
        for open in self.open.values_mut() {
            if matches!(open.kind, Kind::Raw { protocol, .. } if protocol == arrived.header.protocol) {
                open.deliver(message(arrived, 0, arrived.packet));
            }
        }
    }

    /// An echo reply came in.
    pub(super) fn deliver_reply(&mut self, arrived: &Arrived<'_>, to: u16) {
        for open in self.open.values_mut() {
            if matches!(open.kind, Kind::Ping { identifier, .. } if identifier == to) {
                open.deliver(message(arrived, 0, arrived.payload));
            }
        }
    }

    /// A datagram came in. `false`: it is for no socket.
    pub(super) fn deliver_datagram(&mut self, arrived: &Arrived<'_>, udp: &Udp, payload: &[u8]) -> bool {
        let from = SocketAddrV4::new(arrived.header.source, udp.source_port);
        let to = SocketAddrV4::new(arrived.header.destination, udp.destination_port);
        let Some(open) = self.udp_socket(from, to) else { return false };
        open.deliver(message(arrived, udp.source_port, payload));
        true
    }

    /// `by` says that `quote`, the beginning of a packet that this host sent, was not delivered.
    pub(super) fn deliver_error(&mut self, now: Time, by: Ipv4Addr, icmp: Icmp, said: &Message<'_>, quote: &[u8]) {
        let Ok((quoted, _, payload)) = Ipv4::split(quote) else { return };
        // What is behind the header of any other fragment says nothing of whose it is.
        if quoted.fragment_offset != 0 {
            return;
        }
        let error = origin(by, icmp, said);
        let packet = |bytes: &[u8]| notice(now, bytes, error);
        // It goes to the socket that an answer would have gone to.
        if quoted.protocol == ipv4::UDP
            && let Ok((udp, data)) = Udp::take(payload)
            && let (own, peer) = (
                SocketAddrV4::new(quoted.source, udp.source_port),
                SocketAddrV4::new(quoted.destination, udp.destination_port),
            )
            && let Some(open) = self.udp_socket(peer, own)
        {
            open.deliver(packet(data));
        }
        for open in self.open.values_mut() {
            match open.kind {
                Kind::Ping { identifier, .. } if quoted.protocol == ipv4::ICMP => {
                    if let Ok((_, Message::EchoRequest { echo, .. })) = icmp::parse(payload)
                        && echo.identifier == identifier
                    {
                        open.deliver(packet(payload));
                    }
                }
                // A raw socket has the message itself, unless there was none on the wire.
                Kind::Raw { protocol, .. } if quoted.protocol == protocol && by == quoted.source => {
                    open.deliver(packet(quote));
                }
                _ => {}
            }
        }
    }
}

fn message(arrived: &Arrived<'_>, port: u16, bytes: &[u8]) -> Packet {
    let from = Some(SocketAddr::new(IpAddr::V4(arrived.header.source), port));
    Packet { at: arrived.now, from, ttl: Some(arrived.header.ttl), bytes: bytes.to_vec(), error: None }
}

/// What a socket hears of a packet that was not delivered.
fn notice(now: Time, bytes: &[u8], error: IcmpError) -> Packet {
    let from = Some(SocketAddr::new(error.by, 0));
    Packet { at: now, from, ttl: None, bytes: bytes.to_vec(), error: Some(error) }
}
