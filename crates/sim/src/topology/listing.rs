//! A network as text: a small picture, its nodes, what is there to ask.

use super::{Balance, Kind, Medium, Nature, Net, Node, StaticRoute};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::Ipv4Addr;

impl Node {
    /// The address that the node's name stands for: that of its first numbered interface, or its router-id.
    pub(crate) fn main_address(&self) -> Option<Ipv4Addr> {
        self.interfaces.iter().find_map(|interface| interface.address).map(|(address, _)| address).or(self.router_id)
    }

    fn kind_in_words(&self) -> &'static str {
        match self.kind {
            Kind::Host => "host",
            Kind::Router => "router",
            Kind::Nat => "nat",
        }
    }
}

impl Net {
    /// The network as `--net list` shows it.
    #[must_use]
    pub fn listing(&self) -> String {
        let mut text = format!("{}: {}\n", self.name, self.title);
        if !self.about.is_empty() {
            let _ = writeln!(text, "  {}", self.about);
        }
        text.push('\n');
        for line in self.picture() {
            let _ = writeln!(text, "    {}", line.trim_end());
        }
        text.push('\n');
        let width = self.nodes.iter().map(|node| node.name.len()).max().unwrap_or(0);
        for node in &self.nodes {
            let places: Vec<String> = node.interfaces.iter().map(place).collect();
            let here = if node.name == self.at { "   (programs run here)" } else { "" };
            let _ = writeln!(text, "  {:width$}  {:6}  {}{here}", node.name, node.kind_in_words(), places.join(", "));
            for remark in remarks(node) {
                let _ = writeln!(text, "  {:width$}          {remark}", "");
            }
        }
        let links: Vec<String> =
            self.links.iter().map(|link| format!("{} {}", link.name, nature(&link.nature))).collect();
        let _ = writeln!(text, "  links: {}", links.join(" · "));
        text
    }

    /// A tree of nodes and links, drawn from the host at which programs run.
    fn picture(&self) -> Vec<String> {
        let mut drawn = BTreeSet::new();
        self.node(&self.at).map(|node| self.draw(node, None, &mut drawn)).unwrap_or_default()
    }

    /// `node` and what lies behind it, seen from the link `from`.
    fn draw<'a>(&'a self, node: &'a Node, from: Option<&str>, drawn: &mut BTreeSet<&'a str>) -> Vec<String> {
        if !drawn.insert(&node.name) {
            return vec![format!("({})", node.name)];
        }
        let onward = node.interfaces.iter().map(|interface| interface.link.as_str()).filter(|link| Some(*link) != from);
        let branches: Vec<Branch> = onward.filter_map(|link| self.draw_link(link, &node.name, drawn)).collect();
        joined(&node.name, branches)
    }

    /// A link and the nodes on it other than `from`: a switch stands for itself, a cable is written on its line.
    fn draw_link<'a>(&'a self, link: &'a str, from: &str, drawn: &mut BTreeSet<&'a str>) -> Option<Branch> {
        let mut branches = vec![];
        for node in self.ends(link).filter(|node| node.name != from) {
            branches.push(Branch { stem: String::new(), lines: self.draw(node, Some(link), drawn) });
        }
        let box_ = match self.link(link)?.medium {
            Medium::Switch => Some(format!("[{link}]")),
            Medium::Hub => Some(format!("[{link}: a hub]")),
            Medium::Cable => None,
        };
        if let Some(label) = box_ {
            return Some(Branch { stem: String::new(), lines: joined(&label, branches) });
        }
        branches.pop().map(|branch| Branch { stem: format!("{link}─"), ..branch })
    }
}

/// What hangs on a node: the text on the line to it, and its drawing.
struct Branch {
    stem: String,
    lines: Vec<String>,
}

/// A label with its branches to the right: one goes straight on, more of them hang below each other.
fn joined(label: &str, branches: Vec<Branch>) -> Vec<String> {
    let indent = " ".repeat(label.chars().count() + 1);
    let last = branches.len().saturating_sub(1);
    let mut lines = vec![];
    for (index, Branch { stem, lines: branch }) in branches.into_iter().enumerate() {
        let (corner, below) = match (index, last) {
            (0, 0) if stem.is_empty() => ("──", " "),
            (0, 0) => ("─", " "),
            (0, _) => ("┬─", "│"),
            (index, last) if index == last => ("╰─", " "),
            _ => ("├─", "│"),
        };
        let mark = format!("{corner}{stem} ");
        let below = format!("{below}{}", " ".repeat(mark.chars().count() - 1));
        for (row, line) in branch.into_iter().enumerate() {
            let start = if lines.is_empty() { format!("{label} ") } else { indent.clone() };
            lines.push(format!("{start}{}{line}", if row == 0 { &mark } else { &below }));
        }
    }
    if lines.is_empty() { vec![label.to_string()] } else { lines }
}

fn place(interface: &super::Attachment) -> String {
    match interface.address {
        Some((address, prefix)) => format!("{address}/{prefix} on {}", interface.link),
        None => format!("unnumbered on {}", interface.link),
    }
}

fn remarks(node: &Node) -> Vec<String> {
    let mut remarks = vec![];
    if node.ttl != 64 {
        remarks.push(format!("sends with TTL {}", node.ttl));
    }
    if node.kind == Kind::Nat {
        remarks.push("translates and forwards nothing yet".into());
    }
    let ports = |services: &std::collections::BTreeMap<u16, String>| {
        services.iter().map(|(port, service)| format!("{port} {service}")).collect::<Vec<_>>().join(", ")
    };
    if !node.udp.is_empty() {
        remarks.push(format!("udp {}", ports(&node.udp)));
    }
    if !node.tcp.is_empty() {
        remarks.push(format!("tcp {} (a SYN is accepted, and no connection comes of it yet)", ports(&node.tcp)));
    }
    for route in node.routes.iter().filter(|route| route.gateways.len() > 1) {
        remarks.push(format!("reaches {}/{} {}", route.network, route.prefix, alternatives(node, route)));
    }
    for filter in &node.reject {
        remarks.push(format!("refuses packets to {}/{} with code {}", filter.to, filter.prefix, filter.code));
    }
    remarks.extend(node.manners.remarks());
    if !node.lies.is_empty() {
        remarks.push(format!("lies {} times about who has {}", node.lies.len(), claims(node)));
    }
    remarks
}

/// `by 192.168.3.100 or 192.168.4.100, the same for all of a flow`.
fn alternatives(node: &Node, route: &StaticRoute) -> String {
    let gateways: Vec<String> = route.gateways.iter().map(|gateway| gateway.via.to_string()).collect();
    let choice = match node.balance {
        Some(Balance::Packet) => "in turn",
        Some(Balance::Addresses) => "the same for two addresses",
        Some(Balance::Flow) => "the same for all of a flow",
        None => "always the first",
    };
    format!("by {}, {choice}", gateways.join(" or "))
}

fn claims(node: &Node) -> String {
    let claims: BTreeSet<Ipv4Addr> = node.lies.iter().map(|lie| lie.claim).collect();
    claims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn nature(nature: &Nature) -> String {
    let mut words = vec![time(nature.delay)];
    let share = |ppm: u32| format!("{}.{:04} %", ppm / 10_000, ppm % 10_000).replace(".0000", "");
    if !nature.jitter.is_zero() {
        words.push(format!("jitter {}", time(nature.jitter)));
    }
    if nature.loss > 0 {
        words.push(format!("loses {}", share(nature.loss)));
    }
    if nature.duplicate > 0 {
        words.push(format!("doubles {}", share(nature.duplicate)));
    }
    if nature.reorder > 0 {
        words.push(format!("reorders {}", share(nature.reorder)));
    }
    if let Some(rate) = nature.rate {
        words.push(format!("{rate} bit/s, queue {}", nature.queue));
    }
    if nature.mtu != Nature::default().mtu {
        words.push(format!("MTU {}", nature.mtu));
    }
    words.join(", ")
}

/// A delay in milliseconds, as short as it can be.
pub(super) fn time(delay: std::time::Duration) -> String {
    let nanoseconds = delay.as_nanos();
    let text = format!("{}.{:06}", nanoseconds / 1_000_000, nanoseconds % 1_000_000);
    format!("{} ms", text.trim_end_matches('0').trim_end_matches('.'))
}
