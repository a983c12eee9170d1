//! `--plot`: what is drawn of a connection, and that `peel` draws the same from the table.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use assert_cmd::Command;
use clap::Parser;
use cli::{Output, Show, Tool, Verdict};
use needs::document;
use std::fs;
use std::path::Path;

/// A transfer that loses one segment in the middle of slow start.
const LOSSY: &str =
    "send --net transport -q -c 1 --writes 1000000 --set \"link.queue=60\" --set \"link.rate=20 Mbit/s\" b:22";

fn tcp_echo(directory: &Path, args: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcp-echo"));
    let output = command.env_clear().current_dir(directory).args(document::words(args)).output().expect("it starts");
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Without its titles, which say where it comes from.
fn drawing(svg: &str) -> &str {
    &svg[svg.find("<style>").unwrap()..]
}

#[test]
fn windows_and_round_trip_time_are_drawn_and_what_is_sent_again_is_marked() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said) = tcp_echo(directory.path(), &format!("{LOSSY} --tcpinfo windows.csv --plot windows.svg"));
    assert_eq!((code, said.as_str()), (0, ""));
    let svg = fs::read_to_string(directory.path().join("windows.svg")).unwrap();
    for text in [">cwnd<", ">ssthresh<", ">unacked<", ">rtt<", ">Window in kB<", "sent again<", ">ms since the start<"]
    {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert!(svg.len() < 20_000, "{} bytes", svg.len());
    insta::assert_snapshot!(svg);

    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    fs::create_dir(path("peel")).unwrap();
    let peel = peel::Peel::parse_from(["peel", &path("windows.csv"), "--plot", &path("peel/windows.svg")]);
    let drawn = peel.without_world(&mut Output::collected(&Show::default()).0);
    assert_eq!(drawn, Some(Ok(Verdict::Yes)));
    let by_peel = fs::read_to_string(path("peel/windows.svg")).unwrap();
    assert_eq!(drawing(&by_peel), drawing(&svg));
}

#[test]
fn without_a_connection_there_is_no_picture_and_a_note_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said) = tcp_echo(directory.path(), "send --net transport --plot windows.svg b:9");
    assert_eq!(code, 1);
    assert!(said.contains("note: windows.svg: no plot: there are no points"), "{said}");
    assert!(!directory.path().join("windows.svg").exists());
}
