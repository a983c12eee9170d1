//! From a declaration to a picture.

use crate::capture::packets;
use crate::declared::{Figure, Kind, Packet, Source};
use crate::run::{Run, run};
use crate::tls;
use figure::{
    Caption, Captured, Departure, Join, Ladder, Line, Party, Place, Plot, Refusal, Role, Stretch, Wait, grid, hexdump,
    layers, origins, pieces, pointers, sealed, states, topology, views, waits,
};
use serde_json::Value;
use sim::Net;
use std::time::Duration;

pub(crate) fn draw(figure: &Figure) -> Result<String, Refusal> {
    let caption = Caption::new(&figure.name, &figure.title).story(&figure.story);
    match &figure.kind {
        Kind::Topology { net } => Ok(topology(&caption, &Net::load(net).unwrap().map())),
        Kind::States => states(&caption, &tcp::CHANGES),
        Kind::Grid { packet, layer } => {
            let captured = find(packet);
            let dissection = captured.dissect();
            let found = dissection.layers().find(|found| found.protocol().name() == layer);
            grid(&caption, found.unwrap_or_else(|| panic!("no {layer} in {}", dissection.summary())))
        }
        Kind::Hexdump { packet } => Ok(hexdump(&caption, &find(packet).dissect())),
        Kind::Pointers { packet } => pointers(&caption, &find(packet).dissect()),
        Kind::Ladder { from, parties, through, only, lost, time, states } => {
            let ladder = match from {
                Source::Run(command) => {
                    let run = run(command);
                    let ladder = Ladder::of(&seen(&run));
                    match states {
                        Some(peer) => ladder.living(&run.at, &life(&run, "own")).living(peer, &life(&run, "peer")),
                        None => ladder,
                    }
                }
                Source::Capture(file) => {
                    let mut packets = capture(file);
                    for packet in &mut packets {
                        let summary = packet.dissect().summary().to_string();
                        packet.lost = lost.iter().any(|words| summary.contains(words.as_str()));
                    }
                    Ladder::of_one_side(&packets)
                }
            };
            let names: Vec<&str> = parties.iter().map(String::as_str).collect();
            let ladder = ladder.through(&through.iter().map(String::as_str).collect::<Vec<_>>())?;
            let ladder = if names.is_empty() { ladder } else { ladder.only(&names)? };
            let wanted = |summary: &str| only.is_empty() || only.iter().any(|word| summary.contains(word.as_str()));
            let ladder = ladder.keeping(wanted);
            let ladder = time.as_ref().map_or(ladder.clone(), |time| ladder.between(time.start, time.end));
            ladder.draw(&caption)
        }
        Kind::Plot { run: command, event, x, y, lines } => {
            let run = run(command);
            let events: Vec<Value> = events(&run.printed, event).collect();
            let line = |(number, text): (usize, &String)| {
                let (join, name) = text.split_once(": ").expect("how points are joined, and the line's name");
                let (join, part) = join.split_once(" where ").unwrap_or((join, ""));
                let field = y.field.replace('*', &number.to_string());
                let part = part.split_once(" = ").map(|(field, value)| (field, value.parse::<Value>().expect("JSON")));
                let meant = |event: &&Value| part.as_ref().is_none_or(|(field, value)| event[field] == *value);
                let across = |turn: u32, event| if x.field == "#" { Some(turn.into()) } else { at(event, &x.field) };
                let point = |(turn, event)| Some((across(turn, event)? / x.per, at(event, &field)? / y.per));
                let (join, role) = match join {
                    "straight" => (Join::Straight, Role::Data),
                    "dashed" => (Join::Dashed, Role::Control),
                    other => panic!("points are not joined '{other}'"),
                };
                let points = (1..).zip(events.iter().filter(meant)).filter_map(point).collect();
                Line { name: name.to_string(), role, join, points }
            };
            let lines = lines.iter().enumerate().map(line).collect();
            Plot { x: x.words.clone(), y: y.words.clone(), lines, marks: vec![] }.draw(&caption)
        }
        Kind::Layers { run: None, places } => {
            let place = |(name, file, number): &(String, String, String)| Place {
                name: name.clone(),
                packet: capture(file).swap_remove(number.parse::<usize>().expect("a packet's number") - 1),
            };
            layers(&caption, &places.iter().map(place).collect::<Vec<_>>())
        }
        Kind::Layers { run: Some(command), places } => {
            let run = run(command);
            let place = |(name, node, words): &(String, String, String)| {
                let says = |captured: &&Captured| captured.dissect().summary().to_string().contains(words.as_str());
                let found = run.nodes[node].iter().find(says);
                Place { name: name.clone(), packet: found.expect("the node sees such a packet").clone() }
            };
            layers(&caption, &places.iter().map(place).collect::<Vec<_>>())
        }
        Kind::Pieces { run: command, packet, links } => {
            let run = run(command);
            let says = |captured: &&Captured| captured.dissect().summary().to_string().contains(packet.as_str());
            let first = run.nodes[&run.at].iter().find(says).expect("the host sends such a packet").clone();
            let map = run.net.map();
            let stretch = |name: &String| {
                let link = map.links.iter().find(|link| link.name == name).expect("a link of this network");
                let ends: Vec<&str> = link.cables.iter().map(|cable| cable.node).collect();
                let name = format!("{name}: {}", ends.join(" – "));
                Stretch { name, mtu: link.cables[0].mtu, packets: run.links[link.name].clone() }
            };
            pieces(&caption, &first, &links.iter().map(stretch).collect::<Vec<_>>())
        }
        Kind::Origins { run: command } => origins(&caption, &tls::origins(&run(command))),
        Kind::Sealed { run: command, record } => Ok(sealed(&caption, &tls::sealed(&run(command), *record))),
        Kind::Views { run: command } => views(&caption, &tls::views(&run(command))),
        Kind::Waits { request, runs } => {
            let wait = |(name, command): &(String, String)| wait(name, &event(command, "request", *request));
            waits(&caption, &runs.iter().map(wait).collect::<Vec<_>>())
        }
    }
}

/// The packet that a declaration means.
fn find(packet: &Packet) -> Captured {
    let packets = match &packet.from {
        Source::Run(command) => {
            let mut run = run(command);
            run.nodes.remove(packet.at.as_ref().unwrap_or(&run.at)).expect("a node of this network")
        }
        Source::Capture(file) => capture(file),
    };
    let says = |captured: &Captured| captured.dissect().summary().to_string().contains(&packet.says);
    packets.into_iter().find(says).unwrap_or_else(|| panic!("no packet says '{}'", packet.says))
}

/// The packets of a file in the workspace, with times since the first of them.
fn capture(file: &str) -> Vec<Captured> {
    let bytes = std::fs::read(crate::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let packets = packets(&bytes);
    let first = packets.iter().map(|packet| packet.at).min().unwrap_or_default();
    packets.into_iter().map(|packet| Captured { at: packet.at - first, ..packet }).collect()
}

/// What each node saw, with the address that it is known by.
fn seen(run: &Run) -> Vec<(Party, Vec<Captured>)> {
    let map = run.net.map();
    let party = |name: &str| {
        let places = map.nodes.iter().filter(|node| node.name == name).flat_map(|node| &node.places);
        let address = places.filter_map(|place| place.address).next();
        Party { name: name.to_string(), address: address.map_or_else(String::new, |(address, _)| address.to_string()) }
    };
    let names = map.nodes.iter().map(|node| node.name);
    names.map(|name| (party(name), run.nodes[name].clone())).collect()
}

/// The states of one end of a connection, of a run with `--json --states`. The first is that before anything happened.
fn life(run: &Run, end: &str) -> Vec<(Duration, String)> {
    let steps = events(&run.printed, "step").filter(|event| event["end"] == end);
    let step = |(number, event): (usize, Value)| {
        let at = if number == 0 { 0 } else { event["at_ns"].as_u64().expect("a time") };
        (Duration::from_nanos(at), event["state"].as_str().expect("a state").to_string())
    };
    let states: Vec<_> = steps.enumerate().map(step).collect();
    assert!(!states.is_empty(), "--states is in the command");
    states
}

/// The events of this name that `--json` prints.
pub(crate) fn events(printed: &str, name: &str) -> impl Iterator<Item = Value> {
    let events = printed.lines().map(|line| serde_json::from_str::<Value>(line).expect("--json is in the command"));
    events.filter(move |event| event["event"] == name)
}

/// The event of this name and number.
fn event(command: &str, name: &str, number: u64) -> Value {
    let printed = run(command).printed;
    let found = events(&printed, name).find(|event| event["number"] == number);
    found.unwrap_or_else(|| panic!("no {name} {number} of {command}"))
}

/// When the bytes of a `request` event left. Writes may share a segment, and what was sent again had left before.
fn wait(name: &str, request: &Value) -> Wait {
    let number = |value: &Value| value.as_u64().expect("a whole number");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let begun = number(&request["at_ns"]);
    let (mut departures, mut more) = (Vec::<Departure>::new(), 0);
    for write in list(&request["writes"]) {
        for piece in list(&write["segments"]).iter().filter(|piece| piece["again"] == false) {
            let (bytes, segment) = (number(&piece["bytes"]), number(&piece["segment_bytes"]));
            if more > 0 {
                more -= bytes;
                continue;
            }
            more = segment - bytes;
            let after = Duration::from_nanos(number(&write["at_ns"]) + number(&piece["after_ns"]) - begun);
            match departures.last_mut() {
                Some(last) if last.after == after => last.segments.push(segment),
                _ => {
                    let held = piece["held"][0]["rule"].as_str().map(|rule| format!("held by {rule}"));
                    departures.push(Departure { after, segments: vec![segment], held });
                }
            }
        }
    }
    Wait { name: name.to_string(), departures, answered: Duration::from_nanos(number(&request["rtt_ns"])) }
}

/// The number at a path such as `answers.0.rtt_ns`.
fn at(event: &Value, path: &str) -> Option<f64> {
    let step = |value: &'_ Value, key: &str| match key.parse::<usize>() {
        Ok(number) => value.get(number).cloned(),
        Err(_) => value.get(key).cloned(),
    };
    path.split('.').try_fold(event.clone(), |value, key| step(&value, key))?.as_f64()
}
