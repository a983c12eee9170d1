//! From a file's text to a [`Net`].

use super::layers::Layers;
use super::reader::{Source, Table, Value};
use super::{
    Attachment, Balance, Gateway, Kind, Lie, Link, Manners, Medium, Nature, Net, NetError, Node, Reject, Serve,
    Service, StaticRoute, Translation, Way, faults, known, names, tls, units,
};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use wire::Mac;

/// The network in `text`.
pub(super) fn net(file: &str, text: &str) -> Result<Net, NetError> {
    let layers = Layers::parse(file, text)?;
    let mut file_table = layers.table();
    let title = file_table.need("title", "\"Four routers in a row\"")?.text("text", "\"…\"")?.to_string();
    let about = match file_table.take("about") {
        Some(value) => value.text("text", "\"…\"")?.to_string(),
        None => String::new(),
    };
    let at = file_table.need("at", "\"client\"")?.text("name of a host", "\"client\"")?.to_string();
    let like = match file_table.take("like") {
        Some(value) => Some(value.text("name of a network", "\"routers\"")?.to_string()),
        None => None,
    };
    let mut nodes = vec![];
    for (key, kind) in [("hosts", Kind::Host), ("routers", Kind::Router), ("nats", Kind::Nat)] {
        let Some(value) = file_table.take(key) else { continue };
        for (name, value) in value.table()?.all() {
            nodes.push((value.place(), node(name, kind, &value)?));
        }
    }
    nodes.sort_by_key(|(place, _)| *place);
    let mut nodes: Vec<Node> = nodes.into_iter().map(|(_, node)| node).collect();
    number_stations(&mut nodes);
    let links = match file_table.take("links") {
        Some(value) => {
            value.table()?.all().into_iter().map(|(name, value)| link(name, &value)).collect::<Result<_, _>>()?
        }
        None => vec![],
    };
    let faults = file_table.take("faults");
    file_table.done()?;
    let mut net = Net { name: file.to_string(), like, title, about, at, nodes, links, faults: vec![] };
    for value in faults.map(|value| value.list()).transpose()?.unwrap_or_default() {
        fault(&mut net, &value)?;
    }
    Ok(net)
}

/// `at 2 s net5 down`.
fn fault(net: &mut Net, value: &Value<'_>) -> Result<(), NetError> {
    let text = value.text("fault", "\"at 2 s net5 down\"")?;
    let told = |NetError { error, hint }| {
        value.error(&format!("'{}': {error}", text.escape_debug()), hint.unwrap_or_default())
    };
    faults::add(net, text).map_err(told)
}

fn node(name: &str, kind: Kind, value: &Value<'_>) -> Result<Node, NetError> {
    let mut table = value.table()?;
    let mut node = Node {
        name: name.to_string(),
        kind,
        interfaces: vec![],
        routes: vec![],
        balance: None,
        ttl: 64,
        router_id: None,
        reject: vec![],
        udp: BTreeMap::new(),
        tcp: BTreeMap::new(),
        tls: BTreeMap::new(),
        lies: vec![],
        names: None,
        resolver: None,
        translation: None,
        manners: Manners::default(),
    };
    for (link, value) in table.need("on", "{ net1 = \"192.168.1.3/24\" }")?.table()?.all() {
        node.interfaces.push(attachment(link, &value)?);
    }
    if let Some(value) = table.take("gateway") {
        let gateways = vec![Gateway { via: value.address()?, on: None }];
        node.routes.push(StaticRoute { network: Ipv4Addr::UNSPECIFIED, prefix: 0, gateways });
    }
    if let Some(value) = table.take("routes") {
        for value in value.list()? {
            node.routes.push(route(&value)?);
        }
    }
    if let Some(value) = table.take("ttl") {
        node.ttl = value.number(1, 255)?;
    }
    if let Some(value) = table.take("udp") {
        node.udp = services(&value, &["echo"])?;
    }
    if let Some(value) = table.take("tcp") {
        node.tcp = services(&value, &["echo", "http", "pages", "sink", "slow"])?;
    }
    node.manners = Manners::take(&mut table)?;
    match kind {
        Kind::Host => {
            if let Some(value) = table.take("lies") {
                node.lies = value.list()?.iter().map(lie).collect::<Result<_, _>>()?;
            }
            names::take(&mut node, &mut table)?;
            tls::take(&mut node, &mut table)?;
        }
        Kind::Router => {
            node.router_id = table.take("router_id").map(|value| value.address()).transpose()?;
            node.balance = table.take("balance").map(|value| balance(&value)).transpose()?;
            if let Some(value) = table.take("reject") {
                node.reject = value.list()?.iter().map(reject).collect::<Result<_, _>>()?;
            }
        }
        Kind::Nat => node.translation = Some(Translation::take(&node, &mut table)?),
    }
    table.done()?;
    Ok(node)
}

/// `192.168.1.3/24 at 02:00:00:00:01:03`, `192.168.1.3/24`, `unnumbered`.
fn attachment(link: &str, value: &Value<'_>) -> Result<Attachment, NetError> {
    let (expected, example) =
        ("interface", "\"192.168.1.3/24\", \"192.168.1.3/24 at 02:00:00:00:01:03\" or \"unnumbered\"");
    let words: Vec<&str> = value.text(expected, example)?.split_whitespace().collect();
    let (address, mac) = match words[..] {
        [address] => (address, Mac::ZERO),
        [address, "at", mac] => (
            address,
            mac.parse().map_err(|error| {
                value.error(&format!("'{}' is no MAC address", mac.escape_debug()), format!("{error}"))
            })?,
        ),
        _ => return Err(value.expected(expected, example)),
    };
    if mac.is_group() {
        return Err(value.error(
            &format!("{mac} names a group of stations, not one"),
            "the lowest bit of the first octet must be 0, as in 02:…",
        ));
    }
    let address = match address {
        "unnumbered" => None,
        address => {
            Some(network(address).filter(|(_, prefix)| *prefix > 0).ok_or_else(|| value.expected(expected, example))?)
        }
    };
    Ok(Attachment { link: link.to_string(), mac, address })
}

/// `192.168.1.3/24`.
fn network(text: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    Some((address.parse().ok()?, prefix.parse().ok().filter(|&prefix: &u8| prefix <= 32)?))
}

/// `default via 192.168.3.100`, `192.168.10.0/24 via 192.168.10.100 on r3-r4`, and alternatives:
/// `default via 192.168.3.100 | 192.168.4.100`.
fn route(value: &Value<'_>) -> Result<StaticRoute, NetError> {
    let (expected, example) =
        ("route", "\"default via 192.168.3.100\" or \"192.168.10.0/24 via 192.168.10.100 on r3-r4\"");
    static_route(value.text(expected, example)?).ok_or_else(|| value.expected(expected, example))
}

pub(super) fn static_route(text: &str) -> Option<StaticRoute> {
    let (to, gateways) = text.split_once(" via ")?;
    let (network, prefix) = destination(to.trim())?;
    let gateways = gateways.split('|').map(gateway).collect::<Option<_>>()?;
    Some(StaticRoute { network, prefix, gateways })
}

/// `default`, `192.168.10.0/24`.
pub(super) fn destination(text: &str) -> Option<(Ipv4Addr, u8)> {
    if text == "default" { Some((Ipv4Addr::UNSPECIFIED, 0)) } else { network(text) }
}

/// `192.168.3.100`, `192.168.10.100 on r3-r4`.
fn gateway(text: &str) -> Option<Gateway> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (via, on) = match words[..] {
        [via] => (via, None),
        [via, "on", link] => (via, Some(link.to_string())),
        _ => return None,
    };
    Some(Gateway { via: via.parse().ok()?, on })
}

/// `flow`.
fn balance(value: &Value<'_>) -> Result<Balance, NetError> {
    match value.text("way to choose", "\"flow\"")? {
        "packet" => Ok(Balance::Packet),
        "addresses" => Ok(Balance::Addresses),
        "flow" => Ok(Balance::Flow),
        word => {
            let hint = format!("ways are {}", known(word, ["flow", "addresses", "packet"].into_iter()));
            Err(value.error(&format!("unknown way to choose '{}'", word.escape_debug()), hint))
        }
    }
}

/// Codes of "destination unreachable" that a filter may answer with: RFC 792, RFC 1812 section 5.2.7.1.
const REJECTIONS: &[(&str, u8)] = &[
    ("net-unreachable", 0),
    ("host-unreachable", 1),
    ("port-unreachable", 3),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("administratively-prohibited", 13),
];

/// `to 192.168.10.22 as administratively-prohibited`.
fn reject(value: &Value<'_>) -> Result<Reject, NetError> {
    let (expected, example) = ("filter", "\"to 192.168.10.22 as administratively-prohibited\"");
    let words: Vec<&str> = value.text(expected, example)?.split_whitespace().collect();
    let ["to", to, "as", code] = words[..] else { return Err(value.expected(expected, example)) };
    let (to, prefix) =
        network(to).or_else(|| Some((to.parse().ok()?, 32))).ok_or_else(|| value.expected(expected, example))?;
    let Some((_, code)) = REJECTIONS.iter().find(|(name, _)| *name == code) else {
        let names = REJECTIONS.iter().map(|(name, _)| *name);
        return Err(value.error(
            &format!("unknown answer '{}'", code.escape_debug()),
            format!("answers are {}", known(code, names)),
        ));
    };
    Ok(Reject { to, prefix, code: *code })
}

/// `udp.7 = "echo"`, or `udp.53 = { service = "echo", app = "AppX" }`: ports and what is behind them.
fn services(value: &Value<'_>, allowed: &[&str]) -> Result<BTreeMap<u16, Service>, NetError> {
    let mut services = BTreeMap::new();
    for (port, value) in value.table()?.all() {
        let number = port.parse().ok().filter(|&number: &u16| number > 0);
        let number = number.ok_or_else(|| {
            value.error(&format!("'{}' is no port", port.escape_debug()), "ports are numbers from 1 to 65535")
        })?;
        services.insert(number, service(&value, allowed)?);
    }
    Ok(services)
}

fn service(value: &Value<'_>, allowed: &[&str]) -> Result<Service, NetError> {
    let Ok(mut table) = value.table() else { return Ok(Service { serve: serve(value, allowed)?, app: None }) };
    let serve = serve(&table.need("service", "\"echo\"")?, allowed)?;
    let app = table.take("app").map(|app| app.text("name of a program", "\"AppX\"").map(String::from));
    table.done()?;
    Ok(Service { serve, app: app.transpose()? })
}

/// `echo`, `slow`, `slow 500 B/s`.
fn serve(value: &Value<'_>, allowed: &[&str]) -> Result<Serve, NetError> {
    let text = value.text("service", "\"echo\"")?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = words.first().copied().unwrap_or("");
    if !allowed.contains(&name) {
        let hint = format!("services here are {}", known(name, allowed.iter().copied()));
        return Err(value.error(&format!("unknown service '{}'", text.escape_debug()), hint));
    }
    let serve = match words[..] {
        ["echo"] => Some(Serve::Echo),
        ["sink"] => Some(Serve::Sink),
        ["http"] => Some(Serve::Http),
        ["pages"] => Some(Serve::Pages),
        ["slow"] => Some(Serve::Slow(1000)),
        ["slow", rate, "B/s"] => rate.parse().ok().filter(|rate| *rate > 0).map(Serve::Slow),
        _ => None,
    };
    serve.ok_or_else(|| value.expected("service", "\"echo\", or \"slow 1000 B/s\""))
}

/// `{ at = "0.5 s", arp = "reply", to = "host2", claim = "10.0.0.1" }`.
fn lie(value: &Value<'_>) -> Result<Lie, NetError> {
    let mut table = value.table()?;
    let at = table.need("at", "\"0.5 s\"")?.quantity(units::duration, "time", "\"0.5 s\"")?;
    let way = table.need("arp", "\"reply\"")?;
    let way = match way.text("way to lie", "\"reply\"")? {
        "reply" => Way::Reply,
        "request" => Way::Request,
        "race" => Way::Race,
        word => {
            let hint = format!("ways are {}", known(word, ["reply", "request", "race"].into_iter()));
            return Err(way.error(&format!("unknown way to lie '{}'", word.escape_debug()), hint));
        }
    };
    let to = table.need("to", "\"host2\"")?.text("name of a node", "\"host2\"")?.to_string();
    let claim = table.need("claim", "\"10.0.0.1\"")?.address()?;
    table.done()?;
    Ok(Lie { at, way, to, claim })
}

/// `{ delay = "0.5 ms", … }`, and for a switch `{ kind = "switch", …, cables.host2 = { … } }`.
fn link(name: &str, value: &Value<'_>) -> Result<Link, NetError> {
    let mut table = value.table()?;
    let (medium, nature) = (Medium::Cable, Nature::default());
    let mut link = Link { name: name.to_string(), medium, nature, cables: BTreeMap::new() };
    if let Some(value) = table.take("kind") {
        link.medium = match value.text("kind of link", "\"switch\"")? {
            "cable" => Medium::Cable,
            "switch" => Medium::Switch,
            "hub" => Medium::Hub,
            word => {
                let hint = format!("kinds are {}", known(word, ["cable", "switch", "hub"].into_iter()));
                return Err(value.error(&format!("unknown kind of link '{}'", word.escape_debug()), hint));
            }
        };
    }
    natures(&mut table, &mut link.nature)?;
    if link.medium != Medium::Cable
        && let Some(value) = table.take("cables")
    {
        for (node, value) in value.table()?.all() {
            let mut cable = link.nature.clone();
            let mut table = value.table()?;
            natures(&mut table, &mut cable)?;
            table.done()?;
            link.cables.insert(node.to_string(), cable);
        }
    }
    table.done()?;
    Ok(link)
}

/// What a cable does, by key.
const NATURES: &[&str] = &["delay", "jitter", "loss", "duplicate", "reorder", "rate", "queue", "mtu"];

fn natures(table: &mut Table<'_>, nature: &mut Nature) -> Result<(), NetError> {
    for key in NATURES {
        if let Some(value) = table.take(key) {
            bend(nature, key, &value)?;
        }
    }
    Ok(())
}

fn bend(nature: &mut Nature, key: &str, value: &Value<'_>) -> Result<(), NetError> {
    match key {
        "delay" => nature.delay = value.quantity(units::duration, "time", "\"0.5 ms\"")?,
        "jitter" => nature.jitter = value.quantity(units::duration, "time", "\"0.5 ms\"")?,
        "loss" => nature.loss = share(value)?,
        "duplicate" => nature.duplicate = share(value)?,
        "reorder" => nature.reorder = share(value)?,
        "rate" => nature.rate = Some(value.quantity(units::rate, "rate", "\"10 Mbit/s\"")?),
        "queue" => nature.queue = value.number(1, 1_000_000)?,
        // RFC 791 section 3.2: every module must be able to forward 68 octets.
        _ => nature.mtu = value.number(68, 65_535)?,
    }
    Ok(())
}

fn share(value: &Value<'_>) -> Result<u32, NetError> {
    value.quantity(units::share, "share from 0 to 100 %", "\"2 %\"")
}

/// `LINK.KEY=VALUE` or `LINK.NODE.KEY=VALUE`.
pub(super) fn set(net: &mut Net, assignment: &str) -> Result<(), NetError> {
    let shape = "write LINK.KEY=VALUE, as in --set net1.loss=10%";
    let shown = assignment.escape_debug();
    let wrong = |what: String, hint: String| NetError::new(format!("--set {shown}: {what}"), hint);
    let (target, written) = assignment.split_once('=').ok_or_else(|| wrong("there is no '='".into(), shape.into()))?;
    let (place, key) = target.rsplit_once('.').ok_or_else(|| wrong("there is no key".into(), shape.into()))?;
    let links: Vec<String> = net.links.iter().map(|link| link.name.clone()).collect();
    let link_names = || links.iter().map(String::as_str);
    let (link, cable) = match place.split_once('.') {
        Some((link, cable)) if !links.iter().any(|name| name == place) => (link, Some(cable)),
        _ => (place, None),
    };
    let ends: Vec<&str> = net
        .nodes
        .iter()
        .filter(|node| node.interfaces.iter().any(|end| end.link == link))
        .map(|node| node.name.as_str())
        .collect();
    if let Some(cable) = cable
        && links.iter().any(|name| name == link)
        && !ends.contains(&cable)
    {
        return Err(wrong(
            format!("'{}' is not on '{link}'", cable.escape_debug()),
            format!("nodes there are {}", known(cable, ends.into_iter())),
        ));
    }
    let Some(link) = net.links.iter_mut().find(|own| own.name == link) else {
        return Err(wrong(
            format!("no link named '{}' in network '{}'", link.escape_debug(), net.name),
            format!("links are {}", known(link, link_names())),
        ));
    };
    if !NATURES.contains(&key) {
        return Err(wrong(
            format!("a link has no '{}'", key.escape_debug()),
            format!("keys are {}", known(key, NATURES.iter().copied())),
        ));
    }
    let text = toml::de::DeValue::String(written.into());
    let source = Source { file: "--set", text: "", layer: 0 };
    let value = Value { source, path: target.to_string(), span: 0..0, value: &text, below: None };
    let plain = |error: NetError| {
        wrong(error.error.trim_start_matches("--set:1:1: ").to_string(), error.hint.unwrap_or_default())
    };
    if let Some(cable) = cable.filter(|_| link.medium != Medium::Cable) {
        let nature = link.cables.entry(cable.to_string()).or_insert_with(|| link.nature.clone());
        return bend(nature, key, &value).map_err(plain);
    }
    bend(&mut link.nature, key, &value).map_err(plain)?;
    link.cables.values_mut().try_for_each(|cable| bend(cable, key, &value)).map_err(plain)
}

/// Gives the stations without a MAC one of their own: `02:00:00:00:NN:II` by node and interface.
fn number_stations(nodes: &mut [Node]) {
    for (node, number) in nodes.iter_mut().zip(1..=u16::MAX) {
        for (interface, index) in node.interfaces.iter_mut().zip(0..=u16::MAX) {
            if interface.mac == Mac::ZERO {
                let ([upper_number, number], [upper_index, index]) = (number.to_be_bytes(), index.to_be_bytes());
                interface.mac = Mac([2, upper_index, upper_number, 1, number, index]);
            }
        }
    }
}
