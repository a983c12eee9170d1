//! mini-dig does what docs/json.md says.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::document::Documented;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mini-dig");

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("names.txt"), "www.example.com\nnosuch.example.com MX\n").unwrap();
    let documented = Documented { program: PROGRAM, tool: "mini-dig", directory: directory.path() };
    let calls = [
        "--net names www.example.com",
        "--net names @big big.example.org TXT",
        "--net names @com www.example.com +norec --fault \"lose the first udp on top\" +tries=2",
        "--net names @web www.example.com",
        "--net names @root www.far.org +trace",
        "--net names @root www.far.org +trace +cache=4000",
        "--net names www.example.com +cache=1",
        "--net names -f names.txt --fault \"lose the first udp on lan\"",
        "--net names @ns-example-com www.example.com \
         --also \"web: mini-dig --json @client -p 42721 x.example +tries=1 +timeout=0.03\"",
    ];
    assert!(documented.json("mini-dig", &calls).unwrap().is_empty());
}
