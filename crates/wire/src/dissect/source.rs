//! The document in which a field is told.

use super::{Field, Protocol};
use crate::icmpv6;

pub(super) fn of(field: &Field<'_>) -> &'static str {
    let (name, within) = (field.name(), field.within().unwrap_or_default());
    match field.layer().protocol() {
        Protocol::Data | Protocol::Loopback | Protocol::LinuxCooked | Protocol::LinuxCooked2 => "",
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
        Protocol::Ipv6 => match name {
            "dscp" => "RFC 2474 section 3",
            "ecn" => "RFC 3168 section 5",
            _ => "RFC 8200 section 3",
        },
        Protocol::HopByHop | Protocol::DestinationOptions => options_of_ipv6(field),
        Protocol::Routing => "RFC 8200 section 4.4",
        Protocol::Ipv6Fragment => "RFC 8200 section 4.5",
        Protocol::Ah => "RFC 4302 section 2",
        Protocol::Esp => "RFC 4303 section 2",
        Protocol::Icmp => match name {
            "next_hop_mtu" => "RFC 1191 section 4",
            "length" => "RFC 4884 section 4",
            "address_mask" => "RFC 950 appendix I",
            "addresses" | "entry_size" | "lifetime" | "router" | "preference" => "RFC 1256 section 3",
            _ => "RFC 792",
        },
        Protocol::Icmpv6 => icmpv6(field),
        Protocol::Extensions => match (within, name) {
            ("label_stack", _) | ("", "label_stack") => "RFC 4950 section 5",
            ("interface", _) | ("", "interface") => "RFC 5837 section 4",
            _ => "RFC 4884 section 7",
        },
        Protocol::Dhcp => dhcp(field),
        Protocol::Udp => "RFC 768",
        Protocol::Tcp => match (within, name) {
            ("", "cwr" | "ece") => "RFC 3168 section 6.1",
            ("", "ae") => "RFC 9768 section 3.1",
            ("window_scale", _) | ("", "window_scale") => "RFC 7323 section 2.2",
            ("timestamps", _) | ("", "timestamps") => "RFC 7323 section 3.2",
            ("", "sack_permitted") | ("sack_permitted", _) => "RFC 2018 section 2",
            ("sack", _) | ("", "sack") => "RFC 2018 section 3",
            ("", "maximum_segment_size") | ("maximum_segment_size", _) => "RFC 9293 section 3.2",
            ("fast_open", _) | ("", "fast_open") => "RFC 7413 section 4.1.1",
            ("", "option" | "no_operation" | "end_of_options") | ("option", _) => "RFC 9293 section 3.2",
            _ => "RFC 9293 section 3.1",
        },
    }
}

fn options_of_ipv6(field: &Field<'_>) -> &'static str {
    match (field.within().unwrap_or(field.name()), field.layer().protocol()) {
        ("router_alert", _) => "RFC 2711 section 2.1",
        ("padn" | "pad1" | "option", _) => "RFC 8200 section 4.2",
        (_, Protocol::HopByHop) => "RFC 8200 section 4.3",
        _ => "RFC 8200 section 4.6",
    }
}

fn icmpv6(field: &Field<'_>) -> &'static str {
    let kind = field.layer().bytes().first().copied().unwrap_or_default();
    match (field.within().unwrap_or(field.name()), field.name()) {
        ("source_link_layer_address" | "target_link_layer_address", _) => "RFC 4861 section 4.6.1",
        ("prefix_information", _) => "RFC 4861 section 4.6.2",
        ("redirected_header", _) => "RFC 4861 section 4.6.3",
        ("link_mtu", _) => "RFC 4861 section 4.6.4",
        ("dns_server", _) => "RFC 8106 section 5.1",
        ("option", _) => "RFC 4861 section 4.6",
        ("preference", _) => "RFC 4191 section 2.2",
        ("home_agent", _) => "RFC 6275 section 7.1",
        ("length", _) => "RFC 4884 section 4",
        ("kind" | "checksum", _) => "RFC 4443 section 2.1",
        _ => match kind {
            icmpv6::UNREACHABLE => "RFC 4443 section 3.1",
            icmpv6::PACKET_TOO_BIG => "RFC 4443 section 3.2",
            icmpv6::TIME_EXCEEDED => "RFC 4443 section 3.3",
            icmpv6::PARAMETER_PROBLEM => "RFC 4443 section 3.4",
            icmpv6::ECHO_REQUEST => "RFC 4443 section 4.1",
            icmpv6::ECHO_REPLY => "RFC 4443 section 4.2",
            icmpv6::ROUTER_SOLICITATION => "RFC 4861 section 4.1",
            icmpv6::ROUTER_ADVERTISEMENT => "RFC 4861 section 4.2",
            icmpv6::NEIGHBOR_SOLICITATION => "RFC 4861 section 4.3",
            icmpv6::NEIGHBOR_ADVERTISEMENT => "RFC 4861 section 4.4",
            icmpv6::REDIRECT => "RFC 4861 section 4.5",
            _ => "RFC 4443 section 2.1",
        },
    }
}

fn dhcp(field: &Field<'_>) -> &'static str {
    match field.within().unwrap_or(field.name()) {
        "subnet_mask" => "RFC 2132 section 3.3",
        "router" => "RFC 2132 section 3.5",
        "dns_server" => "RFC 2132 section 3.8",
        "host_name" => "RFC 2132 section 3.14",
        "domain_name" => "RFC 2132 section 3.17",
        "interface_mtu" => "RFC 2132 section 5.1",
        "broadcast_address" => "RFC 2132 section 5.3",
        "ntp_server" => "RFC 2132 section 8.3",
        "requested_address" => "RFC 2132 section 9.1",
        "lease_time" => "RFC 2132 section 9.2",
        "message_type" => "RFC 2132 section 9.6",
        "server_identifier" => "RFC 2132 section 9.7",
        "parameter_request_list" => "RFC 2132 section 9.8",
        "message" => "RFC 2132 section 9.9",
        "maximum_message_size" => "RFC 2132 section 9.10",
        "renewal_time" => "RFC 2132 section 9.11",
        "rebinding_time" => "RFC 2132 section 9.12",
        "vendor_class" => "RFC 2132 section 9.13",
        "client_identifier" => "RFC 2132 section 9.14",
        _ if field.within().is_some() || field.fields().next().is_some() => "RFC 2132 section 2",
        "pad" => "RFC 2132 section 3.1",
        "end_of_options" | "padding" => "RFC 2132 section 3.2",
        _ => "RFC 2131 section 2",
    }
}
