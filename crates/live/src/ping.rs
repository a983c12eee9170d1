//! Ping sockets: ICMP echo without the IP header.
//!
//! Linux has them for everybody whom a sysctl lets in (icmp(7), "`ping_group_range`"): the kernel owns the identifier and sees
//! to the checksum. Who is not let in but may open raw sockets gets one that keeps the same contract: the identifier is drawn
//! at random, a filter in the kernel keeps other people's replies away, and errors are recognised by the echo request that
//! they quote.
//!
//! Obeys RFC 792; RFC 1122 section 3.2.2 (what errors quote).

use crate::endpoint::{Endpoint, Kind, target};
use crate::kernel::Kernel;
use crate::{machine, permission, route};
use host::{Error, IcmpError, Opt, Packet, Packets, Result, SocketId, Time};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};

/// A socket for ICMP echo.
pub(crate) struct Ping {
    endpoint: Endpoint,
    local: SocketAddr,
    /// The identifier to put in and to compare; `None`: the kernel owns it.
    identifier: Option<u16>,
}

/// Opens a socket for ICMP echo.
///
/// # Errors
/// `NoPermission` if neither kind of socket is allowed; those of the options.
pub(crate) fn open(kernel: &Rc<Kernel>, options: &[Opt]) -> Result<Ping> {
    let mut source = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
    let mut rest = Vec::new();
    for option in options {
        match option {
            Opt::Source(address) => source = target(Some(*address), Kind::Ping { identifier: None })?,
            option => rest.push(option),
        }
    }
    let (socket, owned_by_kernel) = socket()?;
    let identifier = match source.port() {
        _ if owned_by_kernel => None,
        0 => Some(random_identifier()),
        chosen => Some(chosen),
    };
    #[cfg(target_os = "linux")]
    if let Some(identifier) = identifier {
        // Before anything else, so that as little as possible of other people's ICMP lies in it.
        socket.attach_filter(&only(identifier)).map_err(failed)?;
    }
    let endpoint = Endpoint::new(kernel, socket, Kind::Ping { identifier })?;
    for option in rest {
        endpoint.set(option)?;
    }
    // A raw socket has no port to be bound to.
    let at = SocketAddrV4::new(*source.ip(), if owned_by_kernel { source.port() } else { 0 });
    endpoint.socket.bind(&at.into()).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Error::AddressInUse(source.into()),
        ErrorKind::AddrNotAvailable => Error::Other(format!("{} is no address of this machine", source.ip())),
        _ => failed(error),
    })?;
    let mut local = endpoint.bound_to();
    if let Some(identifier) = identifier {
        local.set_port(identifier);
    }
    Ok(Ping { endpoint, local, identifier })
}

fn failed(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::PermissionDenied => permission::open_ping(),
        _ => Error::Other(format!("cannot open a ping socket: {error}")),
    }
}

/// A socket, and whether the kernel owns its identifier.
fn socket() -> Result<(Socket, bool)> {
    let open = |kind| Socket::new(Domain::IPV4, kind, Some(Protocol::ICMPV4));
    // On other systems the kernel does not look at identifiers, and delivers the IP header too.
    open(Type::DGRAM).map(|socket| (socket, cfg!(target_os = "linux"))).or_else(|_| {
        let raw = open(Type::RAW).map_err(failed)?;
        Ok((raw, false))
    })
}

/// An identifier that is hardly anybody else's.
fn random_identifier() -> u16 {
    let mut identifier = [0; 2];
    machine::random(&mut identifier);
    u16::from_be_bytes(identifier).max(1)
}

/// A program for the kernel (classic BPF) that keeps echo replies with this identifier, and redirects.
///
/// The other errors come by the error queue. What is kept is looked at again by [`hear`]; this is so that a flood of others'
/// pings costs nothing.
#[cfg(target_os = "linux")]
fn only(identifier: u16) -> [socket2::SockFilter; 8] {
    use libc::{BPF_B, BPF_H, BPF_IND, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_LDX, BPF_MSH, BPF_RET};
    let step = |code: u32, k: u32, yes: u8, no: u8| {
        socket2::SockFilter::new(u16::try_from(code).unwrap_or_default(), yes, no, k)
    };
    let load = |size, byte| step(BPF_LD | BPF_IND | size, byte, 0, 0);
    let jump = |value: u16, yes, no| step(BPF_JMP | BPF_JEQ | BPF_K, value.into(), yes, no);
    let keep = |bytes| step(BPF_RET | BPF_K, bytes, 0, 0);
    [
        step(BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0), // X: where the ICMP message begins, behind the IP header
        load(BPF_B, 0),                           // its type
        jump(icmp::ECHO_REPLY.into(), 1, 0),
        jump(icmp::REDIRECT.into(), 2, 3),
        load(BPF_H, 4), // the reply's identifier
        jump(identifier, 0, 1),
        keep(u32::MAX),
        keep(0),
    ]
}

impl host::Socket for Ping {
    fn id(&self) -> SocketId {
        self.endpoint.id
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.endpoint.set(&option)
    }
}

impl Packets for Ping {
    /// Sends one echo request to `to`, whose port means nothing.
    fn send(&mut self, to: Option<SocketAddr>, message: &[u8]) -> Result<()> {
        let to = target(to, self.endpoint.kind)?;
        let Ok((_, Message::EchoRequest { echo, data })) = icmp::parse(message) else {
            return Err(Error::Other("a ping socket sends nothing but echo requests".into()));
        };
        let most = || {
            route::longest_packet(&self.endpoint.socket, *to.ip(), true).map(|packet| packet.saturating_sub(Ipv4::LEN))
        };
        match self.identifier {
            None => self.endpoint.send(Some(to), message, most),
            Some(own) => self.endpoint.send(Some(to), &icmp::echo_request(own, echo.sequence, data), most),
        }
    }

    fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        match self.identifier {
            None => self.endpoint.recv(until, |received, bytes, at| {
                Some(Packet { at, from: received.from, ttl: received.ttl, bytes: bytes.to_vec(), error: None })
            }),
            Some(own) => self.endpoint.recv(until, |_, packet, at| {
                let Heard { header, bytes, error } = hear(packet, own)?;
                let from = Some((header.source, 0).into());
                Some(Packet { at, from, ttl: Some(header.ttl), bytes: bytes.to_vec(), error })
            }),
        }
    }
}

/// What a whole IP packet says to a ping socket.
#[derive(Debug, PartialEq, Eq)]
struct Heard<'a> {
    header: Ipv4,
    /// From the ICMP header on: the message, or what an error quotes.
    bytes: &'a [u8],
    error: Option<IcmpError>,
}

/// What `packet` says to the owner of `identifier`: a reply, or an error about a request; `None`: nothing.
///
/// Damaged messages are nobody's, as the kernel has it for its own ping sockets.
fn hear(packet: &[u8], identifier: u16) -> Option<Heard<'_>> {
    // The total length is not looked at: the kernel has cut the packet to it, and some systems change the field.
    let (header, _, message) = Ipv4::split(packet).ok()?;
    if header.protocol != ipv4::ICMP || !icmp::is_intact(message) {
        return None;
    }
    let (first, parsed) = icmp::parse(message).ok()?;
    if let Message::EchoReply { echo, .. } = parsed {
        return (echo.identifier == identifier).then_some(Heard { header, bytes: message, error: None });
    }
    let (quoted, _, bytes) = Ipv4::split(parsed.quote()?).ok()?;
    if quoted.protocol != ipv4::ICMP || quoted.fragment_offset != 0 || !is_request(bytes, identifier) {
        return None;
    }
    let mtu = match parsed {
        Message::Unreachable { word, .. } if first.code == 4 => word.next_hop_mtu,
        _ => 0,
    };
    let error = IcmpError { by: header.source.into(), kind: first.kind, code: first.code, mtu };
    Some(Heard { header, bytes, error: Some(error) })
}

/// Whether `message` begins as an echo request with this identifier.
pub(crate) fn is_request(message: &[u8], identifier: u16) -> bool {
    match icmp::parse(message) {
        Ok((_, Message::EchoRequest { echo, .. })) => echo.identifier == identifier,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::icmp::Echo;

    const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 254);
    const HERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const THERE: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);

    fn from(source: Ipv4Addr, message: &[u8]) -> Vec<u8> {
        Ipv4::new(source, HERE, ipv4::ICMP).packet(message)
    }

    fn quote(identifier: u16) -> Vec<u8> {
        Ipv4::new(HERE, THERE, ipv4::ICMP).packet(&icmp::echo_request(identifier, 3, b"data"))
    }

    #[test]
    fn only_replies_with_the_own_identifier_are_heard() {
        let reply = |identifier| from(THERE, &icmp::echo_reply(Echo { identifier, sequence: 3 }, b"data"));
        assert_eq!(hear(&reply(7), 7).unwrap().error, None);
        assert_eq!(hear(&reply(8), 7), None);
        assert_eq!(hear(&from(HERE, &icmp::echo_request(7, 3, b"data")), 7), None, "our own request, on the loopback");
        let mut damaged = reply(7);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(hear(&damaged, 7), None);
    }

    #[test]
    fn error_is_ours_if_it_quotes_our_echo() {
        let error = |quote: &[u8]| from(ROUTER, &icmp::message(icmp::UNREACHABLE, 4, [0, 0, 0x05, 0x78], quote));
        let packet = error(&quote(7));
        let heard = hear(&packet, 7).unwrap();
        assert_eq!(heard.error, Some(IcmpError { by: ROUTER.into(), kind: 3, code: 4, mtu: 1400 }));
        assert_eq!(heard.bytes, icmp::echo_request(7, 3, b"data"));
        assert_eq!(hear(&error(&quote(8)), 7), None);

        // RFC 792: the quote is the header and 8 bytes more, and there may be fewer.
        let packet = error(&quote(7)[..28]);
        assert_eq!(hear(&packet, 7).unwrap().bytes.len(), 8);
        for len in 0..28 {
            assert_eq!(hear(&error(&quote(7)[..len]), 7), None, "{len} bytes quoted");
        }
        let fragment = Ipv4 { fragment_offset: 1, ..Ipv4::new(HERE, THERE, ipv4::ICMP) };
        assert_eq!(hear(&error(&fragment.packet(&quote(7)[20..])), 7), None);
        let udp = Ipv4::new(HERE, THERE, ipv4::UDP).packet(&quote(7)[20..]);
        assert_eq!(hear(&error(&udp), 7), None);
    }
}
