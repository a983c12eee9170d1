//! What a node answers about names, and whom it asks: keys of hosts.

use super::reader::{Table, Value};
use super::{Net, NetError, Node, known};
use names::{Hint, Server, Zone};
use std::fmt;
use std::net::Ipv4Addr;
use std::path::Path;
use wire::dns::Name;

/// What is behind port 53 of a node.
#[derive(Debug, Clone)]
pub(crate) enum NameService {
    /// A server with authority for zones; for none of them: it refuses all questions.
    Server(Server),
    /// A resolver that asks on, from these servers of the root.
    Resolver(Vec<Hint>),
}

impl Net {
    /// The hosts that serve zones, in the order of the file: name, first address and what they answer.
    pub fn name_servers(&self) -> impl Iterator<Item = (&str, Ipv4Addr, &Server)> {
        self.nodes.iter().filter_map(|node| {
            let (address, _) = node.interfaces.iter().find_map(|attachment| attachment.address)?;
            match &node.names {
                Some(NameService::Server(server)) => Some((node.name.as_str(), address, server)),
                _ => None,
            }
        })
    }
}

const ZONES: &[(&str, &str)] = &[
    ("root.zone", include_str!("../../../../testdata/zones/root.zone")),
    ("com.zone", include_str!("../../../../testdata/zones/com.zone")),
    ("org.zone", include_str!("../../../../testdata/zones/org.zone")),
    ("example.com.zone", include_str!("../../../../testdata/zones/example.com.zone")),
    ("example.org.zone", include_str!("../../../../testdata/zones/example.org.zone")),
    ("big.example.org.zone", include_str!("../../../../testdata/zones/big.example.org.zone")),
    ("113.0.203.in-addr.arpa.zone", include_str!("../../../../testdata/zones/113.0.203.in-addr.arpa.zone")),
    ("far.org.zone", include_str!("../../../../testdata/zones/far.org.zone")),
];

/// `dns = "root.zone"`, `dns = ["example.com.zone", "./own.zone"]`, `dns = "lame"`, `dns = "recursive"` with
/// `hints = ["a.root-servers. 198.51.100.2"]`; `resolver = "192.0.2.53"`.
pub(super) fn take(node: &mut Node, table: &mut Table<'_>) -> Result<(), NetError> {
    node.resolver = table.take("resolver").map(|value| value.address()).transpose()?;
    let Some(value) = table.take("dns") else { return Ok(()) };
    let service = match value.list() {
        Ok(zones) => server(&node.name, &zones)?,
        Err(_) => match value.text("name service", "\"root.zone\" or \"recursive\"")? {
            "recursive" => {
                let hints = table.need("hints", "[\"a.root-servers. 198.51.100.2\"]")?.list()?;
                NameService::Resolver(hints.iter().map(hint).collect::<Result<_, _>>()?)
            }
            "lame" => server(&node.name, &[])?,
            _ => server(&node.name, &[value])?,
        },
    };
    node.names = Some(service);
    Ok(())
}

fn server(node: &str, zones: &[Value<'_>]) -> Result<NameService, NetError> {
    let zones: Vec<Zone> = zones.iter().map(zone).collect::<Result<_, _>>()?;
    Ok(NameService::Server(Server::new(zones).identified_by(node)))
}

/// A built-in zone by its name, or that of a file by its path, which is read from where the network's file is.
fn zone(value: &Value<'_>) -> Result<Zone, NetError> {
    let name = value.text("zone file", "\"root.zone\"")?;
    let shown = name.escape_debug();
    let wrong = |error| value.error(&format!("{shown}: {error}"), "zone files are master files: RFC 1035 section 5");
    if let Some((_, text)) = ZONES.iter().find(|(builtin, _)| *builtin == name) {
        return Zone::parse(text).map_err(wrong);
    }
    if !name.contains(['/', '\\']) {
        let names = ZONES.iter().map(|(name, _)| *name).chain(["recursive", "lame"]);
        let hint = format!("they are {}; a file of your own has a path, as in \"./own.zone\"", known(name, names));
        return Err(value.error(&format!("no zone named '{shown}'"), hint));
    }
    let path = Path::new(value.source.file).parent().unwrap_or(Path::new("")).join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or_default();
        value.error(
            &format!("cannot read the zone file '{shown}': {reason}"),
            "its path is seen from the network's file",
        )
    })?;
    Zone::parse(&text).map_err(wrong)
}

/// `a.root-servers. 198.51.100.2`.
fn hint(value: &Value<'_>) -> Result<Hint, NetError> {
    let (expected, example) = ("server of the root", "\"a.root-servers. 198.51.100.2\"");
    let words: Vec<&str> = value.text(expected, example)?.split_whitespace().collect();
    let hint = match words[..] {
        [name, address] => name.parse::<Name>().ok().zip(address.parse().ok()),
        _ => None,
    };
    hint.map(|(name, address)| Hint { name, address }).ok_or_else(|| value.expected(expected, example))
}

impl fmt::Display for NameService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(server) if server.zones().is_empty() => f.write_str("refuses every question about names"),
            Self::Server(server) => {
                let zones: Vec<String> = server.zones().iter().map(|zone| zone.apex().to_string()).collect();
                write!(f, "has authority for {}", zones.join(", "))
            }
            Self::Resolver(hints) => {
                let hints: Vec<String> = hints.iter().map(|hint| hint.address.to_string()).collect();
                write!(f, "asks on about names, from {}", hints.join(", "))
            }
        }
    }
}
