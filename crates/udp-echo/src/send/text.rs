//! Events as lines of text, in the shape that users of ping know.

use super::engine::{Event, Reply, Summary};
use super::line::{Line, Way};
use super::plan::Plan;
use crate::datagram::WrongByte;
use crate::words;
use cli::RttSummary;
use cli::explain::error_title;
use std::net::SocketAddr;

/// The line that comes first.
pub(crate) fn start(plan: &Plan, line: &Line) -> String {
    let (to, from) = (plan.to, line.from());
    let how = match line.way() {
        Way::Unconnected => "unconnected",
        Way::Connected => "connected",
        Way::Spoofed(_) => "a false name",
    };
    let bytes = match (plan.shortest(), plan.longest(usize::MAX)) {
        (shortest, longest) if shortest < longest => format!("{shortest} to {longest}"),
        (_, longest) => longest.to_string(),
    };
    format!("UDP ECHO {} ({}) port {} from {from}, {how}: {bytes} bytes of data.", plan.target, to.ip(), to.port())
}

/// The line of an event, where it has one.
pub(crate) fn line(event: &Event<'_>, line: &Line) -> Option<String> {
    Some(match event {
        Event::Reply(reply) | Event::Late(reply) => timed(reply),
        Event::Duplicate(reply) => timed(reply) + " (DUP!)",
        Event::Truncated(reply) => {
            format!("{} (truncated: {} of {} bytes)", timed(reply), reply.data.len(), reply.sent_bytes)
        }
        Event::Corrupt(reply, wrong) => timed(reply) + &difference(reply, *wrong),
        Event::Trouble { sequence, error, .. } => {
            let errno = words::errno(error).filter(|_| line.way() == Way::Connected);
            let errno = errno.map_or(String::new(), |errno| format!(", {errno}"));
            let mtu = words::mtu(error).map_or(String::new(), |mtu| format!(", mtu={mtu}"));
            format!("From {} seq={sequence} {}{mtu}{errno}", error.by, capital(&error_title(error.kind, error.code)))
        }
        Event::Unsent { sequence, error, .. } => {
            format!("udp-echo: local error: seq={sequence} {}", words::local(error))
        }
        Event::Start | Event::Sent { .. } | Event::Silence { .. } | Event::Foreign(_) => return None,
    })
}

fn timed(reply: &Reply<'_>) -> String {
    let Reply { whole, from, sequence, ttl, rtt, behind, .. } = reply;
    let ttl = ttl.map_or(String::new(), |ttl| format!(" ttl={ttl}"));
    let behind = behind.map_or(String::new(), |earlier| format!(" (reordered: {earlier} came before)"));
    format!("{whole} bytes from {from}: seq={sequence}{ttl} time={} ms{behind}", cli::three_digits(*rtt))
}

fn difference(reply: &Reply<'_>, wrong: Option<WrongByte>) -> String {
    match wrong {
        Some(WrongByte { at, expected, found }) => {
            format!("\nwrong data byte #{at} should be 0x{expected:x} but was 0x{found:x}")
        }
        None => format!("\n{} bytes came back, and {} were sent", reply.whole, reply.sent_bytes),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The last lines: what was sent, what came, and how long it took.
pub(crate) fn statistics(plan: &Plan, summary: &Summary, times: Option<&RttSummary>) -> String {
    let to = SocketAddr::V4(plan.to);
    let mut lines = vec![String::new(), format!("--- {} port {} echo statistics ---", plan.target, to.port())];
    lines.push(counts(summary));
    lines.extend(times.map(RttSummary::line));
    lines.extend(times.map(RttSummary::percentiles));
    lines.join("\n")
}

fn counts(summary: &Summary) -> String {
    let more = [
        (summary.duplicates, "duplicates"),
        (summary.reordered, "reordered"),
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
        "{} datagrams transmitted, {} received{more}, {}% loss, time {millis}ms",
        summary.sent,
        summary.received,
        cli::percent(summary.lost(), summary.sent - summary.pending)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_are_zero_are_not_told() {
        let summary = Summary { sent: 3, received: 2, ..Summary::default() };
        assert_eq!(counts(&summary), "3 datagrams transmitted, 2 received, 33.3333% loss, time 0ms");
        let all = Summary {
            duplicates: 1,
            reordered: 7,
            corrupted: 2,
            truncated: 3,
            late: 4,
            errors: 5,
            pending: 1,
            ..summary
        };
        assert_eq!(
            counts(&all),
            "3 datagrams transmitted, 2 received, +1 duplicates, +7 reordered, +2 corrupted, +3 truncated, +4 late, +5 \
             errors, +1 pending, 0% loss, time 0ms"
        );
    }
}
