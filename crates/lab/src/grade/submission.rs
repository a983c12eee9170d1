//! What somebody handed in: a folder, and in it the one file that is looked at.

use super::graded::harmless;
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The longest file that is taken.
const LONGEST: u64 = 256 << 10;
/// How many of the files that are not looked at are named.
const NAMED: usize = 12;

/// A folder that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submission {
    pub(super) name: String,
    folder: PathBuf,
}

/// What is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HandedIn {
    /// The file's text, or why there is none to be had.
    pub(super) source: Result<String, String>,
    /// What else there is, in a few words.
    pub(super) ignored: Vec<String>,
}

impl Submission {
    /// The folders by their names, which must all be different.
    pub(super) fn all(folders: &[PathBuf]) -> Result<Vec<Self>, Failure> {
        let mut all: Vec<Self> = vec![];
        for folder in folders {
            // As it was named, whatever it may be a link to; only `.` and `..` say no name themselves.
            let named = match folder.file_name() {
                Some(_) => folder.clone(),
                None => fs::canonicalize(folder).map_err(|error| fail::io("read", folder, &error))?,
            };
            let name = harmless(&cli::escape_bytes(named.file_name().unwrap_or_default().as_encoded_bytes()));
            if all.iter().any(|before| before.name == name) {
                return Err(Failure::said(format!("two submissions are called '{name}'"))
                    .hint("results are kept by the name of the folder: rename one of them"));
            }
            all.push(Self { name, folder: folder.clone() });
        }
        Ok(all)
    }

    /// Reads the file that `lab` asks for. Nothing else of the folder is opened.
    pub(super) fn read(&self, lab: &Lab) -> HandedIn {
        let edit = lab.about.edit.as_str();
        let places = [
            PathBuf::from(edit),
            Path::new("src").join(edit),
            Path::new("labs").join(lab.entry.folder()).join("src").join(edit),
        ];
        if let Err(why) = self.is_folder() {
            return HandedIn { source: Err(why), ignored: vec![] };
        }
        let there = |place: &&PathBuf| fs::symlink_metadata(self.folder.join(place)).is_ok();
        let Some(place) = places.iter().find(there) else {
            let why = if fs::read_dir(&self.folder).is_ok_and(|mut entries| entries.next().is_none()) {
                "the folder is empty".to_string()
            } else {
                format!("there is no '{edit}', nor 'src/{edit}'")
            };
            return HandedIn { source: Err(why), ignored: self.others(None) };
        };
        HandedIn { source: self.text(place), ignored: self.others(Some(place)) }
    }

    fn is_folder(&self) -> Result<(), String> {
        let kind = fs::symlink_metadata(&self.folder).map_err(|error| fail::reason(&error))?.file_type();
        match (kind.is_symlink(), kind.is_dir()) {
            (true, _) => Err("it is a link, and links are not followed".into()),
            (false, true) => fs::read_dir(&self.folder)
                .map(drop)
                .map_err(|error| format!("the folder cannot be listed: {}", fail::reason(&error))),
            (false, false) => Err("it is no folder".into()),
        }
    }

    fn text(&self, place: &Path) -> Result<String, String> {
        let mut folder = self.folder.clone();
        for part in place.parent().unwrap_or(Path::new("")) {
            folder.push(part);
            if fs::symlink_metadata(&folder).is_ok_and(|found| found.file_type().is_symlink()) {
                return Err(format!("'{}' is a link, and links are not followed", part.display()));
            }
        }
        let shown = place.display();
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = open(self.folder.join(place), flags, Mode::empty()).map_err(|error| match error {
            rustix::io::Errno::LOOP | rustix::io::Errno::MLINK => {
                format!("'{shown}' is a link, and links are not followed")
            }
            error => format!("'{shown}' cannot be read: {}", fail::reason(&error.into())),
        })?;
        let found = fstat(&opened).map_err(|error| fail::reason(&error.into()))?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(format!("'{shown}' is no ordinary file"));
        }
        if found.st_nlink > 1 {
            return Err(format!("'{shown}' is a file that has other names, too (a hard link)"));
        }
        let mut bytes = vec![];
        File::from(opened)
            .take(LONGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("'{shown}' cannot be read: {}", fail::reason(&error)))?;
        if bytes.len() as u64 > LONGEST {
            return Err(format!("'{shown}' is longer than {} KiB", LONGEST >> 10));
        }
        String::from_utf8(bytes)
            .map_err(|error| format!("'{shown}' is not UTF-8: byte {} is not", error.utf8_error().valid_up_to()))
    }

    /// What else lies in the folder, and beside the file.
    fn others(&self, taken: Option<&Path>) -> Vec<String> {
        let within = taken.and_then(Path::parent).into_iter().flat_map(Path::ancestors);
        let mut folders: Vec<PathBuf> = within.map(Path::to_path_buf).chain([PathBuf::new()]).collect();
        folders.sort();
        folders.dedup();
        let mut names = vec![];
        for folder in folders {
            let Ok(entries) = fs::read_dir(self.folder.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                if !taken.is_some_and(|taken| taken.starts_with(&path)) {
                    names.push(harmless(&cli::escape_bytes(path.as_os_str().as_encoded_bytes())));
                }
            }
        }
        names.sort();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        names.extend((more > 0).then(|| format!("and {more} more")));
        names
    }
}
