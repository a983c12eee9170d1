//! Events as lines: those of iputils where it has one, and ours beside them.

use super::events::{Answer, Ended, Entry, Event, Summary, When};
use crate::words::{Delivery, Operation, ms};
use cli::{Failure, Output, style};
use std::net::Ipv4Addr;
use wire::Mac;

/// Shows events as text.
#[derive(Debug, Default)]
pub struct Text {
    /// `-q`: nothing but the summary.
    quiet: bool,
    /// Whether the target is an address of this host.
    ours: bool,
    /// Whether it has been said why only one station is asked.
    said_unicast: bool,
    /// Who else has the address that is probed or announced, or wants it.
    contender: String,
    table: Vec<Entry>,
}

/// Said once, at the first request that goes to one station.
const WHY_UNICAST: &str =
    "from now on this station alone is asked, to spare the others; -b keeps asking all, and so hears a second owner";

impl Text {
    /// Lines for all events, or for the summary only if `quiet`; `ours`: the target is an address of this host.
    #[must_use]
    pub fn new(quiet: bool, ours: bool) -> Self {
        Self { quiet, ours, ..Self::default() }
    }

    /// Shows one event.
    ///
    /// # Errors
    /// Those of the output.
    pub fn show(&mut self, out: &mut Output, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Conflict { from, mac, .. } => {
                let what = if from.is_unspecified() { "probes for it too" } else { "says that it has it" };
                self.contender = format!("{} {what}", shown(*mac));
            }
            Event::Summary(summary) => return self.summary(out, summary),
            _ => {}
        }
        if self.quiet { Ok(()) } else { self.line(out, event) }
    }

    fn line(&mut self, out: &mut Output, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Start { target, source, interface, .. } => {
                out.line(&format!("ARPING {target} from {source} {}", cli::escape(interface)))
            }
            Event::Sent { at_ns, number, delivery, to } => {
                if *delivery == Delivery::Unicast && !std::mem::replace(&mut self.said_unicast, true) {
                    out.note(WHY_UNICAST);
                }
                match out.verbose() {
                    true => out.line(&format!("sent {number} at {} ms to {}", ms(*at_ns), shown(*to))),
                    false => Ok(()),
                }
            }
            Event::Reply { delivery, from, mac, frame_source, rtt_ns, .. } => {
                out.line(&format!("{}  {}ms", heard(*delivery, Operation::Reply, *from, *mac), ms(*rtt_ns)))?;
                if frame_source != mac {
                    out.note(&format!(
                        "the reply says that it is from {}, but the frame came from {}: a proxy, or a forger",
                        shown(*mac),
                        shown(*frame_source)
                    ));
                }
                Ok(())
            }
            Event::Heard { operation, delivery, from, mac, target, .. } => {
                out.line(&format!("{} for {target}", heard(*delivery, *operation, *from, *mac)))
            }
            Event::Duplicate { address, macs, .. } => out.line(&duplicate(out, *address, macs)),
            Event::Conflict { operation, delivery, from, mac, rtt_ns, .. } => {
                let time = rtt_ns.map(|rtt_ns| format!("  {}ms", ms(rtt_ns))).unwrap_or_default();
                out.line(&format!("{}{time}", heard(*delivery, *operation, *from, *mac)))
            }
            Event::Silence { number, .. } if out.verbose() => out.line(&format!("no answer to request {number}")),
            Event::Malformed { from, problem, .. } => {
                out.note(&format!("a frame from {} is no ARP as it should be: {problem}", shown(*from)));
                Ok(())
            }
            Event::Table { at_ns, when, entries } => self.table(out, *at_ns, *when, entries),
            Event::Silence { .. } | Event::Frame(_) | Event::Summary(_) => Ok(()),
        }
    }

    fn table(&mut self, out: &mut Output, at_ns: u64, when: When, entries: &[Entry]) -> Result<(), Failure> {
        let before = std::mem::replace(&mut self.table, entries.to_vec());
        let place = match when {
            When::Start => "at the start".to_string(),
            When::End => "at the end".to_string(),
            When::Change => {
                return changes(&before, entries).iter().try_for_each(|change| {
                    let line = format!("ARP table at {} ms: {change}", ms(at_ns));
                    out.line(&out.paint(style::NOTE, &line))
                });
            }
        };
        let entries: Vec<String> = entries.iter().map(entry).collect();
        let entries = if entries.is_empty() { "empty".to_string() } else { entries.join(", ") };
        out.line(&out.paint(style::NOTE, &format!("ARP table {place}: {entries}")))
    }

    fn summary(&self, out: &mut Output, summary: &Summary) -> Result<(), Failure> {
        let Summary { sent, sent_broadcast, received, received_broadcast, target, macs, .. } = summary;
        out.line(&format!("Sent {sent} probes ({sent_broadcast} broadcast(s))"))?;
        let broadcast =
            if *received_broadcast > 0 { format!(" ({received_broadcast} broadcast(s))") } else { String::new() };
        out.line(&format!("Received {received} response(s){broadcast}"))?;
        if let Some(rtt) = &summary.rtt {
            out.line(&rtt.line())?;
        }
        let (verdict, why) = match summary.verdict {
            Answer::Answered if self.quiet && macs.len() > 1 => return out.line(&duplicate(out, *target, macs)),
            Answer::Silent if !self.quiet && summary.sent > 0 => {
                let by: Vec<String> = macs.iter().map(|mac| shown(*mac)).collect();
                out.note(&match by.as_slice() {
                    [] => format!("nobody on this link says that it has {target}, or what they said was lost"),
                    by => format!("{} told others that it has {target}, and gave us no answer", by.join(" and ")),
                });
                return Ok(());
            }
            Answer::Answered | Answer::Silent | Answer::Announced => return Ok(()),
            Answer::Free if summary.ended == Ended::Count => {
                let free = if self.ours { "is ours alone" } else { "is free" };
                (out.paint(style::OK, free), "nobody objected")
            }
            Answer::Free => ("may be free".into(), "nobody objected until the check was cut short"),
            Answer::Unknown => ("may be free".into(), "the check was cut short before its first probe"),
            Answer::Taken => (out.paint(style::WARNING, "is taken"), self.contender.as_str()),
            Answer::Contested => (out.paint(style::WARNING, "is contested"), self.contender.as_str()),
        };
        out.line(&format!("{target} {verdict}: {why}"))
    }
}

/// The beginning of iputils' line: `Unicast reply from 10.0.0.5 [02:00:00:00:00:DD]`.
fn heard(delivery: Delivery, operation: Operation, from: Ipv4Addr, mac: Mac) -> String {
    let delivery = match delivery {
        Delivery::Unicast => "Unicast",
        Delivery::Broadcast => "Broadcast",
    };
    let operation = match operation {
        Operation::Unknown(number) => format!("ARP of operation {number}"),
        known => known.to_string(),
    };
    format!("{delivery} {operation} from {from} [{}]", shown(mac))
}

fn duplicate(out: &Output, address: Ipv4Addr, macs: &[Mac]) -> String {
    let macs: Vec<String> = macs.iter().map(|mac| shown(*mac)).collect();
    let what = out.paint(style::WARNING, &format!("duplicate address {address}"));
    format!("{what}: {} say that they have it", macs.join(" and "))
}

/// What is different between two tables, an entry a line.
fn changes(before: &[Entry], now: &[Entry]) -> Vec<String> {
    let key = |entry: &Entry| (entry.interface.clone(), entry.address);
    let old = |new: &Entry| before.iter().find(|old| key(old) == key(new));
    let come = now.iter().filter_map(|new| match old(new) {
        None => Some(format!("{}, new", entry(new))),
        Some(old) if old.mac != new.mac => Some(format!("{}, was {}", entry(new), station(old.mac))),
        Some(_) => None,
    });
    let gone = before.iter().filter(|old| !now.iter().any(|new| key(new) == key(old)));
    come.chain(gone.map(|old| format!("{} is gone, was {}", old.address, station(old.mac)))).collect()
}

fn entry(entry: &Entry) -> String {
    let Entry { address, mac, .. } = entry;
    format!("{address} is {}", station(*mac))
}

fn station(mac: Option<Mac>) -> String {
    mac.map_or_else(|| "being asked for".into(), shown)
}

/// As iputils spells a MAC address: in upper case.
fn shown(mac: Mac) -> String {
    mac.to_string().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cli::Show;

    const THEM: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);
    const OTHER: Mac = Mac([2, 0, 0, 0, 0, 0xcc]);
    const TARGET: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);

    fn shown_of(text: &mut Text, events: &[Event]) -> (String, String) {
        let (mut out, collected) = Output::collected(&Show::default());
        events.iter().for_each(|event| text.show(&mut out, event).unwrap());
        (collected.stdout(), collected.stderr())
    }

    fn reply(frame_source: Mac) -> Event {
        let delivery = Delivery::Unicast;
        Event::Reply { at_ns: 0, number: 1, delivery, from: TARGET, mac: THEM, frame_source, rtt_ns: 400_000 }
    }

    fn table(when: When, entries: &[(u8, Option<Mac>)]) -> Event {
        let entry = |&(host, mac): &(u8, Option<Mac>)| Entry {
            interface: "lan".into(),
            address: Ipv4Addr::new(10, 0, 0, host),
            mac,
        };
        Event::Table { at_ns: 2_500_100_000, when, entries: entries.iter().map(entry).collect() }
    }

    #[test]
    fn reply_is_spelled_as_iputils_spells_it() {
        let (stdout, stderr) = shown_of(&mut Text::new(false, false), &[reply(THEM)]);
        assert_eq!(stdout, "Unicast reply from 10.0.0.5 [02:00:00:00:00:DD]  0.400ms\n");
        assert_eq!(stderr, "");
    }

    #[test]
    fn reply_in_a_strange_frame_is_remarked_upon() {
        let (_, stderr) = shown_of(&mut Text::new(false, false), &[reply(OTHER)]);
        assert_eq!(
            stderr,
            "note: the reply says that it is from 02:00:00:00:00:DD, but the frame came from 02:00:00:00:00:CC: \
             a proxy, or a forger\n"
        );
    }

    #[test]
    fn malformed_frame_is_noted_with_header_field_and_byte() {
        let problem = wire::arp::Arp::parse(&[0, 2]).unwrap_err();
        let (stdout, stderr) =
            shown_of(&mut Text::new(false, false), &[Event::Malformed { at_ns: 0, from: THEM, problem }]);
        assert_eq!(stdout, "");
        assert_eq!(
            stderr,
            "note: a frame from 02:00:00:00:00:DD is no ARP as it should be: ARP, byte 2: 28 bytes are needed, 2 are there\n"
        );
    }

    #[test]
    fn table_is_shown_whole_at_the_ends_and_by_its_changes_between() {
        let events = [
            table(When::Start, &[]),
            table(When::Change, &[(1, Some(OTHER)), (5, None)]),
            table(When::Change, &[(1, Some(THEM)), (5, Some(THEM))]),
            table(When::Change, &[(5, Some(THEM))]),
            table(When::End, &[(5, Some(THEM))]),
        ];
        let (stdout, _) = shown_of(&mut Text::new(false, false), &events);
        let at = "ARP table at 2500.100 ms:";
        assert_eq!(
            stdout.lines().collect::<Vec<_>>(),
            [
                "ARP table at the start: empty",
                &format!("{at} 10.0.0.1 is 02:00:00:00:00:CC, new"),
                &format!("{at} 10.0.0.5 is being asked for, new"),
                &format!("{at} 10.0.0.1 is 02:00:00:00:00:DD, was 02:00:00:00:00:CC"),
                &format!("{at} 10.0.0.5 is 02:00:00:00:00:DD, was being asked for"),
                &format!("{at} 10.0.0.1 is gone, was 02:00:00:00:00:DD"),
                "ARP table at the end: 10.0.0.5 is 02:00:00:00:00:DD",
            ]
        );
    }
}
