//! `--explain=TOPIC`: ten lines about one thing. The book's chapters include the same files, so each fact has one place.

use crate::failure::choice;
use crate::{Failure, escape};

/// Declares the topics, each of which is a file of `book/topics`.
macro_rules! topics {
    ($($name:literal),* $(,)?) => {
        /// All topics, by name.
        const TOPICS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../book/topics/", $name, ".md")))),*];
    };
}

topics!(
    "announcement",
    "arp-probe",
    "arp-reply",
    "arp-request",
    "broadcast",
    "checksum",
    "df",
    "duplicate",
    "echo",
    "flow",
    "fragment",
    "gratuitous",
    "identifier",
    "mac-address",
    "mtu",
    "path-mtu",
    "port-unreachable",
    "rate-limit",
    "rst",
    "sequence",
    "silence",
    "tcp-syn",
    "time-exceeded",
    "ttl",
    "unreachable",
);

/// The word that asks which topics there are.
const LIST: &str = "list";

/// What is said of a topic; of `list` the names of all.
///
/// # Errors
/// An unknown topic, with the nearest one.
pub(crate) fn text(topic: &str) -> Result<String, Failure> {
    if topic == LIST {
        return Ok(names().map(|name| format!("{name}\n")).collect());
    }
    let same = |name: &str| name.eq_ignore_ascii_case(topic);
    TOPICS.iter().find(|(name, _)| same(name)).map(|(_, text)| (*text).to_string()).ok_or_else(|| unknown(topic))
}

fn names() -> impl Iterator<Item = &'static str> {
    TOPICS.iter().map(|(name, _)| *name)
}

fn unknown(topic: &str) -> Failure {
    let names: Vec<String> = names().map(String::from).collect();
    let hint = choice("topics", topic, &names).unwrap_or_default();
    Failure::said(format!("--explain knows nothing of '{}'", escape(topic))).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::WIDTH;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_topic_is_some_ten_lines_that_fit_and_name_their_source() {
        for (name, text) in TOPICS {
            let lines: Vec<&str> = text.lines().collect();
            assert!((9..=15).contains(&lines.len()), "{name} has {} lines", lines.len());
            assert!(text.is_ascii() && text.contains("RFC ") && text.ends_with('\n'), "{name}");
            assert!(lines.iter().all(|line| line.len() <= WIDTH - 2), "{name} is too wide");
            assert!(text.contains("\nTry `"), "{name} has nothing to try");
        }
    }

    #[test]
    fn every_file_of_the_book_is_a_topic_in_its_place() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/topics");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let files: BTreeSet<String> = files.map(|file| file.trim_end_matches(".md").to_string()).collect();
        assert!(names().map(String::from).eq(files), "the list has the files' names, sorted");
    }

    #[test]
    fn unknown_topic_is_answered_with_the_nearest_or_with_all() {
        let said = |topic| match text(topic) {
            Err(Failure::Said { error, hint }) => (error, hint.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let (error, hint) = said("tll");
        assert_eq!(error, "--explain knows nothing of 'tll'");
        assert!(hint.starts_with("topics are announcement, arp-probe, "), "{hint}");
        assert!(hint.ends_with(", ttl, unreachable; did you mean 'ttl'?"), "{hint}");
        assert!(said("quantum-entanglement").1.ends_with(", ttl, unreachable"));
        assert_eq!(text("list").unwrap().lines().count(), TOPICS.len());
        assert!(text("TTL").unwrap().starts_with("Each router"));
    }
}
