//! One field in the grid: the bits that it has in each row, and its text in the widest of them.

use super::words::{self, Said};
use super::{BIT, COLUMNS, at, label};
use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::palette::Hue;
use std::fmt::Write;
use wire::dissect::Field;

/// More bits are drawn as one row: what is in them is bytes, and their number says it.
const TALL: usize = 128;
/// What must be left free at each side of a text.
const MARGIN: f64 = 1.5;
/// Between a value and its bytes.
const GAP: f64 = 5.0;

/// Where lines of text stand in a cell, from its top, and how high a cell with so many is.
const LABEL: f64 = 14.0;
const VALUE: f64 = 30.0;
const NAME: f64 = 44.0;
const TWO_LINES: f64 = 38.0;
const THREE_LINES: f64 = 52.0;
/// How high a line is that stands upright in a narrow cell, and what is added to its length.
const ASCENT: f64 = 8.0;
const UPRIGHT: f64 = 26.0;

/// A field's place in one row.
#[derive(Debug, Clone, Copy)]
struct Part {
    row: usize,
    column: usize,
    bits: usize,
}

/// A field, ready to be drawn.
pub(super) struct Cell {
    parts: Vec<Part>,
    /// The part that has the text.
    widest: Part,
    hidden: usize,
    label: Option<(String, bool)>,
    value: Option<String>,
    hex: Option<String>,
    name: Option<(String, Text)>,
    told: String,
    wrong: bool,
}

impl Cell {
    /// The cell of `field` at this bit of the grid.
    pub(super) fn new(field: &Field<'_>, from: usize) -> Self {
        let bits = field.bits().len();
        let hidden = if bits > TALL && from.is_multiple_of(COLUMNS) && bits.is_multiple_of(COLUMNS) {
            bits - COLUMNS
        } else {
            0
        };
        let parts = parts(from, bits - hidden);
        let mut widest = Part { row: 0, column: 0, bits: 0 };
        for part in &parts {
            if part.bits > widest.bits {
                widest = *part;
            }
        }
        let room = at(widest.bits) - at(0) - 2.0 * MARGIN;
        let Said { value, hex, name } = words::said(field);
        let wrong = field.problems().next().is_some();
        let value = Text::Value.shortened(&value, room).filter(|value| !value.is_empty());
        let used = value.as_deref().map_or(0.0, |value| Text::Value.width(value) + GAP);
        let beside = |hex: &String| used + Text::Number.width(hex) <= room;
        let below = |hex: &String| name.is_none() && Text::Number.width(hex) <= room;
        let (hex, hex_below) = match hex {
            Some(hex) if beside(&hex) => (Some(hex), None),
            Some(hex) if below(&hex) => (None, Some(hex)),
            _ => (None, None),
        };
        let kind = if wrong { Text::Bad } else { Text::Plain };
        let name = name.and_then(|name| Some((kind.shortened(&name, room)?, kind)));
        let label = fitted(field.label(), room);
        let stands_upright = matches!(label, Some((_, true)));
        let name = name.or(hex_below.map(|hex| (hex, Text::Number))).filter(|_| !stands_upright);
        Cell { label, value, hex, name, told: told(field), wrong, parts, widest, hidden }
    }

    /// How many of its bits have no place in the drawing.
    pub(super) fn hidden_bits(&self) -> usize {
        self.hidden
    }

    /// The number of the row behind its last one.
    pub(super) fn rows_end(&self) -> usize {
        self.parts.last().map_or(0, |part| part.row + 1)
    }

    /// The row in which its text stands.
    pub(super) fn text_row(&self) -> usize {
        self.widest.row
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.wrong
    }

    /// How high its text needs its row to be.
    pub(super) fn height(&self) -> f64 {
        let lines = if self.name.is_some() { THREE_LINES } else { TWO_LINES };
        match &self.label {
            Some((label, true)) => lines.max(Text::Muted.width(label) + UPRIGHT),
            _ => lines,
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, tops: &[f64], hue: Hue) {
        let class = format!("f-{}{}", hue.name(), if self.wrong { " bad" } else { "" });
        let edge = |row: usize| tops.get(row).copied().unwrap_or_default();
        let (top, bottom) = (edge(self.widest.row), edge(self.widest.row + 1));
        let middle = at(self.widest.column) + (at(self.widest.bits) - at(0)) / 2.0;
        canvas.group(&self.told, |canvas| {
            canvas.path(&class, outline(&self.parts, tops));
            let mut value_line = top + VALUE;
            match &self.label {
                Some((label, true)) => {
                    let length = Text::Muted.width(label);
                    // Read from below upwards; the middle of its capitals is the middle of the cell.
                    let at = (middle + ASCENT / 2.0, top + 6.0 + length);
                    canvas.text_along(at, (0.0, -1.0), Text::Muted, "", label);
                    value_line = bottom - 8.0;
                }
                Some((label, false)) => canvas.text((middle, top + LABEL), Text::Muted, Anchor::Middle, label),
                None => {}
            }
            match (&self.value, &self.hex) {
                (Some(value), Some(hex)) => {
                    let (width, more) = (Text::Value.width(value), Text::Number.width(hex));
                    let left = middle - (width + GAP + more) / 2.0;
                    canvas.text((left, value_line), Text::Value, Anchor::Start, value);
                    canvas.text((left + width + GAP, value_line), Text::Number, Anchor::Start, hex);
                }
                (Some(value), None) => canvas.text((middle, value_line), Text::Value, Anchor::Middle, value),
                _ => {}
            }
            if let Some((name, kind)) = &self.name {
                canvas.text((middle, top + NAME), *kind, Anchor::Middle, name);
            }
        });
    }
}

/// The label, lying if it fits, else upright: the answer says which.
fn fitted(text: &str, room: f64) -> Option<(String, bool)> {
    let lying = label::fitted(text, Text::Muted, room);
    if let Some(lying) = lying.filter(|lying| !lying.ends_with('…')) {
        return Some((lying, false));
    }
    let upright = BIT - 2.0;
    (room >= upright - 2.0 * MARGIN)
        .then(|| label::fitted(text, Text::Muted, 40.0))
        .flatten()
        .map(|label| (label, true))
}

/// What is shown when a cell is pointed at.
fn told(field: &Field<'_>) -> String {
    let meaning = field.meaning();
    match words::said(field).hex {
        Some(hex) => format!("{meaning} ({hex})"),
        None => meaning,
    }
}

/// The rows of a field, and what it has of each.
fn parts(from: usize, bits: usize) -> Vec<Part> {
    let mut parts = vec![];
    let mut bit = from;
    while bit < from + bits {
        let here = (COLUMNS - bit % COLUMNS).min(from + bits - bit);
        parts.push(Part { row: bit / COLUMNS, column: bit % COLUMNS, bits: here });
        bit += here;
    }
    parts
}

/// One line around all parts that touch, which are those that share columns.
fn outline(parts: &[Part], tops: &[f64]) -> String {
    let mut path = String::new();
    let mut rest = parts;
    while let Some(first) = rest.first() {
        let touching = 1 + rest.windows(2).take_while(|pair| matches!(pair, [a, b] if touch(a, b))).count();
        let (these, others) = rest.split_at(touching.min(rest.len()));
        rest = others;
        let edge = |row: usize| tops.get(row).copied().unwrap_or_default();
        let _ = write!(path, "M{} {}", Num(at(first.column)), Num(edge(first.row)));
        let mut x = first.column;
        let mut go = |path: &mut String, column: usize, row: usize| {
            if column != x {
                let _ = write!(path, "H{}", Num(at(column)));
                x = column;
            }
            let _ = write!(path, "V{}", Num(edge(row)));
        };
        // Down on the right, up on the left.
        these.iter().for_each(|part| go(&mut path, part.column + part.bits, part.row + 1));
        these.iter().rev().for_each(|part| go(&mut path, part.column, part.row));
        path.push('Z');
    }
    path
}

fn touch(upper: &Part, lower: &Part) -> bool {
    upper.column < lower.column + lower.bits && lower.column < upper.column + upper.bits
}
