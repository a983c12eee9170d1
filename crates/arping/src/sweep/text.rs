//! Events as lines: a table by address at the end, as users of arp-scan know it, since answers come out of order.

use super::events::{Event, Row, Summary};
use crate::words::{ms, seconds};
use cli::{Failure, Output, style};

/// Shows one event; `quiet` shows the summary only, and of the table what should not be.
///
/// # Errors
/// Those of the output.
pub fn show(out: &mut Output, quiet: bool, event: &Event) -> Result<(), Failure> {
    match event {
        Event::Summary(summary) => self::summary(out, quiet, summary),
        _ if quiet => Ok(()),
        Event::Start { prefix, source, interface, .. } => {
            out.line(&format!("ARPING {prefix} from {source} {}", cli::escape(interface)))
        }
        Event::Round { at_ns, number, requests } if out.verbose() => {
            out.line(&format!("round {number} at {} ms: {requests} addresses to ask for", ms(*at_ns)))
        }
        Event::Heard { at_ns, operation, from, mac, target, .. } => {
            out.line(&format!("heard at {} ms: {operation} from {from} [{mac}] for {target}", ms(*at_ns)))
        }
        Event::Reply { from, mac, frame_source, .. } if mac != frame_source => {
            out.note(&format!(
                "the reply of {from} says that it is from {mac}, but the frame came from {frame_source}: a proxy, or a forger"
            ));
            Ok(())
        }
        Event::Malformed { from, problem, .. } => {
            out.note(&format!("a frame from {from} is no ARP as it should be: {problem}"));
            Ok(())
        }
        // The table has it.
        Event::Round { .. } | Event::Reply { .. } | Event::Duplicate { .. } => Ok(()),
    }
}

fn summary(out: &mut Output, quiet: bool, summary: &Summary) -> Result<(), Failure> {
    let rows = summary.table.iter().filter(|row| !quiet || row.duplicate);
    let width = rows.clone().map(|row| row.address.to_string().len()).max().unwrap_or(0);
    rows.clone().try_for_each(|row| out.line(&line(out, row, width)))?;
    let counts = &summary.counts;
    let by = match (counts.stations, counts.answered) {
        (stations, answered) if stations == answered => String::new(),
        (1, _) => " by one station".into(),
        (stations, _) => format!(" by {stations} stations"),
    };
    let ours = if counts.ours > 0 { format!(", {} ours", counts.ours) } else { String::new() };
    let duplicates = match counts.duplicates {
        0 => String::new(),
        many => format!(", {}", out.paint(style::WARNING, &format!("{many} with more than one station"))),
    };
    out.line(&format!(
        "{} addresses asked, {} answered{by}{ours}, {} silent{duplicates}, in {} s",
        counts.asked,
        counts.answered,
        counts.silent,
        seconds(summary.span_ns, 3)
    ))?;
    if let Some(rtt) = &summary.rtt {
        out.line(&rtt.line())?;
    }
    if counts.asked < summary.addresses && !quiet {
        out.note(&format!(
            "{} of {} addresses were not asked for",
            summary.addresses - counts.asked,
            summary.addresses
        ));
    }
    if summary.received == 0 && counts.asked > 0 && !quiet {
        out.note("nobody else on this link answered, or what they said was lost");
    }
    Ok(())
}

/// `10.0.0.5  02:00:00:00:00:dd  0.200 ms`, the addresses padded to `width`.
fn line(out: &Output, row: &Row, width: usize) -> String {
    let how = match (row.ours, row.rtt_ns) {
        (true, _) => "ours".to_string(),
        (false, Some(rtt_ns)) => format!("{} ms", ms(rtt_ns)),
        (false, None) => "says so to others, and gave us no answer".into(),
    };
    let duplicate = if row.duplicate { format!("  {}", out.paint(style::WARNING, "DUPLICATE")) } else { String::new() };
    format!("{:width$}  {}  {how}{duplicate}", row.address.to_string(), row.mac)
}
