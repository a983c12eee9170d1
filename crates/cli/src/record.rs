//! Files that a run leaves: captures and traces.
//!
//! A file is written under a name of its own and takes its place when the run has finished, so that a run which could not start
//! leaves nothing behind and spoils no older file. What is no regular file (a pipe, `/dev/stdout`) is written directly.

use crate::failure::reason;
use crate::{Failure, escape};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The files of a run. Dropped without [`Recording::keep`], they are gone.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// Where a file is written, and where it belongs.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Recording {
    /// A sink for what shall be at `path` when the run has finished.
    pub(crate) fn create(&mut self, path: &Path) -> Result<Box<dyn Write>, Failure> {
        self.open(path).map_err(|error| {
            let failure = Failure::said(error.to_string());
            match error.kind() {
                io::ErrorKind::NotFound => failure.hint("the directory must be there already"),
                io::ErrorKind::PermissionDenied => failure.hint("choose a directory that you may write to"),
                _ => failure,
            }
        })
    }

    /// As [`Recording::create`]; `-` is standard error.
    pub(crate) fn create_or_stderr(&mut self, path: &Path) -> Result<Box<dyn Write>, Failure> {
        if path == Path::new("-") { Ok(Box::new(io::stderr())) } else { self.create(path) }
    }

    /// Makes a directory for captures, if it is not there.
    pub(crate) fn create_dir(&self, dir: &Path) -> Result<(), Failure> {
        fs::create_dir_all(dir).map_err(|error| failed(told("create the directory", dir, &error)))
    }

    /// A sink for the file `name` in `dir`. The name comes from a network file, which may be anybody's.
    pub(crate) fn create_in(&mut self, dir: &Path, name: &str) -> io::Result<Box<dyn Write>> {
        if name.contains(['/', '\\', ':', '\0']) {
            return Err(io::Error::other(format!("the link of '{}' has a name that no file can have", escape(name))));
        }
        self.open(&dir.join(name))
    }

    fn open(&mut self, path: &Path) -> io::Result<Box<dyn Write>> {
        let problem = |error: io::Error| told("create", path, &error);
        // A link stays a link: the file behind it is replaced.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let special = fs::metadata(&place).is_ok_and(|there| !there.is_file());
        let written = if special { place } else { self.written_at(place).map_err(problem)? };
        let file = File::create(&written).map_err(problem)?;
        Ok(Box::new(Sink { path: path.to_path_buf(), file: BufWriter::new(file) }))
    }

    /// Where to write what belongs at `place`.
    fn written_at(&mut self, place: PathBuf) -> io::Result<PathBuf> {
        let Some(name) = place.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
        let written = place.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        self.files.push((written.clone(), place));
        Ok(written)
    }

    /// Puts all files where they belong.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        for (written, place) in std::mem::take(&mut self.files) {
            fs::rename(&written, &place).map_err(|error| failed(told("write", &place, &error)))?;
        }
        Ok(())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        for (written, _) in &self.files {
            // One that could not be created is not there.
            let _ = fs::remove_file(written);
        }
    }
}

/// An error of a recording, which has its own sentence already.
pub(crate) fn failed(error: io::Error) -> Failure {
    Failure::said(error.to_string())
}

/// A file whose errors name it.
struct Sink {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| told("write", &self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| told("write", &self.path, &error))
    }
}

/// "cannot create 'x': permission denied", of the same kind as `error`.
fn told(what: &str, path: &Path, error: &io::Error) -> io::Error {
    let path = escape(&path.to_string_lossy());
    io::Error::new(error.kind(), format!("cannot {what} '{path}': {}", reason(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_file_stays_until_the_new_one_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.pcapng");
        fs::write(&path, "old").unwrap();
        let mut recording = Recording::default();
        let mut sink = recording.create(&path).unwrap();
        sink.write_all(b"new").unwrap();
        sink.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        recording.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn link_with_the_name_of_a_path_is_refused() {
        let error = Recording::default().create_in(Path::new("/tmp"), "../x.pcapng").err().unwrap();
        assert_eq!(error.to_string(), "the link of '../x.pcapng' has a name that no file can have");
    }

    #[cfg(unix)]
    #[test]
    fn file_that_cannot_be_is_named_with_the_reason() {
        let mut recording = Recording::default();
        for (path, sentence) in [
            ("/no/such/dir/x", "cannot create '/no/such/dir/x': No such file or directory"),
            ("/", "cannot create '/': Is a directory"),
        ] {
            let Err(Failure::Said { error, .. }) = recording.create(Path::new(path)) else { panic!("{path}") };
            assert_eq!(error, sentence);
        }
    }
}
