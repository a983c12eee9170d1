//! Results as files: for people, for programs, for Gradescope, and for CI systems (`JUnit`).
//!
//! ```text
//!   RESULTS/results.txt          a line for each submission, and what could not be applied of the box
//!   RESULTS/results.json         all of it
//!   RESULTS/junit.xml            a test suite for each submission, a case for each check
//!   RESULTS/run.json             the lab and the seed, to go on or to do the same again
//!   RESULTS/NAME/graded.json     of one submission; with its source unchanged it is not graded again
//!   RESULTS/NAME/report.txt      for who handed it in
//!   RESULTS/NAME/results.json    the same for Gradescope
//! ```
//!
//! Only the checker writes them. Each is written beside its place and then put there whole. Whatever comes from a submission is
//! escaped for the format it stands in; in text, no line begins with it, so that no CI system takes it for a command.

use super::graded::{Graded, Kind, Verdict, harmless};
use crate::fail;
use cli::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The folder of the results.
#[derive(Debug)]
pub(super) struct Results(PathBuf);

/// What a run was of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) lab: String,
    /// As text: a reader of JSON may round a number of 64 bits.
    pub(super) seed: String,
}

impl Results {
    /// Opens the folder, or makes it.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| {
            fail::io("create", folder, &error).hint("results are several files: name a folder that you may write to")
        })?;
        Ok(Self(folder.to_path_buf()))
    }

    /// The run that these results are of, if there are some.
    pub(super) fn run(&self) -> Result<Option<Run>, Failure> {
        let path = self.0.join("run.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // Another run must not take its place.
            Err(error) => return Err(fail::io("read", &path, &error).hint("name another folder")),
        };
        let spoiled = |error: serde_json::Error| {
            Failure::said(format!("'{}' cannot be understood: {error}", path.display()))
                .hint("name another folder, or delete this one: all is graded again then")
        };
        serde_json::from_str(&text).map(Some).map_err(spoiled)
    }

    pub(super) fn begin(&self, run: &Run) -> Result<(), Failure> {
        self.put(&self.0.join("run.json"), &pretty(&json!(run)))
    }

    /// What came of a submission before, if it is the same source.
    pub(super) fn before(&self, name: &str, source: &str) -> Option<Graded> {
        let text = fs::read_to_string(self.of(name).join("graded.json")).ok()?;
        let graded: Graded = serde_json::from_str(&text).ok()?;
        let is_final = !matches!(graded.verdict, Verdict::GraderError(_));
        (is_final && graded.name == name && graded.source == source).then_some(graded)
    }

    /// Keeps what came of one submission.
    pub(super) fn keep(&self, graded: &Graded) -> Result<(), Failure> {
        let folder = self.of(&graded.name);
        fs::create_dir_all(&folder).map_err(|error| fail::io("create", &folder, &error))?;
        let report: String = graded.lines().iter().map(|line| format!("{}\n", harmless(line))).collect();
        self.put(&folder.join("report.txt"), &report)?;
        self.put(&folder.join("results.json"), &pretty(&gradescope(graded)))?;
        // The last one: when it is there, all are.
        self.put(&folder.join("graded.json"), &pretty(&json!(graded)))
    }

    /// Writes what is about all of them.
    pub(super) fn finish(&self, summary: &Summary<'_>) -> Result<(), Failure> {
        self.put(&self.0.join("junit.xml"), &junit(summary))?;
        self.put(&self.0.join("results.json"), &pretty(&summary.json()))?;
        self.put(&self.0.join("results.txt"), &summary.text())
    }

    /// The folder of a submission: its name, with nothing in it that means something to a file system.
    fn of(&self, name: &str) -> PathBuf {
        let plain: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
        let is_plain = plain == name && !name.starts_with('.') && name.len() <= 100;
        let short: String = plain.chars().take(100).collect();
        let number = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        self.0.join(if is_plain { short } else { format!("_{short}-{number:016x}") })
    }

    /// Puts a file in its place in one step.
    fn put(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let mut new = path.as_os_str().to_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            // A full disk may say so only here.
            file.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&new);
            fail::io("write", path, &error).hint(match error.kind() {
                ErrorKind::PermissionDenied => "results are several files: name a folder that you may write to",
                _ => "what was written before is whole; the same command goes on where this ended",
            })
        })
    }
}

/// What is told about all submissions.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    pub(super) run: &'a Run,
    pub(super) lab: String,
    pub(super) graded: &'a [Graded],
    /// What the box lacks.
    pub(super) missing: &'a [String],
    /// Who is nearly the same as whom, in percent.
    pub(super) alike: &'a [(String, String, usize)],
}

impl Summary<'_> {
    /// A line each.
    pub(super) fn text(&self) -> String {
        let width = self.graded.iter().map(|graded| graded.name.chars().count()).max().unwrap_or(0).min(40);
        let mut text = String::new();
        for graded in self.graded {
            let line: String = graded.in_a_line().chars().take(200).collect();
            let _ = writeln!(
                text,
                "  {:>3} of {}  {:width$}  {}",
                graded.points,
                graded.max_points,
                harmless(&graded.name),
                harmless(&line)
            );
            if !graded.ignored.is_empty() {
                let _ = writeln!(text, "              not looked at: {}", harmless(&graded.ignored.join(", ")));
            }
        }
        for (names, percent) in self.groups() {
            let names: Vec<String> = names.iter().map(|name| harmless(name)).collect();
            let _ = writeln!(text, "nearly the same, {percent} % or more: {}", names.join(", "));
        }
        for missing in self.missing {
            let _ = writeln!(text, "the box has {}", harmless(missing));
        }
        let failed = self.graded.iter().filter(|graded| matches!(graded.verdict, Verdict::GraderError(_))).count();
        let full = self.graded.iter().filter(|graded| graded.points == graded.max_points).count();
        let _ = write!(text, "{} graded in lab {}, {full} with all points", self.graded.len() - failed, self.lab);
        if failed > 0 {
            let _ = write!(text, "; {failed} could not be graded");
        }
        let _ = writeln!(text, "; the drawn cases are those of `--seed {}`", self.run.seed);
        text
    }

    /// Who hangs together by being nearly the same, and how many percent each pair of them is at the least.
    fn groups(&self) -> Vec<(Vec<&str>, usize)> {
        let mut groups: Vec<(Vec<&str>, usize)> = vec![];
        for (one, other, percent) in self.alike {
            let mut whole = (vec![one.as_str(), other.as_str()], *percent);
            let touches = |group: &(Vec<&str>, usize)| group.0.iter().any(|name| name == one || name == other);
            for group in groups.extract_if(.., |group| touches(group)) {
                whole.0.splice(0..0, group.0.into_iter().filter(|name| name != one && name != other));
                whole.1 = whole.1.min(group.1);
            }
            groups.push(whole);
        }
        groups.iter_mut().for_each(|(names, _)| names.sort_unstable());
        groups.sort();
        groups
    }

    fn json(&self) -> Value {
        let alike: Vec<Value> = self
            .alike
            .iter()
            .map(|(one, other, percent)| json!({ "one": one, "other": other, "percent": percent }))
            .collect();
        json!({
            "lab": self.run.lab,
            "seed": self.run.seed,
            "box_lacks": self.missing,
            "submissions": self.graded,
            "nearly_the_same": alike,
        })
    }
}

/// As Gradescope's autograders write it: one test for each check. Only who handed it in sees it.
fn gradescope(graded: &Graded) -> Value {
    let test = |check: &super::graded::Check| {
        let output = std::iter::once(check.outcome.said()).chain(check.lines.iter().map(String::as_str));
        let output = output.collect::<Vec<_>>().join("\n");
        json!({
            "name": check.name,
            "score": check.points,
            "max_score": check.max_points,
            "status": if check.outcome == Kind::Passed { "passed" } else { "failed" },
            "output": output,
            "output_format": "text",
            "visibility": "visible",
        })
    };
    json!({
        "score": graded.points,
        "output": graded.lines().first().map(|line| harmless(line)).unwrap_or_default(),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": if graded.checks.is_empty() { vec![json!({
            "name": "compiles",
            "score": 0,
            "max_score": graded.max_points,
            "status": "failed",
            "output": graded.lines().join("\n"),
            "output_format": "text",
            "visibility": "visible",
        })] } else { graded.checks.iter().map(test).collect() },
    })
}

/// A suite for each submission.
fn junit(summary: &Summary<'_>) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for graded in summary.graded {
        let name = xml(&graded.name);
        let failures =
            graded.checks.iter().filter(|check| matches!(check.outcome, Kind::Failed | Kind::FailedDrawn)).count();
        let skipped = graded.checks.iter().filter(|check| check.outcome == Kind::Waits).count();
        let (error, tests) = match &graded.verdict {
            Verdict::Judged => (None, graded.checks.len()),
            _ => (Some(graded.lines().join("\n")), 1),
        };
        let errors = usize::from(error.is_some());
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
        );
        if let Some(error) = error {
            let first = xml(&graded.in_a_line());
            let _ = writeln!(
                text,
                "    <testcase classname=\"{name}\" name=\"compiles\"><error message=\"{first}\">{}</error></testcase>",
                xml(&error)
            );
        }
        for check in &graded.checks {
            let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{}\">", xml(&check.name));
            let _ = match check.outcome {
                Kind::Passed => Ok(()),
                Kind::Waits => write!(text, "<skipped message=\"{}\"/>", xml(&check.lines.join(" "))),
                Kind::Failed | Kind::FailedDrawn => {
                    write!(
                        text,
                        "<failure message=\"{}\">{}</failure>",
                        xml(check.outcome.said()),
                        xml(&check.lines.join("\n"))
                    )
                }
            };
            text.push_str("</testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// As it may stand in XML, within quotes too. What XML 1.0 has no place for is shown by its number.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\n' => safe.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    harmless(&safe)
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a\u{1b}[32m</testcase><x y=\"1\">&'::set-output name=x::##[error] {\"score\": 100}\u{0}";

    fn graded() -> Graded {
        let check = super::super::graded::Check {
            name: "words".into(),
            points: 0,
            max_points: 20,
            outcome: Kind::FailedDrawn,
            lines: vec![format!("got       {NASTY}")],
        };
        Graded { checks: vec![check], ..Graded::not_judged(NASTY, Verdict::Judged) }
    }

    #[test]
    fn what_comes_from_a_submission_is_escaped_in_each_format() {
        let run = Run { lab: "03-checksum".into(), seed: "7".into() };
        let graded = [graded(), Graded::not_judged("::error::x", Verdict::NotCompiled(format!("::error::y\n{NASTY}")))];
        let summary = Summary { run: &run, lab: "03".into(), graded: &graded, missing: &[], alike: &[] };
        let xml = junit(&summary);
        assert!(!xml.contains('\u{1b}') && !xml.contains("<x") && xml.matches("</testcase>").count() == 2, "{xml}");
        for line in summary.text().lines().chain(xml.lines()) {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
        }
        let told = pretty(&gradescope(&graded[0]));
        let back: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(back["score"], 0);
        assert_eq!(back["tests"].as_array().unwrap().len(), 1);
        assert!(back["tests"][0]["output"].as_str().unwrap().starts_with("passes the visible cases"));
    }

    #[test]
    fn names_that_mean_something_to_a_file_system_are_names_of_folders_all_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path()).unwrap();
        let mut folders = std::collections::BTreeSet::new();
        for name in ["anna", "..", "../x", "a/b", "a_b", "run.json", NASTY, &"x".repeat(300)] {
            let folder = results.of(name);
            assert_eq!(folder.parent(), Some(directory.path()), "{name}");
            assert!(folders.insert(folder), "{name}");
        }
    }

    #[test]
    fn full_disk_is_a_sentence_and_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path()).unwrap();
        let path = directory.path().join("run.json");
        fs::write(&path, "as it was").unwrap();
        std::os::unix::fs::symlink("/dev/full", directory.path().join("run.json.new")).unwrap();
        let failed = results.begin(&Run { lab: "03-checksum".into(), seed: "1".into() });
        let Err(Failure::Said { error, hint }) = failed else { panic!("{failed:?}") };
        assert_eq!(error, format!("cannot write '{}': No space left on device", path.display()));
        assert!(hint.unwrap().contains("goes on where this ended"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "as it was");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no half of a file");
    }

    #[test]
    fn pairs_that_hang_together_are_one_line() {
        let run = Run { lab: "03-checksum".into(), seed: "7".into() };
        let pair = |one: &str, other: &str, percent| (one.to_string(), other.to_string(), percent);
        let alike = [pair("a", "b", 90), pair("c", "d", 85), pair("b", "e", 95), pair("a", "e", 88)];
        let summary = Summary { run: &run, lab: "03".into(), graded: &[], missing: &[], alike: &alike };
        assert_eq!(summary.groups(), [(vec!["a", "b", "e"], 88), (vec!["c", "d"], 85)]);
    }

    #[test]
    fn graded_once_is_found_again_only_for_the_same_source() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path()).unwrap();
        let kept = Graded { source: "1234".into(), ..graded() };
        results.keep(&kept).unwrap();
        assert_eq!(results.before(NASTY, "1234"), Some(kept));
        assert_eq!(results.before(NASTY, "1235"), None);
        let failed = Graded { source: "1".into(), ..Graded::not_judged("b", Verdict::GraderError("disk".into())) };
        results.keep(&failed).unwrap();
        assert_eq!(results.before("b", "1"), None, "what the grader failed on is tried again");
    }
}
