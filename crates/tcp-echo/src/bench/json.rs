//! Rows as JSON objects, one a line; docs/json.md has the table.

use super::cost::{Found, Group, Row, Whose};
use crate::send::nanos;
use cli::{RoundTrips, RttSummary};
use serde::Serialize;
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    Row {
        connections: &'static str,
        requests: u32,
        request_bytes: usize,
        answer_bytes: usize,
        concurrency: usize,
        pool: usize,
        gap_ns: u64,
        rtt_ns: u64,
        time: Option<RttSummary>,
        packets: Option<u64>,
        frame_bytes: Option<u64>,
        opened: u64,
        beforehand_ns: Option<u64>,
        expired: u64,
        closed_by_peer: u64,
        retried: u64,
        window_of: &'static str,
        cwnd_bytes: Vec<Option<u32>>,
        groups: Vec<Part>,
    },
}

/// Requests that found the same.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    found: &'static str,
    requests: usize,
    time_ns: u64,
    longest_ns: u64,
    waited_ns: u64,
    handshake_ns: u64,
    cwnd_bytes: Option<u32>,
    words: String,
}

pub(crate) fn line(row: &Row) -> Line {
    let (setting, outcome) = (&row.setting, &row.outcome);
    let mut times = RoundTrips::default();
    outcome.requests.iter().for_each(|request| times.add(request.time));
    Line::Row {
        connections: if setting.fast_open { "fast_open" } else { setting.limits.kind.name() },
        requests: setting.requests,
        request_bytes: setting.size,
        answer_bytes: setting.answer,
        concurrency: setting.concurrency,
        pool: setting.limits.size,
        gap_ns: nanos(setting.gap),
        rtt_ns: nanos(row.rtt),
        time: times.summary(),
        packets: outcome.traffic.map(|traffic| traffic.packets),
        frame_bytes: outcome.traffic.map(|traffic| traffic.bytes),
        opened: outcome.opened,
        beforehand_ns: outcome.beforehand.map(nanos),
        expired: outcome.expired,
        closed_by_peer: outcome.closed_by_peer,
        retried: outcome.retried,
        window_of: match row.whose {
            Whose::Client => "client",
            Whose::Server => "server",
        },
        cwnd_bytes: row.windows.iter().map(|window| window.map(|[_, behind]| behind)).collect(),
        groups: row.groups().iter().map(|group| part(group, row)).collect(),
    }
}

fn part(group: &Group, row: &Row) -> Part {
    let Group { found, requests, time, longest, waited, handshake, cwnd } = group;
    let nanos = |time: &Duration| nanos(*time);
    Part {
        found: match found {
            Found::New => "new",
            Found::Syn => "syn",
            Found::Ready => "ready",
            Found::Used => "used",
            Found::Aged => "aged",
        },
        requests: *requests,
        time_ns: nanos(time),
        longest_ns: nanos(longest),
        waited_ns: nanos(waited),
        handshake_ns: nanos(handshake),
        cwnd_bytes: *cwnd,
        words: group.sentence(row),
    }
}
