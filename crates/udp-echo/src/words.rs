//! ICMP errors about datagrams, in words.
//!
//! RFC 1122 section 3.2.2.1 has what a host sends and means, RFC 1812 section 5.2.7.1 what a router does. An error is
//! what its sender claims, "only a hint, not proof".

use host::{Error, IcmpError};
use std::net::IpAddr;
use wire::icmp::{PARAMETER_PROBLEM, REDIRECT, TIME_EXCEEDED, UNREACHABLE};
use wire::ipv4::Ipv4;
use wire::udp::Udp;

/// Bytes of a packet before its data.
pub(crate) const HEADERS: usize = Ipv4::LEN + Udp::LEN;

/// What an error is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// Whom the datagram was sent to, and which port; `None`: an echo to somebody whom the error does not tell.
    pub(crate) target: Option<(IpAddr, u16)>,
    /// The address that it left with.
    pub(crate) own: Option<IpAddr>,
    /// Who is asked for by ARP.
    pub(crate) next_hop: Option<IpAddr>,
    /// Bytes of its data.
    pub(crate) size: usize,
}

/// The MTU that an error tells.
pub(crate) fn mtu(error: &IcmpError) -> Option<u16> {
    (error.kind == UNREACHABLE && error.code == 4 && error.mtu > 0).then_some(error.mtu)
}

/// What a program on a connected socket gets for an error, by the name that C has for it; `None`: its next call does
/// not fail.
///
/// These are the errors that Linux takes for hard. It keeps the others to itself, unless the program asks for all.
pub(crate) fn errno(error: &IcmpError) -> Option<&'static str> {
    Some(match (error.kind, error.code) {
        (UNREACHABLE, 2) => "ENOPROTOOPT",
        (UNREACHABLE, 3) => "ECONNREFUSED",
        (UNREACHABLE, 6 | 9) => "ENETUNREACH",
        (UNREACHABLE, 10 | 13..=15) => "EHOSTUNREACH",
        _ => return None,
    })
}

/// Who sent an error and why, in a sentence, with its type and code and who says what they mean.
pub(crate) fn reason(error: &IcmpError, about: &About) -> String {
    let (kind, code) = (error.kind, error.code);
    let (sentence, source) = match (kind, code) {
        (UNREACHABLE, 1) if about.own == Some(error.by) => (nobody_on_this_link(about), "of this host's own making"),
        (UNREACHABLE, _) => (unreachable(error, about), source_of_unreachable(code)),
        (TIME_EXCEEDED, 1) => {
            (format!("{} waited in vain for the missing fragments of a datagram", error.by), "RFC 792")
        }
        (TIME_EXCEEDED, _) => (format!("the time to live of a datagram was used up at {}", error.by), "RFC 792"),
        (REDIRECT, _) => (
            format!("{} passed a datagram on, and knows a better first router", error.by),
            "RFC 792; the answer is still awaited",
        ),
        (4, _) => {
            (format!("{} wants fewer datagrams", error.by), "deprecated by RFC 6633; the answer is still awaited")
        }
        (PARAMETER_PROBLEM, _) => (format!("{} does not understand the header of a datagram", error.by), "RFC 792"),
        _ => (format!("{} sent an error that no RFC of this course knows", error.by), "unassigned"),
    };
    format!("{sentence} (type {kind} code {code}: {source})")
}

fn source_of_unreachable(code: u8) -> &'static str {
    match code {
        0 | 1 | 5 => "RFC 1812 section 5.2.7.1; a hint, not proof: RFC 1122 section 3.2.2.1",
        3 => "RFC 1122 section 4.1.3.1",
        4 => "RFC 1191 section 4",
        2 | 6..=15 => "RFC 1812 section 5.2.7.1",
        _ => "unassigned",
    }
}

fn unreachable(error: &IcmpError, about: &About) -> String {
    let by = error.by;
    let target = about.target.map_or("who it was for".to_string(), |(address, _)| address.to_string());
    match error.code {
        0 | 6 | 11 => format!("{by} has no route to {target}"),
        1 | 7 | 12 => format!("{by} could not find {target} on its link"),
        2 => format!("{by} says that it has no UDP; a filter may answer so"),
        3 => closed(by, about),
        4 if error.mtu == 0 => format!(
            "the next link of {by} is too small for {} bytes that must not be cut (DF), and how small it does not say",
            about.size + HEADERS
        ),
        4 => format!(
            "the next link of {by} takes {} bytes, and a datagram has {} that must not be cut (DF): {} of data fit",
            error.mtu,
            about.size + HEADERS,
            usize::from(error.mtu).saturating_sub(HEADERS)
        ),
        9 | 10 | 13..=15 => format!("a filter at {by} forbids datagrams such as this one to {target}"),
        _ => format!("{by} says that {target} is unreachable"),
    }
}

fn closed(by: IpAddr, about: &About) -> String {
    match about.target {
        Some((target, port)) if target == by => {
            format!("the datagram got to {by}, and no socket there is for port {port} and for this sender")
        }
        Some((target, port)) => {
            format!("{by} says for {target} that its port {port} is closed: a filter may answer so")
        }
        None => format!("the echo got to {by}, and no socket there takes it: it never asked, or it is gone"),
    }
}

/// The host itself could not deliver: its own ARP requests stayed without an answer.
fn nobody_on_this_link(about: &About) -> String {
    let (next_hop, target) = (about.next_hop, about.target.map(|(address, _)| address));
    match (next_hop, target) {
        (Some(gateway), target) if target != Some(gateway) => {
            format!("this host itself asked by ARP who has its gateway {gateway}, and nobody answered: nothing left")
        }
        (_, Some(target)) => {
            format!("this host itself asked by ARP who has {target}, and nobody answered: nothing left")
        }
        _ => "this host itself asked by ARP for the next hop, and nobody answered: nothing left".into(),
    }
}

/// What the host says of a datagram that could not leave.
pub(crate) fn local(error: &Error) -> String {
    match error {
        Error::TooLong { have, most } => format!("message too long: {have} bytes of data, and {most} is the most"),
        error => cli::escape(&error.to_string()),
    }
}

/// Why a datagram could not leave, where there is more to tell than the host said.
pub(crate) fn reason_of_local(error: &Error) -> Option<String> {
    let Error::TooLong { most, .. } = error else { return None };
    Some(match *most {
        crate::datagram::MOST => {
            "no IPv4 packet is longer than 65535 bytes: 20 of them are IP's header, 8 are UDP's, and 65507 are left \
             (RFC 791 section 3.1)"
                .into()
        }
        most => format!(
            "the first link, or one on the way that this host has heard of, takes {} bytes at once, headers included, \
             and the datagram is not to be cut: {most} of data fit",
            most + HEADERS
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
    const OWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const ABOUT: About = About { target: Some((TARGET, 9)), own: Some(OWN), next_hop: Some(TARGET), size: 56 };

    fn error(by: [u8; 4], kind: u8, code: u8) -> IcmpError {
        IcmpError { by: by.into(), kind, code, mtu: 1400 }
    }

    #[test]
    fn every_error_has_a_reason_that_names_its_sender_type_and_code() {
        for (kind, codes) in [(UNREACHABLE, 16), (4, 1), (REDIRECT, 4), (TIME_EXCEEDED, 2), (PARAMETER_PROBLEM, 2)] {
            for code in 0..codes {
                for about in [ABOUT, About { target: None, ..ABOUT }] {
                    let reason = reason(&error([10, 9, 8, 7], kind, code), &about);
                    assert!(reason.contains("10.9.8.7"), "{reason}");
                    assert!(reason.contains(&format!("(type {kind} code {code}: ")), "{reason}");
                    assert!(!reason.contains("unassigned"), "{reason}");
                }
            }
        }
        assert!(reason(&error([10, 9, 8, 7], 99, 1), &ABOUT).ends_with("(type 99 code 1: unassigned)"));
    }

    #[test]
    fn closed_port_is_told_by_its_host_or_by_another_for_it() {
        let said = |by, about| reason(&error(by, UNREACHABLE, 3), &about);
        assert!(
            said([10, 0, 0, 2], ABOUT).starts_with("the datagram got to 10.0.0.2, and no socket there is for port 9")
        );
        assert!(said([10, 9, 8, 7], ABOUT).starts_with("10.9.8.7 says for 10.0.0.2 that its port 9 is closed"));
    }

    #[test]
    fn host_that_asked_by_arp_itself_is_told_apart_from_a_router() {
        let own = reason(&error([10, 0, 0, 1], UNREACHABLE, 1), &ABOUT);
        assert!(own.starts_with("this host itself asked by ARP who has 10.0.0.2, and"), "{own}");
        let gateway = About { next_hop: Some(OWN), own: Some(OWN), ..ABOUT };
        assert!(reason(&error([10, 0, 0, 1], UNREACHABLE, 1), &gateway).contains("who has its gateway 10.0.0.1"));
    }

    #[test]
    fn too_long_for_ip_and_too_long_for_a_link_are_two_reasons() {
        let long = |have, most| reason_of_local(&Error::TooLong { have, most }).unwrap();
        assert!(long(65_508, 65_507).contains("65507 are left"));
        assert!(long(1473, 1472).contains("takes 1500 bytes at once"));
        assert_eq!(
            local(&Error::TooLong { have: 65_508, most: 65_507 }),
            "message too long: 65508 bytes of data, and 65507 is the most"
        );
        assert_eq!(local(&Error::Other("\u{1b}".into())), "\\u{1b}");
    }
}
