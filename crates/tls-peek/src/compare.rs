//! Kinds of handshakes side by side: what each costs before data can flow.

use crate::ends::Wishes;
use crate::facts::Facts;
use crate::opened::Opened;
use crate::secrets::Secrets;
use crate::{Recording, Side};
use cli::{Failure, NotANumber, Output, style};
use wire::tls::{Group, HandshakeType, Version};

/// A kind of handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Full,
    Resumed,
    Early,
    Retry,
    Tls12,
    Resumed12,
}

/// All kinds, by the words for them on the command line.
pub(crate) const KINDS: [(&str, Kind); 6] = [
    ("full", Kind::Full),
    ("resumed", Kind::Resumed),
    ("early", Kind::Early),
    ("retry", Kind::Retry),
    ("1.2", Kind::Tls12),
    ("1.2-resumed", Kind::Resumed12),
];

impl Kind {
    /// What a client must wish for that a handshake may become so.
    pub(crate) fn wishes(self, wishes: &Wishes) -> Wishes {
        let version = if matches!(self, Self::Tls12 | Self::Resumed12) { Version::TLS_1_2 } else { Version::TLS_1_3 };
        // The first is a share, and the other is what the server takes.
        let retried = vec![Group::X25519, Group::SECP384R1];
        let groups = if self == Self::Retry && wishes.groups.is_empty() { retried } else { wishes.groups.clone() };
        Wishes { version: Some(version), groups, early_data: self == Self::Early, ..wishes.clone() }
    }

    /// Whether it needs another connection before it.
    pub(crate) fn needs_another(self) -> bool {
        matches!(self, Self::Resumed | Self::Early | Self::Resumed12)
    }
}

/// The kind of a word.
pub(crate) fn kind(text: &str) -> Result<Kind, NotANumber> {
    KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind).ok_or_else(|| NotANumber {
        sentence: format!("takes kinds of handshakes, and '{}' is none", cli::escape(text)),
        hint: Some(format!("kinds are {}", KINDS.map(|(word, _)| word).join(", "))),
    })
}

/// A connection that was made to be compared.
pub(crate) struct Compared {
    pub(crate) kind: Kind,
    pub(crate) recording: Recording,
    pub(crate) secrets: Secrets,
    /// Why it failed.
    pub(crate) failed: Option<String>,
}

/// One line for each kind. JSON has one event for each.
pub(crate) fn print(all: &[Compared], out: &mut Output) -> Result<(), Failure> {
    if !out.is_json() {
        let head = format!(
            "{:<12} {:<8} {:>11}  {:>8}  {:>12}  {:>12}  {}",
            "kind", "version", "round trips", "messages", "client bytes", "server bytes", "came to"
        );
        out.line(&out.paint(style::TITLE, &head))?;
    }
    for compared in all {
        let opened = Opened::of(&compared.recording, &compared.secrets);
        let row = Row::of(compared, &Facts::of(&opened, &compared.recording), &opened);
        if out.is_json() { out.json(&row)? } else { out.line(row.line().trim_end())? }
    }
    Ok(())
}

/// What is compared. Bytes and messages are those of the handshake: to the last Finished.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename = "compared")]
struct Row {
    kind: &'static str,
    version: Option<String>,
    round_trips: Option<usize>,
    messages: usize,
    client_bytes: usize,
    server_bytes: usize,
    words: String,
}

impl Row {
    fn of(compared: &Compared, facts: &Facts, opened: &Opened) -> Self {
        // Records up to the last Finished are the handshake, but for the data among them.
        let is_finished = |kind: Option<&u8>| kind == Some(&HandshakeType::FINISHED.0);
        let last = opened.messages().filter(|(_, _, message)| is_finished(message.bytes.first())).last();
        let end = last.map_or(opened.records.len(), |(_, record, _)| record + 1);
        let records = || opened.records.iter().take(end);
        let is_data = |record: &&crate::opened::OpenedRecord| {
            record.content_type == wire::tls::ContentType::APPLICATION_DATA && record.messages.is_empty()
        };
        let bytes = |side: Side| {
            let own = records().filter(|record| record.from == side && !is_data(record));
            own.map(|record| wire::tls::RecordHeader::LEN + record.record.fragment.len()).sum()
        };
        Self {
            kind: KINDS.iter().find(|(_, kind)| *kind == compared.kind).map_or("", |(word, _)| word),
            version: facts.version.map(|version| version.to_string()),
            round_trips: facts.round_trips,
            messages: records().map(|record| record.messages.len()).sum(),
            client_bytes: bytes(Side::Client),
            server_bytes: bytes(Side::Server),
            words: compared.failed.clone().unwrap_or_else(|| facts.kind()),
        }
    }

    fn line(&self) -> String {
        let Self { kind, version, round_trips, messages, client_bytes, server_bytes, words } = self;
        let version = version.as_deref().unwrap_or("-");
        let round_trips = round_trips.map_or("-".into(), |number| number.to_string());
        format!(
            "{kind:<12} {version:<8} {round_trips:>11}  {messages:>8}  {client_bytes:>12}  {server_bytes:>12}  {words}"
        )
    }
}
