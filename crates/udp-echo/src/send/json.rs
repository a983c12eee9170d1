//! Events as JSON objects, one a line; docs/json.md has the table.

use super::engine::{Event, Foreign, Reply, Summary};
use super::line::{Line as Way, Way as Kind};
use super::plan::Plan;
use crate::words;
use cli::RttSummary;
use serde::Serialize;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Start {
        target: &'a str,
        to: SocketAddrV4,
        from: SocketAddrV4,
        socket: &'static str,
        sizes_bytes: &'a [usize],
        count: Option<u32>,
        interval_ns: u64,
        ping_pong: bool,
        wait_ns: u64,
        deadline_ns: Option<u64>,
    },
    Reply(Answer),
    Duplicate(Answer),
    Late(Answer),
    Truncated(Answer),
    Corrupt {
        #[serde(flatten)]
        answer: Answer,
        wrong_byte: Option<usize>,
        expected: Option<u8>,
        found: Option<u8>,
    },
    Error(Trouble),
    Silence {
        sequence: u32,
    },
    Foreign {
        from: Option<SocketAddr>,
        words: String,
    },
    Summary(Totals),
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    sequence: u32,
    from: SocketAddr,
    sent_bytes: usize,
    bytes: usize,
    read_bytes: usize,
    ttl: Option<u8>,
    rtt_ns: u64,
    reordered: bool,
}

/// `by`, `type` and `code` are null where the host itself could not send.
#[derive(Debug, Serialize)]
pub(crate) struct Trouble {
    sequence: u32,
    by: Option<IpAddr>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    code: Option<u8>,
    mtu: Option<u16>,
    /// What a program on a connected socket gets.
    errno: Option<&'static str>,
    words: String,
    reason: Option<String>,
    awaited: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Totals {
    sent: u64,
    received: u64,
    duplicates: u64,
    reordered: u64,
    late: u64,
    corrupted: u64,
    truncated: u64,
    errors: u64,
    foreign: u64,
    pending: u64,
    lost: u64,
    span_ns: u64,
    rtt: Option<RttSummary>,
}

/// The line that comes first.
pub(crate) fn start<'a>(plan: &'a Plan, line: &Way) -> Line<'a> {
    let options = &plan.options;
    Line::Start {
        target: &plan.target,
        to: plan.to,
        from: line.from(),
        socket: match line.way() {
            Kind::Unconnected => "unconnected",
            Kind::Connected => "connected",
            Kind::Spoofed(_) => "spoofed",
        },
        sizes_bytes: &options.sizes,
        count: options.count,
        interval_ns: nanos(options.interval),
        ping_pong: options.ping_pong,
        wait_ns: nanos(options.wait.unwrap_or(super::engine::WAIT)),
        deadline_ns: options.deadline.map(nanos),
    }
}

/// The line of an event, where it has one.
pub(crate) fn line(event: &Event<'_>, plan: &Plan, way: Kind) -> Option<Line<'static>> {
    Some(match event {
        Event::Reply(reply) => Line::Reply(answer(reply)),
        Event::Duplicate(reply) => Line::Duplicate(answer(reply)),
        Event::Late(reply) => Line::Late(answer(reply)),
        Event::Truncated(reply) => Line::Truncated(answer(reply)),
        Event::Corrupt(reply, wrong) => Line::Corrupt {
            answer: answer(reply),
            wrong_byte: wrong.map(|wrong| wrong.at),
            expected: wrong.map(|wrong| wrong.expected),
            found: wrong.map(|wrong| wrong.found),
        },
        Event::Trouble { sequence, size, error, awaited, .. } => Line::Error(Trouble {
            sequence: *sequence,
            by: Some(error.by),
            kind: Some(error.kind),
            code: Some(error.code),
            mtu: words::mtu(error),
            errno: words::errno(error).filter(|_| way == Kind::Connected),
            words: cli::explain::error_title(error.kind, error.code),
            reason: Some(words::reason(error, &plan.about(*size))),
            awaited: *awaited,
        }),
        Event::Unsent { sequence, error, .. } => Line::Error(Trouble {
            sequence: *sequence,
            by: None,
            kind: None,
            code: None,
            mtu: None,
            errno: None,
            words: words::local(error),
            reason: words::reason_of_local(error),
            awaited: false,
        }),
        Event::Silence { sequence } => Line::Silence { sequence: *sequence },
        Event::Foreign(foreign) => Line::Foreign {
            from: match foreign {
                Foreign::OtherHost(from, _) => Some(*from),
                _ => None,
            },
            words: foreign.to_string(),
        },
        Event::Start | Event::Sent { .. } => return None,
    })
}

/// The line that comes last.
pub(crate) fn summary(summary: &Summary, times: Option<&RttSummary>) -> Line<'static> {
    Line::Summary(Totals {
        sent: summary.sent,
        received: summary.received,
        duplicates: summary.duplicates,
        reordered: summary.reordered,
        late: summary.late,
        corrupted: summary.corrupted,
        truncated: summary.truncated,
        errors: summary.errors,
        foreign: summary.foreign,
        pending: summary.pending,
        lost: summary.lost(),
        span_ns: nanos(summary.span),
        rtt: times.copied(),
    })
}

fn answer(reply: &Reply<'_>) -> Answer {
    Answer {
        sequence: reply.sequence,
        from: reply.from,
        sent_bytes: reply.sent_bytes,
        bytes: reply.whole,
        read_bytes: reply.data.len(),
        ttl: reply.ttl,
        rtt_ns: nanos(reply.rtt),
        reordered: reply.behind.is_some(),
    }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
