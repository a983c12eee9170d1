//! The list of what is asked: a name a line, in dig's manner.
//!
//! `NAME [TYPE] [+FLAG]...` or `-x ADDRESS [+FLAG]...`; a word that begins with `#` or `;` begins a comment, and an empty line
//! asks for nothing. The whole list is checked before the first question leaves.

use crate::query::Wanted;
use crate::words;
use cli::{Failure, escape, reason};
use std::io::Read;
use wire::dns::{Name, Question, Type};

/// The lines of a file.
pub(super) struct List {
    /// What errors call it.
    name: String,
    text: String,
}

/// What a line asks for.
pub(super) struct Line {
    pub(super) question: Question,
    /// How, where it has flags of its own.
    pub(super) own: Option<Box<Wanted>>,
}

impl List {
    /// Reads a file; `-` is standard input, up to its end.
    ///
    /// # Errors
    /// That it cannot be read, or is no text.
    pub(super) fn read(file: &str) -> Result<Self, Failure> {
        let name = if file == "-" { "standard input".into() } else { escape(file) };
        let bytes = if file == "-" {
            let mut bytes = vec![];
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(file)
        };
        let bytes = bytes.map_err(|error| {
            Failure::said(format!("cannot read {name}: {}", reason(&error)))
                .hint("-f takes a file with a name a line, or - for standard input")
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Failure::said(format!("{name}:{line}: bytes that are no text (UTF-8)"))
                .hint("a byte of a name that is no letter is written by its number, as in \\255")
        })?;
        Ok(Self { name, text })
    }

    /// The lines that ask for something, with their numbers, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, without_comment(line)));
        lines.filter(|(_, line)| !line.is_empty())
    }

    /// Whether every line asks for something that can be asked; `base` has what holds for all.
    ///
    /// # Errors
    /// The first that does not; that none asks for anything.
    pub(super) fn check(&self, base: &Wanted) -> Result<(), Failure> {
        let mut lines = self.lines().peekable();
        if lines.peek().is_none() {
            return Err(Failure::said(format!("{}: no line asks for anything", self.name))
                .hint("a line is NAME [TYPE] [+FLAG]..., as in www.example.com AAAA"));
        }
        lines.try_for_each(|(number, line)| match Line::of(line, base) {
            Ok(_) => Ok(()),
            Err(Failure::Said { error, hint }) => {
                Err(Failure::Said { error: format!("{}:{number}: {error}", self.name), hint })
            }
            Err(other) => Err(other),
        })
    }
}

/// A line up to its comment.
fn without_comment(line: &str) -> &str {
    if !line.bytes().any(|byte| matches!(byte, b'#' | b';')) {
        return line.trim();
    }
    let begins = |(at, letter): &(usize, char)| {
        let is_first = line.get(..*at).is_none_or(|before| before.is_empty() || before.ends_with(char::is_whitespace));
        matches!(letter, '#' | ';') && is_first
    };
    let end = line.char_indices().find(begins).map_or(line.len(), |(at, _)| at);
    line.get(..end).unwrap_or_default().trim()
}

impl Line {
    /// What `line` asks for.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn of(line: &str, base: &Wanted) -> Result<Self, Failure> {
        let mut rest = line.split_whitespace();
        let (first, second) = (rest.next().unwrap_or_default(), rest.next());
        let has_flags = line.bytes().any(|byte| matches!(byte, b'+' | b'@')) || first == "-x" || rest.next().is_some();
        if has_flags {
            return Self::with_flags(line, base);
        }
        let (name, rrtype) = match second {
            None => (first, base.question.qtype),
            Some(second) => match (second.parse::<Type>(), first.parse::<Type>()) {
                (Ok(rrtype), _) => (first, rrtype),
                (Err(_), Ok(rrtype)) => (second, rrtype),
                (Err(error), Err(_)) => {
                    let failure = Failure::said(error.to_string());
                    return Err(match words::nearest_type(second) {
                        Some(near) => failure.hint(format!("did you mean '{near}'?")),
                        None => failure.hint("a line is NAME [TYPE] [+FLAG]..."),
                    });
                }
            },
        };
        Ok(Self { question: Question::new(words::name_of(name)?, rrtype), own: None })
    }

    fn with_flags(line: &str, base: &Wanted) -> Result<Self, Failure> {
        let mut plain: Vec<String> = line.split_whitespace().map(String::from).collect();
        let mut own = Wanted { named: false, ..base.clone() };
        if plain.first().is_some_and(|first| first == "-x") {
            let address = plain.get(1).map(String::as_str).unwrap_or_default();
            let parsed = address.parse();
            let parsed = parsed.map_err(|_| {
                Failure::said(format!("-x takes an IPv4 or IPv6 address, and '{}' is not one", escape(address)))
            })?;
            own.question = Question::new(Name::reverse(parsed), Type::PTR);
            own.named = true;
            plain.drain(..2);
        }
        words::take(&plain, &mut own)?;
        if own.server != base.server {
            return Err(Failure::said("one server is asked for all lines").hint("name it at the command line"));
        }
        if own.trace || own.cache.is_some() {
            return Err(Failure::said("+trace and +cache are for one name").hint("ask for it without -f"));
        }
        if !own.named {
            return Err(Failure::said("no name stands in this line").hint("a line is NAME [TYPE] [+FLAG]..."));
        }
        Ok(Self { question: own.question.clone(), own: Some(Box::new(own)) })
    }
}
