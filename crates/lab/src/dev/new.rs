//! A new lab from a template: the smallest one that is whole. It has one function, one check, a stub without points, a solution
//! with all of them, a wrong solution that fails that check, and a page of the book.
//!
//! All of it is written beside its place first, and put there at the end; what cannot be put there whole is taken away again.

use crate::checkout::Checkout;
use crate::curriculum::{self, Entry};
use crate::fail;
use cli::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The lab's folder: each file, and its template. What the learner writes is called after the lab, and so is its solution.
const FOLDER: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/manifest.toml")),
    ("lab.toml", include_str!("template/lab.toml")),
    ("src/main.rs", include_str!("template/main.rs")),
    ("src/@file@.rs", STUB),
    ("stub/@file@.rs", STUB),
    ("tests/check.rs", include_str!("template/check.rs")),
];
const STUB: &str = include_str!("template/stub.rs");
/// The stub's body, and what stands in its place in the solution. They are put together here, and not a file beside the stub: the handout
/// is searched for the text of solutions.
const NOT_YET: &str = "Err(LabError::NotYet)";
const RIGHT: &str = "bytes.first_chunk().map(|two| u16::from_be_bytes(*two)).ok_or(LabError::Malformed)";
const MISTAKE: [&str; 2] = ["from_be_bytes", "from_le_bytes"];
const SUBJECT: &str = include_str!("template/subject.rs");
const PAGE: &str = include_str!("template/page.md");

/// Where labs are registered: what each is asked, and the pages of the book.
const SUBJECTS: &str = "crates/lab/src/subjects/mod.rs";
const SUMMARY: &str = "book/src/SUMMARY.md";
/// Where labs are planned.
pub(crate) const CURRICULUM: &str = "crates/lab/src/curriculum.rs";

/// A lab that was made: the paths are from the root.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) entry: &'static Entry,
    pub(crate) folder: PathBuf,
    /// The name of the file that the learner writes, without its ending.
    pub(crate) file: String,
    pub(crate) subject: PathBuf,
    pub(crate) page: PathBuf,
    pub(crate) registered: [&'static str; 2],
}

/// Makes the lab that `word` names as one that is planned and not there yet.
pub(crate) fn make(checkout: &Checkout, word: &str) -> Result<New, Failure> {
    let entry = planned(checkout, word)?;
    let file = entry.name.replace('-', "_");
    let new = New {
        entry,
        folder: Path::new("labs").join(entry.folder()),
        subject: format!("crates/lab/src/subjects/{file}.rs").into(),
        page: format!("book/src/labs/{:02}.md", entry.number).into(),
        registered: [SUBJECTS, SUMMARY],
        file,
    };
    let root = checkout.root();
    for path in [&new.folder, &new.subject, &new.page] {
        if root.join(path).symlink_metadata().is_ok() {
            return Err(Failure::said(format!("'{}' is there already", path.display()))
                .hint("nothing is ever written over, and nothing was made; move it away first"));
        }
    }
    let registered = [new.in_subjects(&read(root, SUBJECTS)?)?, new.in_summary(&read(root, SUMMARY)?)?];
    let mut begun = Begun::new(root, &entry.folder())?;
    for (path, template) in FOLDER {
        begun.write(&new.folder.join(new.filled(path)), &new.filled(template))?;
    }
    let solved = new.solved();
    let wrong =
        format!("// Fails `word`: the low half is taken to come first.\n{solved}").replace(MISTAKE[0], MISTAKE[1]);
    for (folder, text) in [("solution", &solved), ("wrong/little-endian", &wrong)] {
        begun.write(&new.folder.join(folder).join(&new.file).with_extension("rs"), text)?;
    }
    begun.write(&new.subject, &new.filled(SUBJECT))?;
    begun.write(&new.page, &new.filled(PAGE))?;
    for (path, text) in new.registered.iter().zip(&registered) {
        begun.write(Path::new(path), text)?;
    }
    // What nobody reads before it is registered comes first.
    let registered = new.registered.iter().map(Path::new);
    begun.put([&new.folder, &new.subject, &new.page].map(PathBuf::as_path).into_iter().chain(registered))?;
    Ok(new)
}

/// The place in the course that `word` names.
fn planned(checkout: &Checkout, word: &str) -> Result<&'static Entry, Failure> {
    if let Some(entry) = curriculum::find(word) {
        return Ok(entry);
    }
    let is_there = |entry: &&Entry| checkout.root().join("labs").join(entry.folder()).exists();
    let open: Vec<String> = curriculum::LABS.iter().filter(|entry| !is_there(entry)).map(Entry::folder).collect();
    let open = if open.is_empty() {
        "all that are planned are there".into()
    } else {
        format!("to come are {}", open.join(", "))
    };
    Err(Failure::said(format!("no lab '{}' is planned", cli::escape(word)))
        .hint(format!("{open}; any other needs a line in {CURRICULUM} first")))
}

fn read(root: &Path, path: &str) -> Result<String, Failure> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(|error| fail::io("read", &path, &error))
}

impl New {
    /// A template with this lab's words in it.
    fn filled(&self, template: &str) -> String {
        let Entry { number, name, chapter, about } = *self.entry;
        let mut letters = about.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let words: [(&str, String); 8] = [
            ("@number@", number.to_string()),
            ("@nn@", format!("{number:02}")),
            ("@name@", name.into()),
            ("@folder@", self.entry.folder()),
            ("@file@", self.file.clone()),
            ("@chapter@", chapter.to_string()),
            ("@about@", about.into()),
            ("@title@", first.chain(letters).collect()),
        ];
        words.iter().fold(template.into(), |text, (word, with)| text.replace(word, with))
    }

    /// The stub with its function written.
    fn solved(&self) -> String {
        let stub = self.filled(STUB).replace(NOT_YET, RIGHT);
        let body = stub.split_once('\n').map_or("", |(_, body)| body);
        format!("//! Lab {}, solved.\n{body}", self.entry.number)
    }

    /// The list of subjects with this one in it, where its name belongs.
    fn in_subjects(&self, text: &str) -> Result<String, Failure> {
        let (name, file) = (self.entry.name, &self.file);
        let module = put(text, "mod ", &format!("mod {file};"), "");
        let arm = format!("        \"{name}\" => {file}::parts(check, seed),");
        let both = module.and_then(|text| put(&text, "        \"", &arm, "        _ => None,"));
        both.ok_or_else(|| {
            Failure::said(format!("'{SUBJECTS}' has no list of labs that lab {} can be put in", self.entry.number))
                .hint(format!("`mod {file};` and `{}` must find a place there", arm.trim()))
        })
    }

    /// The summary of the book with this lab's line leading to its page.
    fn in_summary(&self, text: &str) -> Result<String, Failure> {
        let Entry { number, name, about, .. } = *self.entry;
        let (start, page) = (format!("  - [Lab {number} {name}: "), format!("](labs/{number:02}.md)\n"));
        let line = text.split_inclusive('\n').find(|line| line.starts_with(&start) && line.ends_with("]()\n"));
        let line = line.ok_or_else(|| {
            Failure::said(format!("'{SUMMARY}' does not say that lab {number} is to come"))
                .hint(format!("put `{start}{about}]()` in it below its chapter, with two blanks before it"))
        })?;
        Ok(text.replacen(line, &line.replace("]()\n", &page), 1))
    }
}

/// Puts `line` among the lines of `text` that begin like it, in their order, before the first that is `end`; `None`: there are none.
fn put(text: &str, start: &str, line: &str, end: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_of_list = |at: &usize| lines.get(*at).is_some_and(|line| line.starts_with(start));
    let first = (0..lines.len()).find(is_of_list)?;
    let last =
        (first..lines.len()).take_while(|at| lines.get(*at).is_some_and(|line| !line.is_empty() && *line != end));
    let last = last.filter(is_of_list).last()?;
    let at = (first..=last).filter(is_of_list).find(|at| lines.get(*at).is_some_and(|there| *there > line));
    let (before, behind) = lines.split_at_checked(at.unwrap_or(last + 1))?;
    Some([before, &[line], behind].concat().join("\n") + "\n")
}

/// What is being written, in a folder with a dot beside its place. Dropped, it is gone.
struct Begun {
    root: PathBuf,
    folder: PathBuf,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Begun {
    fn new(root: &Path, name: &str) -> Result<Self, Failure> {
        let folder = root.join(format!(".{name}.{}", std::process::id()));
        fs::create_dir(&folder).map_err(|error| fail::io("create", &folder, &error))?;
        Ok(Self { root: root.into(), folder })
    }

    fn write(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let path = self.folder.join(path);
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(|error| fail::io("create", folder, &error))?;
        fs::write(&path, text).map_err(|error| fail::io("write", &path, &error))
    }

    /// Puts all of it in its place, or none.
    fn put<'a>(self, paths: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
        let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = vec![];
        for path in paths {
            let to = self.root.join(path);
            let before = fs::read(&to).ok();
            let folder = to.parent().unwrap_or(&to);
            let moved = fs::create_dir_all(folder).and_then(|()| fs::rename(self.folder.join(path), &to));
            if let Err(error) = moved {
                done.iter().rev().for_each(|(path, before)| undo(path, before.as_deref()));
                return Err(fail::io("create", &to, &error));
            }
            done.push((to, before));
        }
        Ok(())
    }
}

/// Takes away what was put there, or puts there what was before.
fn undo(path: &Path, before: Option<&[u8]>) {
    let _ = match before {
        Some(before) => fs::write(path, before),
        None if path.is_dir() => fs::remove_dir_all(path),
        None => fs::remove_file(path),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_put_where_its_name_belongs() {
        let text = "mod b;\nmod d;\n\nuse x;\n\nfn parts() {\n    match name {\n        \"b\" => 1,\n        // Why.\n        \"d\" => 2,\n        _ => None,\n    }\n    \
                    match name {\n        \"e\" => 3,\n        _ => None,\n    }\n}\n";
        for (line, before) in [("mod a;", "mod b;\n"), ("mod c;", "mod d;\n"), ("mod e;", "\nuse x;")] {
            assert_eq!(put(text, "mod ", line, "").unwrap(), text.replacen(before, &format!("{line}\n{before}"), 1));
        }
        let arm = |line: &str| put(text, "        \"", line, "        _ => None,").unwrap();
        assert_eq!(arm("        \"f\" => 4,"), text.replacen("        _ =>", "        \"f\" => 4,\n        _ =>", 1));
        assert_eq!(arm("        \"a\" => 0,"), text.replacen("        \"b\"", "        \"a\" => 0,\n        \"b\"", 1));
        assert_eq!(put("use x;\n", "mod ", "mod a;", ""), None);
    }
}
