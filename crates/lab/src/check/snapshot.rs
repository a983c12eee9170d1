//! Transcripts as files, in insta's format: a head between two lines of three dashes, and the text.
//!
//! The format only: no variable and no setting of insta is asked, so none can make a wrong transcript right.

use crate::fail;
use cli::Failure;
use std::fs;
use std::path::Path;

const LINE: &str = "---\n";

/// The text of the snapshot at `path`.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let file = fs::read_to_string(path).map_err(|error| fail::io("read", path, &error))?;
    let text = file.strip_prefix(LINE).and_then(|rest| rest.split_once("\n---\n")).map(|(_, text)| text);
    let wrong = || Failure::said(format!("'{}' is no snapshot: its head does not end", path.display()));
    text.map(String::from).ok_or_else(wrong)
}

/// Writes `text` as the snapshot at `path`, with what it shows in its head.
pub(super) fn write(path: &Path, shows: &str, text: &str) -> Result<(), Failure> {
    let shows = shows.replace('\\', "\\\\").replace('"', "\\\"");
    let file = format!("{LINE}description: \"{shows}\"\n{LINE}{text}");
    fs::write(path, file).map_err(|error| fail::io("write", path, &error))
}

/// The first line in which two texts differ, and its number from 1; spaces at the end of lines and empty lines at the end of all
/// do not count.
pub(super) fn first_difference<'a>(expected: &'a str, got: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut expected, mut got) = (expected.trim_end().lines(), got.trim_end().lines());
    for number in 1.. {
        match (expected.next(), got.next()) {
            (None, None) => return None,
            (a, b) if a.map(str::trim_end) == b.map(str::trim_end) => {}
            (a, b) => return Some((number, a.unwrap_or("nothing more"), b.unwrap_or("nothing more"))),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_with_its_own_dashes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.snap");
        let text = "reply seq=1\n---\n1 sent\n";
        write(&path, "--fault 'a \"b\"'", text).unwrap();
        assert_eq!(read(&path).unwrap(), text);
        fs::write(&path, "reply").unwrap();
        assert!(read(&path).is_err());
    }

    #[test]
    fn first_difference_is_found_at_the_end_too() {
        assert_eq!(first_difference("a\nb\n", "a \nb"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some((2, "b", "c")));
        assert_eq!(first_difference("a\nb\n", "a\n"), Some((2, "b", "nothing more")));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some((2, "nothing more", "b")));
    }
}
