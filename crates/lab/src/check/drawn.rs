//! Cases that are drawn for one run of `lab grade`: as many again as everybody sees, with other questions, addresses and delays.
//!
//! All submissions of a run have the same ones. What should come out is worked out here: by the judge of the check, and by the
//! lab's own solution in the same network. A draw in which the solution fails is no case.

use super::case::Case;
use super::scenario::{self, Posed};
use super::{Part, judge_in};
use crate::boxed::Layers;
use crate::lab::Lab;
use crate::subjects::{self, Draw, SEED};
use cli::Failure;
use std::collections::BTreeMap;
use std::path::Path;

/// How often a case is drawn anew in which the solution fails.
const DRAWS: usize = 8;

/// What was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    seed: u64,
    /// By check.
    cases: BTreeMap<String, Vec<Posed>>,
}

impl Drawn {
    /// Draws by `seed`, with the lab's own solution to work out what is right.
    pub(crate) fn new(layers: &Layers, lab: &Lab, solution: &Path, seed: u64) -> Result<Self, Failure> {
        let mut drawn = Self { seed, cases: BTreeMap::new() };
        for check in lab.about.checks.iter().map(|check| check.name.as_str()) {
            for part in subjects::parts(lab, check, seed).unwrap_or_default() {
                let how = match part {
                    Part::Asks(_) => continue,
                    Part::Cases(judge) => (judge, None),
                    Part::CasesBeside(judge, beside) => (judge, Some(beside)),
                };
                let mut draw = Draw::new(seed, check);
                let mut posed = vec![];
                for number in 0..cases(lab, check)?.len() {
                    posed.push(Self::case(layers, lab, solution, (check, number), how, &mut draw)?);
                }
                drawn.cases.insert(check.into(), posed);
            }
        }
        let report = judge_in(layers, lab, solution, Some(&drawn))?;
        if report.is_full() {
            return Ok(drawn);
        }
        Err(Failure::said(format!(
            "lab {}: its own solution does not pass the cases that were drawn:\n{report}",
            lab.number()
        ))
        .hint(format!("`--seed {seed}` draws them again; without it others are drawn")))
    }

    fn case(
        layers: &Layers,
        lab: &Lab,
        solution: &Path,
        (check, number): (&str, usize),
        how: (super::Judge, Option<super::Beside>),
        draw: &mut Draw,
    ) -> Result<Posed, Failure> {
        for _ in 0..DRAWS {
            let Some(case) = cases(lab, check)?.into_iter().nth(number) else { break };
            let case = case.drawn(draw);
            let seed = draw.number();
            if let Some(expected) = scenario::transcript(layers, lab, (&case, seed), solution, how)? {
                return Ok(Posed { case, seed, expected });
            }
        }
        Err(Failure::said(format!(
            "lab {}: its own solution fails each case that is drawn for '{check}'",
            lab.number()
        ))
        .hint(format!("`cargo lab prove {}` says what else is wrong", lab.number())))
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The cases of a check.
    pub(super) fn of(&self, check: &str) -> &[Posed] {
        self.cases.get(check).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What a case is drawn from.
enum Origin {
    /// One that everybody sees.
    Seen(Box<Case>),
    /// One of a kind of its own.
    Made(fn(&mut Draw) -> Case),
}

impl Origin {
    fn drawn(self, draw: &mut Draw) -> Case {
        match self {
            Self::Seen(case) => case.varied(draw),
            Self::Made(make) => make(draw),
        }
    }
}

fn cases(lab: &Lab, check: &str) -> Result<Vec<Origin>, Failure> {
    let seen = Case::of(lab, check)?.into_iter();
    let seen = seen.flat_map(|case| vec![case.clone(); case.seeds.len()]).map(|case| Origin::Seen(Box::new(case)));
    Ok(seen.chain(subjects::made(lab, check).iter().copied().map(Origin::Made)).collect())
}

/// How many cases there are besides those that everybody sees: a part that asks about functions is one.
pub(crate) fn count(lab: &Lab) -> Result<usize, Failure> {
    let mut count = 0;
    for check in &lab.about.checks {
        for part in subjects::parts(lab, &check.name, SEED).unwrap_or_default() {
            count += match part {
                Part::Asks(_) => 1,
                Part::Cases(_) | Part::CasesBeside(..) => cases(lab, &check.name)?.len(),
            };
        }
    }
    Ok(count)
}
