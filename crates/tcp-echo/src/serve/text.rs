//! Events as lines of text.

use super::engine::{End, Event, Summary};

/// The line of an event; single segments are drawn.
pub(crate) fn line(event: &Event, port: u16) -> Option<String> {
    Some(match event {
        Event::Stepped { .. } => return None,
        Event::Start => format!("TCP ECHO at port {port}"),
        Event::Opened { number, peer, .. } => format!("connection {number} from {peer}"),
        Event::Answer { number, bytes, cwnd, .. } => {
            let window = match cwnd {
                Some([before, behind]) if behind < before => format!(", cwnd {behind}, back from {before}"),
                Some([_, behind]) => format!(", cwnd {behind}"),
                None => String::new(),
            };
            format!("connection {number}: an answer of {bytes} bytes begins{window}")
        }
        Event::Closed { number, echoed, end, .. } => {
            let how = match end {
                End::ByPeer => "closed by the other side".to_string(),
                End::Idle => "closed by this side: it was idle for too long".into(),
                End::ByUs => "closed by this side, whose run is over".into(),
                End::Aborted => "broken off by this side (RST)".into(),
                End::Failed(error) => cli::escape(&error.to_string()),
            };
            format!("connection {number}: {echoed} bytes echoed, {how}")
        }
    })
}

/// The last lines.
pub(crate) fn statistics(summary: &Summary) -> String {
    let Summary { connections, failed, echoed, span, .. } = summary;
    let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
    let word = if *connections == 1 { "connection" } else { "connections" };
    let millis = (span.as_nanos() + 500_000) / 1_000_000;
    format!("\n--- echo statistics ---\n{connections} {word}{failed}, {echoed} bytes echoed, time {millis}ms")
}
