//! What a ping should have told, worked out from the packets that it really sent and was given.

use super::{OURS, TOLD};
use crate::check::{Finding, Observed};
use crate::subjects::lines::{Line, compare, ms, option, shown};
use host::Time;
use std::collections::BTreeSet;
use std::time::Duration;
use wire::icmp::{self, Echo, Message};
use wire::ipv4::Ipv4;

/// From one request to the next.
const PACE: Duration = Duration::from_secs(1);
/// How long it listens after the last one.
const LAST: Duration = Duration::from_secs(2);

/// A request that left.
struct Request {
    at: Time,
    echo: Echo,
}

/// What was told is what came.
pub(super) fn answers(observed: &Observed<'_>) -> Result<(), Finding> {
    let requests = requests(observed)?;
    compare(observed, &expected(observed, &requests))?;
    listened_on(observed, &requests)
}

/// The same, and requests left each second.
pub(super) fn answers_at_an_even_pace(observed: &Observed<'_>) -> Result<(), Finding> {
    let requests = requests(observed)?;
    let start = requests.first().map_or(Time::START, |first| first.at);
    for (number, request) in (0..).zip(&requests) {
        let due = start + PACE * number;
        if request.at != due {
            return Err(Finding::of([
                ("", format!("request {} left at another time than a second after the one before", number + 1)),
                ("expected", shown(due)),
                ("got", shown(request.at)),
            ]));
        }
    }
    compare(observed, &expected(observed, &requests))?;
    listened_on(observed, &requests)
}

/// The requests that left, which must be as many as asked for, numbered from 1.
fn requests(observed: &Observed<'_>) -> Result<Vec<Request>, Finding> {
    let count = option(observed, "-c").unwrap_or(4);
    let size = option(observed, "-s").unwrap_or(56);
    let mut requests: Vec<Request> = vec![];
    for packet in observed.log.iter().filter(|packet| packet.sent) {
        let number = requests.len() + 1;
        let Some(request) = request(packet.at, &packet.bytes, size) else {
            let what =
                format!("packet {number} that left is no echo request with {size} bytes of data and its checksum");
            return Err(Finding::of([("", what), ("", crate::check::hex(&packet.bytes))]));
        };
        if usize::from(request.echo.sequence) != number {
            return Err(Finding::of([
                ("", format!("request {number} has another sequence number")),
                ("expected", number.to_string()),
                ("got", request.echo.sequence.to_string()),
            ]));
        }
        requests.push(request);
    }
    if requests.len() != count {
        return Err(Finding::of([
            ("", "so many requests left".into()),
            ("expected", count.to_string()),
            ("got", requests.len().to_string()),
        ]));
    }
    Ok(requests)
}

fn request(at: Time, packet: &[u8], size: usize) -> Option<Request> {
    let (_, _, message, _) = Ipv4::parse(packet).ok()?;
    match icmp::parse(message).ok()?.1 {
        Message::EchoRequest { echo, data } if data.len() == size && icmp::is_intact(message) => {
            Some(Request { at, echo })
        }
        _ => None,
    }
}

/// All lines that should have been printed.
fn expected(observed: &Observed<'_>, requests: &[Request]) -> Vec<Line> {
    let mut answered = BTreeSet::new();
    let mut duplicates = 0;
    let mut lines = vec![];
    for packet in observed.log.iter().filter(|packet| !packet.sent) {
        let Some(came) = came(&packet.bytes, observed, requests) else { continue };
        let (request, text) = match came {
            Came::Reply { request, ttl, bytes } => {
                let (seq, time) = (request.echo.sequence, ms(packet.at - request.at));
                if answered.insert(seq) {
                    (request, format!("reply seq={seq} ttl={ttl} bytes={bytes} time={time}"))
                } else {
                    duplicates += 1;
                    (request, format!("duplicate seq={seq} time={time}"))
                }
            }
            Came::Error { request, from, kind, code } => {
                (request, format!("error seq={} from={from} type={kind} code={code}", request.echo.sequence))
            }
        };
        let because = format!(
            "request {} left at {}, and this came at {}",
            request.echo.sequence,
            shown(request.at),
            shown(packet.at)
        );
        let why = if text.starts_with("error") { TOLD } else { OURS };
        lines.push(Line { text, because, why });
    }
    let text = format!("{} sent, {} received, {duplicates} duplicates", requests.len(), answered.len());
    lines.push(Line { text, because: "by the packets that left and came".into(), why: OURS });
    lines
}

/// What came, and to which request it belongs.
enum Came<'a> {
    Reply { request: &'a Request, ttl: u8, bytes: usize },
    Error { request: &'a Request, from: std::net::Ipv4Addr, kind: u8, code: u8 },
}

fn came<'a>(packet: &[u8], observed: &Observed<'_>, requests: &'a [Request]) -> Option<Came<'a>> {
    let target = target(observed)?;
    let find = |echo: Echo| requests.iter().find(|request| request.echo == echo);
    let (header, _, message, _) = Ipv4::parse(packet).ok()?;
    if !icmp::is_intact(message) {
        return None;
    }
    let (word, said) = icmp::parse(message).ok()?;
    if let Message::EchoReply { echo, .. } = said {
        let request = find(echo).filter(|_| header.source == target)?;
        return Some(Came::Reply { request, ttl: header.ttl, bytes: message.len() });
    }
    let (quoted, _, payload) = Ipv4::split(said.quote()?).ok()?;
    match icmp::parse(payload).ok()?.1 {
        Message::EchoRequest { echo, .. } if quoted.destination == target => {
            let request = find(echo)?;
            Some(Came::Error { request, from: header.source, kind: word.kind, code: word.code })
        }
        _ => None,
    }
}

/// Whom the requests went to.
fn target(observed: &Observed<'_>) -> Option<std::net::Ipv4Addr> {
    let first = observed.log.iter().find(|packet| packet.sent)?;
    Ipv4::parse(&first.bytes).ok().map(|(header, ..)| header.destination)
}

/// It must not end before the last answer had its time.
fn listened_on(observed: &Observed<'_>, requests: &[Request]) -> Result<(), Finding> {
    let until = requests.last().map_or(Time::START, |last| last.at) + LAST;
    if observed.ended >= until {
        return Ok(());
    }
    Err(Finding::of([
        ("", "it ended before the last answer had two seconds to come".into()),
        ("expected", shown(until)),
        ("got", shown(observed.ended)),
    ]))
}
