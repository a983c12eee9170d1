//! A strict view of TOML: each key is taken once, and what nobody took is an error with its line.

use super::{NetError, known};
use std::net::Ipv4Addr;
use std::ops::Range;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file and its text, to tell where something stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    /// How many files this one builds on.
    pub(super) layer: usize,
}

impl Source<'_> {
    /// `file:line:column: what`, and a hint.
    pub(super) fn error(&self, span: &Range<usize>, what: &str, hint: impl Into<String>) -> NetError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        NetError::new(format!("{}:{line}:{column}: {what}", self.file), hint)
    }
}

/// A value, and what it is called: `hosts.client.ttl`.
pub(super) struct Value<'a> {
    pub(super) source: Source<'a>,
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) value: &'a DeValue<'a>,
    /// What stands in the same place of the file that this one builds on.
    pub(super) below: Option<Box<Value<'a>>>,
}

impl<'a> Value<'a> {
    fn new(source: Source<'a>, path: String, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { source, path, span: value.span(), value: value.get_ref(), below: None }
    }

    /// An error about this value.
    pub(super) fn error(&self, what: &str, hint: impl Into<String>) -> NetError {
        self.source.error(&self.span, &format!("{}: {what}", self.path), hint)
    }

    /// The error of a value that is no `expected`.
    pub(super) fn expected(&self, expected: &str, example: &str) -> NetError {
        let found = match self.value {
            DeValue::String(text) => format!("'{}'", text.escape_debug()),
            DeValue::Integer(number) => format!("'{}'", number.as_str()),
            DeValue::Float(number) => format!("'{}'", number.as_str()),
            other => format!("this {}", other.type_str()),
        };
        self.error(&format!("{found} is no {expected}"), format!("write it as in {example}"))
    }

    /// A string.
    pub(super) fn text(&self, expected: &str, example: &str) -> Result<&'a str, NetError> {
        self.value.as_str().ok_or_else(|| self.expected(expected, example))
    }

    /// A string or a bare number, as written.
    pub(super) fn written(&self, expected: &str, example: &str) -> Result<&'a str, NetError> {
        match self.value {
            DeValue::String(text) => Ok(text),
            DeValue::Integer(number) => Ok(number.as_str()),
            DeValue::Float(number) => Ok(number.as_str()),
            _ => Err(self.expected(expected, example)),
        }
    }

    /// What `read` makes of the value as written.
    pub(super) fn quantity<T>(
        &self,
        read: impl Fn(&str) -> Option<T>,
        expected: &str,
        example: &str,
    ) -> Result<T, NetError> {
        read(self.written(expected, example)?).ok_or_else(|| self.expected(expected, example))
    }

    /// A whole number within `range`.
    pub(super) fn number<T>(&self, least: T, most: T) -> Result<T, NetError>
    where
        T: FromStr + PartialOrd + Copy + std::fmt::Display,
    {
        let expected = format!("whole number from {least} to {most}");
        let number = self.written(&expected, "12")?.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.expected(&expected, "12"))
    }

    /// An IPv4 address.
    pub(super) fn address(&self) -> Result<Ipv4Addr, NetError> {
        let (expected, example) = ("IPv4 address", "\"192.168.1.100\"");
        self.text(expected, example)?.parse().map_err(|_| self.expected(expected, example))
    }

    /// `true` or `false`.
    pub(super) fn truth(&self) -> Result<bool, NetError> {
        self.value.as_bool().ok_or_else(|| self.expected("yes or no", "true"))
    }

    /// A table; together with what stands below it.
    pub(super) fn table(&self) -> Result<Table<'a>, NetError> {
        let table = self.value.as_table().ok_or_else(|| self.expected("table", "{ delay = \"1 ms\" }"))?;
        let table = Table::new(self.source, &self.path, self.span.clone(), table);
        match &self.below {
            Some(below) => Ok(table.over(below.table()?)),
            None => Ok(table),
        }
    }

    /// Where it stands among all values: what is in the file below stands first, in its order.
    pub(super) fn place(&self) -> (usize, usize) {
        self.below.as_ref().map_or((self.source.layer, self.span.start), |below| below.place())
    }

    /// The items of a list.
    pub(super) fn list(&self) -> Result<Vec<Value<'a>>, NetError> {
        let list = self.value.as_array().ok_or_else(|| self.expected("list", "[\"…\", \"…\"]"))?;
        Ok(list.iter().map(|item| Value::new(self.source, self.path.clone(), item)).collect())
    }
}

/// A table whose keys are taken one after the other.
pub(super) struct Table<'a> {
    source: Source<'a>,
    path: String,
    span: Range<usize>,
    entries: Vec<(&'a str, Range<usize>, Value<'a>)>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The entries of `table` in the order of the file.
    pub(super) fn new(source: Source<'a>, path: &str, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let name = key.get_ref().as_ref();
                let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                (name, key.span(), Value::new(source, path, value))
            })
            .collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        Self { source, path: path.to_string(), span, entries, asked: vec![] }
    }

    /// This table laid over `below`: what is in both is taken from this one, or if it is a table laid over the other in turn.
    pub(super) fn over(mut self, below: Table<'a>) -> Self {
        for (name, span, value) in below.entries {
            match self.entries.iter_mut().find(|(own, ..)| *own == name) {
                Some((.., own)) => own.below = Some(Box::new(value)),
                None => self.entries.push((name, span, value)),
            }
        }
        self.entries.sort_by_key(|(.., value)| value.place());
        self
    }

    /// The value of `key`, which is allowed here.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        let index = self.entries.iter().position(|(name, ..)| *name == key)?;
        Some(self.entries.remove(index).2)
    }

    /// The value of `key`, which must be there.
    pub(super) fn need(&mut self, key: &'static str, example: &str) -> Result<Value<'a>, NetError> {
        let missing = if self.path.is_empty() {
            format!("'{key}' is missing")
        } else {
            format!("{}: '{key}' is missing", self.path)
        };
        let (source, span) = (self.source, self.span.clone());
        self.take(key).ok_or_else(|| source.error(&span, &missing, format!("write it as in {key} = {example}")))
    }

    /// All entries, whatever their keys: names and values.
    pub(super) fn all(self) -> Vec<(&'a str, Value<'a>)> {
        self.entries.into_iter().map(|(name, _, value)| (name, value)).collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When there is a key that was not asked for.
    pub(super) fn done(self) -> Result<(), NetError> {
        let Some((name, span, value)) = self.entries.first() else { return Ok(()) };
        let place = if self.path.is_empty() { String::new() } else { format!(" in '{}'", self.path) };
        let what = format!("unknown key '{}'{place}", name.escape_debug());
        Err(value.source.error(span, &what, format!("keys here are {}", known(name, self.asked.into_iter()))))
    }
}
