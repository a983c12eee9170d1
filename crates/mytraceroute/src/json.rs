//! Events as JSON objects, one a line; docs/json.md has the table.

use crate::answer::{Answer, Says};
use crate::flags::{Call, Question};
use crate::hop::{Hop, Silence};
use crate::mtu;
use crate::multipath::Seen;
use crate::told::Told;
use crate::trace::{Flows, Trace};
use crate::words;
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Start(Start<'a>),
    Hop(HopLine),
    End(End),
    Ways(WaysLine),
    EndOfWays {
        reached: bool,
        /// Pairs of addresses between which no flow went.
        invented: Vec<[IpAddr; 2]>,
    },
    TooLong {
        by: IpAddr,
        mtu_bytes: u16,
        packet_bytes: u16,
        next_bytes: u16,
    },
    BlackHole {
        ttl: u8,
        swallowed_bytes: u16,
        passed_bytes: u16,
    },
    MtuHop {
        ttl: u8,
        packet_bytes: u16,
        answer: Option<AnswerLine>,
    },
    EndOfMtu {
        reached: bool,
        ttl: Option<u8>,
        mtu_bytes: Option<u16>,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct WaysLine {
    ttl: u8,
    nodes: Vec<NodeLine>,
}

#[derive(Debug, Serialize)]
pub(crate) struct NodeLine {
    /// `null`: nobody answered.
    address: Option<IpAddr>,
    rtt_ns: Option<u64>,
    flows: usize,
    from: Vec<Option<IpAddr>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Start<'a> {
    target: &'a str,
    address: IpAddr,
    method: &'static str,
    question: &'static str,
    first_ttl: u8,
    last_ttl: u8,
    packet_bytes: u16,
}

#[derive(Debug, Serialize)]
pub(crate) struct HopLine {
    ttl: u8,
    answers: Vec<AnswerLine>,
    unanswered: usize,
    /// `none`, `complete`, `loss` or `rate_limit`.
    silence: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct AnswerLine {
    from: IpAddr,
    says: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtu: Option<u16>,
    rtt_ns: u64,
    /// The time to live of the answer on arrival.
    ttl: Option<u8>,
    /// How many routers it passed, if it left with a usual time to live.
    routers_back: Option<u8>,
    /// The labels that the probe came with.
    labels: Vec<u32>,
    /// Names or addresses of interfaces that the router tells.
    interfaces: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct End {
    reached: bool,
    /// The hop that ends the way.
    ttl: Option<u8>,
    by: Option<IpAddr>,
    says: Option<&'static str>,
    code: Option<u8>,
    silent_from: Option<u8>,
    silent_to: Option<u8>,
    circle_from: Option<u8>,
    circle_hops: Option<usize>,
    interrupted: bool,
    took_ns: u64,
}

pub(crate) fn start<'a>(target: &'a str, call: &Call) -> Line<'a> {
    Line::Start(Start {
        target,
        address: call.plan.target,
        method: call.sending.shape.method.name(),
        question: match call.question {
            Question::Way(Flows::One) => "way",
            Question::Way(Flows::Classic) => "classic",
            Question::Ways => "multipath",
            Question::Mtu => "mtu",
        },
        first_ttl: call.plan.first,
        last_ttl: call.plan.last,
        packet_bytes: call.sending.size,
    })
}

pub(crate) fn hop(hop: &Hop, limited: bool) -> Line<'static> {
    let answers: Vec<AnswerLine> = hop.answers().map(|(answer, rtt)| answer_line(answer, rtt)).collect();
    Line::Hop(HopLine {
        ttl: hop.ttl,
        unanswered: hop.attempts.len() - answers.len(),
        answers,
        silence: match hop.silence() {
            Silence::None => "none",
            Silence::Complete => "complete",
            Silence::RateLimit if limited => "rate_limit",
            Silence::Once | Silence::Loss | Silence::RateLimit => "loss",
        },
    })
}

fn answer_line(answer: &Answer, rtt: Duration) -> AnswerLine {
    let (code, mtu) = code(answer.says);
    AnswerLine {
        from: answer.from,
        says: says(answer.says),
        code,
        mtu,
        rtt_ns: nanos(rtt),
        ttl: answer.ttl,
        routers_back: answer.ttl.map(|ttl| cli::explain::way_back(ttl).1),
        labels: answer.told.iter().flat_map(labels).collect(),
        interfaces: answer.told.iter().filter_map(interface).collect(),
    }
}

fn labels(told: &Told) -> Vec<u32> {
    match told {
        Told::Labels(labels) => labels.iter().map(|entry| entry.label).collect(),
        Told::Interface { .. } | Told::Other { .. } => vec![],
    }
}

fn interface(told: &Told) -> Option<String> {
    let Told::Interface { name, address, if_index, .. } = told else { return None };
    let name = name.as_ref().map(|name| cli::escape_bytes(name));
    name.or(address.map(|address| address.to_string())).or(if_index.map(|index| format!("#{index}")))
}

pub(crate) fn end(trace: &Trace, reached: bool, end: Option<(u8, &Answer)>) -> Line<'static> {
    Line::End(End {
        reached,
        ttl: end.map(|(ttl, _)| ttl),
        by: end.map(|(_, answer)| answer.from),
        says: end.map(|(_, answer)| says(answer.says)),
        code: end.and_then(|(_, answer)| code(answer.says).0),
        silent_from: trace.silent.map(|(first, _)| first),
        silent_to: trace.silent.map(|(_, last)| last),
        circle_from: trace.circle.map(|circle| circle.first),
        circle_hops: trace.circle.map(|circle| circle.length),
        interrupted: trace.interrupted,
        took_ns: nanos(trace.took),
    })
}

pub(crate) fn ways(ttl: u8, nodes: &[Seen]) -> Line<'static> {
    let node = |seen: &Seen| NodeLine {
        address: seen.node,
        rtt_ns: seen.rtt.map(nanos),
        flows: seen.flows,
        from: seen.from.clone(),
    };
    Line::Ways(WaysLine { ttl, nodes: nodes.iter().map(node).collect() })
}

pub(crate) fn end_of_ways(reached: bool, invented: &[(IpAddr, IpAddr)]) -> Line<'static> {
    Line::EndOfWays { reached, invented: invented.iter().map(|(from, to)| [*from, *to]).collect() }
}

pub(crate) fn mtu(event: &mtu::Event<'_>) -> Option<Line<'static>> {
    Some(match event {
        mtu::Event::Start | mtu::Event::Foreign(_) | mtu::Event::Passed(_) => return None,
        mtu::Event::Told { by, mtu, size, next } => {
            Line::TooLong { by: *by, mtu_bytes: *mtu, packet_bytes: *size, next_bytes: *next }
        }
        mtu::Event::BlackHole { ttl, swallowed, passed } => {
            Line::BlackHole { ttl: *ttl, swallowed_bytes: *swallowed, passed_bytes: *passed }
        }
        mtu::Event::Hop(hop) => Line::MtuHop {
            ttl: hop.ttl,
            packet_bytes: hop.size,
            answer: hop.answer.as_ref().map(|(answer, rtt)| answer_line(answer, *rtt)),
        },
    })
}

pub(crate) fn end_of_mtu(reached: bool, farthest: Option<&mtu::Hop>) -> Line<'static> {
    Line::EndOfMtu { reached, ttl: farthest.map(|hop| hop.ttl), mtu_bytes: farthest.map(|hop| hop.size) }
}

fn says(says: Says) -> &'static str {
    match says {
        Says::TimeExceeded => "time_exceeded",
        Says::Unreachable { .. } => "unreachable",
        Says::EchoReply => "echo_reply",
        Says::Open => "syn_ack",
        Says::Closed => "rst",
        Says::Datagram => "datagram",
        Says::ParameterProblem => "parameter_problem",
    }
}

fn code(says: Says) -> (Option<u8>, Option<u16>) {
    match says {
        Says::Unreachable { code: 4, mtu } => (Some(4), Some(mtu)),
        Says::Unreachable { code, .. } => (Some(code), None),
        _ => (None, None),
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
