//! Events as lines of text.

use super::event::{Event, FastOpen, Request, Summary};
use super::plan::Plan;
use super::why::{Piece, Story};
use crate::words;
use cli::RoundTrips;
use std::time::Duration;

/// How many groups of segments of one write are told, and how many writes of a request.
const MOST_TOLD: usize = 6;

/// The line that comes first.
pub(crate) fn start(plan: &Plan) -> String {
    let writes = &plan.options.writes;
    let sizes: Vec<String> = writes.iter().take(MOST_TOLD).map(ToString::to_string).collect();
    let more = if writes.len() > MOST_TOLD { " ..." } else { "" };
    let bytes: usize = writes.iter().sum();
    let how = if writes.len() == 1 { "one write".to_string() } else { format!("{} writes: ", writes.len()) };
    let sizes = if writes.len() == 1 { String::new() } else { format!("{}{more}", sizes.join(", ")) };
    format!("TCP ECHO {} ({}): {bytes} bytes a request, in {how}{sizes}", plan.target, plan.to)
}

/// The lines of an event.
pub(crate) fn lines(event: &Event, plan: &Plan) -> Vec<String> {
    match event {
        Event::Connected { own, took } => {
            vec![format!("connected from {own} in {} ms", cli::milliseconds(*took))]
        }
        Event::Stepped(_) => vec![],
        Event::Echoed(request) => self::request(request),
        Event::Failed { during, trouble, written, echoed, held } => {
            let (line, _) = words::trouble(trouble, plan, *during);
            let far = match (during, written) {
                (0, _) => String::new(),
                (_, 0) => " before the next request".into(),
                _ => format!("; {echoed} of {written} bytes echoed"),
            };
            let held = held.map_or(String::new(), |(bytes, rule)| format!("; {bytes} wait, held by {rule}"));
            vec![format!("{line}{far}{held}")]
        }
    }
}

fn request(request: &Request) -> Vec<String> {
    let head = format!(
        "request {}: {} bytes echoed, rtt {} ms",
        request.number,
        request.bytes,
        cli::milliseconds(request.rtt)
    );
    let stories = request.stories.iter().flatten().enumerate();
    let told =
        stories.clone().take(MOST_TOLD).map(|(index, story)| format!("  write {}: {}", index + 1, self::story(story)));
    let untold = stories.count().saturating_sub(MOST_TOLD);
    let word = if untold == 1 { "write" } else { "writes" };
    let more = (untold > 0).then(|| format!("  and {untold} {word} more"));
    let more = if request.stories.is_none() { Some("  not known: what left when, and why".into()) } else { more };
    [head].into_iter().chain(told).chain(more).chain(request.fast_open.as_ref().map(fast_open)).collect()
}

/// What became of the wish to send data in the SYN.
fn fast_open(fast_open: &FastOpen) -> String {
    match (fast_open.taken, &fast_open.failure) {
        (true, _) => "  fast open: the SYN carried data, and the other side took them".into(),
        (false, Some(failure)) => format!("  fast open: not this time: {failure}"),
        (false, None) => "  fast open: not this time: no cookie of the other side was known, or it took none".into(),
    }
}

/// `5000 bytes as 3 x 1460 at once; 620 after 20.000 ms, held by nagle`
pub(crate) fn story(story: &Story) -> String {
    match story.pieces.as_slice() {
        [piece] if piece.segment == story.len() => return format!("{} bytes{}", story.len(), moment(piece)),
        [piece] if piece.bytes == story.len() => {
            return format!("{} bytes, in a segment of {},{}", story.len(), piece.segment, moment(piece));
        }
        _ => {}
    }
    let mut groups: Vec<(u64, &Piece)> = vec![];
    for piece in &story.pieces {
        match groups.last_mut() {
            Some((count, last)) if amount(1, last) == amount(1, piece) && moment(last) == moment(piece) => *count += 1,
            _ => groups.push((1, piece)),
        }
    }
    // What left together is told together.
    let mut told: Vec<(String, Vec<String>)> = vec![];
    for (count, piece) in groups.iter().take(MOST_TOLD) {
        let moment = moment(piece);
        match told.last_mut() {
            Some((last, amounts)) if *last == moment => amounts.push(amount(*count, piece)),
            _ => told.push((moment, vec![amount(*count, piece)])),
        }
    }
    let untold: u64 = groups.iter().skip(MOST_TOLD).map(|(count, _)| count).sum();
    let more = (untold > 0).then(|| format!("and {untold} more"));
    let told = told.iter().map(|(moment, amounts)| format!("{}{moment}", amounts.join(", ")));
    format!("{} bytes as {}", story.len(), told.chain(more).collect::<Vec<_>>().join("; "))
}

fn amount(count: u64, piece: &Piece) -> String {
    let times = if count > 1 { format!("{count} x ") } else { String::new() };
    let of = if piece.segment == piece.bytes { String::new() } else { format!(" in a segment of {}", piece.segment) };
    format!("{times}{}{of}", piece.bytes)
}

/// When a piece left, and what had held it.
fn moment(piece: &Piece) -> String {
    let again = if piece.again { " again" } else { "" };
    if piece.at_once {
        return format!("{again} at once");
    }
    let by = if piece.again { String::new() } else { by(piece) };
    format!("{again} after {} ms{by}", cli::milliseconds(piece.after))
}

/// What had held a piece.
fn by(piece: &Piece) -> String {
    let sum: Duration = piece.held.iter().map(|(_, time)| *time).sum();
    match piece.held.as_slice() {
        [(rule, _)] if sum >= piece.after => format!(", held by {rule}"),
        [] if piece.unwritten.is_zero() => ", why is not known".into(),
        held => {
            let rest = piece.after.saturating_sub(sum);
            // Before the rules, the program itself had the bytes.
            let unwritten = rest.min(piece.unwritten);
            let unknown = rest - unwritten;
            let part =
                |time: Duration, by: &str| (!time.is_zero()).then(|| format!("{} {by}", cli::milliseconds(time)));
            let parts = held.iter().map(|(rule, time)| format!("{} by {rule}", cli::milliseconds(*time)));
            let parted = if sum > piece.after { ", parts of it" } else { "," };
            let parts: Vec<String> = (part(unwritten, "by a full send buffer").into_iter())
                .chain(parts)
                .chain(part(unknown, "by what is not known"))
                .collect();
            format!("{parted} held {}", parts.join(", "))
        }
    }
}

/// The last lines.
pub(crate) fn statistics(plan: &Plan, summary: &Summary, times: &RoundTrips) -> String {
    let millis = (summary.span.as_nanos() + 500_000) / 1_000_000;
    let head = format!("--- {} echo statistics ---", plan.target);
    let requests = if summary.sent == 1 { "request" } else { "requests" };
    let counts = format!("{} {requests}, {} echoed, time {millis}ms", summary.sent, summary.echoed);
    let rtt = times.summary().map(|rtt| format!("\n{}\n{}", rtt.line(), rtt.percentiles())).unwrap_or_default();
    format!("\n{head}\n{counts}{rtt}")
}
