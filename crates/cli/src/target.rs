//! The target of a tool: a node's name, a host's name or an address, of one host.

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

/// `b:53`, `10.0.0.2:53`; without a port `usual`.
///
/// # Errors
/// A sentence where no port stands behind the colon.
pub fn name_and_port(target: &str, usual: u16) -> Result<(&str, u16), Failure> {
    match target.split_once(':') {
        // More colons than one are an IPv6 address, about which the host has something to say.
        Some((name, port)) if !port.contains(':') && !name.is_empty() => {
            let port = port.parse().ok().filter(|number: &u16| *number > 0 && !port.starts_with('+'));
            let port = port.ok_or_else(|| {
                Failure::said(format!("'{}' has no port behind its colon", escape(target)))
                    .hint("ports are numbers from 1 to 65535, as in b:53")
            })?;
            Ok((name, port))
        }
        _ => Ok((target, usual)),
    }
}

/// Refuses addresses that are not one host's: many would answer, and none is the one that was asked. `tool` asks.
///
/// # Errors
/// A sentence that says what the address is.
pub fn one_host(host: &mut dyn Host, target: Ipv4Addr, tool: &str) -> Result<(), Failure> {
    let is = if target.is_unspecified() {
        "no host's address"
    } else if target.is_multicast() {
        "a multicast address, a group of hosts"
    } else if target.is_broadcast() || is_broadcast_of_own_network(host, target) {
        "a broadcast address, all hosts of a network"
    } else {
        return Ok(());
    };
    Err(Failure::said(format!("{target} is {is}, and {tool} asks one host")).hint("give the address of one host"))
}

/// Whether `target` is the last address of a network that this host is on. RFC 1122 section 3.2.1.3 (d): directed broadcast.
fn is_broadcast_of_own_network(host: &mut dyn Host, target: Ipv4Addr) -> bool {
    let own = host.interfaces().unwrap_or_default().into_iter().flat_map(|interface| interface.addresses);
    own.filter_map(|(address, prefix)| match address {
        // A network of one or two addresses has none to spare for everybody: RFC 3021.
        IpAddr::V4(address) if prefix < 31 => {
            Some(u32::from(address) | u32::MAX.checked_shr(prefix.into()).unwrap_or(0))
        }
        _ => None,
    })
    .any(|broadcast| broadcast == u32::from(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_stands_behind_a_colon_and_is_the_usual_one_otherwise() {
        for (target, expected) in
            [("b", ("b", 7)), ("b:53", ("b", 53)), ("10.0.0.2:1", ("10.0.0.2", 1)), ("::1", ("::1", 7))]
        {
            assert_eq!(name_and_port(target, 7), Ok(expected));
        }
        for wrong in ["b:", "b:0", "b:65536", "b:echo", "b:+7", "b:-1"] {
            assert!(name_and_port(wrong, 7).is_err(), "{wrong}");
        }
    }
}
