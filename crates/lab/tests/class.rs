//! A class is graded: nobody gets the points of another, and what ended goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Exit code, table, and what was said on the way.
fn grade(lab: &str, out: &Path, options: &[&str], folders: &[PathBuf]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.current_dir(course()).args(["grade", lab]).args(options).arg("--out").arg(out).args(folders);
    let ran = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

/// Solution, stub and all wrong solutions of a lab, so often, and the check at which each must fail.
fn class(place: &Path, lab: &str, file: &str, times: usize) -> (Vec<PathBuf>, BTreeMap<String, Option<String>>) {
    let lab = course().join("labs").join(lab);
    let mut sources = vec![("solution".to_string(), lab.join("solution").join(file))];
    for wrong in fs::read_dir(lab.join("wrong")).unwrap().map(Result::unwrap) {
        sources.push((wrong.file_name().into_string().unwrap(), wrong.path().join(file)));
    }
    sources.sort();
    let (mut folders, mut expected) = (vec![], BTreeMap::new());
    for number in 0..times {
        let (name, source) = &sources[number % sources.len()];
        let text = fs::read_to_string(source).unwrap();
        let name = format!("{number:03}-{name}");
        let folder = place.join(&name);
        fs::create_dir_all(&folder).unwrap();
        // Each is a file of its own.
        fs::write(folder.join(file), format!("{text}// {name}\n")).unwrap();
        let catches = text.strip_prefix("// Fails `").and_then(|rest| rest.split_once('`'));
        expected.insert(name, catches.map(|(check, _)| check.to_string()));
        folders.push(folder);
    }
    (folders, expected)
}

fn results(out: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap()
}

/// Each fails at the check that catches it, and at no other that was judged.
fn is_without_a_mix_up(out: &Path, expected: &BTreeMap<String, Option<String>>) {
    let results = results(out);
    let submissions = results["submissions"].as_array().unwrap();
    assert_eq!(submissions.len(), expected.len());
    for one in submissions {
        let name = one["name"].as_str().unwrap();
        let failed = one["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["outcome"].as_str().unwrap().starts_with("failed"));
        let failed: Vec<&str> = failed.map(|check| check["name"].as_str().unwrap()).collect();
        let catches: Vec<&str> = expected[name].as_deref().into_iter().collect();
        assert_eq!(failed, catches, "{name}: {one:#}");
        assert_eq!(one["points"] == 100, catches.is_empty(), "{name}");
    }
}

#[test]
fn class_is_graded_without_a_mix_up_and_goes_on_where_it_ended() {
    let directory = tempfile::tempdir().unwrap();
    let (mut folders, expected) = class(&directory.path().join("class"), "03-checksum", "checksum.rs", 12);
    let out = directory.path().join("results");
    let (code, table, _) = grade("03", &out, &["--jobs", "3"], &folders);
    assert_eq!(code, Some(0), "{table}");
    is_without_a_mix_up(&out, &expected);
    let before = results(&out);

    // Nothing is done twice, and the seed is the same.
    let (code, again, said) = grade("03", &out, &[], &folders);
    assert_eq!((code, again.as_str(), said.as_str()), (Some(0), table.as_str(), ""));
    assert_eq!(results(&out), before);

    // One that is new, one that was changed, and one that is broken; the others stay.
    let broken = directory.path().join("class/broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("checksum.rs"), "fn (").unwrap();
    fs::copy(folders[0].join("checksum.rs"), folders[1].join("checksum.rs")).unwrap();
    folders.push(broken);
    let (code, table, said) = grade("03", &out, &["--jobs", "2"], &folders);
    let mut told: Vec<&str> = said.lines().collect();
    told.sort_unstable();
    assert_eq!(code, Some(0), "{said}");
    assert!(told.len() == 2 && told[0].starts_with("001-") && told[1] == "broken: 0 of 100", "{said}");
    assert!(table.contains("    0 of 100  broken"), "{table}");
    let all = results(&out);
    let points = |name: &str| {
        all["submissions"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"].as_str().unwrap().starts_with(name))
            .unwrap()["points"]
            .clone()
    };
    assert_eq!(points("000-"), points("001-"));
}

#[test]
fn what_cannot_be_graded_is_a_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let (folders, _) = class(&directory.path().join("class"), "03-checksum", "checksum.rs", 1);
    let out = directory.path().join("results");
    let twin = directory.path().join("other").join(folders[0].file_name().unwrap());
    let no_folder = directory.path().join("file");
    fs::write(&no_folder, "").unwrap();
    fs::create_dir(directory.path().join("spoiled")).unwrap();
    fs::write(directory.path().join("spoiled/run.json"), "{").unwrap();
    fs::create_dir(directory.path().join("another")).unwrap();
    fs::write(directory.path().join("another/run.json"), "{\"lab\": \"05-myping\", \"seed\": \"1\"}").unwrap();
    let mut told = String::new();
    let mut tell = |out: &Path, folders: &[PathBuf]| {
        let (code, table, said) = grade("03", out, &["--seed", "1", "--jobs", "1"], folders);
        let text = format!("{table}{said}exit {}\n\n", code.unwrap());
        told += &text.replace(&directory.path().display().to_string(), "/class");
    };
    tell(&out, &[folders[0].clone(), twin]);
    tell(&no_folder, &folders);
    tell(&directory.path().join("spoiled"), &folders);
    tell(&directory.path().join("another"), &folders);
    tell(&out, &[no_folder.clone(), directory.path().join("nowhere"), directory.path().join("another")]);
    insta::assert_snapshot!(told);
}

/// Long, and for a machine with nothing else to do: `cargo test -p lab --test class -- --ignored`.
#[test]
#[ignore = "a soak of 500 submissions"]
fn five_hundred_submissions_leave_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let (folders, expected) = class(&directory.path().join("class"), "06-mytraceroute", "mytraceroute.rs", 500);
    let out = directory.path().join("results");
    let (code, table, _) = grade("06", &out, &["--jobs", "2"], &folders);
    assert_eq!(code, Some(0), "{table}");
    is_without_a_mix_up(&out, &expected);
}
