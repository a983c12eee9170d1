//! What an arping should have told, worked out from the frames that it really sent and was given.

use super::{EACH, FIGURE, QUIET};
use crate::check::{Finding, Observed};
use crate::subjects::lines::{Line, compare, ms, option, shown};
use host::Time;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::Mac;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet};

/// From one request to the next.
const PACE: Duration = Duration::from_secs(1);

/// What was told is what came.
pub(super) fn answers(observed: &Observed<'_>) -> Result<(), Finding> {
    let requests = requests(observed)?;
    compare(observed, &expected(observed, &requests))?;
    listened_on(observed, &requests)
}

/// The same, and requests left each second.
pub(super) fn answers_at_an_even_pace(observed: &Observed<'_>) -> Result<(), Finding> {
    let requests = requests(observed)?;
    let start = requests.first().copied().unwrap_or(Time::START);
    for (number, at) in (0..).zip(&requests) {
        let due = start + PACE * number;
        if *at != due {
            return Err(Finding::of([
                ("", format!("request {} left at another time than a second after the one before", number + 1)),
                ("expected", shown(due)),
                ("got", shown(*at)),
            ]));
        }
    }
    answers(observed)
}

/// Whom the case asks for.
fn target(observed: &Observed<'_>) -> Option<Ipv4Addr> {
    observed.case.arguments.first()?.parse().ok()
}

fn arp(frame: &[u8]) -> Option<(Ethernet, Arp)> {
    let (header, packet) = Ethernet::take(frame).ok()?;
    let (arp, _) = Arp::parse(packet).ok()?;
    (header.ethertype == ethernet::ARP).then_some((header, arp))
}

/// When the requests left, which must be as many as asked for.
fn requests(observed: &Observed<'_>) -> Result<Vec<Time>, Finding> {
    let target = target(observed);
    let mut requests = vec![];
    for packet in observed.log.iter().filter(|packet| packet.sent) {
        let is_request = arp(&packet.bytes).is_some_and(|(header, arp)| {
            header.destination == Mac::BROADCAST && arp.operation == arp::REQUEST && Some(arp.target) == target
        });
        if !is_request {
            let what = format!("frame {} that left is no request for the target", requests.len() + 1);
            let bytes = crate::check::hex(&packet.bytes);
            return Err(Finding::of([("", what), ("", bytes), ("", FIGURE.into())]));
        }
        requests.push(packet.at);
    }
    let count = option(observed, "-c").unwrap_or(4);
    if requests.len() == count {
        return Ok(requests);
    }
    Err(Finding::of([
        ("", "so many requests left".into()),
        ("expected", count.to_string()),
        ("got", requests.len().to_string()),
    ]))
}

/// All lines that should have been printed.
fn expected(observed: &Observed<'_>, requests: &[Time]) -> Vec<Line> {
    let Some(target) = target(observed) else { return vec![] };
    let came: Vec<(Time, Mac)> = observed
        .log
        .iter()
        .filter(|packet| !packet.sent)
        .filter_map(|packet| {
            let (_, arp) = arp(&packet.bytes)?;
            (arp.operation == arp::REPLY && arp.sender == target).then_some((packet.at, arp.sender_mac))
        })
        .collect();
    let mut lines = vec![];
    let (mut answered, mut replies) = (0, 0);
    for (at, sent) in requests.iter().enumerate() {
        let left = format!("request {} left at {}", at + 1, shown(*sent));
        let text = format!("request {}: who has {target}?", at + 1);
        lines.push(Line { text, because: left.clone(), why: FIGURE });
        let until = requests.get(at + 1).copied().unwrap_or(*sent + PACE);
        let answers: Vec<_> = came.iter().filter(|(at, _)| sent < at && *at <= until).collect();
        if answers.is_empty() {
            let because = format!("{left}, and nothing came until {}", shown(until));
            lines.push(Line { text: "silence".into(), because, why: QUIET });
        } else {
            answered += 1;
            replies += answers.len();
        }
        for (came, mac) in answers {
            let text = format!("reply {mac} after {}", ms(*came - *sent));
            lines.push(Line { text, because: format!("{left}, and this came at {}", shown(*came)), why: EACH });
        }
    }
    let text = format!("{} sent, {answered} answered, {replies} replies", requests.len());
    lines.push(Line { text, because: "by the frames that left and came".into(), why: EACH });
    lines
}

/// It must not end before the last answer had its time.
fn listened_on(observed: &Observed<'_>, requests: &[Time]) -> Result<(), Finding> {
    let until = requests.last().copied().unwrap_or(Time::START) + PACE;
    if observed.ended >= until {
        return Ok(());
    }
    Err(Finding::of([
        ("", "it ended before the last answer had a second to come".into()),
        ("expected", shown(until)),
        ("got", shown(observed.ended)),
    ]))
}
