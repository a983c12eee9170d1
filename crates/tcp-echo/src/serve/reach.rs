//! Who can reach a port, and who has one that is not to be had.

use super::engine::Options;
use cli::Failure;
use host::{Error, Host, Opt, TcpSocket};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

/// Where a server is, and who can reach it.
pub(crate) fn place(at: SocketAddrV4) -> String {
    let (address, port) = (at.ip(), at.port());
    match *address {
        Ipv4Addr::UNSPECIFIED => format!("port {port} of all addresses, for whoever reaches one of them"),
        address if address.is_loopback() => format!("{at}, for programs of this host only"),
        _ => format!("{at}, for whoever reaches that address"),
    }
}

/// Why a port is not to be had, who may have it as far as the host shows that, and what to do.
pub(crate) fn taken(host: &mut dyn Host, options: &Options) -> Failure {
    let at = options.at();
    // Who listens at another address than this one is in nobody's way.
    let is_in_the_way = |socket: &TcpSocket| match socket.local {
        SocketAddr::V4(other) => [*other.ip(), *at.ip()].iter().any(Ipv4Addr::is_unspecified) || other.ip() == at.ip(),
        // `::` takes the ports of IPv4 too, unless it was told not to (RFC 3493 section 5.3).
        SocketAddr::V6(other) => other.ip().is_unspecified(),
    };
    let hint = match host.tcp_sockets(at.port()) {
        Ok(mut sockets) => {
            sockets.retain(is_in_the_way);
            hint(sockets.first(), options)
        }
        Err(_) => "take another one with --port".into(),
    };
    let place = match at.ip().is_unspecified() {
        true => format!("port {} of this host", at.port()),
        false => at.to_string(),
    };
    Failure::said(format!("{place} is in use already")).hint(hint)
}

fn hint(first: Option<&TcpSocket>, options: &Options) -> String {
    let port = options.port;
    let has = |option: Opt| options.listening.options.contains(&option) || options.manners.options().contains(&option);
    match first {
        None => format!("`ss -ltnp 'sport = :{port}'` shows who listens there; take another port with --port"),
        Some(TcpSocket { peer: None, local, user, .. }) => {
            let who = user.map_or("somebody".to_string(), |user| format!("user {user}"));
            let way_out = match has(Opt::ReusePort(true)) {
                true => "sharing it takes --reuseport at both, by one user",
                false => "take another one with --port, or share it (--reuseport at both)",
            };
            format!("{who} listens at {local}, and `ss -ltnp 'sport = :{port}'` names the program; {way_out}")
        }
        Some(TcpSocket { state, .. }) => format!(
            "nobody listens there, but a connection of it is in {state} (`ss -tan 'sport = :{port}'`); with --reuseaddr at both, \
             the program that ended and this one, it can be had; or take another one with --port"
        ),
    }
}

/// What the host says of the port otherwise, with the addresses that can be had.
pub(crate) fn not_opened(error: Error, host: &mut dyn Host, options: &Options) -> Failure {
    let own = host.interfaces().unwrap_or_default().into_iter().flat_map(|interface| interface.addresses);
    let own: Vec<IpAddr> = own.map(|(address, _)| address).filter(IpAddr::is_ipv4).collect();
    let address = &options.listening.address;
    let is_own =
        own.is_empty() || address.is_loopback() || address.is_unspecified() || own.contains(&(*address).into());
    match error {
        Error::Other(_) if !is_own => {
            let own: Vec<String> = own.iter().map(IpAddr::to_string).collect();
            Failure::from(error).hint(format!("this host's addresses are {}; 0.0.0.0 is all of them", own.join(", ")))
        }
        error => error.into(),
    }
}
