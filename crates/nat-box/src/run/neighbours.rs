//! Who is behind which address on a link, and what waits while that is asked for.
//!
//! RFC 826 (an entry is changed by any packet that names its address), RFC 1122 sections 2.3.2.1 (entries age, and one address is
//! asked for once a second at most) and 2.3.2.2 (packets wait meanwhile).

use host::{Mac, Time};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;

/// RFC 1122 section 2.3.2.1: "the recommended maximum rate is 1 per second per destination".
const INTERVAL: Duration = Duration::from_secs(1);
/// After so many requests without an answer nobody is there.
const REQUESTS: u32 = 3;
/// An entry that is used and older than this is confirmed by a question to the neighbour alone.
const FRESH: Duration = Duration::from_secs(30);
/// Older ones are as good as none.
const LIFETIME: Duration = Duration::from_secs(60);
/// Bytes that wait for one address; the oldest go first.
const WAITING: usize = 256 * 1024;
/// Bytes that wait for all of them, and addresses at once: who sends to all of a large network fills this, and no more memory.
const WAITING_IN_ALL: usize = 8 << 20;
const MOST: usize = 4096;

/// The table of one link.
#[derive(Debug)]
pub(super) struct Neighbours {
    entries: BTreeMap<Ipv4Addr, Entry>,
    waiting_in_all: usize,
    /// Before this nothing is due.
    soonest: Time,
}

impl Default for Neighbours {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), waiting_in_all: 0, soonest: Time::NEVER }
    }
}

#[derive(Debug)]
enum Entry {
    Asking { requests: u32, next: Time, waiting: VecDeque<Vec<u8>>, bytes: usize },
    Known { mac: Mac, confirmed: Time, polled: Time },
}

/// What is known of an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there; `poll`: and it is time to ask that station whether it still is.
    At { mac: Mac, poll: bool },
    /// Nobody knows; `ask`: and it is time to ask all.
    Unknown { ask: bool },
}

/// What became due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Ask all once more.
    Ask(Ipv4Addr),
    /// Nobody answered: these cannot be delivered.
    Nobody(VecDeque<Vec<u8>>),
}

impl Neighbours {
    /// Who is at `address`.
    pub(super) fn find(&mut self, address: Ipv4Addr, now: Time) -> Found {
        match self.entries.get_mut(&address) {
            Some(Entry::Known { mac, confirmed, polled }) if now - *confirmed <= LIFETIME => {
                let poll = now - *confirmed > FRESH && now - *polled >= INTERVAL;
                if poll {
                    *polled = now;
                }
                return Found::At { mac: *mac, poll };
            }
            Some(Entry::Asking { .. }) => return Found::Unknown { ask: false },
            _ => {}
        }
        self.entries.remove(&address);
        if self.entries.len() >= MOST {
            self.entries
                .retain(|_, entry| !matches!(entry, Entry::Known { confirmed, .. } if now - *confirmed > LIFETIME));
        }
        let ask = self.entries.len() < MOST;
        if ask {
            let entry = Entry::Asking { requests: 1, next: now + INTERVAL, waiting: VecDeque::new(), bytes: 0 };
            self.entries.insert(address, entry);
            self.soonest = self.soonest.min(now + INTERVAL);
        }
        Found::Unknown { ask }
    }

    /// Keeps a frame for an address that is being asked for. What there is no room for goes.
    pub(super) fn hold(&mut self, address: Ipv4Addr, frame: Vec<u8>) {
        let Some(Entry::Asking { waiting, bytes, .. }) = self.entries.get_mut(&address) else { return };
        if self.waiting_in_all + frame.len() > WAITING_IN_ALL {
            return;
        }
        *bytes += frame.len();
        self.waiting_in_all += frame.len();
        waiting.push_back(frame);
        while *bytes > WAITING
            && let Some(oldest) = waiting.pop_front()
        {
            *bytes -= oldest.len();
            self.waiting_in_all -= oldest.len();
        }
    }

    /// `address` is at `mac`: kept if there is an entry for it, or `create`. What waited for it can go.
    pub(super) fn learn(&mut self, address: Ipv4Addr, mac: Mac, create: bool, now: Time) -> VecDeque<Vec<u8>> {
        let is_kept = self.entries.contains_key(&address) || create && self.entries.len() < MOST;
        if !is_kept {
            return VecDeque::new();
        }
        match self.entries.insert(address, Entry::Known { mac, confirmed: now, polled: now }) {
            Some(Entry::Asking { waiting, bytes, .. }) => {
                self.waiting_in_all -= bytes;
                waiting
            }
            _ => VecDeque::new(),
        }
    }

    /// When something is due next, at the earliest.
    pub(super) fn next(&self) -> Time {
        self.soonest
    }

    /// What is due at `now`.
    pub(super) fn due(&mut self, now: Time) -> Vec<Due> {
        let mut due = vec![];
        if now < self.soonest {
            return due;
        }
        self.soonest = Time::NEVER;
        self.entries.retain(|address, entry| {
            let Entry::Asking { requests, next, waiting, bytes } = entry else { return true };
            if *next <= now && *requests == REQUESTS {
                self.waiting_in_all -= *bytes;
                due.push(Due::Nobody(std::mem::take(waiting)));
                return false;
            }
            if *next <= now {
                *requests += 1;
                *next = now + INTERVAL;
                due.push(Due::Ask(*address));
            }
            self.soonest = self.soonest.min(*next);
            true
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 7);
    const MAC: Mac = Mac([2, 0, 0, 0, 0, 7]);

    fn at(seconds: u64) -> Time {
        Time::START + Duration::from_secs(seconds)
    }

    #[test]
    fn nobody_answers_three_questions_and_what_waited_is_given_back() {
        let mut table = Neighbours::default();
        assert_eq!(table.find(HERE, at(0)), Found::Unknown { ask: true });
        table.hold(HERE, vec![1]);
        assert_eq!(table.find(HERE, at(0)), Found::Unknown { ask: false }, "one question a second");
        assert_eq!([at(1), at(2)].map(|now| table.due(now)), [[Due::Ask(HERE)], [Due::Ask(HERE)]]);
        assert_eq!(table.due(at(3)), [Due::Nobody([vec![1]].into())]);
        assert_eq!((table.next(), table.waiting_in_all), (Time::NEVER, 0));
        assert_eq!(table.find(HERE, at(3)), Found::Unknown { ask: true });
    }

    #[test]
    fn answer_lets_go_what_waited_and_is_believed_for_a_minute() {
        let mut table = Neighbours::default();
        assert!(table.learn(HERE, MAC, false, at(0)).is_empty());
        assert_eq!(table.find(HERE, at(0)), Found::Unknown { ask: true }, "an answer to nobody teaches nothing");
        table.hold(HERE, vec![1]);
        assert_eq!((table.learn(HERE, MAC, false, at(0)), table.waiting_in_all), ([vec![1]].into(), 0));
        assert_eq!(table.find(HERE, at(30)), Found::At { mac: MAC, poll: false });
        assert_eq!(table.find(HERE, at(31)), Found::At { mac: MAC, poll: true });
        assert_eq!(table.find(HERE, at(31)), Found::At { mac: MAC, poll: false });
        assert_eq!(table.find(HERE, at(61)), Found::Unknown { ask: true });
    }

    #[test]
    fn who_sends_to_everybody_fills_no_more_than_the_table() {
        let mut table = Neighbours::default();
        for number in 0..10_000_u32 {
            let address = Ipv4Addr::from(0x0a00_0000 + number);
            let asked = table.find(address, at(0)) == Found::Unknown { ask: true };
            assert_eq!(asked, number < 4096);
            table.hold(address, vec![0; 1500]);
        }
        assert_eq!(table.entries.len(), 4096);
        (0..1000).for_each(|_| table.hold(Ipv4Addr::from(0x0a00_0000), vec![0; 1500]));
        assert!(table.waiting_in_all <= WAITING_IN_ALL);
        let Some(Entry::Asking { bytes, .. }) = table.entries.get(&Ipv4Addr::from(0x0a00_0000)) else {
            panic!("it waits")
        };
        assert!(*bytes <= WAITING);
    }
}
