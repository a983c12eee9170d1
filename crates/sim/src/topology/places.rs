//! Where on the links something happens: `net5`, `lan.host2`, `r2>r3`.

use super::words::wrong;
use super::{Link, Medium, Net, NetError, Node, known};

/// Cables, and of each one direction or both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place(Vec<(String, Option<String>)>);

impl Place {
    /// Whether the direction named `direction` (`r1>r2`) of the cable named `cable` belongs to it.
    pub(crate) fn contains(&self, cable: &str, direction: &str) -> bool {
        self.0.iter().any(|(own, one)| own == cable && one.as_deref().is_none_or(|one| one == direction))
    }
}

pub(super) fn nodes(net: &Net) -> impl Iterator<Item = &str> + Clone {
    net.nodes.iter().map(|node| node.name.as_str())
}

pub(super) fn links(net: &Net) -> impl Iterator<Item = &str> + Clone {
    net.links.iter().map(|link| link.name.as_str())
}

/// `r2>r3`.
pub(super) fn is_direction(word: &str) -> bool {
    word.contains(['>', '→'])
}

/// `net5`, `lan.host2`, `r2>r3`; `None`: it is no place.
pub(super) fn place(net: &Net, word: &str) -> Result<Option<Place>, NetError> {
    if is_direction(word) {
        return direction(net, &word.replace('→', ">")).map(Some);
    }
    if let Some(link) = net.link(word) {
        return Ok(Some(Place(cables(net, link).into_iter().map(|(cable, _)| (cable, None)).collect())));
    }
    let Some((link, node)) = word.split_once('.').and_then(|(link, node)| Some((net.link(link)?, node))) else {
        return Ok(None);
    };
    let ends = || net.ends(&link.name).map(|node| node.name.as_str());
    if !ends().any(|end| end == node) {
        let what = format!("on '{}'", link.name);
        return Err(wrong(node, &what, format!("nodes there are {}", known(node, ends()))));
    }
    Ok(Some(Place(vec![(link.cable(node), None)])))
}

/// The cables that have a direction named `wanted`.
fn direction(net: &Net, wanted: &str) -> Result<Place, NetError> {
    let mut found = vec![];
    let mut directions = vec![];
    for (cable, [a, b]) in net.links.iter().flat_map(|link| cables(net, link)) {
        for direction in [format!("{a}>{b}"), format!("{b}>{a}")] {
            if direction == wanted {
                found.push((cable.clone(), Some(direction.clone())));
            }
            directions.push(direction);
        }
    }
    if found.is_empty() {
        let hint = format!("directions are {}", known(wanted, directions.iter().map(String::as_str)));
        return Err(wrong(wanted, "a direction of a cable", hint));
    }
    Ok(Place(found))
}

/// The cables at `node`.
pub(super) fn all_cables(net: &Net, node: &Node) -> Place {
    let links = node.interfaces.iter().filter_map(|interface| net.link(&interface.link));
    Place(links.map(|link| (link.cable(&node.name), None)).collect())
}

/// The directions of these cables that lead away from `node`.
pub(super) fn outgoing(net: &Net, node: &Node) -> Place {
    let links = node.interfaces.iter().filter_map(|interface| net.link(&interface.link));
    let away = links.flat_map(|link| cables(net, link)).filter_map(|(cable, [a, b])| match () {
        () if a == node.name => Some((cable, Some(format!("{a}>{b}")))),
        () if b == node.name => Some((cable, Some(format!("{b}>{a}")))),
        () => None,
    });
    Place(away.collect())
}

/// The cables of `link`, and what each has at its ends.
fn cables<'a>(net: &'a Net, link: &'a Link) -> Vec<(String, [&'a str; 2])> {
    let ends: Vec<&str> = net.ends(&link.name).map(|node| node.name.as_str()).collect();
    match (link.medium, &ends[..]) {
        (Medium::Cable, [a, b]) => vec![(link.name.clone(), [*a, *b])],
        _ => ends.iter().map(|node| (link.cable(node), [*node, link.name.as_str()])).collect(),
    }
}
