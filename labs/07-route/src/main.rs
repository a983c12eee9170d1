//! Handed out: nothing to write here. Your file is `route.rs`.
//!
//! `cargo lab check 07` asks your functions, by `answer`, and puts your router in a network, by `run`: see `router.rs`.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod route;
mod router;

use host::lab::{Lab, LabError, Question, Value};
use host::{Error, Host};
use route::{Route, Step};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use wire::checksum::Checksum;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question. Of a packet that is forwarded, a question of several words is about a part.
fn answer(ask: &Question) -> Lab<Value> {
    let routes = ask.list(0)?.iter().map(row).collect::<Lab<Vec<_>>>()?;
    if ask.function == "lookup" {
        return Ok(route::lookup(&routes, ask.address(1)?)?.into());
    }
    let own = ask.list(1)?.iter().map(address).collect::<Lab<Vec<_>>>()?;
    let mtu = ask.list(3)?.iter().map(mtu).collect::<Lab<Vec<_>>>()?;
    let step = route::step(&routes, &own, ask.number(2)?, &mtu, ask.bytes(4)?)?;
    Ok(match (step, ask.function.as_str()) {
        (Step::Local, _) => Value::record("Local", []),
        (Step::Drop, _) => Value::record("Drop", []),
        (Step::Error { kind, code }, _) => Value::record("Error", [("kind", kind.into()), ("code", code.into())]),
        (Step::Forward { interface, next_hop, .. }, "step") => {
            Value::record("Forward", [("interface", interface.into()), ("next_hop", next_hop.into())])
        }
        (Step::Forward { packet, .. }, "step: ttl") => {
            Value::record("Forward", [("ttl", packet.get(8).copied().into())])
        }
        (Step::Forward { packet, .. }, "step: header sums to") => {
            let len = packet.first().map_or(0, |first| usize::from(first & 15) * 4);
            Value::Word(!Checksum::default().add(packet.get(..len).unwrap_or_default()).finish())
        }
        _ => return Err(LabError::NotYet),
    })
}

fn row(value: &Value) -> Lab<Route> {
    match value {
        Value::Text(text) => parsed(text, &|word| word.parse().ok()),
        _ => Err(told("a row is not what it should be")),
    }
}

fn address(value: &Value) -> Lab<Ipv4Addr> {
    if let Value::Address(address) = value { Ok(*address) } else { Err(told("an address is not what it should be")) }
}

fn mtu(value: &Value) -> Lab<u16> {
    match value {
        Value::Number(mtu) => u16::try_from(*mtu).map_err(|_| told("an MTU is too large")),
        _ => Err(told("an MTU is not what it should be")),
    }
}

/// The command: rows of a routing table, each in quotation marks; with an address before them, it says which row that takes.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    if let [first, rows @ ..] = words
        && let Ok(dst) = first.parse()
    {
        return choose(dst, rows);
    }
    let interfaces = host.interfaces()?;
    let number = |name: &str| interfaces.iter().position(|interface| interface.name == name);
    let routes = words.iter().map(|row| parsed(row, &number)).collect::<Lab<Vec<_>>>()?;
    if routes.is_empty() {
        return Err(told(
            "give the rows of a table, as in: '192.168.3.0/24 on net3' 'default via 192.168.5.100 on net5'",
        ));
    }
    router::run(host, &interfaces, &routes)
}

fn choose(dst: Ipv4Addr, rows: &[String]) -> Lab<()> {
    // Which interfaces there are does not matter for this.
    let routes = rows.iter().map(|row| parsed(row, &|_| Some(0))).collect::<Lab<Vec<_>>>()?;
    let chosen = route::lookup(&routes, dst)?;
    for (number, row) in rows.iter().enumerate() {
        println!("{} {row}", if chosen == Some(number) { "->" } else { "  " });
    }
    if chosen.is_none() {
        println!("no row fits {dst}");
    }
    Ok(())
}

/// A row as in `192.168.1.0/24 via 192.168.3.1 on net3`, or without `via`.
fn parsed(text: &str, interface: &dyn Fn(&str) -> Option<usize>) -> Lab<Route> {
    let wrong = || told(&format!("'{text}' is no row: NET/PREFIX [via ADDRESS] on INTERFACE"));
    let words: Vec<&str> = text.split_whitespace().collect();
    let (net, via, name) = match *words.as_slice() {
        [net, "via", via, "on", name] => (net, Some(via.parse().map_err(|_| wrong())?), name),
        [net, "on", name] => (net, None, name),
        _ => return Err(wrong()),
    };
    let (net, prefix) = if net == "default" { ("0.0.0.0", "0") } else { net.split_once('/').ok_or_else(wrong)? };
    let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32).ok_or_else(wrong)?;
    let interface = interface(name).ok_or_else(|| told(&format!("there is no interface '{name}'")))?;
    Ok(Route { net: net.parse().map_err(|_| wrong())?, prefix, via, interface })
}

fn told(what: &str) -> LabError {
    Error::Other(what.into()).into()
}
