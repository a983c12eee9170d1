//! Events as lines of text, in the shape that users of iputils' ping know byte for byte.

use crate::engine::{Event, Reply, Summary};
use crate::flags::Plan;
use crate::request::WrongByte;
use crate::words::{self, HEADERS};
use cli::RttSummary;
use std::time::Duration;

/// The line that comes first, or the two where a pattern was given.
pub(crate) fn start(target: &str, plan: &Plan) -> String {
    let pattern = match plan.options.pattern.as_slice() {
        [] => String::new(),
        bytes => format!("PATTERN: 0x{}\n", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    };
    let origin = plan.origin.as_ref().map_or(String::new(), |origin| format!("from {origin}: "));
    let size = plan.options.size;
    format!("{pattern}PING {target} ({}) {origin}{size}({}) bytes of data.", plan.target, HEADERS + size)
}

/// The line of an event, where it has one.
pub(crate) fn line(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Reply(reply) | Event::Late(reply) => timed(reply),
        Event::Duplicate(reply) => timed(reply) + " (DUP!)",
        Event::Truncated(reply) => answer(reply) + " (truncated)",
        Event::Corrupt(reply, wrong) => timed(reply) + &difference(reply, *wrong),
        Event::Trouble { sequence, error, .. } | Event::Advice { sequence, error, .. } => {
            format!("From {} icmp_seq={sequence} {}", error.by, words::on_the_line(error))
        }
        Event::Unsent { error, .. } => format!("myping: local error: {}", words::local(error)),
        Event::Start | Event::Sent { .. } | Event::Silence { .. } | Event::Foreign(_) => return None,
    })
}

fn answer(reply: &Reply<'_>) -> String {
    let ttl = reply.ttl.map_or(String::new(), |ttl| format!(" ttl={ttl}"));
    format!("{} bytes from {}: icmp_seq={}{ttl}", reply.bytes, reply.from, reply.sequence)
}

fn timed(reply: &Reply<'_>) -> String {
    format!("{} time={} ms", answer(reply), cli::three_digits(reply.rtt))
}

/// Which byte is wrong, and all that came, 32 bytes a row.
fn difference(reply: &Reply<'_>, wrong: WrongByte) -> String {
    let WrongByte { at, expected, found } = wrong;
    let rows = reply.data.chunks(32).enumerate().map(|(row, bytes)| {
        let bytes: String = bytes.iter().map(|byte| format!("{byte:x} ")).collect();
        format!("\n#{}\t{bytes}", row * 32)
    });
    format!("\nwrong data byte #{at} should be 0x{expected:x} but was 0x{found:x}") + &rows.collect::<String>()
}

/// The last lines: what was sent, what came, and how long it took.
pub(crate) fn statistics(target: &str, summary: &Summary, times: Option<&RttSummary>, pace: Option<Pace>) -> String {
    let mut lines = vec![String::new(), format!("--- {target} ping statistics ---"), counts(summary)];
    let figures: Vec<String> = [
        times.map(RttSummary::line),
        (summary.pipe > 1).then(|| format!("pipe {}", summary.pipe)),
        pace.filter(|_| summary.received > 0 && summary.sent > 1).map(|pace| pace.line(summary)),
    ]
    .into_iter()
    .flatten()
    .collect();
    // With nothing to tell of times, this is the empty line with which ping ends.
    lines.push(figures.join(", "));
    lines.extend(times.map(RttSummary::percentiles));
    lines.join("\n")
}

fn counts(summary: &Summary) -> String {
    let more = [
        (summary.duplicates, "duplicates"),
        (summary.corrupted, "corrupted"),
        (summary.truncated, "truncated"),
        (summary.late, "late"),
        (summary.errors, "errors"),
        (summary.pending, "pending"),
    ];
    let more: String =
        more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", +{count} {what}")).collect();
    let millis = (summary.span.as_nanos() + 500_000) / 1_000_000;
    format!(
        "{} packets transmitted, {} received{more}, {}% packet loss, time {millis}ms",
        summary.sent,
        summary.received,
        cli::percent(summary.lost(), summary.sent - summary.pending)
    )
}

/// How a flood went: the figures that ping has for it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// Eight times the moving average of round trips, in nanoseconds.
    eightfold: u64,
}

impl Pace {
    /// Counts one more round trip: each moves the average by an eighth of its distance from it.
    pub(crate) fn add(&mut self, rtt: Duration) {
        let nanos = u64::try_from(rtt.as_nanos()).unwrap_or(u64::MAX) / 8 * 8;
        self.eightfold = match self.eightfold {
            0 => nanos.saturating_mul(8),
            eightfold => (eightfold - eightfold / 8).saturating_add(nanos),
        };
    }

    /// The mean gap between two requests and the moving average.
    fn line(self, summary: &Summary) -> String {
        let gaps = u32::try_from(summary.sent - 1).unwrap_or(u32::MAX).max(1);
        let average = Duration::from_nanos(self.eightfold / 8);
        format!("ipg/ewma {}/{} ms", cli::milliseconds(summary.span / gaps), cli::milliseconds(average))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_are_zero_are_not_told() {
        let summary = Summary { sent: 3, received: 2, ..Summary::default() };
        assert_eq!(counts(&summary), "3 packets transmitted, 2 received, 33.3333% packet loss, time 0ms");
        let all = Summary { duplicates: 1, corrupted: 2, truncated: 3, late: 4, errors: 5, pending: 1, ..summary };
        assert_eq!(
            counts(&all),
            "3 packets transmitted, 2 received, +1 duplicates, +2 corrupted, +3 truncated, +4 late, +5 errors, \
             +1 pending, 0% packet loss, time 0ms"
        );
    }
}
