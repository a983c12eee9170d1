//! Events as JSON objects, one a line; docs/json.md has the table. Messages have the names of RFC 8427 section 2.

use crate::ask::{Event, Outcome};
use crate::many::{self, Finished};
use crate::report::Ended;
use crate::servers::Server;
use crate::text;
use cli::RttSummary;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use wire::dns::{Message, Record};

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Query {
        at_ns: u64,
        server: SocketAddr,
        transport: String,
        attempt: u32,
        port: u16,
        bytes: usize,
    },
    Foreign {
        at_ns: u64,
        from: Option<SocketAddr>,
        bytes: usize,
        words: String,
    },
    Truncated {
        at_ns: u64,
        bytes: usize,
    },
    Error {
        by: Option<IpAddr>,
        #[serde(rename = "type")]
        kind: Option<u8>,
        code: Option<u8>,
        words: String,
    },
    Silence {
        transport: String,
        attempt: u32,
        waited_ns: u64,
    },
    Answer {
        at_ns: u64,
        server: SocketAddr,
        transport: String,
        rtt_ns: u64,
        bytes: usize,
        trailing_bytes: usize,
        message: Shown<'a>,
    },
    /// With `+cache`: what was kept of the answer; nothing, where it must be asked for again.
    Cached {
        at_ns: u64,
        outcome: Option<&'static str>,
        age_ns: Option<u64>,
        left_ns: Option<u64>,
        #[serde(rename = "answerRRs")]
        answers: Option<Records<'a>>,
        #[serde(rename = "authorityRRs")]
        authorities: Option<Records<'a>>,
    },
    Summary {
        outcome: &'static str,
        words: Option<String>,
        queries: u32,
        foreign: u32,
    },
    /// Of a list: what came of a question.
    Question {
        line: usize,
        question: String,
        outcome: &'static str,
        words: Option<String>,
        attempts: u32,
        transport: Option<String>,
        rtt_ns: Option<u64>,
        bytes: Option<usize>,
        trailing_bytes: Option<usize>,
        message: Option<Shown<'a>>,
    },
    /// Of a list: how all of it went.
    Batch {
        ended: &'static str,
        server: SocketAddr,
        questions: u64,
        sent: u64,
        answered: u64,
        rcodes: &'a BTreeMap<String, u64>,
        again: u64,
        lost: u64,
        malformed: u64,
        foreign: u64,
        by_tcp: u64,
        pending: u64,
        span_ns: u64,
        rtt: Option<RttSummary>,
    },
}

/// The line of a question of a list.
pub(crate) fn question(finished: &Finished, ended: Ended) -> Line<'_> {
    let reply = match &finished.outcome {
        Outcome::Reply(reply) => Some(reply),
        _ => None,
    };
    Line::Question {
        line: finished.line,
        question: finished.question.to_string(),
        outcome: ended.name(),
        words: finished.words.clone().or_else(|| reply.and_then(|reply| text::outcome(&reply.message))),
        attempts: finished.attempts,
        transport: reply.map(|reply| reply.transport.to_string()),
        rtt_ns: reply.map(|reply| nanos(reply.rtt)),
        bytes: reply.map(|reply| reply.bytes.len()),
        trailing_bytes: reply.map(|reply| reply.behind),
        message: reply.map(|reply| Shown(&reply.message)),
    }
}

/// The line that comes last of a list.
pub(crate) fn batch(summary: &many::Summary) -> Line<'_> {
    Line::Batch {
        ended: summary.ended,
        server: summary.server,
        questions: summary.questions,
        sent: summary.sent,
        answered: summary.answered,
        rcodes: &summary.rcodes,
        again: summary.again,
        lost: summary.lost,
        malformed: summary.malformed,
        foreign: summary.foreign,
        by_tcp: summary.by_tcp,
        pending: summary.pending,
        span_ns: nanos(summary.span),
        rtt: summary.rtt,
    }
}

/// The line of an event.
pub(crate) fn line<'a>(server: &Server, event: &Event<'a>) -> Line<'a> {
    match *event {
        Event::Sent { transport, attempt, port, at, bytes } => Line::Query {
            at_ns: at.0,
            server: server.at,
            transport: transport.to_string(),
            attempt,
            port,
            bytes: bytes.len(),
        },
        Event::Foreign { from, at, bytes, foreign } => {
            Line::Foreign { at_ns: at.0, from, bytes: bytes.len(), words: cli::escape(&foreign.to_string()) }
        }
        Event::Truncated { at, bytes } => Line::Truncated { at_ns: at.0, bytes: bytes.len() },
        Event::Trouble { error, .. } => Line::Error {
            by: Some(error.by),
            kind: Some(error.kind),
            code: Some(error.code),
            words: cli::explain::error_title(error.kind, error.code),
        },
        Event::Failed { error, .. } => {
            Line::Error { by: None, kind: None, code: None, words: cli::escape(&error.to_string()) }
        }
        Event::Silence { transport, attempt, waited } => {
            Line::Silence { transport: transport.to_string(), attempt, waited_ns: nanos(waited) }
        }
        Event::Reply(reply) => Line::Answer {
            at_ns: reply.at.0,
            server: reply.from,
            transport: reply.transport.to_string(),
            rtt_ns: nanos(reply.rtt),
            bytes: reply.bytes.len(),
            trailing_bytes: reply.behind,
            message: Shown(&reply.message),
        },
    }
}

/// The line that comes last.
pub(crate) fn summary(ended: Ended, message: Option<&Message>, queries: u32, foreign: u32) -> Line<'static> {
    Line::Summary { outcome: ended.name(), words: message.and_then(text::outcome), queries, foreign }
}

/// The line that comes last where Ctrl-C was pressed.
pub(crate) fn interrupted(words: String, queries: u32, foreign: u32) -> Line<'static> {
    Line::Summary { outcome: "interrupted", words: Some(words), queries, foreign }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A message by RFC 8427 section 2.1.
#[derive(Debug)]
pub(crate) struct Shown<'a>(pub(crate) &'a Message);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(message) = self;
        let header = &message.header;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("ID", &header.id)?;
        map.serialize_entry("QR", &u8::from(header.qr))?;
        map.serialize_entry("Opcode", &header.opcode)?;
        for (name, flag) in [
            ("AA", header.aa),
            ("TC", header.tc),
            ("RD", header.rd),
            ("RA", header.ra),
            ("AD", header.ad),
            ("CD", header.cd),
        ] {
            map.serialize_entry(name, &u8::from(flag))?;
        }
        map.serialize_entry("RCODE", &message.rcode().0)?;
        map.serialize_entry("QDCOUNT", &header.qdcount)?;
        map.serialize_entry("ANCOUNT", &header.ancount)?;
        map.serialize_entry("NSCOUNT", &header.nscount)?;
        map.serialize_entry("ARCOUNT", &header.arcount)?;
        if let Some(question) = message.questions.first() {
            map.serialize_entry("QNAME", &question.qname.to_string())?;
            map.serialize_entry("QTYPE", &question.qtype.0)?;
            map.serialize_entry("QTYPEname", &question.qtype.to_string())?;
            map.serialize_entry("QCLASS", &question.qclass.0)?;
            map.serialize_entry("QCLASSname", &question.qclass.to_string())?;
        }
        map.serialize_entry("answerRRs", &Records(&message.answers))?;
        map.serialize_entry("authorityRRs", &Records(&message.authorities))?;
        map.serialize_entry("additionalRRs", &Records(&message.additionals))?;
        map.end()
    }
}

/// Records in a list.
#[derive(Debug)]
pub(crate) struct Records<'a>(pub(crate) &'a [Record]);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.len()))?;
        for record in self.0 {
            list.serialize_element(&OneRecord(record))?;
        }
        list.end()
    }
}

/// A record by RFC 8427 section 2.2; its data stand under `rdata` and the name of its type.
struct OneRecord<'a>(&'a Record);

impl Serialize for OneRecord<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(record) = self;
        let rrtype = record.rrtype();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("NAME", &record.name.to_string())?;
        map.serialize_entry("TYPE", &rrtype.0)?;
        map.serialize_entry("TYPEname", &rrtype.to_string())?;
        map.serialize_entry("CLASS", &record.class.0)?;
        map.serialize_entry("CLASSname", &record.class.to_string())?;
        map.serialize_entry("TTL", &record.ttl)?;
        map.serialize_entry(&format!("rdata{rrtype}"), &record.rdata.to_string())?;
        map.end()
    }
}
