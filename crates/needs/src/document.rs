//! What docs/ promises of a tool, for the tests that hold it to them.

use crate::Failed;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file of this workspace, by its path from the root.
///
/// # Errors
/// When it cannot be read.
pub fn text(path: &str) -> Result<String, Failed> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&file).map_err(|error| format!("{path}: {error}").into())
}

/// The words of a command, as a shell would split it: blanks part them, but not within double quotes.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').zip([false, true].into_iter().cycle());
    let words = parts.flat_map(|(part, quoted)| match quoted {
        true => vec![part],
        false => part.split_whitespace().collect(),
    });
    words.map(String::from).collect()
}

/// The events of a tool with their fields, as its table in docs/json.md names them.
///
/// # Errors
/// When there is no such table.
pub fn json_events(tool: &str) -> Result<BTreeMap<String, BTreeSet<String>>, Failed> {
    let manual = text("docs/json.md")?;
    let section =
        manual.split(&format!("## {tool}\n")).nth(1).ok_or_else(|| format!("docs/json.md: no section '{tool}'"))?;
    let table = section.split("\n## ").next().unwrap_or_default();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(String::from).collect::<Vec<String>>();
    let mut events = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.split('|').skip(1);
        let (names, fields) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        for name in quoted(names) {
            events.insert(name, quoted(fields).into_iter().collect());
        }
    }
    Ok(events)
}
