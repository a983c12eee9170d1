//! Handshake messages: who one is, what one can, and the proof that it was heard.
//!
//! Obeys RFC 8446 section 4, and RFC 5246 section 7.4 for what TLS 1.2 has in its own way.

use super::cursor::{Cursor, Width, Wrong};
use super::extension::{Extension, Place};
use super::numbers::{CIPHER_SUITES, CipherSuite, GROUPS, Group, HANDSHAKE_TYPES, HandshakeType, SIGNATURE_SCHEMES};
use super::numbers::{ExtensionType, SignatureScheme, VERSIONS, Version};
use crate::WireError;
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec, Named, NamedHex};
use crate::fields::row;

/// Type and length before each message, in bytes.
pub const HEADER: usize = 4;

/// The random of a `ServerHello` that is a `HelloRetryRequest`: the SHA-256 hash of that word, RFC 8446 section 4.1.3.
pub const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

static MSG_TYPE: Field = row("msg_type", "Handshake Type", Named(HANDSHAKE_TYPES));
static LENGTH: Field = row("length", "Length", Dec);
static LEGACY_VERSION: Field = row("legacy_version", "Legacy Version", NamedHex(VERSIONS));
static RANDOM: Field = row("random", "Random", Bytes);
static SESSION_ID_LENGTH: Field = row("session_id_length", "Session ID Length", Dec);
static SESSION_ID: Field = row("session_id", "Session ID", Bytes);
static SUITES_LENGTH: Field = row("cipher_suites_length", "Cipher Suites Length", Dec);
static SUITE: Field = row("cipher_suite", "Cipher Suite", NamedHex(CIPHER_SUITES));
static METHODS_LENGTH: Field = row("compression_methods_length", "Compression Methods Length", Dec);
static METHOD: Field = row("compression_method", "Compression Method", Dec);
static EXTENSIONS_LENGTH: Field = row("extensions_length", "Extensions Length", Dec);
static TICKET_LIFETIME: Field = row("ticket_lifetime", "Ticket Lifetime", Dec);
static TICKET_AGE_ADD: Field = row("ticket_age_add", "Ticket Age Add", Bytes);
static NONCE_LENGTH: Field = row("ticket_nonce_length", "Ticket Nonce Length", Dec);
static NONCE: Field = row("ticket_nonce", "Ticket Nonce", Bytes);
static TICKET_LENGTH: Field = row("ticket_length", "Ticket Length", Dec);
static TICKET: Field = row("ticket", "Ticket", Bytes);
static CONTEXT_LENGTH: Field = row("context_length", "Certificate Request Context Length", Dec);
static CONTEXT: Field = row("context", "Certificate Request Context", Bytes);
static LIST_LENGTH: Field = row("list_length", "Certificate List Length", Dec);
static ENTRY: Field = row("certificate_entry", "Certificate Entry", Bytes);
static CERTIFICATE_LENGTH: Field = row("certificate_length", "Certificate Length", Dec);
static CERTIFICATE: Field = row("certificate", "Certificate", Bytes);
static TYPES_LENGTH: Field = row("certificate_types_length", "Certificate Types Length", Dec);
static TYPES: Field = row("certificate_types", "Certificate Types", Bytes);
static SCHEMES_LENGTH: Field = row("schemes_length", "Signature Algorithms Length", Dec);
static SCHEME: Field = row("scheme", "Signature Algorithm", NamedHex(SIGNATURE_SCHEMES));
static AUTHORITIES_LENGTH: Field = row("authorities_length", "Certificate Authorities Length", Dec);
static AUTHORITY_LENGTH: Field = row("authority_length", "Authority Length", Dec);
static AUTHORITY: Field = row("authority", "Authority", Bytes);
static SIGNATURE_LENGTH: Field = row("signature_length", "Signature Length", Dec);
static SIGNATURE: Field = row("signature", "Signature", Bytes);
static CURVE_TYPE: Field = row("curve_type", "Curve Type", Named(&[(3, "named_curve")]));
static CURVE: Field = row("group", "Group", NamedHex(GROUPS));
static PUBLIC_LENGTH: Field = row("public_length", "Public Key Length", Dec);
static PUBLIC: Field = row("public", "Public Key", Bytes);
static PARAMETERS: Field = row("parameters", "Parameters", Bytes);
static EXCHANGE: Field = row("exchange_keys", "Exchange Keys", Bytes);
static VERIFY_DATA: Field = row("verify_data", "Verify Data", Bytes);
static REQUEST_UPDATE: Field =
    row("request_update", "Request Update", Named(&[(0, "update_not_requested"), (1, "update_requested")]));
static BODY: Field = row("body", "Body", Bytes);

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// The client begins, or begins anew after a `HelloRetryRequest`.
    ClientHello(ClientHello),
    /// The server's choice. A `HelloRetryRequest` is one with [`RETRY_RANDOM`].
    ServerHello(ServerHello),
    /// What the server agrees to that the path need not know.
    EncryptedExtensions(Vec<Extension>),
    /// Who the sender is.
    Certificate(Certificate),
    /// That the client shall say who it is.
    CertificateRequest(CertificateRequest),
    /// A signature over all that was said: the certificate is the sender's own.
    CertificateVerify {
        /// How it is signed.
        scheme: SignatureScheme,
        /// The signature.
        signature: Vec<u8>,
    },
    /// A code over all that was said: both heard the same.
    Finished(Vec<u8>),
    /// For the next connection to begin from.
    NewSessionTicket(NewSessionTicket),
    /// The early data end here.
    EndOfEarlyData,
    /// The sender goes on with the next key; whether the other end shall too.
    KeyUpdate(u8),
    /// TLS 1.2: the server's share of the key, signed.
    ServerKeyExchange(ServerKeyExchange),
    /// TLS 1.2: that is all.
    ServerHelloDone,
    /// TLS 1.2: the client's share of the key, or a secret that is encrypted for the server's RSA key.
    ClientKeyExchange(Vec<u8>),
    /// TLS 1.2: please begin anew.
    HelloRequest,
    /// A message that this crate reads no further.
    Other(HandshakeType, Vec<u8>),
}

/// RFC 8446 section 4.1.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// TLS 1.2, whatever is spoken; what is spoken stands in an extension.
    pub legacy_version: Version,
    /// 32 bytes that never come again.
    pub random: [u8; 32],
    /// What the server shall know the session by; in TLS 1.3 only for middleboxes.
    pub session_id: Vec<u8>,
    /// What the client can, what it likes best first.
    pub cipher_suites: Vec<CipherSuite>,
    /// Only 0 since TLS 1.3: compression told of secrets (CRIME).
    pub compression_methods: Vec<u8>,
    /// All the rest.
    pub extensions: Vec<Extension>,
}

/// RFC 8446 section 4.1.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// TLS 1.2, also where TLS 1.3 is chosen.
    pub legacy_version: Version,
    /// 32 bytes that never come again, or [`RETRY_RANDOM`].
    pub random: [u8; 32],
    /// The client's, in TLS 1.3.
    pub session_id: Vec<u8>,
    /// The one that was chosen.
    pub cipher_suite: CipherSuite,
    /// The one that was chosen.
    pub compression_method: u8,
    /// What else was chosen.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// Whether it asks for another `ClientHello`.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The version that was chosen: RFC 8446 section 4.2.1 has it in an extension.
    #[must_use]
    pub fn version(&self) -> Version {
        let chosen = self.extensions.iter().find_map(Extension::selected_version);
        chosen.unwrap_or(self.legacy_version)
    }
}

/// RFC 8446 section 4.4.2, RFC 5246 section 7.4.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What was asked for; empty in the server's, and in TLS 1.2.
    pub context: Vec<u8>,
    /// The sender's own first, then who signed it.
    pub entries: Vec<CertificateEntry>,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateEntry {
    /// An X.509 certificate, in DER.
    pub data: Vec<u8>,
    /// Extensions of TLS, none in TLS 1.2.
    pub extensions: Vec<Extension>,
}

/// RFC 8446 section 4.3.2, RFC 5246 section 7.4.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    /// What the client's Certificate shall repeat.
    pub context: Vec<u8>,
    /// How it may be signed; TLS 1.3 has this among the extensions.
    pub schemes: Vec<SignatureScheme>,
    /// Extensions, none in TLS 1.2.
    pub extensions: Vec<Extension>,
}

/// RFC 8446 section 4.6.1, RFC 5077 section 3.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSessionTicket {
    /// For how many seconds it is good.
    pub lifetime: u32,
    /// What is added to its age, so that nobody recognises it by that.
    pub age_add: u32,
    /// From which the key of the next connection is derived.
    pub nonce: Vec<u8>,
    /// The ticket: only the server can read it.
    pub ticket: Vec<u8>,
    /// Extensions, none in TLS 1.2.
    pub extensions: Vec<Extension>,
}

/// RFC 8422 section 5.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerKeyExchange {
    /// By an elliptic curve.
    Ecdhe {
        /// Which.
        group: Group,
        /// The server's share.
        public: Vec<u8>,
        /// How it is signed.
        scheme: SignatureScheme,
        /// The signature, over both randoms and what stands before.
        signature: Vec<u8>,
    },
    /// By something else.
    Other(Vec<u8>),
}

impl Handshake {
    /// One whole message, header included. `version` is the one that is spoken; for hellos it does not matter.
    ///
    /// # Errors
    /// When a field is cut short, a length lies, or bytes are left.
    pub fn parse(message: &[u8], version: Version) -> Result<Self, WireError> {
        Ok(Self::read(&mut Cursor::new(message), version)?)
    }

    pub(super) fn read(cursor: &mut Cursor<'_>, version: Version) -> Result<Self, Wrong> {
        let kind = HandshakeType(cursor.u8(&MSG_TYPE)?);
        let message = cursor.counted(Width::Three, &LENGTH, |cursor| Self::body(cursor, kind, version))?;
        cursor.end(&LENGTH)?;
        Ok(message)
    }

    fn body(cursor: &mut Cursor<'_>, kind: HandshakeType, version: Version) -> Result<Self, Wrong> {
        let is_13 = version == Version::TLS_1_3;
        Ok(match kind {
            HandshakeType::CLIENT_HELLO => Self::ClientHello(ClientHello::read(cursor)?),
            HandshakeType::SERVER_HELLO => Self::ServerHello(ServerHello::read(cursor)?),
            HandshakeType::ENCRYPTED_EXTENSIONS => {
                Self::EncryptedExtensions(extensions(cursor, Place::EncryptedExtensions)?)
            }
            HandshakeType::CERTIFICATE => Self::Certificate(Certificate::read(cursor, is_13)?),
            HandshakeType::CERTIFICATE_REQUEST => Self::CertificateRequest(CertificateRequest::read(cursor, is_13)?),
            HandshakeType::CERTIFICATE_VERIFY => {
                let scheme = SignatureScheme(cursor.u16(&SCHEME)?);
                Self::CertificateVerify { scheme, signature: cursor.opaque(Width::Two, &SIGNATURE_LENGTH, &SIGNATURE)? }
            }
            HandshakeType::FINISHED => Self::Finished(cursor.rest(&VERIFY_DATA)?.to_vec()),
            HandshakeType::NEW_SESSION_TICKET => Self::NewSessionTicket(NewSessionTicket::read(cursor, is_13)?),
            HandshakeType::END_OF_EARLY_DATA => Self::EndOfEarlyData,
            HandshakeType::KEY_UPDATE => Self::KeyUpdate(cursor.u8(&REQUEST_UPDATE)?),
            HandshakeType::SERVER_KEY_EXCHANGE => Self::ServerKeyExchange(ServerKeyExchange::read(cursor)?),
            HandshakeType::SERVER_HELLO_DONE => Self::ServerHelloDone,
            HandshakeType::CLIENT_KEY_EXCHANGE => Self::ClientKeyExchange(cursor.rest(&EXCHANGE)?.to_vec()),
            HandshakeType::HELLO_REQUEST => Self::HelloRequest,
            _ => Self::Other(kind, cursor.rest(&BODY)?.to_vec()),
        })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> HandshakeType {
        match self {
            Self::ClientHello(_) => HandshakeType::CLIENT_HELLO,
            Self::ServerHello(_) => HandshakeType::SERVER_HELLO,
            Self::EncryptedExtensions(_) => HandshakeType::ENCRYPTED_EXTENSIONS,
            Self::Certificate(_) => HandshakeType::CERTIFICATE,
            Self::CertificateRequest(_) => HandshakeType::CERTIFICATE_REQUEST,
            Self::CertificateVerify { .. } => HandshakeType::CERTIFICATE_VERIFY,
            Self::Finished(_) => HandshakeType::FINISHED,
            Self::NewSessionTicket(_) => HandshakeType::NEW_SESSION_TICKET,
            Self::EndOfEarlyData => HandshakeType::END_OF_EARLY_DATA,
            Self::KeyUpdate(_) => HandshakeType::KEY_UPDATE,
            Self::ServerKeyExchange(_) => HandshakeType::SERVER_KEY_EXCHANGE,
            Self::ServerHelloDone => HandshakeType::SERVER_HELLO_DONE,
            Self::ClientKeyExchange(_) => HandshakeType::CLIENT_KEY_EXCHANGE,
            Self::HelloRequest => HandshakeType::HELLO_REQUEST,
            Self::Other(kind, _) => *kind,
        }
    }

    /// What it is called: its type, or `HelloRetryRequest`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ServerHello(hello) if hello.is_retry() => "HelloRetryRequest".into(),
            message => message.kind().to_string(),
        }
    }

    /// The extensions of the message as a whole.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        match self {
            Self::ClientHello(hello) => &hello.extensions,
            Self::ServerHello(hello) => &hello.extensions,
            Self::EncryptedExtensions(extensions) => extensions,
            Self::CertificateRequest(request) => &request.extensions,
            Self::NewSessionTicket(ticket) => &ticket.extensions,
            _ => &[],
        }
    }

    /// The extension of this kind.
    #[must_use]
    pub fn extension(&self, kind: ExtensionType) -> Option<&Extension> {
        self.extensions().iter().find(|extension| extension.kind == kind)
    }
}

/// Extensions behind their length.
fn extensions(cursor: &mut Cursor<'_>, place: Place) -> Result<Vec<Extension>, Wrong> {
    cursor.list(Width::Two, &EXTENSIONS_LENGTH, |cursor| Extension::read(cursor, place))
}

/// The same where nothing at all means that there are none, as in TLS 1.2 and before.
fn extensions_if_any(cursor: &mut Cursor<'_>, place: Place) -> Result<Vec<Extension>, Wrong> {
    if cursor.left() == 0 { Ok(vec![]) } else { extensions(cursor, place) }
}

impl ClientHello {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        Ok(Self {
            legacy_version: Version(cursor.u16(&LEGACY_VERSION)?),
            random: cursor.octets(&RANDOM)?,
            session_id: cursor.opaque(Width::One, &SESSION_ID_LENGTH, &SESSION_ID)?,
            cipher_suites: cursor.list(Width::Two, &SUITES_LENGTH, |cursor| cursor.u16(&SUITE).map(CipherSuite))?,
            compression_methods: cursor.list(Width::One, &METHODS_LENGTH, |cursor| cursor.u8(&METHOD))?,
            extensions: extensions_if_any(cursor, Place::ClientHello)?,
        })
    }

    /// The extension of this kind.
    #[must_use]
    pub fn extension(&self, kind: ExtensionType) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.kind == kind)
    }
}

impl ServerHello {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let legacy_version = Version(cursor.u16(&LEGACY_VERSION)?);
        let random = cursor.octets(&RANDOM)?;
        let place = if random == RETRY_RANDOM { Place::RetryRequest } else { Place::ServerHello };
        Ok(Self {
            legacy_version,
            random,
            session_id: cursor.opaque(Width::One, &SESSION_ID_LENGTH, &SESSION_ID)?,
            cipher_suite: CipherSuite(cursor.u16(&SUITE)?),
            compression_method: cursor.u8(&METHOD)?,
            extensions: extensions_if_any(cursor, place)?,
        })
    }
}

impl Certificate {
    fn read(cursor: &mut Cursor<'_>, is_13: bool) -> Result<Self, Wrong> {
        let context = match is_13 {
            true => cursor.opaque(Width::One, &CONTEXT_LENGTH, &CONTEXT)?,
            false => vec![],
        };
        let entries = cursor.list(Width::Three, &LIST_LENGTH, |cursor| {
            cursor.group(&ENTRY, |cursor| {
                let data = cursor.opaque(Width::Three, &CERTIFICATE_LENGTH, &CERTIFICATE)?;
                let extensions = if is_13 { extensions(cursor, Place::Certificate)? } else { vec![] };
                Ok(CertificateEntry { data, extensions })
            })
        })?;
        Ok(Self { context, entries })
    }
}

impl CertificateRequest {
    fn read(cursor: &mut Cursor<'_>, is_13: bool) -> Result<Self, Wrong> {
        if is_13 {
            let context = cursor.opaque(Width::One, &CONTEXT_LENGTH, &CONTEXT)?;
            return Ok(Self { context, schemes: vec![], extensions: extensions(cursor, Place::CertificateRequest)? });
        }
        cursor.opaque(Width::One, &TYPES_LENGTH, &TYPES)?;
        let schemes = cursor.list(Width::Two, &SCHEMES_LENGTH, |cursor| cursor.u16(&SCHEME).map(SignatureScheme))?;
        cursor.list(Width::Two, &AUTHORITIES_LENGTH, |cursor| {
            cursor.opaque(Width::Two, &AUTHORITY_LENGTH, &AUTHORITY).map(drop)
        })?;
        Ok(Self { context: vec![], schemes, extensions: vec![] })
    }
}

impl NewSessionTicket {
    fn read(cursor: &mut Cursor<'_>, is_13: bool) -> Result<Self, Wrong> {
        let lifetime = cursor.u32(&TICKET_LIFETIME)?;
        let (age_add, nonce) = match is_13 {
            true => (cursor.u32(&TICKET_AGE_ADD)?, cursor.opaque(Width::One, &NONCE_LENGTH, &NONCE)?),
            false => (0, vec![]),
        };
        let ticket = cursor.opaque(Width::Two, &TICKET_LENGTH, &TICKET)?;
        let extensions = if is_13 { extensions(cursor, Place::NewSessionTicket)? } else { vec![] };
        Ok(Self { lifetime, age_add, nonce, ticket, extensions })
    }
}

/// RFC 8422 section 5.4: `named_curve(3)`.
const NAMED_CURVE: u8 = 3;

impl ServerKeyExchange {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        if cursor.peek() != Some(NAMED_CURVE) {
            return Ok(Self::Other(cursor.rest(&PARAMETERS)?.to_vec()));
        }
        cursor.u8(&CURVE_TYPE)?;
        Ok(Self::Ecdhe {
            group: Group(cursor.u16(&CURVE)?),
            public: cursor.opaque(Width::One, &PUBLIC_LENGTH, &PUBLIC)?,
            scheme: SignatureScheme(cursor.u16(&SCHEME)?),
            signature: cursor.opaque(Width::Two, &SIGNATURE_LENGTH, &SIGNATURE)?,
        })
    }
}
