//! Events as JSON objects, one a line; docs/json.md has the table.

use crate::engine::{Event, Reply, Summary, Wait};
use crate::flags::Plan;
use crate::words::{self, Asked, HEADERS};
use cli::RttSummary;
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Start {
        target: &'a str,
        address: IpAddr,
        data_bytes: usize,
        packet_bytes: usize,
        count: Option<u64>,
        interval_ns: u64,
        /// `null`: without end.
        wait_ns: Option<u64>,
        deadline_ns: Option<u64>,
    },
    Reply(Answer),
    Duplicate(Answer),
    Late(Answer),
    Truncated(Answer),
    Corrupt {
        #[serde(flatten)]
        answer: Answer,
        wrong_byte: usize,
        expected: u8,
        found: u8,
    },
    Error(Trouble),
    Silence {
        sequence: u16,
    },
    Summary(Totals),
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    sequence: u16,
    from: IpAddr,
    bytes: usize,
    ttl: Option<u8>,
    rtt_ns: u64,
}

/// `by`, `type` and `code` are null where the host itself could not send.
#[derive(Debug, Serialize)]
pub(crate) struct Trouble {
    sequence: u16,
    by: Option<IpAddr>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    code: Option<u8>,
    mtu: Option<usize>,
    words: String,
    reason: Option<String>,
    /// Whether the request may still be answered.
    awaited: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Totals {
    sent: u64,
    received: u64,
    duplicates: u64,
    late: u64,
    corrupted: u64,
    truncated: u64,
    errors: u64,
    pending: u64,
    lost: u64,
    span_ns: u64,
    rtt: Option<RttSummary>,
}

/// The line that comes first.
pub(crate) fn start<'a>(target: &'a str, plan: &Plan) -> Line<'a> {
    let options = &plan.options;
    Line::Start {
        target,
        address: plan.target,
        data_bytes: options.size,
        packet_bytes: HEADERS + options.size,
        count: options.count,
        interval_ns: nanos(options.interval),
        wait_ns: match options.wait {
            Wait::Usual => Some(nanos(crate::engine::WAIT)),
            Wait::For(wait) => Some(nanos(wait)),
            Wait::Endless => None,
        },
        deadline_ns: options.deadline.map(nanos),
    }
}

/// The line of an event, where it has one.
pub(crate) fn line<'a>(event: &Event<'_>, asked: &Asked) -> Option<Line<'a>> {
    Some(match event {
        Event::Reply(reply) => Line::Reply(answer(reply)),
        Event::Duplicate(reply) => Line::Duplicate(answer(reply)),
        Event::Late(reply) => Line::Late(answer(reply)),
        Event::Truncated(reply) => Line::Truncated(answer(reply)),
        Event::Corrupt(reply, wrong) => {
            Line::Corrupt { answer: answer(reply), wrong_byte: wrong.at, expected: wrong.expected, found: wrong.found }
        }
        Event::Trouble { sequence, error, .. } | Event::Advice { sequence, error, .. } => Line::Error(Trouble {
            sequence: *sequence,
            by: Some(error.by),
            kind: Some(error.kind),
            code: Some(error.code),
            mtu: (error.mtu > 0).then_some(error.mtu.into()),
            words: words::on_the_line(error),
            reason: Some(words::reason(error, asked)),
            awaited: matches!(event, Event::Advice { .. }),
        }),
        Event::Unsent { sequence, error } => Line::Error(Trouble {
            sequence: *sequence,
            by: None,
            kind: None,
            code: None,
            mtu: words::mtu_of_refusal(error),
            words: words::local(error),
            reason: words::reason_of_local(error, asked),
            awaited: false,
        }),
        Event::Silence { sequence } => Line::Silence { sequence: *sequence },
        Event::Start | Event::Sent { .. } | Event::Foreign(_) => return None,
    })
}

/// The line that comes last.
pub(crate) fn summary(summary: &Summary, times: Option<&RttSummary>) -> Line<'static> {
    Line::Summary(Totals {
        sent: summary.sent,
        received: summary.received,
        duplicates: summary.duplicates,
        late: summary.late,
        corrupted: summary.corrupted,
        truncated: summary.truncated,
        errors: summary.errors,
        pending: summary.pending,
        lost: summary.lost(),
        span_ns: nanos(summary.span),
        rtt: times.copied(),
    })
}

fn answer(reply: &Reply<'_>) -> Answer {
    Answer { sequence: reply.sequence, from: reply.from, bytes: reply.bytes, ttl: reply.ttl, rtt_ns: nanos(reply.rtt) }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
