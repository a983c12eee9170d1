//! What a user meets: the command as it is typed, both streams as they are read, and the exit code.
//!
//! Who answers what is said by the network `names` (testdata/nets, testdata/zones) and was checked by hand when a
//! snapshot was made.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use assert_cmd::Command;
use needs::document;
use std::process::Output;

/// Runs `mini-dig ARGS` with an empty environment, in a directory with the lists of these tests; double quotes hold words
/// together.
fn run(args: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in LISTS {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mini-dig"));
    command.env_clear().current_dir(&directory).args(document::words(args)).output().expect("it starts")
}

/// Runs `mini-dig ARGS` and renders what a user meets.
fn mini_dig(args: &str) -> String {
    let output = run(args);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    let exit = output.status.code().map_or("by a signal".into(), |code| code.to_string());
    format!("$ mini-dig {args}\n{stdout}{stderr}exit {exit}\n")
}

/// Several commands, one below the other.
fn each(commands: &[&str]) -> String {
    commands.iter().map(|args| mini_dig(args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn answer_has_the_shape_and_order_of_dig() {
    insta::assert_snapshot!(each(&[
        "--net names www.example.com",
        "--net names @ns-example-com example.com MX",
        "--net names @203.0.113.2 mx example.com +noedns",
        "--net names @ns-example-com shop.example.com -v",
        "--net names @ns-example-com any.thing.dyn.example.com",
    ]));
}

#[test]
fn referral_has_names_and_glue_only_where_its_sender_may_tell() {
    insta::assert_snapshot!(each(&[
        "--net names @com www.example.com +norec -v",
        "--net names @org www.far.org +norec"
    ]));
}

#[test]
fn no_answer_is_told_by_its_reason_and_by_the_exit_status_if_asked() {
    insta::assert_snapshot!(each(&[
        "--net names @ns-example-com nosuch.example.com -v +exit",
        "--net names @ns-example-com www.example.com AAAA -v +exit",
        "--net names @com www.example.com +short +exit",
        "--net names @lame lame.com -v +exit",
        "--net names lame.com +exit",
        "--net names nosuch.example.com",
    ]));
}

#[test]
fn silence_and_closed_port_are_told_and_tried_again() {
    insta::assert_snapshot!(each(&[
        "--net names @com www.example.com +exit --fault \"drop udp at com\" +timeout=2",
        "--net names @ns-example-com www.example.com --fault \"lose the first udp on dc\" +short",
        "--net names @web www.example.com +tries=1",
        "--net names @web www.example.com +tcp +tries=1 -p 81",
        "--net lan www.example.com",
    ]));
}

#[test]
fn message_of_a_stranger_is_told_counted_and_not_taken() {
    // It is a question to the very port that the seed gives to ours.
    insta::assert_snapshot!(each(&["--net names @ns-example-com www.example.com +short \
         --also \"web: mini-dig @client -p 42721 x.example +tries=1 +timeout=0.03\"",]));
}

#[test]
fn answer_that_was_cut_is_asked_for_by_tcp() {
    let lines = each(&[
        "--net names @big big.example.org TXT",
        "--net names @big big.example.org TXT +ignore",
        "--net names big.example.org TXT +bufsize=512",
        "--net names @ns-example-com www.example.com +tcp",
    ]);
    insta::assert_snapshot!(shortened(&lines));
}

/// Lines of 3000 bytes say less than their beginning.
fn shortened(text: &str) -> String {
    let line = |line: &str| match line.get(..100) {
        Some(beginning) => format!("{beginning} ... {} bytes\n", line.len()),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn question_by_tls_is_asked_of_who_has_shown_to_be_the_server() {
    insta::assert_snapshot!(each(&[
        "--net names @resolver www.example.com +tls",
        "--net names www.example.com +tls +short -v",
        "--net names www.example.com +tls-host=dns.example.com +short",
        "--net names www.example.com +tls +nopadding --json",
        "--net names www.example.com +tls-host=www.example.com",
        "--net names www.example.com +tls-ca=nosuch.pem",
        "--net names www.example.com +tls-insecure +tls-host=www.example.com +short",
        "--net names @web www.example.com +tls -p 443 +exit",
        "--net names www.example.com +tls -p 53 +tries=1 +exit",
        "--net names @web www.example.com +tls +tries=1",
    ]));
}

/// The network `names`, but its resolver has another certificate.
fn with_certificate(name: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("other.toml");
    let text = format!(
        "like = \"names\"\ntitle = \"x\"\nabout = \"x\"\nat = \"client\"\n[hosts.resolver]\n\
         tls.853 = {{ service = \"names\", certificate = \"{name}\" }}\n"
    );
    std::fs::write(&file, text).unwrap();
    (directory, file.display().to_string())
}

#[test]
fn certificate_that_is_not_believed_is_told_by_its_reason() {
    let told = |name: &str, flags: &str| {
        let (_directory, net) = with_certificate(name);
        let text = mini_dig(&format!("--net {net} www.example.com +tls +short +exit {flags}"));
        text.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(
        told("expired", ""),
        ";; no TLS with 192.0.2.53#853: the server's certificate expired on 2025-01-01, and here it is 2026-01-01\n\
         ;; hint: its owner has to renew it, unless the clock here is wrong\nexit 18\n"
    );
    assert_eq!(
        told("stranger", ""),
        ";; no TLS with 192.0.2.53#853: the server's certificate is signed by an authority that is not trusted here\n\
         ;; hint: +tls-ca=FILE believes the authorities in a file\nexit 18\n"
    );
    let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/certs/stranger-ca.pem");
    assert_eq!(told("stranger", &format!("+tls-ca={ca}")), "203.0.113.10\nexit 0\n");
}

#[test]
fn ways_to_ask_are_compared_packet_by_packet() {
    insta::assert_snapshot!(each(&[
        "--net names @resolver www.example.com +compare",
        "--net names big.example.org TXT +compare=udp,tcp",
        "--net names nosuch.example.com +compare udp,dot +exit",
        "--net names @com www.example.com +compare",
        "--net names www.example.com +compare=tcp,dot --json",
        "--net names www.example.com +compare=udp,quic",
        "--net names www.example.com +compare +trace",
    ]));
}

/// What it takes is told by those who have it; those who have not say how to get it.
#[cfg(not(feature = "doh"))]
#[test]
fn question_by_https_says_how_to_build_what_asks_it() {
    assert_eq!(
        mini_dig("--net names www.example.com +https +exit"),
        "$ mini-dig --net names www.example.com +https +exit\n\
         ;; no HTTPS with 192.0.2.53#443: this mini-dig was built without DNS over HTTPS\n\
         ;; hint: build it with `cargo build --package mini-dig --features doh`\nexit 18\n"
    );
}

#[test]
fn trace_says_who_is_asked_and_where_the_address_came_from() {
    insta::assert_snapshot!(each(&[
        "--net names www.example.com +trace",
        "--net names @root help.example.com +trace",
        "--net names @root www.far.org +trace",
        "--net names @198.51.100.2 lame.com +trace",
        "--net names @ns-example-com loop.example.com +trace",
        "--net names @root nosuch.example.org +trace +exit",
    ]));
}

#[test]
fn options_travel_in_a_record_of_their_own() {
    insta::assert_snapshot!(each(&[
        "--net names @ns-example-com www.example.com +nsid +dnssec",
        "--net names @ns-example-com www.example.com +cookie=0102030405060708 +subnet=192.0.2.77/24 -e +short",
    ]));
}

#[test]
fn address_is_asked_for_backwards() {
    insta::assert_snapshot!(each(&[
        "--net names -x 203.0.113.10 +short",
        "--net names @root -x 2001:db8::1 +norec +exit"
    ]));
}

#[test]
fn json_has_the_names_of_rfc_8427() {
    insta::assert_snapshot!(each(&[
        "--net names @ns-example-com --json shop.example.com",
        "--net names @root --json www.example.com +trace +exit",
    ]));
}

/// The files that there are.
const LISTS: [(&str, &str); 5] = [
    (
        "names.txt",
        "# what is asked\n\nwww.example.com\nmx example.com +noedns   ; type and name in either order\n\
         nosuch.example.com\n  big.example.org TXT +bufsize=512\n-x 203.0.113.10\nwww.far.org +short # the data alone\n",
    ),
    ("hosts.txt", "www.example.com\nshop.example.com\nnosuch.example.com\nmail.example.com\nmany.example.com\n"),
    ("bad.txt", "www.example.com\n\nwww..example.com\n"),
    ("flag.txt", "www.example.com +dnsec\n"),
    ("empty.txt", "# nothing\n"),
];

#[test]
fn list_is_asked_all_at_once_and_told_in_its_order() {
    insta::assert_snapshot!(shortened(&each(&[
        "--net names -f names.txt",
        "--net names -f hosts.txt +short +exit",
        "--net names -f hosts.txt --quiet --in-flight 1",
        "--net names @ns-example-com -f hosts.txt -t TXT --quiet +tcp",
    ])));
}

#[test]
fn question_of_a_list_is_sent_again_and_given_up_by_itself() {
    // The second and the fourth of five that leave together; each is asked for again 5 s later.
    insta::assert_snapshot!(each(&[
        "--net names @ns-example-com -f hosts.txt +short --fault \"lose the second udp from client to ns-example-com\" \
         --fault \"lose the fourth udp from client to ns-example-com\"",
        "--net names @ns-example-com -f hosts.txt +short --as-they-come \
         --fault \"lose the second udp from client to ns-example-com\"",
        "--net names @com -f hosts.txt --fault \"drop udp at com\" +timeout=2 +tries=2 +exit",
        "--net names @web -f hosts.txt +tries=1",
    ]));
}

#[test]
fn list_has_an_object_for_each_question() {
    insta::assert_snapshot!(shortened(&mini_dig("--net names -f names.txt --json")));
}

#[test]
fn spelling_at_random_is_told_in_bits() {
    insta::assert_snapshot!(each(&[
        "--net names @ns-example-com www.example.com +0x20",
        "--net names @ns-example-com -f hosts.txt --quiet +0x20",
    ]));
}

#[test]
fn second_question_is_answered_from_the_cache_as_long_as_its_time_lasts() {
    insta::assert_snapshot!(each(&[
        "--net names shop.example.com +cache=30",
        "--net names www.example.com +cache=300 +short",
        "--net names nosuch.example.com +cache=59.5 +exit",
        "--net names @root www.example.com AAAA +trace +cache=30",
        "--net names @root www.far.org +trace +cache=4000",
        "--net names --json nosuch.example.com +cache",
    ]));
}

#[test]
fn wrong_lists_are_told_by_file_and_line_before_anything_leaves() {
    insta::assert_snapshot!(each(&[
        "--net names -f nosuch.txt",
        "--net names -f bad.txt",
        "--net names -f flag.txt",
        "--net names -f empty.txt",
        "--net names -f hosts.txt www.example.com",
        "--net names -f hosts.txt +trace",
        "--net names -f hosts.txt -e",
        "--net names -f hosts.txt --in-flight 0",
        "--net names www.example.com --quiet",
    ]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    insta::assert_snapshot!(each(&[
        "--net names www..example.com",
        "--net names www.example.com AAAAA",
        "--net names www.example.com A extra",
        "--net names www.example.com +shrt",
        "--net names www.example.com +bufsize=big",
        "--net names www.example.com +timeout=0",
        "--net names www.example.com +tries=0",
        "--net names www.example.com +cookie=01",
        "--net names www.example.com +cache=soon",
        "--net names a\\256.example.com",
        "--net names xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example",
        "--net names www.example.com +subnet=192.0.2.0/33",
        "--net names www.example.com +short=1",
        "--net names @nobody www.example.com",
        "--net names @ www.example.com",
        "--net names -x www.example.com",
        "--net names -t NOSUCH www.example.com",
    ]));
}

#[test]
fn lie_is_believed_as_often_as_the_odds_of_guessing_say() {
    insta::assert_snapshot!(each(&[
        "--net names-poisoned poison counts fixed8 fixed random8 cased8 resolver",
        "--net names-poisoned poison random8 +races=20 +guesses=1024",
        "--net names-poisoned poison resolver +races=1 +guesses=1",
    ]));
}

#[test]
fn lies_won_are_within_what_chance_allows_whatever_the_seed() {
    let (mut races, mut won, mut expected) = ([0; 2], [0.0; 2], [0.0; 2]);
    for seed in 1..=5 {
        let lines = run(&format!("--net names-poisoned --json --seed {seed} poison fixed8 random8 +races=200"));
        let lines = String::from_utf8(lines.stdout).unwrap();
        for (row, line) in lines.lines().enumerate() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            won[row] += event["won"].as_f64().unwrap();
            expected[row] += event["expected"].as_f64().unwrap();
            races[row] += 200;
            assert!((event["odds"].as_f64().unwrap() - [0.25, 0.03125][row]).abs() < 1e-9, "seed {seed}: {line}");
        }
    }
    for row in 0..2 {
        let (low, high) = mini_dig::poison::odds::expected_range(races[row], expected[row] / f64::from(races[row]));
        assert!((low..=high).contains(&won[row]), "{} of {} were won, {low} to {high} expected", won[row], races[row]);
    }
}

#[test]
fn poison_is_for_simulated_networks_and_for_zones_of_others() {
    insta::assert_snapshot!(each(&[
        "poison counts",
        "--net names-poisoned poison",
        "--net names-poisoned poison counts +race=10",
        "--net names-poisoned poison counts +races=none",
        "--net names-poisoned poison counts +zone=org",
        "--net names-poisoned poison root",
        "--net names poison resolver",
        "--net names-poisoned poison counts -e",
    ]));
}

#[test]
fn help_groups_options_by_what_they_change() {
    insta::assert_snapshot!(mini_dig("--help"));
}
