//! Changes as JSON objects, one a line; docs/json.md has the table.

use super::{Ended, Summary, text};
use nat::{Change, Ending, Entry, Side, What};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddrV4;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    There(Session),
    Opened(Session),
    Moved(Session),
    Closed {
        #[serde(flatten)]
        session: Session,
        ending: &'static str,
    },
    Dropped {
        at_ns: u64,
        side: &'static str,
        protocol: String,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        reason: &'static str,
        words: String,
    },
    Summary {
        ended: &'static str,
        there: u64,
        opened: u64,
        closed: u64,
        dropped: BTreeMap<&'static str, u64>,
        at_ns: u64,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Session {
    at_ns: u64,
    protocol: String,
    inside: SocketAddrV4,
    outside: SocketAddrV4,
    peer: String,
    state: &'static str,
    began_ns: u64,
    until_ns: u64,
    bytes_out: u64,
    bytes_in: u64,
}

pub(crate) fn line(change: &Change) -> Line {
    let session = |entry: &Entry| Session {
        at_ns: change.at.0,
        protocol: entry.protocol.to_string(),
        inside: entry.inside,
        outside: entry.outside,
        peer: text::peer(entry.protocol, entry.peer),
        state: entry.state.name(),
        began_ns: entry.began.0,
        until_ns: entry.until.0,
        bytes_out: entry.bytes_out,
        bytes_in: entry.bytes_in,
    };
    match &change.what {
        What::There(entry) => Line::There(session(entry)),
        What::Opened(entry) => Line::Opened(session(entry)),
        What::Moved(entry) => Line::Moved(session(entry)),
        What::Closed(entry, Ending::Idle) => Line::Closed { session: session(entry), ending: "idle" },
        What::Dropped { side, protocol, source, destination, reason } => Line::Dropped {
            at_ns: change.at.0,
            side: if *side == Side::Inside { "inside" } else { "outside" },
            protocol: text::name_of(*protocol),
            source: *source,
            destination: *destination,
            reason: reason.name(),
            words: reason.to_string(),
        },
    }
}

pub(crate) fn summary(summary: &Summary) -> Line {
    Line::Summary {
        ended: match summary.ended {
            Ended::Count => "count",
            Ended::Deadline => "deadline",
            Ended::Interrupted => "interrupted",
            Ended::Idle => "idle",
        },
        there: summary.there,
        opened: summary.opened,
        closed: summary.closed,
        dropped: summary.dropped.iter().map(|(reason, count)| (reason.name(), *count)).collect(),
        at_ns: summary.at.0,
    }
}
