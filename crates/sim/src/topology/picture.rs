//! A network as a small picture in text: nodes from left to right, seen from the host at which programs run.
//!
//! ```text
//! client ─net1─ r1 ┬─net3─ a2 ─net5─ a3 ─a3-r4─┬─ r4 ─net10─ server
//!                  ╰─net4─ b2 ─net6─ b3 ─b3-r4─╯
//! ```
//!
//! It is a tree, but for ways that part and meet again: rows of two-armed nodes, drawn one below the other. What is met a second
//! time in another manner is named in parentheses.

use super::{Medium, Net, Node};
use std::collections::BTreeSet;

/// What is drawn already.
struct Pen<'a> {
    net: &'a Net,
    nodes: BTreeSet<&'a str>,
    links: BTreeSet<&'a str>,
}

/// A line behind a node; one that is attached begins with the text on the line to it.
struct Row {
    attached: bool,
    text: String,
}

/// A way along cables and nodes that have two of them, up to a node that has not.
struct Way<'a> {
    links: Vec<&'a str>,
    nodes: Vec<&'a str>,
    end: &'a Node,
}

impl Net {
    /// The picture, a line each.
    pub(super) fn picture(&self) -> Vec<String> {
        let mut pen = Pen { net: self, nodes: BTreeSet::new(), links: BTreeSet::new() };
        self.node(&self.at).map(|node| pen.node(node)).unwrap_or_default()
    }
}

impl<'a> Pen<'a> {
    /// `node` and what lies behind it.
    fn node(&mut self, node: &'a Node) -> Vec<String> {
        if !self.nodes.insert(&node.name) {
            return vec![format!("({})", node.name)];
        }
        let mut rows = vec![];
        for link in node.interfaces.iter().map(|interface| interface.link.as_str()) {
            if self.links.contains(link) {
                continue;
            }
            let ways = self.ways_that_meet(node, link);
            rows.extend(if ways.is_empty() { self.link(link, &node.name) } else { self.parallel(&ways) });
        }
        joined(&node.name, rows)
    }

    /// A link and the nodes on it other than `from`: a box stands for itself, a cable is written on its line.
    fn link(&mut self, name: &'a str, from: &str) -> Vec<Row> {
        self.links.insert(name);
        let others: Vec<&Node> = self.net.ends(name).filter(|node| node.name != from).collect();
        let label = match self.net.link(name).map(|link| link.medium) {
            Some(Medium::Switch) => format!("[{name}]"),
            Some(Medium::Hub) => format!("[{name}: a hub]"),
            _ => return others.first().map(|node| branch(&format!("{name}─"), self.node(node))).unwrap_or_default(),
        };
        let rows = others.into_iter().flat_map(|node| branch("", self.node(node))).collect();
        branch("", joined(&label, rows))
    }

    /// The ways from `node` that end where the one over `link` does; none if that is the only one.
    fn ways_that_meet(&self, node: &'a Node, link: &str) -> Vec<Way<'a>> {
        let links = node.interfaces.iter().map(|interface| interface.link.as_str());
        let ways: Vec<Way<'_>> =
            links.filter(|link| !self.links.contains(link)).filter_map(|link| self.way(node, link)).collect();
        let Some(end) = ways.iter().find(|way| way.links.first() == Some(&link)).map(|way| &way.end.name) else {
            return vec![];
        };
        let end = end.clone();
        let ways: Vec<Way<'_>> = ways.into_iter().filter(|way| way.end.name == end).collect();
        if ways.len() < 2 { vec![] } else { ways }
    }

    /// The way from `node` over `link`, unless it leads back to what is drawn.
    fn way(&self, node: &'a Node, link: &'a str) -> Option<Way<'a>> {
        let mut way = Way { links: vec![], nodes: vec![], end: node };
        let mut next = Some(link);
        while let Some(link) = next {
            if self.net.link(link)?.medium != Medium::Cable {
                return None;
            }
            let end = self.net.ends(link).find(|end| end.name != way.end.name)?;
            if self.nodes.contains(end.name.as_str()) {
                return None;
            }
            if way.end.name != node.name {
                way.nodes.push(&way.end.name);
            }
            way.links.push(link);
            way.end = end;
            next = match &end.interfaces[..] {
                [a, b] if a.link == link => Some(&b.link),
                [a, b] if b.link == link => Some(&a.link),
                _ => None,
            };
        }
        Some(way)
    }

    /// Ways below each other, and behind the first the node at which they meet.
    fn parallel(&mut self, ways: &[Way<'a>]) -> Vec<Row> {
        let mut texts = vec![];
        for way in ways {
            self.links.extend(&way.links);
            self.nodes.extend(&way.nodes);
            let mut text = String::new();
            for (index, link) in way.links.iter().enumerate() {
                if let Some(node) = index.checked_sub(1).and_then(|before| way.nodes.get(before)) {
                    text += &format!(" {node} ─");
                }
                text += &format!("{link}─");
            }
            texts.push(text);
        }
        let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let behind = ways.first().map(|way| self.node(way.end)).unwrap_or_default();
        let count = texts.len().max(behind.len());
        let mut rows = vec![];
        for index in 0..count {
            let (attached, text, corner) = match texts.get(index) {
                Some(text) => {
                    let line = "─".repeat(width - text.chars().count());
                    let corner = match index {
                        0 => "┬─ ",
                        last if last + 1 == texts.len() => "╯  ",
                        _ => "┤  ",
                    };
                    (true, format!("{text}{line}"), corner)
                }
                None => (false, " ".repeat(width), "   "),
            };
            let beside = behind.get(index).map_or("", String::as_str);
            rows.push(Row { attached, text: format!("{text}{corner}{beside}") });
        }
        rows
    }
}

/// Lines of which the first hangs on a line with the text `stem` on it.
fn branch(stem: &str, lines: Vec<String>) -> Vec<Row> {
    let indent = " ".repeat(stem.chars().count());
    let stems = std::iter::once(stem).chain(std::iter::repeat(indent.as_str()));
    let rows = lines.into_iter().zip(stems).enumerate();
    rows.map(|(index, (line, stem))| Row { attached: index == 0, text: format!("{stem} {line}") }).collect()
}

/// A label with rows to the right: a single one goes straight on, more of them hang below each other.
fn joined(label: &str, rows: Vec<Row>) -> Vec<String> {
    let indent = " ".repeat(label.chars().count());
    let Some(last) = rows.iter().rposition(|row| row.attached) else { return vec![label.to_string()] };
    let straight = if rows.first().is_some_and(|row| row.text.starts_with(' ')) { "──" } else { "─" };
    let below = if last == 0 { " ".repeat(straight.chars().count()) } else { "  ".to_string() };
    let mut lines = vec![];
    for (index, Row { attached, text }) in rows.into_iter().enumerate() {
        let corner = match (attached, index) {
            (true, 0) if last == 0 => straight,
            (true, 0) => "┬─",
            (true, _) if index == last => "╰─",
            (true, _) => "├─",
            (false, _) if index < last => "│ ",
            (false, _) => &below,
        };
        let start = if index == 0 { label } else { &indent };
        lines.push(format!("{start} {corner}{text}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(net: &str) -> String {
        let lines = Net::load(net).unwrap().picture();
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Nodes on cables: `r1 a net1, a r4 net2`.
    fn of(cables: &str) -> String {
        let mut nodes: std::collections::BTreeMap<&str, String> = std::collections::BTreeMap::new();
        let mut links = String::from("[links]\n");
        for (number, cable) in cables.split(", ").enumerate() {
            let [a, b, link] = cable.split(' ').collect::<Vec<_>>()[..] else { panic!("{cable}") };
            links += &format!("{link} = {{}}\n");
            for (node, host) in [(a, 1), (b, 2)] {
                *nodes.entry(node).or_default() += &format!("on.{link} = \"10.0.{number}.{host}/24\"\n");
            }
        }
        let nodes: String = nodes.iter().map(|(node, on)| format!("[routers.{node}]\n{on}")).collect();
        let text = format!("title = \"\"\nat = \"a\"\n{nodes}{links}");
        let lines = Net::parse("test", &text).unwrap().picture();
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    #[test]
    fn tree_hangs_its_branches_below_each_other() {
        assert_eq!(
            picture("lan"),
            "host2 ── [lan] ┬─ host3\n\
            \x20              ├─ host4\n\
            \x20              ├─ host5\n\
            \x20              ╰─ gw ─access─ isp ─far─ server\n"
        );
        assert_eq!(
            picture("hub"),
            "a ── [lan: a hub] ┬─ b\n\
            \x20                 ├─ c\n\
            \x20                 ╰─ d\n"
        );
    }

    #[test]
    fn ways_that_part_and_meet_again_are_drawn_so() {
        assert_eq!(
            picture("diamond"),
            "client ─net1─ r1 ┬─net3─ a2 ─net5─ a3 ─a3-r4─┬─ r4 ─net10─ server\n\
            \x20                ╰─net4─ b2 ─net6─ b3 ─b3-r4─╯\n"
        );
    }

    #[test]
    fn ways_may_differ_in_length_and_have_neighbours() {
        assert_eq!(
            of("a r 1, r p 2, p s 3, r s 4, r q 5, q s 6, s x 7, s y 8, y z 9, s w 10, r h 11"),
            "a ─1─ r ┬─2─ p ─3─┬─ s ┬─7─ x\n\
            \x20       ├─4───────┤    ├─8─ y ─9─ z\n\
            \x20       ├─5─ q ─6─╯    ╰─10─ w\n\
            \x20       ╰─11─ h\n"
        );
        assert_eq!(
            of("a r 1, r p 2, p s 3, r s 4, s x 7, s y 8, s w 10, r h 11"),
            "a ─1─ r ┬─2─ p ─3─┬─ s ┬─7─ x\n\
            \x20       ├─4───────╯    ├─8─ y\n\
            \x20       │              ╰─10─ w\n\
            \x20       ╰─11─ h\n"
        );
    }

    #[test]
    fn other_circles_end_in_a_name_in_parentheses() {
        assert_eq!(
            of("a b 1, a c 2, b c 3, b d 4, c e 5"),
            "a ─1─ b ┬─3─ c ┬─2─ (a)\n\
            \x20       │      ╰─5─ e\n\
            \x20       ╰─4─ d\n"
        );
    }
}
