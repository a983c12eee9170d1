//! Conversations as ladders: what belongs to one, and what is lost, sent again or late.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod made;

use made::{CLIENT, Kept, Run, SERVER, Shot, connection, ip, narrow, pcapng};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::Mac;
use wire::dhcp::options::{ACK, DISCOVER, DhcpOption, MESSAGE_TYPE, OFFER, REQUEST};
use wire::dhcp::{BOOTREPLY, CLIENT_PORT, Dhcp, SERVER_PORT};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

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

/// Fast Open: the SYN is numbered before its data (RFC 9293 section 3.4), so that the first byte is the first in any connection.
#[test]
fn data_in_a_syn_begin_with_byte_1() {
    let capture = include_bytes!("../../../testdata/captures/fast-open.pcapng");
    let kept = Kept::new(&[("fast-open.pcapng", &capture[..])]);
    insta::assert_snapshot!(kept.peels(&[
        "fast-open.pcapng 11",
        "fast-open.pcapng --follow 3",
        "fast-open.pcapng --follow 11"
    ]));
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
    let shots: Vec<Shot> = frames
        .into_iter()
        .zip(0..)
        .map(|(frame, number)| Shot { ns: number * 1_000_000, frame, ..Shot::default() })
        .collect();
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
            let body =
                NeighborAdvertisement { router: false, solicited: true, overrides: true, reserved: 0, target: asked };
            (asked, asks, icmpv6::NEIGHBOR_ADVERTISEMENT, body.bytes())
        }
    };
    let message = icmpv6::message(from, to, kind, 0, &body);
    let packet =
        wire::ipv6::Ipv6 { hop_limit: 255, ..wire::ipv6::Ipv6::new(from, to, wire::ipv6::ICMPV6) }.packet(&message);
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

/// Addresses from DHCP: the client has none yet, and neither knows the other's.
#[test]
fn transaction_of_dhcp_is_a_conversation_whatever_its_addresses() {
    let message = |kind: u8, xid: u32| {
        let is_reply = kind == OFFER || kind == ACK;
        let client = Dhcp::from_client(Mac([2, 0, 0, 0, 0, 2]), xid);
        let (from, to, ports, message) = match is_reply {
            false => (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, (CLIENT_PORT, SERVER_PORT), client),
            true => {
                let reply = Dhcp { op: BOOTREPLY, yiaddr: CLIENT, ..client };
                (Ipv4Addr::new(10, 0, 0, 1), CLIENT, (SERVER_PORT, CLIENT_PORT), reply)
            }
        };
        let bytes = message.message(&[DhcpOption { code: MESSAGE_TYPE, data: &[kind] }]);
        ip(from, to, ipv4::UDP, &Udp::new(ports.0, ports.1).datagram(from.into(), to.into(), &bytes))
    };
    let frames = [(DISCOVER, 7), (DISCOVER, 8), (DISCOVER, 7), (OFFER, 7), (OFFER, 8), (REQUEST, 7), (ACK, 7)];
    let all = followed(frames.map(|(kind, xid)| message(kind, xid)).to_vec(), &[4]);
    insta::assert_snapshot!(all);
}

#[test]
fn later_fragments_belong_to_the_conversation_of_the_first() {
    let (from, to) = (CLIENT.into(), SERVER.into());
    let datagram = |port, identification| {
        let datagram = Udp::new(port, 9).datagram(from, to, &[7; 3000]);
        let packet = Ipv4 { identification, ..Ipv4::new(CLIENT, SERVER, ipv4::UDP) }.packet(&datagram);
        wire::fragment::cut(&packet, 1500).expect("fragments")
    };
    let stations =
        Ethernet { destination: Mac([2, 0, 0, 0, 0, 5]), source: Mac([2, 0, 0, 0, 0, 2]), ethertype: ethernet::IPV4 };
    let ([a, b], answer) = ([datagram(1000, 1), datagram(2000, 2)], Udp::new(9, 1000).datagram(to, from, b"all"));
    let mut frames: Vec<Vec<u8>> = a.iter().zip(&b).flat_map(|(a, b)| [stations.frame(a), stations.frame(b)]).collect();
    frames.push(ip(SERVER, CLIENT, ipv4::UDP, &answer));
    let all = followed(frames, &[1, 7]);
    insta::assert_snapshot!(all);
}

#[test]
fn long_addresses_stand_above_each_other() {
    let (us, them): (Ipv6Addr, Ipv6Addr) = (
        "2001:db8:1111:2222:3333:4444:5555:6666".parse().expect("one"),
        "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa".parse().expect("one"),
    );
    let frame = |from: Ipv6Addr, to: Ipv6Addr, ports: (u16, u16), data: &[u8]| {
        let datagram = Udp::new(ports.0, ports.1).datagram(IpAddr::V6(from), IpAddr::V6(to), data);
        let packet = wire::ipv6::Ipv6::new(from, to, ipv4::UDP).packet(&datagram);
        Ethernet { destination: Mac([2; 6]), source: Mac([2; 6]), ethertype: ethernet::IPV6 }.frame(&packet)
    };
    let frames = vec![frame(us, them, (40_000, 9), b"hello"), frame(them, us, (9, 40_000), b"hello yourself")];
    insta::assert_snapshot!(followed(frames, &[2]));
}

/// The conversations of these packets, in a capture of these frames, a millisecond apart.
fn followed(frames: Vec<Vec<u8>>, numbers: &[usize]) -> String {
    let shots: Vec<Shot> = frames
        .into_iter()
        .zip(0..)
        .map(|(frame, number)| Shot { ns: number * 1_000_000, frame, ..Shot::default() })
        .collect();
    let kept = Kept::new(&[("x.pcapng", &pcapng(&[("net1", 1)], &shots))]);
    let calls: Vec<String> = numbers.iter().map(|number| format!("x.pcapng --follow {number}")).collect();
    let all = kept.peels(&calls.iter().map(String::as_str).collect::<Vec<_>>());
    narrow(&all);
    all
}
