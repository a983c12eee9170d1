//! The matrix as a table.

use super::cell::Cell;
use super::here::Pair;
use super::{nagle, quick_ack};
use std::time::Duration;

/// What stands above all tables.
pub(crate) fn head(trip: Duration, ack_delay: Duration) -> Vec<String> {
    vec![
        format!(
            "TCP MATRIX in the network transport, a to b: round trip {} ms, ACKs delayed by {} ms",
            cli::milliseconds(trip),
            cli::milliseconds(ack_delay)
        ),
        "nagle and cork are the sender's; quickack is the echo's, which reads a whole request before it answers".into(),
        "1st and 2nd: until the first and the second request were echoed, in ms; what is said is of the second".into(),
    ]
}

/// The cells of one pattern, a line each.
pub(crate) fn table(cells: &[Cell]) -> Vec<String> {
    let writes = cells.first().map(|cell| &cell.setting.writes);
    let sizes: Vec<String> = writes.into_iter().flatten().map(ToString::to_string).collect();
    let title = format!("\nwrites {}", sizes.join(", "));
    let heading =
        format!("{:<8}  {:<4}  {:<8}  {:>8}  {:>8}  what waits, and why", "nagle", "cork", "quickack", "1st", "2nd");
    let line = |cell: &Cell| {
        let setting = &cell.setting;
        format!(
            "{:<8}  {:<4}  {:<8}  {:>8}  {:>8}  {}",
            nagle(setting.nagle),
            if setting.cork { "on" } else { "-" },
            quick_ack(setting.quick_ack),
            cli::milliseconds(cell.first),
            cli::milliseconds(cell.then),
            cell.sentence()
        )
    };
    [title, heading].into_iter().chain(cells.iter().map(line)).collect()
}

/// What stands above all tables of `--live`.
pub(crate) fn head_live(pairs: &[Pair], count: u32, ack_delay: Duration) -> Vec<String> {
    let trip = pairs
        .iter()
        .find_map(Pair::here)
        .map_or_else(String::new, |cell| format!(": {} ms from SYN to SYN-ACK", cli::milliseconds(cell.trip)));
    let delay = cli::milliseconds(ack_delay);
    vec![
        format!("TCP MATRIX on this machine, both ends in this program, over the loopback{trip}"),
        format!("beside the network transport as if its link had no delay either, ACKs delayed by {delay} ms"),
        "nagle and cork are the sender's; quickack is the echo's, which reads a whole request before it answers".into(),
        format!(
            "in ms until a request was echoed: here the 1st, and the median of {count} more, of which is said what waits"
        ),
        "model: the 1st and the 2nd".into(),
    ]
}

/// The pairs of one pattern, a line each.
pub(crate) fn table_live(pairs: &[Pair]) -> Vec<String> {
    let writes = pairs.first().map(|pair| &pair.model.setting.writes);
    let sizes: Vec<String> = writes.into_iter().flatten().map(ToString::to_string).collect();
    let title = format!("\nwrites {}", sizes.join(", "));
    let columns = |cells: [&str; 7], words: &str| {
        let [nagle, cork, quick_ack, first, median, model_first, model_then] = cells;
        format!(
            "{nagle:<8}  {cork:<4}  {quick_ack:<8}  {first:>8}  {median:>8}  {model_first:>9}  {model_then:>8}  {words}"
        )
    };
    let heading =
        columns(["nagle", "cork", "quickack", "here 1st", "median", "model 1st", "2nd"], "what waits here, and why");
    // What this machine lacks is said once.
    let mut lacked = None;
    let mut line = |pair: &Pair| {
        let (setting, model) = (&pair.model.setting, [pair.model.first, pair.model.then].map(cli::milliseconds));
        let here = pair.here().map(|cell| [cell.first, cell.then].map(cli::milliseconds));
        let [first, median] = here.unwrap_or_else(|| ["-", "-"].map(String::from));
        let lacks = pair.lacks().filter(|lacks| lacked.replace(lacks.to_string()).as_deref() != Some(*lacks));
        let words = pair.here().map_or_else(|| lacks.unwrap_or("the same").to_string(), Cell::sentence);
        let cork = if setting.cork { "on" } else { "-" };
        let [model_first, model_then] = &model;
        let cells =
            [nagle(setting.nagle), cork, quick_ack(setting.quick_ack), &first, &median, model_first, model_then];
        columns(cells, &words)
    };
    let lines: Vec<String> = pairs.iter().map(&mut line).collect();
    [title, heading].into_iter().chain(lines).collect()
}
