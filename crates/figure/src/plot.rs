//! The plot: numbers over time, or over whatever else grows to the right. Each line has its name beside it, and there is no legend.

pub(crate) mod axis;

use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use crate::room::{Candidate, Point, Taken};
use crate::{Caption, Refusal, Role};
use axis::Axis;
use std::fmt::Write;

/// Where the area of the plot is.
const TOP: f64 = 40.0;
const BOTTOM: f64 = 222.0;
const RIGHT: f64 = 350.0;
/// More numbers of a line are not written beside its points.
const FEW: usize = 8;

/// A picture of lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What grows to the right, and in which unit.
    pub x: String,
    /// What grows upwards, and in which unit.
    pub y: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// What happened, and when.
    pub marks: Vec<Mark>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it is of.
    pub name: String,
    /// What it is there for.
    pub role: Role,
    /// How its points are joined.
    pub join: Join,
    /// The points, each further to the right than the one before.
    pub points: Vec<(f64, f64)>,
}

/// How points are joined. Lines differ in more than their colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// A dot each, and straight lines between them.
    Straight,
    /// The same, dashed.
    Dashed,
    /// Each value holds until the next: a window, a counter.
    Steps,
    /// The same, dashed.
    DashedSteps,
    /// The same, dotted.
    DottedSteps,
}

/// Something that happened: a cross, and a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where.
    pub at: (f64, f64),
    /// What.
    pub word: String,
}

impl Plot {
    /// Draws it.
    ///
    /// # Errors
    /// When there is no point, or one that is no number.
    pub fn draw(&self, caption: &Caption) -> Result<String, Refusal> {
        let points = || self.lines.iter().flat_map(|line| &line.points).chain(self.marks.iter().map(|mark| &mark.at));
        if points().next().is_none() || points().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return Err(Refusal::NoPoints);
        }
        let y = Axis::of(points().map(|(_, y)| *y), (BOTTOM, TOP), 6.0);
        let widest = y.ticks().iter().map(|(_, text)| Text::Number.width(text)).fold(0.0, f64::max);
        let left = widest + 12.0;
        let has_dots = self.lines.iter().any(Line::is_dotted);
        let inset = if has_dots { 12.0 } else { 0.0 };
        let x = Axis::within(points().map(|(x, _)| *x), (left + inset, RIGHT - inset), 5.0);

        let mut canvas = Canvas::new();
        canvas.text((left, 16.0), Text::Title, Anchor::Start, &self.y);
        grid(&mut canvas, &x, &y, left);
        canvas.text((f64::midpoint(left, RIGHT), BOTTOM + 33.0), Text::Muted, Anchor::Middle, &self.x);
        let place = |(at, value): &(f64, f64)| (x.at(*at), y.at(*value));
        let mut taken = Taken::default();
        for line in &self.lines {
            let points: Vec<Point> = line.corners().iter().map(place).collect();
            taken.lines.extend(points.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))));
        }
        for line in &self.lines {
            line.draw(&mut canvas, &place);
        }
        let bounds = (left, 18.0, WIDTH - 1.0, BOTTOM);
        let mut write = |canvas: &mut Canvas, text: &str, kind: Text, candidates: &[Candidate]| {
            let width = kind.width(text);
            if let Some((best, _)) = taken.best(candidates, width, bounds) {
                taken.take(best.at, best.along, width);
                canvas.text_with(best.at, kind, Anchor::Start, "halo", text);
            }
        };
        for mark in &self.marks {
            let (x, y) = place(&mark.at);
            canvas.path("w bad", format!("M{} {}l10 10m0-10l-10 10", Num(x - 5.0), Num(y - 5.0)));
            write(&mut canvas, &mark.word, Text::Bad, &around((x, y), Text::Bad.width(&mark.word)));
        }
        for line in &self.lines {
            let width = Text::Strong.width(&line.name);
            let candidates: Vec<Candidate> =
                line.points.iter().rev().map(place).flat_map(|point| around(point, width)).collect();
            write(&mut canvas, &line.name, Text::Strong, &candidates);
        }
        for line in self.lines.iter().filter(|line| line.points.len() <= FEW && line.is_dotted()) {
            for point in &line.points {
                let text = axis::number(point.1);
                write(&mut canvas, &text, Text::Number, &around(place(point), Text::Number.width(&text)));
            }
        }
        Ok(canvas.finish(caption, BOTTOM + 40.0, &caption.description(&self.told())))
    }

    /// The lines in words: all their numbers where these are few, else how far they reach.
    fn told(&self) -> String {
        let mut sentences = vec![format!("{}, over {}.", self.y, self.x)];
        for Line { name, points, .. } in &self.lines {
            let number = axis::number;
            let told: Vec<String> = match points.len() {
                0 => continue,
                1..=FEW => points.iter().map(|(x, y)| format!("{} at {}", number(*y), number(*x))).collect(),
                _ => {
                    let (least, most) =
                        points.iter().fold((f64::MAX, f64::MIN), |(least, most), (_, y)| (least.min(*y), most.max(*y)));
                    vec![format!("{} points from {} to {}", points.len(), number(least), number(most))]
                }
            };
            sentences.push(format!("{name}: {}.", told.join(", ")));
        }
        sentences.extend(self.marks.iter().map(|mark| format!("{} at {}.", mark.word, axis::number(mark.at.0))));
        sentences.join(" ")
    }
}

/// Grid, axes and their numbers.
fn grid(canvas: &mut Canvas, x: &Axis, y: &Axis, left: f64) {
    let mut lines = String::new();
    for (at, text) in y.ticks() {
        let _ = write!(lines, "M{} {}H{}", Num(left), Num(at), Num(RIGHT));
        canvas.text((left - 5.0, at + 4.0), Text::Number, Anchor::End, &text);
    }
    canvas.path("gr", lines);
    let mut axis = format!("M{} {}H{}", Num(left), Num(BOTTOM), Num(RIGHT));
    for (at, text) in x.ticks() {
        let _ = write!(axis, "M{} {}v4", Num(at), Num(BOTTOM));
        let half = Text::Number.width(&text) / 2.0;
        canvas.text((at.min(WIDTH - 1.0 - half), BOTTOM + 17.0), Text::Number, Anchor::Middle, &text);
    }
    canvas.path("ax", axis);
}

/// The places around a point for a text so wide.
fn around((x, y): Point, width: f64) -> Vec<Candidate> {
    let places = [
        ((-width / 2.0, -8.0), 0.0),
        ((9.0, 4.0), 0.3),
        ((-9.0 - width, 4.0), 0.4),
        ((-width / 2.0, 17.0), 0.5),
        ((-6.0 - width, -6.0), 0.6),
        ((6.0, -6.0), 0.6),
        ((6.0, 15.0), 0.7),
        ((-6.0 - width, 15.0), 0.7),
    ];
    let candidate =
        |((right, down), cost): ((f64, f64), f64)| Candidate { at: (x + right, y + down), along: (1.0, 0.0), cost };
    places.into_iter().map(candidate).collect()
}

impl Line {
    /// Whether its points are seen one by one.
    fn is_dotted(&self) -> bool {
        matches!(self.join, Join::Straight | Join::Dashed)
    }

    /// The points through which the line goes.
    fn corners(&self) -> Vec<(f64, f64)> {
        if self.is_dotted() {
            return self.points.clone();
        }
        let mut corners: Vec<(f64, f64)> = vec![];
        for point in &self.points {
            corners.extend(corners.last().map(|last| (point.0, last.1)));
            corners.push(*point);
        }
        corners
    }

    fn draw(&self, canvas: &mut Canvas, place: &dyn Fn(&(f64, f64)) -> Point) {
        let dash = match self.join {
            Join::Straight | Join::Steps => "",
            Join::Dashed | Join::DashedSteps => " d",
            Join::DottedSteps => " p",
        };
        canvas.group(&self.name, |canvas| {
            let mut path = String::new();
            for (number, (x, y)) in self.corners().iter().map(place).enumerate() {
                let _ = write!(path, "{}{} {}", if number == 0 { 'M' } else { 'L' }, Num(x), Num(y));
            }
            canvas.path(&format!("{}{dash}", self.role.class()), path);
            if self.is_dotted() {
                // A line of no length with round ends is a dot.
                let dots: String =
                    self.points.iter().map(place).map(|(x, y)| format!("M{} {}h0", Num(x), Num(y))).collect();
                canvas.path(&format!("{} o", self.role.class()), dots);
            }
        });
    }
}
