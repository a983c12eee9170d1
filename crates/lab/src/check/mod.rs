//! A learner's program put to the test.
//!
//! A check has one subject and one or two parts. A **function** part asks the program about one of its functions, shortest input
//! first, and stops at the first answer that is wrong. A **scenario** part runs the program on a lent host in a simulated network
//! and compares what it tells with the packets that it really had.
//!
//! **Silence earns nothing**: each check has inputs that must give something, so a program that does nothing fails all of them. A
//! check whose need failed is not judged.

pub(crate) mod ask;
pub(crate) mod case;
mod difference;
mod functions;
mod report;
mod scenario;
mod snapshot;
mod watched;

pub(crate) use difference::hex;
pub(crate) use report::{Finding, shown_end};
pub use report::{Judged, Outcome, Report};
pub(crate) use scenario::{Observed, bless};
pub(crate) use watched::Watched;

use crate::lab::Lab;
use crate::subjects;
use ask::Ask;
use cli::Failure;
use host::Host;
use std::path::Path;

/// What one part of a check does.
pub(crate) enum Part {
    /// Asks about functions.
    Asks(Vec<Ask>),
    /// Runs the cases of the lab's folder that are for this check.
    Cases(Judge),
    /// The same, with a program of ours at the node that the case names: what comes to the learner's program is its doing.
    CasesBeside(Judge, Beside),
}

/// Says what is wrong with what was seen.
pub(crate) type Judge = fn(&Observed<'_>) -> Result<(), Finding>;
/// A program of ours in the same network, and to whom it tells what it sees.
pub(crate) type Beside = fn(&mut dyn Host, &mut dyn FnMut(String)) -> host::Result<()>;

/// Puts `program` to all checks of `lab`.
///
/// # Errors
/// When a check cannot be made at all: a case that cannot be read, a program that cannot be started.
pub fn judge(lab: &Lab, program: &Path) -> Result<Report, Failure> {
    crate::launcher::hide();
    let mut report = Report::new(lab);
    for check in &lab.about.checks {
        let outcome = match check.needs.iter().find(|need| !report.has_passed(need)) {
            Some(need) => Outcome::Skipped(need.clone()),
            None => judge_one(lab, &check.name, program)?,
        };
        report.add(check, outcome);
    }
    Ok(report)
}

fn judge_one(lab: &Lab, check: &str, program: &Path) -> Result<Outcome, Failure> {
    let missing = || Failure::said(format!("lab {}: there is no check '{check}' in this program", lab.number()));
    for part in subjects::parts(lab, check).ok_or_else(missing)? {
        let found = match part {
            Part::Asks(asks) => functions::ask(program, &asks)?,
            Part::Cases(judge) => scenario::run_all(lab, check, program, judge, None)?,
            Part::CasesBeside(judge, beside) => scenario::run_all(lab, check, program, judge, Some(beside))?,
        };
        if let Some(finding) = found {
            return Ok(Outcome::Failed(finding));
        }
    }
    Ok(Outcome::Passed)
}
