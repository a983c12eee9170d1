//! What an ARP packet says of who is where, what changes by it, and what a host's ARP table makes of it: pure rules, time is
//! an argument.
//!
//! RFC 826, "packet reception", in its own order: an entry for the sender's address is updated, whatever the packet is and
//! whoever it is for; if there is none, one is made if the packet is for us; only then is the operation looked at.

use host::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::Mac;
use wire::arp::{Arp, REPLY, REQUEST};
use wire::ethernet::Ethernet;

/// How many addresses are kept, lest a forger fill the memory: as many as a /16 has.
const MOST: usize = 1 << 16;
/// How many stations are kept of each.
const MOST_STATIONS: usize = 64;
/// How many checks for a free address are kept at a time.
const MOST_PROBES: usize = 1 << 10;
/// An address that returns to a station which it left less than this ago flaps between the two. It is how long a table believes
/// an entry: RFC 1122 section 2.3.2.1, "on the order of a minute".
const MINUTE: Duration = Duration::from_secs(60);
/// How long a check for a free address takes: RFC 5227 section 1.1, `PROBE_WAIT` and twice `PROBE_MAX`, then `ANNOUNCE_WAIT`.
const PROBING: Duration = Duration::from_secs(1 + 2 * 2 + 2);

/// What kind of packet it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A question.
    Request,
    /// An answer.
    Reply,
    /// RFC 5227 section 1.1: a request whose sender asks for its own address.
    Announcement,
    /// RFC 5944 section 4.6: the same as a reply.
    GratuitousReply,
    /// RFC 5227 section 1.1: a request without a sender's address: is the target's free?
    Probe,
    /// Another operation.
    Unknown(u16),
}

/// What the table of a host at our place makes of a packet, one that asked nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: there is no entry to update, and the packet is not for us; or it does not reach us; or it names nobody.
    Nothing,
    /// A new entry, from a request for us.
    Made,
    /// An entry if it was asked for: a reply to us. By the letter of RFC 826 it makes one; Linux makes none unasked.
    IfAsked,
    /// The entry names another station now.
    Changed,
    /// The entry is as it was.
    Confirmed,
}

/// What a packet says of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The address is there where it was, or was not seen before.
    At {
        /// Whether it was not seen before.
        first: bool,
    },
    /// The address was at another station.
    Moved {
        /// Which one.
        from: Mac,
        /// How often it moved so far.
        moves: u64,
        /// Whether it left its new station less than a minute ago.
        flapping: bool,
    },
    /// Somebody else says that it has an address of ours: RFC 5227 section 2.4.
    Conflict,
    /// Somebody wants to know whether an address is free.
    Probe {
        /// Another station that has it.
        held_by: Option<Mac>,
        /// Another station that probes for it at the same time: RFC 5227 section 2.1.1.
        sought_by: Option<Mac>,
    },
}

/// A packet, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The address that it is about: the sender's, or the target's of a probe.
    pub address: Ipv4Addr,
    /// What it says of that.
    pub news: News,
    /// What a table makes of it.
    pub effect: Effect,
    /// Whether the same was not said before: a repetition is worth counting only.
    pub is_new: bool,
}

/// Who was seen where.
#[derive(Debug, Default)]
pub struct Table {
    mac: Mac,
    own: Vec<Ipv4Addr>,
    bindings: BTreeMap<Ipv4Addr, Binding>,
    probes: BTreeMap<Ipv4Addr, Probing>,
    not_kept: u64,
}

/// An address, and where it is.
#[derive(Debug)]
struct Binding {
    /// Its station now.
    mac: Mac,
    /// What the table of a host at our place has; none: no entry.
    entry: Option<Mac>,
    moves: u64,
    /// All stations that said that they have it.
    stations: BTreeMap<Mac, Seen>,
}

/// What a station said of an address.
#[derive(Debug, Default)]
struct Seen {
    packets: u64,
    last: Option<Time>,
    /// When the address moved on to another.
    left: Option<Time>,
    /// The effects that its packets had.
    effects: BTreeSet<Effect>,
}

/// A check for a free address.
#[derive(Debug, PartialEq, Eq)]
struct Probing {
    by: Mac,
    at: Time,
    news: News,
}

/// A station that has an address or says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Station {
    /// The address.
    pub address: Ipv4Addr,
    /// The station.
    pub mac: Mac,
    /// Whether it is our own.
    pub ours: bool,
    /// Whether there is another with this address.
    pub duplicate: bool,
    /// How many packets said so; none: our own ARP table had it from the start.
    pub packets: u64,
    /// When the last of them came.
    pub last: Option<Time>,
}

impl Table {
    /// A table at the station `mac` with its `own` addresses, that knows from the start what this host's ARP table knows.
    #[must_use]
    pub fn new(mac: Mac, own: Vec<Ipv4Addr>, known: &[(Ipv4Addr, Mac)]) -> Self {
        let mut table = Self { mac, ..Self::default() };
        for (address, station) in own.iter().map(|own| (*own, mac)).chain(known.iter().copied()).take(MOST) {
            let entry = Some(station).filter(|_| !own.contains(&address));
            let stations = BTreeMap::from([(station, Seen::default())]);
            table.bindings.entry(address).or_insert(Binding { mac: station, entry, moves: 0, stations });
        }
        Self { own, ..table }
    }

    /// The packet `arp` came at `at` in a frame with this header. `None`: it says nothing, or there is no room for it.
    pub fn hear(&mut self, at: Time, ethernet: &Ethernet, arp: &Arp) -> Option<Sighting> {
        if arp.sender.is_unspecified() {
            return (Kind::of(arp) == Kind::Probe).then(|| self.probe(at, arp));
        }
        let (address, mac) = (arp.sender, arp.sender_mac);
        let effect = self.effect(ethernet, arp);
        let ours = self.own.contains(&address);
        let first = !self.bindings.contains_key(&address);
        if first && self.bindings.len() >= MOST {
            self.not_kept += 1;
            return None;
        }
        let binding = self.bindings.entry(address).or_insert_with(|| Binding::new(mac));
        if !binding.stations.contains_key(&mac) && binding.stations.len() >= MOST_STATIONS {
            self.not_kept += 1;
            return None;
        }
        let seen = binding.stations.entry(mac).or_default();
        seen.packets += 1;
        seen.last = Some(at);
        let (left, other_effect) = (seen.left, seen.effects.insert(effect));
        if matches!(effect, Effect::Made | Effect::Changed) {
            binding.entry = Some(mac);
        }
        let (news, is_new) = if ours {
            (News::Conflict, true)
        } else if binding.mac == mac {
            (News::At { first }, first || other_effect)
        } else {
            (binding.moved(at, mac, left), true)
        };
        Some(Sighting { address, news, effect, is_new })
    }

    /// What the table of a host at our place makes of a packet that has a sender.
    fn effect(&self, ethernet: &Ethernet, arp: &Arp) -> Effect {
        let reaches_us = ethernet.destination == self.mac || ethernet.destination.is_group();
        // RFC 1812 section 3.3.2: a router "MUST not believe any ARP reply that claims that the Link Layer address of another
        // host or router is a broadcast or multicast address".
        if !reaches_us || arp.sender_mac.is_group() || self.own.contains(&arp.sender) {
            return Effect::Nothing;
        }
        let entry = self.bindings.get(&arp.sender).and_then(|binding| binding.entry);
        match (entry, self.own.contains(&arp.target)) {
            (Some(mac), _) if mac == arp.sender_mac => Effect::Confirmed,
            (Some(_), _) => Effect::Changed,
            (None, true) if arp.operation == REQUEST => Effect::Made,
            (None, true) => Effect::IfAsked,
            (None, false) => Effect::Nothing,
        }
    }

    fn probe(&mut self, at: Time, arp: &Arp) -> Sighting {
        let (address, mac) = (arp.target, arp.sender_mac);
        let held_by = self.bindings.get(&address).map(|binding| binding.mac).filter(|holder| *holder != mac);
        let before = self.probes.get(&address).filter(|probing| at - probing.at <= PROBING);
        let sought_by = before.map(|probing| probing.by).filter(|other| *other != mac);
        let news = News::Probe { held_by, sought_by };
        let is_new = before.is_none_or(|before| before.by != mac || before.news != news);
        if self.probes.len() >= MOST_PROBES {
            self.probes.retain(|_, probing| at - probing.at <= PROBING);
        }
        if self.probes.len() < MOST_PROBES {
            self.probes.insert(address, Probing { by: mac, at, news: news.clone() });
        }
        Sighting { address, news, effect: Effect::Nothing, is_new }
    }

    /// How many addresses of others are known.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.bindings.keys().filter(|address| !self.own.contains(address)).count()
    }

    /// For how many packets there was no room: too many addresses, or too many stations with one.
    #[must_use]
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// All stations, by address; our own where somebody else says that it has our address.
    pub fn stations(&self) -> impl Iterator<Item = Station> {
        self.bindings.iter().flat_map(move |(&address, binding)| {
            let own = self.own.contains(&address);
            let shown = !own || binding.stations.len() > 1;
            binding.stations.iter().filter(move |_| shown).map(move |(&mac, seen)| Station {
                address,
                mac,
                ours: own && mac == self.mac,
                duplicate: binding.stations.len() > 1,
                packets: seen.packets,
                last: seen.last,
            })
        })
    }
}

impl Binding {
    fn new(mac: Mac) -> Self {
        Self { mac, entry: None, moves: 0, stations: BTreeMap::new() }
    }

    /// The address is at `mac` now, which it `left` before.
    fn moved(&mut self, at: Time, mac: Mac, left: Option<Time>) -> News {
        let from = std::mem::replace(&mut self.mac, mac);
        if let Some(seen) = self.stations.get_mut(&from) {
            seen.left = Some(at);
        }
        self.moves += 1;
        News::Moved { from, moves: self.moves, flapping: left.is_some_and(|left| at - left < MINUTE) }
    }
}

impl Kind {
    /// Of this packet.
    #[must_use]
    pub fn of(arp: &Arp) -> Self {
        match arp.operation {
            REQUEST if arp.is_probe() => Self::Probe,
            REQUEST if arp.is_announcement() => Self::Announcement,
            REQUEST => Self::Request,
            REPLY if arp.is_announcement() => Self::GratuitousReply,
            REPLY => Self::Reply,
            other => Self::Unknown(other),
        }
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Reply => "reply",
            Self::Announcement => "announcement",
            Self::GratuitousReply => "gratuitous_reply",
            Self::Probe => "probe",
            Self::Unknown(number) => return number.fmt(f),
        })
    }
}

#[cfg(test)]
mod tests;
