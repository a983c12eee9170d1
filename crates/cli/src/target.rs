//! The target of a tool: a node's name, a host's name or an address.

use crate::{Failure, escape};
use host::Host;
use std::net::{IpAddr, Ipv4Addr};

/// The IPv4 address that `name` stands for, the first if there are several.
///
/// # Errors
/// What the host says of the name; a sentence where it has IPv6 addresses only, which the tools do not speak yet.
pub fn ipv4_of(host: &mut dyn Host, name: &str) -> Result<Ipv4Addr, Failure> {
    let addresses = host.resolve(name)?;
    let first = addresses.iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    });
    first.ok_or_else(|| match addresses.first() {
        Some(address) => Failure::said(format!("no IPv6 yet: '{}' is {address}", escape(name)))
            .hint("give an IPv4 address, or a name that has one"),
        None => host::Error::UnknownName { name: name.into(), known: vec![] }.into(),
    })
}
