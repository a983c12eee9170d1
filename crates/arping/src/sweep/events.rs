//! What happens in a sweep, as data: the engine tells, text and JSON show.

use super::census::Counts;
use crate::prefix::Prefix;
use crate::words::{Delivery, Frame, Operation, text, texts};
use cli::RttSummary;
use serde::Serialize;
use std::net::Ipv4Addr;
use wire::{Mac, WireError};

/// One thing that happened. As JSON, `event` names the variant in snake case.
///
/// All `at_ns` are nanoseconds of the host's time; all MAC addresses are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Who asks for what over which interface.
    Start {
        /// When.
        at_ns: u64,
        /// What is swept.
        prefix: Prefix,
        /// How many addresses are to be asked for, ours among them.
        addresses: usize,
        /// The address asked from.
        source: Ipv4Addr,
        /// Our own station.
        #[serde(serialize_with = "text")]
        source_mac: Mac,
        /// The interface.
        interface: String,
    },
    /// A round begins.
    Round {
        /// When.
        at_ns: u64,
        /// Its number, from 1 on.
        number: u32,
        /// How many addresses are to be asked for in it.
        requests: usize,
    },
    /// Somebody answered.
    Reply {
        /// When.
        at_ns: u64,
        /// In which round.
        round: u32,
        /// For all on the link, or for us alone.
        delivery: Delivery,
        /// The address that was asked for: the packet's sender.
        from: Ipv4Addr,
        /// Its station, as the packet says.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// The station that sent the frame; another one than `mac` is worth a look.
        #[serde(serialize_with = "text")]
        frame_source: Mac,
        /// Time since the last request for this address.
        rtt_ns: u64,
    },
    /// An ARP packet that is no answer; told with `-v`.
    Heard {
        /// When.
        at_ns: u64,
        /// Request, reply or a number.
        operation: Operation,
        /// For all on the link, or for one.
        delivery: Delivery,
        /// The packet's sender.
        from: Ipv4Addr,
        /// Its station, as the packet says.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// Whom the packet is about.
        target: Ipv4Addr,
    },
    /// One more station says that it has an address.
    Duplicate {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// All stations that said so, ours first if the address is ours, then in the order in which they were heard.
        #[serde(serialize_with = "texts")]
        macs: Vec<Mac>,
    },
    /// A frame says that it is ARP, and is not.
    Malformed {
        /// When.
        at_ns: u64,
        /// The station that sent it.
        #[serde(serialize_with = "text")]
        from: Mac,
        /// The header, the field and the byte.
        #[serde(serialize_with = "text")]
        problem: WireError,
    },
    /// A frame; told where frames are explained, and never as JSON.
    #[serde(skip_serializing)]
    Frame(Frame),
    /// What came of it all. Always the last.
    Summary(Summary),
}

/// What came of it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// When it ended.
    pub at_ns: u64,
    /// Why it ended.
    pub ended: Ended,
    /// What was swept.
    pub prefix: Prefix,
    /// How many addresses were to be asked for.
    pub addresses: usize,
    /// How many were, and what came of it.
    #[serde(flatten)]
    pub counts: Counts,
    /// Requests sent.
    pub sent: u64,
    /// Answers received, all that came.
    pub received: u64,
    /// From the start to the end.
    pub span_ns: u64,
    /// All stations that have an address or say so, by address.
    pub stations: Vec<Row>,
    /// Round trip times, of the first answer for each address.
    pub rtt: Option<RttSummary>,
}

/// A station that has an address, or says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The address.
    pub address: Ipv4Addr,
    /// The station.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
    /// Whether it is our own.
    pub ours: bool,
    /// Whether there is another with this address.
    pub duplicate: bool,
    /// How long its answer took; none if it is ours, or claimed the address to others and gave us no answer.
    pub rtt_ns: Option<u64>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All addresses are answered for.
    Answered,
    /// All rounds are over, and the wait after them.
    Rounds,
    /// `-w`.
    Deadline,
    /// `-f`.
    FirstReply,
    /// Ctrl-C.
    Interrupted,
}
