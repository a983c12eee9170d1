use super::*;
use cli::Failure;
use crate::capture::{Interface, Packet};
use wire::dissect::{LinkType, dissect};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// A segment from 10.0.0.2 port 49152 to 10.0.0.5 port 80, on interface net1, with a comment.
fn frame() -> Vec<u8> {
    let (from, to) = ([10, 0, 0, 2].into(), [10, 0, 0, 5].into());
    let segment = Tcp::new(49_152, 80).segment(std::net::IpAddr::V4(from), std::net::IpAddr::V4(to), &[], b"");
    let stations = Ethernet { destination: Mac([2, 0, 0, 0, 0, 5]), source: Mac([2, 0, 0, 0, 0, 2]), ethertype: ethernet::IPV4 };
    stations.frame(&Ipv4::new(from, to, ipv4::TCP).packet(&segment))
}

fn passes(filter: &str) -> bool {
    passes_frame(filter, &frame())
}

fn passes_frame(filter: &str, frame: &[u8]) -> bool {
    let interface = Interface::ethernet("net1");
    let packet = Packet {
        at: None,
        interface: 0,
        original_len: 60,
        bytes: frame,
        comment: Some("seen".into()),
        direction: None,
    };
    let record = Record { number: 1, packet, interface: &interface, interfaces: 1 };
    let dissection = dissect(frame, LinkType::Ethernet);
    let filter = Filter::read(filter).unwrap_or_else(|failure| panic!("{filter}: {failure:?}"));
    filter.passes(&record, Some(&dissection))
}

/// What is true of the packet, and what is not.
const TRUE: &[&str] = &[
    "tcp",
    "TCP",
    "ip",
    "ipv4",
    "ethernet",
    "host 10.0.0.2",
    "host 10.0.0.5",
    "10.0.0.5",
    "net 10.0.0.0/24",
    "10.0.0.0/8",
    "port 80",
    "port 49152",
    "port 1-80",
    "from 10.0.0.2",
    "src host 10.0.0.2",
    "to net 10.0.0.4/31",
    "dst 10.0.0.0/24",
    "from port 49152",
    "TO PORT 80",
    "host 02:00:00:00:00:05",
    "from 02:00:00:00:00:02",
    "comment",
    "interface net1",
    "",
];
const FALSE: &[&str] = &[
    "udp",
    "arp",
    "icmp",
    "icmpv6",
    "ipv6",
    "dhcp",
    "vlan",
    "host 10.0.0.3",
    "host ::1",
    "net 10.0.1.0/24",
    "net ::/0",
    "port 81",
    "port 81-90",
    "from 10.0.0.5",
    "to 10.0.0.2",
    "from port 80",
    "to port 49152",
    "to host 02:00:00:00:00:02",
    "problem",
    "lost",
    "interface net2",
];

#[test]
fn each_test_is_about_what_it_says() {
    for filter in TRUE {
        assert!(passes(filter), "{filter}");
    }
    for filter in FALSE {
        assert!(!passes(filter), "{filter}");
    }
}

#[test]
fn not_binds_strongest_then_and_then_or() {
    for (filter, expected) in [
        ("udp and tcp or tcp", true),
        ("tcp or udp and udp", true),
        ("(tcp or udp) and udp", false),
        ("not udp and tcp", true),
        ("not (udp or tcp)", false),
        ("not not tcp", true),
        ("tcp port 80", true),
        ("tcp not port 80", false),
        ("not tcp or udp or ip", true),
        ("(((tcp)))and(ip)", true),
    ] {
        assert_eq!(passes(filter), expected, "{filter}");
    }
}

#[test]
fn packet_that_an_error_quotes_is_not_the_packet_itself() {
    let frame = frame();
    let quote = &frame[14..54];
    let error = wire::icmp::message(wire::icmp::UNREACHABLE, 1, [0; 4], quote);
    let packet = Ipv4::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), ipv4::ICMP).packet(&error);
    let error = Ethernet { destination: Mac::ZERO, source: Mac::ZERO, ethertype: ethernet::IPV4 }.frame(&packet);
    assert!(passes_frame("icmp and 10.0.0.1", &error));
    for filter in ["tcp", "port 80", "host 10.0.0.5"] {
        assert!(!passes_frame(filter, &error), "{filter}");
    }
}

#[test]
fn host_is_about_arp_too() {
    let arp = wire::arp::Arp::request(Mac([2, 0, 0, 0, 0, 2]), [10, 0, 0, 2].into(), [10, 0, 0, 5].into());
    let frame = Ethernet { destination: Mac::BROADCAST, source: arp.sender_mac, ethertype: ethernet::ARP }.frame(&arp.bytes());
    assert!(passes_frame("from 10.0.0.2 and to 10.0.0.5 and arp", &frame));
    assert!(!passes_frame("ip or port 80", &frame));
}

/// `SplitMix64`.
struct Rng(u64);

impl Rng {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((z >> 33) % most as u64).unwrap()
    }
}

/// A filter at random, and whether the packet passes by the rules of logic.
fn random(rng: &mut Rng, depth: usize) -> (String, bool) {
    match rng.below(if depth == 0 { 2 } else { 6 }) {
        0 => (TRUE[rng.below(TRUE.len() - 1)].into(), true),
        1 => (FALSE[rng.below(FALSE.len())].into(), false),
        2 => {
            let (text, value) = random(rng, depth - 1);
            (format!("not ({text})"), !value)
        }
        3 => {
            let ((a, left), (b, right)) = (random(rng, depth - 1), random(rng, depth - 1));
            (format!("({a}) or ({b})"), left || right)
        }
        4 => {
            let ((a, left), (b, right)) = (random(rng, depth - 1), random(rng, depth - 1));
            (format!("({a}) and ({b})"), left && right)
        }
        _ => {
            // Without parentheses: `and` binds stronger than `or`.
            let parts: Vec<(&str, bool)> = (0..4)
                .map(|_| match rng.below(2) {
                    0 => (TRUE[rng.below(TRUE.len() - 1)], true),
                    _ => (FALSE[rng.below(FALSE.len())], false),
                })
                .collect();
            let text = format!("{} or not {} and {} or {}", parts[0].0, parts[1].0, parts[2].0, parts[3].0);
            (text, parts[0].1 || !parts[1].1 && parts[2].1 || parts[3].1)
        }
    }
}

#[test]
fn any_filter_means_what_the_rules_of_logic_say() {
    let mut rng = Rng(1);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..5_000 {
        let (text, expected) = random(&mut rng, 4);
        assert_eq!(passes(&text), expected, "{text}");
        if expected { yes += 1 } else { no += 1 }
    }
    assert!(yes > 1000 && no > 1000, "{yes} pass and {no} do not");
}

#[test]
fn words_in_any_order_are_a_filter_or_a_sentence() {
    let words = [
        "and", "or", "not", "(", ")", "host", "net", "port", "from", "to", "tcp", "10.0.0.5", "10.0.0.0/8", "80", "-", "é",
        "interface", "\u{1b}", "/", "1-", "-1", "::", "problem",
    ];
    let mut rng = Rng(2);
    let mut read = 0;
    for _ in 0..20_000 {
        let text: Vec<&str> = (0..rng.below(7)).map(|_| words[rng.below(words.len())]).collect();
        match Filter::read(&text.join(" ")) {
            Ok(_) => read += 1,
            Err(Failure::Said { error, .. }) => assert!(!error.contains('\u{1b}'), "{error:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(read > 100, "{read} of 20,000 are filters");
    assert!(Filter::read(&"(".repeat(10_000)).is_err());
    assert!(Filter::read(&"not ".repeat(10_000)).is_err());
}
