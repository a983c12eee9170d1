//! Names as people write them: labels with dots between them, and what cannot be typed behind a backslash.
//!
//! Obeys RFC 1035 section 5.1 and RFC 4343 section 2.1: `\.` is a dot within a label, `\032` the byte with that decimal number.

use super::{MOST_LABEL, MOST_NAME, Name};
use std::fmt::{self, Write};
use std::str::FromStr;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameError {
    /// The byte of the text where it ends to be one, counted from 0.
    pub byte: usize,
    /// What rule is broken there.
    pub rule: NameRule,
}

/// A rule that a text can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// There must be something: the root is a dot.
    Empty,
    /// Only the root has no label, and it has no dot before it.
    EmptyLabel,
    /// So many bytes in a label.
    LabelTooLong(usize),
    /// More bytes than a name can have.
    NameTooLong,
    /// A backslash with nothing behind it.
    LoneBackslash,
    /// A backslash with a digit, and not three of them.
    ThreeDigits,
    /// A backslash with a number above 255.
    NoByte(u16),
    /// A letter outside of ASCII.
    NotAscii(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: ", self.byte + 1)?;
        match self.rule {
            NameRule::Empty => f.write_str("a name has at least one label, and the root is written as a dot"),
            NameRule::EmptyLabel => f.write_str("a label between two dots cannot be empty (RFC 1035 section 3.1)"),
            NameRule::LabelTooLong(len) => {
                write!(f, "this label has {len} bytes, and {MOST_LABEL} are the most (RFC 1035 section 2.3.4)")
            }
            NameRule::NameTooLong => {
                write!(
                    f,
                    "a name has {MOST_NAME} bytes at most, one before each label included (RFC 1035 section 2.3.4)"
                )
            }
            NameRule::LoneBackslash => f.write_str("nothing stands behind this backslash (RFC 1035 section 5.1)"),
            NameRule::ThreeDigits => f.write_str(
                "a backslash before a digit stands for a byte in three digits, as in \\032 (RFC 1035 section 5.1)",
            ),
            NameRule::NoByte(number) => write!(f, "\\{number} is no byte: 255 is the most (RFC 1035 section 5.1)"),
            NameRule::NotAscii(letter) => write!(
                f,
                "'{}' is not ASCII: its name in the DNS begins with xn-- (RFC 5890 section 2.3.2.1)",
                letter.escape_unicode()
            ),
        }
    }
}

impl std::error::Error for NameError {}

impl FromStr for Name {
    type Err = NameError;

    /// Reads a name, which ends at the root also where no dot stands at its end.
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError { byte: 0, rule: NameRule::Empty });
        }
        if text == "." {
            return Ok(Self::root());
        }
        let mut wire = Vec::with_capacity(text.len() + 2);
        let mut label = Vec::new();
        let (mut start, mut rest) = (0, text);
        loop {
            let byte = text.len() - rest.len();
            let (taken, is_dot) = match rest.chars().next() {
                None | Some('.') => (rest.len().min(1), true),
                Some(_) => {
                    let (letter, len) = letter(rest).map_err(|rule| NameError { byte, rule })?;
                    label.push(letter);
                    (len, false)
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
            if !is_dot {
                continue;
            }
            let rule = match label.len() {
                0 => Some((byte, NameRule::EmptyLabel)),
                len if len > MOST_LABEL => Some((start, NameRule::LabelTooLong(len))),
                // The root's zero is still to come.
                len if wire.len() + len + 2 > MOST_NAME => Some((start, NameRule::NameTooLong)),
                _ => None,
            };
            if let Some((byte, rule)) = rule {
                return Err(NameError { byte, rule });
            }
            wire.push(u8::try_from(label.len()).unwrap_or_default());
            wire.append(&mut label);
            start = text.len() - rest.len();
            if rest.is_empty() {
                wire.push(0);
                return Ok(Self { wire });
            }
        }
    }
}

/// The byte of a label that `text` begins with, and the number of characters that stand for it.
fn letter(text: &str) -> Result<(u8, usize), NameRule> {
    match *text.as_bytes() {
        [b'\\', a, b, c, ..] if [a, b, c].iter().all(u8::is_ascii_digit) => {
            let number = [a, b, c].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
            u8::try_from(number).map(|byte| (byte, 4)).map_err(|_| NameRule::NoByte(number))
        }
        [b'\\', digit, ..] if digit.is_ascii_digit() => Err(NameRule::ThreeDigits),
        [b'\\'] => Err(NameRule::LoneBackslash),
        [b'\\', byte, ..] if byte.is_ascii() => Ok((byte, 2)),
        [byte, ..] if byte.is_ascii() && byte != b'\\' => Ok((byte, 1)),
        _ => Err(NameRule::NotAscii(text.chars().find(|letter| !letter.is_ascii()).unwrap_or_default())),
    }
}

impl fmt::Display for Name {
    /// With a dot at its end. What acts on a terminal, or would be read as something else in a zone file, is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.wire.len());
        for label in self.labels() {
            write_label(&mut text, label)?;
            text.push('.');
        }
        f.pad(if text.is_empty() { "." } else { &text })
    }
}

/// Writes a label with its escapes.
pub(in crate::dns) fn write_label(out: &mut impl Write, label: &[u8]) -> fmt::Result {
    label.iter().try_for_each(|byte| match byte {
        b'"' | b'(' | b')' | b'.' | b';' | b'\\' | b'@' | b'$' => write!(out, "\\{}", char::from(*byte)),
        b'!'..=b'~' => out.write_char(char::from(*byte)),
        _ => write!(out, "\\{byte:03}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> String {
        text.parse::<Name>().unwrap_err().to_string()
    }

    #[test]
    fn text_that_is_no_name_is_told_by_rule_and_place() {
        let long = "a".repeat(64);
        assert_eq!(told(""), "character 1: a name has at least one label, and the root is written as a dot");
        assert_eq!(told("a..b"), "character 3: a label between two dots cannot be empty (RFC 1035 section 3.1)");
        assert_eq!(told(".a"), "character 1: a label between two dots cannot be empty (RFC 1035 section 3.1)");
        assert_eq!(
            told(&format!("www.{long}.com")),
            "character 5: this label has 64 bytes, and 63 are the most (RFC 1035 section 2.3.4)"
        );
        assert_eq!(told("a\\"), "character 2: nothing stands behind this backslash (RFC 1035 section 5.1)");
        assert_eq!(
            told("a\\04"),
            "character 2: a backslash before a digit stands for a byte in three digits, as in \\032 (RFC 1035 section 5.1)"
        );
        assert_eq!(told("\\256.x"), "character 1: \\256 is no byte: 255 is the most (RFC 1035 section 5.1)");
        assert_eq!(
            told("bücher.example"),
            "character 2: '\\u{fc}' is not ASCII: its name in the DNS begins with xn-- (RFC 5890 section 2.3.2.1)"
        );
    }

    #[test]
    fn name_of_255_bytes_is_the_longest() {
        let labels = |last: usize| format!("{0}.{0}.{0}.{1}.", "x".repeat(63), "y".repeat(last));
        assert_eq!(labels(61).parse::<Name>().unwrap().wire().len(), 255);
        assert_eq!(
            told(&labels(62)),
            "character 193: a name has 255 bytes at most, one before each label included (RFC 1035 section 2.3.4)"
        );
    }

    #[test]
    fn what_a_terminal_or_a_zone_file_would_act_on_is_escaped() {
        let name = Name::root().child(b"a.b c\x1b\xff;\"@$()\\").unwrap();
        assert_eq!(name.to_string(), "a\\.b\\032c\\027\\255\\;\\\"\\@\\$\\(\\)\\\\.");
    }

    proptest! {
        #[test]
        fn name_is_read_as_it_was_written(labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..12), 0..12)) {
            let name = labels.iter().rev().try_fold(Name::root(), |name, label| name.child(label)).unwrap();
            let again: Name = name.to_string().parse().unwrap();
            prop_assert!(again.is_spelled_like(&name));
        }

        #[test]
        fn any_text_is_a_name_or_an_error_within_it(text in "\\PC*|[\\\\.0-9a-z]{0,300}") {
            match text.parse::<Name>() {
                Ok(name) => prop_assert!(name.wire().len() <= MOST_NAME && name.labels().all(|label| label.len() <= MOST_LABEL)),
                Err(error) => prop_assert!(error.byte <= text.len()),
            }
        }
    }
}
