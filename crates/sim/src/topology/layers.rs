//! Files that build on each other: `like = "routers"`.
//!
//! A file that is like another says only what is different. Its tables are laid over those of the other, key by key and as deep
//! as both have tables; any other value, a list too, stands in the place of the other's.

use super::reader::{Source, Table, Value};
use super::{BUILTIN, NetError, networks};
use toml::Spanned;
use toml::de::DeTable;

/// A file, and the one that it is like.
pub(super) struct Layers<'a> {
    source: Source<'a>,
    document: Spanned<DeTable<'a>>,
    below: Option<Box<Layers<'static>>>,
}

impl<'a> Layers<'a> {
    /// Reads `text` as TOML, and what it is like.
    pub(super) fn parse(file: &'a str, text: &'a str) -> Result<Self, NetError> {
        let source = Source { file, text, layer: 0 };
        let document = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            source.error(
                &span,
                error.message().trim(),
                "a network file is TOML; `--net list` shows those that come with the course",
            )
        })?;
        let like = Table::new(source, "", 0..0, document.get_ref()).take("like");
        let below = like.map(|like| below(&like)).transpose()?;
        let layer = below.as_ref().map_or(0, |below| below.source.layer + 1);
        Ok(Self { source: Source { layer, ..source }, document, below: below.map(Box::new) })
    }

    /// The file's table, laid over that of the one below.
    pub(super) fn table(&self) -> Table<'_> {
        let table = Table::new(self.source, "", 0..0, self.document.get_ref());
        match &self.below {
            Some(below) => table.over(below.table()),
            None => table,
        }
    }
}

/// The built-in network that `like` names.
fn below(like: &Value<'_>) -> Result<Layers<'static>, NetError> {
    let name = like.text("name of a built-in network", "\"routers\"")?;
    let Some((name, text)) = BUILTIN.iter().find(|(builtin, _)| *builtin == name) else {
        let what = format!("no network named '{}'", name.escape_debug());
        return Err(like.error(&what, networks(name)));
    };
    Layers::parse(name, text)
}
