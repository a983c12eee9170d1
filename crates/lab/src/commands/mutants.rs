//! `lab mutants`, for authors: how much the checks of a lab notice.
//!
//! Each mutant of the solution is built and judged as a learner's file is. One that still has all points **survives**: either it does the
//! same in another way, and the lab's notes say so, or a check is missing. A lab is good when nine mutants in ten are noticed and each
//! other one has its reason in the notes.

use super::print;
use crate::check;
use crate::checkout::Checkout;
use crate::dev::mutants::{self, Mutant};
use crate::dev::notes::Notes;
use crate::fail;
use crate::lab::{Lab, POINTS};
use crate::workshop::{NotBuilt, Workshop};
use cli::Failure;
use std::fs;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many mutants of a hundred must be noticed.
const ENOUGH: usize = 90;

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It does not compile, so it says nothing of the checks.
    Unborn,
    Noticed,
    Survived,
}

pub(super) fn mutants(checkout: &Checkout, labs: &[String], jobs: Option<usize>) -> Result<ExitCode, Failure> {
    let labs = match labs {
        [] => checkout.labs()?,
        named => named.iter().map(|lab| checkout.lab(lab)).collect::<Result<_, _>>()?,
    };
    let jobs = jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let mut good = true;
    for lab in &labs {
        good &= judge(checkout, lab, jobs)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Whether the checks of a lab notice enough, and its notes say why they do not notice the rest.
fn judge(checkout: &Checkout, lab: &Lab, jobs: usize) -> Result<bool, Failure> {
    let notes = Notes::read(lab)?;
    let solution = lab.solution();
    let source = fs::read_to_string(&solution).map_err(|error| fail::io("read", &solution, &error))?;
    let mutants = mutants::of(&source);
    let fates = fates(checkout, lab, &mutants, jobs)?;
    let (mut noticed, mut survived, mut open) = (0, 0, 0);
    for (mutant, fate) in mutants.iter().zip(&fates) {
        match fate {
            Fate::Unborn => {}
            Fate::Noticed => noticed += 1,
            Fate::Survived => {
                survived += 1;
                let why = notes.on(mutant).map(|note| note.why.as_str());
                open += usize::from(why.is_none());
                let becomes = if mutant.becomes.is_empty() { "(left out)" } else { &mutant.becomes };
                let why = why.unwrap_or("NO REASON in mutants.toml");
                print(&format!("line {}\n  - {}\n  + {becomes}\n  {why}", mutant.number, mutant.line))?;
            }
        }
    }
    let is_alive = |note: &&crate::dev::notes::Survivor| {
        let mut all = mutants.iter().zip(&fates);
        all.any(|(mutant, fate)| {
            *fate == Fate::Survived && (&mutant.line, &mutant.becomes) == (&note.line, &note.becomes)
        })
    };
    let dead: Vec<_> = notes.survivor.iter().filter(|note| !is_alive(note)).collect();
    for note in &dead {
        print(&format!("mutants.toml names a mutant that does not survive:\n  - {}\n  + {}", note.line, note.becomes))?;
    }
    let (born, unborn) = (noticed + survived, mutants.len() - noticed - survived);
    let share = noticed * 100 / usize::max(born, 1);
    print(&format!(
        "lab {}: {noticed} of {born} mutants noticed ({share} %), {open} of {survived} others without a reason; \
         {unborn} more do not compile",
        lab.number()
    ))?;
    Ok(born > 0 && share >= ENOUGH && open == 0 && dead.is_empty())
}

/// What becomes of each mutant, so many at a time.
fn fates(checkout: &Checkout, lab: &Lab, mutants: &[Mutant], jobs: usize) -> Result<Vec<Fate>, Failure> {
    let workshop = Workshop::open(checkout, lab)?;
    let fates = Mutex::new(vec![Fate::Unborn; mutants.len()]);
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Failure> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(at) else { return Ok(()) };
            let fate = fate(&workshop, lab, mutant, at)?;
            let mut fates = fates.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(place) = fates.get_mut(at) {
                *place = fate;
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let mut ended = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ended.try_for_each(|ended| ended.unwrap_or_else(|_| Err(Failure::said("a judge of mutants panicked"))))
    })?;
    Ok(fates.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn fate(workshop: &Workshop, lab: &Lab, mutant: &Mutant, at: usize) -> Result<Fate, Failure> {
    let name = format!("mutant-{at}");
    let file = workshop.place(&format!("{name}.rs"));
    fs::write(&file, &mutant.source).map_err(|error| fail::io("write", &file, &error))?;
    let program = match workshop.build_with(lab, &file, &name) {
        Ok(program) => program,
        Err(NotBuilt::Source(_)) => return Ok(Fate::Unborn),
        Err(NotBuilt::Failure(failure)) => return Err(failure),
    };
    let points = check::judge(lab, &program)?.points();
    let _ = fs::remove_file(&program);
    Ok(if points == POINTS { Fate::Survived } else { Fate::Noticed })
}
