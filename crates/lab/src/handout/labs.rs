//! What of a lab is handed out.

use super::{Tree, listed};
use crate::dev::notes;
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use std::fs;
use std::path::Path;

/// The folders of a lab that are handed out, and the ends of their files' names. `src` is one of its own.
const FOLDERS: &[(&str, &[&str])] = &[("cases", &["toml", "snap"]), ("stub", &["rs"]), ("tests", &["rs"])];

/// Adds what is handed out of `lab`; the learner's file is the stub, whatever lies in its place here.
pub(super) fn add(tree: &mut Tree, root: &Path, lab: &Lab) -> Result<(), Failure> {
    let folder = Path::new("labs").join(lab.entry.folder());
    for (name, is_folder) in listed(&lab.folder)? {
        // The authors' notes show lines of the solution.
        if !is_folder && ends(&name, &["toml"]) && name != notes::FILE {
            tree.copy(root, &folder.join(name))?;
        }
    }
    for (within, kinds) in FOLDERS {
        let within = folder.join(within);
        if !root.join(&within).is_dir() {
            continue; // not every lab has cases
        }
        for (name, is_folder) in listed(&root.join(&within))? {
            if !is_folder && ends(&name, kinds) {
                tree.copy(root, &within.join(name))?;
            }
        }
    }
    for (name, is_folder) in listed(&lab.source())? {
        if !is_folder && ends(&name, &["rs"]) && name != lab.about.edit {
            tree.copy(root, &folder.join("src").join(name))?;
        }
    }
    let stub = fs::read(lab.stub()).map_err(|error| fail::io("read", &lab.stub(), &error))?;
    tree.put(folder.join("src").join(&lab.about.edit), stub);
    Ok(())
}

fn ends(name: &str, kinds: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| kinds.contains(&end))
}
