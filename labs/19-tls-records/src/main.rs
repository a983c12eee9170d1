//! Handed out: nothing to write here. Your file is `tls_records.rs`.
//!
//! `cargo lab check 19` asks your functions, by `answer`. `cargo lab run 19 -- dh 5 23 6 15` does Diffie–Hellman with yours, and
//! somebody listens; `cargo lab run 19 -- watch` reads what passes, as `watch.rs` says.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod tls_records;

mod chacha;
#[allow(unused, reason = "as long as nothing is derived, nothing is hashed")]
mod sha256;
mod watch;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::process::ExitCode;
use tls_records::{Extension, Messages};

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "record" => match tls_records::record(ask.bytes(0)?)? {
            Some((record, takes)) => Value::record(
                "record",
                [
                    ("content_type", record.content_type.into()),
                    ("fragment", record.fragment.into()),
                    ("bytes of the stream", takes.into()),
                ],
            ),
            None => Value::Nothing,
        },
        "arrive" => {
            let mut messages = Messages { held: Default::default() };
            let mut fields = vec![];
            for (at, fragment) in ask.list(0)?.iter().enumerate() {
                let Value::Bytes(fragment) = fragment else { return Err(odd()) };
                for message in messages.arrive(fragment)? {
                    let name = format!("message after fragment {}", at + 1);
                    let (msg_type, body) = (message.msg_type.into(), message.body.into());
                    fields.push((name, Value::record("message", [("msg_type", msg_type), ("body", body)])));
                }
            }
            Value::Record("messages".into(), fields)
        }
        "client_hello" => {
            let hello = tls_records::client_hello(ask.bytes(0)?)?;
            let suites: Vec<Value> = hello.cipher_suites.iter().map(|suite| Value::Word(*suite)).collect();
            let extensions: Vec<Value> = hello.extensions.iter().map(extension).collect();
            Value::record(
                "ClientHello",
                [
                    ("legacy_version", Value::Word(hello.legacy_version)),
                    ("random", hello.random.into()),
                    ("session_id", hello.session_id.into()),
                    ("cipher_suites", suites.into()),
                    ("extensions", extensions.into()),
                ],
            )
        }
        "server_name" => match tls_records::server_name(&extensions(ask, 0)?)? {
            Some(name) => Value::Text(name),
            None => Value::Nothing,
        },
        "versions" => {
            let offered = tls_records::versions(ask.word(0)?, &extensions(ask, 1)?)?;
            offered.into_iter().map(Value::Word).collect::<Vec<_>>().into()
        }
        "power" => tls_records::power(ask.number(0)?, ask.number(1)?, ask.number(2)?)?.into(),
        "shared" => tls_records::shared(ask.number(0)?, ask.number(1)?, ask.number(2)?)?.into(),
        "crack" => tls_records::crack(ask.number(0)?, ask.number(1)?, ask.number(2)?)?.into(),
        "expand" => tls_records::expand(ask.bytes(0)?, ask.bytes(1)?, ask.number(2)?)?.into(),
        "expand_label" => {
            let Some(Value::Text(label)) = ask.arguments.get(1) else { return Err(odd()) };
            tls_records::expand_label(ask.bytes(0)?, label, ask.bytes(2)?, ask.number(3)?)?.into()
        }
        "nonce" => {
            let iv = ask.bytes(0)?.try_into().map_err(|_| odd())?;
            tls_records::nonce(iv, ask.number(1)?)?[..].into()
        }
        "inner" => {
            let (content_type, content) = tls_records::inner(ask.bytes(0)?)?;
            Value::record("inner", [("content_type", content_type.into()), ("content", content.into())])
        }
        _ => return Err(LabError::NotYet),
    })
}

fn extension((extension_type, data): &Extension) -> Value {
    Value::record("extension", [("type", (*extension_type).into()), ("data", (*data).into())])
}

fn extensions(ask: &Question, at: usize) -> Lab<Vec<Extension<'_>>> {
    ask.list(at)?.iter().map(one_extension).collect()
}

fn one_extension(value: &Value) -> Lab<Extension<'_>> {
    let Value::Record(_, fields) = value else { return Err(odd()) };
    match fields.as_slice() {
        [(_, Value::Number(number)), (_, Value::Bytes(data))] => Ok((*number as u16, data.as_slice())),
        _ => Err(odd()),
    }
}

fn odd() -> LabError {
    said("a question is not what it should be")
}

fn said(what: &str) -> LabError {
    host::Error::Other(what.into()).into()
}

/// `dh BASE MODULUS SECRET SECRET`, or `watch`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    match words {
        [word, numbers @ ..] if word == "dh" => {
            let numbers: Vec<u32> = numbers.iter().filter_map(|word| word.parse().ok()).collect();
            match numbers[..] {
                [base, modulus @ 3..1_000_000, one, other] => diffie_hellman(base, modulus, one, other),
                _ => Err(said("say a base, a modulus from 3 to 999999, and two secrets, as in: dh 5 23 6 15")),
            }
        }
        [word, words @ ..] if word == "watch" => watch::run(host, words),
        _ => Err(said("say `dh BASE MODULUS SECRET SECRET` or `watch [-i INTERFACE] [SECRET…]`")),
    }
}

fn diffie_hellman(base: u32, modulus: u32, one: u32, other: u32) -> Lab<()> {
    let (from_one, from_other) = (tls_records::power(base, one, modulus)?, tls_records::power(base, other, modulus)?);
    println!("one      keeps {one}, and says {base}^{one} % {modulus} = {from_one}");
    println!("other    keeps {other}, and says {base}^{other} % {modulus} = {from_other}");
    let (at_one, at_other) =
        (tls_records::shared(from_other, one, modulus), tls_records::shared(from_one, other, modulus));
    if let (Err(LabError::Malformed), _) | (_, Err(LabError::Malformed)) = (&at_one, &at_other) {
        println!("         and a number like that is refused: whoever hears it knows what will come out");
        return Ok(());
    }
    let (at_one, at_other) = (at_one?, at_other?);
    println!("one      has {from_other}^{one} % {modulus} = {at_one}");
    println!("other    has {from_one}^{other} % {modulus} = {at_other}");
    match tls_records::crack(base, modulus, from_one)? {
        Some(secret) => {
            let heard = tls_records::shared(from_other, secret, modulus)?;
            println!("listener tries {secret} secrets, and has {heard} too");
        }
        None => println!("listener finds no secret for {from_one}"),
    }
    Ok(())
}
