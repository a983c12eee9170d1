//! What an instructor gets to hand out, and that no solution is in it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What `lab` says in the folder `at`, and its exit code.
fn lab(at: &Path, words: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_lab")).args(words).current_dir(at).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.code().unwrap())
}

/// All files below a folder, by their paths from there.
fn files(folder: &Path) -> BTreeSet<String> {
    fn below(folder: &Path, root: &Path, files: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, root, files);
            } else {
                files.insert(path.strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    let mut found = BTreeSet::new();
    below(folder, folder, &mut found);
    found
}

/// Neighbouring lines of code, each long enough to be nobody else's.
fn pairs(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| line.len() > 25 && !line.starts_with("//")).collect();
    lines.windows(2).map(|pair| pair.join("\n")).filter(|pair| pair.len() > 90).collect()
}

#[test]
fn no_solution_is_in_a_handout_of_all_labs() {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    let (said, code) = lab(&course(), &["handout", "--to", &class.to_string_lossy()]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("and without arping (lab 4), "), "{said}");

    let handed_out = files(&class);
    let is_forbidden =
        |path: &&String| ["solution/", "wrong/", "cheats/", ".git/"].iter().any(|part| path.contains(part));
    assert_eq!(handed_out.iter().filter(is_forbidden).collect::<Vec<_>>(), Vec::<&String>::new());
    let text = |path: &String| String::from_utf8_lossy(&fs::read(class.join(path)).unwrap()).into_owned();
    let all: BTreeSet<String> = handed_out.iter().flat_map(|path| pairs(&text(path))).collect();
    // Another search than the one that the command makes of itself: by lines.
    let (mut solutions, mut looked_for) = (0, 0);
    for path in files(&course().join("labs")) {
        let Some((lab, _)) = path.split_once("/solution/").or_else(|| path.split_once("/wrong/")) else { continue };
        let mut own = pairs(&fs::read_to_string(course().join("labs").join(&path)).unwrap());
        for given in handed_out.iter().filter(|path| path.starts_with(&format!("labs/{lab}/"))).map(text) {
            own.retain(|pair| !given.contains(pair.split('\n').next().unwrap()));
        }
        let leaks: Vec<&String> = own.intersection(&all).collect();
        assert!(leaks.is_empty(), "{path}: {leaks:?}");
        (solutions, looked_for) = (solutions + 1, looked_for + own.len());
    }
    assert!(solutions > 100 && looked_for > 100, "{looked_for} pairs of lines of {solutions} solutions");
}

#[test]
fn what_is_handed_out_of_a_lab_is_its_stub_its_checks_and_its_visible_cases() {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    fs::create_dir(&class).unwrap(); // an empty one will do
    let (said, code) = lab(&course(), &["handout", "--to", &class.to_string_lossy(), "--labs", "5,checksum,3"]);
    assert_eq!(code, 0, "{said}");
    let handed_out = files(&class);
    let below = |folder: &str| {
        let paths = handed_out.iter().filter_map(|path| path.strip_prefix(folder));
        paths.map(|path| path.split('/').next().unwrap()).collect::<BTreeSet<_>>()
    };
    assert_eq!(below("labs/"), BTreeSet::from(["03-checksum", "05-myping"]));
    let lab_3 = ["Cargo.toml", "lab.toml", "src/checksum.rs", "src/main.rs", "stub/checksum.rs", "tests/check.rs"];
    let of_lab_3 = handed_out.iter().filter_map(|path| path.strip_prefix("labs/03-checksum/"));
    assert_eq!(of_lab_3.collect::<Vec<_>>(), lab_3);
    assert!(handed_out.contains("labs/05-myping/cases/loss-17.snap"));
    // The finished work of a lab stays behind, and of no other lab than those; so do the authors' tests.
    let crates = below("crates/");
    assert!(
        ["arping", "peel", "mini-dig", "tls-peek", "lab", "sim"].iter().all(|name| crates.contains(name)),
        "{crates:?}"
    );
    assert!(["myping", "transcripts", "needs", "bench"].iter().all(|name| !crates.contains(name)), "{crates:?}");
    assert!(!handed_out.iter().any(|path| path.starts_with("crates/") && path.contains("/tests/")));
    for file in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        let text = fs::read_to_string(class.join(file)).unwrap();
        assert!(
            !text.contains("crates/myping") && !text.contains("\"myping\"") && !text.contains("--bin myping "),
            "{file}"
        );
    }
    let readme = fs::read_to_string(class.join("README.md")).unwrap();
    assert!(
        readme.contains("`myping` (lab 5)") && readme.contains("| 03 | The Internet checksum") && !readme.contains('{')
    );
    assert!(fs::read_to_string(class.join(".github/workflows/labs.yml")).unwrap().contains("cargo lab check"));
}

#[test]
fn what_was_written_in_the_course_itself_is_not_handed_out_and_a_forgotten_solution_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("course");
    let lab_3 = copy.join("labs/03-checksum");
    fs::create_dir_all(lab_3.join("src")).unwrap();
    for linked in ["Cargo.toml", "Cargo.lock", ".cargo", "crates", "testdata"] {
        symlink(course().join(linked), copy.join(linked)).unwrap();
    }
    fs::create_dir_all(copy.join("book/src")).unwrap();
    for taken in ["Cargo.toml", "lab.toml", "src/main.rs"] {
        fs::copy(course().join("labs/03-checksum").join(taken), lab_3.join(taken)).unwrap();
    }
    for linked in ["solution", "stub", "wrong"] {
        symlink(course().join("labs/03-checksum").join(linked), lab_3.join(linked)).unwrap();
    }
    let solution = fs::read_to_string(lab_3.join("solution/checksum.rs")).unwrap();
    fs::write(lab_3.join("src/checksum.rs"), &solution).unwrap();
    fs::write(lab_3.join("src/checksum.rs.1.bak"), &solution).unwrap();

    let class = folder.path().join("class");
    let (said, code) = lab(&copy, &["handout", "--to", "../class"]);
    assert_eq!(code, 0, "{said}");
    let stub = fs::read(lab_3.join("stub/checksum.rs")).unwrap();
    assert_eq!(fs::read(class.join("labs/03-checksum/src/checksum.rs")).unwrap(), stub);
    assert!(!class.join("labs/03-checksum/src/checksum.rs.1.bak").exists());

    // Somebody shows the solution of another year in a page, as a diff.
    let shown: String = solution.lines().skip(20).take(20).map(|line| format!("+ {line}\n")).collect();
    fs::write(copy.join("book/src/last-year.md"), format!("# Last year\n\n```diff\n{shown}```\n")).unwrap();
    let (said, code) = lab(&copy, &["handout", "--to", "../again"]);
    let expected = "error: 'book/src/last-year.md' has text of 'labs/03-checksum/solution/checksum.rs'\n\
                    hint: nothing was handed out; take that text out of it first\n";
    assert_eq!((said.as_str(), code), (expected, 2));
    assert!(!folder.path().join("again").exists());

    // And somebody builds it in.
    fs::create_dir(class.join("target")).unwrap();
    let program = [b"\x7fELF\x02\x01\0\0".as_slice(), solution.as_bytes(), &[0; 64]].concat();
    fs::write(class.join("target/program"), program).unwrap();
    let (said, code) = lab(&copy, &["handout", "--search", "../class"]);
    let expected = "../class/target/program: text of labs/03-checksum/solution/checksum.rs\n";
    assert!(said.starts_with(expected) && said.lines().count() == 2 && code == 1, "{said}");
}

#[test]
fn folder_that_cannot_be_made_is_told_in_a_sentence_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_string_lossy().into_owned();
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/work.txt"), "of a year").unwrap();
    symlink(course(), folder.path().join("link")).unwrap();
    let before = files(&folder.path().join("full"));
    let told = |to: &str| {
        let (said, code) = lab(&course(), &["handout", "--to", to]);
        assert_eq!(code, 2, "{to}: {said}");
        said.replace(&here, "HERE").replace(&course().display().to_string(), "COURSE")
    };
    let inside = |to: &str| {
        format!(
            "error: '{to}' is in the course itself, beside the solutions\nhint: name a folder outside of it, as in `--to ../class`\n"
        )
    };
    assert_eq!(
        told(&format!("{here}/full")),
        "error: 'HERE/full' is not empty\nhint: name a folder that is not there yet; nothing is ever written over\n"
    );
    assert_eq!(told(&format!("{here}/full/work.txt")), "error: cannot list 'HERE/full/work.txt': Not a directory\n");
    assert_eq!(told(&format!("{here}/no/class")), "error: cannot find 'HERE/no': No such file or directory\n");
    assert_eq!(told("class"), inside("COURSE/class"));
    assert_eq!(told(&format!("{here}/link/labs/class")), inside("COURSE/labs/class"));
    assert_eq!(
        told("/"),
        "error: '/' is not empty\nhint: name a folder that is not there yet; nothing is ever written over\n"
    );
    // Nobody makes folders there, whoever it is.
    let said = told("/proc/class");
    assert!(said.starts_with("error: cannot create '/proc/.class.") && said.lines().count() == 1, "{said}");
    assert_eq!(files(&folder.path().join("full")), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
