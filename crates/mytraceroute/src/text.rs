//! Hops as lines of text, in the shape that users of traceroute know.

use crate::answer::{Answer, Says};
use crate::flags::Call;
use crate::hop::Hop;
use crate::words;
use std::fmt::Write;
use std::net::IpAddr;

/// The line that comes first.
pub(crate) fn start(target: &str, call: &Call) -> String {
    let (plan, sending) = (&call.plan, &call.sending);
    format!("traceroute to {target} ({}), {} hops max, {} byte packets", plan.target, plan.last, sending.size)
}

/// A hop's line: addresses as they change, a time for each answer, and what became of the other probes.
///
/// `limited`: silence after an answer is a limit, and no star.
pub(crate) fn hop(hop: &Hop, limited: bool) -> String {
    let mut line = format!("{:2} ", hop.ttl);
    let mut before: Option<IpAddr> = None;
    for attempt in &hop.attempts {
        match (&attempt.answer, attempt.rtt()) {
            (Some((answer, _)), Some(rtt)) => {
                line += &answered(answer, before);
                let _ = write!(line, "  {} ms{}", cli::milliseconds(rtt), mark(answer));
                before = Some(answer.from);
            }
            _ if limited => {}
            _ => line += " *",
        }
    }
    if limited {
        line += "  rate-limited";
    }
    line
}

fn answered(answer: &Answer, before: Option<IpAddr>) -> String {
    if before == Some(answer.from) { String::new() } else { format!(" {}", answer.from) }
}

fn mark(answer: &Answer) -> String {
    match answer.says {
        Says::Unreachable { .. } | Says::ParameterProblem => {
            let mark = words::mark(answer.says);
            if mark.is_empty() { mark } else { format!(" {mark}") }
        }
        _ => String::new(),
    }
}

/// The line for hops that were asked in vain, from `first` to `last`.
pub(crate) fn silent(first: u8, last: u8) -> String {
    match last - first {
        0 => format!("{first:2}  * * *"),
        _ => format!("{first:2}  * * *  and so on to {last}"),
    }
}
