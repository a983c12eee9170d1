//! Files with secrets in them: nobody else may read them.

use cli::{Failure, Output, escape, reason};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Writes `bytes` with secrets to a file that its owner alone may read, and says so.
pub(crate) fn write_secret(path: &Path, bytes: &[u8], what: &str, out: &mut Output) -> Result<(), Failure> {
    let shown = escape(&path.to_string_lossy());
    let failed = |error: std::io::Error| Failure::said(format!("cannot write '{shown}': {}", reason(&error)));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    // A file that was there before keeps its permissions unless they are changed.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    out.note(&format!("'{shown}' holds {what}: who has it can read this connection"));
    Ok(())
}
