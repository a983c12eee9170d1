//! A connection that tls-peek made: its keys, its records, and what is in them.

use crate::drawn::events;
use crate::run::Run;
use figure::{Origin, Sealed, View};
use serde_json::Value;
use std::collections::BTreeMap;
use tls_peek::schedule::{Algorithms, Keys};
use wire::dissect::Protocol;
use wire::tls::{CipherSuite, RecordHeader};

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_string()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// The key schedule of RFC 8446 section 7.1, with what is known of this connection's.
pub(crate) fn origins(run: &Run) -> Vec<Origin> {
    let keys: BTreeMap<String, Value> =
        events(&run.printed, "keys").map(|event| (text(&event["label"]), event)).collect();
    let plain =
        |depth, name: &str, by: &str| Origin { depth, name: name.into(), by: by.into(), value: None, seals: None };
    let mut all = vec![
        plain(0, "Early Secret", "Extract from 0 and the PSK, or 0"),
        plain(1, "Handshake Secret", "Extract from it and what X25519 gave"),
    ];
    let mut add = |depth: usize, side: &str, label: &str, logged: &str, seals: &str| {
        let event = keys.get(logged).unwrap_or_else(|| panic!("no {logged} in what was printed"));
        let name = format!("{side} traffic secret");
        let value = Some(text(&event["secret"]));
        all.push(Origin { depth, name, by: format!("Expand \"{label}\""), value, seals: Some(seals.into()) });
        for (name, label) in [("key", "key"), ("iv", "iv")] {
            let value = Some(text(&event[name]));
            let by = format!("Expand \"{label}\", {} bytes", unhex(&text(&event[name])).len());
            all.push(Origin {
                depth: depth + 1,
                name: name.to_uppercase().replace("KEY", "key"),
                by,
                value,
                seals: None,
            });
        }
    };
    add(2, "server handshake", "s hs traffic", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "{Certificate}");
    add(2, "client handshake", "c hs traffic", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "{Finished}");
    all.push(plain(2, "Master Secret", "Extract from it and 0"));
    let mut add = |side: &str, label: &str, logged: &str| {
        let name = format!("{side} application traffic secret");
        let value = Some(text(&keys[logged]["secret"]));
        all.push(Origin { depth: 3, name, by: format!("Expand \"{label}\""), value, seals: Some("[data]".into()) });
    };
    add("server", "s ap traffic", "SERVER_TRAFFIC_SECRET_0");
    add("client", "c ap traffic", "CLIENT_TRAFFIC_SECRET_0");
    all.push(plain(3, "resumption master secret", "Expand \"res master\"; tickets name PSKs made of it"));
    all
}

/// The record of this number, as the server sent it, opened anew with the secret that was printed.
pub(crate) fn sealed(run: &Run, number: usize) -> Sealed {
    let records: Vec<Value> = events(&run.printed, "record").collect();
    let record = &records[number - 1];
    assert_eq!(record["from"], "server", "record {number} is the server's");
    let before = records[..number - 1].iter().filter(|record| record["from"] == "server").count();
    let stream = stream(run);
    let mut rest = stream.as_slice();
    let mut take = |count: usize| {
        let (taken, behind) = rest.split_at(count);
        rest = behind;
        taken.to_vec()
    };
    let mut next = || {
        let header = take(RecordHeader::LEN);
        let fragment = take(usize::from(u16::from_be_bytes([header[3], header[4]])));
        (header, fragment)
    };
    (0..before).for_each(|_| drop(next()));
    let (header, fragment) = next();

    let is_of = |event: &Value| event["from"] == "server" && event["stage"] == record["stage"];
    let event = events(&run.printed, "keys").find(is_of).expect("its keys are printed");
    let suites =
        [CipherSuite::AES_256_GCM_SHA384, CipherSuite::AES_128_GCM_SHA256, CipherSuite::CHACHA20_POLY1305_SHA256];
    let suite =
        suites.into_iter().find(|suite| suite.to_string() == text(&event["suite"])).expect("a suite of TLS 1.3");
    let mut keys = Keys::of(Algorithms::of(suite).expect("one that is known"), &unhex(&text(&event["secret"])));
    keys.sequence = record["sequence"].as_u64().expect("a number");
    let (parsed, _) = RecordHeader::take(&header).expect("a header");
    let opened = keys.open(&parsed, &fragment).expect("it opens with the secret that was printed");
    let inner = [opened.content.as_slice(), &[opened.content_type.0], &vec![0; opened.padding]].concat();
    let of_record = |event: &Value| event["record"] == number;
    let names: Vec<String> =
        events(&run.printed, "message").filter(of_record).map(|event| text(&event["name"])).collect();
    let beginning: String = opened.content.iter().take(17).copied().map(char::from).collect();
    let holds = if names.is_empty() { format!("\"{}\" …", beginning.escape_default()) } else { names.join(", ") };
    let content = format!("{} bytes: {holds}", opened.content.len());
    Sealed { header, fragment, iv: keys.iv.clone(), sequence: opened.sequence, inner, content }
}

/// What the client received from port 443: nothing is lost in these runs, so segments are in their order.
fn stream(run: &Run) -> Vec<u8> {
    let mut stream = vec![];
    for packet in &run.nodes[&run.at] {
        let dissection = packet.dissect();
        let Some(tcp) = dissection.layer(Protocol::Tcp) else { continue };
        if tcp.field("source_port").map(|field| field.number()) == Some(443) {
            stream.extend(&packet.bytes[tcp.payload()]);
        }
    }
    stream
}

/// Each record, and what is in it.
pub(crate) fn views(run: &Run) -> Vec<View> {
    let in_record = |number: &Value| {
        let of_record = |event: &Value| event["record"] == *number;
        events(&run.printed, "message").filter(of_record).map(|event| text(&event["name"])).collect::<Vec<_>>()
    };
    let view = |event: Value| {
        let mut holds = in_record(&event["number"]);
        if holds.is_empty() {
            holds.push(text(&event["content_type"]));
        }
        let bytes = usize::try_from(event["bytes"].as_u64().expect("a number")).expect("a length");
        View { from: text(&event["from"]), bytes, is_sealed: event["stage"] != "clear", holds }
    };
    events(&run.printed, "record").map(view).collect()
}
