//! Events of `serve` as JSON objects, one a line; docs/json.md has the table.

use super::engine::{Door, Ended, Event, Summary};
use super::text;
use serde::Serialize;
use std::net::{SocketAddr, SocketAddrV4};
use wire::dns::Message;

/// A server.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    name: String,
    at: SocketAddrV4,
    zones: Vec<String>,
}

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line {
    Start {
        servers: Vec<Place>,
    },
    Asked {
        server: String,
        from: SocketAddr,
        transport: String,
        at_ns: u64,
        question: String,
        bytes: usize,
        rcode: Option<String>,
        truncated: Option<bool>,
        answer_bytes: Option<usize>,
        words: Option<String>,
    },
    Full {
        open: usize,
    },
    Summary {
        ended: &'static str,
        received: u64,
        answered: u64,
        connections: u64,
        span_ns: u64,
    },
}

/// The line that comes first.
pub(super) fn start(doors: &[Door]) -> Line {
    let place = |door: &Door| Place {
        name: door.name.clone(),
        at: door.at,
        zones: door.server.zones().iter().map(|zone| zone.apex().to_string()).collect(),
    };
    Line::Start { servers: doors.iter().map(place).collect() }
}

/// The line of an event.
pub(super) fn line(event: &Event<'_>, doors: &[Door]) -> Option<Line> {
    Some(match event {
        Event::Start => return None,
        Event::Full { open } => Line::Full { open: *open },
        Event::Asked { door, from, transport, at, query, answer, unsent } => {
            let message = answer.and_then(|answer| Message::parse(answer).ok()).map(|(message, _)| message);
            Line::Asked {
                server: doors.get(*door).map_or_else(String::new, |door| door.name.clone()),
                from: *from,
                transport: transport.to_string(),
                at_ns: at.0,
                question: text::asked(query),
                bytes: query.len(),
                rcode: message.as_ref().map(|message| message.rcode().to_string()),
                truncated: message.as_ref().map(|message| message.header.tc),
                answer_bytes: answer.map(<[u8]>::len),
                words: unsent.as_ref().map(|error| cli::escape(&error.to_string())),
            }
        }
    })
}

/// The line that comes last.
pub(super) fn summary(summary: &Summary) -> Line {
    Line::Summary {
        ended: match summary.ended {
            Ended::Count => "count",
            Ended::Deadline => "deadline",
            Ended::Interrupted => "interrupted",
            Ended::Idle => "idle",
        },
        received: summary.queries(),
        answered: summary.answered,
        connections: summary.connections,
        span_ns: crate::json::nanos(summary.span),
    }
}
