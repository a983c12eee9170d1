//! ICMP for IPv6.

use super::{Field, counted};
use crate::icmpv6;

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    if let Some(option) = field.within() {
        return inside(option, field);
    }
    let kind = field.layer().bytes().first().copied().unwrap_or_default();
    Some(match field.name() {
        "kind" => match field.value_name() {
            Some(name) => format!("type {value}: {name}"),
            None => format!("type {value}: none that is known here"),
        },
        "code" => match code(kind, value) {
            Some(words) => format!("code {value}: {words}"),
            None => format!("code {value}"),
        },
        "identifier" => format!("identifier {value}: who asked"),
        "sequence" => format!("sequence {value}: which probe"),
        "length" if value == 0 => "length 0: not told, as by routers without extensions".into(),
        "length" => format!("length {value}: the quote has {} bytes", value * 8),
        "mtu" => format!("MTU {value}: packets up to this many bytes would fit"),
        "pointer" => format!("pointer {value}: the byte of the quoted packet that is wrong"),
        "unused" => "unused".into(),
        "reserved" => format!("reserved {value}: must be 0"),
        "target" if kind == icmpv6::NEIGHBOR_SOLICITATION => format!("target {shown}: who has this address?"),
        "target" if kind == icmpv6::NEIGHBOR_ADVERTISEMENT => format!("target {shown}: this address is mine"),
        "target" => format!("target {shown}: the better first hop"),
        "destination" => format!("destination {shown}: for packets to there"),
        "router" => flag(value, "R set: a router", "R not set: no router"),
        "solicited" => flag(value, "S set: an answer to a question", "S not set: nobody asked"),
        "overrides" => flag(value, "O set: to replace what was known", "O not set: not to replace what was known"),
        "cur_hop_limit" if value == 0 => "hop limit 0: not told".into(),
        "cur_hop_limit" => format!("hop limit {value}: for hosts to send with"),
        "managed" => flag(value, "M set: addresses come by DHCPv6", "M not set: no addresses by DHCPv6"),
        // RFC 4861 section 4.2: "If the M flag is set, the O flag is redundant".
        "other" if field.layer().field("managed").is_some_and(|managed| managed.number() == 1) => {
            flag(value, "O set: says no more than M", "O not set: says nothing where M is set")
        }
        "other" => flag(value, "O set: other settings come by DHCPv6", "O not set: nothing comes by DHCPv6"),
        "home_agent" => flag(value, "H set: a home agent, for mobile hosts", "H not set: no home agent"),
        "preference" => match field.value_name() {
            Some(name) => format!("preference {value}: {name}, beside other routers"),
            None => format!("preference {value}"),
        },
        "router_lifetime" if value == 0 => "router lifetime 0: not to be used as a default router".into(),
        "router_lifetime" => format!("router lifetime {value}: seconds for which it may be the default router"),
        "reachable_time" if value == 0 => "reachable time 0: not told".into(),
        "reachable_time" => format!("reachable time {value}: milliseconds for which a neighbour is taken to be there"),
        "retrans_timer" if value == 0 => "retrans timer 0: not told".into(),
        "retrans_timer" => format!("retrans timer {value}: milliseconds between questions"),
        "source_link_layer_address" => format!("source link-layer address: the sender is {shown}"),
        "target_link_layer_address" => format!("target link-layer address: the target is {shown}"),
        "prefix_information" => format!("prefix information: addresses of {shown}"),
        "link_mtu" => format!("link MTU: this link carries {shown} bytes"),
        "redirected_header" => "redirected header: the packet that this is about follows".into(),
        "dns_server" => format!("recursive DNS server: ask {shown}"),
        "option" => {
            let kind = field.fields().next()?;
            format!("option {}: {}", kind.shown(), counted(field.bytes().len(), "byte"))
        }
        _ => return None,
    })
}

/// Of a field within an option.
fn inside(option: &str, field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    Some(match (option, field.name()) {
        (_, "kind") => match field.value_name() {
            Some(name) => format!("type {value}: {name}"),
            None => format!("type {value}: none that is known here"),
        },
        (_, "length") => format!("length {value}: {} bytes of the whole option", value * 8),
        ("prefix_information", "prefix_length") => {
            format!("prefix length {value}: bits of an address that are the prefix")
        }
        (_, "on_link") => flag(value, "L set: such addresses are on this link", "L not set: they may be elsewhere"),
        (_, "autonomous") => {
            flag(value, "A set: hosts make up an address of it", "A not set: no address to be made up")
        }
        (_, "router_address") => flag(value, "R set: it is the router's own address", "R not set"),
        (_, "valid_lifetime" | "preferred_lifetime" | "lifetime") if value == u64::from(u32::MAX) => {
            format!("{}: for ever", super::Words(field.label()))
        }
        (_, "valid_lifetime") => format!("valid lifetime {value}: seconds for which addresses of it work"),
        (_, "preferred_lifetime") => format!("preferred lifetime {value}: seconds for which new connections use them"),
        (_, "lifetime") => format!("lifetime {value}: seconds for which this holds"),
        (_, "reserved" | "reserved2") => format!("reserved {shown}: must be 0"),
        (_, "data") => format!("{} of the packet that this is about", counted(field.bytes().len(), "byte")),
        _ => return None,
    })
}

fn flag(value: u64, set: &str, not_set: &str) -> String {
    if value == 1 { set } else { not_set }.to_string()
}

/// What a code says, which depends on the type: RFC 4443 section 3.
pub(in crate::dissect) fn code(kind: u8, code: u64) -> Option<&'static str> {
    let words = match (kind, code) {
        (icmpv6::UNREACHABLE, code) => *[
            "no route",
            "forbidden by a filter",
            "beyond the scope of the source",
            "address unreachable",
            "port unreachable",
            "source refused by a filter",
            "route refused",
        ]
        .get(usize::try_from(code).ok()?)?,
        (icmpv6::TIME_EXCEEDED, 0) => "hop limit ran out on the way",
        (icmpv6::TIME_EXCEEDED, 1) => "fragments were missing too long",
        (icmpv6::PARAMETER_PROBLEM, 0) => "a field is wrong",
        (icmpv6::PARAMETER_PROBLEM, 1) => "next header unknown",
        (icmpv6::PARAMETER_PROBLEM, 2) => "option unknown",
        _ => return None,
    };
    Some(words)
}
