//! ICMP for IPv4.

use super::Field;
use crate::icmp;

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    let kind = field.layer().bytes().first().copied().unwrap_or_default();
    Some(match field.name() {
        "kind" => match shown.split_once(' ') {
            Some((number, name)) => format!("type {number}: {name}"),
            None => format!("type {shown}: none that is known here"),
        },
        "code" => match code(kind, value) {
            Some(words) => format!("code {value}: {words}"),
            None => format!("code {value}"),
        },
        "identifier" => format!("identifier {value}: who asked"),
        "sequence" => format!("sequence {value}: which probe"),
        "next_hop_mtu" if value == 0 => "next-hop MTU 0: not told".into(),
        "next_hop_mtu" => format!("next-hop MTU {value}: packets up to this many bytes would fit"),
        "length" if value == 0 => "length 0: not told, as by routers without extensions".into(),
        "length" => format!("length {value}: the quote has {} bytes", value * 4),
        "pointer" => format!("pointer {value}: the byte of the quoted packet that is wrong"),
        "gateway" => format!("gateway {shown}: the better first hop"),
        "unused" | "zero" => "unused".into(),
        "originate" => {
            format!("originate timestamp {value}: when the request was sent, milliseconds since midnight UTC")
        }
        "receive" => format!("receive timestamp {value}: when it arrived"),
        "transmit" => format!("transmit timestamp {value}: when the answer was sent"),
        "address_mask" => format!("address mask {shown}: of this link"),
        "addresses" => format!("addresses {value}: so many routers follow"),
        "entry_size" => format!("entry size {value}: words of 4 bytes for each"),
        "lifetime" => format!("lifetime {value}: seconds for which this holds"),
        "router" => format!("router {shown}"),
        "preference" => format!("preference {value}: beside other routers"),
        _ => return None,
    })
}

/// What a code says, which depends on the type: RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1.
pub(in crate::dissect) fn code(kind: u8, code: u64) -> Option<&'static str> {
    let words = match (kind, code) {
        (icmp::UNREACHABLE, code) => *[
            "network unreachable",
            "host unreachable",
            "protocol unreachable",
            "port unreachable",
            "too big for the next link, and not to be cut",
            "source route failed",
            "network unknown",
            "host unknown",
            "source host isolated",
            "network forbidden",
            "host forbidden",
            "network unreachable for this type of service",
            "host unreachable for this type of service",
            "forbidden by a filter",
            "host precedence violated",
            "precedence too low",
        ]
        .get(usize::try_from(code).ok()?)?,
        (icmp::REDIRECT, 0) => "for the network",
        (icmp::REDIRECT, 1) => "for the host",
        (icmp::REDIRECT, 2) => "for the type of service and the network",
        (icmp::REDIRECT, 3) => "for the type of service and the host",
        (icmp::TIME_EXCEEDED, 0) => "time to live ran out on the way",
        (icmp::TIME_EXCEEDED, 1) => "fragments were missing too long",
        (icmp::PARAMETER_PROBLEM, 0) => "the pointer says where",
        (icmp::PARAMETER_PROBLEM, 1) => "a required option is missing",
        (icmp::PARAMETER_PROBLEM, 2) => "bad length",
        _ => return None,
    };
    Some(words)
}
