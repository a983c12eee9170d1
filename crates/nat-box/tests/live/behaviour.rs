//! NATs that nobody here made, asked by nat-box as it asks ours; and the table of them in docs/nat.md.

use crate::{OURS, with};
use needs::nats::Nat;
use needs::{Failed, Program, document};
use std::path::Path;

/// A question and what was found.
struct Found {
    question: String,
    finding: String,
    met: Option<bool>,
}

fn ask(nat: Nat) -> Result<Vec<Found>, Failed> {
    let place = with(nat, if matches!(nat, Nat::Slirp4netns) { "" } else { "-q" })?;
    let second = match nat {
        Nat::Slirp4netns => "addr add 10.0.2.101/24 dev tap0",
        Nat::Pasta => "addr add 10.77.2.101/24 dev net2",
        _ => "addr add 10.77.1.3/24 dev net1",
    };
    place.net.ip("a", second)?;
    place.net.ip("b", "addr add 10.77.2.3/24 dev net2")?;
    let mut server = place.net.at("b", Program::new(OURS).words("serve")).start()?;
    server.wait_for("STUN at")?;
    let asked = place.net.at("a", Program::new(OURS).words("behave --json -W 0.3 10.77.2.2")).run()?;
    let mut all = vec![];
    for line in asked.stdout.lines() {
        let event: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| event.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_string();
        let met = event.get("met").and_then(serde_json::Value::as_bool);
        match text("question").as_str() {
            // Of ports that are drawn, one may be kept by accident.
            "" | "what the server sees" | "port" => {}
            question => all.push(Found { question: question.into(), finding: text("finding"), met }),
        }
    }
    println!("{} findings about {nat:?}", all.len());
    if all.is_empty() { Err(asked.to_string().into()) } else { Ok(all) }
}

/// What was found, without the ports.
fn equal(nat: Nat, expected: &[&str]) -> Result<(), Failed> {
    let found = ask(nat)?.into_iter().map(|Found { question, finding, met }| match question.as_str() {
        "two hosts with one port" => format!("{question}: {met:?}"),
        _ => format!("{question}: {finding}"),
    });
    let found: Vec<String> = found.collect();
    if found == expected { Ok(()) } else { Err(format!("{found:#?}").into()) }
}

pub(crate) fn ours() -> Result<(), Failed> {
    let expected = [
        "mapping: endpoint-independent",
        "two hosts with one port: Some(true)",
        "mapping of the second: endpoint-independent",
        "filtering: address-and-port-dependent",
        "hairpin: delivered, from the outside end of its sender",
        "fragments: pass, both ways",
    ];
    equal(Nat::Taps, &expected)?;
    equal(Nat::Interfaces, &expected)
}

pub(crate) fn masquerade() -> Result<(), Failed> {
    let expected = [
        "mapping: endpoint-independent",
        "two hosts with one port: Some(false)",
        "mapping of the second: address-dependent",
        "filtering: address-and-port-dependent",
        "hairpin: not delivered",
        "fragments: pass, both ways",
    ];
    equal(Nat::Kernels("masquerade"), &expected)
}

pub(crate) fn fully_random() -> Result<(), Failed> {
    let expected = [
        "mapping: address-and-port-dependent",
        "two hosts with one port: Some(true)",
        "mapping of the second: address-and-port-dependent",
        "filtering: address-and-port-dependent",
        "hairpin: not delivered",
        "fragments: pass, both ways",
    ];
    equal(Nat::Kernels("masquerade fully-random"), &expected)
}

pub(crate) fn no_nat() -> Result<(), Failed> {
    let expected = [
        "mapping: endpoint-independent",
        "two hosts with one port: Some(true)",
        "mapping of the second: endpoint-independent",
        "filtering: endpoint-independent",
        "hairpin: delivered, from the outside end of its sender",
        "fragments: pass, both ways",
    ];
    equal(Nat::None, &expected)
}

/// Between these lines of docs/nat.md stands the table.
const MARKS: [&str; 2] = ["<!-- what behave finds -->\n", "<!-- /what behave finds -->\n"];

/// Compares the table in the manual with what is found now; with `BLESS` in the environment it is written.
pub(crate) fn table() -> Result<(), Failed> {
    let nats = [
        ("`nat-box run`", Nat::Taps),
        ("`masquerade`", Nat::Kernels("masquerade")),
        ("`masquerade fully-random`", Nat::Kernels("masquerade fully-random")),
        ("slirp4netns", Nat::Slirp4netns),
        ("pasta", Nat::Pasta),
    ];
    let mut head = String::from("| |");
    let mut rows: Vec<(String, Vec<String>)> = vec![];
    for (name, nat) in nats {
        head += &format!(" {name} |");
        for (index, found) in ask(nat)?.into_iter().enumerate() {
            if rows.len() == index {
                rows.push((found.question.clone(), vec![]));
            }
            match rows.get_mut(index) {
                Some((question, cells)) if *question == found.question => cells.push(cell(&found)),
                _ => return Err(format!("{name} was asked '{}', and others were not", found.question).into()),
            }
        }
    }
    let mut table = format!("{head}\n|---|{}\n", "---|".repeat(nats.len()));
    for (question, cells) in rows {
        table += &format!("| {question} | {} |\n", cells.join(" | "));
    }
    let text = document::text("docs/nat.md")?;
    let split = text.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?)));
    let (before, (written, behind)) = split.ok_or("docs/nat.md has no place for the table")?;
    if std::env::var_os("BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/nat.md");
        std::fs::write(file, [before, MARKS[0], &table, MARKS[1], behind].concat())?;
        return Ok(());
    }
    if written == table { Ok(()) } else { Err(format!("docs/nat.md has\n{written}and this was found\n{table}").into()) }
}

/// Bold where RFC 4787 asks for something else.
fn cell(found: &Found) -> String {
    let text = match (found.question.as_str(), found.met) {
        ("two hosts with one port", Some(true)) => "two ports",
        ("two hosts with one port", Some(false)) => "one port for both",
        _ => &found.finding,
    };
    if found.met == Some(false) { format!("**{text}**") } else { text.into() }
}
