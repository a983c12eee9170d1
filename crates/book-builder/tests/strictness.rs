//! What mdBook passes over fails here, with file and line.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

use book_builder::build;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A directory with `book` in it, which has these files below its `src` and is built outside of itself, as this workspace's is.
fn book(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("book")).unwrap();
    let config = "[book]\ntitle = \"x\"\n[build]\nbuild-dir = \"../target/book\"\n";
    fs::write(directory.path().join("book/book.toml"), config).unwrap();
    for (name, text) in files {
        let file = directory.path().join("book/src").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    directory
}

/// What is wrong with it, a line each: `page.md:3: what`.
fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let directory = book(files);
    let faults = build(&directory.path().join("book/../book")).expect_err("it is wrong");
    let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
    let line = |line: Option<usize>| line.map_or(String::new(), |line| format!(":{line}"));
    faults.iter().map(|fault| format!("{}{}: {}", name(&fault.file), line(fault.line), fault.what)).collect()
}

const SUMMARY: (&str, &str) = ("SUMMARY.md", "# x\n\n- [A](a.md)\n- [To come]()\n");

#[test]
fn whole_book_is_built_and_its_pages_and_links_are_counted() {
    let page = "# A\n\n[down](#down) [away](https://example.com/x) ![](i.svg)\n\n## Down\n\n{{#include b.rs:x}}\n\n\
                {{#include b.rs:1:3}}\n\n\\{{#include none}}\n\n`<a href=\"none.md\">`\n";
    let rust = "// ANCHOR: x\nfn x() {}\n// ANCHOR_END: x\n";
    let directory = book(&[SUMMARY, ("a.md", page), ("b.rs", rust), ("i.svg", "<svg/>")]);
    let built = build(&directory.path().join("book/../book")).unwrap();
    assert_eq!((built.pages, built.drafts), (1, 1));
    assert!(built.links > 3, "{built:?}");
    let read = |file: &str| fs::read_to_string(built.index.with_file_name(file)).unwrap();
    assert!(read("a.html").contains("fn x() {}") && read("toc.html").contains("To come"));
}

#[test]
fn include_of_what_is_not_there_is_told_with_its_line() {
    let page =
        "# A\n\n{{#include none.rs}}\n\n{{#include b.rs:none}}\n\n{{#include b.rs:open}}\n\n{{#include b.rs:2:9}}\n";
    assert_eq!(
        faults(&[SUMMARY, ("a.md", page), ("b.rs", "// ANCHOR: open\nfn x() {}\n// ANCHOR: none-such\n")]),
        [
            "a.md:3: {{#include none.rs}}: there is no such file, or it is no text",
            "a.md:5: {{#include b.rs:none}}: the file has no anchor 'none'",
            "a.md:7: {{#include b.rs:open}}: the anchor 'open' has no end",
            "a.md:9: {{#include b.rs:2:9}}: the file has only 3 lines",
        ]
    );
}

#[test]
fn link_that_leads_nowhere_is_told_with_its_line() {
    let page = "# A\n\n[x](none.md)\n[y][y]\n<a href=\"#none\">z</a>\n![](none.svg)\n\n[y]: b/c.md#none\n";
    let summary = ("SUMMARY.md", "- [A](a.md)\n  - [C](b/c.md)\n");
    assert_eq!(
        faults(&[summary, ("a.md", page), ("b/c.md", "# C\n\n[up](../a.md#a) [wrong](a.md)\n")]),
        [
            "a.md:3: none.html: there is no such file in the book",
            "a.md:5: #none: the page has no '#none'",
            "a.md:6: none.svg: there is no such file in the book",
            "a.md:8: b/c.html#none: the page has no '#none'",
            "c.md:3: a.html: there is no such file in the book",
        ]
    );
}

#[test]
fn link_to_elsewhere_is_checked_by_its_form() {
    let page = "[a](http://example.com)\n[b](https://example)\n[c](ftp://example.com/x)\n[d](https://example.com/#x)\n";
    assert_eq!(
        faults(&[SUMMARY, ("a.md", page)]),
        [
            "a.md:1: http://example.com: a link to elsewhere begins with https://",
            "a.md:2: https://example: this is no address",
            "a.md:3: ftp://example.com/x: a link to elsewhere begins with https://",
        ]
    );
}

#[test]
fn page_must_be_named_and_what_is_named_must_be_there() {
    assert_eq!(
        faults(&[SUMMARY, ("a.md", "# A\n\n{{#include part.md}}\n"), ("part.md", "x\n"), ("b.md", "# B\n")]),
        ["b.md: SUMMARY.md does not name this page, so nobody finds it"]
    );
    let missing = faults(&[SUMMARY]);
    assert!(
        missing.len() == 1 && missing[0].starts_with("SUMMARY.md:3: ") && missing[0].contains("a.md"),
        "{missing:?}"
    );
}
