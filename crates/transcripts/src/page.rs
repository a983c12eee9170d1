//! A page: its blocks, its commands, and whether they hold.

use crate::fence::{Block, blocks};
use crate::run::Ended;
use crate::{Fault, Machine, Tools, command, compare};
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// The exit code of a call that could not run.
const COULD_NOT_RUN: Option<i32> = Some(2);

/// A page of the book.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    lines: Vec<&'a str>,
    blocks: Vec<(Promise, Block<'a>)>,
    /// Files that the reader is to save, by their names.
    files: Vec<(&'a str, Block<'a>)>,
    /// What is wrong with it whatever the tools print.
    faults: Vec<Fault>,
}

/// What came of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many commands were run.
    pub commands: usize,
    /// What does not hold, in the order of the lines.
    pub faults: Vec<Fault>,
    /// The page as it would hold; as it is where only an author can mend it.
    pub blessed: String,
}

/// What a block says of its commands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Promise {
    /// They print what is shown, or these lines of it, from 1 on.
    Exact(Option<(usize, usize)>),
    /// They work.
    Try,
    /// On the machine itself they print what is shown, but for numbers.
    Live,
}

/// A command of a block.
struct Command {
    /// The lines that it is written on, from 0 on.
    line: usize,
    text: String,
    /// The lines of what is shown below it, from 0 on.
    shown: Range<usize>,
}

impl<'a> Page<'a> {
    /// Reads a page.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let mut page = Self { lines, blocks: vec![], files: vec![], faults: vec![] };
        for block in blocks(&page.lines) {
            let mut fault = |line: usize, what: &str| page.faults.push(Fault { line, what: what.into() });
            let opening = block.lines.start; // the line before the first one, counted from 1
            if !block.closed {
                fault(opening, "the block is not closed");
            }
            let mut info = block.info.split_whitespace();
            let (kind, marks) = (info.next().unwrap_or_default(), info.collect::<Vec<_>>());
            if kind != "console" {
                let mut shown = block.lines.clone().zip(page.lines.get(block.lines.clone()).unwrap_or_default());
                if let Some((line, _)) = shown.find(|(_, line)| block.text(line).starts_with("$ ")) {
                    fault(line + 1, "a command in a block that is not `console`, where nobody runs it");
                }
                if kind.starts_with("console") {
                    fault(opening, "marks follow `console` behind a blank");
                }
                let file = marks.iter().find_map(|mark| mark.strip_prefix("file="));
                if file.is_some_and(|file| file.is_empty() || file.contains(['/', '\\'])) {
                    fault(opening, "a file of a page has a name without directories");
                } else {
                    page.files.extend(file.map(|file| (file, block)));
                }
                continue;
            }
            match promise(&marks) {
                Some(Some(promise)) => page.blocks.push((promise, block)),
                Some(None) => {}
                None => fault(opening, "the marks of `console` are: try, live, setup, lines=5-20"),
            }
        }
        page
    }

    /// How many commands it has for `machine`.
    #[must_use]
    pub fn count(&self, machine: Machine) -> usize {
        self.of(machine).map(|(_, block)| self.commands(block).0.len()).sum()
    }

    /// Runs the commands of the blocks that are for `machine`.
    ///
    /// # Errors
    /// When no command can be run at all.
    pub fn check(&self, tools: &Tools, machine: Machine) -> Result<Checked, String> {
        let directory = tools.directory()?;
        for (file, block) in &self.files {
            std::fs::write(directory.path().join(file), self.text_of(block, block.lines.clone()))
                .map_err(|error| format!("cannot write {file}: {error}"))?;
        }
        let mut faults = if machine == Machine::Simulated { self.faults.clone() } else { vec![] };
        let (mut count, mut replacements) = (0, vec![]);
        for (promise, block) in self.of(machine) {
            let (commands, before) = self.commands(block);
            if let Some(line) = before {
                faults.push(Fault { line: line + 1, what: "output without a command: `$ ` begins one".into() });
            }
            for command in commands {
                count += 1;
                let shown = self.text_of(block, command.shown.clone());
                let outcome = self.outcome(&command, promise, tools, directory.path(), machine);
                let (fault, came) = match outcome {
                    Err(what) => (what, None),
                    Ok(came) if promise.is_kept(&shown, &came) => continue,
                    Ok(came) => (format!("prints something else:\n{}", compare::difference(&shown, &came)), Some(came)),
                };
                faults.push(Fault { line: command.line + 1, what: format!("`{}`: {fault}", command.text) });
                replacements.extend(came.map(|came| (command.shown.clone(), block.lines_of(&came))));
            }
        }
        faults.sort_by_key(|fault| fault.line);
        Ok(Checked { commands: count, faults, blessed: self.with(&replacements) })
    }

    fn of(&self, machine: Machine) -> impl Iterator<Item = &(Promise, Block<'a>)> {
        self.blocks.iter().filter(move |(promise, _)| (*promise == Promise::Live) == (machine == Machine::Itself))
    }

    /// What a page may show of the command.
    fn outcome(
        &self,
        command: &Command,
        promise: &Promise,
        tools: &Tools,
        directory: &Path,
        machine: Machine,
    ) -> Result<String, String> {
        let ended = tools.run(&command::words(&command.text)?, directory, machine)?;
        match promise {
            Promise::Exact(lines) => transcript(&ended, *lines),
            Promise::Live => transcript(&ended, None),
            Promise::Try if ended.code == COULD_NOT_RUN || ended.code.is_none() => {
                Err(format!("does not work:\n{}", ended.printed))
            }
            Promise::Try => Ok(String::new()),
        }
    }

    /// The commands of a block, and the first line that belongs to none.
    fn commands(&self, block: &Block<'_>) -> (Vec<Command>, Option<usize>) {
        let mut commands: Vec<Command> = vec![];
        let mut before = None;
        let mut goes_on = false;
        for line in block.lines.clone() {
            let text = block.text(self.lines.get(line).copied().unwrap_or_default());
            let part = if goes_on { Some(text.trim_start()) } else { text.strip_prefix("$ ") };
            match (part, commands.last_mut()) {
                (Some(part), command) => {
                    let words = part.strip_suffix('\\').unwrap_or(part);
                    match command {
                        Some(command) if goes_on => {
                            command.text.push_str(words);
                            command.shown = line + 1..line + 1;
                        }
                        _ => commands.push(Command { line, text: words.into(), shown: line + 1..line + 1 }),
                    }
                    goes_on = part.ends_with('\\');
                }
                (None, Some(command)) => command.shown.end = line + 1,
                (None, None) => before = before.or(Some(line)),
            }
        }
        (commands, before)
    }

    /// Lines of a block.
    fn text_of(&self, block: &Block<'_>, lines: Range<usize>) -> String {
        let lines = self.lines.get(lines).unwrap_or_default();
        lines.iter().fold(String::new(), |text, line| text + block.text(line) + "\n")
    }

    /// The page with other lines in the place of some.
    fn with(&self, replacements: &[(Range<usize>, Vec<String>)]) -> String {
        let mut lines: Vec<&str> = vec![];
        let mut at = 0;
        for (range, new) in replacements {
            lines.extend(self.lines.get(at..range.start).unwrap_or_default());
            lines.extend(new.iter().map(String::as_str));
            at = range.end;
        }
        lines.extend(self.lines.get(at..).unwrap_or_default());
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}

impl Promise {
    fn is_kept(&self, shown: &str, came: &str) -> bool {
        if *self == Self::Live { compare::same_shape(shown, came) } else { shown == came }
    }
}

impl Block<'_> {
    /// A text as lines of this block.
    fn lines_of(&self, text: &str) -> Vec<String> {
        text.lines().map(|line| format!("{}{line}", self.prefix).trim_end().into()).collect()
    }
}

/// What the marks promise; `None` within: nothing.
fn promise(marks: &[&str]) -> Option<Option<Promise>> {
    match marks {
        [] => Some(Some(Promise::Exact(None))),
        ["try"] => Some(Some(Promise::Try)),
        ["live"] => Some(Some(Promise::Live)),
        ["setup"] => Some(None),
        [mark] => {
            let (first, last) = mark.strip_prefix("lines=")?.split_once('-')?;
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (1 <= first && first <= last).then_some(Some(Promise::Exact(Some((first, last)))))
        }
        _ => None,
    }
}

/// What a page shows of a command that ended: these lines of it, and the exit code where it is not 0.
fn transcript(ended: &Ended, lines: Option<(usize, usize)>) -> Result<String, String> {
    let printed: Vec<&str> = ended.printed.lines().collect();
    let (first, last) = lines.unwrap_or((1, printed.len()));
    if first > printed.len() + 1 {
        return Err(format!("prints {} lines, and the page wants those from {first} on", printed.len()));
    }
    let counted = |count: usize, where_they_are: &str| match count {
        0 => String::new(),
        1 => format!("[… 1 line {where_they_are}]\n"),
        _ => format!("[… {count} lines {where_they_are}]\n"),
    };
    let mut text = counted(first - 1, "before");
    for line in printed.iter().take(last).skip(first - 1) {
        let _ = writeln!(text, "{line}");
    }
    text += &counted(printed.len().saturating_sub(last), "more");
    match ended.code {
        Some(0) => {}
        Some(code) => text += &format!("[exit {code}]\n"),
        None => text += "[ended by a signal]\n",
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(usize, String)> {
        Page::new(text).faults.into_iter().map(|fault| (fault.line, fault.what)).collect()
    }

    #[test]
    fn commands_have_what_is_shown_below_them() {
        let page = Page::new("# x\n\n```console\n$ a \\\n  b\nout\n\n$ c\n```\n\n```console setup\n$ d\n```\n");
        assert_eq!((page.count(Machine::Simulated), page.count(Machine::Itself)), (2, 0));
        let block = &page.blocks[0].1;
        let (commands, before) = page.commands(block);
        let read: Vec<_> = commands
            .iter()
            .map(|command| (command.line, command.text.as_str(), page.text_of(block, command.shown.clone())))
            .collect();
        assert_eq!(read, [(3, "a b", "out\n\n".to_string()), (7, "c", String::new())]);
        assert_eq!(before, None);
    }

    #[test]
    fn part_of_an_output_says_how_much_there_is_besides() {
        let ended = Ended { printed: "a\nb\nc\nd\n".into(), code: Some(1) };
        let shown = |lines| transcript(&ended, lines).unwrap();
        assert_eq!(shown(None), "a\nb\nc\nd\n[exit 1]\n");
        assert_eq!(shown(Some((2, 2))), "[… 1 line before]\nb\n[… 2 lines more]\n[exit 1]\n");
        assert_eq!(shown(Some((1, 9))), shown(None));
        assert!(transcript(&ended, Some((6, 7))).is_err());
    }

    #[test]
    fn block_that_nobody_would_run_is_a_fault() {
        assert_eq!(faults("```console\n$ a\n```\n"), []);
        assert_eq!(faults("\n```text\nx\n$ a\n```\n")[0].0, 4);
        for text in
            ["```console,live\n```", "```console live try\n```", "```console lines=3\n```", "```consol\n$ a\n```"]
        {
            assert_eq!(faults(text).len(), 1, "{text}");
        }
        assert_eq!(faults("a\n```console\n$ a\n"), [(2, "the block is not closed".into())]);
    }

    #[test]
    fn replaced_lines_keep_what_stands_before_them() {
        let page = Page::new("> ```console\n> $ a\n> old\n> ```\nend\n");
        let block = &page.blocks[0].1;
        let (commands, _) = page.commands(block);
        let text = page.with(&[(commands[0].shown.clone(), block.lines_of("new\n\nlines\n"))]);
        assert_eq!(text, "> ```console\n> $ a\n> new\n>\n> lines\n> ```\nend\n");
    }
}
