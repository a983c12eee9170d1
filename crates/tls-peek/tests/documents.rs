//! tls-peek does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tls-peek");

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    let documented = Documented { program: PROGRAM, tool: "tls-peek", directory: directory.path() };
    let calls = [
        "--demo --keys",
        "--demo --early-data",
        "--demo --flip 4:300",
        "--demo --compare full,1.2",
        "--net names www.example.com",
        "--net names www.example.com -c 2",
        "--demo --get / --get /chunks",
        "--plain --net names www.example.com --get / --post /form name=me",
    ];
    assert!(documented.json("tls-peek", &calls).unwrap().is_empty());
}
