//! Each of the cheats in `labs/cheats` gets the verdict that stands beside it, in a box with namespaces and in one without; and
//! nothing is left behind.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One class at a time: what is left behind is looked for on the whole machine.
static TURN: Mutex<()> = Mutex::new(());

/// A file of `labs/cheats`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cheat {
    /// What it does, and what must become of it, for people.
    what: String,
    verdict: String,
    submissions: Vec<Submission>,
}

/// One way to do it: a file that is made from the lab's own solution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submission {
    lab: String,
    /// `solution`, `stub` or `none`.
    #[serde(default = "solution")]
    base: String,
    /// What is no ordinary file is made by the test.
    make: Option<String>,
    name: Option<String>,
    /// How many points it must get, or `"any"`.
    points: Points,
    /// One of these must be said of it.
    says: Vec<String>,
    #[serde(default)]
    ignored: Vec<String>,
    /// What it must be listed as nearly the same as.
    alike: Option<String>,
    /// `code` stands before this line.
    before: Option<String>,
    code: Option<String>,
    head: Option<String>,
    append: Option<String>,
    #[serde(default)]
    rename: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Points {
    These(u64),
    Any(String),
}

fn solution() -> String {
    "solution".into()
}

fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The lab's folder and file.
fn lab(number: &str) -> (PathBuf, &'static str) {
    match number {
        "03" => (course().join("labs/03-checksum"), "checksum.rs"),
        "05" => (course().join("labs/05-myping"), "myping.rs"),
        other => panic!("no cheat is for lab {other}"),
    }
}

/// All of them, with the names of their folders.
fn cheats() -> Vec<(String, Submission)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(course().join("labs/cheats")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = vec![];
    for (number, file) in (1..).zip(&files) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(name.starts_with(&format!("{number:02}-")), "{name} is number {number}");
        let cheat: Cheat =
            toml::from_str(&fs::read_to_string(file).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(cheat.what.ends_with('.') && cheat.verdict.ends_with('.'), "{name}");
        for (at, submission) in (1..).zip(cheat.submissions) {
            let name = submission.name.clone().unwrap_or_else(|| format!("{name}-{at}"));
            all.push((name, submission));
        }
    }
    assert_eq!(files.len(), 30);
    all
}

impl Submission {
    fn source(&self, name: &str) -> String {
        let (folder, file) = lab(&self.lab);
        let mut source = match self.base.as_str() {
            "none" => String::new(),
            base => fs::read_to_string(folder.join(base).join(file)).unwrap(),
        };
        if let (Some(before), Some(code)) = (&self.before, &self.code) {
            assert_eq!(source.matches(before.as_str()).count(), 1, "{name}: its line is once in the solution");
            source = source.replace(before.as_str(), &format!("{code}{before}"));
        }
        for (from, to) in &self.rename {
            source = source.replace(from.as_str(), to);
        }
        // The file's own head is a comment about the file, and nothing may stand before it.
        if let Some(head) = &self.head {
            source = format!("{head}\n{}", source.replace("//!", "//"));
        }
        source + self.append.as_deref().unwrap_or_default()
    }

    /// Hands it in, in a folder of this name.
    fn hand_in(&self, place: &Path, name: &str) -> PathBuf {
        let (_, file) = lab(&self.lab);
        let folder = place.join(name);
        fs::create_dir_all(&folder).unwrap();
        for (path, text) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (to, right) = (folder.join(file), lab(&self.lab).0.join("solution").join(file));
        let source = || fs::read_to_string(&right).unwrap();
        match self.make.as_deref() {
            None => fs::write(to, self.source(name)).unwrap(),
            Some("symlink") => symlink(right, to).unwrap(),
            Some("hard-link") => {
                fs::write(&to, source()).unwrap();
                fs::hard_link(to, place.join("another-name.rs")).unwrap();
            }
            Some("linked-folder") => {
                fs::remove_dir(&folder).unwrap();
                symlink(right.parent().unwrap(), &folder).unwrap();
            }
            Some("fifo") => mknodat(CWD, to, FileType::Fifo, Mode::RUSR, 0).unwrap(),
            Some("long") => fs::write(to, source() + &"// x\n".repeat(10 << 20)).unwrap(),
            Some("not-utf8") => fs::write(to, [source().as_bytes(), b"// \xff\n"].concat()).unwrap(),
            Some("outside") => {
                fs::create_dir(folder.join("deep")).unwrap();
                fs::write(folder.join("deep").join(file), source()).unwrap();
            }
            Some("empty") => {}
            Some("parentheses") => {
                let many = 100_000;
                let deep = format!("pub const DEEP: u8 = {}1{};\n", "(".repeat(many), ")".repeat(many));
                fs::write(to, source() + &deep).unwrap();
            }
            Some("many-errors") => fs::write(to, source() + &"a!();\n".repeat(35_000)).unwrap(),
            Some(other) => panic!("{name}: nobody knows how to make '{other}'"),
        }
        folder
    }
}

/// Grades all cheats for a lab, and looks at what becomes of each.
fn grade(number: &str, options: &[&str]) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let directory = tempfile::tempdir().unwrap();
    let class = directory.path().join("class");
    let cheats: Vec<(String, Submission)> = cheats().into_iter().filter(|(_, cheat)| cheat.lab == number).collect();
    let folders: Vec<PathBuf> = cheats.iter().map(|(name, cheat)| cheat.hand_in(&class, name)).collect();
    let (out, before) = (directory.path().join("results"), benches());
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command
        .current_dir(course())
        .args(["grade", number, "--jobs", "3", "--out"])
        .arg(&out)
        .args(options)
        .args(&folders);
    let ran = command.env("GRADER_SECRET", "SEED").output().unwrap();
    let (table, said) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned());
    assert_eq!(ran.status.code(), Some(0), "{table}{said}");

    let results: Value = serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap();
    let mut wrong = vec![];
    for (name, cheat) in &cheats {
        wrong.extend(verdict(&results, &out, name, cheat).err());
    }
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
    for text in fs::read_dir(&out).unwrap().flat_map(|entry| texts(&entry.unwrap().path())).chain([table, said]) {
        let acts = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(acts, None, "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::") || line.contains("##[")), "{text}");
    }
    let xml = fs::read_to_string(out.join("junit.xml")).unwrap();
    assert_eq!(xml.matches("<testsuite ").count(), cheats.len());
    assert_eq!(xml.matches("<testcase ").count(), xml.matches("</testcase>").count());

    // Nothing is left behind.
    assert_eq!(benches(), before, "folders of a run");
    for place in ["/tmp", "/var/tmp", "/dev/shm", "/run", "/"].iter().map(Path::new).chain([course().as_path()]) {
        let left = fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("cheat-")).collect();
        assert!(left.is_empty(), "{}: {left:?}", place.display());
    }
    let mut left = processes();
    for _ in 0..50 {
        if left.is_empty() {
            break;
        }
        wait();
        left = processes();
    }
    assert!(left.is_empty(), "{left:?}");
    let sockets = fs::read_to_string("/proc/net/unix").unwrap();
    assert!(!sockets.contains("cheat-"), "{sockets}");
    drop(turn);
}

fn verdict(results: &Value, out: &Path, name: &str, cheat: &Submission) -> Result<(), String> {
    let shown = cli::escape(name);
    let all = results["submissions"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == shown.as_str()).ok_or(format!("{shown}: is not there"))?;
    match &cheat.points {
        Points::These(points) if found["points"] != *points => {
            return Err(format!("{shown}: not {points} points but {}: {found:#}", found["points"]));
        }
        Points::These(_) => {}
        Points::Any(any) => assert_eq!(any, "any"),
    }
    let of_it = |folder: PathBuf| -> Option<String> {
        let graded: Value = serde_json::from_str(&fs::read_to_string(folder.join("graded.json")).ok()?).ok()?;
        if graded["name"] == shown.as_str() { fs::read_to_string(folder.join("report.txt")).ok() } else { None }
    };
    let report = fs::read_dir(out)
        .unwrap()
        .find_map(|entry| of_it(entry.unwrap().path()))
        .ok_or(format!("{shown}: no report"))?;
    if !cheat.says.iter().any(|says| report.contains(says)) {
        return Err(format!("{shown}: not {:?} but\n{report}", cheat.says));
    }
    let ignored: Vec<&str> = found["ignored"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    if let Some(missing) = cheat.ignored.iter().find(|name| !ignored.contains(&name.as_str())) {
        return Err(format!("{shown}: '{missing}' is not named among {ignored:?}"));
    }
    let alike =
        |pair: &Value| pair["one"] == shown.as_str() && Some(pair["other"].as_str().unwrap()) == cheat.alike.as_deref();
    if cheat.alike.is_some() && !results["nearly_the_same"].as_array().unwrap().iter().any(alike) {
        return Err(format!("{shown}: is not listed as nearly the same"));
    }
    Ok(())
}

/// All texts in a file or folder.
fn texts(path: &Path) -> Vec<String> {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().flat_map(|entry| texts(&entry.unwrap().path())).collect();
    }
    vec![fs::read_to_string(path).unwrap()]
}

/// The folders that runs have for themselves.
fn benches() -> Vec<String> {
    let entries = fs::read_dir(course().join("target/lab")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("run-"));
    names.sort();
    names
}

/// What still runs of launchers, compilers and programs.
fn processes() -> Vec<String> {
    let kept = course().join("target/lab");
    let of_ours = |folder: PathBuf| -> Option<String> {
        let words = String::from_utf8_lossy(&fs::read(folder.join("cmdline")).ok()?).replace('\0', " ");
        let runs_ours = fs::read_link(folder.join("exe")).is_ok_and(|exe| exe.starts_with(&kept));
        (runs_ours || words.contains("__box") || words.contains("sleep 1000")).then_some(words)
    };
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| of_ours(entry.path()))
        .filter(|words| words.contains(&*kept.to_string_lossy()))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "what was ended takes a moment to be gone")]
fn wait() {
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
fn cheats_at_functions_get_their_verdicts() {
    grade("03", &[]);
}

#[test]
fn cheats_at_functions_get_their_verdicts_without_namespaces() {
    grade("03", &["--no-namespaces"]);
}

#[test]
fn cheats_in_a_network_get_their_verdicts() {
    grade("05", &[]);
}

#[test]
fn cheats_in_a_network_get_their_verdicts_without_namespaces() {
    grade("05", &["--no-namespaces"]);
}
