//! The document in which a field is told.

use super::{Field, Protocol};

pub(super) fn of(field: &Field<'_>) -> &'static str {
    let (name, within) = (field.name(), field.within().unwrap_or_default());
    match field.layer().protocol() {
        Protocol::Data => "",
        Protocol::Ethernet => match name {
            "ethertype" => "RFC 9542 section 3",
            "trailer" => "RFC 894",
            _ => "RFC 9542 section 2",
        },
        Protocol::Tag => "IEEE 802.1Q",
        Protocol::Arp => "RFC 826",
        Protocol::Ipv4 => match (within, name) {
            ("", "dscp") => "RFC 2474 section 3",
            ("", "ecn") => "RFC 3168 section 5",
            ("router_alert", _) | ("", "router_alert") => "RFC 2113 section 2.1",
            _ => "RFC 791 section 3.1",
        },
        Protocol::Icmp => match name {
            "next_hop_mtu" => "RFC 1191 section 4",
            "length" => "RFC 4884 section 4",
            _ => "RFC 792",
        },
        Protocol::Extensions => "RFC 4884 section 7",
        Protocol::Udp => "RFC 768",
        Protocol::Tcp => match (within, name) {
            ("", "cwr" | "ece") => "RFC 3168 section 6.1",
            ("", "ae") => "RFC 9768 section 3.1",
            ("window_scale", _) | ("", "window_scale") => "RFC 7323 section 2.2",
            ("timestamps", _) | ("", "timestamps") => "RFC 7323 section 3.2",
            ("", "sack_permitted") | ("sack_permitted", _) => "RFC 2018 section 2",
            ("sack", _) | ("", "sack") => "RFC 2018 section 3",
            ("", "maximum_segment_size") | ("maximum_segment_size", _) => "RFC 9293 section 3.2",
            ("", "option" | "no_operation" | "end_of_options") | ("option", _) => "RFC 9293 section 3.2",
            _ => "RFC 9293 section 3.1",
        },
    }
}
