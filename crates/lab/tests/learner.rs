//! A learner's way through a lab, command by command, in a copy of the course.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// There is one copy, so that its crates are built once; tests have it in turns.
static TURN: Mutex<()> = Mutex::new(());

/// A copy of the course, with lab 3 in it and none other.
struct Course {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Course {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course");
        fs::create_dir_all(&root).unwrap();
        for linked in ["Cargo.toml", "crates", "testdata"] {
            let _ = fs::remove_file(root.join(linked));
            symlink(course.join(linked), root.join(linked)).unwrap();
        }
        fs::copy(course.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let _ = fs::remove_file(root.join("lab-progress.toml"));
        let _ = fs::remove_dir_all(root.join("labs"));
        copy(&course.join("labs/03-checksum"), &root.join("labs/03-checksum"));
        let course = Self { root, _turn: turn };
        fs::copy(course.lab("stub/checksum.rs"), course.lab("src/checksum.rs")).unwrap();
        course
    }

    /// A path in the lab's folder.
    fn lab(&self, path: &str) -> PathBuf {
        self.root.join("labs/03-checksum").join(path)
    }

    fn write(&self, from: &str) {
        fs::copy(self.lab(from), self.lab("src/checksum.rs")).unwrap();
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.args(words.split_whitespace()).current_dir(&self.root);
        ["FIRSTHOP_NET", "FIRSTHOP_AT", "FIRSTHOP_HOST", "CARGO_TARGET_DIR", "BLESS"].iter().for_each(|variable| {
            command.env_remove(variable);
        });
        command
    }

    /// What a learner meets.
    fn run(&self, words: &str) -> String {
        let output = self.command(words).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let code = output.status.code().unwrap();
        format!("$ cargo lab {words}\n{out}{err}exit {code}\n")
    }

    fn runs(&self, commands: &[&str]) -> String {
        commands.iter().map(|words| self.run(words)).collect::<Vec<_>>().join("\n")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn lab_is_begun_checked_helped_with_mended_and_done() {
    let course = Course::new();
    let begun = course.runs(&["list", "start 03", "check 03", "hint 03", "hint 03 words", "hint 03", "hint 03"]);
    let too_early = course.runs(&["solution 03", "diff 03 --solution"]);
    course.write("wrong/fold-once/checksum.rs");
    let nearly = course.runs(&["check 3", "hint checksum", "diff 03"]);
    let broken = fs::read_to_string(course.lab("solution/checksum.rs"))
        .unwrap()
        .replace("let mut total: u32 = 0;", "let mut total: u32 = 0");
    fs::write(course.lab("src/checksum.rs"), broken).unwrap();
    let broken = course.run("check 03");
    let anew = course.runs(&["reset 03", "reset 03"]);
    assert!(fs::read_to_string(course.lab("src/checksum.rs.1.bak")).unwrap().contains("u32 = 0\n"));
    course.write("solution/checksum.rs");
    let done = course.runs(&["check 03", "hint 03", "diff 03 --solution", "run 03 -- 45 00 95", "list"]);
    let shown = course.run("solution 03");
    assert!(shown.contains("pub fn sum(data: &[u8]) -> Lab<u16> {\n    let mut total") && shown.ends_with("exit 0\n"));
    // What the compiler says differs from version to version in its last lines.
    let broken = broken.split_inclusive('\n').filter(|line| !line.contains("= note")).collect::<String>();
    insta::assert_snapshot!([begun, too_early, nearly, broken, anew, done].join("\n"));
    let progress = fs::read_to_string(course.root.join("lab-progress.toml")).unwrap();
    insta::assert_snapshot!("progress_is_a_file_that_people_can_read", progress);
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let course = Course::new();
    let calls = course.runs(&[
        "check 99",
        "check cheksum",
        "start 04",
        "hint 03 wrds",
        "check",
        "frobnicate",
        "run 03 --net nowhere 45",
        "run 03 zz",
    ]);
    fs::write(course.root.join("lab-progress.toml"), "this is no TOML").unwrap();
    let spoiled = course.run("list");
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = course.command("list").current_dir(elsewhere.path()).output().unwrap();
    let outside =
        String::from_utf8_lossy(&outside.stderr).replace(&elsewhere.path().display().to_string(), "/elsewhere");
    insta::assert_snapshot!([calls, spoiled, outside].join("\n"));
}

#[test]
fn resolver_that_was_written_walks_the_tree_of_a_network() {
    let course = Course::new();
    let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs/18-mini-dig"), "labs/18-mini-dig");
    for folder in ["src", "tests"] {
        copy(&from.join(folder), &course.root.join(to).join(folder));
    }
    for file in ["lab.toml", "Cargo.toml"] {
        fs::copy(from.join(file), course.root.join(to).join(file)).unwrap();
    }
    fs::copy(from.join("solution/mini_dig.rs"), course.root.join(to).join("src/mini_dig.rs")).unwrap();
    insta::assert_snapshot!(course.runs(&[
        "run 18 --net names -- walk www.far.org",
        "run 18 --net names -- walk nosuch.example.com",
        "run 18 --net names -- walk help.example.com",
        "run 18 --net names -- walk lame.com NS",
        "run 18 --net names --at web -- walk www.example.com AAAA",
        "run 18 --net names -- walk big.example.org TXT",
        "run 18 --net names -- walk www.example.com @web",
        "run 18 --net names -- walk",
    ]));
}

#[test]
fn two_checks_at_once_say_the_same_and_keep_the_progress_whole() {
    let course = Course::new();
    course.write("solution/checksum.rs");
    let first = course.run("check 03");
    assert!(first.contains("100 of 100 points in lab 03"), "{first}");
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| course.run("check 03"))).collect();
        let hints: Vec<_> = (0..4).map(|_| scope.spawn(|| course.run("hint 03 odd"))).collect();
        assert!(runs.into_iter().all(|run| run.join().unwrap() == first));
        assert!(hints.into_iter().all(|hint| hint.join().unwrap().ends_with("exit 0\n")));
    });
    let progress = fs::read_to_string(course.root.join("lab-progress.toml")).unwrap();
    assert!(progress.contains("best   = 100\n") && progress.contains("\"odd\" = 3"), "{progress}");
}
