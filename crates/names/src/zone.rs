//! A zone: the records that one server has authority for, from its apex down to where it hands authority on.
//!
//! Obeys RFC 1034 section 4.2 and RFC 2181 section 6.

use std::collections::BTreeMap;
use std::net::IpAddr;
use wire::dns::{Name, Rdata, Record, Type};

/// The records at and below an apex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    apex: Name,
    soa: Record,
    /// By name in the order of RFC 4034 section 6.1, in which all below a name stands behind it.
    nodes: BTreeMap<Name, BTreeMap<Type, Vec<Record>>>,
}

impl Zone {
    /// The zone with this SOA record and these others, which are at or below its name.
    pub(crate) fn new(soa: Record, records: Vec<Record>) -> Self {
        let mut nodes: BTreeMap<Name, BTreeMap<Type, Vec<Record>>> = BTreeMap::new();
        for record in [soa.clone()].into_iter().chain(records) {
            let set = nodes.entry(record.name.clone()).or_default().entry(record.rrtype()).or_default();
            // RFC 2181 section 5: a set has no record twice.
            if !set.contains(&record) {
                set.push(record);
            }
        }
        Self { apex: soa.name.clone(), soa, nodes }
    }

    /// Where it begins.
    #[must_use]
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// All records, by name.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.nodes.values().flat_map(BTreeMap::values).flatten()
    }

    /// The zone with another address wherever it has one of these.
    pub(crate) fn readdressed(&self, changed: &BTreeMap<IpAddr, IpAddr>) -> Self {
        let other = |record: &Record| {
            let address = record.rdata.address().and_then(|address| changed.get(&address));
            let rdata = address.map_or_else(|| record.rdata.clone(), |address| Rdata::of_address(*address));
            Record { rdata, ..record.clone() }
        };
        Self::new(self.soa.clone(), self.records().filter(|record| **record != self.soa).map(other).collect())
    }

    /// Why this record cannot stand beside others of the zone.
    ///
    /// RFC 2181 section 10.1: an alias "must not have any other data", but those of DNSSEC.
    pub(crate) fn conflict(&self, record: &Record) -> Option<String> {
        let node = self.nodes.get(&record.name)?;
        let aliases = node.get(&Type::CNAME)?.len();
        let is_beside = |rrtype: &&Type| ![Type::CNAME, Type::RRSIG, Type::NSEC, Type::KEY].contains(rrtype);
        match (node.keys().find(is_beside), aliases) {
            (Some(other), _) => Some(format!(
                "{} is an alias and has {other} too: where CNAME stands no other data may (RFC 2181 section 10.1)",
                record.name
            )),
            (None, 2..) => Some(format!("{} is an alias of two names (RFC 2181 section 10.1)", record.name)),
            (None, _) => None,
        }
    }

    /// The record that says there is nothing else, with the time for which that may be kept.
    ///
    /// RFC 2308 section 3: its time to live is "the minimum of the MINIMUM field of the SOA record and the TTL of the
    /// SOA itself".
    pub(crate) fn denial(&self) -> Record {
        let minimum = match &self.soa.rdata {
            Rdata::Soa(soa) => soa.minimum,
            _ => self.soa.ttl,
        };
        Record { ttl: self.soa.ttl.min(minimum), ..self.soa.clone() }
    }

    /// The records of this name and type, here or below a cut.
    pub(crate) fn set(&self, name: &Name, rrtype: Type) -> &[Record] {
        self.nodes.get(name).and_then(|node| node.get(&rrtype)).map(Vec::as_slice).unwrap_or_default()
    }

    /// All records of this name.
    pub(crate) fn sets(&self, name: &Name) -> impl Iterator<Item = &[Record]> {
        self.nodes.get(name).into_iter().flat_map(BTreeMap::values).map(Vec::as_slice)
    }

    /// Whether there is such a name: it has records, or a name below it has. RFC 4592 section 2.2.2 calls the second
    /// kind "empty non-terminals".
    ///
    /// RFC 5155 section 7.2.8: a name with nothing but NSEC3 and its signature is a digest, and answered for as if there
    /// were no such name.
    pub(crate) fn has(&self, name: &Name) -> bool {
        let is_name = |node: &BTreeMap<Type, _>| node.keys().any(|rrtype| ![Type::NSEC3, Type::RRSIG].contains(rrtype));
        let here_and_below = self.nodes.range(name..).take_while(|(next, _)| next.is_within(name));
        here_and_below.map(|(_, node)| node).any(|node| is_name(node) || !node.contains_key(&Type::NSEC3))
    }

    /// The servers of the zone below this one that `name` is in, seen from the apex; none: it is in this one.
    ///
    /// RFC 1034 section 4.3.2 step 3b: "if a match would take us out of the authoritative data, we have a referral".
    pub(crate) fn cut(&self, name: &Name) -> &[Record] {
        let above = std::iter::successors(Some(name.clone()), Name::parent);
        let below_apex = above.take_while(|name| name.is_within(&self.apex) && *name != self.apex);
        let cuts = below_apex.map(|name| self.set(&name, Type::NS)).filter(|set| !set.is_empty());
        cuts.last().unwrap_or_default()
    }

    /// The longest part of `name` that there is. RFC 4592 section 3.3.1: the closest encloser.
    pub(crate) fn closest_encloser(&self, name: &Name) -> Name {
        std::iter::successors(Some(name.clone()), Name::parent)
            .find(|name| self.has(name))
            .unwrap_or_else(|| self.apex.clone())
    }
}
