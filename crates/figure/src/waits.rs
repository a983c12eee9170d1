//! Waits: when the bytes of a request left, and what had held them. A row a request, and in it a line for each time at which
//! something left, all to one scale of time.

use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::plot::axis::{self, Axis};
use crate::{Caption, Refusal};
use std::time::Duration;

/// Where time begins and ends.
const LEFT: f64 = 8.0;
const RIGHT: f64 = 352.0;
/// A row: its name, what left, and room below.
const NAME: f64 = 14.0;
const HEAD: f64 = 20.0;
const LINE: f64 = 22.0;
const FOOT: f64 = 12.0;
/// The box of what left.
const BOX: f64 = 17.0;
const MARGIN: f64 = 5.0;
const LEAST: f64 = 4.0;

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What is special about it.
    pub name: String,
    /// What left, in the order of its times.
    pub departures: Vec<Departure>,
    /// When all of it was answered, after the program had begun to write it.
    pub answered: Duration,
}

/// Segments that left at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// When, after the program had begun to write the request.
    pub after: Duration,
    /// How many bytes of data each has.
    pub segments: Vec<u64>,
    /// The rule that had held them; `None`: nothing had.
    pub held: Option<String>,
}

/// Draws when the bytes of these requests left.
///
/// # Errors
/// When nothing left.
pub fn waits(caption: &Caption, requests: &[Wait]) -> Result<String, Refusal> {
    if !requests.iter().any(|request| !request.departures.is_empty()) {
        return Err(Refusal::NothingFlew);
    }
    let times = requests.iter().flat_map(|request| {
        request.departures.iter().map(|departure| departure.after).chain([Duration::ZERO, request.answered])
    });
    let axis = Axis::within(times.map(milliseconds), (LEFT, RIGHT), 5.0);
    let height = |request: &Wait| HEAD + request.departures.iter().map(|_| LINE).sum::<f64>() + FOOT;
    let bottom: f64 = requests.iter().map(height).sum();

    let mut canvas = Canvas::new();
    let mut y = 0.0;
    for request in requests {
        canvas.group(&request.told(), |canvas| row(canvas, y, request, &axis));
        y += height(request);
    }
    let mut line = format!("M{} {}H{}", Num(LEFT), Num(bottom), Num(RIGHT));
    for (x, text) in axis.ticks() {
        line += &format!("M{} {}v4", Num(x), Num(bottom));
        let half = Text::Number.width(&text) / 2.0;
        canvas.text((x.clamp(half + 1.0, RIGHT + 6.0 - half), bottom + 17.0), Text::Number, Anchor::Middle, &text);
    }
    canvas.path("ax", line);
    canvas.text((f64::midpoint(LEFT, RIGHT), bottom + 33.0), Text::Muted, Anchor::Middle, "ms since the first write");
    let told: Vec<String> = requests.iter().map(Wait::told).collect();
    Ok(canvas.finish(caption, bottom + 40.0, &caption.description(&told.join(" "))))
}

/// The name and the time of the answer, and below it a line a departure: dashed while bytes wait, then what left.
fn row(canvas: &mut Canvas, top: f64, request: &Wait, axis: &Axis) {
    let answered = format!("{} ms", axis::number(milliseconds(request.answered)));
    let room = RIGHT - LEFT - Text::Value.width(&answered) - 8.0;
    if let Some(name) = Text::Strong.shortened(&request.name, room) {
        canvas.text((LEFT, top + NAME), Text::Strong, Anchor::Start, &name);
    }
    canvas.text((RIGHT, top + NAME), Text::Value, Anchor::End, &answered);
    let end = axis.at(milliseconds(request.answered));
    let mut y = top + HEAD + LINE / 2.0;
    for departure in &request.departures {
        let begins = axis.at(milliseconds(departure.after));
        let sizes = sizes(&departure.segments);
        let width = Text::Value.width(&sizes) + 2.0 * MARGIN;
        let held = departure.held.as_deref().filter(|_| departure.after > Duration::ZERO);
        let (left, width, text) = if begins + width <= end {
            (begins, width, begins + MARGIN)
        } else if end + width <= RIGHT {
            // The words stand behind what is too short for them.
            (begins, (end - begins).max(LEAST), end.max(begins + LEAST) + MARGIN)
        } else {
            let width = width.min(RIGHT - LEFT);
            (begins.min(RIGHT - width), width, begins.min(RIGHT - width) + MARGIN)
        };
        if departure.after > Duration::ZERO {
            waiting(canvas, y, left, held.unwrap_or_default());
        }
        if left + width < end {
            canvas.path("w s-app", format!("M{} {}H{}", Num(left + width), Num(y), Num(end)));
        }
        canvas.rect("f-app", (left, y - BOX / 2.0), (width, BOX), 3.0);
        if let Some(sizes) = Text::Value.shortened(&sizes, RIGHT - text) {
            canvas.text((text, y + 4.2), Text::Value, Anchor::Start, &sizes);
        }
        y += LINE;
    }
    let foot = y - LINE / 2.0;
    canvas.path("ax", format!("M{} {}V{}", Num(end), Num(top + HEAD), Num(foot)));
}

/// A dashed line up to `end`, and what it is that holds, where there is room.
fn waiting(canvas: &mut Canvas, y: f64, end: f64, held: &str) {
    let line = |from: f64, to: f64| format!("M{} {}H{}", Num(from), Num(y), Num(to));
    let held = Text::Plain.shortened(held, end - LEFT - 2.0 * MARGIN).unwrap_or_default();
    if held.is_empty() {
        canvas.path("w d s-ink", line(LEFT, end));
        return;
    }
    let (middle, half) = (f64::midpoint(LEFT, end), Text::Plain.width(&held) / 2.0 + 3.0);
    canvas.path("w d s-ink", line(LEFT, middle - half) + &line(middle + half, end));
    canvas.text((middle, y + 4.0), Text::Plain, Anchor::Middle, &held);
}

impl Wait {
    fn told(&self) -> String {
        let mut parts: Vec<String> = vec![];
        for Departure { after, segments, held } in &self.departures {
            let when = match held {
                _ if after.is_zero() => "at once".to_string(),
                Some(rule) => format!("after {} ms, {rule}", axis::number(milliseconds(*after))),
                None => format!("after {} ms", axis::number(milliseconds(*after))),
            };
            parts.push(format!("{} {when}", sizes(segments)));
        }
        let answered = axis::number(milliseconds(self.answered));
        format!("{}: bytes left in segments of {}; answered after {answered} ms.", self.name, parts.join("; "))
    }
}

/// As `3 × 1460, 620`.
fn sizes(segments: &[u64]) -> String {
    let runs = segments.chunk_by(|one, next| one == next);
    let words = runs.filter_map(|run| Some((run.len(), run.first()?)));
    let words = words.map(|(count, size)| if count == 1 { size.to_string() } else { format!("{count} × {size}") });
    words.collect::<Vec<_>>().join(", ")
}

/// A time as an axis has it.
fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waited_stands_behind_a_dashed_line_as_long_as_it_waited() {
        let departure = |after, segments: &[u64], held: Option<&str>| Departure {
            after: Duration::from_millis(after),
            segments: segments.to_vec(),
            held: held.map(String::from),
        };
        let answered = Duration::from_millis(80);
        let held = vec![departure(0, &[1460, 1460, 1460], None), departure(60, &[620], Some("held by nagle"))];
        let requests = [
            Wait { name: "by the RFC".into(), departures: held, answered },
            Wait { name: "corked".into(), departures: vec![departure(0, &[1460], None)], answered: answered / 4 },
        ];
        let svg = waits(&Caption::new("any", "What waits"), &requests).unwrap();
        // 60 of 80 ms are 258 of 344 units; the words stand in the middle of them.
        assert!(svg.contains("<path class=\"w d s-ink\" d=\"M8 53H") && svg.contains(" 53H266\"/>"), "{svg}");
        assert_eq!(svg.matches("w d s-ink").count(), 1);
        assert!(svg.contains(">3 × 1460</text>") && svg.contains(">80 ms</text>"), "{svg}");
        assert!(
            svg.contains("by the RFC: bytes left in segments of 3 × 1460 at once; 620 after 60 ms, held by nagle;")
        );
        assert_eq!(waits(&Caption::new("any", "Nothing"), &[]), Err(Refusal::NothingFlew));
    }
}
