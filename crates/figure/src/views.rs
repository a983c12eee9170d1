//! The same records as two see them: somebody on the path, and both ends.

use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::{Caption, Refusal};

/// Where the two columns begin, and how wide they are.
const PATH: f64 = 8.0;
const ENDS: f64 = 186.0;
const COLUMN: f64 = 166.0;
const HEAD: f64 = 22.0;
/// How high a line of a record is, and what is around its lines.
const LINE: f64 = 15.0;
const AROUND: f64 = 10.0;
const GAP: f64 = 4.0;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Who sent it.
    pub from: String,
    /// How many bytes it has on the wire.
    pub bytes: usize,
    /// Whether it is sealed.
    pub is_sealed: bool,
    /// What is in it.
    pub holds: Vec<String>,
}

/// Draws records in their order, each in both views: on the left what the path shows of it, on the right what the ends have.
///
/// # Errors
/// When there are none.
pub fn views(caption: &Caption, records: &[View]) -> Result<String, Refusal> {
    if records.is_empty() {
        return Err(Refusal::NothingFlew);
    }
    let mut canvas = Canvas::new();
    canvas.text((PATH, 13.0), Text::Title, Anchor::Start, "on the path");
    canvas.text((ENDS, 13.0), Text::Title, Anchor::Start, "at both ends");
    let (mut y, mut told) = (HEAD, vec![]);
    for record in records {
        let height = LINE * units(record.holds.len().max(1)) + AROUND;
        canvas.group(&record.told(), |canvas| record.draw(canvas, y, height));
        told.push(record.told() + ".");
        y += height + GAP;
    }
    Ok(canvas.finish(caption, y, &caption.description(&told.join(" "))))
}

impl View {
    fn told(&self) -> String {
        let holds = self.holds.join(", ");
        let seen = if self.is_sealed { "sealed on the path, at the ends" } else { "read by all" };
        format!("{}, {} bytes, {seen}: {holds}", self.from, self.bytes)
    }

    fn draw(&self, canvas: &mut Canvas, y: f64, height: f64) {
        let (class, texts) = match self.is_sealed {
            true => ("f-tra", vec![format!("sealed, {} bytes", self.bytes)]),
            false => ("f-app", self.holds.clone()),
        };
        column(canvas, PATH, y, height, class, &texts);
        column(canvas, ENDS, y, height, "f-app", &self.holds);
        // From whom: an arrow between the columns, to the right from the client.
        let (middle, gap) = (y + height / 2.0, (PATH + COLUMN, ENDS));
        let (tail, tip) = if self.from == "client" { gap } else { (gap.1, gap.0) };
        let back = if tip > tail { -3.0 } else { 3.0 };
        canvas.path(
            "ax",
            format!("M{} {}H{}m{} -3l{} 3l{} 3", Num(tail), Num(middle), Num(tip), Num(back), Num(-back), Num(back)),
        );
    }
}

fn column(canvas: &mut Canvas, left: f64, y: f64, height: f64, class: &str, texts: &[String]) {
    canvas.rect(class, (left, y), (COLUMN, height), 3.0);
    let first = y + height / 2.0 - LINE * units(texts.len()) / 2.0 + 11.0;
    for (line, text) in texts.iter().enumerate() {
        if let Some(text) = Text::Plain.shortened(text, COLUMN - 12.0) {
            canvas.text((left + 6.0, first + LINE * units(line)), Text::Plain, Anchor::Start, &text);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few lines")]
fn units(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::overlap::Seen;

    #[test]
    fn what_is_sealed_is_named_on_one_side_only() {
        let record = |is_sealed| View { from: "server".into(), bytes: 74, is_sealed, holds: vec!["Finished".into()] };
        let drawn = |is_sealed| views(&Caption::new("any", "Records"), &[record(is_sealed)]).unwrap();
        assert_eq!(drawn(true).matches(">Finished</text>").count(), 1);
        assert!(drawn(true).contains(">sealed, 74 bytes</text>"));
        assert_eq!(drawn(false).matches(">Finished</text>").count(), 2);
        assert_eq!(views(&Caption::new("x", "X"), &[]), Err(Refusal::NothingFlew));
    }

    #[test]
    fn texts_of_random_records_lie_over_no_other() {
        let mut chance = Chance(0x0b5e_12ed_0b5e_12ed);
        for _ in 0..50 {
            let records: Vec<View> = (0..1 + chance.below(12))
                .map(|_| View {
                    from: ["client", "server"][chance.below(2)].into(),
                    bytes: chance.below(100_000),
                    is_sealed: chance.below(2) == 0,
                    holds: (0..chance.below(6)).map(|_| "message ".repeat(1 + chance.below(6))).collect(),
                })
                .collect();
            let figure = views(&Caption::new("any", "Records"), &records).unwrap();
            Seen::of(&figure).hold_texts_apart();
            assert!(!figure.contains("\n\n"));
        }
    }
}
