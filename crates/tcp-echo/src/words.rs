//! Rules and failures in words, with who says so.

use crate::send::event::Trouble;
use crate::send::plan::Plan;
use crate::send::watch::Witness;
use host::{Nagle, Opt, Rule};

/// What a rule says; `nagle` is the one in force, where it is known.
pub(crate) fn rule(rule: Rule, nagle: Option<Nagle>) -> &'static str {
    match (rule, nagle) {
        (Rule::Nagle, Some(Nagle::Rfc896)) => {
            "nagle: what fills no segment waits while anything is unacknowledged (RFC 9293 section 3.7.4)"
        }
        (Rule::Nagle, _) => {
            "nagle: what fills no segment waits while another small segment is unacknowledged (Minshall: RFC 9293 appendix A.3)"
        }
        (Rule::Cork, _) => "cork: what fills no segment waits until the cork is drawn, and for 200 ms at the most",
        (Rule::ReceiveWindow, _) => "receive window: the other side has no room for more (RFC 9293 section 3.8.6)",
        (Rule::SillyWindow, _) => {
            "silly window: the other side has room for less than a segment (RFC 9293 section 3.8.6.2.1)"
        }
        (Rule::CongestionWindow, _) => {
            "congestion window: as much as may be under way is under way (RFC 5681 section 3.1)"
        }
        (Rule::Retransmission, _) => "retransmission: what was lost goes first (RFC 6298 section 5)",
        (Rule::Handshake, _) => "handshake: the connection was not established yet (RFC 9293 section 3.10.2)",
    }
}

/// Who saw what left when, and how well; `None`: that is all there is to know.
pub(crate) fn witness(witness: &Witness) -> Option<String> {
    match witness {
        Witness::Record => None,
        Witness::Link(interface) => Some(format!(
            "what left when was seen on '{interface}', and is told as the card cuts it; why it waited follows from TCP_INFO, which was looked \
             at after each write and every ms"
        )),
        Witness::Info(why) => Some(format!(
            "all that is known is from TCP_INFO, looked at after each write and every ms, so what waited left up to 1 ms earlier; the \
             segments themselves were not seen: {why}"
        )),
    }
}

/// What went wrong, and why: a line, and a sentence with who says so.
pub(crate) fn trouble(trouble: &Trouble, plan: &Plan, during: u32) -> (String, String) {
    let (to, wait, others) = (plan.to, plan.options.wait, &plan.options.manners.others);
    let own_timeout = others.iter().find_map(|option| match option {
        Opt::UserTimeout(time) => Some(time.as_secs_f64()),
        _ => None,
    });
    let place = if during == 0 { "no connection".to_string() } else { format!("request {during}") };
    let seconds = wait.as_secs_f64();
    let (line, reason) = match trouble {
        Trouble::Refused => (
            format!("{to} refused"),
            format!(
                "the SYN got to {}, nobody listens at its port {}, and its host answered with RST (RFC 9293 section 3.10.7.1)",
                to.ip(),
                to.port()
            ),
        ),
        Trouble::Unreachable { by, code } if during > 0 => (
            match by {
                Some(by) => format!("this host gave up: unreachable, says {by} (code {code})"),
                None => format!("this host gave up: unreachable (code {code})"),
            },
            "what it sent again and again nobody acknowledged; an ICMP error alone ends no connection that is established, it tells \
             now why (RFC 1122 section 4.2.3.9)"
                .into(),
        ),
        Trouble::Unreachable { by: Some(by), code } if *by == plan.own => (
            format!("unreachable, says this host itself (code {code})"),
            "this host itself asked by ARP for the next hop, and nobody answered: nothing left; before a connection is established \
             that ends the attempt (RFC 5461 section 4.1)"
                .into(),
        ),
        Trouble::Unreachable { by: Some(by), code } => (
            format!("unreachable, says {by} (code {code})"),
            format!(
                "{}: an ICMP error (type 3 code {code}) from {by} about our SYN; before a connection is established it ends the \
                 attempt (RFC 5461 section 4.1)",
                cli::explain::error_title(3, *code)
            ),
        ),
        Trouble::Unreachable { by: None, code } => (
            format!("unreachable (code {code})"),
            "this host itself says that there is no way, and ends the attempt (RFC 5461 section 4.1)".into(),
        ),
        Trouble::Reset => (
            format!("{to} broke the connection off (RST)"),
            "a RST ends a connection at once: what was not read or not sent by then is lost (RFC 9293 section 3.5.2)".into(),
        ),
        Trouble::GaveUp { after, .. } if own_timeout.is_some() => (
            format!("this host gave up after {} s", after.as_secs_f64()),
            format!(
                "nobody acknowledged what it sent, and --user-timeout lets it try for no longer than {} s (RFC 9293 section 3.9.1.1)",
                own_timeout.unwrap_or_default()
            ),
        ),
        Trouble::GaveUp { after, .. } if during > 0 && others.iter().any(|option| matches!(option, Opt::KeepAlive(_))) => (
            format!("this host gave up, {} s after the request began", after.as_secs_f64()),
            "nobody acknowledged what it sent again and again: data, or the probes that --keepalive asks for (RFC 9293 section 3.8.4)"
                .into(),
        ),
        Trouble::GaveUp { after, syns } if during == 0 => {
            let tried = match syns {
                Some(1) => "1 SYN".to_string(),
                Some(count) => format!("{count} SYNs"),
                None => "its SYNs".into(),
            };
            (
                format!("this host gave up after {} s: no answer from {to} to {tried}", after.as_secs_f64()),
                "nobody refused either; a host sends SYNs for at least 3 minutes (RFC 9293 section 3.8.3), each time after twice as \
                 long, and then gives up: a longer -W changes nothing"
                    .into(),
            )
        }
        Trouble::GaveUp { after, .. } => (
            format!("this host gave up, {} s after the request began", after.as_secs_f64()),
            "what it sent again and again nobody acknowledged: TCP gives up after at least 100 s of that (RFC 9293 section 3.8.3)"
                .into(),
        ),
        Trouble::TimedOut { .. } if during == 0 => (
            format!("no answer from {to} within {seconds} s"),
            "nobody refused either: SYNs were sent again and again, or wait for an ARP answer (-W waits longer)".into(),
        ),
        Trouble::TimedOut { unacknowledged: Some(0) } => (
            format!("no echo within {seconds} s"),
            "all that left was acknowledged: the other host has it, and the program there sends nothing back (-W waits longer)".into(),
        ),
        Trouble::TimedOut { .. } => (
            format!("no echo within {seconds} s"),
            "the connection stands, or seems to: TCP would go on for minutes, this program does not (-W waits longer)".into(),
        ),
        Trouble::Closed => (
            format!("{to} closed its direction (FIN)"),
            "a FIN says that no more data come (RFC 9293 section 3.6): whatever was sent, this program waits no longer".into(),
        ),
        Trouble::Wrong { at, expected, found } => (
            format!("byte {at} of the stream came back as 0x{found:02x}, and was sent as 0x{expected:02x}"),
            "an echo is what was sent (RFC 862): this is not one".into(),
        ),
        Trouble::TooMuch => (
            "more bytes came back than were sent".to_string(),
            "an echo is what was sent (RFC 862): this is not one".into(),
        ),
    };
    (format!("{place}: {line}"), reason)
}
