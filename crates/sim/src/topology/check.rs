//! Whether the parts of a network fit together: names, addresses, routes, MTUs.

use super::{Gateway, Kind, Medium, Net, NetError, Node, StaticRoute, known};
use crate::prefix::prefix_contains;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Finds the first thing that does not fit.
pub(super) fn check(net: &Net) -> Result<(), NetError> {
    names(net)?;
    links(net)?;
    addresses(net)?;
    for node in &net.nodes {
        node.routes.iter().try_for_each(|stated| route(node, stated))?;
        lies(net, node)?;
        if let Some(translation) = &node.translation {
            translation.translator(net, node, 0)?;
        }
    }
    net.check_host(&net.at).map_err(|error| NetError { error: format!("at: {}", error.error), ..error })
}

/// Node names are unique among all kinds; that they are so within a kind is TOML's work.
fn names(net: &Net) -> Result<(), NetError> {
    for (index, node) in net.nodes.iter().enumerate() {
        if net.nodes.iter().skip(index + 1).any(|other| other.name == node.name) {
            return Err(NetError::new(
                format!("two nodes are named '{}'", node.name),
                "names are unique among hosts, routers and nats",
            ));
        }
        if node.name.parse::<Ipv4Addr>().is_ok()
            || node.name.is_empty()
            || node.name.chars().any(|c| !c.is_alphanumeric() && c != '-' && c != '_')
        {
            return Err(NetError::new(
                format!("'{}' is no name for a node", node.name.escape_debug()),
                "names are letters, digits, '-' and '_', and no addresses",
            ));
        }
    }
    Ok(())
}

/// Every interface is on a link that there is; a cable has two ends, a switch or hub one at least.
fn links(net: &Net) -> Result<(), NetError> {
    for node in &net.nodes {
        for interface in &node.interfaces {
            if net.link(&interface.link).is_none() {
                let names = net.links.iter().map(|link| link.name.as_str());
                let error = format!("{}: no link named '{}'", node.name, interface.link.escape_debug());
                return Err(NetError::new(error, format!("links are {}", known(&interface.link, names))));
            }
        }
    }
    for link in &net.links {
        let ends: Vec<&str> = net.ends(&link.name).map(|node| node.name.as_str()).collect();
        let fits = if link.medium == Medium::Cable { ends.len() == 2 } else { !ends.is_empty() };
        if !fits {
            let error = format!("links.{}: {} nodes are on it", link.name, ends.len());
            return Err(NetError::new(error, "a cable has two ends; for more nodes write kind = \"switch\""));
        }
        if let Some(stranger) = link.cables.keys().find(|cable| !ends.contains(&cable.as_str())) {
            let error = format!("links.{}.cables: '{}' is not on this link", link.name, stranger.escape_debug());
            return Err(NetError::new(error, format!("nodes on it are {}", known(stranger, ends.into_iter()))));
        }
        let mut mtus = ends.iter().map(|node| link.nature(node).mtu);
        let first = mtus.next();
        if mtus.any(|mtu| Some(mtu) != first) {
            return Err(NetError::new(
                format!("links.{}: its cables differ in MTU", link.name),
                "stations on one link must agree on the MTU",
            ));
        }
    }
    Ok(())
}

/// Addresses are given once, and MACs once on a link: nobody beyond it ever sees them. (That masks on one link agree is not asked
/// for: a wrong one is an experiment.)
fn addresses(net: &Net) -> Result<(), NetError> {
    let (mut by_address, mut by_mac) = (BTreeMap::new(), BTreeMap::new());
    for node in &net.nodes {
        for interface in &node.interfaces {
            if let Some(other) = by_mac.insert((&interface.link, interface.mac), &node.name) {
                return Err(NetError::new(
                    format!("'{other}' and '{}' both have {} on '{}'", node.name, interface.mac, interface.link),
                    "a hardware address is given once on a link",
                ));
            }
            match interface.address {
                Some((address, _)) => {
                    if let Some(other) = by_address.insert(address, &node.name) {
                        return Err(NetError::new(
                            format!("'{other}' and '{}' both have {address}", node.name),
                            "an address is given once",
                        ));
                    }
                }
                None if node.kind != Kind::Router || node.router_id.is_none() => {
                    let error = format!("{}: '{}' is unnumbered, and there is no router_id", node.name, interface.link);
                    return Err(NetError::new(
                        error,
                        "a router with an unnumbered interface answers with its router_id: RFC 1812 section 4.3.2.4",
                    ));
                }
                None => {}
            }
        }
    }
    Ok(())
}

/// Each gateway can be reached without a gateway, and a node with a choice knows how to make it.
pub(super) fn route(node: &Node, route: &StaticRoute) -> Result<(), NetError> {
    if node.balance.is_none() && route.gateways.len() > 1 {
        let error = format!("{}: a route has alternatives, and nothing says how to choose", node.name);
        return Err(NetError::new(error, "give the router balance = \"flow\", \"addresses\" or \"packet\""));
    }
    for Gateway { via, on } in &route.gateways {
        let own = node.interfaces.iter().map(|interface| interface.link.as_str());
        if let Some(link) = on {
            if !own.clone().any(|own| own == link) {
                let error =
                    format!("{}: a route leaves on '{}', where it has no interface", node.name, link.escape_debug());
                return Err(NetError::new(error, format!("it is on {}", known(link, own))));
            }
        } else if !node
            .interfaces
            .iter()
            .filter_map(|interface| interface.address)
            .any(|(address, prefix)| prefix_contains(address, prefix, *via))
        {
            let error = format!("{}: the gateway {via} is on none of its links", node.name);
            return Err(NetError::new(
                error,
                "name the link, as in \"… via 192.168.10.100 on r3-r4\", or correct the address",
            ));
        }
    }
    Ok(())
}

pub(super) fn lies(net: &Net, node: &Node) -> Result<(), NetError> {
    for lie in &node.lies {
        let near = node.interfaces.iter().any(|interface| net.ends(&interface.link).any(|end| end.name == lie.to));
        if !near {
            let error = format!("{}: it can lie to nobody named '{}'", node.name, lie.to.escape_debug());
            return Err(NetError::new(error, "ARP reaches only nodes on the same link"));
        }
    }
    Ok(())
}

impl Net {
    /// The nodes on `link`, in the order of the file.
    pub(crate) fn ends<'a>(&'a self, link: &'a str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| node.interfaces.iter().any(|interface| interface.link == link))
    }
}
