//! Every ICMP error in words: what ping users know it by, and what happened.
//!
//! RFC 792 gave the messages, RFC 1122 section 3.2.2.1 the codes 6 to 12, RFC 1812 section 5.2.7.1 the codes 13 to 15 and what
//! each of them means when a router says it. An error is what its sender claims; RFC 1122 has the codes 0, 1 and 5 taken as "only
//! a hint, not proof".

use crate::engine::SOURCE_QUENCH;
use crate::request;
use host::{Error, IcmpError};
use std::net::IpAddr;
use wire::icmp::{PARAMETER_PROBLEM, REDIRECT, TIME_EXCEEDED, UNREACHABLE};
use wire::ipv4::Ipv4;

/// Bytes of a packet before its data.
pub(crate) const HEADERS: usize = Ipv4::LEN + request::HEADER;

/// What was asked, to tell in an error's explanation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) target: IpAddr,
    /// The address that requests leave with, where the host tells.
    pub(crate) own: Option<IpAddr>,
    /// Who is asked for by ARP, where the host tells.
    pub(crate) next_hop: Option<IpAddr>,
    /// The time to live, where the command line sets it.
    pub(crate) ttl: Option<u8>,
    /// Bytes of data in a request.
    pub(crate) size: usize,
    /// Whether requests must not be cut into fragments.
    pub(crate) uncut: bool,
    /// The longest packet that leaves in one piece by the interface that leads to the target, bytes, where the host tells.
    pub(crate) first_link: Option<usize>,
    /// The longest packet that arrives in one piece by any interface, bytes, where the host tells.
    pub(crate) widest_link: Option<usize>,
}

impl Asked {
    /// Bytes of a whole request, headers included.
    fn packet(&self) -> usize {
        HEADERS + self.size
    }

    /// Whether requests are so long that a router may drop them and not say so.
    pub(crate) fn might_vanish(&self) -> bool {
        self.uncut && self.packet() > EVERYWHERE
    }
}

/// What stands on the line of an error, in the words of iputils' ping.
pub(crate) fn on_the_line(error: &IcmpError) -> String {
    let words = match (error.kind, error.code) {
        (UNREACHABLE, 0) => "Destination Net Unreachable",
        (UNREACHABLE, 1) => "Destination Host Unreachable",
        (UNREACHABLE, 2) => "Destination Protocol Unreachable",
        (UNREACHABLE, 3) => "Destination Port Unreachable",
        (UNREACHABLE, 4) => return format!("Frag needed and DF set (mtu = {})", error.mtu),
        (UNREACHABLE, 5) => "Source Route Failed",
        (UNREACHABLE, 6) => "Destination Net Unknown",
        (UNREACHABLE, 7) => "Destination Host Unknown",
        (UNREACHABLE, 8) => "Source Host Isolated",
        (UNREACHABLE, 9) => "Destination Net Prohibited",
        (UNREACHABLE, 10) => "Destination Host Prohibited",
        (UNREACHABLE, 11) => "Destination Net Unreachable for Type of Service",
        (UNREACHABLE, 12) => "Destination Host Unreachable for Type of Service",
        (UNREACHABLE, 13) => "Packet filtered",
        (UNREACHABLE, 14) => "Precedence Violation",
        (UNREACHABLE, 15) => "Precedence Cutoff",
        (UNREACHABLE, code) => return format!("Dest Unreachable, Bad Code: {code}"),
        (SOURCE_QUENCH, _) => "Source Quench",
        (REDIRECT, 0) => "Redirect Network",
        (REDIRECT, 1) => "Redirect Host",
        (REDIRECT, 2) => "Redirect Type of Service and Network",
        (REDIRECT, 3) => "Redirect Type of Service and Host",
        (REDIRECT, code) => return format!("Redirect, Bad Code: {code}"),
        (TIME_EXCEEDED, 0) => "Time to live exceeded",
        (TIME_EXCEEDED, 1) => "Frag reassembly time exceeded",
        (TIME_EXCEEDED, code) => return format!("Time exceeded, Bad Code: {code}"),
        (PARAMETER_PROBLEM, _) => "Parameter problem",
        (kind, _) => return format!("Bad ICMP type: {kind}"),
    };
    words.into()
}

/// Who sent an error and why, in a sentence, with its type and code and who says what they mean.
pub(crate) fn reason(error: &IcmpError, asked: &Asked) -> String {
    let (kind, code) = (error.kind, error.code);
    let (sentence, source) = match kind {
        UNREACHABLE if code == 1 && asked.own == Some(error.by) => {
            (nobody_on_this_link(asked), "of this host's own making")
        }
        UNREACHABLE => (unreachable(error, asked), source_of_unreachable(code)),
        TIME_EXCEEDED => (time_exceeded(error, asked), "RFC 792"),
        REDIRECT => (
            format!("{} passed a request on, and knows a better first router for {}", error.by, asked.target),
            "RFC 792; the answer is still awaited",
        ),
        SOURCE_QUENCH => {
            (format!("{} wants fewer packets", error.by), "deprecated by RFC 6633; the answer is still awaited")
        }
        PARAMETER_PROBLEM => (format!("{} does not understand the header of a request", error.by), "RFC 792"),
        _ => (format!("{} sent an error that no RFC of this course knows", error.by), "unassigned"),
    };
    format!("{sentence} (type {kind} code {code}: {source})")
}

/// The longest IP packet that the host sends to the target, in bytes, if a request was longer.
pub(crate) fn mtu_of_refusal(error: &Error) -> Option<usize> {
    match error {
        // The host counts the ICMP message, which is what was handed to it.
        Error::TooLong { most, .. } => Some(most + Ipv4::LEN),
        _ => None,
    }
}

/// What the host says of a request that could not leave, in the words of iputils' ping where it has some.
pub(crate) fn local(error: &Error) -> String {
    match mtu_of_refusal(error) {
        Some(mtu) => format!("message too long, mtu={mtu}"),
        None => cli::escape(&error.to_string()),
    }
}

/// Why a request could not leave, where there is more to tell than the host said.
pub(crate) fn reason_of_local(error: &Error, asked: &Asked) -> Option<String> {
    let mtu = mtu_of_refusal(error)?;
    let fits = mtu.saturating_sub(HEADERS);
    Some(match asked.first_link {
        // RFC 1191 section 3: a host remembers what a router has told it.
        Some(first) if mtu < first => format!(
            "this host has heard of a link on the way that takes {mtu} bytes, headers included, and sends nothing longer \
             that must not be cut (DF): -s {fits} fits"
        ),
        _ => format!("the first link takes {mtu} bytes at once, headers included: -s {fits} fits"),
    })
}

/// How requests leave that are too long for the first link: in which fragments.
pub(crate) fn fragments(asked: &Asked) -> Option<String> {
    let mtu = asked.first_link.filter(|_| !asked.uncut)?;
    let len = asked.packet();
    let shapes = cli::fragments(len, mtu)?;
    let hedge = "smaller ones if this host has heard of a narrower link on the way";
    Some(format!("each request of {len} bytes leaves as {shapes} ({hedge})"))
}

/// That an answer came in fragments, where it must have: it is longer than any link of this host. `bytes`: of its message.
pub(crate) fn came_in_fragments(asked: &Asked, from: IpAddr, bytes: usize) -> Option<String> {
    let packet = Ipv4::LEN + bytes;
    asked.widest_link.filter(|mtu| packet > *mtu).map(|_| {
        format!(
            "{from} answered with a packet of {packet} bytes: it came in fragments, and this host put them together"
        )
    })
}

/// Why nobody answered and nobody said why, as far as it can be known.
pub(crate) fn silence(asked: &Asked) -> String {
    let black_hole = ", or a router on the way finds them too long and does not say so (a black hole, RFC 2923 section 2.1): \
                      a smaller -s tells";
    format!(
        "nobody answered and nobody said why: requests or answers were lost, or a filter drops them without a word{}",
        if asked.might_vanish() { black_hole } else { "" }
    )
}

/// RFC 791 section 3.1: what every host can receive, in bytes. Links that take less are rare.
const EVERYWHERE: usize = 576;

fn source_of_unreachable(code: u8) -> &'static str {
    match code {
        0 | 1 | 5 => "RFC 1812 section 5.2.7.1; a hint, not proof: RFC 1122 section 3.2.2.1",
        4 => "RFC 1191 section 4",
        2 | 3 | 6..=15 => "RFC 1812 section 5.2.7.1",
        _ => "unassigned",
    }
}

fn unreachable(error: &IcmpError, asked: &Asked) -> String {
    let IcmpError { by, mtu, .. } = *error;
    let target = asked.target;
    match error.code {
        0 => format!("{by} has no route to {target}"),
        1 => format!(
            "{by} asked by ARP, as a rule three times, who has {target} or the next router on the way, and nobody answered"
        ),
        2 => format!("{by} says by ICMP that it has no protocol ICMP; a filter may answer so"),
        3 => format!("{by} says that a port is closed, and an echo has no port; a filter may answer so"),
        4 if mtu == 0 => format!(
            "the next link of {by} is too small for {} bytes that must not be cut (DF), and how small it does not say",
            asked.packet()
        ),
        4 => format!(
            "the next link of {by} takes {mtu} bytes, and a request has {} that must not be cut (DF): -s {} fits",
            asked.packet(),
            usize::from(mtu).saturating_sub(HEADERS)
        ),
        5 => format!("{by} cannot follow the packet's list of routers, and myping sends none"),
        6 => format!("{by} says that the network of {target} does not exist; a router should send code 0 instead"),
        7 => format!("{by} knows from its link that there is no {target}"),
        8 => format!("{by} says that this host is cut off; a router should send code 0 or 1 instead"),
        9 => format!("{by} lets nothing pass to the network of {target}; a router should send code 13 instead"),
        10 => format!("{by} lets nothing pass to {target}; a router should send code 13 instead"),
        11 => format!("{by} has no route to the network of {target} for this type of service (-Q)"),
        12 => format!("{by} has no route to {target} for this type of service (-Q)"),
        13 => format!("a filter at {by} forbids packets such as this one to {target}"),
        14 => format!("{by} does not permit this precedence (the upper three bits of -Q) towards {target}"),
        15 => format!("{by} lets pass only packets of a higher precedence (the upper three bits of -Q)"),
        _ => format!("{by} says that {target} is unreachable, with a code that nobody assigned"),
    }
}

/// The host itself could not deliver: its own ARP requests stayed without an answer.
fn nobody_on_this_link(asked: &Asked) -> String {
    match asked.next_hop {
        Some(gateway) if gateway != asked.target => {
            format!("this host itself asked by ARP who has its gateway {gateway}, and nobody answered: no request left")
        }
        _ => format!("this host itself asked by ARP who has {}, and nobody answered: no request left", asked.target),
    }
}

fn time_exceeded(error: &IcmpError, asked: &Asked) -> String {
    let IcmpError { by, code, .. } = *error;
    if code == 1 {
        return format!("{by} waited in vain for the missing fragments of a request");
    }
    let ttl = asked.ttl.map_or(String::new(), |ttl| format!(", {ttl},"));
    format!(
        "the time to live of a request{ttl} was used up at {by}: {} is farther away, or packets to it go in a circle",
        asked.target
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        target: IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 10, 99)),
        own: Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 3))),
        next_hop: Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 100))),
        ttl: None,
        size: 1472,
        uncut: true,
        first_link: Some(1500),
        widest_link: Some(1500),
    };

    fn error(by: [u8; 4], kind: u8, code: u8, mtu: u16) -> IcmpError {
        IcmpError { by: by.into(), kind, code, mtu }
    }

    #[test]
    fn every_error_has_words_and_a_reason_that_names_its_sender() {
        for (kind, codes) in
            [(UNREACHABLE, 16), (SOURCE_QUENCH, 1), (REDIRECT, 4), (TIME_EXCEEDED, 2), (PARAMETER_PROBLEM, 2)]
        {
            for code in 0..codes {
                let error = error([10, 9, 8, 7], kind, code, 1400);
                let (words, reason) = (on_the_line(&error), reason(&error, &ASKED));
                assert!(!words.contains("Bad"), "{words}");
                assert!(reason.contains("10.9.8.7"), "{reason}");
                assert!(reason.contains(&format!("(type {kind} code {code}: ")), "{reason}");
                assert!(!reason.contains("unassigned"), "{reason}");
            }
        }
    }

    #[test]
    fn codes_that_nobody_assigned_are_told_as_such() {
        for (kind, code, words) in [
            (UNREACHABLE, 16, "Dest Unreachable, Bad Code: 16"),
            (TIME_EXCEEDED, 2, "Time exceeded, Bad Code: 2"),
            (REDIRECT, 4, "Redirect, Bad Code: 4"),
            (99, 0, "Bad ICMP type: 99"),
        ] {
            assert_eq!(on_the_line(&error([10, 9, 8, 7], kind, code, 0)), words);
        }
    }

    #[test]
    fn host_that_asked_by_arp_itself_is_told_apart_from_a_router() {
        let own = error([192, 168, 1, 3], UNREACHABLE, 1, 0);
        assert!(
            reason(&own, &ASKED).starts_with("this host itself asked by ARP who has its gateway 192.168.1.100, and")
        );
        let direct = Asked { next_hop: Some(ASKED.target), ..ASKED };
        assert!(reason(&own, &direct).starts_with("this host itself asked by ARP who has 192.168.10.99, and"));
        let router = error([192, 168, 10, 100], UNREACHABLE, 1, 0);
        assert!(
            reason(&router, &ASKED)
                .starts_with("192.168.10.100 asked by ARP, as a rule three times, who has 192.168.10.99 or")
        );
    }

    #[test]
    fn message_too_long_tells_the_mtu_and_whose_it_is() {
        let long = Asked { size: 1473, ..ASKED };
        let error = Error::TooLong { have: 1481, most: 1480 };
        assert_eq!(local(&error), "message too long, mtu=1500");
        assert_eq!(
            reason_of_local(&error, &long).unwrap(),
            "the first link takes 1500 bytes at once, headers included: -s 1472 fits"
        );
        let heard = reason_of_local(&Error::TooLong { have: 1480, most: 1380 }, &ASKED).unwrap();
        assert!(heard.starts_with("this host has heard of a link on the way that takes 1400 bytes"), "{heard}");
        assert!(heard.ends_with("-s 1372 fits"), "{heard}");
        assert_eq!(local(&Error::Other("\u{1b}".into())), "\\u{1b}");
    }

    #[test]
    fn fragments_are_told_one_by_one_or_in_sum() {
        let told = |size, mtu| fragments(&Asked { size, uncut: false, first_link: Some(mtu), ..ASKED });
        let begins = |size, mtu, text: &str| {
            let told = told(size, mtu).unwrap();
            assert!(told.starts_with(text), "{told}");
        };
        assert_eq!(told(1472, 1500), None);
        begins(
            1480,
            1500,
            "each request of 1508 bytes leaves as 2 fragments: 1500 bytes at offset 0, 28 bytes at offset 1480 (",
        );
        begins(
            1473,
            1500,
            "each request of 1501 bytes leaves as 2 fragments: 1500 bytes at offset 0, 21 bytes at offset 1480 (",
        );
        begins(
            1472,
            1400,
            "each request of 1500 bytes leaves as 2 fragments: 1396 bytes at offset 0, 124 bytes at offset 1376 (",
        );
        begins(
            65_507,
            1500,
            "each request of 65535 bytes leaves as 45 fragments: 44 of 1500 bytes, and 415 bytes at offset 65120 (",
        );
        assert_eq!(fragments(&Asked { size: 65_507, uncut: false, first_link: Some(65_536), ..ASKED }), None);
        assert_eq!(fragments(&Asked { size: 1480, ..ASKED }), None, "uncut");
    }

    #[test]
    fn size_that_fits_the_next_link_is_told() {
        let reason = reason(&error([10, 1, 0, 1], UNREACHABLE, 4, 1400), &ASKED);
        assert!(reason.contains("takes 1400 bytes, and a request has 1500 that must not be cut (DF): -s 1372 fits"));
    }
}
