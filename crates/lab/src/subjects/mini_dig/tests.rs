//! What the checker expects, against `wire::dns`, which knows nothing of this lab.

use super::*;
use crate::check::ask::{Ask, Expected};
use crate::subjects::SEED;
use host::lab::Value;
use wire::dns::{Header, Message, Name, Question, Rdata, Type};

/// All questions of a check.
fn asks(check: &str) -> Vec<Ask> {
    let Some(parts) = parts(check, SEED) else { panic!("there is no check '{check}'") };
    let [Part::Asks(asks)] = <[Part; 1]>::try_from(parts).ok().unwrap() else { panic!("{check}") };
    asks
}

fn text(ask: &Ask, at: usize) -> &str {
    let Value::Text(text) = &ask.arguments[at].1 else { panic!("{ask:?}") };
    text
}

fn bytes(ask: &Ask, at: usize) -> &[u8] {
    let Value::Bytes(bytes) = &ask.arguments[at].1 else { panic!("{ask:?}") };
    bytes
}

/// A field of what is expected.
fn field(ask: &Ask, name: &str) -> Option<Value> {
    let Expected::Is(Value::Record(_, fields)) = &ask.expected else { return None };
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
}

fn shown(name: &Name) -> Value {
    let labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_vec).collect();
    Value::Text(layout::shown(&labels))
}

#[test]
fn names_and_queries_are_those_of_the_crate() {
    for ask in asks("name") {
        // A text without anything is the root to that crate, as it is to nobody who asks for it.
        let theirs = text(&ask, 0).parse::<Name>().ok().filter(|_| !text(&ask, 0).is_empty());
        match (&ask.expected, theirs) {
            (Expected::Is(Value::Bytes(expected)), Some(name)) => assert_eq!(expected, name.wire(), "{ask:?}"),
            (Expected::Malformed, None) => (),
            (_, theirs) => panic!("{ask:?}: {theirs:?}"),
        }
    }
    let mut compared = 0;
    for ask in asks("query") {
        let Expected::Bytes(expected, _) = &ask.expected else { continue };
        let (message, behind) = Message::parse(expected).unwrap();
        let (id, rd) = (&ask.arguments[0].1, &ask.arguments[1].1);
        assert_eq!((id, rd), (&Value::Word(message.header.id), &Value::Flag(message.header.rd)));
        let Value::Number(qtype) = ask.arguments[3].1 else { panic!("{ask:?}") };
        let question = Question::new(text(&ask, 2).parse().unwrap(), Type(u16::try_from(qtype).unwrap()));
        assert!(behind.is_empty());
        assert_eq!(*expected, Message::query(message.header.id, message.header.rd, question).bytes());
        compared += 1;
    }
    assert!(compared > 10);
}

#[test]
fn headers_are_those_of_the_crate() {
    for ask in asks("header") {
        let Some(header) = bytes(&ask, 0).first_chunk().map(Header::read) else {
            assert!(matches!(ask.expected, Expected::Malformed), "{ask:?}");
            continue;
        };
        let fields: [(&str, Value); 12] = [
            ("id", Value::Word(header.id)),
            ("response", header.qr.into()),
            ("opcode", header.opcode.into()),
            ("authoritative", header.aa.into()),
            ("truncated", header.tc.into()),
            ("recursion_desired", header.rd.into()),
            ("recursion_available", header.ra.into()),
            ("rcode", header.rcode.into()),
            ("questions", header.qdcount.into()),
            ("answers", header.ancount.into()),
            ("authorities", header.nscount.into()),
            ("additionals", header.arcount.into()),
        ];
        for (name, value) in fields {
            assert_eq!(field(&ask, name), Some(value), "{name} of {ask:?}");
        }
    }
}

/// Whole messages are asked about, so the crate can read them too: it finds the same names, and stops where none is.
#[test]
fn names_in_messages_are_those_of_the_crate() {
    let mut accepted = 0;
    for ask in ["labels", "pointer", "limits"].into_iter().flat_map(asks) {
        let theirs = Message::parse(bytes(&ask, 0));
        let Some(expected) = field(&ask, "name") else {
            assert!(matches!(ask.expected, Expected::Malformed) && theirs.is_err(), "{ask:?}");
            continue;
        };
        // Some of the questions are about the middle of a name.
        let Ok((message, _)) = theirs else { panic!("{ask:?}: {theirs:?}") };
        let names = message.questions.iter().map(|question| &question.qname);
        let names: Vec<Value> = names.chain(message.answers.iter().map(|record| &record.name)).map(shown).collect();
        assert!(names.contains(&expected) || ask.arguments[1].1 == Value::Number(15), "{ask:?}: {names:?}");
        accepted += 1;
    }
    assert!(accepted > 70, "{accepted}");
}

#[test]
fn records_are_those_of_the_crate() {
    for ask in ["record", "rdata"].into_iter().flat_map(asks) {
        let theirs = Message::parse(bytes(&ask, 0));
        if matches!(ask.expected, Expected::Malformed) {
            assert!(theirs.is_err(), "{ask:?}");
            continue;
        }
        let (message, _) = theirs.unwrap();
        let record = &message.answers[0];
        assert_eq!(field(&ask, "name"), Some(shown(&record.name)));
        assert_eq!(field(&ask, "ttl"), Some(record.ttl.into()));
        let data = field(&ask, "data");
        match &record.rdata {
            Rdata::A(a) => assert_eq!(data, Some(a.address.into())),
            Rdata::Ns(ns) => assert_eq!(data, Some(shown(&ns.nsdname))),
            Rdata::Cname(cname) => assert_eq!(data, Some(shown(&cname.cname))),
            Rdata::Soa(soa) => assert_eq!(field(&ask, "minimum"), Some(soa.minimum.into())),
            other => assert_eq!(field(&ask, "type"), Some(other.rrtype().0.into())),
        }
        let rest = bytes(&ask, 0).len() - 16;
        assert_eq!(field(&ask, "behind"), Some(rest.into()), "the record behind it has 16 bytes: {ask:?}");
    }
}

#[test]
fn an_answer_is_mine_if_id_and_question_are_those_of_the_crate() {
    let mut mine = 0;
    for ask in asks("mine") {
        let (query, _) = Message::parse(bytes(&ask, 0)).unwrap();
        let same = Message::parse(bytes(&ask, 2)).is_ok_and(|(answer, _)| {
            answer.header.qr && answer.header.id == query.header.id && answer.questions == query.questions
        });
        let expected = same && ask.arguments[1].1 == ask.arguments[3].1;
        assert!(matches!(ask.expected, Expected::Is(Value::Flag(is_mine)) if is_mine == expected), "{ask:?}");
        mine += usize::from(expected);
    }
    assert_eq!(mine, 25);
}

#[test]
fn names_lie_within_zones_as_the_crate_has_it() {
    for ask in asks("within") {
        let [name, zone] = [0, 1].map(|at| text(&ask, at).parse::<Name>().unwrap());
        let expected = name.is_within(&zone);
        assert!(matches!(ask.expected, Expected::Is(Value::Flag(is)) if is == expected), "{ask:?}");
    }
}

/// Silence earns nothing: each check has something that must come out, and what rejects has that too.
#[test]
fn no_check_is_passed_by_one_answer_to_all() {
    for (check, least) in [("name", 10), ("labels", 10), ("limits", 5), ("within", 5), ("mine", 20), ("header", 10)] {
        let same = |ask: &Ask| matches!(ask.expected, Expected::Malformed | Expected::Is(Value::Flag(false)));
        let (all, rejected) = (asks(check).len(), asks(check).iter().filter(|ask| same(ask)).count());
        assert!(all - rejected >= least && rejected >= 5, "{check}: {rejected} of {all}");
    }
    assert!(parts("no-such-check", SEED).is_none());
}
