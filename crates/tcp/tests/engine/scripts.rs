//! Runs the scripts of `testdata/tcp`.

use crate::script;
use std::path::Path;

/// One test for all, so that a new script needs no line here.
#[test]
fn conversations_go_as_their_scripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tcp");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut wrong = vec![];
    for path in &paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(path).unwrap();
        let found = script::run(&expected);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &found).unwrap();
        } else if found != expected {
            wrong.push(format!("{name}: {}", first_difference(&expected, &found)));
        }
    }
    assert!(paths.len() > 20, "the scripts are there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn first_difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for line in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (expected, found) if expected == found => {}
            (expected, found) => {
                let [expected, found] = [expected, found].map(|line| line.unwrap_or("(the end)"));
                return format!("line {line}\n  expected {expected}\n  found    {found}");
            }
        }
    }
    "a line ending".to_string()
}
