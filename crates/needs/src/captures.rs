//! Captures that nobody here made: those in the folder that `FIRSTHOP_CAPTURES` names.
//!
//! `.ci/run` fills one with what packages of other projects ship for their own tests.

use crate::need::CAPTURES;
use crate::{Failed, Need};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The need `captures`: the folder, and the program `tshark`.
#[must_use]
pub fn need() -> Need {
    crate::need::captures()
}

/// All capture files in the folder and below, by their names: `.pcap`, `.pcapng`, `.cap`, also compressed by gzip.
///
/// # Errors
/// When a folder cannot be read.
pub fn files() -> Result<Vec<PathBuf>, Failed> {
    let mut found = vec![];
    collect(Path::new(&env::var_os(CAPTURES).unwrap_or_default()), &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found)?;
        } else if is_capture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_capture(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".pcap", ".pcapng", ".cap"].iter().any(|ending| name.ends_with(ending)) && path.is_file()
}
