//! `--explain`: what people see of each kind of ARP packet, and that it fits.
//!
//! Each line of the snapshots was read beside the packets when it was made.

#![expect(clippy::expect_used, reason = "a test ends at its first surprise")]

mod call;

use call::{arping_in, arpings};

/// Several calls, in a terminal that knows UTF-8.
fn each(calls: &[&str]) -> String {
    calls.iter().map(|args| arping_in("C.UTF-8", args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn reply_is_what_differs_from_the_request() {
    insta::assert_snapshot!(each(&["--net lan -c 2 -e host5"]));
}

#[test]
fn where_utf_8_is_not_known_marks_are_typed() {
    let typed = arpings(&["--net lan -c 1 -e host5"]);
    let asked_for = arping_in("C.UTF-8", "--net lan -c 1 -e host5 --ascii");
    assert!(typed.lines().skip(1).eq(asked_for.lines().skip(1)), "{typed}{asked_for}");
    insta::assert_snapshot!(typed);
}

#[test]
fn probes_and_announcements_say_what_they_do_to_tables() {
    insta::assert_snapshot!(each(&[
        "--net lan -D -e 10.0.0.5",
        "--net lan -U -c 1 -e host2",
        "--net lan -A -c 1 -e host2"
    ]));
}

#[test]
fn sweep_draws_one_request_for_all() {
    insta::assert_snapshot!(each(&["--net lan -e 10.0.0.0/30"]));
}

#[test]
fn watch_draws_what_is_heard() {
    insta::assert_snapshot!(each(&["--net lan-poisoned --watch -c 2 -e"]));
}

#[test]
fn second_owner_is_explained_as_the_first() {
    insta::assert_snapshot!(each(&["--net lan-poisoned -b -c 1 -e 10.0.0.1"]));
}

#[test]
fn silence_has_a_verdict_with_its_evidence() {
    insta::assert_snapshot!(each(&["--net lan -c 2 -e 10.0.0.77", "--net routers -c 1 -I net1 -e 192.168.10.3"]));
}

#[test]
fn no_line_is_wider_than_eighty_columns() {
    for args in [
        "--net lan -c 3 host5",
        "--net lan 10.0.0.0/24",
        "--net lan -D 10.0.0.9",
        "--net lan -D 10.0.0.5",
        "--net lan -A -c 2 host2",
        "--net lan-poisoned --watch",
        "--net lan-poisoned --table -b -c 8 10.0.0.1",
        "--net lan-poisoned -v -c 4 10.0.0.5",
        "--net hub -c 2 b",
        "--net subnets -c 2 192.168.1.2",
    ] {
        for locale in ["C.UTF-8", "C"] {
            let printed = arping_in(locale, &format!("-e {args}"));
            assert!(printed.lines().count() > 20, "{printed}");
            // Notes, and what a watch tells without `-e` too, are as long as they are.
            let is_explained = |line: &&str| {
                !line.starts_with("note: ")
                    && !line.starts_with("duplicate ")
                    && !line.starts_with(|first: char| first.is_ascii_digit())
            };
            for line in printed.lines().filter(is_explained) {
                assert!(line.chars().count() <= 80, "{args}: {line}");
            }
            assert!(locale != "C" || printed.is_ascii(), "{args}");
        }
    }
}
