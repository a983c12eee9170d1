//! What a query is made of, what the header of an answer says, and whether it answers the query.

use super::layout::{CUT, NAME, SIZES, labels_of, pointing, whole};
use super::{A, AAAA, NS, asked, drawn, malformed, respelled};
use crate::check::ask::{Ask, Expected, Place};
use crate::subjects::draw::Draw;
use host::lab::Value;
use std::net::SocketAddrV4;

const EMPTY: &str = "RFC 1035 section 3.1: the label without bytes is the root, and it stands at the end alone";
const QUERY: &str =
    "RFC 1035 sections 4.1.1 and 4.1.2: twelve bytes of header, then QNAME, QTYPE and QCLASS, which is IN, 1";
const HEADER: &str =
    "RFC 1035 section 4.1.1: ID; QR, Opcode (4 bits), AA, TC, RD; RA, Z (3 bits), RCODE (4 bits); and four counts";
const RULES: &str =
    "RFC 5452 section 9.1: a response matches by its address and ID, and by the name, type and class of its question";
const PORT: &str = "RFC 2181 section 4.2: replies are sent from the port to which the queries were directed";
const QR: &str = "RFC 1035 section 4.1.1: QR is set in a response; a query that comes back is none";
const SAME_CASE: &str = "RFC 4343 section 3: letters of either case are the same in a comparison of names";

const QUERY_FIELDS: &[Place] = &[
    Place("ID", 0, 2),
    Place("QR, Opcode, AA, TC, RD", 2, 1),
    Place("RA, Z, RCODE", 3, 1),
    Place("QDCOUNT", 4, 2),
    Place("ANCOUNT", 6, 2),
    Place("NSCOUNT", 8, 2),
    Place("ARCOUNT", 10, 2),
];

pub(super) fn name(mut draw: Draw) -> Vec<Ask> {
    let right = |text: &str| {
        let expected = whole(&labels_of(text));
        asked("encode_name", [("text", text.into())], expected.into(), NAME)
    };
    let wrong = |text: &str, why| malformed("encode_name", [("text", text.into())], why);
    let of = |lengths: &[usize]| lengths.iter().map(|len| "a".repeat(*len)).collect::<Vec<_>>().join(".");
    let mut asks = vec![
        right("a"),
        right("com"),
        right("www.example.com"),
        right("www.example.com."),
        right("."),
        right("WWW.Example.Com"),
        right("_dmarc.xn--bcher-kva.example"),
        wrong("www..com", EMPTY),
        wrong(".com", EMPTY),
        wrong("", EMPTY),
        wrong("..", EMPTY),
        wrong("com..", EMPTY),
    ];
    for length in [10, 62, 63] {
        asks.push(right(&of(&[length, 3])));
    }
    asks.extend([64, 65, 192, 255, 256, 300].map(|length| wrong(&of(&[length, 3]), SIZES)));
    // 255 with all lengths and the root, and one more.
    asks.push(right(&of(&[63, 63, 63, 61])));
    asks.push(right(&(of(&[63, 63, 63, 61]) + ".")));
    asks.push(right(&of(&[1; 127])));
    asks.extend([&[63, 63, 63, 62][..], &[63, 63, 63, 63], &[1; 128]].map(|lengths| wrong(&of(lengths), SIZES)));
    for count in 1..10 {
        let text = drawn(&mut draw, count);
        asks.push(right(&text));
    }
    asks
}

/// A query by RFC 1035 section 4.1.
fn query_of(id: u16, recursion_desired: bool, name: &str, qtype: u16) -> Vec<u8> {
    let flags = u16::from(recursion_desired) << 8;
    let words = [id, flags, 1, 0, 0, 0].map(u16::to_be_bytes).concat();
    [words, whole(&labels_of(name)), [qtype, 1].map(u16::to_be_bytes).concat()].concat()
}

pub(super) fn query(mut draw: Draw) -> Vec<Ask> {
    let ask = |id: u16, recursion_desired: bool, name: &str, qtype: u16| Ask {
        function: "encode_query",
        arguments: vec![
            ("id", Value::Word(id)),
            ("recursion_desired", recursion_desired.into()),
            ("name", name.into()),
            ("qtype", qtype.into()),
        ],
        expected: Expected::Bytes(query_of(id, recursion_desired, name, qtype), QUERY_FIELDS),
        why: QUERY,
    };
    let mut asks = vec![
        ask(0x1234, false, "com", A),
        ask(0x1234, true, "com", A),
        ask(0x00ff, true, "www.example.com", AAAA),
        ask(0xff00, false, ".", NS),
        ask(0, true, "example.com.", 256),
        ask(u16::MAX, false, "example.com", 65),
        malformed(
            "encode_query",
            [
                ("id", Value::Word(1)),
                ("recursion_desired", true.into()),
                ("name", "a..b".into()),
                ("qtype", 1_u8.into()),
            ],
            EMPTY,
        ),
    ];
    for count in 1..10 {
        let name = drawn(&mut draw, count % 5);
        asks.push(ask(draw.word(), draw.below(2) == 1, &name, draw.word()));
    }
    asks
}

pub(super) fn header(mut draw: Draw) -> Vec<Ask> {
    let ask = |words: [u16; 6], behind: &[u8]| {
        let [id, flags, counts @ ..] = words;
        let bytes = [&words.map(u16::to_be_bytes).concat(), behind].concat();
        let bit = |at: u16| Value::Flag(flags & 1 << at != 0);
        let counts = counts.map(Value::from);
        let [questions, answers, authorities, additionals] = counts;
        let expected = Value::record(
            "header",
            [
                ("id", Value::Word(id)),
                ("response", bit(15)),
                ("opcode", (flags / 0x800 % 16).into()),
                ("authoritative", bit(10)),
                ("truncated", bit(9)),
                ("recursion_desired", bit(8)),
                ("recursion_available", bit(7)),
                ("rcode", (flags % 16).into()),
                ("questions", questions),
                ("answers", answers),
                ("authorities", authorities),
                ("additionals", additionals),
            ],
        );
        asked("header", [("message", bytes.into())], expected, HEADER)
    };
    let mut asks = vec![ask([0x1234, 0, 1, 0, 0, 0], &[])];
    // One bit at a time, then all.
    asks.extend((0..16).map(|bit| ask([0x1234, 1 << bit, 1, 2, 3, 4], &[0; 5])));
    asks.push(ask([0xffff, 0xffff, 256, 513, 770, 1027], &[]));
    for _ in 0..12 {
        let words = [(); 6].map(|()| draw.word());
        let behind = draw.bytes(4);
        asks.push(ask(words, &behind));
    }
    let bytes = draw.bytes(12);
    asks.extend((0..12).map(|cut| {
        malformed("header", [("message", bytes.iter().take(cut).copied().collect::<Vec<u8>>().into())], CUT)
    }));
    asks
}

pub(super) fn mine(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for (round, qtype) in [A, A, NS, AAAA, 65].into_iter().enumerate() {
        let text = if round == 0 { "www.example.com.".to_string() } else { drawn(&mut draw, 1 + round % 4) };
        // Type 65 has a byte that could be a letter, and 97 the same one in the other case.
        let id = draw.word();
        let server = SocketAddrV4::new(draw.address(), 53);
        let query = query_of(id, round % 2 == 1, &text, qtype);
        let ask = |answer: &[u8], from: SocketAddrV4, is_mine: bool, why| {
            let end = |end: SocketAddrV4| Value::from(end.to_string().as_str());
            let arguments =
                [("query", query.clone().into()), ("to", end(server)), ("answer", answer.into()), ("from", end(from))];
            asked("is_mine", arguments, is_mine.into(), why)
        };
        let with = |at: usize, new: u8| {
            let mut bytes = query.clone();
            bytes.iter_mut().skip(2).take(1).for_each(|flags| *flags |= 0x84);
            bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = new);
            bytes
        };
        let right = with(usize::MAX, 0);
        let another = |name: &str, qtype: u16| {
            let mut bytes = query_of(id, round % 2 == 1, name, qtype);
            bytes.iter_mut().skip(2).take(1).for_each(|flags| *flags |= 0x84);
            bytes
        };
        let mut with_record = with(7, 1);
        with_record.extend(pointing(&[], 12));
        with_record.extend([0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1]);
        asks.push(ask(&right, server, true, RULES));
        asks.push(ask(&with_record, server, true, RULES));
        asks.push(ask(&with(3, 0x83), server, true, RULES));
        asks.push(ask(&another(&respelled(&mut draw, &text), qtype), server, true, SAME_CASE));
        asks.push(ask(&another(&text.to_ascii_uppercase(), qtype), server, true, SAME_CASE));
        // One thing is different.
        let [high, low] = id.to_be_bytes();
        asks.push(ask(&with(0, high ^ 1), server, false, RULES));
        asks.push(ask(&with(1, low ^ 0x80), server, false, RULES));
        asks.push(ask(&query, server, false, QR));
        let neighbour = (server.ip().to_bits() ^ 1 << draw.below(24)).into();
        asks.push(ask(&right, SocketAddrV4::new(neighbour, 53), false, RULES));
        asks.push(ask(&right, SocketAddrV4::new(*server.ip(), 5353), false, PORT));
        asks.push(ask(&another(&format!("x{text}"), qtype), server, false, RULES));
        asks.push(ask(&another(&format!("www.{text}"), qtype), server, false, RULES));
        asks.push(ask(&another(".", qtype), server, false, RULES));
        asks.push(ask(&another(&text, qtype + 1), server, false, RULES));
        asks.push(ask(&another(&text, qtype ^ 32), server, false, RULES));
        asks.push(ask(&another(&text, qtype + 256), server, false, RULES));
        asks.push(ask(&with(query.len() - 1, 3), server, false, RULES));
        // No question in it, or not all of one.
        let cut = |end: usize| right.iter().take(end).copied().collect::<Vec<u8>>();
        asks.push(ask(&with(5, 0).into_iter().take(12).collect::<Vec<u8>>(), server, false, RULES));
        asks.push(ask(&[], server, false, CUT));
        for _ in 0..4 {
            let end = draw.index(right.len());
            asks.push(ask(&cut(end), server, false, CUT));
        }
    }
    asks
}
