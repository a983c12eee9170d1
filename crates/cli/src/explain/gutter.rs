//! Bytes with marks below them: the caret gutter, over any ranges of half bytes.
//!
//! ```text
//!     8 │ 40 01 14 10
//!       │ ┬─ ┬─ ┬────
//!       │ │  │  ╰ header checksum 0x1410, correct
//!       │ │  ╰ protocol 1: ICMP follows
//!       │ ╰ time to live 64
//! ```
//!
//! It knows nothing of packets. A mark is as wide as the digits that it is about, since many fields begin in the middle of a
//! byte; the last mark is explained first, so that no text crosses a stem.

use super::pen::{Line, Pen, WIDTH, wrap};
use anstyle::Style;
use std::ops::Range;

/// The column of a row's first byte.
pub(super) const BYTES_AT: usize = 8;
/// Columns that a byte takes, with the blank behind it.
const BYTE: usize = 3;
/// The most bytes that a row has room for, marks that begin at the last one not considered.
pub(super) const MOST_BYTES: usize = 16;

/// A row of bytes.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    /// The number of its first byte.
    pub(super) offset: usize,
    /// Its bytes, [`MOST_BYTES`] at most.
    pub(super) bytes: &'a [u8],
    /// Whether bytes follow that are left out.
    pub(super) more: bool,
    /// In the order of their digits; none may overlap another.
    pub(super) marks: Vec<Mark>,
}

/// Digits of a row that something is said about.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// From which hexadecimal digit of the row to behind which: a byte has two.
    pub(super) digits: Range<usize>,
    /// How bytes and mark look.
    pub(super) style: Style,
    /// What is said.
    pub(super) said: Vec<Said>,
}

/// One paragraph below a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) style: Style,
    /// How far its further lines are moved to the right.
    pub(super) hang: usize,
}

impl Said {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new(), hang: 0 }
    }
}

/// The column of a digit.
pub(super) fn column(digit: usize) -> usize {
    BYTES_AT + digit / 2 * BYTE + digit % 2
}

impl Mark {
    /// The columns that it takes.
    pub(super) fn columns(&self) -> Range<usize> {
        column(self.digits.start)..column(self.digits.end.saturating_sub(1)) + 1
    }
}

impl Row<'_> {
    /// Its lines.
    pub(super) fn draw(&self, pen: Pen) -> Vec<String> {
        let mut lines = vec![self.bytes_line(pen)];
        if self.marks.is_empty() {
            return lines;
        }
        let mut line = gutter(pen);
        for mark in &self.marks {
            let columns = mark.columns();
            line.pad_to(columns.start);
            line.put(mark.style, &pen.mark(columns.len()));
        }
        lines.push(line.drawn(pen));
        for (index, mark) in self.marks.iter().enumerate().rev() {
            let stems = self.marks.get(..index).unwrap_or_default();
            let at = mark.columns().start;
            let room = WIDTH.saturating_sub(at + 2);
            let texts = mark.said.iter().flat_map(|said| {
                wrap(&said.text, room, said.hang).into_iter().map(move |text| (said.style, text))
            });
            for (number, (style, text)) in texts.enumerate() {
                let mut line = gutter(pen);
                for stem in stems {
                    line.pad_to(stem.columns().start);
                    line.put(stem.style, pen.stem());
                }
                line.pad_to(at);
                if number == 0 {
                    line.put(mark.style, pen.end());
                }
                line.pad_to(at + 2);
                line.put(style, &text);
                lines.push(line.drawn(pen));
            }
        }
        lines
    }

    fn bytes_line(&self, pen: Pen) -> String {
        let mut line = Line::default();
        line.plain(&format!("{:>5} {} ", self.offset, pen.stem()));
        for (number, byte) in self.bytes.iter().take(MOST_BYTES).enumerate() {
            line.pad_to(column(number * 2));
            for (digit, character) in format!("{byte:02x}").char_indices() {
                let style = self.marks.iter().find(|mark| mark.digits.contains(&(number * 2 + digit)));
                line.put(style.map_or(Style::new(), |mark| mark.style), character.encode_utf8(&mut [0; 4]));
            }
        }
        if self.more {
            line.plain(&format!(" {}", pen.more()));
        }
        line.drawn(pen)
    }
}

/// The beginning of all lines below the bytes.
fn gutter(pen: Pen) -> Line {
    let mut line = Line::default();
    line.plain(&format!("      {} ", pen.stem()));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTF8: Pen = Pen { ascii: false, colour: false };

    fn mark(digits: Range<usize>, text: &str) -> Mark {
        Mark { digits, style: Style::new(), said: vec![Said::plain(text)] }
    }

    fn drawn(row: &Row<'_>, pen: Pen) -> String {
        row.draw(pen).join("\n")
    }

    #[test]
    fn last_mark_is_explained_first_and_halves_of_a_byte_have_a_mark_each() {
        let marks = vec![mark(0..1, "version 4"), mark(1..2, "20 bytes"), mark(4..8, "84 bytes in all")];
        let row = Row { offset: 0, bytes: &[0x45, 0, 0, 0x54, 1], more: false, marks };
        assert_eq!(
            drawn(&row, UTF8),
            "    0 │ 45 00 00 54 01\n      │ ┬┬    ┬────\n      │ ││    ╰ 84 bytes in all\n      │ │╰ 20 bytes\n      │ ╰ version 4"
        );
        assert_eq!(
            drawn(&row, Pen { ascii: true, colour: false }),
            "    0 | 45 00 00 54 01\n      | ^^    ^^^^^\n      | ||    ` 84 bytes in all\n      | |` 20 bytes\n      | ` version 4"
        );
    }

    #[test]
    fn text_that_has_no_room_beside_its_mark_goes_on_below() {
        let marks = vec![mark(0..2, "first"), mark(30..32, &"word ".repeat(8))];
        let row = Row { offset: 16, bytes: &[0xff; 16], more: true, marks };
        assert_eq!(
            drawn(&row, UTF8),
            "   16 │ ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff …\n\
             \u{20}     │ ┬─                                           ┬─\n\
             \u{20}     │ │                                            ╰ word word word word word\n\
             \u{20}     │ │                                              word word word\n\
             \u{20}     │ ╰ first"
        );
    }

    #[test]
    fn bytes_without_marks_are_a_line() {
        assert_eq!(drawn(&Row { offset: 8, bytes: &[1, 2], more: false, marks: vec![] }, UTF8), "    8 │ 01 02");
    }
}
