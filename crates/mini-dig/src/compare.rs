//! `+compare`: the same question in several ways, side by side.
//!
//! The server is asked once beforehand, so that all ways find it with the answer at hand, and hosts with each other's
//! link-layer addresses. What a way costs is counted where it can be known: in the simulated network each packet of it,
//! the last acknowledgment too; on this machine what the kernel says of its connection before that is closed.

mod meter;

use crate::ask::{self, Carried, Event, Options, Outcome, Reply, Secured, Transport};
use crate::json;
use crate::query::Wanted;
use crate::report::{Ended, Report};
use crate::servers::Server;
use cli::{Failure, Verdict, escape, milliseconds};
use host::{Host, Time};
use meter::Meter;
use std::net::SocketAddr;
use std::time::Duration;
use wire::dns::{Message, PORT};

/// What is compared unless somebody says otherwise.
pub(crate) const ALL: &str = "udp,tcp,dot";

/// How long a connection has for its closing before the next way is tried.
const REST: Duration = Duration::from_secs(1);
/// The longest datagram that travels in one packet of a usual link, bytes of data.
const ONE_PACKET: usize = 1472;

/// A way to ask, and at which port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    kind: Kind,
    port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Udp,
    Tcp,
    Dot,
    Doh,
}

/// What a way has cost, and what came of it: a line of `--json`.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Row {
    way: Kind,
    server: SocketAddr,
    outcome: &'static str,
    packets_sent: Option<u32>,
    packets_received: Option<u32>,
    wire_bytes_sent: Option<u64>,
    wire_bytes_received: Option<u64>,
    data_bytes_sent: u64,
    data_bytes_received: u64,
    question_bytes: usize,
    answer_bytes: Option<usize>,
    round_trips: u32,
    time_ns: Option<u64>,
    tls: Option<String>,
    same_answer: Option<bool>,
    words: String,
}

/// The ways in a list with commas; `None`: one of them is none.
pub(crate) fn ways(list: &str) -> Option<Vec<Way>> {
    let way = |word: &str| {
        let (name, port) = match word.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok().filter(|port| *port > 0)?)),
            None => (word, None),
        };
        let kind = match name {
            "udp" => Kind::Udp,
            "tcp" => Kind::Tcp,
            "dot" | "tls" => Kind::Dot,
            "doh" | "https" => Kind::Doh,
            _ => return None,
        };
        Some(Way { kind, port })
    };
    list.split(',').map(way).collect()
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Dot => "dot",
            Self::Doh => "doh",
        }
    }
}

impl Way {
    /// What `wanted` wants, this way.
    fn of(self, wanted: &Wanted) -> Wanted {
        let secured = || {
            let given = wanted.options.secured.clone().unwrap_or_default();
            Secured { name: given.name.or_else(|| wanted.server.clone()), ..given }
        };
        let path = |secured: &Secured| secured.https.clone().unwrap_or_else(|| ask::PATH.into());
        let (tcp, secured, port) = match self.kind {
            Kind::Udp => (false, None, PORT),
            Kind::Tcp => (true, None, PORT),
            Kind::Dot => (false, Some(Secured { https: None, ..secured() }), ask::TLS_PORT),
            Kind::Doh => {
                let secured = secured();
                (false, Some(Secured { https: Some(path(&secured)), ..secured }), ask::HTTPS_PORT)
            }
        };
        let options = Options { tcp, secured, ..wanted.options.clone() };
        Wanted { options, port: self.port.unwrap_or(port), ..wanted.clone() }
    }
}

/// Asks in all ways, and shows what each has cost.
pub(crate) fn run(
    wanted: &Wanted,
    servers: &[Server],
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Verdict, Failure> {
    let (Some(server), Some(first)) = (servers.first(), wanted.compare.first()) else {
        return Err(Failure::said("there is no server to ask"));
    };
    one(*first, wanted, server, host, report)?;
    let mut told: Vec<Told> = vec![];
    for way in &wanted.compare {
        let mut next = one(*way, wanted, server, host, report)?;
        compare(&mut next, &told);
        told.push(next);
    }
    if report.out.is_json() {
        told.iter().try_for_each(|told| report.out.json(&json::Line::Compared(&told.row)))?;
    } else {
        let rows: Vec<&Row> = told.iter().map(|told| &told.row).collect();
        let question = wanted.question.to_string();
        report
            .out
            .line(&format!(";; {question} at {}, which was asked once before and has it at hand", server.name))?;
        report.lines(table(&rows))?;
        report.lines(rows.iter().map(|row| format!(";; {}: {}", row.way.name(), escape(&row.words))).collect())?;
    }
    // One that has no answer is what is to be known.
    let odd = told.iter().find(|told| told.ended != Ended::Answer).or(told.first());
    let (ended, message) = odd.map_or((Ended::Silence, None), |told| (told.ended, told.message.as_ref()));
    report.finish(ended, message)
}

/// A row, and what it stands for.
struct Told {
    row: Row,
    ended: Ended,
    message: Option<Message>,
}

/// What was seen of one way.
#[derive(Default)]
struct Seen {
    data: (u64, u64),
    question: usize,
    datagrams: (u32, u32),
    is_cut: bool,
    has_long: bool,
    carried: Option<Carried>,
    round_trips: u32,
    tls: Option<String>,
    trouble: Option<String>,
}

impl Seen {
    fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::Sent { transport, bytes, .. } => {
                self.question = bytes.len();
                if *transport == Transport::Udp {
                    self.round_trips += 1;
                    self.datagrams.0 += 1;
                    self.data.0 += bytes.len() as u64;
                    self.has_long |= bytes.len() > ONE_PACKET;
                }
            }
            Event::Truncated { bytes, .. } => {
                self.is_cut = true;
                self.datagram(bytes);
            }
            Event::Reply(reply) if reply.transport == Transport::Udp => self.datagram(&reply.bytes),
            Event::Carried(carried) => {
                self.data = (self.data.0 + carried.bytes.0, self.data.1 + carried.bytes.1);
                self.round_trips += carried.round_trips;
                self.carried = Some(**carried);
            }
            Event::Established(tls) => self.tls = Some(tls.version.clone()),
            Event::NoChannel { words, hint, .. } => {
                self.trouble = Some(hint.map_or_else(|| (*words).to_string(), |hint| format!("{words}; {hint}")));
            }
            Event::Failed { error, .. } => self.trouble = Some(error.to_string()),
            Event::Trouble { error, .. } => {
                self.trouble = Some(cli::explain::error_title(error.kind, error.code));
            }
            Event::Silence { waited, .. } => self.trouble = Some(format!("no answer in {} s", waited.as_secs_f64())),
            Event::Foreign { .. } | Event::Reply(_) => {}
        }
    }

    fn datagram(&mut self, bytes: &[u8]) {
        self.datagrams.1 += 1;
        self.data.1 += bytes.len() as u64;
        self.has_long |= bytes.len() > ONE_PACKET;
    }

    /// Packets as far as the host's kernel tells of them, and what is plain of datagrams.
    fn packets(&self) -> Option<(u32, u32)> {
        let (sent, received) = match &self.carried {
            Some(carried) => carried.segments?,
            None => (0, 0),
        };
        let fits = !self.has_long && (self.carried.is_some() || self.datagrams != (0, 0));
        fits.then_some((sent + self.datagrams.0, received + self.datagrams.1))
    }
}

/// Asks in one way.
fn one(
    way: Way,
    wanted: &Wanted,
    server: &Server,
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Told, Failure> {
    let wanted = way.of(wanted);
    let at = SocketAddr::new(server.at.ip(), wanted.port);
    let server = Server { at, name: server.name.clone() };
    let query = wanted.query(host);
    let mut meter = Meter::open(host, at)?;
    let mut seen = Seen::default();
    let begun = host.now();
    let outcome: Outcome = ask::ask(host, at, &query, &wanted.options, &mut |event| {
        seen.note(event);
        report.count(&server, event);
        Ok::<(), Failure>(())
    })?;
    let counted = match &mut meter {
        Some(meter) => {
            let now: Time = host.now();
            host.sleep(now + REST)?;
            Some(meter.read(host)?)
        }
        None => None,
    };
    let ended = Ended::of(&outcome);
    let reply = match outcome {
        Outcome::Reply(reply) => Some(*reply),
        _ => None,
    };
    let packets = counted.map_or_else(|| seen.packets(), |counted| Some(counted.packets));
    let wire_bytes = counted.map(|counted| counted.bytes);
    let row = Row {
        way: way.kind,
        server: at,
        outcome: ended.name(),
        packets_sent: packets.map(|(sent, _)| sent),
        packets_received: packets.map(|(_, received)| received),
        wire_bytes_sent: wire_bytes.map(|(sent, _)| sent),
        wire_bytes_received: wire_bytes.map(|(_, received)| received),
        data_bytes_sent: seen.data.0,
        data_bytes_received: seen.data.1,
        question_bytes: seen.question,
        answer_bytes: reply.as_ref().map(|reply| reply.bytes.len()),
        round_trips: seen.round_trips,
        time_ns: reply.as_ref().map(|reply| json::nanos(reply.at - begun)),
        words: words(way.kind, &seen, reply.as_ref()),
        tls: seen.tls,
        same_answer: None,
    };
    Ok(Told { row, ended, message: reply.map(|reply| reply.message) })
}

/// What a way's price consists of.
fn words(kind: Kind, seen: &Seen, reply: Option<&Reply>) -> String {
    let Some(reply) = reply else {
        return seen.trouble.clone().unwrap_or_else(|| "what came is no message".into());
    };
    let records =
        format!("{} bytes of records for {} of messages", seen.data.0 + seen.data.1, seen.question + reply.bytes.len());
    let handshake = seen.round_trips.saturating_sub(2);
    let version = seen.tls.as_deref().unwrap_or_default();
    match kind {
        Kind::Udp if seen.is_cut => "the answer did not fit into a datagram, and was asked for again by TCP".into(),
        Kind::Udp if seen.datagrams.0 > 1 => format!("sent {} times until an answer came", seen.datagrams.0),
        Kind::Udp => "a datagram there and one back, and nothing to set up".into(),
        Kind::Tcp => "1 round trip for TCP's handshake, 1 for the question".into(),
        Kind::Dot => {
            format!(
                "1 round trip for TCP's handshake, {handshake} for that of TLS {version}, 1 for the question; {records}"
            )
        }
        Kind::Doh => {
            format!(
                "1 round trip for TCP's handshake, {handshake} for that of TLS {version}, 1 for the request; {records}"
            )
        }
    }
}

/// Says whether the answer is that of the first way that has one.
fn compare(next: &mut Told, before: &[Told]) {
    let Some(first) = before.iter().find(|told| told.message.is_some()) else { return };
    let (Some(own), Some(others)) = (&next.message, &first.message) else { return };
    let is_same = essence(own) == essence(others);
    next.row.same_answer = Some(is_same);
    if !is_same {
        next.row.words.push_str(&format!("; the answer is another than by {}", first.row.way.name()));
    }
}

/// What an answer says, whatever the order and the rest of its time to live.
fn essence(message: &Message) -> (u16, Vec<String>) {
    let mut records: Vec<String> = message
        .answers
        .iter()
        .map(|record| format!("{} {} {} {}", record.name, record.class, record.rrtype(), record.rdata))
        .collect();
    records.sort();
    (message.rcode().0, records)
}

/// The rows below their titles.
fn table(rows: &[&Row]) -> Vec<String> {
    let pair = |sent: Option<u64>, received: Option<u64>| match (sent, received) {
        (Some(sent), Some(received)) => format!("{sent} + {received}"),
        _ => "not known".into(),
    };
    let titles = ["way", "packets", "bytes of them", "bytes of data", "round trips", "time", "answer"];
    let mut cells: Vec<[String; 7]> = vec![titles.map(String::from)];
    for row in rows {
        let is_answered = row.answer_bytes.is_some();
        cells.push([
            row.way.name().into(),
            pair(row.packets_sent.map(Into::into), row.packets_received.map(Into::into)),
            pair(row.wire_bytes_sent, row.wire_bytes_received),
            pair(Some(row.data_bytes_sent), Some(row.data_bytes_received)),
            if is_answered { row.round_trips.to_string() } else { "-".into() },
            row.time_ns.map_or("-".into(), |time| format!("{} ms", milliseconds(Duration::from_nanos(time)))),
            match row.same_answer {
                _ if !is_answered => "none".into(),
                None => row.outcome.to_string(),
                Some(true) => "the same".into(),
                Some(false) => "another".into(),
            },
        ]);
    }
    let width = |column: usize| cells.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!(";; {}", padded.collect::<Vec<_>>().join("  ")).trim_end().to_string()
    };
    cells.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_has_ways_with_their_ports() {
        let kinds =
            |list| ways(list).map(|ways| ways.iter().map(|way| (way.kind.name(), way.port)).collect::<Vec<_>>());
        assert_eq!(kinds(ALL), Some(vec![("udp", None), ("tcp", None), ("dot", None)]));
        assert_eq!(kinds("dot:8853,doh"), Some(vec![("dot", Some(8853)), ("doh", None)]));
        for none in ["", "udp,", "udp tcp", "quic", "udp:0", "udp:x", "udp:70000"] {
            assert_eq!(kinds(none), None, "{none}");
        }
    }
}
