//! What a tool prints: results on standard output, remarks on standard error.

use crate::also::Line;
use crate::explain::silence::Verdict;
use crate::explain::{Pen, Picture};
use crate::{Colour, Failure, style};
use anstream::AutoStream;
use anstyle::Style;
use lend::Stream;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;
use std::sync::mpsc::Receiver;

const SHOWN: &str = "What is shown";

/// Options of all tools about how their output looks.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Show {
    /// Explain each packet, byte by byte; with =TOPIC say what that is, and
    /// with =list which topics there are
    #[arg(short, long, value_name = "TOPIC", num_args = 0..=1, require_equals = true, default_missing_value = "",
          help_heading = SHOWN)]
    pub explain: Option<String>,
    /// One JSON object per event, a line each, and nothing else on standard output
    #[arg(long, help_heading = SHOWN)]
    pub json: bool,
    /// Colour: auto, always or never; beats `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = SHOWN, hide_possible_values = true,
          hide_default_value = true)]
    pub color: Colour,
    /// Draw with ASCII only
    #[arg(long, help_heading = SHOWN)]
    pub ascii: bool,
    /// Say more
    #[arg(short, long, help_heading = SHOWN)]
    pub verbose: bool,
}

impl Show {
    /// Whether packets are to be explained.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.explain.as_deref() == Some("")
    }

    /// The topic that is asked about instead of running.
    pub(crate) fn topic(&self) -> Option<&str> {
        self.explain.as_deref().filter(|topic| !topic.is_empty())
    }
}

/// Standard output and standard error of a tool.
///
/// In the simulated network, where nobody waits between two lines, lines are written together; live, each as it comes.
pub struct Output {
    stdout: Box<dyn Write>,
    stderr: Box<dyn Write>,
    /// Whether each line is to appear at once.
    eager: bool,
    json: bool,
    ascii: bool,
    verbose: bool,
    explains: bool,
    /// Whether the last line is blank.
    below_blank: bool,
    colour: bool,
    colour_of_stderr: bool,
    /// What [`Output::note`] has said already.
    said: BTreeSet<String>,
    /// What other programs in the same run print; each line has its place among ours.
    others: Option<Receiver<Line>>,
}

impl Output {
    /// The process's own streams.
    pub(crate) fn new(show: &Show) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let (colour, colour_of_stderr) = (show.color.on(&stdout), show.color.on(&stderr));
        // A console of Windows may need its colours translated, which `AutoStream` does; without colour there is nothing to do.
        let stdout: Box<dyn Write> = match colour {
            true => Box::new(BufWriter::with_capacity(1 << 16, AutoStream::always(stdout))),
            false => Box::new(BufWriter::with_capacity(1 << 16, stdout)),
        };
        let stderr: Box<dyn Write> =
            if colour_of_stderr { Box::new(AutoStream::always(stderr)) } else { Box::new(stderr) };
        Self { colour, colour_of_stderr, ..Self::over(stdout, stderr, show) }
    }

    /// For tests: both streams are collected and can be asked for at any time. No colour.
    #[must_use]
    pub fn collected(show: &Show) -> (Self, Collected) {
        let collected = Collected::default();
        let (stdout, stderr) = (Rc::clone(&collected.stdout), Rc::clone(&collected.stderr));
        (Self::over(Box::new(Shared(stdout)), Box::new(Shared(stderr)), show), collected)
    }

    fn over(stdout: Box<dyn Write>, stderr: Box<dyn Write>, show: &Show) -> Self {
        Self {
            stdout,
            stderr,
            eager: true,
            json: show.json,
            ascii: show.ascii || !locale_is_utf8(),
            verbose: show.verbose,
            explains: show.explains(),
            below_blank: false,
            colour: false,
            colour_of_stderr: false,
            said: BTreeSet::new(),
            others: None,
        }
    }

    /// Whether each line is to appear at once. Who turns it off calls [`Output::flush`] before each wait.
    pub fn set_eager(&mut self, eager: bool) {
        self.eager = eager;
    }

    /// Where the lines of other programs in the same run come from.
    pub(crate) fn set_others(&mut self, others: Option<Receiver<Line>>) {
        self.others = others;
    }

    /// Prints what other programs have printed by now, behind the name of their host: `host4 | …`.
    fn hear_others(&mut self) -> io::Result<()> {
        let Some(others) = &self.others else { return Ok(()) };
        for Line { host, stream, text } in others.try_iter() {
            // With `--json`, nothing but our own objects is on standard output.
            if stream == Stream::Output && !self.json {
                writeln!(self.stdout, "{host} | {text}")?;
            } else {
                let _ = self.stdout.flush();
                let _ = writeln!(self.stderr, "{host} | {text}");
            }
        }
        Ok(())
    }

    /// One line of results. What came from outside must be escaped already: `crate::escape`.
    ///
    /// # Errors
    /// [`Failure::PipeClosed`] when nobody reads any more; a full disk.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.write(|out| writeln!(out, "{text}"))?;
        self.below_blank = text.is_empty() || text.ends_with('\n');
        Ok(())
    }

    /// Text without a line's end, such as the dot of a flood; it appears at once where lines do.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn raw(&mut self, text: &str) -> Result<(), Failure> {
        self.write(|out| out.write_all(text.as_bytes()))
    }

    /// One event as one line of JSON. What would act on a terminal is written by its number in its strings too.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn json(&mut self, event: &impl Serialize) -> Result<(), Failure> {
        self.write(|out| {
            event.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Tame))?;
            out.write_all(b"\n")
        })
    }

    fn write(&mut self, print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        self.hear_others()?;
        self.below_blank = false;
        print(&mut self.stdout)?;
        if self.eager { self.flush() } else { Ok(()) }
    }

    /// A remark on standard error, `note: …`; the same text is said once.
    pub fn note(&mut self, text: &str) {
        if self.said.insert(text.to_string()) {
            self.say("note", style::NOTE, text);
        }
    }

    /// `error: …` and `hint: …`, the two lines of everything that fails.
    pub(crate) fn failed(&mut self, error: &str, hint: Option<&str>) {
        self.say("error", style::ERROR, error);
        if let Some(hint) = hint {
            self.say("hint", style::NOTE, hint);
        }
    }

    /// A line on standard error. What was printed before it comes before it; that nobody reads it is no reason to fail.
    fn say(&mut self, word: &str, style: Style, text: &str) {
        let _ = self.hear_others();
        self.below_blank = false;
        let _ = self.stdout.flush();
        let word = painted(self.colour_of_stderr, style, word);
        let _ = writeln!(self.stderr, "{word}: {}", crate::escape(text));
        let _ = self.stderr.flush();
    }

    /// Sees to it that everything printed so far is out.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.hear_others()?;
        Ok(self.stdout.flush()?)
    }

    /// Whether `--json` was given.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether `-v` was given.
    #[must_use]
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Whether `-e` was given: packets are explained.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.explains
    }

    /// A packet, explained, with a blank line above and below.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn picture(&mut self, picture: &Picture<'_>) -> Result<(), Failure> {
        let mut lines = picture.lines(self.pen());
        if !self.below_blank {
            lines.insert(0, String::new());
        }
        self.write(|out| lines.iter().try_for_each(|line| writeln!(out, "{line}")))?;
        self.below_blank = true;
        Ok(())
    }

    /// Why somebody is silent, with a blank line above. `tool` is the one that says so.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn verdict(&mut self, tool: &str, verdict: &Verdict) -> Result<(), Failure> {
        let lines = verdict.lines(tool, self.pen());
        let above = if self.below_blank { "" } else { "\n" };
        self.write(|out| {
            write!(out, "{above}")?;
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))
        })
    }

    /// Whether to draw with ASCII only: `--ascii`, or a locale that is not UTF-8.
    #[must_use]
    pub fn ascii(&self) -> bool {
        self.ascii
    }

    /// What drawings on standard output are made with.
    #[must_use]
    pub fn pen(&self) -> Pen {
        Pen { ascii: self.ascii, colour: self.colour }
    }

    /// `text` in this style on standard output, or as it is where there is no colour.
    #[must_use]
    pub fn paint(&self, style: Style, text: &str) -> String {
        painted(self.colour, style, text)
    }
}

/// JSON whose strings do not act on a terminal: [`crate::escape()`] in JSON's own words, so that a reader gets them as they were.
struct Tame;

impl serde_json::ser::Formatter for Tame {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains('\u{7f}') {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if crate::escape::acts_on_a_terminal(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                write!(writer, "{c}")?;
            }
        }
        Ok(())
    }
}

fn painted(colour: bool, style: Style, text: &str) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_string() }
}

/// By the variables that POSIX names for it, the strongest first. Windows consoles know Unicode.
fn locale_is_utf8() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    locale.map_or(cfg!(windows), |locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// What a tool printed, for tests.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    stdout: Rc<RefCell<Vec<u8>>>,
    stderr: Rc<RefCell<Vec<u8>>>,
}

impl Collected {
    /// Standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.borrow()).into_owned()
    }

    /// Standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.borrow()).into_owned()
    }
}

struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_note_is_said_once() {
        let (mut out, collected) = Output::collected(&Show::default());
        out.note("one");
        out.note("two");
        out.note("one");
        assert_eq!((collected.stdout().as_str(), collected.stderr().as_str()), ("", "note: one\nnote: two\n"));
    }

    #[test]
    fn remark_cannot_act_on_a_terminal() {
        let (mut out, collected) = Output::collected(&Show::default());
        out.failed("no host named '\u{1b}[2J'", Some("hosts are\na"));
        assert_eq!(collected.stderr(), "error: no host named '\\u{1b}[2J'\nhint: hosts are\\u{a}a\n");
    }

    #[test]
    fn event_is_one_line() {
        let (mut out, collected) = Output::collected(&Show { json: true, ..Show::default() });
        out.json(&serde_json::json!({ "event": "reply", "text": "a\nb" })).unwrap();
        assert_eq!(collected.stdout(), "{\"event\":\"reply\",\"text\":\"a\\nb\"}\n");
    }

    #[test]
    fn string_of_an_event_cannot_act_on_a_terminal_and_is_read_as_it_was() {
        let (mut out, collected) = Output::collected(&Show { json: true, ..Show::default() });
        let text = "\u{1b}[2J\u{7f}\u{9b} Grüße \u{202e}\u{e0041}";
        out.json(&serde_json::json!({ "text": text })).unwrap();
        let written = collected.stdout();
        assert_eq!(written, "{\"text\":\"\\u001b[2J\\u007f\\u009b Grüße \\u202e\\udb40\\udc41\"}\n");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["text"], text);
    }

    #[test]
    fn closed_pipe_is_told_apart_from_a_full_disk() {
        struct Fails(io::ErrorKind);
        impl Write for Fails {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let line = |kind| Output::over(Box::new(Fails(kind)), Box::new(io::sink()), &Show::default()).line("x");
        assert_eq!(line(io::ErrorKind::BrokenPipe), Err(Failure::PipeClosed));
        assert!(matches!(line(io::ErrorKind::StorageFull), Err(Failure::Said { .. })));
    }

    #[test]
    fn colour_stands_around_the_word_and_only_where_it_is_on() {
        assert_eq!(painted(true, style::ERROR, "error"), "\u{1b}[1m\u{1b}[31merror\u{1b}[0m");
        assert_eq!(painted(false, style::ERROR, "error"), "error");
    }
}
