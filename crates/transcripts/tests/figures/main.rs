//! The figures of the book are those that the tools' packets make: each is declared in `book/figures.toml`, and drawn anew here.
//!
//! `BLESS=1` writes what comes out to `book/src/figures/`; `just bless` does so.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod capture;
mod declared;
mod drawn;
mod run;
mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a figure may weigh, in bytes.
const MOST_SVG: usize = 10 * 1024;
const MOST_HTML: usize = 16 * 1024;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Each figure's file name and content.
fn drawn() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("book/figures.toml")).unwrap();
    let mut figures = BTreeMap::new();
    for declared in declared::figures(&text) {
        let drawn = drawn::draw(&declared).unwrap_or_else(|error| panic!("{}: {error}", declared.name));
        figures.insert(format!("{}.{}", declared.name, declared.extension()), drawn);
    }
    figures
}

#[test]
fn figures_of_the_book_are_those_that_come_out_today() {
    let directory = root().join("book/src/figures");
    let drawn = drawn();
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(&directory).unwrap();
        for (name, content) in &drawn {
            fs::write(directory.join(name), content).unwrap();
        }
    }
    let there = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = there.filter(|name| name.ends_with(".svg") || name.ends_with(".html")).collect();
    let declared: BTreeSet<String> = drawn.keys().cloned().collect();
    assert_eq!(there, declared, "book/src/figures has what book/figures.toml declares, and nothing else");
    for (name, content) in &drawn {
        let committed = fs::read_to_string(directory.join(name)).unwrap();
        assert!(
            committed == *content,
            "book/src/figures/{name} is not what comes out today: `just bless` writes it anew"
        );
    }
    assert!(drawn.len() > 10, "figures are declared at all");
}

#[test]
fn figure_is_light_and_whole_and_tells_its_story() {
    for (name, content) in drawn() {
        let most = if name.ends_with(".svg") { MOST_SVG } else { MOST_HTML };
        assert!(content.len() <= most, "{name} has {} bytes, and {most} is the most", content.len());
        assert!(!content.contains("\n\n"), "{name}: Markdown would end it at the blank line");
        for never in ["<script", "href", "url(", "@import", "<img", "onload", "\r"] {
            assert!(!content.contains(never), "{name} has {never}");
        }
        let document = roxmltree::Document::parse(&content).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        let id = format!("fig-{}", name.split('.').next().unwrap());
        let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        assert_eq!(ids, [format!("{id}-t"), format!("{id}-d")], "{name}: ids are its own");
        let text = |id: &str| {
            let node = document.descendants().find(|node| node.attribute("id") == Some(id)).unwrap();
            node.text().unwrap_or_default().to_string()
        };
        let (title, story) = (text(ids[0]), text(ids[1]));
        assert!(title.len() > 10 && story.len() > title.len(), "{name}: {title} / {story}");
        let named = [root.attribute("aria-labelledby"), root.attribute("aria-describedby")];
        let named: Vec<&str> = named.into_iter().flatten().flat_map(str::split_whitespace).collect();
        assert_eq!(named, ids, "{name}: a screen reader is told both");
    }
}
