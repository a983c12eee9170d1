//! What comes of what: a root, and under each thing those that are made of it.

use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use crate::{Caption, Refusal};

const LEFT: f64 = 6.0;
/// How far a row is set in from the one that it comes of, and how high it is.
const STEP: f64 = 18.0;
const ROW: f64 = 34.0;
const FIRST: f64 = 13.0;
const SECOND: f64 = 27.0;

/// Something that is made of something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How many steps it is from the root. It comes of the nearest one above it that is one step nearer.
    pub depth: usize,
    /// What it is called.
    pub name: String,
    /// By what it is made.
    pub by: String,
    /// What it is, where that is known: bytes in hexadecimal.
    pub value: Option<String>,
    /// What it is there for; something that seals records stands out.
    pub seals: Option<String>,
}

/// Draws them in their order, from the root down.
///
/// # Errors
/// When there is none.
pub fn origins(caption: &Caption, all: &[Origin]) -> Result<String, Refusal> {
    if all.is_empty() {
        return Err(Refusal::NothingComes);
    }
    let mut canvas = Canvas::new();
    for (row, origin) in all.iter().enumerate() {
        let (left, top) = (LEFT + STEP * units(origin.depth), ROW * units(row));
        if let Some(parent) = all.iter().take(row).rposition(|other| other.depth + 1 == origin.depth) {
            let x = LEFT + STEP * units(origin.depth - 1) + 4.0;
            let from = ROW * units(parent) + SECOND + 4.0;
            canvas.path("ax", format!("M{} {}V{}H{}", Num(x), Num(from), Num(top + FIRST - 4.0), Num(left - 3.0)));
        }
        canvas.group(&origin.told(), |canvas| draw(canvas, origin, left, top));
    }
    let told: Vec<String> = all.iter().map(|origin| origin.told() + ".").collect();
    Ok(canvas.finish(caption, ROW * units(all.len()), &caption.description(&told.join(" "))))
}

fn draw(canvas: &mut Canvas, origin: &Origin, left: f64, top: f64) {
    let room = WIDTH - LEFT - left;
    let mut name_room = room;
    if let Some(seals) = origin.seals.as_ref().and_then(|seals| Text::Value.shortened(seals, room / 2.0)) {
        canvas.text((WIDTH - LEFT, top + FIRST), Text::Value, Anchor::End, &seals);
        name_room -= Text::Value.width(&seals) + 8.0;
    }
    if let Some(name) = Text::Strong.shortened(&origin.name, name_room) {
        canvas.text((left, top + FIRST), Text::Strong, Anchor::Start, &name);
    }
    let mut by_room = room;
    if let Some(value) = origin.value.as_ref().and_then(|value| Text::Number.shortened(value, 92.0)) {
        canvas.text((WIDTH - LEFT, top + SECOND), Text::Number, Anchor::End, &value);
        by_room -= Text::Number.width(&value) + 8.0;
    }
    if let Some(by) = Text::Muted.shortened(&origin.by, by_room) {
        canvas.text((left, top + SECOND), Text::Muted, Anchor::Start, &by);
    }
}

impl Origin {
    fn told(&self) -> String {
        let mut told = format!("{}: {}", self.name, self.by);
        if let Some(seals) = &self.seals {
            told += &format!(", for {seals}");
        }
        told
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few rows")]
fn units(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::overlap::Seen;

    #[test]
    fn texts_of_random_trees_lie_over_no_other() {
        let mut chance = Chance(0x7ee5_0f5e_c4e7_0001);
        for _ in 0..50 {
            let mut depth = 0;
            let all: Vec<Origin> = (0..1 + chance.below(12))
                .map(|row| {
                    depth = if row == 0 { 0 } else { 1 + chance.below((depth + 1).min(5)) };
                    let mut text = |most: usize| "secret ".repeat(1 + chance.below(most));
                    let (name, by, value, seals) = (text(9), text(9), text(4), text(5));
                    let mut some = |text: String| (chance.below(2) == 0).then_some(text);
                    Origin { depth, name, by, value: some(value), seals: some(seals) }
                })
                .collect();
            let figure = origins(&Caption::new("any", "A tree"), &all).unwrap();
            Seen::of(&figure).hold_texts_apart();
            assert!(!figure.contains("\n\n"));
        }
    }

    #[test]
    fn nothing_has_no_picture() {
        assert_eq!(origins(&Caption::new("x", "X"), &[]), Err(Refusal::NothingComes));
    }
}
