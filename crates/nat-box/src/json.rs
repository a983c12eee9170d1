//! What `behave`, `ask` and `serve` found as JSON objects, one a line; docs/json.md has the tables.

use serde::Serialize;
use std::net::SocketAddrV4;

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
    /// Of `serve`.
    Served { ends: Vec<String>, answered: u64 },
}
