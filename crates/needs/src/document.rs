//! What docs/ promises of a tool, for the tests that hold it to them.

use crate::{Failed, Program};
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

/// A tool whose documents are held to it.
#[derive(Debug, Clone, Copy)]
pub struct Documented<'a> {
    /// Its program.
    pub program: &'a str,
    /// As `cargo TOOL` calls it.
    pub tool: &'a str,
    /// The directory that it runs in.
    pub directory: &'a Path,
}

impl Documented<'_> {
    /// What the tool prints on standard output.
    fn print(&self, args: &str) -> Result<String, Failed> {
        let ended = Program::new(self.program).args(words(args)).directory(self.directory).run()?;
        if ended.code == 2 { Err(format!("{} {args}: {ended}", self.tool).into()) } else { Ok(ended.stdout) }
    }

    /// Runs each command of the tool that a topic of the book names.
    ///
    /// # Errors
    /// Which command could not run; that there is none.
    pub fn topics(&self) -> Result<(), Failed> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/topics");
        let mut commands = 0;
        for entry in std::fs::read_dir(&folder).map_err(|error| format!("book/topics: {error}"))? {
            let text = std::fs::read_to_string(entry?.path())?;
            for quoted in text.split('`').skip(1).step_by(2) {
                // A command may be broken over two lines.
                let quoted = quoted.replace('\n', " ");
                let Some(args) = quoted.strip_prefix(self.tool).and_then(|rest| rest.strip_prefix(' ')) else {
                    continue;
                };
                self.print(args)?;
                commands += 1;
            }
        }
        if commands == 0 { Err(format!("no topic names a command of {}", self.tool).into()) } else { Ok(()) }
    }

    /// Compares what `--json` prints of these calls with a table of docs/json.md: each event has the fields that stand there. The
    /// answer is which of its events none of the calls had.
    ///
    /// # Errors
    /// The line that has other fields, or is no event.
    pub fn json(&self, section: &str, calls: &[&str]) -> Result<Vec<String>, Failed> {
        let printed = calls.iter().map(|args| self.print(&format!("--json {args}"))).collect::<Result<Vec<_>, _>>()?;
        json(section, printed.iter().flat_map(|text| text.lines()))
    }
}

/// As [`Documented::json`], for lines that were printed already.
///
/// # Errors
/// The line that has other fields, or is no event.
pub fn json<'a>(section: &str, lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Failed> {
    let manual = json_events(section)?;
    let mut seen = BTreeSet::new();
    for line in lines {
        let mut object: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        let event = object.remove("event").and_then(|event| event.as_str().map(String::from));
        let event = event.ok_or_else(|| format!("no event: {line}"))?;
        let fields: BTreeSet<String> = object.into_keys().collect();
        if manual.get(&event) != Some(&fields) {
            return Err(format!("docs/json.md has {:?} beside {line}", manual.get(&event)).into());
        }
        seen.insert(event);
    }
    Ok(manual.into_keys().filter(|event| !seen.contains(event)).collect())
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
fn json_events(tool: &str) -> Result<BTreeMap<String, BTreeSet<String>>, Failed> {
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
