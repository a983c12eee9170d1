//! udp-echo does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_udp-echo");

fn documented(directory: &Path) -> Documented<'_> {
    Documented { program: PROGRAM, tool: "udp-echo", directory }
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
    let sends = [
        "send --net transport -c 2 b:53",
        "send --net transport -c 1 b:9",
        "send --net transport -c 1 -s 65508 b:53",
        "send --net transport --set link.delay=300ms -W 0.8 -c 2 b:53",
        "send --net transport --set link.duplicate=100% -c 2 b:53",
        "send --net transport --fault \"drop udp at b\" -c 1 b:53",
        "send --net transport --buffer 20 -c 1 b:53",
        "send --net lan -c 1 --sport 5000 host5:9 --also \"host4: udp-echo send -q -c 1 host2:5000\"",
    ];
    // A network that spoils answers is `tampered.rs`'s.
    assert_eq!(unseen_of("udp-echo send", &sends), ["corrupt"]);
    let serves = [
        "serve --net transport --at b --port 9=App --also \"a: udp-echo send -q -c 1 b:9\"",
        "serve --net lan --at host3 --also \"host2: udp-echo send -q --source 10.0.0.5 -c 1 host3\"",
    ];
    assert!(unseen_of("udp-echo serve", &serves).is_empty());
}
