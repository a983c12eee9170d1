//! Events as lines: what is new as it comes, and a table by address at the end.

use super::events::{By, Ended, Event, Row, Summary};
use super::table::Effect;
use crate::words::{Delivery, seconds};
use cli::{Failure, Output, style};
use std::net::Ipv4Addr;

/// Shows events as text.
#[derive(Debug, Default)]
pub struct Text {
    /// `-q`: nothing but the summary, and of the table what should not be.
    quiet: bool,
    /// Our own addresses.
    own: Vec<Ipv4Addr>,
}

/// Said once, at the start.
const PASSIVE: &str =
    "nothing is sent; a switch brings what is for all and for this host: what two others tell each other is not heard";
/// Said once, where a table does something for the first time.
const TABLE: &str = "table: by RFC 826 any packet updates an entry for its sender, and one for us makes an entry where there is \
                     none; Linux makes none by a reply that it did not ask for";

impl Text {
    /// Lines for all events, or for the summary only if `quiet`; `own`: the addresses of this host.
    #[must_use]
    pub fn new(quiet: bool, own: Vec<Ipv4Addr>) -> Self {
        Self { quiet, own }
    }

    /// Shows one event.
    ///
    /// # Errors
    /// Those of the output.
    pub fn show(&self, out: &mut Output, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Summary(summary) => self.summary(out, summary),
            _ if self.quiet => Ok(()),
            event => self.line(out, event),
        }?;
        if let Event::Binding { mac, by, .. } | Event::Moved { mac, by, .. } | Event::Conflict { mac, by, .. } = event
            && *mac != by.frame_source
            && !self.quiet
        {
            let source = by.frame_source;
            out.note(&format!(
                "the packet says that it is from {mac}, but the frame came from {source}: a proxy, or a forger"
            ));
        }
        Ok(())
    }

    fn line(&self, out: &mut Output, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Start { interface, mac, own, only, known, .. } => {
                let own: Vec<String> = own.iter().map(ToString::to_string).collect();
                let own = if own.is_empty() { String::new() } else { format!(" as {}", own.join(", ")) };
                let only = only.map(|only| format!(", for {} only", only.name())).unwrap_or_default();
                out.line(&format!("WATCHING {}{own} [{mac}]{only}", cli::escape(interface)))?;
                out.note(PASSIVE);
                known.iter().try_for_each(|known| {
                    out.line(&format!("at the start  {} is at {}, says our ARP table", known.address, known.mac))
                })
            }
            Event::Binding { at_ns, address, mac, by, .. } => {
                self.said(out, *at_ns, &format!("{address} is at {mac}"), by, "")
            }
            Event::Moved { at_ns, address, mac, was, moves, flapping, by } => {
                let moved = out.paint(style::WARNING, if *flapping { "MOVED BACK" } else { "MOVED" });
                let flaps = if *flapping { format!("; flapping, {moves} moves") } else { String::new() };
                self.said(out, *at_ns, &format!("{address} {moved} from {was} to {mac}"), by, &flaps)
            }
            Event::Conflict { at_ns, address, mac, by } => {
                let conflict = out.paint(style::WARNING, "CONFLICT");
                self.said(out, *at_ns, &format!("{conflict}: {mac} says that it has {address}, which is ours"), by, "")
            }
            Event::Probe { at_ns, address, mac, delivery, held_by, sought_by } => {
                let conflict = out.paint(style::WARNING, "CONFLICT");
                let why = match (held_by, sought_by) {
                    (Some(_), _) if self.own.contains(address) => format!("; {conflict}: it is ours"),
                    (Some(holder), _) => format!("; {conflict}: it is at {holder}"),
                    (None, Some(other)) => format!("; {conflict}: {other} probes for it too"),
                    (None, None) => String::new(),
                };
                let (at, delivery) = (seconds(*at_ns, 6), word(*delivery));
                out.line(&format!("{at} s  {mac} asks whether {address} is free ({delivery} probe){why}"))
            }
            Event::Malformed { from, problem, .. } => {
                out.note(&format!("a frame from {from} is no ARP as it should be: {problem}"));
                Ok(())
            }
            Event::Frame(_) | Event::Summary(_) => Ok(()),
        }
    }

    /// `0.500200 s  10.0.0.1 is at 02:00:00:00:00:cc (unicast request for us); table: new entry`.
    fn said(&self, out: &mut Output, at_ns: u64, what: &str, by: &By, more: &str) -> Result<(), Failure> {
        let target = if self.own.contains(&by.target) { "us".to_string() } else { by.target.to_string() };
        let packet = match by.packet.to_string().replace('_', " ") {
            reply if reply == "reply" => format!("reply to {target}"),
            request if request == "request" => format!("request for {target}"),
            other if other.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("ARP of operation {other} for {target}")
            }
            about_itself => about_itself,
        };
        let table = match by.table {
            Effect::Nothing => "",
            Effect::Made => "; table: new entry",
            Effect::IfAsked => "; table: an entry if asked for",
            Effect::Changed => "; table: entry changed",
            Effect::Confirmed => "; table: entry confirmed",
        };
        out.line(&format!("{} s  {what} ({} {packet}){table}{more}", seconds(at_ns, 6), word(by.delivery)))?;
        if by.table != Effect::Nothing {
            out.note(TABLE);
        }
        Ok(())
    }

    fn summary(&self, out: &mut Output, summary: &Summary) -> Result<(), Failure> {
        let rows = summary.stations.iter().filter(|row| !self.quiet || row.duplicate);
        let width = rows.clone().map(|row| row.address.to_string().len()).max().unwrap_or(0);
        rows.clone().try_for_each(|row| out.line(&line(out, row, width)))?;
        let Summary { packets, addresses, moves, conflicts, .. } = summary;
        let count = |number: u64, what: &str| match number {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        let addresses = if *addresses == 1 { "1 address".to_string() } else { format!("{addresses} addresses") };
        out.line(&format!(
            "{}, {addresses}, {}, {}, in {} s",
            count(*packets, "ARP packet"),
            count(*moves, "move"),
            count(*conflicts, "conflict"),
            seconds(summary.span_ns, 3)
        ))?;
        if summary.not_kept > 0 {
            out.note(&format!("for {} packets there was no room: too many addresses, or stations", summary.not_kept));
        }
        if summary.ended == Ended::Idle && !self.quiet {
            out.note("nothing more will happen in this network");
        }
        Ok(())
    }
}

fn word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Unicast => "unicast",
        Delivery::Broadcast => "broadcast",
    }
}

/// `10.0.0.1  02:00:00:00:00:cc  3 packets, the last at 4.500200 s`, the addresses padded to `width`.
fn line(out: &Output, row: &Row, width: usize) -> String {
    let packets = if row.packets == 1 { "1 packet".to_string() } else { format!("{} packets", row.packets) };
    let how = match (row.ours, row.last_ns) {
        (true, _) => "ours".to_string(),
        (false, Some(last_ns)) => format!("{packets}, the last at {} s", seconds(last_ns, 6)),
        (false, None) => "in our ARP table from the start".into(),
    };
    let duplicate = if row.duplicate { format!("  {}", out.paint(style::WARNING, "DUPLICATE")) } else { String::new() };
    format!("{:width$}  {}  {how}{duplicate}", row.address.to_string(), row.mac)
}
