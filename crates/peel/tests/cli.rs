//! peel as a learner meets it: the command, both streams, the exit code.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod made;

use made::{Kept, Shot, connection, narrow, pcap, pcapng, segment};
use wire::tcp::Tcp;

fn ping() -> Kept {
    Kept::new(&[("ping.pcapng", &made::ping())])
}

#[test]
fn packets_have_a_line_each() {
    insta::assert_snapshot!(ping().peels(&[
        "ping.pcapng",
        "ping.pcapng -c 2",
        "ping.pcapng --time previous",
        "ping.pcapng --time utc -c 1"
    ]));
}

#[test]
fn one_packet_in_full_has_every_byte_with_its_meaning() {
    insta::assert_snapshot!(ping().peel("ping.pcapng 3"));
}

#[test]
fn packet_can_be_drawn_with_what_its_bytes_mean_below_them() {
    let shots = [
        Shot {
            frame: segment(false, Tcp { syn: true, ..Tcp::new(0, 0) }, b""),
            comment: Some("lost on the way"),
            ..Shot::default()
        },
        Shot {
            frame: [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 0xaa, 0, 0, 8, 0], &[0x45; 8][..]].concat(),
            interface: 1,
            ..Shot::default()
        },
    ];
    let kept =
        Kept::new(&[("ping.pcapng", &made::ping()), ("odd.pcapng", &pcapng(&[("net1", 1), ("any", 113)], &shots))]);
    let all = kept.peels(&[
        "ping.pcapng 4 -e",
        "odd.pcapng --explain --ascii",
        "ping.pcapng 3 -e --tree",
        "ping.pcapng -e --follow 3",
    ]);
    narrow(&all);
    insta::assert_snapshot!(all);
}

#[test]
fn error_in_full_shows_what_it_quotes() {
    let kept = Kept::new(&[("trace.pcapng", &made::trace())]);
    insta::assert_snapshot!(kept.peel("trace.pcapng 8"));
}

#[test]
fn packet_with_problems_says_where_and_what_would_be_right() {
    let mut frame = segment(false, Tcp { syn: true, window: 64_240, ..Tcp::new(0, 0) }, b"");
    frame[22] = 63; // somebody changed the time to live, and not the checksum
    frame[46] |= 0x0e; // and reserved bits
    let cut = Shot { ns: 1_000, frame: frame[..40].to_vec(), original_len: 60, ..Shot::default() };
    let file = pcapng(&[("net1", 1)], &[Shot { frame, ..Shot::default() }, cut]);
    insta::assert_snapshot!(Kept::new(&[("odd.pcapng", &file)]).peels(&[
        "odd.pcapng",
        "odd.pcapng 1",
        "odd.pcapng problem",
        "odd.pcapng not problem"
    ]));
}

#[test]
fn trees_have_layers_and_fields() {
    let kept = ping();
    let drawn = kept.peel("ping.pcapng --tree icmp -c 1");
    let typed = kept.peel("ping.pcapng --tree --ascii arp -c 1");
    assert!(typed.is_ascii(), "{typed}");
    insta::assert_snapshot!(format!("{drawn}\n{typed}"));
}

#[test]
fn packet_is_one_json_object() {
    let kept = ping();
    let all = kept.peels(&["ping.pcapng 1 --json", "ping.pcapng --json port 80"]);
    let lines: Vec<&str> = all.lines().filter(|line| line.starts_with('{')).collect();
    for line in &lines {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
    assert_eq!(lines.len(), 3, "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn filter_with_a_wrong_word_is_answered_with_the_nearest() {
    insta::assert_snapshot!(ping().peels(&[
        "ping.pcapng icpm",
        "ping.pcapng tcp and prot 80",
        "ping.pcapng port http",
        "ping.pcapng port",
        "ping.pcapng host 10.0.0.256",
        "ping.pcapng host 10.0.0.0/24",
        "ping.pcapng net 10.0.0.0/33",
        "ping.pcapng from port 90000",
        "ping.pcapng from here",
        "ping.pcapng not",
        "ping.pcapng (tcp",
        "ping.pcapng tcp )",
        "ping.pcapng tcp and",
        "ping.pcapng interface",
    ]));
}

#[test]
fn file_that_is_no_whole_capture_is_read_up_to_the_fault() {
    let ping = made::ping();
    let mut damaged = ping.clone();
    let at = ping.len() - 4;
    damaged[at] ^= 1;
    let old = pcap(0xa1b2_c3d4, false, 1, &connection());
    let mut bogus = old.clone();
    bogus[24 + 8..24 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let kept = Kept::new(&[
        ("cut.pcapng", &ping[..ping.len() - 50]),
        ("damaged.pcapng", &damaged),
        ("cut.pcap", &old[..90]),
        ("bogus.pcap", &bogus),
        ("header.pcap", &old[..20]),
        ("empty", b""),
        ("text", b"hello, world"),
        ("zipped.gz", &[0x1f, 0x8b, 8, 0]),
    ]);
    insta::assert_snapshot!(kept.peels(&[
        "cut.pcapng icmp",
        "cut.pcapng 6",
        "cut.pcapng --follow 3",
        "damaged.pcapng -c 1",
        "damaged.pcapng 6",
        "cut.pcap",
        "cut.pcap --json 1",
        "cut.pcap --json udp",
        "bogus.pcap",
        "header.pcap",
        "empty",
        "text",
        "zipped.gz",
    ]));
}

#[test]
fn wrong_call_is_answered_in_two_lines() {
    insta::assert_snapshot!(ping().peels(&[
        "",
        "--net lan",
        "none.pcapng",
        ".",
        "ping.pcapng 0",
        "ping.pcapng 7",
        "ping.pcapng 99999999999999999999",
        "ping.pcapng --follow 7",
        "ping.pcapng --follow 0",
        "ping.pcapng 3 --follow 3",
        "ping.pcapng --follow 3 --json",
        "ping.pcapng --tree --json",
        "ping.pcapng --time yesterday",
        "ping.pcapng --net lan",
        "ping.pcapng --seed 7",
        "ping.pcapng --tre",
        "--net lan --live=eth0",
        "--net lan --live --time utc",
    ]));
}

#[test]
fn filter_that_no_packet_passes_is_exit_1() {
    let kept = ping();
    assert_eq!(kept.peel("ping.pcapng udp"), "$ peel ping.pcapng udp\nexit 1\n");
    assert_eq!(kept.peel("ping.pcapng icmp -c 1").lines().count(), 3);
}

#[test]
fn standard_input_is_read_as_a_file_is() {
    let (kept, ping) = (ping(), made::ping());
    for args in ["", " 3", " --follow 3", " --tree", " --json icmp"] {
        let file = kept.peel(&format!("ping.pcapng{args}"));
        let input = kept.peel_fed(&format!("-{args}"), &ping, "C.UTF-8");
        assert_eq!(input.split_once('\n').map(|(_, shown)| shown), file.split_once('\n').map(|(_, shown)| shown));
    }
    let cut = kept.peel_fed("- -c 9", &ping[..ping.len() - 1], "C.UTF-8");
    assert!(cut.contains("error: standard input ends at byte "), "{cut}");
}

#[test]
fn what_would_act_on_a_terminal_is_shown_by_its_number() {
    let frame = segment(false, Tcp::new(0, 0), b"\x1b[31m");
    let shots = [
        Shot { frame: frame.clone(), comment: Some("\u{1b}]0;title\u{7} and \u{202e}backwards"), ..Shot::default() },
        Shot { frame, interface: 1, ..Shot::default() },
    ];
    let file = pcapng(&[("net\u{9b}1", 1), ("line\nbreak", 1)], &shots);
    let kept = Kept::new(&[("odd.pcapng", &file)]);
    let all = kept.peels(&[
        "odd.pcapng",
        "odd.pcapng 1",
        "odd.pcapng --follow 1",
        "odd.pcapng --tree",
        "odd.pcapng --json",
        "\u{1b}[2J.pcap",
    ]);
    let (_, shown) = all.split_once('\n').expect("lines");
    for call in shown.split("$ peel") {
        let printed = call.split_once('\n').map_or(call, |(_, printed)| printed);
        assert!(!printed.contains(|c: char| c != '\n' && cli::escape(&c.to_string()) != c.to_string()), "{printed:?}");
    }
    assert!(shown.contains("\\u{1b}]0;title\\u{7} and \\u{202e}backwards"), "{shown}");
}

#[test]
fn unknown_link_type_is_shown_by_its_number() {
    let shot = |interface, frame: &[u8]| Shot { interface, frame: frame.to_vec(), ..Shot::default() };
    let packet = &segment(false, Tcp::new(0, 0), b"")[14..];
    let cooked = [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 0xaa, 0, 0, 8, 0], packet].concat();
    let cooked2 = [&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 0xaa, 0, 0], packet].concat();
    let file = pcapng(
        &[("radio", 147), ("tun", 101), ("any", 113), ("any2", 276), ("v4", 228), ("lo0", 0)],
        &[
            shot(0, b"what is this?"),
            shot(1, packet),
            shot(2, &cooked),
            shot(3, &cooked2),
            shot(4, packet),
            shot(5, &[&[2, 0, 0, 0], packet].concat()),
        ],
    );
    let kept = Kept::new(&[("mixed.pcapng", &file)]);
    insta::assert_snapshot!(kept.peels(&[
        "mixed.pcapng",
        "mixed.pcapng 1",
        "mixed.pcapng 1 --json",
        "mixed.pcapng 3",
        "mixed.pcapng --tree interface lo0",
        "mixed.pcapng --follow 1",
        "mixed.pcapng tcp -c 1"
    ]));
}

#[test]
fn packets_of_a_link_are_shown_as_they_come() {
    let kept = Kept::new(&[]);
    insta::assert_snapshot!(kept.peels(&[
        "--net lan-poisoned --live",
        "--net lan-poisoned --live=lan -c 1 --tree",
        "--net lan-poisoned --live --json -c 1 arp",
        "--net lan-poisoned --live udp",
        "--net lan --live",
    ]));
}

#[test]
fn help_has_examples_that_work_as_typed() {
    let kept = ping();
    let help = kept.peel("--help");
    let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  peel ")).collect();
    assert_eq!(examples.len(), 6, "{help}");
    for example in examples {
        let shown = kept.peel(example.split("  ").next().unwrap_or_default());
        assert!(shown.ends_with("exit 0\n"), "{shown}");
    }
    assert!(help.contains("\n  myping --net routers -c 2 --pcap ping.pcapng server\n"), "what `ping` makes: {help}");
    narrow(&help);
    insta::assert_snapshot!(help);
}

#[test]
fn colour_changes_no_word() {
    let kept = Kept::new(&[("tcp.pcapng", &pcapng(&[("net1", 1)], &connection()))]);
    for args in ["tcp.pcapng", "tcp.pcapng --follow 1"] {
        let (plain, coloured) = (kept.peel(args), kept.peel(&format!("{args} --color always")));
        assert!(coloured.contains("\u{1b}[33m"), "{coloured}");
        let bare = coloured.replace("\u{1b}[33m", "").replace("\u{1b}[36m", "").replace("\u{1b}[0m", "");
        assert_eq!(bare.replace(" --color always", ""), plain);
    }
}

/// `tcpdump -w - | peel -`: who watches sees each packet as it comes.
#[test]
#[expect(clippy::disallowed_types, reason = "assert_cmd cannot speak and listen in turn")]
fn packet_through_a_pipe_is_shown_before_the_next_one_comes() {
    use std::io::{BufRead, BufReader, Write};
    let file = pcap(0xa1b2_c3d4, false, 1, &connection());
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("peel"))
        .env_clear()
        .arg("-")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let (mut from, mut to) = (0, 24 + 16 + 60);
    for shot in &connection()[1..3] {
        stdin.write_all(&file[from..to]).expect("written");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        assert!(line.contains("TCP"), "{line}");
        (from, to) = (to, to + 16 + shot.frame.len());
    }
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// `peel … | head -1`: the reader has seen enough and goes.
#[test]
#[expect(clippy::disallowed_types, reason = "assert_cmd cannot close a pipe while the program runs")]
fn reader_that_goes_away_ends_it_quietly() {
    use std::io::{BufRead, BufReader, Read};
    let frame = segment(false, Tcp::new(0, 0), b"");
    let kept =
        Kept::new(&[("long.pcap", &pcap(0xa1b2_c3d4, false, 1, &vec![Shot { frame, ..Shot::default() }; 50_000]))]);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("peel"))
        .env_clear()
        .current_dir(kept.path())
        .args(["long.pcap"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut String::new()).expect("a line");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("text");
    assert_eq!((stderr.as_str(), child.wait().expect("it ends").code()), ("", Some(0)));
}
