//! Events as JSON objects, one a line; docs/json.md has the table.

use super::engine::{End, Ended, Event, Options, Summary};
use super::text::Sharing;
use crate::send::nanos;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    Start {
        port: u16,
        address: Option<Ipv4Addr>,
        workers: usize,
    },
    Opened {
        worker: usize,
        number: u64,
        from: SocketAddr,
        at_ns: u64,
    },
    Answer {
        worker: usize,
        number: u64,
        to: SocketAddr,
        at_ns: u64,
        bytes: usize,
        cwnd_bytes: Option<[u32; 2]>,
    },
    Full {
        open: usize,
        words: Option<String>,
    },
    Closed {
        worker: usize,
        number: u64,
        from: SocketAddr,
        at_ns: u64,
        echoed_bytes: u64,
        unsent_bytes: Option<usize>,
        end: &'static str,
        words: Option<String>,
    },
    Summary {
        ended: &'static str,
        connections: u64,
        workers: Vec<u64>,
        most_at_once: usize,
        failed: u64,
        echoed_bytes: u64,
        span_ns: u64,
    },
}

/// The line of an event; what happened to single segments has none.
pub(crate) fn line(event: &Event, options: &Options, sharing: Sharing) -> Option<Line> {
    Some(match event {
        Event::Stepped { .. } => return None,
        Event::Start => Line::Start {
            port: options.port,
            address: Some(options.listening.address).filter(|address| !address.is_unspecified()),
            workers: sharing.workers(),
        },
        Event::Opened { worker, number, peer, at } => {
            Line::Opened { worker: worker + 1, number: *number, from: *peer, at_ns: at.0 }
        }
        Event::Answer { worker, number, peer, at, bytes, cwnd } => Line::Answer {
            worker: worker + 1,
            number: *number,
            to: *peer,
            at_ns: at.0,
            bytes: *bytes,
            cwnd_bytes: *cwnd,
        },
        Event::Full { open, error } => {
            Line::Full { open: *open, words: error.as_ref().map(|error| cli::escape(&error.to_string())) }
        }
        Event::Closed { worker, number, peer, at, echoed, end } => Line::Closed {
            worker: worker + 1,
            number: *number,
            from: *peer,
            at_ns: at.0,
            echoed_bytes: *echoed,
            unsent_bytes: match end {
                End::ByUs { unsent } | End::Idle { unsent } => Some(*unsent),
                End::ByPeer | End::Aborted | End::Failed(_) => None,
            },
            end: match end {
                End::ByPeer => "by_peer",
                End::ByUs { .. } => "by_us",
                End::Idle { .. } => "idle",
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
pub(crate) fn summary(summary: &Summary) -> Line {
    Line::Summary {
        ended: match summary.ended {
            Ended::Count => "count",
            Ended::Deadline => "deadline",
            Ended::Interrupted => "interrupted",
            Ended::Idle => "idle",
        },
        connections: summary.connections(),
        workers: summary.workers.clone(),
        most_at_once: summary.peak,
        failed: summary.failed,
        echoed_bytes: summary.echoed,
        span_ns: nanos(summary.span),
    }
}
