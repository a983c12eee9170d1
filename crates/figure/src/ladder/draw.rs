//! The drawing of a ladder.

use super::heads::Heads;
use super::time::{Axis, CUT, told};
use super::{Flight, Ladder, Leg, lives};
use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use crate::room::{Candidate, Point, Taken, beside};
use crate::{Caption, Role};
use std::fmt::Write;
use std::time::Duration;

/// Between the times and the first lane.
const BESIDE_TIMES: f64 = 8.0;
/// How long the barbs of an arrow are, and how far they reach aside.
const BARB: (f64, f64) = (7.0, 3.5);
/// How far to the end a packet gets that is lost.
const LOST_AT: f64 = 0.5;
/// A text is chosen over shorter ones if its place costs no more than this, and none if all cost more than that.
const ACCEPTABLE: f64 = 4.0;
const BEARABLE: f64 = 14.0;

struct Drawing<'a> {
    ladder: &'a Ladder,
    flights: &'a [Flight],
    heads: Heads,
    axis: Axis,
    /// Where the times end that stand left of the first lane.
    times: f64,
    bounds: (f64, f64, f64, f64),
}

pub(super) fn draw(ladder: &Ladder, caption: &Caption) -> String {
    let flights = ladder.flights.get(..Ladder::MOST_PACKETS).unwrap_or(&ladder.flights);
    // How wide the times are does not depend on where they begin.
    let widest = |axis: &Axis| axis.ticks().iter().map(|(_, time)| Text::Number.width(time)).fold(20.0, f64::max);
    let times = 2.0 + widest(&Axis::of(flights, 0.0));
    let end = flights.iter().flat_map(|flight| &flight.legs).map(|leg| leg.arrives).max().unwrap_or_default();
    let start = flights.iter().flat_map(|flight| &flight.legs).map(|leg| leg.sent).min().unwrap_or_default();
    let lives: Vec<_> = ladder.lives.iter().map(|life| life.since(start)).collect();
    let room = lives::room(&lives, end);
    let heads = Heads::of(&ladder.parties, times + BESIDE_TIMES + room.max(6.0), room);
    let top = heads.bottom();
    let axis = Axis::of(flights, top);
    let bottom = axis.bottom() + 16.0;
    let bounds = (times + BESIDE_TIMES, top - 17.0, WIDTH - 1.0, bottom + 8.0);
    let drawing = Drawing { ladder, flights, heads, axis, times, bounds };

    let mut canvas = Canvas::new();
    drawing.frame(&mut canvas);
    let mut taken = drawing.lines();
    let places = (ladder.parties.as_slice(), drawing.heads.lanes.as_slice());
    lives::draw(&mut canvas, &lives, places, (&drawing.axis, end), &mut taken);
    let marks = drawing.losses(&mut taken);
    let labels = drawing.labels(&mut taken);
    for ((flight, label), mark) in flights.iter().zip(labels).zip(marks) {
        drawing.flight(&mut canvas, flight, label, mark);
    }
    let mut height = bottom + 8.0;
    let mut note = |canvas: &mut Canvas, text: &str| {
        canvas.text((times, height + 6.0), Text::Muted, Anchor::Start, text);
        height += 14.0;
    };
    if ladder.guessed {
        note(&mut canvas, "Seen at one place: how long each way took is a guess.");
    }
    let more = ladder.flights.len() - flights.len();
    if more > 0 {
        note(&mut canvas, &format!("{more} more packets follow."));
    }
    canvas.finish(caption, height, &caption.description(&drawing.told(end)))
}

impl Drawing<'_> {
    fn lane(&self, number: usize) -> f64 {
        self.heads.lanes.get(number).copied().unwrap_or_default()
    }

    /// A leg's two ends.
    fn ends(&self, leg: &Leg) -> (Point, Point) {
        ((self.lane(leg.from), self.axis.y(leg.sent)), (self.lane(leg.to), self.axis.y(leg.arrives)))
    }

    /// What of a leg is drawn: a lost one ends on its way.
    fn drawn(&self, leg: &Leg) -> (Point, Point) {
        let (from, to) = self.ends(leg);
        let share = if leg.lost { LOST_AT } else { 1.0 };
        (from, (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share))
    }

    /// Names, lanes, times and cuts.
    fn frame(&self, canvas: &mut Canvas) {
        self.heads.draw(canvas);
        let lanes = &self.heads.lanes;
        let (first, last) = (self.lane(0), self.lane(lanes.len().saturating_sub(1)));
        let top = self.bounds.1 + 7.0;
        canvas.text((self.times, top - 8.0), Text::Number, Anchor::End, self.axis.unit().name());
        let mut grid = String::new();
        for (y, time) in self.axis.ticks() {
            let _ = write!(grid, "M{} {}H{}", Num(first), Num(y), Num(last));
            canvas.text((self.times, y + 4.0), Text::Number, Anchor::End, &time);
        }
        if !grid.is_empty() {
            canvas.path("gr", grid);
        }
        let mut lines = String::new();
        for x in lanes {
            let _ = write!(lines, "M{} {}", Num(*x), Num(top - 6.0));
            for (from, to, _) in self.axis.cuts() {
                let quarter = (to - from) / 4.0;
                let _ = write!(
                    lines,
                    "V{}l4 {q}l-8 {w}l4 {q}V{}",
                    Num(from),
                    Num(to),
                    q = Num(quarter),
                    w = Num(quarter * 2.0)
                );
            }
            let _ = write!(lines, "V{}", Num(self.axis.bottom() + 10.0));
        }
        canvas.path("ax", lines);
        for (from, _, pause) in self.axis.cuts() {
            let text = format!("{} pass", told(pause));
            let x = first + self.heads.gap() / 2.0;
            canvas.text_with((x, from + CUT / 2.0 + 4.0), Text::Muted, Anchor::Middle, "halo", &text);
        }
    }

    /// What labels should not lie over, and where the cuts' words are.
    fn lines(&self) -> Taken {
        let mut taken = Taken::default();
        for leg in self.flights.iter().flat_map(|flight| &flight.legs) {
            taken.lines.push(self.drawn(leg));
        }
        for (from, _, pause) in self.axis.cuts() {
            let width = Text::Muted.width(&format!("{} pass", told(pause)));
            taken.take(
                (self.lane(0) + self.heads.gap() / 2.0 - width / 2.0, from + CUT / 2.0 + 4.0),
                (1.0, 0.0),
                width,
            );
        }
        taken
    }

    /// Where the word of each lost flight stands.
    fn losses(&self, taken: &mut Taken) -> Vec<Option<Point>> {
        let width = Text::Bad.width("lost");
        let place = |flight: &Flight, taken: &mut Taken| {
            let lost = flight.legs.iter().find(|leg| leg.lost)?;
            let (_, (x, y)) = self.drawn(lost);
            let around = [
                (10.0, 4.0),
                (-10.0 - width, 4.0),
                (-width / 2.0, 20.0),
                (-width / 2.0, -10.0),
                (10.0, 16.0),
                (10.0, -8.0),
            ];
            let candidates = around.map(|(dx, dy)| Candidate { at: (x + dx, y + dy), along: (1.0, 0.0), cost: 0.0 });
            let (best, _) = taken.best(&candidates, width, self.bounds)?;
            taken.take(best.at, best.along, width);
            Some(best.at)
        };
        self.flights.iter().map(|flight| place(flight, taken)).collect()
    }

    /// The text of each flight and its place. Those that have the least choice come first.
    fn labels(&self, taken: &mut Taken) -> Vec<Option<(String, Candidate)>> {
        let mut order: Vec<usize> = (0..self.flights.len()).collect();
        order.sort_by(|one, other| self.reach(*one).total_cmp(&self.reach(*other)));
        let mut labels = vec![None; self.flights.len()];
        for number in order {
            if let (Some(flight), Some(label)) = (self.flights.get(number), labels.get_mut(number)) {
                *label = self.label(flight, self.reach(number), taken);
            }
        }
        labels
    }

    /// How far across the picture a flight reaches.
    fn reach(&self, number: usize) -> f64 {
        let legs = self.flights.get(number).map_or(&[][..], |flight| &flight.legs);
        let ends = legs.iter().flat_map(|leg| [self.lane(leg.from), self.lane(leg.to)]);
        let (left, right) = ends.fold((WIDTH, 0.0_f64), |(left, right), x| (left.min(x), right.max(x)));
        right - left
    }

    /// The longest text that has a good place, and that place; else the one with the best.
    fn label(&self, flight: &Flight, reach: f64, taken: &mut Taken) -> Option<(String, Candidate)> {
        let mut best: Option<(String, Candidate, f64)> = None;
        for text in &flight.labels {
            let text = if flight.again { format!("{text}, sent again") } else { text.clone() };
            let text = if flight.is_doubled() { format!("{text}, comes twice") } else { text };
            let width = Text::Plain.width(&text);
            if width > reach * 1.2
                && flight.labels.len() > 1
                && !flight.labels.last().is_some_and(|last| text.starts_with(last))
            {
                continue;
            }
            let candidates = self.candidates(flight, width);
            let Some((place, cost)) = taken.best(&candidates, width, self.bounds) else { continue };
            if best.as_ref().is_none_or(|(.., least)| cost < *least) {
                best = Some((text, place, cost));
            }
            if cost <= ACCEPTABLE {
                break;
            }
        }
        let (text, place, _) = best.filter(|(.., cost)| *cost <= BEARABLE)?;
        taken.take(place.at, place.along, Text::Plain.width(&text));
        Some((text, place))
    }

    /// Where a text so wide could stand: at any leg, the longer the better.
    fn candidates(&self, flight: &Flight, width: f64) -> Vec<Candidate> {
        let length = |leg: &Leg| {
            let ((x1, y1), (x2, y2)) = self.ends(leg);
            ((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1)).sqrt()
        };
        let longest = flight.legs.iter().map(length).fold(1.0, f64::max);
        let mut candidates = vec![];
        for leg in &flight.legs {
            // Beside what is drawn: a lost packet's name is not to stand at another line.
            let (from, to) = self.drawn(leg);
            let more = 1.0 - length(leg) / longest;
            let places = beside(from, to, width).into_iter();
            candidates.extend(places.map(|place| Candidate { cost: place.cost + more, ..place }));
        }
        candidates
    }

    fn flight(&self, canvas: &mut Canvas, flight: &Flight, label: Option<(String, Candidate)>, mark: Option<Point>) {
        let class = if flight.again { format!("k {}", Role::Again.class()) } else { flight.role.class().to_string() };
        let name = flight.labels.first().map_or("", String::as_str);
        canvas.group(&format!("{name}: {}", self.times(flight)), |canvas| {
            let (lost, mut whole): (Vec<&Leg>, Vec<&Leg>) = flight.legs.iter().partition(|leg| leg.lost);
            whole.dedup(); // of one that came twice at once
            if !whole.is_empty() {
                canvas.path(&class, self.line(&whole, &flight.legs));
            }
            for leg in lost {
                let (from, (x, y)) = self.drawn(leg);
                canvas.path(&format!("{class} d"), format!("M{} {}L{} {}", Num(from.0), Num(from.1), Num(x), Num(y)));
                canvas.path("w bad", format!("M{} {}l10 10m0-10l-10 10", Num(x - 5.0), Num(y - 5.0)));
            }
            if let Some(at) = mark {
                canvas.text_with(at, Text::Bad, Anchor::Start, "halo", "lost");
            }
            if let Some((text, place)) = label {
                if place.along == (1.0, 0.0) {
                    canvas.text_with(place.at, Text::Plain, Anchor::Start, "halo", &text);
                } else {
                    canvas.text_along(place.at, place.along, Text::Plain, "halo", &text);
                }
            }
        });
    }

    /// One path through all legs: down a lane where the packet waits, with barbs where it ends.
    fn line(&self, legs: &[&Leg], all: &[Leg]) -> String {
        let mut path = String::new();
        let mut pen = None;
        for leg in legs {
            let ((x1, y1), (x2, y2)) = self.ends(leg);
            match pen {
                Some((x, y)) if x == x1 && y <= y1 => {
                    if y < y1 {
                        let _ = write!(path, "V{}", Num(y1));
                    }
                }
                _ => {
                    let _ = write!(path, "M{} {}", Num(x1), Num(y1));
                }
            }
            let _ = write!(path, "L{} {}", Num(x2), Num(y2));
            pen = Some((x2, y2));
            let goes_on = all.iter().any(|next| next.from == leg.to && next.sent >= leg.arrives);
            if !goes_on {
                let (dx, dy) = (x2 - x1, y2 - y1);
                let length = (dx * dx + dy * dy).sqrt().max(1.0);
                let (ux, uy) = (dx / length, dy / length);
                let barb = |aside: f64| (x2 - ux * BARB.0 - uy * aside, y2 - uy * BARB.0 + ux * aside);
                let (one, other) = (barb(BARB.1), barb(-BARB.1));
                let _ = write!(
                    path,
                    "M{} {}L{} {}L{} {}",
                    Num(one.0),
                    Num(one.1),
                    Num(x2),
                    Num(y2),
                    Num(other.0),
                    Num(other.1)
                );
                pen = None;
            }
        }
        path
    }

    /// `0 to 72 ms`, `lost on the way`.
    fn times(&self, flight: &Flight) -> String {
        let sent = flight.legs.first().map_or_else(String::new, |leg| told(leg.sent));
        let again = if flight.again { "sent again" } else { "sent" };
        let lost = flight.legs.iter().any(|leg| leg.lost);
        if let Some(seen) = flight.seen.filter(|_| !lost) {
            return format!("{again}, seen at {}", told(seen));
        }
        match flight.legs.iter().map(|leg| leg.arrives).max() {
            _ if lost => format!("{again} at {sent}, lost on the way"),
            Some(arrives) if flight.is_doubled() => format!("{again} at {sent}, there at {}, twice", told(arrives)),
            Some(arrives) => format!("{again} at {sent}, there at {}", told(arrives)),
            None => String::new(),
        }
    }

    /// The whole story.
    fn told(&self, end: Duration) -> String {
        let name = |number: usize| self.ladder.parties.get(number).map_or("", |party| party.name.as_str());
        let mut sentences = vec![];
        for flight in &self.ladder.flights {
            let Some(first) = flight.legs.first() else { continue };
            let last = flight.legs.last().unwrap_or(first);
            let to: Vec<&str> = match flight.legs.iter().filter(|leg| leg.sent == first.sent).count() {
                1 => vec![name(last.to)],
                _ if flight.is_doubled() => vec![name(last.to)],
                _ => flight.legs.iter().map(|leg| name(leg.to)).collect(),
            };
            let (from, to) = (name(first.from), to.join(", "));
            // Lanes of a capture are called as the line begins.
            let said = flight.summary.strip_prefix(&format!("{from} > {to} ")).unwrap_or(&flight.summary);
            sentences.push(format!("{from} to {to}: {said}, {}.", self.times(flight)));
        }
        sentences.extend(self.ladder.lives.iter().map(|life| life.told(end)));
        sentences.join(" ")
    }
}
