//! Probes and answers, byte by byte: `-e`.
//!
//! The first probe is drawn in full, a later one as what changed since the one before. An error's quote is drawn as what changed of
//! the probe on its way: there one sees one's own packet as a router got it. What is around the quote is drawn in full once, and
//! then as what changed since the last answer of its kind.

mod silence;
mod words;

use crate::answer::{Answer, Says};
use crate::flags::Call;
use crate::probe::{Flow, Method};
use crate::sockets::{self, Passed, Probe};
use cli::explain::{self, Against, Hints, Layers, Packet, Part, Picture, Remark, Told, Topic};
use cli::{Failure, Output, milliseconds};
use host::{IcmpError, Packet as Received, Time};
use std::collections::BTreeMap;
use wire::dissect::Protocol;

/// What was explained so far.
pub(crate) struct Explained {
    probes: BTreeMap<u16, (Packet<'static>, Time, u8)>,
    last: Option<u16>,
    /// Flow and length of the last probe that was compared with one before it: who is like it is not drawn again.
    compared: Option<(u16, Flow, usize)>,
    /// The last answer of each kind, and to which probe.
    answers: BTreeMap<Kind, (u16, Packet<'static>)>,
    /// The last answer of any kind.
    answered: Option<(u16, Packet<'static>)>,
    hints: Hints,
}

/// Answers of one kind look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Error(u8),
    Echo,
    Segment,
    Datagram,
}

impl Explained {
    pub(crate) fn new() -> Self {
        Self {
            probes: BTreeMap::new(),
            last: None,
            compared: None,
            answers: BTreeMap::new(),
            answered: None,
            hints: Hints::of("mytraceroute"),
        }
    }

    /// Draws a packet that passed.
    pub(crate) fn show(&mut self, out: &mut Output, call: &Call, passed: &Passed<'_>) -> Result<(), Failure> {
        match passed {
            Passed::Left(probe) => self.probe(out, call, probe),
            Passed::Came { answer, packet } => self.answer(out, call, answer, packet),
        }
    }

    fn probe(&mut self, out: &mut Output, call: &Call, probe: &Probe) -> Result<(), Failure> {
        let Probe { number, ttl, at, ref bytes, part, .. } = *probe;
        let packet = Packet::new(part_of(part), bytes).kept();
        let title = words::title(call, probe);
        if let Some((like, ..)) = self.compared.filter(|(_, flow, len)| (*flow, *len) == (probe.flow, bytes.len())) {
            let fact = format!("as probe {like}, but for its number, its time to live and what follows from them");
            out.picture(&Picture::brief(title, at, &packet).remark([Remark::Fact(fact)]))?;
            self.probes.insert(number, (packet, at, ttl));
            self.last = Some(number);
            return Ok(());
        }
        let say = |told: Told<'_, '_>| words::of_probe(told, call, number);
        let picture = Picture::leaving(title, at, &packet).saying(&say);
        let picture = words::host_owned(call, probe)
            .into_iter()
            .fold(picture, |picture, (protocol, sentence)| picture.unseen(protocol, sentence));
        let before = self.last.and_then(|number| Some((number, &self.probes.get(&number)?.0)));
        self.compared = before.map(|_| (number, probe.flow, bytes.len()));
        let picture = match before {
            Some((before, basis)) => {
                picture.against([Against::since(&format!("probe {before}"), Layers::All, basis)])
            }
            None => {
                let (topic, question) = match call.sending.shape.method {
                    Method::Udp | Method::Icmp => (Topic::Flow, "why all probes look alike to routers"),
                    Method::Tcp => (Topic::TcpSyn, "what a SYN begins"),
                };
                picture.remark(self.hints.more(topic, question))
            }
        };
        out.picture(&picture)?;
        self.probes.insert(number, (packet, at, ttl));
        self.last = Some(number);
        Ok(())
    }

    fn answer(&mut self, out: &mut Output, call: &Call, answer: &Answer, came: &Received) -> Result<(), Failure> {
        let number = answer.number;
        let Some((probe, left, sent_ttl)) = self.probes.get(&number) else { return Ok(()) };
        let (kind, of_what) = match (answer.says, came.error) {
            (says, Some(error)) => (Kind::Error(kind_of(says)), explain::error_title(error.kind, error.code)),
            (Says::EchoReply, _) => (Kind::Echo, "echo reply".into()),
            (Says::Open, _) => (Kind::Segment, "SYN and ACK".into()),
            (Says::Closed, _) => (Kind::Segment, "reset".into()),
            (Says::Datagram, _) => (Kind::Datagram, "a datagram".into()),
            (says, None) => (Kind::Error(kind_of(says)), explain::error_title(kind_of(says), code_of(says))),
        };
        let by_itself = came.error.is_some_and(|error| error.by == call.sending.shape.source);
        let title = match (by_itself, kind) {
            (true, _) => format!("{of_what}, says this host itself about probe {number}"),
            (_, Kind::Error(_)) => format!("{of_what} from {}, about probe {number}", answer.from),
            _ => format!("{of_what} from {}, to probe {number}", answer.from),
        };
        let packet = match came.error {
            Some(_) => Packet::beginning(probe.part(), &came.bytes, probe.whole_len()),
            None => Packet::new(probe.part(), &came.bytes),
        };
        let packet = packet.kept();
        let mut picture = Picture::arriving(title, came.at, &packet).saying(&words::of_answer);
        if let Some(error) = &came.error {
            picture = picture.unseen(Protocol::Icmp, unseen(error, by_itself));
        }
        let against_probe = |layers, heading: String, same: &str| Against {
            basis: probe,
            layers,
            heading,
            same: same.into(),
            was: Some("it left as"),
        };
        if came.error.is_some() {
            let heading = "as it is quoted: only what changed is marked".to_string();
            let same = if by_itself { "are as they were to leave" } else { "arrived there as they left" };
            picture = picture.against([against_probe(Layers::All, heading, same)]);
        } else {
            let heading = format!("your probe {number} as it got there: only what changed is marked");
            picture = picture.against([against_probe(Layers::Quoted, heading, "got there as they left")]);
            if kind == Kind::Echo {
                let (layers, heading) = (Layers::Only(&[Protocol::Icmp]), "only what changed is marked".to_string());
                let echoed = Against { was: None, ..against_probe(layers, heading, "came back unchanged") };
                picture = picture.against([echoed]);
            }
        }
        let earlier = [
            (Layers::All, self.answers.get(&kind)),
            (Layers::Only(&[Protocol::Ipv4]), self.answered.as_ref()),
        ];
        picture = picture.against(earlier.into_iter().filter_map(|(layers, answer)| {
            let (number, basis) = answer?;
            Some(Against::since(&format!("the answer to probe {number}"), layers, basis))
        }));
        let mut remarks = words::facts(answer, *sent_ttl);
        let ttl = came.ttl.filter(|_| !by_itself);
        remarks.extend(ttl.map(|ttl| Remark::Fact(explain::arrived(ttl))));
        remarks.push(Remark::Fact(format!("round trip {} ms", milliseconds(came.at - *left))));
        let (topic, question) = match (answer.says, came.error) {
            (_, Some(IcmpError { kind, code, .. })) => (explain::error_topic(kind, code), "what that means"),
            (Says::EchoReply, _) => (Topic::Echo, "what a reply proves"),
            (Says::Open, _) => (Topic::TcpSyn, "what SYN and ACK say"),
            (Says::Closed, _) => (Topic::Rst, "why a reset is good news"),
            (Says::Datagram, _) => (Topic::PortUnreachable, "what was expected instead"),
            (says, _) => (explain::error_topic(kind_of(says), code_of(says)), "what that means"),
        };
        remarks.extend(self.hints.more(topic, question));
        if ttl.is_some() {
            remarks.extend(self.hints.more(Topic::Ttl, "how a time to live is counted"));
        }
        out.picture(&picture.remark(remarks))?;
        self.answered = Some((number, packet.clone()));
        self.answers.insert(kind, (number, packet));
        Ok(())
    }
}

/// What the host tells of a message whose bytes it keeps.
fn unseen(error: &IcmpError, by_itself: bool) -> String {
    let IcmpError { kind, code, mtu, .. } = *error;
    let mtu = if mtu > 0 { format!(", next-hop MTU {mtu}") } else { String::new() };
    if by_itself {
        return format!("no message came: this host made up type {kind} code {code}{mtu}");
    }
    format!(
        "type {kind} code {code}{mtu}: this host hands over what the message says and what it quotes, and not its bytes"
    )
}

fn part_of(part: sockets::Part) -> Part {
    match part {
        sockets::Part::Packet => Part::Packet,
        sockets::Part::Icmp => Part::Icmp,
        sockets::Part::Data => Part::Data,
    }
}

/// The ICMP type of an error.
fn kind_of(says: Says) -> u8 {
    match says {
        Says::TimeExceeded => wire::icmp::TIME_EXCEEDED,
        Says::ParameterProblem => wire::icmp::PARAMETER_PROBLEM,
        _ => wire::icmp::UNREACHABLE,
    }
}

fn code_of(says: Says) -> u8 {
    if let Says::Unreachable { code, .. } = says { code } else { 0 }
}
