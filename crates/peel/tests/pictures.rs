//! Pictures of a capture: what is drawn, where it goes, and calls that draw nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod made;

use made::{Kept, Shot, connection, pcapng, segment};
use wire::tcp::Tcp;

fn kept() -> Kept {
    Kept::new(&[("ping.pcapng", &made::ping()), ("tcp.pcapng", &pcapng(&[("net1", 1)], &connection()))])
}

/// The file that a call leaves, which prints nothing.
fn file(kept: &Kept, args: &str) -> String {
    assert_eq!(kept.peel(&format!("{args} out")), format!("$ peel {args} out\nexit 0\n"));
    std::fs::read_to_string(kept.path().join("out")).unwrap()
}

#[test]
fn ladder_shows_what_the_host_saw_and_says_what_it_guesses() {
    let kept = kept();
    let ladder = file(&kept, "ping.pcapng --ladder");
    for text in [">192.168.1.3<", ">192.168.1.100<", ">192.168.10.3<", ">echo request 1<", ">echo reply 2<"] {
        assert!(ladder.contains(text), "{text}");
    }
    assert!(ladder.contains("how long each way took is a guess"));
    assert_eq!(ladder, file(&kept, "ping.pcapng --ladder"), "the same once more");
    let conversation = file(&kept, "ping.pcapng --follow 3 --ladder");
    assert!(conversation.contains(">echo request 1<") && !conversation.contains("192.168.1.100"));
    let filtered = file(&kept, "ping.pcapng arp --ladder");
    assert!(filtered.contains("ARP") && !filtered.contains("echo"));
}

#[test]
fn ladder_of_dhcp_names_a_host_by_the_address_that_it_gets() {
    let capture = include_bytes!("../../../testdata/captures/dhcp.pcapng");
    let kept = Kept::new(&[("dhcp.pcapng", capture)]);
    let ladder = file(&kept, "dhcp.pcapng udp --ladder");
    assert!(ladder.contains(">192.168.1.3<") && ladder.contains("192.168.1.3 to 192.168.1.100: "), "{ladder}");
    for never in [">0.0.0.0<", ">255.255.255.255<"] {
        assert!(!ladder.contains(never), "{never} is nobody's lane");
    }
}

#[test]
fn lost_and_resent_segments_are_marked_by_more_than_colour() {
    let ladder = file(&kept(), "tcp.pcapng --ladder");
    assert!(ladder.contains(">lost<") && ladder.contains("lost on the way"), "{ladder}");
    assert!(ladder.contains(", sent again<"), "{ladder}");
}

#[test]
fn grid_is_of_the_innermost_header_or_of_the_one_that_is_named() {
    let kept = kept();
    assert!(file(&kept, "ping.pcapng 3 --grid").contains(">ICMP header<"));
    assert!(file(&kept, "ping.pcapng 1 --grid").contains(">ARP message<"));
    let ip = file(&kept, "ping.pcapng 3 --layer ipv4 --grid");
    assert!(ip.contains(">IPv4 header<") && ip.contains(">192.168.10.3<") && ip.contains(">100<"));
}

#[test]
fn hexdump_has_every_byte_and_goes_where_it_is_told() {
    let printed = kept().peel("ping.pcapng 3 --hexdump -");
    let html = printed.split_once('\n').and_then(|(_, rest)| rest.strip_suffix("exit 0\n")).unwrap();
    assert!(html.starts_with("<div class=\"fh fhx\"") && html.ends_with("</div>\n"));
    assert!(html.contains("<i> 96</i>") && html.contains("<strong>8 echo request</strong>"), "{html}");
}

#[test]
fn long_capture_is_drawn_from_its_beginning_and_says_so() {
    let data = |number: u32| segment(false, Tcp { sequence_number: number, ack: true, ..Tcp::new(0, 0) }, b"x");
    let shots: Vec<Shot> = (0..50)
        .map(|number| Shot { ns: u64::from(number) * 1_000_000, frame: data(number), ..Shot::default() })
        .collect();
    let kept = Kept::new(&[("long.pcapng", &pcapng(&[("net1", 1)], &shots))]);
    assert_eq!(
        kept.peel("long.pcapng --ladder out"),
        "$ peel long.pcapng --ladder out\nnote: the ladder has the first 40 packets; a filter chooses others\nexit 0\n"
    );
    assert_eq!(kept.peel("long.pcapng -c 5 --ladder out"), "$ peel long.pcapng -c 5 --ladder out\nexit 0\n");
}

#[test]
fn call_that_draws_nothing_is_answered_in_two_lines() {
    insta::assert_snapshot!(kept().peels(&[
        "ping.pcapng udp --ladder out",
        "ping.pcapng 3 --ladder out",
        "ping.pcapng --follow 9 --ladder out",
        "ping.pcapng --grid out",
        "ping.pcapng --hexdump out",
        "ping.pcapng 3 --grid out --layer tcp",
        "ping.pcapng 3 --layer tcp",
        "ping.pcapng 3 --grid out --json",
        "ping.pcapng 9 --hexdump out",
        "ping.pcapng 3 --hexdump none/out",
        "--live --ladder out",
    ]));
}

#[test]
fn tables_of_samples_are_drawn_one_over_the_other() {
    let head = "time_ms,state,cwnd_bytes,ssthresh_bytes,rtt_ms,unacked_bytes,rwnd_bytes,retransmits\n";
    let reno = "0.000,ESTABLISHED,14600,,20.000,14600,65535,0\n20.000,ESTABLISHED,29200,,20.500,29200,65535,0\n\
                40.000,ESTABLISHED,14600,14600,22.000,14600,65535,1\n60.000,ESTABLISHED,16060,14600,21.000,0,65535,1\n";
    let cubic = "0.000,ESTABLISHED,14600,,20.000,14600,65535,0\n60.000,ESTABLISHED,40880,,20.000,0,65535,0\n";
    let kept = Kept::new(&[
        ("reno.csv", [head, reno].concat().as_bytes()),
        ("cubic.csv", [head, cubic].concat().as_bytes()),
        ("bad.csv", b"time_ms,cwnd_bytes\n1,many\n"),
        ("ping.pcapng", &made::ping()),
    ]);
    let one = file(&kept, "reno.csv --plot");
    for text in [">cwnd<", ">ssthresh<", ">unacked<", ">rtt<", ">sent again<", ">Window in kB<"] {
        assert!(one.contains(text), "{text}: {one}");
    }
    let both = file(&kept, "reno.csv cubic.csv --plot");
    for text in [">reno cwnd<", ">cubic cwnd<", ">reno ssthresh<", ">sent again<"] {
        assert!(both.contains(text), "{text}: {both}");
    }
    assert!(!both.contains("unacked") && !both.contains("cubic ssthresh"));
    insta::assert_snapshot!(kept.peels(&[
        "bad.csv --plot out",
        "ping.pcapng --plot out",
        "none.csv --plot out",
        "reno.csv reno.csv reno.csv reno.csv reno.csv --plot out",
        "reno.csv --plot out --tree",
    ]));
}
