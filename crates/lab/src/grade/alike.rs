//! Submissions that are nearly the same: by what they are made of, whatever the names, comments and spaces.
//!
//! A source becomes a sequence of tokens in which all names are one token and all literals another. Of each run of [`RUN`] tokens
//! there is a hash; two sources are as alike as the smaller one's runs are found in the other's (as in Schleimer, Wilkerson and
//! Aiken, "Winnowing", 2003, without the selection). What was handed out does not count.
//!
//! It lists, and judges nothing: short labs have few ways to be right.

use std::collections::BTreeSet;

/// How many tokens stand together.
const RUN: usize = 24;
/// How many runs there must be before it means anything.
const FEWEST: usize = 24;
/// From how many percent on two sources are listed.
const ALIKE: usize = 80;

/// The runs of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Runs(BTreeSet<u64>);

impl Runs {
    /// Those of `source` that are not in `handed_out`.
    pub(super) fn of(source: &str, handed_out: &Self) -> Self {
        let tokens = tokens(source);
        Self(tokens.windows(RUN).map(hash).filter(|run| !handed_out.0.contains(run)).collect())
    }

    /// How many percent of the smaller one are in the other, if that is worth a line.
    pub(super) fn alike(&self, other: &Self) -> Option<usize> {
        let fewest = self.0.len().min(other.0.len());
        let percent = self.0.intersection(&other.0).count() * 100 / fewest.max(1);
        (fewest >= FEWEST && percent >= ALIKE).then_some(percent)
    }

    /// How many percent of this are in the other, which may be much longer, if that is worth a line.
    pub(super) fn within(&self, other: &Self) -> Option<usize> {
        let percent = self.0.intersection(&other.0).count() * 100 / self.0.len().max(1);
        (self.0.len() >= FEWEST && percent >= ALIKE).then_some(percent)
    }
}

/// A token: what kind of name or literal it is, or the sign itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Name,
    Literal,
    Keyword(u64),
    Sign(char),
}

const KEYWORDS: [&str; 22] = [
    "as", "break", "const", "continue", "else", "enum", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
    "mut", "return", "static", "struct", "trait", "use", "while",
];

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = vec![];
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            c if c.is_whitespace() => (None, c.len_utf8()),
            '/' if rest.starts_with("//") => (None, until(rest, "\n")),
            '/' if rest.starts_with("/*") => (None, until(rest, "*/")),
            '"' => (Some(Token::Literal), text(rest)),
            c if c.is_ascii_digit() => (Some(Token::Literal), word(rest)),
            c if c.is_alphabetic() || c == '_' => {
                let length = word(rest);
                let name = rest.get(..length).unwrap_or_default();
                let keyword = KEYWORDS.iter().position(|keyword| *keyword == name);
                (Some(keyword.map_or(Token::Name, |at| Token::Keyword(at as u64))), length)
            }
            c => (Some(Token::Sign(c)), c.len_utf8()),
        };
        tokens.extend(token);
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    tokens
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

/// The length up to and with `end`.
fn until(rest: &str, end: &str) -> usize {
    rest.find(end).map_or(rest.len(), |at| at + end.len())
}

/// The length of the text in quotes at the start.
fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    rest.len()
}

fn hash(run: &[Token]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, token| {
        let number = match token {
            Token::Name => 1,
            Token::Literal => 2,
            Token::Keyword(at) => 16 + at,
            Token::Sign(c) => 256 + u64::from(u32::from(*c)),
        };
        (hash ^ number).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "pub fn sum(data: &[u8]) -> Lab<u16> {\n    let mut total: u32 = 0;\n    for pair in data.chunks(2) {\n        \
                       let word = u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]);\n        total += u32::from(word);\n    }\n    \
                       while total >> 16 != 0 { total = (total & 0xffff) + (total >> 16); }\n    Ok(total as u16)\n}\n";

    fn runs(source: &str) -> Runs {
        Runs::of(source, &Runs::default())
    }

    #[test]
    fn other_names_and_comments_hide_nothing() {
        let other =
            ONE.replace("total", "acc").replace("pair", "zwei").replace('\n', " // mine\n").replace("0xffff", "65535");
        assert_eq!(runs(ONE).alike(&runs(&other)), Some(100));
        assert_eq!(runs(ONE).within(&runs(&format!("{ONE}{}", "fn f(a: u8) -> u8 { a + 1 }\n".repeat(9)))), Some(100));
    }

    #[test]
    fn another_way_to_do_it_is_not_alike() {
        let other = "pub fn sum(data: &[u8]) -> Lab<u16> {\n    Ok(data.iter().enumerate().fold(0_u16, |sum, (at, byte)| {\n        \
                     let (a, b) = sum.overflowing_add(if at % 2 == 0 { u16::from(*byte) << 8 } else { u16::from(*byte) });\n        \
                     a + u16::from(b)\n    }))\n}\n";
        assert_eq!(runs(ONE).alike(&runs(other)), None);
        assert_eq!(Runs::of(ONE, &runs(ONE)).alike(&runs(ONE)), None, "what was handed out does not count");
    }

    #[test]
    fn any_text_has_tokens() {
        for odd in ["", "\"", "/*", "'\u{0}é\"\\\"", "r#\"", "é".repeat(50).as_str()] {
            let _ = tokens(odd);
        }
    }
}
