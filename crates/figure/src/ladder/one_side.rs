//! From what was seen at one place to what flew. The other ends' times are guessed.

use super::says::Speaker;
use super::{Flight, Leg, Party};
use crate::captured::{Captured, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::time::Duration;
use wire::dissect::{Dissection, Layer, Protocol, Value};

/// Of the whole time, what a way is drawn to take of which nothing is known.
const SHARE: u32 = 25;

pub(super) fn parties_and_flights(packets: &[Captured]) -> (Vec<Party>, Vec<Flight>) {
    let dissected: Vec<(&Captured, Dissection<'_>)> = packets.iter().map(|packet| (packet, packet.dissect())).collect();
    let stations = Stations::of(&dissected);
    let ends: Vec<Option<(String, Vec<String>)>> =
        dissected.iter().map(|(_, dissection)| stations.ends(dissection)).collect();
    let mut names: Vec<&str> = vec![];
    // Who captured is the leftmost.
    let here = packets.iter().zip(&ends).find_map(|(packet, ends)| match (packet.way, ends) {
        (Way::Sent, Some((from, _))) => Some(from.as_str()),
        (Way::Received, Some((_, to))) => to.first().map(String::as_str),
        _ => None,
    });
    names.extend(here);
    for name in ends.iter().flatten().flat_map(|(from, to)| iter::once(from).chain(to)) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let lane = |name: &String| names.iter().position(|known| known == name).unwrap_or_default();
    let lanes: Vec<Option<(usize, Vec<usize>)>> =
        ends.iter().map(|ends| ends.as_ref().map(|(from, to)| (lane(from), to.iter().map(lane).collect()))).collect();
    let ways = ways(&dissected, &lanes);
    let times = || packets.iter().map(|packet| packet.at);
    let span = times().max().unwrap_or_default().saturating_sub(times().min().unwrap_or_default());

    let mut speaker = Speaker::default();
    dissected.iter().for_each(|(_, dissection)| speaker.hear(dissection));
    let mut before = BTreeSet::new();
    let mut flights = vec![];
    for ((packet, dissection), lanes) in dissected.iter().zip(&lanes) {
        let Some((from, to)) = lanes else { continue };
        let leg = |to: &usize| {
            let takes = ways.get(&(*from.min(to), *from.max(to))).copied().unwrap_or(span / SHARE);
            let comes = packet.way == Way::Received;
            let sent = if comes { packet.at.saturating_sub(takes) } else { packet.at };
            let arrives = if comes { packet.at } else { packet.at + takes };
            Leg { from: *from, to: *to, sent, arrives, lost: packet.lost }
        };
        let told = speaker.say(dissection);
        flights.push(Flight {
            legs: to.iter().map(leg).collect(),
            labels: told.labels,
            summary: dissection.summary().to_string(),
            role: told.role,
            again: told.same_if.clone().is_some_and(|bytes| !before.insert((*from, bytes))),
            same_if: told.same_if,
            seen: Some(packet.at),
        });
    }
    let parties = names.iter().map(|name| Party { name: (*name).to_string(), address: String::new() }).collect();
    (parties, flights)
}

/// Who is on the link, by what they sent: the IP address of each hardware address. The first one counts; a router sends with others'
/// addresses too.
struct Stations(BTreeMap<String, String>);

/// Who has no IP address yet, and everybody on a link.
const NOBODY: &str = "0.0.0.0";
const EVERYBODY: &str = "255.255.255.255";

/// The fields of a protocol that say from whom to whom.
const ENDS: [(Protocol, &str, &str); 4] = [
    (Protocol::Arp, "sender", "target"),
    (Protocol::Ipv4, "source", "destination"),
    (Protocol::Ipv6, "source", "destination"),
    (Protocol::Ethernet, "source", "destination"),
];

impl Stations {
    fn of(packets: &[(&Captured, Dissection<'_>)]) -> Self {
        let mut stations = BTreeMap::new();
        for (_, dissection) in packets {
            let shown = |protocol, name: &str| Some(dissection.layer(protocol)?.field(name)?.shown());
            let address = shown(Protocol::Arp, "sender").or_else(|| shown(Protocol::Ipv4, "source"));
            if let Some((station, address)) = shown(Protocol::Ethernet, "source").zip(address)
                && address != NOBODY
            {
                stations.entry(station).or_insert(address);
            }
            if let Some((station, address)) = given(dissection) {
                stations.entry(station).or_insert(address);
            }
        }
        Self(stations)
    }

    /// Between whom a packet flew: by its IP addresses or those that its ARP message is about, else by its hardware addresses. Who
    /// sends without an address is told by the one that it gets later.
    fn ends(&self, dissection: &Dissection<'_>) -> Option<(String, Vec<String>)> {
        for (protocol, from, to) in ENDS {
            let Some(layer) = dissection.layer(protocol) else { continue };
            let Some((from, to)) = layer.field(from).zip(layer.field(to)) else { continue };
            let (mut from, to) = (from.shown(), to.shown());
            if from == NOBODY {
                let station = dissection.layer(Protocol::Ethernet)?.field("source")?.shown();
                from = self.0.get(&station).cloned().unwrap_or(from);
            }
            if to == EVERYBODY {
                let others: BTreeSet<&String> = self.0.values().filter(|address| **address != from).collect();
                if !others.is_empty() {
                    return Some((from, others.into_iter().cloned().collect()));
                }
            }
            return (from != to).then_some((from, vec![to]));
        }
        None
    }
}

/// Who is given which address by a DHCP message.
fn given(dissection: &Dissection<'_>) -> Option<(String, String)> {
    let dhcp = dissection.layer(Protocol::Dhcp)?;
    let address = dhcp.field("yiaddr")?.shown();
    let Value::Bytes([a, b, c, d, e, f, ..]) = dhcp.field("chaddr")?.value() else { return None };
    (address != NOBODY).then(|| (format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"), address))
}

/// How long the way between two takes: half of the shortest time from a packet of one to what the other says to it. That is the error
/// which quotes it; else the next packet, where nothing of the one was under way before. Who captured knows that of its own questions
/// only.
fn ways(
    packets: &[(&Captured, Dissection<'_>)],
    lanes: &[Option<(usize, Vec<usize>)>],
) -> BTreeMap<(usize, usize), Duration> {
    let mut ways: BTreeMap<(usize, usize), Duration> = BTreeMap::new();
    let mut asked: BTreeMap<(usize, usize), Duration> = BTreeMap::new();
    let mut identified: BTreeMap<[u64; 2], Duration> = BTreeMap::new();
    for ((packet, dissection), lanes) in packets.iter().zip(lanes) {
        // What is for everybody asks nobody.
        let Some((from, [to])) = lanes.as_ref().map(|(from, to)| (*from, to.as_slice())) else { continue };
        let to = *to;
        let quoted = dissection.quoted(Protocol::Ipv4).and_then(identity);
        let question = match quoted {
            Some(identity) => identified.get(&identity).copied(),
            None => asked.remove(&(to, from)),
        };
        let since = question.map(|asked| packet.at.saturating_sub(asked));
        if let Some(since) = since.filter(|since| !since.is_zero() && packet.way != Way::Sent) {
            let way = ways.entry((from.min(to), from.max(to))).or_insert(since / 2);
            *way = (*way).min(since / 2);
        }
        if packet.way != Way::Received {
            asked.entry((from, to)).or_insert(packet.at);
            identified
                .extend(dissection.layer(Protocol::Ipv4).and_then(identity).map(|identity| (identity, packet.at)));
        }
    }
    ways
}

/// By what an error's quote names its packet.
fn identity(ip: Layer<'_>) -> Option<[u64; 2]> {
    Some([ip.field("identification")?.number(), ip.field("destination")?.number()])
}
