//! Events of `serve` as JSON objects, one a line; docs/json.md has the table.

use super::connection::Served;
use super::engine::Ended;
use super::http;
use crate::facts::Facts;
use crate::{Recording, Side};
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line {
    Start { at: SocketAddrV4, names: Vec<String> },
    Client(Box<Client>),
    Summary { ended: &'static str, clients: usize, established: usize, span_ns: u64 },
}

/// A client that came, and has gone.
#[derive(Debug, serde::Serialize)]
pub(super) struct Client {
    number: usize,
    from: SocketAddr,
    established: bool,
    words: Option<String>,
    version: Option<String>,
    cipher_suite: Option<String>,
    group: Option<String>,
    server_name: Option<String>,
    alpn: Option<String>,
    resumed: bool,
    retried: bool,
    request: Option<String>,
    early_bytes: usize,
    span_ns: u64,
    client_bytes: usize,
    server_bytes: usize,
}

pub(super) fn start(at: SocketAddrV4, names: &[String]) -> Line {
    Line::Start { at, names: names.to_vec() }
}

pub(super) fn client(number: usize, served: &Served, facts: &Facts) -> Line {
    Line::Client(Box::new(Client {
        number,
        from: served.from,
        established: served.is_established,
        words: served.failed.clone(),
        version: facts.version.map(|version| version.to_string()),
        cipher_suite: facts.suite.map(|suite| suite.to_string()),
        group: facts.group.map(|group| group.to_string()),
        server_name: facts.server_name.clone(),
        alpn: facts.alpn.clone(),
        resumed: facts.is_resumed,
        retried: facts.is_retried,
        request: (!served.request.is_empty()).then(|| http::first_line(&served.request)),
        early_bytes: served.early,
        span_ns: span(&served.recording),
        client_bytes: served.recording.bytes(Side::Client),
        server_bytes: served.recording.bytes(Side::Server),
    }))
}

/// From the first byte to the last.
fn span(recording: &Recording) -> u64 {
    let [first, last] = [recording.flights.first(), recording.flights.last()].map(|it| it.map_or(0, |it| it.at.0));
    last.saturating_sub(first)
}

pub(super) fn summary(ended: Ended, clients: usize, established: usize, span: Duration) -> Line {
    let ended = match ended {
        Ended::Count => "count",
        Ended::Deadline => "deadline",
        Ended::Interrupted => "interrupted",
        Ended::Idle => "idle",
    };
    Line::Summary { ended, clients, established, span_ns: u64::try_from(span.as_nanos()).unwrap_or(u64::MAX) }
}
