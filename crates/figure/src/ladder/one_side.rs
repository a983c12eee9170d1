//! From what was seen at one place to what flew. The other ends' times are guessed.

use super::says::Speaker;
use super::{Flight, Leg, Party};
use crate::captured::{Captured, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use wire::dissect::{Dissection, Protocol};

/// Of the whole time, what a way is drawn to take of which nothing is known.
const SHARE: u32 = 25;

pub(super) fn parties_and_flights(packets: &[Captured]) -> (Vec<Party>, Vec<Flight>) {
    let dissected: Vec<(&Captured, Dissection<'_>)> = packets.iter().map(|packet| (packet, packet.dissect())).collect();
    let ends: Vec<Option<(String, String)>> = dissected.iter().map(|(_, dissection)| ends(dissection)).collect();
    let mut names: Vec<&str> = vec![];
    // Who captured is the leftmost.
    let here = packets.iter().zip(&ends).find_map(|(packet, ends)| match (packet.way, ends) {
        (Way::Sent, Some((from, _))) => Some(from.as_str()),
        (Way::Received, Some((_, to))) => Some(to.as_str()),
        _ => None,
    });
    names.extend(here);
    for name in ends.iter().flatten().flat_map(|(from, to)| [from.as_str(), to.as_str()]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let lane = |name: &str| names.iter().position(|known| *known == name).unwrap_or_default();
    let lanes: Vec<Option<(usize, usize)>> =
        ends.iter().map(|ends| ends.as_ref().map(|(from, to)| (lane(from), lane(to)))).collect();
    let ways = ways(packets, &lanes);

    let mut speaker = Speaker::default();
    dissected.iter().for_each(|(_, dissection)| speaker.hear(dissection));
    let mut before = BTreeSet::new();
    let mut flights = vec![];
    for ((packet, dissection), lanes) in dissected.iter().zip(&lanes) {
        let Some((from, to)) = *lanes else { continue };
        let takes = ways.get(&(from.min(to), from.max(to))).copied().unwrap_or_default();
        let comes = packet.way == Way::Received;
        let sent = if comes { packet.at.saturating_sub(takes) } else { packet.at };
        let arrives = if comes { packet.at } else { packet.at + takes };
        let told = speaker.say(dissection);
        flights.push(Flight {
            legs: vec![Leg { from, to, sent, arrives, lost: packet.lost }],
            labels: told.labels,
            summary: dissection.summary().to_string(),
            role: told.role,
            again: told.same_if.is_some_and(|bytes| !before.insert((from, bytes))),
        });
    }
    let parties = names.iter().map(|name| Party { name: (*name).to_string(), address: String::new() }).collect();
    (parties, flights)
}

/// Between whom a packet flew: by its IP addresses or those that its ARP message is about, else by its hardware addresses.
fn ends(dissection: &Dissection<'_>) -> Option<(String, String)> {
    for (protocol, from, to) in [
        (Protocol::Arp, "sender", "target"),
        (Protocol::Ipv4, "source", "destination"),
        (Protocol::Ipv6, "source", "destination"),
        (Protocol::Ethernet, "source", "destination"),
    ] {
        let Some(layer) = dissection.layer(protocol) else { continue };
        let Some((from, to)) = layer.field(from).zip(layer.field(to)) else { continue };
        let (from, to) = (from.shown(), to.shown());
        return (from != to).then_some((from, to));
    }
    None
}

/// How long the way between two takes: half of the shortest time from a packet of one to the next packet of the other.
fn ways(packets: &[Captured], lanes: &[Option<(usize, usize)>]) -> BTreeMap<(usize, usize), Duration> {
    let times = || packets.iter().map(|packet| packet.at);
    let span = times().max().unwrap_or_default().saturating_sub(times().min().unwrap_or_default());
    let mut ways: BTreeMap<(usize, usize), Duration> = BTreeMap::new();
    let mut last: BTreeMap<(usize, usize), Duration> = BTreeMap::new();
    for (packet, lanes) in packets.iter().zip(lanes) {
        let Some((from, to)) = *lanes else { continue };
        let way = ways.entry((from.min(to), from.max(to))).or_insert(span / SHARE);
        if let Some(asked) = last.remove(&(to, from)) {
            *way = (*way).min(packet.at.saturating_sub(asked) / 2);
        }
        last.insert((from, to), packet.at);
    }
    ways
}
