//! What came of one submission, as it is kept and told.

use crate::check::{Outcome, Report};
use serde::{Deserialize, Serialize};

/// What came of one submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Graded {
    pub(super) name: String,
    pub(super) points: u32,
    pub(super) max_points: u32,
    pub(super) verdict: Verdict,
    pub(super) checks: Vec<Check>,
    /// What else was handed in, and was not looked at.
    pub(super) ignored: Vec<String>,
    /// To know it again: of the source.
    pub(super) source: String,
}

/// How far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "why")]
pub(super) enum Verdict {
    /// It was put to the checks.
    Judged,
    /// There is no file to be graded.
    Refused(String),
    /// It does not compile.
    NotCompiled(String),
    /// The grader failed, and not the submission.
    GraderError(String),
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) points: u32,
    pub(super) max_points: u32,
    pub(super) outcome: Kind,
    /// The first thing that was wrong, line by line; or the check that must pass first.
    pub(super) lines: Vec<String>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Passed,
    /// In a case that everybody sees.
    Failed,
    /// In a case that was drawn: what everybody sees is right.
    FailedDrawn,
    /// Another check must pass first.
    Waits,
}

impl Kind {
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Passed => "passes",
            Self::Failed => "fails",
            Self::FailedDrawn => "passes the visible cases, and fails one that was drawn",
            Self::Waits => "was not judged: another check must pass first",
        }
    }
}

impl Graded {
    /// One that was not judged.
    pub(super) fn not_judged(name: &str, verdict: Verdict) -> Self {
        let (name, source) = (name.to_string(), String::new());
        Self { name, points: 0, max_points: crate::lab::POINTS, verdict, checks: vec![], ignored: vec![], source }
    }

    /// One that was.
    pub(super) fn judged(name: &str, report: &Report) -> Self {
        let checks = report.checks().iter().map(|judged| {
            let (outcome, lines) = match &judged.outcome {
                Outcome::Passed => (Kind::Passed, vec![]),
                Outcome::Failed(finding) => (Kind::Failed, finding.lines().to_vec()),
                Outcome::FailedDrawn(finding) => (Kind::FailedDrawn, finding.lines().to_vec()),
                Outcome::Skipped(first) => (Kind::Waits, vec![format!("first: {first}")]),
            };
            let points = if outcome == Kind::Passed { judged.points } else { 0 };
            // What a program prints is escaped where it is compared; here once more, whoever adds a finding.
            let lines = lines.iter().map(|line| harmless(line)).collect();
            Check { name: judged.name.clone(), points, max_points: judged.points, outcome, lines }
        });
        let checks = checks.collect();
        Self { points: report.points(), checks, ..Self::not_judged(name, Verdict::Judged) }
    }

    /// The verdict in a line.
    pub(super) fn in_a_line(&self) -> String {
        match &self.verdict {
            Verdict::Judged if self.points == self.max_points => "all checks pass".into(),
            Verdict::Judged => {
                let of = |kind: Kind| {
                    self.checks.iter().filter(move |check| check.outcome == kind).map(|check| check.name.as_str())
                };
                let listed = |kind, what: &str| {
                    let names = of(kind).collect::<Vec<_>>().join(", ");
                    (!names.is_empty()).then(|| format!("{what}{names}"))
                };
                let parts = [
                    listed(Kind::Failed, "fails "),
                    listed(Kind::FailedDrawn, "fails in drawn cases only "),
                    listed(Kind::Waits, "waits "),
                ];
                parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
            Verdict::Refused(why) => format!("refused: {why}"),
            Verdict::NotCompiled(words) => {
                let first = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                format!("does not compile: {first}")
            }
            Verdict::GraderError(why) => format!("grader error: {why}"),
        }
    }

    /// All that is said of it to who handed it in, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} of {} points: {}", self.points, self.max_points, self.in_a_line())];
        if let Verdict::NotCompiled(words) = &self.verdict {
            lines.extend(words.lines().map(String::from));
        }
        for check in &self.checks {
            lines.push(format!("{}: {}, {} of {}", check.name, check.outcome.said(), check.points, check.max_points));
            lines.extend(check.lines.iter().map(|line| format!("    {line}")));
        }
        if !self.ignored.is_empty() {
            lines.push(format!("not looked at: {}", self.ignored.join(", ")));
        }
        lines
    }
}

/// A line as neither a terminal nor a CI system takes it for a command: `::error::` is one at the start of a line, `##[error]`
/// anywhere.
pub(super) fn harmless(line: &str) -> String {
    let line = cli::escape(line).replace("##[", "#\u{200a}#[").replace("##vso[", "#\u{200a}#vso[");
    let start = line.trim_start();
    if start.starts_with("::") { format!("| {start}") } else { line }
}
