//! Requests and what became of them, byte by byte: `-e`.
//!
//! The first request is drawn in full, a later one as what changed since the one before, and an answer as what changed since its
//! request: that is all it has to tell.

use crate::engine::{Event, Reply, Summary};
use crate::flags::Plan;
use crate::request::TIMESTAMP;
use cli::explain::silence::{self, Arp, Evidence, Verdict};
use cli::explain::{self, Against, Hints, Layers, Packet, Part, Picture, Remark, Told, Topic};
use cli::{Failure, Output, milliseconds};
use host::{Host, IcmpError, Time};
use std::collections::VecDeque;
use wire::dissect::{Field, Protocol, Value};

/// So many requests are remembered; an answer to an older one is drawn in full.
const REMEMBERED: usize = 256;

/// What was explained so far.
pub(crate) struct Explained {
    /// The last requests, each with its sequence number.
    requests: VecDeque<(u16, Packet<'static>)>,
    /// What the data of a request is.
    data: String,
    /// Where the host puts requests, and whose work that is.
    host_owned: String,
    hints: Hints,
    /// When requests left, each with its number, and whether anybody answered; the first ones.
    asked: Vec<(u16, Time, bool)>,
    /// Errors that came, each once.
    errors: Vec<IcmpError>,
}

/// So many requests are enough to see a pattern in what became of them.
const PATTERN: usize = 1000;

impl Explained {
    pub(crate) fn new(plan: &Plan) -> Self {
        let size = plan.options.size;
        let filled = if plan.options.pattern.is_empty() { "bytes that count up" } else { "the pattern" };
        let data = match size {
            0..TIMESTAMP => format!("{size} bytes of data: {filled}"),
            TIMESTAMP => "the time of sending in nanoseconds".into(),
            _ => format!("{size} bytes of data: the time of sending in nanoseconds (8 bytes), then {filled}"),
        };
        let from = plan.asked.own.map_or(String::new(), |own| format!(", from {own}"));
        let ttl = plan.asked.ttl.map_or(String::new(), |ttl| format!(", time to live {ttl}"));
        let host_owned = format!(
            "20 bytes{from} to {}{ttl}: this host fills them in, and this program never sees them",
            plan.target
        );
        Self { requests: VecDeque::new(), data, host_owned, hints: Hints::of("myping"), asked: vec![], errors: vec![] }
    }

    /// Draws the packet of an event, where it has one.
    pub(crate) fn show(&mut self, out: &mut Output, plan: &Plan, event: &Event<'_>) -> Result<(), Failure> {
        self.count(event);
        match event {
            Event::Sent { sequence, at, message } => self.request(out, plan, *sequence, *at, message),
            Event::Reply(reply) => self.reply(out, reply, None),
            Event::Late(reply) => self.reply(out, reply, Some("it came after its wait (-W)")),
            Event::Duplicate(reply) => self.reply(out, reply, Some("another answer to this request came before")),
            Event::Truncated(reply) | Event::Corrupt(reply, _) => {
                self.reply(out, reply, Some("all data must come back as it left (RFC 1122 section 3.2.2.6)"))
            }
            Event::Trouble { sequence, error, at, quote } | Event::Advice { sequence, error, at, quote } => {
                self.error(out, plan, *sequence, error, *at, quote)
            }
            Event::Start | Event::Unsent { .. } | Event::Silence { .. } | Event::Foreign(_) => Ok(()),
        }
    }

    fn request(
        &mut self,
        out: &mut Output,
        plan: &Plan,
        sequence: u16,
        at: Time,
        message: &[u8],
    ) -> Result<(), Failure> {
        let packet = Packet::new(Part::Icmp, message).kept();
        let hint = self.hints.more(Topic::Echo, "what an echo tells");
        let say = |told: Told<'_, '_>| self.say(told);
        let picture = Picture::leaving(format!("echo request {sequence} to {}", plan.target), at, &packet).saying(&say);
        let picture = match self.requests.back() {
            None => picture.unseen(Protocol::Ipv4, &self.host_owned).remark(hint),
            Some((before, basis)) => {
                picture.against([Against::since(&format!("request {before}"), Layers::All, basis)])
            }
        };
        out.picture(&picture)?;
        self.requests.push_back((sequence, packet));
        if self.requests.len() > REMEMBERED {
            self.requests.pop_front();
        }
        Ok(())
    }

    fn reply(&mut self, out: &mut Output, reply: &Reply<'_>, odd: Option<&str>) -> Result<(), Failure> {
        let Reply { sequence, from, at, message, ttl, rtt, .. } = *reply;
        let packet = Packet::new(Part::Icmp, message);
        let request = self.requests.iter().rfind(|(number, _)| *number == sequence);
        let against = request.map(|(_, basis)| Against {
            basis,
            layers: Layers::All,
            heading: "only what changed is marked".into(),
            same: "came back unchanged".into(),
            was: None,
        });
        let mut remarks: Vec<Remark> = odd.map(|odd| Remark::Wrong(odd.into())).into_iter().collect();
        remarks.extend(ttl.map(|ttl| Remark::Fact(explain::arrived(ttl))));
        remarks.push(Remark::Fact(format!("round trip {} ms", milliseconds(rtt))));
        if let Some(ttl) = ttl {
            let (left, _) = explain::way_back(ttl);
            let question = if left == ttl { "what it tells".into() } else { format!("why {left}") };
            remarks.extend(self.hints.more(Topic::Ttl, &question));
        }
        out.picture(
            &Picture::arriving(format!("echo reply {sequence} from {from}"), at, &packet)
                .against(against)
                .remark(remarks),
        )
    }

    fn error(
        &mut self,
        out: &mut Output,
        plan: &Plan,
        sequence: u16,
        error: &IcmpError,
        at: Time,
        quote: &[u8],
    ) -> Result<(), Failure> {
        let IcmpError { by, kind, code, mtu } = *error;
        let request = self.requests.iter().rfind(|(number, _)| *number == sequence);
        let whole = plan.options.size + crate::request::HEADER;
        let packet = Packet::beginning(Part::Icmp, quote, whole);
        let against = request.map(|(_, basis)| Against {
            basis,
            layers: Layers::All,
            heading: "as it is quoted: only what changed is marked".into(),
            same: if by_itself(plan, error) { "are as they were to leave" } else { "arrived there as they left" }.into(),
            was: Some("it left as"),
        });
        let title = explain::error_title(kind, code);
        let (title, seen) = if by_itself(plan, error) {
            (
                format!("{title}, says this host itself about request {sequence}"),
                format!("no message came: this host made up type {kind} code {code}"),
            )
        } else {
            let mtu = if mtu > 0 { format!(", next-hop MTU {mtu}") } else { String::new() };
            (
                format!("{title} from {by}, about request {sequence}"),
                format!(
                    "type {kind} code {code}{mtu}: this host hands over what the message says and what it quotes, and not \
                     its bytes"
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
    pub(crate) fn silence(&self, host: &mut dyn Host, plan: &Plan, target: &str, summary: &Summary) -> Option<Verdict> {
        let pattern: Vec<(Time, bool)> = self.asked.iter().map(|(_, sent, answered)| (*sent, *answered)).collect();
        let once_a_second = silence::is_once_a_second(&pattern);
        let is_silent = summary.received == 0 && summary.lost() > 0;
        if !is_silent && !once_a_second {
            return None;
        }
        let answered = pattern.iter().filter(|(_, answered)| *answered).count() as u64;
        let evidence = Evidence {
            answered: if once_a_second { answered } else { 0 },
            once_a_second,
            errors: if once_a_second { vec![] } else { self.errors.clone() },
            ..Evidence::new(plan.target, "echo requests", summary.sent).seen_from(host)
        };
        let further = further(&evidence, plan, target);
        Some(silence::judge(&Evidence { further, ..evidence }))
    }

    /// What myping knows of the fields of its requests.
    fn say(&self, told: Told<'_, '_>) -> Option<String> {
        let field = told.field;
        Some(match (field.name(), told.before) {
            ("identifier", _) => {
                format!("identifier {}: this myping, by the number of its socket", field.number())
            }
            ("data", None) => self.data.clone(),
            ("data", Some(_)) => format!("the time of sending: {} ns after the start", stamp(field)?),
            ("checksum", Some(_)) => format!("checksum {}, correct: it covers what changed", field.shown()),
            _ => return None,
        })
    }
}

/// Which commands would tell more of a silence.
fn further(evidence: &Evidence<'_>, plan: &Plan, target: &str) -> Vec<(&'static str, String)> {
    let on_the_link = evidence.next_hop == Some(plan.target);
    let mut further = vec![];
    if evidence.once_a_second {
        further.push(("slower", format!("myping -i 1.1 {target}")));
    } else if evidence.errors.is_empty() {
        if plan.asked.might_vanish() {
            further.push(("shorter packets", format!("myping -s 100 {target}")));
        }
        match (on_the_link, evidence.arp) {
            (true, Some(Arp::At(_))) => further.push(("other protocols", format!("mytraceroute -T {target}"))),
            (true, _) => further.push(("ARP by hand", format!("arping {target}"))),
            (false, _) => further.push(("how far packets get", format!("mytraceroute {target}"))),
        }
    }
    further
}

/// The time of sending in a request's data.
fn stamp(data: &Field<'_>) -> Option<u64> {
    let Value::Bytes(bytes) = data.value() else { return None };
    bytes.first_chunk().map(|stamp| u64::from_be_bytes(*stamp))
}

/// Whether an error is this host's own, which got no answer by ARP.
fn by_itself(plan: &Plan, error: &IcmpError) -> bool {
    plan.asked.own == Some(error.by)
}
