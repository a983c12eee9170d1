//! The ARP table: who is behind which address on each link.
//!
//! Obeys RFC 826 ("packet reception": an entry is changed by any packet that names its address) and RFC 1122 sections 2.3.2.1
//! (entries age; at most one request a second) and 2.3.2.2 (packets wait while an address is asked for).
//!
//! In one thing it follows Linux and not the letter of RFC 826: a *reply* to us makes no new entry unless we asked. A request
//! does.

use host::Time;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::Mac;

/// RFC 1122 section 2.3.2.1: the rate of requests for one address "MUST" be limited, "recommended … 1 per second".
pub(super) const REQUEST_INTERVAL: Duration = Duration::from_secs(1);
/// After so many unanswered requests nobody is there.
const REQUESTS: u32 = 3;
/// A used entry older than this is confirmed by a request to the neighbour alone (RFC 1122 section 2.3.2.1, "unicast poll").
const FRESH: Duration = Duration::from_secs(30);
/// RFC 1122 section 2.3.2.1: a timeout "on the order of a minute". Older entries are as good as none.
const LIFETIME: Duration = Duration::from_secs(60);
/// How many bytes of packets wait for one address; the oldest goes first. Linux: `unres_qlen_bytes`.
const WAITING: usize = 212_992;

/// A packet that waits for its next hop's address.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) packet: Vec<u8>,
    /// Whether a program of this host sent it, so that its failure is told to that program.
    pub(super) ours: bool,
}

#[derive(Debug)]
enum Entry {
    Asking { requests: u32, next: Time, waiting: VecDeque<Waiting>, bytes: usize },
    Known { mac: Mac, confirmed: Time, polls: u32, next_poll: Time },
}

/// By interface and address.
#[derive(Debug, Default)]
pub(super) struct Neighbours(BTreeMap<(usize, Ipv4Addr), Entry>);

/// What to do with a packet for a neighbour.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// Send it to this station; `poll`: and ask that station alone whether it is still there.
    Send { mac: Mac, poll: bool },
    /// It waits; `ask`: a request is to be broadcast now.
    Wait { ask: bool },
}

/// What became due.
#[derive(Debug)]
pub(super) enum Due {
    /// Ask again.
    Ask { interface: usize, address: Ipv4Addr },
    /// Nobody answered: these packets cannot be delivered.
    Nobody { waiting: VecDeque<Waiting> },
}

impl Neighbours {
    /// The station for `address`, or the packet joins those that wait for it. `packet` is taken only in the latter case.
    pub(super) fn resolve(
        &mut self,
        now: Time,
        interface: usize,
        address: Ipv4Addr,
        packet: &mut Option<Waiting>,
    ) -> Resolved {
        let key = (interface, address);
        if let Some(Entry::Known { mac, confirmed, polls, next_poll }) = self.0.get_mut(&key) {
            let age = now - *confirmed;
            if age <= FRESH {
                return Resolved::Send { mac: *mac, poll: false };
            }
            if age <= LIFETIME && (*polls < REQUESTS || now < *next_poll) {
                let poll = now >= *next_poll;
                if poll {
                    *polls += 1;
                    *next_poll = now + REQUEST_INTERVAL;
                }
                return Resolved::Send { mac: *mac, poll };
            }
            self.0.remove(&key);
        }
        let fresh = Entry::Asking { requests: 1, next: now + REQUEST_INTERVAL, waiting: VecDeque::new(), bytes: 0 };
        let ask = !self.0.contains_key(&key);
        if let (Entry::Asking { waiting, bytes, .. }, Some(packet)) =
            (self.0.entry(key).or_insert(fresh), packet.take())
        {
            *bytes += packet.packet.len();
            waiting.push_back(packet);
            while *bytes > WAITING
                && let Some(oldest) = waiting.pop_front()
            {
                *bytes -= oldest.packet.len();
            }
        }
        Resolved::Wait { ask }
    }

    /// Learns that `address` is at `mac`, if there is an entry for it, or `create`. What waited for it can go.
    pub(super) fn learn(
        &mut self,
        now: Time,
        interface: usize,
        address: Ipv4Addr,
        mac: Mac,
        create: bool,
    ) -> VecDeque<Waiting> {
        let key = (interface, address);
        if !create && !self.is_entry(now, key) {
            return VecDeque::new();
        }
        let known = Entry::Known { mac, confirmed: now, polls: 0, next_poll: now };
        match self.0.insert(key, known) {
            Some(Entry::Asking { waiting, .. }) => waiting,
            _ => VecDeque::new(),
        }
    }

    fn is_entry(&self, now: Time, key: (usize, Ipv4Addr)) -> bool {
        match self.0.get(&key) {
            Some(Entry::Known { confirmed, .. }) => now - *confirmed <= LIFETIME,
            Some(Entry::Asking { .. }) => true,
            None => false,
        }
    }

    /// When something is due next.
    pub(super) fn next(&self) -> Option<Time> {
        let next = |entry: &Entry| match entry {
            Entry::Asking { next, .. } => Some(*next),
            Entry::Known { .. } => None,
        };
        self.0.values().filter_map(next).min()
    }

    /// What is due at `now`.
    pub(super) fn due(&mut self, now: Time) -> Vec<Due> {
        let mut due = vec![];
        let mut nobody = vec![];
        for (&(interface, address), entry) in &mut self.0 {
            let Entry::Asking { requests, next, waiting, .. } = entry else { continue };
            if *next > now {
                continue;
            }
            if *requests < REQUESTS {
                *requests += 1;
                *next = *next + REQUEST_INTERVAL;
                due.push(Due::Ask { interface, address });
            } else {
                due.push(Due::Nobody { waiting: std::mem::take(waiting) });
                nobody.push((interface, address));
            }
        }
        for key in nobody {
            self.0.remove(&key);
        }
        due
    }

    /// The entries that count at `now`: interface, address, station (`None`: being asked for) and age.
    pub(super) fn entries(&self, now: Time) -> impl Iterator<Item = (usize, Ipv4Addr, Option<Mac>, Option<Duration>)> {
        self.0.iter().filter_map(move |(&(interface, address), entry)| match entry {
            Entry::Asking { .. } => Some((interface, address, None, None)),
            Entry::Known { mac, confirmed, .. } => {
                let age = now - *confirmed;
                (age <= LIFETIME).then_some((interface, address, Some(*mac), Some(age)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YOU: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);
    const MAC: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);

    fn at(seconds: u64) -> Time {
        Time::START + Duration::from_secs(seconds)
    }

    fn resolve(neighbours: &mut Neighbours, now: Time) -> Resolved {
        neighbours.resolve(now, 0, YOU, &mut Some(Waiting { packet: vec![], ours: true }))
    }

    #[test]
    fn one_request_a_second_and_after_three_nobody_is_there() {
        let mut neighbours = Neighbours::default();
        assert_eq!(resolve(&mut neighbours, at(0)), Resolved::Wait { ask: true });
        assert_eq!(resolve(&mut neighbours, at(0)), Resolved::Wait { ask: false });
        assert_eq!(neighbours.next(), Some(at(1)));
        assert!(matches!(neighbours.due(at(1))[..], [Due::Ask { address: YOU, .. }]));
        assert!(neighbours.due(at(1)).is_empty());
        assert!(matches!(neighbours.due(at(2))[..], [Due::Ask { .. }]));
        assert!(matches!(&neighbours.due(at(3))[..], [Due::Nobody { waiting }] if waiting.len() == 2));
        assert_eq!(neighbours.next(), None);
    }

    #[test]
    fn oldest_packets_give_way_when_too_many_bytes_wait() {
        let mut neighbours = Neighbours::default();
        for number in 0..200_u8 {
            let packet = Waiting { packet: vec![number; 1500], ours: true };
            neighbours.resolve(at(0), 0, YOU, &mut Some(packet));
        }
        let waiting = neighbours.learn(at(0), 0, YOU, MAC, false);
        // 212,992 bytes have room for 141 of them.
        assert_eq!((waiting.len(), waiting[0].packet[0], waiting[140].packet[0]), (141, 59, 199));
    }

    #[test]
    fn used_entry_is_polled_before_it_ages_away() {
        let mut neighbours = Neighbours::default();
        neighbours.learn(at(0), 0, YOU, MAC, true);
        let send = |poll| Resolved::Send { mac: MAC, poll };
        assert_eq!(resolve(&mut neighbours, at(30)), send(false));
        for (second, poll) in [(31, true), (32, true), (33, true)] {
            assert_eq!(resolve(&mut neighbours, at(second)), send(poll), "second {second}");
        }
        assert_eq!(resolve(&mut neighbours, at(34)), Resolved::Wait { ask: true });
        neighbours.learn(at(35), 0, YOU, MAC, false);
        assert_eq!(resolve(&mut neighbours, at(35)), send(false));
        assert_eq!(resolve(&mut neighbours, at(96)), Resolved::Wait { ask: true });
    }

    #[test]
    fn packet_of_a_stranger_changes_an_entry_and_makes_none() {
        let mut neighbours = Neighbours::default();
        neighbours.learn(at(0), 0, YOU, MAC, false);
        assert_eq!(neighbours.entries(at(0)).count(), 0);
        neighbours.learn(at(0), 0, YOU, MAC, true);
        neighbours.learn(at(1), 0, YOU, Mac([2; 6]), false);
        assert_eq!(neighbours.entries(at(1)).next().unwrap().2, Some(Mac([2; 6])));
    }
}
