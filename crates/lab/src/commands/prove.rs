//! `lab prove`, for authors: what the course promises of its own labs.
//!
//! The stub compiles and has no points. The solution has all of them, and twenty reports on it are the same to the byte. Each
//! wrong solution differs from the right one in ten lines at most, says which check must catch it, and fails that check and those
//! that need it, and no other. What the lab may not use, it cannot reach.

use super::check::in_a_line;
use super::{diff, print};
use crate::check::{self, Outcome, Report};
use crate::checkout::Checkout;
use crate::fail;
use crate::lab::{Lab, POINTS};
use crate::workshop::{NotBuilt, Workshop};
use cli::Failure;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// How often the solution is judged.
const TIMES: usize = 20;
/// In how many lines a wrong solution may differ.
const MOST_LINES: usize = 10;
/// Ways to reach the crate that holds the answers.
const REACHES: [(&str, &str); 3] = [
    ("extern-crate-wire", "extern crate wire;"),
    ("use-wire", "use wire::checksum::Checksum as _;"),
    ("use-host-wire", "use host::wire as _;"),
];

pub(super) fn prove(checkout: &Checkout, labs: &[String]) -> Result<ExitCode, Failure> {
    let labs = match labs {
        [] => checkout.labs()?,
        named => named.iter().map(|lab| checkout.lab(lab)).collect::<Result<_, _>>()?,
    };
    let mut proof = Proof::default();
    for lab in &labs {
        proof.lab(checkout, lab)?;
    }
    print(&format!("\n{} passed, {} failed", proof.right, proof.wrong))?;
    Ok(if proof.wrong == 0 && proof.right > 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[derive(Default)]
struct Proof {
    right: usize,
    wrong: usize,
}

impl Proof {
    fn lab(&mut self, checkout: &Checkout, lab: &Lab) -> Result<(), Failure> {
        let workshop = Workshop::open(checkout, lab)?;
        if std::env::var_os("BLESS").is_some() {
            let program = workshop.build_with(lab, &lab.solution(), "solution").map_err(failure)?;
            let written = check::bless(lab, &program)?;
            print(&format!("lab {}: {written} transcripts written", lab.number()))?;
        }
        let is_stub = read(&lab.file())? == read(&lab.stub())?;
        self.note(lab, "stub", if is_stub { Ok(()) } else { Err("the file in src is not the stub".into()) })?;
        let stub = judged(&workshop, lab, &lab.stub(), "stub")?.and_then(|report| match report.points() {
            0 => Ok(()),
            points => Err(format!("has {points} points")),
        });
        self.note(lab, "stub has no points", stub)?;
        self.note(lab, &format!("solution, {TIMES} times the same"), solution(&workshop, lab)?)?;
        for (name, file) in lab.wrong()? {
            let found = wrong(&workshop, lab, &name, &file)?;
            self.note(lab, &format!("wrong/{name}"), found)?;
        }
        if !lab.about.crates.iter().any(|name| name == "wire") {
            for (name, line) in REACHES {
                self.note(lab, name, out_of_reach(&workshop, lab, name, line)?)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, lab: &Lab, what: &str, found: Result<(), String>) -> Result<(), Failure> {
        match found {
            Ok(()) => {
                self.right += 1;
                print(&format!("lab {} {what}: ok", lab.number()))
            }
            Err(why) => {
                self.wrong += 1;
                print(&format!("lab {} {what}: WRONG, {why}", lab.number()))
            }
        }
    }
}

/// The report on a file in the learner's place; or that it does not compile.
fn judged(workshop: &Workshop, lab: &Lab, file: &Path, name: &str) -> Result<Result<Report, String>, Failure> {
    match workshop.build_with(lab, file, name) {
        Ok(program) => check::judge(lab, &program).map(Ok),
        Err(NotBuilt::Source(words)) => Ok(Err(format!("does not compile:\n{words}"))),
        Err(NotBuilt::Failure(failure)) => Err(failure),
    }
}

fn solution(workshop: &Workshop, lab: &Lab) -> Result<Result<(), String>, Failure> {
    let program = match workshop.build_with(lab, &lab.solution(), "solution") {
        Ok(program) => program,
        Err(NotBuilt::Source(words)) => return Ok(Err(format!("does not compile:\n{words}"))),
        Err(NotBuilt::Failure(failure)) => return Err(failure),
    };
    let first = check::judge(lab, &program)?;
    if first.points() != POINTS {
        return Ok(Err(format!("\n{first}")));
    }
    for time in 2..=TIMES {
        let report = check::judge(lab, &program)?;
        if report.to_string() != first.to_string() {
            return Ok(Err(format!("report {time} is another:\n{report}\nand not\n{first}")));
        }
    }
    Ok(Ok(()))
}

fn wrong(workshop: &Workshop, lab: &Lab, name: &str, file: &Path) -> Result<Result<(), String>, Failure> {
    let (source, right) = (read(file)?, read(&lab.solution())?);
    let lines = diff::changed(&right, &source);
    if lines > MOST_LINES {
        return Ok(Err(format!("it differs from the solution in {lines} lines, and {MOST_LINES} is the most")));
    }
    let catches = source.strip_prefix("// Fails `").and_then(|rest| rest.split_once('`'));
    let Some((catches, _)) = catches.filter(|(catches, _)| lab.check(catches).is_some()) else {
        return Ok(Err("its first line does not name the check that catches it".into()));
    };
    Ok(judged(workshop, lab, file, name)?.and_then(|report| caught(lab, &report, catches)))
}

/// That exactly `catches` failed, and exactly what needs it was not judged.
fn caught(lab: &Lab, report: &Report, catches: &str) -> Result<(), String> {
    let mut fall = BTreeSet::from([catches]);
    for check in &lab.about.checks {
        if check.needs.iter().any(|need| fall.contains(need.as_str())) {
            fall.insert(&check.name);
        }
    }
    let as_expected = report.checks().iter().all(|check| match check.outcome {
        Outcome::Failed(_) | Outcome::FailedDrawn(_) => check.name == catches,
        Outcome::Skipped(_) => fall.contains(check.name.as_str()) && check.name != catches,
        Outcome::Passed => !fall.contains(check.name.as_str()),
    });
    if as_expected { Ok(()) } else { Err(format!("`{catches}` must catch it, and {}:\n{report}", in_a_line(report))) }
}

fn out_of_reach(workshop: &Workshop, lab: &Lab, name: &str, line: &str) -> Result<Result<(), String>, Failure> {
    let file = workshop.place(&format!("{name}.rs"));
    let source = format!("{line}\n{}", read(&lab.solution())?.replace("//!", "//"));
    fs::write(&file, source).map_err(|error| fail::io("write", &file, &error))?;
    Ok(match workshop.build_with(lab, &file, name) {
        Err(NotBuilt::Source(words)) if words.contains("wire") => Ok(()),
        Err(NotBuilt::Source(words)) => Err(format!("does not compile, but for another reason:\n{words}")),
        Err(NotBuilt::Failure(failure)) => return Err(failure),
        Ok(_) => Err(format!("`{line}` compiles, and there are the answers")),
    })
}

fn failure(not_built: NotBuilt) -> Failure {
    match not_built {
        NotBuilt::Failure(failure) => failure,
        NotBuilt::Source(words) => Failure::said(format!("the solution does not compile:\n{words}")),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| fail::io("read", file, &error))
}
