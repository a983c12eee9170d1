//! An author's new lab, in a copy of the course. That the checks of the new lab are what they must be, CI proves with a runner that
//! is built anew: what a lab is asked is part of the runner.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// There is one copy, so that its crates are built once; tests have it in turns.
static TURN: Mutex<()> = Mutex::new(());

/// What may be written to is a copy, and all else leads to the course.
struct Course {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Course {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authored");
        fs::create_dir_all(&root).unwrap();
        for old in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap()).filter(|old| old.file_name() != "target") {
            let path = old.path();
            if old.file_type().unwrap().is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        let own = ["", "book", "book/src", "crates", "crates/lab", "crates/lab/src", "crates/lab/src/subjects", "labs"];
        own.iter().for_each(|folder| fs::create_dir_all(root.join(folder)).unwrap());
        let taken = |name: &str| !name.starts_with(".git") && name != "target" && name != "labs";
        for folder in own.iter().filter(|folder| **folder != "labs") {
            for entry in fs::read_dir(course.join(folder)).unwrap().map(|entry| entry.unwrap()) {
                let (name, to) = (entry.file_name(), root.join(folder).join(entry.file_name()));
                if taken(&name.to_string_lossy()) && !to.exists() {
                    symlink(entry.path(), to).unwrap();
                }
            }
        }
        symlink(course.join("labs/03-checksum"), root.join("labs/03-checksum")).unwrap();
        for copied in ["Cargo.lock", "book/src/SUMMARY.md", "crates/lab/src/subjects/mod.rs"] {
            fs::remove_file(root.join(copied)).unwrap();
            fs::copy(course.join(copied), root.join(copied)).unwrap();
        }
        Self { root, _turn: turn }
    }

    fn run(&self, words: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.args(words.split_whitespace()).current_dir(&self.root);
        ["FIRSTHOP_NET", "FIRSTHOP_AT", "FIRSTHOP_HOST", "CARGO_TARGET_DIR", "BLESS"].iter().for_each(|variable| {
            command.env_remove(variable);
        });
        let output = command.output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let said = format!("{out}{err}").replace(&self.root.display().to_string(), "COURSE");
        format!("$ cargo lab {words}\n{said}exit {}\n", output.status.code().unwrap())
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// What lies where a new lab puts something.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        for folder in ["", "labs", "labs/11-pmtud", "book/src", "book/src/labs", "crates/lab/src/subjects"] {
            let Ok(listed) = fs::read_dir(self.root.join(folder)) else { continue };
            for path in listed.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("Cargo.lock")) {
                files.insert(path.clone(), fs::read(&path).unwrap_or_default());
            }
        }
        files
    }
}

#[test]
fn new_lab_builds_and_says_what_is_to_be_written() {
    let course = Course::new();
    let before = course.files();
    let made = course.run("dev new 11-pmtud");
    assert_eq!(course.read("labs/11-pmtud/stub/pmtud.rs"), course.read("labs/11-pmtud/src/pmtud.rs"));
    for (path, lines) in [
        (
            "crates/lab/src/subjects/mod.rs",
            ["mod pmtud;\nmod pool;\n", "        \"pmtud\" => pmtud::parts(check, seed),\n        \"pool\""],
        ),
        ("book/src/SUMMARY.md", ["  - [Lab 11 pmtud: find the largest packet](labs/11.md)\n", "- [12 "]),
    ] {
        assert!(lines.iter().all(|line| course.read(path).contains(line)), "{}", course.read(path));
    }
    let texts: BTreeMap<_, _> =
        course.files().into_iter().filter(|(path, text)| before.get(path) != Some(text)).collect();
    let is_unfilled = |text: &Vec<u8>| String::from_utf8_lossy(text).contains('@');
    assert!(texts.keys().any(|path| path.ends_with("labs/11.md")) && !texts.values().any(is_unfilled));
    let start = course.run("start 11");
    let shown = start.strip_prefix("$ ").unwrap().strip_suffix("exit 0\n").unwrap();
    assert!(course.read("book/src/labs/11.md").contains(shown), "{start}");

    let mut ran = vec![course.run("run 11 -- 12 34")];
    for written in ["solution", "wrong/little-endian"] {
        let from = format!("labs/11-pmtud/{written}/pmtud.rs");
        fs::copy(course.root.join(from), course.root.join("labs/11-pmtud/src/pmtud.rs")).unwrap();
        ran.extend(["run 11 -- 12 34 56", "run 11 -- 12"].map(|words| course.run(words)));
    }
    insta::assert_snapshot!([vec![made], ran].concat().join("\n"));
}

#[test]
fn lab_that_cannot_be_made_is_a_sentence_and_nothing_is_left() {
    let course = Course::new();
    let before = course.files();
    let mut said =
        vec![course.run("dev new 03-checksum"), course.run("dev new 11-mtu"), course.run("dev new"), course.run("dev")];
    // A page of that number, which somebody began.
    fs::create_dir(course.root.join("book/src/labs")).unwrap();
    fs::write(course.root.join("book/src/labs/11.md"), "# Mine\n").unwrap();
    said.push(course.run("dev new 11"));
    assert_eq!(course.read("book/src/labs/11.md"), "# Mine\n");
    fs::remove_dir_all(course.root.join("book/src/labs")).unwrap();
    // The last thing that is written cannot be put in its place.
    for (broken, by) in [("book/src/SUMMARY.md", "# Summary\n"), ("crates/lab/src/subjects/mod.rs", "mod a;\n")] {
        let right = course.read(broken);
        fs::write(course.root.join(broken), by).unwrap();
        said.push(course.run("dev new 11"));
        fs::write(course.root.join(broken), right).unwrap();
    }
    // A file where the pages should be.
    fs::write(course.root.join("book/src/labs"), "").unwrap();
    said.push(course.run("dev new 11"));
    fs::remove_file(course.root.join("book/src/labs")).unwrap();
    let left: Vec<_> = course.files().into_iter().filter(|(path, text)| before.get(path) != Some(text)).collect();
    assert_eq!(left, []);
    insta::assert_snapshot!(said.join("\n"));
}
