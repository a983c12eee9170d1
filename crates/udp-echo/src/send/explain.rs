//! Datagrams and what became of them, byte by byte: `-e`.
//!
//! The first datagram is drawn in full with UDP's header, which this host makes and this program can compute; a later
//! one as what changed since the one before, and an answer as what changed of its data.

use super::engine::{Event, Reply, Summary};
use super::line::{Line, Way};
use super::plan::Plan;
use crate::datagram::STAMP;
use cli::explain::silence::{self, Arp, Evidence, Verdict};
use cli::explain::{self, Against, Hints, Layers, Packet, Part, Picture, Remark, Told, Topic};
use cli::{Failure, Output, milliseconds};
use host::{Host, IcmpError, Time};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use wire::dissect::Protocol;
use wire::ipv4;

/// So many datagrams are remembered; an answer to an older one is drawn in full.
const REMEMBERED: usize = 256;
/// So many datagrams are enough to see a pattern in what became of them.
const PATTERN: usize = 1000;

/// What was explained so far.
pub(crate) struct Explained {
    /// The last datagrams, each with its number.
    sent: VecDeque<(u32, Packet<'static>)>,
    /// The last answer, with its number.
    answer: Option<(u32, Packet<'static>)>,
    /// What the IP header has, and whose work that is.
    host_owned: String,
    hints: Hints,
    /// When datagrams left, each with its number, and whether anybody answered; the first ones.
    asked: Vec<(u32, Time, bool)>,
    /// Errors that came, each once.
    errors: Vec<IcmpError>,
}

impl Explained {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            sent: VecDeque::new(),
            answer: None,
            host_owned: format!(
                "20 bytes, from {} to {}, protocol 17: this host fills them in, and this program never sees them",
                plan.from.ip(),
                plan.to.ip()
            ),
            hints: Hints::of("udp-echo"),
            asked: vec![],
            errors: vec![],
        }
    }

    /// Draws the datagram of an event, where it has one.
    pub(crate) fn show(
        &mut self,
        out: &mut Output,
        plan: &Plan,
        line: &Line,
        event: &Event<'_>,
    ) -> Result<(), Failure> {
        self.count(event);
        match event {
            Event::Sent { sequence, at, data, packet } => {
                let packet = match packet {
                    Some(packet) => Packet::new(Part::Packet, packet).kept(),
                    None => Packet::datagram(*line.from().ip(), *line.to().ip(), &line.datagram(data)),
                };
                self.datagram(out, line, (*sequence, *at, data.len()), packet)
            }
            Event::Reply(reply) => self.reply(out, line, reply, None),
            Event::Late(reply) => self.reply(out, line, reply, Some("it came after its wait (-W)")),
            Event::Duplicate(reply) => self.reply(out, line, reply, Some("a further echo of the same datagram")),
            Event::Truncated(reply) => self.reply(out, line, reply, Some("only a part of the data was read")),
            Event::Corrupt(reply, _) => self.reply(out, line, reply, Some("an echo is what was sent (RFC 862)")),
            Event::Trouble { sequence, size, error, at, quote, .. } => {
                self.error(out, plan, (*sequence, *size), error, (*at, quote))
            }
            Event::Start | Event::Unsent { .. } | Event::Silence { .. } | Event::Foreign(_) => Ok(()),
        }
    }

    fn datagram(
        &mut self,
        out: &mut Output,
        line: &Line,
        (sequence, at, size): (u32, Time, usize),
        packet: Packet<'static>,
    ) -> Result<(), Failure> {
        let say = |told: Told<'_, '_>| say(told, line, sequence, at);
        let title = format!("datagram {sequence} to {}", line.to());
        let about_sum =
            if line.has_checksum() { "why addresses are in that sum" } else { "what it costs to do without" };
        let picture = Picture::leaving(title, at, &packet).saying(&say);
        let picture = match (self.sent.back(), line.way()) {
            (Some((before, basis)), _) => {
                picture.against([Against::since(&format!("datagram {before}"), Layers::All, basis)])
            }
            (None, Way::Spoofed(_)) => {
                picture.remark([Remark::Wrong("the address it is from is another host's".into())])
            }
            (None, _) => picture
                .unseen(Protocol::Ipv4, &self.host_owned)
                .remark([Remark::Fact(
                    "UDP's header is this host's work too: here it is as RFC 768 has it made, not as it was read back"
                        .into(),
                )])
                .remark(pseudo_header(line, size))
                .remark(self.hints.more(Topic::PseudoHeader, about_sum))
                .remark(self.hints.more(Topic::Udp, "what UDP adds to IP")),
        };
        out.picture(&picture)?;
        self.sent.push_back((sequence, packet));
        if self.sent.len() > REMEMBERED {
            self.sent.pop_front();
        }
        Ok(())
    }

    fn reply(&mut self, out: &mut Output, line: &Line, reply: &Reply<'_>, odd: Option<&str>) -> Result<(), Failure> {
        let Reply { sequence, from, at, data, whole, ttl, rtt, behind, .. } = *reply;
        let packet = Packet::new(Part::Data, data).kept();
        let sent = self.sent.iter().rfind(|(number, _)| *number == sequence);
        // What a further answer has to tell is how it differs from the one before, if it does.
        let before = self.answer.as_ref().filter(|(number, _)| *number == sequence);
        let before = before.map(|(_, basis)| Against::since("the answer before", Layers::All, basis));
        let against = sent.map(|(_, basis)| Against {
            basis,
            layers: Layers::All,
            heading: "only what changed is marked".into(),
            same: "came back unchanged".into(),
            was: None,
        });
        let unseen = format!(
            "8 bytes, from port {} to port {}, length {}: this host took them off, and the checksum was right or left \
             out",
            from.port(),
            line.from().port(),
            whole + wire::udp::Udp::LEN
        );
        let mut remarks: Vec<Remark> = odd.map(|odd| Remark::Wrong(odd.into())).into_iter().collect();
        remarks
            .extend(behind.map(|earlier| Remark::Wrong(format!("the echo of {earlier}, sent later, came before it"))));
        remarks.extend(
            (whole > data.len())
                .then(|| Remark::Wrong(format!("{} bytes were not read, and are gone", whole - data.len()))),
        );
        remarks.extend(ttl.map(|ttl| Remark::Fact(explain::arrived(ttl))));
        remarks.push(Remark::Fact(format!("round trip {} ms", milliseconds(rtt))));
        remarks.extend(self.hints.more(Topic::Port, "how it found this program"));
        out.picture(
            &Picture::arriving(format!("echo of datagram {sequence} from {from}"), at, &packet)
                .unseen(Protocol::Udp, unseen)
                .against(before)
                .against(against)
                .remark(remarks),
        )?;
        self.answer = Some((sequence, packet));
        Ok(())
    }

    fn error(
        &mut self,
        out: &mut Output,
        plan: &Plan,
        (sequence, size): (u32, usize),
        error: &IcmpError,
        (at, quote): (Time, &[u8]),
    ) -> Result<(), Failure> {
        let IcmpError { by, kind, code, mtu } = *error;
        let by_itself = by == *plan.from.ip();
        let sent = self.sent.iter().rfind(|(number, _)| *number == sequence);
        let packet = Packet::beginning(Part::Data, quote, size);
        let against = sent.map(|(_, basis)| Against {
            basis,
            layers: Layers::All,
            heading: "as it is quoted: only what changed is marked".into(),
            same: if by_itself { "came back as handed over" } else { "got there as sent" }.into(),
            was: Some("it left as"),
        });
        let title = explain::error_title(kind, code);
        let (title, seen) = if by_itself {
            (
                format!("{title}, says this host itself about datagram {sequence}"),
                format!("no message came: this host made up type {kind} code {code}"),
            )
        } else {
            let mtu = if mtu > 0 { format!(", next-hop MTU {mtu}") } else { String::new() };
            (
                format!("{title} from {by}, about datagram {sequence}"),
                format!(
                    "type {kind} code {code}{mtu}: this host hands over what the message says and what it quotes of \
                     the data, and not its bytes"
                ),
            )
        };
        let hint = self.hints.more(explain::error_topic(kind, code), "what that means");
        out.picture(&Picture::arriving(title, at, &packet).against(against).unseen(Protocol::Icmp, seen).remark(hint))
    }

    /// Takes note of what tells why somebody is silent.
    fn count(&mut self, event: &Event<'_>) {
        let sequence = match event {
            Event::Sent { sequence, at, .. } if self.asked.len() < PATTERN => {
                return self.asked.push((*sequence, *at, false));
            }
            Event::Reply(reply) | Event::Late(reply) | Event::Truncated(reply) | Event::Corrupt(reply, _) => {
                reply.sequence
            }
            Event::Trouble { sequence, error, .. } => {
                if !self.errors.contains(error) {
                    self.errors.push(*error);
                }
                *sequence
            }
            _ => return,
        };
        if let Some((.., answered)) = self.asked.iter_mut().find(|(number, ..)| *number == sequence) {
            *answered = true;
        }
    }

    /// Why the target is silent, where it is.
    pub(crate) fn silence(&self, host: &mut dyn Host, plan: &Plan, summary: &Summary) -> Option<Verdict> {
        let is_spoofed = matches!(plan.way, Way::Spoofed(_));
        if is_spoofed || summary.received > 0 || summary.lost() == 0 {
            return None;
        }
        // That a port is closed says that its host is there: there is no silence to explain.
        if self.errors.iter().any(|error| (error.kind, error.code) == (wire::icmp::UNREACHABLE, 3)) {
            return None;
        }
        let evidence = Evidence {
            errors: self.errors.clone(),
            ..Evidence::new((*plan.to.ip()).into(), "datagrams", summary.sent).seen_from(host)
        };
        let on_the_link = evidence.next_hop == Some((*plan.to.ip()).into());
        let (ip, target) = (plan.to.ip(), &plan.target);
        let mut commands = vec![];
        if evidence.errors.is_empty() {
            if plan.might_vanish() {
                commands.push(("shorter datagrams", format!("udp-echo send -s 100 {target}:{}", plan.to.port())));
            }
            commands.push(match (on_the_link, evidence.arp) {
                (true, Some(Arp::At(_))) => ("whether the host answers at all", format!("myping {target}")),
                (true, _) => ("ARP by hand", format!("arping {ip}")),
                (false, _) => ("how far packets get", format!("mytraceroute {target}")),
            });
        }
        Some(silence::judge(&Evidence { further: commands, ..evidence }))
    }
}

/// What this tool knows of the fields of a datagram.
fn say(told: Told<'_, '_>, line: &Line, sequence: u32, at: Time) -> Option<String> {
    let (field, is_new) = (told.field, told.before.is_none());
    let value = field.number();
    Some(match (field.layer().protocol(), field.name()) {
        (Protocol::Udp, "source_port") if !matches!(line.way(), Way::Spoofed(_)) => {
            format!("from port {value}: this program's socket")
        }
        (Protocol::Udp, "length") if is_new => format!("length {value}: these 8 bytes and the data"),
        (Protocol::Udp, "checksum") if value == 0 => "checksum 0: there is none, which IPv4 allows".into(),
        (Protocol::Udp, "checksum") if is_new => {
            format!("checksum {}, correct: over a pseudo-header, this header and the data", field.shown())
        }
        (Protocol::Ipv4, "source") if matches!(line.way(), Way::Spoofed(_)) => {
            format!("from {}: not you", field.shown())
        }
        (Protocol::Data, "data") => {
            let len = field.bytes().len();
            match len {
                0..STAMP => return None,
                _ if is_new => format!(
                    "{len} bytes of data: number {sequence} (4 bytes), the time of sending (8), and bytes that count up"
                ),
                _ => format!("number {sequence}, and the time of sending: {} ns after the start", at.0),
            }
        }
        _ => return None,
    })
}

/// The pseudo-header that a datagram's checksum covers, byte by byte.
fn pseudo_header(line: &Line, size: usize) -> Option<Remark> {
    let hex = |address: &Ipv4Addr| address.octets().map(|byte| format!("{byte:02x}")).join(" ");
    let length =
        u16::try_from(size + wire::udp::Udp::LEN).ok()?.to_be_bytes().map(|byte| format!("{byte:02x}")).join(" ");
    let (from, to) = (line.from(), line.to());
    line.has_checksum().then(|| {
        Remark::Fact(format!(
            "the pseudo-header, in the sum and in no packet: {} (from), {} (to), 00, {:02x} (protocol {}), {length} \
             (length)",
            hex(from.ip()),
            hex(to.ip()),
            ipv4::UDP,
            ipv4::UDP
        ))
    })
}
