//! Through all layers of a frame, as a tool goes, with a check of every answer on the way.

use wire::arp::Arp;
use wire::ethernet::{self, Ethernet, Tag};
use wire::extensions::Extensions;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::options::{self, Options};
use wire::tcp::options::{self as tcp_options, TcpOption, TcpOptions};
use wire::tcp::{QuotedTcp, Tcp};
use wire::udp::Udp;
use wire::{Problem, WireError};

/// What a walk came to.
pub(crate) struct Walk {
    /// The parsers that were asked, outermost first, whatever they said.
    pub(crate) met: Vec<&'static str>,
    /// What the last of them refused.
    pub(crate) error: Option<WireError>,
    /// Whether all checksums on the way were right.
    pub(crate) is_intact: bool,
}

/// Walks `frame`.
///
/// # Panics
/// When an answer contradicts its input: pieces that do not make up the whole, an error that points nowhere.
pub(crate) fn walk(frame: &[u8]) -> Walk {
    let mut walk = Walk { met: Vec::with_capacity(8), error: None, is_intact: true };
    walk.error = walk.frame(frame).err();
    walk
}

impl Walk {
    /// Notes that a parser was asked about `input`; what it refuses must be a place in there.
    fn ask<T>(&mut self, parser: &'static str, input: &[u8], answer: Result<T, WireError>) -> Result<T, WireError> {
        self.met.push(parser);
        answer.inspect_err(|error| assert_points_into(error, input))
    }

    fn frame(&mut self, frame: &[u8]) -> Result<(), WireError> {
        let (ethernet, mut rest) = self.ask("Ethernet", frame, Ethernet::take(frame))?;
        assert_makes_up(frame, &ethernet.bytes(), &[rest]);
        let mut ethertype = ethernet.ethertype;
        while ethertype == ethernet::TAG {
            let (tag, behind) = self.ask("802.1Q", rest, Tag::take(rest))?;
            assert_makes_up(rest, &tag.bytes(), &[behind]);
            (ethertype, rest) = (tag.ethertype, behind);
        }
        match ethertype {
            ethernet::ARP => {
                let (arp, padding) = self.ask("ARP", rest, Arp::parse(rest))?;
                assert_makes_up(rest, &arp.bytes(), &[padding]);
                assert!(!(arp.is_probe() && arp.is_announcement()), "{arp:?} cannot be both");
                Ok(())
            }
            ethernet::IPV4 => self.packet(rest),
            _ => Ok(()),
        }
    }

    fn packet(&mut self, packet: &[u8]) -> Result<(), WireError> {
        let (ip, options, payload, trailer) = self.ask("IPv4", packet, Ipv4::parse(packet))?;
        assert_makes_up(packet, &ip.bytes(), &[options, payload, trailer]);
        assert_eq!(Ipv4::LEN + options.len() + payload.len(), usize::from(ip.total_length));
        self.header(packet, &ip, options)?;
        if !ip.is_whole() {
            return Ok(());
        }
        match ip.protocol {
            ipv4::ICMP => self.message(payload),
            ipv4::UDP => {
                let (udp, data, behind) = self.ask("UDP", payload, Udp::parse(payload))?;
                assert_makes_up(payload, &udp.bytes(), &[data, behind]);
                assert_eq!(Udp::LEN + data.len(), usize::from(udp.length));
                self.is_intact &= udp.is_intact(ip.source.into(), ip.destination.into(), data);
                Ok(())
            }
            ipv4::TCP => self.segment(&ip, payload),
            _ => Ok(()),
        }
    }

    /// Options and checksum of the header that `packet` begins with.
    fn header(&mut self, packet: &[u8], ip: &Ipv4, options: &[u8]) -> Result<(), WireError> {
        assert_eq!(usize::from(ip.ihl) * 4, Ipv4::LEN + options.len());
        let is_intact = Ipv4::is_intact(packet);
        assert_eq!(ip.checksum == ip.sum(options), is_intact, "sender and receiver disagree on {ip:?}");
        self.is_intact &= is_intact;
        let mut rest = options;
        for option in Options::new(options) {
            let option = self.ask("IPv4 option", options, option)?;
            let len = if option.kind == options::NO_OPERATION { 1 } else { 2 + option.data.len() };
            let (bytes, behind) = rest.split_at(len);
            assert!(bytes[0] == option.kind && bytes.ends_with(option.data), "{option:?} is not what begins {rest:?}");
            rest = behind;
        }
        assert!(rest.first().is_none_or(|kind| *kind == options::END), "the walk ends before {rest:?}");
        Ok(())
    }

    fn message(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let (icmp, message) = self.ask("ICMP", bytes, icmp::parse(bytes))?;
        self.is_intact &= icmp::is_intact(bytes);
        let word = match message {
            Message::EchoRequest { echo, .. } | Message::EchoReply { echo, .. } => echo.bytes(),
            Message::Unreachable { word, .. } => word.bytes(),
            Message::TimeExceeded { word, .. } => word.bytes(),
            Message::ParameterProblem { word, .. } => word.bytes(),
            Message::Redirect { word, .. } => word.bytes(),
            Message::Other(rest) => {
                assert_makes_up(bytes, &icmp.bytes(), &[rest]);
                return Ok(());
            }
        };
        let rest = match message {
            Message::EchoRequest { data, .. } | Message::EchoReply { data, .. } => data,
            _ => message.quote().expect("an error has a quote"),
        };
        assert_makes_up(bytes, &[icmp.bytes(), word].concat(), &[rest]);
        let Some(quoted) = message.quoted() else { return Ok(()) };
        let structure = &rest[quoted.datagram.len()..];
        assert_eq!(rest[..quoted.datagram.len()], *quoted.datagram, "a quote is somewhere else");
        assert!(quoted.is_compliant || quoted.extensions.is_some_and(|extensions| extensions.has_right_checksum()));
        self.quote(quoted.datagram)?;
        match quoted.extensions {
            Some(extensions) => self.extensions(structure, extensions),
            None => Ok(()),
        }
    }

    fn extensions(&mut self, structure: &[u8], extensions: Extensions<'_>) -> Result<(), WireError> {
        assert_eq!(self.ask("extensions", structure, Extensions::parse(structure)), Ok(extensions));
        self.is_intact &= extensions.is_intact();
        let mut rest = &structure[4..];
        for object in extensions.objects() {
            self.ask("extension object", structure, object)?;
            rest = &rest[usize::from(u16::from_be_bytes([rest[0], rest[1]]))..];
        }
        assert!(rest.is_empty(), "the walk ends before {rest:?}");
        Ok(())
    }

    fn segment(&mut self, ip: &Ipv4, segment: &[u8]) -> Result<(), WireError> {
        let (tcp, options, data) = self.ask("TCP", segment, Tcp::parse(segment))?;
        assert_makes_up(segment, &tcp.bytes(), &[options, data]);
        self.is_intact &= Tcp::is_intact(ip.source.into(), ip.destination.into(), segment);
        assert_eq!(usize::from(tcp.data_offset) * 4, Tcp::LEN + options.len());
        let mut rest = options;
        for option in TcpOptions::new(options) {
            let option = self.ask("TCP option", options, option)?;
            let written = tcp_options::emit(&[option]);
            let len = if option == TcpOption::NoOperation { 1 } else { usize::from(written[1]) };
            rest = rest.strip_prefix(&written[..len]).expect("what is written is what was read");
        }
        assert!(rest.first().is_none_or(|kind| *kind == tcp_options::END), "the walk ends before {rest:?}");
        Ok(())
    }

    /// The beginning of the packet that an error is about.
    fn quote(&mut self, quote: &[u8]) -> Result<(), WireError> {
        let (ip, options, rest) = self.ask("quoted IPv4", quote, Ipv4::split(quote))?;
        assert_makes_up(quote, &ip.bytes(), &[options, rest]);
        self.header(quote, &ip, options)?;
        if !ip.is_whole() {
            return Ok(());
        }
        match ip.protocol {
            ipv4::ICMP => self.ask("quoted ICMP", rest, icmp::parse(rest)).map(drop),
            ipv4::UDP => {
                let (udp, data) = self.ask("quoted UDP", rest, Udp::take(rest))?;
                assert_makes_up(rest, &udp.bytes(), &[data]);
                Ok(())
            }
            ipv4::TCP => {
                let (tcp, data) = self.ask("quoted TCP", rest, QuotedTcp::take(rest))?;
                assert_makes_up(rest, &tcp.bytes(), &[data]);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Header and pieces are the whole, in this order and with nothing between them.
fn assert_makes_up(whole: &[u8], header: &[u8], pieces: &[&[u8]]) {
    let mut rest = whole.strip_prefix(header).expect("what is emitted is what was parsed");
    for piece in pieces {
        let (front, behind) = rest.split_at(piece.len());
        assert_eq!(front.as_ptr(), piece.as_ptr(), "a piece is somewhere else");
        rest = behind;
    }
    assert_eq!(rest.len(), 0, "no piece has these bytes");
}

/// An error names a byte that is there, or the one that is missing, and numbers that are at odds.
fn assert_points_into(error: &WireError, input: &[u8]) {
    assert!(error.byte <= input.len(), "{error} in {} bytes", input.len());
    let is_contradiction = match error.problem {
        Problem::TooShort { need, have } => need > have && have <= input.len(),
        Problem::TooSmall { value, least } => value < least,
        Problem::TooLarge { value, most } => value > most,
        Problem::Unexpected { value, expected } => value != expected,
        Problem::Missing { need, have } => need > have && have <= input.len(),
        Problem::NotBefore { to, before } => to >= before,
        Problem::RunsOn { to, before } => to < before,
        Problem::Order { value, after } => value <= after,
        Problem::Reserved { value } => value > 0,
        Problem::TooMany { most } => most > 0,
    };
    assert!(is_contradiction, "{error} is no contradiction");
    let text = error.to_string();
    assert!(text.starts_with(error.header) && text.contains(", byte ") && text.is_ascii(), "{text}");
}
