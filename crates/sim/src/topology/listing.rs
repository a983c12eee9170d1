//! A network as text: its picture, its nodes, what is there to ask.

use super::{Balance, Kind, Nature, Net, Node, Service, StaticRoute};
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
        match self.base() {
            Some(base) => self.list_differences(&base, &mut text),
            None => self.list_all(&mut text),
        }
        text
    }

    fn list_all(&self, text: &mut String) {
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
        for fault in &self.faults {
            let _ = writeln!(text, "  fault: {}", fault.text);
        }
    }

    /// The network that this one is like, if it has the same nodes in the same places.
    fn base(&self) -> Option<Net> {
        let base = Net::load(self.like.as_deref()?).ok()?;
        let same = |(own, other): (&Node, &Node)| {
            (&own.name, own.kind, &own.interfaces) == (&other.name, other.kind, &other.interfaces)
        };
        let same_nodes = self.nodes.len() == base.nodes.len() && self.nodes.iter().zip(&base.nodes).all(same);
        (same_nodes && self.links == base.links && self.at == base.at).then_some(base)
    }

    fn list_differences(&self, base: &Net, text: &mut String) {
        let _ = writeln!(text, "  as {}, but for this:", base.name);
        for (node, other) in self.nodes.iter().zip(&base.nodes) {
            let others = remarks(other);
            for remark in remarks(node).iter().filter(|remark| !others.contains(remark)) {
                let _ = writeln!(text, "    {}: {remark}", node.name);
            }
        }
        for fault in &self.faults {
            let _ = writeln!(text, "    {}", fault.text);
        }
    }
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
    let behind = |Service { serve, app }: &Service| match app {
        Some(app) => format!("{serve} by {}", app.escape_debug()),
        None => serve.to_string(),
    };
    let ports = |services: &std::collections::BTreeMap<u16, Service>| {
        services.iter().map(|(port, service)| format!("{port} {}", behind(service))).collect::<Vec<_>>().join(", ")
    };
    if !node.udp.is_empty() {
        remarks.push(format!("udp {}", ports(&node.udp)));
    }
    if !node.tcp.is_empty() {
        remarks.push(format!("tcp {}", ports(&node.tcp)));
    }
    remarks.extend(node.tls.iter().map(|(port, secured)| format!("tls {port} {secured}")));
    remarks.extend(node.names.as_ref().map(ToString::to_string));
    remarks.extend(node.resolver.map(|resolver| format!("asks {resolver} about names")));
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
