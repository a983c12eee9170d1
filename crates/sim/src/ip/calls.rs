//! What a program on a node asks, and the node's answer.

use super::sockets::{End, Kind, Sending};
use super::{Out, Stack};
use host::{Call, Error, Interest, Neighbour, Opt, Reply, Result, Seed, SocketId, Text, Time, unsupported};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use wire::icmp::{self, Echo, Icmp};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const HERE: &str = "the simulated network";
/// The first of the ports that are given to who asks for none: RFC 6335 section 6, "dynamic ports".
const FIRST_DYNAMIC_PORT: u16 = 49_152;

pub(super) fn no<T>(what: impl Into<Text>) -> Result<T> {
    unsupported(what, HERE)
}

pub(super) fn v4(address: IpAddr) -> Result<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => no("IPv6 yet"),
    }
}

pub(super) fn not_own(address: Ipv4Addr) -> Error {
    Error::Other(format!("{address} is no address of this host"))
}

impl Stack {
    /// The answer to `call`, or `None` while the program has to wait for it. What it sends is added to `out`.
    pub(crate) fn attempt(&mut self, now: Time, call: &Call, out: &mut Out) -> Option<Result<Reply>> {
        let reply = self.try_to_answer(now, call, out);
        self.deliver_looped(now, out);
        reply
    }

    fn try_to_answer(&mut self, now: Time, call: &Call, out: &mut Out) -> Option<Result<Reply>> {
        match call {
            Call::Recv(id, _) => match self.sockets.get(*id) {
                Some(open) => open.mail.pop_front().map(|packet| Ok(Reply::Packet(packet))),
                None => Some(Err(Error::Gone)),
            },
            Call::Connected(id, _) => self.connected(*id),
            Call::Accept(id, _) => self.accept(*id),
            Call::Read(id, len, _) => self.read(now, *id, *len, out),
            Call::Write(id, bytes, _) => self.write(now, *id, bytes, out),
            Call::Wait(interests, _) => {
                let ready = self.ready(interests);
                (!ready.is_empty()).then_some(Ok(Reply::Ready(ready)))
            }
            call => Some(self.answer(now, call, out)),
        }
    }

    fn ready(&mut self, interests: &[Interest]) -> Vec<usize> {
        let mut is_ready = |interest: &Interest| match self.sockets.get(interest.socket) {
            Some(open) => interest.write || interest.read && !open.mail.is_empty(),
            // Whoever waits for a socket that is gone hears so from its next call.
            None => self.tcp_is_ready(interest).unwrap_or(true),
        };
        interests.iter().enumerate().filter(|(_, interest)| is_ready(interest)).map(|(index, _)| index).collect()
    }

    /// The answer to a call that does not wait.
    fn answer(&mut self, now: Time, call: &Call, out: &mut Out) -> Result<Reply> {
        match call {
            Call::Random(len) => Ok(Reply::Bytes((0..*len).map(|_| self.draw_byte()).collect())),
            Call::Interfaces => Ok(Reply::Interfaces(self.interfaces.iter().map(super::Interface::shown).collect())),
            Call::Route(to) => self.route(v4(*to)?).map(Reply::Route),
            Call::Resolve(name) => self.resolve(name).map(|address| Reply::Addresses(vec![address])),
            Call::NameServers => Ok(Reply::Addresses(self.resolver.into_iter().map(IpAddr::V4).collect())),
            Call::Neighbours => Ok(Reply::Neighbours(self.neighbour_table(now))),
            Call::OpenLink(name) => {
                let known = || self.interfaces.iter().map(|interface| interface.name.clone()).collect();
                let interface = self.interfaces.iter().position(|interface| interface.name == *name);
                let interface =
                    interface.ok_or_else(|| Error::NoSuchInterface { name: name.clone(), known: known() })?;
                Ok(self.opened(Kind::Link { interface, outgoing: false }, 0))
            }
            Call::OpenRaw(protocol) => Ok(self.opened(Kind::Raw { protocol: *protocol, interface: None }, 0)),
            Call::OpenPing(options) => {
                let sending = self.sending(options)?;
                let identifier = self.draw(1, |stack, identifier| !stack.sockets.has_identifier(identifier));
                Ok(self.opened(Kind::Ping { identifier, sending }, identifier))
            }
            Call::BindUdp(at, options) => self.bind_udp(*at, options),
            Call::Connect(to, options) => self.connect(now, *to, options, out),
            Call::Listen(at, options) => self.listen(*at, options),
            Call::Finish(id) => self.finish(now, *id, out),
            Call::Info(id) => self.info(*id),
            Call::Send(id, to, bytes) => self.send(now, *id, *to, bytes, out).map(|()| Reply::Done),
            Call::Set(id, option) => {
                let changed = self.tcp_set(now, *id, option, out);
                changed.unwrap_or_else(|| self.set_at(*id, option)).map(|()| Reply::Done)
            }
            Call::Close(id) => {
                self.sockets.close(*id);
                self.close(now, *id, out);
                Ok(Reply::Done)
            }
            Call::Connected(..) | Call::Accept(..) | Call::Read(..) | Call::Write(..) | Call::Recv(..) => {
                Ok(Reply::Done)
            }
            // An account is the world's to give: it knows both ends.
            Call::Wait(..) | Call::Exit | Call::Account(_) | Call::LastAccount(_) => Ok(Reply::Done),
        }
    }

    fn opened(&mut self, kind: Kind, port: u16) -> Reply {
        let nobody = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let (address, peer) = match kind {
            Kind::Udp { end, .. } => (end.address, end.peer.unwrap_or(nobody)),
            _ => (Ipv4Addr::UNSPECIFIED, nobody),
        };
        Reply::Socket(self.sockets.open(kind), (address, port).into(), peer.into())
    }

    #[expect(clippy::cast_possible_truncation, reason = "a byte of it is wanted")]
    fn draw_byte(&mut self) -> u8 {
        self.random.next() as u8
    }

    /// Chance for the keys of one connection.
    #[expect(clippy::disallowed_methods, reason = "this is a simulated network")]
    pub(super) fn draw_seed(&mut self) -> Seed {
        Seed::of_simulation(std::array::from_fn(|_| self.draw_byte()))
    }

    /// A random number, `least` at least, that is `free`.
    pub(super) fn draw(&mut self, least: u16, free: impl Fn(&Stack, u16) -> bool) -> u16 {
        let span = u64::from(u16::MAX - least) + 1;
        loop {
            let drawn = least + u16::try_from(self.random.next() % span).unwrap_or(0);
            if free(self, drawn) {
                return drawn;
            }
        }
    }

    fn bind_udp(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Reply> {
        let (mut peer, mut shares, mut others) = (None, false, vec![]);
        for option in options {
            match option {
                Opt::Peer(to) => peer = Some(SocketAddrV4::new(v4(to.ip())?, to.port())),
                Opt::ReuseAddress(on) => shares = *on,
                other => others.push(other.clone()),
            }
        }
        let (mut address, sending) = (v4(at.ip())?, self.sending(&others)?);
        if !address.is_unspecified() && !self.is_own(address) {
            return Err(not_own(address));
        }
        let is_taken =
            |stack: &Stack, port| stack.sockets.has_port(address, port, shares) || stack.has_service_at(port);
        let port = match at.port() {
            0 => self.draw(FIRST_DYNAMIC_PORT, |stack, port| !is_taken(stack, port)),
            port if is_taken(self, port) => return Err(Error::AddressInUse(at)),
            port => port,
        };
        // Who is connected has one way, and so one address: what others of this host's addresses receive is for others.
        if let Some(peer) = peer.filter(|_| address.is_unspecified()) {
            address = self.way(*peer.ip(), sending, address)?.source;
        }
        let end = End { address, port, peer, shares };
        Ok(self.opened(Kind::Udp { end, sending }, port))
    }

    fn resolve(&self, name: &str) -> Result<IpAddr> {
        if let Ok(address) = name.parse::<IpAddr>() {
            return v4(address).map(IpAddr::V4);
        }
        let unknown = || Error::UnknownName { name: name.to_string(), known: self.hosts.keys().cloned().collect() };
        self.hosts.get(name).map(|address| IpAddr::V4(*address)).ok_or_else(unknown)
    }

    fn route(&self, to: Ipv4Addr) -> Result<host::Route> {
        let own = |(index, interface): (usize, &super::Interface)| (interface.address?.0 == to).then_some(index);
        let local = self.interfaces.iter().enumerate().find_map(own).or(to.is_loopback().then_some(0));
        let (interface, next) = match local {
            Some(interface) => (interface, to),
            None => self.routes.lookup(to).map(|hop| (hop.interface, hop.next)).ok_or(Error::NoRoute(to.into()))?,
        };
        let source = if local.is_some() { to } else { self.address_on(interface).ok_or(Error::NoRoute(to.into()))? };
        let name = self.interfaces.get(interface).map_or(String::new(), |interface| interface.name.clone());
        Ok(host::Route { interface: name, source: source.into(), next_hop: next.into() })
    }

    fn neighbour_table(&self, now: Time) -> Vec<Neighbour> {
        let name = |index: usize| self.interfaces.get(index).map_or(String::new(), |interface| interface.name.clone());
        let entries = self.neighbours.entries(now);
        entries
            .map(|(index, address, mac, age)| Neighbour { interface: name(index), address: address.into(), mac, age })
            .collect()
    }

    fn send(&mut self, now: Time, id: SocketId, to: Option<SocketAddr>, bytes: &[u8], out: &mut Out) -> Result<()> {
        match self.sockets.get(id).ok_or(Error::Gone)?.kind {
            Kind::Link { interface, .. } => self.send_frame(interface, bytes, out),
            Kind::Raw { interface, .. } => self.send_raw(now, interface, bytes, out),
            Kind::Ping { identifier, sending } => {
                let to = v4(to.ok_or_else(nowhere)?.ip())?;
                let way = self.way(to, sending, Ipv4Addr::UNSPECIFIED)?;
                self.send_message(now, &way, ipv4::ICMP, sending, (0, &echo(identifier, bytes)), out)
            }
            Kind::Udp { end, sending } => {
                let to = to.or(end.peer.map(SocketAddr::V4)).ok_or_else(nowhere)?;
                let way = self.way(v4(to.ip())?, sending, end.address)?;
                let udp = Udp::new(end.port, to.port()).sealed(way.source.into(), way.to.into(), bytes);
                // RFC 768: "An all zero transmitted checksum value means that the transmitter generated no checksum".
                let udp = if sending.unchecked { Udp { checksum: 0, ..udp } } else { udp };
                let datagram = [&udp.bytes(), bytes].concat();
                self.send_message(now, &way, ipv4::UDP, sending, (Udp::LEN, &datagram), out)
            }
        }
    }

    /// A frame as the program wrote it, padded as a card pads it.
    fn send_frame(&mut self, interface: usize, bytes: &[u8], out: &mut Out) -> Result<()> {
        // Ethernet header and one tag, which do not count for the MTU.
        let most = self.interfaces.get(interface).map_or(0, |interface| usize::from(interface.mtu)) + 18;
        if bytes.len() < 14 || bytes.len() > most {
            return Err(Error::TooLong { have: bytes.len(), most });
        }
        let mut frame = bytes.to_vec();
        frame.resize(frame.len().max(wire::ethernet::MIN_FRAME), 0);
        out.push(super::Departure { interface, frame });
        Ok(())
    }

    /// An IP packet as the program wrote it, right or wrong.
    fn send_raw(&mut self, now: Time, bound: Option<usize>, bytes: &[u8], out: &mut Out) -> Result<()> {
        let (header, _, payload) =
            Ipv4::split(bytes).map_err(|error| Error::Other(format!("a raw socket sends IPv4 packets: {error}")))?;
        if self.is_own(header.destination) {
            self.send_packet(now, bytes.to_vec(), true, out);
            return Ok(());
        }
        let hop = match bound {
            Some(interface) => self.routes.lookup_by(header.destination, interface),
            None => self.routes.choose(header.destination, &header, payload),
        };
        let hop = hop.ok_or(Error::NoRoute(header.destination.into()))?;
        // As on Linux, what came with a header is not cut, and only the first link counts.
        let most = self.interfaces.get(hop.interface).map_or(0, |interface| usize::from(interface.mtu));
        if bytes.len() > most {
            return Err(Error::TooLong { have: bytes.len(), most });
        }
        self.hand_to(now, hop, bytes.to_vec(), true, out);
        Ok(())
    }

    /// How a socket's packets get to `to`: `bound` is the address it is bound to, or unspecified.
    pub(super) fn way(&self, to: Ipv4Addr, sending: Sending, bound: Ipv4Addr) -> Result<Way> {
        let route = self.route(to)?;
        let mut source = v4(route.source)?;
        // Bound to one interface, a socket has no way over another.
        if let Some(interface) = sending.interface.filter(|_| !self.is_own(to)) {
            self.routes.lookup_by(to, interface).ok_or(Error::NoRoute(to.into()))?;
            source = self.address_on(interface).ok_or(Error::NoRoute(to.into()))?;
        }
        let bound = (!bound.is_unspecified()).then_some(bound);
        Ok(Way { to, source: sending.source.or(bound).unwrap_or(source) })
    }

    /// A message of `protocol` in a packet of its own, or in fragments of one. `head`: how many of its bytes the program did not
    /// write.
    ///
    /// # Errors
    /// [`Error::TooLong`] when no packet is so long, or when it must not be cut and a link on the way is known to be too small.
    fn send_message(
        &mut self,
        now: Time,
        way: &Way,
        protocol: u8,
        sending: Sending,
        (head, message): (usize, &[u8]),
        out: &mut Out,
    ) -> Result<()> {
        let fits = |packet: usize| {
            let most = packet.saturating_sub(Ipv4::LEN);
            let too_long = || Error::TooLong { have: message.len() - head, most: most.saturating_sub(head) };
            if message.len() <= most { Ok(()) } else { Err(too_long()) }
        };
        fits(ipv4::MAX_PACKET)?;
        let header = Ipv4 {
            dscp: sending.tos >> 2,
            ecn: sending.tos & 3,
            dont_fragment: sending.dont_fragment,
            ttl: sending.ttl.unwrap_or(self.ttl),
            ..Ipv4::new(way.source, way.to, protocol)
        };
        if self.is_own(way.to) {
            let header = Ipv4 { identification: self.next_identification(), ..header };
            self.send_packet(now, header.packet(message), true, out);
            return Ok(());
        }
        let hop = match sending.interface {
            Some(interface) => self.routes.lookup_by(way.to, interface),
            None => self.routes.choose(way.to, &header, message),
        };
        let hop = hop.ok_or(Error::NoRoute(way.to.into()))?;
        let mtu = self.mtu_towards(now, hop, way.to);
        if sending.dont_fragment {
            fits(mtu.into())?;
        }
        let header = Ipv4 { identification: self.next_identification(), ..header };
        self.send_within(now, hop, mtu, header.packet(message), true, out);
        Ok(())
    }

    /// Changes an option of an open socket.
    fn set_at(&mut self, id: SocketId, option: &Opt) -> Result<()> {
        if let (Opt::Outgoing(on), Some(Kind::Link { outgoing, .. })) =
            (option, self.sockets.get(id).map(|open| &mut open.kind))
        {
            *outgoing = *on;
            return Ok(());
        }
        let mut changed = match self.sockets.get(id).ok_or(Error::Gone)?.kind {
            Kind::Ping { sending, .. } | Kind::Udp { sending, .. } => sending,
            // The program writes the headers; all that is left to say is which way the packets go.
            Kind::Raw { .. } if matches!(option, Opt::Interface(_)) => Sending::default(),
            Kind::Link { .. } | Kind::Raw { .. } => return no("options for a socket whose headers the program writes"),
        };
        self.set(&mut changed, option)?;
        match self.sockets.get(id).map(|open| &mut open.kind) {
            Some(Kind::Ping { sending, .. } | Kind::Udp { sending, .. }) => *sending = changed,
            Some(Kind::Raw { interface, .. }) => *interface = changed.interface,
            Some(Kind::Link { .. }) | None => {}
        }
        Ok(())
    }

    /// What the options of a new socket ask for.
    fn sending(&self, options: &[Opt]) -> Result<Sending> {
        let mut sending = Sending::default();
        options.iter().try_for_each(|option| self.set(&mut sending, option))?;
        Ok(sending)
    }

    /// Changes what a socket's packets have in their header, or the way they go.
    pub(super) fn set(&self, sending: &mut Sending, option: &Opt) -> Result<()> {
        match option {
            Opt::Ttl(ttl) => sending.ttl = Some(*ttl),
            Opt::Tos(tos) => sending.tos = *tos,
            Opt::DontFragment(on) => sending.dont_fragment = *on,
            Opt::Checksum(on) => sending.unchecked = !on,
            Opt::Interface(name) => sending.interface = Some(self.interface_named(name)?),
            Opt::Source(at) => match v4(at.ip())? {
                own if self.is_own(own) => sending.source = Some(own),
                other => return Err(not_own(other)),
            },
            // The mailbox is large enough for any of them.
            Opt::SendBuffer(_) | Opt::RecvBuffer(_) => {}
            _ => return no(format!("option {} for sockets of this kind", option.name())),
        }
        Ok(())
    }

    fn interface_named(&self, name: &str) -> Result<usize> {
        let known = || self.interfaces.iter().map(|interface| interface.name.clone()).collect();
        let found = self.interfaces.iter().position(|interface| interface.name == name);
        found.ok_or_else(|| Error::NoSuchInterface { name: name.to_string(), known: known() })
    }
}

/// How a packet leaves: whither, and with which source.
pub(super) struct Way {
    to: Ipv4Addr,
    pub(super) source: Ipv4Addr,
}

fn nowhere() -> Error {
    Error::Other("this socket needs to be told where to send".into())
}

/// The message with the socket's identifier, and its checksum.
fn echo(identifier: u16, bytes: &[u8]) -> Vec<u8> {
    let parts = Icmp::take(bytes).and_then(|(icmp, rest)| Echo::take(rest).map(|(echo, data)| (icmp, echo, data)));
    match parts {
        Ok((icmp, echo, data)) => icmp::message(icmp.kind, icmp.code, Echo { identifier, ..echo }.bytes(), data),
        Err(_) => bytes.to_vec(),
    }
}

impl super::Interface {
    fn shown(&self) -> host::Interface {
        host::Interface {
            name: self.name.clone(),
            mac: Some(self.mac),
            addresses: self.address.map(|(address, prefix)| (address.into(), prefix)).into_iter().collect(),
            mtu: self.mtu.into(),
            up: true,
        }
    }
}
