//! arping does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::{self, Documented};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_arping");

fn documented(directory: &Path) -> Documented<'_> {
    Documented { program: PROGRAM, tool: "arping", directory }
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
    let asks = [
        "--net lan -c 2 host5",
        "--net lan -c 1 10.0.0.9",
        "--net lan -D 10.0.0.5",
        "--net lan-poisoned --table -v -b -c 7 10.0.0.1",
    ];
    // No network of ours sends malformed frames.
    assert_eq!(unseen_of("arping", &asks), ["malformed"]);
    let sweeps = ["--net lan-poisoned 10.0.0.0/24", "--net lan -w 0.01 10.0.0.0/24"];
    // Nor does anybody speak of others while a sweep lasts.
    assert_eq!(unseen_of("arping with a prefix", &sweeps), ["heard", "malformed"]);
}

/// host5 lies as well: it claims what host4 claims, and our address, and probes for it.
#[test]
fn json_of_a_watch_has_the_events_and_fields_of_the_manual() {
    let lies = ["10.0.0.1", "10.0.0.2", "0.0.0.0"]
        .map(|claim| format!("{{ at = \"9 s\", arp = \"request\", to = \"host2\", claim = \"{claim}\" }}"));
    let text = document::text("testdata/nets/lan-poisoned.toml").unwrap();
    let text = text.replace("tcp.80  = \"http\"\n\n[nats.gw]", &format!("lies = [{}]\n\n[nats.gw]", lies.join(", ")));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("lies.toml");
    std::fs::write(&file, text).unwrap();
    assert_eq!(unseen_of("arping --watch", &[&format!("--net {} --watch", file.display())]), ["malformed"]);
}
