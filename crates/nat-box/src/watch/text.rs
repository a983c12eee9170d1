//! Changes as lines of text.

use super::Summary;
use host::Time;
use nat::{Change, Entry, Protocol, Side, State, What};
use std::net::SocketAddrV4;
use std::time::Duration;

/// The line of a change: when, what, whose, and in which state.
pub(crate) fn line(change: &Change, ascii: bool) -> String {
    let at = seconds(change.at);
    let (what, entry) = match &change.what {
        What::There(entry) => ("there", entry),
        What::Opened(entry) => ("opened", entry),
        What::Moved(entry) => ("now", entry),
        What::Closed(entry, _) => ("closed", entry),
        What::Dropped { protocol, source, destination, reason, side } => {
            let arrow = if ascii { "->" } else { "→" };
            let from = if *side == Side::Inside { "inside" } else { "outside" };
            let name = name_of(*protocol);
            return format!("{at}  dropped  {name:4}  {source} {arrow} {destination}  from {from}: {reason}");
        }
    };
    let both = if ascii { "<->" } else { "⇄" };
    let Entry { protocol, inside, outside, state, bytes_out, bytes_in, began, .. } = entry;
    let peer = peer(*protocol, entry.peer);
    let age = (change.at - *began).as_secs();
    format!(
        "{at}  {what:7}  {protocol:4}  {inside} {both} {outside} {both} {peer}  {state:11}  age {age} s, {bytes_out} bytes \
         out, {bytes_in} in"
    )
}

/// Of ICMP the identifier stands for a port, and the peer has none.
pub(crate) fn peer(protocol: Protocol, peer: SocketAddrV4) -> String {
    if protocol == Protocol::Icmp { peer.ip().to_string() } else { peer.to_string() }
}

pub(crate) fn name_of(protocol: u8) -> String {
    let known = Protocol::ALL.into_iter().find(|known| known.number() == protocol);
    known.map_or_else(|| format!("protocol {protocol}"), |known| known.to_string())
}

/// When a session will end, and what keeps it until then; nothing of what is over.
pub(crate) fn reason(change: &Change) -> Option<String> {
    let (What::There(entry) | What::Opened(entry) | What::Moved(entry)) = &change.what else { return None };
    let until = seconds(entry.until).trim_start().to_string();
    let kept = match (entry.protocol, entry.state) {
        (Protocol::Udp, _) => "each packet that goes out keeps it longer, what comes in does not: RFC 4787 section 4.3",
        (Protocol::Icmp, _) => "each query that goes out keeps it longer: RFC 5508 section 3.2",
        (Protocol::Tcp, State::Established | State::FinOut | State::FinIn) => {
            "each segment keeps it longer, either way: RFC 5382 section 5"
        }
        (Protocol::Tcp, State::SynOut | State::SynIn) => {
            "a connection that does not come about goes soon: RFC 5382 section 5"
        }
        (Protocol::Tcp, _) => "it is over, but for what may still be under way: RFC 7857 section 2",
    };
    Some(format!("ends at {until}; {kept}"))
}

/// `    0.010200 s`: the time with microseconds, below that of the other lines.
fn seconds(at: Time) -> String {
    let micros = Duration::from_nanos(at.0).as_micros();
    format!("{:4}.{:06} s", micros / 1_000_000, micros % 1_000_000)
}

/// The last lines: how many came, went, are left, and were dropped why.
pub(crate) fn statistics(summary: &Summary) -> String {
    let Summary { there, opened, closed, dropped, .. } = summary;
    let left = (there + opened).saturating_sub(*closed);
    let there = if *there > 0 { format!("{there} there before, ") } else { String::new() };
    let mut text =
        format!("\n--- translation statistics ---\nsessions: {there}{opened} opened, {closed} closed, {left} left");
    if !dropped.is_empty() {
        let reasons: Vec<String> = dropped.iter().map(|(reason, count)| format!("{count} {}", reason.name())).collect();
        text += &format!("; packets dropped: {}", reasons.join(", "));
    }
    text
}
