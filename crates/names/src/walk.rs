//! How a resolver finds who to ask: from the root down, by referrals, one question at a time.
//!
//! Obeys RFC 1034 section 5.3.3, RFC 2181 section 5.4.1 (whose word is taken for what) and RFC 5452 section 6 (out of
//! bailiwick).
//!
//! One rule for whoever runs it: **take [`Walk::next_step`]; where it is a question, ask it and hand what came of it to
//! [`Walk::heard`]; do this until it is an end.** What a walk learns, servers of zones and their addresses, stays with
//! it, and serves its later questions.

use crate::server::address_of;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use wire::dns::{Message, Name, Question, Rcode, Record, Type};

/// More questions than this are not asked for one name.
const MOST_QUESTIONS: usize = 64;
/// More aliases than this behind each other are not followed.
const MOST_ALIASES: usize = 16;
/// As many names of servers within each other are looked up.
const MOST_DEPTH: usize = 8;

/// A server of the root that is known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Its name.
    pub name: Name,
    /// Its address.
    pub address: IpAddr,
}

/// Where the address of a server comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was known beforehand.
    Hint,
    /// It stood beside the referral that this zone's servers gave. RFC 9471 section 2: without it nobody could ask on.
    Glue(Name),
    /// It was asked for by its name: the referral had no address that its sender could vouch for.
    Lookup,
    /// It was learnt on an earlier walk, and kept.
    Cache,
}

/// A question, and to whom it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The question.
    pub question: Question,
    /// The zone that the server is said to have authority for.
    pub zone: Name,
    /// The server's name.
    pub server: Name,
    /// Its address.
    pub address: IpAddr,
    /// Where that comes from.
    pub origin: Origin,
    /// The server for whose address this is asked, where it is not the walk's own question.
    pub for_server: Option<Name>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask this.
    Ask(Ask),
    /// There is nothing left to ask.
    End(Outcome),
}

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// NOERROR, NXDOMAIN, or SERVFAIL where nobody could be asked.
    pub rcode: Rcode,
    /// The records that answer the question, aliases first.
    pub answers: Vec<Record>,
    /// The SOA record that says there are none.
    pub authorities: Vec<Record>,
    /// Why nobody could be asked.
    pub failed: Option<&'static str>,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Other servers have authority.
    Referral {
        /// For this zone.
        zone: Name,
        /// Their names.
        servers: Vec<Name>,
        /// Those of which an address stood beside it that its sender may vouch for.
        with_glue: Vec<Name>,
        /// Addresses beside it that are not taken: their names are outside of the sender's zone.
        refused: Vec<Record>,
    },
    /// The records.
    Answer,
    /// The name is an alias, and the walk goes on with this one.
    Alias(Name),
    /// With authority: there is no such name.
    NoName,
    /// With authority: the name has no such records.
    NoData,
    /// It is of no use, and the next server is asked.
    Unusable(Unusable),
}

/// Why an answer is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// There is none.
    Silence,
    /// The server says that it will not or cannot.
    Refused(Rcode),
    /// It refers to servers of its own zone, of one above or of one beside: it has no authority (a lame server, RFC
    /// 9499 section 7).
    Upwards,
    /// It answers, and does not say that it has authority.
    NotAuthoritative,
    /// An alias that leads back to where it was, or too many of them.
    Circle,
}

/// A walk.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The question, and those for addresses of servers that it waits for, the innermost last.
    tasks: Vec<Task>,
    /// The names of each zone's servers.
    zones: BTreeMap<Name, Vec<Name>>,
    addresses: BTreeMap<Name, Vec<(IpAddr, Origin)>>,
    /// Servers whose addresses nobody could tell.
    nowhere: BTreeSet<Name>,
    /// Who was asked last.
    asked: Option<Ask>,
    questions: usize,
    outcome: Option<Outcome>,
}

/// A question on its way.
#[derive(Debug, Clone)]
struct Task {
    question: Question,
    for_server: Option<Name>,
    /// Aliases on the way.
    answers: Vec<Record>,
    /// Names that were aliases, and servers that were of no use for a zone.
    aliases: Vec<Name>,
    useless: BTreeSet<(Name, IpAddr)>,
}

impl Task {
    fn new(question: Question, for_server: Option<Name>) -> Self {
        Self { question, for_server, answers: vec![], aliases: vec![], useless: BTreeSet::new() }
    }
}

impl Walk {
    /// A walk for the answer to `question`, from these servers of the root.
    #[must_use]
    pub fn new(question: Question, hints: &[Hint]) -> Self {
        let mut addresses: BTreeMap<Name, Vec<(IpAddr, Origin)>> = BTreeMap::new();
        for hint in hints {
            addresses.entry(hint.name.clone()).or_default().push((hint.address, Origin::Hint));
        }
        let servers = addresses.keys().cloned().collect();
        Self {
            tasks: vec![Task::new(question, None)],
            zones: BTreeMap::from([(Name::root(), servers)]),
            addresses,
            nowhere: BTreeSet::new(),
            asked: None,
            questions: 0,
            outcome: None,
        }
    }

    /// Says who serves a zone, by what an earlier walk has learnt: it begins at the nearest zone that it knows.
    #[must_use]
    pub fn knowing(mut self, delegation: crate::Delegation) -> Self {
        let names = delegation.servers.iter().map(|(name, _)| name.clone()).collect();
        for (name, addresses) in delegation.servers {
            let known = self.addresses.entry(name).or_default();
            known.extend(addresses.into_iter().map(|address| (address, Origin::Cache)));
            known.dedup_by_key(|(address, _)| *address);
        }
        self.addresses.retain(|_, known| !known.is_empty());
        self.zones.insert(delegation.zone, names);
        self
    }

    /// What to do now. Asked again without [`Walk::heard`] between, it says the same.
    pub fn next_step(&mut self) -> Next {
        if let Some(asked) = &self.asked {
            return Next::Ask(asked.clone());
        }
        loop {
            if let Some(outcome) = &self.outcome {
                return Next::End(outcome.clone());
            }
            if self.questions >= MOST_QUESTIONS {
                self.outcome = Some(failed("so many questions that there is no end to be seen"));
                continue;
            }
            if let Some(ask) = self.choose() {
                self.questions += 1;
                self.asked = Some(ask.clone());
                return Next::Ask(ask);
            }
        }
    }

    /// Who is asked next: a server of the nearest zone that is known. `None`: that changed what is to be done.
    fn choose(&mut self) -> Option<Ask> {
        let task = self.tasks.last()?;
        let above = std::iter::successors(Some(task.question.qname.clone()), Name::parent);
        let (zone, servers) = above.filter_map(|name| Some((name.clone(), self.zones.get(&name)?.clone()))).next()?;
        for server in &servers {
            for (address, origin) in self.addresses.get(server).into_iter().flatten() {
                if !task.useless.contains(&(zone.clone(), *address)) {
                    let (question, for_server) = (task.question.clone(), task.for_server.clone());
                    let (server, address, origin) = (server.clone(), *address, origin.clone());
                    return Some(Ask { question, zone, server, address, origin, for_server });
                }
            }
        }
        // No address is left: one of them has a name only, and that is a question of its own. One that stands below the
        // zone itself could only be answered by those servers.
        let is_asked_for = |name: &Name| self.tasks.iter().any(|task| task.for_server.as_ref() == Some(name));
        let nameless = servers.iter().find(|name| {
            let known = self.addresses.contains_key(*name) || self.nowhere.contains(*name);
            !known && !is_asked_for(name) && !name.is_within(&zone)
        });
        match nameless.filter(|_| self.tasks.len() < MOST_DEPTH) {
            Some(server) => self.tasks.push(Task::new(Question::new(server.clone(), Type::A), Some(server.clone()))),
            None => self.end_task(failed("no server of a zone on the way could be asked")),
        }
        None
    }

    /// What came of the last question; `None`: nothing did.
    pub fn heard(&mut self, message: Option<&Message>) -> Judged {
        let Some(ask) = self.asked.take() else { return Judged::Unusable(Unusable::Silence) };
        let judged = message.map_or(Judged::Unusable(Unusable::Silence), |message| self.judge(&ask, message));
        // A circle of aliases is no server's fault, and has ended its question.
        if let (Judged::Unusable(why), Some(task)) = (&judged, self.tasks.last_mut())
            && *why != Unusable::Circle
        {
            task.useless.insert((ask.zone, ask.address));
        }
        judged
    }

    fn judge(&mut self, ask: &Ask, message: &Message) -> Judged {
        let rcode = message.rcode();
        if rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN {
            return Judged::Unusable(Unusable::Refused(rcode));
        }
        let (found, end) = chain(&ask.question, &ask.zone, message);
        if message.header.aa && (!found.is_empty() || ends_here(message)) {
            return self.settle(ask, message, found, end);
        }
        if !found.is_empty() {
            return Judged::Unusable(Unusable::NotAuthoritative);
        }
        self.refer(ask, message)
    }

    /// An answer with authority.
    fn settle(&mut self, ask: &Ask, message: &Message, found: Vec<Record>, end: Name) -> Judged {
        let Some(task) = self.tasks.last_mut() else { return Judged::Answer };
        let has_answer =
            found.last().is_some_and(|last| last.rrtype() != Type::CNAME) || ask.question.qtype == Type::CNAME;
        let aliases = found.iter().filter(|record| record.rrtype() == Type::CNAME).count();
        let denies =
            message.rcode() == Rcode::NXDOMAIN || message.authorities.iter().any(|record| record.rrtype() == Type::SOA);
        let is_circle = !has_answer && found.iter().any(|record| record.name == end);
        let leads_on = !found.is_empty() && !has_answer;
        let is_denied = denies && end.is_within(&ask.zone);
        if is_circle || leads_on && !is_denied {
            task.aliases.push(ask.question.qname.clone());
            if is_circle || task.aliases.contains(&end) || task.aliases.len() + aliases > MOST_ALIASES {
                self.end_task(failed("an alias leads back to itself"));
                return Judged::Unusable(Unusable::Circle);
            }
            task.answers.extend(found);
            task.question.qname = end.clone();
            return Judged::Alias(end);
        }
        let answers = [std::mem::take(&mut task.answers), found].concat();
        let authorities: Vec<Record> = match has_answer {
            true => vec![],
            false => message.authorities.iter().filter(|record| record.rrtype() == Type::SOA).cloned().collect(),
        };
        let rcode = message.rcode();
        self.end_task(Outcome { rcode, answers, authorities, failed: None });
        match (has_answer, rcode) {
            (true, _) => Judged::Answer,
            (false, Rcode::NXDOMAIN) => Judged::NoName,
            (false, _) => Judged::NoData,
        }
    }

    /// An answer that is none, and may tell who has one.
    fn refer(&mut self, ask: &Ask, message: &Message) -> Judged {
        let servers = message.authorities.iter().filter(|record| record.rrtype() == Type::NS);
        // RFC 1034 section 5.3.3 step 4b: a "better delegation" is nearer to the name than what is known already.
        let is_nearer = |record: &&Record| {
            let zone = &record.name;
            ask.question.qname.is_within(zone) && zone.is_within(&ask.zone) && *zone != ask.zone
        };
        let Some(zone) = servers.clone().find(is_nearer).map(|record| record.name.clone()) else {
            let refers = servers.clone().next().is_some();
            return Judged::Unusable(if refers { Unusable::Upwards } else { Unusable::NotAuthoritative });
        };
        let names: Vec<Name> =
            servers.filter(|record| record.name == zone).filter_map(|record| record.rdata.target().cloned()).collect();
        let (mut with_glue, mut refused) = (vec![], vec![]);
        for name in &names {
            let beside =
                message.additionals.iter().filter_map(|record| Some((record, address_of(record, name)?.address()?)));
            for (record, address) in beside {
                // RFC 5452 section 6: what is not within the zone of who says it is not taken.
                if !name.is_within(&ask.zone) {
                    refused.push(record.clone());
                    continue;
                }
                let known = self.addresses.entry(name.clone()).or_default();
                if known.iter().all(|(known, _)| *known != address) {
                    known.push((address, Origin::Glue(ask.zone.clone())));
                }
                if !with_glue.contains(name) {
                    with_glue.push(name.clone());
                }
            }
        }
        self.zones.insert(zone.clone(), names.clone());
        Judged::Referral { zone, servers: names, with_glue, refused }
    }

    /// Ends the innermost question; if it was for a server's address, its answer is that.
    fn end_task(&mut self, outcome: Outcome) {
        let Some(task) = self.tasks.pop() else { return };
        let Some(server) = task.for_server else {
            self.outcome = Some(outcome);
            return;
        };
        let found: Vec<(IpAddr, Origin)> =
            outcome.answers.iter().filter_map(|record| Some((record.rdata.address()?, Origin::Lookup))).collect();
        if found.is_empty() {
            self.nowhere.insert(server);
        } else {
            self.addresses.insert(server, found);
        }
    }
}

/// The records of an answer that are about the question: from alias to alias, as far as they are within the zone of who
/// answers; and the name that they lead to.
fn chain(question: &Question, zone: &Name, message: &Message) -> (Vec<Record>, Name) {
    let (mut found, mut name) = (vec![], question.qname.clone());
    for _ in 0..MOST_ALIASES {
        let of_name = message.answers.iter().filter(|record| record.name == name && name.is_within(zone));
        let asked: Vec<Record> = of_name
            .clone()
            .filter(|record| record.rrtype() == question.qtype || question.qtype == Type::ANY)
            .cloned()
            .collect();
        if !asked.is_empty() {
            found.extend(asked);
            break;
        }
        let Some(alias) = of_name.into_iter().find(|record| record.rrtype() == Type::CNAME) else { break };
        let Some(target) = alias.rdata.target() else { break };
        let is_circle = *target == name || found.iter().any(|record: &Record| record.name == *target);
        name = target.clone();
        found.push(alias.clone());
        if is_circle {
            break;
        }
    }
    (found, name)
}

/// Whether an answer with authority and without records is one: not where it refers on.
fn ends_here(message: &Message) -> bool {
    let has = |rrtype: Type| message.authorities.iter().any(|record| record.rrtype() == rrtype);
    message.rcode() == Rcode::NXDOMAIN || has(Type::SOA) || !has(Type::NS)
}

fn failed(why: &'static str) -> Outcome {
    Outcome { rcode: Rcode::SERVFAIL, answers: vec![], authorities: vec![], failed: Some(why) }
}
