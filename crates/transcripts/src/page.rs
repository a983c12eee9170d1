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
    blocks: Vec<(Machine, Promise, Block<'a>)>,
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
    /// They print what is shown, but for numbers.
    Shape,
    /// They work.
    Try,
}

/// Which lines of an output a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    All,
    /// From one to the other, counted from 1.
    Lines(usize, usize),
    /// From the first that begins with this text, and so many more.
    From(String, usize),
    /// Those that begin with this text, or with one of several with `&` between them.
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
                _ if marks == ["setup"] => {}
                Some((machine, promise)) => page.blocks.push((machine, promise, block)),
                None => {
                    fault(
                        opening,
                        "the marks of `console` are: setup; live; course; try, lines=5-20, lines=TEXT+15 or only=TEXT",
                    );
                }
            }
        }
        page
    }

    /// Runs the commands of the blocks that are for `machine`, in `directory`: a copy of the course, or an empty one of the page's own.
    ///
    /// # Errors
    /// When no command can be run at all.
    pub fn check(&self, tools: &Tools, machine: Machine, directory: &Path) -> Result<Checked, String> {
        if machine != Machine::Course {
            tools.furnish(directory)?;
        }
        for (file, block) in &self.files {
            std::fs::write(directory.join(file), self.text_of(block, block.lines.clone()))
                .map_err(|error| format!("cannot write {file}: {error}"))?;
        }
        let mut faults = if machine == Machine::Simulated { self.faults.clone() } else { vec![] };
        let (mut count, mut replacements) = (0, vec![]);
        for (_, promise, block) in self.of(machine) {
            let (commands, before) = self.commands(block);
            if let Some(line) = before {
                faults.push(Fault { line: line + 1, what: "output without a command: `$ ` begins one".into() });
            }
            for command in commands {
                count += 1;
                let shown = self.text_of(block, command.shown.clone());
                let outcome = self.outcome(&command, promise, tools, directory, machine);
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

    fn of(&self, machine: Machine) -> impl Iterator<Item = &(Machine, Promise, Block<'a>)> {
        self.blocks.iter().filter(move |(whose, ..)| *whose == machine)
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
            Promise::Shape => transcript(&ended, &Part::All),
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
        if *self == Self::Shape { compare::same_shape(shown, came) } else { shown == came }
    }
}

impl Block<'_> {
    /// A transcript as lines of this block. Of an empty line in a quote, the blank behind `>` goes.
    fn lines_of(&self, text: &str) -> Vec<String> {
        text.lines().map(|line| format!("{}{line}", self.prefix).trim_end().into()).collect()
    }
}

/// What the marks promise, and where; `None`: nothing that is known.
fn promise(marks: &[&str]) -> Option<(Machine, Promise)> {
    let (machine, marks) = match marks {
        ["live"] => return Some((Machine::Itself, Promise::Shape)),
        ["course", marks @ ..] => (Machine::Course, marks),
        marks => (Machine::Simulated, marks),
    };
    let promise = match marks {
        [] => Promise::Exact(Part::All),
        ["try"] => Promise::Try,
        [mark] => Promise::Exact(part(mark)?),
        _ => return None,
    };
    Some((machine, promise))
}

fn part(mark: &str) -> Option<Part> {
    let text = |text: &str| text.replace('_', " ");
    if let Some(only) = mark.strip_prefix("only=") {
        return Some(Part::Only(text(only)));
    }
    let lines = mark.strip_prefix("lines=")?;
    let number = |text: &str| text.parse::<usize>().ok();
    if let Some((Some(first), Some(last))) = lines.split_once('-').map(|(first, last)| (number(first), number(last))) {
        return (1 <= first && first <= last).then_some(Part::Lines(first, last));
    }
    let (start, more) = lines.rsplit_once('+')?;
    Some(Part::From(text(start), number(more)?))
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
                let is_meant = |line: &&&str| text.split('&').any(|text| line.starts_with(text));
                let shown: Vec<&&str> = printed.iter().filter(is_meant).collect();
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
///
/// Blanks at the end of a line are not shown: nobody sees them on a page, and editors take them away.
fn transcript(ended: &Ended, part: &Part) -> Result<String, String> {
    let printed: Vec<&str> = ended.printed.lines().map(str::trim_end).collect();
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
        let block = &page.blocks[0].2;
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
        assert_eq!(shown(Part::Only("a&d".into())), "a\nd\n[…]\n[exit 1]\n");
        assert!(transcript(&ended, &Part::Lines(5, 7)).is_err());
        assert!(transcript(&ended, &Part::From("e".into(), 1)).is_err());
        assert!(transcript(&ended, &Part::Only("e".into())).is_err());
    }

    #[test]
    fn line_that_ends_in_blanks_is_blessed_as_it_is_compared() {
        let ended = Ended { printed: "a  \n \nb\t\n".into(), code: Some(0) };
        let came = transcript(&ended, &Part::All).unwrap();
        let page = Page::new("> ```console\n> $ a\n> old\n> ```\n");
        let block = &page.blocks[0].2;
        let blessed = page.with(&[(page.commands(block).0[0].shown.clone(), block.lines_of(&came))]);
        let page = Page::new(&blessed);
        let block = &page.blocks[0].2;
        assert_eq!(page.text_of(block, page.commands(block).0[0].shown.clone()), came);
        assert_eq!(came, "a\n\nb\n");
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
        let block = &page.blocks[0].2;
        let (commands, _) = page.commands(block);
        let text = page.with(&[(commands[0].shown.clone(), block.lines_of("new\n\nlines\n"))]);
        assert_eq!(text, "> ```console\n> $ a\n> new\n>\n> lines\n> ```\nend\n");
    }
}
