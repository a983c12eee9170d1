//! Events as JSON objects, one a line; docs/json.md has the table.

use super::event::{Event, Summary, Trouble};
use super::plan::Plan;
use super::watch::Witness;
use super::why::{Piece, Story};
use crate::ladder::Said;
use crate::words;
use cli::{RoundTrips, RttSummary};
use host::Step;
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Start {
        target: &'a str,
        to: SocketAddr,
        writes_bytes: &'a [usize],
        count: Option<u32>,
        interval_ns: u64,
        wait_ns: u64,
        deadline_ns: Option<u64>,
    },
    Connected {
        from: SocketAddr,
        took_ns: u64,
    },
    Request {
        number: u32,
        bytes: u64,
        at_ns: u64,
        rtt_ns: u64,
        seen_by: Option<&'static str>,
        segments: Option<usize>,
        writes: Option<Vec<Write>>,
        fast_open: Option<bool>,
    },
    Failed {
        during: u32,
        trouble: &'static str,
        by: Option<IpAddr>,
        code: Option<u8>,
        written_bytes: u64,
        echoed_bytes: u64,
        held_bytes: Option<u64>,
        rule: Option<String>,
        words: String,
        reason: String,
    },
    Step(Moment),
    Summary {
        requests: u64,
        echoed: u64,
        failed: bool,
        span_ns: u64,
        rtt: Option<RttSummary>,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Write {
    bytes: u64,
    at_ns: u64,
    segments: Vec<Segment>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Segment {
    bytes: u64,
    segment_bytes: u64,
    after_ns: u64,
    at_once: bool,
    again: bool,
    held: Vec<Held>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Held {
    rule: String,
    for_ns: u64,
}

/// A step in the life of one end; what is about a segment is null where there was none.
#[derive(Debug, Serialize)]
pub(crate) struct Moment {
    end: &'static str,
    at_ns: u64,
    state: String,
    came: Option<bool>,
    segment: Option<String>,
    bytes: Option<usize>,
}

pub(crate) fn start(plan: &Plan) -> Line<'_> {
    let options = &plan.options;
    Line::Start {
        target: &plan.target,
        to: plan.to,
        writes_bytes: &options.writes,
        count: options.count,
        interval_ns: nanos(options.interval),
        wait_ns: nanos(options.wait),
        deadline_ns: options.deadline.map(nanos),
    }
}

/// The line of an event.
pub(crate) fn line(event: &Event, plan: &Plan) -> Line<'static> {
    match event {
        Event::Stepped(step) => self::step("own", step),
        Event::Connected { own, took } => Line::Connected { from: *own, took_ns: nanos(*took) },
        Event::Echoed(request) => Line::Request {
            number: request.number,
            bytes: request.bytes,
            at_ns: request.at.0,
            rtt_ns: nanos(request.rtt),
            seen_by: request.seen_by.as_ref().map(|witness| match witness {
                Witness::Record => "record",
                Witness::Link(_) => "link",
                Witness::Info(_) => "tcp_info",
            }),
            segments: request.seen_by.as_ref().map(|_| request.segments),
            writes: request.stories.as_ref().map(|stories| stories.iter().map(write).collect()),
            fast_open: request.fast_open.as_ref().map(|fast_open| fast_open.taken),
        },
        Event::Failed { during, trouble, written, echoed, held } => {
            let (words, reason) = words::trouble(trouble, plan, *during);
            let (by, code) = match trouble {
                Trouble::Unreachable { by, code } => (*by, Some(*code)),
                _ => (None, None),
            };
            Line::Failed {
                during: *during,
                trouble: match trouble {
                    Trouble::Refused => "refused",
                    Trouble::Reset => "reset",
                    Trouble::Unreachable { .. } => "unreachable",
                    Trouble::TimedOut { .. } => "timed_out",
                    Trouble::GaveUp { .. } => "gave_up",
                    Trouble::Closed => "closed",
                    Trouble::Wrong { .. } => "wrong_byte",
                    Trouble::TooMuch => "too_much",
                },
                by,
                code,
                written_bytes: *written,
                echoed_bytes: *echoed,
                held_bytes: held.map(|(bytes, _)| bytes),
                rule: held.map(|(_, rule)| rule.to_string()),
                words,
                reason,
            }
        }
    }
}

fn write(story: &Story) -> Write {
    let segment = |piece: &Piece| Segment {
        bytes: piece.bytes,
        segment_bytes: piece.segment,
        after_ns: nanos(piece.after),
        at_once: piece.at_once,
        again: piece.again,
        held: piece.held.iter().map(|(rule, time)| Held { rule: rule.to_string(), for_ns: nanos(*time) }).collect(),
    };
    Write { bytes: story.len(), at_ns: story.write.at.0, segments: story.pieces.iter().map(segment).collect() }
}

/// The line of a step; `end` is `own` or `peer`.
pub(crate) fn step(end: &'static str, step: &Step) -> Line<'static> {
    Line::Step(Moment {
        end,
        at_ns: step.at.0,
        state: step.state.to_string(),
        came: step.segment.as_ref().map(|segment| segment.came),
        segment: step.segment.as_ref().map(|segment| Said::of(segment).absolute()),
        bytes: step.segment.as_ref().map(|segment| segment.len),
    })
}

pub(crate) fn summary(summary: &Summary, times: &RoundTrips) -> Line<'static> {
    Line::Summary {
        requests: summary.sent,
        echoed: summary.echoed,
        failed: summary.failed,
        span_ns: nanos(summary.span),
        rtt: times.summary(),
    }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
