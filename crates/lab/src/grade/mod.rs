//! `lab grade`: a class, submission by submission.
//!
//! ```text
//!   folder ──► the one file ──► compiler, in a box ──► program ──► each case, in a box of its own ──► results
//!              everything else                          │
//!              is named, not read                       └─ from the cache, if this source was compiled before
//! ```
//!
//! Nothing of a submission but its one file is opened, and that is read here, once. Solutions and expected answers are in no
//! box. All submissions of a run have the same cases: those that everybody sees, and those that were drawn for the run (`check`).
//! Whatever becomes of one submission, the others go on.

mod alike;
mod compiler;
mod graded;
mod results;
mod submission;

use crate::boxed::Layers;
use crate::check::{Drawn, judge_in};
use crate::checkout::Checkout;
use crate::lab::Lab;
use crate::workshop::Workshop;
use crate::{boxed, fail};
use alike::Runs;
use cli::Failure;
use compiler::{Compiled, Compiler};
use graded::{Graded, Verdict};
use results::{Results, Run, Summary};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use submission::Submission;

/// What is to be graded, and how.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) folders: &'a [PathBuf],
    /// Where the results go.
    pub(crate) out: &'a Path,
    /// How many submissions at a time.
    pub(crate) jobs: usize,
    /// What the drawn cases come from; by chance, if not said.
    pub(crate) seed: Option<u64>,
    /// Whether to run what nothing keeps from the files of others.
    pub(crate) trust: bool,
    /// Whether to do without namespaces where there are some.
    pub(crate) no_namespaces: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The table, for people.
    pub(crate) text: String,
    /// Whether each submission got what it earned: the grader failed on none.
    pub(crate) all_graded: bool,
}

/// Grades all, and writes the results. `tell` is told of each as it is done.
pub(crate) fn grade(
    checkout: &Checkout,
    lab: &Lab,
    request: &Request<'_>,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Outcome, Failure> {
    let submissions = Submission::all(request.folders)?;
    let results = Results::open(request.out)?;
    let run = begin(lab, request, &results)?;
    let seed = run.seed.parse().unwrap_or(0);
    boxed::hide();
    let layers = if request.no_namespaces { Layers::without_namespaces() } else { Layers::here() };
    if !layers.hold() && !request.trust {
        let lacks = layers.missing().join("; ");
        return Err(Failure::said(format!("nothing keeps a submission from your files here: {lacks}")).hint(
            "grade on Linux, in a container for instance; or say --trust-submissions, if you know who wrote them",
        ));
    }
    let workshop = Workshop::open(checkout, lab)?;
    let compiler = Compiler::new(&layers, &workshop, lab, checkout.workshop().join("graded"))?;
    let solution = fs::read_to_string(lab.solution()).map_err(|error| {
        fail::io("read", &lab.solution(), &error)
            .hint("drawn cases come of the lab's solution: grade in the whole course, and not in a handout")
    })?;
    let program = match compiler.compile(&solution, "solution")? {
        Compiled::Program(program) => program,
        Compiled::No(words) => {
            return Err(Failure::said(format!(
                "the solution of lab {} does not compile in the box:\n{words}",
                lab.number()
            ))
            .hint(format!(
                "if `cargo lab prove {}` can compile it, the compiler needs what is not in the box",
                lab.number()
            )));
        }
    };
    let drawn = Drawn::new(&layers, lab, &program, seed)?;

    let room = Room { lab, layers: &layers, compiler: &compiler, drawn: &drawn, results: &results };
    let done = room.all(&submissions, request.jobs, tell)?;
    let alike = nearly_the_same(checkout, lab, &submissions, &solution);
    let mut missing = layers.missing();
    missing.extend(compiler.missing());
    missing.sort();
    missing.dedup();
    let summary = Summary { run: &run, lab: lab.number(), graded: &done, missing: &missing, alike: &alike };
    results.finish(&summary)?;
    let all_graded = !done.iter().any(|graded| matches!(graded.verdict, Verdict::GraderError(_)));
    Ok(Outcome { text: summary.text(), all_graded })
}

/// The run that the results are of: the one that was begun, or a new one.
fn begin(lab: &Lab, request: &Request<'_>, results: &Results) -> Result<Run, Failure> {
    if let Some(before) = results.run()? {
        let is_same =
            before.lab == lab.entry.folder() && request.seed.is_none_or(|seed| seed.to_string() == before.seed);
        if is_same {
            return Ok(before);
        }
        let what =
            format!("'{}' has results of lab '{}' with --seed {}", request.out.display(), before.lab, before.seed);
        return Err(Failure::said(what).hint("name another folder for these"));
    }
    let seed = request.seed.map_or_else(by_chance, Ok)?;
    let run = Run { lab: lab.entry.folder(), seed: seed.to_string() };
    results.begin(&run)?;
    Ok(run)
}

/// A number that nobody can foresee.
fn by_chance() -> Result<u64, Failure> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 8];
    let read = fs::File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| fail::io("read", source, &error))?;
    Ok(u64::from_le_bytes(bytes))
}

/// All that the grading of one submission needs.
struct Room<'a> {
    lab: &'a Lab,
    layers: &'a Layers,
    compiler: &'a Compiler,
    drawn: &'a Drawn,
    results: &'a Results,
}

impl Room<'_> {
    /// All of them, some at a time, in the order in which they were named.
    fn all(
        &self,
        submissions: &[Submission],
        jobs: usize,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<Graded>, Failure> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![]));
        let work = || -> Result<(), Failure> {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(submission) = submissions.get(at) else { return Ok(()) };
                let (graded, is_new) = self.one(submission, at);
                if is_new {
                    self.results.keep(&graded)?;
                    tell(&format!("{}: {} of {}", graded.name, graded.points, graded.max_points));
                }
                if let Ok(mut done) = done.lock() {
                    done.push((at, graded));
                }
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
            let ended = workers.into_iter().map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| Err(Failure::said("a part of the grader gave up; the results so far are kept")))
            });
            // All have ended before the first failure is told.
            ended.collect::<Vec<_>>().into_iter().collect::<Result<(), Failure>>()
        })?;
        let mut done = done.into_inner().unwrap_or_default();
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, graded)| graded).collect())
    }

    /// What becomes of one, and whether that is new.
    fn one(&self, submission: &Submission, at: usize) -> (Graded, bool) {
        let handed_in = submission.read(self.lab);
        let name = submission.name.as_str();
        let source = match &handed_in.source {
            Ok(source) => mark(source),
            Err(_) => String::new(),
        };
        if handed_in.source.is_ok()
            && let Some(before) = self.results.before(name, &source)
        {
            return (Graded { ignored: handed_in.ignored, ..before }, false);
        }
        let graded = match &handed_in.source {
            Err(why) => Graded::not_judged(name, Verdict::Refused(why.clone())),
            Ok(text) => self.judged(name, text, at).unwrap_or_else(|failure| {
                let why = match failure {
                    Failure::Said { error, .. } => error,
                    other => format!("{other:?}"),
                };
                Graded::not_judged(name, Verdict::GraderError(cli::escape(&why)))
            }),
        };
        (Graded { ignored: handed_in.ignored, source, ..graded }, true)
    }

    fn judged(&self, name: &str, source: &str, at: usize) -> Result<Graded, Failure> {
        Ok(match self.compiler.compile(source, &format!("submission-{at}"))? {
            Compiled::No(words) => Graded::not_judged(name, Verdict::NotCompiled(words)),
            Compiled::Program(program) => {
                Graded::judged(name, &judge_in(self.layers, self.lab, &program, Some(self.drawn))?)
            }
        })
    }
}

/// To know a source again: its length and two sums over it.
fn mark(source: &str) -> String {
    let sum = |start: u64| {
        source.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    format!("{}-{:016x}{:016x}", source.len(), sum(0xcbf2_9ce4_8422_2325), sum(0x9e37_79b9_7f4a_7c15))
}

/// Which submissions are nearly the same as others, as the lab's solution, or as a part of the course's own tools.
fn nearly_the_same(
    checkout: &Checkout,
    lab: &Lab,
    submissions: &[Submission],
    solution: &str,
) -> Vec<(String, String, usize)> {
    let handed_out = fs::read_to_string(lab.stub()).map(|stub| Runs::of(&stub, &Runs::default())).unwrap_or_default();
    let runs: Vec<(&str, Runs)> = submissions
        .iter()
        .filter_map(|one| Some((one.name.as_str(), Runs::of(&one.read(lab).source.ok()?, &handed_out))))
        .collect();
    let mut alike = vec![];
    for (at, (one, own)) in runs.iter().enumerate() {
        for (other, others) in runs.iter().skip(at + 1) {
            alike.extend(own.alike(others).map(|percent| ((*one).to_string(), (*other).to_string(), percent)));
        }
    }
    let known = std::iter::once(("the lab's solution".to_string(), Runs::of(solution, &handed_out)));
    let tools = checkout.root().join("crates");
    let known: Vec<(String, Runs)> = known
        .chain(sources(&tools).into_iter().filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            Some((checkout.shown(&path), Runs::of(&text, &handed_out)))
        }))
        .collect();
    for (one, own) in &runs {
        alike.extend(
            known.iter().filter_map(|(name, theirs)| Some(((*one).to_string(), name.clone(), own.within(theirs)?))),
        );
    }
    alike
}

/// All Rust sources in a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|end| end == "rs") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
