//! What is wrong with a book, and where.

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

/// Something wrong: in which file, on which line if that is known, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file an author has to open.
    pub file: PathBuf,
    /// The line, from 1 on.
    pub line: Option<usize>,
    /// What is wrong, in words.
    pub what: String,
}

impl Fault {
    pub(crate) fn new(file: &Path, line: Option<usize>, what: impl Into<String>) -> Self {
        Self { file: clean(file), line, what: what.into() }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.what),
            None => write!(f, "{}: {}", self.file.display(), self.what),
        }
    }
}

/// The path as an author would write it: without `..` in its middle, and from here on where it is below this directory.
fn clean(file: &Path) -> PathBuf {
    let Ok(file) = file.canonicalize() else { return file.to_path_buf() };
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    file.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(file)
}

/// The first line of `file` with `text` in it, from 1 on.
pub(crate) fn line_with(file: &Path, text: &str) -> Option<usize> {
    let lines = fs::read_to_string(file).ok()?;
    lines.lines().position(|line| line.contains(text)).map(|line| line + 1)
}
