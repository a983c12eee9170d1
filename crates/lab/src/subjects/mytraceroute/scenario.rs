//! What a traceroute should have told, worked out from the packets that it really sent and was given.

use super::{EACH, FIGURE, SILENCE, SOURCE_PORT};
use crate::check::{Finding, Observed};
use crate::subjects::lines::{Line, compare, ms, shown};
use host::Time;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// How long a probe waits.
const WAIT: Duration = Duration::from_secs(1);

/// A probe that left.
struct Probe {
    at: Time,
    ttl: u8,
    port: u16,
    src: Ipv4Addr,
    dst: Ipv4Addr,
}

/// What was told is what came, to each probe in its own second.
pub(super) fn answers(observed: &Observed<'_>) -> Result<(), Finding> {
    let probes = probes(observed)?;
    let lines = probes.iter().enumerate().map(|(at, probe)| {
        let until = probes.get(at + 1).map_or(observed.ended, |next| next.at);
        line(observed, probe, until)
    });
    compare(observed, &lines.collect::<Result<Vec<_>, _>>()?)
}

/// The same, and no two probes are for one port.
pub(super) fn answers_to_ports_of_their_own(observed: &Observed<'_>) -> Result<(), Finding> {
    let mut ports = BTreeSet::new();
    for (number, probe) in (1..).zip(probes(observed)?) {
        if !ports.insert(probe.port) {
            let what = format!("probe {number} is for port {}, as one before it was", probe.port);
            return Err(Finding::of([("", what), ("", EACH.into())]));
        }
    }
    answers(observed)
}

fn probes(observed: &Observed<'_>) -> Result<Vec<Probe>, Finding> {
    let mut probes = vec![];
    for packet in observed.log.iter().filter(|packet| packet.sent) {
        let Some(probe) = probe(packet.at, &packet.bytes) else {
            let what = format!("packet {} that left is no probe with its checksums", probes.len() + 1);
            let bytes = crate::check::hex(&packet.bytes);
            return Err(Finding::of([("", what), ("", bytes), ("", FIGURE.into())]));
        };
        probes.push(probe);
    }
    if probes.is_empty() { Err(Finding::of([("", "no probe left".into())])) } else { Ok(probes) }
}

fn probe(at: Time, packet: &[u8]) -> Option<Probe> {
    let (header, _, datagram, _) = Ipv4::parse(packet).ok()?;
    let (udp, data, _) = Udp::parse(datagram).ok()?;
    let (src, dst) = (header.source, header.destination);
    let is_right = Ipv4::is_intact(packet)
        && header.protocol == ipv4::UDP
        && udp.source_port == SOURCE_PORT
        && udp.is_intact(src.into(), dst.into(), data);
    is_right.then_some(Probe { at, ttl: header.ttl, port: udp.destination_port, src, dst })
}

/// The line about a probe. `until`: when the next one left, or the program ended.
fn line(observed: &Observed<'_>, probe: &Probe, until: Time) -> Result<Line, Finding> {
    let Probe { at, ttl, port, .. } = probe;
    let left = format!("the probe for port {port} left at {} with a TTL of {ttl}", shown(*at));
    let came = observed.log.iter().filter(|packet| !packet.sent && *at < packet.at && packet.at <= *at + WAIT);
    let mut answers = came.filter_map(|packet| Some((packet.at, said(&packet.bytes, probe)?)));
    if let Some((came, (by, rest))) = answers.next() {
        let text = format!("{ttl} {by} {}{rest}", ms(came - *at));
        return Ok(Line { text, because: format!("{left}, and this came at {}", shown(came)), why: EACH });
    }
    if until < *at + WAIT {
        return Err(Finding::of([
            ("", format!("{left}, and was not waited for until")),
            ("expected", shown(*at + WAIT)),
            ("got", shown(until)),
            ("", SILENCE.into()),
        ]));
    }
    Ok(Line { text: format!("{ttl} *"), because: format!("{left}, and nothing came in its second"), why: SILENCE })
}

/// Who says something about a probe, and what stands behind the time.
fn said(packet: &[u8], probe: &Probe) -> Option<(Ipv4Addr, String)> {
    let (header, _, message, _) = Ipv4::parse(packet).ok()?;
    let (word, said) =
        icmp::parse(message).ok().filter(|_| header.protocol == ipv4::ICMP && icmp::is_intact(message))?;
    let (quoted, _, datagram) = Ipv4::split(said.quote()?).ok()?;
    let ports = [SOURCE_PORT.to_be_bytes(), probe.port.to_be_bytes()].concat();
    let is_about = (quoted.source, quoted.destination, quoted.protocol) == (probe.src, probe.dst, ipv4::UDP)
        && datagram.len() >= Udp::LEN
        && datagram.starts_with(&ports);
    let rest = match (&said, word.code) {
        (Message::TimeExceeded { .. }, 0) => String::new(),
        (Message::Unreachable { .. }, 3) => " arrived".into(),
        (Message::Unreachable { .. }, code) => format!(" refused, code {code}"),
        _ => return None,
    };
    is_about.then_some((header.source, rest))
}
