//! A lab as its `lab.toml` describes it.

use crate::curriculum::Entry;
use crate::fail;
use cli::Failure;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many points a lab has.
pub(crate) const POINTS: u32 = 100;
/// How many hints a check has.
pub(crate) const HINTS: usize = 3;

/// A lab: what there is to write, and what is checked.
#[derive(Debug, Clone)]
pub struct Lab {
    pub(crate) entry: &'static Entry,
    pub(crate) folder: PathBuf,
    pub(crate) about: About,
}

/// What `lab.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) minutes: u32,
    /// The file in `src/` that the learner writes.
    pub(crate) edit: String,
    /// The crates that the program may use.
    pub(crate) crates: Vec<String>,
    /// The sockets that the program may open.
    pub(crate) sockets: Vec<Sockets>,
    /// What to read before.
    pub(crate) read: Vec<String>,
    pub(crate) checks: Vec<Check>,
}

/// A kind of socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sockets {
    Link,
    Raw,
    Udp,
}

/// One check, and what it is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) points: u32,
    /// Checks that must pass before this one is judged.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// From a nudge to nearly the answer.
    pub(crate) hints: [String; HINTS],
}

impl Lab {
    pub(crate) fn read(entry: &'static Entry, folder: PathBuf) -> Result<Self, Failure> {
        let file = folder.join("lab.toml");
        let text = fs::read_to_string(&file).map_err(|error| fail::io("read", &file, &error))?;
        let wrong = |what: String| Failure::said(format!("'{}': {what}", file.display()));
        let about: About = toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().into()))?;
        about.sound().map_err(wrong)?;
        Ok(Self { entry, folder, about })
    }

    /// How one names it: `03`.
    pub(crate) fn number(&self) -> String {
        format!("{:02}", self.entry.number)
    }

    /// The learner's file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.source().join(&self.about.edit)
    }

    /// The folder that the program is built from.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join("src")
    }

    /// The learner's file as it was handed out.
    pub(crate) fn stub(&self) -> PathBuf {
        self.folder.join("stub").join(&self.about.edit)
    }

    /// The file as it could be.
    pub(crate) fn solution(&self) -> PathBuf {
        self.folder.join("solution").join(&self.about.edit)
    }

    /// The wrong solutions that must be caught, by their names.
    pub(crate) fn wrong(&self) -> Result<Vec<(String, PathBuf)>, Failure> {
        let folder = self.folder.join("wrong");
        let failed = |error: std::io::Error| fail::io("list", &folder, &error);
        let mut found = vec![];
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            found.push((entry.file_name().to_string_lossy().into_owned(), entry.path().join(&self.about.edit)));
        }
        found.sort();
        Ok(found)
    }

    pub(crate) fn check(&self, name: &str) -> Option<&Check> {
        self.about.checks.iter().find(|check| check.name == name)
    }
}

impl About {
    /// Points add up, names are different, and what a check needs stands before it.
    fn sound(&self) -> Result<(), String> {
        let points: u32 = self.checks.iter().map(|check| check.points).sum();
        if points != POINTS {
            return Err(format!("the checks have {points} points, and {POINTS} is right"));
        }
        let mut before = BTreeSet::new();
        for check in &self.checks {
            if let Some(need) = check.needs.iter().find(|need| !before.contains(need.as_str())) {
                return Err(format!("check '{}' needs '{need}', which does not stand before it", check.name));
            }
            if !before.insert(check.name.as_str()) {
                return Err(format!("there are two checks '{}'", check.name));
            }
        }
        let is_plain = Path::new(&self.edit).file_name().is_some_and(|name| name == self.edit.as_str());
        if is_plain { Ok(()) } else { Err(format!("'{}' is no file in src", self.edit)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(checks: &str) -> Result<(), String> {
        let head = "title = \"x\"\nminutes = 1\nedit = \"x.rs\"\ncrates = []\nsockets = []\nread = []\n";
        let about: About = toml::from_str(&format!("{head}{checks}")).map_err(|error| error.to_string())?;
        about.sound()
    }

    fn check(name: &str, points: u32, needs: &str) -> String {
        format!("[[checks]]\nname = \"{name}\"\npoints = {points}\nneeds = [{needs}]\nhints = [\"a\", \"b\", \"c\"]\n")
    }

    #[test]
    fn points_must_add_up_and_needs_must_stand_before() {
        assert_eq!(about(&[check("a", 60, ""), check("b", 40, "\"a\"")].concat()), Ok(()));
        let error = about(&check("a", 60, "")).unwrap_err();
        assert_eq!(error, "the checks have 60 points, and 100 is right");
        let error = about(&[check("a", 60, "\"b\""), check("b", 40, "")].concat()).unwrap_err();
        assert_eq!(error, "check 'a' needs 'b', which does not stand before it");
        assert!(about(&[check("a", 60, ""), check("a", 40, "")].concat()).unwrap_err().contains("two checks"));
        assert!(about("nonsense = 1").unwrap_err().contains("unknown field"));
    }
}
