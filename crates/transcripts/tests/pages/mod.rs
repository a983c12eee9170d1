//! The pages that are held to what the tools print.

use libtest_mimic::Failed;
use std::path::{Path, PathBuf};
use std::{env, fs};
use transcripts::{Checked, Machine, Page, Tools};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// README.md, the way to grades and the pages of the book, from the root.
pub(crate) fn pages() -> Vec<String> {
    fn below(directory: &Path, pages: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                below(&path, pages);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    let mut pages = vec![root().join("README.md"), root().join("docs/grading.md")];
    below(&root().join("book/src"), &mut pages);
    pages.sort();
    pages.iter().map(|page| page.strip_prefix(root()).unwrap_or(page).display().to_string()).collect()
}

/// What came of a page, in a directory of its own.
#[allow(dead_code, reason = "labs have a directory of another kind")]
pub(crate) fn check(text: &str, tools: &Tools, machine: Machine) -> Result<Checked, Failed> {
    Ok(Page::new(text).check(tools, machine, tempfile::tempdir()?.path())?)
}

/// Holds a page to what `check` finds, and gives the number of commands. With `BLESS`, writes what came into the page.
pub(crate) fn hold(page: &str, check: impl Fn(&str) -> Result<Checked, Failed>) -> Result<usize, Failed> {
    let file = root().join(page);
    let text = fs::read_to_string(&file)?;
    let mut checked = check(&text)?;
    if env::var_os("BLESS").is_some() && checked.blessed != text {
        fs::write(&file, &checked.blessed)?;
        // What only an author can mend is a fault still.
        checked = check(&checked.blessed)?;
    }
    if checked.faults.is_empty() {
        return Ok(checked.commands);
    }
    let told: Vec<String> =
        checked.faults.iter().map(|fault| format!("{page}:{}: {}", fault.line, fault.what)).collect();
    let hint = "- is what the page shows, + what came; if the tool is right, `just bless` writes that into the page";
    Err(format!("\n{}\nhint: {hint}", told.join("\n")).into())
}
