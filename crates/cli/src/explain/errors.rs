//! ICMP errors by type and code: a few words for a headline, and the topic that tells more.

use super::Topic;
use wire::icmp::{PARAMETER_PROBLEM, REDIRECT, TIME_EXCEEDED, UNREACHABLE};

/// What an ICMP error is called in a headline: RFC 792, RFC 1812 section 5.2.7.1.
#[must_use]
pub fn error_title(kind: u8, code: u8) -> String {
    match (kind, code) {
        (UNREACHABLE, 0 | 6 | 11) => "network unreachable".into(),
        (UNREACHABLE, 1 | 7 | 12) => "host unreachable".into(),
        (UNREACHABLE, 2) => "protocol unreachable".into(),
        (UNREACHABLE, 3) => "port unreachable".into(),
        (UNREACHABLE, 4) => "too long and not to be cut".into(),
        (UNREACHABLE, 9 | 10 | 13) => "forbidden".into(),
        (UNREACHABLE, _) => "unreachable".into(),
        (TIME_EXCEEDED, _) => "time exceeded".into(),
        (REDIRECT, _) => "redirect".into(),
        (PARAMETER_PROBLEM, _) => "parameter problem".into(),
        (kind, code) => format!("ICMP type {kind} code {code}"),
    }
}

/// The topic that an ICMP error is about.
#[must_use]
pub fn error_topic(kind: u8, code: u8) -> Topic {
    match (kind, code) {
        (TIME_EXCEEDED, _) => Topic::TimeExceeded,
        (UNREACHABLE, 3) => Topic::PortUnreachable,
        (UNREACHABLE, 4) => Topic::Df,
        _ => Topic::Unreachable,
    }
}
