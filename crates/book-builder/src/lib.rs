//! Builds a book with mdBook, and is stricter than mdBook about what it is made of.
//!
//! mdBook 0.5 leaves a missing `{{#include}}` in the page as text, turns a missing anchor into nothing, makes empty pages for files
//! that SUMMARY.md names and nobody wrote, and looks at no link; all of that with exit code 0. Here each is a [`Fault`]:
//!
//! - an include whose file, anchor or lines are not there;
//! - a link or image whose file or fragment is not there, seen in the pages as they were rendered; one to another
//!   place is only looked at, as the book is built without a network;
//! - a page that SUMMARY.md names and is not there, and one that is there and SUMMARY.md does not name.

mod fault;
mod includes;
mod links;

pub use fault::Fault;

use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};
use mdbook_driver::config::Config;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A book that was built, with nothing wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// How many pages it has.
    pub pages: usize,
    /// How many entries of SUMMARY.md have no page yet.
    pub drafts: usize,
    /// How many links and images were looked at.
    pub links: usize,
    /// Its first page.
    pub index: PathBuf,
}

/// Builds the book in `root`, the directory of its book.toml.
///
/// # Errors
/// All that is wrong with it. The pages are written nevertheless where mdBook can write them.
pub fn build(root: &Path) -> Result<Built, Vec<Fault>> {
    let (book, html) = render(root).map_err(|fault| vec![fault])?;
    let source = book.source_dir();
    let chapters: Vec<&Chapter> = book
        .iter()
        .filter_map(|item| if let BookItem::Chapter(chapter) = item { Some(chapter) } else { None })
        .collect();
    let pages: Vec<&Path> = chapters.iter().filter_map(|chapter| chapter.source_path.as_deref()).collect();

    let mut faults = vec![];
    for page in &pages {
        faults.extend(includes::check(&source.join(page)));
    }
    faults.extend(unlisted(&source, &pages));
    let links = links::check(&source, &html, &pages, &mut faults);
    if faults.is_empty() {
        let drafts = chapters.len() - pages.len();
        return Ok(Built { pages: pages.len(), drafts, links, index: html.join("index.html") });
    }
    faults.sort();
    faults.dedup();
    Err(faults)
}

/// Lets mdBook write the pages, and gives the directory they are in.
fn render(root: &Path) -> Result<(MDBook, PathBuf), Fault> {
    let file = root.join("book.toml");
    let wrong = |error: String| Fault::new(&file, None, error);
    let mut config = Config::from_disk(&file).map_err(|error| wrong(format!("{error:#}")))?;
    // A page that nobody wrote is a mistake, and no reason to write an empty one.
    config.build.create_missing = false;
    let book = MDBook::load_with_config(root, config).map_err(|error| {
        let summary = root.join("src/SUMMARY.md");
        let what = format!("{error:#}");
        let line = what.split('`').nth(1).and_then(|page| fault::line_with(&summary, page));
        Fault::new(&summary, line, what)
    })?;
    book.build().map_err(|error| wrong(format!("{error:#}")))?;
    let html = book.build_dir_for("html");
    // Links are compared with it path by path, so it must not go up and down again.
    let html = html.canonicalize().map_err(|error| wrong(format!("{}: {error}", html.display())))?;
    Ok((book, html))
}

/// Pages that are there and are neither named in SUMMARY.md nor included by a page.
fn unlisted(source: &Path, pages: &[&Path]) -> Vec<Fault> {
    let included: BTreeSet<PathBuf> = pages.iter().flat_map(|page| includes::files(&source.join(page))).collect();
    let is_listed = |file: &Path| {
        let page = file.strip_prefix(source).unwrap_or(file);
        page == Path::new("SUMMARY.md") || pages.contains(&page)
    };
    let is_included = |file: &Path| file.canonicalize().is_ok_and(|file| included.contains(&file));
    let mut faults = vec![];
    let mut directories = vec![source.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md")
                && !is_listed(&path)
                && !is_included(&path)
            {
                faults.push(Fault::new(&path, None, "SUMMARY.md does not name this page, so nobody finds it"));
            }
        }
    }
    faults
}
