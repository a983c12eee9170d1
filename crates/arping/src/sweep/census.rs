//! Who has which address, as far as it is known: pure, without host or clock.

use cli::{RoundTrips, RttSummary};
use host::Time;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::Mac;

/// All addresses that are asked for, and who was found there.
#[derive(Debug, Default)]
pub struct Census {
    found: BTreeMap<Ipv4Addr, Found>,
    /// How many addresses of others nobody answered for yet.
    awaited: usize,
    /// When the last of them was answered for that is answered for.
    last: Time,
    longest: Duration,
    rtts: RoundTrips,
}

/// An address.
#[derive(Debug, Default)]
struct Found {
    /// Our own station, if the address is ours.
    ours: Option<Mac>,
    /// When it was asked for last.
    asked: Option<Time>,
    answered: bool,
    /// Who else said that it has the address, each once.
    stations: Vec<(Mac, Option<Duration>)>,
}

impl Found {
    fn macs(&self) -> Vec<Mac> {
        self.ours.into_iter().chain(self.stations.iter().map(|(mac, _)| *mac)).collect()
    }
}

/// What an answer or a claim adds to what was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// From the last request for the address to the answer. ARP has no sequence number: one that comes late belongs to an
    /// earlier request.
    pub rtt: Option<Duration>,
    /// All stations with this address, when one more made them too many.
    pub duplicate: Option<Vec<Mac>>,
}

/// A station that has an address, or says so.
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
    /// How long its answer took; none if it is ours, or claimed the address in another packet and gave us no answer.
    pub rtt: Option<Duration>,
}

/// How many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Addresses asked for, ours among them.
    pub asked: usize,
    /// Addresses of others that were answered for.
    pub answered: usize,
    /// Our own addresses among those asked for.
    pub ours: usize,
    /// Addresses of others that were asked for and not answered for.
    pub silent: usize,
    /// Addresses with more than one station.
    pub duplicates: usize,
    /// Stations that answered for them, however many addresses they answered for.
    pub answering: usize,
}

impl Census {
    /// These addresses are to be asked for; some of them may be our `own`.
    #[must_use]
    pub fn new(addresses: impl Iterator<Item = Ipv4Addr>, own: &[(Ipv4Addr, Mac)]) -> Self {
        let ours = |address| own.iter().find(|(own, _)| *own == address).map(|(_, mac)| *mac);
        let found: BTreeMap<Ipv4Addr, Found> =
            addresses.map(|address| (address, Found { ours: ours(address), ..Found::default() })).collect();
        let awaited = found.values().filter(|found| found.ours.is_none()).count();
        Self { found, awaited, ..Self::default() }
    }

    /// Whether `address` is our own.
    #[must_use]
    pub fn is_ours(&self, address: Ipv4Addr) -> bool {
        self.found.get(&address).is_some_and(|found| found.ours.is_some())
    }

    /// Whether somebody answered for `address`.
    #[must_use]
    pub fn is_answered(&self, address: Ipv4Addr) -> bool {
        self.found.get(&address).is_some_and(|found| found.answered)
    }

    /// Addresses that nobody answered for yet, ours among them, in their order.
    pub fn unanswered(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.found.iter().filter(|(_, found)| !found.answered).map(|(address, _)| *address)
    }

    /// When the last answer came that was awaited; `None`: one is still awaited. Nobody should answer for an address of ours.
    #[must_use]
    pub fn all_answered(&self) -> Option<Time> {
        (self.awaited == 0).then_some(self.last)
    }

    /// The longest that an answer took.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// The round trip times, of the first answer for each address.
    #[must_use]
    pub fn rtt(&self) -> Option<RttSummary> {
        self.rtts.summary()
    }

    /// A request for `address` leaves at `at`.
    pub fn asked(&mut self, address: Ipv4Addr, at: Time) {
        if let Some(found) = self.found.get_mut(&address) {
            found.asked = Some(at);
        }
    }

    /// The station `mac` answered our request for `address`. `None`: there was none.
    pub fn answer(&mut self, at: Time, address: Ipv4Addr, mac: Mac) -> Option<Noted> {
        let found = self.found.get_mut(&address)?;
        let rtt = at - found.asked?;
        if !found.answered {
            found.answered = true;
            self.longest = self.longest.max(rtt);
            self.rtts.add(rtt);
            if found.ours.is_none() {
                self.awaited -= 1;
                self.last = at;
            }
        }
        Some(Noted { rtt: Some(rtt), duplicate: add(found, mac, Some(rtt)) })
    }

    /// The station `mac` said in another packet that it has `address`. `None`: that is no address of this sweep.
    pub fn claim(&mut self, address: Ipv4Addr, mac: Mac) -> Option<Noted> {
        let found = self.found.get_mut(&address)?;
        Some(Noted { rtt: None, duplicate: add(found, mac, None) })
    }

    /// All stations that have an address or said so, by address.
    pub fn stations(&self) -> impl Iterator<Item = Station> {
        self.found.iter().flat_map(|(&address, found)| {
            let own = found.ours.map(|mac| (mac, None, true));
            let others = found.stations.iter().map(|&(mac, rtt)| (mac, rtt, false));
            let duplicate = found.macs().len() > 1;
            own.into_iter().chain(others).map(move |(mac, rtt, ours)| Station { address, mac, ours, duplicate, rtt })
        })
    }

    /// How many.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |which: fn(&Found) -> bool| self.found.values().filter(|found| which(found)).count();
        let of_others = self.found.values().filter(|found| found.ours.is_none()).flat_map(|found| &found.stations);
        let answering: BTreeSet<Mac> = of_others.filter(|(_, rtt)| rtt.is_some()).map(|(mac, _)| *mac).collect();
        Counts {
            asked: count(|found| found.asked.is_some()),
            answered: count(|found| found.ours.is_none() && found.answered),
            ours: count(|found| found.ours.is_some() && found.asked.is_some()),
            silent: count(|found| found.ours.is_none() && found.asked.is_some() && !found.answered),
            duplicates: count(|found| found.macs().len() > 1),
            answering: answering.len(),
        }
    }
}

/// Adds a station to those of an address. The answer: all of them, if it is one more than one, and new.
fn add(found: &mut Found, mac: Mac, rtt: Option<Duration>) -> Option<Vec<Mac>> {
    if let Some((_, known)) = found.stations.iter_mut().find(|(station, _)| *station == mac) {
        *known = known.or(rtt);
        return None;
    }
    found.stations.push((mac, rtt));
    Some(found.macs()).filter(|macs| macs.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
    const ONE: Mac = Mac([2, 0, 0, 0, 0, 1]);
    const TWO: Mac = Mac([2, 0, 0, 0, 0, 2]);

    fn ip(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, last)
    }

    fn ms(ms: u64) -> Time {
        Time(ms * 1_000_000)
    }

    /// Four addresses that were asked for at the start, of which the second is ours.
    fn census() -> Census {
        let mut census = Census::new((1..=4).map(ip), &[(ip(2), US)]);
        (1..=4).for_each(|last| census.asked(ip(last), Time::START));
        census
    }

    #[test]
    fn answers_come_out_in_the_order_of_the_addresses_and_ours_is_among_them() {
        let mut census = census();
        census.answer(ms(2), ip(4), TWO);
        census.answer(ms(3), ip(1), ONE);
        let stations: Vec<(Ipv4Addr, Mac, bool)> =
            census.stations().map(|station| (station.address, station.mac, station.ours)).collect();
        assert_eq!(stations, [(ip(1), ONE, false), (ip(2), US, true), (ip(4), TWO, false)]);
        let counts = Counts { asked: 4, answered: 2, ours: 1, silent: 1, duplicates: 0, answering: 2 };
        assert_eq!((census.counts(), census.longest()), (counts, Duration::from_millis(3)));
    }

    #[test]
    fn all_have_answered_when_ours_alone_is_left() {
        let mut census = census();
        for (at, last) in [(1, 1), (2, 3)] {
            census.answer(ms(at), ip(last), ONE);
            assert_eq!(census.all_answered(), None);
        }
        census.answer(ms(5), ip(4), ONE);
        assert_eq!(census.all_answered(), Some(ms(5)));
        // One more answer is no reason to wait for longer.
        census.answer(ms(9), ip(4), TWO);
        assert_eq!((census.all_answered(), census.counts().answering), (Some(ms(5)), 2));
    }

    #[test]
    fn second_station_makes_a_duplicate_and_the_same_station_again_does_not() {
        let mut census = census();
        assert_eq!(census.answer(ms(1), ip(1), ONE).unwrap().duplicate, None);
        assert_eq!(census.answer(ms(2), ip(1), ONE).unwrap().duplicate, None);
        assert_eq!(census.answer(ms(3), ip(1), TWO).unwrap().duplicate, Some(vec![ONE, TWO]));
        assert_eq!(census.answer(ms(4), ip(1), TWO).unwrap().duplicate, None);
        assert_eq!(census.stations().filter(|station| station.duplicate).count(), 2);
        assert_eq!((census.counts().duplicates, census.rtt().unwrap().max_ns), (1, 1_000_000));
    }

    #[test]
    fn anybody_else_with_our_address_is_a_duplicate() {
        let mut census = census();
        assert_eq!(census.answer(ms(1), ip(2), ONE).unwrap().duplicate, Some(vec![US, ONE]));
        assert_eq!((census.counts().answered, census.counts().answering, census.counts().silent), (0, 0, 3));
        assert_eq!(census.all_answered(), None);
    }

    #[test]
    fn claim_is_no_answer_but_makes_a_duplicate() {
        let mut census = census();
        assert_eq!(census.claim(ip(3), ONE), Some(Noted { rtt: None, duplicate: None }));
        assert!(!census.is_answered(ip(3)));
        assert_eq!(census.answer(ms(1), ip(3), TWO).unwrap().duplicate, Some(vec![ONE, TWO]));
        // The claimant answers after all.
        census.answer(ms(2), ip(3), ONE);
        let rtts: Vec<Option<Duration>> = census.stations().filter(|s| !s.ours).map(|station| station.rtt).collect();
        assert_eq!(rtts, [2, 1].map(|ms| Some(Duration::from_millis(ms))));
    }

    #[test]
    fn address_that_was_not_asked_for_has_no_answer() {
        let mut census = Census::new((1..=4).map(ip), &[]);
        assert_eq!((census.answer(ms(1), ip(1), ONE), census.answer(ms(1), ip(9), ONE)), (None, None));
        assert_eq!((census.claim(ip(9), ONE), census.counts().asked), (None, 0));
    }
}
