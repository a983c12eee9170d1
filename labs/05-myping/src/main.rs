//! Handed out: nothing to write here. Your file is `myping.rs`.
//!
//! `cargo lab check 05` asks your functions, by `answer`, and runs your ping, by `run`. You run it with
//! `cargo lab run 05 -- --net routers server`.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod myping;
#[allow(unused, reason = "the same")]
mod ping_socket;

use host::lab::{Lab, LabError, Question, Value};
use host::{Error, Host};
use myping::{Answer, Event, Options, Rtt};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "request" => myping::request(ask.word(0)?, ask.word(1)?, ask.bytes(2)?)?.into(),
        "classify" => match myping::classify(ask.bytes(0)?, ask.address(1)?, ask.word(2)?)? {
            Answer::Reply { seq, ttl, bytes } => {
                Value::record("Reply", [("seq", seq.into()), ("ttl", ttl.into()), ("bytes", bytes.into())])
            }
            Answer::Error { from, kind, code, seq } => Value::record(
                "Error",
                [("from", from.into()), ("kind", kind.into()), ("code", code.into()), ("seq", seq.into())],
            ),
            Answer::NotMine => Value::record("NotMine", []),
        },
        "statistics" => myping::statistics(&ask.times(0)?)?.map_or(Value::Nothing, |Rtt { min, avg, max, mdev }| {
            Value::record("Rtt", [("min", min.into()), ("avg", avg.into()), ("max", max.into()), ("mdev", mdev.into())])
        }),
        _ => return Err(LabError::NotYet),
    })
}

/// The command: `TARGET [-c COUNT] [-s SIZE] [-t TTL]`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let mut id = [0; 2];
    host.random(&mut id);
    let mut options = Options { count: 4, size: 56, ttl: 100, id: u16::from_be_bytes(id) };
    let mut target = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" => options.count = number(words.next())?,
            "-s" => options.size = usize::from(number(words.next())?.min(1472)),
            "-t" => options.ttl = u8::try_from(number(words.next())?).unwrap_or(255),
            name => target = Some(v4(host, name)?),
        }
    }
    let target = target.ok_or_else(|| told("the target is missing, as in: 192.168.10.3 -c 3"))?;

    let mut rtts = vec![];
    let stats = myping::ping(host, target, &options, &mut |event| match event {
        Event::Reply { seq, ttl, bytes, rtt } => {
            rtts.push(rtt);
            println!("reply seq={seq} ttl={ttl} bytes={bytes} time={}", ms(rtt));
        }
        Event::Duplicate { seq, rtt } => println!("duplicate seq={seq} time={}", ms(rtt)),
        Event::Error { seq, from, kind, code } => println!("error seq={seq} from={from} type={kind} code={code}"),
    })?;
    println!("{} sent, {} received, {} duplicates", stats.sent, stats.received, stats.duplicates);
    if !rtts.is_empty()
        && let Ok(Some(Rtt { min, avg, max, mdev })) = myping::statistics(&rtts)
    {
        println!("rtt min/avg/max/mdev = {}/{}/{}/{}", ms(min), ms(avg), ms(max), ms(mdev));
    }
    Ok(())
}

fn v4(host: &mut dyn Host, name: &str) -> Lab<Ipv4Addr> {
    let address = host.resolve(name)?.into_iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    address.ok_or_else(|| told("the target has no IPv4 address"))
}

fn number(word: Option<&String>) -> Lab<u16> {
    word.and_then(|word| word.parse().ok()).ok_or_else(|| told("-c, -s and -t take a number"))
}

fn told(what: &str) -> LabError {
    Error::Other(what.into()).into()
}

/// A time span in milliseconds, as in `72.000ms`.
fn ms(time: Duration) -> String {
    format!("{}.{:03}ms", time.as_millis(), time.as_micros() % 1000)
}
