//! Scenario parts: the program on a host in a simulated network, and what it told beside what it had.

use super::case::Case;
use super::report::{Finding, shown_end};
use super::snapshot;
use super::watched::{Passed, Watched};
use super::{Beside, Judge, Part};
use crate::boxed::{self, Layers};
use crate::fail;
use crate::lab::Lab;
use crate::subjects::{self, SEED};
use cli::Failure;
use host::{Host, Time};
use lend::{Budget, End, Ended, Stream, Work};
use std::path::Path;
use std::sync::mpsc;

/// What was seen of a program in a case.
pub(crate) struct Observed<'a> {
    pub(crate) case: &'a Case,
    /// All packets that it sent and was given, in order.
    pub(crate) log: &'a [Passed],
    /// What it printed.
    pub(crate) told: Told<'a>,
    /// When it took its leave.
    pub(crate) ended: Time,
    /// What a program beside it told.
    pub(crate) beside: &'a [String],
}

/// What a program printed, line by line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a>(pub(crate) &'a str);

impl<'a> Told<'a> {
    /// The lines that are compared. Statistics of times are a check of their own.
    pub(crate) fn lines(self) -> impl Iterator<Item = &'a str> {
        self.0.lines().filter(|line| !line.starts_with("rtt "))
    }

    fn text(self) -> String {
        self.lines().map(|line| format!("{line}\n")).collect()
    }
}

/// A case with its seed, and the transcript that is expected.
#[derive(Debug, Clone)]
pub(crate) struct Posed {
    pub(super) case: Case,
    pub(super) seed: u64,
    pub(super) expected: String,
}

impl Posed {
    /// Those of a check that everybody sees. Read before any program is started, so that none can have written them.
    pub(super) fn visible(lab: &Lab, check: &str) -> Result<Vec<Self>, Failure> {
        let mut posed = vec![];
        for case in Case::of(lab, check)? {
            for &seed in &case.seeds {
                posed.push(Self { expected: snapshot::read(&case.snapshot(seed))?, case: case.clone(), seed });
            }
        }
        Ok(posed)
    }
}

/// Runs these cases of a check, and says what was wrong first.
pub(super) fn run_all(
    layers: &Layers,
    lab: &Lab,
    posed: &[Posed],
    program: &Path,
    judge: Judge,
    beside: Option<Beside>,
) -> Result<Option<Finding>, Failure> {
    for Posed { case, seed, expected } in posed {
        let run = run(layers, lab, case, *seed, program, beside)?;
        let observed = run.observed(case);
        let found = run.ended_well().and_then(|()| judge(&observed)).and_then(|()| compare(expected, observed.told));
        if let Err(finding) = found {
            return Ok(Some(with_case(finding, lab, case, *seed)));
        }
    }
    Ok(None)
}

/// What a program that is right tells in this case; `None`: it is not right in this one.
pub(super) fn transcript(
    layers: &Layers,
    lab: &Lab,
    (case, seed): (&Case, u64),
    program: &Path,
    (judge, beside): (Judge, Option<Beside>),
) -> Result<Option<String>, Failure> {
    let run = run(layers, lab, case, seed, program, beside)?;
    let observed = run.observed(case);
    let is_right = run.ended_well().and_then(|()| judge(&observed)).is_ok();
    Ok(is_right.then(|| observed.told.text()))
}

/// Writes the transcripts of all cases anew, from a program that is right.
pub(crate) fn bless(lab: &Lab, program: &Path) -> Result<usize, Failure> {
    let (layers, mut written) = (Layers::here(), 0);
    for check in &lab.about.checks {
        let parts = subjects::parts(lab, &check.name, SEED).unwrap_or_default();
        let beside =
            parts.iter().find_map(|part| if let Part::CasesBeside(_, beside) = part { Some(*beside) } else { None });
        // A check without cases is one of functions.
        for case in Case::of(lab, &check.name).unwrap_or_default() {
            for &seed in &case.seeds {
                let run = run(&layers, lab, &case, seed, program, beside)?;
                let told = run.observed(&case).told.text();
                snapshot::write(&case.snapshot(seed), &format!("{} ({})", case.about, case.options(seed)), &told)?;
                written += 1;
            }
        }
    }
    Ok(written)
}

struct Run {
    log: Vec<Passed>,
    printed: String,
    now: Time,
    ended: Ended,
    beside: Vec<String>,
}

fn run(
    layers: &Layers,
    lab: &Lab,
    case: &Case,
    seed: u64,
    program: &Path,
    beside: Option<Beside>,
) -> Result<Run, Failure> {
    let (world, at) = case.world(seed)?;
    let other = beside.zip(case.beside.as_deref()).and_then(|(beside, node)| {
        let (tell, told) = mpsc::channel();
        let case = case.clone();
        let program = move |host: &mut dyn Host| beside(host, &case, &mut |line| drop(tell.send(line)));
        Some((sim::spawn(&world, node, program)?, told))
    });
    let nowhere = || Failure::said(format!("no program can run at '{at}' in network '{}'", case.net));
    let driver = sim::driver(&world, &at).ok_or_else(nowhere)?;
    let mut watched = Watched::new(driver, &lab.about.sockets);
    let mut printed = vec![];
    let mut hear = |stream, bytes: &[u8]| {
        if stream == Stream::Output {
            printed.extend_from_slice(bytes);
        }
    };
    let start = boxed::program(layers, program, &case.arguments).map_err(|error| fail::io("start", program, &error))?;
    let served = lend::serve(&start, Work::Program(&mut watched), &Budget::LEARNER, &mut hear);
    let ended = served.map_err(|error| fail::io("start", program, &error))?;
    boxed::started(&ended)?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let (now, log) = (watched.now, watched.log);
    // With the world ends what still runs in it.
    drop(watched.inner);
    drop(world);
    let beside = other.map_or(vec![], |(program, told)| {
        let _ = program.join();
        told.try_iter().collect()
    });
    Ok(Run { log, printed, now, ended, beside })
}

impl Run {
    fn observed<'a>(&'a self, case: &'a Case) -> Observed<'a> {
        Observed { case, log: &self.log, told: Told(&self.printed), ended: self.now, beside: &self.beside }
    }

    fn ended_well(&self) -> Result<(), Finding> {
        match self.ended.end {
            End::Left(0) => Ok(()),
            _ => Err(Finding::of([("the program", shown_end(&self.ended))])),
        }
    }
}

/// The finding, and how to see the same.
fn with_case(finding: Finding, lab: &Lab, case: &Case, seed: u64) -> Finding {
    let mut whole = Finding::default();
    whole.line(&case.about);
    whole.append(finding);
    if case.beside.is_some() || case.is_drawn() {
        // The program that sends is the checker's, or the network is: the learner's alone shows nothing.
        return whole;
    }
    whole.says("see it", &format!("cargo lab run {} -- {}", lab.number(), case.options(seed)));
    whole
}

fn compare(expected: &str, told: Told<'_>) -> Result<(), Finding> {
    let got = told.text();
    let Some((number, expected, got)) = snapshot::first_difference(expected, &got) else { return Ok(()) };
    Err(Finding::of([
        ("in", format!("line {number} of what it printed")),
        ("expected", cli::escape(expected)),
        ("got", cli::escape(got)),
    ]))
}
