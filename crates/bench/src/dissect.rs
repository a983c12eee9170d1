//! How long a packet's tree takes, and its line.

use crate::pair::pair;
use crate::table::{Group, Row};
use std::fmt::Write;
use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};
use wire::arp::Arp;
use wire::dhcp::Dhcp;
use wire::dhcp::options::{self as dhcp_options, DhcpOption};
use wire::dissect::{LinkType, dissect};
use wire::ethernet::{self, Ethernet};
use wire::extensions::{self, LabelStackEntry, Object};
use wire::ipv4::{self, Ipv4};
use wire::ipv6::{self, Ipv6};
use wire::tcp::Tcp;
use wire::tcp::options::{self as tcp_options, TcpOption};
use wire::udp::Udp;
use wire::{Mac, icmp};

/// Trees of frames, and their lines.
pub(crate) const DISSECT: Group = Group {
    name: "dissect",
    title: "dissect: a frame's tree, and its line",
    about: "Tree: from the frame's bytes to layers, fields and problems, with all checksums verified. Line: the same, and the frame\n\
            in one line of text. There is no peer in this process. Times are of one frame.",
    rows,
};

/// What a million packets a second leave for one, in nanoseconds.
const BAR: f64 = 1000.0;

fn rows() -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for (what, frame) in frames() {
        let tree = dissect(&frame, LinkType::Ethernet);
        if let Some(problem) = tree.problems().first() {
            return Err(format!("{what}: {problem}"));
        }
        let mut text = String::new();
        let pair = pair(
            || dissect(black_box(&frame), LinkType::Ethernet),
            || {
                text.clear();
                let _ = write!(text, "{}", dissect(black_box(&frame), LinkType::Ethernet).summary());
                text.len()
            },
        );
        for (work, time, bar) in [("tree", pair.ours, Some(BAR)), ("line", pair.theirs, None)] {
            rows.push(Row {
                what: format!("{what}, {} B, {work}", frame.len()),
                ours: format!("{time:.0} ns, {:.1} M/s", 1000.0 / time),
                peer: String::new(),
                ratio: String::new(),
                bar: bar.map_or(String::new(), |_| "≥ 1 M/s".into()),
                reached: bar.map(|bar| time <= bar),
            });
        }
    }
    Ok(rows)
}

fn frames() -> Vec<(&'static str, Vec<u8>)> {
    const ME: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const YOU: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
    let (mac, router) = (Mac([2, 0, 0, 0, 0, 0xaa]), Mac([2, 0, 0, 0, 0, 0xbb]));
    let frame = |ethertype, packet: &[u8]| Ethernet { destination: router, source: mac, ethertype }.frame(packet);
    let ip = |protocol, payload: &[u8]| Ipv4::new(ME, YOU, protocol).packet(payload);
    let v4 = |protocol, payload: &[u8]| frame(ethernet::IPV4, &ip(protocol, payload));

    let udp = |payload: &[u8]| Udp::new(5000, 53).datagram(ME.into(), YOU.into(), payload);
    let options = tcp_options::emit(&[
        TcpOption::MaximumSegmentSize(1460),
        TcpOption::SackPermitted,
        TcpOption::Timestamps { value: 1, echo_reply: 0 },
        TcpOption::NoOperation,
        TcpOption::WindowScale(7),
    ]);
    let syn = Tcp { syn: true, window: 64_240, ..Tcp::new(49_152, 80) };
    let data = Tcp { ack: true, psh: true, window: 501, ..Tcp::new(49_152, 80) };
    let times = tcp_options::emit(&[
        TcpOption::NoOperation,
        TcpOption::NoOperation,
        TcpOption::Timestamps { value: 1, echo_reply: 2 },
    ]);
    let entry = LabelStackEntry { label: 16, traffic_class: 0, bottom_of_stack: true, ttl: 1 };
    let error = extensions::message(
        icmp::TIME_EXCEEDED,
        0,
        [0; 4],
        &ip(ipv4::UDP, &udp(b"probe")),
        &[Object::LabelStack(vec![entry])],
    );
    let discover = Dhcp::from_client(mac, 1).message(&[
        DhcpOption { code: dhcp_options::MESSAGE_TYPE, data: &[dhcp_options::DISCOVER] },
        DhcpOption { code: dhcp_options::REQUESTED_ADDRESS, data: &[10, 0, 0, 1] },
        DhcpOption { code: dhcp_options::PARAMETER_REQUEST_LIST, data: &[1, 3, 6, 15, 26, 28, 42, 51] },
    ]);
    let (from, to) = (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));
    let syn6 = syn.segment(from.into(), to.into(), &options, &[]);
    vec![
        ("ARP", frame(ethernet::ARP, &Arp::request(mac, ME, YOU).bytes())),
        ("ICMP echo", v4(ipv4::ICMP, &icmp::echo_request(1, 2, &[7; 56]))),
        ("ICMP error with a label", v4(ipv4::ICMP, &error)),
        ("UDP", v4(ipv4::UDP, &udp(&[7; 22]))),
        ("UDP", v4(ipv4::UDP, &udp(&[7; 1458]))),
        ("DHCP discover", v4(ipv4::UDP, &Udp::new(68, 67).datagram(ME.into(), YOU.into(), &discover))),
        ("TCP SYN", v4(ipv4::TCP, &syn.segment(ME.into(), YOU.into(), &options, &[]))),
        ("TCP data", v4(ipv4::TCP, &data.segment(ME.into(), YOU.into(), &times, &[7; 1448]))),
        ("TCP SYN over IPv6", frame(ethernet::IPV6, &Ipv6::new(from, to, ipv6::TCP).packet(&syn6))),
    ]
}
