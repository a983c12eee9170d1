//! The learner's NAT in a network: what a host behind it sees is what it sees with a NAT of the simulator in that place.

use crate::check::case::Case;
use crate::check::{Finding, Observed};
use host::{Host, Interest, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const HOST: Ipv4Addr = Ipv4Addr::new(55, 11, 22, 33);
const PUBLIC: Ipv4Addr = Ipv4Addr::new(44, 11, 5, 17);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
const IDENTIFIER: u16 = 0x1717;

/// What a host behind a NAT is told, question by question.
const SEEN: [&str; 8] = [
    "ping: 55.11.22.33 answers, identifier 0x1717",
    "a probe with a TTL of 1: 192.168.1.1 says 11/0 about 192.168.1.2:45678",
    "a probe with a TTL of 2: 44.11.5.1 says 11/0 about 192.168.1.2:45678",
    "a probe with a TTL of 3: 55.11.22.33 says 3/3 about 192.168.1.2:45678",
    "a datagram to 55.11.22.33:7: 55.11.22.33:7 answers 'one'",
    "a datagram to 44.11.5.17:7: 44.11.5.17:7 answers 'two'",
    "a datagram to 44.11.5.17:9: no answer",
    "a connection to 55.11.22.33:8080: open",
];

/// A ping, a traceroute, datagrams out and round the corner, and a connection.
pub(super) fn traffic(host: &mut dyn Host, _: &Case, tell: &mut dyn FnMut(String)) -> Result<()> {
    let std::net::IpAddr::V4(source) = host.route(HOST.into())?.source else { return Ok(()) };
    let mut heard = host.open_raw(ipv4::ICMP)?;
    let mut raw = host.open_raw(ipv4::UDP)?;
    let ping = Ipv4::new(source, HOST, ipv4::ICMP).packet(&icmp::echo_request(IDENTIFIER, 1, &[7; 8]));
    heard.send(None, &ping)?;
    tell(format!("ping: {}", answer(host, heard.as_mut())?));
    for ttl in 1..=3 {
        let datagram = Udp::new(45_678, 33_434).datagram(source.into(), HOST.into(), &[]);
        raw.send(None, &Ipv4 { ttl, ..Ipv4::new(source, HOST, ipv4::UDP) }.packet(&datagram))?;
        tell(format!("a probe with a TTL of {ttl}: {}", answer(host, heard.as_mut())?));
    }
    let mut socket = host.bind_udp((Ipv4Addr::UNSPECIFIED, 8892).into(), &[])?;
    for (to, word) in [((HOST, 7), "one"), ((PUBLIC, 7), "two"), ((PUBLIC, 9), "three")] {
        let to = SocketAddr::from(to);
        socket.send(Some(to), word.as_bytes())?;
        let came = match socket.recv(host.now() + PATIENCE) {
            // An error about what was sent is no answer to it.
            Ok(Some(packet)) => packet.from.filter(|_| packet.error.is_none()).map(|from| (from, packet.bytes)),
            Ok(None) => None,
            Err(error) => return Err(error),
        };
        let said = came.map_or("no answer".into(), |(from, bytes)| {
            format!("{from} answers '{}'", String::from_utf8_lossy(&bytes))
        });
        tell(format!("a datagram to {to}: {said}"));
    }
    let to = SocketAddr::from((HOST, 8080));
    let open =
        host.connect_tcp(to, &[], host.now() + PATIENCE).map_or_else(|error| error.to_string(), |_| "open".into());
    tell(format!("a connection to {to}: {open}"));
    Ok(())
}

/// The next ICMP message that says something.
fn answer(host: &mut dyn Host, socket: &mut dyn host::Packets) -> Result<String> {
    let until = host.now() + PATIENCE;
    loop {
        if host.wait(&[Interest::read(socket.id())], until)?.is_empty() {
            return Ok("no answer".into());
        }
        match socket.recv(until)? {
            Some(packet) if packet.error.is_some() => {}
            Some(packet) => {
                if let Some(said) = said(&packet.bytes) {
                    return Ok(said);
                }
            }
            None => return Ok("no answer".into()),
        }
    }
}

/// What an ICMP message says, by whom, and of an error, about whose packet.
fn said(packet: &[u8]) -> Option<String> {
    let (header, _, message, _) = Ipv4::parse(packet).ok()?;
    let (word, said) = icmp::parse(message).ok()?;
    match said {
        Message::EchoReply { echo, .. } => {
            Some(format!("{} answers, identifier 0x{:04x}", header.source, echo.identifier))
        }
        Message::EchoRequest { .. } => None,
        _ => {
            let (quoted, _, rest) = Ipv4::split(said.quoted()?.datagram).ok()?;
            let port = rest.first_chunk().map_or(0, |port| u16::from_be_bytes(*port));
            let error = format!("{}/{}", word.kind, word.code);
            Some(format!("{} says {error} about {}:{port}", header.source, quoted.source))
        }
    }
}

/// What the host told is what it tells where a NAT is.
pub(super) fn translated(observed: &Observed<'_>) -> std::result::Result<(), Finding> {
    let mut told = observed.beside.iter();
    for expected in SEEN {
        let got = told.next().map_or("nothing", String::as_str);
        if got != expected {
            return Err(Finding::of([
                ("", "what a host behind your NAT saw is not what it sees behind another".into()),
                ("expected", expected.into()),
                ("got", got.into()),
                ("", "`home.rs` is what yours is in the middle of".into()),
            ]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn host_behind_a_nat_of_the_simulator_sees_the_same() {
        let home = include_str!("../../../../../labs/17-nat-box/home.toml");
        let nat = home
            .replace(
                "[hosts.home]\n",
                "[nats.home]\ninside = [\"lan\"]\noutside = \"access\"\nforward = [\"udp 7 -> 192.168.1.4:7\"]\n",
            )
            .replace("44.11.5.16/24", "44.11.5.17/24")
            .replace("at    = \"home\"", "at    = \"host2\"");
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), nat).unwrap();
        let net = sim::Net::load(&file.path().to_string_lossy()).unwrap();
        let world = Rc::new(RefCell::new(sim::World::new(&net, 1)));
        let mut told = vec![];
        let case = Case::in_network("as-the-nat", "", String::new(), &[]);
        traffic(&mut sim::guest(&world, "host2").unwrap(), &case, &mut |line| told.push(line)).unwrap();
        assert_eq!(told, SEEN);
    }
}
