//! What a node answers about names, and whom it asks: keys of hosts.

use super::reader::{Table, Value};
use super::{Net, NetError, Node, known};
use names::{Hint, Server, Zone};
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::Path;
use wire::dns::Name;

/// What is behind port 53 of a node.
#[derive(Debug, Clone)]
pub(crate) enum NameService {
    /// A server with authority for zones; for none of them: it refuses all questions.
    Server(Server),
    /// A resolver that asks on, from these servers of the root.
    Resolver(Vec<Hint>, Questions),
}

/// How the questions of a resolver differ from each other: what has to be guessed by who cannot see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Questions {
    /// Where they leave from, each port as likely as the other.
    pub(crate) ports: RangeInclusive<u16>,
    /// Their numbers.
    pub(crate) ids: Ids,
    /// Whether each letter of a name is drawn large or small.
    pub(crate) mixes_case: bool,
}

/// The numbers of questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ids {
    /// Each is one more than the last.
    Counted,
    /// Each of these as likely as the other.
    Random(RangeInclusive<u16>),
}

/// The first port that a resolver asks from: those below belong to services.
const FIRST_PORT: u16 = 1024;

impl Default for Questions {
    /// RFC 5452 section 9.2: as many ports as there are, and all numbers.
    fn default() -> Self {
        Self { ports: FIRST_PORT..=u16::MAX, ids: Ids::Random(0..=u16::MAX), mixes_case: false }
    }
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
/// `hints = ["a.root-servers. 198.51.100.2"]` and `questions = { from = "53000" }`; `resolver = "192.0.2.53"`.
pub(super) fn take(node: &mut Node, table: &mut Table<'_>) -> Result<(), NetError> {
    node.resolver = table.take("resolver").map(|value| value.address()).transpose()?;
    let Some(value) = table.take("dns") else { return Ok(()) };
    let service = match value.list() {
        Ok(zones) => server(&node.name, &zones)?,
        Err(_) => match value.text("name service", "\"root.zone\" or \"recursive\"")? {
            "recursive" => {
                let hints = table.need("hints", "[\"a.root-servers. 198.51.100.2\"]")?.list()?;
                let questions = table.take("questions").map(|value| questions(&value)).transpose()?;
                NameService::Resolver(hints.iter().map(hint).collect::<Result<_, _>>()?, questions.unwrap_or_default())
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

/// `{ from = "53000-53015", ids = "counted", case = "mixed" }`; a key that is not there is as in a good resolver.
fn questions(value: &Value<'_>) -> Result<Questions, NetError> {
    let mut table = value.table()?;
    let mut questions = Questions::default();
    if let Some(value) = table.take("from") {
        questions.ports = range(&value, 1, "port or range of them", "\"53000\" or \"53000-53015\"")?;
    }
    if let Some(value) = table.take("ids") {
        questions.ids = match value.value.as_str() {
            Some("counted") => Ids::Counted,
            _ => Ids::Random(range(&value, 0, "range of ids", "\"counted\" or \"0-255\"")?),
        };
    }
    if let Some(value) = table.take("case") {
        let (expected, example) = ("way to write names", "\"mixed\"");
        questions.mixes_case = match value.text(expected, example)? {
            "mixed" => true,
            _ => return Err(value.expected(expected, example)),
        };
    }
    table.done()?;
    Ok(questions)
}

/// `53000`, `53000-53015`.
fn range(value: &Value<'_>, least: u16, expected: &str, example: &str) -> Result<RangeInclusive<u16>, NetError> {
    let text = value.written(expected, example)?;
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok().zip(last.parse().ok()).map(|(first, last)| first..=last);
    range.filter(|range| !range.is_empty() && *range.start() >= least).ok_or_else(|| value.expected(expected, example))
}

impl fmt::Display for NameService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(server) if server.zones().is_empty() => f.write_str("refuses every question about names"),
            Self::Server(server) => {
                let zones: Vec<String> = server.zones().iter().map(|zone| zone.apex().to_string()).collect();
                write!(f, "has authority for {}", zones.join(", "))
            }
            Self::Resolver(hints, questions) => {
                let hints: Vec<String> = hints.iter().map(|hint| hint.address.to_string()).collect();
                write!(f, "asks on about names, from {}{questions}", hints.join(", "))
            }
        }
    }
}

impl fmt::Display for Questions {
    /// What is not as it should be: `; questions leave from port 53000, with ids that count`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let good = Self::default();
        if *self == good {
            return Ok(());
        }
        let (first, last) = (self.ports.start(), self.ports.end());
        match first == last {
            true => write!(f, "; its questions leave from port {first}")?,
            false => write!(f, "; its questions leave from ports {first} to {last}")?,
        }
        match &self.ids {
            Ids::Counted => f.write_str(", with ids that count up")?,
            ids if *ids == good.ids => {}
            Ids::Random(ids) => write!(f, ", with ids from {} to {}", ids.start(), ids.end())?,
        }
        f.write_str(if self.mixes_case { ", with letters large and small at random" } else { "" })
    }
}
