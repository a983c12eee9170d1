//! The rows as a table, with a sentence for each kind of request.

use super::cost::{FOR_P95, FOR_P99, Row, Whose, tenths};
use super::pool::Kind;
use cli::RoundTrips;
use std::time::Duration;

/// The table as it grows.
pub(crate) struct Table {
    /// Whether the window of each request is shown.
    cwnd: bool,
    /// The gap of the rows so far; `None`: there are none.
    gap: Option<Duration>,
}

impl Table {
    pub(crate) fn new(cwnd: bool) -> Self {
        Self { cwnd, gap: None }
    }

    /// The lines of a row, with what stands above it.
    pub(crate) fn lines(&mut self, row: &Row, place: &str) -> Vec<String> {
        let mut lines = if self.gap.is_none() { head(row, place) } else { vec![] };
        if self.gap != Some(row.setting.gap) {
            self.gap = Some(row.setting.gap);
            lines.push(format!("\n{} s from an answer to the next request", row.setting.gap.as_secs_f64()));
            lines.push(format!(
                "{:<11}  {:>8}  {:>8}  {:>8}  {:>8}  {:>5}  {:>7}  {:>9}  {:>6}  {:>6}",
                "", "p50 ms", "p95 ms", "p99 ms", "max ms", "trips", "packets", "bytes", "opened", "cwnd"
            ));
        }
        lines.push(figures(row));
        lines.extend(row.groups().iter().map(|group| format!("  {}", group.sentence(row))));
        lines.extend(connections(row).into_iter().map(|line| format!("  {line}")));
        if self.cwnd {
            lines.push(format!("  {}", windows(row)));
        }
        lines
    }
}

fn head(row: &Row, place: &str) -> Vec<String> {
    let setting = &row.setting;
    let clients = match setting.concurrency {
        1 => String::new(),
        many => format!(", {many} at a time"),
    };
    let whose = match row.whose {
        Whose::Client => "the client's",
        Whose::Server => "the server's",
    };
    let unknown = if row.windows.iter().all(Option::is_none) { ", which this end cannot know" } else { "" };
    vec![
        format!(
            "TCP BENCH {place}: RTT {} ms (the shortest of 3 handshakes)",
            cli::milliseconds(row.rtt)
        ),
        format!(
            "{} requests of {} bytes{clients}, answers of {} bytes; pools of up to {} connections",
            setting.requests, setting.size, setting.answer, setting.limits.size
        ),
        "p50 to max: the time from asking for a connection to the last byte of the answer, a handshake included where".into(),
        "there is one, closing not; trips: p50 in RTTs; packets and bytes: both ways, in frames, opening and closing too;".into(),
        format!("cwnd: {whose} window as the first byte of the larger message leaves, in segments{unknown}"),
    ]
}

fn figures(row: &Row) -> String {
    let mut times = RoundTrips::default();
    row.outcome.requests.iter().for_each(|request| times.add(request.time));
    let count = row.setting.requests;
    let Some(summary) = times.summary() else { return String::new() };
    let shown = |nanos: u64| cli::milliseconds(Duration::from_nanos(nanos));
    let if_enough = |least: u32, nanos: u64| if count < least { "-".to_string() } else { shown(nanos) };
    let traffic = row.outcome.traffic;
    let known = |number: Option<u64>| number.map_or("not seen".to_string(), |number| number.to_string());
    format!(
        "{:<11}  {:>8}  {:>8}  {:>8}  {:>8}  {:>5}  {:>7}  {:>9}  {:>6}  {:>6}",
        match row.setting.limits.kind {
            _ if row.setting.fast_open => "fast open",
            Kind::Each => "one each",
            Kind::Lazy => "lazy pool",
            Kind::Eager => "eager pool",
        },
        shown(summary.p50_ns),
        if_enough(FOR_P95, summary.p95_ns),
        if_enough(FOR_P99, summary.p99_ns),
        shown(summary.max_ns),
        tenths(row.trips(Duration::from_nanos(summary.p50_ns))),
        known(traffic.map(|traffic| traffic.packets)),
        known(traffic.map(|traffic| traffic.bytes)),
        row.outcome.opened,
        range(row),
    )
}

/// The least and the greatest window, in segments.
fn range(row: &Row) -> String {
    let known = || row.windows.iter().flatten().filter_map(|[_, behind]| row.segments(*behind));
    match (known().min(), known().max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least}-{most}"),
        _ => "-".into(),
    }
}

/// What there is to say of connections beside those that requests found: opened beforehand, closed while idle.
fn connections(row: &Row) -> Vec<String> {
    let outcome = &row.outcome;
    let count = |count: u64, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let mut lines = vec![];
    if let Some(took) = outcome.beforehand {
        let used = outcome.requests.iter().filter(|request| request.turn == 0).count() as u64;
        let unused = match outcome.opened.saturating_sub(used) {
            0 => "each carried something".to_string(),
            unused => format!("{unused} carried nothing"),
        };
        let opened = count(outcome.opened, "connection");
        lines.push(format!(
            "{opened} opened, the first ones before any request in {} ms; {unused}",
            cli::milliseconds(took)
        ));
    }
    if outcome.closed_by_peer > 0 {
        let closed = count(outcome.closed_by_peer, "connection");
        lines.push(format!(
            "the server closed {closed} that lay idle; the pool saw it in time, and the next request paid for another"
        ));
    }
    if outcome.retried > 0 {
        let requests = count(outcome.retried, "request");
        lines.push(format!(
            "{requests} met a connection that the server was just closing, and went once more over another: right only for what may \
             come twice"
        ));
    }
    if outcome.expired > 0 {
        lines.push(format!(
            "the pool itself closed {} that lay idle for too long",
            count(outcome.expired, "connection")
        ));
    }
    lines
}

/// The windows of all requests in their order: `10, 40 (49 times)`.
fn windows(row: &Row) -> String {
    let mut groups: Vec<(Option<u32>, usize)> = vec![];
    for window in &row.windows {
        let segments = window.and_then(|[_, behind]| row.segments(behind));
        match groups.last_mut() {
            Some((last, count)) if *last == segments => *count += 1,
            _ => groups.push((segments, 1)),
        }
    }
    let shown = |(segments, count): &(Option<u32>, usize)| {
        let segments = segments.map_or("unknown".to_string(), |segments| segments.to_string());
        if *count == 1 { segments } else { format!("{segments} ({count} times)") }
    };
    format!("cwnd, request by request: {}", groups.iter().map(shown).collect::<Vec<_>>().join(", "))
}
