//! What is where in a network, for whoever draws it.

use super::{Kind, Medium, Net};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Nodes and links, each in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<'n> {
    /// Hosts, routers and NATs.
    pub nodes: Vec<MapNode<'n>>,
    /// Cables, switches and hubs.
    pub links: Vec<MapLink<'n>>,
    /// The node at which programs run unless told otherwise.
    pub at: &'n str,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapNode<'n> {
    /// Its name.
    pub name: &'n str,
    /// What it does with packets that are not for it.
    pub kind: Kind,
    /// On which links it is.
    pub places: Vec<Place<'n>>,
}

/// Where a node is on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'n> {
    /// The link's name.
    pub link: &'n str,
    /// Address and prefix length; `None`: unnumbered.
    pub address: Option<(Ipv4Addr, u8)>,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapLink<'n> {
    /// Its name.
    pub name: &'n str,
    /// What joins the nodes on it.
    pub medium: Medium,
    /// A cable to each node on it; of a link that is one cable, both ends of it.
    pub cables: Vec<Cable<'n>>,
}

/// A cable's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cable<'n> {
    /// The node at it.
    pub node: &'n str,
    /// How long a frame travels on it.
    pub delay: Duration,
    /// The longest IP packet in bytes.
    pub mtu: u16,
}

impl Net {
    /// What is where.
    #[must_use]
    pub fn map(&self) -> Map<'_> {
        let nodes = self.nodes.iter().map(|node| {
            let places = node.interfaces.iter().map(|own| Place { link: &own.link, address: own.address });
            MapNode { name: &node.name, kind: node.kind, places: places.collect() }
        });
        let links = self.links.iter().map(|link| {
            let cables = self.ends(&link.name).map(|node| {
                let nature = link.nature(&node.name);
                Cable { node: &node.name, delay: nature.delay, mtu: nature.mtu }
            });
            MapLink { name: &link.name, medium: link.medium, cables: cables.collect() }
        });
        Map { nodes: nodes.collect(), links: links.collect(), at: &self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_has_what_the_file_says() {
        let mut net = Net::load("lan").unwrap();
        net.set("lan.host5.delay=3ms").unwrap();
        let map = net.map();
        assert_eq!((map.at, map.nodes.len(), map.links.len()), ("host2", 7, 3));
        let gw = map.nodes.iter().find(|node| node.name == "gw").unwrap();
        assert_eq!((gw.kind, gw.places[1].link), (Kind::Nat, "access"));
        assert_eq!(gw.places[0].address, Some(([10, 0, 0, 1].into(), 24)));
        let lan = &map.links[0];
        let cables: Vec<(&str, u128)> = lan.cables.iter().map(|cable| (cable.node, cable.delay.as_micros())).collect();
        assert_eq!(lan.medium, Medium::Switch);
        assert_eq!(cables, [("host2", 100), ("host3", 100), ("host4", 100), ("host5", 3000), ("gw", 100)]);
    }
}
