//! peel does what docs/json.md says. What README.md shows of it, the crate `transcripts` runs.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod made;

use made::{Kept, Shot, pcapng};
use needs::document::{Documented, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// A directory in which the README's `myping` has been.
fn kept() -> Kept {
    let odd = [Shot { frame: vec![0x45, 0, 0, 99, 1], comment: Some("cut"), ..Shot::default() }];
    Kept::new(&[
        ("ping.pcapng", &made::ping()),
        ("trace.pcapng", &made::trace()),
        ("odd.pcapng", &pcapng(&[("x", 101)], &odd)),
    ])
}

fn documented(directory: &std::path::Path) -> Documented<'_> {
    Documented { program: env!("CARGO_BIN_EXE_peel"), tool: "peel", directory }
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let calls = ["ping.pcapng", "trace.pcapng", "odd.pcapng", "ping.pcapng udp"];
    let unseen = documented(&kept().path()).json("peel", &calls).unwrap();
    assert!(unseen.is_empty(), "{unseen:?}");
}

/// What stands within a packet's object is told in prose, and every name of it there.
#[test]
fn names_within_an_object_stand_in_the_manual() {
    let manual = text("docs/json.md").unwrap();
    let section = manual.split("## peel\n").nth(1).unwrap();
    let told: BTreeSet<&str> = section.split('`').skip(1).step_by(2).collect();
    let mut seen = BTreeSet::new();
    for args in ["trace.pcapng --json", "odd.pcapng --json"] {
        for line in kept().peel(args).lines().filter(|line| line.starts_with('{')) {
            names(&serde_json::from_str(line).unwrap(), &mut seen);
        }
    }
    let untold: Vec<&String> = seen.iter().filter(|name| !told.contains(name.as_str()) && *name != "event").collect();
    assert!(untold.is_empty() && seen.contains("problem") && seen.contains("quoted"), "{untold:?}");
}

fn names(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                seen.insert(name.clone());
                names(value, seen);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| names(one, seen)),
        _ => {}
    }
}
