//! An SVG as it grows: text, lines, areas.
//!
//! Coordinates are `f64` and go through nothing but sums, products, quotients and square roots, which IEEE 754 defines to the last
//! bit: the same input gives the same bytes on every machine.

use crate::Caption;
use crate::metrics::{self, Face};
use crate::style::{self, For};
use std::fmt::{self, Display, Write};

/// How wide every figure is: a unit is 0.92 px on a phone and 1.55 px on a desktop, so one drawing serves both.
pub(crate) const WIDTH: f64 = 360.0;

/// A kind of text: font, size, colour. Nothing is smaller than 11 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// Words.
    Plain,
    /// Words to be read second.
    Muted,
    /// Bytes, numbers and times to be read second.
    Number,
    /// A value: bytes, numbers, times.
    Value,
    /// Words that stand out.
    Strong,
    /// The title of a figure or of a party.
    Title,
    /// What is wrong, or lost.
    Bad,
}

impl Text {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Muted => "q",
            Self::Number => "q m",
            Self::Value => "v m",
            Self::Strong => "b",
            Self::Title => "h",
            Self::Bad => "b bad",
        }
    }

    pub(crate) fn width(self, text: &str) -> f64 {
        let (face, size) = self.font();
        metrics::width(face, size, text)
    }

    /// `text`, or its beginning and dots, if that fits `room`.
    pub(crate) fn shortened(self, text: &str, room: f64) -> Option<String> {
        let (face, size) = self.font();
        metrics::shortened(face, size, text, room)
    }

    fn font(self) -> (Face, f64) {
        match self {
            Self::Plain | Self::Muted => (Face::Words, 11.0),
            Self::Number => (Face::Mono, 11.0),
            Self::Value => (Face::Mono, 12.0),
            Self::Strong | Self::Bad => (Face::Bold, 11.0),
            Self::Title => (Face::Bold, 13.0),
        }
    }
}

/// Which point of a text is at the place that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn class(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Middle => "c",
            Self::End => "e",
        }
    }
}

/// A figure on its way.
pub(crate) struct Canvas {
    body: String,
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self { body: String::new() }
    }

    /// A line of text at `(x, y)`, the left, middle or right end of its base line.
    pub(crate) fn text(&mut self, (x, y): (f64, f64), kind: Text, anchor: Anchor, text: &str) {
        self.text_with((x, y), kind, anchor, "", text);
    }

    /// The same with further classes.
    pub(crate) fn text_with(&mut self, (x, y): (f64, f64), kind: Text, anchor: Anchor, more: &str, text: &str) {
        let class = Classes([kind.class(), anchor.class(), more]);
        let _ = writeln!(self.body, "<text x=\"{}\" y=\"{}\"{class}>{}</text>", Num(x), Num(y), Escaped(text));
    }

    /// Text from `(x, y)` on in the direction `(dx, dy)`.
    pub(crate) fn text_along(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64), kind: Text, more: &str, text: &str) {
        let length = (dx * dx + dy * dy).sqrt();
        let (cos, sin) = (dx / length, dy / length);
        let class = Classes([kind.class(), more, ""]);
        let _ = writeln!(
            self.body,
            "<text transform=\"matrix({} {} {} {} {} {})\"{class}>{}</text>",
            Fine(cos),
            Fine(sin),
            Fine(-sin),
            Fine(cos),
            Num(x),
            Num(y),
            Escaped(text)
        );
    }

    /// A path of these classes.
    pub(crate) fn path(&mut self, class: &str, path: impl Display) {
        let _ = writeln!(self.body, "<path{} d=\"{path}\"/>", Classes([class, "", ""]));
    }

    /// A box at its left upper corner, with corners so round.
    pub(crate) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), round: f64) {
        let _ = write!(self.body, "<rect{} x=\"{}\" y=\"{}\"", Classes([class, "", ""]), Num(x), Num(y));
        let _ = write!(self.body, " width=\"{}\" height=\"{}\"", Num(width), Num(height));
        if round > 0.0 {
            let _ = write!(self.body, " rx=\"{}\"", Num(round));
        }
        self.body += "/>\n";
    }

    /// What `draw` draws, with words that are shown when it is pointed at.
    pub(crate) fn group(&mut self, told: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.body, "<g><title>{}</title>", Escaped(told));
        draw(self);
        self.body.truncate(self.body.trim_end().len());
        self.body += "</g>\n";
    }

    /// The file: its title, what it tells those who do not see it, and the drawing.
    pub(crate) fn finish(self, caption: &Caption, height: f64, description: &str) -> String {
        let id = caption.id();
        format!(
            "<svg class=\"fh\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" \
             aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n\
             <style>{}</style>\n{}</svg>\n",
            Num(WIDTH),
            Num(height),
            Escaped(caption.title()),
            Escaped(description),
            style::sheet(For::Svg, &self.body),
            self.body
        )
    }
}

/// A coordinate: a tenth of a unit is enough.
pub(crate) struct Num(pub(crate) f64);

impl Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        trimmed(f, &format!("{:.1}", self.0))
    }
}

/// A share of one, as a turn needs it.
struct Fine(f64);

impl Display for Fine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        trimmed(f, &format!("{:.3}", self.0))
    }
}

fn trimmed(f: &mut fmt::Formatter<'_>, digits: &str) -> fmt::Result {
    let short = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    f.write_str(if short == "-0" { "0" } else { short })
}

/// The attribute, if there are classes at all.
struct Classes<'a>([&'a str; 3]);

impl Display for Classes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes: Vec<&str> = self.0.iter().copied().filter(|class| !class.is_empty()).collect();
        if classes.is_empty() { Ok(()) } else { write!(f, " class=\"{}\"", classes.join(" ")) }
    }
}

/// Text between tags, in one line: what XML keeps for itself, and what it cannot hold.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\n' | '\r' | '\t' => f.write_char(' ')?,
                control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                    f.write_char('\u{fffd}')?;
                }
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_as_short_as_it_can_be() {
        for (number, text) in [(1.0, "1"), (0.04, "0"), (-0.04, "0"), (10.0, "10"), (2.35, "2.4"), (-3.5, "-3.5")] {
            assert_eq!(Num(number).to_string(), text);
        }
    }

    #[test]
    fn text_ends_no_tag_and_no_block_of_markdown() {
        assert_eq!(Escaped("a<b>&\"c\"\n\nd\u{1b}").to_string(), "a&lt;b&gt;&amp;&quot;c&quot;  d\u{fffd}");
    }
}
