//! The questions, each with sockets of its own, so that none of them is answered by what another one left behind.

use super::Finding;
use crate::asker::{self, Asking};
use crate::flags::Behave;
use crate::serve::own_addresses;
use crate::stun::{Request, Response};
use cli::Failure;
use host::{Host, Packets, Time};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// Bytes that make a datagram too long for the links that there are.
const LONG: u16 = 2000;

/// Who asks: this host, with one or two addresses, and a server with two.
pub(super) struct Prober<'a> {
    pub(super) host: &'a mut dyn Host,
    pub(super) wait: Duration,
    /// The server's first end.
    pub(super) server: SocketAddrV4,
    /// Its end with the other address and the other port.
    other: SocketAddrV4,
    pub(super) from: Ipv4Addr,
    second: Option<Ipv4Addr>,
}

/// Whether three ends that were seen depend on the peer, and on what of it.
fn dependence(same_address: bool, same_port: bool) -> &'static str {
    match (same_address, same_port) {
        (true, true) => "endpoint-independent",
        (false, true) => "address-dependent",
        (_, false) => "address-and-port-dependent",
    }
}

impl<'a> Prober<'a> {
    /// Asks for the first time, from here: what the server sees, and what it has.
    pub(super) fn new(host: &'a mut dyn Host, flags: &Behave) -> Result<(Self, Finding), Failure> {
        let server = crate::server(host, &flags.server)?;
        let addresses = match &flags.from[..] {
            [] => own_addresses(host)?,
            given => given.to_vec(),
        };
        let first = addresses.first().copied();
        let from = first.ok_or_else(|| Failure::said("this host has no address to ask from"))?;
        let second = addresses.get(1).copied();
        let mut prober = Self { host, wait: flags.wait, server, other: server, from, second };
        let mut asking = prober.open(from, 0)?;
        let Some(response) = prober.ask(&mut asking, server, Request::default())? else {
            return Err(Failure::said(format!("no answer from {server}")).hint("`nat-box serve` is such a server"));
        };
        prober.other = response.other.ok_or_else(|| {
            Failure::said(format!("the server at {server} has no other address to answer from"))
                .hint("run `nat-box serve` on a host with two addresses: RFC 5780 section 6")
        })?;
        let (own, mapped) = (asking.own, response.mapped);
        let is_nat = own != mapped;
        let finding = format!("{own} is seen as {mapped}{}", if is_nat { "" } else { ": there is no NAT" });
        Ok((
            prober,
            Finding {
                question: "what the server sees",
                finding,
                requirement: None,
                met: None,
                how: "a Binding request, and what the answer has in XOR-MAPPED-ADDRESS: RFC 8489 section 14.2",
            },
        ))
    }

    pub(super) fn open(&mut self, address: Ipv4Addr, port: u16) -> Result<Asking, Failure> {
        asker::open(self.host, address, port)
    }

    pub(super) fn ask(
        &mut self,
        asking: &mut Asking,
        to: SocketAddrV4,
        request: Request,
    ) -> Result<Option<Response>, Failure> {
        let request = Request { transaction: asker::transaction(self.host), ..request };
        Ok(asker::ask(self.host, asking, to, &request, self.wait)?.map(|(response, _)| response))
    }

    /// The outside end of a socket, as this end of the server sees it.
    pub(super) fn mapped(&mut self, asking: &mut Asking, to: SocketAddrV4) -> Result<SocketAddrV4, Failure> {
        let response = self.ask(asking, to, Request::default())?;
        let silent = || Failure::said(format!("no answer from {to}")).hint("it answered before, or said that it would");
        response.map(|response| response.mapped).ok_or_else(silent)
    }

    /// The server's ends: first, other address with the same port, both other.
    fn ends(&self) -> [SocketAddrV4; 3] {
        [self.server, SocketAddrV4::new(*self.other.ip(), self.server.port()), self.other]
    }

    /// RFC 5780 section 4.3, tests I to III.
    fn mapping_of(&mut self, asking: &mut Asking) -> Result<&'static str, Failure> {
        let [first, address, both] = self.ends();
        let seen = self.mapped(asking, first)?;
        let by_address = self.mapped(asking, address)?;
        let by_both = self.mapped(asking, both)?;
        Ok(dependence(by_address == seen, by_both == by_address))
    }

    pub(super) fn mapping(&mut self) -> Result<Finding, Failure> {
        let mut asking = self.open(self.from, 0)?;
        let mapping = self.mapping_of(&mut asking)?;
        Ok(Finding {
            question: "mapping",
            finding: mapping.into(),
            requirement: Some("REQ-1: endpoint-independent"),
            met: Some(mapping == "endpoint-independent"),
            how: "one socket asks three ends of the server, and each says what it sees: RFC 5780 section 4.3",
        })
    }

    /// What becomes of ports: eight sockets, so that the same parity each time is no accident.
    pub(super) fn port(&mut self) -> Result<Finding, Failure> {
        let (mut kept, mut parity) = (0, 0);
        for _ in 0..8 {
            let mut asking = self.open(self.from, 0)?;
            let mapped = self.mapped(&mut asking, self.server)?;
            kept += u8::from(mapped.port() == asking.own.port());
            parity += u8::from(mapped.port() % 2 == asking.own.port() % 2);
        }
        let finding = match (kept, parity) {
            (8, _) => "kept".to_string(),
            (0, 8) => "another one, of the same parity".into(),
            (kept, _) => format!("kept {kept} times of 8"),
        };
        Ok(Finding {
            question: "port",
            finding,
            requirement: None,
            met: None,
            how: "eight sockets, and the outside port of each: RFC 4787 section 4.2",
        })
    }

    /// Two hosts that want the same outside port: what is seen of the second, and whether it behaves as when it is alone.
    ///
    /// The second talks to others first, where a NAT that tells flows apart by both ends may give it the same port; and then
    /// to the first one's peer, where it cannot.
    pub(super) fn collision(&mut self) -> Result<Vec<Finding>, Failure> {
        let Some(second) = self.second else {
            let finding = "not asked: this host has one address inside (--from)".to_string();
            return Ok(vec![Finding {
                question: "two hosts with one port",
                finding,
                requirement: None,
                met: None,
                how: "sockets of two addresses inside at the same port, while both are alive: RFC 4787 section 4.2.1",
            }]);
        };
        let mut one = self.open(self.from, 0)?;
        let seen = self.mapped(&mut one, self.server)?;
        let mut two = self.open(second, one.own.port())?;
        let [first, address, both] = self.ends();
        let seen_of_two = self.mapped(&mut two, both)?;
        let by_address = self.mapped(&mut two, address)?;
        let by_first = self.mapped(&mut two, first)?;
        let shared = [seen_of_two, by_address, by_first].contains(&seen);
        let mapping = dependence(by_address == by_first, seen_of_two == by_address);
        Ok(vec![
            Finding {
                question: "two hosts with one port",
                finding: format!("port {} of both: {seen} and {seen_of_two}", one.own.port()),
                requirement: Some("REQ-3: two ports"),
                met: Some(!shared),
                how: "sockets of two addresses inside at the same port, while both are alive: RFC 4787 section 4.2.1",
            },
            Finding {
                question: "mapping of the second",
                finding: mapping.into(),
                requirement: Some("REQ-1 and REQ-11: the same"),
                met: Some(mapping == "endpoint-independent"),
                how: "as for the mapping, by the one that came second to its port",
            },
        ])
    }

    /// RFC 5780 section 4.4, tests II and III.
    pub(super) fn filtering(&mut self) -> Result<Finding, Failure> {
        let mut asking = self.open(self.from, 0)?;
        self.mapped(&mut asking, self.server)?;
        let both = Request { change_address: true, change_port: true, ..Request::default() };
        let port = Request { change_port: true, ..Request::default() };
        let finding = if self.ask(&mut asking, self.server, both)?.is_some() {
            "endpoint-independent"
        } else if self.ask(&mut asking, self.server, port)?.is_some() {
            "address-dependent"
        } else {
            "address-and-port-dependent"
        };
        // RFC 4787 section 5, REQ-8 recommends one of the first two, by what is most important; none is forbidden.
        Ok(Finding {
            question: "filtering",
            finding: finding.into(),
            requirement: None,
            met: None,
            how: "the server is asked to answer from its other address, then from its other port: RFC 5780 section 4.4",
        })
    }

    /// Two sockets inside that know each other's outside ends. Both send, since a NAT may let in only whom one has sent to.
    pub(super) fn hairpin(&mut self) -> Result<Finding, Failure> {
        let (mut one, mut two) = (self.open(self.from, 0)?, self.open(self.second.unwrap_or(self.from), 0)?);
        let (outside_one, outside_two) = (self.mapped(&mut one, self.server)?, self.mapped(&mut two, self.server)?);
        for _ in 0..3 {
            one.socket.send(Some(SocketAddr::V4(outside_two)), b"hairpin")?;
            two.socket.send(Some(SocketAddr::V4(outside_one)), b"hairpin")?;
        }
        let until = self.host.now() + self.wait;
        let heard = sender(&mut *two.socket, until)?;
        let finding = match heard {
            None => "not delivered".to_string(),
            Some(from) if from == outside_one => "delivered, from the outside end of its sender".into(),
            Some(from) => format!("delivered, from {from}"),
        };
        Ok(Finding {
            question: "hairpin",
            finding,
            requirement: Some("REQ-9: from the outside end"),
            met: Some(heard == Some(outside_one)),
            how: "two sockets inside send to each other's outside ends: RFC 4787 section 6",
        })
    }

    /// RFC 5780 section 4.7: question and answer are longer than a link takes.
    pub(super) fn fragments(&mut self) -> Result<Finding, Failure> {
        let mut asking = self.open(self.from, 0)?;
        let passes = self.ask(&mut asking, self.server, Request { padding: LONG, ..Request::default() })?.is_some();
        Ok(Finding {
            question: "fragments",
            finding: if passes { "pass, both ways" } else { "do not pass" }.into(),
            requirement: Some("REQ-14: pass"),
            met: Some(passes),
            how: "question and answer of more than 2000 bytes: RFC 5780 section 4.7",
        })
    }
}

/// Who sent the next datagram that is no error.
fn sender(socket: &mut dyn Packets, until: Time) -> Result<Option<SocketAddrV4>, Failure> {
    while let Some(packet) = socket.recv(until)? {
        if let (Some(SocketAddr::V4(from)), None) = (packet.from, packet.error) {
            return Ok(Some(from));
        }
    }
    Ok(None)
}
