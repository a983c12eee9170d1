//! What was answered, for as long as it may be kept.
//!
//! Obeys RFC 1035 section 3.2.1 (TTL), RFC 2181 section 5.2, section 5.4.1 and section 8 (sets, whose word is an answer,
//! and 31 bits), RFC 2308 section 5 (that there is nothing), RFC 8020 section 2 (nor anything below).
//!
//! ```
//! use names::Cache;
//! use std::time::Duration;
//! use wire::dns::{Question, Rcode, Rdata, Record, Type};
//!
//! let question = Question::new("www.example.com".parse()?, Type::A);
//! let answer = Record::new(question.qname.clone(), 300, Rdata::of_address([203, 0, 113, 10].into()));
//! let mut cache = Cache::new(100);
//! cache.keep(&question, Rcode::NOERROR, &[answer], &[], Duration::ZERO);
//! let found = cache.find(&question, Duration::from_secs(30)).ok_or("it is kept")?;
//! assert_eq!(found.answers[0].ttl, 270);
//! assert!(cache.find(&question, Duration::from_secs(300)).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A time here is the time since a start that whoever calls has chosen.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;
use wire::dns::{Name, Question, Rcode, Rdata, Record, Type};

/// More aliases than this behind each other are not followed.
const MOST_ALIASES: usize = 16;

/// Answers, and who serves which zone.
#[derive(Debug, Clone)]
pub struct Cache {
    most: usize,
    kept: BTreeMap<(Name, About), Kept>,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    /// Records of this type, from an answer.
    Set(Type),
    /// That there are none of this type.
    NoData(Type),
    /// That there is no such name.
    NoName,
    /// Who serves it, from a referral. RFC 2181 section 5.4.1: such records "should not be cached in such a way that they would
    /// ever be returned as answers to a received query".
    Servers,
    /// Its addresses, that stood beside a referral.
    Glue,
}

#[derive(Debug, Clone)]
struct Kept {
    since: Duration,
    until: Duration,
    /// The records; where there are none the SOA record that says so.
    records: Vec<Record>,
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// NOERROR or NXDOMAIN.
    pub rcode: Rcode,
    /// The records, aliases first, with the time that is left to them.
    pub answers: Vec<Record>,
    /// The SOA record that says there are none, with the time that is left to it.
    pub authorities: Vec<Record>,
    /// For how long it has been kept: the oldest of its sets.
    pub age: Duration,
    /// For how long all of it may still be kept.
    pub left: Duration,
}

/// A zone whose servers are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The zone.
    pub zone: Name,
    /// Its servers, each with the addresses that are known.
    pub servers: Vec<(Name, Vec<IpAddr>)>,
    /// For how long that may still be kept.
    pub left: Duration,
}

impl Cache {
    /// A cache with room for `most` sets. Where there are more, the one that has the least time left goes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, kept: BTreeMap::new() }
    }

    /// How many sets it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Keeps the answer to `question`, as far as its records are about it: the aliases from its name on, and what they lead to.
    ///
    /// That there is nothing is kept where an SOA record says for how long. RFC 2308 section 5: "Negative responses without
    /// SOA records SHOULD NOT be cached".
    pub fn keep(
        &mut self,
        question: &Question,
        rcode: Rcode,
        answers: &[Record],
        authorities: &[Record],
        now: Duration,
    ) {
        if question.qtype == Type::ANY || rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN {
            return;
        }
        let set = |name: &Name, rrtype: Type| -> Vec<Record> {
            answers.iter().filter(|record| record.name == *name && record.rrtype() == rrtype).cloned().collect()
        };
        let mut name = question.qname.clone();
        for _ in 0..MOST_ALIASES {
            let asked = set(&name, question.qtype);
            if !asked.is_empty() {
                return self.put(name, About::Set(question.qtype), asked, now);
            }
            let alias = set(&name, Type::CNAME);
            let Some(target) = alias.first().and_then(|record| record.rdata.target().cloned()) else { break };
            self.put(name, About::Set(Type::CNAME), alias, now);
            name = target;
        }
        let denies = |record: &&Record| name.is_within(&record.name);
        let soa = authorities.iter().filter(denies).find_map(|record| match &record.rdata {
            // RFC 2308 section 5: "the minimum of the SOA.MINIMUM field and SOA's TTL".
            Rdata::Soa(soa) => Some(Record { ttl: record.ttl.min(soa.minimum), ..record.clone() }),
            _ => None,
        });
        let about = if rcode == Rcode::NXDOMAIN { About::NoName } else { About::NoData(question.qtype) };
        if let Some(soa) = soa {
            self.put(name, about, vec![soa], now);
        }
    }

    /// Keeps who serves a zone: the NS records of a referral, and the addresses that its sender may vouch for.
    pub fn learn(&mut self, servers: &[Record], glue: &[Record], now: Duration) {
        if let Some(first) = servers.first() {
            self.put(first.name.clone(), About::Servers, servers.to_vec(), now);
        }
        for name in servers.iter().filter_map(|record| record.rdata.target()) {
            let of_name = |record: &&Record| record.name == *name && record.rdata.address().is_some();
            let addresses: Vec<Record> = glue.iter().filter(of_name).cloned().collect();
            if !addresses.is_empty() {
                self.put(name.clone(), About::Glue, addresses, now);
            }
        }
    }

    /// The answer to `question` at `now`, if all of it is still kept.
    #[must_use]
    pub fn find(&self, question: &Question, now: Duration) -> Option<Found> {
        let mut found = Found {
            rcode: Rcode::NOERROR,
            answers: vec![],
            authorities: vec![],
            age: Duration::ZERO,
            left: Duration::MAX,
        };
        let mut name = question.qname.clone();
        for _ in 0..MOST_ALIASES {
            let above = std::iter::successors(Some(name.clone()), Name::parent);
            let no_name = above.filter_map(|name| self.get(&name, About::NoName, now)).next();
            if let Some(denial) = no_name.or_else(|| self.get(&name, About::NoData(question.qtype), now)) {
                found.rcode = if no_name.is_some() { Rcode::NXDOMAIN } else { Rcode::NOERROR };
                denial.add_to(&mut found, now, |found| &mut found.authorities);
                return Some(found);
            }
            if let Some(asked) = self.get(&name, About::Set(question.qtype), now) {
                asked.add_to(&mut found, now, |found| &mut found.answers);
                return Some(found);
            }
            let alias = self.get(&name, About::Set(Type::CNAME), now)?;
            alias.add_to(&mut found, now, |found| &mut found.answers);
            name = alias.records.first()?.rdata.target()?.clone();
        }
        None
    }

    /// The zones whose servers are known at `now`.
    #[must_use]
    pub fn delegations(&self, now: Duration) -> Vec<Delegation> {
        let zones = self.kept.keys().filter(|(_, about)| *about == About::Servers);
        zones.filter_map(|(zone, _)| self.delegation(zone.clone(), now)).collect()
    }

    fn delegation(&self, zone: Name, now: Duration) -> Option<Delegation> {
        let kept = self.get(&zone, About::Servers, now)?;
        let addresses = |server: &Name| -> Vec<IpAddr> {
            let known = [About::Set(Type::A), About::Glue].into_iter().filter_map(|about| self.get(server, about, now));
            known
                .flat_map(|kept| &kept.records)
                .filter_map(|record| record.rdata.address())
                .take(MOST_ALIASES)
                .collect()
        };
        let names = kept.records.iter().filter_map(|record| record.rdata.target());
        let servers = names.map(|server| (server.clone(), addresses(server))).collect();
        Some(Delegation { zone, servers, left: kept.until.saturating_sub(now) })
    }

    fn get(&self, name: &Name, about: About, now: Duration) -> Option<&Kept> {
        self.kept.get(&(name.clone(), about)).filter(|kept| now < kept.until)
    }

    fn put(&mut self, name: Name, about: About, records: Vec<Record>, now: Duration) {
        // RFC 2181 section 5.2: the records of a set have one TTL; where they do not, the least of them is meant for all.
        // Section 8: one with the highest bit set "as if the entire value received was zero".
        let ttl = records.iter().map(|record| record.ttl).min().filter(|ttl| i32::try_from(*ttl).is_ok()).unwrap_or(0);
        // RFC 1035 section 3.2.1: a record with zero "can only be used for the transaction in progress".
        if ttl == 0 || self.most == 0 {
            return;
        }
        let records = records.into_iter().map(|record| Record { ttl, ..record }).collect();
        let key = (name, about);
        if self.kept.len() >= self.most && !self.kept.contains_key(&key) {
            let least = self.kept.iter().min_by_key(|(_, kept)| kept.until).map(|(key, _)| key.clone());
            least.map(|key| self.kept.remove(&key));
        }
        self.kept.insert(key, Kept { since: now, until: now + Duration::from_secs(ttl.into()), records });
    }
}

impl Kept {
    /// Adds the records to what is found, with the time that is left to them.
    fn add_to(&self, found: &mut Found, now: Duration, section: impl FnOnce(&mut Found) -> &mut Vec<Record>) {
        let age = now.saturating_sub(self.since);
        let seconds = u32::try_from(age.as_secs()).unwrap_or(u32::MAX);
        found.age = found.age.max(age);
        found.left = found.left.min(self.until.saturating_sub(now));
        let aged =
            self.records.iter().map(|record| Record { ttl: record.ttl.saturating_sub(seconds), ..record.clone() });
        section(found).extend(aged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dns::rdata::{Cname, Ns, Soa};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn question(text: &str, qtype: Type) -> Question {
        Question::new(name(text), qtype)
    }

    fn address(owner: &str, ttl: u32, last: u8) -> Record {
        Record::new(name(owner), ttl, Rdata::of_address([203, 0, 113, last].into()))
    }

    fn alias(owner: &str, ttl: u32, target: &str) -> Record {
        Record::new(name(owner), ttl, Rdata::Cname(Cname { cname: name(target) }))
    }

    fn soa(apex: &str, ttl: u32, minimum: u32) -> Record {
        let [mname, rname] = [name("ns1.example.com"), name("hostmaster.example.com")];
        let rdata = Rdata::Soa(Soa { mname, rname, serial: 1, refresh: 2, retry: 3, expire: 4, minimum });
        Record::new(name(apex), ttl, rdata)
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn time_to_live_runs_and_the_shortest_of_a_chain_ends_it() {
        let mut cache = Cache::new(10);
        let shop = question("shop.example.com", Type::A);
        let stray = address("elsewhere.example.org", 900, 66);
        let answers = [alias("shop.example.com", 300, "www.example.com"), address("www.example.com", 60, 10), stray];
        cache.keep(&shop, Rcode::NOERROR, &answers, &[], s(100));
        let found = cache.find(&question("SHOP.example.com", Type::A), s(130)).unwrap();
        assert_eq!(found.answers.iter().map(|record| record.ttl).collect::<Vec<_>>(), [270, 30]);
        assert_eq!((found.age, found.left, found.rcode), (s(30), s(30), Rcode::NOERROR));
        assert!(cache.find(&question("www.example.com", Type::A), s(159)).is_some(), "each set by itself");
        assert_eq!(cache.find(&shop, s(160)), None, "its address has run out");
        assert_eq!(cache.find(&question("shop.example.com", Type::CNAME), s(399)).unwrap().left, s(1));
        assert_eq!(cache.find(&question("elsewhere.example.org", Type::A), s(100)), None, "nobody asked for it");
    }

    #[test]
    fn nothing_is_kept_for_the_lesser_of_two_times_and_covers_what_is_below() {
        let mut cache = Cache::new(10);
        let (nosuch, www) = (question("nosuch.example.com", Type::A), question("www.example.com", Type::AAAA));
        cache.keep(&nosuch, Rcode::NXDOMAIN, &[], &[soa("example.com", 3600, 60)], s(0));
        cache.keep(&www, Rcode::NOERROR, &[], &[soa("example.com", 30, 60)], s(0));
        let found = cache.find(&question("a.nosuch.example.com", Type::MX), s(20)).unwrap();
        assert_eq!((found.rcode, found.left, found.authorities[0].ttl), (Rcode::NXDOMAIN, s(40), 40));
        assert_eq!(cache.find(&nosuch, s(60)), None);
        let found = cache.find(&www, s(20)).unwrap();
        assert_eq!((found.rcode, found.left), (Rcode::NOERROR, s(10)));
        assert_eq!(
            cache.find(&question("www.example.com", Type::A), s(20)),
            None,
            "of the other types nothing is known"
        );
    }

    #[test]
    fn what_may_not_be_kept_is_not() {
        let mut cache = Cache::new(10);
        let www = question("www.example.com", Type::A);
        cache.keep(&www, Rcode::NXDOMAIN, &[], &[], s(0));
        cache.keep(&www, Rcode::NXDOMAIN, &[], &[soa("example.org", 60, 60)], s(0));
        cache.keep(&www, Rcode::SERVFAIL, &[address("www.example.com", 60, 1)], &[], s(0));
        cache.keep(&www, Rcode::NOERROR, &[address("www.example.com", 0, 1)], &[], s(0));
        cache.keep(&www, Rcode::NOERROR, &[address("www.example.com", 1 << 31, 1)], &[], s(0));
        assert!(cache.is_empty());
        cache.keep(&www, Rcode::NOERROR, &[alias("www.example.com", 60, "www.example.com")], &[], s(0));
        assert_eq!(cache.find(&www, s(1)), None, "a circle ends");
    }

    #[test]
    fn who_serves_a_zone_is_known_and_is_no_answer() {
        let mut cache = Cache::new(10);
        let ns = |server: &str| Record::new(name("example.com"), 86_400, Rdata::Ns(Ns { nsdname: name(server) }));
        let servers = [ns("ns1.example.com"), ns("ns2.example.org")];
        cache.learn(&servers, &[address("ns1.example.com", 3600, 2), address("evil.example.org", 3600, 66)], s(0));
        let known = |at| cache.delegations(at);
        let delegation = known(s(10)).remove(0);
        assert_eq!((delegation.zone, delegation.left), (name("example.com"), s(86_390)));
        let ns1 = (name("ns1.example.com"), vec![IpAddr::from([203, 0, 113, 2])]);
        assert_eq!(delegation.servers, [ns1, (name("ns2.example.org"), vec![])]);
        assert_eq!(known(s(3600))[0].servers[0].1, [] as [IpAddr; 0], "its glue has run out");
        assert_eq!(known(s(86_400)), []);
        for asked in [question("example.com", Type::NS), question("ns1.example.com", Type::A)] {
            assert_eq!(cache.find(&asked, s(1)), None);
        }
    }

    #[test]
    fn cache_has_an_end_and_gives_up_what_has_least_time_left() {
        let mut cache = Cache::new(3);
        for (owner, ttl) in [("a", 50), ("b", 20), ("c", 90), ("d", 70), ("d", 70)] {
            cache.keep(&question(owner, Type::A), Rcode::NOERROR, &[address(owner, ttl, 1)], &[], s(0));
        }
        assert_eq!(cache.len(), 3);
        assert!(
            cache.find(&question("b", Type::A), s(1)).is_none() && cache.find(&question("d", Type::A), s(1)).is_some()
        );
    }
}
