//! What came of the checks.

use crate::lab::{Check, Lab, POINTS};
use lend::{End, Ended};
use std::fmt;

/// What came of all checks of a lab. The same program has the same report, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    lab: String,
    checks: Vec<Judged>,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// What it is worth.
    pub points: u32,
    /// How it went.
    pub outcome: Outcome,
}

/// How a check went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All right.
    Passed,
    /// This is the first thing that was wrong.
    Failed(Finding),
    /// All that everybody sees is right, and this is the first thing that was wrong in a case that was drawn.
    FailedDrawn(Finding),
    /// Not judged, since this check comes first.
    Skipped(String),
}

/// The first thing that was wrong, as lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding(Vec<String>);

impl Finding {
    pub(crate) fn lines(&self) -> &[String] {
        &self.0
    }

    /// A line of it.
    pub(crate) fn line(&mut self, text: &str) {
        self.0.push(text.into());
    }

    /// A line `what   text`.
    pub(crate) fn says(&mut self, what: &str, text: &str) {
        self.line(&format!("{what:<9} {text}"));
    }

    /// All lines of another one behind these.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// A finding of these lines.
    pub(crate) fn of<const N: usize>(lines: [(&str, String); N]) -> Self {
        let mut finding = Self::default();
        for (what, text) in lines {
            if what.is_empty() { finding.line(&text) } else { finding.says(what, &text) }
        }
        finding
    }
}

impl Report {
    pub(crate) fn new(lab: &Lab) -> Self {
        Self { lab: lab.number(), checks: vec![] }
    }

    pub(crate) fn add(&mut self, check: &Check, outcome: Outcome) {
        self.checks.push(Judged { name: check.name.clone(), points: check.points, outcome });
    }

    pub(crate) fn has_passed(&self, name: &str) -> bool {
        self.checks.iter().any(|check| check.name == name && check.outcome == Outcome::Passed)
    }

    /// All checks, in their order.
    #[must_use]
    pub fn checks(&self) -> &[Judged] {
        &self.checks
    }

    /// The points of all checks that passed.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.checks.iter().filter(|check| check.outcome == Outcome::Passed).map(|check| check.points).sum()
    }

    /// Whether all checks passed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.points() == POINTS
    }

    pub(crate) fn passed(&self) -> Vec<String> {
        self.checks.iter().filter(|check| check.outcome == Outcome::Passed).map(|check| check.name.clone()).collect()
    }

    /// The first check that failed.
    pub(crate) fn first_failed(&self) -> Option<&Judged> {
        self.checks.iter().find(|check| matches!(check.outcome, Outcome::Failed(_) | Outcome::FailedDrawn(_)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
        for Judged { name, points, outcome } in &self.checks {
            let (word, got) = match outcome {
                Outcome::Passed => ("pass", *points),
                Outcome::Failed(_) | Outcome::FailedDrawn(_) => ("FAIL", 0),
                Outcome::Skipped(_) => ("wait", 0),
            };
            write!(f, "  {word}  {name:width$}  {got:>3} of {points}")?;
            match outcome {
                Outcome::Passed => writeln!(f)?,
                Outcome::Skipped(first) => writeln!(f, "   first: {first}")?,
                Outcome::Failed(Finding(lines)) | Outcome::FailedDrawn(Finding(lines)) => {
                    let where_to =
                        if matches!(outcome, Outcome::Failed(_)) { "" } else { "   in a case that was drawn" };
                    writeln!(f, "{where_to}")?;
                    for line in lines {
                        writeln!(f, "          {line}")?;
                    }
                }
            }
        }
        write!(f, "{} of {POINTS} points in lab {}", self.points(), self.lab)
    }
}

/// The signal for memory that is not there.
const SEGV: i32 = rustix::process::Signal::SEGV.as_raw();

/// How a program ended, and what it says to that, without what differs from run to run.
pub(crate) fn shown_end(ended: &Ended) -> String {
    match (&ended.end, panic(&ended.complaint)) {
        (End::Panicked, Some(panic)) => format!("panicked at {panic}"),
        // Safe code has no other way to that signal; in a box without /proc the program does not know itself what it was.
        (End::Signal(SEGV), _) => End::StackOverflow.to_string(),
        (End::Left(_) | End::NoLeave(_), _) if !ended.complaint.is_empty() => {
            let last = ended.complaint.lines().last().unwrap_or_default();
            cli::escape(&format!("{}: {last}", ended.end))
        }
        (end, _) => cli::escape(&end.to_string()),
    }
}

/// Where a program panicked, and why: `src/checksum.rs:29:9: attempt to add with overflow`.
fn panic(complaint: &str) -> Option<String> {
    let (_, behind) = complaint.split_once(" panicked at ")?;
    let mut lines = behind.lines();
    let (place, why) = (lines.next()?, lines.next().unwrap_or_default());
    Some(cli::escape(&format!("{place} {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(end: End, complaint: &str) -> String {
        shown_end(&Ended { end, complaint: complaint.into(), requests: 0 })
    }

    #[test]
    fn panic_is_told_with_its_place_and_without_the_number_of_the_thread() {
        let complaint =
            "\nthread 'main' (22640) panicked at labs/x.rs:29:9:\nattempt to add with overflow\nnote: run with\n";
        assert_eq!(ended(End::Panicked, complaint), "panicked at labs/x.rs:29:9: attempt to add with overflow");
        assert_eq!(ended(End::Panicked, ""), "panicked");
    }

    #[test]
    fn last_words_stand_behind_the_exit_code() {
        assert_eq!(ended(End::Left(2), "error: not written yet\n"), "ended with exit code 2: error: not written yet");
    }
}
