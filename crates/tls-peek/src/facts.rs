//! What a handshake came to, read off its messages.

use crate::certificate::Certificate;
use crate::opened::{Opened, OpenedRecord, Protection, Stage};
use crate::{Both, Recording, Side};
use wire::tls::{CipherSuite, Content, ContentType, ExtensionType, Group, Handshake, ServerKeyExchange, Version};

/// What a handshake came to, as far as its messages are legible.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The version that the server chose.
    pub version: Option<Version>,
    /// The suite that the server chose.
    pub suite: Option<CipherSuite>,
    /// The group in which both agreed on a secret.
    pub group: Option<Group>,
    /// What is spoken inside.
    pub alpn: Option<String>,
    /// Whom the client asked for.
    pub server_name: Option<String>,
    /// Whether it began from an earlier connection.
    pub is_resumed: bool,
    /// Whether the server asked for another `ClientHello`.
    pub is_retried: bool,
    /// Whether the client sent early data, and the server took them.
    pub early_data: Option<bool>,
    /// Whose Finished was seen.
    pub finished: Both<bool>,
    /// The server's certificates, or why one cannot be read.
    pub chain: Vec<Result<Certificate, String>>,
    /// How often the client waited for the server before it could send data; `None`: it never sent any.
    pub round_trips: Option<usize>,
    /// How many bytes each end sent.
    pub bytes: Both<usize>,
    /// How many records each end sent.
    pub records: Both<usize>,
    /// How many handshake messages there were.
    pub messages: usize,
}

impl Facts {
    /// Reads them off.
    #[must_use]
    pub fn of(opened: &Opened, recording: &Recording) -> Self {
        let mut facts = Self {
            version: opened.version,
            suite: opened.suite,
            round_trips: round_trips(opened),
            bytes: Both { client: recording.bytes(Side::Client), server: recording.bytes(Side::Server) },
            ..Self::default()
        };
        for record in &opened.records {
            *facts.records.of_mut(record.from) += 1;
        }
        for (from, _, message) in opened.messages() {
            facts.messages += 1;
            let Ok(handshake) = &message.handshake else { continue };
            facts.add(from, handshake);
            *facts.finished.of_mut(from) |= matches!(handshake, Handshake::Finished(_));
        }
        // In TLS 1.2 nothing says so but that no certificate comes.
        let is_12 = opened.version.is_some_and(|version| version < Version::TLS_1_3);
        let closed = opened.records.iter().any(|record| matches!(record.protection, Protection::Closed(_)));
        facts.is_resumed |= is_12 && facts.chain.is_empty() && (facts.finished.server || closed);
        facts
    }

    fn add(&mut self, from: Side, handshake: &Handshake) {
        let content = |kind| handshake.extension(kind).map(|extension| &extension.content);
        match (from, handshake) {
            (Side::Client, Handshake::ClientHello(_)) => {
                if let Some(Content::ServerNames(names)) = content(ExtensionType::SERVER_NAME) {
                    self.server_name = names.first().map(|name| cli::escape_bytes(name));
                }
                if handshake.extension(ExtensionType::EARLY_DATA).is_some() {
                    self.early_data = Some(false);
                }
            }
            (_, Handshake::ServerHello(hello)) if hello.is_retry() => self.is_retried = true,
            (_, Handshake::ServerHello(_)) => {
                if let Some(Content::KeyShares(shares)) = content(ExtensionType::KEY_SHARE) {
                    self.group = shares.first().map(|share| share.group);
                }
                self.is_resumed |= content(ExtensionType::PRE_SHARED_KEY).is_some();
            }
            (_, Handshake::EncryptedExtensions(_)) if handshake.extension(ExtensionType::EARLY_DATA).is_some() => {
                self.early_data = Some(true);
            }
            (_, Handshake::ServerKeyExchange(ServerKeyExchange::Ecdhe { group, .. })) => self.group = Some(*group),
            (Side::Server, Handshake::Certificate(certificate)) => {
                self.chain = certificate.entries.iter().map(|entry| Certificate::read(&entry.data)).collect();
            }
            _ => {}
        }
        if from == Side::Server
            && let Some(Content::Alpn(protocols)) = content(ExtensionType::ALPN)
        {
            self.alpn = protocols.first().map(|protocol| cli::escape_bytes(protocol));
        }
    }

    /// Full or resumed, and what else is special.
    #[must_use]
    pub fn kind(&self) -> String {
        let kind = match self.finished {
            Both { client: true, server: true } if self.is_resumed => "resumed handshake",
            Both { client: true, server: true } => "full handshake",
            _ => "handshake, as far as it was seen",
        };
        let retried = if self.is_retried { ", with a second ClientHello" } else { "" };
        let early = match self.early_data {
            Some(true) => ", with early data",
            Some(false) => ", with early data that the server did not take",
            None => "",
        };
        format!("{kind}{retried}{early}")
    }
}

/// How often the client waited for the server before its first data.
fn round_trips(opened: &Opened) -> Option<usize> {
    let mut waits = 0;
    let mut last = Side::Client;
    for record in &opened.records {
        waits += usize::from(record.from == Side::Client && last == Side::Server);
        last = record.from;
        if record.from == Side::Client && is_data(record) {
            return Some(waits);
        }
    }
    None
}

/// Whether a record has data, and no part of the handshake.
fn is_data(record: &OpenedRecord) -> bool {
    let is_protected = matches!(record.stage(), Stage::Early | Stage::Application);
    is_protected && record.content_type == ContentType::APPLICATION_DATA
}
