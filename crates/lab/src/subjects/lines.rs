//! What a program should have told, line by line, compared with what it did.

use crate::check::{Finding, Observed};
use host::Time;
use std::time::Duration;

/// A line that should have been printed.
pub(super) struct Line {
    pub(super) text: String,
    /// Because of which packet.
    pub(super) because: String,
    /// Who says so, and what.
    pub(super) why: &'static str,
}

/// Compares line by line, word by word.
pub(super) fn compare(observed: &Observed<'_>, expected: &[Line]) -> Result<(), Finding> {
    let mut told = observed.told.lines();
    for Line { text, because, why } in expected {
        let got = told.next().unwrap_or("nothing more");
        if got == text {
            continue;
        }
        let mut words = text.split(' ').zip(got.split(' '));
        let alike = got.split(' ').count() == text.split(' ').count();
        let field = words.find(|(a, b)| a != b).filter(|_| alike).and_then(|(a, _)| a.split_once('='));
        let mut finding = Finding::default();
        if let Some((field, _)) = field {
            finding.says("in", field);
        }
        finding.says("expected", text);
        finding.says("got", &cli::escape(got));
        finding.says("because", because);
        finding.line(why);
        return Err(finding);
    }
    match told.next() {
        None => Ok(()),
        Some(more) => {
            Err(Finding::of([("", "it told of something for which no packet came".into()), ("got", cli::escape(more))]))
        }
    }
}

/// The number behind the option `name` in the case's arguments.
pub(super) fn option(observed: &Observed<'_>, name: &str) -> Option<usize> {
    let at = observed.case.arguments.iter().position(|word| word == name)?;
    observed.case.arguments.get(at + 1)?.parse().ok()
}

/// When, since the program's start.
pub(super) fn shown(time: Time) -> String {
    ms(time - Time::START)
}

/// As the handed-out `main.rs` prints a time span.
pub(super) fn ms(time: Duration) -> String {
    format!("{}.{:03}ms", time.as_millis(), time.as_micros() % 1000)
}
