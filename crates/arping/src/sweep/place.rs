//! Which addresses to ask for, over which interface, and from which address.

use crate::interfaces::{self, Station, check_target, has, ipv4s, nearest_address, not_ours};
use crate::prefix::Prefix;
use cli::Failure;
use host::{Host, Interface};
use std::net::Ipv4Addr;
use wire::Mac;

/// The shortest prefix that is swept, bits: its 65,534 addresses take 20 seconds a round.
const SHORTEST: u8 = 16;

/// Which addresses to ask for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The interface's name.
    pub interface: String,
    /// Its station.
    pub mac: Mac,
    /// The address to ask from.
    pub source: Ipv4Addr,
    /// What was asked for.
    pub prefix: Prefix,
    /// Its addresses that hosts on this link can have, ours among them.
    pub addresses: Vec<Ipv4Addr>,
    /// Those of them that are ours, each with its station.
    pub own: Vec<(Ipv4Addr, Mac)>,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// What to sweep.
    pub prefix: Prefix,
    /// `-I`.
    pub interface: Option<&'a str>,
    /// `-s`.
    pub source: Option<Ipv4Addr>,
}

/// The place for this wish: the interface over which packets to the prefix would leave, unless told otherwise.
///
/// # Errors
/// When the prefix is too large, is not on a link, or has no address to ask for; those of the interface.
pub fn find(host: &mut dyn Host, wish: Wish<'_>) -> Result<Place, Failure> {
    let prefix = wish.prefix;
    if prefix.bits() < SHORTEST {
        return Err(Failure::said(format!("{prefix} is too large for a sweep: a /{SHORTEST} is the most"))
            .hint(format!("sweep a part of it, as in {}", Prefix::of(prefix.first(), 24))));
    }
    check_target(prefix.first())
        .map_err(|failure| failure.hint("a sweep asks for the addresses of hosts on the link, as in 10.0.0.0/24"))?;
    let interfaces = host.interfaces()?;
    if let Some(source) = wish.source
        && !interfaces.iter().any(|interface| has(interface, source))
    {
        return Err(not_ours(source, &interfaces));
    }
    let (name, routed) = match wish.interface {
        // A wrong mask may be the very thing to find out: the prefix need not be in any network of ours.
        Some(name) => (name.to_string(), None),
        None => interfaces::on_link(host, prefix, &interfaces)?,
    };
    let Station { interface, mac } = interfaces::station(&interfaces, &name)?;
    let source = wish.source.or(routed).or_else(|| nearest_address(interface, prefix.first()));
    let source = source.ok_or_else(|| interfaces::no_source(&name))?;
    // Which addresses are nobody's is a matter of the link's own prefix, of which this one may be a part.
    let link = ipv4s(interface).map(|(_, link)| link).find(|link| link.covers(prefix)).unwrap_or(prefix);
    let addresses: Vec<Ipv4Addr> = prefix.addresses().filter(|address| link.is_host(*address)).collect();
    let own = own_addresses(&interfaces, mac)
        .filter(|(own, _)| prefix.contains(*own) && link.is_host(*own))
        .collect::<Vec<_>>();
    match (addresses.len() - own.len(), own.first()) {
        (0, Some((own, _))) => {
            Err(Failure::said(format!("{own} is this host's own address, and {prefix} has no other"))
                .hint("`-D` asks whether somebody else has it too, `-U` tells the others that it is here"))
        }
        (0, None) => Err(Failure::said(format!("no host on '{name}' can have an address in {prefix}"))
            .hint(format!("the link's prefix is {link}, whose first and last address are nobody's"))),
        _ => Ok(Place { interface: name, mac, source, prefix, addresses, own }),
    }
}

/// All addresses of this host with their stations; `mac` for those whose interface has none.
fn own_addresses(interfaces: &[Interface], mac: Mac) -> impl Iterator<Item = (Ipv4Addr, Mac)> {
    interfaces
        .iter()
        .flat_map(move |interface| ipv4s(interface).map(move |(own, _)| (own, interface.mac.unwrap_or(mac))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interfaces::tests::{Machine, OWN, line};

    fn found(prefix: &str, interface: Option<&str>, source: Option<&str>) -> Result<Place, Failure> {
        let (address, len) = prefix.split_once('/').unwrap();
        let prefix = Prefix::of(address.parse().unwrap(), len.parse().unwrap());
        find(&mut Machine, Wish { prefix, interface, source: source.map(|source| source.parse().unwrap()) })
    }

    fn refused(prefix: &str, interface: Option<&str>) -> String {
        line(found(prefix, interface, None).unwrap_err())
    }

    /// The first and the last address asked for, how many there are, and how many of them are ours.
    fn span(prefix: &str, interface: Option<&str>) -> (String, String, usize, usize) {
        let Place { addresses, own, .. } = found(prefix, interface, None).unwrap();
        (addresses[0].to_string(), addresses[addresses.len() - 1].to_string(), addresses.len(), own.len())
    }

    #[test]
    fn interface_and_source_are_those_of_the_route() {
        let place = found("10.0.0.0/24", None, None).unwrap();
        assert_eq!((place.interface.as_str(), place.source.to_string().as_str()), ("lan", "10.0.0.2"));
        assert_eq!(place.own, [("10.0.0.2".parse().unwrap(), OWN)]);
        assert_eq!(found("10.0.0.0/24", None, Some("172.16.0.2")).unwrap().source.to_string(), "172.16.0.2");
        assert_eq!(found("172.16.0.0/24", Some("lan"), None).unwrap().source.to_string(), "172.16.0.2");
    }

    #[test]
    fn addresses_that_are_nobodys_on_the_link_are_left_out_and_no_others() {
        let span = |prefix| span(prefix, None);
        assert_eq!(span("10.0.0.0/24"), ("10.0.0.1".into(), "10.0.0.254".into(), 254, 1));
        // A part of the link's prefix has no network and no broadcast address of its own.
        assert_eq!(span("10.0.0.0/25"), ("10.0.0.1".into(), "10.0.0.127".into(), 127, 1));
        assert_eq!(span("10.0.0.4/30"), ("10.0.0.4".into(), "10.0.0.7".into(), 4, 0));
        assert_eq!(span("10.0.0.3/31"), ("10.0.0.2".into(), "10.0.0.3".into(), 2, 1));
        assert_eq!(span("10.0.0.9/32"), ("10.0.0.9".into(), "10.0.0.9".into(), 1, 0));
    }

    #[test]
    fn named_interface_is_swept_whatever_its_networks() {
        assert_eq!(span("192.0.2.0/30", Some("lan")), ("192.0.2.1".into(), "192.0.2.2".into(), 2, 0));
        assert!(refused("10.0.0.0/24", Some("spare")).starts_with("interface 'spare' has no IPv4 address to ask from"));
        assert!(refused("10.0.0.0/24", Some("lo")).starts_with("interface 'lo' has no link-layer address"));
        assert_eq!(refused("10.0.0.0/24", Some("off")), "interface 'off' is down | `ip link set off up`");
    }

    #[test]
    fn prefix_that_is_on_no_link_is_refused_with_those_that_are() {
        let links = "its links have 172.16.0.0/16 (lan), 10.0.0.0/24 (lan)";
        assert_eq!(
            refused("192.0.2.0/24", None),
            format!("192.0.2.0/24 is not on a link of this host, and ARP asks only neighbours | {links}")
        );
        assert_eq!(
            refused("10.0.0.0/16", None),
            format!("10.0.0.0/16 is only in part on a link of this host, and ARP asks only neighbours | {links}")
        );
    }

    #[test]
    fn prefix_with_too_many_addresses_or_none_is_refused() {
        assert_eq!(
            refused("10.0.0.0/15", None),
            "10.0.0.0/15 is too large for a sweep: a /16 is the most | sweep a part of it, as in 10.0.0.0/24"
        );
        assert!(refused("10.0.0.2/32", None).starts_with("10.0.0.2 is this host's own address, and 10.0.0.2/32 has"));
        assert_eq!(
            refused("10.0.0.255/32", None),
            "no host on 'lan' can have an address in 10.0.0.255/32 | \
             the link's prefix is 10.0.0.0/24, whose first and last address are nobody's"
        );
        for (prefix, why) in [("224.0.0.0/24", "is a multicast address"), ("127.0.0.0/24", "is this host")] {
            assert!(refused(prefix, None).contains(why), "{prefix}");
        }
    }
}
