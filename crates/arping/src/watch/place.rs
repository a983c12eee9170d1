//! On which interface to listen.

use crate::interfaces::{self, Station, ipv4s};
use crate::prefix::Prefix;
use cli::Failure;
use host::{Error, Host, Interface};
use std::net::Ipv4Addr;
use wire::Mac;

/// An address far away, whose way is the default route: RFC 5737 section 3, a block for documentation, which no network has.
const FAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Where to listen, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The interface's name.
    pub interface: String,
    /// Its station.
    pub mac: Mac,
    /// Its addresses.
    pub own: Vec<Ipv4Addr>,
    /// Only addresses of this prefix are of interest; `None`: all.
    pub only: Option<Prefix>,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The target, where there is one.
    pub only: Option<Prefix>,
    /// `-I`.
    pub interface: Option<&'a str>,
}

/// The place for this wish: the interface that is named, else that of the target, else the only one, else that of the default
/// route.
///
/// # Errors
/// When there is no such interface, it has no ARP, the target is not on a link, or there are several and no way to choose.
pub fn find(host: &mut dyn Host, wish: Wish<'_>) -> Result<Place, Failure> {
    let interfaces = host.interfaces()?;
    let name = match (wish.interface, wish.only) {
        (Some(name), _) => name.to_string(),
        (None, Some(only)) => interfaces::on_link(host, only, &interfaces)?.0,
        (None, None) => usual(host, &interfaces)?,
    };
    let Station { interface, mac } = interfaces::station(&interfaces, &name)?;
    let own = ipv4s(interface).map(|(own, _)| own).collect();
    Ok(Place { interface: name, mac, own, only: wish.only })
}

/// The only interface with ARP, or that of the default route.
fn usual(host: &mut dyn Host, interfaces: &[Interface]) -> Result<String, Failure> {
    let with_arp: Vec<&Interface> =
        interfaces.iter().filter(|interface| interface.mac.is_some() && interface.up).collect();
    if let [only] = with_arp.as_slice() {
        return Ok(only.name.clone());
    }
    let names: Vec<String> = with_arp.iter().map(|interface| cli::escape(&interface.name)).collect();
    if names.is_empty() {
        return Err(Failure::said("no interface of this host has ARP and is up")
            .hint("`ip link` shows them; in a simulated network, with `--net NAME`, there is one"));
    }
    let routed = match host.route(FAR.into()) {
        Ok(route) => Some(route.interface),
        Err(Error::NoRoute(_)) => None,
        Err(error) => return Err(error.into()),
    };
    routed.filter(|name| with_arp.iter().any(|interface| interface.name == *name)).ok_or_else(|| {
        Failure::said("several interfaces have ARP, and none is that of a default route")
            .hint(format!("choose one with -I: {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interfaces::tests::{Machine, OWN, line};

    fn found(only: Option<(&str, u8)>, interface: Option<&str>) -> Result<Place, Failure> {
        let only = only.map(|(address, bits)| Prefix::of(address.parse().unwrap(), bits));
        find(&mut Machine, Wish { only, interface })
    }

    #[test]
    fn of_several_interfaces_that_of_the_default_route_is_listened_on() {
        let place = found(None, None).unwrap();
        assert_eq!((place.interface.as_str(), place.mac, place.own.len()), ("lan", OWN, 2));
    }

    #[test]
    fn named_interface_needs_no_address() {
        let place = found(None, Some("spare")).unwrap();
        assert_eq!((place.interface.as_str(), place.own.as_slice()), ("spare", &[][..]));
        assert!(line(found(None, Some("lo")).unwrap_err()).starts_with("interface 'lo' has no link-layer address"));
    }

    #[test]
    fn target_is_listened_for_on_its_link_and_may_be_our_own() {
        for target in [("10.0.0.5", 32), ("10.0.0.2", 32), ("10.0.0.0", 24)] {
            assert_eq!(found(Some(target), None).unwrap().interface, "lan");
        }
        assert!(
            line(found(Some(("192.0.2.9", 32)), None).unwrap_err())
                .starts_with("192.0.2.9 is not on a link of this host")
        );
    }
}
