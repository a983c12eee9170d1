//! mytraceroute does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mytraceroute");

fn documented(directory: &Path) -> Documented<'_> {
    Documented { program: PROGRAM, tool: "mytraceroute", directory }
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
        "--net routers server",
        "--net hostile-loop server",
        "--net routers -q 1 192.168.10.22",
        "--net diamond --multipath server",
        "--net mtu --mtu -s 2000 server",
        "--net mtu-blackhole --mtu server",
    ];
    assert_eq!(unseen_of("mytraceroute", &calls), [""; 0]);
}
