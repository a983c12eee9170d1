//! Every RFC that is cited anywhere in this workspace is in `docs/rfcs.txt` with its title, and is cited in one spelling, so
//! that a reader can search for it and a wrong number shows.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where citations are looked for, from the root of the workspace; of `crates`, the sources only.
const PLACES: &[&str] = &["crates", "labs", "book", "docs", "testdata", "README.md"];
const LIST: &str = "docs/rfcs.txt";

#[test]
fn every_cited_rfc_is_in_the_list_by_its_title_and_no_other_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there");
    let titles = titles(&fs::read_to_string(root.join(LIST)).expect("the list is there"));
    let mut cited = BTreeMap::new();
    let mut wrong = vec![];
    for file in PLACES.iter().flat_map(|place| files(&root.join(place))) {
        let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let found = scan(&text);
        wrong.extend(found.wrong.iter().map(|(line, what)| format!("{name}:{line}: {what}")));
        for (line, number) in found.cited {
            cited.entry(number).or_insert_with(|| format!("{name}:{line}"));
        }
    }
    for (number, place) in &cited {
        if !titles.contains(number) {
            wrong.push(format!("{place}: RFC {number} is cited and not in {LIST}"));
        }
    }
    let nobody = titles.iter().filter(|number| !cited.contains_key(number));
    wrong.extend(nobody.map(|number| format!("{LIST}: RFC {number} is cited nowhere")));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(cited.len() > 10, "citations are found at all");
}

/// The numbers in a list of `NUMBER<TAB>TITLE` lines in the order of the numbers.
fn titles(list: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for line in list.lines() {
        let (number, title) = line.split_once('\t').unwrap_or_else(|| panic!("{LIST}: '{line}' has no tab"));
        let number = number.parse().unwrap_or_else(|_| panic!("{LIST}: '{number}' is no number"));
        assert!(numbers.last().is_none_or(|last| *last < number), "{LIST}: {number} is not in its place");
        assert!(!title.trim().is_empty() && title.trim() == title, "{LIST}: {number} has no title");
        numbers.insert(number);
    }
    numbers
}

/// All files below `path` that may cite, in the order of their names.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        return entries.iter().filter(|entry| !entry.ends_with("target")).flat_map(|entry| files(entry)).collect();
    }
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    let is_in_crates = path.components().any(|part| part.as_os_str() == "crates");
    let may_cite = path.is_file() && !path.ends_with(LIST) && (is_source || !is_in_crates);
    if may_cite { vec![path.to_path_buf()] } else { vec![] }
}

/// What one file cites, and what it spells otherwise, each with its line.
#[derive(Debug, Default, PartialEq)]
struct Found {
    cited: Vec<(usize, u32)>,
    wrong: Vec<(usize, String)>,
}

fn scan(text: &str) -> Found {
    let mut found = Found::default();
    // A citation may be broken over two lines, so words are what counts; marks of comments and quotes are no words.
    let words: Vec<(usize, &str)> = (1..)
        .zip(text.lines())
        .flat_map(|(line, text)| text.split_whitespace().map(move |word| (line, word)))
        .filter(|(_, word)| !["//", "///", "//!", "#", ">", "*", "|"].contains(word))
        .collect();
    for (at, &(line, word)) in words.iter().enumerate() {
        let mut spelt_otherwise = |what: &str| {
            let house = "the spelling here is 'RFC 9293 section 3.10.7.4'";
            found.wrong.push((line, format!("{what}: {house}")));
        };
        if word.contains('\u{a7}') {
            spelt_otherwise(word);
        }
        let Some((start, _)) = word.to_ascii_lowercase().rmatch_indices("rfc").next() else { continue };
        let (name, behind) = (&word[start..start + 3], &word[start + 3..]);
        let next = words.get(at + 1).map_or("", |(_, word)| word);
        if let Some(number) = leading_number(behind.trim_start_matches(['-', '_', '.', '#', ':', '\u{a0}'])) {
            // `rfc_791`, `Rfc791` and the addresses of documents are names that cannot have a space.
            let is_name = behind.starts_with('_') || name == "Rfc" || word.contains("://");
            if is_name { found.cited.push((line, number)) } else { spelt_otherwise(word) }
        } else if let (Some(number), true) = (leading_number(next), behind.is_empty() || behind == "s") {
            let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at].1);
            let behind_number = words.get(at + 2).map_or("", |(_, word)| word);
            let section_first = before(1) == "of" && before(3).to_ascii_lowercase().ends_with("section");
            let section_is_spelt = match behind_number {
                "section" | "sections" => next.chars().all(|digit| digit.is_ascii_digit()),
                other => !["sec", "sec.", "sect.", "Section", "Sections", "Sec."].contains(&other),
            };
            if name != "RFC" || !behind.is_empty() || section_first || !section_is_spelt {
                spelt_otherwise(&format!("{word} {next} {behind_number}"));
            }
            found.cited.push((line, number));
        }
    }
    found
}

/// The number that `text` begins with, if it is a word of its own.
fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let is_word = !text[end..].starts_with(|character: char| character.is_ascii_alphanumeric());
    text[..end].parse().ok().filter(|_| is_word)
}

#[test]
fn other_spellings_are_found_and_the_right_one_is_counted() {
    // Put together here, or this file would be full of what it forbids.
    let rfc = "RFC";
    for right in [
        format!("(see {rfc} 791) and more"),
        format!("/// {rfc} 791 section 3.1: text"),
        format!("/// of {rfc}\n/// 791 sections 3.1 and 3.2"),
        format!("fn as_in_{}_791_section_3()", rfc.to_lowercase()),
        "Nagle::Rfc791".to_string(),
        format!("https://www.rfc-editor.org/rfc/{}791#section-3.1", rfc.to_lowercase()),
    ] {
        let found = scan(&right);
        assert!(found.wrong.is_empty() && found.cited.iter().any(|(_, number)| *number == 791), "{right}: {found:?}");
    }
    for wrong in [
        format!("{rfc}791"),
        format!("{rfc}-791"),
        format!("`{}791`", rfc.to_lowercase()),
        format!("{} 791", rfc.to_lowercase()),
        format!("{rfc}s 791 and 792"),
        format!("{rfc} 791 Section 3.1"),
        format!("{rfc} 791, section 3.1"),
        format!("section 3.1 of {rfc} 791"),
        format!("{rfc} 791 \u{a7}3.1"),
    ] {
        assert!(!scan(&wrong).wrong.is_empty(), "{wrong}");
    }
    for nothing in [format!("the {rfc}'s figure"), format!("the {rfc}s call it"), format!("the {rfc} says 3 bytes")] {
        assert_eq!(scan(&nothing), Found::default(), "{nothing}");
    }
}
