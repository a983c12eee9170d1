//! Extensions: all that TLS learned since its messages were laid out.
//!
//! Obeys RFC 8446 section 4.2 and the documents of the extensions: RFC 6066 section 3 (server names), RFC 7301 section 3.1
//! (application protocols), RFC 8422 section 5.1.2 (point formats), RFC 9849 (encrypted hellos, shown as such and not opened).

use super::cursor::{Cursor, Width, Wrong};
use super::numbers::{EXTENSION_TYPES, ExtensionType, GROUPS, Group, PSK_MODES, PskMode, SIGNATURE_SCHEMES};
use super::numbers::{SignatureScheme, VERSIONS, Version};
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec, Named, NamedHex, Text};
use crate::fields::row;
use crate::text;
use std::fmt;

pub(super) static EXTENSION: Field = row("extension", "Extension", Bytes);
static TYPE: Field = row("extension_type", "Extension Type", Named(EXTENSION_TYPES));
static LENGTH: Field = row("extension_length", "Extension Length", Dec);
static DATA: Field = row("extension_data", "Extension Data", Bytes);
static LIST_LENGTH: Field = row("list_length", "List Length", Dec);
static NAME_TYPE: Field = row("name_type", "Name Type", Named(&[(0, "host_name")]));
static NAME_LENGTH: Field = row("name_length", "Name Length", Dec);
static HOST_NAME: Field = row("host_name", "Host Name", Text);
static GROUP: Field = row("group", "Group", NamedHex(GROUPS));
static FORMAT: Field = row("point_format", "EC Point Format", Named(&[(0, "uncompressed")]));
static SCHEME: Field = row("scheme", "Signature Algorithm", NamedHex(SIGNATURE_SCHEMES));
static PROTOCOL_LENGTH: Field = row("protocol_length", "Protocol Length", Dec);
static PROTOCOL: Field = row("protocol", "Protocol", Text);
static VERSION: Field = row("version", "Version", NamedHex(VERSIONS));
static KEY_LENGTH: Field = row("key_length", "Key Exchange Length", Dec);
static KEY: Field = row("key_exchange", "Key Exchange", Bytes);
static MODE: Field = row("psk_mode", "PSK Key Exchange Mode", Named(PSK_MODES));
static IDENTITIES_LENGTH: Field = row("identities_length", "Identities Length", Dec);
static IDENTITY_LENGTH: Field = row("identity_length", "Identity Length", Dec);
static IDENTITY: Field = row("identity", "Identity", Bytes);
static TICKET_AGE: Field = row("obfuscated_ticket_age", "Obfuscated Ticket Age", Bytes);
static BINDERS_LENGTH: Field = row("binders_length", "Binders Length", Dec);
static BINDER_LENGTH: Field = row("binder_length", "Binder Length", Dec);
static BINDER: Field = row("binder", "Binder", Bytes);
static SELECTED_IDENTITY: Field = row("selected_identity", "Selected Identity", Dec);
static MAX_EARLY_DATA: Field = row("max_early_data_size", "Max Early Data Size", Dec);
static COOKIE_LENGTH: Field = row("cookie_length", "Cookie Length", Dec);
static COOKIE: Field = row("cookie", "Cookie", Bytes);

/// In which message an extension stands: some mean different things in different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    ClientHello,
    ServerHello,
    RetryRequest,
    EncryptedExtensions,
    Certificate,
    CertificateRequest,
    NewSessionTicket,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// What it is about.
    pub kind: ExtensionType,
    /// How many bytes it has behind type and length.
    pub length: usize,
    /// What it says.
    pub content: Content,
}

/// What an extension says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing but that it is there.
    Empty,
    /// Of which host the client wants to speak, in the clear.
    ServerNames(Vec<Vec<u8>>),
    /// The groups that the client can, what it likes best first.
    Groups(Vec<Group>),
    /// How points may be written.
    PointFormats(Vec<u8>),
    /// What the client can check.
    SignatureAlgorithms(Vec<SignatureScheme>),
    /// What may be spoken inside; in the answer, what will be.
    Alpn(Vec<Vec<u8>>),
    /// The versions that the client can.
    Versions(Vec<Version>),
    /// The version that the server chose.
    Version(Version),
    /// Shares of keys, one for each group that the client bets on; in the answer, the server's one.
    KeyShares(Vec<KeyShare>),
    /// `HelloRetryRequest`: a share of this group, please.
    WantedGroup(Group),
    /// How a pre-shared key may be used.
    PskModes(Vec<PskMode>),
    /// Pre-shared keys that the client has, mostly tickets of before.
    Psk {
        /// Their names.
        identities: Vec<PskIdentity>,
        /// For each a proof that the client has it, over the message up to here.
        binders: Vec<Vec<u8>>,
    },
    /// Which of them the server takes, from 0.
    SelectedPsk(u16),
    /// `NewSessionTicket`: how many bytes of early data may come with it.
    MaxEarlyData(u32),
    /// `HelloRetryRequest`: what the next `ClientHello` shall repeat.
    Cookie(Vec<u8>),
    /// What this crate reads no further.
    Opaque(Vec<u8>),
}

/// RFC 8446 section 4.2.8: `KeyShareEntry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyShare {
    /// Of this group.
    pub group: Group,
    /// The public key.
    pub key_exchange: Vec<u8>,
}

/// RFC 8446 section 4.2.11: `PskIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PskIdentity {
    /// The ticket, or another name of a key.
    pub identity: Vec<u8>,
    /// Its age in milliseconds, with what the server said added.
    pub obfuscated_ticket_age: u32,
}

impl Extension {
    pub(super) fn read(cursor: &mut Cursor<'_>, place: Place) -> Result<Self, Wrong> {
        cursor.group(&EXTENSION, |cursor| {
            let kind = ExtensionType(cursor.u16(&TYPE)?);
            let (length, content) = cursor.counted(Width::Two, &LENGTH, |cursor| {
                let length = cursor.left();
                Ok((length, Content::read(cursor, kind, place)?))
            })?;
            Ok(Self { kind, length, content })
        })
    }

    /// The version that a `ServerHello` chooses in this extension.
    pub(super) fn selected_version(&self) -> Option<Version> {
        match self.content {
            Content::Version(version) => Some(version),
            _ => None,
        }
    }
}

impl Content {
    fn read(cursor: &mut Cursor<'_>, kind: ExtensionType, place: Place) -> Result<Self, Wrong> {
        use Place::{ClientHello, NewSessionTicket, RetryRequest, ServerHello};
        if cursor.left() == 0 {
            return Ok(Self::Empty);
        }
        Ok(match (kind, place) {
            (ExtensionType::SERVER_NAME, ClientHello) => {
                Self::ServerNames(cursor.list(Width::Two, &LIST_LENGTH, |cursor| {
                    cursor.u8(&NAME_TYPE)?;
                    cursor.opaque(Width::Two, &NAME_LENGTH, &HOST_NAME)
                })?)
            }
            (ExtensionType::SUPPORTED_GROUPS, _) => {
                Self::Groups(cursor.list(Width::Two, &LIST_LENGTH, |cursor| cursor.u16(&GROUP).map(Group))?)
            }
            (ExtensionType::EC_POINT_FORMATS, _) => {
                Self::PointFormats(cursor.list(Width::One, &LIST_LENGTH, |cursor| cursor.u8(&FORMAT))?)
            }
            (ExtensionType::SIGNATURE_ALGORITHMS | ExtensionType::SIGNATURE_ALGORITHMS_CERT, _) => {
                let scheme = |cursor: &mut Cursor<'_>| cursor.u16(&SCHEME).map(SignatureScheme);
                Self::SignatureAlgorithms(cursor.list(Width::Two, &LIST_LENGTH, scheme)?)
            }
            (ExtensionType::ALPN, _) => Self::Alpn(
                cursor
                    .list(Width::Two, &LIST_LENGTH, |cursor| cursor.opaque(Width::One, &PROTOCOL_LENGTH, &PROTOCOL))?,
            ),
            (ExtensionType::SUPPORTED_VERSIONS, ClientHello) => {
                Self::Versions(cursor.list(Width::One, &LIST_LENGTH, |cursor| cursor.u16(&VERSION).map(Version))?)
            }
            (ExtensionType::SUPPORTED_VERSIONS, _) => Self::Version(Version(cursor.u16(&VERSION)?)),
            (ExtensionType::KEY_SHARE, ClientHello) => {
                Self::KeyShares(cursor.list(Width::Two, &LIST_LENGTH, KeyShare::read)?)
            }
            (ExtensionType::KEY_SHARE, ServerHello) => Self::KeyShares(vec![KeyShare::read(cursor)?]),
            (ExtensionType::KEY_SHARE, RetryRequest) => Self::WantedGroup(Group(cursor.u16(&GROUP)?)),
            (ExtensionType::PSK_KEY_EXCHANGE_MODES, _) => {
                Self::PskModes(cursor.list(Width::One, &LIST_LENGTH, |cursor| cursor.u8(&MODE).map(PskMode))?)
            }
            (ExtensionType::PRE_SHARED_KEY, ClientHello) => Self::Psk {
                identities: cursor.list(Width::Two, &IDENTITIES_LENGTH, |cursor| {
                    let identity = cursor.opaque(Width::Two, &IDENTITY_LENGTH, &IDENTITY)?;
                    Ok(PskIdentity { identity, obfuscated_ticket_age: cursor.u32(&TICKET_AGE)? })
                })?,
                binders: cursor
                    .list(Width::Two, &BINDERS_LENGTH, |cursor| cursor.opaque(Width::One, &BINDER_LENGTH, &BINDER))?,
            },
            (ExtensionType::PRE_SHARED_KEY, ServerHello) => Self::SelectedPsk(cursor.u16(&SELECTED_IDENTITY)?),
            (ExtensionType::EARLY_DATA, NewSessionTicket) => Self::MaxEarlyData(cursor.u32(&MAX_EARLY_DATA)?),
            (ExtensionType::COOKIE, _) => Self::Cookie(cursor.opaque(Width::Two, &COOKIE_LENGTH, &COOKIE)?),
            _ => Self::Opaque(cursor.rest(&DATA)?.to_vec()),
        })
    }
}

impl KeyShare {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let group = Group(cursor.u16(&GROUP)?);
        Ok(Self { group, key_exchange: cursor.opaque(Width::Two, &KEY_LENGTH, &KEY)? })
    }
}

impl fmt::Display for Extension {
    /// Its name and what it says: `server_name www.example.com`, `key_share x25519 (32 bytes)`. Text is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        let words = self.content.to_string();
        if words.is_empty() { Ok(()) } else { write!(f, " {words}") }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::ServerNames(texts) | Self::Alpn(texts) => listed(f, texts, |text| text::escaped(text).to_string()),
            Self::Groups(groups) => listed(f, groups, Group::to_string),
            Self::PointFormats(formats) => listed(f, formats, |format| match format {
                0 => "uncompressed".into(),
                number => number.to_string(),
            }),
            Self::SignatureAlgorithms(schemes) => listed(f, schemes, SignatureScheme::to_string),
            Self::Versions(versions) => listed(f, versions, Version::to_string),
            Self::Version(version) => version.fmt(f),
            Self::KeyShares(shares) => {
                listed(f, shares, |share| format!("{} ({} bytes)", share.group, share.key_exchange.len()))
            }
            Self::WantedGroup(group) => group.fmt(f),
            Self::PskModes(modes) => listed(f, modes, PskMode::to_string),
            Self::Psk { identities, binders } => {
                let bytes = |list: Vec<usize>| list.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
                let identities = bytes(identities.iter().map(|psk| psk.identity.len()).collect());
                let binders = bytes(binders.iter().map(Vec::len).collect());
                write!(f, "identity of {identities} bytes, binder of {binders} bytes")
            }
            Self::SelectedPsk(number) => write!(f, "number {number}"),
            Self::MaxEarlyData(most) => write!(f, "up to {most} bytes"),
            Self::Cookie(cookie) => write!(f, "{} bytes", cookie.len()),
            Self::Opaque(bytes) => write!(f, "({} bytes)", bytes.len()),
        }
    }
}

fn listed<T>(f: &mut fmt::Formatter<'_>, list: &[T], word: impl Fn(&T) -> String) -> fmt::Result {
    f.write_str(&list.iter().map(word).collect::<Vec<_>>().join(", "))
}
