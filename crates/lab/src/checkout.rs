//! Where things lie: the learner's copy of this repository.

use crate::lab::Lab;
use crate::{curriculum, fail};
use cli::Failure;
use std::path::{Path, PathBuf};

/// The learner's copy of this repository.
#[derive(Debug, Clone)]
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The one that the current directory is in.
    ///
    /// # Errors
    /// When it is in none.
    pub fn here() -> Result<Self, Failure> {
        let directory = std::env::current_dir().map_err(|error| fail::io("find", Path::new("."), &error))?;
        let root = directory.ancestors().find(|place| place.join("labs").is_dir() && place.join("crates/lab").is_dir());
        match root {
            Some(root) => Ok(Self { root: root.to_path_buf() }),
            None => Err(Failure::said(format!("'{}' is not in a copy of First Hop", directory.display()))
                .hint("go to the folder that has `labs` in it")),
        }
    }

    /// The one whose root is `root`.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the progress is kept.
    pub(crate) fn progress(&self) -> PathBuf {
        self.root.join("lab-progress.toml")
    }

    /// Where builds and locks of labs lie.
    pub(crate) fn workshop(&self) -> PathBuf {
        self.root.join("target/lab")
    }

    /// The lab that `word` names.
    ///
    /// # Errors
    /// When there is none of that name, or it is still to come, or its `lab.toml` is wrong.
    pub fn lab(&self, word: &str) -> Result<Lab, Failure> {
        let Some(entry) = curriculum::find(word) else {
            let names = curriculum::LABS.iter().map(|entry| entry.name);
            let hint = match cli::nearest(word, names) {
                Some(near) => format!("did you mean '{near}'? `cargo lab list` shows them all"),
                None => "`cargo lab list` shows them all".into(),
            };
            return Err(Failure::said(format!("no lab '{}'", cli::escape(word))).hint(hint));
        };
        let folder = self.root.join("labs").join(entry.folder());
        if !folder.is_dir() {
            return Err(Failure::said(format!("lab {} '{}' is still to come", entry.number, entry.name))
                .hint("`cargo lab list` shows which are there"));
        }
        Lab::read(entry, folder)
    }

    /// All labs that are there.
    ///
    /// # Errors
    /// When the `lab.toml` of one is wrong.
    pub fn labs(&self) -> Result<Vec<Lab>, Failure> {
        let there = |entry: &&curriculum::Entry| self.root.join("labs").join(entry.folder()).is_dir();
        curriculum::LABS.iter().filter(there).map(|entry| self.lab(entry.name)).collect()
    }

    /// A path as one types it from the root.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
