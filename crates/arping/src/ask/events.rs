//! What happens while one address is asked for, as data: the engine tells, text and JSON show.

use crate::words::{Delivery, Frame, Operation, maybe_text, text, texts};
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
    /// Who asks whom over which interface.
    Start {
        /// When.
        at_ns: u64,
        /// What is sent.
        purpose: Purpose,
        /// The address asked for, or announced.
        target: Ipv4Addr,
        /// The address asked from.
        source: Ipv4Addr,
        /// Our own station.
        #[serde(serialize_with = "text")]
        source_mac: Mac,
        /// The interface.
        interface: String,
    },
    /// A packet left.
    Sent {
        /// When.
        at_ns: u64,
        /// How many have been sent, with this one.
        number: u64,
        /// For all on the link, or for one.
        delivery: Delivery,
        /// The station it went to.
        #[serde(serialize_with = "text")]
        to: Mac,
    },
    /// The target answered.
    Reply {
        /// When.
        at_ns: u64,
        /// How many requests had been sent.
        number: u64,
        /// For all on the link, or for us alone.
        delivery: Delivery,
        /// Who answered: the packet's sender.
        from: Ipv4Addr,
        /// Its station, as the packet says.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// The station that sent the frame; another one than `mac` is worth a look.
        #[serde(serialize_with = "text")]
        frame_source: Mac,
        /// Time since the last request. ARP has no sequence number: an answer that comes late belongs to an earlier one.
        rtt_ns: u64,
    },
    /// An ARP packet that is no answer; told with `--table` or `-v`.
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
    /// A second station says that it has the target's address.
    Duplicate {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// All stations that said so, in the order in which they were heard.
        #[serde(serialize_with = "texts")]
        macs: Vec<Mac>,
    },
    /// Somebody else uses the address that was probed or announced, or wants to.
    Conflict {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// Request, reply or a number.
        operation: Operation,
        /// For all on the link, or for one.
        delivery: Delivery,
        /// The packet's sender; unspecified if it is a probe for the same address.
        from: Ipv4Addr,
        /// Its station.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// Time since the last packet of ours, if there was one.
        rtt_ns: Option<u64>,
    },
    /// Nobody answered a request before the next one was due.
    Silence {
        /// When.
        at_ns: u64,
        /// The request's number.
        number: u64,
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
    /// This host's ARP table; told with `--table`.
    Table {
        /// When.
        at_ns: u64,
        /// Why it is told.
        when: When,
        /// All entries.
        entries: Vec<Entry>,
    },
    /// A frame; told where frames are explained, and never as JSON.
    #[serde(skip_serializing)]
    Frame(Frame),
    /// What came of it all. Always the last.
    Summary(Summary),
}

/// What is sent, and to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Requests: who has the target?
    Ask,
    /// Probes: is the target free? RFC 5227 section 2.1.
    Detect,
    /// Replies that nobody asked for.
    AnnounceByReply,
    /// Announcements: RFC 5227 section 2.3.
    AnnounceByRequest,
}

/// Why a table is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum When {
    Start,
    Change,
    End,
}

/// An entry of an ARP table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// On which interface.
    pub interface: String,
    /// The neighbour.
    pub address: Ipv4Addr,
    /// Its station; none while it is being asked for.
    #[serde(serialize_with = "maybe_text")]
    pub mac: Option<Mac>,
}

/// What came of it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// When it ended.
    pub at_ns: u64,
    /// Why it ended.
    pub ended: Ended,
    /// The answer to what was asked.
    pub verdict: Answer,
    /// The address asked for, or announced.
    pub target: Ipv4Addr,
    /// Packets sent.
    pub sent: u64,
    /// Those of them that were for all on the link.
    pub sent_broadcast: u64,
    /// Answers received, all that came.
    pub received: u64,
    /// Those of them that were for all on the link.
    pub received_broadcast: u64,
    /// Requests that had an answer before the next was due.
    pub answered: u64,
    /// All stations that said they have the address.
    #[serde(serialize_with = "texts")]
    pub macs: Vec<Mac>,
    /// Round trip times, of the first answer to each request.
    pub rtt: Option<RttSummary>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All was sent that was to be sent.
    Count,
    /// `-w`.
    Deadline,
    /// `-f`.
    FirstReply,
    /// The question of `-D` was answered.
    Conflict,
    /// Ctrl-C.
    Interrupted,
    /// The host could send or receive no more.
    Failed,
}

/// The answer to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Somebody has the address.
    Answered,
    /// Nobody said so.
    Silent,
    /// The address that was probed is free, as far as the probes tell.
    Free,
    /// It is not.
    Taken,
    /// The end came before the first probe.
    Unknown,
    /// The address was announced, and nobody else claimed it.
    Announced,
    /// The address was announced, and somebody else claimed it.
    Contested,
}

impl Answer {
    /// Whether this is what one hopes for: exit 0.
    #[must_use]
    pub fn is_yes(self) -> bool {
        matches!(self, Self::Answered | Self::Free | Self::Announced)
    }
}
