//! Handed out: nothing to write here. Your file is `nagle.rs`.
//!
//! `cargo lab check 14` asks your functions, by `answer`. `cargo lab run 14 -- minshall 500 960` writes 500 bytes and then 960,
//! and shows when they leave; `link.rs` has the two ends and what is between them.
#![forbid(unsafe_code)]

mod link;
#[allow(unused, reason = "what is not written yet uses nothing")]
mod nagle;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use link::{Departure, Path};
use nagle::{Decision, Event, Heard, Moment, Nagle, Receiver, Rule, Sender, Threshold};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your functions say to one question.
fn answer(ask: &Question) -> Lab<Value> {
    let segments = |shown: fn(&Departure) -> String| {
        let sender = Sender::new(ask.number(0)?, rule_of(ask, 1)?);
        listed("segments", "segment", link::departures(sender, &events(ask, 2, sending)?)?.iter().map(shown))
    };
    match ask.function.as_str() {
        "may_send" => Ok(match nagle::may_send(&moment(ask)?)? {
            Decision::Send(length) => Value::record("Send", [("length", length.into())]),
            Decision::Wait(rule) => Value::record("Wait", [("rule", word(name(rule)))]),
        }),
        "segments" => segments(when),
        "waits" => segments(why),
        "push" => segments(push),
        "acks" => {
            let receiver = Receiver::new(ask.number(0)?, threshold_of(ask, 1)?, time(ask, 2)?, ask.number(3)?);
            let acks = link::acknowledgments(receiver, &events(ask, 4, receiving)?)?;
            listed("acks", "ACK", acks.iter().map(|(at, up_to)| format!("{up_to} at {} ms", at.as_millis())))
        }
        "departures" => listed("segments", "segment", link::exchanges(&path(ask)?)?.departures.iter().map(when)),
        "exchanges" => {
            let waited = link::exchanges(&path(ask)?)?.waited;
            listed("exchanges", "exchange", waited.iter().map(|time| format!("{} ms", time.as_millis())))
        }
        _ => Err(LabError::NotYet),
    }
}

/// Several values as one, each with its number.
fn listed(name: &str, each: &str, values: impl Iterator<Item = String>) -> Lab<Value> {
    let fields = values.zip(1..).map(|(value, number)| (format!("{each} {number}"), word(&value)));
    Ok(Value::Record(name.into(), fields.collect()))
}

fn when(departure: &Departure) -> String {
    format!("{} bytes at {} ms", departure.segment.length, departure.at.as_millis())
}

fn why(departure: &Departure) -> String {
    format!("{} bytes, held by {}", departure.segment.length, departure.segment.held.map_or("nothing", name))
}

fn push(departure: &Departure) -> String {
    format!("{} bytes, {}", departure.segment.length, if departure.segment.push { "PSH" } else { "no PSH" })
}

fn word(name: &str) -> Value {
    Value::record(name, [])
}

fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::Nagle => "Nagle",
        Rule::Cork => "Cork",
    }
}

fn moment(ask: &Question) -> Lab<Moment> {
    Ok(Moment {
        queued: ask.number(0)?,
        mss: ask.number(1)?,
        unacked: ask.number(2)?,
        small_unacked: flag(ask, 3),
        nagle: rule_of(ask, 4)?,
        cork: flag(ask, 5),
        corked_for: time(ask, 6)?,
        closed: flag(ask, 7),
        push: flag(ask, 8),
    })
}

fn path(ask: &Question) -> Lab<Path> {
    Ok(Path {
        nagle: rule_of(ask, 0)?,
        cork: flag(ask, 1),
        threshold: threshold_of(ask, 2)?,
        delay: time(ask, 3)?,
        quick: ask.number(4)?,
        one_way: time(ask, 5)?,
        writes: text(ask, 6)?.split(' ').map(|length| number(length, "write")).collect::<Lab<_>>()?,
        times: ask.number(7)?,
    })
}

fn flag(ask: &Question, at: usize) -> bool {
    ask.arguments.get(at) == Some(&Value::Flag(true))
}

fn time(ask: &Question, at: usize) -> Lab<Duration> {
    match ask.arguments.get(at) {
        Some(Value::Time(time)) => Ok(*time),
        _ => Err(odd("a time")),
    }
}

fn text(ask: &Question, at: usize) -> Lab<&str> {
    match ask.arguments.get(at) {
        Some(Value::Text(text)) => Ok(text),
        Some(Value::Record(name, _)) => Ok(name),
        _ => Err(odd("a text")),
    }
}

fn rule_of(ask: &Question, at: usize) -> Lab<Nagle> {
    nagle_of(text(ask, at)?).ok_or_else(|| odd("a rule"))
}

fn threshold_of(ask: &Question, at: usize) -> Lab<Threshold> {
    threshold(text(ask, at)?).ok_or_else(|| odd("a threshold"))
}

fn nagle_of(name: &str) -> Option<Nagle> {
    [Nagle::Off, Nagle::Rfc, Nagle::Minshall].into_iter().find(|rule| format!("{rule:?}").eq_ignore_ascii_case(name))
}

fn threshold(name: &str) -> Option<Threshold> {
    match name.to_lowercase().as_str() {
        "twofull" | "rfc" => Some(Threshold::TwoFull),
        "morethanone" | "linux" => Some(Threshold::MoreThanOne),
        _ => None,
    }
}

/// Events with their times in milliseconds: `0 write 500, 20 ack 500`.
fn events<T>(ask: &Question, at: usize, read: fn(&str, &str) -> Lab<T>) -> Lab<Vec<(Duration, T)>> {
    let event = |event: &str| {
        let mut words = event.split(' ');
        let at = number(words.next().unwrap_or_default(), "time")?;
        let (what, how_much) = (words.next().unwrap_or_default(), words.next().unwrap_or("0"));
        Ok((Duration::from_millis(at), read(what, how_much)?))
    };
    text(ask, at)?.split(", ").map(event).collect()
}

fn sending(what: &str, how_much: &str) -> Lab<Event> {
    Ok(match what {
        "write" => Event::Write(number(how_much, "write")?),
        "ack" => Event::Ack(number(how_much, "ACK")?),
        "cork" => Event::Cork(true),
        "uncork" => Event::Cork(false),
        "close" => Event::Close,
        _ => return Err(odd(what)),
    })
}

fn receiving(what: &str, how_much: &str) -> Lab<Heard> {
    Ok(match what {
        "data" => Heard::Data(number(how_much, "length")?),
        "answer" => Heard::Answer,
        _ => return Err(odd(what)),
    })
}

fn number(word: &str, what: &str) -> Lab<u64> {
    word.parse().map_err(|_| host::Error::Other(format!("'{word}' is no {what}: a whole number is")).into())
}

fn odd(what: &str) -> LabError {
    host::Error::Other(format!("{what} is not what it should be")).into()
}

/// Writes so many bytes, one write after the other, and waits for the answer: `minshall 500 960`. Words that change what is between:
/// `cork`, `one-way=10`, `delay=40`, `acks=rfc`, `quick=0`, `times=1`.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let said = |what: String| LabError::from(host::Error::Other(what));
    let [rule, words @ ..] = words else { return Err(said("say a rule, and how long each write is".into())) };
    let rule = match rule.as_str() {
        "nagle" => Nagle::Rfc,
        other => nagle_of(other).ok_or_else(|| said(format!("'{other}' is no rule: off, nagle, minshall")))?,
    };
    let mut path = Path::new(rule);
    for word in words {
        match word.split_once('=') {
            None if word == "cork" => path.cork = true,
            None => path.writes.push(number(word, "write")?),
            Some(("acks", name)) => {
                path.threshold = threshold(name).ok_or_else(|| said(format!("acks={name}: say rfc or linux")))?;
            }
            Some(("one-way", time)) => path.one_way = Duration::from_millis(number(time, "time")?),
            Some(("delay", time)) => path.delay = Duration::from_millis(number(time, "time")?),
            Some(("quick", count)) => path.quick = number(count, "count")? as u32,
            Some(("times", count)) => path.times = number(count, "count")?,
            Some(_) => return Err(said(format!("'{word}' is nothing that can be set"))),
        }
    }
    let seen = link::exchanges(&path)?;
    for departure in &seen.departures {
        let held = departure.segment.held.map_or(String::new(), |rule| format!("   held by {}", name(rule)));
        println!("{:>5} ms  {} bytes{held}", departure.at.as_millis(), departure.segment.length);
    }
    for (number, waited) in (1..).zip(&seen.waited) {
        println!("answer {number} after {} ms", waited.as_millis());
    }
    Ok(())
}
