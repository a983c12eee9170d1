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
        "--demo --early-data --replay",
        "--net names www.example.com",
        "--net names www.example.com -c 3",
        "--demo --get / --get /chunks",
        "--plain --net names www.example.com --get / --post /form name=me",
    ];
    assert!(documented.json("tls-peek", &calls).unwrap().is_empty());
    let serve = ["serve --net transport --at b -w 3 --also \"a: tls-peek b:4433 --name www.example.com\""];
    assert!(documented.json("tls-peek serve", &serve).unwrap().is_empty());
    let testdata = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata");
    let read = [
        format!("read {testdata}/tls/rsa.pcapng --server-key {testdata}/tls/server.key --keys"),
        format!("read {testdata}/captures/https-post-client.pcapng"),
    ];
    let events = documented.json("tls-peek read", &read.each_ref().map(String::as_str)).unwrap();
    assert!(events.is_empty(), "{events:?}");
    assert!(documented.json("tls-peek dh", &["dh"]).unwrap().is_empty());
}

#[test]
fn commands_of_the_topics_work_as_typed() {
    let directory = tempfile::tempdir().unwrap();
    Documented { program: PROGRAM, tool: "tls-peek", directory: directory.path() }.topics().unwrap();
}
