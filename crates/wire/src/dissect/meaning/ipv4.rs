//! The IPv4 header and its options.

use super::{Field, counted};
use crate::fragment::UNIT;

use std::net::Ipv4Addr;

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    if let Some(option) = field.within() {
        return inside(option, field);
    }
    let (value, shown) = (field.number(), field.shown());
    Some(match field.name() {
        "version" => format!("version {value}"),
        "ihl" => match value * 4 {
            20 => "header length 5: 20 bytes, so no options".into(),
            bytes => format!("header length {value}: {bytes} bytes, {} of them options", bytes.saturating_sub(20)),
        },
        "dscp" => dscp(value),
        "ecn" => ecn(value).into(),
        "total_length" => format!("total length {value}: header and payload, in bytes"),
        "identification" => format!("identification {shown}: fragments of one packet have the same"),
        "reserved" if value == 0 => "reserved: must be 0".into(),
        "reserved" => "reserved: must be 0, and is not".into(),
        "dont_fragment" if value == 1 => "don't fragment: a router drops it rather than cut it".into(),
        "dont_fragment" => "routers may cut it".into(),
        "more_fragments" if value == 1 => "more fragments: this is not the last one".into(),
        "more_fragments" => "no more fragments: this is the last one, or the only one".into(),
        "fragment_offset" if value == 0 => "fragment offset 0: it begins with the packet's first byte".into(),
        "fragment_offset" => format!("fragment offset {value}: it begins with byte {}", value * UNIT as u64),
        "ttl" => format!("time to live {value}: each router takes one"),
        "protocol" => protocol("protocol", &shown),
        "source" => format!("from {shown}"),
        "destination" => match Ipv4Addr::from_bits(u32::try_from(value).unwrap_or_default()) {
            Ipv4Addr::BROADCAST => format!("to {shown}: everybody on the link"),
            address if address.is_multicast() => format!("to {shown}: a group"),
            _ => format!("to {shown}"),
        },
        "record_route" => format!("record route: routers write their addresses here, {shown}"),
        "loose_source_route" => format!("loose source route: by way of {}, and others between", or_none(&shown)),
        "strict_source_route" => format!("strict source route: by way of {} only", or_none(&shown)),
        "router_alert" => "router alert: routers are to look into it".into(),
        "timestamp" => "timestamp: routers write the time here".into(),
        "no_operation" => "no operation: one byte that fills".into(),
        "end_of_options" => "end of options".into(),
        "option" => {
            let kind = field.fields().next().map_or(0, |kind| kind.number());
            let copied = if kind >= 128 { "all fragments have it" } else { "only the first fragment has it" };
            format!("option {kind}: {}, {copied}", counted(field.bytes().len(), "byte"))
        }
        _ => return None,
    })
}

/// Of a field within an option.
fn inside(option: &str, field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    Some(match (option, field.name()) {
        (_, "length") => format!("length {value}: of the whole option"),
        ("timestamp", "pointer") if value < 5 => format!("pointer {value}: before the first place"),
        (_, "pointer") if value < 4 => format!("pointer {value}: before the first place"),
        (_, "pointer") => format!("pointer {value}: the next place, counted from 1"),
        ("timestamp", "overflow") => format!("overflow {value}: routers that found no room"),
        ("timestamp", "time") => format!("time {value}: milliseconds since midnight UTC"),
        ("record_route", "address") => format!("by way of {shown}"),
        ("router_alert", "value") if value == 0 => "value 0: routers look into the packet".into(),
        _ => return None,
    })
}

/// What follows, by a protocol number and its name.
pub(super) fn protocol(label: &str, shown: &str) -> String {
    match shown.split_once(' ') {
        Some((number, name)) => format!("{label} {number}: {name} follows"),
        None => format!("{label} {shown}: none that is known here"),
    }
}

pub(super) fn dscp(value: u64) -> String {
    let (class, drop) = (value >> 3, value >> 1 & 3);
    match value {
        0 => "DSCP 0: no special treatment".into(),
        46 => "DSCP 46: expedited forwarding, for what cannot wait".into(),
        _ if value.is_multiple_of(8) => format!("DSCP {value}: class {class} of 7"),
        _ if value.is_multiple_of(2) && (1..=4).contains(&class) => {
            format!("DSCP {value}: assured forwarding {class}{drop}, class and drop precedence")
        }
        _ => format!("DSCP {value}: what this means is up to the network"),
    }
}

pub(super) fn ecn(value: u64) -> &'static str {
    match value {
        0 => "ECN 0: a congested router can only drop it",
        1 => "ECN 1: ECT(1), a congested router may mark it instead of dropping it",
        2 => "ECN 2: ECT(0), a congested router may mark it instead of dropping it",
        _ => "ECN 3: a router on the way was congested",
    }
}

fn or_none(shown: &str) -> &str {
    if shown.is_empty() { "none" } else { shown }
}
