//! A network as its file describes it.
//!
//! A file is TOML for people (`testdata/nets/*.toml`): tables `hosts`, `routers`, `nats` with a node each, and `links`; and
//! `faults`, sentences about what goes wrong when. A node says on which links it is and with which address; an interface is named
//! by the link it is on. A file may build on another one, and say only what is different (`layers`).
//!
//! Reading is strict: an unknown key is an error that names file, line and what is allowed.

mod check;
mod faults;
mod layers;
mod listing;
mod manners;
mod map;
mod names;
mod nats;
mod picture;
mod places;
mod read;
mod reader;
mod tls;
mod units;
mod varied;
mod words;

pub(crate) use faults::{Between, Effect, Fault, Packets, RouteChange, Segment, Side, Span, Which};
pub(crate) use manners::{Answers, Extension, Manners};
pub use map::{Cable, Map, MapLink, MapNode, Place};
pub(crate) use names::{Ids, NameService, Questions};
pub(crate) use nats::Translation;
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;
pub(crate) use tls::Secured;
use wire::Mac;

/// A network: what is where, and what each link does to what passes.
#[derive(Debug, Clone)]
pub struct Net {
    pub(crate) name: String,
    /// The network that it is built on.
    pub(crate) like: Option<String>,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) at: String,
    /// In the order of the file.
    pub(crate) nodes: Vec<Node>,
    /// In the order of the file.
    pub(crate) links: Vec<Link>,
    /// In the order in which they were stated.
    pub(crate) faults: Vec<Fault>,
}

/// A host, a router or a NAT.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) interfaces: Vec<Attachment>,
    pub(crate) routes: Vec<StaticRoute>,
    /// How it chooses where a route has alternatives; `None`: none has.
    pub(crate) balance: Option<Balance>,
    pub(crate) ttl: u8,
    pub(crate) router_id: Option<Ipv4Addr>,
    pub(crate) reject: Vec<Reject>,
    /// UDP ports and what is behind them: always an echo.
    pub(crate) udp: BTreeMap<u16, Service>,
    /// TCP ports that accept, and what is behind them.
    pub(crate) tcp: BTreeMap<u16, Service>,
    /// TCP ports that accept, and what is behind TLS there.
    pub(crate) tls: BTreeMap<u16, Secured>,
    pub(crate) lies: Vec<Lie>,
    /// What it answers about names.
    pub(crate) names: Option<NameService>,
    /// Whom its programs ask about names.
    pub(crate) resolver: Option<Ipv4Addr>,
    /// What a NAT translates.
    pub(crate) translation: Option<Translation>,
    pub(crate) manners: Manners,
}

/// What is behind a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// What it does.
    pub(crate) serve: Serve,
    /// The program that is said to be behind the port, for people.
    pub(crate) app: Option<String>,
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serve {
    /// Sends back what comes: RFC 862.
    Echo,
    /// Takes all that comes: RFC 863.
    Sink,
    /// Takes so many bytes a second.
    Slow(u32),
    /// Answers a request with a page.
    Http,
    /// Answers one request after the other, and the connection stays.
    Pages,
    /// Answers questions about names.
    Names,
}

impl fmt::Display for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo => f.write_str("echo"),
            Self::Sink => f.write_str("sink"),
            Self::Slow(rate) => write!(f, "slow {rate} B/s"),
            Self::Http => f.write_str("http"),
            Self::Pages => f.write_str("pages"),
            Self::Names => f.write_str("names"),
        }
    }
}

/// What a node does with packets that are not for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Host,
    /// Forwards them.
    Router,
    /// Translates and forwards them.
    Nat,
}

/// Where a node is on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) link: String,
    pub(crate) mac: Mac,
    /// Address and prefix length; `None`: unnumbered.
    pub(crate) address: Option<(Ipv4Addr, u8)>,
}

/// "To `network`/`prefix` by way of one of `gateways`".
#[derive(Debug, Clone)]
pub(crate) struct StaticRoute {
    pub(crate) network: Ipv4Addr,
    pub(crate) prefix: u8,
    /// One, or alternatives.
    pub(crate) gateways: Vec<Gateway>,
}

/// A router on one of the node's links.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub(crate) via: Ipv4Addr,
    /// The link, where `via` alone does not tell it.
    pub(crate) on: Option<String>,
}

/// Which of several gateways a packet goes to: RFC 2991.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Balance {
    /// Each packet to the next one.
    Packet,
    /// All packets between the same two addresses to the same one.
    Addresses,
    /// All packets of a flow to the same one.
    Flow,
}

/// A filter: packets to `to` are refused with this code of ICMP type 3.
#[derive(Debug, Clone)]
pub(crate) struct Reject {
    pub(crate) to: Ipv4Addr,
    pub(crate) prefix: u8,
    pub(crate) code: u8,
}

/// A forged ARP packet: `claim` is said to be at the liar's own hardware address.
#[derive(Debug, Clone)]
pub(crate) struct Lie {
    pub(crate) at: Duration,
    pub(crate) way: Way,
    /// Who is to believe it.
    pub(crate) to: String,
    pub(crate) claim: Ipv4Addr,
}

/// How a lie is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A reply that nobody asked for.
    Reply,
    /// A request whose sender's address is not the sender's.
    Request,
    /// From then on: a reply a little later than the true one, to each question.
    Race,
}

/// A cable between two nodes, or a switch or hub with a cable to each node on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) medium: Medium,
    pub(crate) nature: Nature,
    /// Cables of a switch or hub that differ, by the node at their end.
    pub(crate) cables: BTreeMap<String, Nature>,
}

/// What joins the nodes on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// One cable between two.
    Cable,
    /// A box that learns who is at which port.
    Switch,
    /// A box that sends everything to everybody.
    Hub,
}

/// What a cable does to what passes, in each direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nature {
    /// How long a frame travels.
    pub(crate) delay: Duration,
    /// How much longer it may travel: any time up to this, each as likely as the other.
    pub(crate) jitter: Duration,
    /// How many frames of a million are lost.
    pub(crate) loss: u32,
    /// How many frames of a million arrive twice.
    pub(crate) duplicate: u32,
    /// How many frames of a million overtake those before them.
    pub(crate) reorder: u32,
    /// Bits a second; `None`: no limit.
    pub(crate) rate: Option<u64>,
    /// How many frames may wait for their turn, where there is a rate.
    pub(crate) queue: usize,
    /// The longest IP packet in bytes.
    pub(crate) mtu: u16,
}

impl Default for Nature {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0,
            duplicate: 0,
            reorder: 0,
            rate: None,
            queue: 1000,
            mtu: 1500,
        }
    }
}

/// Why a network cannot be had: what is wrong where, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetError {
    /// What is wrong, with file, line and column where it is in a file.
    pub error: String,
    /// What is allowed, or what to do.
    pub hint: Option<String>,
}

impl NetError {
    fn new(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: Some(hint.into()) }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

impl std::error::Error for NetError {}

const BUILTIN: &[(&str, &str)] = &[
    ("hub", include_str!("../../../../testdata/nets/hub.toml")),
    ("hub-switched", include_str!("../../../../testdata/nets/hub-switched.toml")),
    ("subnets", include_str!("../../../../testdata/nets/subnets.toml")),
    ("lan", include_str!("../../../../testdata/nets/lan.toml")),
    ("lan-poisoned", include_str!("../../../../testdata/nets/lan-poisoned.toml")),
    ("routers", include_str!("../../../../testdata/nets/routers.toml")),
    ("diamond", include_str!("../../../../testdata/nets/diamond.toml")),
    ("mtu", include_str!("../../../../testdata/nets/mtu.toml")),
    ("mtu-blackhole", include_str!("../../../../testdata/nets/mtu-blackhole.toml")),
    ("transport", include_str!("../../../../testdata/nets/transport.toml")),
    ("names", include_str!("../../../../testdata/nets/names.toml")),
    ("names-poisoned", include_str!("../../../../testdata/nets/names-poisoned.toml")),
    ("nat", include_str!("../../../../testdata/nets/nat.toml")),
    ("nat-behave", include_str!("../../../../testdata/nets/nat-behave.toml")),
    ("hostile-silent", include_str!("../../../../testdata/nets/hostile-silent.toml")),
    ("hostile-twice", include_str!("../../../../testdata/nets/hostile-twice.toml")),
    ("hostile-short", include_str!("../../../../testdata/nets/hostile-short.toml")),
    ("hostile-foreign", include_str!("../../../../testdata/nets/hostile-foreign.toml")),
    ("hostile-change", include_str!("../../../../testdata/nets/hostile-change.toml")),
    ("hostile-loop", include_str!("../../../../testdata/nets/hostile-loop.toml")),
    ("hostile-dead", include_str!("../../../../testdata/nets/hostile-dead.toml")),
];

impl Net {
    /// Names and texts of the networks that come with the course, in its order.
    #[must_use]
    pub fn builtin() -> &'static [(&'static str, &'static str)] {
        BUILTIN
    }

    /// A built-in network by its name, or the one in a file by its path.
    ///
    /// # Errors
    /// When neither is there, the file cannot be read, or its content is not a network.
    pub fn load(name_or_path: &str) -> Result<Net, NetError> {
        if let Some((name, text)) = BUILTIN.iter().find(|(name, _)| *name == name_or_path) {
            return Net::parse(name, text);
        }
        let looks_like_path = name_or_path.contains(['/', '\\']) || name_or_path.ends_with(".toml");
        if !looks_like_path {
            let error = format!("no network named '{}'", name_or_path.escape_debug());
            return Err(NetError::new(error, networks(name_or_path)));
        }
        let text = std::fs::read_to_string(name_or_path).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" (os error").next().unwrap_or_default();
            let error = format!("cannot read the network file '{}': {reason}", name_or_path.escape_debug());
            NetError::new(
                error,
                "give the path of a network file, or the name of a built-in network: `--net list` shows them",
            )
        })?;
        Net::parse(name_or_path, &text)
    }

    /// The network that `text`, the content of `file`, describes.
    ///
    /// # Errors
    /// With file, line and column: what is no TOML, unknown keys, values out of their range, names that do not fit together.
    pub fn parse(file: &str, text: &str) -> Result<Net, NetError> {
        let net = read::net(file, text)?;
        check::check(&net).map_err(|error| NetError { error: format!("{file}: {}", error.error), ..error })?;
        Ok(net)
    }

    /// Bends a link: `LINK.KEY=VALUE`, with the keys and values of the file; for one cable of a switch `LINK.NODE.KEY=VALUE`.
    ///
    /// # Errors
    /// When there is no such link, cable or key, or the value is none.
    pub fn set(&mut self, assignment: &str) -> Result<(), NetError> {
        read::set(self, assignment)?;
        check::check(self)
    }

    /// Lets something go wrong: a sentence as in a file's `faults`, such as `at 2 s net5 down`.
    ///
    /// # Errors
    /// The word that does not fit, and what could stand there.
    pub fn fault(&mut self, text: &str) -> Result<(), NetError> {
        let shown = text.escape_debug();
        faults::add(self, text)
            .map_err(|error| NetError { error: format!("--fault '{shown}': {}", error.error), ..error })
    }

    /// The network's name, or the path of its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it is for, in a sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The host at which programs run unless told otherwise.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }

    /// The names of all nodes at which a program may run.
    #[must_use]
    pub fn host_names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// Whether there is a node of this name.
    ///
    /// # Errors
    /// If not: the names there are, and the nearest.
    pub fn check_host(&self, name: &str) -> Result<(), NetError> {
        if self.node(name).is_some() {
            return Ok(());
        }
        let error = format!("no host named '{}' in network '{}'", name.escape_debug(), self.name.escape_debug());
        let names = self.nodes.iter().map(|node| node.name.as_str());
        Err(NetError::new(error, format!("hosts are {}", known(name, names))))
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    pub(crate) fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }
}

impl Link {
    /// What the cable to `node` does to what passes.
    pub(crate) fn nature(&self, node: &str) -> &Nature {
        self.cables.get(node).unwrap_or(&self.nature)
    }

    /// What the cable to `node` is called: as the link, where there is but one.
    pub(crate) fn cable(&self, node: &str) -> String {
        match self.medium {
            Medium::Cable => self.name.clone(),
            Medium::Switch | Medium::Hub => format!("{}-{node}", self.name),
        }
    }
}

/// "networks are hub, …, hostile-*; did you mean 'hub'?"
fn networks(word: &str) -> String {
    let names: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
    let mut list: Vec<String> = names.iter().map(|name| shortened(name, &names)).collect();
    list.dedup();
    let nearest = nearest(word, &names).map_or(String::new(), |name| format!("; did you mean '{name}'?"));
    format!("networks are {}{nearest}", list.join(", "))
}

/// `hostile-*` for each of a family of three or more, so that a list of them stays short.
fn shortened(name: &str, names: &[&str]) -> String {
    let family = |name: &str| name.split_once('-').map(|(family, _)| family.to_string());
    match family(name) {
        Some(own) if names.iter().filter(|other| family(other).as_ref() == Some(&own)).count() > 2 => {
            format!("{own}-*")
        }
        _ => name.to_string(),
    }
}

/// "a, b, c; did you mean 'b'?"
fn known<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let list = if names.is_empty() { "none".to_string() } else { names.join(", ") };
    match nearest(word, &names) {
        Some(name) => format!("{list}; did you mean '{name}'?"),
        None => list,
    }
}

/// The name that a typing mistake may have made `word` of.
fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let distance = |name: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase());
    let name = names.iter().min_by_key(|name| distance(name))?;
    (distance(name) <= 1 + word.len() / 4).then_some(name)
}
