//! Packets of a real kernel, in network namespaces that are made for this.
//!
//! Needs root and `ping`; see the crate `needs`.

use needs::{Failed, Net, Program, test};
use std::process::ExitCode;

fn main() -> ExitCode {
    needs::live(&["ping"]).run([
        test("packets_are_shown_as_they_come_until_there_are_enough", enough),
        test("what_this_host_sends_is_shown_too", both_ways),
        test("each_packet_of_the_loopback_is_shown_once", loopback),
        test("interruption_ends_it_with_what_was_shown", interrupted),
    ])
}

const REQUEST: &str = "  10.77.1.1 > 10.77.1.2 ICMP echo request ";

fn enough() -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).build()?;
    let peel = net.at("b", peel("--live -c 2 icmp and from 10.77.1.1")).start()?;
    net.at("a", Program::new("ping").words("-c 8 -i 0.2 10.77.1.2")).succeed()?;
    let ended = peel.end()?;
    let shown: Vec<&str> = ended.stdout.lines().collect();
    if ended.code != 0 || shown.len() != 2 || !shown.iter().all(|line| line.contains(REQUEST)) {
        return Err(format!("{ended}").into());
    }
    Ok(())
}

fn both_ways() -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).build()?;
    let peel = net.at("a", peel("--live=net1 -c 2 --json icmp")).start()?;
    net.at("a", Program::new("ping").words("-c 8 -i 0.2 10.77.1.2")).succeed()?;
    let ended = peel.end()?;
    let [sent, received, _] = ended.stdout.lines().collect::<Vec<_>>()[..] else {
        return Err(format!("{ended}").into());
    };
    let is = |line: &str, direction: &str, what: &str| {
        line.contains(&format!("\"direction\":\"{direction}\"")) && line.contains(what)
    };
    if !is(sent, "out", "echo request") || !is(received, "in", "echo reply") {
        return Err(format!("{ended}").into());
    }
    Ok(())
}

fn loopback() -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).build()?;
    net.at("a", Program::new("ip").words("link set lo up")).succeed()?;
    let peel = net.at("a", peel("--live=lo -c 4 icmp")).start()?;
    net.at("a", Program::new("ping").words("-c 8 -i 0.2 127.0.0.1")).succeed()?;
    let ended = peel.end()?;
    let shown: Vec<&str> = ended.stdout.lines().filter_map(|line| line.split("ICMP ").nth(1)).collect();
    let numbers: Vec<_> = shown.iter().filter_map(|shown| shown.rsplit(' ').next()).collect();
    // One may have left before peel listened, but each is there once, and its reply behind it.
    let (first, last) = (numbers.first(), numbers.last());
    let twos = numbers.get(..2).is_some_and(|two| two.first() == two.last()) && first != last;
    if shown.len() != 4 || !twos || !shown.iter().step_by(2).all(|shown| shown.starts_with("echo request")) {
        return Err(format!("{ended}").into());
    }
    Ok(())
}

fn interrupted() -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).build()?;
    let mut peel = net.at("b", peel("--live=net1 --json icmp")).start()?;
    let ping = net.at("a", Program::new("ping").words("-c 20 -i 0.2 10.77.1.2")).start()?;
    peel.wait_for("10.77.1.1 > 10.77.1.2 ICMP echo request ")?;
    peel.signal("INT")?;
    let ended = peel.end()?;
    drop(ping);
    let last = ended.stdout.lines().last().unwrap_or_default();
    if ended.code != 0 || !last.starts_with("{\"event\":\"summary\",\"packets\":") {
        return Err(format!("{ended}").into());
    }
    Ok(())
}

fn peel(args: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_peel")).words(args)
}
