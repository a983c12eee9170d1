//! The checker's expectations, against `wire::tls` and the RFCs, which know nothing of this lab.

use super::*;
use crate::check::ask::{Ask, Expected};
use crate::subjects::SEED;
use host::lab::Value;
use wire::tls::{Handshake, Version};

fn asks(check: &str) -> Vec<Ask> {
    let Some(parts) = parts(check, SEED) else { panic!("there is no check '{check}'") };
    let [Part::Asks(asks)] = <[Part; 1]>::try_from(parts).ok().unwrap() else { panic!("{check}") };
    asks
}

#[test]
fn what_is_rejected_has_something_beside_it_that_is_not() {
    for (check, least) in [
        ("record-limits", 8),
        ("too-long", 3),
        ("lengths", 3),
        ("name-limits", 3),
        ("versions", 10),
        ("shared", 10),
        ("expand", 10),
        ("inner", 10),
    ] {
        let asks = asks(check);
        let bad = asks.iter().filter(|ask| matches!(ask.expected, Expected::Malformed)).count();
        assert!(asks.len() - bad >= least && bad >= 2, "{check}: {bad} of {}", asks.len());
    }
    assert!(parts("no-such-check", SEED).is_none());
}

#[test]
fn hellos_are_what_the_workspace_reads_in_them() {
    for ask in asks("hello") {
        let (Value::Bytes(body), Expected::Is(Value::Record(_, fields))) = (&ask.arguments[0].1, &ask.expected) else {
            panic!("{ask:?}");
        };
        let message = [&[1][..], &vector(3, body)].concat();
        let Ok(Handshake::ClientHello(hello)) = Handshake::parse(&message, Version::TLS_1_2) else { panic!("{ask:?}") };
        let suites: Vec<Value> = hello.cipher_suites.iter().map(|suite| Value::Word(suite.0)).collect();
        let read = [
            Value::Word(hello.legacy_version.0),
            hello.random[..].into(),
            hello.session_id.into(),
            suites.into(),
            Value::List(vec![]),
        ];
        assert!(fields.iter().map(|(_, value)| value).eq(&read), "{ask:?}");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn keys_are_those_of_the_rfcs() {
    // RFC 5869 appendix A.1.
    let key = unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    let made = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(keys::expanded(&key, &[&unhex("f0f1f2f3f4f5f6f7f8f9")], 42), unhex(made));
    // RFC 8448 section 3.
    let secret = unhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    for (label, made) in [("key", "3fce516009c21727d0f2e4e86ee403bc"), ("iv", "5d313eb2671276ee13000b30")] {
        let made = unhex(made);
        let info = keys::hkdf_label(label, &[], u16::try_from(made.len()).unwrap());
        assert_eq!(keys::expanded(&secret, &[&info], made.len()), made);
    }
    // Small enough to multiply one by one.
    for (base, exponent) in (0..30).flat_map(|base| (0..30).map(move |exponent| (base, exponent))) {
        let product = (0..exponent).fold(1, |product, _| product * base % 23);
        assert_eq!(keys::power_of(base, exponent, 23), product);
    }
}
