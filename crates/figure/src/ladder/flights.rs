//! From what several parties saw to what flew between them.

use super::says::Speaker;
use super::{Flight, Leg};
use crate::captured::{Captured, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use wire::dissect::{Dissection, Protocol};

/// A packet that a party sent.
struct Sending<'a> {
    party: usize,
    packet: &'a Captured,
    /// Who received it, and when.
    came: Vec<(usize, Duration)>,
}

/// A packet of which a party may send the same again, or pass it on.
type Key = (usize, Vec<u8>);

pub(super) fn flights(seen: &[&[Captured]]) -> Vec<Flight> {
    let mut sendings = sendings(seen);
    receive(seen, &mut sendings);
    let ends = Ends::of(seen, &sendings);
    let mut speaker = Speaker::default();
    let mut heard = BTreeSet::new();
    for sending in &sendings {
        let dissection = sending.packet.dissect();
        // A packet that is passed on says nothing new.
        if what_stays(&dissection).is_none_or(|bytes| heard.insert(bytes)) {
            speaker.hear(&dissection);
        }
    }

    let mut flights: Vec<Flight> = vec![];
    // What a party has received and may pass on: since when, and which flight that is.
    let mut held: BTreeMap<Key, Vec<(Duration, usize)>> = BTreeMap::new();
    // What a party has sent before.
    let mut before: BTreeSet<Key> = BTreeSet::new();
    for sending in &sendings {
        let (party, dissection) = (sending.party, sending.packet.dissect());
        let legs = ends.legs(sending, &dissection);
        if legs.is_empty() {
            continue;
        }
        let key = what_stays(&dissection).map(|bytes| (party, bytes));
        let passed_on = key.as_ref().and_then(|key| {
            let waiting = held.get_mut(key)?;
            let at = waiting.iter().position(|(since, _)| *since <= sending.packet.at)?;
            Some(waiting.remove(at).1)
        });
        let number = passed_on.unwrap_or_else(|| {
            let told = speaker.say(&dissection);
            let again = told.same_if.clone().is_some_and(|bytes| !before.insert((party, bytes)));
            let summary = dissection.summary().to_string();
            let (labels, role, same_if) = (told.labels, told.role, told.same_if);
            flights.push(Flight { legs: vec![], labels, summary, role, again, same_if, seen: None });
            flights.len() - 1
        });
        for leg in legs.iter().filter(|leg| !leg.lost) {
            if let Some((_, bytes)) = &key {
                held.entry((leg.to, bytes.clone())).or_default().push((leg.arrives, number));
            }
        }
        if let Some(flight) = flights.get_mut(number) {
            flight.legs.extend(legs);
        }
    }
    flights
}

/// What was sent, in the order of time.
fn sendings<'a>(seen: &[&'a [Captured]]) -> Vec<Sending<'a>> {
    let mut sendings: Vec<Sending<'a>> = vec![];
    for (party, packets) in seen.iter().enumerate() {
        let sent = packets.iter().filter(|packet| packet.way == Way::Sent);
        sendings.extend(sent.map(|packet| Sending { party, packet, came: vec![] }));
    }
    sendings.sort_by_key(|sending| sending.packet.at);
    sendings
}

/// Finds for each packet that came when it was sent. Of packets that are the same, the last that came is the last that was sent before
/// that, and so on backwards: so what was sent twice and came once was lost the first time, and what came twice came in order. What came
/// more often than it was sent was doubled on its way, and came as often.
fn receive(seen: &[&[Captured]], sendings: &mut [Sending<'_>]) {
    let mut by_bytes: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (number, sending) in sendings.iter().enumerate() {
        by_bytes.entry(&sending.packet.bytes).or_default().push(number);
    }
    for (party, packets) in seen.iter().enumerate() {
        for packet in packets.iter().rev().filter(|packet| packet.way == Way::Received && !packet.lost) {
            let may_be = |number: &&usize| {
                sendings
                    .get(**number)
                    .is_some_and(|sent| sent.party != party && sent.packet.at <= packet.at && !sent.packet.lost)
            };
            let is_new = |number: &&usize| {
                sendings.get(**number).is_some_and(|sent| !sent.came.iter().any(|(to, _)| *to == party))
            };
            let numbers = by_bytes.get(packet.bytes.as_slice()).map_or(&[][..], Vec::as_slice);
            let mut those = numbers.iter().rev().filter(may_be);
            let found = those.clone().find(is_new).or_else(|| those.next()).copied();
            if let Some(sent) = found.and_then(|number| sendings.get_mut(number)) {
                sent.came.push((party, packet.at));
            }
        }
    }
}

/// What is known of the ends of ways.
struct Ends<'a> {
    /// Whose hardware address is whose, by what each sent.
    stations: BTreeMap<&'a [u8], usize>,
    /// How long a way takes, by a packet that came.
    usual: BTreeMap<(usize, usize), Duration>,
    /// The longest of these.
    longest: Duration,
    /// When the last packet was seen.
    last: Duration,
}

impl<'a> Ends<'a> {
    fn of(seen: &[&[Captured]], sendings: &[Sending<'a>]) -> Self {
        let stations = sendings.iter().filter_map(|sent| Some((sent.packet.bytes.get(6..12)?, sent.party))).collect();
        let mut usual = BTreeMap::new();
        for sent in sendings {
            usual.extend(sent.came.iter().map(|(to, at)| ((sent.party, *to), *at - sent.packet.at)));
        }
        let longest = usual.values().max().copied().unwrap_or_default();
        let last = seen.iter().flat_map(|packets| packets.iter().map(|packet| packet.at)).max().unwrap_or_default();
        Self { stations, usual, longest, last }
    }

    /// Where a packet went. What is still under way when the captures end is not known to be lost, and goes nowhere.
    fn legs(&self, Sending { party, packet, came }: &Sending<'_>, dissection: &Dissection<'_>) -> Vec<Leg> {
        let leg = |to, arrives, lost| Leg { from: *party, to, sent: packet.at, arrives, lost };
        if !came.is_empty() {
            return came.iter().map(|(to, at)| leg(*to, *at, false)).collect();
        }
        let is_lost = packet.lost || packet.at + self.longest * 2 <= self.last;
        let is_frame = dissection.layers().next().is_some_and(|layer| layer.protocol() == Protocol::Ethernet);
        let station = packet.bytes.get(..6).filter(|_| is_frame && is_lost);
        let to = station.and_then(|station| self.stations.get(station)).filter(|to| *to != party);
        let usual = |to: usize| self.usual.get(&(*party, to)).copied().unwrap_or(self.longest);
        to.map(|to| leg(*to, packet.at + usual(*to), true)).into_iter().collect()
    }
}

/// What of an IP packet stays as it is when a router passes it on: everything but the time to live and the checksum over it.
fn what_stays(dissection: &Dissection<'_>) -> Option<Vec<u8>> {
    let ip = dissection.layers().find(|layer| matches!(layer.protocol(), Protocol::Ipv4 | Protocol::Ipv6))?;
    let mut bytes = dissection.bytes().get(ip.header().start..ip.payload().end)?.to_vec();
    for field in ["ttl", "hop_limit", "checksum"].iter().filter_map(|name| ip.field(name)) {
        let place = field.bytes().start - ip.header().start..field.bytes().end - ip.header().start;
        bytes.get_mut(place).unwrap_or_default().fill(0);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dissect::LinkType;

    /// The same packet once for each of these times, in milliseconds.
    fn seen(way: Way, times: &[u64]) -> Vec<Captured> {
        let bytes = wire::ipv4::example();
        let packet = |at: &u64| Captured {
            at: Duration::from_millis(*at),
            original_len: bytes.len(),
            bytes: bytes.clone(),
            link: LinkType::RawIp,
            way,
            lost: false,
        };
        times.iter().map(packet).collect()
    }

    /// Of each packet that was sent: when it came, and whether the ladder says that it came twice.
    fn came(sent: &[u64], received: &[u64]) -> Vec<(Vec<u128>, bool)> {
        let flights = flights(&[&seen(Way::Sent, sent), &seen(Way::Received, received)]);
        let told = |flight: &Flight| {
            let mut times: Vec<u128> = flight.legs.iter().map(|leg| leg.arrives.as_millis()).collect();
            times.sort_unstable();
            (times, flight.is_doubled())
        };
        flights.iter().map(told).collect()
    }

    #[test]
    fn what_came_more_often_than_it_was_sent_was_doubled() {
        assert_eq!(came(&[0], &[10]), [(vec![10], false)]);
        assert_eq!(came(&[0], &[10, 10]), [(vec![10, 10], true)]);
        assert_eq!(came(&[0], &[10, 25]), [(vec![10, 25], true)]);
        assert_eq!(came(&[0, 20], &[10, 30]), [(vec![10], false), (vec![30], false)]);
    }
}
