//! The words of an entry of a master file, from which the data of a record are read.
//!
//! Obeys RFC 1035 section 5.1 (names relative to an origin) and RFC 3597 section 5 (the form for data of every type). How a text is
//! cut into words is not here: that is what a reader of master files does first.

use super::digits::bytes_of_hex;
use crate::dns::name::Name;
use std::collections::VecDeque;
use std::str::FromStr;

/// A word or a string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// As it is written, without its quotes: names have escapes of their own.
    pub raw: String,
    /// What it stands for, where it is text.
    pub bytes: Vec<u8>,
    /// Whether it stood in quotes.
    pub is_quoted: bool,
    /// Whether nothing stood between it and the word before: `key="value"` is two words.
    pub is_joined: bool,
}

/// Words that are still to be read.
#[derive(Debug, Clone)]
pub struct Words<'o> {
    words: VecDeque<Word>,
    origin: Option<&'o Name>,
}

impl<'o> Words<'o> {
    /// These words; names in them that have no dot at their end are relative to `origin`, if there is one.
    #[must_use]
    pub fn new(words: impl IntoIterator<Item = Word>, origin: Option<&'o Name>) -> Self {
        Self { words: words.into_iter().collect(), origin }
    }

    /// The next word.
    pub fn next_word(&mut self) -> Option<Word> {
        self.words.pop_front()
    }

    /// The next word, which is `label` or part of it, and `what` says how that is written.
    ///
    /// # Errors
    /// That there is none.
    pub fn word(&mut self, label: &str, what: &str) -> Result<Word, String> {
        self.next_word().ok_or_else(|| format!("{label} is missing: {what}"))
    }

    /// The same for a word that may not stand in quotes.
    ///
    /// # Errors
    /// That there is none, or a string.
    pub fn plain(&mut self, label: &str, what: &str) -> Result<String, String> {
        let word = self.word(label, what)?;
        if word.is_quoted { Err(Self::no(&format!("\"{}\"", word.raw), label, what)) } else { Ok(word.raw) }
    }

    /// The same for what such a word stands for.
    ///
    /// # Errors
    /// That there is none, or none that is that.
    pub fn value<T: FromStr>(&mut self, label: &str, what: &str) -> Result<T, String> {
        let word = self.plain(label, what)?;
        word.parse().map_err(|_| Self::no(&word, label, what))
    }

    /// That `word` is no `label`.
    pub(super) fn no(word: &str, label: &str, what: &str) -> String {
        format!("'{}' is no {label}: that is {what}", word.escape_debug())
    }

    /// The next word as a name.
    ///
    /// RFC 1035 section 5.1: "Domain names which do not end in a dot are called relative; the actual domain name is the
    /// concatenation of the relative part with an origin", and "@" is the origin.
    ///
    /// # Errors
    /// That there is none, that it is no name, or relative without an origin.
    pub fn name(&mut self, label: &str) -> Result<Name, String> {
        let text = self.plain(label, "a name, as in www or www.example.com.")?;
        let shown = text.escape_debug();
        let of = |text: &str| text.parse::<Name>().map_err(|error| format!("'{shown}' is no name: {error}"));
        if text != "@" && is_absolute(&text) {
            return of(&text);
        }
        let relative = if text == "@" { Name::root() } else { of(&text)? };
        let origin = self.origin.ok_or_else(|| {
            format!("'{shown}' is relative, and no $ORIGIN stands before it: end it with a dot, or say what it is relative to")
        })?;
        let labels: Vec<&[u8]> = relative.labels().collect();
        let joined = labels.iter().rev().try_fold(origin.clone(), |name, label| name.child(label));
        joined.ok_or_else(|| {
            format!("'{shown}' with its origin {origin} is longer than a name can be (RFC 1035 section 2.3.4)")
        })
    }

    /// What all words that are left stand for, without the blanks between them; there is one at least.
    pub(super) fn rest(
        &mut self,
        label: &str,
        what: &str,
        bytes_of: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Vec<u8>, String> {
        let mut text = self.plain(label, what)?;
        while !self.words.is_empty() {
            text.push_str(&self.plain(label, what)?);
        }
        bytes_of(&text).ok_or_else(|| Self::no(&text, label, what))
    }

    /// The string that stands right behind the last word.
    pub(super) fn joined(&mut self) -> Option<Word> {
        self.words.pop_front_if(|word| word.is_joined && word.is_quoted)
    }

    /// Whether the next word is this one; if so, it is taken.
    pub fn take_if(&mut self, raw: &str) -> bool {
        self.words.pop_front_if(|word| word.raw == raw && !word.is_quoted).is_some()
    }

    /// Behind `\#`: how many bytes there are, and their digits.
    pub(super) fn general(&mut self) -> Result<Vec<u8>, String> {
        let len: usize =
            self.value("the length", "how many bytes follow in hexadecimal digits (RFC 3597 section 5)")?;
        let what = "pairs of hexadecimal digits";
        let bytes = if self.words.is_empty() { vec![] } else { self.rest("RDATA", what, bytes_of_hex)? };
        match bytes.len() == len {
            true => Ok(bytes),
            false => Err(format!("{len} bytes are announced, and {} stand here (RFC 3597 section 5)", bytes.len())),
        }
    }

    /// That no word is left.
    ///
    /// # Errors
    /// The first that is.
    pub fn end(&mut self) -> Result<(), String> {
        self.next_word().map_or(Ok(()), |word| {
            Err(format!("'{}' is more than the entry has room for: a comment begins with ;", word.raw.escape_debug()))
        })
    }
}

/// Whether a name ends in a dot that has no backslash before it, or in one that has its own.
fn is_absolute(text: &str) -> bool {
    let before = text.strip_suffix('.').map(|before| before.len() - before.trim_end_matches('\\').len());
    before.is_some_and(|backslashes| backslashes.is_multiple_of(2))
}

/// Seconds, also as `1h30m`: what the field's servers read beside the RFC's bare numbers. `None`: it is no such time, or longer than
/// 32 bits can tell.
#[must_use]
pub fn seconds(text: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, None);
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0_u32).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let unit = match letter.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    total.checked_add(number.unwrap_or(0)).filter(|_| !text.is_empty())
}
