//! Events as lines of text.

use super::engine::{End, Event, Options, Summary};
use super::reach;

/// How many sockets or threads share the port, if that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// One socket that shares it with nobody.
    None,
    /// So many sockets of this program, and those of others.
    Sockets(usize),
    /// A socket in each of so many threads.
    Threads(usize),
}

impl Sharing {
    /// How many workers there are.
    pub(crate) fn workers(self) -> usize {
        match self {
            Self::None => 1,
            Self::Sockets(workers) | Self::Threads(workers) => workers,
        }
    }
}

/// The line of an event; single segments are drawn.
pub(crate) fn line(event: &Event, options: &Options, sharing: Sharing) -> Option<String> {
    let whose = |worker: &usize| match sharing.workers() {
        1 => String::new(),
        _ => format!("worker {}: ", worker + 1),
    };
    Some(match event {
        Event::Stepped { .. } => return None,
        Event::Start => {
            let shared = match sharing {
                Sharing::None => String::new(),
                Sharing::Sockets(1) => "; it is shared with whoever joins".into(),
                Sharing::Sockets(workers) => format!("; {workers} sockets share it with whoever joins"),
                Sharing::Threads(workers) => format!("; the sockets of {workers} threads share it with whoever joins"),
            };
            format!("TCP ECHO at {}{shared}", reach::place(options.at()))
        }
        Event::Opened { worker, number, peer, .. } => format!("{}connection {number} from {peer}", whose(worker)),
        Event::Full { open, error: None } => {
            let open = if *open == 1 { "1 connection is".into() } else { format!("{open} connections are") };
            format!("full: {open} open, the next ones wait to be accepted (--max-connections)")
        }
        Event::Full { open, error: Some(error) } => {
            format!("full with {open} open, the next ones wait to be accepted: {}", cli::escape(&error.to_string()))
        }
        Event::Answer { worker, number, bytes, cwnd, .. } => {
            let window = match cwnd {
                Some([before, behind]) if behind < before => format!(", cwnd {behind}, back from {before}"),
                Some([_, behind]) => format!(", cwnd {behind}"),
                None => String::new(),
            };
            format!("{}connection {number}: an answer of {bytes} bytes begins{window}", whose(worker))
        }
        Event::Closed { worker, number, echoed, end, .. } => {
            format!("{}connection {number}: {echoed} bytes echoed, {}", whose(worker), how(end))
        }
    })
}

fn how(end: &End) -> String {
    let but = |why: &str, unsent: usize| match unsent {
        0 => format!("closed by this side, {why}"),
        unsent => {
            format!("broken off by this side (RST), {why}: {unsent} bytes more had come, and had no room to leave")
        }
    };
    match end {
        End::ByPeer => "closed by the other side".to_string(),
        End::ByUs { unsent } => but("whose run is over", *unsent),
        End::Idle { unsent } => but("idle for too long (--idle-timeout)", *unsent),
        End::Aborted => "broken off by this side (RST)".into(),
        End::Failed(error) => cli::escape(&error.to_string()),
    }
}

/// The last lines.
pub(crate) fn statistics(summary: &Summary, sharing: Sharing) -> String {
    let Summary { failed, echoed, span, .. } = summary;
    let connections = summary.connections();
    let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
    let word = if connections == 1 { "connection" } else { "connections" };
    let millis = (span.as_nanos() + 500_000) / 1_000_000;
    let spread = if sharing.workers() > 1 { spread(&summary.workers) } else { String::new() };
    format!("\n--- echo statistics ---\n{spread}{connections} {word}{failed}, {echoed} bytes echoed, time {millis}ms")
}

/// Which worker had how many connections: a row for each.
fn spread(workers: &[u64]) -> String {
    let all: u64 = workers.iter().sum();
    let row = |(place, count): (usize, &u64)| {
        // In tenths of a per cent, rounded.
        let share = (count * 2000 + all).checked_div(2 * all).unwrap_or(0);
        format!("{:<6}  {count:>11}  {:>5}\n", place + 1, format!("{}.{}%", share / 10, share % 10))
    };
    let rows: String = workers.iter().enumerate().map(row).collect();
    format!("worker  connections  share\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_a_row_for_each_worker_with_its_share_of_all() {
        assert_eq!(
            spread(&[473, 514, 490, 523]),
            "worker  connections  share\n\
             1               473  23.7%\n\
             2               514  25.7%\n\
             3               490  24.5%\n\
             4               523  26.2%\n"
        );
        assert_eq!(spread(&[0, 0]).lines().last(), Some("2                 0   0.0%"));
    }
}
