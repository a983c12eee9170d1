//! A recording, opened: every record with what is in it, and how it was opened.
//!
//! The records of both directions are walked in the order in which they passed. Each direction has a protection of its own, which
//! changes where RFC 8446 section 4 and section 5 say so: behind a hello, behind `EndOfEarlyData`, behind Finished and `KeyUpdate`; in TLS
//! 1.2 behind `change_cipher_spec`. Without a secret a record stays closed, as it is for everybody on the path.

mod transcript;

use crate::schedule::{Algorithms, Keys, NONCE};
use crate::schedule12::{self, Keys12};
use crate::secrets::{EARLY, MASTER, Secrets};
use crate::{Both, Recording, Side};
use host::Time;
use std::rc::Rc;
use transcript::Transcript;
use wire::WireError;
use wire::tls::{
    Alert, CipherSuite, ContentType, ExtensionType, Handshake, NotTls, Reassembler, Record, Records, TooLong, Version,
};

/// A connection, opened as far as the secrets reach.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// The records of both ends, in their order.
    pub records: Vec<OpenedRecord>,
    /// Keys in the order in which they came into use.
    pub epochs: Vec<Rc<Epoch>>,
    /// What ended the view of a direction.
    pub ends: Vec<(Side, End)>,
    /// The version that the server chose.
    pub version: Option<Version>,
    /// The suite that the server chose.
    pub suite: Option<CipherSuite>,
}

/// Why a direction cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// What stands there is no record.
    NotTls(NotTls),
    /// A message that is too long to be put together.
    TooLong(TooLong),
    /// So many bytes of a record whose rest did not come.
    Unfinished(usize),
}

/// From when on a key is used, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Whose records.
    pub from: Side,
    /// What is protected.
    pub stage: Stage,
    /// The secret's name in the key log; of later keys, how it comes from that.
    pub label: String,
    /// The secret; of TLS 1.2 the master secret.
    pub secret: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
    /// What the nonce is made from.
    pub iv: Vec<u8>,
    /// TLS 1.3: the key of this end's Finished.
    pub finished_key: Option<Vec<u8>>,
    /// Which suite it is for.
    pub suite: CipherSuite,
}

/// What a key protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing: everybody can read it.
    Clear,
    /// What a client sends before the server has said anything.
    Early,
    /// The handshake.
    Handshake,
    /// What it is all for.
    Application,
}

/// A record with what is in it.
#[derive(Debug, Clone)]
pub struct OpenedRecord {
    /// Who sent it.
    pub from: Side,
    /// When.
    pub at: Time,
    /// As it passed.
    pub record: Record,
    /// How it was opened.
    pub protection: Protection,
    /// What it is; in TLS 1.3 a protected record says so only inside.
    pub content_type: ContentType,
    /// What it says; empty where it stays closed.
    pub content: Vec<u8>,
    /// The messages that are complete with it.
    pub messages: Vec<Message>,
    /// Bytes of a message that goes on in the next record.
    pub unfinished: usize,
}

/// How a record is protected, and was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Clear,
    /// Opened with these keys.
    Opened {
        /// The keys.
        epoch: Rc<Epoch>,
        /// The record's number under them.
        sequence: u64,
        /// What iv and number give.
        nonce: [u8; NONCE],
        /// Zeros behind what it says.
        padding: usize,
    },
    /// It stays closed.
    Closed(Closed),
}

/// Why a record stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The secret is not known.
    NoSecret,
    /// The key does not fit, or somebody changed the record.
    DoesNotOpen,
    /// A suite that is not built in here.
    UnknownSuite(CipherSuite),
}

/// A handshake message.
#[derive(Debug, Clone)]
pub struct Message {
    /// As it stood in the records, header included.
    pub bytes: Vec<u8>,
    /// What it says, or why it cannot be read.
    pub handshake: Result<Handshake, WireError>,
    /// Of a Finished: whether its code is the right one for all messages before; `None` where it is not known.
    pub is_right: Option<bool>,
}

impl OpenedRecord {
    /// The alert that it is, if it is one that is legible.
    #[must_use]
    pub fn alert(&self) -> Option<Alert> {
        (self.content_type == ContentType::ALERT).then(|| Alert::of(&self.content)).flatten()
    }

    /// What protects it.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match &self.protection {
            Protection::Clear | Protection::Closed(_) => Stage::Clear,
            Protection::Opened { epoch, .. } => epoch.stage,
        }
    }
}

impl Opened {
    /// Opens a recording with what secrets there are.
    #[must_use]
    pub fn of(recording: &Recording, secrets: &Secrets) -> Self {
        let mut opener = Opener::new(secrets);
        for flight in &recording.flights {
            let side = opener.sides.of_mut(flight.from);
            side.records.push(&flight.bytes);
            while let Some(record) = opener.next_record(flight.from) {
                opener.record(flight.from, flight.at, record);
            }
        }
        for from in [Side::Client, Side::Server] {
            let pending = opener.sides.of(from).records.pending();
            if pending > 0 {
                opener.opened.ends.push((from, End::Unfinished(pending)));
            }
        }
        opener.opened
    }

    /// The messages of both ends, with who sent them and in which record (by its place among all).
    pub fn messages(&self) -> impl Iterator<Item = (Side, usize, &Message)> {
        let records = self.records.iter().enumerate();
        records.flat_map(|(number, record)| record.messages.iter().map(move |message| (record.from, number, message)))
    }
}

/// One direction, while it is walked.
#[derive(Debug, Default)]
struct Direction {
    records: Records,
    messages: Reassembler,
    keys: Option<(Rc<Epoch>, AnyKeys)>,
    /// Whether what follows is protected, with or without a key that is known.
    is_protected: bool,
}

#[derive(Debug, Clone)]
enum AnyKeys {
    Tls13(Box<Keys>),
    Tls12(Box<Keys12>),
}

struct Opener<'s> {
    secrets: &'s Secrets,
    sides: Both<Direction>,
    opened: Opened,
    client_random: Vec<u8>,
    server_random: Vec<u8>,
    offered: Vec<CipherSuite>,
    /// Whether the client sends early data, and has not said that they end.
    is_early: bool,
    transcript: Transcript,
}

impl<'s> Opener<'s> {
    fn new(secrets: &'s Secrets) -> Self {
        Self {
            secrets,
            sides: Both::default(),
            opened: Opened::default(),
            client_random: vec![],
            server_random: vec![],
            offered: vec![],
            is_early: false,
            transcript: Transcript::default(),
        }
    }

    fn next_record(&mut self, from: Side) -> Option<Record> {
        match self.sides.of_mut(from).records.next_record() {
            Ok(record) => record,
            Err(end) => {
                self.opened.ends.push((from, End::NotTls(end)));
                None
            }
        }
    }

    fn record(&mut self, from: Side, at: Time, record: Record) {
        let outer = ContentType(record.header.content_type);
        let (protection, content_type, content) = self.open(from, outer, &record);
        let is_legible = !matches!(protection, Protection::Closed(_));
        let mut messages = vec![];
        if content_type == ContentType::HANDSHAKE && is_legible {
            match self.sides.of_mut(from).messages.push(&content) {
                Ok(whole) => messages = whole.into_iter().map(|bytes| self.message(from, bytes)).collect(),
                Err(end) => self.opened.ends.push((from, End::TooLong(end))),
            }
        }
        if outer == ContentType::CHANGE_CIPHER_SPEC && self.opened.version.is_some_and(|it| it < Version::TLS_1_3) {
            self.begin_12(from);
        }
        let unfinished = self.sides.of(from).messages.pending();
        self.opened.records.push(OpenedRecord {
            from,
            at,
            record,
            protection,
            content_type,
            content,
            messages,
            unfinished,
        });
    }

    /// What a record says, and how it was opened.
    fn open(&mut self, from: Side, outer: ContentType, record: &Record) -> (Protection, ContentType, Vec<u8>) {
        let is_13 = self.opened.version.is_none_or(|version| version >= Version::TLS_1_3);
        let is_closed = match outer {
            ContentType::CHANGE_CIPHER_SPEC => false,
            ContentType::APPLICATION_DATA => true,
            _ => !is_13 && self.sides.of(from).is_protected,
        };
        if !is_closed {
            return (Protection::Clear, outer, record.fragment.clone());
        }
        if self.sides.of(from).keys.is_none() && self.is_early && from == Side::Client {
            self.begin_early(record);
        }
        let opened = self.open_with_key(from, outer, record).or_else(|| {
            // The server did not take the early data, so the client goes on with the handshake's key.
            let was_early = from == Side::Client && self.is_early && self.opened.suite.is_some();
            was_early.then(|| {
                self.is_early = false;
                self.begin(from, Stage::Handshake);
                self.open_with_key(from, outer, record)
            })?
        });
        opened.unwrap_or_else(|| (Protection::Closed(self.why(from)), outer, vec![]))
    }

    fn open_with_key(
        &mut self,
        from: Side,
        outer: ContentType,
        record: &Record,
    ) -> Option<(Protection, ContentType, Vec<u8>)> {
        let (epoch, keys) = self.sides.of_mut(from).keys.as_mut()?;
        let epoch = Rc::clone(epoch);
        Some(match keys {
            AnyKeys::Tls13(keys) => {
                let opened = keys.open(&record.header, &record.fragment)?;
                let (sequence, nonce, padding) = (opened.sequence, opened.nonce, opened.padding);
                (Protection::Opened { epoch, sequence, nonce, padding }, opened.content_type, opened.content)
            }
            AnyKeys::Tls12(keys) => {
                let sequence = keys.sequence;
                let (nonce, content) = keys.open(&record.header, &record.fragment)?;
                (Protection::Opened { epoch, sequence, nonce, padding: 0 }, outer, content)
            }
        })
    }

    fn why(&self, from: Side) -> Closed {
        match (self.opened.suite, &self.sides.of(from).keys) {
            (Some(suite), _) if Algorithms::of(suite).is_none() => Closed::UnknownSuite(suite),
            (_, Some(_)) => Closed::DoesNotOpen,
            (_, None) => Closed::NoSecret,
        }
    }

    /// Reads a message, checks it, and does to the keys what it says.
    fn message(&mut self, from: Side, bytes: Vec<u8>) -> Message {
        let handshake = Handshake::parse(&bytes, self.opened.version.unwrap_or(Version::TLS_1_3));
        let is_right = match &handshake {
            Ok(Handshake::Finished(code)) => self.verify_data(from).map(|right| right == *code),
            _ => None,
        };
        match &handshake {
            Ok(Handshake::ServerHello(hello)) if hello.is_retry() => {
                self.transcript.restart(Algorithms::of(hello.cipher_suite));
                self.transcript.add(&bytes);
            }
            // RFC 5246 section 7.4.1.1: "This message MUST NOT be included in the message hashes".
            Ok(Handshake::HelloRequest | Handshake::KeyUpdate(_)) => {}
            // In TLS 1.3 it comes behind the handshake.
            Ok(Handshake::NewSessionTicket(_)) if self.opened.version == Some(Version::TLS_1_3) => {}
            _ => self.transcript.add(&bytes),
        }
        if let Ok(handshake) = &handshake {
            self.change(from, handshake);
        }
        Message { bytes, handshake, is_right }
    }

    /// What a message does to the keys.
    fn change(&mut self, from: Side, message: &Handshake) {
        let is_13 = self.opened.version == Some(Version::TLS_1_3);
        match (from, message) {
            (Side::Client, Handshake::ClientHello(hello)) => {
                self.client_random = hello.random.to_vec();
                self.offered.clone_from(&hello.cipher_suites);
                self.is_early = hello.extension(ExtensionType::EARLY_DATA).is_some();
            }
            (Side::Server, Handshake::ServerHello(hello)) => {
                self.opened.version = Some(hello.version());
                self.opened.suite = Some(hello.cipher_suite);
                self.server_random = hello.random.to_vec();
                if hello.is_retry() {
                    // RFC 8446 section 4.2.10: a client "MUST NOT include the "early_data" extension in its followup ClientHello".
                    self.is_early = false;
                } else if hello.version() == Version::TLS_1_3 {
                    self.begin(Side::Server, Stage::Handshake);
                    if !self.is_early {
                        self.begin(Side::Client, Stage::Handshake);
                    }
                }
            }
            (Side::Client, Handshake::EndOfEarlyData) => {
                self.is_early = false;
                self.begin(Side::Client, Stage::Handshake);
            }
            (_, Handshake::Finished(_)) if is_13 => self.begin(from, Stage::Application),
            (_, Handshake::KeyUpdate(_)) => self.update(from),
            _ => {}
        }
    }

    /// The label of a stage's secret.
    fn label(from: Side, stage: Stage) -> String {
        match stage {
            Stage::Clear | Stage::Early => EARLY.into(),
            Stage::Handshake => format!("{}_HANDSHAKE_TRAFFIC_SECRET", from.label()),
            Stage::Application => format!("{}_TRAFFIC_SECRET_0", from.label()),
        }
    }

    /// TLS 1.3: from here on records of this end are sealed with the key of this stage.
    fn begin(&mut self, from: Side, stage: Stage) {
        let label = Self::label(from, stage);
        let algorithms = self.opened.suite.and_then(Algorithms::of);
        let secret = self.secrets.get(&label, &self.client_random);
        self.sides.of_mut(from).keys = None;
        if let (Some(algorithms), Some(secret)) = (algorithms, secret) {
            self.use_keys(from, stage, label, Keys::of(algorithms, secret));
        }
    }

    /// The key of early data. Which suite it is for is not said yet: the one of the connection before, so the first that opens.
    fn begin_early(&mut self, record: &Record) {
        let Some(secret) = self.secrets.get(EARLY, &self.client_random) else { return };
        let suites = self.offered.iter().filter_map(|suite| Algorithms::of(*suite));
        let mut keys = suites.filter(|algorithms| algorithms.hash_len() == secret.len()).map(|it| Keys::of(it, secret));
        if let Some(keys) = keys.find(|keys| keys.clone().open(&record.header, &record.fragment).is_some()) {
            self.use_keys(Side::Client, Stage::Early, EARLY.into(), keys);
        }
    }

    fn update(&mut self, from: Side) {
        let Some((epoch, AnyKeys::Tls13(keys))) = &self.sides.of(from).keys else { return };
        let (stage, label, next) = (epoch.stage, format!("{}, \"traffic upd\"", epoch.label), keys.next());
        self.use_keys(from, stage, label, next);
    }

    fn use_keys(&mut self, from: Side, stage: Stage, label: String, keys: Keys) {
        let epoch = Rc::new(Epoch {
            from,
            stage,
            label,
            secret: keys.secret.clone(),
            key: keys.key.clone(),
            iv: keys.iv.clone(),
            finished_key: (stage == Stage::Handshake).then(|| keys.finished_key()),
            suite: keys.algorithms.suite,
        });
        self.opened.epochs.push(Rc::clone(&epoch));
        self.sides.of_mut(from).keys = Some((epoch, AnyKeys::Tls13(Box::new(keys))));
    }

    /// TLS 1.2: from here on records of this end are sealed.
    fn begin_12(&mut self, from: Side) {
        self.sides.of_mut(from).is_protected = true;
        let algorithms = self.opened.suite.and_then(Algorithms::of);
        let master = self.secrets.get(MASTER, &self.client_random);
        let (Some(algorithms), Some(master)) = (algorithms, master) else { return };
        let keys = Keys12::of(algorithms, master, &self.client_random, &self.server_random).of(from).clone();
        let epoch = Rc::new(Epoch {
            from,
            stage: Stage::Application,
            label: MASTER.into(),
            secret: master.to_vec(),
            key: keys.key.clone(),
            iv: keys.iv.clone(),
            finished_key: None,
            suite: algorithms.suite,
        });
        self.opened.epochs.push(Rc::clone(&epoch));
        self.sides.of_mut(from).keys = Some((epoch, AnyKeys::Tls12(Box::new(keys))));
    }

    /// What the Finished of this end must say.
    fn verify_data(&self, from: Side) -> Option<Vec<u8>> {
        let hash = self.transcript.hash(self.opened.suite.and_then(Algorithms::of)?);
        match &self.sides.of(from).keys.as_ref()?.1 {
            AnyKeys::Tls13(keys) => Some(keys.verify_data(&hash)),
            AnyKeys::Tls12(keys) => {
                let master = self.secrets.get(MASTER, &self.client_random)?;
                Some(schedule12::verify_data(&keys.algorithms, master, from, &hash))
            }
        }
    }
}

#[cfg(test)]
mod tests;
