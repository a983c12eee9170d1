//! What answers mean, in words: the marks that users of traceroute know, the end of the way, the way back.

use crate::answer::{Answer, Says};
use crate::probe::Method;
use cli::explain::way_back;
use std::net::IpAddr;

/// The mark behind a time, as traceroute has it; none for what is expected.
pub(crate) fn mark(says: Says) -> String {
    match says {
        Says::Unreachable { code, mtu } => match code {
            0 | 6 | 8 | 11 => "!N".into(),
            1 | 7 | 12 => "!H".into(),
            2 => "!P".into(),
            3 => String::new(),
            4 => format!("!F-{mtu}"),
            5 => "!S".into(),
            9 | 10 | 13 => "!X".into(),
            14 => "!V".into(),
            15 => "!C".into(),
            code => format!("!<{code}>"),
        },
        Says::ParameterProblem => "!<parameter problem>".into(),
        Says::TimeExceeded | Says::EchoReply | Says::Open | Says::Closed | Says::Datagram => String::new(),
    }
}

/// Why the way ends where it ends, in a sentence; `None` where it ends as it should.
pub(crate) fn end(answer: &Answer, target: IpAddr, method: Method, port: u16) -> Option<String> {
    let from = answer.from;
    let by_target = from == target;
    Some(match answer.says {
        Says::TimeExceeded | Says::EchoReply => return None,
        Says::Unreachable { code: 3, .. } if by_target && method == Method::Udp => return None,
        Says::Open => format!("port {port} of {from} is open: it answered SYN with SYN-ACK (RFC 9293 section 3.5)"),
        Says::Closed => format!("port {port} of {from} is closed: it answered SYN with RST (RFC 9293 section 3.5.2)"),
        Says::Datagram => format!("somebody listens at port {port} of {from}: it answered with a datagram"),
        Says::ParameterProblem => format!("{from} says that the header of a probe is wrong (type 12: RFC 792)"),
        Says::Unreachable { code, mtu } => {
            let (what, source) = unreachable(from, target, code, mtu);
            let mark = match mark(answer.says) {
                mark if mark.is_empty() => String::new(),
                mark => format!("{mark}: "),
            };
            format!("{what} ({mark}type 3 code {code}, {source})")
        }
    })
}

fn unreachable(from: IpAddr, target: IpAddr, code: u8, mtu: u16) -> (String, &'static str) {
    let by_target = from == target;
    let what = match code {
        0 => format!("{from} has no route to {target}"),
        1 => format!("{from} asked by ARP who has {target} or the next router, and nobody answered"),
        2 if by_target => format!("{from} is there, and does not know the probe's protocol"),
        2 => format!("{from} does not know the probe's protocol, and is not the target: a filter may answer so"),
        3 if by_target => {
            format!("{from} is there, and says that a port is closed; an echo or a SYN should hear otherwise")
        }
        3 => format!("{from} says that a port is closed, and is not the target: a filter may answer so"),
        4 if mtu == 0 => {
            format!("the next link of {from} is too small for a probe that must not be cut; how small it does not say")
        }
        4 => format!("the next link of {from} takes {mtu} bytes, and a probe that must not be cut has more"),
        5 => format!("{from} cannot follow a list of routers, and mytraceroute sends none"),
        6 | 11 => format!("{from} has no route to the network of {target} for such a packet"),
        7 | 12 => format!("{from} has no route to {target} for such a packet"),
        8 => format!("{from} says that this host is cut off"),
        9 | 10 | 13 => format!("a filter at {from} lets no such packet pass to {target}"),
        14 | 15 => format!("{from} does not let packets of this precedence pass (the upper three bits of -t)"),
        _ => format!("{from} says that {target} is unreachable, with a code that nobody assigned"),
    };
    let source = match code {
        4 => "RFC 1191 section 4",
        0..=15 => "RFC 1812 section 5.2.7.1",
        _ => "unassigned",
    };
    (what, source)
}

/// What the time to live of an answer tells about the way back. `there`: routers on the way there.
pub(crate) fn back(ttl: u8, there: u8) -> String {
    let (left, routers) = way_back(ttl);
    let arrived = format!("answers arrive with TTL {ttl}");
    if routers == there {
        return format!("{arrived}: sent with {left}, and back through {}, as on the way there", count(routers));
    }
    let same = u16::from(ttl) + u16::from(there);
    format!(
        "{arrived}: if sent with the usual {left}, back through {}; if back as it went there, through {there}, sent with {same}",
        count(routers)
    )
}

fn count(routers: u8) -> String {
    match routers {
        0 => "no router".into(),
        1 => "1 router".into(),
        many => format!("{many} routers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 5, 100));
    const TARGET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 10, 3));

    fn said(from: IpAddr, says: Says) -> Option<String> {
        let answer = Answer { number: 1, from, says, ttl: None, quoted_ttl: None, told: vec![] };
        end(&answer, TARGET, Method::Udp, 33_434)
    }

    #[test]
    fn every_code_has_a_sentence_that_names_its_sender() {
        for code in 0..=16 {
            let says = Says::Unreachable { code, mtu: 1400 };
            let sentence = said(ROUTER, says).unwrap();
            assert!(sentence.contains("192.168.5.100") && sentence.contains(&format!("code {code}")), "{sentence}");
        }
    }

    /// The marks of traceroute(8), and for what it shows as a bare number the number.
    #[test]
    fn marks_are_those_that_users_of_traceroute_know() {
        let marks: Vec<String> = (0..=16).map(|code| mark(Says::Unreachable { code, mtu: 1400 })).collect();
        let expected = [
            "!N", "!H", "!P", "", "!F-1400", "!S", "!N", "!H", "!N", "!X", "!X", "!N", "!H", "!X", "!V", "!C", "!<16>",
        ];
        assert_eq!(marks, expected);
    }

    #[test]
    fn port_unreachable_is_the_goal_only_if_the_target_says_it() {
        let closed = Says::Unreachable { code: 3, mtu: 0 };
        assert_eq!(said(TARGET, closed), None);
        assert!(said(ROUTER, closed).unwrap().contains("is not the target"));
    }

    #[test]
    fn ttl_of_an_answer_tells_how_long_the_way_back_was() {
        assert_eq!(
            back(63, 1),
            "answers arrive with TTL 63: sent with 64, and back through 1 router, as on the way there"
        );
        assert_eq!(
            back(96, 4),
            "answers arrive with TTL 96: if sent with the usual 128, back through 32 routers; if back as it went there, \
             through 4, sent with 100"
        );
    }
}
