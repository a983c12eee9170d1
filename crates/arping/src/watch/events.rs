//! What happens in a watch, as data: the engine tells, text and JSON show.

use super::table::{Effect, Kind};
use crate::prefix::Prefix;
use crate::words::{Delivery, Frame, maybe_text, text};
use serde::{Serialize, Serializer};
use std::net::Ipv4Addr;
use wire::{Mac, WireError};

/// One thing that happened. As JSON, `event` names the variant in snake case.
///
/// All `at_ns` are nanoseconds of the host's time; all MAC addresses are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Who listens where.
    Start {
        /// When.
        at_ns: u64,
        /// The interface.
        interface: String,
        /// Its station.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// Its addresses.
        own: Vec<Ipv4Addr>,
        /// Only addresses of this prefix are told; none: all.
        only: Option<Prefix>,
        /// What this host's ARP table knows on this interface.
        known: Vec<Known>,
    },
    /// An address is there where it was, or was not seen before.
    Binding {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// Its station.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// Whether it was not seen before.
        first: bool,
        /// The packet that says so.
        #[serde(flatten)]
        by: By,
    },
    /// An address is at another station than before.
    Moved {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// Its station now.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// Its station before.
        #[serde(serialize_with = "text")]
        was: Mac,
        /// How often it moved so far.
        moves: u64,
        /// Whether it is back where it was less than a minute ago.
        flapping: bool,
        /// The packet that says so.
        #[serde(flatten)]
        by: By,
    },
    /// Another station says that it has an address of ours.
    Conflict {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// The other station.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// The packet that says so.
        #[serde(flatten)]
        by: By,
    },
    /// A station wants to know whether an address is free.
    Probe {
        /// When.
        at_ns: u64,
        /// The address.
        address: Ipv4Addr,
        /// Who probes.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// For all on the link, as it should be, or for one.
        delivery: Delivery,
        /// Another station that has the address.
        #[serde(serialize_with = "maybe_text")]
        held_by: Option<Mac>,
        /// Another station that probes for it at the same time.
        #[serde(serialize_with = "maybe_text")]
        sought_by: Option<Mac>,
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

/// The packet by which something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct By {
    /// Its kind.
    #[serde(serialize_with = "text")]
    pub packet: Kind,
    /// For all on the link, or for one.
    pub delivery: Delivery,
    /// Whom it asks for, or tells.
    pub target: Ipv4Addr,
    /// The station that sent the frame; another one than the packet's sender is worth a look.
    #[serde(serialize_with = "text")]
    pub frame_source: Mac,
    /// What the ARP table of a host at our place makes of it.
    #[serde(serialize_with = "effect")]
    pub table: Effect,
}

/// An entry of this host's ARP table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The neighbour.
    pub address: Ipv4Addr,
    /// Its station.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
}

/// What came of it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// When it ended.
    pub at_ns: u64,
    /// Why it ended.
    pub ended: Ended,
    /// ARP packets heard that were of interest.
    pub packets: u64,
    /// Those of them for which there was no room: too many addresses, or too many stations with one.
    pub not_kept: u64,
    /// Addresses of others that are known.
    pub addresses: usize,
    /// How often an address moved to another station.
    pub moves: u64,
    /// How often two wanted one address: ours, or one that was probed for.
    pub conflicts: u64,
    /// From the start to the end.
    pub span_ns: u64,
    /// All stations with an address, by address.
    pub stations: Vec<Row>,
}

/// A station with an address.
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
    /// How many packets said so; none: our own ARP table had it from the start.
    pub packets: u64,
    /// When the last of them came.
    pub last_ns: Option<u64>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// `-c`: so many events were told.
    Count,
    /// `-w`.
    Deadline,
    /// Ctrl-C.
    Interrupted,
    /// Nothing more will happen in a simulated network.
    Idle,
}

fn effect<S: Serializer>(effect: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match effect {
        Effect::Nothing => "nothing",
        Effect::Made => "made",
        Effect::IfAsked => "if_asked",
        Effect::Changed => "changed",
        Effect::Confirmed => "confirmed",
    })
}
