//! A learner's program put to the test.
//!
//! A check has one subject and one or two parts. A **function** part asks the program about one of its functions, shortest input
//! first, and stops at the first answer that is wrong. A **scenario** part runs the program on a lent host in a simulated network
//! and compares what it tells with the packets that it really had.
//!
//! Everybody sees the cases of `lab check`. For `lab grade` there are as many again, with numbers and addresses that are drawn for
//! the run (`drawn`): who wrote down the visible ones has nothing from it.
//!
//! **Silence earns nothing**: each check has inputs that must give something, so a program that does nothing fails all of them. A
//! check whose need failed is not judged.

pub(crate) mod ask;
pub(crate) mod case;
mod difference;
mod drawn;
mod functions;
mod report;
mod scenario;
mod snapshot;
mod watched;

pub(crate) use difference::hex;
pub(crate) use drawn::{Drawn, count};
pub(crate) use report::{Finding, shown_end};
pub use report::{Judged, Outcome, Report};
pub(crate) use scenario::{Observed, bless};
pub(crate) use watched::Watched;

use crate::boxed::{self, Layers};
use crate::lab::Lab;
use crate::subjects::{self, SEED};
use ask::Ask;
use case::Case;
use cli::Failure;
use host::Host;
use scenario::Posed;
use std::path::Path;
use std::sync::OnceLock;

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
/// A program of ours in the same network, in which case, and to whom it tells what it sees.
pub(crate) type Beside = fn(&mut dyn Host, &Case, &mut dyn FnMut(String)) -> host::Result<()>;

/// Puts `program` to all checks of `lab`, with the cases that everybody sees, in the best box that can be had here.
///
/// # Errors
/// When a check cannot be made at all: a case that cannot be read, a program that cannot be started.
pub fn judge(lab: &Lab, program: &Path) -> Result<Report, Failure> {
    static HERE: OnceLock<Layers> = OnceLock::new();
    judge_in(HERE.get_or_init(Layers::here), lab, program, None)
}

/// The same in this box, and then with the cases that were drawn.
pub(crate) fn judge_in(layers: &Layers, lab: &Lab, program: &Path, drawn: Option<&Drawn>) -> Result<Report, Failure> {
    boxed::hide();
    let mut report = Report::new(lab);
    for check in &lab.about.checks {
        let outcome = match check.needs.iter().find(|need| !report.has_passed(need)) {
            Some(need) => Outcome::Skipped(need.clone()),
            None => judge_one(layers, lab, &check.name, program, drawn)?,
        };
        report.add(check, outcome);
    }
    Ok(report)
}

fn judge_one(
    layers: &Layers,
    lab: &Lab,
    check: &str,
    program: &Path,
    drawn: Option<&Drawn>,
) -> Result<Outcome, Failure> {
    for part in parts(lab, check, SEED)? {
        let found = match part {
            Part::Asks(asks) => functions::ask(layers, program, &asks)?,
            Part::Cases(judge) => scenario::run_all(layers, lab, &Posed::visible(lab, check)?, program, judge, None)?,
            Part::CasesBeside(judge, beside) => {
                scenario::run_all(layers, lab, &Posed::visible(lab, check)?, program, judge, Some(beside))?
            }
        };
        if let Some(finding) = found {
            return Ok(Outcome::Failed(finding));
        }
    }
    let Some(drawn) = drawn else { return Ok(Outcome::Passed) };
    for part in parts(lab, check, drawn.seed())? {
        let found = match part {
            Part::Asks(asks) => functions::ask(layers, program, &asks)?,
            Part::Cases(judge) => scenario::run_all(layers, lab, drawn.of(check), program, judge, None)?,
            Part::CasesBeside(judge, beside) => {
                scenario::run_all(layers, lab, drawn.of(check), program, judge, Some(beside))?
            }
        };
        if let Some(finding) = found {
            return Ok(Outcome::FailedDrawn(finding));
        }
    }
    Ok(Outcome::Passed)
}

fn parts(lab: &Lab, check: &str, seed: u64) -> Result<Vec<Part>, Failure> {
    let missing = || Failure::said(format!("lab {}: there is no check '{check}' in this program", lab.number()));
    subjects::parts(lab, check, seed).ok_or_else(missing)
}
