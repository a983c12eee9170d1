//! What a user of `serve` meets, in the simulated network: who is told what at the start, each question, the end, and what is wrong
//! with a zone file.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use assert_cmd::Command;
use needs::document::{self, Documented};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mini-dig");

const ZONE: &str = "\
$TTL 1h
@    SOA ns hostmaster ( 2026112601 ; serial
                         2h 1h 2w 300 )
     NS  ns
ns   A   203.0.113.10
www  A   203.0.113.10
     HTTPS 1 . alpn=h2,h3
mail\\.box TXT \"a name with a dot in its label\"
big  TXT ( \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"
           \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"
           \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"
           \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"
           \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\" )
";

/// Runs `mini-dig ARGS` in this directory, and renders what a user meets.
fn mini_dig(directory: &Path, args: &str) -> String {
    let mut command = Command::new(PROGRAM);
    let output = command.env_clear().current_dir(directory).args(document::words(args)).output().expect("it starts");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ mini-dig {args}\n{stdout}{stderr}exit {exit}\n")
}

#[test]
fn zone_of_a_file_is_served_to_other_hosts_by_datagrams_and_streams() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("home.zone"), ZONE).unwrap();
    let lines: Vec<String> = [
        "www.home.example HTTPS +short",
        "mail\\.box.home.example TXT +short",
        "big.home.example TXT +short +noedns",
        "nosuch.home.example +short",
        "www.elsewhere.example +short",
        "www.home.example +tcp",
    ]
    .map(|asked| {
        let args = format!(
            "serve home.zone --origin home.example --net names --at web -p 53 -w 3 --also \"client: mini-dig @web {asked}\""
        );
        mini_dig(directory.path(), &args)
    })
    .into();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_wrong_with_a_zone_is_told_by_file_and_line() {
    let directory = tempfile::tempdir().unwrap();
    let mut lines = vec![];
    for (file, text) in [
        ("relative.zone", "www A 192.0.2.1\n"),
        ("soa.zone", "$ORIGIN home.example.\n$TTL 60\nwww A 192.0.2.1\n"),
        ("address.zone", "$ORIGIN home.example.\n$TTL 60\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.256\n"),
        ("open.zone", "$ORIGIN home.example.\n@ 60 SOA a b (\n 1 2 3\n"),
        ("label.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\na..b A 192.0.2.1\n"),
        ("both.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\nwww CNAME a\nwww A 192.0.2.1\n"),
        ("outside.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\nwww.example. A 192.0.2.1\n"),
        ("include.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\n$INCLUDE more.zone\n"),
        ("key.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\nw HTTPS 1 . prot=53\n"),
        ("escape.zone", "$ORIGIN home.example.\n@ 60 SOA a b 1 2 3 4 5\nw TXT \"\\300\"\n"),
    ] {
        std::fs::write(directory.path().join(file), text).unwrap();
        lines.push(mini_dig(directory.path(), &format!("serve {file}")));
    }
    std::fs::write(directory.path().join("bytes.zone"), b"$ORIGIN home.example.\n; M\xfcller\n").unwrap();
    std::fs::write(directory.path().join("twice.zone"), "home.example. 60 SOA a. b. 1 2 3 4 5\n").unwrap();
    for args in ["bytes.zone", "nosuch.zone", "twice.zone twice.zone"] {
        lines.push(mini_dig(directory.path(), &format!("serve {args}")));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn wrong_calls_say_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let calls = [
        "serve --net names",
        "serve -e",
        "serve -p 0",
        "serve --bind 127.0.0.1",
        "serve x --bind here",
        "serve x --origin a..b",
        "www.example.com serve",
        "-p 53 serve x",
        "-p 54 serve",
    ];
    insta::assert_snapshot!(calls.map(|args| mini_dig(directory.path(), args)).join("\n"));
}

#[test]
fn name_that_is_called_serve_can_be_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let told = mini_dig(directory.path(), "--net names @root -q serve +short +exit");
    assert!(told.ends_with("exit 10\n"), "{told}");
}

#[test]
fn help_groups_options_by_what_they_change() {
    let directory = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(mini_dig(directory.path(), "serve --help"));
}

#[test]
fn json_has_the_events_and_fields_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("home.zone"), ZONE).unwrap();
    let documented = Documented { program: PROGRAM, tool: "mini-dig", directory: directory.path() };
    let serve = "serve home.zone --origin home.example --net names --at web -p 53 -w 3";
    let calls = [
        format!("{serve} --also \"client: mini-dig @web www.home.example\""),
        format!("{serve} --max-connections 1 --also \"client: mini-dig @web www.home.example +tcp\""),
    ];
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    assert!(documented.json("mini-dig serve", &calls).unwrap().is_empty());
}
