//! Messages byte by byte: `-e`. An arrow leads from each pointer to its target, and the flags of an answer are told in
//! sentences.

use crate::ask::{Event, Transport};
use crate::servers::Server;
use crate::text;
use cli::explain::{Hints, Packet, Part, Picture, Remark, Topic};
use cli::{Failure, Output};
use wire::dissect::Protocol;
use wire::dns::{Anatomy, Message, Rcode, Type};

/// What was explained so far: nothing is told twice.
pub(crate) struct Explained {
    told_of_headers: bool,
    hints: Hints,
}

impl Explained {
    pub(crate) fn new() -> Self {
        Self { told_of_headers: false, hints: Hints::of("mini-dig") }
    }

    /// Draws the message of an event, where it has one.
    pub(crate) fn show(&mut self, out: &mut Output, server: &Server, event: &Event<'_>) -> Result<(), Failure> {
        let to = format!("{}#{}", server.at.ip(), server.at.port());
        match *event {
            Event::Sent { transport, port, at, bytes, .. } => {
                let packet = Packet::new(Part::Names, bytes);
                let mut picture = Picture::leaving(format!("question to {to} by {transport}"), at, &packet);
                if !self.told_of_headers {
                    let (protocol, sentence) = unseen(transport, port, server, bytes.len());
                    picture = picture.unseen(protocol, sentence);
                    self.told_of_headers = true;
                }
                let arrows = pointers(bytes, out.ascii());
                let hints = [
                    self.hints.more(Topic::Question, "what a question is made of"),
                    self.hints.more(Topic::QueryId, "why port and number are drawn"),
                ];
                out.picture(&picture.remark(arrows).remark(hints.into_iter().flatten()))
            }
            Event::Foreign { from, at, bytes, foreign } => {
                let from = from.map_or("somebody".into(), |from| format!("{}#{}", from.ip(), from.port()));
                let packet = Packet::new(Part::Names, bytes);
                let remark = Remark::Wrong(cli::escape(&foreign.to_string()));
                out.picture(&Picture::arriving(format!("message from {from}"), at, &packet).remark([remark]))
            }
            Event::Truncated { at, bytes } => {
                let packet = Packet::new(Part::Names, bytes);
                let remark = Remark::Fact("tc is set: there is more than the question had room for".into());
                let hint = self.hints.more(Topic::Truncation, "what fits, and what becomes of the rest");
                let picture = Picture::arriving(format!("answer from {to}, cut"), at, &packet);
                out.picture(&picture.remark([remark]).remark(hint))
            }
            Event::Reply(reply) => {
                let packet = Packet::new(Part::Names, &reply.bytes);
                let title = format!("answer from {to} by {}", reply.transport);
                let facts = text::told(&reply.message, reply.transport).into_iter().map(Remark::Fact);
                let arrows = pointers(&reply.bytes, out.ascii());
                let hints: Vec<Remark> = topics(&reply.message)
                    .into_iter()
                    .filter_map(|(topic, about)| self.hints.more(topic, about))
                    .collect();
                let picture = Picture::arriving(title, reply.at, &packet).remark(arrows).remark(facts);
                out.picture(&picture.remark(hints))
            }
            Event::Trouble { .. } | Event::Failed { .. } | Event::Silence { .. } => Ok(()),
            Event::Established(_) | Event::NoChannel { .. } | Event::Carried(_) => Ok(()),
        }
    }
}

/// Where to read more about what is in an answer.
fn topics(message: &Message) -> Vec<(Topic, &'static str)> {
    let has = |rrtype| message.answers.iter().any(|record| record.rrtype() == rrtype);
    let mut topics = vec![];
    if text::refers(message) {
        topics.push((Topic::Glue, "whose addresses are glue"));
    }
    if has(Type::CNAME) {
        topics.push((Topic::Cname, "what an alias is"));
    }
    if message.rcode() != Rcode::NOERROR || message.answers.is_empty() && !text::refers(message) {
        topics.push((Topic::Rcode, "in how many ways there is no answer"));
    }
    if topics.is_empty() {
        topics.push((Topic::DnsTtl, "for how long it holds"));
    }
    topics.extend([(Topic::NamePointer, "how names are written"), (Topic::DnsFlags, "what each flag says")]);
    topics
}

/// What is said of the header around a question, which this program does not see.
fn unseen(transport: Transport, port: u16, server: &Server, len: usize) -> (Protocol, String) {
    let to = server.at.port();
    match transport {
        Transport::Udp => (
            Protocol::Udp,
            format!(
                "from port {port}, drawn at random like the number, to port {to}: the host puts it before the message"
            ),
        ),
        Transport::Tls => (
            Protocol::Tcp,
            format!(
                "from port {port} to port {to}: behind its length, {len} in two bytes, and all of that encrypted by TLS"
            ),
        ),
        Transport::Https => (
            Protocol::Tcp,
            format!("from port {port} to port {to}: the body of a request of HTTP/2, and all of that encrypted by TLS"),
        ),
        Transport::Tcp => (
            Protocol::Tcp,
            format!(
                "from port {port} to port {to}: in the stream the message stands behind its length, {len} in two bytes"
            ),
        ),
    }
}

/// An arrow for each pointer.
fn pointers(bytes: &[u8], ascii: bool) -> Vec<Remark> {
    let anatomy = Anatomy::of(bytes);
    let line = if ascii { "-->" } else { "──►" };
    let arrow = |pointer: &wire::dns::Pointer| {
        let (at, to) = (pointer.at, pointer.to);
        Remark::Fact(format!("byte {at} {line} byte {to}: {}", cli::escape(&pointer.name.to_string())))
    };
    anatomy.pointers.iter().map(arrow).collect()
}
