//! The learner's router in a network: what a host behind it sees is what it sees with a router of the simulator in that place.

use crate::check::case::Case;
use crate::check::{Finding, Observed};
use host::{Host, Result};
use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// The network of the case, with a router where the case has a host for the learner's program.
const WITH_A_ROUTER: &str = "routers";
/// Where the traffic comes from.
const CLIENT: &str = "client";
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 168, 10, 3);
/// Where two routers of that network send to each other.
const LOOP: Ipv4Addr = Ipv4Addr::new(192, 168, 66, 1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
const IDENTIFIER: u16 = 0x0707;

/// A ping, a traceroute, and a packet that goes round in a circle.
pub(super) fn traffic(host: &mut dyn Host, case: &Case, tell: &mut dyn FnMut(String)) -> Result<()> {
    let (server, in_a_loop) = (case.address(SERVER), case.address(LOOP));
    let source = host.route(server.into())?.source;
    let std::net::IpAddr::V4(source) = source else { return Ok(()) };
    let mut icmp = host.open_raw(ipv4::ICMP)?;
    let mut udp = host.open_raw(ipv4::UDP)?;
    let echo = |sequence, destination, ttl| {
        let message = icmp::echo_request(IDENTIFIER, sequence, &[0; 8]);
        Ipv4 { ttl, ..Ipv4::new(source, destination, ipv4::ICMP) }.packet(&message)
    };
    let probe = |ttl| {
        let port = 33_433 + u16::from(ttl);
        let datagram = Udp::new(45_678, port).datagram(source.into(), server.into(), &[]);
        Ipv4 { ttl, ..Ipv4::new(source, server, ipv4::UDP) }.packet(&datagram)
    };
    let sent = (1..=3).map(|number| (format!("ping {number}"), true, echo(number, server, 100)));
    let sent = sent.chain((1..=5).map(|ttl| (format!("a probe with a TTL of {ttl}"), false, probe(ttl))));
    let sent = sent
        .chain([64, 63].map(|ttl| (format!("a packet with a TTL of {ttl} in a loop"), true, echo(9, in_a_loop, ttl))));
    for (what, is_icmp, packet) in sent {
        let socket = if is_icmp { &mut icmp } else { &mut udp };
        socket.send(None, &packet)?;
        let until = host.now() + PATIENCE;
        let answer = loop {
            match icmp.recv(until)? {
                Some(packet) if packet.error.is_some() => {}
                Some(packet) => {
                    if let Some(said) = said(&packet.bytes) {
                        break said;
                    }
                }
                None => break "no answer".into(),
            }
        };
        tell(format!("{what}: {answer}"));
    }
    Ok(())
}

/// What an ICMP message says, and by whom.
fn said(packet: &[u8]) -> Option<String> {
    let (header, _, message, _) = Ipv4::parse(packet).ok()?;
    let (word, said) = icmp::parse(message).ok()?;
    Some(match said {
        Message::EchoReply { .. } => format!("{} answers, and its TTL is {}", header.source, header.ttl),
        Message::EchoRequest { .. } => return None,
        _ => format!("{} says {}/{}", header.source, word.kind, word.code),
    })
}

/// What the client told is what it tells where a router is.
pub(super) fn forwarded(observed: &Observed<'_>) -> std::result::Result<(), Finding> {
    let mut told = observed.beside.iter();
    for expected in with_a_router(observed.case) {
        let got = told.next().map_or("nothing", String::as_str);
        if got != expected {
            return Err(Finding::of([
                ("", "what a host behind your router saw is not what it sees behind another".into()),
                ("expected", expected),
                ("got", got.into()),
                ("", "RFC 1812 section 5.2.1: a router's step; `router.rs` is what yours is in the middle of".into()),
            ]));
        }
    }
    Ok(())
}

fn with_a_router(case: &Case) -> Vec<String> {
    let mut told = vec![];
    if let Ok(net) = case.network(WITH_A_ROUTER) {
        let world = Rc::new(RefCell::new(sim::World::new(&net, 1)));
        if let Some(mut client) = sim::guest(&world, CLIENT) {
            let _ = traffic(&mut client, case, &mut |line| told.push(line));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_behind_a_router_has_all_its_answers() {
        let net = sim::Net::builtin().iter().find(|(name, _)| *name == WITH_A_ROUTER).unwrap();
        let told = with_a_router(&Case::in_network("as-a-router", "", net.1.into(), &[]));
        assert_eq!(told.len(), 10, "{told:?}");
        assert_eq!(told.first().map(String::as_str), Some("ping 1: 192.168.10.3 answers, and its TTL is 96"));
        assert_eq!(told.get(4).map(String::as_str), Some("a probe with a TTL of 2: 192.168.3.100 says 11/0"));
        assert!(!told.iter().any(|line| line.ends_with("no answer")), "{told:?}");
    }
}
