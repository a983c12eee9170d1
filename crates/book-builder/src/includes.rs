//! `{{#include FILE}}`, `{{#include FILE:ANCHOR}}`, `{{#include FILE:FROM:TO}}` and their kin, checked in the pages' sources.

use crate::Fault;
use std::fs;
use std::path::{Path, PathBuf};

const VERBS: [&str; 3] = ["include", "rustdoc_include", "playground"];

/// An include as it is written.
struct Include<'a> {
    line: usize,
    written: &'a str,
    file: &'a str,
    /// What stands behind the file's name: an anchor or lines.
    part: &'a str,
}

/// What a page includes and is not there.
pub(crate) fn check(page: &Path) -> Vec<Fault> {
    let text = match fs::read_to_string(page) {
        Ok(text) => text,
        Err(error) => return vec![Fault::new(page, None, error.to_string())],
    };
    let fault = |include: Include<'_>| {
        let why = problem(page, &include)?;
        Some(Fault::new(page, Some(include.line), format!("{}: {why}", include.written)))
    };
    includes(&text).into_iter().filter_map(fault).collect()
}

/// The files that a page includes.
pub(crate) fn files(page: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(page).unwrap_or_default();
    let file = |include: Include<'_>| beside(page, include.file).canonicalize().ok();
    includes(&text).into_iter().filter_map(file).collect()
}

fn includes(text: &str) -> Vec<Include<'_>> {
    let mut includes = vec![];
    for (number, line) in (1..).zip(text.lines()) {
        for (start, _) in line.match_indices("{{#") {
            let rest = line.get(start..).unwrap_or_default();
            let Some(end) = rest.find("}}") else { continue };
            let written = rest.get(..end + 2).unwrap_or_default();
            let words = rest.get(3..end).unwrap_or_default().trim();
            let is_escaped = line.get(..start).is_some_and(|before| before.ends_with('\\'));
            let Some((verb, arguments)) = words.split_once(char::is_whitespace) else { continue };
            if is_escaped || !VERBS.contains(&verb) {
                continue;
            }
            let place = arguments.split_whitespace().next().unwrap_or_default();
            let (file, part) = place.split_once(':').unwrap_or((place, ""));
            includes.push(Include { line: number, written, file, part });
        }
    }
    includes
}

fn beside(page: &Path, file: &str) -> PathBuf {
    page.parent().unwrap_or(Path::new("")).join(file)
}

fn problem(page: &Path, include: &Include<'_>) -> Option<String> {
    let Ok(text) = fs::read_to_string(beside(page, include.file)) else {
        return Some("there is no such file, or it is no text".into());
    };
    if include.part.is_empty() {
        return None;
    }
    if include.part.starts_with(|first: char| first.is_ascii_digit() || first == ':') {
        let wanted = include.part.split(':').filter_map(|number| number.parse::<usize>().ok()).max()?;
        let lines = text.lines().count();
        return (wanted > lines).then(|| format!("the file has only {lines} lines"));
    }
    let has = |mark: &str| {
        text.lines().any(|line| {
            let name = line.split_once(mark).map(|(_, name)| name.trim_start());
            name.and_then(|name| name.split(|end: char| !is_of_a_name(end)).next()) == Some(include.part)
        })
    };
    match (has("ANCHOR:"), has("ANCHOR_END:")) {
        (false, _) => Some(format!("the file has no anchor '{}'", include.part)),
        (true, false) => Some(format!("the anchor '{}' has no end", include.part)),
        (true, true) => None,
    }
}

fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '-'
}
