//! myping does what docs/json.md says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::collections::BTreeSet;

fn myping(args: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myping"));
    let directory = tempfile::tempdir().unwrap();
    let output = command.env_clear().current_dir(&directory).args(args.split_whitespace()).output().unwrap();
    assert_ne!(output.status.code(), Some(2), "myping {args}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let manual = document::json_events("myping").unwrap();
    let mut seen = BTreeSet::new();
    for args in [
        "--net routers -c 2 server",
        "--net routers -c 1 192.168.10.22",
        "--net routers --set net5.loss=100% -c 1 server",
        "--net lan --set lan.duplicate=100% -c 2 host5",
        "--net routers -W 0.01 -c 2 server",
    ] {
        for line in myping(&format!("--json {args}")).lines() {
            let serde_json::Value::Object(mut object) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
            let event = object.remove("event").and_then(|event| event.as_str().map(String::from)).unwrap();
            let fields: BTreeSet<String> = object.into_iter().map(|(name, _)| name).collect();
            assert_eq!(manual.get(&event), Some(&fields), "docs/json.md beside {line}");
            seen.insert(event);
        }
    }
    // A network that spoils answers is `tampered.rs`'s.
    let unseen: Vec<&String> = manual.keys().filter(|event| !seen.contains(*event)).collect();
    assert_eq!(unseen, ["corrupt", "truncated"]);
}
