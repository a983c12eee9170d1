//! Half-open TCP as a prober with a raw socket sees it: who accepts, who refuses, and what its own host does meanwhile.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod asking;

use asking::{World, ms};
use host::{Guest, Host};
use sim::Net;
use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use wire::Mac;
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::tcp::options::{TcpOption, TcpOptions};

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 2);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 1, 3, 2);

/// Flags by their initials, as `tcpdump` has them.
fn flags(tcp: &Tcp) -> String {
    let all = [(tcp.syn, 'S'), (tcp.fin, 'F'), (tcp.rst, 'R'), (tcp.ack, '.')];
    all.iter().filter(|(set, _)| *set).map(|(_, flag)| *flag).collect()
}

fn segment(from: u16, to: u16) -> Tcp {
    Tcp { sequence_number: 1000, window: 1024, ..Tcp::new(from, to) }
}

fn packet(ttl: u8, segment: Tcp, data: &[u8]) -> Vec<u8> {
    let bytes = segment.segment(CLIENT.into(), SERVER.into(), &[], data);
    Ipv4 { ttl, ..Ipv4::new(CLIENT, SERVER, ipv4::TCP) }.packet(&bytes)
}

/// Sends a packet and hears the segments that come back within half a second: flags, sequence, acknowledgment, MSS.
fn send(client: &mut Guest, packet: &[u8]) -> Vec<(String, u32, u32, Option<u16>)> {
    let mut raw = client.open_raw(ipv4::TCP).unwrap();
    raw.send(None, packet).unwrap();
    let until = client.now() + ms(500.0);
    std::iter::from_fn(|| raw.recv(until).unwrap()).map(|packet| heard(&packet.bytes)).collect()
}

fn heard(packet: &[u8]) -> (String, u32, u32, Option<u16>) {
    let (header, _, bytes, _) = Ipv4::parse(packet).unwrap();
    assert_eq!((header.source, header.dont_fragment, header.ttl), (SERVER, true, 61));
    assert!(Tcp::is_intact(SERVER.into(), CLIENT.into(), bytes));
    let (tcp, options, data) = Tcp::parse(bytes).unwrap();
    assert!(data.is_empty());
    let mss = TcpOptions::new(options).find_map(|option| match option.unwrap() {
        TcpOption::MaximumSegmentSize(mss) => Some(mss),
        _ => None,
    });
    (flags(&tcp), tcp.sequence_number, tcp.acknowledgment_number, mss)
}

/// The TCP segments on a cable: who to which port, flags, sequence number.
fn segments(world: &World, cable: &str) -> Rc<RefCell<Vec<(u16, String, u32)>>> {
    let seen = Rc::new(RefCell::new(vec![]));
    let list = Rc::clone(&seen);
    world.watch(cable, move |_, frame| {
        if let Ok((header, _, bytes, _)) = Ipv4::parse(&frame[14..])
            && header.protocol == ipv4::TCP
        {
            let (tcp, ..) = Tcp::parse(bytes).unwrap();
            list.borrow_mut().push((tcp.destination_port, flags(&tcp), tcp.sequence_number));
        }
    });
    seen
}

#[test]
fn open_port_accepts_and_the_probers_own_kernel_resets_what_it_knows_nothing_of() {
    let world = World::of("mtu");
    let mut client = world.guest("client");
    let wire = segments(&world, "net3");
    let answers = send(&mut client, &packet(64, Tcp { syn: true, ..segment(40_000, 80) }, b""));
    let [(flags, isn, 1001, Some(1460))] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(flags, "S.");
    assert_eq!(
        *wire.borrow(),
        [(80, "S".to_string(), 1000), (40_000, "S.".to_string(), *isn), (80, "R".to_string(), 1001)],
        "and to the RST nobody says anything"
    );
}

#[test]
fn closed_port_refuses_so_that_the_refusal_is_believed() {
    let mut client = World::of("mtu").guest("client");
    let mut said = |segment: Tcp, data: &[u8]| send(&mut client, &packet(64, segment, data));
    let plain = segment(40_000, 81);
    let one = |flags: &str, sequence, acknowledgment| vec![(flags.to_string(), sequence, acknowledgment, None)];
    assert_eq!(said(Tcp { syn: true, ..plain }, b""), one("R.", 0, 1001));
    assert_eq!(said(Tcp { ack: true, acknowledgment_number: 77, ..plain }, b"data"), one("R", 77, 0));
    assert_eq!(said(Tcp { fin: true, psh: true, urg: true, ..plain }, b"data"), one("R.", 0, 1005));
    assert_eq!(said(Tcp { rst: true, ..plain }, b""), []);
}

#[test]
fn damaged_segment_is_no_segment() {
    let mut client = World::of("mtu").guest("client");
    let good = packet(64, Tcp { syn: true, ..segment(40_000, 80) }, b"");
    for bit in 20 * 8..40 * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 0x80 >> (bit % 8);
        assert_eq!(send(&mut client, &bad), [], "bit {bit}");
    }
}

#[test]
fn same_syn_has_the_same_answer_again_and_other_ports_and_seeds_have_others() {
    let isn = |seed, port| {
        let mut client = World::new(&Net::load("mtu").unwrap(), seed).guest("client");
        let syn = packet(64, Tcp { syn: true, ..segment(port, 80) }, b"");
        let [first, again] = [(); 2].map(|()| send(&mut client, &syn)[0].1);
        assert_eq!(first, again);
        first
    };
    assert_eq!(isn(1, 40_000), isn(1, 40_000));
    assert_ne!(isn(1, 40_000), isn(1, 40_001));
    assert_ne!(isn(1, 40_000), isn(2, 40_000));
}

#[test]
fn what_completes_the_handshake_is_swallowed_and_a_stray_acknowledgment_is_reset() {
    let mut client = World::of("mtu").guest("client");
    let isn = send(&mut client, &packet(64, Tcp { syn: true, ..segment(40_000, 9) }, b""))[0].1;
    let ack = |acknowledgment_number| Tcp { ack: true, acknowledgment_number, ..segment(40_000, 9) };
    assert_eq!(send(&mut client, &packet(64, ack(isn.wrapping_add(1)), b"GET")), []);
    assert_eq!(send(&mut client, &packet(64, ack(9), b"")), [("R".to_string(), 9, 0, None)]);
}

#[test]
fn mss_is_by_the_mtu_of_the_interface_that_the_answer_leaves_by() {
    let mut net = Net::load("mtu").unwrap();
    net.set("net3.mtu=1006").unwrap();
    let mut client = World::new(&net, 1).guest("client");
    assert_eq!(send(&mut client, &packet(64, Tcp { syn: true, ..segment(40_000, 80) }, b""))[0].3, Some(966));
}

#[test]
fn syn_whose_ttl_ends_on_the_way_is_quoted_by_the_router() {
    let mut client = World::of("mtu").guest("client");
    let mut errors = client.open_raw(ipv4::ICMP).unwrap();
    assert_eq!(send(&mut client, &packet(2, Tcp { syn: true, ..segment(40_000, 80) }, b"")), []);
    let error = errors.recv(client.now()).unwrap().unwrap();
    let (header, _, message, _) = Ipv4::parse(&error.bytes).unwrap();
    let (said, quote) = icmp::parse(message).map(|(icmp, message)| (icmp, message.quote().unwrap())).unwrap();
    assert_eq!((header.source, said.kind, said.code), ([10, 1, 1, 2].into(), icmp::TIME_EXCEEDED, 0));
    assert_eq!(Tcp::parse(Ipv4::split(quote).unwrap().2).unwrap().0.source_port, 40_000);
}

#[test]
fn syn_to_everybody_is_dropped_by_open_and_closed_ports_alike() {
    let mut host2 = World::of("lan").guest("host2");
    let mut link = host2.open_link("lan").unwrap();
    let (own, mac) = (Ipv4Addr::new(10, 0, 0, 2), host2.interfaces().unwrap()[0].mac.unwrap());
    let mut answers = |frame_to: Mac, to: [u8; 4], port| {
        let bytes = Tcp { syn: true, ..segment(40_000, port) }.segment(own.into(), to.into(), &[], b"");
        let packet = Ipv4::new(own, to.into(), ipv4::TCP).packet(&bytes);
        link.send(None, &Ethernet { destination: frame_to, source: mac, ethertype: ethernet::IPV4 }.frame(&packet))
            .unwrap();
        let until = host2.now() + ms(50.0);
        let heard = std::iter::from_fn(|| link.recv(until).unwrap());
        // An answer, or what comes before it: who has 10.0.0.2?
        heard.filter(|packet| packet.bytes[6..12] != mac.0).count()
    };
    let host5 = [10, 0, 0, 5];
    for port in [80, 81] {
        for to in [host5, [10, 0, 0, 255], [255; 4]] {
            assert_eq!(answers(Mac::BROADCAST, to, port), 0, "{to:?} port {port}");
        }
        assert_ne!(answers(Mac([2, 0, 0, 0, 0, 0xdd]), host5, port), 0, "port {port}");
    }
}
