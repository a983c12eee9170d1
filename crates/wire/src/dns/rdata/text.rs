//! Text in records: strings behind their length, and the parts of a CAA property.
//!
//! Obeys RFC 1035 section 3.3 (`<character-string>`) and section 5.1 (how it is quoted).

use super::field::{LENGTH, put_counted};
use super::table::{Names, RowType};
use super::words::Words;
use crate::Problem;
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::fields::Field;
use crate::fields::Show::Text;
use crate::fields::row;
use crate::reader::Reader;
use std::fmt::{self, Write};

/// Up to 255 bytes, which need not be text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharacterString(pub Vec<u8>);

/// One or more of them, up to the end of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharacterStrings(pub Vec<CharacterString>);

/// The name of a property, RFC 8659 section 4.1: letters and digits, and not none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyTag(pub Vec<u8>);

/// Its value: bytes up to the end of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property(pub Vec<u8>);

static STRING: Field = row("string", "String", Text);
static TEXT: Field = row("text", "Text", Text);

impl CharacterStrings {
    /// Bytes of any number, cut into strings of 255 bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let strings = bytes.chunks(u8::MAX.into()).map(|chunk| CharacterString(chunk.to_vec()));
        let strings: Vec<_> = strings.collect();
        Self(if strings.is_empty() { vec![CharacterString(vec![])] } else { strings })
    }
}

impl RowType for CharacterStrings {
    fn read(cursor: &mut Cursor<'_>, _: &'static Field) -> Result<Self, Wrong> {
        let mut strings = vec![];
        loop {
            strings.push(CharacterString(counted_text(cursor, &STRING)?.to_vec()));
            if cursor.left() == 0 {
                return Ok(Self(strings));
            }
        }
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        for string in &self.0 {
            put_counted(to, &string.0);
        }
    }
    fn text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        let mut strings = vec![CharacterString(words.word(row.label, "a string, which may stand in quotes")?.bytes)];
        while let Some(word) = words.next_word() {
            strings.push(CharacterString(word.bytes));
        }
        match strings.iter().find(|string| string.0.len() > usize::from(u8::MAX)) {
            Some(long) => Err(format!(
                "a string of {} bytes; 255 are the most, so cut it in two (RFC 1035 section 3.3)",
                long.0.len()
            )),
            None => Ok(Self(strings)),
        }
    }
}

impl RowType for PropertyTag {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.group(row, |cursor| {
            let at = cursor.at();
            let len = cursor.u8(&LENGTH)?;
            // RFC 8659 section 4.1: "MUST be at least 1".
            if len == 0 {
                return Err(Cursor::error(&LENGTH, at, Problem::TooSmall { value: 0, least: 1 }));
            }
            cursor.bytes(&TEXT, len.into()).map(|tag| Self(tag.to_vec()))
        })
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        put_counted(to, &self.0);
    }
    fn text(&self) -> String {
        escaped(&self.0)
    }
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        // RFC 8659 section 4.1: "Tags MUST NOT contain any other characters" than letters and digits.
        let what = "a tag of letters and digits, as in issue";
        let tag = words.plain(row.label, what)?;
        let is_tag = tag.len() <= usize::from(u8::MAX) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_tag { Ok(Self(tag.into_bytes())) } else { Err(Words::no(&tag, row.label, what)) }
    }
}

impl RowType for Property {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.rest(row).map(|value| Self(value.to_vec()))
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.0);
    }
    fn text(&self) -> String {
        quoted(&self.0)
    }
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.word(row.label, "a string, which may stand in quotes").map(|word| Self(word.bytes))
    }
}

impl fmt::Display for CharacterString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.0))
    }
}

/// A string behind its length.
pub(super) fn counted_text<'m>(cursor: &mut Cursor<'m>, row: &'static Field) -> Result<&'m [u8], Wrong> {
    cursor.group(row, |cursor| {
        let len = cursor.u8(&LENGTH)?;
        cursor.bytes(&TEXT, len.into())
    })
}

/// Strings behind their lengths as a list in quotes.
///
/// RFC 9460 appendix A.1: a comma and a backslash within an entry have a backslash before them, and so has then each of those,
/// for the list as a whole is a string too.
pub(super) fn comma_separated(strings: &[u8]) -> String {
    let mut reader = Reader::new(strings);
    let entry = || reader.u8().and_then(|len| reader.take(len.into()));
    let entries = std::iter::from_fn(entry).map(|entry| {
        let escape = |byte: &u8| if matches!(byte, b',' | b'\\') { vec![b'\\', *byte] } else { vec![*byte] };
        entry.iter().flat_map(escape).collect::<Vec<u8>>()
    });
    quoted(&entries.collect::<Vec<_>>().join(&b','))
}

/// Strings behind their lengths from such a list; `None`: one is empty or too long, or a backslash stands alone.
pub(super) fn entries_of(list: &[u8]) -> Option<Vec<u8>> {
    let (mut entries, mut bytes) = (vec![vec![]], list.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b',' => entries.push(vec![]),
            b'\\' => entries.last_mut()?.push(*bytes.next()?),
            byte => entries.last_mut()?.push(*byte),
        }
    }
    let counted = entries.iter().map(|entry: &Vec<u8>| {
        let len = u8::try_from(entry.len()).ok().filter(|len| *len > 0)?;
        Some([&[len], entry.as_slice()].concat())
    });
    counted.collect::<Option<Vec<_>>>().map(|counted| counted.concat())
}

/// In quotes, within which a quote and a backslash have a backslash before them, and what cannot be printed its number.
pub(in crate::dns) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", escaped(bytes))
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\{byte:03}");
            }
        }
    }
    text
}
