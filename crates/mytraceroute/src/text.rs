//! Hops as lines of text, in the shape that users of traceroute know.

use crate::answer::{Answer, Says};
use crate::flags::{Call, Question};
use crate::hop::Hop;
use crate::mtu;
use crate::multipath::{Node, Seen};
use crate::told::Told;
use crate::words;
use std::fmt::Write;
use std::net::IpAddr;
use wire::extensions::{LabelStackEntry, Role};

/// The line that comes first.
pub(crate) fn start(target: &str, call: &Call) -> String {
    let (plan, sending) = (&call.plan, &call.sending);
    let kind = match call.question {
        Question::Way(_) => "",
        Question::Ways => ", all ways",
        Question::Mtu => " that must not be cut",
    };
    format!("traceroute to {target} ({}), {} hops max, {} byte packets{kind}", plan.target, plan.last, sending.size)
}

/// A hop's line: addresses as they change, a time for each answer, and what became of the other probes.
///
/// `limited`: silence after an answer is a limit, and no star.
pub(crate) fn hop(hop: &Hop, limited: bool) -> String {
    let mut line = format!("{:2} ", hop.ttl);
    let mut before: Option<IpAddr> = None;
    for attempt in &hop.attempts {
        match (&attempt.answer, attempt.rtt()) {
            (Some((answer, _)), Some(rtt)) => {
                line += &answered(answer, before);
                let _ = write!(line, "  {} ms{}", cli::milliseconds(rtt), mark(answer));
                before = Some(answer.from);
            }
            _ if limited => {}
            _ => line += " *",
        }
    }
    if limited {
        line += "  rate-limited";
    } else if hop.attempts.is_empty() {
        line += " *"; // cut short before anything could be said
    }
    line
}

fn answered(answer: &Answer, before: Option<IpAddr>) -> String {
    if before == Some(answer.from) {
        return String::new();
    }
    let told: Vec<String> = answer.told.iter().map(told).collect();
    let told = if told.is_empty() { String::new() } else { format!(" <{}>", told.join("/")) };
    format!(" {}{told}", answer.from)
}

/// What a router told behind its quote; labels as `traceroute -e` has them.
fn told(told: &Told) -> String {
    match told {
        Told::Labels(labels) => {
            let label = |entry: &LabelStackEntry| {
                let LabelStackEntry { label, traffic_class, bottom_of_stack, ttl } = entry;
                format!("L={label},E={traffic_class},S={},T={ttl}", u8::from(*bottom_of_stack))
            };
            format!("MPLS:{}", labels.iter().map(label).collect::<Vec<_>>().join("/"))
        }
        Told::Interface { role, if_index, address, name, mtu } => {
            let role = match role {
                Role::Incoming => "IN",
                Role::SubIpIncoming => "IN below IP",
                Role::Outgoing => "OUT",
                Role::NextHop => "NEXT",
            };
            let parts = [
                name.as_ref().map(|name| cli::escape_bytes(name)),
                if_index.map(|index| format!("#{index}")),
                address.map(|address| address.to_string()),
                mtu.map(|mtu| format!("mtu {mtu}")),
            ];
            format!("{role}:{}", parts.into_iter().flatten().collect::<Vec<_>>().join(","))
        }
        Told::Other { class_num, c_type } => format!("{class_num}/{c_type}"),
    }
}

fn mark(answer: &Answer) -> String {
    match answer.says {
        Says::Unreachable { .. } | Says::ParameterProblem => {
            let mark = words::mark(answer.says);
            if mark.is_empty() { mark } else { format!(" {mark}") }
        }
        _ => String::new(),
    }
}

/// All that is at a hop: a line for each, with how many flows met it, and after which node where that is a choice.
pub(crate) fn ways(ttl: u8, nodes: &[Seen]) -> String {
    let is_choice = nodes.len() > 1 || nodes.iter().any(|seen| seen.from.len() > 1);
    let name = |node: &Node| node.map_or("*".to_string(), |address| address.to_string());
    let width = nodes.iter().map(|seen| name(&seen.node).len()).max().unwrap_or(0);
    let line = |(index, seen): (usize, &Seen)| {
        let number = if index == 0 { format!("{ttl:2}") } else { "  ".into() };
        let rtt = seen.rtt.map_or(String::new(), |rtt| format!("  {} ms", cli::milliseconds(rtt)));
        let flows = if seen.flows == 1 { "1 flow".to_string() } else { format!("{} flows", seen.flows) };
        let from: Vec<String> = seen.from.iter().map(name).collect();
        let from = if is_choice && !from.is_empty() { format!(" from {}", from.join(" and ")) } else { String::new() };
        format!("{number}  {:width$}{rtt}  {flows}{from}", name(&seen.node))
    };
    nodes.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// The line of what happens while the longest packet is looked for.
pub(crate) fn mtu(event: &mtu::Event<'_>) -> Option<String> {
    Some(match event {
        mtu::Event::Start | mtu::Event::Foreign(_) | mtu::Event::Passed(_) => return None,
        mtu::Event::Told { by, mtu: 0, size, next } => {
            format!(
                "      {by}: {size} bytes are too long, and how many are not it does not say (!F-0); {next} are tried"
            )
        }
        mtu::Event::Told { by, mtu, size, next } if mtu == next => {
            format!("      {by}: {size} bytes are too long for my next link, {mtu} are not (!F-{mtu})")
        }
        mtu::Event::Told { by, mtu, size, next } => {
            format!(
                "      {by}: {size} bytes are too long, it says, and {mtu} are not (!F-{mtu}), which cannot be; {next} are tried"
            )
        }
        mtu::Event::BlackHole { ttl, swallowed, passed } => {
            format!("      black hole before hop {ttl}: {swallowed} bytes vanish without a word, {passed} pass")
        }
        mtu::Event::Hop(mtu::Hop { ttl, size, answer: Some((answer, rtt)) }) => {
            format!("{ttl:2}  {}  {} ms{}  F={size}", answer.from, cli::milliseconds(*rtt), mark(answer))
        }
        mtu::Event::Hop(mtu::Hop { ttl, answer: None, .. }) => format!("{ttl:2}  * * *"),
    })
}

/// The line for hops that were asked in vain, from `first` to `last`.
pub(crate) fn silent(first: u8, last: u8) -> String {
    match last - first {
        0 => format!("{first:2}  * * *"),
        _ => format!("{first:2}  * * *  and so on to {last}"),
    }
}
