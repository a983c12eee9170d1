//! myping does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_myping");

fn documented(directory: &Path) -> Documented<'_> {
    Documented { program: PROGRAM, tool: "myping", directory }
}

/// Which events of a section none of these calls had.
fn unseen_of(section: &str, calls: &[&str]) -> Vec<String> {
    documented(tempfile::tempdir().unwrap().path()).json(section, calls).unwrap()
}

#[test]
fn commands_of_the_topics_work_as_typed() {
    documented(tempfile::tempdir().unwrap().path()).topics().unwrap();
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let calls = [
        "--net routers -c 2 server",
        "--net routers -c 1 192.168.10.22",
        "--net routers --set net5.loss=100% -c 1 server",
        "--net lan --set lan.duplicate=100% -c 2 host5",
        "--net routers -W 0.01 -c 2 server",
    ];
    // A network that spoils answers is `tampered.rs`'s.
    assert_eq!(unseen_of("myping", &calls), ["corrupt", "truncated"]);
}
