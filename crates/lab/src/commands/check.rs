//! `lab check`.

use super::{Page, checking, print};
use crate::check::Report;
use crate::checkout::Checkout;
use crate::lab::{Lab, POINTS};
use crate::progress::Progress;
use crate::workshop::{NotBuilt, Workshop};
use cli::Failure;
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const GLANCE: Duration = Duration::from_millis(200);

pub(super) fn check(checkout: &Checkout, lab: &str) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    let workshop = Workshop::open(checkout, &lab)?;
    let program = match workshop.build(&lab) {
        Ok(program) => program,
        Err(NotBuilt::Failure(failure)) => return Err(failure),
        Err(NotBuilt::Source(words)) => return Err(does_not_compile(checkout, &lab, &words)),
    };
    let report = checking::judge(&lab, &program)?;
    Progress::change(checkout, &lab.entry.folder(), |done| {
        done.points = report.points();
        done.best = done.best.max(report.points());
        done.passed = report.passed();
    })?;
    let mut text = format!("{}\n{report}\n", checkout.shown(&lab.file()));
    let number = lab.number();
    let _ = match report.first_failed() {
        Some(first) => write!(text, "next: {}; `cargo lab hint {number} {}` helps", first.name, first.name),
        None => {
            let more = checking::count(&lab)?;
            let _ = writeln!(text, "visible checks passed; {more} more cases are run at grading");
            match lab.solution().exists() {
                true => write!(text, "`cargo lab solution {number}` shows how it can also be written"),
                false => write!(text, "that is all of this lab"),
            }
        }
    };
    Ok(Page { text, good: report.is_full() })
}

/// rustc's own words come first, as they are; then whose file it is.
pub(super) fn does_not_compile(checkout: &Checkout, lab: &Lab, words: &str) -> Failure {
    if let Err(failure) = print(words) {
        return failure;
    }
    let file = checkout.shown(&lab.file());
    Failure::said(format!("lab {} does not compile, so nothing was checked", lab.number()))
        .hint(format!("mend the first error above; your file is {file}"))
}

/// Checks again whenever a file changes, until Ctrl-C.
pub(super) fn watch(checkout: &Checkout, name: &str) -> Result<ExitCode, Failure> {
    let lab = checkout.lab(name)?;
    loop {
        let checked_at = changed(&lab);
        match check(checkout, name) {
            Ok(page) => print(&page.text)?,
            Err(failure) => drop(cli::fail(super::NAME, failure)),
        }
        print("\nwaiting for the file to change; Ctrl-C ends this\n")?;
        while changed(&lab) == checked_at {
            rest();
        }
    }
}

/// When the newest file of the learner's folder was changed.
fn changed(lab: &Lab) -> Option<SystemTime> {
    let files = fs::read_dir(lab.source()).ok()?.flatten();
    files.filter_map(|file| file.metadata().ok()?.modified().ok()).max()
}

#[expect(clippy::disallowed_methods, reason = "waits for a person to save a file")]
fn rest() {
    std::thread::sleep(GLANCE);
}

/// How a report is called in a line.
pub(super) fn in_a_line(report: &Report) -> String {
    let names = |passed: bool| {
        let checks = report.checks().iter().filter(|check| report.has_passed(&check.name) == passed);
        checks.map(|check| check.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match report.points() {
        POINTS => "all checks pass".into(),
        0 => "no check passes".into(),
        _ => format!("{} do not pass", names(false)),
    }
}
