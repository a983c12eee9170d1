//! Where to ask: over which interface, and from which address.

use super::events::Purpose;
use crate::rules::Asker;
use cli::Failure;
use host::{Error, Host, Interface};
use std::net::{IpAddr, Ipv4Addr};

/// Where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The interface's name.
    pub interface: String,
    /// Who asks there, and for whom.
    pub asker: Asker,
    /// Whether the target is an address of this host.
    pub ours: bool,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// To which end.
    pub purpose: Purpose,
    /// The address asked for, or announced.
    pub target: Ipv4Addr,
    /// `-I`.
    pub interface: Option<&'a str>,
    /// `-s`.
    pub source: Option<Ipv4Addr>,
}

/// The place for this wish: the interface over which a packet to the target would leave, unless told otherwise.
///
/// # Errors
/// When there is no such interface, it has no ARP, the target is not on its link, or an address is not this host's.
pub fn find(host: &mut dyn Host, wish: Wish<'_>) -> Result<Place, Failure> {
    let Wish { purpose, target, source, .. } = wish;
    let interfaces = host.interfaces()?;
    let announces = matches!(purpose, Purpose::AnnounceByReply | Purpose::AnnounceByRequest);
    let owner = interfaces.iter().find(|interface| has(interface, target));
    check_target(target)?;
    if announces && owner.is_none() {
        return Err(not_ours(target, &interfaces));
    }
    if let (Purpose::Ask, Some(_)) = (purpose, owner) {
        return Err(Failure::said(format!("{target} is this host's own address: nobody else answers for it"))
            .hint("`-D` asks whether somebody else has it too, `-U` tells the others that it is here"));
    }
    if let Some(source) = source
        && !interfaces.iter().any(|interface| has(interface, source))
    {
        return Err(not_ours(source, &interfaces));
    }

    let (name, routed) = match (wish.interface, owner) {
        (Some(name), _) => (name.to_string(), None),
        (None, Some(owner)) => (owner.name.clone(), None),
        (None, None) => neighbour(host, target)?,
    };
    let Some(interface) = interfaces.iter().find(|interface| interface.name == name) else {
        let known = interfaces.into_iter().map(|interface| interface.name).collect();
        return Err(Error::NoSuchInterface { name, known }.into());
    };
    let Some(mac) = interface.mac else {
        return Err(Failure::said(format!("interface '{name}' has no link-layer address, so there is no ARP on it"))
            .hint(with_arp(&interfaces)));
    };
    if !interface.up {
        return Err(Failure::said(format!("interface '{name}' is down")).hint(format!("`ip link set {name} up`")));
    }
    check_broadcast(interface, target)?;
    let source = match purpose {
        Purpose::Detect => Some(Ipv4Addr::UNSPECIFIED),
        Purpose::AnnounceByReply | Purpose::AnnounceByRequest => Some(target),
        Purpose::Ask => source.or(routed).or_else(|| nearest_address(interface, target)),
    };
    let Some(source) = source else {
        return Err(Failure::said(format!("interface '{name}' has no IPv4 address to ask from"))
            .hint("`-D` asks without one; `-s` gives another address of this host"));
    };
    Ok(Place { interface: name, asker: Asker { mac, source, target }, ours: owner.is_some() })
}

/// The interface and the source for a target that is on the link, by the routing table.
fn neighbour(host: &mut dyn Host, target: Ipv4Addr) -> Result<(String, Option<Ipv4Addr>), Failure> {
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

/// An address that no single host can have cannot be asked for.
fn check_target(target: Ipv4Addr) -> Result<(), Failure> {
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

/// The same for the broadcast address of the interface's own network.
fn check_broadcast(interface: &Interface, target: Ipv4Addr) -> Result<(), Failure> {
    let broadcast = |&(address, prefix): &(IpAddr, u8)| match address {
        IpAddr::V4(address) if prefix < 31 => Some(Ipv4Addr::from_bits(address.to_bits() | !mask(prefix))),
        _ => None,
    };
    match interface.addresses.iter().filter_map(broadcast).any(|broadcast| broadcast == target) {
        false => Ok(()),
        true => Err(Failure::said(format!("{target} is the broadcast address of '{}'", interface.name))
            .hint("ask for the address of one host on the link")),
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

fn ipv4s(interface: &Interface) -> impl Iterator<Item = (Ipv4Addr, u8)> {
    interface.addresses.iter().filter_map(|&(address, prefix)| match address {
        IpAddr::V4(address) => Some((address, prefix)),
        IpAddr::V6(_) => None,
    })
}

fn has(interface: &Interface, address: Ipv4Addr) -> bool {
    ipv4s(interface).any(|(own, _)| own == address)
}

/// The interface's address in the target's network, else its first.
fn nearest_address(interface: &Interface, target: Ipv4Addr) -> Option<Ipv4Addr> {
    let same = |&(own, prefix): &(Ipv4Addr, u8)| (own.to_bits() ^ target.to_bits()) & mask(prefix) == 0;
    ipv4s(interface).find(same).or_else(|| ipv4s(interface).next()).map(|(own, _)| own)
}

fn not_ours(address: Ipv4Addr, interfaces: &[Interface]) -> Failure {
    let on_links = interfaces.iter().flat_map(ipv4s).filter(|(own, _)| !own.is_loopback());
    let own: Vec<String> = on_links.map(|(own, _)| own.to_string()).collect();
    let hint = match own.as_slice() {
        [] => "it has none on any link".to_string(),
        [one] => format!("its only one is {one}"),
        many => format!("it has {}", many.join(", ")),
    };
    Failure::said(format!("{address} is no address of this host")).hint(hint)
}

fn with_arp(interfaces: &[Interface]) -> String {
    let names: Vec<&str> = interfaces
        .iter()
        .filter(|interface| interface.mac.is_some())
        .map(|interface| interface.name.as_str())
        .collect();
    match names.as_slice() {
        [] => "no interface of this host has one".into(),
        names => format!("those that have one: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::{Interest, Mac, Route, Time};

    const OWN: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);

    /// A machine with a loopback, two cards (one of them down), and a gateway.
    struct Machine;

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

    fn found(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> Result<Place, Failure> {
        let source = source.map(|source| source.parse().unwrap());
        find(&mut Machine, Wish { purpose, target: target.parse().unwrap(), interface, source })
    }

    fn asked_from(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> (String, String) {
        let place = found(purpose, target, interface, source).unwrap();
        (place.interface, place.asker.source.to_string())
    }

    fn refused(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> String {
        match found(purpose, target, interface, source) {
            Err(Failure::Said { error, hint }) => format!("{error} | {}", hint.unwrap_or_default()),
            Err(Failure::Host(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn pair(interface: &str, source: &str) -> (String, String) {
        (interface.into(), source.into())
    }

    #[test]
    fn interface_and_source_are_those_of_the_route() {
        assert_eq!(asked_from(Purpose::Ask, "10.0.0.5", None, None), pair("lan", "10.0.0.2"));
        assert_eq!(asked_from(Purpose::Ask, "10.0.0.5", None, Some("172.16.0.2")), pair("lan", "172.16.0.2"));
    }

    #[test]
    fn named_interface_is_asked_from_its_address_in_the_targets_network() {
        assert_eq!(asked_from(Purpose::Ask, "10.0.0.5", Some("lan"), None), pair("lan", "10.0.0.2"));
        // A wrong mask may be the very thing to find out: the address need not be in any network of ours.
        assert_eq!(asked_from(Purpose::Ask, "192.0.2.1", Some("lan"), None), pair("lan", "172.16.0.2"));
    }

    #[test]
    fn probe_is_sent_from_no_address_and_announcement_from_the_announced_one() {
        assert_eq!(asked_from(Purpose::Detect, "10.0.0.9", None, None), pair("lan", "0.0.0.0"));
        assert_eq!(asked_from(Purpose::Detect, "10.0.0.2", None, None), pair("lan", "0.0.0.0"));
        assert_eq!(asked_from(Purpose::Detect, "10.0.0.9", Some("spare"), None), pair("spare", "0.0.0.0"));
        assert_eq!(asked_from(Purpose::AnnounceByReply, "10.0.0.2", None, None), pair("lan", "10.0.0.2"));
    }

    #[test]
    fn target_behind_a_gateway_is_refused_with_the_gateway() {
        assert_eq!(
            refused(Purpose::Ask, "192.0.2.1", None, None),
            "192.0.2.1 is not on a link of this host, and ARP asks only neighbours | \
             packets to it go to the gateway 10.0.0.1 over lan: ask for that one"
        );
    }

    #[test]
    fn interface_that_cannot_ask_says_why() {
        let refused = |interface| refused(Purpose::Ask, "10.0.0.5", Some(interface), None);
        assert!(refused("lo").starts_with("interface 'lo' has no link-layer address"));
        assert_eq!(refused("off"), "interface 'off' is down | `ip link set off up`");
        assert!(refused("spare").starts_with("interface 'spare' has no IPv4 address to ask from"));
        assert_eq!(refused("eth0"), "no interface named 'eth0'");
    }

    #[test]
    fn address_that_no_single_neighbour_has_is_refused() {
        for (target, why) in [
            ("10.0.0.2", "is this host's own address"),
            ("10.0.0.255", "is the broadcast address of 'lan'"),
            ("255.255.255.255", "is the broadcast address"),
            ("224.0.0.1", "is a multicast address"),
            ("127.0.0.1", "is this host"),
            ("0.0.0.0", "stands for no host"),
        ] {
            let refused = refused(Purpose::Ask, target, None, None);
            assert!(refused.starts_with(&format!("{target} {why}")), "{refused}");
        }
    }

    #[test]
    fn address_of_somebody_else_is_neither_announced_nor_asked_from() {
        let sentence = "10.0.0.7 is no address of this host | it has 172.16.0.2, 10.0.0.2, 10.9.0.2";
        assert_eq!(refused(Purpose::AnnounceByRequest, "10.0.0.7", None, None), sentence);
        assert_eq!(refused(Purpose::Ask, "10.0.0.5", None, Some("10.0.0.7")), sentence);
    }
}
