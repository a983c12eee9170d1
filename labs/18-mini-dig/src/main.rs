//! Handed out: nothing to write here. Your file is `mini_dig.rs`.
//!
//! `cargo lab check 18` asks your functions, by `answer`. `cargo lab run 18 -- query 4660 www.example.com 1` prints a query of
//! yours, `cargo lab run 18 -- read HEX` what your functions read in a message, and
//! `cargo lab run 18 --net names -- walk www.far.org` asks from the root down, with your functions for all that is decided.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod mini_dig;

mod walk;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use mini_dig::{Data, Header, Name, Next, Record, Response, Verdict};
use std::net::SocketAddrV4;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    let flag = |at: usize| ask.arguments.get(at) == Some(&Value::Flag(true));
    Ok(match ask.function.as_str() {
        "encode_name" => mini_dig::encode_name(text(ask, 0)?)?.into(),
        "encode_query" => mini_dig::encode_query(ask.word(0)?, flag(1), text(ask, 2)?, ask.number(3)?)?.into(),
        "header" => of_header(&mini_dig::header(ask.bytes(0)?)?),
        "read_name" => {
            let (name, behind) = mini_dig::read_name(ask.bytes(0)?, ask.number(1)?)?;
            Value::record("name", [("name", of_name(&name)), ("behind", behind.into())])
        }
        "read_record" => {
            let (record, behind) = mini_dig::read_record(ask.bytes(0)?, ask.number(1)?)?;
            let Value::Record(kind, mut fields) = of_record(&record) else { return Err(odd()) };
            fields.push(("behind".into(), behind.into()));
            Value::Record(kind, fields)
        }
        "is_within" => mini_dig::is_within(&name(ask, 0)?, &name(ask, 1)?)?.into(),
        "is_mine" => {
            let [to, from] = [end(text(ask, 1)?)?, end(text(ask, 3)?)?];
            mini_dig::is_mine(ask.bytes(0)?, to, ask.bytes(2)?, from)?.into()
        }
        "classify" => {
            let response = Response {
                name: name(ask, 1)?,
                qtype: ask.number(2)?,
                truncated: flag(3),
                rcode: ask.number(4)?,
                answers: records(ask, 5)?,
                authorities: records(ask, 6)?,
            };
            of_verdict(&mini_dig::classify(&response, &name(ask, 0)?)?)
        }
        "next" => {
            let servers = ask.list(2)?.iter().map(named).collect::<Lab<Vec<_>>>()?;
            match mini_dig::next(&name(ask, 0)?, &name(ask, 1)?, &servers, &records(ask, 3)?)? {
                Next::Ask(address) => Value::record("Ask", [("address", address.into())]),
                Next::Find(name) => Value::record("Find", [("name", of_name(&name))]),
                Next::Nobody => Value::record("Nobody", []),
            }
        }
        "negative_ttl" => mini_dig::negative_ttl(&name(ask, 0)?, &records(ask, 1)?)?.into(),
        _ => return Err(LabError::NotYet),
    })
}

fn text(ask: &Question, at: usize) -> Lab<&str> {
    match ask.arguments.get(at) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(odd()),
    }
}

fn end(text: &str) -> Lab<SocketAddrV4> {
    text.parse().map_err(|_| odd())
}

fn name(ask: &Question, at: usize) -> Lab<Name> {
    named(ask.arguments.get(at).ok_or_else(odd)?)
}

fn named(value: &Value) -> Lab<Name> {
    let Value::Text(text) = value else { return Err(odd()) };
    let labels = text.split('.').filter(|label| !label.is_empty());
    Ok(labels.map(|label| label.as_bytes().to_vec()).collect())
}

fn records(ask: &Question, at: usize) -> Lab<Vec<Record>> {
    ask.list(at)?.iter().map(record).collect()
}

fn record(value: &Value) -> Lab<Record> {
    let Value::Record(kind, fields) = value else { return Err(odd()) };
    let field = |at: usize| fields.get(at).map(|(_, value)| value).ok_or_else(odd);
    let number = |at: usize| match field(at)? {
        Value::Number(number) => u32::try_from(*number).map_err(|_| odd()),
        _ => Err(odd()),
    };
    let data = match (kind.as_str(), field(2)?) {
        ("A", Value::Address(address)) => Data::A(*address),
        ("NS", server) => Data::Ns(named(server)?),
        ("CNAME", name) => Data::Cname(named(name)?),
        ("SOA", _) => Data::Soa { minimum: number(2)? },
        (_, Value::Bytes(data)) => Data::Other(number(3)? as u16, data.clone()),
        _ => return Err(odd()),
    };
    Ok(Record { name: named(field(0)?)?, ttl: number(1)?, data })
}

fn odd() -> LabError {
    host::Error::Other("a question is not what it should be".into()).into()
}

fn of_header(header: &Header) -> Value {
    Value::record(
        "header",
        [
            ("id", Value::Word(header.id)),
            ("response", header.response.into()),
            ("opcode", header.opcode.into()),
            ("authoritative", header.authoritative.into()),
            ("truncated", header.truncated.into()),
            ("recursion_desired", header.recursion_desired.into()),
            ("recursion_available", header.recursion_available.into()),
            ("rcode", header.rcode.into()),
            ("questions", header.questions.into()),
            ("answers", header.answers.into()),
            ("authorities", header.authorities.into()),
            ("additionals", header.additionals.into()),
        ],
    )
}

/// As it is written for people; a byte that is no letter, digit, hyphen or underscore as `\DDD`.
fn of_name(name: &Name) -> Value {
    let byte = |byte: &u8| match byte {
        b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(*byte).to_string(),
        byte => format!("\\{byte:03}"),
    };
    let labels = name.iter().map(|label| label.iter().map(byte).collect::<String>() + ".");
    Value::Text(if name.is_empty() { ".".into() } else { labels.collect() })
}

fn of_record(record: &Record) -> Value {
    let whole = |kind, field, data| {
        Value::record(kind, [("name", of_name(&record.name)), ("ttl", record.ttl.into()), (field, data)])
    };
    match &record.data {
        Data::A(address) => whole("A", "data", (*address).into()),
        Data::Ns(server) => whole("NS", "data", of_name(server)),
        Data::Cname(name) => whole("CNAME", "data", of_name(name)),
        Data::Soa { minimum } => whole("SOA", "minimum", (*minimum).into()),
        Data::Other(rtype, data) => {
            let Value::Record(kind, mut fields) = whole("Other", "data", data.clone().into()) else {
                return Value::Nothing;
            };
            fields.push(("type".into(), (*rtype).into()));
            Value::Record(kind, fields)
        }
    }
}

fn of_verdict(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Answer => Value::record("Answer", []),
        Verdict::Follow(name) => Value::record("Follow", [("name", of_name(name))]),
        Verdict::Referral { zone, servers } => {
            let servers: Vec<Value> = servers.iter().map(of_name).collect();
            Value::record("Referral", [("zone", of_name(zone)), ("servers", servers.into())])
        }
        Verdict::NoName => Value::record("NoName", []),
        Verdict::NoData => Value::record("NoData", []),
        Verdict::Lame => Value::record("Lame", []),
        Verdict::Truncated => Value::record("Truncated", []),
        Verdict::Failed(rcode) => Value::record("Failed", [("rcode", (*rcode).into())]),
    }
}

/// Prints a query, or what is read in a message: `query ID NAME TYPE`, `read HEX`; or walks: `walk NAME [TYPE] [@ROOT]`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let said = |what: &str| LabError::from(host::Error::Other(what.into()));
    match words {
        [word, id, name, qtype] if word == "query" => {
            let number = |word: &str| word.parse().map_err(|_| said("the id and the type are numbers"));
            let query = mini_dig::encode_query(number(id)?, false, name, number(qtype)?)?;
            println!("{}", query.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            Ok(())
        }
        [word, hex @ ..] if word == "read" => {
            let digits: Vec<u32> = hex.concat().chars().filter_map(|digit| digit.to_digit(16)).collect();
            read(
                &digits
                    .chunks(2)
                    .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8))
                    .collect::<Vec<_>>(),
            )
        }
        [word, words @ ..] if word == "walk" => walk::run(host, words),
        _ => Err(said("say `query ID NAME TYPE`, `read HEX`, or `walk NAME [TYPE] [@ROOT]`")),
    }
}

fn read(message: &[u8]) -> Lab<()> {
    let header = mini_dig::header(message)?;
    tell(&of_header(&header));
    let mut at = 12;
    for _ in 0..header.questions {
        let (name, behind) = mini_dig::read_name(message, at)?;
        tell(&Value::record("question", [("name", of_name(&name))]));
        at = behind + 4;
    }
    for _ in 0..u32::from(header.answers) + u32::from(header.authorities) + u32::from(header.additionals) {
        let (record, behind) = mini_dig::read_record(message, at)?;
        tell(&of_record(&record));
        at = behind;
    }
    Ok(())
}

/// A line: what it is, and each field with its name.
fn tell(value: &Value) {
    let Value::Record(kind, fields) = value else { return };
    let one = |value: &Value| match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => format!("0x{word:04x}"),
        Value::Address(address) => address.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => format!("{bytes:02x?}"),
        _ => "?".into(),
    };
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {}", one(value))).collect();
    println!("{kind:<8} {}", fields.join(", "));
}
