//! nat-box does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;

const PROGRAM: &str = env!("CARGO_BIN_EXE_nat-box");

/// Which events of a section none of these calls had.
fn unseen_of(section: &str, calls: &[&str]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    Documented { program: PROGRAM, tool: "nat-box", directory: directory.path() }.json(section, calls).unwrap()
}

#[test]
fn commands_of_the_topics_work_as_typed() {
    let directory = tempfile::tempdir().unwrap();
    Documented { program: PROGRAM, tool: "nat-box", directory: directory.path() }.topics().unwrap();
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let watches = [
        "watch --net nat --also \"host: nat-box serve\" --also \"host2: nat-box ask host\"",
        "watch --net nat -w 20 --also \"host2: nat-box ask host\" --also \"isp: nat-box ask -W 5 44.11.5.17:7777\"",
    ];
    // One that watches from the start finds nothing in the table.
    assert_eq!(unseen_of("nat-box watch", &watches), ["there"]);
    let behaves = ["behave --net nat-behave --timer 10 --also \"server: nat-box serve\" server"];
    assert!(unseen_of("nat-box behave", &behaves).is_empty());
    let asks = ["ask --net nat --also \"host: nat-box serve\" host", "ask --net nat host"];
    assert!(unseen_of("nat-box ask", &asks).is_empty());
    assert!(unseen_of("nat-box serve", &["serve --net nat --at host --also \"host2: nat-box ask host\""]).is_empty());
}
