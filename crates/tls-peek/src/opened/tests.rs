use super::*;
use crate::secrets::unhex;

const TRACE: &str = include_str!("../../../../testdata/tls/simple-handshake.txt");
const KEYS: &str = include_str!("../../../../testdata/tls/simple-handshake.keys");

/// Each record of the trace with what the RFC says is in it.
fn trace() -> Vec<(Side, Vec<String>, Vec<u8>)> {
    let mut records: Vec<(Side, Vec<String>, Vec<u8>)> = vec![];
    for line in TRACE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
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

fn recording() -> Recording {
    let mut recording = Recording::default();
    for (number, (from, _, bytes)) in trace().iter().enumerate() {
        recording.add(*from, Time(number as u64), bytes);
    }
    recording
}

fn told(record: &OpenedRecord) -> Vec<String> {
    let messages: Vec<String> =
        record.messages.iter().map(|message| message.handshake.as_ref().unwrap().name()).collect();
    if messages.is_empty() { vec![record.content_type.to_string()] } else { messages }
}

#[test]
fn trace_of_rfc_8448_opens_record_by_record() {
    let opened = Opened::of(&recording(), &Secrets::read(KEYS));
    assert_eq!(opened.records.len(), 9);
    for ((from, expected, _), record) in trace().iter().zip(&opened.records) {
        assert_eq!((record.from, &told(record)), (*from, expected));
    }
    let finished: Vec<_> = opened.messages().filter_map(|(from, _, message)| Some((from, message.is_right?))).collect();
    assert_eq!(finished, [(Side::Server, true), (Side::Client, true)]);
    // What both ends say, and the same in both directions: RFC 8448 section 3, 50 bytes that count.
    let data: Vec<u8> = (0..50).collect();
    assert_eq!([&opened.records[5].content, &opened.records[6].content], [&data, &data]);
    assert_eq!(opened.ends, []);
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
