//! Which packets are wanted, in a few plain words: `tcp and port 80`, `host 10.0.0.5 or arp`, `not net 10.0.0.0/8`.
//!
//! ```text
//! filter = group { "or" group }
//! group  = test { ["and"] test }
//! test   = "not" test | "(" filter ")" | PROTOCOL | "problem" | "lost" | "comment" | "interface" NAME
//!        | ["from" | "to"] ( "host" ADDRESS | "net" ADDRESS "/" BITS | "port" NUMBER [ "-" NUMBER ] )
//! ```
//!
//! `from ADDRESS` is `from host ADDRESS`, and an address or a prefix alone is a `host` or a `net`. A test is about the packet
//! itself, not about one that an ICMP error quotes; `host` and `net` are about ARP too, as in tcpdump.

mod parse;
mod prefix;

use crate::capture::Record;
use crate::ends::Ends;
use crate::marks::{is_lost, matters};
use prefix::Prefix;
use std::ops::RangeInclusive;
use wire::Mac;
use wire::dissect::{Dissection, Protocol};

/// What a packet must be to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these; none: anything.
    All(Vec<Filter>),
    /// One of these at the least.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// This.
    Test(Test),
}

/// One thing that a packet is or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It has a header of this protocol.
    Protocol(Protocol),
    /// It has an address of this prefix.
    Net(Side, Prefix),
    /// It is from or to this station on the link.
    Station(Side, Mac),
    /// It has a port of these.
    Port(Side, RangeInclusive<u16>),
    /// Something is wrong with it.
    Problem,
    /// It never arrived.
    Lost,
    /// Somebody noted something about it.
    Comment,
    /// It was captured there.
    Interface(String),
}

/// Which end of the packet is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The sender.
    From,
    /// Whom it is for.
    To,
    /// One of both.
    Either,
}

impl Filter {
    /// The one that lets all pass.
    #[must_use]
    pub fn anything() -> Self {
        Self::All(vec![])
    }

    /// Whether it passes; `packet` is missing where nobody can take it apart.
    #[must_use]
    pub fn passes(&self, record: &Record<'_>, packet: Option<&Dissection<'_>>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.passes(record, packet)),
            Self::Any(any) => any.iter().any(|one| one.passes(record, packet)),
            Self::Not(other) => !other.passes(record, packet),
            Self::Test(test) => test.passes(record, packet),
        }
    }
}

impl Test {
    fn passes(&self, record: &Record<'_>, packet: Option<&Dissection<'_>>) -> bool {
        let ends = || packet.map(Ends::of).unwrap_or_default();
        match self {
            Self::Protocol(protocol) => packet.is_some_and(|packet| packet.layer(*protocol).is_some()),
            Self::Net(side, net) => ends().addresses.is_some_and(|both| side.among(&both, |one| net.contains(*one))),
            Self::Station(side, mac) => ends().macs.is_some_and(|both| side.among(&both, |one| one == mac)),
            Self::Port(side, ports) => ends().ports.is_some_and(|both| side.among(&both, |one| ports.contains(one))),
            Self::Problem => packet.is_some_and(|packet| packet.problems().iter().any(matters)),
            Self::Lost => is_lost(record),
            Self::Comment => record.packet.comment.is_some(),
            Self::Interface(name) => record.interface.name.as_ref() == Some(name),
        }
    }
}

impl Side {
    /// Whether `wanted` holds at this side of `[from, to]`.
    fn among<T>(self, both: &[T; 2], wanted: impl Fn(&T) -> bool) -> bool {
        let [from, to] = both;
        match self {
            Self::From => wanted(from),
            Self::To => wanted(to),
            Self::Either => wanted(from) || wanted(to),
        }
    }
}

#[cfg(test)]
mod tests;
