//! Events as JSON objects, one a line; docs/json.md has the table.

use super::engine::{End, Ended, Event};
use crate::send::nanos;
use serde::Serialize;
use std::net::SocketAddr;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    Start { port: u16 },
    Opened { number: u64, from: SocketAddr, at_ns: u64 },
    Answer { number: u64, to: SocketAddr, at_ns: u64, bytes: usize, cwnd_bytes: Option<[u32; 2]> },
    Closed { number: u64, from: SocketAddr, at_ns: u64, echoed_bytes: u64, end: &'static str, words: Option<String> },
    Summary { ended: &'static str, connections: u64, failed: u64, echoed_bytes: u64, span_ns: u64 },
}

/// The line of an event; what happened to single segments has none.
pub(crate) fn line(event: &Event, port: u16) -> Option<Line> {
    Some(match event {
        Event::Stepped { .. } => return None,
        Event::Start => Line::Start { port },
        Event::Opened { number, peer, at } => Line::Opened { number: *number, from: *peer, at_ns: at.0 },
        Event::Answer { number, peer, at, bytes, cwnd } => {
            Line::Answer { number: *number, to: *peer, at_ns: at.0, bytes: *bytes, cwnd_bytes: *cwnd }
        }
        Event::Closed { number, peer, at, echoed, end } => Line::Closed {
            number: *number,
            from: *peer,
            at_ns: at.0,
            echoed_bytes: *echoed,
            end: match end {
                End::ByPeer => "by_peer",
                End::Idle => "idle",
                End::ByUs => "by_us",
                End::Aborted => "aborted",
                End::Failed(_) => "failed",
            },
            words: match end {
                End::Failed(error) => Some(cli::escape(&error.to_string())),
                _ => None,
            },
        },
    })
}

/// The line that comes last.
pub(crate) fn summary(summary: &super::engine::Summary) -> Line {
    Line::Summary {
        ended: match summary.ended {
            Ended::Count => "count",
            Ended::Deadline => "deadline",
            Ended::Interrupted => "interrupted",
            Ended::Idle => "idle",
        },
        connections: summary.connections,
        failed: summary.failed,
        echoed_bytes: summary.echoed,
        span_ns: nanos(summary.span),
    }
}
