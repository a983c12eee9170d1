//! Lines of a drawing: with or without colour, in UTF-8 or in ASCII, and never wider than [`WIDTH`].

use anstyle::Style;

/// No line of a drawing is wider, in columns: what every terminal and every page of a book has room for.
pub const WIDTH: usize = 80;

/// What drawings are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pen {
    /// ASCII only.
    pub ascii: bool,
    /// Whether styles are written.
    pub colour: bool,
}

/// A line while it is drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Pieces of one style each.
    pieces: Vec<(Style, String)>,
    width: usize,
}

impl Pen {
    /// Between offsets and bytes, and below marks that are explained further down.
    pub(super) fn stem(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// Where a stem ends at its text.
    pub(super) fn end(self) -> &'static str {
        if self.ascii { "`" } else { "╰" }
    }

    /// The mark below this many columns.
    pub(super) fn mark(self, columns: usize) -> String {
        match columns {
            0 => String::new(),
            _ if self.ascii => "^".repeat(columns),
            columns => format!("┬{}", "─".repeat(columns - 1)),
        }
    }

    /// That more follows.
    pub(super) fn more(self) -> &'static str {
        if self.ascii { "..." } else { "…" }
    }

    /// What leaves, or comes.
    pub(super) fn arrow(self, leaves: bool) -> &'static str {
        match (self.ascii, leaves) {
            (true, true) => "-->",
            (true, false) => "<--",
            (false, true) => "→",
            (false, false) => "←",
        }
    }
}

impl Line {
    /// Adds `text` in this style.
    pub(super) fn put(&mut self, style: Style, text: &str) {
        self.width += text.chars().count();
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == style => piece.push_str(text),
            _ => self.pieces.push((style, text.to_string())),
        }
    }

    /// Adds `text` without a style.
    pub(super) fn plain(&mut self, text: &str) {
        self.put(Style::new(), text);
    }

    /// Blanks up to this column.
    pub(super) fn pad_to(&mut self, column: usize) {
        self.plain(&" ".repeat(column.saturating_sub(self.width)));
    }

    /// The line as it is printed, without blanks at its end.
    pub(super) fn drawn(mut self, pen: Pen) -> String {
        if let Some((_, last)) = self.pieces.last_mut() {
            last.truncate(last.trim_end_matches(' ').len());
        }
        let pieces = self.pieces.iter().filter(|(_, piece)| !piece.is_empty());
        pieces.fold(String::new(), |line, (style, piece)| {
            let is_plain = !pen.colour || *style == Style::new() || piece.trim().is_empty();
            if is_plain { line + piece } else { line + &format!("{style}{piece}{style:#}") }
        })
    }
}

/// `text` in lines of at most `width` columns, those after the first behind `hang` blanks.
///
/// Words longer than a line are broken where it ends: text from the network need not have blanks.
pub(super) fn wrap(text: &str, width: usize, hang: usize) -> Vec<String> {
    let width = width.max(1);
    let hang = if hang < width { hang } else { 0 };
    let (mut lines, mut line, mut columns) = (vec![], String::new(), 0);
    let mut room = width;
    for word in text.split(' ') {
        let mut word: &str = word;
        let blank = usize::from(columns > 0);
        if columns > 0 && columns + blank + word.chars().count() > room {
            lines.push(std::mem::replace(&mut line, " ".repeat(hang)));
            (columns, room) = (0, width - hang);
        } else if columns > 0 {
            line.push(' ');
            columns += 1;
        }
        while word.chars().count() > room {
            let cut = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
            let (now, later) = word.split_at(cut);
            line.push_str(now);
            lines.push(std::mem::replace(&mut line, " ".repeat(hang)));
            (word, columns, room) = (later, 0, width - hang);
        }
        line.push_str(word);
        columns += word.chars().count();
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style;

    #[test]
    fn text_is_broken_at_blanks_and_words_only_where_they_are_longer_than_a_line() {
        assert_eq!(wrap("as it was sent", 80, 0), ["as it was sent"]);
        assert_eq!(wrap("as it was sent", 9, 2), ["as it was", "  sent"]);
        assert_eq!(wrap("0000:1111:2222 is long", 6, 0), ["0000:1", "111:22", "22 is", "long"]);
        assert_eq!(wrap("abcdef gh", 4, 3), ["abcd", "   e", "   f", "   g", "   h"]);
        assert_eq!(wrap("", 9, 0), [""]);
    }

    #[test]
    fn colour_is_put_around_what_can_be_seen_only() {
        let mut line = Line::default();
        line.plain("  ");
        line.put(style::NOTE, "45");
        line.pad_to(8);
        assert_eq!(line.width, 8);
        assert_eq!(line.clone().drawn(Pen::default()), "  45");
        assert_eq!(line.drawn(Pen { colour: true, ascii: false }), "  \u{1b}[36m45\u{1b}[0m");
    }
}
