//! peel as a learner meets it: the command, both streams, the exit code.

#![expect(clippy::expect_used, reason = "a test ends at its first surprise")]

mod made;

use made::{CLIENT, Kept, Run, SERVER, Shot, ip, pcap, pcapng, segment};
use wire::tcp::Tcp;

fn ping() -> Kept {
    Kept::new(&[("ping.pcapng", &made::ping())])
}

#[test]
fn packets_have_a_line_each() {
    insta::assert_snapshot!(ping().peels(&["ping.pcapng", "ping.pcapng -c 2", "ping.pcapng --time previous",
        "ping.pcapng --time utc -c 1"]));
}

#[test]
fn one_packet_in_full_has_every_byte_with_its_meaning() {
    insta::assert_snapshot!(ping().peel("ping.pcapng 3"));
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
fn conversation_is_a_ladder() {
    let kept = Kept::new(&[("ping.pcapng", &made::ping()), ("trace.pcapng", &made::trace())]);
    let all = kept.peels(&["ping.pcapng --follow 6", "ping.pcapng --follow 1", "trace.pcapng --follow 10"]);
    narrow(&all);
    insta::assert_snapshot!(all);
}

/// A connection on a link that loses the second of three segments: what is lost, sent again, acknowledged selectively, late.
#[test]
fn lost_and_resent_segments_are_marked() {
    let kept = Kept::new(&[("tcp.pcapng", &pcapng(&[("net1", 1)], &connection()))]);
    let drawn = kept.peel("tcp.pcapng --follow 3");
    let typed = kept.peel_fed("tcp.pcapng --follow 3", &[], "C");
    narrow(&drawn);
    narrow(&typed);
    assert!(typed.is_ascii(), "{typed}");
    insta::assert_snapshot!(format!("{drawn}\n{typed}"));
}

/// The client numbers its bytes from 4294967000 on, so that they pass the largest number.
fn connection() -> Vec<Shot> {
    let (ours, theirs) = (4_294_967_000_u32, 7000_u32);
    let from_us = |from: u32, len: usize| {
        let sequence_number = ours.wrapping_add(from);
        let flags = Tcp { ack: from > 0, syn: from == 0, psh: len > 0, ..Tcp::new(0, 0) };
        let header = Tcp { sequence_number, acknowledgment_number: theirs + 1, window: 64_240, ..flags };
        segment(false, header, &vec![b'x'; len])
    };
    let from_them = |syn: bool, acknowledged: u32| {
        let sequence_number = if syn { theirs } else { theirs + 1 };
        let acknowledgment_number = ours.wrapping_add(acknowledged);
        let header = Tcp { sequence_number, acknowledgment_number, syn, ack: true, window: 65_160, ..Tcp::new(0, 0) };
        segment(true, header, b"")
    };
    let fin = |is_back: bool, rst: bool| {
        let (sequence_number, acknowledgment_number) =
            if is_back { (theirs + 1, ours.wrapping_add(1301)) } else { (ours.wrapping_add(1301), theirs + 2) };
        let header = Tcp { sequence_number, acknowledgment_number, ack: true, ..Tcp::new(0, 0) };
        segment(is_back, Tcp { fin: !rst, rst, ..header }, b"")
    };
    let shot = |us: u64, frame: Vec<u8>| Shot { ns: us * 1000, frame, ..Shot::default() };
    let lost = |us, frame| Shot { comment: Some("lost on the way"), ..shot(us, frame) };
    vec![
        shot(0, from_us(0, 0)),
        shot(20_000, from_them(true, 1)),
        shot(40_000, from_us(1, 0)),
        shot(40_100, from_us(1, 500)),
        lost(40_200, from_us(501, 400)),
        shot(40_300, from_us(901, 400)),
        Shot { comment: Some("dropped: the queue is full"), ..shot(60_000, from_them(false, 501)) },
        shot(60_300, from_them(false, 501)),
        shot(260_200, from_us(501, 400)),
        shot(280_200, from_them(false, 1301)),
        shot(1_300_000, fin(true, false)),
        shot(1_320_000, fin(false, true)),
    ]
}

#[test]
fn conversations_of_other_protocols_are_followed_too() {
    let (ours, theirs) = (CLIENT.into(), SERVER.into());
    let query = |port: u16, text: &[u8]| {
        let datagram = wire::udp::Udp::new(port, 53).datagram(ours, theirs, text);
        ip(CLIENT, SERVER, wire::ipv4::UDP, &datagram)
    };
    let answer = wire::udp::Udp::new(53, 40_000).datagram(theirs, ours, b"here");
    let frames = [
        query(40_000, b"where?"),
        query(40_001, b"another conversation"),
        query(40_000, b"where?"),
        ip(SERVER, CLIENT, wire::ipv4::UDP, &answer),
        v6(false),
        v6(true),
        ip(CLIENT, SERVER, 47, b"tunnel"),
        ip(SERVER, CLIENT, 50, b"\0\0\0\x07\0\0\0\x01secret"),
    ];
    let shots: Vec<Shot> =
        frames.into_iter().zip(0..).map(|(frame, number)| Shot { ns: number * 1_000_000, frame, ..Shot::default() }).collect();
    let kept = Kept::new(&[("many.pcapng", &pcapng(&[("net1", 1)], &shots))]);
    let all = kept.peels(&[
        "many.pcapng",
        "many.pcapng --follow 3",
        "many.pcapng --follow 5",
        "many.pcapng --follow 7",
        "many.pcapng --follow 3 from 10.0.0.5",
    ]);
    // But for the lines of IPv6, which has long addresses.
    narrow(all.split_once("$ peel many.pcapng --follow").expect("ladders").1);
    insta::assert_snapshot!(all);
}

/// A question of neighbour discovery, and its answer.
fn v6(is_answer: bool) -> Vec<u8> {
    use std::net::Ipv6Addr;
    use wire::icmpv6::{self, NeighborAdvertisement, NeighborSolicitation};
    let (asks, asked): (Ipv6Addr, Ipv6Addr) = ("fe80::1".parse().expect("one"), "fe80::2".parse().expect("one"));
    let (from, to, kind, body) = match is_answer {
        false => {
            let body = NeighborSolicitation { reserved: 0, target: asked };
            (asks, icmpv6::solicited_node(asked), icmpv6::NEIGHBOR_SOLICITATION, body.bytes())
        }
        true => {
            let body = NeighborAdvertisement { router: false, solicited: true, overrides: true, reserved: 0, target: asked };
            (asked, asks, icmpv6::NEIGHBOR_ADVERTISEMENT, body.bytes())
        }
    };
    let message = icmpv6::message(from, to, kind, 0, &body);
    let packet = wire::ipv6::Ipv6 { hop_limit: 255, ..wire::ipv6::Ipv6::new(from, to, wire::ipv6::ICMPV6) }.packet(&message);
    let frame = wire::ethernet::Ethernet {
        destination: wire::Mac([0x33, 0x33, 0xff, 0, 0, 2]),
        source: wire::Mac([2, 0, 0, 0, 0, 1]),
        ethertype: wire::ethernet::IPV6,
    };
    frame.frame(&packet)
}

/// What r1 sees of a ping: each packet comes in on one interface and goes out on the other.
#[test]
fn packet_that_is_forwarded_is_drawn_once() {
    let left = Run::new("routers", "-c 1 server").by::<myping::Myping>();
    let merged = merged(&left.links["net1"], &left.links["net3"]);
    let kept = Kept::new(&[("both.pcapng", &merged)]);
    let all = kept.peels(&["both.pcapng icmp", "both.pcapng interface net3 and icmp", "both.pcapng --follow 3"]);
    insta::assert_snapshot!(all);
}

/// Both files as one, in the order of their times.
fn merged(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut shots: Vec<Shot> = [a, b]
        .into_iter()
        .zip(0..)
        .flat_map(|(file, interface)| {
            let mut capture = peel::capture::Capture::open(file).expect("a capture");
            let mut shots = vec![];
            while let Some(record) = capture.next_packet().expect("whole") {
                let ns = record.packet.at.expect("a time").0.unsigned_abs();
                shots.push(Shot { ns, frame: record.packet.bytes.to_vec(), interface, ..Shot::default() });
            }
            shots
        })
        .collect();
    shots.sort_by_key(|shot| shot.ns);
    pcapng(&[("net1", 1), ("net3", 1)], &shots)
}

#[test]
fn lost_frames_of_our_own_captures_are_found_by_their_comments() {
    let run = Run { net: "routers", bent: &["net5.loss=50%"], args: "-c 4 server" };
    let left = run.by::<myping::Myping>();
    let kept = Kept::new(&[("net5.pcapng", &left.links["net5"])]);
    insta::assert_snapshot!(kept.peels(&["net5.pcapng", "net5.pcapng lost", "net5.pcapng --follow 3"]));
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
    let all = kept.peels(&["odd.pcapng", "odd.pcapng 1", "odd.pcapng --follow 1", "odd.pcapng --tree", "odd.pcapng --json",
        "\u{1b}[2J.pcap"]);
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
        &[("radio", 147), ("tun", 101), ("any", 113), ("any2", 276), ("v4", 228)],
        &[shot(0, b"what is this?"), shot(1, packet), shot(2, &cooked), shot(3, &cooked2), shot(4, packet)],
    );
    let kept = Kept::new(&[("mixed.pcapng", &file)]);
    insta::assert_snapshot!(kept.peels(&["mixed.pcapng", "mixed.pcapng 1", "mixed.pcapng 1 --json", "mixed.pcapng 3",
        "mixed.pcapng --follow 1", "mixed.pcapng tcp -c 1"]));
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
    assert_eq!(examples.len(), 5, "{help}");
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

/// `peel … | head -1`: the reader has seen enough and goes.
#[test]
#[expect(clippy::disallowed_types, reason = "assert_cmd cannot close a pipe while the program runs")]
fn reader_that_goes_away_ends_it_quietly() {
    use std::io::{BufRead, BufReader, Read};
    let frame = segment(false, Tcp::new(0, 0), b"");
    let kept = Kept::new(&[("long.pcap", &pcap(0xa1b2_c3d4, false, 1, &vec![Shot { frame, ..Shot::default() }; 50_000]))]);
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

/// No line is wider than a terminal, but for the command itself.
fn narrow(shown: &str) {
    for line in shown.lines().filter(|line| !line.starts_with('$')) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
