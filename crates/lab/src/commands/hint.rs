//! `lab hint`.

use super::Page;
use crate::checkout::Checkout;
use crate::lab::{Check, HINTS, Lab};
use crate::progress::{Done, Progress};
use cli::Failure;

pub(super) fn hint(checkout: &Checkout, lab: &str, check: Option<&str>) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    let progress = Progress::read(checkout)?;
    let done = progress.of(&lab.entry.folder()).cloned().unwrap_or_default();
    let Some(check) = (match check {
        Some(name) => Some(lab.check(name).ok_or_else(|| unknown(&lab, name))?),
        None => first_open(&lab, &done),
    }) else {
        return Ok(Page::good(format!("all checks of lab {} passed the last time: no hint is needed", lab.number())));
    };
    let mut shown = 0;
    Progress::change(checkout, &lab.entry.folder(), |done| {
        let count = done.hints.entry(check.name.clone()).or_default();
        shown = usize::try_from(*count).unwrap_or(HINTS).min(HINTS - 1);
        *count = u32::try_from(shown + 1).unwrap_or(1);
    })?;
    let hint = check.hints.get(shown).map_or("", String::as_str);
    let more = if shown + 1 < HINTS { "once more for one that says more" } else { "there is none that says more" };
    Ok(Page::good(format!("{}, hint {} of {HINTS} ({more}):\n\n{}", check.name, shown + 1, wrapped(hint))))
}

/// The first check that did not pass the last time, and whose needs did.
fn first_open<'a>(lab: &'a Lab, done: &Done) -> Option<&'a Check> {
    let has_passed = |name: &String| done.passed.contains(name);
    lab.about.checks.iter().find(|check| !has_passed(&check.name) && check.needs.iter().all(has_passed))
}

fn unknown(lab: &Lab, name: &str) -> Failure {
    let names: Vec<&str> = lab.about.checks.iter().map(|check| check.name.as_str()).collect();
    let nearest = cli::nearest(name, names.iter().copied());
    let nearest = nearest.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
    Failure::said(format!("lab {} has no check '{}'", lab.number(), cli::escape(name)))
        .hint(format!("checks are {}{nearest}", names.join(", ")))
}

/// Broken into lines that fit a terminal.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 76;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < WIDTH) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
