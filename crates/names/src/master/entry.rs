//! Cuts a master file into entries, and an entry into words.
//!
//! Obeys RFC 1035 section 5.1: an entry is a line; parentheses "group data that crosses a line boundary"; a semicolon
//! begins a comment; a string may stand in quotes, and "text literals can contain CRLF within the text".

use std::iter::Peekable;
use std::str::Chars;
use wire::dns::rdata::Word;

/// What stands on a line, or on several within parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The line that it begins at, from 1.
    pub(super) line: usize,
    /// Whether a blank stands before its first word: its name is that of the entry before.
    pub(super) is_indented: bool,
    pub(super) words: Vec<Word>,
}

/// The line where it is seen, and what is wrong.
type Wrong = (usize, String);

/// Reads a text entry by entry.
pub(super) struct Entries<'t> {
    rest: Peekable<Chars<'t>>,
    line: usize,
}

impl<'t> Entries<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        // What some editors put before a text in UTF-8 is none of it.
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable(), line: 1 }
    }

    /// The next entry; `None`: there is none left.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, Wrong> {
        while self.rest.peek().is_some() {
            let entry = self.entry()?;
            if !entry.words.is_empty() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// The entry that begins here, without a word if its line is blank.
    fn entry(&mut self) -> Result<Entry, Wrong> {
        let line = self.line;
        let is_indented = matches!(self.rest.peek(), Some(' ' | '\t'));
        let (mut words, mut opened): (Vec<Word>, Vec<usize>) = (vec![], vec![]);
        let mut is_joined = false;
        while let Some(letter) = self.next_letter() {
            let is_apart = !std::mem::replace(&mut is_joined, false);
            match letter {
                '\n' if opened.is_empty() => return Ok(Entry { line, is_indented, words }),
                ';' => while self.rest.next_if(|letter| *letter != '\n').is_some() {},
                '(' => opened.push(self.line),
                ')' => {
                    opened.pop().ok_or_else(|| (self.line, "a parenthesis that nothing opened".to_string()))?;
                }
                letter if letter.is_ascii_whitespace() => {}
                letter => {
                    let word = if letter == '"' { self.quoted()? } else { self.plain(letter)? };
                    words.push(Word { is_joined: !is_apart, ..word });
                    is_joined = true;
                }
            }
        }
        match opened.first() {
            Some(line) => Err((*line, "a parenthesis that nothing closes".into())),
            None => Ok(Entry { line, is_indented, words }),
        }
    }

    fn next_letter(&mut self) -> Option<char> {
        let letter = self.rest.next();
        self.line += usize::from(letter == Some('\n'));
        letter
    }

    fn plain(&mut self, first: char) -> Result<Word, Wrong> {
        let mut word = Word::default();
        self.take(&mut word, first)?;
        let ends = |letter: &char| letter.is_ascii_whitespace() || matches!(letter, ';' | '(' | ')' | '"');
        while let Some(letter) = self.rest.next_if(|letter| !ends(letter)) {
            self.take(&mut word, letter)?;
        }
        Ok(word)
    }

    /// A string, behind its opening quote.
    fn quoted(&mut self) -> Result<Word, Wrong> {
        let opened = self.line;
        let mut word = Word { is_quoted: true, ..Word::default() };
        loop {
            match self.next_letter() {
                None => return Err((opened, "a quote that nothing closes".into())),
                Some('"') => return Ok(word),
                Some(letter) => self.take(&mut word, letter)?,
            }
        }
    }

    /// Adds a letter, or what a backslash and those behind it stand for: `\X` is X itself, `\DDD` the byte with that
    /// number.
    fn take(&mut self, word: &mut Word, letter: char) -> Result<(), Wrong> {
        let line = self.line;
        let wrong = |what: &str| (line, format!("{what} (RFC 1035 section 5.1)"));
        word.raw.push(letter);
        if letter != '\\' {
            word.bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            return Ok(());
        }
        let next =
            self.rest.next_if(|next| *next != '\n').ok_or_else(|| wrong("nothing stands behind this backslash"))?;
        word.raw.push(next);
        let Some(first) = next.to_digit(10) else {
            word.bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
            return Ok(());
        };
        let mut number = first;
        for _ in 0..2 {
            let digit = self.rest.next_if(char::is_ascii_digit);
            let digit = digit.ok_or_else(|| wrong("a backslash before a digit stands for a byte in three digits"))?;
            word.raw.push(digit);
            number = number * 10 + digit.to_digit(10).unwrap_or_default();
        }
        word.bytes.push(u8::try_from(number).map_err(|_| wrong(&format!("\\{number} is no byte: 255 is the most")))?);
        Ok(())
    }
}
