//! A page: its blocks, its commands, and whether they hold.

use crate::fence::{Block, blocks};
use crate::run::Ended;
use crate::{Fault, Machine, Tools, command, compare};
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
    /// They print what is shown, or this part of it.
    Exact(Part),
    /// They work.
    Try,
    /// On the machine itself they print what is shown, but for numbers.
    Live,
}

/// Which lines of an output a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    All,
    /// From one to the other, counted from 1.
    Lines(usize, usize),
    /// From the first that begins with this text, and so many more.
    From(String, usize),
    /// Those that begin with this text.
    Only(String),
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
                None => {
                    fault(
                        opening,
                        "the marks of `console` are: try, live, setup, lines=5-20, lines=TEXT+15, only=TEXT",
                    );
                }
            }
        }
        page
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
            Promise::Exact(part) => transcript(&ended, part),
            Promise::Live => transcript(&ended, &Part::All),
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
        [] => Some(Some(Promise::Exact(Part::All))),
        ["try"] => Some(Some(Promise::Try)),
        ["live"] => Some(Some(Promise::Live)),
        ["setup"] => Some(None),
        [mark] => {
            if let Some(text) = mark.strip_prefix("only=") {
                return Some(Some(Promise::Exact(Part::Only(text.replace('_', " ")))));
            }
            let part = mark.strip_prefix("lines=")?;
            if let Some((first, last)) =
                part.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)))
            {
                return (1 <= first && first <= last).then_some(Some(Promise::Exact(Part::Lines(first, last))));
            }
            let (text, more) = part.rsplit_once('+')?;
            Some(Some(Promise::Exact(Part::From(text.replace('_', " "), more.parse().ok()?))))
        }
        _ => None,
    }
}

impl Part {
    /// These lines of what came. `[…]` stands for others: how many they are is no matter of the page's.
    fn of(&self, printed: &[&str]) -> Result<String, String> {
        let others = |there_are: bool| if there_are { "[…]\n" } else { "" };
        let window = |first: usize, last: usize| {
            let shown = joined(printed.iter().take(last).skip(first - 1));
            format!("{}{shown}{}", others(first > 1), others(printed.len() > last))
        };
        match self {
            Self::All => Ok(joined(printed.iter())),
            Self::Lines(first, _) if *first > printed.len() => {
                Err(format!("prints {} lines, and the page wants those from {first} on", printed.len()))
            }
            Self::Lines(first, last) => Ok(window(*first, *last)),
            Self::From(text, more) => {
                let first = printed.iter().position(|line| line.starts_with(text)).map(|at| at + 1);
                let first = first.ok_or_else(|| format!("prints no line that begins with '{text}'"))?;
                Ok(window(first, first + more))
            }
            Self::Only(text) => {
                let shown: Vec<&&str> = printed.iter().filter(|line| line.starts_with(text)).collect();
                if shown.is_empty() {
                    return Err(format!("prints no line that begins with '{text}'"));
                }
                let are_others = shown.len() < printed.len();
                Ok(joined(shown.into_iter()) + others(are_others))
            }
        }
    }
}

fn joined<'a>(lines: impl Iterator<Item = &'a &'a str>) -> String {
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// What a page shows of a command that ended: this part of it, and the exit code where it is not 0.
fn transcript(ended: &Ended, part: &Part) -> Result<String, String> {
    let printed: Vec<&str> = ended.printed.lines().collect();
    let mut text = part.of(&printed)?;
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
        assert_eq!((page.of(Machine::Simulated).count(), page.of(Machine::Itself).count()), (1, 0));
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
    fn part_of_an_output_says_that_there_is_more() {
        let ended = Ended { printed: "a\nb\nc\nd\n".into(), code: Some(1) };
        let shown = |part| transcript(&ended, &part).unwrap();
        assert_eq!(shown(Part::All), "a\nb\nc\nd\n[exit 1]\n");
        assert_eq!(shown(Part::Lines(2, 2)), "[…]\nb\n[…]\n[exit 1]\n");
        assert_eq!(shown(Part::From("b".into(), 0)), shown(Part::Lines(2, 2)));
        assert_eq!(shown(Part::Lines(1, 9)), shown(Part::All));
        assert_eq!(shown(Part::Only("d".into())), "d\n[…]\n[exit 1]\n");
        assert!(transcript(&ended, &Part::Lines(5, 7)).is_err());
        assert!(transcript(&ended, &Part::From("e".into(), 1)).is_err());
        assert!(transcript(&ended, &Part::Only("e".into())).is_err());
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
