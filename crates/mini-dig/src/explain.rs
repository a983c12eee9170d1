//! Messages byte by byte: `-e`. An arrow leads from each pointer to its target, and the flags of an answer are told in
//! sentences.

use crate::ask::{Event, Transport};
use crate::servers::Server;
use crate::text;
use cli::explain::{Packet, Part, Picture, Remark};
use cli::{Failure, Output};
use wire::dissect::Protocol;
use wire::dns::Anatomy;

/// What was explained so far: nothing is told twice.
pub(crate) struct Explained {
    told_of_headers: bool,
}

impl Explained {
    pub(crate) fn new() -> Self {
        Self { told_of_headers: false }
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
                out.picture(&picture.remark(arrows))
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
                out.picture(&Picture::arriving(format!("answer from {to}, cut"), at, &packet).remark([remark]))
            }
            Event::Reply(reply) => {
                let packet = Packet::new(Part::Names, &reply.bytes);
                let title = format!("answer from {to} by {}", reply.transport);
                let facts = text::told(&reply.message, reply.transport).into_iter().map(Remark::Fact);
                out.picture(
                    &Picture::arriving(title, reply.at, &packet)
                        .remark(pointers(&reply.bytes, out.ascii()))
                        .remark(facts),
                )
            }
            Event::Trouble { .. } | Event::Failed { .. } | Event::Silence { .. } => Ok(()),
            Event::Established(_) | Event::NoChannel { .. } | Event::Carried(_) => Ok(()),
        }
    }
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
