//! Whom to ask.

use crate::query::Wanted;
use cli::Failure;
use host::Host;
use std::net::{IpAddr, SocketAddr};

/// A server, and what it was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its address and port.
    pub(crate) at: SocketAddr,
    /// As it was typed, safe to print.
    pub(crate) name: String,
}

/// The servers to ask, one after the other: that behind the `@`, or the host's own.
pub(crate) fn of(wanted: &Wanted, host: &mut dyn Host) -> Result<Vec<Server>, Failure> {
    if let Some(name) = &wanted.server {
        let address = cli::ipv4_of(host, name)?;
        return Ok(vec![Server { at: (address, wanted.port).into(), name: cli::escape(name) }]);
    }
    let known = host.name_servers()?;
    let v4 = known.iter().filter(|address| address.is_ipv4());
    let servers: Vec<Server> =
        v4.map(|address: &IpAddr| Server { at: (*address, wanted.port).into(), name: address.to_string() }).collect();
    if servers.is_empty() {
        return Err(Failure::said("this host has no name server to ask").hint("name one, as in @198.51.100.2 or @HOST"));
    }
    Ok(servers)
}
