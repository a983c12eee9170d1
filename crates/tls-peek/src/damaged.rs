//! Records that somebody changed: whatever they say, they are opened without a panic, and with no more memory than they have bytes.
//!
//! Half of the faults are in what travels. The other half are in what is sealed, and sealed anew with the right key, for else the seal
//! would keep them from all that reads what is inside.

use crate::demo::Demo;
use crate::ends::Wishes;
use crate::facts::Facts;
use crate::opened::{Opened, OpenedRecord, Protection};
use crate::rsa::ServerKey;
use crate::schedule::Algorithms;
use crate::secrets::Secrets;
use crate::view::{Shown, Views};
use crate::{Recording, json, words};
use ring::aead;
use wire::tls::{CipherSuite, ContentType, RecordHeader, Version};

/// Chance by Marsaglia's xorshift: the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % most.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// One fault: a flipped bit, a length that lies, a byte that is missing or too many, an end that comes early.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return bytes.push(self.byte());
        }
        let at = self.below(bytes.len());
        match self.below(8) {
            0..=2 => bytes[at] ^= 1 << self.below(8),
            3 | 4 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
            5 => bytes.truncate(at),
            6 => bytes.insert(at, self.byte()),
            _ => drop(bytes.remove(at)),
        }
    }
}

/// A connection with its records apart, each as it travels.
struct Sample {
    records: Vec<OpenedRecord>,
    secrets: Secrets,
}

impl Sample {
    fn of(recording: &Recording, secrets: Secrets) -> Self {
        Self { records: Opened::of(recording, &secrets).records, secrets }
    }
}

/// Handshakes of all kinds and suites.
fn samples() -> Vec<Sample> {
    let usual = Wishes::default();
    let suite =
        |suite: CipherSuite, version| Wishes { suites: vec![suite], version: Some(version), ..Wishes::default() };
    let (older, newer) = (Version::TLS_1_2, Version::TLS_1_3);
    let groups = vec![wire::tls::Group::X25519, wire::tls::Group::SECP384R1];
    let kinds = [
        usual.clone(),
        Wishes { early_data: true, ..usual.clone() },
        Wishes { groups, ..usual },
        suite(CipherSuite::AES_128_GCM_SHA256, newer),
        suite(CipherSuite::CHACHA20_POLY1305_SHA256, newer),
        suite(CipherSuite::ECDHE_ECDSA_AES_128_GCM_SHA256, older),
        suite(CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305, older),
    ];
    let of = |wishes: &Wishes| {
        let demo = Demo::new(wishes, &rustls::crypto::ring::default_provider()).unwrap();
        let first = demo.connect(&crate::one_page(), false, None).unwrap().0;
        let last = if wishes.early_data { demo.connect(&crate::one_page(), true, None).unwrap().0 } else { first };
        Sample::of(&last.recording, demo.secrets())
    };
    kinds.iter().map(of).collect()
}

/// The record with a fault in what it says, sealed anew where it was sealed.
fn resealed(record: &OpenedRecord, chance: &mut Chance) -> Vec<u8> {
    let mut content = record.content.clone();
    chance.damage(&mut content);
    let travels = |header: RecordHeader, fragment: &[u8]| {
        let length = u16::try_from(fragment.len()).unwrap();
        [&RecordHeader { length, ..header }.bytes()[..], fragment].concat()
    };
    let header = record.record.header;
    match &record.protection {
        Protection::Opened { epoch, nonce, .. } if header.content_type == ContentType::APPLICATION_DATA.0 => {
            let algorithm = Algorithms::of(epoch.suite).unwrap().aead;
            content.push(record.content_type.0);
            let length = u16::try_from(content.len() + algorithm.tag_len()).unwrap();
            let key = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, &epoch.key).unwrap());
            let vouched = aead::Aad::from(RecordHeader { length, ..header }.bytes());
            key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(*nonce), vouched, &mut content).unwrap();
            travels(header, &content)
        }
        Protection::Clear => travels(header, &content),
        _ => travels(header, &record.record.fragment),
    }
}

/// Opens connections with so many faults in all, and looks at all that can be said of them.
fn open_damaged(faults: usize, seed: u64) {
    let samples = samples();
    let mut chance = Chance(seed);
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/tls/server.key");
    let key = ServerKey::read(key.as_ref()).unwrap();
    let (mut done, mut run, mut read) = (0, 0, 0);
    while done < faults {
        let sample = &samples[chance.below(samples.len())];
        let mut recording = Recording::default();
        let victims = 1 + chance.below(3);
        let chosen: Vec<usize> = (0..victims).map(|_| chance.below(sample.records.len())).collect();
        for (number, record) in sample.records.iter().enumerate() {
            let mut bytes = [&record.record.header.bytes()[..], &record.record.fragment].concat();
            if chosen.contains(&number) {
                done += 1;
                match chance.below(2) {
                    0 => bytes = resealed(record, &mut chance),
                    _ => chance.damage(&mut bytes),
                }
            }
            recording.add(record.from, record.at, &bytes);
        }
        let opened = Opened::of(&recording, &sample.secrets);
        let passed: usize = recording.flights.iter().map(|flight| flight.bytes.len()).sum();
        let kept: usize = opened.records.iter().map(|record| record.content.len() + record.record.fragment.len()).sum();
        let messages: usize = opened.messages().map(|(_, _, message)| message.bytes.len()).sum();
        assert!(kept <= 2 * passed && messages <= passed, "seed {seed}, run {run}: {kept} and {messages} of {passed}");
        read += opened.messages().filter(|(_, _, message)| message.handshake.is_err()).count();
        opened.records.iter().for_each(|record| assert!(!words::lines(record).iter().any(|line| line.what.is_empty())));
        assert!(Facts::of(&opened, &recording).messages <= messages);
        // What takes longer is done now and then.
        if run % 64 == 0 {
            let (mut out, _) = cli::Output::collected(&cli::Show::default());
            let views = Views { bytes: true, keys: true, ladder: run % 128 == 0, observer: true, http: false };
            let shown = Shown { recording: &recording, opened: &opened, timed: true, connected: None, talk: None };
            shown.print(views, None, &mut out).unwrap();
            json::print(&shown, views, None, &mut out).unwrap();
            key.open(&recording, &mut sample.secrets.clone());
        }
        run += 1;
    }
    assert!(read > faults / 50, "{read} messages that cannot be read: the faults do not get there");
    println!("{done} records changed in {run} connections, {read} messages that cannot be read");
}

#[test]
fn changed_records_are_opened_without_panic_and_without_more_memory_than_they_have_bytes() {
    open_damaged(100_000, 1);
}

#[test]
#[ignore = "a million records, for a release build"]
fn million_changed_records_are_opened_without_panic() {
    open_damaged(1_000_000, 2);
}

#[test]
fn both_ends_stand_any_bit_that_is_changed_on_the_way() {
    let provider = rustls::crypto::ring::default_provider();
    let (mut tried, mut noticed) = (0, 0);
    for version in [Version::TLS_1_3, Version::TLS_1_2] {
        let demo = Demo::new(&Wishes { version: Some(version), ..Wishes::default() }, &provider).unwrap();
        let records =
            Opened::of(&demo.connect(&crate::one_page(), false, None).unwrap().0.recording, &demo.secrets()).records;
        for (number, record) in records.iter().enumerate() {
            for byte in (0..RecordHeader::LEN + record.record.fragment.len()).step_by(if number < 2 { 5 } else { 13 }) {
                let flip = crate::pair::Flip { record: number + 1, byte };
                let exchange = demo.connect(&crate::one_page(), false, Some(flip)).unwrap().0;
                tried += 1;
                noticed += usize::from(exchange.given_up.is_some() || !exchange.is_established);
            }
        }
    }
    // What is not noticed stands where nobody looks: in the version of a record, or behind a goodbye.
    assert!(tried > 300 && noticed * 10 > tried * 8, "{noticed} of {tried}");
}
