//! Records and messages in a few words.

use crate::certificate::Certificate;
use crate::opened::{Closed, End, Message, OpenedRecord, Protection, Stage};
use wire::tls::{Content, ContentType, ExtensionType, Handshake, ServerKeyExchange, is_grease};

/// One line of the list: a message, or a record without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it is, in the brackets of RFC 8446 figure 1.
    pub(crate) what: String,
    /// Its bytes: of a message with its header, of a record with its.
    pub(crate) bytes: usize,
    /// What it says.
    pub(crate) words: String,
}

/// The lines of a record.
pub(crate) fn lines(record: &OpenedRecord) -> Vec<Line> {
    let whole = wire::tls::RecordHeader::LEN + record.record.fragment.len();
    let mut lines: Vec<Line> = record
        .messages
        .iter()
        .map(|message| Line {
            what: bracketed(record, &name(message)),
            bytes: message.bytes.len(),
            words: says(message),
        })
        .collect();
    if record.content_type == ContentType::HANDSHAKE && !is_closed(record) {
        if record.unfinished > 0 {
            let words = format!("{} bytes of a message that goes on in the next record", record.unfinished);
            lines.push(Line { what: bracketed(record, "beginning"), bytes: record.unfinished, words });
        }
    } else {
        lines.push(Line {
            what: bracketed(record, &record.content_type.to_string()),
            bytes: whole,
            words: content(record),
        });
    }
    lines
}

fn is_closed(record: &OpenedRecord) -> bool {
    matches!(record.protection, Protection::Closed(_))
}

/// RFC 8446 figure 1 and figure 4: `{}` with the handshake's keys, `[]` with those of the data, `()` with those of early data.
fn bracketed(record: &OpenedRecord, name: &str) -> String {
    match record.stage() {
        Stage::Clear if is_closed(record) => format!("<{name}>"),
        Stage::Clear => name.to_string(),
        Stage::Early => format!("({name})"),
        Stage::Handshake => format!("{{{name}}}"),
        Stage::Application => format!("[{name}]"),
    }
}

/// What a message is called.
pub(crate) fn name(message: &Message) -> String {
    match (&message.handshake, message.bytes.first()) {
        (Ok(handshake), _) => handshake.name(),
        (Err(_), Some(kind)) => wire::tls::HandshakeType(*kind).to_string(),
        (Err(_), None) => "message".into(),
    }
}

/// What a record without a message says.
fn content(record: &OpenedRecord) -> String {
    match (&record.protection, record.content_type) {
        (Protection::Closed(closed), _) => closed_because(*closed),
        (_, ContentType::ALERT) => match record.alert() {
            Some(alert) => format!("{}: {}", alert.description, alert.words()),
            None => "not two bytes, as alerts have".into(),
        },
        (_, ContentType::CHANGE_CIPHER_SPEC) => String::new(),
        (_, ContentType::APPLICATION_DATA) => quoted(&record.content),
        _ => String::new(),
    }
}

/// Why a record stays closed.
pub(crate) fn closed_because(closed: Closed) -> String {
    match closed {
        Closed::NoSecret => "sealed".into(),
        Closed::DoesNotOpen => "does not open: its code at the end does not fit".into(),
        Closed::UnknownSuite(suite) => format!("sealed, and {suite} is not built in here"),
    }
}

/// Why a direction cannot be read on.
pub(crate) fn end(end: &End) -> String {
    match end {
        End::NotTls(end) => cli::escape(&end.to_string()),
        End::TooLong(end) => end.to_string(),
        End::Unfinished(bytes) => {
            format!("the last {bytes} bytes are the beginning of a record whose rest did not come")
        }
    }
}

/// No more characters of data are shown.
const MOST: usize = 40;

/// Data in quotes, the beginning of them.
fn quoted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown: String = text.chars().take(MOST).collect();
    let shown = cli::escape(&shown).replace("\\u{d}", "\\r").replace("\\u{a}", "\\n");
    let more = if text.chars().count() > MOST { " ..." } else { "" };
    format!("\"{shown}\"{more}")
}

/// What a message says.
pub(crate) fn says(message: &Message) -> String {
    let handshake = match &message.handshake {
        Ok(handshake) => handshake,
        Err(error) => return format!("cannot be read: {error}"),
    };
    let content = |kind| handshake.extension(kind).map(|extension| extension.content.clone());
    let words: Vec<String> = match handshake {
        Handshake::ClientHello(hello) => {
            let name = content(ExtensionType::SERVER_NAME).map_or_else(|| "no name".into(), |name| name.to_string());
            let versions = match content(ExtensionType::SUPPORTED_VERSIONS) {
                Some(Content::Versions(versions)) => {
                    let known = versions.iter().filter(|version| !is_grease(version.0));
                    known.map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
                _ => hello.legacy_version.to_string(),
            };
            let share = content(ExtensionType::KEY_SHARE).map(|shares| format!("share of {shares}"));
            let psk = match content(ExtensionType::PRE_SHARED_KEY) {
                Some(Content::Psk { identities, .. }) if identities.len() == 1 => Some("1 ticket".to_string()),
                Some(Content::Psk { identities, .. }) => Some(format!("{} tickets", identities.len())),
                _ => None,
            };
            let early = content(ExtensionType::EARLY_DATA).map(|_| "early data follow".to_string());
            let inside = content(ExtensionType::ALPN).map(|protocols| format!("inside {protocols}"));
            let ech = content(ExtensionType::ENCRYPTED_CLIENT_HELLO).map(|_| "an encrypted hello inside".to_string());
            let cookie = content(ExtensionType::COOKIE).map(|_| "the server's cookie".to_string());
            [Some(name), Some(versions), share, psk, early, cookie, inside, ech].into_iter().flatten().collect()
        }
        Handshake::ServerHello(hello) => {
            let share = match content(ExtensionType::KEY_SHARE) {
                Some(Content::WantedGroup(group)) => Some(format!("a share of {group}, please")),
                Some(shares) => Some(format!("share of {shares}")),
                None => None,
            };
            let psk = content(ExtensionType::PRE_SHARED_KEY).map(|_| "from the ticket".to_string());
            [Some(hello.version().to_string()), Some(hello.cipher_suite.to_string()), share, psk]
                .into_iter()
                .flatten()
                .collect()
        }
        Handshake::EncryptedExtensions(extensions) if extensions.is_empty() => vec!["none".into()],
        Handshake::EncryptedExtensions(extensions) => extensions.iter().map(ToString::to_string).collect(),
        Handshake::Certificate(certificate) => {
            certificate.entries.iter().map(|entry| short(&Certificate::read(&entry.data))).collect()
        }
        Handshake::CertificateVerify { scheme, signature } => vec![format!("{scheme}, {} bytes", signature.len())],
        Handshake::Finished(code) => {
            let verdict = match message.is_right {
                Some(true) => ", and it is the right one",
                Some(false) => ", and it is wrong",
                None => "",
            };
            vec![format!("a code of {} bytes over all before{verdict}", code.len())]
        }
        Handshake::NewSessionTicket(ticket) => {
            let early = match content(ExtensionType::EARLY_DATA) {
                Some(Content::MaxEarlyData(most)) => Some(format!("early data up to {most} bytes")),
                _ => None,
            };
            let good = format!("good for {} seconds", ticket.lifetime);
            [Some(good), Some(format!("ticket of {} bytes", ticket.ticket.len())), early]
                .into_iter()
                .flatten()
                .collect()
        }
        Handshake::ServerKeyExchange(ServerKeyExchange::Ecdhe { group, public, scheme, .. }) => {
            vec![format!("share of {group} ({} bytes)", public.len()), format!("signed by {scheme}")]
        }
        Handshake::ClientKeyExchange(keys) => vec![format!("{} bytes", keys.len())],
        Handshake::KeyUpdate(1) => vec!["a new key from here on, and please you too".into()],
        Handshake::KeyUpdate(_) => vec!["a new key from here on".into()],
        _ => vec![],
    };
    words.join("; ")
}

/// A certificate in a few words.
fn short(certificate: &Result<Certificate, String>) -> String {
    match certificate {
        Ok(certificate) => format!("{} ({})", certificate.subject, certificate.key),
        Err(error) => format!("one that cannot be read: {error}"),
    }
}
