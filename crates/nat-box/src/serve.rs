//! `nat-box serve`: tells who asks which end it saw, and answers from another address or port where that is asked for.
//!
//! RFC 8489 section 6.3 (how a request is answered), RFC 5780 section 6.1 (from where).

use crate::flags::Serve;
use crate::stun::{Request, Response};
use cli::{Failure, Session, Verdict};
use host::{Error, Host, Interest, Packets, Time};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

/// A socket for each address and each port of the server: its first and its other one.
struct Doors {
    sockets: Vec<(SocketAddrV4, Box<dyn Packets>)>,
    addresses: Vec<Ipv4Addr>,
    ports: [u16; 2],
}

/// A question that was answered.
struct Answer {
    /// Which end of the server was asked.
    asked: SocketAddrV4,
    /// From which the answer left.
    from: SocketAddrV4,
    to: SocketAddrV4,
    /// Who asked.
    mapped: SocketAddrV4,
}

/// Runs `nat-box serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let addresses = match &flags.address[..] {
        [] => own_addresses(session.host)?,
        given => given.to_vec(),
    };
    let host = &mut *session.host;
    let doors = Doors::open(host, addresses.into_iter().take(2).collect(), [flags.port, flags.other_port])?;
    let ends: Vec<String> = doors.sockets.iter().map(|(end, _)| end.to_string()).collect();
    if !session.out.is_json() {
        session.out.line(&format!("STUN at {}", ends.join(", ")))?;
    }
    let until = flags.deadline.map_or(Time::NEVER, |deadline| host.now() + deadline);
    let interests: Vec<Interest> = doors.sockets.iter().map(|(_, socket)| Interest::read(socket.id())).collect();
    let mut doors = doors;
    let mut answered: u64 = 0;
    loop {
        let ready = match host.wait(&interests, until) {
            Ok(ready) if ready.is_empty() => break,
            Ok(ready) => ready,
            Err(Error::Interrupted | Error::Idle) => break,
            Err(error) => return Err(error.into()),
        };
        for index in ready {
            let Some(answer) = doors.answer(index, host.now())? else { continue };
            answered += 1;
            if session.out.explains() && !session.out.is_json() {
                let Answer { asked, from, to, mapped } = answer;
                session.out.line(&format!("{mapped} asked {asked}; answered from {from} to {to}"))?;
            }
        }
    }
    match session.out.is_json() {
        true => session.out.json(&crate::json::Line::Served { ends, answered })?,
        false => session.out.line(&format!("questions answered: {answered}"))?,
    }
    Ok(if answered > 0 { Verdict::Yes } else { Verdict::No })
}

/// The addresses of the host's interfaces, but for the loopback's.
pub(crate) fn own_addresses(host: &mut dyn Host) -> Result<Vec<Ipv4Addr>, Failure> {
    let interfaces = host.interfaces()?;
    let all = interfaces.iter().filter(|interface| interface.up).flat_map(|interface| &interface.addresses);
    let v4 = all.filter_map(|(address, _)| if let IpAddr::V4(address) = address { Some(*address) } else { None });
    Ok(v4.filter(|address| !address.is_loopback()).collect())
}

impl Doors {
    fn open(host: &mut dyn Host, addresses: Vec<Ipv4Addr>, ports: [u16; 2]) -> Result<Self, Failure> {
        let mut sockets = vec![];
        for address in &addresses {
            for port in ports {
                let end = SocketAddrV4::new(*address, port);
                sockets.push((end, host.bind_udp(SocketAddr::V4(end), &[])?));
            }
        }
        Ok(Self { sockets, addresses, ports })
    }

    /// Takes what has come to a socket; what was answered.
    fn answer(&mut self, index: usize, now: Time) -> Result<Option<Answer>, Failure> {
        let Some((own, socket)) = self.sockets.get_mut(index) else { return Ok(None) };
        let (own, Some(packet)) = (*own, socket.recv(now)?) else { return Ok(None) };
        let (Some(request), Some(SocketAddr::V4(from))) = (Request::read(&packet.bytes), packet.from) else {
            return Ok(None);
        };
        // RFC 5780 section 6.1: which of the four ends the answer comes from.
        let Some(origin) = self.changed(own, request.change_address, request.change_port) else { return Ok(None) };
        let response = Response {
            transaction: request.transaction,
            mapped: from,
            origin,
            other: self.changed(own, true, true),
            padding: request.padding,
        };
        let to = SocketAddrV4::new(*from.ip(), request.response_port.unwrap_or(from.port()));
        let socket = self.sockets.iter_mut().find(|(end, _)| *end == origin);
        let Some((_, socket)) = socket else { return Ok(None) };
        // What cannot leave is as lost as what gets lost.
        let sent = socket.send(Some(SocketAddr::V4(to)), &response.bytes());
        Ok(sent.is_ok().then_some(Answer { asked: own, from: origin, to, mapped: from }))
    }

    /// The end with the other address, the other port or both; `None`: there is no other address.
    fn changed(&self, own: SocketAddrV4, address: bool, port: bool) -> Option<SocketAddrV4> {
        let other_address = || self.addresses.iter().copied().find(|other| other != own.ip());
        let other_port = || self.ports.into_iter().find(|other| *other != own.port());
        let address = if address { other_address()? } else { *own.ip() };
        Some(SocketAddrV4::new(address, if port { other_port()? } else { own.port() }))
    }
}
