//! Function parts: questions one by one, until an answer is wrong.

use super::ask::Ask;
use super::difference::{between, shown};
use super::report::{Finding, shown_end};
use crate::boxed::{self, Layers};
use crate::fail;
use cli::Failure;
use host::lab::{LabError, Question, Value};
use lend::{Budget, End, Examiner, Work};
use std::path::Path;

/// Asks `program` all of `asks`, and says what was wrong first.
pub(super) fn ask(layers: &Layers, program: &Path, asks: &[Ask]) -> Result<Option<Finding>, Failure> {
    let mut exam = Exam { asks, asked: 0, heard: 0, finding: None };
    let start = boxed::program(layers, program, &[]).map_err(|error| fail::io("start", program, &error))?;
    let served = lend::serve(&start, Work::Functions(&mut exam), &Budget::LEARNER, &mut |_, _| ());
    let ended = served.map_err(|error| fail::io("start", program, &error))?;
    boxed::started(&ended)?;
    if exam.finding.is_some() || exam.heard == asks.len() && ended.end == End::Left(0) {
        return Ok(exam.finding);
    }
    // The question that it did not survive.
    let at = exam.asked.checked_sub(1).filter(|at| *at == exam.heard);
    let mut finding = at.and_then(|at| asks.get(at)).map_or_else(Finding::default, about);
    finding.says("the program", &shown_end(&ended));
    Ok(Some(finding))
}

struct Exam<'a> {
    asks: &'a [Ask],
    asked: usize,
    heard: usize,
    finding: Option<Finding>,
}

impl Examiner for Exam<'_> {
    fn question(&mut self) -> Option<Question> {
        let ask = self.asks.get(self.asked).filter(|_| self.finding.is_none())?;
        self.asked += 1;
        Some(ask.question())
    }

    fn hear(&mut self, answer: Result<Value, LabError>) {
        // An answer without a question is no answer: the count of those heard stays behind, and the check fails.
        let Some(ask) = self.asks.get(self.heard).filter(|_| self.heard < self.asked) else { return };
        self.heard += 1;
        let Some(difference) = between(&ask.expected, &answer) else { return };
        let mut finding = about(ask);
        if let Some(field) = difference.field {
            finding.says("in", &field);
        }
        finding.says("expected", &difference.expected);
        finding.says("got", &difference.got);
        finding.line(ask.why);
        self.finding.get_or_insert(finding);
    }
}

fn about(ask: &Ask) -> Finding {
    let given: Vec<String> = ask.arguments.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
    let mut finding = Finding::default();
    finding.line(&format!("{}({})", ask.function, given.join(", ")));
    finding
}
