//! Nodes and cables: a switch or a hub is a node too, and a cable has two ends.

use sim::{Cable, Kind, Map, MapLink, Medium, Place};
use std::time::Duration;

/// What is not said of a link, because most have it.
const USUAL_MTU: u16 = 1500;

/// A network as points and lines.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) cables: Vec<Line>,
    /// The node to begin with.
    pub(super) root: usize,
}

/// A node, a switch or a hub.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) name: String,
    /// `host`, `router`, `switch`.
    pub(super) kind: &'static str,
    /// Of a switch or hub, what all its cables have in common.
    pub(super) remark: String,
    pub(super) is_medium: bool,
}

/// A cable.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) ends: [usize; 2],
    /// The address at each end, or nothing.
    pub(super) addresses: [String; 2],
    /// Name and nature of the link, a line each.
    pub(super) words: Vec<String>,
}

impl Node {
    /// What stands behind its name; most are hosts, and need no word.
    pub(super) fn words(&self) -> String {
        match (self.kind, self.remark.as_str()) {
            ("host", _) => String::new(),
            (kind, "") => kind.to_string(),
            (kind, remark) => format!("{kind}, {remark}"),
        }
    }
}

impl Graph {
    pub(super) fn of(map: &Map<'_>, with_prefixes: bool) -> Self {
        let mut nodes: Vec<Node> = vec![];
        for node in &map.nodes {
            let name = node.name.to_string();
            nodes.push(Node { name, kind: kind(node.kind), remark: String::new(), is_medium: false });
        }
        let node = |name: &str| map.nodes.iter().position(|node| node.name == name).unwrap_or_default();
        let mut cables = vec![];
        for link in &map.links {
            let address = |end: &Cable<'_>| {
                let places = map.nodes.get(node(end.node)).into_iter().flat_map(|node| &node.places);
                let mut here = places.filter(|place| place.link == link.name);
                here.next().map_or_else(String::new, |place| shown(place, with_prefixes))
            };
            if let (Medium::Cable, [one, other]) = (link.medium, &link.cables[..]) {
                let mut words = vec![link.name.to_string()];
                words.extend(nature(one));
                let ends = [node(one.node), node(other.node)];
                cables.push(Line { ends, addresses: [address(one), address(other)], words });
                continue;
            }
            let same = link.cables.windows(2).all(|pair| matches!(pair, [a, b] if nature(a) == nature(b)));
            let remark =
                link.cables.first().filter(|_| same).map(|cable| format!("{} a cable", nature(cable).join(", ")));
            let kind = if link.medium == Medium::Hub { "hub" } else { "switch" };
            let (name, remark) = (link.name.to_string(), remark.unwrap_or_default());
            nodes.push(Node { name, kind, remark, is_medium: true });
            let centre = nodes.len() - 1;
            for end in &link.cables {
                let words = if same { vec![] } else { nature(end) };
                let addresses = [String::new(), address(end)];
                cables.push(Line { ends: [centre, node(end.node)], addresses, words });
            }
        }
        Self { nodes, cables, root: node(map.at) }
    }

    /// The cables at a node: number of the cable, and which of its ends is there.
    pub(super) fn at(&self, node: usize) -> impl Iterator<Item = (usize, usize)> {
        self.cables.iter().enumerate().flat_map(move |(number, cable)| {
            cable.ends.iter().enumerate().filter(move |(_, end)| **end == node).map(move |(side, _)| (number, side))
        })
    }
}

impl Line {
    /// The node at the end that is not `side`.
    pub(super) fn far(&self, side: usize) -> usize {
        let [one, other] = self.ends;
        if side == 0 { other } else { one }
    }

    /// The address at an end.
    pub(super) fn address(&self, side: usize) -> &str {
        self.addresses.get(side).map_or("", String::as_str)
    }
}

fn shown(place: &Place<'_>, with_prefixes: bool) -> String {
    match place.address {
        Some((address, prefix)) if with_prefixes => format!("{address}/{prefix}"),
        Some((address, _)) => address.to_string(),
        None => "unnumbered".to_string(),
    }
}

pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Host => "host",
        Kind::Router => "router",
        Kind::Nat => "NAT",
    }
}

/// What a cable is like: its delay, and its MTU if that is unusual.
fn nature(cable: &Cable<'_>) -> Vec<String> {
    let mut words = vec![delay(cable.delay)];
    if cable.mtu != USUAL_MTU {
        words.push(format!("MTU {}", cable.mtu));
    }
    words
}

fn delay(delay: Duration) -> String {
    let nanoseconds = delay.as_nanos();
    let text = format!("{}.{:06}", nanoseconds / 1_000_000, nanoseconds % 1_000_000);
    format!("{} ms", text.trim_end_matches('0').trim_end_matches('.'))
}

/// How long a link's cables take, in words.
pub(super) fn delays(link: &MapLink<'_>) -> String {
    let mut words: Vec<String> = link.cables.iter().map(|cable| nature(cable).join(", ")).collect();
    words.dedup();
    words.join(" / ")
}
