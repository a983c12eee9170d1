//! A program for everybody.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// A copy of a program where everybody may read it: a target directory may lie in somebody's home. Dropped, it is gone.
///
/// To be made before the tests start: Linux does not run a file that is open for writing, and a process that another test starts
/// meanwhile would hold it open.
#[derive(Debug)]
pub struct PublicCopy(PathBuf);

impl PublicCopy {
    /// A copy of the program at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room for a copy.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, String> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let copy = env::temp_dir().join(format!("fh-{}-{name}", process::id()));
        fs::copy(path, &copy)
            .map_err(|error| format!("cannot copy {} to {}: {error}", path.display(), copy.display()))?;
        Ok(Self(copy))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PublicCopy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
