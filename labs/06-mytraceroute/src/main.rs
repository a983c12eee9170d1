//! Handed out: nothing to write here. Your file is `mytraceroute.rs`.
//!
//! `cargo lab check 06` asks your functions, by `answer`, and runs your trace, by `run`. You run it with
//! `cargo lab run 06 -- --net routers server`.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod mytraceroute;
#[allow(unused, reason = "the same")]
mod probe_socket;

use host::lab::{Lab, LabError, Question, Value};
use host::{Error, Host};
use mytraceroute::{Event, From, Options};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "probe" => mytraceroute::probe(ask.address(0)?, ask.address(1)?, ask.number(2)?, ask.number(3)?)?.into(),
        "answer" => match mytraceroute::answer(ask.bytes(0)?, ask.address(1)?, ask.address(2)?)? {
            None => Value::Nothing,
            Some((port, From::Hop(by))) => Value::record("Hop", [("port", port.into()), ("by", by.into())]),
            Some((port, From::Arrived(by))) => Value::record("Arrived", [("port", port.into()), ("by", by.into())]),
            Some((port, From::Refused(by, code))) => {
                Value::record("Refused", [("port", port.into()), ("by", by.into()), ("code", code.into())])
            }
        },
        _ => return Err(LabError::NotYet),
    })
}

/// The command: `TARGET [-m HOPS] [-q PROBES]`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let mut options = Options { max_hops: 30, probes: 3, wait: Duration::from_secs(1), first_port: 33_434 };
    let mut target = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-m" => options.max_hops = number(words.next())?,
            "-q" => options.probes = number(words.next())?,
            name => target = Some(v4(host, name)?),
        }
    }
    let target = target.ok_or_else(|| told("the target is missing, as in: 192.168.10.3 -q 1"))?;
    mytraceroute::trace(host, target, &options, &mut |event| match event {
        Event::Answer { ttl, from: From::Hop(by), rtt } => println!("{ttl} {by} {}", ms(rtt)),
        Event::Answer { ttl, from: From::Arrived(by), rtt } => println!("{ttl} {by} {} arrived", ms(rtt)),
        Event::Answer { ttl, from: From::Refused(by, code), rtt } => {
            println!("{ttl} {by} {} refused, code {code}", ms(rtt));
        }
        Event::Silence { ttl } => println!("{ttl} *"),
    })
}

fn v4(host: &mut dyn Host, name: &str) -> Lab<Ipv4Addr> {
    let address = host.resolve(name)?.into_iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    address.ok_or_else(|| told("the target has no IPv4 address"))
}

fn number(word: Option<&String>) -> Lab<u8> {
    word.and_then(|word| word.parse().ok()).ok_or_else(|| told("-m and -q take a number from 0 to 255"))
}

fn told(what: &str) -> LabError {
    Error::Other(what.into()).into()
}

/// A time span in milliseconds, as in `5.000ms`.
fn ms(time: Duration) -> String {
    format!("{}.{:03}ms", time.as_millis(), time.as_micros() % 1000)
}
