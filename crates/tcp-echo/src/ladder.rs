//! The states of both ends beside the segments between them: RFC 9293 section 3.3.2, as it happened.
//!
//! A row is a segment, with the time at which it left on its sender's side and the time at which it came on the other,
//! and on each side the state from then on. Sequence numbers are counted from each side's SYN, which is 0.

use host::{Seen, Step, Time};
use std::collections::VecDeque;
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;

/// The room for a segment's arrow with its words.
const ARROW: usize = 32;
/// The room for a time, as in `12345.678`.
const TIME: usize = 9;
/// The room for a state: SYN-RECEIVED is the longest.
const STATE: usize = 12;
/// So many rows are shown; of more, the first and the last.
const MOST_ROWS: usize = 120;
const FIRST_ROWS: usize = 90;

/// What a segment says, as far as states and numbers go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    header: Option<Tcp>,
    len: usize,
}

impl Said {
    pub(crate) fn of(segment: &Seen) -> Self {
        let header = Ipv4::split(&segment.packet).and_then(|(_, _, payload)| Tcp::parse(payload));
        Self { header: header.ok().map(|(header, ..)| header), len: segment.len }
    }

    /// Whether it has the SYN flag.
    pub(crate) fn is_syn(self) -> bool {
        self.header.is_some_and(|header| header.syn)
    }

    /// With the numbers that stand in the header.
    pub(crate) fn absolute(self) -> String {
        self.relative(0, 0)
    }

    /// `PSH 1:501 ack 1`: numbers counted from these two.
    pub(crate) fn relative(self, iss: u32, irs: u32) -> String {
        let Some(header) = self.header else { return "no TCP header".into() };
        let flags = [(header.syn, "SYN"), (header.fin, "FIN"), (header.rst, "RST"), (header.psh, "PSH")];
        let names: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        let first = header.sequence_number.wrapping_sub(iss);
        let behind = first.wrapping_add(u32::try_from(self.len).unwrap_or(0));
        // A RST that answers a SYN has the number 0, whatever the numbers of its direction would be.
        let first = if header.rst && header.sequence_number == 0 { 0 } else { first };
        let numbers = match (self.len, names.is_empty()) {
            (0, true) => None,
            (0, false) => Some(first.to_string()),
            _ => Some(format!("{first}:{behind}")),
        };
        let ack = header.ack.then(|| format!("ack {}", header.acknowledgment_number.wrapping_sub(irs)));
        let flags = (!names.is_empty()).then(|| names.join(","));
        [flags, numbers, ack].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Which way a segment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Right,
    Left,
}

/// What one side shows in a row.
#[derive(Debug, Clone, Copy)]
struct Side<'a> {
    at: Time,
    state: &'a str,
}

/// A row: what each side shows, and the segment between them.
#[derive(Debug, Clone)]
struct Row<'a> {
    /// When it began.
    at: Time,
    /// With which step of each side.
    own: Option<(usize, Side<'a>)>,
    peer: Option<(usize, Side<'a>)>,
    segment: Option<(Way, Said)>,
}

/// The ladder, 78 columns wide; this end is on the left. Without a life of the other end, nobody knows what arrived there.
pub(crate) fn lines(own: &[Step], peer: Option<&[Step]>, ascii: bool) -> Vec<String> {
    let (peer, sees_peer) = (peer.unwrap_or_default(), peer.is_some());
    let theirs = if sees_peer { first_number(peer, false) } else { first_number(own, true) };
    let numbers = (first_number(own, false), theirs);
    let begin = |steps: &[Step]| steps.first().filter(|step| step.segment.is_none()).map(|step| step.state.to_string());
    let (left, right) = (begin(own), begin(peer));
    let skip = |steps: &[Step], begun: bool| usize::from(begun).min(steps.len());
    let own = own.get(skip(own, left.is_some())..).unwrap_or_default();
    let peer = peer.get(skip(peer, right.is_some())..).unwrap_or_default();

    let rows = in_order(rows(own, peer), own.len(), peer.len());
    let heading =
        format!("{:>TIME$} {:<STATE$} {:^ARROW$} {:<STATE$} {:>TIME$}", "ms", "this end", "segment", "other end", "ms");
    let begun = format!(
        "{:TIME$} {:<STATE$} {:ARROW$} {:<STATE$}",
        "",
        left.unwrap_or_default(),
        "",
        right.unwrap_or_else(|| "(unseen)".into())
    );
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    let last = MOST_ROWS - FIRST_ROWS;
    let mut lines = vec![heading, begun.trim_end().to_string()];
    for (index, row) in rows.iter().enumerate() {
        if left_out == 0 || index < FIRST_ROWS || index >= rows.len() - last {
            lines.push(line(row, numbers, sees_peer, ascii));
        } else if index == FIRST_ROWS {
            lines.push(format!("{:TIME$} {left_out} rows left out", ""));
        }
    }
    lines
}

/// The number of the SYN that left, or that `came`; without one, 0.
fn first_number(steps: &[Step], came: bool) -> u32 {
    let segments = steps.iter().filter_map(|step| step.segment.as_ref()).filter(|segment| segment.came == came);
    let headers = segments.filter_map(|segment| Said::of(segment).header);
    headers.into_iter().find(|header| header.syn).map_or(0, |header| header.sequence_number)
}

/// Each segment that left with its arrival, each that came from nowhere, and each change without a segment.
///
/// Which arrival is which departure's the packets tell, each of which has an identification of its own: segments may look alike, as
/// one and what is sent again for it do.
fn rows<'a>(own: &'a [Step], peer: &'a [Step]) -> Vec<Row<'a>> {
    let mut rows = vec![];
    for (from, to, way) in [(own, peer, Way::Right), (peer, own, Way::Left)] {
        let mut came: VecDeque<(usize, &Step)> = to.iter().enumerate().filter(|(_, step)| has_come(step)).collect();
        for (index, step) in from.iter().enumerate().filter(|(_, step)| !has_come(step)) {
            let is_it = |(_, other): &(usize, &Step)| match (&step.segment, &other.segment) {
                (Some(left), Some(came)) => other.at >= step.at && is_same_packet(left, came),
                _ => false,
            };
            let arrival = came.iter().position(is_it).and_then(|place| came.remove(place));
            rows.push(row(way, Some((index, step)), arrival));
        }
        rows.extend(came.into_iter().map(|arrival| row(way, None, Some(arrival))));
    }
    rows
}

/// Whether two ends saw the same packet. Numbers come round after 65,536 packets, so the segments are to be the same too.
fn is_same_packet(left: &Seen, came: &Seen) -> bool {
    let number = |seen: &Seen| Ipv4::split(&seen.packet).ok().map(|(header, ..)| header.identification);
    number(left).is_some() && number(left) == number(came) && Said::of(left) == Said::of(came)
}

fn has_come(step: &Step) -> bool {
    step.segment.as_ref().is_some_and(|segment| segment.came)
}

fn row<'a>(way: Way, sender: Option<(usize, &'a Step)>, receiver: Option<(usize, &'a Step)>) -> Row<'a> {
    let step = sender.or(receiver).map(|(_, step)| step);
    let side = |(index, step): (usize, &'a Step)| (index, Side { at: step.at, state: &step.state });
    let (own, peer) = match way {
        Way::Right => (sender, receiver),
        Way::Left => (receiver, sender),
    };
    Row {
        at: step.map_or(Time::START, |step| step.at),
        own: own.map(side),
        peer: peer.map(side),
        segment: step.and_then(|step| step.segment.as_ref()).map(|segment| (way, Said::of(segment))),
    }
}

/// The rows so that each side's steps are in their order. For two segments that cross that is possible at one side
/// only, and it is done at this end's.
fn in_order<'a>(rows: Vec<Row<'a>>, own_steps: usize, peer_steps: usize) -> Vec<Row<'a>> {
    let (mut by_own, mut by_peer) = (vec![None; own_steps], vec![None; peer_steps]);
    for (index, row) in rows.iter().enumerate() {
        for (steps, side) in [(&mut by_own, row.own), (&mut by_peer, row.peer)] {
            if let Some(place) = side.and_then(|(step, _)| steps.get_mut(step)) {
                *place = Some(index);
            }
        }
    }
    let mut rows: Vec<Option<Row<'a>>> = rows.into_iter().map(Some).collect();
    let (mut ordered, mut own, mut peer) = (vec![], 0, 0);
    while own < own_steps || peer < peer_steps {
        let at = |steps: &[Option<usize>], step: usize| steps.get(step).copied().flatten();
        let is_open = |index: &usize| rows.get(*index).is_some_and(Option::is_some);
        let (Some(left), right) = (at(&by_own, own).filter(is_open), at(&by_peer, peer).filter(is_open)) else {
            // This side's next step is in a row that stands already, or there is none: on to the other side.
            match at(&by_peer, peer).filter(is_open) {
                Some(right) if own >= own_steps => ordered.extend(rows.get_mut(right).and_then(Option::take)),
                _ if own < own_steps => own += 1,
                _ => peer += 1,
            }
            continue;
        };
        let Some(right) = right else {
            if peer < peer_steps {
                peer += 1;
            } else {
                ordered.extend(rows.get_mut(left).and_then(Option::take));
            }
            continue;
        };
        let get = |index: usize| rows.get(index).and_then(Option::as_ref);
        let left_first = match (get(left), get(right)) {
            (Some(a), Some(b)) => match (a.peer.is_none(), b.own.is_none()) {
                (true, true) => a.at <= b.at,
                (alone, other_alone) => alone || !other_alone,
            },
            _ => true,
        };
        ordered.extend(rows.get_mut(if left_first { left } else { right }).and_then(Option::take));
    }
    ordered
}

fn line(row: &Row<'_>, (own_first, peer_first): (u32, u32), sees_peer: bool, ascii: bool) -> String {
    let (left, right) = (row.own.map(|(_, side)| side), row.peer.map(|(_, side)| side));
    let time = |side: Option<Side<'_>>| side.map_or(String::new(), |side| cli::milliseconds(side.at - Time::START));
    let state = |side: Option<Side<'_>>| side.map_or("", |side| side.state).to_string();
    let arrow = match row.segment {
        None => String::new(),
        Some((Way::Right, said)) => {
            let arrives = row.peer.is_some() || !sees_peer;
            arrow(&said.relative(own_first, peer_first), Way::Right, arrives, ascii)
        }
        Some((Way::Left, said)) => arrow(&said.relative(peer_first, own_first), Way::Left, row.own.is_some(), ascii),
    };
    let line = format!(
        "{:>TIME$} {:<STATE$} {arrow:<ARROW$} {:<STATE$} {:>TIME$}",
        time(left),
        state(left),
        state(right),
        time(right)
    );
    line.trim_end().to_string()
}

/// The words of a segment, and a line from them to whom it is for; to nobody, if it was lost.
fn arrow(words: &str, way: Way, arrives: bool, ascii: bool) -> String {
    let (dash, right, left, lost) = if ascii { ('-', '>', '<', 'x') } else { ('─', '►', '◄', '×') };
    let head = match (arrives, way) {
        (false, _) => lost,
        (true, Way::Right) => right,
        (true, Way::Left) => left,
    };
    let room = ARROW.saturating_sub(words.chars().count() + 2);
    let shaft: String = std::iter::repeat_n(dash, room).collect();
    match way {
        Way::Right => format!("{words} {shaft}{head}"),
        Way::Left => format!("{head}{shaft} {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use wire::ipv4;

    fn seen(came: bool, header: Tcp, len: usize) -> Option<Seen> {
        packet(0, came, header, len)
    }

    fn packet(identification: u16, came: bool, header: Tcp, len: usize) -> Option<Seen> {
        let here = Ipv4Addr::LOCALHOST;
        let ip = Ipv4 { identification, ..Ipv4::new(here, here, ipv4::TCP) };
        Some(Seen { came, packet: ip.packet(&header.segment(here.into(), here.into(), &[], &[])), len })
    }

    fn step(at: u64, state: &'static str, segment: Option<Seen>) -> Step {
        Step { at: Time(at * 1_000_000), state: state.into(), segment }
    }

    #[test]
    fn lost_segment_has_no_other_side_and_a_row_is_never_too_wide() {
        let syn = Tcp { syn: true, sequence_number: 7, ..Tcp::new(1, 2) };
        let own = [step(0, "CLOSED", None), step(5, "SYN-SENT", seen(false, syn, 0))];
        let drawn = lines(&own, Some(&[]), true);
        assert_eq!(drawn[2], "    5.000 SYN-SENT     SYN 0 -------------------------x");
        let data = Tcp { ack: true, psh: true, sequence_number: u32::MAX, acknowledgment_number: u32::MAX, ..syn };
        let own = [step(12_345_678, "ESTABLISHED", seen(false, data, 1460))];
        let peer = [step(12_345_679, "SYN-RECEIVED", seen(true, data, 1460))];
        for line in lines(&own, Some(&peer), false) {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }

    #[test]
    fn of_two_segments_alike_the_lost_one_is_marked() {
        let fin = Tcp { ack: true, fin: true, ..Tcp::new(1, 2) };
        let own = [1, 2, 3].map(|number| step(number.into(), "FIN-WAIT-1", packet(number, false, fin, 0)));
        for (number, lost) in [(1, [false, true, true]), (2, [true, false, true]), (3, [true, true, false])] {
            let peer = [step(20, "CLOSE-WAIT", packet(number, true, fin, 0))];
            let drawn = lines(&own, Some(&peer), true);
            let marked: Vec<bool> = drawn.iter().skip(2).map(|line| line.ends_with("-x")).collect();
            assert_eq!(marked, lost, "the packet {number} came:\n{}", drawn.join("\n"));
        }
    }

    #[test]
    fn numbers_are_counted_from_each_sides_syn() {
        let syn = Tcp { syn: true, sequence_number: u32::MAX, ..Tcp::new(1, 2) };
        let answer = Tcp { syn: true, ack: true, sequence_number: 500, acknowledgment_number: 0, ..Tcp::new(2, 1) };
        let own = [step(0, "SYN-SENT", seen(false, syn, 0)), step(20, "ESTABLISHED", seen(true, answer, 0))];
        let peer = [step(10, "SYN-RECEIVED", seen(true, syn, 0)), step(10, "SYN-RECEIVED", seen(false, answer, 0))];
        let drawn = lines(&own, Some(&peer), true).join("\n");
        assert!(drawn.contains("<------------------- SYN 0 ack 1 SYN-RECEIVED"), "{drawn}");
    }
}
