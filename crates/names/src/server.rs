//! What a name server answers from its zones.
//!
//! Obeys RFC 1034 section 4.3.2, RFC 2308 section 2 (that there is nothing), RFC 4592 (wildcards), RFC 6891 section 6.2
//! and section 7 (EDNS), RFC 5001 (which server this is), RFC 9619 (one question).

use crate::Zone;
use std::collections::BTreeMap;
use std::net::IpAddr;
use wire::dns::{
    Class, Edns, EdnsOption, Header, LEAST_PAYLOAD, Message, Name, Opcode, Question, Rcode, Rdata, Record, Type,
};

/// The longest datagram that this server takes, bytes: what passes every link, as the operators of servers have agreed.
const PAYLOAD: u16 = 1232;
/// More aliases than this behind each other are not followed.
const MOST_ALIASES: usize = 16;

/// A server with authority for zones. One without any refuses every question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    zones: Vec<Zone>,
    identifier: Vec<u8>,
}

impl Server {
    /// A server of these zones.
    #[must_use]
    pub fn new(zones: Vec<Zone>) -> Self {
        Self { zones, identifier: vec![] }
    }

    /// With what it says to who asks which server it is (RFC 5001).
    #[must_use]
    pub fn identified_by(self, identifier: &str) -> Self {
        Self { identifier: identifier.as_bytes().to_vec(), ..self }
    }

    /// With another address wherever its zones have one of these: the same server in a network with other addresses.
    #[must_use]
    pub fn readdressed(&self, changed: &BTreeMap<IpAddr, IpAddr>) -> Self {
        let zones = self.zones.iter().map(|zone| zone.readdressed(changed)).collect();
        Self { zones, identifier: self.identifier.clone() }
    }

    /// The zones.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The bytes that answer these of a datagram; `None`: nothing does.
    #[must_use]
    pub fn datagram(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        within_payload(bytes, |query| self.answer(query))
    }

    /// The bytes that answer these of a message in a stream, without the length before either; `None`: nothing does.
    #[must_use]
    pub fn stream(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        read(bytes).map(|query| query.map_or_else(|refusal| refusal, |query| self.answer(&query)).bytes())
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, query: &Message) -> Message {
        let question = match question_of(query) {
            Ok(question) => question,
            Err(rcode) => return self.with_edns(query, refused(query, rcode)),
        };
        let mut answer = reply_to(query);
        if question.qclass != Class::IN && question.qclass != Class::ANY {
            return self.with_edns(query, refused(query, Rcode::REFUSED));
        }
        let rcode = self.search(question, &mut answer);
        self.help(&mut answer);
        answer.header.rcode = low_bits(rcode);
        self.with_edns(query, answer)
    }

    /// Fills the sections: RFC 1034 section 4.3.2, step 2 to 5.
    fn search(&self, question: &Question, answer: &mut Message) -> Rcode {
        let mut name = question.qname.clone();
        for _ in 0..MOST_ALIASES {
            let Some(zone) = self.zone_of(&name, question.qtype) else {
                // An alias led out of what this server knows: who asked goes on elsewhere.
                return if answer.answers.is_empty() { Rcode::REFUSED } else { Rcode::NOERROR };
            };
            let cut = zone.cut(&name);
            // RFC 4035 section 3.1.4.1: DS is the one type whose authority is the parent's.
            let is_parents = question.qtype == Type::DS && cut.first().is_some_and(|ns| ns.name == name);
            if !cut.is_empty() && !is_parents {
                answer.authorities.extend_from_slice(cut);
                return Rcode::NOERROR;
            }
            // AA is about "the first owner name in the answer section": RFC 1035 section 4.1.1.
            answer.header.aa = true;
            let Some(source) = source_of(zone, &name) else {
                answer.authorities.push(zone.denial());
                return Rcode::NXDOMAIN;
            };
            let alias = zone.set(&source, Type::CNAME).first();
            let is_asked = |rrtype: Type| rrtype == question.qtype || question.qtype == Type::ANY;
            if let Some(alias) = alias.filter(|_| !is_asked(Type::CNAME)) {
                answer.answers.push(owned(alias, &name));
                match alias.rdata.target().filter(|target| answer.answers.iter().all(|record| record.name != **target))
                {
                    Some(target) => name = target.clone(),
                    None => return Rcode::NOERROR, // a circle
                }
                continue;
            }
            let sets = zone.sets(&source).filter(|set| set.first().is_some_and(|record| is_asked(record.rrtype())));
            let found: Vec<Record> = sets.flatten().map(|record| owned(record, &name)).collect();
            if found.is_empty() {
                answer.authorities.push(zone.denial());
            }
            answer.answers.extend(found);
            return Rcode::NOERROR;
        }
        Rcode::NOERROR
    }

    /// RFC 1034 section 4.3.2 step 2: "Search the available zones for the zone which is the nearest ancestor to QNAME."
    fn zone_of(&self, name: &Name, qtype: Type) -> Option<&Zone> {
        let depth = |zone: &&Zone| zone.apex().labels().count();
        let fits = |zone: &&Zone| name.is_within(zone.apex());
        let nearest = self.zones.iter().filter(fits).max_by_key(depth)?;
        if qtype != Type::DS || nearest.apex() != name {
            return Some(nearest);
        }
        let parents = self.zones.iter().filter(fits).filter(|zone| zone.apex() != name);
        parents.max_by_key(depth).or(Some(nearest))
    }

    /// Step 6: the addresses of what the records lead to, as far as they are known here. Below a cut they are glue.
    fn help(&self, answer: &mut Message) {
        let leads = |record: &&Record| matches!(record.rrtype(), Type::NS | Type::MX | Type::SRV);
        let records = answer.answers.iter().chain(&answer.authorities).filter(leads);
        let targets: Vec<Name> = records.filter_map(|record| record.rdata.target().cloned()).collect();
        for target in targets {
            for rrtype in [Type::A, Type::AAAA] {
                let sets = self.zones.iter().filter(|zone| target.is_within(zone.apex()));
                let known = sets.map(|zone| zone.set(&target, rrtype)).find(|set| !set.is_empty());
                for record in known.unwrap_or_default() {
                    if !answer.answers.contains(record) && !answer.additionals.contains(record) {
                        answer.additionals.push(record.clone());
                    }
                }
            }
        }
    }

    /// RFC 6891 section 6.1.1: "If an OPT record is present in a received request, compliant responders MUST include an
    /// OPT record in their respective responses."
    fn with_edns(&self, query: &Message, mut answer: Message) -> Message {
        let Some(asked) = query.edns() else { return answer.sealed() };
        let mut edns = Edns { dnssec_ok: asked.dnssec_ok, ..Edns::new(PAYLOAD) };
        if asked.version > 0 {
            // Section 6.1.3: the highest version that this side knows, and BADVERS.
            answer = reply_to(query);
            edns.extended_rcode = high_bits(Rcode::BADVERS);
        }
        let wants_identifier = asked.options.iter().any(|option| matches!(option, EdnsOption::Nsid(_)));
        if wants_identifier && !self.identifier.is_empty() {
            edns.options.push(EdnsOption::Nsid(self.identifier.clone()));
        }
        answer.additionals.push(edns.record());
        answer.sealed()
    }
}

/// The bytes of what `answer` says to the query in a datagram, cut to what its sender takes; `None`: nothing is to be
/// said.
///
/// RFC 6891 section 6.2.3: "Values lower than 512 MUST be treated as equal to 512."
pub(crate) fn within_payload(bytes: &[u8], answer: impl FnOnce(&Message) -> Message) -> Option<Vec<u8>> {
    Some(match read(bytes)? {
        Ok(query) => {
            let payload = query.edns().map_or(0, |edns| usize::from(edns.payload_size));
            answer(&query).bytes_within(payload.max(LEAST_PAYLOAD))
        }
        Err(refusal) => refusal.bytes(),
    })
}

/// The query in these bytes, or how they are refused; `None` for what is no query, so that two servers never talk for
/// ever.
pub(crate) fn read(bytes: &[u8]) -> Option<Result<Message, Message>> {
    let (header, _) = Header::take(bytes).ok().filter(|(header, _)| !header.qr)?;
    Some(match Message::parse(bytes) {
        Ok((query, _)) => Ok(query),
        Err(_) => Err(refused(&Message::new(header), Rcode::FORMERR).sealed()),
    })
}

/// The one question of a query, or why it has no answer.
pub(crate) fn question_of(query: &Message) -> Result<&Question, Rcode> {
    match (Opcode(query.header.opcode), query.questions.as_slice()) {
        (Opcode::QUERY, [question]) => Ok(question),
        // RFC 9619 section 4: a query with more than one question "MUST" get FORMERR.
        (Opcode::QUERY, _) => Err(Rcode::FORMERR),
        _ => Err(Rcode::NOTIMP),
    }
}

/// An answer that says nothing yet.
fn reply_to(query: &Message) -> Message {
    Message { questions: query.questions.clone(), ..Message::new(query.header.answer()) }
}

fn refused(query: &Message, rcode: Rcode) -> Message {
    let mut answer = reply_to(query);
    answer.header.rcode = low_bits(rcode);
    answer
}

/// Whose records answer for `name`: its own, or those of the wildcard that covers it; `None`: nobody's.
///
/// RFC 4592 section 3.3.1: "the source of synthesis" is the asterisk label below the closest encloser.
fn source_of(zone: &Zone, name: &Name) -> Option<Name> {
    if zone.has(name) {
        return Some(name.clone());
    }
    zone.closest_encloser(name).child(b"*").filter(|wildcard| zone.has(wildcard))
}

/// The record as `name` has it: another name where a wildcard stands for it.
fn owned(record: &Record, name: &Name) -> Record {
    if record.name == *name { record.clone() } else { Record { name: name.clone(), ..record.clone() } }
}

fn low_bits(rcode: Rcode) -> u8 {
    u8::try_from(rcode.0 & 15).unwrap_or_default()
}

fn high_bits(rcode: Rcode) -> u8 {
    u8::try_from(rcode.0 >> 4).unwrap_or_default()
}

/// Whether a record is an address of `name`.
pub(crate) fn address_of<'r>(record: &'r Record, name: &Name) -> Option<&'r Rdata> {
    (record.name == *name && record.rdata.address().is_some()).then_some(&record.rdata)
}
