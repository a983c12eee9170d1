use super::*;
use crate::secrets::{hex, unhex};

/// A trace of RFC 8448, and its secrets with the keys that come of them.
macro_rules! traces {
    ($($name:literal,)*) => {
        [$(
            (
                include_str!(concat!("../../../../testdata/tls/", $name, ".txt")),
                include_str!(concat!("../../../../testdata/tls/", $name, ".keys")),
            ),
        )*]
    };
}

/// Those of sections 3 to 7.
const TRACES: [(&str, &str); 5] =
    traces!["simple-handshake", "resumed-0-rtt", "hello-retry-request", "client-authentication", "compatibility-mode",];

const KEYS: &str = TRACES[0].1;

/// Each record of a trace with what the RFC says is in it.
fn trace(text: &str) -> Vec<(Side, Vec<String>, Vec<u8>)> {
    let mut records: Vec<(Side, Vec<String>, Vec<u8>)> = vec![];
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(digits) => records.last_mut().unwrap().2.extend(unhex(digits).unwrap()),
            None => {
                let mut words = line.split(' ');
                let from = if words.next() == Some("client") { Side::Client } else { Side::Server };
                records.push((from, words.map(str::to_string).collect(), vec![]));
            }
        }
    }
    records
}

fn recording_of(text: &str) -> Recording {
    let mut recording = Recording::default();
    for (number, (from, _, bytes)) in trace(text).iter().enumerate() {
        recording.add(*from, Time(number as u64), bytes);
    }
    recording
}

fn recording() -> Recording {
    recording_of(TRACES[0].0)
}

fn told(record: &OpenedRecord) -> Vec<String> {
    let messages: Vec<String> =
        record.messages.iter().map(|message| message.handshake.as_ref().unwrap().name()).collect();
    if messages.is_empty() { vec![record.content_type.to_string()] } else { messages }
}

/// What the RFC has for a stage and an end: key and iv, from the comments of a key log.
fn keys(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split(' ').count() == 4)
        .map(String::from)
        .collect()
}

#[test]
fn traces_of_rfc_8448_open_record_by_record_with_its_keys() {
    for (text, secrets) in TRACES {
        let title = text.lines().next().unwrap();
        let opened = Opened::of(&recording_of(text), &Secrets::read(secrets));
        let told: Vec<_> = opened.records.iter().map(|record| (record.from, told(record))).collect();
        let expected: Vec<_> = trace(text).into_iter().map(|(from, messages, _)| (from, messages)).collect();
        assert_eq!(told, expected, "{title}");
        let right: Vec<_> =
            opened.messages().filter_map(|(from, _, message)| Some((from, message.is_right?))).collect();
        assert_eq!(right, [(Side::Server, true), (Side::Client, true)], "{title}");
        assert_eq!(opened.ends, [], "{title}");
        let mut derived: Vec<String> = (opened.epochs.iter())
            .map(|epoch| {
                let stage = format!("{:?}", epoch.stage).to_lowercase();
                format!("{stage} {} {} {}", epoch.from, hex(&epoch.key), hex(&epoch.iv))
            })
            .collect();
        let mut expected = keys(secrets);
        derived.sort_unstable();
        expected.sort_unstable();
        assert_eq!(derived, expected, "{title}");
    }
}

#[test]
fn data_of_the_simple_handshake_are_those_of_rfc_8448_section_3() {
    let opened = Opened::of(&recording(), &Secrets::read(KEYS));
    // What both ends say, and the same in both directions: 50 bytes that count.
    let data: Vec<u8> = (0..50).collect();
    assert_eq!([&opened.records[5].content, &opened.records[6].content], [&data, &data]);
}

#[test]
fn records_open_however_the_streams_are_cut() {
    let whole = recording();
    let mut bytewise = Recording::default();
    for (number, flight) in whole.flights.iter().enumerate() {
        for (place, byte) in flight.bytes.iter().enumerate() {
            bytewise.add(flight.from, Time((number * 1000 + place) as u64), &[*byte]);
        }
    }
    let secrets = Secrets::read(KEYS);
    let all = |recording: &Recording| Opened::of(recording, &secrets).records.iter().map(told).collect::<Vec<_>>();
    assert_eq!(all(&bytewise), all(&whole));
}

#[test]
fn without_secrets_only_the_hellos_are_legible() {
    let opened = Opened::of(&recording(), &Secrets::default());
    let closed =
        opened.records.iter().filter(|record| record.protection == Protection::Closed(Closed::NoSecret)).count();
    assert_eq!((opened.messages().count(), closed), (2, 7));
}

#[test]
fn one_flipped_bit_closes_a_record_and_those_behind_it() {
    let mut recording = recording();
    recording.flights[2].bytes[200] ^= 1;
    let opened = Opened::of(&recording, &Secrets::read(KEYS));
    assert_eq!(opened.records[2].protection, Protection::Closed(Closed::DoesNotOpen));
}
