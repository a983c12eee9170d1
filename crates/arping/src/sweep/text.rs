//! Events as lines: a table by address at the end, as users of arp-scan know it, since answers come out of order.

use super::events::{Ended, Event, Row, Summary};
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
        Event::Round { .. } | Event::Reply { .. } | Event::Duplicate { .. } | Event::Frame(_) => Ok(()),
    }
}

fn summary(out: &mut Output, quiet: bool, summary: &Summary) -> Result<(), Failure> {
    let rows = summary.stations.iter().filter(|row| !quiet || row.duplicate);
    let width = rows.clone().map(|row| row.address.to_string().len()).max().unwrap_or(0);
    rows.clone().try_for_each(|row| out.line(&line(out, row, width)))?;
    out.line(&counted(out, summary))?;
    if let Some(rtt) = &summary.rtt {
        out.line(&rtt.line())?;
    }
    let (asked, all) = (summary.counts.asked, summary.addresses);
    if asked < all && !quiet {
        out.note(&format!("{} of {all} addresses were not asked for", all - asked));
    }
    if summary.received == 0 && asked > 0 && !quiet {
        out.note("nobody else on this link answered, or what they said was lost");
    }
    Ok(())
}

/// `254 addresses asked, 4 answered, 1 ours, 249 silent, in 0.850 s`.
fn counted(out: &Output, summary: &Summary) -> String {
    let counts = &summary.counts;
    let addresses = if counts.asked == 1 { "address" } else { "addresses" };
    let by = match (counts.answering, counts.answered) {
        (answering, answered) if answering == answered => String::new(),
        (1, _) => " by one station".into(),
        (answering, _) => format!(" by {answering} stations"),
    };
    let ours = if counts.ours > 0 { format!(", {} ours", counts.ours) } else { String::new() };
    // Who was not waited for may answer yet.
    let cut_short = counts.asked < summary.addresses || matches!(summary.ended, Ended::FirstReply | Ended::Interrupted);
    let so_far = if cut_short { " so far" } else { "" };
    let duplicates = match counts.duplicates {
        0 => String::new(),
        many => format!(", {}", out.paint(style::WARNING, &format!("{many} with more than one station"))),
    };
    format!(
        "{} {addresses} asked, {} answered{by}{ours}, {} silent{so_far}{duplicates}, in {} s",
        counts.asked,
        counts.answered,
        counts.silent,
        seconds(summary.span_ns, 3)
    )
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
