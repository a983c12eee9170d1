//! Chapters say honestly how long they take: by what there is to read and to type, at 200 words a minute.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::fs;
use std::path::Path;

/// What a page may say too much or too little, in minutes: they are told in steps of five.
const LEEWAY: f64 = 5.0;

/// What is read of a page: prose and transcripts, in words.
const WORDS_A_MINUTE: f64 = 200.0;

/// A command is typed and its output looked at; of an experiment nobody says what comes out.
const MINUTES_A_COMMAND: f64 = 0.5;
const MINUTES_AN_EXPERIMENT: f64 = 1.0;

fn minutes_of(page: &str) -> f64 {
    let mut minutes = 0.0;
    let mut block = "";
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            block = if info.is_empty() { "" } else { info };
            continue;
        }
        if line.starts_with("{{#include") {
            continue;
        }
        minutes += line.split_whitespace().map(|_| 1.0 / WORDS_A_MINUTE).sum::<f64>();
        if block.starts_with("console") && line.starts_with("$ ") {
            minutes += if block == "console try" { MINUTES_AN_EXPERIMENT } else { MINUTES_A_COMMAND };
        }
    }
    minutes
}

#[test]
fn chapter_says_at_its_top_how_many_minutes_it_takes() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src");
    let mut chapters = 0;
    for entry in fs::read_dir(&source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The first ten minutes have it in their name.
        if name.starts_with("00") || !name.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let page = fs::read_to_string(&path).unwrap();
        let line = page.lines().nth(2).unwrap_or_default();
        let said = line.strip_prefix('*').and_then(|line| line.split_once(" minutes, with all its commands"));
        let (said, _) =
            said.unwrap_or_else(|| panic!("{name} does not say below its title how long it takes: '{line}'"));
        let (said, takes) = (said.parse::<f64>().unwrap(), minutes_of(&page));
        assert!((said - takes).abs() <= LEEWAY, "{name} says {said} minutes, and takes {takes:.1}");
        chapters += 1;
    }
    assert!(chapters >= 10, "{chapters} chapters are looked at");
}
