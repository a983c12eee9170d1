//! The plot: numbers over time, or over whatever else grows to the right. Each line has its name beside it, and there is no legend.
//! [`Panels`] are plots one above the other, over one and the same axis.

pub(crate) mod axis;

use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use crate::room::{Candidate, Point, Quad, Taken};
use crate::{Caption, Refusal, Role};
use axis::Axis;
use std::fmt::Write;

/// Where the area of the first plot is.
const TOP: f64 = 40.0;
const BOTTOM: f64 = 222.0;
const RIGHT: f64 = 350.0;
/// How high each area below it is, and how much room is above it.
const LOWER: f64 = 96.0;
const BETWEEN: f64 = 50.0;
/// Of what lies so near together from left to right, only the ends and the extremes are drawn.
const COLUMN: f64 = 1.5;
/// More numbers of a line are not written beside its points.
const FEW: usize = 8;

/// What it costs if another line than the one that is meant is within so many units of a name.
const AMBIGUOUS: f64 = 3.0;
const NEAR: f64 = 8.0;
/// How far names are apart.
const APART: f64 = 3.0;
/// So many points of a line are tried for its name, with so many places around each.
const MOST_PLACES: usize = 100;
const PLACES: usize = 8;

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

/// Several plots, one above the other, with one axis to the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Panels {
    /// What grows to the right, and in which unit.
    pub x: String,
    /// The plots, the first one on top.
    pub panels: Vec<Panel>,
}

/// One of them: as [`Plot`].
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What grows upwards, and in which unit.
    pub y: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// What happened, and when.
    pub marks: Vec<Mark>,
}

impl Plot {
    /// Draws it.
    ///
    /// # Errors
    /// When there is no point, or one that is no number.
    pub fn draw(&self, caption: &Caption) -> Result<String, Refusal> {
        let Self { x, y, lines, marks } = self.clone();
        Panels { x, panels: vec![Panel { y, lines, marks }] }.draw(caption)
    }
}

impl Panels {
    /// Draws them.
    ///
    /// # Errors
    /// When one has no point, or one that is no number.
    pub fn draw(&self, caption: &Caption) -> Result<String, Refusal> {
        let is_empty = |panel: &Panel| panel.points().next().is_none();
        let points = || self.panels.iter().flat_map(Panel::points);
        if points().next().is_none()
            || self.panels.iter().any(is_empty)
            || points().any(|(x, y)| !x.is_finite() || !y.is_finite())
        {
            return Err(Refusal::NoPoints);
        }
        let (mut areas, mut top, mut bottom) = (vec![], TOP, BOTTOM);
        for panel in &self.panels {
            // An area that is half as high has half as many ticks.
            let ticks = if areas.is_empty() { 6.0 } else { 3.0 };
            areas.push((panel, Axis::of(panel.points().map(|(_, y)| *y), (bottom, top), ticks), top, bottom));
            (top, bottom) = (bottom + BETWEEN, bottom + BETWEEN + LOWER);
        }
        let bottom = bottom - BETWEEN - LOWER;
        let ticks = areas.iter().flat_map(|(_, y, ..)| y.ticks());
        let widest = ticks.map(|(_, text)| Text::Number.width(&text)).fold(0.0, f64::max);
        let left = widest + 12.0;
        let has_dots = self.panels.iter().flat_map(|panel| &panel.lines).any(Line::is_dotted);
        // Room for a digit beside the first point.
        let inset = if has_dots { 17.0 } else { 0.0 };
        let x = Axis::within(points().map(|(x, _)| *x), (left + inset, RIGHT - inset), 5.0);

        let mut canvas = Canvas::new();
        for (index, (panel, y, top, low)) in areas.iter().enumerate() {
            canvas.text((left, top - 24.0), Text::Title, Anchor::Start, &panel.y);
            grid(&mut canvas, &x, y, (left, *low), index + 1 == areas.len());
            if index + 1 == areas.len() {
                canvas.text((f64::midpoint(left, RIGHT), low + 33.0), Text::Muted, Anchor::Middle, &self.x);
            }
            panel.draw(&mut canvas, &x, y, (left, top - 22.0, WIDTH - 1.0, *low));
        }
        let told: Vec<String> = self.panels.iter().map(|panel| panel.told(&self.x)).collect();
        Ok(canvas.finish(caption, bottom + 40.0, &caption.description(&told.join(" "))))
    }
}

impl Panel {
    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.lines.iter().flat_map(|line| &line.points).chain(self.marks.iter().map(|mark| &mark.at))
    }

    /// Lines, marks and their names; `bounds` are those of names.
    fn draw(&self, canvas: &mut Canvas, x: &Axis, y: &Axis, bounds: (f64, f64, f64, f64)) {
        let place = |(at, value): &(f64, f64)| (x.at(*at), y.at(*value));
        let mut taken = Taken::default();
        for line in &self.lines {
            let points: Vec<Point> = line.way(&place);
            taken.lines.extend(points.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))));
        }
        for line in &self.lines {
            line.draw(canvas, &place);
        }
        let mut write = |canvas: &mut Canvas, text: &str, kind: Text, candidates: &[Candidate]| {
            let width = kind.width(text);
            if let Some((best, _)) = taken.best(candidates, width, bounds) {
                taken.take((best.at.0 - APART, best.at.1), best.along, width + 2.0 * APART);
                canvas.text_with(best.at, kind, Anchor::Start, "halo", text);
            }
        };
        for mark in &self.marks {
            let (x, y) = place(&mark.at);
            canvas.path("w bad", format!("M{} {}l10 10m0-10l-10 10", Num(x - 5.0), Num(y - 5.0)));
            write(canvas, &mark.word, Text::Bad, &around((x, y), Text::Bad.width(&mark.word)));
        }
        for line in &self.lines {
            write(canvas, &line.name, Text::Strong, &self.names(line, &place));
        }
        for line in self.lines.iter().filter(|line| line.points.len() <= FEW && line.is_dotted()) {
            for point in &line.points {
                let text = axis::number(point.1);
                write(canvas, &text, Text::Number, &around(place(point), Text::Number.width(&text)));
            }
        }
    }

    /// Where the name of a line could stand. Steps are many and go far: their names stand where no other line is as near.
    fn names(&self, line: &Line, place: &dyn Fn(&(f64, f64)) -> Point) -> Vec<Candidate> {
        let width = Text::Strong.width(&line.name);
        let points = line.few(place);
        let candidates = points.iter().rev().flat_map(|point| around(*point, width));
        if line.is_dotted() {
            return candidates.collect();
        }
        let others = self.lines.iter().filter(|other| !std::ptr::eq(*other, line));
        let others: Vec<Vec<Point>> = others.map(|other| other.way(place)).collect();
        let stretches = || others.iter().flat_map(|way| way.windows(2));
        let is_near = |candidate: &Candidate| {
            let (x, y) = candidate.at;
            let around = [-NEAR, NEAR].map(|down| Quad::of_text((x, y + down), candidate.along, width));
            let crosses = |pair: &[Point]| {
                let [from, to] = pair else { return false };
                around.iter().any(|quad| quad.is_crossed(&(*from, *to)))
            };
            stretches().any(crosses)
        };
        // Of very many points some are choice enough.
        let step = points.len().div_ceil(MOST_PLACES) * PLACES;
        let candidates = candidates.enumerate().filter(|(index, _)| index % step.max(PLACES) < PLACES);
        candidates
            .map(|(_, candidate)| match is_near(&candidate) {
                true => Candidate { cost: candidate.cost + AMBIGUOUS, ..candidate },
                false => candidate,
            })
            .collect()
    }

    /// The lines in words: all their numbers where these are few, else how far they reach.
    fn told(&self, x: &str) -> String {
        let mut sentences = vec![format!("{}, over {x}.", self.y)];
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
fn grid(canvas: &mut Canvas, x: &Axis, y: &Axis, (left, bottom): (f64, f64), has_numbers: bool) {
    let mut lines = String::new();
    for (at, text) in y.ticks() {
        let _ = write!(lines, "M{} {}H{}", Num(left), Num(at), Num(RIGHT));
        canvas.text((left - 5.0, at + 4.0), Text::Number, Anchor::End, &text);
    }
    canvas.path("gr", lines);
    let mut axis = format!("M{} {}H{}", Num(left), Num(bottom), Num(RIGHT));
    for (at, text) in x.ticks() {
        let _ = write!(axis, "M{} {}v4", Num(at), Num(bottom));
        if has_numbers {
            let half = Text::Number.width(&text) / 2.0;
            canvas.text((at.min(WIDTH - 1.0 - half), bottom + 17.0), Text::Number, Anchor::Middle, &text);
        }
    }
    canvas.path("ax", axis);
}

/// The places around a point for a text so wide.
fn around((x, y): Point, width: f64) -> Vec<Candidate> {
    let places: [_; PLACES] = [
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

    /// Where its points are; of steps that lie too near together to be told apart, the ends and the extremes.
    fn few(&self, place: &dyn Fn(&(f64, f64)) -> Point) -> Vec<Point> {
        let points = self.points.iter().map(place);
        if self.is_dotted() { points.collect() } else { thinned(points) }
    }

    /// The points through which the line goes.
    fn way(&self, place: &dyn Fn(&(f64, f64)) -> Point) -> Vec<Point> {
        let points = self.few(place);
        if self.is_dotted() {
            return points;
        }
        let mut corners: Vec<Point> = vec![];
        for point in points {
            let corner = corners.last().map(|last| (point.0, last.1));
            for next in corner.into_iter().chain([point]) {
                // What goes on as high as before needs no corner.
                if let [.., before, last] = corners.as_slice()
                    && is_same(before.1, last.1)
                    && is_same(last.1, next.1)
                {
                    corners.pop();
                }
                corners.push(next);
            }
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
            let mut last: Option<Point> = None;
            for (x, y) in self.way(place) {
                let _ = match last {
                    None => write!(path, "M{} {}", Num(x), Num(y)),
                    Some((_, before)) if !self.is_dotted() && is_same(before, y) => write!(path, "H{}", Num(x)),
                    Some((before, _)) if !self.is_dotted() && is_same(before, x) => write!(path, "V{}", Num(y)),
                    Some(_) => write!(path, "L{} {}", Num(x), Num(y)),
                };
                last = Some((x, y));
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

/// Whether two coordinates are one and the same.
fn is_same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

/// Of the points of each column: the first, the lowest, the highest and the last.
fn thinned(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept = vec![];
    let mut column: Vec<Point> = vec![];
    for point in points {
        if column.first().is_some_and(|first| point.0 - first.0 >= COLUMN) {
            kept.extend(extremes(&column));
            column.clear();
        }
        column.push(point);
    }
    kept.extend(extremes(&column));
    kept
}

fn extremes(column: &[Point]) -> Vec<Point> {
    let indexed = || column.iter().map(|point| point.1).enumerate();
    let lowest = indexed().max_by(|one, other| one.1.total_cmp(&other.1));
    let highest = indexed().min_by(|one, other| one.1.total_cmp(&other.1));
    let ends = [Some(0), column.len().checked_sub(1)];
    let extremes = [lowest, highest].into_iter().map(|found| found.map(|(index, _)| index));
    let mut wanted: Vec<usize> = ends.into_iter().chain(extremes).flatten().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted.into_iter().filter_map(|index| column.get(index).copied()).collect()
}
