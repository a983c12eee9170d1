//! What `serve` prints.

use super::engine::{Door, Event, Summary};
use super::twin::{self, Changed};
use cli::escape;
use std::net::Ipv4Addr;
use wire::dns::{Message, Rcode, Type};

/// The first lines: who is where, and what was changed.
pub(super) fn start(doors: &[Door], twin: &[Changed]) -> Vec<String> {
    let port = doors.first().map_or(0, |door| door.at.port());
    let what = if doors.len() == 1 { "Name server" } else { "Name servers" };
    let mut lines = vec![format!("{what} at port {port}, by UDP and TCP; Ctrl-C ends the run")];
    let widest = |cell: fn(&Door) -> usize| doors.iter().map(cell).max().unwrap_or(0);
    let (addresses, names) = (widest(|door| address(door).len()), widest(|door| door.name.chars().count()));
    lines.extend(doors.iter().map(|door| {
        let zones = zones(door);
        format!("  {:addresses$}  {:names$}  {zones}", address(door), escape(&door.name))
    }));
    if !twin.is_empty() {
        let change = |changed: &Changed| format!("{} is {}", changed.there, changed.here);
        let changes: Vec<String> = twin.iter().map(change).collect();
        lines.push(format!(
            "The zones are those of the network '{}', and their addresses are changed in them:",
            twin::NET
        ));
        lines.extend(changes.chunks(2).map(|two| format!("  {}", two.join(", "))));
    }
    lines
}

fn address(door: &Door) -> String {
    match door.at.ip() {
        address if address.is_unspecified() => "all addresses".into(),
        address => address.to_string(),
    }
}

fn zones(door: &Door) -> String {
    let zones: Vec<String> = door.server.zones().iter().map(|zone| zone.apex().to_string()).collect();
    if zones.is_empty() { "no zone: it refuses every question".into() } else { zones.join(" ") }
}

/// Commands that show something with these servers.
pub(super) fn to_try(doors: &[Door], is_twin: bool) -> Vec<String> {
    let Some(first) = doors.first() else { return vec![] };
    let port = first.at.port();
    let at = |door: &Door| match door.at.ip() {
        address if address.is_unspecified() => Ipv4Addr::LOCALHOST,
        address => *address,
    };
    let address = at(first);
    let commands = if is_twin {
        let of = |name: &str| doors.iter().find(|door| door.name == name).map_or(address, at);
        let (com, big) = (of("ns-example-com"), of("big"));
        vec![
            format!("mini-dig @{address} -p {port} www.example.com +trace"),
            format!("dig @{com} -p {port} shop.example.com"),
            format!("kdig @{com} -p {port} nosuch.example.com"),
            format!("drill -p {port} www.example.org @{address}"),
            format!("dig @{big} -p {port} big.example.org TXT"),
        ]
    } else {
        let apex = first.server.zones().first().map_or_else(|| ".".into(), |zone| escape(&zone.apex().to_string()));
        ["mini-dig", "dig"].iter().map(|tool| format!("{tool} @{address} -p {port} {apex} SOA")).collect()
    };
    let head = "Try, from another terminal:".to_string();
    [head].into_iter().chain(commands.into_iter().map(|command| format!("  {command}"))).collect()
}

/// The line of an event.
pub(super) fn line(event: &Event<'_>, doors: &[Door]) -> Option<String> {
    Some(match event {
        Event::Start => return None,
        Event::Full { open } => {
            let open = if *open == 1 { "1 connection is".into() } else { format!("{open} connections are") };
            format!("full: {open} open, the next ones wait to be accepted (--max-connections)")
        }
        Event::Asked { door, from, transport, query, answer, unsent, .. } => {
            let name = doors.get(*door).map_or("", |door| door.name.as_str());
            let what = asked(query);
            let how = match (answer, unsent) {
                (_, Some(error)) => format!("the answer did not leave: {}", escape(&error.to_string())),
                (Some(answer), None) => answered(answer),
                (None, None) => "no answer, for it is no question".into(),
            };
            format!("{}: {what} from {from} by {transport}: {how}", escape(name))
        }
    })
}

/// The question, or that there is none.
pub(super) fn asked(query: &[u8]) -> String {
    let question = Message::parse(query).ok().and_then(|(message, _)| message.questions.first().cloned());
    question.map_or_else(
        || format!("{} bytes without a question", query.len()),
        |question| escape(&format!("{} {}", question.qname, question.qtype)),
    )
}

/// In a few words what an answer says.
fn answered(bytes: &[u8]) -> String {
    let Ok((message, _)) = Message::parse(bytes) else { return format!("{} bytes", bytes.len()) };
    let (rcode, answers) = (message.rcode(), message.answers.len());
    let refers = message.authorities.iter().any(|record| record.rrtype() == Type::NS);
    let what = match answers {
        _ if message.header.tc => "cut, to be asked for by TCP".into(),
        0 if rcode != Rcode::NOERROR => String::new(),
        0 if refers => "a referral".into(),
        0 => "no such records".into(),
        1 => "1 record".into(),
        more => format!("{more} records"),
    };
    let what = if what.is_empty() { what } else { format!(", {what}") };
    format!("{rcode}{what}, {} bytes", bytes.len())
}

/// The last lines.
pub(super) fn statistics(summary: &Summary, doors: &[Door]) -> String {
    let Summary { asked, answered, connections, span, .. } = summary;
    let rows = asked.iter().zip(doors).filter(|([udp, tcp], _)| udp + tcp > 0);
    let rows: String =
        rows.map(|([udp, tcp], door)| format!("{}: {udp} by UDP, {tcp} by TCP\n", escape(&door.name))).collect();
    let millis = (span.as_nanos() + 500_000) / 1_000_000;
    let received = summary.queries();
    let messages = if received == 1 { "message" } else { "messages" };
    let word = if *connections == 1 { "connection" } else { "connections" };
    format!(
        "\n--- name server statistics ---\n{rows}{received} {messages} received, {answered} answered, {connections} {word}, time {millis}ms"
    )
}
