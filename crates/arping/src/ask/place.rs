//! Where to ask: over which interface, and from which address.

use super::events::Purpose;
use crate::interfaces::{self, Station, check_target, has, ipv4s, nearest_address, not_ours};
use crate::rules::Asker;
use cli::Failure;
use host::{Host, Interface};
use std::net::Ipv4Addr;

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
        (None, None) => interfaces::neighbour(host, target)?,
    };
    let Station { interface, mac } = interfaces::station(&interfaces, &name)?;
    check_broadcast(interface, target)?;
    let source = match purpose {
        Purpose::Detect => Some(Ipv4Addr::UNSPECIFIED),
        Purpose::AnnounceByReply | Purpose::AnnounceByRequest => Some(target),
        Purpose::Ask => source.or(routed).or_else(|| nearest_address(interface, target)),
    };
    let source = source.ok_or_else(|| interfaces::no_source(&name))?;
    Ok(Place { interface: name, asker: Asker { mac, source, target }, ours: owner.is_some() })
}

/// Nor can the broadcast address of the interface's own network.
fn check_broadcast(interface: &Interface, target: Ipv4Addr) -> Result<(), Failure> {
    match ipv4s(interface).any(|(_, prefix)| prefix.broadcast() == Some(target)) {
        false => Ok(()),
        true => Err(Failure::said(format!("{target} is the broadcast address of '{}'", interface.name))
            .hint("ask for the address of one host on the link")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interfaces::tests::{Machine, line};

    fn found(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> Result<Place, Failure> {
        let source = source.map(|source| source.parse().unwrap());
        find(&mut Machine, Wish { purpose, target: target.parse().unwrap(), interface, source })
    }

    fn asked_from(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> (String, String) {
        let place = found(purpose, target, interface, source).unwrap();
        (place.interface, place.asker.source.to_string())
    }

    fn refused(purpose: Purpose, target: &str, interface: Option<&str>, source: Option<&str>) -> String {
        line(found(purpose, target, interface, source).unwrap_err())
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
