//! Handed out: nothing to write here. Your file is `@file@.rs`.
//!
//! `cargo lab check @nn@` asks your functions, by `answer`. `cargo lab run @nn@ -- 12 34` runs them on bytes of yours.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod @file@;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::process::ExitCode;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "word" => Value::Word(@file@::word(ask.bytes(0)?)?),
        _ => return Err(LabError::NotYet),
    })
}

/// Reads the bytes of the command line, in hexadecimal.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let bytes: Vec<u8> = words.iter().map(|word| byte(word)).collect::<Lab<_>>()?;
    println!("word  {:04x}", @file@::word(&bytes)?);
    Ok(())
}

fn byte(word: &str) -> Lab<u8> {
    u8::from_str_radix(word, 16).map_err(|_| host::Error::Other(format!("'{word}' is no byte in hexadecimal")).into())
}
