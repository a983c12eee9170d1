//! arping does what README.md and docs/json.md say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document;
use std::collections::BTreeSet;

fn arping(args: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arping"));
    let directory = tempfile::tempdir().unwrap();
    let output = command.env_clear().current_dir(&directory).args(document::words(args)).output().unwrap();
    assert_ne!(output.status.code(), Some(2), "arping {args}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_of_the_readme_work_as_typed_and_print_what_is_shown() {
    let commands = document::commands(&document::text("README.md").unwrap(), "arping");
    assert!(!commands.is_empty());
    for (args, shown) in commands.into_iter().filter(|(args, _)| !args.contains("my-network.toml")) {
        let printed = arping(&args);
        assert!(
            shown.is_empty() || shown == printed,
            "README.md shows of arping {args}\n{shown}and it prints\n{printed}"
        );
    }
}

/// Holds what `--json` prints of these calls to a table of docs/json.md; the answer is which of its events none of them had.
fn unseen_of(section: &str, calls: &[&str]) -> Vec<String> {
    let manual = document::json_events(section).unwrap();
    let mut seen = BTreeSet::new();
    for args in calls {
        for line in arping(&format!("--json {args}")).lines() {
            let serde_json::Value::Object(mut object) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
            let event = object.remove("event").and_then(|event| event.as_str().map(String::from)).unwrap();
            let fields: BTreeSet<String> = object.into_iter().map(|(name, _)| name).collect();
            assert_eq!(manual.get(&event), Some(&fields), "docs/json.md beside {line}");
            seen.insert(event);
        }
    }
    manual.into_keys().filter(|event| !seen.contains(event)).collect()
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
