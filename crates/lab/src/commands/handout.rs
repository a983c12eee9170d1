//! `lab handout`, for instructors.

use super::Page;
use crate::checkout::Checkout;
use crate::fail;
use crate::handout::{self, Traces};
use crate::lab::Lab;
use cli::Failure;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes a copy of the course with these labs; all, if none is named.
pub(super) fn handout(checkout: &Checkout, labs: &[String], to: &Path) -> Result<Page, Failure> {
    let mut held = match labs {
        [] => checkout.labs()?,
        named => named.iter().map(|lab| checkout.lab(lab)).collect::<Result<_, _>>()?,
    };
    held.sort_by_key(|lab| lab.entry.number);
    held.dedup_by_key(|lab| lab.entry.number);
    let made = handout::make(checkout, &held, to)?;
    let numbers: Vec<String> = held.iter().map(Lab::number).collect();
    let mut text = format!("{} has {}\n", to.display(), named("lab", &numbers));
    let tools: Vec<String> = made.without.iter().map(|(tool, why)| format!("{tool} ({why})")).collect();
    let tools = if tools.is_empty() { String::new() } else { format!(", and without {}", tools.join(", ")) };
    let _ = writeln!(text, "without solutions, wrong solutions and the authors' tests{tools}");
    let _ = write!(text, "{}", none_in("it", made.pieces, made.files));
    Ok(Page::good(text))
}

fn none_in(what: &str, pieces: usize, files: usize) -> String {
    format!("no text of a solution is in {what}\n{pieces} pieces were looked for in {files} files")
}

fn named(what: &str, numbers: &[String]) -> String {
    let s = if numbers.len() == 1 { "" } else { "s" };
    format!("{what}{s} {}", numbers.join(", "))
}

/// Looks for the text of solutions in all files of a folder, whatever they are, what was built too.
pub(super) fn search(checkout: &Checkout, folder: &Path) -> Result<Page, Failure> {
    let traces = Traces::of(&checkout.labs()?)?;
    let (mut files, mut found) = (0, String::new());
    for path in below(folder)? {
        let bytes = fs::read(&path).map_err(|error| fail::io("read", &path, &error))?;
        files += 1;
        if let Some(solution) = traces.found_in(&bytes) {
            let _ = writeln!(found, "{}: text of {}", path.display(), checkout.shown(solution));
        }
    }
    if files == 0 {
        return Err(Failure::said(format!("there is no file in '{}'", folder.display())));
    }
    let mut text = match found.is_empty() {
        true => none_in(&folder.display().to_string(), traces.count(), files),
        false => found.clone() + "what is named above has text of solutions: do not hand it out",
    };
    if folder.join(".git").exists() {
        text += "\nthe history in .git is compressed, so this says nothing of it: \
                 `git log -p --all` makes it text";
    }
    Ok(Page { text, good: found.is_empty() })
}

/// All files below a folder; a link is not followed.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| fail::io("list", folder, &error);
    let mut files = vec![];
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        match entry.file_type().map_err(failed)? {
            kind if kind.is_dir() => files.extend(below(&entry.path())?),
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    files.sort();
    Ok(files)
}
