//! What a learner has done so far, in one file that people can read.
//!
//! Two commands may run at once, a `check --watch` in one window and a `check` in another. So the file is changed under a lock,
//! and it is replaced whole: whoever reads it finds the old one or the new one, and never a half.

use crate::checkout::Checkout;
use crate::fail;
use cli::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

/// What was done in all labs, by the names of their folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Progress(BTreeMap<String, Done>);

/// What was done in one lab.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Done {
    /// The points of the last check.
    pub(crate) points: u32,
    /// The most points of any check.
    pub(crate) best: u32,
    /// Which checks passed, the last time.
    pub(crate) passed: Vec<String>,
    /// How many hints were shown, by check.
    pub(crate) hints: BTreeMap<String, u32>,
}

const HEAD: &str = "# What you have done in the labs, as `cargo lab` keeps it. Delete it to begin anew.\n";

impl Progress {
    /// Reads it; where there is none, nothing is done yet.
    pub(crate) fn read(checkout: &Checkout) -> Result<Self, Failure> {
        let path = checkout.progress();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(fail::io("read", &path, &error)),
        };
        toml::from_str(&text).map_err(|error| {
            let error = error.to_string();
            let error = error.lines().last().unwrap_or_default();
            Failure::said(format!("'{}' cannot be understood: {error}", checkout.shown(&path)))
                .hint("mend it, or delete it to begin anew; your files are not touched")
        })
    }

    /// Changes what was done in one lab.
    pub(crate) fn change(checkout: &Checkout, lab: &str, change: impl FnOnce(&mut Done)) -> Result<Done, Failure> {
        let place = checkout.workshop();
        fs::create_dir_all(&place).map_err(|error| fail::io("create", &place, &error))?;
        let path = place.join("progress.lock");
        let lock = File::create(&path).map_err(|error| fail::io("create", &path, &error))?;
        lock.lock().map_err(|error| fail::io("lock", &path, &error))?; // until it goes out of scope
        let mut progress = Self::read(checkout)?;
        let done = progress.0.entry(lab.into()).or_default();
        change(done);
        let done = done.clone();
        replace(&checkout.progress(), &place.join("progress.new"), &progress.text())?;
        Ok(done)
    }

    pub(crate) fn of(&self, lab: &str) -> Option<&Done> {
        self.0.get(lab)
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_string();
        for (lab, Done { points, best, passed, hints }) in &self.0 {
            let passed: Vec<String> = passed.iter().map(|check| quoted(check)).collect();
            let hints: Vec<String> =
                hints.iter().map(|(check, count)| format!("{} = {count}", quoted(check))).collect();
            let _ = write!(
                text,
                "\n[{}]\npoints = {points}\nbest   = {best}\npassed = [{}]\n",
                quoted(lab),
                passed.join(", ")
            );
            if !hints.is_empty() {
                let _ = writeln!(text, "hints  = {{ {} }}", hints.join(", "));
            }
        }
        text
    }
}

/// A name as TOML has it. Names are of our own making; what is not plain is left out.
fn quoted(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("\"{plain}\"")
}

/// Puts `text` at `path` in one step.
fn replace(path: &Path, new: &Path, text: &str) -> Result<(), Failure> {
    fs::write(new, text).map_err(|error| fail::io("write", new, &error))?;
    fs::rename(new, path).map_err(|error| fail::io("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_as_it_was_written_and_by_people_too() {
        let directory = tempfile::tempdir().unwrap();
        let checkout = Checkout::at(directory.path());
        Progress::change(&checkout, "03-checksum", |done| {
            *done = Done { points: 45, best: 60, passed: vec!["words".into(), "odd".into()], ..Done::default() };
        })
        .unwrap();
        Progress::change(&checkout, "05-myping", |done| *done.hints.entry("match".into()).or_default() += 2).unwrap();
        let text = fs::read_to_string(checkout.progress()).unwrap();
        assert_eq!(
            text,
            "# What you have done in the labs, as `cargo lab` keeps it. Delete it to begin anew.\n\n\
             [\"03-checksum\"]\npoints = 45\nbest   = 60\npassed = [\"words\", \"odd\"]\n\n\
             [\"05-myping\"]\npoints = 0\nbest   = 0\npassed = []\nhints  = { \"match\" = 2 }\n"
        );
        assert_eq!(Progress::read(&checkout).unwrap().of("05-myping").unwrap().hints["match"], 2);
        assert_eq!(Progress::read(&checkout).unwrap().text(), text);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let checkout = Checkout::at(directory.path());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        Progress::change(&checkout, "03-checksum", |done| done.points += 1).unwrap();
                        Progress::read(&checkout).expect("whole whenever it is read");
                    }
                });
            }
        });
        assert_eq!(Progress::read(&checkout).unwrap().of("03-checksum").unwrap().points, 200);
    }

    #[test]
    fn spoiled_file_is_told_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let checkout = Checkout::at(directory.path());
        fs::write(checkout.progress(), "points = [").unwrap();
        let failure = Progress::change(&checkout, "03-checksum", |done| done.points = 1).unwrap_err();
        let Failure::Said { error, hint } = failure else { panic!("{failure:?}") };
        assert!(error.starts_with("'lab-progress.toml' cannot be understood: "), "{error}");
        assert!(hint.unwrap().contains("your files are not touched"));
        assert_eq!(fs::read_to_string(checkout.progress()).unwrap(), "points = [");
    }
}
