//! Handed out: nothing to write here. Your file is `arping.rs`.
//!
//! `cargo lab check 04` asks your functions, by `answer`, and runs your arping, by `run`. You run it with
//! `cargo lab run 04 -- --net lan 10.0.0.5`.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod arping;

use arping::{Event, Summary};
use host::lab::{Lab, LabError, Question, Value};
use host::{Error, Host, Mac};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "request" => arping::request(mac(ask.arguments.first())?, ask.address(1)?, ask.address(2)?)?.into(),
        "answer" => match arping::answer(ask.bytes(0)?, ask.address(1)?)? {
            Some(mac) => mac.to_string().as_str().into(),
            None => Value::Nothing,
        },
        _ => return Err(LabError::NotYet),
    })
}

fn mac(value: Option<&Value>) -> Lab<Mac> {
    let mac = if let Some(Value::Text(text)) = value { text.parse().ok() } else { None };
    mac.ok_or_else(|| told("a hardware address is not what it should be"))
}

/// The command: `TARGET [-c COUNT] [-i INTERFACE]`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let (mut count, mut interface, mut target) = (4, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" => count = words.next().and_then(|word| word.parse().ok()).ok_or_else(|| told("-c takes a number"))?,
            "-i" => interface = words.next().cloned(),
            name => target = Some(v4(host, name)?),
        }
    }
    let target = target.ok_or_else(|| told("the target is missing, as in: 10.0.0.5 -c 3"))?;
    let interface = match interface {
        Some(interface) => interface,
        None => host.route(target.into())?.interface,
    };

    let mut number = 0;
    let Summary { sent, answered, replies } =
        arping::arping(host, &interface, target, count, &mut |event| match event {
            Event::Sent => {
                number += 1;
                println!("request {number}: who has {target}?");
            }
            Event::Reply { mac, after } => println!("reply {mac} after {}", ms(after)),
            Event::Silence => println!("silence"),
        })?;
    println!("{sent} sent, {answered} answered, {replies} replies");
    Ok(())
}

fn v4(host: &mut dyn Host, name: &str) -> Lab<Ipv4Addr> {
    let address = host.resolve(name)?.into_iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    address.ok_or_else(|| told("the target has no IPv4 address"))
}

fn told(what: &str) -> LabError {
    Error::Other(what.into()).into()
}

/// A time span in milliseconds, as in `0.400ms`.
fn ms(time: Duration) -> String {
    format!("{}.{:03}ms", time.as_millis(), time.as_micros() % 1000)
}
