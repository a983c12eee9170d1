//! Events as lines of text.

use super::door::{Door, Fit};
use super::engine::{Count, Echo, Event, Heard, Summary};
use crate::words;
use cli::explain::error_title;

/// The lines that come first: what stands in the host's table of ports for this program.
pub(crate) fn start(doors: &[Door]) -> String {
    let head = ["socket", "local address", "port", "peer", "program"].map(String::from).to_vec();
    let row = |(number, door): (usize, &Door)| {
        let address = if door.address.is_unspecified() { "any".to_string() } else { door.address.to_string() };
        let peer = door.peer.map_or("anybody".to_string(), |peer| peer.to_string());
        vec![(number + 1).to_string(), address, door.port.to_string(), peer, program(door)]
    };
    let rows = [head].into_iter().chain(doors.iter().enumerate().map(row)).collect();
    let sockets = if doors.len() == 1 { "1 socket".to_string() } else { format!("{} sockets", doors.len()) };
    format!("UDP ECHO at {sockets}\n{}", columns(rows))
}

/// The line of an event, where it has one.
pub(crate) fn line(doors: &[Door], event: &Event<'_>) -> Option<String> {
    match event {
        Event::Start => None,
        Event::Datagram(heard, echo) => doors.get(heard.door).map(|door| datagram(door, heard, *echo)),
        Event::Trouble { door, error, .. } => Some(format!(
            "From {}: {}, about an echo of socket {}",
            error.by,
            error_title(error.kind, error.code),
            door + 1
        )),
    }
}

fn datagram(door: &Door, heard: &Heard<'_>, echo: Echo<'_>) -> String {
    let Heard { from, data, whole, ttl, door: number, .. } = heard;
    let ttl = ttl.map_or(String::new(), |ttl| format!(" ttl={ttl}"));
    let cut = if data.len() < *whole { format!(" ({} read)", data.len()) } else { String::new() };
    let echo = match echo {
        Echo::Sent => String::new(),
        Echo::Endless => format!("; no echo to port {}", from.port()),
        Echo::Unsent(error) => format!("; no echo: {}", words::local(error)),
    };
    let program = door.program.as_deref().map_or(String::new(), |program| format!(" ({})", cli::escape(program)));
    let at = if door.address.is_unspecified() { String::new() } else { format!("{} ", door.address) };
    format!(
        "{whole} bytes{cut} from {from}{ttl} to {at}port {}: socket {}{program}, {}{echo}",
        door.port,
        number + 1,
        why(door)
    )
}

/// Why a datagram was for a socket that got it.
pub(crate) fn why(door: &Door) -> String {
    match (door.fit(), door.peer) {
        (Fit::Alone, _) => "the only one at this port".into(),
        (Fit::Peer, Some(peer)) => format!("connected to {peer}"),
        (Fit::Address, _) => format!("bound to {}", door.address),
        (Fit::Hash, _) => format!("by a hash of addresses and ports, among {}", door.among.unwrap_or(1)),
        (Fit::Rest | Fit::Peer, _) => "which is for all others".into(),
    }
}

/// The last lines: what each socket got.
pub(crate) fn statistics(summary: &Summary) -> String {
    let head = ["socket", "port", "program", "datagrams", "bytes", "senders", "echoed"].map(String::from).to_vec();
    let row = |(number, (door, count)): (usize, &(Door, Count))| {
        let numbers =
            [count.datagrams, count.bytes, count.peers.len() as u64, count.echoed].map(|count| count.to_string());
        [vec![(number + 1).to_string(), door.port.to_string(), program(door)], numbers.to_vec()].concat()
    };
    let mut rows: Vec<Vec<String>> = [head].into_iter().chain(summary.doors.iter().enumerate().map(row)).collect();
    if summary.doors.iter().any(|(door, _)| door.fit() == Fit::Hash) {
        add_shares(&mut rows, summary);
    }
    let errors = if summary.errors > 0 { format!(", +{} errors", summary.errors) } else { String::new() };
    let millis = (summary.span.as_nanos() + 500_000) / 1_000_000;
    format!(
        "\n--- echo statistics ---\n{}\n{} datagrams received, {} echoed{errors}, time {millis}ms",
        columns(rows),
        summary.received,
        summary.echoed
    )
}

/// Adds which share of all senders each socket had: it is senders that are spread, and not datagrams.
fn add_shares(rows: &mut [Vec<String>], summary: &Summary) {
    let senders: Vec<usize> = summary.doors.iter().map(|(_, count)| count.peers.len()).collect();
    let all: usize = senders.iter().sum();
    // In tenths of a per cent, rounded.
    let share = |senders: &usize| (senders * 2000 + all).checked_div(2 * all).unwrap_or(0);
    let shares = senders.iter().map(share).map(|share| format!("{}.{}%", share / 10, share % 10));
    let column = ["share of senders".to_string()].into_iter().chain(shares);
    rows.iter_mut().zip(column).for_each(|(row, share)| row.push(share));
}

fn program(door: &Door) -> String {
    door.program.as_deref().map_or("-".into(), cli::escape)
}

/// Rows whose cells stand below each other, two blanks between them.
fn columns(rows: Vec<Vec<String>>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:width$}", width = width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows =
            [["port", "program"], ["6978", "-"], ["7", "Äpp"]].map(|row| row.map(String::from).to_vec()).to_vec();
        assert_eq!(columns(rows), "port  program\n6978  -\n7     Äpp");
    }
}
