//! What an author notes of a lab: the mutants that no check notices, and why that is right. `labs/NN-name/mutants.toml`.

use super::mutants::Mutant;
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use serde::Deserialize;
use std::fs;

/// The file of a lab that the notes are in.
pub(crate) const FILE: &str = "mutants.toml";

/// The notes of a lab.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notes {
    #[serde(default)]
    pub(crate) survivor: Vec<Survivor>,
}

/// A mutant that no check notices.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Survivor {
    /// A line of the solution, without the blanks before it.
    pub(crate) line: String,
    /// What it becomes; empty: it is left out.
    pub(crate) becomes: String,
    /// Why no check need notice it.
    pub(crate) why: String,
}

impl Notes {
    /// Those of `lab`; none, where it has no such file.
    pub(crate) fn read(lab: &Lab) -> Result<Self, Failure> {
        let file = lab.folder.join(FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(fail::io("read", &file, &error)),
        };
        let wrong = |what: &str| Failure::said(format!("'{}': {}", file.display(), what.trim_end()));
        let notes: Self = toml::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        match notes.survivor.iter().find(|survivor| survivor.why.trim().is_empty()) {
            Some(survivor) => Err(wrong(&format!("'{}' has no reason", survivor.becomes))),
            None => Ok(notes),
        }
    }

    /// The note on a mutant.
    pub(crate) fn on(&self, mutant: &Mutant) -> Option<&Survivor> {
        self.survivor.iter().find(|survivor| survivor.line == mutant.line && survivor.becomes == mutant.becomes)
    }
}
