//! The folder that is handed out: written beside its place under another name, and put there whole.

use super::Tree;
use crate::checkout::Checkout;
use crate::{fail, workshop};
use cli::Failure;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder that is free.
#[derive(Debug)]
pub(super) struct Place {
    to: PathBuf,
}

/// What is being written. Dropped before it is in its place, it is gone.
struct Begun(PathBuf);

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Place {
    /// The folder `to`, if it can be one: not in the course, and with nothing in it.
    pub(super) fn find(checkout: &Checkout, to: &Path) -> Result<Self, Failure> {
        let failed = |error| fail::io("list", to, &error);
        match fs::read_dir(to).map(|mut folder| folder.next().is_none()) {
            Ok(true) => {}
            Ok(false) => {
                let said = Failure::said(format!("'{}' is not empty", to.display()));
                return Err(said.hint("name a folder that is not there yet; nothing is ever written over"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        // Where it will lie, links followed: the folder itself need not be there.
        let name = to.file_name().ok_or_else(|| Failure::said(format!("'{}' names no folder", to.display())))?;
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let parent = parent.canonicalize().map_err(|error| fail::io("find", parent, &error))?;
        let to = parent.join(name);
        let course = checkout.root().canonicalize().map_err(|error| fail::io("find", checkout.root(), &error))?;
        if to.starts_with(&course) {
            return Err(Failure::said(format!("'{}' is in the course itself, beside the solutions", to.display()))
                .hint("name a folder outside of it, as in `--to ../class`"));
        }
        Ok(Self { to })
    }

    /// Writes the files, lets Cargo see that they are a workspace, and gives the folder its name.
    pub(super) fn fill(&self, tree: &Tree) -> Result<(), Failure> {
        let name = self.to.file_name().unwrap_or_default().to_string_lossy();
        let begun = Begun(self.to.with_file_name(format!(".{name}.{}", std::process::id())));
        let made = fs::create_dir(&begun.0);
        made.map_err(|error| fail::io("create", &begun.0, &error))?;
        for (path, bytes) in &tree.0 {
            let path = begun.0.join(path);
            let folder = path.parent().unwrap_or(&path);
            fs::create_dir_all(folder).map_err(|error| fail::io("create", folder, &error))?;
            fs::write(&path, bytes).map_err(|error| fail::io("write", &path, &error))?;
        }
        workshop::settle(&begun.0)?;
        fs::rename(&begun.0, &self.to).map_err(|error| fail::io("create", &self.to, &error))
    }
}
