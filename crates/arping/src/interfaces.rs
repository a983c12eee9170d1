//! The interfaces of this host, as far as ARP is concerned: which have it, and which link an address is on.

use crate::prefix::Prefix;
use cli::Failure;
use host::{Error, Host, Interface};
use std::net::{IpAddr, Ipv4Addr};
use wire::Mac;

/// An interface that can send and hear ARP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Station<'a> {
    pub(crate) interface: &'a Interface,
    /// Its link-layer address.
    pub(crate) mac: Mac,
}

/// The interface of this name, if it can send and hear ARP.
///
/// # Errors
/// When there is none, it has no link-layer address, or it is down.
pub(crate) fn station<'a>(interfaces: &'a [Interface], name: &str) -> Result<Station<'a>, Failure> {
    let Some(interface) = interfaces.iter().find(|interface| interface.name == name) else {
        let known = interfaces.iter().map(|interface| interface.name.clone()).collect();
        return Err(Error::NoSuchInterface { name: name.into(), known }.into());
    };
    let Some(mac) = interface.mac else {
        return Err(Failure::said(format!("interface '{name}' has no link-layer address, so there is no ARP on it"))
            .hint(with_arp(interfaces)));
    };
    if !interface.up {
        return Err(Failure::said(format!("interface '{name}' is down")).hint(format!("`ip link set {name} up`")));
    }
    Ok(Station { interface, mac })
}

/// The interface and the source for a target that is on the link, by the routing table.
///
/// # Errors
/// What the host says; a sentence where packets to the target go to a gateway.
pub(crate) fn neighbour(host: &mut dyn Host, target: Ipv4Addr) -> Result<(String, Option<Ipv4Addr>), Failure> {
    let route = host.route(target.into())?;
    if route.next_hop != IpAddr::V4(target) {
        let gateway = route.next_hop;
        let interface = cli::escape(&route.interface);
        return Err(Failure::said(format!("{target} is not on a link of this host, and ARP asks only neighbours"))
            .hint(format!("packets to it go to the gateway {gateway} over {interface}: ask for that one")));
    }
    let source = match route.source {
        IpAddr::V4(source) => Some(source),
        IpAddr::V6(_) => None,
    };
    Ok((route.interface, source))
}

/// The interface and the source for a prefix that is on the link, by the routing table: its first and its last address are.
///
/// # Errors
/// What the host says; the prefixes that are on links, where this one is not or not whole.
pub(crate) fn on_link(
    host: &mut dyn Host,
    prefix: Prefix,
    interfaces: &[Interface],
) -> Result<(String, Option<Ipv4Addr>), Failure> {
    // The way to an address of our own is no way to the link.
    let is_ours = |address: Ipv4Addr| interfaces.iter().any(|interface| has(interface, address));
    let first = prefix.hosts().find(|address| !is_ours(*address));
    let last = prefix.hosts().filter(|address| !is_ours(*address)).last();
    let Some((first, last)) = first.zip(last) else {
        let owner = interfaces.iter().find(|interface| has(interface, prefix.first()));
        return owner.map(|owner| (owner.name.clone(), None)).ok_or_else(|| not_on_a_link(prefix, "not", interfaces));
    };
    match (direct(host, first)?, direct(host, last)?) {
        (Some(way), Some((other, _))) if way.0 == other => Ok(way),
        (None, None) => Err(not_on_a_link(prefix, "not", interfaces)),
        _ => Err(not_on_a_link(prefix, "only in part", interfaces)),
    }
}

/// The interface and the source for an address on the link; `None`: it is on none.
fn direct(host: &mut dyn Host, address: Ipv4Addr) -> Result<Option<(String, Option<Ipv4Addr>)>, Failure> {
    let route = match host.route(address.into()) {
        Ok(route) => route,
        Err(Error::NoRoute(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let source = match route.source {
        IpAddr::V4(source) => Some(source),
        IpAddr::V6(_) => None,
    };
    Ok((route.next_hop == IpAddr::V4(address)).then_some((route.interface, source)))
}

fn not_on_a_link(prefix: Prefix, how: &str, interfaces: &[Interface]) -> Failure {
    let with_arp = interfaces.iter().filter(|interface| interface.mac.is_some() && interface.up);
    let links: Vec<String> = with_arp
        .flat_map(|interface| {
            ipv4s(interface).map(|(_, prefix)| format!("{prefix} ({})", cli::escape(&interface.name)))
        })
        .collect();
    let hint = match links.as_slice() {
        [] => "it has no IPv4 address on any link".to_string(),
        [one] => format!("its only link with ARP has {one}"),
        many => format!("its links have {}", many.join(", ")),
    };
    Failure::said(format!("{} is {how} on a link of this host, and ARP asks only neighbours", prefix.name())).hint(hint)
}

/// An address that no single host can have cannot be asked for.
///
/// # Errors
/// What the address is instead.
pub(crate) fn check_target(target: Ipv4Addr) -> Result<(), Failure> {
    let why = if target.is_broadcast() {
        "is the broadcast address"
    } else if target.is_multicast() {
        "is a multicast address: a group, and no host"
    } else if target.is_unspecified() {
        "stands for no host"
    } else if target.is_loopback() {
        "is this host itself, and never on a link"
    } else {
        return Ok(());
    };
    Err(Failure::said(format!("{target} {why}")).hint("ask for the address of one host on the link"))
}

/// The IPv4 addresses of an interface, each with its prefix.
pub(crate) fn ipv4s(interface: &Interface) -> impl Iterator<Item = (Ipv4Addr, Prefix)> {
    interface.addresses.iter().filter_map(|&(address, len)| match address {
        IpAddr::V4(address) => Some((address, Prefix::of(address, len))),
        IpAddr::V6(_) => None,
    })
}

/// Whether the interface has this address.
pub(crate) fn has(interface: &Interface, address: Ipv4Addr) -> bool {
    ipv4s(interface).any(|(own, _)| own == address)
}

/// The interface's address in the target's network, else its first.
pub(crate) fn nearest_address(interface: &Interface, target: Ipv4Addr) -> Option<Ipv4Addr> {
    let near = ipv4s(interface).find(|(_, prefix)| prefix.contains(target));
    near.or_else(|| ipv4s(interface).next()).map(|(own, _)| own)
}

/// `address` is none of this host's.
pub(crate) fn not_ours(address: Ipv4Addr, interfaces: &[Interface]) -> Failure {
    let on_links = interfaces.iter().flat_map(ipv4s).filter(|(own, _)| !own.is_loopback());
    let own: Vec<String> = on_links.map(|(own, _)| own.to_string()).collect();
    let hint = match own.as_slice() {
        [] => "it has none on any link".to_string(),
        [one] => format!("its only one is {one}"),
        many => format!("it has {}", many.join(", ")),
    };
    Failure::said(format!("{address} is no address of this host")).hint(hint)
}

/// No address to ask from.
pub(crate) fn no_source(interface: &str) -> Failure {
    Failure::said(format!("interface '{interface}' has no IPv4 address to ask from"))
        .hint("`-D` asks without one; `-s` gives another address of this host")
}

/// Those that have ARP, in words.
pub(crate) fn with_arp(interfaces: &[Interface]) -> String {
    let with_arp = interfaces.iter().filter(|interface| interface.mac.is_some());
    let names: Vec<&str> = with_arp.map(|interface| interface.name.as_str()).collect();
    match names.as_slice() {
        [] => "no interface of this host has one".into(),
        names => format!("those that have one: {}", names.join(", ")),
    }
}

/// A machine to look for places on.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use host::{Interest, Route, Time};

    pub(crate) const OWN: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);

    /// A machine with a loopback, three cards (two of them without address or down), and a gateway.
    pub(crate) struct Machine;

    impl Host for Machine {
        fn now(&self) -> Time {
            Time::START
        }

        fn random(&mut self, _: &mut [u8]) {}

        fn interfaces(&mut self) -> host::Result<Vec<Interface>> {
            let interface = |name: &str, mac, addresses: &[(&str, u8)], up| Interface {
                name: name.into(),
                mac,
                addresses: addresses.iter().map(|&(address, prefix)| (address.parse().unwrap(), prefix)).collect(),
                mtu: 1500,
                up,
            };
            Ok(vec![
                interface("lo", None, &[("127.0.0.1", 8)], true),
                interface("lan", Some(OWN), &[("172.16.0.2", 16), ("10.0.0.2", 24)], true),
                interface("spare", Some(OWN), &[], true),
                interface("off", Some(OWN), &[("10.9.0.2", 24)], false),
            ])
        }

        fn route(&mut self, to: IpAddr) -> host::Result<Route> {
            let on_link = to.to_string().starts_with("10.0.0.");
            let next_hop = if on_link { to } else { "10.0.0.1".parse().unwrap() };
            Ok(Route { interface: "lan".into(), source: "10.0.0.2".parse().unwrap(), next_hop })
        }

        fn resolve(&mut self, name: &str) -> host::Result<Vec<IpAddr>> {
            Err(Error::UnknownName { name: name.into(), known: vec![] })
        }

        fn wait(&mut self, _: &[Interest], _: Time) -> host::Result<Vec<usize>> {
            Ok(vec![])
        }
    }

    /// A failure as one line: what is wrong, and what to do.
    pub(crate) fn line(failure: Failure) -> String {
        match failure {
            Failure::Said { error, hint } => format!("{error} | {}", hint.unwrap_or_default()),
            Failure::Host(error) => error.to_string(),
            Failure::PipeClosed => panic!("a closed pipe"),
        }
    }
}
