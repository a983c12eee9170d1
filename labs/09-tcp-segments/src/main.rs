//! Handed out: nothing to write here. Your file is `tcp_segments.rs`.
//!
//! `cargo lab check 09` asks your functions, by `answer`. `cargo lab run 09 -- 100 50 100:hello 110:world 105:again` hands
//! segments to your receiver, which expects 100 first and has a window of 50.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod tcp_segments;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::process::ExitCode;
use tcp_segments::{Ack, Receiver};

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    let flag = |at: usize| ask.arguments.get(at) == Some(&Value::Flag(true));
    Ok(match ask.function.as_str() {
        "before" => tcp_segments::before(ask.number(0)?, ask.number(1)?)?.into(),
        "length" => tcp_segments::length(flag(0), flag(1), ask.number(2)?)?.into(),
        "acceptable" => {
            tcp_segments::acceptable(ask.number(0)?, ask.number(1)?, ask.number(2)?, ask.number(3)?)?.into()
        }
        "trim" => match tcp_segments::trim(ask.number(0)?, ask.number(1)?, ask.number(2)?, ask.bytes(3)?)? {
            Some((seq, data)) => Value::record("part", [("seq", seq.into()), ("data", data.into())]),
            None => Value::Nothing,
        },
        "arrive" => all(receiver(ask.number(0)?, ask.number(1)?), ask.list(2)?)?,
        "acknowledged" => match tcp_segments::acknowledged(ask.number(0)?, ask.number(1)?, ask.number(2)?)? {
            Ack::New(count) => Value::record("New", [("count", count.into())]),
            Ack::Old => Value::record("Old", []),
            Ack::NeverSent => Value::record("NeverSent", []),
        },
        "mss" => tcp_segments::mss(ask.bytes(0)?)?.into(),
        _ => return Err(LabError::NotYet),
    })
}

fn receiver(nxt: u32, wnd: u32) -> Receiver {
    Receiver { nxt, wnd, held: Default::default() }
}

/// What comes of each of these segments, one after the other.
fn all(mut receiver: Receiver, segments: &[Value]) -> Lab<Value> {
    let mut fields = vec![];
    for (at, segment) in segments.iter().enumerate() {
        let Value::Record(_, segment) = segment else { return Err(odd("a segment")) };
        let [(_, Value::Number(seq)), (_, Value::Bytes(data))] = segment.as_slice() else {
            return Err(odd("a segment"));
        };
        let arrival = receiver.arrive(*seq as u32, data)?;
        fields.push((format!("bytes after segment {}", at + 1), arrival.bytes.into()));
        fields.push((format!("ack after segment {}", at + 1), arrival.ack.into()));
    }
    Ok(Value::Record("receiver".into(), fields))
}

fn odd(what: &str) -> LabError {
    host::Error::Other(format!("{what} is not what it should be")).into()
}

/// Hands segments of the command line to a receiver: `NXT WND SEQ:DATA…`.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let said = |what: String| LabError::from(host::Error::Other(what));
    let number = |word: &str| word.parse::<u32>().map_err(|_| said(format!("'{word}' is no sequence number")));
    let [nxt, wnd, segments @ ..] = words else { return Err(said("say NXT, WND, and segments as SEQ:DATA".into())) };
    let mut receiver = receiver(number(nxt)?, number(wnd)?);
    for segment in segments {
        let (seq, data) = segment.split_once(':').unwrap_or((segment, ""));
        let arrival = receiver.arrive(number(seq)?, data.as_bytes())?;
        let ack = arrival.ack.map_or("no ACK".to_string(), |ack| format!("ACK {ack}"));
        println!("{segment:<16} {ack:<14} \"{}\"", arrival.bytes.escape_ascii());
    }
    Ok(())
}
