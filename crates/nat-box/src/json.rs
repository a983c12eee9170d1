//! What `run`, `behave`, `ask` and `serve` found as JSON objects, one a line; docs/json.md has the tables.

use serde::Serialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

/// A side of `run`.
#[derive(Debug, Serialize)]
pub(crate) struct Link {
    pub(crate) interface: String,
    pub(crate) is_tap: bool,
    pub(crate) address: Ipv4Addr,
    pub(crate) prefix: u8,
    pub(crate) mac: String,
    pub(crate) mtu: usize,
}

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    /// Of `ask`.
    Seen { from: SocketAddrV4, server: SocketAddrV4, mapped: SocketAddrV4, rtt_ns: u64 },
    /// Of `ask`.
    Silence { from: SocketAddrV4, server: SocketAddrV4 },
    /// Of `behave`.
    Finding { question: &'static str, finding: String, requirement: Option<&'static str>, met: Option<bool> },
    /// Of `behave`.
    Summary { met: usize, unmet: usize },
    /// Of `run`, at first.
    Between { inside: Link, outside: Link },
    /// Of `run`, at last.
    Traffic { frames_out: u64, bytes_out: u64, frames_in: u64, bytes_in: u64, lost: BTreeMap<&'static str, u64> },
    /// Of `serve`.
    Served { ends: Vec<String>, answered: u64 },
}
