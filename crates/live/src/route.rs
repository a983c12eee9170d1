//! Which way a packet would go.

use crate::endpoint::no_ipv6;
use host::{Error, Result, Route};
use socket2::{Domain, Socket, Type};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The way to `to`, as the kernel would choose it now.
///
/// # Errors
/// `NoRoute`, also if a route says so; `Unsupported` for IPv6.
#[cfg(target_os = "linux")]
pub(crate) fn route(to: IpAddr) -> Result<Route> {
    use crate::netlink::{Ask, address, ask, attribute, failed, number};
    use std::io::ErrorKind;
    /// Of `struct rtmsg`, bytes.
    const LEN: usize = 12;
    const DESTINATION: u16 = 1;
    const INTERFACE: u16 = 4;
    const GATEWAY: u16 = 5;
    const SOURCE: u16 = 7;
    const VIA: u16 = 18;

    let IpAddr::V4(v4) = to else { return no_ipv6() };
    let mut request = [0; LEN];
    if let Ok(family) = u8::try_from(libc::AF_INET) {
        // Family and length of the address in bits; all else is for the kernel to choose.
        [request[0], request[1]] = [family, 32];
    }
    let body = [&request[..], &attribute(DESTINATION, &v4.octets())].concat();
    let answer = ask(libc::RTM_GETROUTE, Ask::One, &body).map_err(|error| match error.kind() {
        // A route of type "unreachable", "prohibit" or "blackhole" (in this order), or none at all.
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Error::NoRoute(to),
        ErrorKind::PermissionDenied | ErrorKind::InvalidInput => Error::NoRoute(to),
        _ => failed("a route")(error),
    })?;
    let (mut interface, mut source, mut next_hop) = (None, None, to);
    for (kind, value) in answer.iter().filter_map(|message| Some(message.split::<LEN>()?.1)).flatten() {
        match kind {
            INTERFACE => interface = number(value),
            SOURCE => source = address(value),
            GATEWAY => next_hop = address(value).unwrap_or(to),
            // A gateway of the other family, behind two bytes that say which.
            VIA => next_hop = value.get(2..).and_then(address).unwrap_or(to),
            _ => {}
        }
    }
    let index = interface.ok_or(Error::NoRoute(to))?;
    let named = crate::interfaces::all()?.into_iter().find(|known| known.index == index).ok_or(Error::NoRoute(to))?;
    let source = source.or_else(|| source_towards(to)).ok_or(Error::NoRoute(to))?;
    Ok(Route { interface: named.interface.name, source, next_hop })
}

/// The way to `to`, pieced together: the source that the system chooses, the interface that has it, and, if `to` is not in
/// that interface's network, only `to` itself for the next hop, since the gateway is not known.
///
/// # Errors
/// `NoRoute`; `Unsupported` for IPv6.
#[cfg(not(target_os = "linux"))]
pub(crate) fn route(to: IpAddr) -> Result<Route> {
    if to.is_ipv6() {
        return no_ipv6();
    }
    let source = source_towards(to).ok_or(Error::NoRoute(to))?;
    let owns = |interface: &host::Interface| interface.addresses.iter().any(|(ip, _)| *ip == source);
    let interface = crate::interfaces::list()?.into_iter().find(owns).ok_or(Error::NoRoute(to))?;
    Ok(Route { interface: interface.name, source, next_hop: to })
}

/// The address that a packet to `to` would leave with.
///
/// Connecting a UDP socket sends nothing; it makes the system choose.
pub(crate) fn source_towards(to: IpAddr) -> Option<IpAddr> {
    Some(towards(to, None)?.local_addr().ok()?.as_socket()?.ip())
}

/// How long an IPv4 packet from `socket` to `to` may be, bytes.
///
/// One that is not fragmented: the interface's MTU, or a smaller one that a router told of; else what the header's length
/// field holds. `may_fragment`: whether the kernel makes this socket's headers, and so may cut, if it is not told otherwise.
#[cfg(target_os = "linux")]
pub(crate) fn longest_packet(socket: &Socket, to: Ipv4Addr, may_fragment: bool) -> Option<usize> {
    use rustix::net::sockopt::{Ipv4PathMtuDiscovery, ip_mtu, ip_mtu_discover};
    if may_fragment && ip_mtu_discover(socket).ok()? != Ipv4PathMtuDiscovery::DO {
        return Some(wire::ipv4::MAX_PACKET);
    }
    let interface = socket.device().ok()?;
    usize::try_from(ip_mtu(towards(to.into(), interface.as_deref())?).ok()?).ok()
}

/// How long an IPv4 packet may be, bytes, as far as is known here: what the header's length field holds.
#[cfg(not(target_os = "linux"))]
pub(crate) fn longest_packet(_: &Socket, _: Ipv4Addr, _: bool) -> Option<usize> {
    Some(wire::ipv4::MAX_PACKET)
}

/// A socket that is connected to `to`, on `interface` if there is one.
fn towards(to: IpAddr, interface: Option<&[u8]>) -> Option<Socket> {
    // Any port will do: nothing is sent.
    const DISCARD: u16 = 9;
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).ok()?;
    #[cfg(target_os = "linux")]
    if interface.is_some() {
        socket.bind_device(interface).ok()?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = interface;
    // Else the system refuses a broadcast address, to which there is a way all the same.
    socket.set_broadcast(true).ok()?;
    socket.connect(&SocketAddr::new(to, DISCARD).into()).ok()?;
    Some(socket)
}
