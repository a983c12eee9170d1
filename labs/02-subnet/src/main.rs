//! Handed out: nothing to write here. Your file is `subnet.rs`.
//!
//! `cargo lab check 02` asks your functions, by `answer`, and lets them decide whom to ask, by `run`. You run that with
//! `cargo lab run 02 -- --net subnets 192.168.2.2 via 192.168.1.100`, and `cargo lab run 02 -- 10.0.0.77/26` has a network told.
#![forbid(unsafe_code)]

mod asking;
#[allow(unused, reason = "what is not written yet uses nothing")]
mod subnet;

use host::lab::{Lab, LabError, Question, Value};
use host::{Error, Host};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "mask" => subnet::mask(ask.number(0)?)?.into(),
        "network" => subnet::network(ask.address(0)?, ask.number(1)?)?.into(),
        "broadcast" => subnet::broadcast(ask.address(0)?, ask.number(1)?)?.into(),
        "hosts" => subnet::hosts(ask.number(0)?)?.into(),
        "same_subnet" => subnet::same_subnet(ask.address(0)?, ask.address(1)?, ask.number(2)?)?.into(),
        "next_hop" => {
            let own = ask.list(0)?.iter().map(own).collect::<Lab<Vec<_>>>()?;
            let gateway = match ask.arguments.get(1) {
                Some(Value::Nothing) => None,
                _ => Some(ask.address(1)?),
            };
            subnet::next_hop(&own, gateway, ask.address(2)?)?.into()
        }
        _ => return Err(LabError::NotYet),
    })
}

fn own(value: &Value) -> Lab<(Ipv4Addr, u8)> {
    match value {
        Value::Text(text) => with_prefix(text),
        _ => Err(told("an address of one's own is not what it should be")),
    }
}

/// The command: `ADDRESS/PREFIX` tells of that network, and `TARGET [via GATEWAY]` asks who is to have a packet for that target.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    match words {
        [network] if network.contains('/') => tell(with_prefix(network)?),
        [target] => ask(host, address(target)?, None),
        [target, via, gateway] if via == "via" => ask(host, address(target)?, Some(address(gateway)?)),
        _ => Err(told("give a network, as in 10.0.0.77/26, or a target, as in 192.168.2.2 via 192.168.1.100")),
    }
}

fn tell((addr, prefix): (Ipv4Addr, u8)) -> Lab<()> {
    println!("mask       {}", shown(subnet::mask(prefix)?));
    println!("network    {}/{prefix}", subnet::network(addr, prefix)?);
    println!("broadcast  {}", shown(subnet::broadcast(addr, prefix)?));
    println!("hosts      {}", subnet::hosts(prefix)?);
    Ok(())
}

fn shown(address: Option<Ipv4Addr>) -> String {
    address.map_or("none".into(), |address| address.to_string())
}

/// Lets `next_hop` decide, and asks that one for its hardware address.
fn ask(host: &mut dyn Host, target: Ipv4Addr, gateway: Option<Ipv4Addr>) -> Lab<()> {
    let mut own = vec![];
    for interface in host.interfaces()?.into_iter().filter(|interface| interface.mac.is_some()) {
        for (address, prefix) in &interface.addresses {
            if let IpAddr::V4(address) = *address {
                own.push((interface.clone(), address, *prefix));
            }
        }
    }
    let addresses: Vec<_> = own.iter().map(|(_, address, prefix)| (*address, *prefix)).collect();
    let Some(hop) = subnet::next_hop(&addresses, gateway, target)? else {
        println!("{target}: no way there");
        return Ok(());
    };
    println!("{target}: asking for {hop}");
    for (interface, address, prefix) in own {
        if subnet::same_subnet(address, hop, prefix)? {
            match asking::who_has(host, &interface, address, hop)? {
                Some(mac) => println!("{hop} is at {mac}"),
                None => println!("nobody says to be {hop}"),
            }
            return Ok(());
        }
    }
    println!("{hop} is on no link of this host");
    Ok(())
}

fn with_prefix(text: &str) -> Lab<(Ipv4Addr, u8)> {
    let (addr, prefix) = text.split_once('/').ok_or_else(|| told("a network is an address with a prefix"))?;
    let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32);
    Ok((address(addr)?, prefix.ok_or_else(|| told("a prefix is a number from 0 to 32"))?))
}

fn address(word: &str) -> Lab<Ipv4Addr> {
    word.parse().map_err(|_| told(&format!("'{word}' is no IPv4 address")))
}

fn told(what: &str) -> LabError {
    Error::Other(what.into()).into()
}
