//! Events as JSON objects, one a line; docs/json.md has the table.

use crate::certificate::Certificate;
use crate::facts::Facts;
use crate::http::{Framing, Talk};
use crate::opened::{Closed, Epoch, Opened, OpenedRecord, Protection, Stage};
use crate::replay::Replayed;
use crate::secrets::hex;
use crate::view::{Shown, Views};
use crate::words;
use crate::{Both, Side};
use cli::{Failure, Output};
use host::Time;
use std::net::SocketAddr;

/// One line. Times are in nanoseconds since the first record, lengths in bytes.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Record {
        number: usize,
        from: Side,
        at_ns: u64,
        bytes: usize,
        content_type: String,
        /// What protects it; `None`: it stays closed.
        stage: Option<Stage>,
        sequence: Option<u64>,
        closed: Option<String>,
    },
    Message {
        record: usize,
        from: Side,
        name: String,
        bytes: usize,
        words: String,
        extensions: Vec<String>,
        is_right: Option<bool>,
    },
    Alert {
        record: usize,
        from: Side,
        level: String,
        description: String,
        words: &'static str,
    },
    Keys {
        from: Side,
        stage: Stage,
        label: String,
        suite: String,
        secret: String,
        key: String,
        iv: String,
    },
    Replayed {
        server: &'static str,
        answered: bool,
        resumed: bool,
        early_bytes: Option<usize>,
        words: String,
    },
    Connection {
        number: usize,
        client: SocketAddr,
        server: SocketAddr,
        version: Option<String>,
        cipher_suite: Option<String>,
        server_name: Option<String>,
        resumed: bool,
        opened: bool,
        client_bytes: usize,
        server_bytes: usize,
    },
    Answer {
        number: usize,
        method: &'static str,
        path: String,
        sent_ns: u64,
        begun_ns: u64,
        whole_ns: u64,
        status: u16,
        reason: String,
        framing: &'static str,
        content_bytes: usize,
        chunks: Vec<usize>,
        closes: bool,
    },
    Summary {
        outcome: &'static str,
        words: Option<String>,
        version: Option<String>,
        cipher_suite: Option<String>,
        group: Option<String>,
        server_name: Option<String>,
        alpn: Option<String>,
        resumed: bool,
        retried: bool,
        early_data: Option<bool>,
        chain: Vec<Certificate>,
        round_trips: Option<usize>,
        client_bytes: usize,
        server_bytes: usize,
        client_records: usize,
        server_records: usize,
    },
    Spoken {
        outcome: &'static str,
        words: Option<String>,
        requests: usize,
        answers: usize,
    },
}

/// Prints a connection; `failed` is why it did not go well.
pub(crate) fn print(shown: &Shown<'_>, views: Views, failed: Option<&str>, out: &mut Output) -> Result<(), Failure> {
    records(shown, views, out)?;
    let outcome = if failed.is_some() { "failed" } else { "established" };
    out.json(&summary(outcome, &Facts::of(shown.opened, shown.recording), failed))
}

/// Prints a connection of a capture, of which nobody says how it went.
pub(crate) fn print_captured(shown: &Shown<'_>, views: Views, out: &mut Output) -> Result<(), Failure> {
    records(shown, views, out)?;
    out.json(&summary("captured", &Facts::of(shown.opened, shown.recording), None))
}

/// What a server made of early data that were sent again.
pub(crate) fn replayed(server: &'static str, replayed: &Replayed) -> impl serde::Serialize {
    Line::Replayed {
        server,
        answered: replayed.is_answered,
        resumed: replayed.is_resumed,
        early_bytes: replayed.early.as_ref().map(Vec::len),
        words: replayed.words(),
    }
}

/// One connection of several in a capture; `opened`: nothing of it is sealed for want of a secret.
pub(crate) fn connection(
    number: usize,
    [client, server]: [SocketAddr; 2],
    facts: &Facts,
    opened: bool,
) -> impl serde::Serialize {
    Line::Connection {
        number,
        client,
        server,
        version: facts.version.map(|version| version.to_string()),
        cipher_suite: facts.suite.map(|suite| suite.to_string()),
        server_name: facts.server_name.clone(),
        resumed: facts.is_resumed,
        opened,
        client_bytes: facts.bytes.client,
        server_bytes: facts.bytes.server,
    }
}

fn records(shown: &Shown<'_>, views: Views, out: &mut Output) -> Result<(), Failure> {
    let Opened { records, epochs, .. } = shown.opened;
    for (number, record) in records.iter().enumerate() {
        let number = number + 1;
        out.json(&of_record(shown, number, record))?;
        for message in &record.messages {
            let extensions =
                message.handshake.as_ref().map(|it| it.extensions().iter().map(ToString::to_string).collect());
            out.json(&Line::Message {
                record: number,
                from: record.from,
                name: words::name(message),
                bytes: message.bytes.len(),
                words: words::says(message),
                extensions: extensions.unwrap_or_default(),
                is_right: message.is_right,
            })?;
        }
        if let Some(alert) = record.alert() {
            let (level, description) = (alert.level.to_string(), alert.description.to_string());
            out.json(&Line::Alert { record: number, from: record.from, level, description, words: alert.words() })?;
        }
    }
    if views.keys {
        epochs.iter().try_for_each(|epoch| out.json(&of_epoch(epoch)))?;
    }
    if let Some(talk) = shown.talk.filter(|_| views.http) {
        answers(talk, shown.begun().filter(|_| shown.timed), out)?;
    }
    Ok(())
}

/// A line for each answer; `begun` is what times are counted from, and without it there are none.
pub(crate) fn answers(talk: &Talk, begun: Option<Time>, out: &mut Output) -> Result<(), Failure> {
    let at_ns = |at: Time| begun.map_or(0, |begun| at.0.saturating_sub(begun.0));
    let asked = talk.wanted.requests.iter().zip(&talk.sent);
    for (number, ((request, sent), answer)) in asked.zip(&talk.answers).enumerate() {
        out.json(&Line::Answer {
            number: number + 1,
            method: request.method(),
            path: request.path.clone(),
            sent_ns: at_ns(*sent),
            begun_ns: at_ns(answer.begun),
            whole_ns: at_ns(answer.whole),
            status: answer.status,
            reason: answer.reason.clone(),
            framing: match answer.framing {
                Framing::Nothing => "none",
                Framing::Length(_) => "content_length",
                Framing::Chunked => "chunked",
                Framing::Close => "close",
            },
            content_bytes: answer.content.len(),
            chunks: answer.chunks.clone(),
            closes: answer.closes,
        })?;
    }
    Ok(())
}

/// What came of a connection without TLS.
pub(crate) fn plain(talk: &Talk, failed: Option<&str>, out: &mut Output) -> Result<(), Failure> {
    answers(talk, talk.sent.first().copied(), out)?;
    let outcome = if failed.is_some() { "failed" } else { "established" };
    out.json(&Line::Spoken {
        outcome,
        words: failed.map(str::to_string),
        requests: talk.sent.len(),
        answers: talk.answers.len(),
    })
}

fn of_record(shown: &Shown<'_>, number: usize, record: &OpenedRecord) -> Line {
    let begun = shown.opened.records.first().map_or(record.at, |first| first.at);
    let (stage, sequence, closed) = match &record.protection {
        Protection::Clear => (Some(Stage::Clear), None, None),
        Protection::Opened { epoch, sequence, .. } => (Some(epoch.stage), Some(*sequence), None),
        Protection::Closed(closed) => (None, None, Some(closed_name(*closed))),
    };
    Line::Record {
        number,
        from: record.from,
        at_ns: if shown.timed { record.at.0.saturating_sub(begun.0) } else { 0 },
        bytes: wire::tls::RecordHeader::LEN + record.record.fragment.len(),
        content_type: record.content_type.to_string(),
        stage,
        sequence,
        closed,
    }
}

fn closed_name(closed: Closed) -> String {
    match closed {
        Closed::NoSecret => "no_secret".into(),
        Closed::DoesNotOpen => "does_not_open".into(),
        Closed::UnknownSuite(suite) => format!("unknown_suite {suite}"),
    }
}

fn of_epoch(epoch: &Epoch) -> Line {
    Line::Keys {
        from: epoch.from,
        stage: epoch.stage,
        label: epoch.label.clone(),
        suite: epoch.suite.to_string(),
        secret: hex(&epoch.secret),
        key: hex(&epoch.key),
        iv: hex(&epoch.iv),
    }
}

fn summary(outcome: &'static str, facts: &Facts, failed: Option<&str>) -> Line {
    let Both { client: client_bytes, server: server_bytes } = facts.bytes;
    let Both { client: client_records, server: server_records } = facts.records;
    Line::Summary {
        outcome,
        words: failed.map(str::to_string),
        version: facts.version.map(|version| version.to_string()),
        cipher_suite: facts.suite.map(|suite| suite.to_string()),
        group: facts.group.map(|group| group.to_string()),
        server_name: facts.server_name.clone(),
        alpn: facts.alpn.clone(),
        resumed: facts.is_resumed,
        retried: facts.is_retried,
        early_data: facts.early_data,
        chain: facts.chain.iter().filter_map(|certificate| certificate.clone().ok()).collect(),
        round_trips: facts.round_trips,
        client_bytes,
        server_bytes,
        client_records,
        server_records,
    }
}
