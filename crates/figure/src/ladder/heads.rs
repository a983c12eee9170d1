//! Where lanes are, and what stands above them: names, and addresses where there is room.

use super::Party;
use crate::canvas::{Anchor, Canvas, Text, WIDTH};

/// The base line of the first row, and how far further ones are below.
const FIRST: f64 = 16.0;
const ROW: f64 = 14.0;
/// From the last row to the first moment.
const BELOW: f64 = 32.0;
/// Names that are too wide for their lanes stand in so many rows, in turn.
const MOST_ROWS: usize = 3;
/// A name at an end of the picture makes its lane stand so far within it, at most.
const MOST_INSET: f64 = 34.0;
/// Between two texts of a row.
const APART: f64 = 5.0;

/// The lanes, and the texts above them.
pub(super) struct Heads {
    pub(super) lanes: Vec<f64>,
    /// Where each begins, in which row it stands, and what kind of text it is.
    texts: Vec<(f64, usize, Text, String)>,
    rows: usize,
}

impl Heads {
    /// Of these parties; the first lane is at `least` or further to the right, and the last one leaves `room` at its right.
    pub(super) fn of(parties: &[Party], least: f64, room: f64) -> Self {
        let lanes = lanes(parties, least, room);
        let names = |rows: usize| {
            // Half of what a row has for each: both neighbours may have moved here from the ends of the picture.
            let room = gap(&lanes) * count(rows) / 2.0;
            let whole = rows < MOST_ROWS;
            let name = |(number, (party, x)): (usize, (&Party, &f64))| {
                let text = if whole { Some(party.name.clone()) } else { Text::Title.shortened(&party.name, room) };
                let text = text.unwrap_or_default();
                (starts(Text::Title, &text, *x), number % rows, Text::Title, text)
            };
            parties.iter().zip(&lanes).enumerate().map(name).collect::<Vec<_>>()
        };
        let rows = (1..MOST_ROWS).find(|rows| is_clear(&names(*rows))).unwrap_or(MOST_ROWS);
        let mut heads = Self { texts: names(rows), lanes, rows };
        let address = |(party, x): (&Party, &f64)| {
            (starts(Text::Number, &party.address, *x), rows, Text::Number, party.address.clone())
        };
        let addresses: Vec<_> =
            parties.iter().zip(&heads.lanes).map(address).filter(|(.., text)| !text.is_empty()).collect();
        if rows == 1 && !addresses.is_empty() && is_clear(&addresses) {
            heads.texts.extend(addresses);
            heads.rows += 1;
        }
        heads
    }

    /// Where time begins.
    pub(super) fn bottom(&self) -> f64 {
        FIRST + ROW * count(self.rows - 1) + BELOW
    }

    /// From one lane to the next.
    pub(super) fn gap(&self) -> f64 {
        gap(&self.lanes)
    }

    pub(super) fn draw(&self, canvas: &mut Canvas) {
        for (x, row, kind, text) in &self.texts {
            canvas.text((*x, FIRST + ROW * count(*row)), *kind, Anchor::Start, text);
        }
    }
}

/// Where the line of each party is.
fn lanes(parties: &[Party], least: f64, room: f64) -> Vec<f64> {
    let half = |party: Option<&Party>| {
        let width = party.map_or(0.0, |party| Text::Title.width(&party.name));
        (width / 2.0 + 2.0).clamp(14.0, MOST_INSET)
    };
    let left = least.max(half(parties.first()));
    let right = WIDTH - half(parties.last()).max(room);
    let last = parties.len().saturating_sub(1);
    let step = (right - left) / count(last.max(1));
    (0..=last).map(|number| left + step * count(number)).collect()
}

fn gap(lanes: &[f64]) -> f64 {
    match lanes {
        [first, second, ..] => second - first,
        _ => WIDTH,
    }
}

/// Where a text begins that is amid `x`, but within the picture.
fn starts(kind: Text, text: &str, x: f64) -> f64 {
    let width = kind.width(text);
    (x - width / 2.0).clamp(0.0, (WIDTH - 1.0 - width).max(0.0))
}

/// Whether the texts of each row leave each other room.
fn is_clear(texts: &[(f64, usize, Text, String)]) -> bool {
    let end = |(x, _, kind, text): &(f64, usize, Text, String)| x + kind.width(text);
    texts.iter().enumerate().all(|(number, text)| {
        let mut behind = texts.iter().skip(number + 1).filter(|other| other.1 == text.1);
        end(text) <= WIDTH && behind.all(|other| end(text) + APART <= other.0)
    })
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
