//! The IPv6 header and its extension headers.

use super::ipv4::{dscp, ecn, protocol};
use super::{Field, counted};
use crate::dissect::{Protocol, Value};
use crate::fragment::UNIT;

use std::net::Ipv6Addr;

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    Some(match (field.layer().protocol(), field.name()) {
        (_, "next_header") => protocol("next header", &shown),
        (Protocol::Ipv6, "version") => format!("version {value}"),
        (_, "dscp") => dscp(value),
        (_, "ecn") => ecn(value).into(),
        (_, "flow_label") if value == 0 => "flow label 0: none".into(),
        (_, "flow_label") => format!("flow label {shown}: packets of one flow have the same"),
        (_, "payload_length") => format!("payload length {value}: what follows this header, in bytes"),
        (_, "hop_limit") => format!("hop limit {value}: each router takes one"),
        (_, "source") => format!("from {}", described(field, &shown)),
        (_, "destination") => format!("to {}", described(field, &shown)),
        (Protocol::Ah, "payload_len") => format!("length {value}: {} bytes of this header", 8 + value * 4),
        (Protocol::Routing | Protocol::HopByHop | Protocol::DestinationOptions, "length")
            if field.within().is_none() =>
        {
            format!("length {value}: {} bytes of this header", 8 + value * 8)
        }
        (_, "length") => format!("length {value}: data of the option, in bytes"),
        (_, "routing_type") => match field.value_name() {
            Some(name) => format!("routing type {value}: {name}"),
            None => format!("routing type {value}: none that is known here"),
        },
        (_, "segments_left") => format!("segments left {value}: addresses that it has yet to go by"),
        (_, "address") => format!("by way of {shown}"),
        (Protocol::Ipv6Fragment, "fragment_offset") if value == 0 => {
            "fragment offset 0: it begins with the packet's first byte".into()
        }
        (Protocol::Ipv6Fragment, "fragment_offset") => {
            format!("fragment offset {value}: it begins with byte {}", value * UNIT as u64)
        }
        (_, "more_fragments") if value == 1 => "more fragments: this is not the last one".into(),
        (_, "more_fragments") => "no more fragments: this is the last one".into(),
        (Protocol::Ipv6Fragment, "identification") => {
            format!("identification {shown}: fragments of one packet have the same")
        }
        (_, "spi") => format!("security parameters index {shown}: which keys"),
        (_, "sequence_number") => format!("sequence number {value}: so that no packet is accepted twice"),
        (_, "icv") => {
            format!("{}: proof of who sent it, for those who have the key", counted(field.bytes().len(), "byte"))
        }
        (_, "reserved" | "reserved2") => format!("reserved {value}: must be 0"),
        (_, "pad1") => "pad 1: one byte that fills".into(),
        (_, "padn") => format!("pad N: {} that fill", counted(field.bytes().len(), "byte")),
        (_, "router_alert") => "router alert: routers are to look into it".into(),
        (_, "option") => {
            let kind = field.fields().next().map_or(0, |kind| kind.number());
            format!("option {kind:#04x}: {}", unknown_option(kind))
        }
        _ => return None,
    })
}

/// RFC 8200 section 4.2: the two highest bits of an option's type say what to do where it is not known.
fn unknown_option(kind: u64) -> &'static str {
    match kind >> 6 {
        0 => "to be skipped where it is not known",
        1 => "the packet to be dropped where it is not known",
        2 => "the packet to be dropped where it is not known, and the sender told",
        _ => "the packet to be dropped where it is not known, and the sender told unless it went to a group",
    }
}

/// An address and its scope.
fn described(field: &Field<'_>, shown: &str) -> String {
    let Value::Bytes(bytes) = field.value() else { return shown.to_string() };
    let Some(octets) = bytes.first_chunk() else { return shown.to_string() };
    match kind(Ipv6Addr::from_octets(*octets)) {
        Some(kind) => format!("{shown}: {kind}"),
        None => shown.to_string(),
    }
}

/// RFC 4291 sections 2.4 to 2.7.
pub(super) fn kind(address: Ipv6Addr) -> Option<&'static str> {
    let [first, second, ..] = address.octets();
    match (first, second) {
        _ if address.is_unspecified() => Some("none yet"),
        _ if address.is_loopback() => Some("this machine itself"),
        (0xfe, 0x80..=0xbf) => Some("known on this link only"),
        (0xfc | 0xfd, _) => Some("known in this network only"),
        (0xff, _) if address == Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1) => Some("all on this link"),
        (0xff, _) if address == Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2) => Some("all routers on this link"),
        (0xff, _) => Some("a group"),
        _ => None,
    }
}
