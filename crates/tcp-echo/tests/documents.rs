//! tcp-echo does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::Program;
use needs::document::Documented;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tcp-echo");

fn documented(directory: &Path) -> Documented<'_> {
    Documented { program: PROGRAM, tool: "tcp-echo", directory }
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
fn topics_need_no_command() {
    for args in ["--explain=time-wait", "send --explain=ack", "serve --explain=close-wait", "--explain=syn"] {
        let ended = Program::new(PROGRAM).args(args.split(' ')).run().unwrap();
        assert!(ended.code == 0 && ended.stdout.contains("RFC 9293"), "{args}: {ended}");
    }
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let sends = [
        "send --net transport -c 2 --writes 500,960 --states b:22",
        "send --net transport -c 1 b:9",
        "send --net transport -c 1 10.0.0.9",
    ];
    assert!(unseen_of("tcp-echo send", &sends).is_empty());
    let serves = [
        "serve --net transport --at b --max-connections 1 --also \"a: tcp-echo send -q -c 1 b\"",
        "serve --net transport --at b --reads 9 --answer 9 --also \"a: tcp-echo send -q -c 1 --writes 9 b\"",
    ];
    assert!(unseen_of("tcp-echo serve", &serves).is_empty());
    // The others are this machine's.
    assert_eq!(unseen_of("tcp-echo matrix", &["matrix --writes 4,4"]), ["lesson", "pair"]);
    assert!(unseen_of("tcp-echo bench", &["bench --requests 2"]).is_empty());
}
