//! Handed out: nothing to write here. Your file is `checksum.rs`.
//!
//! `cargo lab check 03` asks your functions, by `answer`. `cargo lab run 03 -- 45 00 00 1c …` runs them on bytes of yours.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod checksum;

use checksum::Header;
use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::process::ExitCode;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "sum" => Value::Word(checksum::sum(ask.bytes(0)?)?),
        "checksum" => Value::Word(checksum::checksum(ask.bytes(0)?)?),
        "verify" => checksum::verify(ask.bytes(0)?)?.into(),
        "update" => Value::Word(checksum::update(ask.word(0)?, ask.word(1)?, ask.word(2)?)?),
        "emit" => checksum::emit(&header_of(ask)?, ask.bytes(7)?)?.into(),
        "parse" => {
            let (header, payload) = checksum::parse(ask.bytes(0)?)?;
            record(&header, payload)
        }
        _ => return Err(LabError::NotYet),
    })
}

fn header_of(ask: &Question) -> Lab<Header> {
    Ok(Header {
        tos: ask.number(0)?,
        ident: ask.word(1)?,
        flags_offset: ask.word(2)?,
        ttl: ask.number(3)?,
        protocol: ask.number(4)?,
        src: ask.address(5)?,
        dst: ask.address(6)?,
    })
}

fn record(header: &Header, payload: &[u8]) -> Value {
    Value::record(
        "packet",
        [
            ("tos", header.tos.into()),
            ("ident", Value::Word(header.ident)),
            ("flags_offset", Value::Word(header.flags_offset)),
            ("ttl", header.ttl.into()),
            ("protocol", header.protocol.into()),
            ("src", header.src.into()),
            ("dst", header.dst.into()),
            ("payload", payload.into()),
        ],
    )
}

/// Sums the bytes of the command line, in hexadecimal.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let bytes: Vec<u8> = words.iter().map(|word| byte(word)).collect::<Lab<_>>()?;
    println!("sum       {:04x}", checksum::sum(&bytes)?);
    println!("checksum  {:04x}", checksum::checksum(&bytes)?);
    println!("verify    {}", checksum::verify(&bytes)?);
    match checksum::parse(&bytes) {
        Ok((header, payload)) => {
            println!("IPv4      {} to {}, ttl {}, {} bytes", header.src, header.dst, header.ttl, payload.len())
        }
        Err(error) => println!("IPv4      {error}"),
    }
    Ok(())
}

fn byte(word: &str) -> Lab<u8> {
    u8::from_str_radix(word, 16).map_err(|_| host::Error::Other(format!("'{word}' is no byte in hexadecimal")).into())
}
