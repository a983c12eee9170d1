//! Where there is room for a label: never over another one, and over as few lines as can be.

/// A point of the drawing.
pub(crate) type Point = (f64, f64);

/// How far text reaches over its base line, and below it.
const ASCENT: f64 = 9.0;
const DESCENT: f64 = 3.0;

/// The box of a text, turned as the text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quad([Point; 4]);

impl Quad {
    /// Of text that begins at `at` on its base line and runs in the direction `along`, a unit long.
    pub(crate) fn of_text(at: Point, along: Point, width: f64) -> Self {
        let (dx, dy) = along;
        let corner = |right: f64, down: f64| (at.0 + dx * right - dy * down, at.1 + dy * right + dx * down);
        Self([corner(0.0, -ASCENT), corner(width, -ASCENT), corner(width, DESCENT), corner(0.0, DESCENT)])
    }

    /// Whether two boxes have a point in common: no line parts them.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let parted = |one: &Self, two: &Self| one.edges().any(|axis| is_parted(axis, &one.0, &two.0));
        !parted(self, other) && !parted(other, self)
    }

    /// Whether a line goes through it.
    pub(crate) fn is_crossed(&self, line: &(Point, Point)) -> bool {
        let ends = [line.0, line.1];
        let (dx, dy) = (line.1.0 - line.0.0, line.1.1 - line.0.1);
        !self.edges().any(|axis| is_parted(axis, &self.0, &ends)) && !is_parted((-dy, dx), &self.0, &ends)
    }

    /// Whether it lies within these bounds: left, top, right, bottom.
    pub(crate) fn is_within(&self, (left, top, right, bottom): (f64, f64, f64, f64)) -> bool {
        self.0.iter().all(|(x, y)| (left..=right).contains(x) && (top..=bottom).contains(y))
    }

    /// What stands upright on each of two sides.
    fn edges(&self) -> impl Iterator<Item = Point> {
        let [a, b, _, d] = self.0;
        [(b.0 - a.0, b.1 - a.1), (d.0 - a.0, d.1 - a.1)].into_iter()
    }
}

/// Whether the shadows of two shapes on a line in this direction do not touch.
fn is_parted(axis: Point, one: &[Point], two: &[Point]) -> bool {
    let shadow = |points: &[Point]| {
        let along = points.iter().map(|(x, y)| x * axis.0 + y * axis.1);
        along.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), at| (least.min(at), most.max(at)))
    };
    let ((a, b), (c, d)) = (shadow(one), shadow(two));
    b <= c || d <= a
}

/// A place that a label could have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) at: Point,
    pub(crate) along: Point,
    /// How far it is from where one would look for it.
    pub(crate) cost: f64,
}

/// What is drawn already.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) labels: Vec<Quad>,
    pub(crate) lines: Vec<(Point, Point)>,
}

/// What it costs to lie over a line.
const CROSSING: f64 = 5.0;

impl Taken {
    /// The best of these places for a text so wide, and what it costs; `None`: all would be over another label.
    pub(crate) fn best(
        &self,
        candidates: &[Candidate],
        width: f64,
        bounds: (f64, f64, f64, f64),
    ) -> Option<(Candidate, f64)> {
        let mut best: Option<(Candidate, f64)> = None;
        for candidate in candidates {
            let quad = Quad::of_text(candidate.at, candidate.along, width);
            if !quad.is_within(bounds) || self.labels.iter().any(|label| label.overlaps(&quad)) {
                continue;
            }
            let crossed = self.lines.iter().filter(|line| quad.is_crossed(line)).count();
            let cost = candidate.cost + CROSSING * f64::from(u32::try_from(crossed).unwrap_or(u32::MAX));
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((*candidate, cost));
            }
        }
        best
    }

    pub(crate) fn take(&mut self, at: Point, along: Point, width: f64) {
        self.labels.push(Quad::of_text(at, along, width));
    }
}

/// The places beside a line from `from` to `to` for a text so wide.
pub(crate) fn beside(from: Point, to: Point, width: f64) -> Vec<Candidate> {
    // Text is read from left to right, whichever way the packet flew.
    let ((x1, y1), (x2, y2)) = if from.0 <= to.0 { (from, to) } else { (to, from) };
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = (dx * dx + dy * dy).sqrt();
    let mut candidates = vec![];
    let along = (dx / length, dy / length);
    let is_gentle = dy.abs() <= dx * 0.7;
    if is_gentle && width <= length - 16.0 {
        for (share, cost) in [(0.0, 0.0), (0.5, 0.3), (1.0, 0.5)] {
            let start = 8.0 + (length - 16.0 - width) * share;
            for (above, more) in [(4.0, 0.0), (-12.0, 1.0)] {
                let at = (x1 + along.0 * start + along.1 * above, y1 + along.1 * start - along.0 * above);
                candidates.push(Candidate { at, along, cost: cost + more });
            }
        }
    }
    // Lying, centred over or under a point of the line, or beside it where it is steep.
    let slope = if dx > 0.0 { (dy / dx).abs() } else { 1.0 };
    let clear = (slope * width / 2.0).min(dy.abs() / 2.0 + 2.0);
    for (share, cost) in [(0.5, 1.0), (0.3, 1.3), (0.7, 1.3), (0.15, 1.6), (0.85, 1.6)] {
        let (x, y) = (x1 + dx * share, y1 + dy * share);
        let places = [
            ((-width / 2.0, -clear - 4.0), 0.0),
            ((-width / 2.0, clear + 11.0), 0.4),
            ((5.0, 3.0), 0.2),
            ((-5.0 - width, 3.0), 0.2),
        ];
        candidates.extend(places.map(|((right, down), more)| Candidate {
            at: (x + right, y + down),
            along: (1.0, 0.0),
            cost: cost + more,
        }));
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_overlap_if_and_only_if_no_line_parts_them() {
        let lying = Quad::of_text((0.0, 0.0), (1.0, 0.0), 20.0);
        assert!(lying.overlaps(&Quad::of_text((19.0, 5.0), (1.0, 0.0), 20.0)));
        assert!(!lying.overlaps(&Quad::of_text((20.5, 0.0), (1.0, 0.0), 20.0)));
        assert!(!lying.overlaps(&Quad::of_text((0.0, 12.5), (1.0, 0.0), 20.0)));
        // Turned by a right angle: it reaches from its base line to the left.
        assert!(lying.overlaps(&Quad::of_text((10.0, 10.0), (0.0, -1.0), 20.0)));
        assert!(!lying.overlaps(&Quad::of_text((40.0, 10.0), (0.0, -1.0), 20.0)));
    }

    #[test]
    fn line_crosses_a_box_or_passes_it() {
        let text = Quad::of_text((0.0, 0.0), (1.0, 0.0), 20.0);
        assert!(text.is_crossed(&((-5.0, -20.0), (15.0, 20.0))));
        assert!(!text.is_crossed(&((-20.0, 0.0), (-1.0, 0.0))));
        assert!(!text.is_crossed(&((15.0, 15.0), (35.0, -5.0))));
    }
}
