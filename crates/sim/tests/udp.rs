//! UDP in the simulated network: ports, which socket a datagram is for, what comes back, how long it may be. The
//! numbers are those that the network `transport` is made for.

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

use asking::{World, at, ms};
use host::{Error, Guest, Host, Opt, Packet, Packets, Time};
use sim::Net;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

const A: [u8; 4] = [10, 0, 0, 1];
const B: [u8; 4] = [10, 0, 0, 2];
const ANY: [u8; 4] = [0; 4];

type Socket = Box<dyn Packets>;

/// What comes within a second.
fn heard(host: &mut Guest, socket: &mut Socket) -> Option<Packet> {
    socket.recv(host.now() + Duration::from_secs(1)).unwrap()
}

/// What comes back for `bytes` from port `from` of `host` to `to`.
fn ask(host: &mut Guest, from: u16, to: SocketAddr, bytes: &[u8]) -> Option<Packet> {
    let mut socket = host.bind_udp(at(ANY, from), &[]).unwrap();
    socket.send(Some(to), bytes).unwrap();
    heard(host, &mut socket)
}

fn said(packet: &Packet) -> Option<(IpAddr, u8, u8)> {
    packet.error.map(|error| (error.by, error.kind, error.code))
}

/// The datagrams on the link with their IP headers, as they pass.
fn datagrams(world: &World) -> Rc<RefCell<Vec<(Ipv4, Udp)>>> {
    let seen = Rc::new(RefCell::new(vec![]));
    let log = Rc::clone(&seen);
    world.watch("link", move |_, frame| {
        if let Ok((Ethernet { ethertype: ethernet::IPV4, .. }, packet)) = Ethernet::take(frame)
            && let Ok((header @ Ipv4 { protocol: ipv4::UDP, .. }, _, payload, _)) = Ipv4::parse(packet)
            && let Ok((udp, _)) = Udp::take(payload)
        {
            log.borrow_mut().push((header, udp));
        }
    });
    seen
}

#[test]
fn hosts_have_the_addresses_of_the_plan_ten_milliseconds_apart() {
    let world = World::of("transport");
    for (host, address, mac) in [("a", A, "02:00:00:00:00:01"), ("b", B, "02:00:00:00:00:02")] {
        let interface = &world.guest(host).interfaces().unwrap()[0];
        assert_eq!(interface.addresses, [(IpAddr::from(address), 24)]);
        assert_eq!((interface.mac.unwrap().to_string().as_str(), interface.mtu), (mac, 1500));
    }
    let mut a = world.guest("a");
    let arrivals = [(); 3].map(|()| {
        let sent = a.now();
        ask(&mut a, 0, at(B, 53), b"?").unwrap().at - sent
    });
    assert_eq!(arrivals, [ms(40.0), ms(20.0), ms(20.0)], "the first after a round trip of ARP");
}

#[test]
fn each_port_of_the_plan_answers_and_any_other_is_unreachable() {
    let world = World::of("transport");
    let (mut a, mut b) = (world.guest("a"), world.guest("b"));
    for port in [53, 68, 6978] {
        assert_eq!(ask(&mut a, 0, at(B, port), b"?").unwrap().from, Some(at(B, port)));
    }
    for port in [5555, 7712, 2222] {
        assert_eq!(ask(&mut b, 0, at(A, port), b"?").unwrap().from, Some(at(A, port)));
        assert_eq!(a.bind_udp(at(ANY, port), &[]).err(), Some(Error::AddressInUse(at(ANY, port))));
    }
    // The ports that TCP has open are closed for UDP.
    for port in [22, 443, 80, 7] {
        assert_eq!(said(&ask(&mut a, 0, at(B, port), b"?").unwrap()), Some((B.into(), 3, 3)), "port {port}");
    }
}

#[test]
fn port_5555_of_udp_and_of_tcp_are_two() {
    let world = World::of("transport");
    let (mut a, mut b) = (world.guest("a"), world.guest("b"));
    assert!(ask(&mut b, 0, at(A, 5555), b"?").unwrap().error.is_none(), "an echo answers by UDP");
    let syn = |from: &mut Guest, source: [u8; 4], (sport, to): (u16, [u8; 4]), dport| {
        let segment = Tcp { syn: true, sequence_number: 1, ..Tcp::new(sport, dport) };
        let segment = segment.segment(source.into(), to.into(), &[], &[]);
        let mut raw = from.open_raw(ipv4::TCP).unwrap();
        raw.send(None, &Ipv4::new(source.into(), to.into(), ipv4::TCP).packet(&segment)).unwrap();
        let answer = heard(from, &mut raw).unwrap().bytes;
        Tcp::parse(Ipv4::parse(&answer).unwrap().2).unwrap().0
    };
    let refused = syn(&mut b, B, (40_000, A), 5555);
    assert!(refused.rst && !refused.syn, "and nobody listens there by TCP");
    for port in [22, 443, 80] {
        let accepted = syn(&mut a, A, (5555, B), port);
        assert!(accepted.syn && accepted.ack, "a program may use 5555 by TCP all the same: port {port}");
    }
}

/// Sockets at `b` that share port 4000, and what of each arrived: by the name of the socket.
fn who_gets(world: &World, (from, port): (&str, u16), to: [u8; 4]) -> &'static str {
    let (mut a, mut b) = (world.guest(from), world.guest("b"));
    let mut open = |address, peer: Option<u16>| {
        let peer = peer.map(|port: u16| Opt::Peer(at(A, port)));
        let options = [Some(Opt::ReuseAddress(true)), peer].into_iter().flatten().collect::<Vec<_>>();
        b.bind_udp(at(address, 4000), &options).unwrap()
    };
    let sockets = [
        ("any", open(ANY, None)),
        ("address", open(B, None)),
        ("peer", open(ANY, Some(5000))),
        ("other", open(B, Some(5001))),
    ];
    let mut socket = a.bind_udp(at(ANY, port), &[]).unwrap();
    socket.send(Some(at(to, 4000)), b"?").unwrap();
    a.sleep(a.now() + Duration::from_secs(1)).unwrap();
    let got = sockets.into_iter().filter_map(|(name, mut socket)| socket.recv(Time::START).unwrap().map(|_| name));
    let got: Vec<&str> = got.collect();
    assert_eq!(got.len(), 1, "{got:?}");
    got[0]
}

#[test]
fn datagram_is_for_the_one_socket_that_fits_best() {
    let world = World::of("transport");
    assert_eq!(who_gets(&world, ("a", 5000), B), "peer");
    assert_eq!(who_gets(&world, ("a", 5001), B), "other");
    assert_eq!(who_gets(&world, ("a", 5002), B), "address");
    assert_eq!(who_gets(&world, ("b", 5000), [127, 0, 0, 1]), "any");
}

#[test]
fn port_is_shared_only_by_who_says_so() {
    let mut b = World::of("transport").guest("b");
    let _first = b.bind_udp(at(ANY, 4000), &[Opt::ReuseAddress(true)]).unwrap();
    assert_eq!(b.bind_udp(at(B, 4000), &[]).err(), Some(Error::AddressInUse(at(B, 4000))));
    assert!(b.bind_udp(at(B, 4000), &[Opt::ReuseAddress(true)]).is_ok());
}

#[test]
fn connected_socket_has_one_peer_and_others_meet_a_closed_port() {
    let world = World::of("transport");
    let (mut a, mut b) = (world.guest("a"), world.guest("b"));
    let mut connected = a.bind_udp(at(ANY, 0), &[Opt::Peer(at(B, 53))]).unwrap();
    assert_eq!(connected.local().ip(), IpAddr::from(A), "who is connected has an address of its own");
    connected.send(None, b"?").unwrap();
    assert_eq!(heard(&mut a, &mut connected).unwrap().from, Some(at(B, 53)));
    let stranger = ask(&mut b, 4000, connected.local(), b"psst").unwrap();
    assert_eq!(said(&stranger), Some((A.into(), 3, 3)));
    assert_eq!(heard(&mut a, &mut connected), None);
}

#[test]
fn error_goes_to_the_socket_that_it_is_about() {
    let world = World::of("transport");
    let mut a = world.guest("a");
    let shared = |peer| [Opt::ReuseAddress(true), Opt::Peer(at(B, peer))];
    let mut open = a.bind_udp(at(ANY, 5000), &shared(53)).unwrap();
    let mut closed = a.bind_udp(at(ANY, 5000), &shared(9)).unwrap();
    closed.send(None, b"anybody?").unwrap();
    let refusal = heard(&mut a, &mut closed).unwrap();
    assert_eq!((said(&refusal), &refusal.bytes[..]), (Some((B.into(), 3, 3)), &b"anybody?"[..]));
    assert_eq!(open.recv(Time::START).unwrap(), None);
}

#[test]
fn longest_datagram_has_65_507_bytes_and_the_shortest_none() {
    let world = World::of("transport");
    let seen = datagrams(&world);
    let mut a = world.guest("a");
    for len in [0, 1, 1472, 1473, 65_507] {
        let bytes = vec![7; len];
        assert_eq!(ask(&mut a, 0, at(B, 53), &bytes).unwrap().bytes, bytes, "{len} bytes");
    }
    // Each of these leaves and comes back; of fragments only the first has a UDP header, and others were taken for one.
    let wholes: Vec<u16> =
        seen.borrow().iter().filter(|(header, _)| header.is_whole()).map(|(_, udp)| udp.length).collect();
    assert_eq!(wholes, [8, 8, 9, 9, 1480, 1480]);
    let mut socket = a.bind_udp(at(ANY, 0), &[]).unwrap();
    let refused = socket.send(Some(at(B, 53)), &vec![7; 65_508]);
    assert_eq!(refused, Err(Error::TooLong { have: 65_508, most: 65_507 }));
}

#[test]
fn datagram_without_a_checksum_is_taken_as_it_is_and_answered_with_one() {
    let world = World::of("transport");
    let seen = datagrams(&world);
    let mut a = world.guest("a");
    let mut socket = a.bind_udp(at(ANY, 0), &[Opt::Checksum(false)]).unwrap();
    socket.send(Some(at(B, 53)), b"?").unwrap();
    assert_eq!(heard(&mut a, &mut socket).unwrap().bytes, b"?");
    let checksums: Vec<bool> = seen.borrow().iter().map(|(_, udp)| udp.checksum == 0).collect();
    assert_eq!(checksums, [true, false]);
}

#[test]
fn program_behind_a_port_has_a_name_in_the_listing() {
    let net = |service: &str| {
        let hosts =
            format!("[hosts.a]\non.l = \"10.0.0.1/24\"\nudp.53 = {service}\n[hosts.b]\non.l = \"10.0.0.2/24\"\n");
        let text = format!("title = \"t\"\nat = \"a\"\n{hosts}[links]\nl = {{}}\n");
        Net::parse("test.toml", &text)
    };
    let listing = net("{ service = \"echo\", app = \"AppX\" }").unwrap().listing();
    assert!(listing.contains("udp 53 echo by AppX"), "{listing}");
    for (wrong, said) in [
        ("{ app = \"AppX\" }", "'service' is missing"),
        ("{ service = \"eco\", app = \"AppX\" }", "unknown service 'eco'"),
        ("{ service = \"echo\", ap = \"AppX\" }", "unknown key 'ap'"),
        ("{ service = \"echo\", app = 5 }", "name of a program"),
        ("7", "service"),
    ] {
        let error = net(wrong).unwrap_err().error;
        assert!(error.contains(said), "{wrong}: {error}");
    }
}
