//! The matrix as a table.

use super::cell::Cell;
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
