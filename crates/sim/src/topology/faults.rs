//! What goes wrong in a network and when, in sentences: `at 2 s net5 down`, `drop icmp 3/4 from r1`.
//!
//! The same sentences stand in a file's `faults` and behind `--fault`. Each is about one thing, and has a time before or behind it;
//! without a time it holds from the start. A fault of a stated time comes before all else that happens then.
//!
//! ```text
//! fault   = [ when ] what | what [ when ]
//! when    = ( "at" | "from" ) TIME [ "until" TIME ] | "until" TIME
//! what    = ( place | NODE ) ( "down" | "up" )
//!         | "drop" [ "every" ] packets ( "at" | "from" | "to" | "through" ) NODE
//!         | ( "lose" | "double" | "hold" ) which ( "on" place | A>B ) [ "for" TIME ]
//!         | NODE "routes" PREFIX ( "via" GATEWAY … | "nowhere" )
//!         | HOST "forges" "arp" ( "reply" | "request" | "race" ) "to" HOST "claiming" ADDRESS
//! which   = "every" packets | "the" ORDINAL packets | "frame" NUMBER
//! place   = LINK | LINK.NODE | A>B
//! packets = "frame" | "arp" | "ip" | "icmp" [ TYPE [ "/" CODE ] ] | "echo-request" | … | "udp" [ "port" PORT ] | …
//! ```

use super::places::{Place, all_cables, is_direction, links, nodes, place};
use super::words::{Words, wrong};
use super::{Lie, Net, NetError, Node, StaticRoute, Way, check, known, read, units};
use crate::world::Fate;
use host::Time;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::icmp;

/// Something that goes wrong or changes, and when.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// As it was written.
    pub(crate) text: String,
    pub(crate) span: Span,
    pub(crate) effect: Effect,
}

/// From a time on until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Time,
    /// The first moment after it; [`Time::NEVER`]: it has no end.
    pub(crate) until: Time,
}

/// What a fault does.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Cables are cut, or whole again.
    Cut { place: Place, whole: bool },
    /// A node discards packets.
    Discard { packets: Packets, side: Side, node: String },
    /// Something becomes of frames that are sent into a cable.
    Strike { packets: Packets, which: Which, place: Place, fate: Fate },
    /// A node's routes to a network become this one, or none.
    Route { node: String, change: RouteChange },
}

/// What a node knows of the way to a network from then on.
#[derive(Debug, Clone)]
pub(crate) struct RouteChange {
    pub(crate) network: Ipv4Addr,
    pub(crate) prefix: u8,
    /// `None`: it knows none.
    pub(crate) route: Option<StaticRoute>,
}

/// At which side of a node packets are discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// All that come in or go out.
    At,
    /// Those that it sends itself.
    From,
    /// Those that are for it.
    To,
    /// Those that it would forward.
    Through,
}

/// Which of the frames that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Every,
    /// Counted from one.
    Nth(u32),
}

/// A kind of frame, by what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packets {
    All,
    Arp,
    Ip,
    Icmp { kind: Option<u8>, code: Option<u8> },
    Udp { port: Option<u16> },
    Tcp { port: Option<u16> },
}

impl Span {
    pub(crate) fn contains(&self, time: Time) -> bool {
        self.from <= time && time < self.until
    }
}

/// Sentences to begin with.
const SENTENCES: &str = "\"at 2 s net5 down\", \"drop icmp at r2\" or \"lose the third echo-request on net5\"";

/// Adds the fault that `text` describes.
pub(super) fn add(net: &mut Net, text: &str) -> Result<(), NetError> {
    let mut words = Words::new(text);
    let before = when(&mut words)?;
    let one_time = "a fault has one time, before or behind it; state a second fault for another time";
    if before.is_some() && words.peek().is_some_and(|word| ["at", "from", "until"].contains(&word)) {
        words.done(one_time)?;
    }
    let (what, once) = what(net, &mut words)?;
    let span = match before {
        Some(span) => Some(span),
        None => when(&mut words)?,
    };
    words.done(one_time)?;
    let span = span.unwrap_or(Span { from: Time::START, until: Time::NEVER });
    if once && span.until != Time::NEVER {
        return Err(NetError::new("it happens once, and has no until", "state a second fault for what comes then"));
    }
    match what {
        What::Effect(effect) => net.faults.push(Fault { text: text.trim().to_string(), span, effect }),
        What::Lie(liar, lie) => {
            let lie = Lie { at: span.from - Time::START, ..lie };
            if let Some(node) = net.nodes.iter_mut().find(|node| node.name == liar) {
                node.lies.push(lie);
            }
            if let Some(node) = net.node(&liar) {
                check::lies(net, node)?;
            }
        }
    }
    Ok(())
}

/// What a sentence is about.
enum What {
    Effect(Effect),
    Lie(String, Lie),
}

/// `at 2 s`, `from 2 s until 3 s`, `until 3 s`; `None`: there is no time here.
fn when(words: &mut Words<'_>) -> Result<Option<Span>, NetError> {
    let stated = words.skip("at") || words.skip("from");
    let from = if stated { Time::START + time(words)? } else { Time::START };
    if !words.skip("until") {
        return Ok(stated.then_some(Span { from, until: Time::NEVER }));
    }
    let until = Time::START + time(words)?;
    if until <= from {
        return Err(NetError::new(
            "it ends before it begins",
            "the time behind 'until' is later, as in from 2 s until 3 s",
        ));
    }
    Ok(Some(Span { from, until }))
}

/// `2 s`, `500us`.
fn time(words: &mut Words<'_>) -> Result<Duration, NetError> {
    let hint = "write it as in 2 s or 0.5 ms";
    let number = words.take("a time", |_| hint.into())?;
    if let Some(time) = units::duration(number) {
        return Ok(time);
    }
    let unit = words.peek().unwrap_or("");
    let time = units::duration(&format!("{number} {unit}"))
        .ok_or_else(|| wrong(format!("{number} {unit}").trim_end(), "a time", hint))?;
    words.skip(unit);
    Ok(time)
}

/// What happens; and whether it happens once, rather than to hold from then on.
fn what(net: &Net, words: &mut Words<'_>) -> Result<(What, bool), NetError> {
    let first = words.take("what happens", |_| format!("write it as in {SENTENCES}"))?;
    match first {
        "drop" => Ok((What::Effect(discard(net, words)?), false)),
        "lose" | "double" | "hold" => Ok((What::Effect(strike(net, first, words)?), false)),
        name => named(net, name, words),
    }
}

/// `icmp 3/4 from r1`.
fn discard(net: &Net, words: &mut Words<'_>) -> Result<Effect, NetError> {
    words.skip("every");
    let packets = packets(words)?;
    let side = match words.choose("a side", ["at", "from", "to", "through"].into_iter())? {
        "at" => Side::At,
        "from" => Side::From,
        "to" => Side::To,
        _ => Side::Through,
    };
    let node = words.choose("a node", nodes(net))?.to_string();
    Ok(Effect::Discard { packets, side, node })
}

/// `the third echo-request on net5`, `every udp r2>r3 for 5 ms`.
fn strike(net: &Net, verb: &str, words: &mut Words<'_>) -> Result<Effect, NetError> {
    let (which, packets) = which(words)?;
    let example = |_: &str| format!("write it as in {verb} frame 3 on net5, or {verb} frame 3 r2>r3");
    let word = words.take("a place", example)?;
    let place = match word {
        "on" => {
            let name = words.take("a link", |_| format!("links are {}", known("", links(net))))?;
            place(net, name)?.ok_or_else(|| wrong(name, "a link", format!("links are {}", known(name, links(net)))))?
        }
        word if is_direction(word) => place(net, word)?.unwrap_or_default(),
        word => return Err(wrong(word, "a place", example(word))),
    };
    let fate = match verb {
        "lose" => Fate::Lose,
        "double" => Fate::Twice(Duration::ZERO),
        _ => {
            words.choose("'for' and a time", ["for"].into_iter())?;
            Fate::Late(time(words)?)
        }
    };
    Ok(Effect::Strike { packets, which, place, fate })
}

/// `every udp`, `the third echo-request`, `frame 3`.
fn which(words: &mut Words<'_>) -> Result<(Which, Packets), NetError> {
    match words.choose("a word for how many", ["every", "the", "frame"].into_iter())? {
        "every" => Ok((Which::Every, packets(words)?)),
        "the" => {
            let nth = words.read("an ordinal", "the third, or the 3rd", ordinal)?;
            Ok((Which::Nth(nth), packets(words)?))
        }
        _ => {
            let nth = words.read("a number from 1", "frame 3", |word| word.parse().ok().filter(|nth| *nth > 0))?;
            Ok((Which::Nth(nth), Packets::All))
        }
    }
}

/// `third`, `3rd`.
fn ordinal(word: &str) -> Option<u32> {
    const ORDINALS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    if let Some((_, nth)) = ORDINALS.iter().zip(1..).find(|(ordinal, _)| **ordinal == word) {
        return Some(nth);
    }
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending))?;
    digits.parse().ok().filter(|nth| *nth > 0)
}

/// Kinds of frames by name.
const PACKETS: &[(&str, Packets)] = &[
    ("frame", Packets::All),
    ("arp", Packets::Arp),
    ("ip", Packets::Ip),
    ("icmp", Packets::Icmp { kind: None, code: None }),
    ("echo-request", Packets::Icmp { kind: Some(icmp::ECHO_REQUEST), code: None }),
    ("echo-reply", Packets::Icmp { kind: Some(icmp::ECHO_REPLY), code: None }),
    ("unreachable", Packets::Icmp { kind: Some(icmp::UNREACHABLE), code: None }),
    ("time-exceeded", Packets::Icmp { kind: Some(icmp::TIME_EXCEEDED), code: None }),
    ("udp", Packets::Udp { port: None }),
    ("tcp", Packets::Tcp { port: None }),
];

/// `icmp`, `icmp 3/4`, `icmp type 3 code 4`, `echo-requests`, `udp port 53`.
fn packets(words: &mut Words<'_>) -> Result<Packets, NetError> {
    let names = || PACKETS.iter().map(|(name, _)| *name);
    let hint = |word: &str| format!("it is one of {}", known(word, names()));
    let what = "a kind of packet";
    let word = words.take(what, hint)?;
    let singular = match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_string(),
    };
    let found = PACKETS.iter().find(|(name, _)| *name == word || *name == singular);
    match found.ok_or_else(|| wrong(word, what, hint(word)))?.1 {
        Packets::Icmp { kind: None, .. } => {
            let (kind, code) = type_and_code(words)?;
            Ok(Packets::Icmp { kind, code })
        }
        Packets::Udp { .. } => Ok(Packets::Udp { port: port(words)? }),
        Packets::Tcp { .. } => Ok(Packets::Tcp { port: port(words)? }),
        packets => Ok(packets),
    }
}

/// `3/4`, `11`, `type 3 code 4`; or nothing, and any will do.
fn type_and_code(words: &mut Words<'_>) -> Result<(Option<u8>, Option<u8>), NetError> {
    if words.skip("type") {
        let kind = words.parse("a type from 0 to 255", "icmp type 3 code 4")?;
        let code =
            if words.skip("code") { Some(words.parse("a code from 0 to 255", "icmp type 3 code 4")?) } else { None };
        return Ok((Some(kind), code));
    }
    if !words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        return Ok((None, None));
    }
    words.read("a type and a code", "icmp 3/4 or icmp 11", |word| match word.split_once('/') {
        Some((kind, code)) => Some((Some(kind.parse().ok()?), Some(code.parse().ok()?))),
        None => Some((Some(word.parse().ok()?), None)),
    })
}

/// `port 53`; or nothing, and any will do.
fn port(words: &mut Words<'_>) -> Result<Option<u16>, NetError> {
    let stated = words.skip("port");
    stated.then(|| words.parse("a port from 0 to 65535", "udp port 53")).transpose()
}

/// `net5 down`, `r1 routes 192.168.10.0/24 via 192.168.4.100`, `host4 forges …`.
fn named(net: &Net, name: &str, words: &mut Words<'_>) -> Result<(What, bool), NetError> {
    let node = net.node(name);
    let Some(place) = place(net, name)?.or_else(|| node.map(|node| all_cables(net, node))) else {
        let begins = ["at", "from", "until", "drop", "lose", "double", "hold"];
        let names = begins.into_iter().chain(links(net)).chain(nodes(net));
        let hint = format!("a fault begins with one of {}", known(name, names));
        return Err(wrong(name, "the beginning of a fault", hint));
    };
    let verbs = ["down", "up", "routes", "forges"].into_iter().take(if node.is_some() { 4 } else { 2 });
    let verb = words.choose(&format!("a word for what happens to {name}"), verbs)?;
    match (verb, node) {
        ("routes", Some(node)) => Ok((What::Effect(route(node, words)?), true)),
        ("forges", Some(node)) => Ok((What::Lie(node.name.clone(), lie(net, words)?), true)),
        (verb, _) => Ok((What::Effect(Effect::Cut { place, whole: verb == "up" }), verb == "up")),
    }
}

/// `192.168.10.0/24 via 192.168.4.100`, `default nowhere`.
fn route(node: &Node, words: &mut Words<'_>) -> Result<Effect, NetError> {
    let mut text = vec![];
    while let Some(word) = words.peek().filter(|word| !["at", "from", "until"].contains(word)) {
        text.push(word);
        words.skip(word);
    }
    let no_route = || {
        let example =
            "\"default via 192.168.3.100\", \"192.168.10.0/24 via 192.168.10.100 on r3-r4\" or \"default nowhere\"";
        wrong(&text.join(" "), "a route", format!("write it as in {example}"))
    };
    if let [to, "nowhere"] = text[..] {
        let (network, prefix) = read::destination(to).ok_or_else(no_route)?;
        return Ok(Effect::Route { node: node.name.clone(), change: RouteChange { network, prefix, route: None } });
    }
    let route = read::static_route(&text.join(" ")).ok_or_else(no_route)?;
    check::route(node, &route)?;
    let change = RouteChange { network: route.network, prefix: route.prefix, route: Some(route) };
    Ok(Effect::Route { node: node.name.clone(), change })
}

/// `arp reply to host2 claiming 10.0.0.1`.
fn lie(net: &Net, words: &mut Words<'_>) -> Result<Lie, NetError> {
    words.choose("what can be forged", ["arp"].into_iter())?;
    let way = match words.choose("a way to forge", ["reply", "request", "race"].into_iter())? {
        "reply" => Way::Reply,
        "request" => Way::Request,
        _ => Way::Race,
    };
    words.choose("'to' and a node", ["to"].into_iter())?;
    let to = words.choose("a node", nodes(net))?.to_string();
    words.choose("'claiming' and an address", ["claiming"].into_iter())?;
    Ok(Lie { at: Duration::ZERO, way, to, claim: words.address()? })
}
