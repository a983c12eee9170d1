//! Failures that many commands have.

use cli::Failure;
use std::io;
use std::path::Path;

/// What could not be done with a file, in a sentence.
pub(crate) fn io(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::said(format!("cannot {what} '{}': {}", path.display(), reason(error)))
}

/// What went wrong, in the system's words but without its number for it.
pub(crate) fn reason(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_string()
}
