//! Handed out: nothing to write here. Your file is `pool.rs`.
//!
//! `cargo lab check 15` asks your functions, by `answer`. `cargo lab run 15 -- 14600 43800 14600@2000` says what three requests cost
//! by each policy, the last one after two seconds of silence.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod pool;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use pool::{Failed, Heard, Idle, Path, Persistence, Policy, Pool, Request, Returned, Take};
use std::process::ExitCode;
use std::time::Duration;

const POLICIES: [(Policy, &str); 3] =
    [(Policy::PerRequest, "PerRequest"), (Policy::Lazy, "Lazy"), (Policy::Eager, "Eager")];

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your functions say to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "round_trips" => {
            let (rounds, cwnd) = pool::round_trips(ask.number(0)?, ask.number(1)?, ask.number(2)?)?;
            Value::record("answer", [("round trips", rounds.into()), ("cwnd", cwnd.into())])
        }
        "restart" => pool::restart(ask.number(0)?, time(ask, 1)?, time(ask, 2)?)?.into(),
        "cost" => {
            let path = Path { mss: ask.number(1)?, rto: time(ask, 2)?, timeout: time(ask, 3)? };
            let costs = pool::cost(named(ask, 0, &POLICIES)?, path, &requests(text(ask, 4)?)?)?;
            let fields = costs.iter().zip(1..).map(|(cost, number)| (format!("request {number}"), (*cost).into()));
            Value::Record("round trips".into(), fields.collect())
        }
        "healthy" => pool::healthy(&returned(ask)?)?.into(),
        "idle_limit" => pool::idle_limit(time(ask, 0)?, time(ask, 1).ok(), time(ask, 2)?)?.into(),
        "take" => {
            let pool = Pool { busy: ask.number(1)?, max: ask.number(2)?, limit: time(ask, 3)?, ..pool(ask, 0)? };
            match pool::take(&pool, time(ask, 4)?)? {
                Take::Reuse(at) => Value::record("Reuse", [("idle", at.into())]),
                other => word(&format!("{other:?}")),
            }
        }
        "give_back" => {
            let waiting = ask.number(4)?;
            let pool = Pool { busy: 4, waiting, min: 0, max: 4, idle: vec![], limit: Duration::from_secs(60) };
            word(&format!("{:?}", pool::give_back(&pool, &returned(ask)?)?))
        }
        "expire" => {
            let pool = Pool { limit: time(ask, 1)?, min: ask.number(3)?, ..pool(ask, 0)? };
            let closed = pool::expire(&pool, time(ask, 2)?)?;
            closed.into_iter().map(Value::from).collect::<Vec<_>>().into()
        }
        "open_ahead" => {
            let (busy, min, max) = (ask.number(1)?, ask.number(2)?, ask.number(3)?);
            let pool = Pool { busy, min, max, limit: time(ask, 4)?, ..pool(ask, 0)? };
            pool::open_ahead(&pool, time(ask, 5)?)?.into()
        }
        "retry" => {
            let heard = named(ask, 2, &HEARD)?;
            pool::retry(&Failed { method: text(ask, 0)?, sent: flag(ask, 1), heard, again: flag(ask, 3) })?.into()
        }
        _ => return Err(LabError::NotYet),
    })
}

const HEARD: [(Heard, &str); 4] =
    [(Heard::Nothing, "Nothing"), (Heard::Fin, "Fin"), (Heard::Reset, "Reset"), (Heard::Data, "Data")];

const OPTIONS: [(Persistence, &str); 3] =
    [(Persistence::Unsaid, "Unsaid"), (Persistence::KeepAlive, "KeepAlive"), (Persistence::Close, "Close")];

fn word(name: &str) -> Value {
    Value::record(name, [])
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

fn named<T: Copy>(ask: &Question, at: usize, names: &[(T, &str)]) -> Lab<T> {
    let name = text(ask, at)?;
    names.iter().find(|(_, other)| *other == name).map(|(value, _)| *value).ok_or_else(|| odd(name))
}

fn returned(ask: &Question) -> Lab<Returned> {
    let (option, heard) = (named(ask, 2, &OPTIONS)?, named(ask, 3, &HEARD)?);
    Ok(Returned { complete: flag(ask, 0), http_1_1: flag(ask, 1), option, heard })
}

/// Idle connections with the time since when: `100 ms, 250 ms Fin`.
fn pool(ask: &Question, at: usize) -> Lab<Pool> {
    let idle = |text: &str| {
        let mut words = text.split(' ');
        let since = Duration::from_millis(number(words.next().unwrap_or_default())?);
        let name = words.nth(1).unwrap_or("Nothing");
        let heard = HEARD.iter().find(|(_, other)| *other == name).ok_or_else(|| odd(name))?.0;
        Ok(Idle { since, heard })
    };
    let text = text(ask, at)?;
    let idle = if text == "none" { vec![] } else { text.split(", ").map(idle).collect::<Lab<_>>()? };
    Ok(Pool { idle, busy: 0, waiting: 0, min: 0, max: 8, limit: Duration::ZERO })
}

/// Answers with the time after which they are asked for: `14600 after 0 ms, 500 after 2000 ms`.
fn requests(text: &str) -> Lab<Vec<Request>> {
    let request = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        let [bytes, _, idle, _] = words.as_slice() else { return Err(odd(text)) };
        Ok(Request { idle: Duration::from_millis(number(idle)?), bytes: number(bytes)? })
    };
    text.split(", ").map(request).collect()
}

fn number(word: &str) -> Lab<u64> {
    word.parse().map_err(|_| host::Error::Other(format!("'{word}' is no whole number")).into())
}

fn odd(what: &str) -> LabError {
    host::Error::Other(format!("{what} is not what it should be")).into()
}

/// What requests cost by each policy: how long each answer is, and with `@` how many milliseconds nothing was sent before it was asked
/// for. Words that change the path: `mss=1460`, `rtt=100`, `rto=300`, `timeout=60000`.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let said = |what: String| LabError::from(host::Error::Other(what));
    let ms = Duration::from_millis;
    let (mut path, mut rtt) = (Path { mss: 1460, rto: ms(300), timeout: ms(60_000) }, 100);
    let mut requests = vec![];
    for word in words {
        match word.split_once('=') {
            Some(("mss", count)) => path.mss = number(count)?.max(1),
            Some(("rtt", time)) => rtt = number(time)?,
            Some(("rto", time)) => path.rto = ms(number(time)?),
            Some(("timeout", time)) => path.timeout = ms(number(time)?),
            Some(_) => return Err(said(format!("'{word}' is nothing that can be set: mss, rtt, rto, timeout are"))),
            None => {
                let (bytes, idle) = word.split_once('@').unwrap_or((word, "0"));
                requests.push(Request { idle: ms(number(idle)?), bytes: number(bytes)? });
            }
        }
    }
    if requests.is_empty() {
        return Err(said("say how many bytes each answer has, as 14600 or 14600@2000".into()));
    }
    for (policy, name) in POLICIES {
        let costs = pool::cost(policy, path, &requests)?;
        let all: u64 = costs.iter().sum();
        let each: Vec<String> = costs.iter().map(u64::to_string).collect();
        println!("{name:<11} {:<14} {all} round trips, {} ms", each.join(" + "), all * rtt);
    }
    Ok(())
}
