//! Where the time of requests went: round trips for the handshake, for the request itself, and for a window that was too small.

use super::engine::{Outcome, Request, Setting};
use std::time::Duration;

/// With fewer requests than this, p95 or p99 is the longest of them.
pub const FOR_P95: u32 = 20;
/// The same for p99.
pub const FOR_P99: u32 = 100;

/// Whose congestion window holds up the request or its answer: whoever sends more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This end's.
    Client,
    /// The other end's.
    Server,
}

/// What came of one manner of having connections.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was run.
    pub setting: Setting,
    /// A round trip to the server and back.
    pub rtt: Duration,
    /// The longest segment, bytes, as the host tells it or by its interface's MTU; `None`: it tells neither.
    pub segment: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// The congestion window before and behind the first byte of each request or answer, bytes.
    pub windows: Vec<Option<[u32; 2]>>,
    /// Whose window that is.
    pub whose: Whose,
}

/// What a request found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A connection that was opened for it.
    New,
    /// The same, and the SYN carried it.
    Syn,
    /// A connection that was opened beforehand and had carried nothing.
    Ready,
    /// A connection that had carried requests.
    Used,
    /// The same, whose window was taken back: RFC 5681 section 4.1.
    Aged,
}

/// Requests that found the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they found.
    pub found: Found,
    /// How many they are.
    pub requests: usize,
    /// The time of the one in the middle: half of them took no longer. The parts that follow are its own, since those of several
    /// requests would not add up.
    pub time: Duration,
    /// How long of that was waited for a connection.
    pub waited: Duration,
    /// How long of it was the handshake.
    pub handshake: Duration,
    /// The window that it began with, bytes.
    pub cwnd: Option<u32>,
    /// The longest of their times.
    pub longest: Duration,
}

impl Row {
    /// The requests by what they found.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        [Found::New, Found::Syn, Found::Ready, Found::Used, Found::Aged]
            .into_iter()
            .filter_map(|found| self.group(found))
            .collect()
    }

    fn group(&self, found: Found) -> Option<Group> {
        let of = |(request, window): &(&Request, &Option<[u32; 2]>)| match (request.turn, window) {
            _ if request.in_syn => Found::Syn,
            (0, _) if request.handshake.is_zero() => Found::Ready,
            (0, _) => Found::New,
            (_, Some([before, behind])) if behind < before => Found::Aged,
            _ => Found::Used,
        };
        let all = self.outcome.requests.iter().zip(&self.windows);
        let mut same: Vec<(&Request, &Option<[u32; 2]>)> = all.filter(|one| of(one) == found).collect();
        same.sort_by_key(|(request, _)| request.time);
        let (middle, window) = same.get(same.len().div_ceil(2).checked_sub(1)?)?;
        Some(Group {
            found,
            requests: same.len(),
            time: middle.time,
            waited: middle.waited,
            handshake: middle.handshake,
            cwnd: window.map(|[_, behind]| behind),
            longest: same.last()?.0.time,
        })
    }

    /// How many round trips fit into a time, in tenths.
    #[must_use]
    pub fn trips(&self, time: Duration) -> u128 {
        let rtt = self.rtt.as_nanos().max(1);
        (time.as_nanos() * 10 + rtt / 2) / rtt
    }

    /// How long the longer of request and answer is, bytes.
    fn longer(&self) -> u64 {
        self.setting.size.max(self.setting.answer) as u64
    }

    /// A window in segments.
    #[must_use]
    pub fn segments(&self, window: u32) -> Option<u32> {
        self.segment.map(|segment| window.saturating_add(segment / 2) / segment)
    }
}

/// In how many windows so many bytes leave, if the first has `window` and each has twice as many as the one before, bytes.
///
/// RFC 5681 section 3.1, slow start, where each segment is acknowledged by itself; it is the least that slow start takes.
#[must_use]
pub fn windows(bytes: u64, window: u32) -> u32 {
    let (mut count, mut left, mut window) = (1, bytes, u64::from(window.max(1)));
    while left > window {
        left -= window;
        window *= 2;
        count += 1;
    }
    count
}

impl Group {
    /// What a request of this group paid for, in round trips, and by which rule.
    #[must_use]
    pub fn sentence(&self, row: &Row) -> String {
        let found = match self.found {
            Found::New => "over a new connection",
            Found::Syn => "in the SYN of a new connection",
            Found::Ready => "over a connection opened beforehand",
            Found::Used => "over a connection used before",
            Found::Aged => "over a connection used before, but idle for longer than its RTO",
        };
        let (all, most) = (row.trips(self.time), row.trips(self.longest));
        let word = if all == 10 { "round trip" } else { "round trips" };
        let spread = if most == all { String::new() } else { format!(" in the median, {} at the most", tenths(most)) };
        format!("{} {found}: {} {word}{spread}: {}", self.requests, tenths(all), self.parts(row).join(", "))
    }

    /// The parts of its time.
    fn parts(&self, row: &Row) -> Vec<String> {
        // Each in tenths, and together no more than the whole.
        let all = row.trips(self.time);
        let waited = row.trips(self.waited).min(all);
        let handshake = row.trips(self.handshake).min(all - waited);
        let rest = all - waited - handshake;
        let (exchange, more) = (rest.min(10), rest.saturating_sub(10));
        let mut parts = vec![];
        if waited > 0 {
            parts.push(format!("{} without a good connection", tenths(waited)));
        }
        if handshake > 0 {
            parts.push(format!("{} for the handshake", tenths(handshake)));
        }
        let exchange = format!("{} for request and answer", tenths(exchange));
        // Where a host is all the way, opening a connection is more work than using it.
        parts.push(if rest < 10 { exchange + ", less than for the handshake that was measured" } else { exchange });
        let rule = match self.found {
            Found::New | Found::Syn | Found::Ready => " (RFC 6928 section 2)",
            Found::Used => "",
            Found::Aged => " (RFC 5681 section 4.1)",
        };
        let back = if self.found == Found::Aged { "back at" } else { "of" };
        let segments = self.cwnd.and_then(|cwnd| row.segments(cwnd));
        let window = segments.map_or("a window that is not known".to_string(), |segments| {
            format!("a window {back} {segments} segments{rule}")
        });
        let predicted = self.cwnd.map(|cwnd| u128::from(windows(row.longer(), cwnd) - 1) * 10);
        match (more, predicted) {
            (0, None) => {}
            (0, Some(_)) => parts.push(format!("as {window} holds all of it")),
            (_, Some(predicted)) if predicted.abs_diff(more) <= 1 => {
                parts.push(format!("{} more in slow start from {window}", tenths(more)));
            }
            (_, Some(0)) => parts.push(format!(
                "{} more although {window} holds all of it: the hosts' own time, the link's rate, losses or the receive window",
                tenths(more)
            )),
            (_, Some(predicted)) => parts.push(format!(
                "{} more until all was there, of which slow start from {window} explains {}",
                tenths(more),
                tenths(predicted.min(more))
            )),
            (_, None) => parts.push(format!("{} more until all was there, from {window}", tenths(more))),
        }
        parts
    }
}

/// Tenths as people write them: 20 as `2`, 25 as `2.5`.
#[must_use]
pub fn tenths(tenths: u128) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::pool::{Kind, Limits};

    fn request(time: u64, waited: u64, handshake: u64) -> Request {
        let [time, waited, handshake] = [time, waited, handshake].map(Duration::from_micros);
        Request { time, waited, handshake, own: ([127, 0, 0, 1], 9).into(), turn: 0, in_syn: false, cwnd: None }
    }

    #[test]
    fn parts_are_those_of_one_request_and_no_more_than_its_time() {
        let setting = Setting {
            requests: 3,
            size: 1,
            answer: 1,
            concurrency: 1,
            gap: Duration::ZERO,
            wait: Duration::from_secs(1),
            limits: Limits { kind: Kind::Each, size: 1, idle_timeout: None },
            fast_open: false,
        };
        let said = |requests: &[Request]| {
            let outcome = Outcome {
                requests: requests.to_vec(),
                opened: 3,
                beforehand: None,
                expired: 0,
                closed_by_peer: 0,
                retried: 0,
                segment: None,
                traffic: None,
            };
            let windows = vec![None; requests.len()];
            let (setting, rtt, whose) = (setting.clone(), Duration::from_micros(100), Whose::Client);
            let row = Row { setting, rtt, segment: None, outcome, windows, whose };
            row.groups().iter().map(|group| group.sentence(&row)).collect::<Vec<_>>()
        };
        // The medians of the parts, 90 and 110 µs, would be more than the median of the times.
        assert_eq!(
            said(&[request(120, 0, 110), request(190, 90, 50), request(400, 120, 240)]),
            [
                "3 over a new connection: 1.9 round trips in the median, 4 at the most: 0.9 without a good connection, 0.5 for the \
                 handshake, 0.5 for request and answer, less than for the handshake that was measured"
            ]
        );
    }

    #[test]
    fn slow_start_doubles_the_window_until_all_has_left() {
        for (bytes, count) in [(1, 1), (14_600, 1), (14_601, 2), (43_800, 2), (43_801, 3), (102_200, 3), (102_201, 4)] {
            assert_eq!(windows(bytes, 14_600), count, "{bytes}");
        }
    }
}
