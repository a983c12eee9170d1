//! What people are told of packets: each field by its bits, its value, its meaning and its source.

use insta::assert_snapshot;
use std::fmt::Write;
use std::net::Ipv4Addr;
use wire::dhcp::Dhcp;
use wire::dhcp::options::{self as dhcp_options, DhcpOption};
use wire::dissect::{Field, LinkType, dissect, dissect_captured};
use wire::ethernet::{self, Ethernet, Tag};
use wire::extensions::{InterfaceInformation, LabelStackEntry, Object, Role, message};
use wire::icmp;
use wire::icmpv6::options::{DnsServers, LinkLayerAddress, MtuOption, PrefixInformation};
use wire::icmpv6::{self, NeighborAdvertisement, RouterAdvertisement};
use wire::ipv4::{self, Ipv4};
use wire::ipv6::extension::{self, Fragment, Ipv6Option, Routing};
use wire::ipv6::{self, Ipv6};
use wire::linux_cooked::{LinuxCooked, LinuxCooked2};
use wire::tcp::Tcp;
use wire::tcp::options::{self as tcp_options, SackBlock, SackBlocks, TcpOption};
use wire::udp::Udp;
use wire::{Mac, arp::Arp};

const HOST: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 0xbb]);
pub(crate) const ME: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
pub(crate) const YOU: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

fn frame(ethertype: u16, packet: &[u8]) -> Vec<u8> {
    Ethernet { destination: ROUTER, source: HOST, ethertype }.frame(packet)
}

fn told(bytes: &[u8], original_len: usize, link: LinkType) -> String {
    let dissection = dissect_captured(bytes, original_len, link);
    let mut text = format!("{}\n", dissection.summary());
    for layer in dissection.layers() {
        let (header, payload, quoted) =
            (layer.header(), layer.payload(), if layer.is_quoted() { ", quoted" } else { "" });
        let _ = writeln!(text, "\n{}{quoted}: header {header:?}, payload {payload:?}", layer.protocol());
        layer.fields().for_each(|field| tell(&field, 1, &mut text));
    }
    for problem in dissection.problems() {
        let _ = writeln!(text, "\nproblem in byte {}, field '{}': {problem}", problem.byte, problem.field());
    }
    text
}

fn tell(field: &Field<'_>, depth: usize, text: &mut String) {
    let (indent, bits) = ("  ".repeat(depth), field.bits());
    let (name, shown, meaning, rfc) = (field.name(), field.shown(), field.meaning(), field.rfc());
    let _ = writeln!(
        text,
        "{indent}{:3}.{} {:3} {name} = {shown} | {meaning} | {rfc}",
        bits.start / 8,
        bits.start % 8,
        bits.len()
    );
    field.fields().for_each(|field| tell(&field, depth + 1, text));
}

pub(crate) fn all(bytes: &[u8], link: LinkType) -> String {
    told(bytes, bytes.len(), link)
}

#[test]
fn question_by_arp_in_a_tagged_frame() {
    let arp = Arp::request(HOST, ME, [192, 0, 2, 1].into());
    let tag = Tag { priority: 5, drop_eligible: false, vlan: 100, ethertype: ethernet::ARP };
    let broadcast = Ethernet { destination: Mac::BROADCAST, source: HOST, ethertype: ethernet::TAG };
    assert_snapshot!(all(&broadcast.frame(&[&tag.bytes()[..], &arp.bytes()].concat()), LinkType::Ethernet));
}

#[test]
fn echo_request_with_a_wrong_checksum_and_options() {
    let mut message = icmp::echo_request(8000, 1, b"first hop says !");
    message[2] ^= 1;
    let options = [7, 7, 4, 0, 0, 0, 0, 1, 148, 4, 0, 0];
    let header =
        Ipv4 { identification: 0xbeef, dont_fragment: true, dscp: 46, ecn: 1, ..Ipv4::new(ME, YOU, ipv4::ICMP) };
    let header = header.sealed(&options, message.len());
    assert_snapshot!(all(&[&header.bytes()[..], &options, &message].concat(), LinkType::RawIp));
}

#[test]
fn error_with_a_quote_and_extensions() {
    let probe = Ipv4 { ttl: 1, ..Ipv4::new(ME, YOU, ipv4::UDP) };
    let probe = probe.packet(&Udp::new(40_000, 33_434).datagram(ME.into(), YOU.into(), b"probe"));
    let entry = LabelStackEntry { label: 16_004, traffic_class: 0, bottom_of_stack: true, ttl: 1 };
    let interface = InterfaceInformation {
        if_index: Some(3),
        address: Some([203, 0, 113, 1].into()),
        name: Some(b"ge-0/0/1"),
        mtu: Some(1500),
        ..InterfaceInformation::new(Role::Incoming)
    };
    let objects = [Object::LabelStack(vec![entry]), Object::Interface(interface)];
    let error = message(icmp::TIME_EXCEEDED, 0, [0; 4], &probe, &objects);
    assert_snapshot!(all(&Ipv4::new([203, 0, 113, 1].into(), ME, ipv4::ICMP).packet(&error), LinkType::RawIp));
}

#[test]
fn first_segment_whose_checksum_is_left_to_the_card() {
    let options = tcp_options::emit(&[
        TcpOption::MaximumSegmentSize(1460),
        TcpOption::SackPermitted,
        TcpOption::Timestamps { value: 1000, echo_reply: 0 },
        TcpOption::NoOperation,
        TcpOption::WindowScale(7),
    ]);
    let syn = Tcp { syn: true, ece: true, cwr: true, sequence_number: 7_000, window: 64_240, ..Tcp::new(49_152, 80) };
    let mut segment = syn.segment(ME.into(), YOU.into(), &options, &[]);
    let pseudo_header =
        wire::checksum::Checksum::default().pseudo_header(ME.into(), YOU.into(), ipv4::TCP, segment.len());
    segment[16..18].copy_from_slice(&(!pseudo_header.finish()).to_be_bytes());
    assert_snapshot!(all(&frame(ethernet::IPV4, &Ipv4::new(ME, YOU, ipv4::TCP).packet(&segment)), LinkType::Ethernet));
}

#[test]
fn segment_with_data_of_which_the_end_was_not_captured() {
    let block = SackBlock { left_edge: 9_000, right_edge: 9_500 };
    let options =
        tcp_options::emit(&[TcpOption::Sack(SackBlocks::new(&[block])), TcpOption::Other { kind: 253, data: &[1] }]);
    let tcp = Tcp {
        ack: true,
        psh: true,
        sequence_number: 7_001,
        acknowledgment_number: 8_500,
        window: 501,
        ..Tcp::new(49_152, 80)
    };
    let packet = Ipv4::new(ME, YOU, ipv4::TCP).packet(&tcp.segment(ME.into(), YOU.into(), &options, &[b'x'; 100]));
    assert_snapshot!(told(&packet[..80], packet.len(), LinkType::RawIp));
}

#[test]
fn client_that_asks_for_an_address() {
    let discover = Dhcp { broadcast: true, ..Dhcp::from_client(HOST, 0x1234_5678) }.message(&[
        DhcpOption { code: dhcp_options::MESSAGE_TYPE, data: &[dhcp_options::DISCOVER] },
        DhcpOption { code: dhcp_options::REQUESTED_ADDRESS, data: &[192, 0, 2, 10] },
        DhcpOption { code: dhcp_options::HOST_NAME, data: b"laptop\x1b[2J" },
        DhcpOption { code: dhcp_options::CLIENT_IDENTIFIER, data: &[1, 2, 0, 0, 0, 0, 0xaa] },
        DhcpOption { code: dhcp_options::PARAMETER_REQUEST_LIST, data: &[1, 3, 6, 51, 200] },
        DhcpOption { code: dhcp_options::LEASE_TIME, data: &[0, 0, 0x0e, 0x10] },
        DhcpOption { code: dhcp_options::DNS_SERVER, data: &[192, 0, 2, 53, 198, 51, 100, 53] },
    ]);
    let (from, to) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST);
    let datagram = Udp::new(68, 67).datagram(from.into(), to.into(), &discover);
    let header = LinuxCooked2 {
        protocol: ethernet::IPV4,
        reserved: 0,
        interface_index: 2,
        hardware_type: 1,
        packet_type: 4,
        address_length: 6,
        address: [2, 0, 0, 0, 0, 0xaa, 0, 0],
    };
    let packet = Ipv4::new(from, to, ipv4::UDP).packet(&datagram);
    assert_snapshot!(all(&[&header.bytes(), &packet[..]].concat(), LinkType::LinuxCooked2));
}

#[test]
fn router_that_introduces_itself() {
    let (from, to) = ("fe80::1".parse().unwrap(), "ff02::1".parse().unwrap());
    let body = RouterAdvertisement {
        cur_hop_limit: 64,
        managed: false,
        other: true,
        home_agent: false,
        preference: 0,
        reserved: 0,
        router_lifetime: 1800,
        reachable_time: 0,
        retrans_timer: 0,
    };
    let prefix = PrefixInformation {
        kind: 3,
        length: 4,
        prefix_length: 64,
        on_link: true,
        autonomous: true,
        router_address: false,
        reserved: 0,
        valid_lifetime: u32::MAX,
        preferred_lifetime: 14_400,
        reserved2: 0,
        prefix: "2001:db8::".parse().unwrap(),
    };
    let mtu = MtuOption { kind: 5, length: 1, reserved: 0, mtu: 1480 };
    let servers = DnsServers { kind: 25, length: 3, reserved: 0, lifetime: 600 };
    let server: std::net::Ipv6Addr = "2001:db8::53".parse().unwrap();
    let source = LinkLayerAddress { kind: 1, length: 1, address: ROUTER };
    let body = [&body.bytes()[..], &prefix.bytes(), &mtu.bytes(), &servers.bytes(), &server.octets(), &source.bytes()]
        .concat();
    let message = icmpv6::message(from, to, icmpv6::ROUTER_ADVERTISEMENT, 0, &body);
    let packet = Ipv6 { hop_limit: 255, ..Ipv6::new(from, to, ipv6::ICMPV6) }.packet(&message);
    let header = LinuxCooked {
        packet_type: 2,
        hardware_type: 1,
        address_length: 6,
        address: [2, 0, 0, 0, 0, 0xbb, 0, 0],
        protocol: ethernet::IPV6,
    };
    assert_snapshot!(all(&[&header.bytes(), &packet[..]].concat(), LinkType::LinuxCooked));
}

#[test]
fn neighbour_that_answers_without_a_right_checksum() {
    let (from, to) = ("fe80::2".parse().unwrap(), "fe80::1".parse().unwrap());
    let body = NeighborAdvertisement { router: false, solicited: true, overrides: true, reserved: 1, target: from };
    let target = LinkLayerAddress { kind: 2, length: 1, address: HOST };
    let mut message =
        icmpv6::message(from, to, icmpv6::NEIGHBOR_ADVERTISEMENT, 0, &[&body.bytes()[..], &target.bytes()].concat());
    message[3] ^= 1;
    assert_snapshot!(all(&Ipv6::new(from, to, ipv6::ICMPV6).packet(&message), LinkType::RawIp));
}

#[test]
fn first_fragment_behind_three_extension_headers() {
    let (from, to) = ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap());
    let last: std::net::Ipv6Addr = "2001:db8::3".parse().unwrap();
    let fragment = Fragment {
        next_header: ipv6::UDP,
        reserved: 0,
        fragment_offset: 0,
        reserved2: 0,
        more_fragments: true,
        identification: 0xcafe,
    };
    let hop_by_hop = extension::options(
        extension::ROUTING,
        &[Ipv6Option { kind: 5, data: &[0, 0] }, Ipv6Option { kind: 0xde, data: &[1] }],
    );
    let routing = Routing { next_header: extension::FRAGMENT, length: 2, routing_type: 0, segments_left: 1 };
    let payload = [
        &hop_by_hop[..],
        &routing.bytes(),
        &[0; 4],
        &last.octets(),
        &fragment.bytes(),
        &Udp::new(5000, 53).datagram(from, last.into(), &[7; 1000])[..16],
    ];
    let std::net::IpAddr::V6(from) = from else { unreachable!("it is one of IPv6") };
    let header = Ipv6 { flow_label: 0x12345, ..Ipv6::new(from, to, extension::HOP_BY_HOP) };
    assert_snapshot!(all(&frame(ethernet::IPV6, &header.packet(&payload.concat())), LinkType::Ethernet));
}

#[test]
fn packets_in_one_line() {
    let ip = |protocol, payload: &[u8]| Ipv4::new(ME, YOU, protocol).packet(payload);
    let raw = |packet: Vec<u8>| dissect(&packet, LinkType::RawIp).summary().to_string();
    let framed =
        |ethertype, packet: &[u8]| dissect(&frame(ethertype, packet), LinkType::Ethernet).summary().to_string();
    let arp = Arp::request(HOST, ME, [192, 0, 2, 1].into());
    let lines = [
        framed(ethernet::ARP, &arp.bytes()),
        framed(ethernet::ARP, &arp.reply_from(ROUTER).bytes()),
        framed(ethernet::ARP, &Arp { sender: Ipv4Addr::UNSPECIFIED, ..arp }.bytes()),
        framed(ethernet::ARP, &Arp { target: arp.sender, ..arp }.bytes()),
        framed(0x88cc, &[0; 46]),
        framed(38, &[0xaa; 46]),
        raw(ip(ipv4::ICMP, &icmp::echo_request(1, 2, b""))),
        raw(ip(
            ipv4::ICMP,
            &icmp::message(icmp::UNREACHABLE, 4, [0, 0, 5, 120], &ip(ipv4::UDP, &Udp::new(1, 2).bytes())),
        )),
        raw(ip(ipv4::ICMP, &icmp::message(icmp::REDIRECT, 1, [192, 0, 2, 2], &ip(ipv4::TCP, &Tcp::new(5, 6).bytes())))),
        raw(ip(ipv4::ICMP, &[8, 0])),
        raw(ip(ipv4::UDP, &[0, 5, 0, 6, 0, 8, 0, 0])),
        raw(ip(ipv4::TCP, &[0, 5, 0, 6])),
        raw(ip(ipv4::TCP, &Tcp { fin: true, ack: true, ..Tcp::new(5, 6) }.segment(ME.into(), YOU.into(), &[], b"bye"))),
        raw(ip(89, &[0; 10])),
        raw(ip(ipv4::UDP, &[])),
        raw(vec![0x45]),
        raw(vec![0x70, 1, 2]),
        raw(vec![]),
    ];
    assert_snapshot!(lines.join("\n"));
}
