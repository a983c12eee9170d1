//! Records in a stream, and handshake messages in records.

use super::{asked, first, malformed, vector};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;
use host::lab::Value;

const RECORD: &str =
    "RFC 8446 section 5.1: type (1 byte), legacy_record_version (2), which is ignored, length (2), and the fragment";
const CUT: &str = "RFC 9293 section 3.1: TCP delivers a stream of bytes; where one record ends only its length says";
const TYPE: &str = "RFC 8446 section 5: a record of an unexpected type ends the connection with unexpected_message";
const LENGTH: &str = "RFC 8446 section 5.2: a length of more than 2^14 + 256 ends the connection with record_overflow";
const MESSAGES: &str = "RFC 8446 section 5.1: several handshake messages may be in a record, or one go over several";
const HEADER: &str = "RFC 8446 section 4: msg_type (1 byte), length (3) of what follows";
const EMPTY: &str = "RFC 8446 section 5.1: zero-length fragments of handshake types are not sent";
const TOO_LONG: &str =
    "no RFC: 2^24 bytes can be claimed with four; whoever waits for them keeps them in memory meanwhile";

/// The longest fragment that is taken, and the longest message.
const MOST: usize = (1 << 14) + 256;
const LONGEST: usize = 1 << 16;

/// A record's bytes.
pub(super) fn sealed_in(content_type: u8, version: u16, fragment: &[u8]) -> Vec<u8> {
    let [high, low] = version.to_be_bytes();
    [&[content_type, high, low][..], &vector(2, fragment)].concat()
}

fn whole(content_type: u8, version: u16, fragment: &[u8], behind: &[u8], why: &'static str) -> Ask {
    let mut stream = sealed_in(content_type, version, fragment);
    let takes = stream.len();
    stream.extend(behind);
    let expected = Value::record(
        "record",
        [("content_type", content_type.into()), ("fragment", fragment.into()), ("bytes of the stream", takes.into())],
    );
    asked("record", [("stream", stream.into())], expected, why)
}

pub(super) fn record(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![
        whole(21, 0x0303, &[2, 40], &[], RECORD),
        whole(20, 0x0303, &[1], &[], RECORD),
        whole(23, 0x0303, &[], &[], RECORD),
        // The first ClientHello says 0x0301, for the sake of old servers.
        whole(22, 0x0301, &[1, 0, 0, 0], &[], RECORD),
        whole(22, 0x7a1c, &[14, 0, 0, 0], &[], RECORD),
        whole(21, 0x0303, &[1, 0], &[23, 3, 3, 0, 1, 9], RECORD),
        whole(22, 0x0303, &[4, 0, 0, 0], &[0xff; 9], RECORD),
    ];
    for len in [3, 40, 255, 256, 300, 1400] {
        let (content_type, fragment) = (20 + draw.byte() % 4, draw.bytes(len));
        let behind = draw.index(20);
        let behind = draw.bytes(behind);
        asks.push(whole(content_type, draw.word(), &fragment, &behind, RECORD));
    }
    asks
}

pub(super) fn cut(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for len in [2, 7, 30] {
        let fragment = draw.bytes(len);
        let content_type = 20 + draw.byte() % 4;
        let stream = sealed_in(content_type, 0x0303, &fragment);
        asks.extend(
            (0..stream.len()).map(|end| asked("record", [("stream", first(&stream, end).into())], Value::Nothing, CUT)),
        );
        asks.push(whole(content_type, 0x0303, &fragment, &[], CUT));
    }
    asks
}

pub(super) fn limits(mut draw: Draw) -> Vec<Ask> {
    let bad = |stream: &[u8], why| malformed("record", [("stream", stream.into())], why);
    let wait = |stream: &[u8]| asked("record", [("stream", stream.into())], Value::Nothing, LENGTH);
    let mut asks = vec![
        wait(&[23, 3, 3, 0x41, 0]),
        bad(&[23, 3, 3, 0x41, 1], LENGTH),
        bad(&[22, 3, 3, 0xff, 0xff, 1, 0], LENGTH),
        bad(b"HTTP/1.1 400 Bad Request\r\n\r\n", TYPE),
        bad(b"H", TYPE),
        bad(&[0x80, 0x2e, 1, 0, 2], TYPE),
    ];
    for content_type in [0, 1, 19, 24, 26, 255] {
        asks.push(bad(&sealed_in(content_type, 0x0303, &[1, 2]), TYPE));
        asks.push(bad(&[content_type], TYPE));
    }
    asks.extend((20..=23).map(|content_type| wait(&[content_type])));
    for len in [1 << 14, (1 << 14) + 1, MOST] {
        asks.push(whole(23, 0x0303, &draw.bytes(len), &[], LENGTH));
    }
    let longer = draw.bytes(MOST + 1);
    asks.push(bad(&sealed_in(23, 0x0303, &longer), LENGTH));
    asks
}

fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    [&[msg_type][..], &vector(3, body)].concat()
}

fn arrive(fragments: &[Vec<u8>], expected: Vec<(String, Value)>, why: &'static str) -> Ask {
    let fragments: Vec<Value> = fragments.iter().map(|fragment| fragment.clone().into()).collect();
    asked("arrive", [("fragments", fragments.into())], Value::Record("messages".into(), expected), why)
}

fn told(fragment: usize, msg_type: u8, body: &[u8]) -> (String, Value) {
    let fields = [("msg_type", msg_type.into()), ("body", body.into())];
    (format!("message after fragment {fragment}"), Value::record("message", fields))
}

/// Each inner list is a fragment, of messages with bodies of these lengths.
pub(super) fn messages(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let built: [&[&[usize]]; 9] = [
        &[&[1]],
        &[&[0]],
        &[&[5]],
        &[&[2, 3]],
        &[&[0, 0, 1]],
        &[&[4], &[4]],
        &[&[255], &[256], &[300, 1]],
        &[&[25, 478, 72, 52], &[52]],
        &[&[8000, 8000]],
    ];
    for lens in built {
        let (mut fragments, mut expected) = (vec![], vec![]);
        for (at, lens) in lens.iter().enumerate() {
            let mut fragment = vec![];
            for len in *lens {
                let (msg_type, body) = (1 + draw.byte() % 20, draw.bytes(*len));
                fragment.extend(message(msg_type, &body));
                expected.push(told(at + 1, msg_type, &body));
            }
            fragments.push(fragment);
        }
        asks.push(arrive(&fragments, expected, HEADER));
    }
    asks
}

/// Messages one behind the other, and the bytes cut into fragments at these places.
fn pieces_of(messages: &[(u8, Vec<u8>)], cuts: &[usize]) -> Ask {
    let (mut bytes, mut ends) = (vec![], vec![]);
    for (msg_type, body) in messages {
        bytes.extend(message(*msg_type, body));
        ends.push(bytes.len());
    }
    let (mut fragments, mut from) = (vec![], 0);
    for cut in cuts.iter().copied().chain([bytes.len()]).filter(|cut| *cut <= bytes.len()) {
        if cut > from {
            fragments.push(bytes.get(from..cut).unwrap_or_default().to_vec());
            from = cut;
        }
    }
    let mut expected = vec![];
    for ((msg_type, body), end) in messages.iter().zip(ends) {
        let mut come = 0;
        let whole = fragments.iter().position(|fragment| {
            come += fragment.len();
            come >= end
        });
        expected.push(told(whole.map_or(0, |at| at + 1), *msg_type, body));
    }
    arrive(&fragments, expected, MESSAGES)
}

pub(super) fn pieces(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let one = |draw: &mut Draw, len: usize| (1 + draw.byte() % 20, draw.bytes(len));
    // Cut in the header, behind it, in the body, one byte a fragment, and with the next message's beginning in the same fragment.
    for cuts in [&[6][..], &[4], &[1], &[3], &[2, 5], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
        let messages = [one(&mut draw, 6)];
        asks.push(pieces_of(&messages, cuts));
    }
    for cuts in [&[12][..], &[10], &[13], &[15], &[8, 12], &[3, 16, 18, 29]] {
        let messages = [one(&mut draw, 6), one(&mut draw, 2), one(&mut draw, 9)];
        asks.push(pieces_of(&messages, cuts));
    }
    for _ in 0..8 {
        let messages: Vec<_> = (0..4)
            .map(|_| {
                let len = draw.index(60);
                one(&mut draw, len)
            })
            .collect();
        let mut cuts: Vec<usize> = (0..6).map(|_| 1 + draw.index(160)).collect();
        cuts.sort_unstable();
        asks.push(pieces_of(&messages, &cuts));
    }
    asks
}

pub(super) fn too_long(mut draw: Draw) -> Vec<Ask> {
    let bad = |fragments: &[Vec<u8>], why| {
        let fragments: Vec<Value> = fragments.iter().map(|fragment| fragment.clone().into()).collect();
        malformed("arrive", [("fragments", fragments.into())], why)
    };
    let header = |length: u32| {
        let [_, a, b, c] = length.to_be_bytes();
        vec![11, a, b, c]
    };
    let all = draw.bytes(LONGEST);
    let [longer, longest] = [1, 0x80].map(|times| 0x1_0000 + times * (1 + u32::from(draw.word())));
    let shorter = 1 + u32::from(draw.word());
    vec![
        arrive(&[header(0x1_0000)], vec![], TOO_LONG),
        bad(&[header(0x1_0001)], TOO_LONG),
        bad(&[header(0xff_ffff)], TOO_LONG),
        bad(&[message(8, &[1, 2]), header(0x2_0000)], TOO_LONG),
        bad(&[[message(8, &[1, 2]), header(0x80_0000)].concat()], TOO_LONG),
        arrive(&[message(8, &[1])], vec![told(1, 8, &[1])], EMPTY),
        bad(&[vec![]], EMPTY),
        bad(&[vec![11, 0, 0, 4, 1], vec![], vec![1, 2, 3]], EMPTY),
        pieces_of(&[(11, all)], &[1 << 14, 2 << 14, 3 << 14, 4 << 14]),
        arrive(&[header(shorter)], vec![], TOO_LONG),
        bad(&[header(longer)], TOO_LONG),
        bad(&[message(8, &[1, 2]), header(longest)], TOO_LONG),
    ]
}
