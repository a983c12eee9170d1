//! What the machine does for everybody: the loopback, names, time.
#![cfg(unix)]

use host::{Error, Host, Interest, Opt, Time};
use live::{Live, Stop};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(2);
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn live() -> Live {
    Live::new(Stop::never())
}

#[test]
fn datagram_arrives_with_sender_and_time() {
    let mut host = live();
    let mut here = host.bind_udp(ANY_PORT, &[Opt::Ttl(7)]).unwrap();
    let mut there = host.bind_udp(ANY_PORT, &[]).unwrap();
    let sent = host.now();
    here.send(Some(there.local()), b"first hop").unwrap();
    assert_eq!(host.wait(&[Interest::read(here.id()), Interest::read(there.id())], sent + LONG), Ok(vec![1]));
    let packet = there.recv(sent + LONG).unwrap().unwrap();
    assert_eq!((packet.bytes.as_slice(), packet.from), (&b"first hop"[..], Some(here.local())));
    assert!(sent < packet.at && packet.at <= host.now(), "{:?}", packet.at);
    if cfg!(target_os = "linux") {
        assert_eq!(packet.ttl, Some(7));
    }
}

#[test]
fn deadline_is_neither_early_nor_an_error() {
    let mut host = live();
    let mut socket = host.bind_udp(ANY_PORT, &[]).unwrap();
    assert_eq!(socket.recv(Time::START), Ok(None));
    for millis in [20, 120] {
        let until = host.now() + Duration::from_millis(millis);
        assert_eq!(socket.recv(until), Ok(None));
        assert!(host.now() >= until);
    }
    let on = [Interest::read(socket.id())];
    // The first time it is looked at in one way, and again in another.
    for micros in [2_500, 2_500, 500, 20_000] {
        let until = host.now() + Duration::from_micros(micros);
        assert_eq!(host.wait(&on, until), Ok(vec![]));
        assert!(host.now() >= until);
    }
    let until = host.now() + Duration::from_millis(20);
    host.sleep(until).unwrap();
    assert!(host.now() >= until);
}

#[cfg(target_os = "linux")]
#[test]
fn error_that_a_send_was_told_of_is_received_at_once() {
    let mut host = live();
    let there = host.bind_udp(ANY_PORT, &[]).unwrap();
    let mut here = host.bind_udp(ANY_PORT, &[]).unwrap();
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            // Nobody listens at port 1. The second send meets the error about the first, and nothing comes behind it.
            here.send(Some((Ipv4Addr::LOCALHOST, 1).into()), b"anybody there?").unwrap();
            here.send(Some(there.local()), b"you?").unwrap();
            let start = host.now();
            let refused = here.recv(start + LONG).unwrap().unwrap();
            assert_eq!(refused.error.map(|error| (error.kind, error.code)), Some((3, 3)));
            host.now() - start
        })
        .collect();
    times.sort();
    assert!(times[2] < Duration::from_millis(40), "{times:?}");
}

#[test]
fn address_is_taken_until_its_socket_is_dropped() {
    let mut host = live();
    let first = host.bind_udp(ANY_PORT, &[]).unwrap();
    let at = first.local();
    assert_eq!(host.bind_udp(at, &[]).err(), Some(Error::AddressInUse(at)));
    drop(first);
    assert!(host.bind_udp(at, &[]).is_ok());
}

#[test]
fn message_that_no_packet_can_hold_is_too_long() {
    let mut host = live();
    let mut socket = host.bind_udp(ANY_PORT, &[]).unwrap();
    let to = Some(socket.local());
    if cfg!(target_os = "linux") {
        let error = socket.send(to, &[0; 65_508]).unwrap_err();
        assert_eq!(error, Error::TooLong { have: 65_508, most: 65_507 });
    }
    assert!(socket.send(None, b"whither?").unwrap_err().to_string().ends_with("must be told where to send"));
}

#[test]
fn literal_is_its_own_address_and_ipv6_is_not_there_yet() {
    let mut host = live();
    assert_eq!(host.resolve("192.0.2.7"), Ok(vec![Ipv4Addr::new(192, 0, 2, 7).into()]));
    assert_eq!(host.resolve("localhost"), Ok(vec![Ipv4Addr::LOCALHOST.into()]));
    let v6 = "[::1]:0".parse().unwrap();
    for error in [host.resolve("::1").err(), host.route("::1".parse().unwrap()).err(), host.bind_udp(v6, &[]).err()] {
        assert_eq!(error.unwrap().to_string(), "this program has no IPv6 yet");
    }
    for name in ["", "no..name", "a name", "nul\0"] {
        assert_eq!(host.resolve(name), Err(Error::UnknownName { name: name.into(), known: vec![] }));
    }
}

#[test]
fn loopback_is_an_interface_and_the_way_to_itself() {
    let mut host = live();
    let interfaces = host.interfaces().unwrap();
    let own = |ip: &(IpAddr, u8)| *ip == (Ipv4Addr::LOCALHOST.into(), 8);
    let loopback = interfaces.into_iter().find(|interface| interface.addresses.iter().any(own)).unwrap();
    assert_eq!((loopback.mac, loopback.up), (None, true));
    let route = host.route(Ipv4Addr::LOCALHOST.into()).unwrap();
    assert_eq!((route.interface, route.source), (loopback.name, Ipv4Addr::LOCALHOST.into()));
    assert_eq!(route.next_hop, IpAddr::V4(Ipv4Addr::LOCALHOST));
}

#[test]
fn random_bytes_differ() {
    let mut bytes = [[0; 16]; 2];
    let mut host = live();
    bytes.iter_mut().for_each(|bytes| host.random(bytes));
    assert_ne!(bytes[0], bytes[1]);
}
