//! The messages of both sides.

use super::coding::{Coded, Garbled, Reader};
use crate::lab::{LabError, Question, Value};
use crate::{Call, Error, Reply, Time};

/// The version of the format; both sides must have the same.
pub const VERSION: u16 = 1;
/// The longest message behind its length: the longest packet with its head, and a list of neighbours.
pub const MAX_MESSAGE: usize = 70_000;

/// What a program says to its world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The first message: which version of the format it speaks.
    Hello(u16),
    /// A call to its host; [`Call::Exit`] takes leave.
    Call(Call),
    /// The next question, please.
    Question,
    /// The answer to the last question.
    Answer(Result<Value, LabError>),
}

/// What a world says to a program, and at which time of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tell {
    /// To hello: what the program is to be.
    Welcome(Role),
    /// To a call.
    Reply(Result<Reply, Error>),
    /// To the wish for a question; `None`: that was all.
    Question(Option<Question>),
    /// To an answer.
    Noted,
}

/// What a program is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Itself, on the host that is lent to it.
    Program,
    /// Somebody who answers questions about its functions.
    Functions,
}

impl Ask {
    /// The message without its length.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = vec![];
        match self {
            Self::Hello(version) => put(&mut body, 0, version),
            Self::Call(call) => put(&mut body, 1, call),
            Self::Question => body.push(2),
            Self::Answer(answer) => put(&mut body, 3, answer),
        }
        body
    }

    /// The message that `body` is.
    ///
    /// # Errors
    /// When it is none.
    pub fn decode(body: &[u8]) -> Result<Self, Garbled> {
        let mut from = Reader::new(body);
        let ask = match u8::take(&mut from)? {
            0 => Self::Hello(Coded::take(&mut from)?),
            1 => Self::Call(Coded::take(&mut from)?),
            2 => Self::Question,
            3 => Self::Answer(Coded::take(&mut from)?),
            other => return Err(Garbled::Number("message", other)),
        };
        from.end().map(|()| ask)
    }
}

impl Tell {
    /// The message without its length.
    #[must_use]
    pub fn encode(&self, now: Time) -> Vec<u8> {
        let mut body = vec![];
        now.put(&mut body);
        match self {
            Self::Welcome(role) => put(&mut body, 0, &u8::from(*role == Role::Functions)),
            Self::Reply(reply) => put(&mut body, 1, reply),
            Self::Question(question) => put(&mut body, 2, question),
            Self::Noted => body.push(3),
        }
        body
    }

    /// The time and the message that `body` is.
    ///
    /// # Errors
    /// When it is none.
    pub fn decode(body: &[u8]) -> Result<(Time, Self), Garbled> {
        let mut from = Reader::new(body);
        let now = Time::take(&mut from)?;
        let tell = match u8::take(&mut from)? {
            0 => Self::Welcome(if bool::take(&mut from)? { Role::Functions } else { Role::Program }),
            1 => Self::Reply(Coded::take(&mut from)?),
            2 => Self::Question(Coded::take(&mut from)?),
            3 => Self::Noted,
            other => return Err(Garbled::Number("message", other)),
        };
        from.end().map(|()| (now, tell))
    }
}

fn put(body: &mut Vec<u8>, kind: u8, what: &impl Coded) {
    body.push(kind);
    what.put(body);
}

/// `body` behind its length; `None`: it is longer than a message may be.
#[must_use]
pub fn framed(body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok().filter(|_| (1..=MAX_MESSAGE).contains(&body.len()))?;
    Some([&length.to_le_bytes(), body].concat())
}

/// How many bytes follow on these four.
///
/// # Errors
/// When no message has that length.
pub fn length(head: [u8; 4]) -> Result<usize, Garbled> {
    let length = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    if (1..=MAX_MESSAGE).contains(&length) { Ok(length) } else { Err(Garbled::Length(length)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Departure, Held, Rule, Seen, Step};
    use crate::{IcmpError, Interest, Interface, Mac, Neighbour, Opt, Packet, Route, SocketId, TcpInfo};
    use std::net::SocketAddr;
    use std::time::Duration;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn asks() -> Vec<Ask> {
        let (id, until) = (SocketId(7), Time(1_000));
        let options = vec![Opt::Ttl(5), Opt::Linger(Some(Duration::MAX)), Opt::Interface("lan".into())];
        let calls = [
            Call::Random(8),
            Call::Interfaces,
            Call::Route(at("10.0.0.1:0").ip()),
            Call::Resolve("server".into()),
            Call::NameServers,
            Call::OpenTranslations,
            Call::OpenPing(options),
            Call::BindUdp(at("[::1]:53"), vec![]),
            Call::Send(id, Some(at("10.0.0.1:7")), vec![1, 2, 3]),
            Call::Recv(id, Time::NEVER),
            Call::Wait(vec![Interest::read(id)], until),
            Call::Account(id),
            Call::LastAccount(at("10.0.0.2:9")),
            Call::Exit,
        ];
        let record = Value::record("reply", [("ttl", 96_u8.into()), ("list", Value::List(vec![]))]);
        let answers = [Ok(record), Err(LabError::NotYet), Err(LabError::Host(Error::NoRoute(at("10.0.0.1:0").ip())))];
        let calls = calls.into_iter().map(Ask::Call);
        calls.chain(answers.into_iter().map(Ask::Answer)).chain([Ask::Hello(1), Ask::Question]).collect()
    }

    fn tells() -> Vec<Tell> {
        let packet = Packet {
            at: Time(72),
            from: Some(at("10.0.0.1:0")),
            ttl: Some(96),
            bytes: vec![0x45; 1500],
            error: Some(IcmpError { by: at("10.0.0.2:0").ip(), kind: 3, code: 1, mtu: 0 }),
        };
        let interface = Interface {
            name: "net1".into(),
            mac: Some(Mac([2; 6])),
            addresses: vec![(at("192.168.1.3:0").ip(), 24)],
            mtu: 1500,
            up: true,
        };
        let neighbour = Neighbour {
            interface: "net1".into(),
            address: at("10.0.0.1:0").ip(),
            mac: None,
            age: Some(Duration::from_secs(3)),
        };
        let route = Route { interface: "a".into(), source: at("1.2.3.4:0").ip(), next_hop: at("1.2.3.5:0").ip() };
        let held = vec![Held { bytes: 500..1460, rule: Rule::Nagle, since: Time(9), until: Time(10) }];
        let departures = vec![Departure { at: Time(10), bytes: 500..1460, again: false, held: held.clone() }];
        let segment = Some(Seen { came: true, packet: vec![0x45; 72], len: 960 });
        let own = vec![Step { at: Time(10), state: "ESTABLISHED".into(), segment }];
        let peer = vec![Step { at: Time(11), state: "CLOSED".into(), segment: None }];
        let replies = [
            Reply::Account(Account { departures, held, own, peer }),
            Reply::Done,
            Reply::Socket(SocketId(1), at("0.0.0.0:8000"), at("0.0.0.0:0")),
            Reply::Packet(packet),
            Reply::Late,
            Reply::Ready(vec![0, 3]),
            Reply::Interfaces(vec![interface]),
            Reply::Route(route),
            Reply::Neighbours(vec![neighbour]),
            Reply::Info(Box::new(TcpInfo {
                state: Some("ESTABLISHED".into()),
                busy: Some(Duration::MAX),
                ..TcpInfo::default()
            })),
        ];
        let question = Question { function: "sum".into(), arguments: vec![Value::Bytes(vec![1, 2])] };
        let others =
            [Tell::Welcome(Role::Functions), Tell::Question(Some(question)), Tell::Question(None), Tell::Noted];
        replies.into_iter().map(|reply| Tell::Reply(Ok(reply))).chain(others).collect()
    }

    #[test]
    fn messages_of_both_sides_come_out_as_they_went_in() {
        for ask in asks() {
            assert_eq!(Ask::decode(&ask.encode()), Ok(ask));
        }
        for tell in tells() {
            assert_eq!(Tell::decode(&tell.encode(Time(5))), Ok((Time(5), tell)));
        }
    }

    #[test]
    fn message_cut_anywhere_or_longer_than_it_should_be_is_refused() {
        for message in asks().iter().map(Ask::encode) {
            for cut in 0..message.len() {
                assert!(Ask::decode(&message[..cut]).is_err(), "{cut} of {message:?}");
            }
            assert_eq!(Ask::decode(&[&message[..], &[0]].concat()), Err(Garbled::Trailing(1)));
        }
        for message in tells().iter().map(|tell| tell.encode(Time::START)) {
            assert!((0..message.len()).all(|cut| Tell::decode(&message[..cut]).is_err()));
        }
    }

    #[test]
    fn every_single_byte_that_is_wrong_is_refused_or_another_message_and_never_a_panic() {
        let mut tried = 0;
        for message in asks().iter().map(Ask::encode) {
            for at in 0..message.len() {
                for value in [0, 1, 7, 0x7f, 0x80, 0xff] {
                    let mut wrong = message.clone();
                    wrong[at] = value;
                    tried += usize::from(Ask::decode(&wrong).is_err());
                }
            }
        }
        assert!(tried > 100, "wrong bytes are noticed at all");
    }

    #[test]
    fn values_within_values_have_an_end() {
        let deep = (0..200).fold(Value::Nothing, |value, _| Value::List(vec![value]));
        assert_eq!(Ask::decode(&Ask::Answer(Ok(deep)).encode()), Err(Garbled::Depth));
    }

    #[test]
    fn length_that_no_message_has_is_refused_before_anything_is_read() {
        assert_eq!(length([1, 0, 0, 0]), Ok(1));
        assert_eq!(length([0xff; 4]).unwrap_err().to_string(), "a message of 4294967295 bytes");
        assert!(length([0; 4]).is_err() && framed(&vec![0; MAX_MESSAGE + 1]).is_none());
        // A list that claims four thousand million items costs nothing.
        assert_eq!(Ask::decode(&[1, 7, 0xff, 0xff, 0xff, 0xff]), Err(Garbled::Short));
    }
}
