//! What a packet that comes says about a probe that left, if anything.
//!
//! An ICMP error quotes the packet that it is about (RFC 792): the quote, and not the order of arrival, tells which probe is
//! meant. All of it is compared: protocol, target, ports and number. What fits none of our probes is [`Foreign`].

use crate::foreign::Foreign;
use crate::probe::{Flow, Method, Shape};
use crate::told::Told;
use host::{IcmpError, Packet};
use std::net::IpAddr;
use wire::checksum::Checksum;
use wire::icmp::{self, Icmp, Message};
use wire::ipv4::Ipv4;
use wire::reader::Reader;
use wire::tcp::Tcp;
use wire::udp::Udp;

/// Somebody's answer to one probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To which probe.
    pub number: u16,
    /// Who answers.
    pub from: IpAddr,
    /// What it says.
    pub says: Says,
    /// The time to live with which the answer arrived, where the host can know it.
    pub ttl: Option<u8>,
    /// The time to live with which the probe arrived at whoever answers, where that is quoted.
    pub quoted_ttl: Option<u8>,
    /// What the answer tells behind the quote.
    pub told: Vec<Told>,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// ICMP type 11 code 0: the time to live was used up here. RFC 1812 section 5.3.1.
    TimeExceeded,
    /// ICMP type 3: it goes no farther, or it is there and the port is closed (code 3 of the target).
    Unreachable {
        /// Why.
        code: u8,
        /// With code 4: how long a packet the next link takes, in bytes; 0: it does not say.
        mtu: u16,
    },
    /// An echo reply.
    EchoReply,
    /// A SYN-ACK: the port is open.
    Open,
    /// A RST: the port is closed.
    Closed,
    /// A datagram from the port that was asked: somebody listens there after all.
    Datagram,
    /// ICMP type 12: the packet's header is said to be wrong.
    ParameterProblem,
}

/// RFC 792: an error quotes the header "plus the first 64 bits of the original datagram's data".
const LEAST_QUOTE: usize = 8;

/// Whether a checksum is only the sum over the pseudo-header: on a machine's own links and on cables that are not there, the rest
/// is left to a network card, and nobody ever makes it.
fn is_left_to_the_card(header: &Ipv4, payload: &[u8], checksum: u16) -> bool {
    let (from, to) = (IpAddr::V4(header.source), IpAddr::V4(header.destination));
    checksum == !Checksum::default().pseudo_header(from, to, header.protocol, payload.len()).finish()
}

/// The probes that left, to be told by what comes back of them.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What all of them have in common.
    pub shape: Shape,
    /// The flow of each; the first is probe 1.
    pub flows: Vec<Flow>,
}

impl Asked {
    /// No probe so far.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, flows: vec![] }
    }

    /// The number of one more probe, which is of this flow.
    ///
    /// There are 65,534 numbers, and no trace needs as many.
    pub fn add(&mut self, flow: Flow) -> u16 {
        self.flows.push(flow);
        u16::try_from(self.flows.len()).unwrap_or(u16::MAX)
    }

    fn is_ours(&self, number: u16, flow: Flow) -> bool {
        usize::from(number).checked_sub(1).and_then(|index| self.flows.get(index)) == Some(&flow)
    }

    /// What `packet`, an ICMP message in its IP packet, says about one of these probes.
    ///
    /// # Errors
    /// Why it is no answer to us.
    pub fn read_icmp(&self, packet: &Packet) -> Result<Answer, Foreign> {
        if let Some(error) = packet.error {
            // The host itself could not deliver; what it quotes is the packet as we sent it.
            return self.read_quote(&packet.bytes, error, None);
        }
        let (header, _, payload, _) = Ipv4::parse(&packet.bytes).map_err(Foreign::Malformed)?;
        let (from, ttl) = (IpAddr::V4(header.source), Some(header.ttl));
        if !icmp::is_intact(payload) {
            return Err(Foreign::Damaged(from));
        }
        let (icmp, message) = icmp::parse(payload).map_err(Foreign::Malformed)?;
        match message {
            Message::EchoReply { echo, .. } => self.read_reply(from, ttl, echo.identifier, echo.sequence),
            message => {
                let mtu = match message {
                    Message::Unreachable { word, .. } => word.next_hop_mtu,
                    _ => 0,
                };
                let quoted = message.quoted().ok_or(Foreign::OtherMessage(from, icmp))?;
                let error = IcmpError { by: from, kind: icmp.kind, code: icmp.code, mtu };
                let told = quoted.extensions.as_ref().map_or(vec![], Told::all);
                Ok(Answer { told, ..self.read_quote(quoted.datagram, error, ttl)? })
            }
        }
    }

    /// What `packet`, a message that a ping socket received, says about one of these probes.
    ///
    /// # Errors
    /// Why it is no answer to us.
    pub fn read_ping(&self, packet: &Packet) -> Result<Answer, Foreign> {
        let (_, message) = icmp::parse(&packet.bytes).map_err(Foreign::Malformed)?;
        let from = packet.sender().unwrap_or(IpAddr::V4(self.shape.target));
        match (message, packet.error) {
            (Message::EchoReply { echo, .. }, None) => {
                self.read_reply(from, packet.ttl, echo.identifier, echo.sequence)
            }
            (Message::EchoRequest { echo, .. }, Some(error)) => {
                let flow = self.flow_of_echo(echo.identifier, echo.sequence);
                let flow = flow.ok_or(Foreign::OtherPacket(error.by))?;
                self.answer(echo.sequence, flow, says(&error)?, error.by, packet.ttl, None)
            }
            (_, Some(error)) => Err(Foreign::OtherPacket(error.by)),
            (_, None) => {
                let (icmp, _) = Icmp::take(&packet.bytes).map_err(Foreign::Malformed)?;
                Err(Foreign::OtherMessage(from, icmp))
            }
        }
    }

    /// What `packet`, a TCP segment in its IP packet, says about one of these probes.
    ///
    /// RFC 9293 section 3.10.7: a SYN-ACK, and a RST in answer to a SYN, acknowledge the SYN's sequence number and one.
    ///
    /// # Errors
    /// Why it is no answer to us.
    pub fn read_tcp(&self, packet: &Packet) -> Result<Answer, Foreign> {
        let (header, _, segment, _) = Ipv4::parse(&packet.bytes).map_err(Foreign::Malformed)?;
        let from = IpAddr::V4(header.source);
        // What is for other programs comes by as well: whether it is for us is asked before anything else.
        let (tcp, ..) = Tcp::parse(segment).map_err(|_| Foreign::OtherPacket(from))?;
        let flow = Flow { source_port: tcp.destination_port, destination_port: tcp.source_port };
        let says = match (tcp.ack, tcp.syn, tcp.rst) {
            (true, true, false) => Says::Open,
            (true, _, true) => Says::Closed,
            _ => return Err(Foreign::OtherPacket(from)),
        };
        let number = self.shape.number_of(tcp.acknowledgment_number.wrapping_sub(1));
        let number = number.ok_or(Foreign::OtherPacket(from))?;
        let answer = self.answer(number, flow, says, from, Some(header.ttl), None)?;
        let is_intact = Tcp::is_intact(from, IpAddr::V4(header.destination), segment)
            || is_left_to_the_card(&header, segment, tcp.checksum);
        if is_intact { Ok(answer) } else { Err(Foreign::Damaged(from)) }
    }

    /// What `packet`, a datagram in its IP packet, says about one of these probes.
    ///
    /// It quotes nothing. An echo brings all data back, and so the number that made the checksum; what says anything else is
    /// [`Foreign::Unnumbered`].
    ///
    /// # Errors
    /// Why it is no answer to us, or to which probe cannot be told.
    pub fn read_udp(&self, packet: &Packet) -> Result<Answer, Foreign> {
        let (header, _, datagram, _) = Ipv4::parse(&packet.bytes).map_err(Foreign::Malformed)?;
        let from = IpAddr::V4(header.source);
        let (udp, payload, _) = Udp::parse(datagram).map_err(|_| Foreign::OtherPacket(from))?;
        let flow = Flow { source_port: udp.destination_port, destination_port: udp.source_port };
        let mut numbers = (1..=u16::MAX).zip(&self.flows).filter(|(_, sent)| **sent == flow).map(|(number, _)| number);
        let number = numbers.clone().next().ok_or(Foreign::OtherPacket(from))?;
        // Whether it is ours at all is told by any of its flow.
        self.answer(number, flow, Says::Datagram, from, Some(header.ttl), None)?;
        if !udp.is_intact(from, IpAddr::V4(header.destination), payload)
            && !is_left_to_the_card(&header, datagram, udp.checksum)
        {
            return Err(Foreign::Damaged(from));
        }
        // The first two bytes of the data tell probes of one length apart: without them nothing does.
        let is_echo = |number: &u16| {
            payload.len() >= 2 && self.shape.message(flow, *number, datagram.len()).get(Udp::LEN..) == Some(payload)
        };
        let number = numbers.find(is_echo).ok_or(Foreign::Unnumbered(from, header.ttl))?;
        self.answer(number, flow, Says::Datagram, from, Some(header.ttl), None)
    }

    /// What an error to the socket that sent probe `number` says about it; the socket has one port, and so knows.
    ///
    /// # Errors
    /// Why it is no answer to us.
    pub fn read_error(&self, number: u16, packet: &Packet) -> Result<Answer, Foreign> {
        let from = packet.sender().unwrap_or(IpAddr::V4(self.shape.target));
        let says = match &packet.error {
            Some(error) => says(error)?,
            None => Says::Datagram,
        };
        Ok(Answer { number, from, says, ttl: packet.ttl, quoted_ttl: None, told: vec![] })
    }

    /// An echo reply.
    fn read_reply(&self, from: IpAddr, ttl: Option<u8>, identifier: u16, sequence: u16) -> Result<Answer, Foreign> {
        let flow = self.flow_of_echo(identifier, sequence).ok_or(Foreign::OtherPacket(from))?;
        self.answer(sequence, flow, Says::EchoReply, from, ttl, None)
    }

    /// An error, by the beginning of the packet that it quotes.
    fn read_quote(&self, quote: &[u8], error: IcmpError, ttl: Option<u8>) -> Result<Answer, Foreign> {
        let (header, _, payload) = Ipv4::split(quote).map_err(Foreign::Malformed)?;
        let other = Foreign::OtherPacket(error.by);
        if header.protocol != self.shape.method.protocol() || header.destination != self.shape.target {
            return Err(other);
        }
        if payload.len() < LEAST_QUOTE {
            return Err(Foreign::QuotesTooLittle(error.by, payload.len()));
        }
        let Quoted { flow, number } = self.quoted(payload).ok_or(other)?;
        // Somebody on the way may have rewritten one of the two places in which the number stands; hardly both.
        let number = [number, header.identification].into_iter().find(|number| self.is_ours(*number, flow));
        self.answer(number.ok_or(other)?, flow, says(&error)?, error.by, ttl, Some(header.ttl))
    }

    /// Flow and number in the first 8 bytes behind the quoted IP header.
    fn quoted(&self, payload: &[u8]) -> Option<Quoted> {
        let mut reader = Reader::new(payload);
        match self.shape.method {
            Method::Udp => {
                let (source_port, destination_port) = (reader.u16()?, reader.u16()?);
                let (_length, checksum) = (reader.u16()?, reader.u16()?);
                Some(Quoted { flow: Flow { source_port, destination_port }, number: checksum })
            }
            Method::Icmp => {
                let (_kind_and_code, _checksum) = (reader.u16()?, reader.u16()?);
                let (identifier, sequence) = (reader.u16()?, reader.u16()?);
                Some(Quoted { flow: self.flow_of_echo(identifier, sequence)?, number: sequence })
            }
            Method::Tcp => {
                let (source_port, destination_port) = (reader.u16()?, reader.u16()?);
                let number = self.shape.number_of(reader.u32()?)?;
                Some(Quoted { flow: Flow { source_port, destination_port }, number })
            }
        }
    }

    /// The flow of the echo request with this number, if it had this identifier. (Its other half is in no reply.)
    fn flow_of_echo(&self, identifier: u16, sequence: u16) -> Option<Flow> {
        let flow = self.flows.get(usize::from(sequence).checked_sub(1)?)?;
        (flow.source_port == identifier).then_some(*flow)
    }

    /// The answer, if the probe is ours, and if whoever says "it is here" is the target.
    fn answer(
        &self,
        number: u16,
        flow: Flow,
        says: Says,
        from: IpAddr,
        ttl: Option<u8>,
        quoted_ttl: Option<u8>,
    ) -> Result<Answer, Foreign> {
        if !self.is_ours(number, flow) {
            return Err(Foreign::OtherPacket(from));
        }
        let only_the_target = matches!(says, Says::EchoReply | Says::Open | Says::Closed | Says::Datagram);
        if only_the_target && from != IpAddr::V4(self.shape.target) {
            return Err(Foreign::OtherHost(from));
        }
        Ok(Answer { number, from, says, ttl, quoted_ttl, told: vec![] })
    }
}

struct Quoted {
    flow: Flow,
    number: u16,
}

fn says(error: &IcmpError) -> Result<Says, Foreign> {
    match (error.kind, error.code) {
        (icmp::TIME_EXCEEDED, 0) => Ok(Says::TimeExceeded),
        (icmp::UNREACHABLE, code) => Ok(Says::Unreachable { code, mtu: if code == 4 { error.mtu } else { 0 } }),
        (icmp::PARAMETER_PROBLEM, _) => Ok(Says::ParameterProblem),
        // Code 1 of "time exceeded" is of a host that waited for fragments: no hop (RFC 792).
        (kind, code) => Err(Foreign::OtherMessage(error.by, Icmp { kind, code, checksum: 0 })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::Time;
    use std::net::Ipv4Addr;
    use wire::icmp::{TimeExceeded, Unreachable};

    const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 3);
    const SERVER: Ipv4Addr = Ipv4Addr::new(192, 168, 10, 3);
    const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 5, 100);

    fn asked(method: Method) -> Asked {
        let mut asked = Asked::new(Shape { method, source: CLIENT, target: SERVER, tos: 0, nonce: 7 });
        for _ in 0..3 {
            asked.add(Flow { source_port: 50_000, destination_port: method.port() });
        }
        asked
    }

    /// Probe `number` as it arrives with `ttl`, of which `behind` bytes behind the IP header are quoted.
    fn quote(asked: &Asked, number: u16, ttl: u8, behind: usize) -> Vec<u8> {
        let mut packet = asked.shape.packet(asked.flows[0], number, ttl, 60, false);
        packet.truncate(Ipv4::LEN + behind);
        packet
    }

    fn packet(from: Ipv4Addr, protocol: u8, payload: &[u8]) -> Packet {
        let bytes = Ipv4 { ttl: 250, ..Ipv4::new(from, CLIENT, protocol) }.packet(payload);
        Packet { at: Time(1), from: Some((from, 0).into()), ttl: Some(250), bytes, error: None }
    }

    fn error(from: Ipv4Addr, kind: u8, code: u8, quote: &[u8]) -> Packet {
        let word = Unreachable { unused: 0, length: 0, next_hop_mtu: if code == 4 { 1400 } else { 0 } };
        packet(from, 1, &icmp::message(kind, code, word.bytes(), quote))
    }

    #[test]
    fn eight_bytes_behind_the_quoted_header_are_enough_to_know_the_probe() {
        for method in [Method::Udp, Method::Icmp, Method::Tcp] {
            let asked = asked(method);
            for behind in [8, 9, 40] {
                let answer = asked.read_icmp(&error(ROUTER, 11, 0, &quote(&asked, 2, 1, behind))).unwrap();
                let expected = Answer {
                    number: 2,
                    from: ROUTER.into(),
                    says: Says::TimeExceeded,
                    ttl: Some(250),
                    quoted_ttl: Some(1),
                    told: vec![],
                };
                assert_eq!(answer, expected, "{method:?}, {behind} bytes");
            }
            assert!(asked.read_icmp(&error(ROUTER, 11, 0, &quote(&asked, 2, 1, 7))).is_err(), "{method:?}");
        }
    }

    #[test]
    fn error_about_somebody_elses_packet_is_foreign_however_little_differs() {
        let asked = asked(Method::Udp);
        let foreign = Err(Foreign::OtherPacket(ROUTER.into()));
        let read = |quote: &[u8]| asked.read_icmp(&error(ROUTER, 11, 0, quote));
        let ours = quote(&asked, 2, 1, 8);
        for (byte, what) in [(9, "protocol"), (19, "target"), (21, "source port"), (23, "destination port")] {
            let mut theirs = ours.clone();
            theirs[byte] ^= 1;
            assert_eq!(read(&theirs), foreign, "{what}");
        }
        assert_eq!(read(&quote(&asked, 4, 1, 8)), foreign, "a number that did not leave");
    }

    #[test]
    fn options_in_the_quoted_header_and_in_that_of_the_error_move_nothing() {
        let asked = asked(Method::Udp);
        let options = [0x94, 4, 0, 0]; // router alert
        let with_options = |packet: &[u8]| {
            let (header, _, payload) = Ipv4::split(packet).unwrap();
            [&header.sealed(&options, payload.len()).bytes()[..], &options, payload].concat()
        };
        let mut error = error(ROUTER, 11, 0, &with_options(&quote(&asked, 2, 1, 8)));
        error.bytes = with_options(&error.bytes);
        assert_eq!(asked.read_icmp(&error).unwrap().number, 2);
    }

    #[test]
    fn number_is_known_although_one_of_its_two_places_was_rewritten() {
        let asked = asked(Method::Udp);
        for byte in [5, 27] {
            let mut rewritten = quote(&asked, 2, 1, 8);
            rewritten[byte] = 0x99;
            assert_eq!(asked.read_icmp(&error(ROUTER, 11, 0, &rewritten)).unwrap().number, 2, "byte {byte}");
        }
    }

    #[test]
    fn only_the_target_can_say_that_a_probe_arrived() {
        let asked = asked(Method::Icmp);
        let reply = |from| {
            let packet = packet(from, 1, &icmp::echo_reply(icmp::Echo { identifier: 50_000, sequence: 3 }, b""));
            asked.read_icmp(&packet)
        };
        assert_eq!(reply(SERVER).map(|answer| answer.says), Ok(Says::EchoReply));
        assert_eq!(reply(ROUTER), Err(Foreign::OtherHost(ROUTER.into())));
    }

    #[test]
    fn syn_ack_and_rst_are_known_by_the_number_that_they_acknowledge() {
        let asked = asked(Method::Tcp);
        let read = |tcp: Tcp| {
            let segment = tcp.segment(SERVER.into(), CLIENT.into(), &[], &[]);
            asked.read_tcp(&packet(SERVER, 6, &segment)).map(|answer| (answer.number, answer.says))
        };
        let acknowledgment_number = asked.shape.sequence_number(3) + 1;
        let answer = Tcp { ack: true, acknowledgment_number, ..Tcp::new(80, 50_000) };
        assert_eq!(read(Tcp { syn: true, ..answer }), Ok((3, Says::Open)));
        assert_eq!(read(Tcp { rst: true, ..answer }), Ok((3, Says::Closed)));
        let foreign = Err(Foreign::OtherPacket(SERVER.into()));
        assert_eq!(read(Tcp { rst: true, ack: false, ..answer }), foreign, "a reset that acknowledges nothing");
        assert_eq!(read(answer), foreign, "an acknowledgment of some connection");
        assert_eq!(read(Tcp { syn: true, acknowledgment_number: 8, ..answer }), foreign);
        assert_eq!(read(Tcp { syn: true, source_port: 81, ..answer }), foreign);
    }

    #[test]
    fn checksum_that_a_card_should_have_made_is_no_damage() {
        let asked = asked(Method::Tcp);
        let acknowledgment_number = asked.shape.sequence_number(3) + 1;
        let answer = Tcp { ack: true, syn: true, acknowledgment_number, ..Tcp::new(80, 50_000) };
        let mut segment = answer.segment(SERVER.into(), CLIENT.into(), &[], &[]);
        let pseudo = Checksum::default().pseudo_header(SERVER.into(), CLIENT.into(), 6, segment.len());
        segment[16..18].copy_from_slice(&(!pseudo.finish()).to_be_bytes());
        assert_eq!(asked.read_tcp(&packet(SERVER, 6, &segment)).map(|answer| answer.says), Ok(Says::Open));
        segment[16] ^= 1;
        assert_eq!(asked.read_tcp(&packet(SERVER, 6, &segment)), Err(Foreign::Damaged(SERVER.into())));
        segment[2] ^= 1;
        assert_eq!(asked.read_tcp(&packet(SERVER, 6, &segment)), Err(Foreign::OtherPacket(SERVER.into())));
    }

    #[test]
    fn echoed_datagram_is_known_by_its_data() {
        let asked = asked(Method::Udp);
        let read = |data: &[u8]| {
            let datagram = Udp::new(33_434, 50_000).datagram(SERVER.into(), CLIENT.into(), data);
            asked.read_udp(&packet(SERVER, 17, &datagram)).map(|answer| (answer.number, answer.says))
        };
        let sent = asked.shape.message(asked.flows[0], 2, 40);
        assert_eq!(read(&sent[Udp::LEN..]), Ok((2, Says::Datagram)));
        for data in [&b"go away"[..], b"", &sent[sent.len() - 1..], &sent[Udp::LEN + 1..]] {
            assert_eq!(read(data), Err(Foreign::Unnumbered(SERVER.into(), 250)), "{data:?}");
        }
    }

    #[test]
    fn damaged_and_crafted_messages_are_foreign_and_nothing_worse() {
        let asked = asked(Method::Udp);
        let whole = error(ROUTER, 11, 0, &quote(&asked, 2, 1, 40)).bytes;
        for len in 0..whole.len() {
            let cut = Packet { bytes: whole[..len].to_vec(), ..error(ROUTER, 11, 0, &[]) };
            assert!(asked.read_icmp(&cut).is_err(), "{len} bytes");
        }
        let mut damaged = error(ROUTER, 11, 0, &quote(&asked, 2, 1, 8));
        damaged.bytes[30] ^= 1;
        assert_eq!(asked.read_icmp(&damaged), Err(Foreign::Damaged(ROUTER.into())));
        // A quote whose header claims to be 60 bytes long, under a checksum that is right.
        let mut quote = quote(&asked, 2, 1, 8);
        quote[0] = 0x4f;
        assert!(matches!(asked.read_icmp(&error(ROUTER, 11, 0, &quote)), Err(Foreign::Malformed(_))));
    }

    #[test]
    fn waiting_for_fragments_is_no_hop() {
        let asked = asked(Method::Udp);
        let word = TimeExceeded { unused: 0, length: 0, zero: 0 };
        let message = icmp::message(11, 1, word.bytes(), &quote(&asked, 2, 1, 8));
        assert!(matches!(asked.read_icmp(&packet(SERVER, 1, &message)), Err(Foreign::OtherMessage(..))));
    }
}
